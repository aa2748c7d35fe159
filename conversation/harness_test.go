package conversation_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
	"goalkeeper/scheduler"
	"goalkeeper/storage"
)

// The people of the tests and their channel.
const (
	linh goal.PersonID = "U1" // Hanoi
	alex goal.PersonID = "U2" // New York
	sam  goal.PersonID = "U3" // London

	growth goal.ChannelID = "C1"

	workspace conversation.Workspace = "play:test"
)

// world is a workspace with a clock that only the test moves.
type world struct {
	t     *testing.T
	now   time.Time
	store *storage.Store
	dir   *directory
	svc   *conversation.Service
	sent  []string // keys of the messages, in the order in which they were sent first
	shown []onShow // every answer, with who got it where
	wrote sync.Map // every conversation.Ref that was ever written
	acts  int
}

// onShow is a card as somebody has it before them.
type onShow struct {
	to    goal.PersonID
	place conversation.Place
	from  string // the key of the message; empty for an answer
	card  *card.Card
}

// noting remembers which records were ever written.
type noting struct {
	conversation.Records
	w *world
}

func (n noting) Commit(ctx context.Context, ws conversation.Workspace, c conversation.Commit) error {
	err := n.Records.Commit(ctx, ws, c)
	for _, r := range c.Write {
		n.w.wrote.Store(r.Ref(), true)
	}
	return err
}

// newWorld begins on Wednesday, 25 November 2026, at noon UTC.
func newWorld(t *testing.T) *world {
	t.Helper()
	store, err := storage.Open(t.Context(), "embedded://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, now: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC), store: store, dir: newDirectory()}
	w.restart()
	return w
}

// restart puts a new process on the same records.
func (w *world) restart() {
	w.svc = &conversation.Service{
		Records: noting{w.store, w}, History: w.store, Census: w.store, Timers: w.store, Calendar: scheduler.Calendar{}, Directory: w.dir,
		Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler),
	}
}

// zone is a person's.
func (w *world) zone(p goal.PersonID) *time.Location {
	w.t.Helper()
	zone, err := time.LoadLocation(w.dir.people[p].Zone)
	if err != nil {
		w.t.Fatal(err)
	}
	return zone
}

// at is a moment in a person's zone: "2026-11-30 09:00".
func (w *world) at(p goal.PersonID, local string) time.Time {
	w.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", local, w.zone(p))
	if err != nil {
		w.t.Fatal(err)
	}
	return at
}

// until lets time pass to a moment, handling every timer at its time.
func (w *world) until(target time.Time) {
	w.t.Helper()
	for range 10_000 {
		rang := 0
		for _, kind := range conversation.TimerKinds {
			claimed, _, err := w.store.Claim(w.t.Context(), kind, w.now, time.Minute, 64)
			if err != nil {
				w.t.Fatal(err)
			}
			for _, c := range claimed {
				w.ring(c)
			}
			rang += len(claimed)
		}
		next, err := w.store.NextDue(w.t.Context(), conversation.TimerKinds...)
		if err != nil {
			w.t.Fatal(err)
		}
		switch {
		case rang > 0:
		case next.IsZero() || next.After(target):
			w.now = target
			return
		default:
			w.now = next
		}
	}
	w.t.Fatal("the timers do not come to rest")
}

// sleep lets time pass with nobody there to handle timers.
func (w *world) sleep(target time.Time) { w.now = target }

func (w *world) ring(c conversation.Claimed) {
	w.t.Helper()
	var v conversation.Verdict
	switch c.Kind {
	case conversation.SendTimer, conversation.UrgentTimer:
		if !slices.Contains(w.sent, c.Subject) {
			w.sent = append(w.sent, c.Subject)
		}
	case conversation.RepairTimer:
		v.Next, v.Err = w.svc.Repair(w.t.Context(), c.Timer, w.now)
	default:
		v = w.due(c.Timer)
	}
	if v.Err != nil {
		w.t.Fatalf("%s %s: %v", c.Kind, c.Subject, v.Err)
	}
	if _, err := w.store.Finish(w.t.Context(), conversation.Finished{Claimed: c, Next: v.Next}); err != nil {
		w.t.Fatal(err)
	}
}

// due has one timer handled.
func (w *world) due(t conversation.Timer) conversation.Verdict {
	return w.svc.Due(w.t.Context(), []conversation.Timer{t}, w.now)[0]
}

// flush sends what is waiting, without time passing.
func (w *world) flush() { w.t.Helper(); w.until(w.now) }

// handle is one input of a person.
func (w *world) handle(in conversation.Input) conversation.Answer {
	w.t.Helper()
	w.acts++
	in.Workspace = workspace
	if in.Delivery == "" {
		in.Delivery = fmt.Sprint("d", w.acts)
	}
	answer, err := w.svc.Handle(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	if answer.Card != nil {
		w.shown = append(w.shown, onShow{in.Actor, in.Place, "", answer.Card})
	}
	w.flush()
	return answer
}

func direct(p goal.PersonID) conversation.Place {
	return conversation.Place{ID: goal.ChannelID("D" + p), Kind: conversation.Direct}
}

// says is something typed to the bot in the direct conversation.
func (w *world) says(p goal.PersonID, text string) conversation.Answer {
	w.t.Helper()
	return w.handle(conversation.Input{Actor: p, Place: direct(p), Act: conversation.Said{Text: text}})
}

// press uses a control of a message in the direct conversation.
func (w *world) press(p goal.PersonID, from string, i card.Intent) conversation.Answer {
	w.t.Helper()
	return w.handle(conversation.Input{Actor: p, Place: direct(p), From: from, Inline: true, Act: conversation.Used{Intent: i}})
}

// submit sends a form, its values as they were filled in but for those given.
func (w *world) submit(p goal.PersonID, from string, f *card.Form, values map[string]string) conversation.Answer {
	w.t.Helper()
	return w.handle(w.submission(p, from, f, values))
}

func (w *world) submission(p goal.PersonID, from string, f *card.Form, values map[string]string) conversation.Input {
	w.t.Helper()
	if f == nil {
		w.t.Fatal("there is no form")
	}
	all := map[string]string{}
	for _, field := range f.Fields {
		all[field.Name] = field.Value
	}
	for name, value := range values {
		all[name] = value
	}
	return conversation.Input{Actor: p, Place: direct(p), From: from, Inline: true,
		Act: conversation.Used{Intent: f.Intent, Values: all}}
}

// plant makes a goal in the channel and returns its id; values are those of the form of a new goal.
func (w *world) plant(p goal.PersonID, values map[string]string) goal.ID {
	w.t.Helper()
	all := map[string]string{"owner": string(p), "due": "2027-03-31"}
	for name, value := range values {
		all[name] = value
	}
	answer := w.handle(conversation.Input{
		Actor: p, Inline: true, Place: conversation.Place{ID: growth, Kind: conversation.PublicChannel, Name: "growth"},
		Act: conversation.Used{Intent: card.Intent{Verb: "goal.create", Subject: string(growth), Question: fmt.Sprint("q", w.acts)}, Values: all},
	})
	if answer.Card == nil || answer.Card.Kind != "goal.card" {
		w.t.Fatalf("the goal was not made: %s", show(answer.Card))
	}
	id, _, _ := strings.Cut(answer.Card.Summary, ":")
	return goal.ID(id)
}

// goal is a goal as it is kept.
func (w *world) goal(id goal.ID) *conversation.Goal {
	w.t.Helper()
	return take[*conversation.Goal](w, conversation.GoalKind, string(id))
}

func (w *world) talk(p goal.PersonID) *conversation.Talk {
	w.t.Helper()
	return take[*conversation.Talk](w, conversation.TalkKind, string(p))
}

// message is a message as it is wanted now, nil when there is none.
func (w *world) message(key string) *conversation.Message {
	w.t.Helper()
	return take[*conversation.Message](w, conversation.MessageKind, key)
}

func take[T conversation.Record](w *world, kind conversation.Kind, id string) T {
	w.t.Helper()
	shelf, err := w.store.Read(context.Background(), workspace, conversation.Ref{Kind: kind, ID: id})
	if err != nil {
		w.t.Fatal(err)
	}
	return conversation.Take[T](shelf, kind, id)
}

// keys are those of the messages sent so far that begin so.
func (w *world) keys(prefix string) []string {
	var keys []string
	for _, key := range w.sent {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	return keys
}

// last is the message sent last whose key begins so.
func (w *world) last(prefix string) *conversation.Message {
	w.t.Helper()
	keys := w.keys(prefix)
	if len(keys) == 0 {
		w.t.Fatalf("no message %s…; sent: %q", prefix, w.sent)
	}
	return w.message(keys[len(keys)-1])
}

// wants fails unless the card says all of it.
func (w *world) wants(c *card.Card, parts ...string) {
	w.t.Helper()
	text := strings.ReplaceAll(show(c), "\u00a0", " ")
	for _, part := range parts {
		if !strings.Contains(text, part) {
			w.t.Errorf("want %q in:\n%s", part, text)
		}
	}
}

// intent is what the button with the label does; menus are searched too.
func (w *world) intent(c *card.Card, label string) card.Intent {
	w.t.Helper()
	for _, a := range c.Actions {
		if a.Label == label {
			return a.Intent
		}
		for _, choice := range a.Menu {
			if choice.Label == label {
				return choice.Intent
			}
		}
	}
	w.t.Fatalf("no button %q in:\n%s", label, show(c))
	return card.Intent{}
}

// show writes a card as plain text.
func show(c *card.Card) string {
	if c == nil {
		return "(no card)"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "(%s) %s\n", c.Kind, c.Summary)
	for _, block := range c.Body {
		showBlock(&b, block)
	}
	if f := c.Form; f != nil {
		fmt.Fprintf(&b, "form %s %s\n", f.Title, f.Error)
		for _, field := range f.Fields {
			fmt.Fprintf(&b, "  %s (%s) = %q %s\n", field.Label, field.Hint, field.Value, field.Error)
		}
	}
	for _, a := range c.Actions {
		fmt.Fprintf(&b, "[%s]", a.Label)
		for _, choice := range a.Menu {
			fmt.Fprintf(&b, "(%s)", choice.Label)
		}
	}
	return b.String()
}

func showBlock(b *strings.Builder, block card.Block) {
	switch {
	case block.Text != nil:
		fmt.Fprintf(b, "%s\n", block.Text.Text)
	case block.Progress != nil:
		fmt.Fprintf(b, "%s\n", block.Progress.Words)
	case block.Trend != nil:
		fmt.Fprintf(b, "trend %s\n", block.Trend.Words)
	}
	for _, fact := range block.Facts {
		fmt.Fprintf(b, "%s: %s\n", fact.Name, fact.Value)
	}
	for _, row := range block.Rows {
		fmt.Fprintf(b, "- %s | %s", row.Text, row.Detail)
		if row.Action != nil {
			fmt.Fprintf(b, " [%s]", row.Action.Label)
		}
		b.WriteString("\n")
	}
}

// directory is the platform's word about the people and the channel; everybody is in the channel.
type directory struct {
	people map[goal.PersonID]conversation.Profile
	rooms  map[goal.ChannelID]conversation.Room
	absent map[goal.ChannelID][]goal.PersonID // who is not in a channel
	ask    func(context.Context) error        // called before every answer, to be slow or to fail
}

func newDirectory() *directory {
	return &directory{
		people: map[goal.PersonID]conversation.Profile{
			linh: {Name: "Linh Tran", Zone: "Asia/Ho_Chi_Minh", Language: "en"},
			alex: {Name: "Alex Rivera", Zone: "America/New_York", Language: "en-US"},
			sam:  {Name: "Sam Okafor", Zone: "Europe/London", Language: "en-GB"},
		},
		rooms:  map[goal.ChannelID]conversation.Room{growth: {Name: "growth", Present: true}},
		absent: map[goal.ChannelID][]goal.PersonID{},
		ask:    func(context.Context) error { return nil },
	}
}

func (d *directory) Person(ctx context.Context, _ conversation.Workspace, id goal.PersonID) (conversation.Profile, error) {
	if err := d.ask(ctx); err != nil {
		return conversation.Profile{}, err
	}
	if p, ok := d.people[id]; ok {
		return p, nil
	}
	return conversation.Profile{}, conversation.ErrNobody
}

func (d *directory) Channel(ctx context.Context, _ conversation.Workspace, id goal.ChannelID) (conversation.Room, error) {
	if err := d.ask(ctx); err != nil {
		return conversation.Room{}, err
	}
	if r, ok := d.rooms[id]; ok {
		return r, nil
	}
	return conversation.Room{}, conversation.ErrNobody
}

func (d *directory) IsMember(ctx context.Context, _ conversation.Workspace, in goal.ChannelID, id goal.PersonID) (bool, error) {
	if err := d.ask(ctx); err != nil {
		return false, err
	}
	return !slices.Contains(d.absent[in], id), nil
}

// speaks makes the platform tell another language for a person.
func (d *directory) speaks(p goal.PersonID, tag string) {
	profile := d.people[p]
	profile.Language = tag
	d.people[p] = profile
}

// command is a command in a place.
func (w *world) command(p goal.PersonID, at conversation.Place, text string, mentions ...conversation.Mention) *card.Card {
	w.t.Helper()
	return w.handle(conversation.Input{Actor: p, Place: at, Inline: true,
		Act: conversation.Command{Text: text, Mentions: mentions}}).Card
}

// verb uses a control that carries no form, in the direct conversation, by its intent's verb and subject.
func (w *world) verb(p goal.PersonID, verb string, subject goal.ID) *card.Card {
	w.t.Helper()
	return w.press(p, "", card.Intent{Verb: verb, Subject: string(subject)}).Card
}

// fails is delivery finding out that a message will never arrive.
func (w *world) fails(m *conversation.Message) {
	w.t.Helper()
	w.ends(m, conversation.Failed, conversation.TroublePersonGone)
}

// ends is delivery finding out that a message failed or is uncertain: it tells, and then writes it down.
func (w *world) ends(m *conversation.Message, as conversation.DeliveryState, why conversation.Trouble) {
	w.t.Helper()
	w.delivers(m.Key, func(m *conversation.Message) {
		m.Delivery = conversation.Delivery{State: as, Trouble: why, Tries: 1, Ended: w.now}
		if err := w.svc.Undelivered(w.t.Context(), workspace, m); err != nil {
			w.t.Fatal(err)
		}
	})
	w.flush()
}

// delivers lets delivery write down how far a message came.
func (w *world) delivers(key string, how func(*conversation.Message)) {
	w.t.Helper()
	shelf, err := w.store.Read(w.t.Context(), workspace, conversation.Ref{Kind: conversation.MessageKind, ID: key})
	if err != nil {
		w.t.Fatal(err)
	}
	m := conversation.Take[*conversation.Message](shelf, conversation.MessageKind, key)
	how(m)
	err = w.store.Commit(w.t.Context(), workspace, conversation.Commit{Now: w.now, Read: shelf, Write: []conversation.Record{m}})
	if err != nil {
		w.t.Fatal(err)
	}
}
