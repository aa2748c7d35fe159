package storage

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"goalkeeper/conversation"

	"github.com/redis/go-redis/v9"
)

//go:embed claim.lua
var claimSource string

var claimScript = newScript(claimSource)

// Claim takes up to limit timers of a kind that are due at now and holds them until now + lease; each has the
// time for which it was armed. next is the earliest time that is left, a lease's end included, and zero when
// nothing is armed at all; when limit was reached it is now, since more may be due.
func (d *DueSet) Claim(ctx context.Context, kind conversation.TimerKind, now time.Time, lease time.Duration, limit int) (claimed []conversation.Claimed, next time.Time, err error) {
	if limit <= 0 {
		next, err = d.NextDue(ctx, kind)
		return nil, next, err
	}
	c := claiming{
		DueSet: d, kind: kind, due: dueUntil(now), until: scoreOf(now.Add(max(lease, time.Millisecond))),
		turn: int(d.turns.Add(1) % shards),
	}
	for len(c.claimed) < limit && !c.exhausted() {
		if err := c.round(ctx, limit-len(c.claimed)); err != nil {
			return nil, time.Time{}, fmt.Errorf("claiming what is due: %w", err)
		}
	}
	slices.SortStableFunc(c.claimed, func(a, b conversation.Claimed) int { return a.At.Compare(b.At) })
	if len(c.claimed) == limit {
		return c.claimed, now, nil
	}
	return c.claimed, c.first(), nil
}

// claiming is one claim on its way through the shards of a lane.
type claiming struct {
	*DueSet
	kind       conversation.TimerKind
	due, until int64 // scores
	turn       int   // the shard that is asked first
	claimed    []conversation.Claimed
	dry        [shards]bool  // nothing more is due there
	firsts     [shards]int64 // the lowest score in a dry shard, 0 when it is empty
}

func (c *claiming) exhausted() bool { return !slices.Contains(c.dry[:], false) }

// first is the time of the lowest score of all, when all shards are dry.
func (c *claiming) first() time.Time {
	var least int64
	for _, score := range c.firsts {
		if score > 0 && (least == 0 || score < least) {
			least = score
		}
	}
	if least == 0 {
		return time.Time{}
	}
	return timeOf(least)
}

// share splits what is wanted evenly among the shards that may have more, so that a full one starves no other.
func (c *claiming) share(wanted int) (plan [shards]int) {
	for given := true; given && wanted > 0; {
		given = false
		for i := range shards {
			if n := (c.turn + i) % shards; wanted > 0 && !c.dry[n] && plan[n] < perScript {
				plan[n]++
				wanted--
				given = true
			}
		}
	}
	return plan
}

// round asks the shards for their shares, in one round trip.
func (c *claiming) round(ctx context.Context, wanted int) error {
	var asked []int
	var calls []call
	plan := c.share(wanted)
	for n, most := range plan {
		if most > 0 {
			at := lane{c.kind, n}
			asked = append(asked, n)
			calls = append(calls, call{[]string{dueKey(at), leaseKey(at)}, []any{c.due, c.until, most}})
		}
	}
	replies, err := claimScript.run(ctx, c.client, calls)
	if err != nil {
		return err
	}
	for i, n := range asked {
		got, err := c.take(ctx, lane{c.kind, n}, replies[i])
		if err != nil {
			return err
		}
		c.dry[n] = got < plan[n]
	}
	return nil
}

// take reads the result of the claim script and tells how many members it claimed. A member that nobody can
// have armed is removed: it would come back for ever.
func (c *claiming) take(ctx context.Context, at lane, reply *redis.Cmd) (got int, err error) {
	parts, err := reply.Slice()
	if err != nil {
		return 0, err
	}
	if len(parts) != 3 {
		return 0, fmt.Errorf("the claim script answered %.80v", parts)
	}
	lease, err1 := parseScore(parts[0])
	first, err2 := parseScore(parts[1])
	pairs, whole := parts[2].([]any)
	if err := errors.Join(err1, err2); err != nil || !whole || len(pairs)%2 != 0 {
		return 0, fmt.Errorf("the claim script answered %.80v: %w", parts, err)
	}
	c.firsts[at.shard] = first
	for pair := range slices.Chunk(pairs, 2) {
		timer, err := readTimer(at.kind, pair[0], pair[1])
		if err != nil {
			slog.WarnContext(ctx, "the due set held something that is no timer", "error", err)
			if err := c.client.ZRem(ctx, dueKey(at), pair[0]).Err(); err != nil {
				return 0, err
			}
			continue
		}
		c.claimed = append(c.claimed, conversation.Claimed{Timer: timer, Lease: lease})
	}
	return len(pairs) / 2, nil
}

// readTimer reads a member and its score as the script gives them.
func readTimer(kind conversation.TimerKind, member, score any) (conversation.Timer, error) {
	text, _ := member.(string)
	timer, err := parseMember(kind, text)
	if err != nil {
		return conversation.Timer{}, err
	}
	was, err := parseScore(score)
	timer.At = timeOf(was)
	return timer, err
}
