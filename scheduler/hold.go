package scheduler

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"goalkeeper/conversation"
)

// hastyLimit is how many times in a row a handler may ask to be called again at once.
const hastyLimit = 25

// holding is a timer that this process holds. again is the same timer claimed once more meanwhile, because the
// clock jumped over the lease: it is handled afterwards, never at the same time.
type holding struct {
	again *conversation.Claimed
}

// start has the timers handled in batches, each by a free worker; the caller has seen that there are enough. At
// the end it hands them back.
func (l *lane) start(claimed []conversation.Claimed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var fresh []conversation.Claimed
	for _, c := range claimed {
		if h := l.held[identify(c.Timer)]; h != nil {
			h.again = &c
			continue
		}
		l.held[identify(c.Timer)] = &holding{}
		fresh = append(fresh, c)
	}
	l.kept += len(fresh)
	l.idle.add(len(fresh))
	for batch := range slices.Chunk(fresh, l.Batch) {
		l.free--
		go l.work(batch)
	}
}

// work handles a batch, and again what was claimed again meanwhile.
func (l *lane) work(batch []conversation.Claimed) {
	for len(batch) > 0 {
		verdicts := l.attempt(batch)
		again := l.letGo(batch)
		l.finish(verdicts)
		batch = again
	}
	l.mu.Lock()
	l.free++
	l.mu.Unlock()
	l.wake()
}

// letGo ends the holding of a batch, but for what was claimed again meanwhile, which it returns.
func (l *lane) letGo(batch []conversation.Claimed) (again []conversation.Claimed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range batch {
		h := l.held[identify(c.Timer)]
		if h.again == nil {
			delete(l.held, identify(c.Timer))
			continue
		}
		again = append(again, *h.again)
		h.again = nil
	}
	l.kept += len(again)
	l.idle.add(len(again))
	return again
}

// attempt handles a batch once, all within the lease, and tells when its timers come next: at once when the
// scheduler ends before it began.
func (l *lane) attempt(batch []conversation.Claimed) []conversation.Finished {
	ctx, cancel := context.WithTimeout(l.running, l.Lease*9/10) // so that the record is written before others look
	defer cancel()
	finished := make([]conversation.Finished, len(batch))
	timers := make([]conversation.Timer, len(batch))
	for n, c := range batch {
		finished[n].Claimed, timers[n] = c, c.Timer
	}
	var verdicts []conversation.Verdict
	stopped := l.stopping.Err() != nil
	if !stopped {
		verdicts = l.handle(ctx, timers)
	}
	for n, t := range timers {
		if stopped {
			finished[n].Next = l.Clock()
		} else {
			finished[n].Next = l.comeback(t, verdicts[n])
		}
	}
	return finished
}

// errUnanswered is what a timer fails with that its handler did not answer for.
var errUnanswered = errors.New("the handler gave no answer")

// handle calls the handler. What it leaves without an answer it is called with once more, one by one, so that a
// timer at which it always panics takes no other along.
func (l *lane) handle(ctx context.Context, timers []conversation.Timer) []conversation.Verdict {
	verdicts, err := l.try(ctx, timers)
	for n := len(verdicts); n < len(timers); n++ {
		if alone := timers[n : n+1]; len(timers) > 1 {
			verdicts = append(verdicts, l.handle(ctx, alone)...)
		} else {
			verdicts = append(verdicts, conversation.Verdict{Err: err})
		}
	}
	return verdicts
}

// try calls the handler once; its panic is an error like any other.
func (l *lane) try(ctx context.Context, timers []conversation.Timer) (verdicts []conversation.Verdict, err error) {
	defer func() {
		if r := recover(); r != nil {
			verdicts, err = nil, fmt.Errorf("panic: %s", wordless(r))
			l.Log.Error("a timer's handler panicked", "kind", l.kind, "timers", len(timers), "error", err, "stack", string(debug.Stack()))
		}
	}()
	verdicts = l.Handle(ctx, timers, l.Clock())
	return verdicts[:min(len(verdicts), len(timers))], errUnanswered
}

// wordless describes what was panicked with: only the runtime's own errors surely hold nobody's words.
func wordless(r any) string {
	if e, ok := r.(runtime.Error); ok {
		return e.Error()
	}
	return fmt.Sprintf("%T", r)
}

// comeback is when the timer is armed for next, zero for never.
func (l *lane) comeback(t conversation.Timer, v conversation.Verdict) time.Time {
	id, now := identify(t), l.Clock()
	if v.Err != nil {
		wait := l.retry.after(id)
		l.Log.Warn("timer not handled", "kind", t.Kind, "workspace", t.Workspace, "subject", t.Subject,
			"error", v.Err, "again_in", wait)
		return now.Add(wait)
	}
	if v.Next.IsZero() || v.Next.After(now) {
		l.retry.forget(id)
		return v.Next
	}
	if wait := l.retry.after(id); l.retry.count(id) > hastyLimit {
		l.Log.Error("a timer's handler never comes to an end", "kind", t.Kind, "workspace", t.Workspace,
			"subject", t.Subject, "again_in", wait)
		return now.Add(wait)
	}
	return now
}

// finish hands the batch to the desk.
func (l *lane) finish(batch []conversation.Finished) {
	size := len(batch)
	batch = slices.DeleteFunc(batch, l.restless)
	l.desk.hand(batch, func(kept []bool, err error) {
		l.mu.Lock()
		l.kept -= size
		l.mu.Unlock()
		l.wake() // there may have been no room
		l.note(batch, kept, err)
		l.idle.done(size)
	})
}

// restless tells of a timer that its own handler seems to arm each time, so that it would come at once for ever: it
// is left until its lease ends.
func (l *lane) restless(f conversation.Finished) bool {
	if l.armed.count(identify(f.Timer)) < hastyLimit {
		return false
	}
	l.armed.forget(identify(f.Timer))
	l.Log.Error("a timer is armed whenever it is handled", "kind", f.Kind, "workspace", f.Workspace, "subject", f.Subject)
	return true
}

// note sees to what comes of finishing. Where it failed, the lease ends by itself and the record tells what was
// done.
func (l *lane) note(batch []conversation.Finished, kept []bool, err error) {
	if err != nil {
		l.Log.Warn("timers not finished", "kind", l.kind, "timers", len(batch), "error", err)
		return
	}
	for n, f := range batch {
		switch {
		case !kept[n]:
			l.armed.after(identify(f.Timer))
			l.nudge() // armed meanwhile, perhaps for now
			continue
		case !f.Next.IsZero():
			l.expect(f.Next)
		}
		l.armed.forget(identify(f.Timer))
	}
}
