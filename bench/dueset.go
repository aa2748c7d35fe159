package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"goalkeeper/conversation"
	"goalkeeper/scheduler"
	"goalkeeper/storage"
)

const (
	workers   = 8
	batchSize = 500
)

// due makes timers of check-ins with ids that nobody else has.
func due(n int, at time.Time, prefix string) []conversation.Timer {
	timers := make([]conversation.Timer, n)
	for i := range timers {
		timers[i] = conversation.Timer{Workspace: bureau, Kind: conversation.CheckInTimer, Subject: fmt.Sprintf("%s%09d", prefix, i), At: at}
	}
	return timers
}

func arm(ctx context.Context, store *storage.Store, timers []conversation.Timer) error {
	for len(timers) > 0 {
		n := min(1000, len(timers))
		if err := store.Arm(ctx, timers[:n]...); err != nil {
			return err
		}
		timers = timers[n:]
	}
	return nil
}

// work claims so many at once and finishes so many at once until nothing is due: timers a second.
func work(ctx context.Context, store *storage.Store, wanted, batch, ends int) (values, error) {
	var done atomic.Int64
	var all sync.WaitGroup
	failed := make(chan error, workers)
	began := time.Now()
	for range workers {
		all.Go(func() {
			for {
				claimed, _, err := store.Claim(ctx, conversation.CheckInTimer, monday, time.Minute, batch)
				if err != nil {
					failed <- err
				}
				if err != nil || len(claimed) == 0 {
					return
				}
				ended := make([]conversation.Finished, len(claimed))
				for n, c := range claimed {
					ended[n] = conversation.Finished{Claimed: c}
				}
				for some := range slices.Chunk(ended, min(ends, len(ended))) {
					if _, err := store.Finish(ctx, some...); err != nil {
						failed <- err
						return
					}
				}
				done.Add(int64(len(claimed)))
			}
		})
	}
	all.Wait()
	took := time.Since(began).Seconds()
	close(failed)
	err := <-failed
	if err == nil && done.Load() != int64(wanted) {
		err = fmt.Errorf("%d timers instead of %d", done.Load(), wanted)
	}
	return values{float64(wanted) / took}, err
}

// ourQueue arms, and then measures the work.
func ourQueue(store *storage.Store, timers, batch, ends int) side {
	return func(ctx context.Context, _ int) (values, error) {
		if err := arm(ctx, store, due(timers, monday, "U")); err != nil {
			return nil, err
		}
		return work(ctx, store, timers, batch, ends)
	}
}

// ourScheduler is timers a second of the scheduler as a process runs it, with as many workers and a handler that does
// nothing; batch is how many timers a worker is handed at once.
func ourScheduler(store *storage.Store, timers, batch int) side {
	return func(ctx context.Context, _ int) (values, error) {
		if err := arm(ctx, store, due(timers, monday, "U")); err != nil {
			return nil, err
		}
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		var done atomic.Int64
		end := make(chan struct{})
		s := scheduler.New(scheduler.Options{Due: store.Background(), Clock: func() time.Time { return monday }, Log: slog.New(slog.DiscardHandler),
			Pools: map[conversation.TimerKind]scheduler.Pool{conversation.CheckInTimer: {Workers: workers, Batch: batch,
				Handle: func(_ context.Context, some []conversation.Timer, _ time.Time) []conversation.Verdict {
					if done.Add(int64(len(some))) == int64(timers) {
						close(end)
					}
					return make([]conversation.Verdict, len(some))
				}}}})
		ended := make(chan error, 1)
		began := time.Now()
		go func() { ended <- s.Run(ctx) }()
		select {
		case <-end:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		took := time.Since(began).Seconds()
		stop()
		return values{float64(timers) / took}, <-ended
	}
}

// asynqQueue is tasks a second of hibiken/asynq, with as many workers, unique ids and a handler that does nothing.
func asynqQueue(addr string, tasks int) side {
	return func(ctx context.Context, round int) (values, error) {
		if err := enqueue(ctx, addr, tasks, fmt.Sprint(round)); err != nil {
			return nil, err
		}
		var done atomic.Int64
		end := make(chan struct{})
		server := asynq.NewServer(asynq.RedisClientOpt{Addr: addr}, asynq.Config{Concurrency: workers, LogLevel: asynq.FatalLevel})
		began := time.Now()
		err := server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
			if done.Add(1) == int64(tasks) {
				close(end)
			}
			return nil
		}))
		if err != nil {
			return nil, err
		}
		defer server.Shutdown()
		select {
		case <-end:
			return values{float64(tasks) / time.Since(began).Seconds()}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// enqueue hands tasks over, several at a time.
func enqueue(ctx context.Context, addr string, tasks int, prefix string, more ...asynq.Option) error {
	client := asynq.NewClient(asynq.RedisClientOpt{Addr: addr})
	defer client.Close()
	var all sync.WaitGroup
	failed := make(chan error, 2*workers)
	for w := range 2 * workers {
		all.Go(func() {
			for n := w; n < tasks; n += 2 * workers {
				id := fmt.Sprintf("%s:%s%09d", prefix, "U", n)
				task := asynq.NewTask("checkin", []byte(string(bureau)+"|"+id))
				if _, err := client.EnqueueContext(ctx, task, append([]asynq.Option{asynq.TaskID(id)}, more...)...); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(failed)
	return <-failed
}

// runA compares claiming and finishing with asynq.
func runA(ctx context.Context, b *bench) ([]figure, error) {
	server, store, err := b.openStore(ctx)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	defer store.Close()
	other, err := b.redisServer("")
	if err != nil {
		return nil, err
	}
	defer other.stop()
	many, few := b.size(100_000, 500), b.size(20_000, 200)
	single, theirs, err := b.interleave(ctx, "a", ourScheduler(store, few, 1), asynqQueue(other.addr, few))
	if err != nil {
		return nil, err
	}
	byBatch, with, err := b.interleave(ctx, "a", ourScheduler(store, many, batchSize), asynqQueue(other.addr, few))
	if err != nil {
		return nil, err
	}
	batch, again, err := b.interleave(ctx, "a", ourQueue(store, many, batchSize, batchSize), asynqQueue(other.addr, few))
	if err != nil {
		return nil, err
	}
	lone, once, err := b.interleave(ctx, "a", ourQueue(store, few, 1, 1), asynqQueue(other.addr, few))
	if err != nil {
		return nil, err
	}
	return []figure{
		{what: "the scheduler, a timer a handler ÷ asynq", samples: ratios(single.column(0), theirs.column(0)), least: atLeast(4),
			note: fmt.Sprintf("Rates with %d workers on either side. asynq's tasks are for now, so its forwarder of scheduled ones is spared; %s of them, "+
				"as its rate does not depend on how many wait. Batches hold %d timers.", workers, grouped(fmt.Sprint(few)), batchSize)},
		{what: "the scheduler, a batch a handler ÷ asynq", samples: ratios(byBatch.column(0), with.column(0)), aim: atLeast(25)},
		{what: "the due set alone, claimed and finished by batch ÷ asynq", samples: ratios(batch.column(0), again.column(0))},
		{what: "the due set alone, a round trip for each claim and each finish ÷ asynq", samples: ratios(lone.column(0), once.column(0))},
		{what: "the due set by batch", unit: " a second", samples: batch.column(0)},
		{what: "the scheduler, a timer a handler", unit: " a second", samples: single.column(0)},
		{what: "asynq", unit: " a second", samples: theirs.column(0)},
	}, nil
}

// runB compares the batches with the plainest command that changes a sorted set.
func runB(ctx context.Context, b *bench) ([]figure, error) {
	server, store, err := b.openStore(ctx)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	defer store.Close()
	if _, err := exec.LookPath("redis-benchmark"); err != nil {
		return nil, skipped{"there is no redis-benchmark on the path"}
	}
	many := b.size(100_000, 500)
	ours, theirs, err := b.interleave(ctx, "b", ourQueue(store, many, batchSize, batchSize), rawAdds(server, many))
	if err != nil {
		return nil, err
	}
	return []figure{{what: "timers claimed and finished ÷ ZADDs of redis-benchmark, 8 clients, 64 commands a pipeline",
		samples: ratios(ours.column(0), theirs.column(0)), least: atLeast(0.5), aim: atLeast(0.9)}}, nil
}

// rawAdds is the rate of redis-benchmark.
func rawAdds(server *server, n int) side {
	return func(ctx context.Context, _ int) (values, error) {
		_, port, _ := strings.Cut(server.addr, ":")
		out, err := exec.CommandContext(ctx, "redis-benchmark", "-p", port, "-c", fmt.Sprint(workers), "-P", "64", "-n", fmt.Sprint(n), //nolint:gosec // our own server
			"-r", fmt.Sprint(n), "--csv", "ZADD", "raw", "__rand_int__", "slack:T0BENCH|U__rand_int__").Output()
		if err != nil {
			return nil, err
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		fields := strings.Split(lines[len(lines)-1], ",")
		if len(fields) < 2 {
			return nil, fmt.Errorf("redis-benchmark said %q", out)
		}
		// The command itself may hold commas in a quoted field; the rate is the first field that is a number.
		for _, f := range fields[1:] {
			if rate, err := strconv.ParseFloat(strings.Trim(f, `"`), 64); err == nil {
				return values{rate}, nil
			}
		}
		return nil, fmt.Errorf("redis-benchmark said %q", out)
	}
}

// runC does the same work with little and with much armed for later.
func runC(ctx context.Context, b *bench) ([]figure, error) {
	full, crowded, err := b.openStore(ctx)
	if err != nil {
		return nil, err
	}
	defer full.stop()
	defer crowded.Close()
	empty, quiet, err := b.openStore(ctx)
	if err != nil {
		return nil, err
	}
	defer empty.stop()
	defer quiet.Close()
	now := b.size(10_000, 200)
	if err := arm(ctx, crowded, due(b.size(1_000_000, 2000)-now, monday.Add(time.Hour), "L")); err != nil {
		return nil, err
	}
	much, little, err := b.interleave(ctx, "c", again(ourQueue(crowded, now, batchSize, batchSize)), again(ourQueue(quiet, now, batchSize, batchSize)))
	if err != nil {
		return nil, err
	}
	return []figure{{what: "rate for 10⁴ due timers with 10⁶ armed ÷ with those alone", samples: ratios(much.column(0), little.column(0)),
		least: atLeast(0.8), aim: atLeast(0.95)}}, nil
}

// again is the median of ten times: one alone is over too soon to be told from what else the machine does.
func again(s side) side {
	return func(ctx context.Context, round int) (values, error) {
		var all []float64
		for range 10 {
			v, err := s(ctx, round)
			if err != nil {
				return nil, err
			}
			all = append(all, v[0])
		}
		return values{median(all)}, nil
	}
}

// runD weighs timers.
func runD(ctx context.Context, b *bench) ([]figure, error) {
	server, store, err := b.openStore(ctx)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	defer store.Close()
	other, err := b.redisServer("")
	if err != nil {
		return nil, err
	}
	defer other.stop()
	n := b.size(100_000, 500)
	ours, err1 := weight(ctx, server, n, func() error { return arm(ctx, store, due(n, monday, "U")) })
	theirs, err2 := weight(ctx, other, n, func() error { return enqueue(ctx, other.addr, n, "d", asynq.ProcessIn(time.Hour)) })
	return []figure{
		{what: "asynq's bytes of a scheduled task ÷ ours of a timer", samples: []float64{theirs / ours}, least: atLeast(4), aim: atLeast(5)},
		{what: "ours", unit: " bytes", samples: []float64{ours}},
		{what: "asynq's", unit: " bytes", samples: []float64{theirs}},
	}, errors.Join(err1, err2)
}

// weight is by how many bytes of Redis' memory each of n things grew it.
func weight(ctx context.Context, s *server, n int, add func() error) (float64, error) {
	before, err1 := s.info(ctx, "memory", "used_memory")
	err2 := add()
	after, err3 := s.info(ctx, "memory", "used_memory")
	return (after - before) / float64(n), errors.Join(err1, err2, err3)
}

// info is a number of Redis' INFO.
func (s *server) info(ctx context.Context, section, name string) (float64, error) {
	client := redis.NewClient(&redis.Options{Addr: s.addr})
	defer client.Close()
	text, err := client.Info(ctx, section).Result()
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && key == name {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, errors.Join(err, fmt.Errorf("INFO %s has no %s", section, name))
}
