package storage

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"goalkeeper/conversation"

	"github.com/redis/go-redis/v9"
)

// pongWithin is how long the answer to a heartbeat may take.
const pongWithin = 2 * time.Second

// Listen tells of every timer that was armed, by anybody on this store, before all else in its shard: its kind
// and for when. When it begins to listen it tells of no kind in particular, since something may have been
// missed. It returns when ctx ends, or when listening breaks; a connection that is dead without saying so is
// noticed within a heartbeat.
func (d *DueSet) Listen(ctx context.Context, heard func(kind conversation.TimerKind, at time.Time)) error {
	sub := d.client.Subscribe(ctx, wakeChannel)
	end := context.AfterFunc(ctx, func() { _ = sub.Close() }) // which a waiting Receive notices
	defer func() { end(); _ = sub.Close() }()
	pinged := false
	for {
		wait := d.heartbeat
		if pinged {
			wait = pongWithin
		}
		told, err := sub.ReceiveTimeout(ctx, wait)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			pinged = false
			pass(told, heard)
		case pinged || !silence(err):
			return fmt.Errorf("listening for timers: %w", outage(ctx, err))
		default:
			if err := sub.Ping(ctx); err != nil {
				return fmt.Errorf("listening for timers: %w", outage(ctx, err))
			}
			pinged = true
		}
	}
}

// silence tells whether merely nothing was said.
func silence(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// pass passes on what was told: a kind and a score, as the scripts write it.
func pass(told any, heard func(conversation.TimerKind, time.Time)) {
	switch told := told.(type) {
	case *redis.Subscription:
		heard("", time.Time{})
	case *redis.Message:
		kind, score, _ := strings.Cut(told.Payload, " ")
		if n, err := parseScore(score); err == nil {
			heard(conversation.TimerKind(kind), timeOf(n))
		}
	}
}
