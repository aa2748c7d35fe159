package house

import (
	"context"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/robfig/cron/v3"
)

// repairDaily is when every workspace's timers are armed anew from its records, in UTC: far from the hours at which
// most people are asked. The process asks for it when it starts, too.
const repairDaily = "23 2 * * *"

// keep begins the house's own few jobs; end waits for the one under way.
func (h *House) keep(ctx context.Context, log *slog.Logger) (end func()) {
	jobs := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(cron.DiscardLogger))
	if _, err := jobs.AddFunc(repairDaily, func() { h.repair(ctx, log) }); err != nil {
		panic("housekeeping: " + err.Error()) // the spec above cannot be read
	}
	first := make(chan struct{})
	go func() {
		defer close(first)
		h.repair(ctx, log)
	}()
	jobs.Start()
	return func() {
		<-first
		<-jobs.Stop().Done()
	}
}

// repair asks for a repair pass in every workspace, again until the store takes it or ctx ends.
func (h *House) repair(ctx context.Context, log *slog.Logger) {
	ask := func() (struct{}, error) { return struct{}{}, h.Service.ArmRepairs(ctx) }
	_, _ = backoff.Retry(ctx, ask, backoff.WithMaxElapsedTime(0), backoff.WithNotify(func(err error, again time.Duration) {
		log.WarnContext(ctx, "the repair of timers waits", "error", err, "again_in", again)
	})) // the only error left is the end of ctx
}
