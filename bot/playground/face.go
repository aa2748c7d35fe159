// Package playground is the face for trying Goalkeeper with nothing but a browser: a local page with three
// people, their direct conversations with the bot, one channel, and a clock that can be moved. It keeps what
// was said in memory. Its HTTP interface is also the harness for tests of whole conversations.
package playground

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"goalkeeper/bot"
	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// Config is what the playground needs.
type Config struct {
	Clock   *Clock
	Handler bot.Handler // may be set later, by SetHandler
	// Settle does everything that is due by the clock and returns when nothing is left to do. Nil: nothing
	// ever is.
	Settle func(ctx context.Context) error
	// Due tells when the next thing is due, zero for never; it may be overdue. With it, moving the clock
	// stops at each of them on the way. Without it, the clock jumps.
	Due func(ctx context.Context) (time.Time, error)
	Log *slog.Logger // nil: slog.Default
}

// Face is the playground. It sends (bot.Face, bot.Finder), knows its three people (conversation.Directory)
// and serves the page (Routes).
type Face struct {
	clock   *Clock
	handler atomic.Pointer[bot.Handler]
	settle  func(ctx context.Context) error
	due     func(ctx context.Context) (time.Time, error)
	log     *slog.Logger
	board   *board
	walking sync.Mutex // one move of the clock at a time
	moves   recent     // so that a double click moves the clock once

	closed chan struct{}
	close  sync.Once
}

var (
	_ bot.Face               = (*Face)(nil)
	_ bot.Finder             = (*Face)(nil)
	_ conversation.Directory = (*Face)(nil)
)

// New is a playground in which nothing has been said yet.
func New(c Config) *Face {
	f := &Face{
		clock:  c.Clock,
		settle: c.Settle,
		due:    c.Due,
		log:    c.Log,
		board:  newBoard(),
		closed: make(chan struct{}),
	}
	if f.clock == nil {
		f.clock = NewClock(nil)
	}
	if f.settle == nil {
		f.settle = func(context.Context) error { return nil }
	}
	if f.log == nil {
		f.log = slog.Default()
	}
	f.SetHandler(c.Handler)
	return f
}

// SetHandler says who answers. Until then people are told that nobody is there yet.
func (f *Face) SetHandler(h bot.Handler) {
	if h != nil {
		f.handler.Store(&h)
	}
}

// Close ends the streams of open pages, which would otherwise hold up the server's shutdown.
func (f *Face) Close() { f.close.Do(func() { close(f.closed) }) }

// Post puts the message where it is addressed to. The same key is posted once.
func (f *Face) Post(_ context.Context, ws conversation.Workspace, m *conversation.Message, thread string) (ref string, err error) {
	place, err := addressed(ws, m.To)
	if err != nil {
		return "", err
	}
	c := m.Card
	e := &entry{
		key: m.Key, from: theBot, under: thread, at: f.clock.Now(),
		shown: shown{&c, m.Language},
	}
	if m.To.Channel != "" {
		e.only = m.To.Person
	}
	return f.board.put(place, e), nil
}

// Edit makes the message show its card of today, to everybody.
func (f *Face) Edit(_ context.Context, ws conversation.Workspace, m *conversation.Message, ref string) error {
	if _, err := addressed(ws, m.To); err != nil {
		return err
	}
	c := m.Card
	if !f.board.edit(ref, shown{&c, m.Language}) {
		return final("the playground does not keep the message any more")
	}
	return nil
}

// Find returns the reference of the message posted under its key.
func (f *Face) Find(_ context.Context, ws conversation.Workspace, m *conversation.Message, since time.Time) (string, error) {
	place, err := addressed(ws, m.To)
	if err != nil {
		return "", err
	}
	return f.board.search(place, m.Key, since), nil
}

// addressed is the place of an address.
func addressed(ws conversation.Workspace, to conversation.Address) (goal.ChannelID, error) {
	switch {
	case ws != Workspace:
		return "", final("the playground has one workspace, " + string(Workspace))
	case to.Person != "" && find(to.Person) == nil:
		return "", final("nobody of that name is in the playground")
	case to.Channel == "" && to.Person != "":
		return directOf(to.Person), nil
	case to.Channel == Growth:
		return Growth, nil
	}
	return "", final("no such channel in the playground")
}

func final(reason string) error {
	return &bot.SendError{Outcome: bot.Final, Reason: reason, Err: errors.New(reason)}
}
