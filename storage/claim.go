package storage

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"goalkeeper/conversation"

	"github.com/redis/go-redis/v9"
)

//go:embed claim.lua
var claimSource string

// Claim takes up to limit timers that are due at now and holds them until now + lease; each has the time for
// which it was armed. next is the earliest time that is left, a lease's end included: zero when nothing is
// armed at all, and not after now when more was due than limit.
func (d *DueSet) Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) (claimed []conversation.Claimed, next time.Time, err error) {
	seen, err := d.survey(ctx, now)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("looking for what is due: %w", err)
	}
	plan := share(seen, limit)
	if claimed, err = d.take(ctx, now, lease, plan, &seen); err != nil {
		return nil, time.Time{}, fmt.Errorf("claiming what is due: %w", err)
	}
	slices.SortStableFunc(claimed, func(a, b conversation.Claimed) int { return a.At.Compare(b.At) })
	return claimed, seen.first(), nil
}

// survey is what a look at all shards found.
type survey [shards]struct {
	due   int64 // how many
	first int64 // the lowest score, 0 in an empty shard
}

// first is the time of the lowest score of all.
func (s survey) first() time.Time {
	var least int64
	for _, shard := range s {
		if shard.first > 0 && (least == 0 || shard.first < least) {
			least = shard.first
		}
	}
	if least == 0 {
		return time.Time{}
	}
	return timeOf(least)
}

// survey looks at every shard in one round trip; most of the time nothing is due, and that was all.
func (d *DueSet) survey(ctx context.Context, now time.Time) (seen survey, err error) {
	var counts [shards]*redis.IntCmd
	var firsts [shards]*redis.ZSliceCmd
	_, err = d.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for n := range shards {
			counts[n] = p.ZCount(ctx, dueKey(n), "-inf", strconv.FormatInt(dueUntil(now), 10))
			firsts[n] = p.ZRangeWithScores(ctx, dueKey(n), 0, 0)
		}
		return nil
	})
	if err != nil {
		return survey{}, err
	}
	for n := range shards {
		seen[n].due = counts[n].Val()
		if z := firsts[n].Val(); len(z) > 0 {
			seen[n].first = int64(z[0].Score)
		}
	}
	return seen, nil
}

// share gives the shards their parts of the limit, one by one in turn, so that a full shard starves no other.
func share(seen survey, limit int) (plan [shards]int64) {
	start, given := rand.IntN(shards), true
	for given && limit > 0 {
		given = false
		for i := range shards {
			if n := (start + i) % shards; limit > 0 && plan[n] < seen[n].due {
				plan[n]++
				limit--
				given = true
			}
		}
	}
	return plan
}

// take claims as planned and notes what is then first in each shard.
func (d *DueSet) take(ctx context.Context, now time.Time, lease time.Duration, plan [shards]int64, seen *survey) ([]conversation.Claimed, error) {
	until := scoreOf(now.Add(max(lease, time.Millisecond)))
	var replies [shards]*redis.Cmd
	_, err := d.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for n, most := range plan {
			if most > 0 {
				replies[n] = p.Eval(ctx, claimSource, []string{dueKey(n), leaseKey(n)}, dueUntil(now), until, most)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var claimed []conversation.Claimed
	for n, reply := range replies {
		if reply == nil {
			continue
		}
		words, err := reply.StringSlice()
		if err != nil {
			return nil, err
		}
		some, first, err := d.claimedIn(ctx, n, words)
		if err != nil {
			return nil, err
		}
		claimed, seen[n].first = append(claimed, some...), first
	}
	return claimed, nil
}

// claimedIn reads the result of the claim script. A member that nobody can have armed is removed: it would
// come back for ever.
func (d *DueSet) claimedIn(ctx context.Context, shard int, words []string) (claimed []conversation.Claimed, first int64, err error) {
	if len(words) < 2 || len(words)%2 != 0 {
		return nil, 0, fmt.Errorf("the claim script answered %q", words)
	}
	lease, first, err := scores(words[0], words[1])
	if err != nil {
		return nil, 0, err
	}
	for pair := range slices.Chunk(words[2:], 2) {
		timer, unread := parseMember(pair[0])
		was, _, err := scores(pair[1], "")
		if unread = errors.Join(unread, err); unread != nil {
			slog.WarnContext(ctx, "the due set held something that is no timer", "error", unread)
			if err := d.client.ZRem(ctx, dueKey(shard), pair[0]).Err(); err != nil {
				return nil, 0, err
			}
			continue
		}
		timer.At = timeOf(was)
		claimed = append(claimed, conversation.Claimed{Timer: timer, Lease: lease})
	}
	return claimed, first, nil
}

// scores reads two scores, 0 for an empty one.
func scores(a, b string) (x, y int64, err error) {
	if a != "" {
		x, err = parseScore(a)
	}
	if b != "" && err == nil {
		y, err = parseScore(b)
	}
	return x, y, err
}
