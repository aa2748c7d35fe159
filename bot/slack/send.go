package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"goalkeeper/bot"
	"goalkeeper/conversation"
)

// A message's reference is its channel and timestamp, "C0123/1700000000.000100"; of a whisper, which Slack can
// neither find nor change, a third part says so.
const whispered = "whisper"

func refOf(channel, ts string, more ...string) string {
	return strings.Join(append([]string{channel, ts}, more...), "/")
}

func splitRef(ref string) (channel, ts string, whisper bool) {
	parts := strings.Split(ref, "/")
	if len(parts) < 2 {
		return "", "", false
	}
	return parts[0], parts[1], len(parts) > 2
}

// Post sends a message.
func (f *Face) Post(ctx context.Context, ws conversation.Workspace, m *conversation.Message, thread string) (string, error) {
	if err := f.mine(ctx, ws); err != nil {
		return "", err
	}
	channel := f.placeOf(ctx, ws, m.To)
	_, under, _ := splitRef(thread)
	ref := ""
	err := f.send(ctx, ws, m, func(options []slack.MsgOption) (err error) {
		if under != "" {
			options = append(options, slack.MsgOptionTS(under))
		}
		ref, err = f.post(ctx, ws, channel, m.To, options)
		return err
	})
	if err != nil {
		return "", f.failed(err, false)
	}
	return ref, nil
}

// post makes the call that an address asks for.
func (f *Face) post(
	ctx context.Context, ws conversation.Workspace, channel string, to conversation.Address, options []slack.MsgOption,
) (string, error) {
	if to.Channel != "" && to.Person != "" {
		ts, err := f.api.PostEphemeralContext(ctx, channel, string(to.Person), options...)
		return refOf(channel, ts, whispered), err
	}
	at, ts, err := f.api.PostMessageContext(ctx, channel, options...)
	if err == nil && at != channel {
		f.rememberDM(ctx, ws, channel, at)
		channel = orElse(at, channel)
	}
	return refOf(channel, ts), err
}

// Edit makes a sent message show its card. A whisper cannot be changed in Slack, so that its new face is another
// whisper.
func (f *Face) Edit(ctx context.Context, ws conversation.Workspace, m *conversation.Message, ref string) error {
	if err := f.mine(ctx, ws); err != nil {
		return err
	}
	channel, ts, whisper := splitRef(ref)
	if ts == "" {
		return &bot.SendError{Outcome: bot.Final, Trouble: conversation.TroubleMessageGone, Reason: "bad reference", Err: errors.New("malformed reference")}
	}
	if whisper {
		return f.whisperAgain(ctx, ws, m)
	}
	err := f.send(ctx, ws, m, func(options []slack.MsgOption) error {
		_, _, _, err := f.api.UpdateMessageContext(ctx, channel, ts, options...)
		return err
	})
	if err != nil {
		return f.failed(err, true)
	}
	return nil
}

// whisperAgain is the edit of a whisper. Unlike other edits it must not be made twice.
func (f *Face) whisperAgain(ctx context.Context, ws conversation.Workspace, m *conversation.Message) error {
	_, err := f.Post(ctx, ws, m, "")
	var failure *bot.SendError
	if errors.As(err, &failure) && failure.Outcome == bot.Doubtful {
		failure.Outcome, failure.Trouble = bot.Final, conversation.TroubleNoAnswer
	}
	return err
}

// send renders a message and makes the call; where Slack refuses a block, it is made once more without charts,
// the only blocks that not every workspace has.
func (f *Face) send(
	ctx context.Context, ws conversation.Workspace, m *conversation.Message, call func([]slack.MsgOption) error,
) error {
	options, err := f.compose(ctx, ws, m, true)
	if err != nil {
		return err
	}
	err = call(options)
	var answered slack.SlackErrorResponse
	if !errors.As(err, &answered) || !refusedBlocks[answered.Err] {
		return err
	}
	f.cfg.Log.WarnContext(ctx, "Slack refused a block, sending without charts", "card", m.Card.Kind, "error", err)
	if options, err = f.compose(ctx, ws, m, false); err != nil {
		return err
	}
	return call(options)
}

var refusedBlocks = map[string]bool{"invalid_blocks": true, "invalid_blocks_format": true, "msg_blocks_too_long": true}

// Find looks for a message in a person's direct conversation. Elsewhere the app may not read, and doubt remains.
func (f *Face) Find(ctx context.Context, ws conversation.Workspace, m *conversation.Message, since time.Time) (string, error) {
	if err := f.mine(ctx, ws); err != nil {
		return "", err
	}
	if m.To.Channel != "" {
		return "", &bot.SendError{
			Outcome: bot.Final, Trouble: conversation.TroubleNoAnswer, Reason: "no history",
			Err: errors.New("no lookup outside direct messages"),
		}
	}
	channel := f.placeOf(ctx, ws, m.To)
	if channel == string(m.To.Person) {
		var err error
		if channel, err = f.openDM(ctx, ws, channel); err != nil {
			return "", err
		}
	}
	return f.search(ctx, ws, channel, m.Key, since)
}

// A lost message is looked for from a while before its attempt, as our clock and Slack's may differ, to a while after
// it. Fifteen messages a page is all that apps may read which are distributed outside the Marketplace, once a minute
// (docs.slack.dev, conversations.history, November 2026); others read Tier 3, 50 pages a minute. So narrow a stretch of
// a direct conversation seldom has a second page.
const (
	searchBefore = 5 * time.Minute
	searchAfter  = 10 * time.Minute
	searchPage   = 15
	searchPages  = 5
)

// search reads a stretch of a direct conversation backwards, a bounded number of pages.
func (f *Face) search(ctx context.Context, ws conversation.Workspace, channel, key string, since time.Time) (string, error) {
	stamp := func(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 6, 64) }
	query := &slack.GetConversationHistoryParameters{
		ChannelID: channel, Limit: searchPage, Inclusive: true, IncludeAllMetadata: true,
		Oldest: stamp(since.Add(-searchBefore)), Latest: stamp(since.Add(searchAfter)),
	}
	for range searchPages {
		var found *slack.GetConversationHistoryResponse
		err := f.paid(ctx, ws, "conversations.history", func() (err error) {
			found, err = f.api.GetConversationHistoryContext(ctx, query)
			return err
		})
		if err != nil {
			return "", f.failed(err, true)
		}
		for _, m := range found.Messages {
			if m.Metadata.EventType == metadataType && m.Metadata.EventPayload["key"] == key {
				return refOf(channel, m.Timestamp), nil
			}
		}
		if query.Cursor = found.ResponseMetaData.NextCursor; !found.HasMore || query.Cursor == "" {
			return "", nil
		}
	}
	return "", &bot.SendError{Outcome: bot.Final, Trouble: conversation.TroubleNoAnswer, Reason: "too much history", Err: errors.New("lookup ended early")}
}

// mine refuses other workspaces, and calls that have no time left.
func (f *Face) mine(ctx context.Context, ws conversation.Workspace) error {
	mine := f.Workspace()
	switch {
	case mine == "":
		return &bot.SendError{Outcome: bot.Refused, Trouble: conversation.TroubleUnreachable, Reason: "not reached yet", Err: f.Check(ctx)}
	case mine != ws:
		return &bot.SendError{Outcome: bot.Final, Trouble: conversation.TroubleElsewhere, Reason: "another workspace", Err: fmt.Errorf("no workspace %q", ws)}
	}
	if err := begun(ctx); err != nil {
		return classify(err, true)
	}
	return f.knock(ctx)
}

// failed classifies the failure of a call, and notes when Slack lets the app do nothing any more.
func (f *Face) failed(err error, repeatable bool) error {
	failure := classify(err, repeatable)
	if failure.Trouble == conversation.TroubleAccess && barring[failure.Reason] != "" {
		f.bar(failure.Reason)
	}
	return failure
}

// compose renders a message for sending.
func (f *Face) compose(
	ctx context.Context, ws conversation.Workspace, m *conversation.Message, charts bool,
) ([]slack.MsgOption, error) {
	native, losses := render(m.Card, m.Language, charts)
	f.regret(ctx, m.Card.Kind, losses)
	if err := f.keep(ctx, ws, native.Kept); err != nil {
		return nil, &bot.SendError{Outcome: bot.Refused, Trouble: conversation.TroubleStore, Reason: "not kept", Err: err}
	}
	return []slack.MsgOption{
		slack.MsgOptionText(native.Text, false),
		slack.MsgOptionBlocks(withKey(native.Blocks, m.Key, m.Revision)...),
		slack.MsgOptionMetadata(labelled(m.Key)),
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionDisableMarkdown(),
	}, nil
}

// regret logs what a card lost, never its text.
func (f *Face) regret(ctx context.Context, kind string, losses []Loss) {
	for _, l := range losses {
		f.cfg.Log.InfoContext(ctx, "not shown as written", "card", kind, "what", l.What, "why", l.Why)
	}
}

// referencesLast is how long a control that refers to something too long for it can be used; then it has retired.
// Whenever the same card is shown again, the time begins anew.
const referencesLast = 90 * 24 * time.Hour

// keep stores what controls refer to.
func (f *Face) keep(ctx context.Context, ws conversation.Workspace, kept map[string][]byte) error {
	for id, content := range kept {
		if err := f.cfg.Contacts.KeepFor(ctx, ws, id, content, referencesLast); err != nil {
			return fmt.Errorf("keep %s: %w", id[:strings.IndexByte(id, ':')], err)
		}
	}
	return nil
}

// placeOf is where an address is written to. A person's own id will do until their conversation is known: Slack
// then opens it, and names it in its answer ("chat.postMessage method", Post to a direct message channel, November
// 2026). Opening ten thousand conversations one by one would take hours.
func (f *Face) placeOf(ctx context.Context, ws conversation.Workspace, to conversation.Address) string {
	if to.Channel != "" {
		return string(to.Channel)
	}
	person := string(to.Person)
	if id, ok := f.dms.get(person, f.cfg.Clock()); ok {
		return id
	}
	if stored, err := f.cfg.Contacts.Recall(ctx, ws, "dm:"+person); err == nil && len(stored) > 0 {
		var id string
		if json.Unmarshal(stored, &id) == nil && id != "" {
			f.dms.put(person, id, f.cfg.Clock())
			return id
		}
	}
	return person
}

func (f *Face) openDM(ctx context.Context, ws conversation.Workspace, person string) (string, error) {
	var dm *slack.Channel
	err := f.paid(ctx, ws, "conversations.open", func() (err error) {
		dm, _, _, err = f.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{person}})
		return err
	})
	if err != nil {
		return "", f.failed(err, true)
	}
	if dm == nil || dm.ID == "" {
		return "", &bot.SendError{Outcome: bot.Refused, Trouble: conversation.TroubleUnreachable, Reason: "unreadable answer", Err: errors.New("no conversation")}
	}
	f.rememberDM(ctx, ws, person, dm.ID)
	return dm.ID, nil
}

// rememberDM keeps which conversation is a person's.
func (f *Face) rememberDM(ctx context.Context, ws conversation.Workspace, person, id string) {
	if id == "" {
		return
	}
	f.dms.put(person, id, f.cfg.Clock())
	stored, _ := json.Marshal(id) // a string always encodes
	if err := f.cfg.Contacts.Keep(ctx, ws, "dm:"+person, stored); err != nil {
		f.cfg.Log.WarnContext(ctx, "a conversation was not remembered", "error", err)
	}
}
