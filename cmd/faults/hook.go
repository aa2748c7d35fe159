package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// errCut is what a client sees of a store that it cannot reach.
var errCut = &net.OpError{Op: "read", Net: "tcp", Err: errors.New("cut by the fault suite")}

// cutter stands in every command of one incarnation.
type cutter struct{ who *incarnation }

// DialHook lets connecting be.
func (cutter) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook is a point for a single command.
func (c cutter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		cmds := []redis.Cmder{cmd}
		return c.pass(cmds, func() error { return next(ctx, cmd) })
	}
}

// ProcessPipelineHook is one point for commands that go together.
func (c cutter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return c.pass(cmds, func() error { return next(ctx, cmds) })
	}
}

// grave stands before the nodes of a Cluster: nothing comes out of it.
type grave struct{ who *incarnation }

// DialHook lets connecting be.
func (grave) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook fails for the dead.
func (g grave) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if g.who.dead() {
			return failed([]redis.Cmder{cmd})
		}
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook fails for the dead.
func (g grave) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if g.who.dead() {
			return failed(cmds)
		}
		return next(ctx, cmds)
	}
}

// pass lets a command through, or lets it meet what the injector drew.
func (c cutter) pass(cmds []redis.Cmder, do func() error) error {
	s := c.who.sim
	if c.who.dead() || s.storeDown() {
		return failed(cmds)
	}
	s.lateOnes(s.clock.Now())
	if s.wrong != nil && s.wrong(cmds) {
		return nil
	}
	if s.crawling && strings.Contains(fmt.Sprint(cmds[0].Args()...), "check") {
		s.crawling = false
		s.keepForLater(cmds, 5*time.Minute)
		return failed(cmds)
	}
	point := pointHere()
	f := s.inject.draw(s.subject, point, storeFaults)
	if f != none {
		s.trace.add(s.clock.Now(), c.who.name, string(f)+" at "+point, s.subject)
	}
	switch f {
	case crashBefore, cutBefore:
		c.who.die(f == crashBefore)
		return failed(cmds)
	case crashAfter, cutAfter:
		_ = do()
		c.who.die(f == crashAfter)
		return failed(cmds)
	case twice:
		_ = do()
		forget(cmds)
	case lateEffect:
		s.keepForLater(cmds, latest)
		return failed(cmds)
	case stallBefore:
		s.stall(c.who, cmds)
	case stallAfter:
		err := do()
		s.stall(c.who, cmds)
		if c.who.dead() {
			return failed(cmds)
		}
		return err
	}
	if c.who.dead() {
		return failed(cmds)
	}
	return do()
}

func failed(cmds []redis.Cmder) error {
	for _, cmd := range cmds {
		cmd.SetErr(errCut)
	}
	return errCut
}

// forget makes commands as good as new.
func forget(cmds []redis.Cmder) {
	for _, cmd := range cmds {
		cmd.SetErr(nil)
	}
}

// late is a command whose client has given up, and that still is on its way.
type late struct {
	args  []any
	after int       // so many more commands reach the store before it
	until time.Time // but no later than this
}

// latest is how much later than its client gave up a command still takes effect: less than what a timer for "now" is
// armed ahead (Service.save). What comes later still is left to the repair of timers.
const latest = 3 * time.Second

// keepForLater notes scripts; what only reads has no effect to be late.
func (s *sim) keepForLater(cmds []redis.Cmder, by time.Duration) {
	after := 1 + s.rng.IntN(40)
	if by > latest {
		after = math.MaxInt
	}
	for _, cmd := range cmds {
		if name := cmd.Name(); name == "eval" || name == "evalsha" || name == "set" {
			s.late = append(s.late, late{cmd.Args(), after, s.clock.Now().Add(by)})
		}
	}
}

// lateOnes lets late commands arrive whose time has come, or will have come by then.
func (s *sim) lateOnes(by time.Time) {
	kept := s.late[:0]
	for _, l := range s.late {
		if l.after--; l.after > 0 && by.Before(l.until) {
			kept = append(kept, l)
			continue
		}
		if err := s.store.raw.Do(s.ctx, l.args...).Err(); err != nil {
			s.trace.add(s.clock.Now(), "late", fmt.Sprint("a late command failed: ", err), "")
		}
	}
	s.late = kept
}

// stalls are how long a process may hang: shorter and longer than a lease and a send.
var stalls = []time.Duration{time.Second, 40 * time.Second, 100 * time.Second}

// stall lets time pass and others work while one process hangs in the middle of something.
func (s *sim) stall(who *incarnation, _ []redis.Cmder) { s.hang(who, stalls[s.rng.IntN(len(stalls))]) }

func (s *sim) hang(who *incarnation, d time.Duration) {
	if s.hanging {
		return
	}
	s.hanging = true
	subject := s.subject
	defer func() { s.hanging, s.subject = false, subject }()
	s.moveTo(s.clock.Now().Add(d))
	for range 2 {
		if other := s.someReplica(who); other != nil {
			s.settle(other)
		}
	}
}
