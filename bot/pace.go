package bot

import (
	"context"
	"errors"
	"time"

	"goalkeeper/conversation"
)

// Tolled is a Face of a platform that limits how often it may be called.
type Tolled interface {
	// Toll is what sending the message takes: posting it, or editing it when its Delivery has a Ref.
	Toll(ctx context.Context, ws conversation.Workspace, m *conversation.Message) Toll
}

// Toll is what a call takes, and what a refusal of it says.
type Toll struct {
	conversation.Toll
	// Wide says that a platform which refuses the call for its rate means the shared bucket. Else it means the
	// call's own buckets, as far as one can know.
	Wide bool
}

const (
	// leastShut is how long a bucket is closed by a refusal that does not say for how long.
	leastShut = time.Second
	// doubtShut is how long the shared bucket is closed at most by a refusal that most likely means another one.
	doubtShut = 5 * time.Second
)

// queue asks whether the message may be sent now, and else when to ask again. That costs no record.
func (e errand) queue(ctx context.Context, m *conversation.Message) (toll Toll, wait time.Time, err error) {
	tolled, ok := e.face.(Tolled)
	if !ok || e.Pacer == nil {
		return Toll{}, time.Time{}, nil
	}
	toll = tolled.Toll(ctx, e.id.ws, m)
	if *e.turn {
		return toll, time.Time{}, nil
	}
	turns, err := e.Pacer.Take(ctx, e.id.ws, e.now, askOf(m, toll))
	if err != nil {
		return toll, time.Time{}, err
	}
	*e.turn = turns[0].IsZero()
	return toll, turns[0], nil
}

// askOf is a message's wish to be sent. Whoever was turned away once has waited its turn already.
func askOf(m *conversation.Message, toll Toll) conversation.Ask {
	return conversation.Ask{Key: m.Key, Toll: toll.Toll, Urgent: m.Urgent || m.Delivery.Tries == 1}
}

// heed closes the buckets of a call that the platform refused for its rate, for every replica.
func (e errand) heed(ctx context.Context, toll Toll, err error) {
	if e.Pacer == nil {
		return
	}
	heed(ctx, e.Pacer, e.id.ws, e.Clock(), toll, err)
}

func heed(ctx context.Context, p conversation.Pacer, ws conversation.Workspace, now time.Time, toll Toll, err error) {
	var failure *SendError
	if toll.Shared.Name == "" || !errors.As(err, &failure) || !failure.Limited {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordWithin)
	defer cancel()
	after, shared := min(max(failure.After, leastShut), longestAfter), doubtShut
	if toll.Wide || len(toll.Own) == 0 {
		shared = after
	}
	// A failure costs another refusal, which is heeded in its turn.
	_ = p.Shut(ctx, ws, now, now.Add(min(after, shared)), toll.Shared.Name)
	if toll.Wide {
		return
	}
	for _, b := range toll.Own {
		_ = p.Shut(ctx, ws, now, now.Add(after), b.Name)
	}
}

// Meter pays for calls that an adapter makes beside messages, such as looking somebody up. A nil Meter lets
// everything pass.
//
// Its clock is the one that timers are due by. A clock that is moved by a fixed amount runs as fast as the
// platform's, which is all that limits need; after a jump the platform may refuse, and is obeyed.
type Meter struct {
	Pacer conversation.Pacer
	Clock func() time.Time
}

// Pay takes what a call costs. Its error, a *SendError, says that the call must not be made now.
func (m *Meter) Pay(ctx context.Context, ws conversation.Workspace, toll Toll) error {
	if m == nil {
		return nil
	}
	now := m.Clock()
	at, err := m.Pacer.Spend(ctx, ws, now, toll.Toll)
	if err != nil {
		return &SendError{Outcome: Refused, Trouble: conversation.TroubleStore, Reason: "the store did not answer", Err: err}
	}
	if at.IsZero() {
		return nil
	}
	return &SendError{Outcome: Refused, After: at.Sub(now), Trouble: conversation.TroubleBusy, Reason: "ratelimited", Err: errTooSoon}
}

// errTooSoon says that a call was not made because the platform would have refused it.
var errTooSoon = errors.New("too soon after the calls before it")

// Heed closes the buckets of a call that the platform refused for its rate. err is a *SendError.
func (m *Meter) Heed(ctx context.Context, ws conversation.Workspace, toll Toll, err error) {
	if m != nil {
		heed(ctx, m.Pacer, ws, m.Clock(), toll, err)
	}
}
