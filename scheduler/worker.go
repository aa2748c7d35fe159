package scheduler

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"goalkeeper/conversation"
)

// DueSet keeps the armed timers, shared by all replicas. Each kind is a lane of its own.
type DueSet interface {
	conversation.Timers
	// NextDue is the earliest time for which anything in the lanes is armed, zero for none.
	NextDue(ctx context.Context, kinds ...conversation.TimerKind) (time.Time, error)
	// Claim leases at most limit timers of a kind that are due at now until now + lease, and tells when the next
	// one is due: zero for none, now when limit was reached. A lease that ran out is due again.
	Claim(ctx context.Context, kind conversation.TimerKind, now time.Time, lease time.Duration, limit int) ([]conversation.Claimed, time.Time, error)
	// Finish ends leases, and tells of each whether it was still held: one that was lost, or whose timer was
	// armed meanwhile, stays as it is.
	Finish(ctx context.Context, timers ...conversation.Finished) ([]bool, error)
	// Listen tells whenever a timer was armed that may come before the others, and tells of no kind when something
	// may have been missed. It returns when ctx ends or listening breaks.
	Listen(ctx context.Context, heard func(kind conversation.TimerKind, at time.Time)) error
}

// Handler looks at what the timers of a batch point to, and answers for each in their order. Its ctx ends before
// the lease does. Timers that it leaves without an answer, because it answers too few or panics, are handled
// once more, each alone.
type Handler func(ctx context.Context, batch []conversation.Timer, now time.Time) []conversation.Verdict

// Each is a Handler of one timer after the other; handle answers when to look again, zero for never.
func Each(handle func(ctx context.Context, t conversation.Timer, now time.Time) (time.Time, error)) Handler {
	return func(ctx context.Context, batch []conversation.Timer, now time.Time) []conversation.Verdict {
		verdicts := make([]conversation.Verdict, len(batch))
		for n, t := range batch {
			verdicts[n].Next, verdicts[n].Err = handle(ctx, t, now)
		}
		return verdicts
	}
}

// Pool is how timers of one kind are handled. Every kind has workers of its own, so that ten thousand messages
// waiting for a slow platform never delay a check-in.
type Pool struct {
	Handle  Handler
	Workers int // at most so many batches at once; default 8
	Batch   int // at most so many timers in one; default 1
}

// Options are what a Scheduler needs. All but Due and Pools have defaults.
type Options struct {
	Due   DueSet
	Pools map[conversation.TimerKind]Pool
	Clock func() time.Time // default time.Now
	Lease time.Duration    // how long a timer is held before another replica takes it over; default 1 minute
	Look  time.Duration    // looks at least so often, told of something or not; default 90 seconds
	Grace time.Duration    // how long Run waits for handlers when it is ended; default 15 seconds
	Log   *slog.Logger
}

// longestOutage is the longest wait between tries to reach a due set that does not answer.
const longestOutage = 30 * time.Second

// Scheduler claims due timers and has them handled. Any number of replicas may share a due set.
type Scheduler struct {
	Options
	lanes []*lane // in the order of their kinds' names
	retry *backoffs
	armed *backoffs // counts how often in a row a timer was armed while it was handled
	desk  *desk
	idle  *gauge // timers held: handled, or waiting to be finished

	stopping context.Context // ended: no handler starts any more
	stop     context.CancelFunc
	running  context.Context // ended: handlers are told to give up
	abandon  context.CancelFunc
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
	o.Look = orElse(o.Look, 90*time.Second)
	o.Grace = orElse(o.Grace, 15*time.Second)

	s := &Scheduler{Options: o, retry: newBackoffs(), armed: newBackoffs(), idle: newGauge()}
	s.desk = &desk{Scheduler: s}
	for kind, p := range o.Pools {
		s.lanes = append(s.lanes, newLane(s, kind, p))
	}
	slices.SortFunc(s.lanes, func(a, b *lane) int { return cmp.Compare(a.kind, b.kind) })
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.running, s.abandon = context.WithCancel(context.Background())
	return s
}

func orElse[T cmp.Ordered](given, otherwise T) T {
	var none T
	if given <= none {
		return otherwise
	}
	return given
}

// Run handles what is due until ctx ends, then waits for the handlers under way, at most for the grace, and
// hands back what had not begun. It may be called once.
func (s *Scheduler) Run(ctx context.Context) error {
	var work sync.WaitGroup
	work.Go(func() { s.listen(ctx) })
	for _, l := range s.lanes {
		work.Go(func() { l.run(ctx) })
	}
	work.Wait()
	return s.drain(ctx)
}

// Nudge makes Run look at once: the clock was moved, or something was armed for now.
func (s *Scheduler) Nudge() {
	for _, l := range s.lanes {
		l.nudge()
	}
}

// NextDue is when the next timer is due that this scheduler handles, zero for never.
func (s *Scheduler) NextDue(ctx context.Context) (time.Time, error) {
	var kinds []conversation.TimerKind
	for _, l := range s.lanes {
		kinds = append(kinds, l.kind)
	}
	return s.Due.NextDue(ctx, kinds...)
}

// listen passes on what other replicas arm. While it cannot, the lanes still look every now and then.
func (s *Scheduler) listen(ctx context.Context) {
	deaf := newBackoffs()
	for ctx.Err() == nil {
		began := time.Now()
		err := s.Due.Listen(ctx, s.heard)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > time.Minute {
			deaf.forget(identity{})
		}
		wait := min(deaf.after(identity{}), longestOutage)
		s.Log.Warn("nobody tells which timers are armed", "error", err, "again_in", wait)
		pause(ctx, wait)
	}
}

func (s *Scheduler) heard(kind conversation.TimerKind, at time.Time) {
	for _, l := range s.lanes {
		switch kind {
		case "":
			l.nudge()
		case l.kind:
			l.expect(at)
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
