package bot

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"goalkeeper/conversation"
)

const (
	recordWithin = 5 * time.Second // writing down what came of an attempt, also when the process is ending
	firstRetry   = 2 * time.Second
	longestRetry = 15 * time.Minute
	longestAfter = 6 * time.Hour // believed of what a platform asks to wait
	longestWord  = 100           // bytes kept of a platform's own word
)

// settle writes down what came of an attempt. While it cannot, this process remembers it: a message that
// arrived must not be sent again because the store was away for a minute.
func (e errand) settle(ctx context.Context, a attempt) (time.Time, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordWithin)
	defer cancel()
	err := conversation.ErrConflict
	var next time.Time
	for range commitTries {
		if next, err = e.record(ctx, a); !errors.Is(err, conversation.ErrConflict) {
			break
		}
		a.m, a.shelf = nil, nil
	}
	if err != nil {
		a.m, a.shelf = nil, nil
		e.unsaved.keep(e.id, a)
		return time.Time{}, err
	}
	return next, nil
}

// record writes what came of the attempt to the message, as it was left or, where what is wanted changed while it
// was being sent, as it is now.
func (e errand) record(ctx context.Context, a attempt) (time.Time, error) {
	m, shelf := a.m, a.shelf
	if m == nil {
		var err error
		if m, shelf, err = e.read(ctx, e.id.key); m == nil {
			return time.Time{}, err
		}
	}
	e.now = e.Clock()
	mine := m.Delivery.State == conversation.Sending && m.Delivery.Began.Equal(a.began)
	switch {
	case a.err == nil && (mine || m.Delivery.Ref == ""):
		e.deliver(m, a)
	case a.err != nil && mine:
		if err := e.fail(ctx, m, a); err != nil {
			return time.Time{}, err
		}
	default: // somebody else found out, or took over
		return e.after(ctx, m), nil
	}
	if err := e.commit(ctx, m, shelf); err != nil {
		return time.Time{}, err
	}
	return e.after(ctx, m), nil
}

// deliver notes that the platform shows what was sent.
func (e errand) deliver(m *conversation.Message, a attempt) {
	was := m.Delivery
	m.Delivery = conversation.Delivery{
		State: conversation.Sent, Ref: a.ref, Shown: max(was.Shown, a.revision), Began: was.Began, Posted: was.Posted,
	}
	if was.Posted.IsZero() {
		m.Delivery.Posted = e.now
	}
}

// fail notes a failed attempt: try again, look it up, or never again.
func (e errand) fail(ctx context.Context, m *conversation.Message, a attempt) (err error) {
	failure := classify(a.err)
	d := &m.Delivery
	if d.Since.IsZero() {
		d.Since = a.began
	}
	d.Trouble, d.Word = failure.Trouble, failure.Reason
	doubtful := failure.Outcome == Doubtful && a.post
	_, findable := e.face.(Finder)
	switch {
	case doubtful && findable: // it stays in doubt until it can be looked up
	case doubtful:
		err = e.end(ctx, m, conversation.Uncertain)
	case failure.Outcome == Final || e.now.Sub(d.Since) >= giveUpIn:
		err = e.end(ctx, m, conversation.Failed)
	default:
		d.State = conversation.Waiting
		if d.Ref != "" {
			d.State = conversation.Sent
		}
		d.NotUntil = e.now.Add(retryIn(d.Tries))
		if failure.After > 0 { // the platform knows best
			d.NotUntil = e.now.Add(min(failure.After, longestAfter))
		}
	}
	e.Log.WarnContext(ctx, "message not delivered", "workspace", e.id.ws, "kind", m.Card.Kind,
		"state", d.State, "try", d.Tries, "trouble", d.Trouble, "reason", d.Word)
	return err
}

// classify reads a face's error. One that is not classified leaves everything open.
func classify(err error) SendError {
	var known *SendError
	if !errors.As(err, &known) {
		return SendError{Outcome: Doubtful, Trouble: conversation.TroubleNoAnswer, Reason: "no answer", Err: err}
	}
	failure := *known
	failure.Reason = strings.ToValidUTF8(failure.Reason[:min(len(failure.Reason), longestWord)], "")
	if failure.Trouble == "" {
		failure.Trouble = [...]conversation.Trouble{
			conversation.TroubleBusy, conversation.TroubleNoAnswer, conversation.TroubleRefused,
		}[failure.Outcome]
	}
	return failure
}

// retryIn is how long to wait after the n-th try: twice as long each time, spread out.
func retryIn(n int) time.Duration {
	wait := min(firstRetry<<min(max(n-1, 0), 20), longestRetry)
	return wait/2 + rand.N(wait/2+1)
}

// end gives the message up as failed or uncertain, and tells whoever listens when nobody surely saw it.
func (e errand) end(ctx context.Context, m *conversation.Message, as conversation.DeliveryState) error {
	m.Delivery.State, m.Delivery.Ended = as, e.now
	if e.OnEnded == nil || m.Delivery.Ref != "" {
		return nil
	}
	if err := e.OnEnded(ctx, e.id.ws, m); err != nil {
		return fmt.Errorf("tell that a message ended: %w", err)
	}
	return nil
}

// after is when to look again at a message in its new state. The messages of its thread need no longer wait.
func (e errand) after(ctx context.Context, m *conversation.Message) time.Time {
	if m.Delivery.State != conversation.Waiting && m.Delivery.State != conversation.Sending {
		e.release(ctx)
	}
	switch {
	case m.Arrived():
		return time.Time{}
	case m.Delivery.State == conversation.Sending:
		return later(m.Delivery.Began.Add(doubtAfter), m.Delivery.Missed.Add(lookAgain))
	case m.Delivery.NotUntil.After(e.now):
		return m.Delivery.NotUntil
	}
	return e.now // a newer revision is wanted already
}

// unsaved remembers what came of attempts that could not be written down.
type unsaved struct {
	mu       sync.Mutex
	attempts map[address]attempt
}

// keepAtMost bounds what is remembered through an outage. No new attempt begins without the store, so it is
// about as much as was under way when the outage began.
const keepAtMost = 10_000

func (u *unsaved) keep(id address, a attempt) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.attempts == nil || len(u.attempts) >= keepAtMost {
		u.attempts = map[address]attempt{}
	}
	u.attempts[id] = a
}

func (u *unsaved) holds(id address) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, ok := u.attempts[id]
	return ok
}

func (u *unsaved) take(id address) (attempt, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	a, ok := u.attempts[id]
	delete(u.attempts, id)
	return a, ok
}
