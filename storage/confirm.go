package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// confirm asks the replicas, on the connection of a change and in the same packet, whether they have it. Redis
// replicates after it has answered: without the question a primary that dies takes with it what its replicas had
// not received yet. With it that is rarer, and known; it cannot be undone, so the change stands all the same.
type confirm struct {
	replicas int
	within   time.Duration

	unheard atomic.Int64 // changes since the start that too few replicas confirmed
	last    atomic.Int64 // when that was the last time, Unix milliseconds
	said    atomic.Int64 // when the log was told, Unix milliseconds
}

// After replicas were silent, changes of the next second hardly wait for them: else a missing replica would
// make every answer slower, and hold the connections that others need.
const (
	distrust = time.Second
	glance   = 5 * time.Millisecond
	sayEvery = time.Minute
)

// run runs the commit script and waits for the replicas.
func (c *confirm) run(ctx context.Context, client redis.UniversalClient, keys []string, args []any) ([]string, error) {
	if c == nil {
		return commitScript.Run(ctx, client, keys, args...).StringSlice()
	}
	acks := 0
	reply, err := c.together(ctx, client, keys, args, &acks)
	if err == nil && reply[0] == "done" && acks < c.replicas {
		c.fellShort(ctx, acks)
	}
	return reply, err
}

// together sends both to the primary of the keys. In a Cluster WAIT has no key of its own and would go anywhere,
// so the node is chosen here. When the node is not what the client believes, the change takes the usual way with
// its redirections, and nobody was asked.
func (c *confirm) together(ctx context.Context, client redis.UniversalClient, keys []string, args []any, acks *int) ([]string, error) {
	nodes, clustered := client.(*redis.ClusterClient)
	if !clustered {
		return c.pair(ctx, client, keys, args, acks)
	}
	var reply []string
	err := watch{budget: Budget / 2}.inBudget(ctx, func(ctx context.Context) error {
		node, err := nodes.MasterForKey(ctx, keys[0])
		if err == nil {
			reply, err = c.pair(ctx, node, keys, args, acks)
		}
		return err
	})
	if err == nil {
		return reply, nil
	}
	*acks = 0
	reply, again := commitScript.Run(ctx, client, keys, args...).StringSlice()
	if again != nil && !saidNo(err) { // a refusal now does not say that the first try had no effect
		return nil, fmt.Errorf("%w: %v, and then: %v", ErrUnavailable, err, again) //nolint:errorlint // neither is sure
	}
	return reply, again
}

// saidNo tells whether Redis itself answered no.
func saidNo(err error) bool {
	var reply redis.Error
	return errors.As(err, &reply)
}

// pair sends the script and WAIT in one packet, first by its hash, and whole when Redis does not know it.
func (c *confirm) pair(ctx context.Context, client redis.UniversalClient, keys []string, args []any, acks *int) ([]string, error) {
	var script *redis.Cmd
	var wait *redis.IntCmd
	send := func(eval func(redis.Pipeliner) *redis.Cmd) error {
		_, _ = client.Pipelined(ctx, func(p redis.Pipeliner) error { // each has its own error
			script = eval(p)
			wait = redis.NewIntCmd(ctx, "wait", c.replicas, c.patience().Milliseconds())
			return p.Process(ctx, wait)
		})
		return script.Err()
	}
	err := send(func(p redis.Pipeliner) *redis.Cmd { return p.EvalSha(ctx, commitScript.Hash(), keys, args...) })
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		err = send(func(p redis.Pipeliner) *redis.Cmd { return p.Eval(ctx, commitSource, keys, args...) })
	}
	if err != nil {
		return nil, outage(ctx, err)
	}
	*acks = int(wait.Val()) // 0 when WAIT itself failed
	return script.StringSlice()
}

func (c *confirm) patience() time.Duration {
	if time.Since(time.UnixMilli(c.last.Load())) < distrust {
		return min(glance, c.within)
	}
	return c.within
}

// fellShort counts, and tells the log once a minute.
func (c *confirm) fellShort(ctx context.Context, acks int) {
	n, now := c.unheard.Add(1), time.Now().UnixMilli()
	c.last.Store(now)
	if said := c.said.Load(); now-said >= sayEvery.Milliseconds() && c.said.CompareAndSwap(said, now) {
		slog.WarnContext(ctx, "a change was saved, but too few replicas confirmed it: it is lost if the primary dies now",
			"replicas", acks, "wanted", c.replicas, "unconfirmed since start", n)
	}
}

// shortWithin tells how many changes were not confirmed, if one of them was so lately.
func (c *confirm) shortWithin(d time.Duration) int64 {
	if c == nil || time.Since(time.UnixMilli(c.last.Load())) > d {
		return 0
	}
	return c.unheard.Load()
}
