package main

import (
	"context"
	"log/slog"
	"time"

	"goalkeeper/bot"
	"goalkeeper/conversation"
	"goalkeeper/scheduler"
	"goalkeeper/storage"
)

// house is the parts of one process, joined. Faces are put in before it runs.
type house struct {
	store       *storage.Store
	faces       map[string]bot.Face
	directories bot.Directories
	service     *conversation.Service
	scheduler   *scheduler.Scheduler
}

func join(store *storage.Store, clock func() time.Time, log *slog.Logger) *house {
	h := &house{store: store, faces: map[string]bot.Face{}, directories: bot.Directories{}}
	h.service = &conversation.Service{
		Records: store, History: store, Timers: store, Calendar: scheduler.Calendar{},
		Directory: h.directories, Now: clock, Log: log,
	}
	delivery := bot.NewDelivery(bot.DeliveryOptions{
		Records: store, Timers: store, Faces: h.faces, Clock: clock, Log: log, OnFailed: h.service.Undelivered,
	})
	h.scheduler = scheduler.New(scheduler.Options{
		Due: store, Clock: clock, Log: log,
		Pools: map[conversation.TimerKind]scheduler.Pool{
			conversation.CheckInTimer: {Handle: h.service.Due, Workers: 8},
			conversation.DigestTimer:  {Handle: h.service.Due, Workers: 4},
			conversation.SendTimer:    {Handle: delivery.Handle, Workers: 16},
		},
	})
	return h
}

// face is what every adapter is to the rest of the house.
type face interface {
	bot.Face
	conversation.Directory
}

func (h *house) add(platform string, f face) {
	h.faces[platform] = f
	h.directories[platform] = f
}

// run does the house's own work until ctx ends: it waits for the store, says what its keeper should know, and
// then looks after the timers. Requests are answered meanwhile, if only by saying that nothing can be saved.
func (h *house) run(ctx context.Context, log *slog.Logger) error {
	if err := h.store.WaitReady(ctx, func(what string) { log.Info(what) }); err != nil {
		if ctx.Err() != nil {
			return nil // ended before it began
		}
		return err
	}
	for _, warning := range h.store.Warnings(ctx) {
		log.Warn(warning)
	}
	return h.scheduler.Run(ctx)
}
