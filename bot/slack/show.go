package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

// shownMessage is an answer as Slack takes it: in the body of a command's reply, or at a response_url. Everything
// that would read meaning into its text is off.
type shownMessage struct {
	Type     string               `json:"response_type,omitempty"`
	Replace  bool                 `json:"replace_original"`
	Text     string               `json:"text"`
	Blocks   slack.Blocks         `json:"blocks"`
	Metadata *slack.SlackMetadata `json:"metadata,omitempty"`
	Thread   string               `json:"thread_ts,omitempty"`
	Markdown bool                 `json:"mrkdwn"`
	Links    bool                 `json:"unfurl_links"`
	Media    bool                 `json:"unfurl_media"`
}

// whisper renders an answer for the actor's eyes.
func (f *Face) whisper(ctx context.Context, d delivery, a conversation.Answer) shownMessage {
	m, losses := Render(*a.Card, a.Language)
	f.regret(ctx, a.Card.Kind, losses)
	f.store(ctx, m.Kept)
	return shownMessage{Type: "ephemeral", Text: m.Text, Blocks: slack.Blocks{BlockSet: m.Blocks}, Thread: d.origin.Thread}
}

// inPlace turns an answer into a replacement of the message whose control was used, under the same key.
func (f *Face) inPlace(d delivery, m shownMessage) shownMessage {
	m.Type, m.Replace, m.Thread = "", true, ""
	if key := d.origin.From; key != "" {
		label := labelled(key)
		m.Metadata = &label
		m.Blocks.BlockSet = withKey(m.Blocks.BlockSet, key, 0)
	}
	return m
}

// keepFor is how long an answer that nobody waits for any more may take to keep what its controls refer to.
const keepFor = 2 * time.Second

// store keeps what an answer's controls refer to. Without it they apologise when they are pressed, which is
// better than no answer.
func (f *Face) store(ctx context.Context, kept map[string][]byte) {
	ctx, cancel := context.WithTimeout(ctx, keepFor)
	defer cancel()
	if err := f.keep(ctx, f.Workspace(), kept); err != nil {
		f.cfg.Log.WarnContext(ctx, "an answer's controls were not kept", "error", err)
	}
}

// respond shows an answer through the response_url, or where that fails as a whisper: an answer seen twice is
// better than none.
func (f *Face) respond(ctx context.Context, d delivery, m shownMessage) {
	if d.origin.URL == "" {
		f.tell(ctx, d, m)
		return
	}
	err := f.postTo(ctx, d.origin.URL, m)
	if err == nil {
		return
	}
	f.cfg.Log.WarnContext(ctx, "a response_url did not serve", "error", err)
	m.Type, m.Replace = "ephemeral", false
	f.tell(ctx, d, m)
}

// postTo sends an answer to a response_url.
func (f *Face) postTo(ctx context.Context, url string, m shownMessage) error {
	content, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("response_url: %w", err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := f.cfg.Client.Do(req)
	if err != nil {
		return fmt.Errorf("response_url: %w", withoutURL(err))
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	if resp.StatusCode != http.StatusOK {
		return slack.StatusCodeError{Code: resp.StatusCode, Status: resp.Status}
	}
	return nil
}

// tell whispers where the input came from.
func (f *Face) tell(ctx context.Context, d delivery, m shownMessage) {
	options := []slack.MsgOption{
		slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks.BlockSet...), slack.MsgOptionDisableMarkdown(),
	}
	if m.Thread != "" {
		options = append(options, slack.MsgOptionTS(m.Thread))
	}
	where := string(orPlace(d.in.Place, d.origin.Place).ID)
	if _, err := f.api.PostEphemeralContext(ctx, where, string(d.in.Actor), options...); err != nil {
		f.cfg.Log.ErrorContext(ctx, "an answer was not shown", "reason", classify(err, false).Reason)
	}
}

func orPlace(p, other conversation.Place) conversation.Place {
	if p.ID == "" {
		return other
	}
	return p
}

// modal renders a card for the modal that d opens or shows.
func (f *Face) modal(ctx context.Context, d delivery, c card.Card, language string) (slack.ModalViewRequest, error) {
	form, losses := RenderForm(c, language)
	f.regret(ctx, c.Kind, losses)
	o := d.origin
	o.Shown = fingerprint(c)
	if c.Form != nil {
		o.Intent = c.Form.Intent.String()
	}
	if o.URL != "" && o.Until.IsZero() {
		o.Until = f.cfg.Clock().Add(responseFor)
	}
	if err := o.remember(&form); err != nil {
		return form.View, err
	}
	return form.View, f.keep(ctx, f.Workspace(), form.Kept)
}

// open shows a card in a modal. Where the trigger is too old, a message with a button takes its place.
func (f *Face) open(ctx context.Context, d delivery, c card.Card, language string) {
	keeping, cancel := d.until(ctx, openUntil)
	defer cancel()
	view, err := f.modal(keeping, d, c, language)
	switch {
	case err != nil:
	case d.left(openUntil) < 0:
		err = errors.New("the trigger is too old")
	default:
		opening, cancel := d.until(ctx, openWithin)
		defer cancel()
		_, err = f.api.OpenViewContext(opening, d.trigger, view)
	}
	if err == nil {
		return
	}
	f.cfg.Log.WarnContext(ctx, "a form was not opened", "card", c.Kind, "error", err)
	if d.origin.Place.ID != "" {
		f.respond(ctx, d, f.whisper(ctx, d, conversation.Answer{Card: &c, Language: language}))
	}
}

// update shows a card in the modal whose control was used.
func (f *Face) update(ctx context.Context, d delivery, c card.Card, language string) {
	view, err := f.modal(ctx, d, c, language)
	if err == nil {
		_, err = f.api.UpdateViewContext(ctx, view, "", "", d.view.ID)
	}
	if err != nil {
		f.cfg.Log.ErrorContext(ctx, "a form was not changed", "card", c.Kind, "error", err)
	}
}

// redraw is the reply that puts a card into the submitted modal. A reply too large for its way closes the modal
// and opens another.
func (f *Face) redraw(ctx context.Context, d delivery, c card.Card, language string) ack {
	view, err := f.modal(ctx, d, c, language)
	if err != nil {
		f.cfg.Log.WarnContext(ctx, "a form was not kept", "error", err)
		return refuse(d, both(func(w words) string { return w.unreachable }))
	}
	return ack{
		body: slack.NewUpdateViewSubmissionResponse(&view),
		late: func(ctx context.Context) { f.open(ctx, d, c, language) },
	}
}

// publish shows a card as the actor's Home tab.
func (f *Face) publish(ctx context.Context, d delivery, c card.Card, language string) {
	page, losses := RenderHome(c, language)
	f.regret(ctx, c.Kind, losses)
	f.store(ctx, page.Kept)
	_, err := f.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: string(d.in.Actor), View: page.View})
	if err != nil {
		f.cfg.Log.ErrorContext(ctx, "a Home tab was not shown", "reason", classify(err, true).Reason)
	}
}

// doneAtHome reports whether something was done on the Home tab that may have changed what it shows.
func (d delivery) doneAtHome(a conversation.Answer, failed error) bool {
	_, used := d.in.Act.(conversation.Used)
	asks := a.Card != nil && a.Card.Form != nil
	return used && d.in.Place.Kind == conversation.Home && failed == nil && !asks && !a.Replace
}

// freshHome publishes the Home tab anew, after whatever else follows.
func (f *Face) freshHome(d delivery, first func(context.Context)) func(context.Context) {
	return func(ctx context.Context) {
		if first != nil {
			first(ctx)
		}
		look := conversation.Input{
			Workspace: d.in.Workspace, Actor: d.in.Actor, Place: conversation.Place{Kind: conversation.Home}, Act: conversation.Opened{},
		}
		a, err := f.cfg.Handler.Handle(ctx, look)
		if err == nil && a.Card != nil {
			f.publish(ctx, d, *a.Card, a.Language)
		}
	}
}

func cutField(id string) (string, bool) { return strings.CutPrefix(id, fieldID) }
