package scheduler

import (
	"context"
	"sync"
	"time"

	"goalkeeper/conversation"
)

// lane looks after the timers of one kind: it claims what is due, as far as its workers have room for it.
type lane struct {
	Pool
	*Scheduler
	kind  conversation.TimerKind
	baton chan struct{} // holds a token while somebody claims: the lane itself or Settle
	poke  chan struct{} // something has changed

	mu    sync.Mutex
	blind bool      // nothing is known, so the due set must be asked
	next  time.Time // nothing else is due before, as far as is known; zero: nothing is armed
	free  int       // workers
	kept  int       // timers that are held: handled, or waiting to be finished
	held  map[identity]*holding
}

// identity is what makes a timer itself within its lane, whenever it is due.
type identity struct {
	kind      conversation.TimerKind
	workspace conversation.Workspace
	subject   string
}

func identify(t conversation.Timer) identity { return identity{t.Kind, t.Workspace, t.Subject} }

func newLane(s *Scheduler, kind conversation.TimerKind, p Pool) *lane {
	p.Workers, p.Batch = orElse(p.Workers, 8), orElse(p.Batch, 1)
	return &lane{
		Pool: p, Scheduler: s, kind: kind, blind: true, free: p.Workers, held: map[identity]*holding{},
		baton: make(chan struct{}, 1), poke: make(chan struct{}, 1),
	}
}

func (l *lane) run(ctx context.Context) {
	for ctx.Err() == nil {
		wait := l.look(ctx)
		if !l.sleep(ctx, wait) && wait == l.Look {
			l.nudge() // nobody told anything for long: perhaps nobody could
		}
	}
}

// sleep waits, until it is woken; false when it was not.
func (l *lane) sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-l.poke:
	case <-timer.C:
		return false
	}
	return true
}

// look claims and hands out what is due, and tells how long there is nothing else to do. What a full pool leaves
// is claimed when a worker becomes free.
func (l *lane) look(ctx context.Context) time.Duration {
	if l.take(ctx) != nil {
		return 0
	}
	defer l.pass()
	for ctx.Err() == nil {
		if err := l.see(ctx); err != nil {
			return l.outage(ctx, err)
		}
		now := l.Clock()
		if wait := l.until(now); wait > 0 {
			return wait
		}
		room := l.room()
		if room == 0 {
			return l.Look
		}
		if _, err := l.claim(ctx, now, room); err != nil {
			return l.outage(ctx, err)
		}
	}
	return 0
}

// take takes the lane's baton, for whoever wants to claim.
func (l *lane) take(ctx context.Context) error {
	select {
	case l.baton <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *lane) pass() { <-l.baton }

// see asks the due set when the next timer is due, unless that is known.
func (l *lane) see(ctx context.Context) error {
	if !l.blinded() {
		return nil
	}
	l.forget()
	next, err := l.Due.NextDue(ctx, l.kind)
	if err != nil {
		return err
	}
	l.learn(next)
	return nil
}

// claim claims what is due, at most so much, has it handled, and tells how much it was. A claim under way is
// waited for even when ctx ends, or what it claimed would come late.
func (l *lane) claim(ctx context.Context, now time.Time, most int) (int, error) {
	l.forget()
	claimed, next, err := l.Due.Claim(context.WithoutCancel(ctx), l.kind, now, l.Lease, most)
	if err != nil {
		return 0, err
	}
	l.retry.forget(identity{kind: l.kind})
	l.learn(next)
	l.start(claimed) //nolint:contextcheck // a handler outlives whoever claimed for it
	return len(claimed), nil
}

// outage waits longer each time that the due set does not answer.
func (l *lane) outage(ctx context.Context, err error) time.Duration {
	if ctx.Err() != nil {
		return 0
	}
	wait := min(l.retry.after(identity{kind: l.kind}), longestOutage, l.Look)
	l.Log.Warn("timers cannot be claimed", "kind", l.kind, "error", err, "again_in", wait)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.blind = true
	return wait
}

// forget begins an inquiry: what is told from now on may be newer than its answer.
func (l *lane) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.blind, l.next = false, time.Time{}
}

// learn notes that a timer is due at a time, zero for none.
func (l *lane) learn(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next.IsZero() || !at.IsZero() && at.Before(l.next) {
		l.next = at
	}
}

// expect is learn for what happens while the lane may sleep.
func (l *lane) expect(at time.Time) {
	l.learn(at)
	l.wake()
}

// nudge makes the lane ask the due set.
func (l *lane) nudge() {
	l.mu.Lock()
	l.blind = true
	l.mu.Unlock()
	l.wake()
}

func (l *lane) wake() {
	select {
	case l.poke <- struct{}{}:
	default: // it is about to look already
	}
}

func (l *lane) blinded() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.blind
}

// until is how long nothing is due, as far as is known: at most for the time between two looks, and at least for a
// millisecond, in which the due set counts; less could spin under a clock that stands still.
func (l *lane) until(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next.IsZero() {
		return l.Look
	}
	if wait := l.next.Sub(now); wait > 0 {
		return min(max(wait, time.Millisecond), l.Look)
	}
	return 0
}

// room is how many timers may be claimed. Those waiting to be finished count too, so that a due set that lets
// itself be read but not written is not drained into this process: twice what the workers take is held at most.
func (l *lane) room() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, min(l.free*l.Batch, 2*l.Workers*l.Batch-l.kept))
}
