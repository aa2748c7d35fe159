package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"goalkeeper/cmd/goalkeeper/house"
	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

// strict is a platform that takes no more calls in any stretch of time than it allows, by a clock that is moved.
type strict struct {
	*instant
	clock   func() time.Time
	most    int
	within  time.Duration
	refused atomic.Int64 // after the first minute
	begin   time.Time

	mu    sync.Mutex
	taken []time.Time
}

// RoundTrip refuses what comes too soon.
func (s *strict) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/chat.postMessage") && !strings.HasSuffix(r.URL.Path, "/activities") {
		return s.instant.RoundTrip(r)
	}
	now := s.clock()
	if s.take(now) {
		return s.instant.RoundTrip(r)
	}
	if now.Sub(s.begin) > time.Minute {
		s.refused.Add(1)
	}
	resp := answer(r, "{}")
	resp.StatusCode = http.StatusTooManyRequests
	resp.Header.Set("Retry-After", "1")
	return resp, nil
}

func (s *strict) take(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.taken) > 0 && now.Sub(s.taken[0]) >= s.within {
		s.taken = s.taken[1:]
	}
	if len(s.taken) >= s.most {
		return false
	}
	s.taken = append(s.taken, now)
	return true
}

// allowance is what a platform allows to a workspace.
type allowance struct {
	platform
	name   string
	most   int
	within time.Duration
	owners int
}

// runI sends a Monday's messages from two replicas to platforms that enforce their limits.
func runI(ctx context.Context, b *bench) (figures []figure, err error) {
	note := "A stand-in counts calls in every stretch of time by the same moved clock that the two houses have, and refuses what is too many. " +
		"Allowed is the rate times the time until the last message, without the burst that the stand-in would take at first. Half a minute in, somebody waits for an urgent message while the bulk is in line."
	for _, a := range []allowance{
		{slackTown, "Slack, 525 in every minute", 525, time.Minute, b.size(1500, 30)},
		{teamsTown, "Teams, 50 in every second", 50, time.Second, b.size(2500, 100)},
	} {
		all, err := b.repeat(ctx, "i", b.allowed(a))
		if err != nil {
			return figures, fmt.Errorf("%s: %w", a.name, err)
		}
		figures = append(figures,
			figure{what: "delivered ÷ allowed, " + a.name, unit: " %", samples: all.column(0), least: atLeast(95), aim: atLeast(99), note: note},
			figure{what: "refusals after the first minute", samples: all.column(1), least: atMost(0), aim: atMost(0)},
			figure{what: "the urgent message's wait by the moved clock", unit: " s", samples: all.column(2)})
	}
	return figures, nil
}

// allowed gives the share of the allowance that was used until the last message, the refusals, and the urgent wait.
func (b *bench) allowed(a allowance) side {
	return func(ctx context.Context, _ int) (values, error) {
		server, store, err := b.openStore(ctx)
		if err != nil {
			return nil, err
		}
		defer server.stop()
		defer store.Close()
		town := settle(a.platform, a.owners, b.seed)
		if err := town.moveIn(ctx, store); err != nil {
			return nil, err
		}
		var moved atomic.Int64
		clock := func() time.Time { return monday.Add(time.Duration(moved.Load())) }
		out := &strict{instant: newInstant(a.owners + 1), clock: clock, most: a.most, within: a.within, begin: monday}
		var log complaints
		houses := make([]*house.House, 2)
		for n := range houses {
			houses[n] = house.Join(store, clock, log.logger())
			if err := addFaceOver(ctx, a.platform, houses[n], out, log.logger()); err != nil {
				return nil, err
			}
		}
		wait, err := b.pump(ctx, a, houses, out, &moved)
		if err != nil {
			return nil, fmt.Errorf("%w; the log: %v", err, log.err())
		}
		took := clock().Sub(monday)
		share := float64(a.owners+1) / (float64(a.most)*took.Seconds()/a.within.Seconds() + 1) * 100
		return values{share, float64(out.refused.Load()), wait.Seconds()}, nil
	}
}

// pump moves the clock from one thing that is due to the next until everything has been sent.
func (b *bench) pump(ctx context.Context, a allowance, houses []*house.House, out *strict, moved *atomic.Int64) (wait time.Duration, err error) {
	kinds := []conversation.TimerKind{conversation.CheckInTimer, conversation.SendTimer, conversation.UrgentTimer}
	var asked, sent time.Time
	urgentAt := min(30*time.Second, time.Duration(a.owners)*a.within/time.Duration(a.most)/2)
	for out.posts.Load() < out.wanted {
		if out.clock().Sub(monday) > time.Hour {
			return 0, fmt.Errorf("%d of %d messages after an hour", out.posts.Load(), out.wanted)
		}
		if asked.IsZero() && out.clock().Sub(monday) >= urgentAt {
			asked = out.clock()
			if err := urgent(ctx, a, houses[0], asked); err != nil {
				return 0, err
			}
		}
		group, within := errgroup.WithContext(ctx)
		for _, h := range houses {
			group.Go(func() error { return h.Scheduler.Settle(within) })
		}
		if err := group.Wait(); err != nil {
			return 0, err
		}
		if !asked.IsZero() && sent.IsZero() && arrivedAt(ctx, a, houses[0]) {
			sent = out.clock()
		}
		if out.posts.Load() >= out.wanted {
			break
		}
		next, err := houses[0].Store.NextDue(ctx, kinds...)
		if err != nil {
			return 0, err
		}
		moved.Store(int64(max(next.Sub(monday), out.clock().Sub(monday)+time.Millisecond)))
	}
	return sent.Sub(asked), nil
}

// urgent saves a message that somebody waits for.
func urgent(ctx context.Context, a allowance, h *house.House, now time.Time) error {
	m := &conversation.Message{
		Key: "urgent:1", To: conversation.Address{Person: a.person(a.owners)}, Language: "en", Urgent: true, Revision: 1, Created: now,
		Card: card.Card{Kind: "goal.note", Summary: "Somebody waits for this"},
	}
	for key, value := range a.contact(a.owners) {
		if err := h.Store.Keep(ctx, a.workspace, key, value); err != nil {
			return err
		}
	}
	if err := h.Store.Commit(ctx, a.workspace, conversation.Commit{Now: now, Write: []conversation.Record{m}}); err != nil {
		return err
	}
	return h.Store.Arm(ctx, conversation.Timer{Workspace: a.workspace, Kind: conversation.UrgentTimer, Subject: m.Key, At: now})
}

func arrivedAt(ctx context.Context, a allowance, h *house.House) bool {
	shelf, err := h.Store.Read(ctx, a.workspace, conversation.Ref{Kind: conversation.MessageKind, ID: "urgent:1"})
	if err != nil {
		return false
	}
	m := conversation.Take[*conversation.Message](shelf, conversation.MessageKind, "urgent:1")
	return m != nil && m.Delivery.State == conversation.Sent
}
