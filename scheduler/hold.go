package scheduler

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"goalkeeper/conversation"
)

const (
	finishWithin = 5 * time.Second  // ending a lease, also when everything else is told to give up
	strangerWait = 10 * time.Minute // for a timer of a kind that this version does not know
	hastyLimit   = 25               // times in a row that a handler may ask to be called again at once
)

// holding is a timer that this process holds. again is the same timer claimed once more meanwhile, because the
// clock jumped over the lease: it is handled afterwards, never at the same time.
type holding struct {
	again *conversation.Claimed
}

// offer takes the timer into its pool, or puts it back for a moment when the pool is full: so the claims after
// it reach the other kinds.
func (s *Scheduler) offer(ctx context.Context, c conversation.Claimed) {
	p := s.pools[c.Kind]
	if p == nil {
		s.estrange(ctx, c)
		return
	}
	select {
	case p.room <- struct{}{}:
		s.take(p, c) //nolint:contextcheck // a handler outlives whoever claimed for it
	default:
		s.finish(ctx, c, s.Clock().Add(jitter(putBack)))
	}
}

// hold takes the timer into its pool, however long it takes until there is room.
func (s *Scheduler) hold(ctx context.Context, c conversation.Claimed) error {
	p := s.pools[c.Kind]
	if p == nil {
		s.estrange(ctx, c)
		return nil
	}
	select {
	case p.room <- struct{}{}:
		s.take(p, c) //nolint:contextcheck // a handler outlives whoever claimed for it
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// estrange leaves a timer to replicas that know its kind.
func (s *Scheduler) estrange(ctx context.Context, c conversation.Claimed) {
	s.Log.Warn("nobody handles this kind of timer", "kind", c.Kind, "workspace", c.Workspace)
	s.finish(ctx, c, s.Clock().Add(strangerWait))
}

// take has the timer handled; the caller has put a token into the pool's room.
func (s *Scheduler) take(p *pool, c conversation.Claimed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.held[identify(c.Timer)]; h != nil {
		h.again = &c
		<-p.room
		return
	}
	h := &holding{}
	s.held[identify(c.Timer)] = h
	s.idle.add()
	go s.work(p, h, c)
}

// work handles the timer, and again when it was claimed again meanwhile.
func (s *Scheduler) work(p *pool, h *holding, c conversation.Claimed) {
	defer s.idle.done()
	defer func() { <-p.room }()
	for next := &c; next != nil; next = s.letGo(h, c) {
		s.attempt(p, *next)
	}
}

// letGo ends the holding, or returns the claim that came meanwhile.
func (s *Scheduler) letGo(h *holding, c conversation.Claimed) *conversation.Claimed {
	s.mu.Lock()
	defer s.mu.Unlock()
	again := h.again
	h.again = nil
	if again == nil {
		delete(s.held, identify(c.Timer))
	}
	return again
}

// attempt waits for a worker and handles the timer once, all within the lease. What finds no worker in time is
// due again at once, here or elsewhere.
func (s *Scheduler) attempt(p *pool, c conversation.Claimed) {
	ctx, cancel := context.WithTimeout(s.running, s.Lease*9/10) // so that the record is written before others look
	defer cancel()
	if !s.engage(p) {
		s.finish(ctx, c, s.Clock())
		return
	}
	defer func() { <-p.workers }()
	next, err := s.handle(ctx, p, c.Timer)
	s.finish(ctx, c, s.comeback(c.Timer, next, err))
}

// engage waits for a worker; false when none came in half a lease, since a handler needs the other half, or
// when the scheduler ends.
func (s *Scheduler) engage(p *pool) bool {
	patience := time.NewTimer(s.Lease / 2)
	defer patience.Stop()
	select {
	case p.workers <- struct{}{}:
		if s.stopping.Err() == nil {
			return true
		}
		<-p.workers
	case <-patience.C:
	case <-s.stopping.Done():
	}
	return false
}

// handle calls the handler; its panic is an error like any other.
func (s *Scheduler) handle(ctx context.Context, p *pool, t conversation.Timer) (next time.Time, err error) {
	defer func() {
		if r := recover(); r != nil {
			next, err = time.Time{}, fmt.Errorf("panic: %s", wordless(r))
			s.Log.Error("a timer's handler panicked", "kind", t.Kind, "error", err, "stack", string(debug.Stack()))
		}
	}()
	return p.Handle(ctx, t, s.Clock())
}

// wordless describes what was panicked with: only the runtime's own errors surely hold nobody's words.
func wordless(r any) string {
	if e, ok := r.(runtime.Error); ok {
		return e.Error()
	}
	return fmt.Sprintf("%T", r)
}

// comeback is when the timer is armed for next, zero for never.
func (s *Scheduler) comeback(t conversation.Timer, next time.Time, err error) time.Time {
	id, now := identify(t), s.Clock()
	if err != nil {
		wait := s.retry.after(id)
		s.Log.Warn("timer not handled", "kind", t.Kind, "workspace", t.Workspace, "subject", t.Subject,
			"error", err, "again_in", wait)
		return now.Add(wait)
	}
	if next.IsZero() || next.After(now) {
		s.retry.forget(id)
		return next
	}
	if wait := s.retry.after(id); s.retry.count(id) > hastyLimit {
		s.Log.Error("a timer's handler never comes to an end", "kind", t.Kind, "workspace", t.Workspace,
			"subject", t.Subject, "again_in", wait)
		return now.Add(wait)
	}
	return now
}

// finish ends the lease. When it cannot, the lease ends by itself and the record tells what was done.
func (s *Scheduler) finish(ctx context.Context, c conversation.Claimed, next time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer cancel()
	kept, err := s.Due.Finish(ctx, c, next)
	switch {
	case err != nil:
		s.Log.Warn("timer not finished", "kind", c.Kind, "workspace", c.Workspace, "error", err)
	case !kept:
		s.Nudge() // armed meanwhile, perhaps for now
	case !next.IsZero():
		s.expect(next)
	}
}
