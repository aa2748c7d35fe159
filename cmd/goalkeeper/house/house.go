// Package house joins the parts of one process. The command, the fault suite and the benchmarks all live in it.
package house

import (
	"context"
	"log/slog"
	"time"

	"goalkeeper/bot"
	"goalkeeper/conversation"
	"goalkeeper/scheduler"
	"goalkeeper/storage"
)

// House is the parts of one process, joined. Faces are put in before it runs.
type House struct {
	Store     *storage.Store
	Service   *conversation.Service
	Scheduler *scheduler.Scheduler
	Meter     *bot.Meter // for the calls that faces make beside messages

	delivery    *bot.Delivery
	faces       map[string]bot.Face
	directories bot.Directories
}

// Join makes a house on a store; its time is the clock's.
func Join(store *storage.Store, clock func() time.Time, log *slog.Logger) *House {
	h := &House{Store: store, Meter: &bot.Meter{Pacer: store, Clock: clock}, faces: map[string]bot.Face{}, directories: bot.Directories{}}
	h.Service = &conversation.Service{
		Records: store, History: store, Census: store, Timers: store, Calendar: scheduler.Calendar{},
		Directory: h.directories, Now: clock, Log: log,
	}
	// What nobody waits for has connections of its own, and so never takes one from an answer.
	later := store.Background()
	unasked := *h.Service
	unasked.Records, unasked.History, unasked.Census, unasked.Timers = later, later, later, later
	h.delivery = bot.NewDelivery(bot.DeliveryOptions{
		Records: later, Timers: later, Pacer: later, Faces: h.faces, Clock: clock, Log: log,
		OnEnded: unasked.Undelivered, OnLate: unasked.Late,
	})
	h.Scheduler = scheduler.New(scheduler.Options{
		Due: later, Clock: clock, Log: log,
		Pools: map[conversation.TimerKind]scheduler.Pool{
			conversation.CheckInTimer: {Handle: unasked.Due, Workers: 64},
			conversation.DigestTimer:  {Handle: unasked.Due, Workers: 4},
			conversation.SendTimer:    {Handle: h.delivery.Handle, Workers: 64, Batch: 16},
			conversation.UrgentTimer:  {Handle: h.delivery.Handle, Workers: 16},
			conversation.RepairTimer:  {Handle: scheduler.Each(unasked.Repair), Workers: 1},
		},
	})
	return h
}

// Unpaced lets messages go as fast as they can, for measuring everything but a platform's limits. It is called
// before Run.
func (h *House) Unpaced() { h.delivery.Pacer = nil }

// Face is what every adapter is to the rest of the house.
type Face interface {
	bot.Face
	conversation.Directory
}

// Add puts a face in, by the platform that its workspaces begin with.
func (h *House) Add(platform string, f Face) {
	h.faces[platform] = f
	h.directories[platform] = f
}

// Run does the house's own work until ctx ends: it waits for the store, says what its keeper should know, and
// then looks after the timers. Requests are answered meanwhile, if only by saying that nothing can be saved.
func (h *House) Run(ctx context.Context, log *slog.Logger) error {
	if err := h.Store.WaitReady(ctx, func(what string) { log.Warn(what) }); err != nil {
		if ctx.Err() != nil {
			return nil // ended before it began
		}
		return err
	}
	for _, warning := range h.Store.Warnings(ctx) {
		log.Warn(warning)
	}
	working, stop := context.WithCancel(ctx)
	end := h.keep(working, log)
	defer func() { stop(); end() }()
	return h.Scheduler.Run(ctx)
}
