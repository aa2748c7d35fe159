package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"goalkeeper/conversation"
)

// lookAgain is how long a second look for a lost message waits after the first: a platform's history may lag
// behind what it accepted, and some apps may read it once a minute only.
const lookAgain = time.Minute

// resolve finds out what became of a post that nobody ended: the process died, or the platform's answer was
// lost. Where the platform lets the bot look, it looks; else the message stays uncertain and is not sent again.
func (e errand) resolve(ctx context.Context, m *conversation.Message, shelf *conversation.Shelf) (time.Time, error) {
	finder, ok := e.face.(Finder)
	d := &m.Delivery
	switch {
	case !ok:
		return e.doubt(ctx, m, shelf, nil)
	case e.now.Before(d.Missed.Add(lookAgain)):
		return d.Missed.Add(lookAgain), nil
	}
	ref, err := e.find(ctx, finder, m)
	switch {
	case err != nil:
		return e.unfound(ctx, m, shelf, err)
	case ref == "" && d.Missed.IsZero():
		d.Missed = e.now
	case ref == "":
		d.State, d.Missed = conversation.Waiting, time.Time{}
	default:
		*d = conversation.Delivery{State: conversation.Sent, Ref: ref, Began: d.Began, Posted: d.Began}
		if m.Revision == 1 { // else it is open which revision was posted; an edit makes it the newest
			d.Shown = 1
		}
	}
	if err := e.commit(ctx, m, shelf); err != nil {
		return time.Time{}, err
	}
	return e.after(ctx, m), nil
}

// find looks from when the attempt began, told in the platform's time: only the age of the attempt counts, since
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
		return e.doubt(ctx, m, shelf, err)
	}
	if failure != nil && failure.After > 0 {
		return e.now.Add(min(failure.After, longestAfter)), nil
	}
	return time.Time{}, fmt.Errorf("look up a message in doubt: %w", err)
}

// doubt leaves the message as it is for good: sending it again could show it twice.
func (e errand) doubt(ctx context.Context, m *conversation.Message, shelf *conversation.Shelf, err error) (time.Time, error) {
	if m.Delivery.Trouble == "" {
		m.Delivery.Trouble = conversation.TroubleNoAnswer
	}
	if err != nil {
		m.Delivery.Word = classify(err).Reason
	}
	if err := e.end(ctx, m, conversation.Uncertain); err != nil {
		return time.Time{}, err
	}
	if err := e.commit(ctx, m, shelf); err != nil {
		return time.Time{}, err
	}
	e.Log.WarnContext(ctx, "message in doubt for good", "workspace", e.id.ws, "kind", m.Card.Kind, "reason", m.Delivery.Word)
	return e.after(ctx, m), nil
}
