package storage

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"goalkeeper/conversation"

	"github.com/redis/go-redis/v9"
)

// DueSet remembers when to look at what, for all workspaces. Each kind of timer is a lane of its own, spread
// over a few sorted sets. A worker claims what is due for a while and then finishes it. A worker that dies
// needs no one: its lease runs out.
type DueSet struct {
	client    redis.UniversalClient
	heartbeat time.Duration // between looks whether listening still works; 0: never
	turns     atomic.Uint32 // which shard is asked first
}

var _ conversation.Timers = (*DueSet)(nil)

//go:embed arm.lua
var armSource string

//go:embed finish.lua
var finishSource string

var armScript, finishScript = newScript(armSource), newScript(finishSource)

// perScript bounds the timers that one run of a script touches: others wait for it (about 2 ms for so many), and
// Lua can hand only a limited number of arguments to a command, about 7,900 in Redis and 5,000 embedded.
const perScript = 1000

// Arm keeps the earlier of an armed and a new time for the same workspace, kind and subject. A timer that a
// worker holds comes again: at the new time, or when the lease ends if that is earlier. Arming in several
// shards is several steps; an error leaves some armed, which does no harm.
func (d *DueSet) Arm(ctx context.Context, timers ...conversation.Timer) error {
	if len(timers) == 0 {
		return nil
	}
	earliest := make(map[spot]int64, len(timers))
	for _, t := range timers {
		at, err := spotOf(t)
		if err != nil {
			return fmt.Errorf("arming: %w", err)
		}
		if old, twice := earliest[at]; !twice || scoreOf(t.At) < old {
			earliest[at] = scoreOf(t.At)
		}
	}
	calls := newBatches()
	for at, score := range earliest {
		calls.add(at, score)
	}
	if _, err := armScript.run(ctx, d.client, calls.list); err != nil {
		return fmt.Errorf("arming %d timers: %w", len(timers), err)
	}
	return nil
}

// Finish ends the leases of claimed timers: each is armed for its next time, or removed when that is zero. False
// says that it was armed meanwhile, and comes again at once or when it was armed for; or that the lease ran out and
// somebody else has it.
// Timers of several shards are finished in several steps; an error leaves some of them finished. No timer may
// come twice in one call.
func (d *DueSet) Finish(ctx context.Context, timers ...conversation.Finished) ([]bool, error) {
	if len(timers) == 0 {
		return nil, nil
	}
	now := slices.MinFunc(timers, func(a, b conversation.Finished) int { return a.At.Compare(b.At) }).At // or before
	calls := newBatches(scoreOf(now))
	for _, f := range timers {
		at, err := spotOf(f.Timer)
		if err != nil {
			return nil, fmt.Errorf("finishing: %w", err)
		}
		score := ""
		if !f.Next.IsZero() {
			score = strconv.FormatInt(scoreOf(f.Next), 10)
		}
		calls.add(at, f.Lease, score)
	}
	replies, err := finishScript.run(ctx, d.client, calls.list)
	if err != nil {
		return nil, fmt.Errorf("finishing %d timers: %w", len(timers), err)
	}
	return calls.digits(replies)
}

// batches sorts what is to be done to timers into runs of a script, each for one shard. The first arguments of a
// run say where its wake-up is told, and what is the same for all its timers.
type batches struct {
	same  []any
	list  []call
	open  map[lane]int // the run that still has room
	sizes []int
	where []int // the run that each timer went into
}

func newBatches(same ...any) *batches { return &batches{same: same, open: map[lane]int{}} }

// add adds a timer, and what the script is told about it.
func (b *batches) add(at spot, args ...any) {
	n, found := b.open[at.lane]
	if !found || b.sizes[n] == perScript {
		n = len(b.list)
		b.open[at.lane] = n
		first := append([]any{wakeChannel, string(at.kind)}, b.same...)
		b.list = append(b.list, call{[]string{dueKey(at.lane)}, first})
		b.sizes = append(b.sizes, 0)
	}
	b.list[n].args = append(append(b.list[n].args, at.member), args...)
	b.sizes[n]++
	b.where = append(b.where, n)
}

// digits reads replies of a digit for each timer, in the order in which the timers were added.
func (b *batches) digits(replies []*redis.Cmd) ([]bool, error) {
	texts := make([]string, len(replies))
	for n, r := range replies {
		text, err := r.Text()
		if err != nil || len(text) != b.sizes[n] {
			return nil, fmt.Errorf("a script answered %.80q for %d timers: %w", text, b.sizes[n], err)
		}
		texts[n] = text
	}
	done := make([]bool, len(b.where))
	for i, n := range b.where {
		done[i] = texts[n][0] == '1'
		texts[n] = texts[n][1:]
	}
	return done, nil
}

// NextDue is the earliest time for which anything in these lanes is armed, the end of a lease included; zero
// when nothing is. It costs one command a shard: this is what a worker at rest asks.
func (d *DueSet) NextDue(ctx context.Context, kinds ...conversation.TimerKind) (time.Time, error) {
	var firsts []*redis.ZSliceCmd
	_, err := d.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, kind := range kinds {
			for n := range shards {
				firsts = append(firsts, p.ZRangeWithScores(ctx, dueKey(lane{kind, n}), 0, 0))
			}
		}
		return nil
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("looking for what is due: %w", err)
	}
	var scores []int64
	for _, first := range firsts {
		for _, z := range first.Val() {
			scores = append(scores, int64(z.Score))
		}
	}
	if len(scores) == 0 {
		return time.Time{}, nil
	}
	return timeOf(slices.Min(scores)), nil
}
