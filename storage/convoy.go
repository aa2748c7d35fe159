package storage

import (
	"context"
	"net"
	"slices"
	"sync"

	"github.com/redis/go-redis/v9"
)

// convoy lets commands that many goroutines give at once travel together: whoever finds a free lane takes all
// who wait along, in one write and one read. Alone, a command goes as it always does. Under load this saves most
// of what a command costs beside its work, in this process and in Redis.
//
// It is for background work. A command in a convoy shares the fate of its pipeline: where the connection breaks,
// all of them fail, and each is given again by whoever gave it.
type convoy struct {
	client redis.UniversalClient
	lanes  chan struct{} // holds one token for each pipeline under way

	mu      sync.Mutex
	waiting []*rider
}

const (
	convoyLanes  = 2   // one is being answered while the next one is written
	convoyLength = 128 // commands in one pipeline, so that nobody else waits long
)

// travels are the commands that may go together. All others, such as those by which a connection introduces itself,
// belong to the connection for which they were meant.
var travels = map[string]bool{
	"mget": true, "get": true, "set": true, "smembers": true, "zrevrange": true, "evalsha": true, "eval": true,
}

// rider is one command and the goroutine that waits for it.
type rider struct {
	cmd  redis.Cmder
	done chan struct{} // closed once the command has its result
}

// gather makes a client's single commands travel in convoys.
func gather(client redis.UniversalClient) {
	client.AddHook(&convoy{client: client, lanes: make(chan struct{}, convoyLanes)})
}

// DialHook lets connecting be.
func (*convoy) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessPipelineHook lets pipelines be.
func (*convoy) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook sends a command by itself where there is a free lane, and else with the others.
func (c *convoy) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if !travels[cmd.Name()] {
			return next(ctx, cmd)
		}
		select {
		case c.lanes <- struct{}{}:
			defer func() { <-c.lanes }()
			return next(ctx, cmd)
		default:
			return c.ride(ctx, cmd)
		}
	}
}

// ride waits for the command's result. Whoever finds a lane first drives for all who wait.
func (c *convoy) ride(ctx context.Context, cmd redis.Cmder) error {
	r := &rider{cmd: cmd, done: make(chan struct{})}
	c.join(r)
	select {
	case <-r.done:
		return cmd.Err()
	case c.lanes <- struct{}{}:
		c.drive(ctx)
	case <-ctx.Done():
		if c.leave(r) {
			return ctx.Err()
		}
	}
	<-r.done // it is on its way, which is bounded in time
	return cmd.Err()
}

func (c *convoy) join(r *rider) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, r)
}

// leave takes the rider out of the queue; false when it is on its way already.
func (c *convoy) leave(r *rider) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := slices.Index(c.waiting, r)
	if at < 0 {
		return false
	}
	c.waiting = slices.Delete(c.waiting, at, at+1)
	return true
}

// drive takes along who waits, until the driver's own command has its result, and frees the lane.
func (c *convoy) drive(ctx context.Context) {
	defer func() { <-c.lanes }()
	riders := c.board()
	if len(riders) == 0 {
		return
	}
	// The driver's own time does not count: others depend on this pipeline, which has a budget like any other.
	_, _ = c.client.Pipelined(context.WithoutCancel(ctx), func(p redis.Pipeliner) error {
		for _, r := range riders {
			_ = p.Process(ctx, r.cmd) // only queues it
		}
		return nil
	})
	for _, r := range riders {
		close(r.done)
	}
}

// board takes the first of those who wait.
func (c *convoy) board() []*rider {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(c.waiting), convoyLength)
	riders := slices.Clone(c.waiting[:n])
	c.waiting = slices.Delete(c.waiting, 0, n)
	return riders
}
