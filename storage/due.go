package storage

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"time"

	"goalkeeper/conversation"

	"github.com/redis/go-redis/v9"
)

// DueSet remembers when to look at what, for all workspaces. It is spread over sorted sets; a worker claims
// what is due for a while and then finishes it. A worker that dies needs no one: its lease runs out.
type DueSet struct {
	client    redis.UniversalClient
	heartbeat time.Duration // between looks whether listening still works; 0: never
}

var _ conversation.Timers = (*DueSet)(nil)

//go:embed arm.lua
var armSource string

//go:embed finish.lua
var finishSource string

var finishScript = redis.NewScript(finishSource)

// Arm keeps the earlier of an armed and a new time for the same workspace, kind and subject. A timer that a
// worker holds comes again: at the new time, or when the lease ends if that is earlier. Arming in several
// shards is several steps; an error leaves some armed, which does no harm.
func (d *DueSet) Arm(ctx context.Context, timers ...conversation.Timer) error {
	if len(timers) == 0 {
		return nil
	}
	var args [shards][]any
	for _, t := range timers {
		member, err := memberOf(t)
		if err != nil {
			return fmt.Errorf("arming: %w", err)
		}
		n := shardOf(member)
		args[n] = append(args[n], member, scoreOf(t.At))
	}
	_, err := d.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for n, some := range args {
			if len(some) > 0 {
				p.Eval(ctx, armSource, []string{dueKey(n)}, append([]any{wakeChannel}, some...)...)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("arming %d timers: %w", len(timers), err)
	}
	return nil
}

// Finish ends the lease of a claimed timer: it is armed for next, or removed when next is zero. False says
// that it was armed meanwhile, or that the lease ran out and somebody else has it: it comes again by itself.
func (d *DueSet) Finish(ctx context.Context, c conversation.Claimed, next time.Time) (bool, error) {
	member, err := memberOf(c.Timer)
	if err != nil {
		return false, fmt.Errorf("finishing: %w", err)
	}
	score := ""
	if !next.IsZero() {
		score = strconv.FormatInt(scoreOf(next), 10)
	}
	keys := []string{dueKey(shardOf(member))}
	done, err := finishScript.Run(ctx, d.client, keys, member, c.Lease, score, wakeChannel).Int()
	if err != nil {
		return false, fmt.Errorf("finishing %s %.40q: %w", c.Kind, c.Subject, err)
	}
	return done == 1, nil
}
