package bot

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"goalkeeper/conversation"
)

// Handle takes the messages named by the timers one step further, and answers for each in their order. Most of a
// bulk only learn how long they have to wait, and they learn it together, so that ten thousand of them hold up
// nobody else's message. The others are sent side by side.
func (d *Delivery) Handle(ctx context.Context, timers []conversation.Timer, now time.Time) []conversation.Verdict {
	verdicts := make([]conversation.Verdict, len(timers))
	if len(timers) == 1 {
		verdicts[0].Next, verdicts[0].Err = d.handle(ctx, timers[0], now, false)
		return verdicts
	}
	told := d.admit(ctx, timers, now)
	var sent sync.WaitGroup
	for n, t := range timers {
		what, asked := told[n]
		if asked && (what.Err != nil || !what.Next.IsZero()) {
			verdicts[n] = what
			continue
		}
		sent.Go(func() { verdicts[n] = d.alone(ctx, t, now, asked) })
	}
	sent.Wait()
	return verdicts
}

// alone handles one of several timers; its panic is an error like any other.
func (d *Delivery) alone(ctx context.Context, t conversation.Timer, now time.Time, turn bool) (v conversation.Verdict) {
	defer func() {
		if r := recover(); r != nil {
			d.Log.ErrorContext(ctx, "delivery panicked", "workspace", t.Workspace, "panic", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
			v = conversation.Verdict{Err: fmt.Errorf("panic: %T", r)}
		}
	}()
	v.Next, v.Err = d.handle(ctx, t, now, turn)
	return v
}

// admit asks for the turns of those messages for which that is the only question, and returns the answers by the
// number of their timer: the zero time is a turn.
func (d *Delivery) admit(ctx context.Context, timers []conversation.Timer, now time.Time) map[int]conversation.Verdict {
	told := map[int]conversation.Verdict{}
	if d.Pacer == nil {
		return told
	}
	of := map[conversation.Workspace][]int{}
	for n, t := range timers {
		if _, tolled := d.Faces[t.Workspace.Platform()].(Tolled); tolled && !d.unsaved.holds(address{t.Workspace, t.Subject}) {
			of[t.Workspace] = append(of[t.Workspace], n)
		}
	}
	for ws, some := range of {
		d.admitOf(ctx, ws, some, timers, now, told)
	}
	return told
}

// admitOf is admit for one workspace.
func (d *Delivery) admitOf(
	ctx context.Context, ws conversation.Workspace, some []int, timers []conversation.Timer, now time.Time, told map[int]conversation.Verdict,
) {
	var refs []conversation.Ref
	for _, n := range some {
		refs = append(refs, conversation.Ref{Kind: conversation.MessageKind, ID: timers[n].Subject})
	}
	shelf, err := d.Records.Read(ctx, ws, refs...)
	if err != nil {
		for _, n := range some {
			told[n] = conversation.Verdict{Err: fmt.Errorf("read messages: %w", err)}
		}
		return
	}
	var asks []conversation.Ask
	var asking []int
	for _, n := range some {
		m := conversation.Take[*conversation.Message](shelf, conversation.MessageKind, timers[n].Subject)
		if m != nil && d.onlyPaced(m, now) {
			asks = append(asks, askOf(m, d.Faces[ws.Platform()].(Tolled).Toll(ctx, ws, m)))
			asking = append(asking, n)
		}
	}
	turns, err := d.Pacer.Take(ctx, ws, now, asks...)
	for i, n := range asking {
		if err != nil {
			told[n] = conversation.Verdict{Err: err}
		} else {
			told[n] = conversation.Verdict{Next: turns[i]}
		}
	}
}

// onlyPaced reports whether a message would be sent now, if the platform allows.
func (d *Delivery) onlyPaced(m *conversation.Message, now time.Time) bool {
	return !m.Arrived() && m.Delivery.State != conversation.Sending && !m.Stale(now) && !m.Delivery.NotUntil.After(now) &&
		!d.isLate(m, now) && (m.To.Under == "" || m.Delivery.Ref != "")
}
