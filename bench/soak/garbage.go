package main

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// garbage lets keys end under the soak's clock. Redis counts real time, so that a claim with thirty days to live
// would outlast the soak; every key that Redis would delete one day is told once to live as much shorter as the
// clock is faster, and one step longer, because a clock that jumps reaches a moment up to a step late.
type garbage struct {
	client *redis.Client
	ends   map[string]time.Time           // keys that were told, and when they end
	kinds  atomic.Pointer[map[string]int] // keys by kind, at the last look
	logs   atomic.Int64                   // bytes of the logs of check-ins, at the last look
}

func newGarbage(c *redis.Client) *garbage {
	return &garbage{client: c, ends: map[string]time.Time{}}
}

// look goes over all keys. What was written anew since it was told has a long life again, and is told again.
func (g *garbage) look(ctx context.Context) error {
	kinds, logs := map[string]int{}, int64(0)
	for cursor := uint64(0); ; {
		keys, next, err := g.client.Scan(ctx, cursor, "", 500).Result()
		if err != nil {
			return err
		}
		for _, k := range keys {
			kinds[partOf(k)]++
		}
		if err := g.shorten(ctx, keys); err != nil {
			return err
		}
		size, err := g.logsOf(ctx, keys)
		if err != nil {
			return err
		}
		logs += size
		if cursor = next; cursor == 0 {
			break
		}
	}
	g.kinds.Store(&kinds)
	g.logs.Store(logs)
	for k, end := range g.ends {
		if time.Since(end) > time.Minute {
			delete(g.ends, k)
		}
	}
	return nil
}

func (g *garbage) shorten(ctx context.Context, keys []string) error {
	lives := make([]*redis.DurationCmd, len(keys))
	_, err := g.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, k := range keys {
			lives[i] = p.PTTL(ctx, k)
		}
		return nil
	})
	if err != nil {
		return err
	}
	now := time.Now()
	_, err = g.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, k := range keys {
			left := lives[i].Val()
			if left <= 0 || !now.Add(left).After(g.ends[k].Add(time.Second)) {
				continue // lives for ever, or was told
			}
			short := left/time.Duration(factor) + step
			g.ends[k] = now.Add(short)
			p.PExpire(ctx, k, short)
		}
		return nil
	})
	return err
}

// logsOf is how many bytes those of the keys take that are logs of check-ins.
func (g *garbage) logsOf(ctx context.Context, keys []string) (bytes int64, err error) {
	var sizes []*redis.IntCmd
	_, err = g.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, k := range keys {
			if partOf(k) == "log" {
				sizes = append(sizes, p.MemoryUsage(ctx, k, 0))
			}
		}
		return nil
	})
	for _, s := range sizes {
		bytes += s.Val()
	}
	return bytes, err
}

// counted is how many keys of each kind the last look found.
func (g *garbage) counted() map[string]int {
	if kinds := g.kinds.Load(); kinds != nil {
		return *kinds
	}
	return nil
}

// partOf is the kind of a key: "goal" of gk:{slack:T012}:goal:G-12, "pace" of all that begins so.
func partOf(key string) string {
	_, after, ok := strings.Cut(key, "}:")
	if !ok {
		return "timers and workspaces"
	}
	part, _, _ := strings.Cut(after, ":")
	return part
}
