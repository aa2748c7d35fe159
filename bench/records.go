package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
	"github.com/shopspring/decimal"

	"goalkeeper/conversation"
	"goalkeeper/goal"
	"goalkeeper/storage"
)

const bureau conversation.Workspace = "slack:T0BENCH"

// runO changes one goal under its version, and lets eight writers meet on one.
func runO(ctx context.Context, b *bench) ([]figure, error) {
	server, store, err := b.openStore(ctx)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	defer store.Close()
	plain := redis.NewClient(&redis.Options{Addr: server.addr})
	defer plain.Close()

	g := b.someGoals(1)[0]
	if err := store.Commit(ctx, bureau, conversation.Commit{Now: monday, Write: []conversation.Record{g}}); err != nil {
		return nil, err
	}
	if err := plain.Set(ctx, "plain", asJSON(g), 0).Err(); err != nil {
		return nil, err
	}
	changes := b.size(4000, 50)
	ours, theirs, err := b.interleave(ctx, "o", rate(changes, func() error { return changeOurs(ctx, store, g.ID) }),
		rate(changes, func() error { return changeWatched(ctx, plain) }))
	if err != nil {
		return nil, err
	}
	tries, err := b.repeat(ctx, "o", crowd(store, g.ID, b.size(100, 10)))
	if err != nil {
		return nil, err
	}
	return []figure{
		{what: "rate of reading, changing and saving ÷ the same with WATCH, GET, MULTI, SET, EXEC", samples: ratios(ours.column(0), theirs.column(0)),
			least: atLeast(1.3), aim: atLeast(1.6), note: "Both sides decode and encode the goal's JSON; ours mends its indexes as well."},
		{what: "tries for each change with 8 writers on one goal", samples: tries.column(0), least: atMost(4), aim: atMost(1.5),
			note: "The eight writers are eight goroutines that read, change and commit through the store, again at once after a conflict, as the service does."},
		{what: "changes lost among them", samples: tries.column(1), least: atMost(0), aim: atMost(0)},
		{what: "ours, one writer", unit: " a second", samples: ours.column(0)},
	}, nil
}

// openStore is a store over a redis-server of its own.
func (b *bench) openStore(ctx context.Context) (*server, *storage.Store, error) {
	server, err := b.redisServer("")
	if err != nil {
		return nil, nil, err
	}
	store, err := storage.Open(ctx, server.url())
	if err != nil {
		server.stop()
		return nil, nil, err
	}
	return server, store, nil
}

// rate is how often something is done in a second.
func rate(times int, do func() error) side {
	return func(context.Context, int) (values, error) {
		v, err := timed(func() error {
			for range times {
				if err := do(); err != nil {
					return err
				}
			}
			return nil
		})
		return values{float64(times) / v[0]}, err
	}
}

// changeOurs tells a new value of a goal.
func changeOurs(ctx context.Context, store *storage.Store, id goal.ID) error {
	shelf, err := store.Read(ctx, bureau, conversation.Ref{Kind: conversation.GoalKind, ID: string(id)})
	if err != nil {
		return err
	}
	g := conversation.Take[*conversation.Goal](shelf, conversation.GoalKind, string(id))
	more(g)
	return store.Commit(ctx, bureau, conversation.Commit{Now: monday, Read: shelf, Write: []conversation.Record{g}})
}

// changeWatched does it as Redis' own documentation of transactions has it.
func changeWatched(ctx context.Context, client *redis.Client) error {
	return client.Watch(ctx, func(tx *redis.Tx) error {
		raw, err := tx.Get(ctx, "plain").Bytes()
		if err != nil {
			return err
		}
		g := &conversation.Goal{}
		if err := json.Unmarshal(raw, g); err != nil {
			return err
		}
		more(g)
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error { return p.Set(ctx, "plain", asJSON(g), 0).Err() })
		return err
	}, "plain")
}

// more adds one to the goal's value.
func more(g *conversation.Goal) {
	value := g.Metric.Current.Add(decimal.NewFromInt(1))
	g.Metric.Current = &value
}

// crowd lets eight writers change one goal, each so many times: tries for each change, and changes that are missing.
func crowd(store *storage.Store, id goal.ID, each int) side {
	const writers = 8
	return func(ctx context.Context, _ int) (values, error) {
		before, err := current(ctx, store, id)
		if err != nil {
			return nil, err
		}
		var tries atomic.Int64
		var all sync.WaitGroup
		failed := make(chan error, writers)
		for range writers {
			all.Go(func() {
				for done := 0; done < each; {
					tries.Add(1)
					err := changeOurs(ctx, store, id)
					switch {
					case err == nil:
						done++
					case !errors.Is(err, conversation.ErrConflict):
						failed <- err
						return
					}
				}
			})
		}
		all.Wait()
		close(failed)
		if err := <-failed; err != nil {
			return nil, err
		}
		after, err := current(ctx, store, id)
		changes := float64(writers * each)
		return values{float64(tries.Load()) / changes, changes - after.Sub(before).InexactFloat64()}, err
	}
}

func current(ctx context.Context, store *storage.Store, id goal.ID) (goal.Number, error) {
	shelf, err := store.Read(ctx, bureau, conversation.Ref{Kind: conversation.GoalKind, ID: string(id)})
	if err != nil {
		return goal.Number{}, err
	}
	return *conversation.Take[*conversation.Goal](shelf, conversation.GoalKind, string(id)).Metric.Current, nil
}

// someGoals are goals with a quarter's check-ins.
func (b *bench) someGoals(n int) (goals []*conversation.Goal) {
	for _, r := range settle(slackTown, n/goalsEach+1, b.seed).records {
		if g, ok := r.(*conversation.Goal); ok && g.Metric != nil && len(goals) < n {
			goals = append(goals, g)
		}
	}
	return goals
}

// runP weighs goals in Redis.
func runP(ctx context.Context, b *bench) ([]figure, error) {
	server, store, err := b.openStore(ctx)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	defer store.Close()
	plain := redis.NewClient(&redis.Options{Addr: server.addr})
	defer plain.Close()
	var old, young []float64
	for round := range b.rounds {
		heavy, err := weigh(ctx, store, plain, settleGoals(b.size(1000, 20), b.seed+uint64(round), func(g *conversation.Goal) {}))
		if err != nil {
			return nil, err
		}
		light, err := weigh(ctx, store, plain, settleGoals(b.size(1000, 20), b.seed+uint64(round), withoutNews))
		if err != nil {
			return nil, err
		}
		old, young = append(old, heavy), append(young, light)
	}
	return []figure{
		{what: "bytes of MEMORY USAGE ÷ bytes of its JSON, with 5 to 13 check-ins", samples: old, least: atMost(1.15), aim: atMost(0.7),
			note: "The key and Redis' own bookkeeping included, the goal's indexes and log not."},
		{what: "the same, before the first check-in", samples: young},
	}, nil
}

func settleGoals(n int, seed uint64, change func(*conversation.Goal)) []*conversation.Goal {
	goals := (&bench{settings: settings{seed: seed}}).someGoals(n)
	for _, g := range goals {
		change(g)
	}
	return goals
}

// withoutNews makes a goal as it was on its first day.
func withoutNews(g *conversation.Goal) {
	g.Recent, g.CheckIns, g.Before, g.Status, g.Confidence = nil, 0, goal.Standing{}, goal.Unknown, nil
}

// weigh saves goals and relates what they take to their JSON.
func weigh(ctx context.Context, store *storage.Store, plain *redis.Client, goals []*conversation.Goal) (float64, error) {
	if err := plain.FlushAll(ctx).Err(); err != nil {
		return 0, err
	}
	var documents, taken int64
	for _, g := range goals {
		if err := store.Commit(ctx, bureau, conversation.Commit{Now: monday, Write: []conversation.Record{g}}); err != nil {
			return 0, err
		}
		documents += int64(len(asJSON(g)))
		bytes, err := plain.MemoryUsage(ctx, fmt.Sprintf("gk:{%s}:goal:%s", bureau, g.ID), 0).Result()
		if err != nil {
			return 0, err
		}
		taken += bytes
	}
	return float64(taken) / float64(documents), nil
}
