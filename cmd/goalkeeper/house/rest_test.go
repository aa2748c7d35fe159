package house

import (
	"context"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/storage"

	"github.com/redis/go-redis/v9"
)

// counter counts every command that a client sends. At rest no scripts run, in which Redis would count more.
type counter struct{ n atomic.Int64 }

func (c *counter) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (c *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { c.n.Add(1); return next(ctx, cmd) }
}

func (c *counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { c.n.Add(int64(len(cmds))); return next(ctx, cmds) }
}

// A whole house with timers for later and nothing due for hours says hardly anything to Redis. Not counted here is the
// heartbeat of listening, a PING a minute, which the embedded store does without.
func TestRestCostsFewCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, err := storage.Open(t.Context(), "embedded://")
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		var counted counter
		store.Client().AddHook(&counted)
		store.Background().Client().AddHook(&counted)
		log := slog.New(slog.DiscardHandler)
		h := Join(store, time.Now, log)
		for _, kind := range conversation.TimerKinds {
			later := conversation.Timer{Workspace: "slack:T1", Kind: kind, Subject: "U1", At: time.Now().Add(1000 * time.Hour)}
			if err := store.Arm(t.Context(), later); err != nil {
				t.Fatal(err)
			}
		}
		ctx, end := context.WithCancel(t.Context())
		over := make(chan error, 1)
		go func() { over <- h.Run(ctx, log) }()
		<-time.After(10 * time.Minute)
		synctest.Wait()
		began := counted.n.Load()
		const hours = 5
		<-time.After(hours * time.Hour)
		synctest.Wait()
		const heartbeat = 60 // an hour
		each := float64(counted.n.Load()-began+hours*heartbeat) / hours / 3600
		if each == 0 || each > 0.3 {
			t.Errorf("%.3f commands a second at rest", each)
		}
		end()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
}
