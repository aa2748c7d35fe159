package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"goalkeeper/bot"
	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// address names a message among all workspaces.
type address struct {
	ws  conversation.Workspace
	key string
}

// shown is one message as the platform shows it.
type shown struct {
	address
	to      conversation.Address
	ref     string
	thread  string
	at      time.Time // when it came
	card    card.Card // as it came, until the week is checked
	hash    uint64    // of the card as it is now
	arrived int       // how many messages of this key there are
	edits   int
}

// platform is what people see: one for all workspaces, of both kinds.
type platform struct {
	sim   *sim
	mu    sync.Mutex
	n     int
	shown map[address]*shown
	down  time.Time // unreachable until then
	posts int
	edits int
}

// post shows a message, and lets its reader know.
func (p *platform) post(ws conversation.Workspace, m *conversation.Message, thread string) string {
	p.mu.Lock()
	p.n++
	p.posts++
	at := address{ws, m.Key}
	one := p.shown[at]
	if one == nil {
		one = &shown{address: at, to: m.To, ref: fmt.Sprint(p.n), thread: thread, at: p.sim.clock.High(), card: m.Card, hash: hashCard(m.Card)}
		p.shown[at] = one
	}
	one.arrived++
	doubled := one.arrived > 1
	p.mu.Unlock()
	if doubled {
		p.sim.doubled(at)
		return one.ref
	}
	p.sim.sees(one)
	return one.ref
}

func (p *platform) edit(ws conversation.Workspace, m *conversation.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.edits++
	if one := p.shown[address{ws, m.Key}]; one != nil {
		one.hash = hashCard(m.Card)
		one.edits++
	}
}

func (p *platform) find(ws conversation.Workspace, key string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if one := p.shown[address{ws, key}]; one != nil {
		return one.ref
	}
	return ""
}

func (p *platform) look(ws conversation.Workspace, key string) *shown {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown[address{ws, key}]
}

// hashCard compares cards as records keep them.
func hashCard(c card.Card) uint64 {
	b, err := json.Marshal(c)
	if err != nil {
		return 0
	}
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64()
}

// face is the platform as one incarnation reaches it, without a way to look a message up.
type face struct{ who *incarnation }

// finding is the same where a message can be looked up in direct messages, as in Slack.
type finding struct{ face }

var errReply = errors.New("made up by the fault suite")

// Post sends, or meets what the injector drew.
func (f face) Post(_ context.Context, ws conversation.Workspace, m *conversation.Message, thread string) (ref string, err error) {
	err = f.pass("Post", sendFaults, string(ws)+" "+m.Key, func() { ref = f.who.sim.platform.post(ws, m, thread) })
	return ref, err
}

// Edit changes; whatever is in doubt may be done again.
func (f face) Edit(_ context.Context, ws conversation.Workspace, m *conversation.Message, _ string) error {
	err := f.pass("Edit", sendFaults, string(ws)+" "+m.Key, func() { f.who.sim.platform.edit(ws, m) })
	return repeatable(err)
}

// Find looks in a direct conversation; in channels the bot may not look.
func (f finding) Find(_ context.Context, ws conversation.Workspace, m *conversation.Message, _ time.Time) (ref string, err error) {
	if m.To.Channel != "" {
		return "", &bot.SendError{Outcome: bot.Final, Reason: "the app may not read there", Err: errReply}
	}
	err = f.pass("Find", lookFaults, string(ws)+" "+m.Key, func() { ref = f.who.sim.platform.find(ws, m.Key) })
	if f.who.sim.blind {
		ref = ""
	}
	return ref, repeatable(err)
}

// repeatable is what a failure means where doing it twice does no harm.
func repeatable(err error) error {
	var failure *bot.SendError
	if errors.As(err, &failure) && failure.Outcome == bot.Doubtful {
		failure.Outcome = bot.Refused
	}
	return err
}

// pass makes a call, or meets what the injector drew for it. The errors are those that the adapters make of such
// replies.
func (f face) pass(method string, faults []fault, about string, do func()) error {
	s := f.who.sim
	answer := func(o bot.Outcome, reason string, after time.Duration) error {
		return &bot.SendError{Outcome: o, Reason: reason, After: after, Err: errReply}
	}
	if f.who.dead() {
		return answer(bot.Doubtful, "the process is dead", 0)
	}
	if s.clock.Now().Before(s.platform.down) {
		return answer(bot.Refused, "unreachable", 0)
	}
	point := pointHere() + " > " + method
	drawn := s.inject.draw(s.subject, point, faults)
	if drawn != none {
		s.trace.add(s.clock.Now(), f.who.name, string(drawn)+" at "+point, about)
	}
	switch drawn {
	case crashAfter, lateReply, garbled, gateway:
		do()
		f.who.die(drawn == crashAfter)
		return answer(bot.Doubtful, "no answer", 0)
	case crashBefore:
		f.who.die(true)
		return answer(bot.Doubtful, "the process is dead", 0)
	case broken, timeout:
		return answer(bot.Doubtful, "http 500", 0)
	case limited:
		return answer(bot.Refused, "ratelimited", time.Duration(1+s.rng.IntN(600))*time.Second)
	case unreached:
		return answer(bot.Refused, "unreachable", 0)
	case stallBefore:
		s.hang(f.who, 8*time.Second) // a slow call; one that takes longer ends as a timeout
	}
	if f.who.dead() {
		return answer(bot.Doubtful, "the process is dead", 0)
	}
	do()
	s.trace.add(s.clock.Now(), f.who.name, point, about)
	if drawn == stallAfter {
		s.hang(f.who, 8*time.Second)
		if f.who.dead() {
			return answer(bot.Doubtful, "the process is dead", 0)
		}
	}
	return nil
}

// Person tells who somebody is.
func (f face) Person(_ context.Context, ws conversation.Workspace, id goal.PersonID) (conversation.Profile, error) {
	p := f.who.sim.people[address{ws, string(id)}]
	if p == nil {
		return conversation.Profile{}, conversation.ErrNobody
	}
	profile := conversation.Profile{Name: "Person " + string(id), Zone: p.zone.String(), Language: p.language}
	return profile, f.ask(ws, string(id))
}

// Channel tells what a channel is: all are public, and the bot is in them.
func (f face) Channel(_ context.Context, ws conversation.Workspace, id goal.ChannelID) (conversation.Room, error) {
	return conversation.Room{Name: "room-" + string(id), Present: true}, f.ask(ws, string(id))
}

// IsMember says yes: everybody is everywhere.
func (f face) IsMember(_ context.Context, ws conversation.Workspace, in goal.ChannelID, _ goal.PersonID) (bool, error) {
	return true, f.ask(ws, string(in))
}

// ask is a question to the platform that changes nothing. It comes from several goroutines at once.
func (f face) ask(ws conversation.Workspace, about string) error {
	s := f.who.sim
	if f.who.dead() || s.clock.Now().Before(s.platform.down) {
		return errReply
	}
	point := pointHere()
	switch drawn := s.inject.draw(s.subject, point, lookFaults); drawn {
	case none:
		return nil
	default:
		s.trace.add(s.clock.Now(), f.who.name, string(drawn)+" at "+point, string(ws)+" "+about)
		f.who.die(drawn == crashBefore || drawn == crashAfter)
		return errReply
	}
}
