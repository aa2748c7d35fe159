package slack

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/slack-go/slack"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

// reply chooses how an answer is shown, from where the input came.
func (f *Face) reply(ctx context.Context, d delivery, a conversation.Answer, failed error) ack {
	switch {
	case !d.in.Inline:
		return f.replyToEvent(d, a, failed)
	case d.edited && failed != nil:
		return refuse(d, both(func(w words) string { return w.failing(failed) }))
	case a.Card == nil:
		return ack{}
	case d.edited:
		return f.replyToForm(ctx, d, a)
	case d.view != nil && d.view.Type == "modal":
		return ack{then: func(ctx context.Context) { f.update(ctx, d, *a.Card, a.Language) }}
	case a.Card.Form != nil:
		return f.replyWithForm(ctx, d, a)
	case d.origin.Place.Kind == conversation.Home:
		return f.replyAtHome(d, a)
	case isCommand(d):
		show := f.whisper(ctx, d, a)
		return ack{body: show, late: func(ctx context.Context) { f.respond(ctx, d, show) }}
	}
	return f.replyToPress(ctx, d, a)
}

// replyWithForm opens a modal. Where nothing can follow the acknowledgement, a command's reply holds a button that
// opens it.
func (f *Face) replyWithForm(ctx context.Context, d delivery, a conversation.Answer) ack {
	said := ack{then: func(ctx context.Context) { f.open(ctx, d, *a.Card, a.Language) }}
	if isCommand(d) && f.tails.Full() {
		said.instead = f.whisper(ctx, d, a)
	}
	return said
}

func isCommand(d delivery) bool {
	_, ok := d.in.Act.(conversation.Command)
	return ok
}

// replyToEvent answers what has no reply of its own: the Home tab is published; all else was made a message by
// the conversation. A failure is told once, and the event comes again.
func (f *Face) replyToEvent(d delivery, a conversation.Answer, failed error) ack {
	var then func(context.Context)
	_, opened := d.in.Act.(conversation.Opened)
	switch {
	case a.Card == nil:
	case opened:
		then = func(ctx context.Context) { f.publish(ctx, d, *a.Card, a.Language) }
	case failed != nil && d.attempt == 0 && d.in.Place.ID != "" && d.in.Actor != "":
		then = func(ctx context.Context) { f.tell(ctx, d, f.whisper(ctx, d, a)) }
	}
	return ack{again: failed != nil, then: then}
}

// replyToPress answers a button of a message: in its place where the message is the actor's own, else beside it.
// A message that others see as well follows by itself, through its own revision.
func (f *Face) replyToPress(ctx context.Context, d delivery, a conversation.Answer) ack {
	show := f.whisper(ctx, d, a)
	if a.Replace {
		if !d.origin.own() && d.in.From != "" {
			return ack{}
		}
		show = f.inPlace(d, show)
	}
	return ack{then: func(ctx context.Context) { f.respond(ctx, d, show) }}
}

// replyAtHome answers a button of the Home tab, which has no place for whispers: they become a modal to read.
func (f *Face) replyAtHome(d delivery, a conversation.Answer) ack {
	if a.Replace {
		return ack{then: func(ctx context.Context) { f.publish(ctx, d, *a.Card, a.Language) }}
	}
	return ack{then: func(ctx context.Context) { f.open(ctx, d, *a.Card, a.Language) }}
}

// replyToForm answers a submission: errors stand at their fields and nothing typed is lost; another card takes
// the modal's place, or closes it and goes where the form was asked for.
func (f *Face) replyToForm(ctx context.Context, d delivery, a conversation.Answer) ack {
	c := *a.Card
	if c.Form != nil {
		if errs := fieldErrors(d, c); errs != nil {
			return ack{body: slack.NewErrorsViewSubmissionResponse(errs)}
		}
		return f.redraw(ctx, d, c, a.Language)
	}
	switch {
	case d.origin.open(f.cfg.Clock()):
		if !f.answered.first(d.view.ID, struct{}{}, f.cfg.Clock()) {
			return ack{} // a double click submits twice; a second answer would stand below the first
		}
		show := f.whisper(ctx, d, a)
		if a.Replace && d.origin.Whisper {
			show = f.inPlace(d, show)
		}
		return ack{then: func(ctx context.Context) { f.respond(ctx, d, show) }}
	case d.origin.Place.Kind == conversation.Home && a.Replace:
		return ack{then: func(ctx context.Context) { f.publish(ctx, d, c, a.Language) }}
	}
	return f.redraw(ctx, d, c, a.Language)
}

// fieldErrors are the errors of the form that was submitted, by the blocks of its fields; nil when the card
// shows anything else that is new.
func fieldErrors(d delivery, c card.Card) map[string]string {
	if c.Form.Error != "" || fingerprint(c) != d.origin.Shown {
		return nil
	}
	used, _ := d.in.Act.(conversation.Used)
	blocks := blocksOf(d.view)
	errs := map[string]string{}
	for _, field := range c.Form.Fields {
		if field.Value != used.Values[field.Name] {
			return nil
		}
		if field.Error == "" {
			continue
		}
		block, ok := blocks[field.Name]
		if !ok {
			return nil
		}
		errs[block] = field.Error
	}
	if len(errs) == 0 {
		return nil
	}
	return errs
}

// blocksOf finds the block of each field of a modal.
func blocksOf(v *view) map[string]string {
	blocks := map[string]string{}
	for block, fields := range v.State.Values {
		for id := range fields {
			if name, ok := cutField(id); ok {
				blocks[name] = block
			}
		}
	}
	return blocks
}

// refuse keeps a submitted form open, with everything that was typed, and says why at a field. A form without
// fields, where nothing can have been typed, gives way to the sentence.
func refuse(d delivery, why string) ack {
	for _, b := range d.view.Blocks {
		if b.Type == string(slack.MBTInput) {
			body := slack.NewErrorsViewSubmissionResponse(map[string]string{b.ID: why})
			return ack{body: body, instead: body}
		}
	}
	c := card.Card{Kind: "slack.sorry", Summary: why, Body: []card.Block{{Text: &card.Paragraph{Role: card.Alarm, Text: card.Text{{Text: why}}}}}}
	form, _ := RenderForm(c, "en")
	form.View.PrivateMetadata = d.view.Metadata
	body := slack.NewUpdateViewSubmissionResponse(&form.View)
	return ack{body: body, instead: body}
}

// apologise tells that a control cannot be understood any more, or not now.
func (f *Face) apologise(ctx context.Context, d delivery, err error) ack {
	why := both(func(w words) string {
		if errors.Is(err, errRetired) {
			return w.retired
		}
		return w.unreachable
	})
	if d.edited {
		return refuse(d, why)
	}
	c := card.Card{Kind: "slack.sorry", Summary: why, Body: []card.Block{
		{Text: &card.Paragraph{Role: card.Alarm, Text: card.Text{{Text: why}}}},
	}}
	return f.reply(ctx, d, conversation.Answer{Card: &c}, nil)
}

// reopen shows the form that waits behind a button.
func (f *Face) reopen(ctx context.Context, d delivery) ack {
	look, cancel := d.until(ctx, handleUntil)
	defer cancel()
	content, err := f.recall(look, d.form)
	var kept keptForm
	if err == nil {
		err = json.Unmarshal(content, &kept)
	}
	if err != nil {
		f.cfg.Log.WarnContext(ctx, "a form was not found again", "error", err)
		return f.apologise(ctx, d, err)
	}
	return ack{then: func(ctx context.Context) { f.open(ctx, d, kept.Card, kept.Language) }}
}
