package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"goalkeeper/conversation"
)

// resolve finds out what became of a post that nobody ended: the process died, or the platform's answer was
// lost. Where the platform lets the bot look, it looks; else the message stays uncertain and is not sent again.
func (e errand) resolve(ctx context.Context, m *conversation.Message, shelf *conversation.Shelf) (time.Time, error) {
	finder, ok := e.face.(Finder)
	if !ok {
		return e.doubt(ctx, m, shelf, "nobody knows whether it arrived")
	}
	ref, err := e.find(ctx, finder, m)
	switch {
	case err != nil:
		return e.unfound(ctx, m, shelf, err)
	case ref == "":
		m.Delivery.State = conversation.Waiting
	default:
		m.Delivery = conversation.Delivery{State: conversation.Sent, Ref: ref, Began: m.Delivery.Began}
		if m.Revision == 1 { // else it is open which revision was posted; an edit makes it the newest
			m.Delivery.Shown = 1
		}
	}
	if err := e.commit(ctx, m, shelf); err != nil {
		return time.Time{}, err
	}
	return e.after(ctx, m), nil
}

// find looks since the attempt began, told in the platform's time: only the age of the attempt counts, since
// our own clock may have been moved.
func (e errand) find(ctx context.Context, finder Finder, m *conversation.Message) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	age := max(e.now.Sub(m.Delivery.Began), 0)
	return finder.Find(ctx, e.id.ws, m, time.Now().Add(-age-time.Minute))
}

// unfound is a look that failed: later again, unless it is of no use.
func (e errand) unfound(ctx context.Context, m *conversation.Message, shelf *conversation.Shelf, err error) (time.Time, error) {
	var failure *SendError
	final := errors.As(err, &failure) && failure.Outcome == Final
	if final || e.now.Sub(m.Delivery.Began) >= giveUpIn {
		_, _, reason := classify(err)
		return e.doubt(ctx, m, shelf, reason)
	}
	if failure != nil && failure.After > 0 {
		return e.now.Add(min(failure.After, longestAfter)), nil
	}
	return time.Time{}, fmt.Errorf("look up a message in doubt: %w", err)
}

// doubt leaves the message as it is for good: sending it again could show it twice.
func (e errand) doubt(ctx context.Context, m *conversation.Message, shelf *conversation.Shelf, reason string) (time.Time, error) {
	m.Delivery.State, m.Delivery.Reason = conversation.Uncertain, reason
	if err := e.commit(ctx, m, shelf); err != nil {
		return time.Time{}, err
	}
	e.Log.WarnContext(ctx, "message in doubt for good", "workspace", e.id.ws, "kind", m.Card.Kind, "reason", reason)
	return e.after(ctx, m), nil
}
