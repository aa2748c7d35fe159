package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"goalkeeper/conversation"
)

// DueSet keeps the armed timers, shared by all replicas.
type DueSet interface {
	conversation.Timers
	// Claim leases at most limit timers that are due at now, earliest first, until now + lease, and tells when
	// the next one is due; zero for none. A lease that ran out is due again.
	Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]conversation.Claimed, time.Time, error)
	// Finish ends a lease: armed again for next, or removed when next is zero. False says that the lease was
	// lost, or the timer armed meanwhile: it stays as it is.
	Finish(ctx context.Context, c conversation.Claimed, next time.Time) (bool, error)
	// Wake receives whenever a timer was armed that may come before the others, until ctx ends. Where listening
	// can break for good, it is closed then.
	Wake(ctx context.Context) (<-chan struct{}, error)
}

// Handler looks at what a timer points to. It answers when to look again, zero for never; after an error the
// timer comes again by itself, later each time. Its ctx ends with the lease.
type Handler func(ctx context.Context, t conversation.Timer, now time.Time) (next time.Time, err error)

// Pool is how timers of one kind are handled. Every kind has workers of its own, so that ten thousand messages
// waiting for a slow platform never delay a check-in.
type Pool struct {
	Handle  Handler
	Workers int // at most so many at once; default 8
}

// Options are what a Scheduler needs. All but Due and Pools have defaults.
type Options struct {
	Due   DueSet
	Pools map[conversation.TimerKind]Pool
	Clock func() time.Time // default time.Now
	Lease time.Duration    // how long a timer is held before another replica takes it over; default 1 minute
	Look  time.Duration    // looks at least so often, wake-up or not; default 1 minute
	Grace time.Duration    // how long Run waits for handlers when it is ended; default 15 seconds
	Log   *slog.Logger
}

const (
	batch       = 64              // timers claimed at once
	heldPerPool = 256             // timers of one kind held by this process, running or waiting for a worker
	putBack     = 2 * time.Second // how long a timer that found its pool full stays away
)

// Scheduler claims due timers and has them handled. Any number of replicas may share a due set.
type Scheduler struct {
	Options
	pools map[conversation.TimerKind]*pool
	retry *backoffs

	baton chan struct{} // holds a token while somebody claims: Run or Settle
	poke  chan struct{} // look at once
	idle  *gauge        // timers held
	held  map[identity]*holding
	mu    sync.Mutex // guards held, next, stopping
	next  time.Time  // when Run means to look again

	stopping context.Context // ended: no handler starts any more
	stop     context.CancelFunc
	running  context.Context // ended: handlers are told to give up
	abandon  context.CancelFunc
}

// identity is what makes a timer itself, whenever it is due.
type identity struct {
	workspace conversation.Workspace
	kind      conversation.TimerKind
	subject   string
}

func identify(t conversation.Timer) identity { return identity{t.Workspace, t.Kind, t.Subject} }

// pool is the workers of one kind.
type pool struct {
	Pool
	workers chan struct{} // holds one token for each handler under way
	room    chan struct{} // holds one token for each timer held
}

// New makes a scheduler; Run starts it.
func New(o Options) *Scheduler {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	o.Lease = orElse(o.Lease, time.Minute)
	o.Look = orElse(o.Look, time.Minute)
	o.Grace = orElse(o.Grace, 15*time.Second)

	s := &Scheduler{
		Options: o,
		pools:   map[conversation.TimerKind]*pool{},
		retry:   newBackoffs(),
		baton:   make(chan struct{}, 1),
		poke:    make(chan struct{}, 1),
		idle:    newGauge(),
		held:    map[identity]*holding{},
	}
	for kind, p := range o.Pools {
		if p.Workers <= 0 {
			p.Workers = 8
		}
		s.pools[kind] = &pool{p, make(chan struct{}, p.Workers), make(chan struct{}, max(heldPerPool, p.Workers))}
	}
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.running, s.abandon = context.WithCancel(context.Background())
	return s
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// Run handles what is due until ctx ends, then waits for the handlers under way, at most for the grace, and
// hands back what had not begun. It may be called once.
func (s *Scheduler) Run(ctx context.Context) error {
	listening, quiet := context.WithCancel(ctx)
	var ear sync.WaitGroup
	ear.Go(func() { s.listen(listening) })

	for ctx.Err() == nil {
		s.sleep(ctx, s.look(ctx))
	}
	quiet()
	ear.Wait()
	return s.drain(ctx)
}

// Nudge makes Run look at once: the clock was moved, or something was armed for now.
func (s *Scheduler) Nudge() {
	select {
	case s.poke <- struct{}{}:
	default: // one is under way already
	}
}

// Settle handles everything that is due by the clock, and what follows from it, and returns when nothing is
// due and no handler is at work. It works beside Run and without it.
func (s *Scheduler) Settle(ctx context.Context) error {
	select {
	case s.baton <- struct{}{}:
		defer func() { <-s.baton }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for s.stopping.Err() == nil {
		claimed, _, err := s.Due.Claim(ctx, s.Clock(), s.Lease, batch)
		if err != nil {
			return fmt.Errorf("claim what is due: %w", err)
		}
		for _, c := range claimed {
			if err := s.hold(ctx, c); err != nil {
				return err
			}
		}
		busy := s.idle.busy()
		if err := s.idle.wait(ctx); err != nil {
			return err
		}
		if len(claimed) == 0 && !busy {
			return nil
		}
	}
	return errors.New("the scheduler has been ended")
}

// look claims and hands out everything that is due, and tells how long nothing else will be.
func (s *Scheduler) look(ctx context.Context) time.Duration {
	select {
	case s.baton <- struct{}{}:
		defer func() { <-s.baton }()
	case <-ctx.Done():
		return 0
	}
	for ctx.Err() == nil {
		claimed, next, err := s.Due.Claim(ctx, s.Clock(), s.Lease, batch)
		if err != nil {
			return s.outage(ctx, err)
		}
		s.retry.forget(claiming)
		for _, c := range claimed {
			s.offer(ctx, c)
		}
		if len(claimed) < batch {
			return s.until(next)
		}
	}
	return 0
}

// outage waits longer each time that the due set does not answer.
func (s *Scheduler) outage(ctx context.Context, err error) time.Duration {
	if ctx.Err() != nil {
		return 0
	}
	wait := min(s.retry.after(claiming), s.Look)
	s.Log.Warn("timers cannot be claimed", "error", err, "again_in", wait)
	s.plan(s.Clock().Add(wait))
	return wait
}

// claiming stands for the due set itself among the timers that failed.
var claiming = identity{}

// until is how long to sleep before next is due by our clock.
func (s *Scheduler) until(next time.Time) time.Duration {
	now := s.Clock()
	wait := s.Look
	if !next.IsZero() {
		wait = min(wait, next.Sub(now))
	}
	wait = max(wait, time.Millisecond) // the due set counts in milliseconds; less would spin
	s.plan(now.Add(wait))
	return wait
}

func (s *Scheduler) plan(next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = next
}

// expect wakes Run when something is due before it means to look.
func (s *Scheduler) expect(at time.Time) {
	s.mu.Lock()
	sooner := at.Before(s.next)
	s.mu.Unlock()
	if sooner {
		s.Nudge()
	}
}

func (s *Scheduler) sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-s.poke:
	}
}

// listen passes on what other replicas arm. While it cannot, Run still looks every now and then.
func (s *Scheduler) listen(ctx context.Context) {
	deaf := newBackoffs()
	for ctx.Err() == nil {
		wakes, err := s.Due.Wake(ctx)
		if err == nil {
			s.Nudge() // something may have been armed while nobody listened
			s.hear(ctx, wakes)
		}
		pause(ctx, min(deaf.after(claiming), s.Look))
	}
}

// hear passes on wake-ups until ctx ends or they do.
func (s *Scheduler) hear(ctx context.Context, wakes <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case _, more := <-wakes:
			if !more {
				return
			}
			s.Nudge()
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// drain lets the handlers under way finish, within the grace.
func (s *Scheduler) drain(ctx context.Context) error {
	s.stop()
	defer s.abandon()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Grace)
	defer cancel()
	if err := s.idle.wait(ctx); err != nil {
		return fmt.Errorf("timers were still being handled %s after the end: %w", s.Grace, err)
	}
	return nil
}
