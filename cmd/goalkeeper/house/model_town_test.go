package house_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"pgregory.net/rapid"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
	"goalkeeper/scheduler"
	"goalkeeper/storage"
)

// The people of the town, and their channel.
const (
	linh goal.PersonID = "U1"
	alex goal.PersonID = "U2"
	sam  goal.PersonID = "U3"

	growth goal.ChannelID = "C1"
)

var cast = map[goal.PersonID]conversation.Profile{
	linh: {Name: "Linh Tran", Zone: "Asia/Ho_Chi_Minh", Language: "vi"},
	alex: {Name: "Alex Rivera", Zone: "America/New_York", Language: "en-US"},
	sam:  {Name: "Sam Okafor", Zone: "Europe/London", Language: "en-GB"},
}

var inGrowth = conversation.Place{ID: growth, Kind: conversation.PublicChannel, Name: "growth"}

func direct(p goal.PersonID) conversation.Place {
	return conversation.Place{ID: goal.ChannelID("D" + p), Kind: conversation.Direct}
}

// town is two processes on one store, and the people who use them.
type town struct {
	t     *rapid.T
	store *storage.Store
	space conversation.Workspace
	now   time.Time
	halls [2]*hall
	m     *model
	acts  int
	past  []conversation.Input
	sent  map[string]bool // keys of the messages that delivery was told of
}

// hall is one process.
type hall struct {
	*conversation.Service
	fuse *fuse
}

func newTown(t *rapid.T, store *storage.Store, space conversation.Workspace) *town {
	w := &town{t: t, store: store, space: space, m: newModel(), sent: map[string]bool{},
		now: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}
	for n := range w.halls {
		f := &fuse{}
		s := frail{store, f}
		w.halls[n] = &hall{fuse: f, Service: &conversation.Service{
			Records: s, Timers: s, History: store, Calendar: scheduler.Calendar{}, Directory: platform{},
			Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler),
		}}
	}
	return w
}

// fuse ends a process at one of its calls to the store, before or after the call has its effect.
type fuse struct {
	mu    sync.Mutex
	left  int // calls until then; 0: never
	after bool
	blown bool
}

var errCrash = errors.New("the process has ended")

func (f *fuse) set(calls int, after bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.after, f.blown = calls, after, false
}

// call runs one call, unless the process ends or has ended.
func (f *fuse) call(do func() error) error {
	f.mu.Lock()
	ends := f.left == 1 && !f.blown
	f.left = max(0, f.left-1)
	dead := f.blown
	f.blown = f.blown || ends
	f.mu.Unlock()
	switch {
	case dead || ends && !f.after:
		return errCrash
	case ends:
		_ = do()
		return errCrash
	}
	return do()
}

// frail is the store as a process that may end sees it.
type frail struct {
	store *storage.Store
	*fuse
}

func (f frail) Read(ctx context.Context, ws conversation.Workspace, refs ...conversation.Ref) (shelf *conversation.Shelf, err error) {
	err = f.call(func() error { shelf, err = f.store.Read(ctx, ws, refs...); return err })
	return shelf, err
}

func (f frail) Find(ctx context.Context, ws conversation.Workspace, ix conversation.Index) (ids []string, err error) {
	err = f.call(func() error { ids, err = f.store.Find(ctx, ws, ix); return err })
	return ids, err
}

func (f frail) Commit(ctx context.Context, ws conversation.Workspace, c conversation.Commit) error {
	return f.call(func() error { return f.store.Commit(ctx, ws, c) })
}

func (f frail) Arm(ctx context.Context, timers ...conversation.Timer) error {
	return f.call(func() error { return f.store.Arm(ctx, timers...) })
}

// platform knows the cast and the channel; everybody is in it.
type platform struct{}

func (platform) Person(_ context.Context, _ conversation.Workspace, id goal.PersonID) (conversation.Profile, error) {
	if p, ok := cast[id]; ok {
		return p, nil
	}
	return conversation.Profile{}, conversation.ErrNobody
}

func (platform) Channel(context.Context, conversation.Workspace, goal.ChannelID) (conversation.Room, error) {
	return conversation.Room{Name: "growth", Present: true}, nil
}

func (platform) IsMember(context.Context, conversation.Workspace, goal.ChannelID, goal.PersonID) (bool, error) {
	return true, nil
}

// say logs a sentence of the trace.
func (w *town) say(format string, args ...any) {
	w.t.Logf("%s  %s", w.now.Format("Mon 2 Jan 15:04:05"), fmt.Sprintf(format, args...))
}

// fates are what can become of an input.
const (
	well     = "well"
	twice    = "at both processes at once"
	crashing = "crash"
)

// act lets a person do something, which has its effect on the model once, whatever becomes of it.
func (w *town) act(what string, in conversation.Input, effect func(*model)) {
	w.acts++
	in.Workspace, in.Delivery = w.space, fmt.Sprint("d", w.acts)
	w.now = w.now.Add(time.Second)
	w.past = append(w.past, in)
	before := w.m.clone()
	defer func() {
		if reflect.DeepEqual(before, w.m) { // what changes nothing is not remembered, and would be judged anew
			w.past[len(w.past)-1].Delivery = ""
		}
	}()
	n := rapid.IntRange(0, 1).Draw(w.t, "process")
	switch fate := rapid.SampledFrom([]string{well, well, twice, crashing, crashing}).Draw(w.t, "fate"); fate {
	case twice:
		w.say("%s, %s", what, fate)
		w.both(in, w.clicked(in))
		effect(w.m)
	case crashing:
		w.crash(what, n, in, effect)
	default:
		w.say("%s, at process %d", what, n)
		w.answered(w.halls[n].Handle(context.Background(), in))
		effect(w.m)
	}
}

// clicked is the second of a double click, or the platform's repetition where the act itself is not marked.
func (w *town) clicked(in conversation.Input) conversation.Input {
	used, ok := in.Act.(conversation.Used)
	if ok && used.Intent.Question != "" && rapid.Bool().Draw(w.t, "a double click") {
		in.Delivery += "'"
	}
	return in
}

// both hands two inputs to the two processes at the same time.
func (w *town) both(ins ...conversation.Input) {
	var all sync.WaitGroup
	errs := make([]error, len(ins))
	for n, in := range ins {
		all.Go(func() { _, errs[n] = w.halls[n].Handle(context.Background(), in) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		w.t.Fatalf("not handled: %v", err)
	}
}

// crash ends the process on the way. The platform delivers again what it does not know to be received, a person
// presses again, or it stays as it is: then everything has happened, or nothing.
func (w *town) crash(what string, n int, in conversation.Input, effect func(*model)) {
	calls, after := rapid.IntRange(1, 12).Draw(w.t, "call"), rapid.Bool().Draw(w.t, "after the call")
	f := w.halls[n].fuse
	f.set(calls, after)
	_, err := w.halls[n].Handle(context.Background(), in)
	blown := f.blown
	f.set(0, false)
	switch {
	case !blown:
		w.say("%s, at process %d", what, n)
		w.answered(conversation.Answer{}, err)
		effect(w.m)
	case rapid.Bool().Draw(w.t, "delivered again"):
		w.say("%s; process %d ends at call %d (after it: %t); it is delivered again", what, n, calls, after)
		w.answered(w.halls[1-n].Handle(context.Background(), w.clicked(in)))
		effect(w.m)
	default:
		w.say("%s; process %d ends at call %d (after it: %t)", what, n, calls, after)
		w.allOrNothing(effect)
	}
}

// allOrNothing takes the effect into the model if the records have it, and wants all or nothing of it.
func (w *town) allOrNothing(effect func(*model)) {
	done := w.m.clone()
	effect(done)
	before, after := w.differs(w.m), w.differs(done)
	switch {
	case after == "":
		w.m = done
	case before == "":
		w.m.questions = done.questions      // what is merely allowed
		w.past[len(w.past)-1].Delivery = "" // it never arrived, so that it cannot come again
	default:
		w.t.Fatalf("neither nothing nor everything happened:\n%s\nand\n%s", before, after)
	}
}

func (w *town) answered(_ conversation.Answer, err error) {
	if err != nil {
		w.t.Fatalf("not handled: %v", err)
	}
}

// look is what somebody reads; it changes nothing and never crashes.
func (w *town) look(p goal.PersonID, command string) *card.Card {
	return w.ask(conversation.Input{Actor: p, Place: direct(p), Inline: true, Act: conversation.Command{Text: command}})
}

// open uses a control that only shows something, mostly a form.
func (w *town) open(p goal.PersonID, at conversation.Place, i card.Intent) *card.Card {
	return w.ask(conversation.Input{Actor: p, Place: at, Inline: true, Act: conversation.Used{Intent: i}})
}

func (w *town) ask(in conversation.Input) *card.Card {
	in.Workspace = w.space
	answer, err := w.halls[0].Handle(context.Background(), in)
	if err != nil || answer.Card == nil {
		w.t.Fatalf("no answer: %v", err)
	}
	return answer.Card
}

// form wants a card to ask something.
func (w *town) form(c *card.Card) *card.Form {
	if c.Form == nil {
		w.t.Fatalf("no form, but %q", c.Summary)
	}
	return c.Form
}

// filled is a form sent with the values that it came with, but for those given.
func filled(f *card.Form, values map[string]string) conversation.Used {
	all := map[string]string{}
	for _, field := range f.Fields {
		all[field.Name] = field.Value
	}
	for name, value := range values {
		all[name] = value
	}
	return conversation.Used{Intent: f.Intent, Values: all}
}

// pressed is an input in the direct conversation.
func pressed(p goal.PersonID, from string, act conversation.Used) conversation.Input {
	return conversation.Input{Actor: p, Place: direct(p), From: from, Inline: true, Act: act}
}

// pass lets time pass; timers are handled by either process, which may crash.
func (w *town) pass(until time.Time) {
	for range 10_000 {
		claimed, next := w.claim()
		for _, c := range claimed {
			w.ring(c)
		}
		switch {
		case len(claimed) > 0:
		case next.IsZero() || next.After(until):
			w.now = until
			return
		default:
			w.now = next
		}
	}
	w.t.Fatal("the timers do not come to rest")
}

// claim takes whatever is due, and tells when something is next.
func (w *town) claim() (all []conversation.Claimed, next time.Time) {
	for _, kind := range conversation.TimerKinds {
		claimed, _, err := w.store.Claim(context.Background(), kind, w.now, time.Minute, 64)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, claimed...)
	}
	next, err := w.store.NextDue(context.Background(), conversation.TimerKinds...)
	if err != nil {
		w.t.Fatal(err)
	}
	return all, next
}

func (w *town) ring(c conversation.Claimed) {
	var v conversation.Verdict
	switch {
	case c.Workspace != w.space: // of a town that is no more
	case c.Kind == conversation.SendTimer || c.Kind == conversation.UrgentTimer:
		if w.message(c.Subject) != nil {
			w.sent[c.Subject] = true
		}
	case c.Kind == conversation.RepairTimer: // nobody repairs here: what is armed must do
	default:
		if v = w.due(c); v.Err != nil {
			return // the lease ends, and it comes again
		}
	}
	if _, err := w.store.Finish(context.Background(), conversation.Finished{Claimed: c, Next: v.Next}); err != nil {
		w.t.Fatal(err)
	}
}

// due lets one of the processes look at a timer; one time in four it ends meanwhile.
func (w *town) due(c conversation.Claimed) conversation.Verdict {
	h := w.halls[rapid.IntRange(0, 1).Draw(w.t, "process")]
	if rapid.IntRange(0, 3).Draw(w.t, "crash") == 3 {
		h.fuse.set(rapid.IntRange(1, 10).Draw(w.t, "call"), rapid.Bool().Draw(w.t, "after the call"))
	}
	v := h.Due(context.Background(), []conversation.Timer{c.Timer}, w.now)[0]
	blown := h.fuse.blown
	h.fuse.set(0, false)
	w.say("the %s timer of %s rings (crash: %t)", c.Kind, c.Subject, blown)
	if v.Err != nil && !blown {
		w.t.Fatalf("%s %s: %v", c.Kind, c.Subject, v.Err)
	}
	return v
}

func (w *town) read(refs ...conversation.Ref) *conversation.Shelf {
	shelf, err := w.store.Read(context.Background(), w.space, refs...)
	if err != nil {
		w.t.Fatal(err)
	}
	return shelf
}

func (w *town) message(key string) *conversation.Message {
	return conversation.Take[*conversation.Message](w.read(conversation.Ref{Kind: conversation.MessageKind, ID: key}), conversation.MessageKind, key)
}

func (w *town) talk(p goal.PersonID) *conversation.Talk {
	t := conversation.Take[*conversation.Talk](w.read(conversation.Ref{Kind: conversation.TalkKind, ID: string(p)}), conversation.TalkKind, string(p))
	if t == nil {
		t = &conversation.Talk{Person: p}
	}
	return t
}

func (w *town) find(ix conversation.Index) []string {
	ids, err := w.store.Find(context.Background(), w.space, ix)
	if err != nil {
		w.t.Fatal(err)
	}
	return ids
}

func (w *town) logged(id goal.ID) int {
	log, err := w.store.CheckIns(context.Background(), w.space, id, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(log)
}

// prompts are the keys of the questions of a person's week that were sent, by round.
func (w *town) prompts(week string) []string {
	var keys []string
	for key := range w.sent {
		if strings.HasPrefix(key, "checkin:"+week+":") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// rowIDs are the goals that a list shows.
func rowIDs(c *card.Card) []string {
	var ids []string
	for _, b := range c.Body {
		for _, row := range b.Rows {
			if row.Action != nil {
				ids = append(ids, row.Action.Intent.Subject)
			}
		}
	}
	return ids
}

// control finds what a card offers by its verb.
func control(c *card.Card, verb string) (card.Intent, bool) {
	all := intents(c)
	n := slices.IndexFunc(all, func(i card.Intent) bool { return i.Verb == verb })
	if n < 0 {
		return card.Intent{}, false
	}
	return all[n], true
}

func intents(c *card.Card) []card.Intent {
	var all []card.Intent
	for _, a := range c.Actions {
		all = append(all, a.Intent)
		for _, choice := range a.Menu {
			all = append(all, choice.Intent)
		}
	}
	return all
}
