package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"goalkeeper/bot/slack"
	"goalkeeper/cmd/goalkeeper/house"
	"goalkeeper/conversation"
	"goalkeeper/scheduler"
	"goalkeeper/storage"
)

// mondays measures a Monday: so many owners, all due at once.
type mondays struct {
	b      *bench
	owners int
	towns  map[conversation.Workspace]*town
	dumps  map[conversation.Workspace]string

	seconds []float64 // of the rounds over TCP on Slack, for the row that needs no more
}

func (b *bench) mondays() *mondays {
	if b.monday == nil {
		b.monday = &mondays{b: b, owners: b.size(10_000, 200), towns: map[conversation.Workspace]*town{}, dumps: map[conversation.Workspace]string{}}
	}
	return b.monday
}

func (m *mondays) town(p platform) *town {
	if m.towns[p.workspace] == nil {
		m.towns[p.workspace] = settle(p, m.owners, m.b.seed)
	}
	return m.towns[p.workspace]
}

// dump is a Redis file in which the town has moved in and everybody is due.
func (m *mondays) dump(ctx context.Context, p platform) (string, error) {
	if file := m.dumps[p.workspace]; file != "" {
		return file, nil
	}
	server, err := m.b.redisServer("")
	if err != nil {
		return "", err
	}
	defer server.stop()
	store, err := storage.Open(ctx, server.url())
	if err != nil {
		return "", err
	}
	defer store.Close()
	if err := m.town(p).moveIn(ctx, store); err != nil {
		return "", err
	}
	if err := server.cli(ctx, "SAVE"); err != nil {
		return "", err
	}
	file := m.b.path("monday-" + p.workspace.Platform() + ".rdb")
	m.dumps[p.workspace] = file
	return file, os.Rename(filepath.Join(server.dir, "dump.rdb"), file)
}

// overTCP is the seconds from the first look to the last message recorded, with a redis-server beside us.
func (m *mondays) overTCP(p platform) side {
	return func(ctx context.Context, _ int) (values, error) {
		file, err := m.dump(ctx, p)
		if err != nil {
			return nil, err
		}
		server, err := m.b.redisServer(file)
		if err != nil {
			return nil, err
		}
		defer server.stop()
		store, err := storage.Open(ctx, server.url())
		if err != nil {
			return nil, err
		}
		defer store.Close()
		return m.ask(ctx, p, store)
	}
}

// embedded is the same in the memory of the process.
func (m *mondays) embedded(p platform) side {
	return func(ctx context.Context, _ int) (values, error) {
		store, err := storage.Open(ctx, "embedded://")
		if err != nil {
			return nil, err
		}
		defer store.Close()
		if err := m.town(p).moveIn(ctx, store); err != nil {
			return nil, err
		}
		return m.ask(ctx, p, store)
	}
}

// ask runs the house until everybody has been asked and everything is written down.
func (m *mondays) ask(ctx context.Context, p platform, store *storage.Store) (values, error) {
	var began time.Time
	var log complaints
	out := newInstant(m.owners)
	h := house.Join(store, func() time.Time { return monday.Add(time.Since(began)) }, log.logger())
	h.Unpaced() // the platform's limits are not what is measured
	began = time.Now()
	if err := addFace(ctx, p, h, out, log.logger()); err != nil {
		return nil, err
	}
	v, err := timed(func() error {
		began = time.Now()
		return untilDone(ctx, h, out)
	})
	return v, errors.Join(err, log.err(), out.check())
}

// untilDone runs the house until the last message went out, and its handlers have ended.
func untilDone(ctx context.Context, h *house.House, out *instant) error {
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- h.Scheduler.Run(ctx) }()
	select {
	case <-out.done:
	case <-ctx.Done():
	}
	stop()
	return <-ended
}

func addFace(ctx context.Context, p platform, h *house.House, out *instant, log *slog.Logger) error {
	face, err := realFace(ctx, p, h, out, log)
	if err == nil {
		h.Add(p.workspace.Platform(), unhurried{face})
	}
	return err
}

// addFaceOver adds an adapter that keeps the platform's pace.
func addFaceOver(ctx context.Context, p platform, h *house.House, out http.RoundTripper, log *slog.Logger) error {
	face, err := realFace(ctx, p, h, out, log)
	if err == nil {
		h.Add(p.workspace.Platform(), face)
	}
	return err
}

func realFace(ctx context.Context, p platform, h *house.House, out http.RoundTripper, log *slog.Logger) (house.Face, error) {
	if p.workspace.Platform() == "teams" {
		return teamsFace(ctx, h, out, log)
	}
	return slackFace(ctx, h, out, log)
}

// alone is the seconds that one worker needs to decode the same records, decide, and render the messages, with
// nothing read, saved or sent.
func (m *mondays) alone(p platform) side {
	paper := newPaper(m.town(p))
	return func(ctx context.Context, _ int) (values, error) {
		rendered := 0
		paper.post = func(msg *conversation.Message) error {
			native, _ := slack.Render(msg.Card, msg.Language)
			_, err := json.Marshal(native.Blocks)
			rendered++
			return err
		}
		service := conversation.Service{
			Records: paper, Timers: paper, Calendar: scheduler.Calendar{}, Directory: nobody{},
			Now: func() time.Time { return monday }, Log: slog.New(slog.DiscardHandler),
		}
		v, err := timed(func() error {
			var failed error
			for _, v := range service.Due(ctx, m.town(p).timers, monday) {
				failed = errors.Join(failed, v.Err)
			}
			return failed
		})
		if rendered != m.owners {
			err = errors.Join(err, fmt.Errorf("%d messages instead of %d", rendered, m.owners))
		}
		return v, err
	}
}

// onOneCore runs a side with one core for this process. Redis keeps its own.
func onOneCore(s side) side {
	return func(ctx context.Context, round int) (values, error) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		return s(ctx, round)
	}
}

const aloneNote = "Alone means: encoding/json decodes the same records from memory, the same turns decide, the same renderer makes the message " +
	"and encoding/json its bytes; nothing is read, saved or sent. Ours is the real scheduler, service, delivery and Slack " +
	"adapter over a redis-server on the same machine, with a platform that answers in the process at once."

// runG measures the Monday against what cannot be left out.
func runG(ctx context.Context, b *bench) ([]figure, error) {
	m := b.mondays()
	ours, alone, err := b.interleave(ctx, "g", m.overTCP(slackTown), m.alone(slackTown))
	if err != nil {
		return nil, err
	}
	m.seconds = ours.column(0)
	one, aloneOne, err := b.interleave(ctx, "g", onOneCore(m.overTCP(slackTown)), onOneCore(m.alone(slackTown)))
	figures := []figure{
		{what: "as configured ÷ decode, decide and render alone, one worker", samples: ratios(ours.column(0), alone.column(0)),
			least: atMost(1.8), aim: atMost(1.4), note: aloneNote},
		{what: "the same, both with one core", samples: ratios(one.column(0), aloneOne.column(0))},
		{what: "the same, by the processor's time of our process instead of wall time", samples: ratios(ours.column(1), alone.column(1))},
		{what: "ours, as configured", unit: " s", samples: ours.column(0)},
		{what: "alone, one worker", unit: " s", samples: alone.column(0)},
	}
	return figures, err
}

// The platforms' own minimum for one message to each owner. Teams: 50 requests a second, app and tenant ("Optimize
// your bot with rate limiting"). Slack publishes no figure for a workspace;
// 525 messages a minute is what the table of requirements counts with.
func (m *mondays) slackMinimum() float64 { return float64(m.owners) / 525 * 60 }
func (m *mondays) teamsMinimum() float64 { return float64(m.owners) / 50 }

// runH relates our seconds to those that the platform takes anyway.
func runH(ctx context.Context, b *bench) ([]figure, error) {
	m := b.mondays()
	slack := m.seconds
	if slack == nil {
		all, err := b.repeat(ctx, "h", m.overTCP(slackTown))
		if err != nil {
			return nil, err
		}
		slack = all.column(0)
	}
	all, err := b.repeat(ctx, "h", m.overTCP(teamsTown))
	if err != nil {
		return nil, err
	}
	teams := all.column(0)
	return []figure{
		{what: "ours ÷ Teams at 50 a second", unit: " %", samples: scaled(teams, 100/m.teamsMinimum()), least: atMost(1), aim: atMost(0.5)},
		{what: "ours ÷ Slack at 525 a minute", unit: " %", samples: scaled(slack, 100/m.slackMinimum()), least: atMost(0.2), aim: atMost(0.1)},
		{what: "ours, Teams", unit: " s", samples: teams},
		{what: "ours, Slack", unit: " s", samples: slack},
	}, nil
}

// runR has the same Monday in the memory of the process.
func runR(ctx context.Context, b *bench) ([]figure, error) {
	m := b.mondays()
	inside, outside, err := b.interleave(ctx, "r", m.embedded(slackTown), m.overTCP(slackTown))
	if err != nil {
		return nil, err
	}
	return []figure{
		{what: "embedded:// ÷ redis-server over TCP", samples: ratios(inside.column(0), outside.column(0)), least: atMost(4), aim: atMost(2.5)},
		{what: "embedded://", unit: " s", samples: inside.column(0)},
	}, nil
}
