package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"goalkeeper/conversation"
	"goalkeeper/scheduler"
	"goalkeeper/storage"
)

// atRest runs our scheduler and asynq's server at their defaults, each beside a redis-server of its own, while
// something is done.
func (b *bench) atRest(ctx context.Context, ours func(at time.Time), theirs func(at time.Time),
	do func(ctx context.Context, mine, other *server, store *storage.Store) error) error {
	mine, store, err := b.openStore(ctx)
	if err != nil {
		return err
	}
	defer mine.stop()
	defer store.Close()
	other, err := b.redisServer("")
	if err != nil {
		return err
	}
	defer other.stop()
	var log complaints
	s := scheduler.New(scheduler.Options{Due: store, Log: log.logger(), Pools: map[conversation.TimerKind]scheduler.Pool{
		conversation.CheckInTimer: {Workers: workers, Handle: scheduler.Each(
			func(_ context.Context, t conversation.Timer, _ time.Time) (time.Time, error) {
				ours(t.At)
				return time.Time{}, nil
			})},
	}})
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(running) }()
	queue := asynq.NewServer(asynq.RedisClientOpt{Addr: other.addr}, asynq.Config{LogLevel: asynq.FatalLevel})
	err = queue.Start(asynq.HandlerFunc(func(_ context.Context, t *asynq.Task) error {
		at, err := time.Parse(time.RFC3339Nano, string(t.Payload()))
		theirs(at)
		return err
	}))
	if err == nil {
		err = do(ctx, mine, other, store)
		queue.Shutdown()
	}
	stop()
	return errors.Join(err, <-ended, log.err())
}

// lateness collects how late things were handed over, in milliseconds.
type lateness struct {
	mu  sync.Mutex
	all []float64
}

func (l *lateness) note(at time.Time) {
	late := time.Since(at)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, float64(late)/float64(time.Millisecond))
}

func (l *lateness) p99() (float64, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) == 0 {
		return 0, 0
	}
	slices.Sort(l.all)
	return l.all[(len(l.all)-1)*99/100], len(l.all)
}

// runE measures how late single timers are when little is to be done.
func runE(ctx context.Context, b *bench) ([]figure, error) {
	var ours, theirs []float64
	for round := range b.rounds {
		mine, others, err := b.someTimers(ctx, round)
		if err != nil {
			return nil, err
		}
		b.say("   round %d: %.4g and %.4g ms", round+1, mine, others)
		ours, theirs = append(ours, mine), append(theirs, others)
	}
	return []figure{
		{what: "p99 from due to handed over", unit: " ms", samples: ours, least: atMost(50), aim: atMost(10),
			note: "A hundred timers at made-up moments within six seconds, of which nobody is told but when they are armed. asynq looks for scheduled tasks every five seconds by default."},
		{what: "asynq's p99 at its defaults", unit: " ms", samples: theirs},
		{what: "ours ÷ asynq's", samples: ratios(ours, theirs)},
	}, nil
}

// someTimers gives the p99 of both sides.
func (b *bench) someTimers(ctx context.Context, round int) (mine, others float64, err error) {
	var ours, theirs lateness
	count, within := b.size(100, 5), time.Duration(b.size(6000, 300))*time.Millisecond
	err = b.atRest(ctx, ours.note, theirs.note, func(ctx context.Context, _, other *server, store *storage.Store) error {
		r := rand.New(rand.NewPCG(b.seed, uint64(round))) //nolint:gosec // made-up moments
		client := asynq.NewClient(asynq.RedisClientOpt{Addr: other.addr})
		defer client.Close()
		from := time.Now().Add(500 * time.Millisecond).Truncate(time.Millisecond)
		for n := range count {
			at := from.Add(time.Duration(r.Int64N(int64(within))).Truncate(time.Millisecond))
			err1 := store.Arm(ctx, conversation.Timer{Workspace: bureau, Kind: conversation.CheckInTimer, Subject: fmt.Sprint("U", n), At: at})
			_, err2 := client.EnqueueContext(ctx, asynq.NewTask("checkin", []byte(at.Format(time.RFC3339Nano))), asynq.ProcessAt(at))
			if err := errors.Join(err1, err2); err != nil {
				return err
			}
		}
		return untilAll(ctx, count, &ours, &theirs)
	})
	mine, _ = ours.p99()
	others, _ = theirs.p99()
	return mine, others, err
}

// untilAll waits until both have everything.
func untilAll(ctx context.Context, count int, both ...*lateness) error {
	for range 600 {
		missing := false
		for _, l := range both {
			_, n := l.p99()
			missing = missing || n < count
		}
		if !missing {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.New("some timers did not come within half a minute")
}

// runF counts what is asked of Redis while nothing is due.
func runF(ctx context.Context, b *bench) ([]figure, error) {
	window := time.Duration(b.size(65_000, 1500)) * time.Millisecond
	var ours, theirs float64
	nothing := func(time.Time) {}
	err := b.atRest(ctx, nothing, nothing, func(ctx context.Context, mine, other *server, store *storage.Store) error {
		later := time.Now().Add(time.Hour)
		err1 := arm(ctx, store, due(1000, later, "U"))
		err2 := enqueue(ctx, other.addr, 1000, "f", asynq.ProcessAt(later))
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		time.Sleep(window / 20) // until arming has been noticed
		before1, err1 := mine.info(ctx, "stats", "total_commands_processed")
		before2, err2 := other.info(ctx, "stats", "total_commands_processed")
		time.Sleep(window)
		after1, err3 := mine.info(ctx, "stats", "total_commands_processed")
		after2, err4 := other.info(ctx, "stats", "total_commands_processed")
		const own = 4 // commands with which the counting itself connects, greets and asks
		ours, theirs = (after1-before1-own)/window.Seconds(), (after2-before2-own)/window.Seconds()
		return errors.Join(err1, err2, err3, err4)
	})
	return []figure{
		{what: "commands a second, a thousand timers due in an hour", samples: []float64{max(ours, 0)}, least: atMost(1), aim: atMost(0.3),
			note: fmt.Sprintf("Counted by Redis over %s, in which both sides run at their defaults beside a redis-server each.", window)},
		{what: "asynq's", samples: []float64{theirs}},
	}, err
}
