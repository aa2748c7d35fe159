package storage

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// Wake fires when something was armed that comes before all else in its shard, by anybody on this store. It
// fires once when it begins to listen, and again after a lost connection, since something may have been
// missed. Several at once are one. It is never closed; it ends with ctx.
func (d *DueSet) Wake(ctx context.Context) (<-chan struct{}, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sub := d.client.Subscribe(ctx, wakeChannel)
	wake := make(chan struct{}, 1)
	go func() {
		defer func() { _ = sub.Close() }()
		listen(ctx, sub.ChannelWithSubscriptions(redis.WithChannelHealthCheckInterval(d.heartbeat)), wake)
	}()
	return wake, nil
}

// listen turns what is told into at most one waiting wake-up, until ctx ends or the client is closed.
func listen(ctx context.Context, told <-chan any, wake chan<- struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-told:
			if !open {
				return
			}
		}
		select {
		case wake <- struct{}{}:
		default: // one is waiting already
		}
	}
}
