package main

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"goalkeeper/cmd/goalkeeper/house"
	"goalkeeper/conversation"
	"goalkeeper/storage"
)

// incarnation is one life of a replica: a house with a store handle of its own. Dead, it reaches nothing any more.
type incarnation struct {
	*house.House
	sim  *sim
	seat int
	name string // "2.14": the fourteenth in the second seat

	ended atomic.Bool
}

// enter puts a new incarnation into a seat.
func (s *sim) enter(seat int) *incarnation {
	store := s.store.first.Beside()
	s.births++
	who := &incarnation{sim: s, seat: seat, name: fmt.Sprintf("%d.%d", seat, s.births)}
	who.watch(store.Client())
	who.watch(store.Background().Client())
	who.House = house.Join(store, s.clock.Now, s.log)
	who.Scheduler.Due = &oneByOne{Store: store.Background(), who: who}
	plain := face{who}
	who.Add("slack", finding{plain})
	who.Add("teams", plain)
	return who
}

// watch makes every command of the client a point. In a Cluster what goes to a node directly is none, but the dead
// send nothing that way either.
func (w *incarnation) watch(c redis.UniversalClient) {
	c.AddHook(cutter{w})
	if nodes, ok := c.(*redis.ClusterClient); ok {
		nodes.OnNewNode(func(n *redis.Client) { n.AddHook(grave{w}) })
	}
}

func (w *incarnation) dead() bool { return w.ended.Load() }

// die ends the incarnation if it is to.
func (w *incarnation) die(really bool) {
	if really {
		w.ended.Store(true)
	}
}

// oneByOne is the due set as a scheduler sees it whose every claim is told. It gives one timer at a time, so that
// nothing happens side by side and a seed always means the same.
type oneByOne struct {
	*storage.Store
	who *incarnation
}

// Claim notes what is claimed.
func (o *oneByOne) Claim(ctx context.Context, kind conversation.TimerKind, now time.Time, lease time.Duration, limit int) ([]conversation.Claimed, time.Time, error) {
	o.who.sim.subject = "claim"
	claimed, next, err := o.Store.Claim(ctx, kind, now, lease, min(limit, 1))
	for _, c := range claimed {
		o.who.sim.subject = subjectOf(c.Timer)
		o.who.sim.trace.add(now, o.who.name, "looks", o.who.sim.subject)
	}
	return claimed, next, err
}

func subjectOf(t conversation.Timer) string {
	return string(t.Workspace) + " " + string(t.Kind) + " " + t.Subject
}

// settle lets a replica do all that is due. When it dies of it, another takes its seat.
func (s *sim) settle(who *incarnation) (quiet bool) {
	err := who.Scheduler.Settle(s.ctx)
	if who.dead() {
		s.replace(who)
		return false
	}
	return err == nil
}

// replace puts a fresh incarnation into the seat of one that is dead or dismissed.
func (s *sim) replace(who *incarnation) {
	who.die(true)
	_ = who.Store.Close()
	for i, r := range s.replicas {
		if r == who {
			s.replicas[i] = s.enter(who.seat)
		}
	}
}

// someReplica is any of the living but one; nil for none.
func (s *sim) someReplica(but *incarnation) *incarnation {
	others := slices.DeleteFunc(slices.Clone(s.replicas), func(r *incarnation) bool { return r == but })
	if len(others) == 0 {
		return nil
	}
	return others[s.rng.IntN(len(others))]
}
