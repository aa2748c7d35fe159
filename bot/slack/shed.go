package slack

import (
	"context"
	"errors"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

// How much is under way at once in Slack's face. Deliveries that are handled and calls that show their answers
// have rooms of their own: when Slack is slow to take answers, commands, which need none, are still answered.
const (
	maxHandled   = 128 // deliveries
	maxFollowing = 256 // answers on their way through Slack's API
	lastAttempt  = 3   // Slack delivers an event once more at most three times
)

// enter takes a place for handling a delivery. What is sure to need a call for its answer is not begun where none
// can be made.
func (f *Face) enter(kind envelope) (leave func(), ok bool) {
	if kind == interactions && f.tails.Full() {
		return nil, false
	}
	return f.room.Enter()
}

func (f *Face) shed(ctx context.Context, kind envelope) {
	if unwritten, write := f.tally.Note(time.Now()); write {
		f.cfg.Log.WarnContext(ctx, "too much is under way: a delivery was turned away", "type", string(kind), unwritten)
	}
}

// turnAway answers a delivery without looking anything up: nothing was changed, and why. An event comes again;
// only where it does so no more, its sender is told.
func (f *Face) turnAway(ctx context.Context, kind envelope, payload []byte, attempt int, why func(words) string) ack {
	d, err := decode(ctx, kind, payload, blind{f.bot()})
	if errors.Is(err, errPayload) {
		return ack{}
	}
	return f.decline(ctx, d, attempt >= lastAttempt, why)
}

// decline answers that an input was not taken up, in both languages and with what was typed. An event comes again;
// aloud, its sender is told nevertheless.
func (f *Face) decline(ctx context.Context, d delivery, aloud bool, why func(words) string) ack {
	typed := conversation.Typed(d.in.Act) != ""
	switch {
	case d.edited:
		return refuse(d, both(why))
	case !d.in.Inline && aloud && typed:
		return ack{again: true, then: func(ctx context.Context) { f.tell(ctx, d, f.notice(ctx, d, why)) }}
	case !d.in.Inline:
		return ack{again: true}
	case isCommand(d):
		body := f.notice(ctx, d, why)
		return ack{body: body, instead: body, late: func(ctx context.Context) { f.respond(ctx, d, body) }}
	case d.origin.URL == "" && d.origin.Place.ID == "": // in the Home tab or a modal, which have no place for a whisper
		return ack{then: func(ctx context.Context) { f.open(ctx, d, sorry(d, why), "en") }}
	}
	return ack{then: func(ctx context.Context) { f.respond(ctx, d, f.notice(ctx, d, why)) }}
}

func (f *Face) notice(ctx context.Context, d delivery, why func(words) string) shownMessage {
	c := sorry(d, why)
	return f.whisper(ctx, d, conversation.Answer{Card: &c})
}

// sorry is a card without controls.
func sorry(d delivery, why func(words) string) card.Card {
	c := card.Card{Kind: "slack.sorry", Summary: both(why)}
	for _, w := range []words{english, vietnamese} {
		c.Body = append(c.Body, card.Block{Text: &card.Paragraph{Role: card.Alarm, Text: card.Text{{Text: why(w)}}}})
	}
	if typed := conversation.Typed(d.in.Act); typed != "" {
		c.Body = append(c.Body, card.Block{Text: &card.Paragraph{Role: card.Quote, Text: card.Text{{Text: typed}}}})
	}
	return c
}

// blind looks nothing up.
type blind struct{ self string }

var errBlind = errors.New("nothing is looked up now")

func (blind) name(context.Context, string) string            { return "" }
func (blind) private(context.Context, string) bool           { return true }
func (blind) recall(context.Context, string) ([]byte, error) { return nil, errBlind }
func (b blind) bot() string                                  { return b.self }
