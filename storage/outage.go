package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"goalkeeper/conversation"

	"github.com/redis/go-redis/v9"
)

// ErrUnavailable is what every error of a store that does not answer, or cannot save, wraps.
var ErrUnavailable = conversation.ErrUnavailable

// watch stands between the store and its client: it bounds every command in time, and names an outage.
type watch struct {
	budget  time.Duration
	away    func(context.Context) // told of every outage, nil where nobody needs to know
	weather *weather              // nil: nobody is told
}

// weather tells the log once when the store goes away, and once when it is back.
type weather struct {
	where string
	away  atomic.Bool
}

func (w *weather) note(ctx context.Context, err error) {
	switch {
	case w == nil || errors.Is(ctx.Err(), context.Canceled):
	case errors.Is(err, ErrUnavailable):
		if !w.away.Swap(true) {
			slog.WarnContext(ctx, "the store is away: nothing can be saved until it is back", "store", w.where, "error", err)
		}
	case err == nil && w.away.CompareAndSwap(true, false):
		slog.InfoContext(ctx, "the store is back", "store", w.where)
	}
}

// DialHook lets connecting be.
func (watch) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook guards a single command.
func (w watch) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return w.inBudget(ctx, func(ctx context.Context) error { return next(ctx, cmd) })
	}
}

// ProcessPipelineHook guards several commands that go together.
func (w watch) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return w.inBudget(ctx, func(ctx context.Context) error { return next(ctx, cmds) })
	}
}

func (w watch) inBudget(ctx context.Context, do func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, w.budget)
	defer cancel()
	err := do(bounded)
	if err == redis.Nil && bounded.Err() != nil { //nolint:errorlint // in time, it is an answer
		err = bounded.Err()
	}
	err = outage(ctx, err)
	w.weather.note(ctx, err)
	if w.away != nil && errors.Is(err, ErrUnavailable) {
		w.away(ctx)
	}
	return err
}

// outage wraps err with ErrUnavailable when the store is to blame: not when it answered properly, and not when
// the caller went away.
func outage(ctx context.Context, err error) error {
	switch {
	case err == nil, err == redis.Nil, errors.Is(err, ErrUnavailable): //nolint:errorlint // see the next case
		return err
	case errors.Is(err, redis.Nil): // of a Sentinel: taken for "no such key" it would hide everything that is kept
		return fmt.Errorf("%w: the Sentinels know no such primary (%v)", ErrUnavailable, err) //nolint:errorlint // on purpose
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("given up: %w", ctx.Err())
	}
	var reply redis.Error
	if errors.As(err, &reply) && !refusesAll(reply.Error()) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// refusesAll tells whether Redis answers, but so that nothing can be read or saved: it is loading or failing
// over, sends us around in circles, has become a replica, cannot write its disk, has no memory left, or does not
// let us in.
func refusesAll(reply string) bool {
	for _, word := range []string{
		"LOADING", "MASTERDOWN", "CLUSTERDOWN", "MOVED", "ASK", "READONLY", "TRYAGAIN", "NOREPLICAS", "MISCONF", "OOM",
		"BUSY ", "UNBLOCKED", "NOAUTH", "WRONGPASS", "NOPERM", "ERR max number of clients",
		"ERR This instance has cluster support disabled",
	} {
		if strings.HasPrefix(reply, word) || strings.Contains(reply, "-"+word) {
			return true
		}
	}
	return false
}

// quiet passes the client's own remarks on to the structured log, where they are of use to few.
type quiet struct{}

// Printf writes at debug level.
func (quiet) Printf(ctx context.Context, format string, v ...any) {
	slog.DebugContext(ctx, "redis client", "remark", fmt.Sprintf(format, v...))
}

func init() { redis.SetLogger(quiet{}) }
