package conversation_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// Every control that a story brings before somebody is pressed twice, delivered again, pressed on two replicas at
// the same time, and pressed once more when its claim is long forgotten. What is kept afterwards is what one press
// leaves, and whoever presses again gets a sensible answer.

// story is a way to the cards that people have before them; after each step what is new there is tried.
type story struct {
	name  string
	steps []func(*world)
}

func stories() []story {
	return []story{
		{"a goal from its line to its end", []func(*world){
			func(w *world) { w.added(linh, inGrowth); w.added(linh, direct(linh)) },
			func(w *world) { w.command(linh, inGrowth, "help") },
			func(w *world) { w.command(linh, inGrowth, "") },
			func(w *world) { w.command(linh, inGrowth, "new Cut CAC from $250 to $150 by 2026-12-31") },
			func(w *world) { w.plant(linh, cac) },
			func(w *world) { w.command(linh, inGrowth, "lst") },
			func(w *world) { w.command(linh, inGrowth, "list") },
			func(w *world) { w.says(linh, "G-1") },
			func(w *world) { w.command(alex, inGrowth, "edit G-1") },
			func(w *world) { w.verb(linh, "goal.share", "G-1") },
			func(w *world) { w.now = w.now.Add(time.Hour); w.says(linh, "show G-1") },
			func(w *world) { w.close(linh, "G-1", "0.7"); w.says(linh, "show G-1") },
		}},
		{"a goal without a channel", []func(*world){
			func(w *world) { w.plantAlone(linh, cac); w.command(linh, inGrowth, "show G-1") },
			func(w *world) { w.says(linh, "updat G-1 210") },
		}},
		{"many goals", []func(*world){
			func(w *world) { w.seed(25) },
			func(w *world) { w.command(linh, inGrowth, "list all") },
		}},
		{"a goal for somebody else", []func(*world){
			func(w *world) { w.plant(alex, map[string]string{"title": "Cut CAC", "owner": string(linh)}) },
			func(w *world) { w.opensHome(linh) },
			func(w *world) { w.says(linh, "show G-1"); w.says(sam, "edit G-1") },
		}},
		{"a week", []func(*world){
			func(w *world) { w.plant(linh, cac); w.plant(linh, integrations) },
			func(w *world) { w.says(linh, "update") },
			func(w *world) { w.until(w.at(linh, "2026-11-30 09:00")); w.flush() },
			func(w *world) { w.opensHome(linh) },
			func(w *world) { w.says(linh, "1600") },
			func(w *world) { w.says(linh, "tomorrow perhaps") },
			func(w *world) { w.until(w.at(linh, "2026-12-01 09:00")); w.flush() },
			func(w *world) { w.says(linh, "G-1 249, 9/10, waiting for legal") },
			func(w *world) { w.says(linh, "show G-1") },
			func(w *world) { w.says(linh, "G-2 done"); w.says(linh, "checkin") },
		}},
		{"a bad week", []func(*world){
			func(w *world) { w.plant(linh, cac); w.until(w.at(linh, "2026-12-21 09:00")) },
			func(w *world) { w.says(linh, "249, 9/10") },
			func(w *world) { w.until(w.at(linh, "2026-12-28 09:00")); w.flush() },
			func(w *world) { w.says(linh, "skip this") },
		}},
		{"a digest", []func(*world){
			func(w *world) { w.command(linh, inGrowth, "digest") },
			func(w *world) { w.plant(linh, cac) },
			func(w *world) { w.turnOn(linh); w.command(linh, inGrowth, "digest") },
			func(w *world) { w.until(w.at(linh, "2026-11-30 10:00")); w.says(linh, "210, waiting for legal") },
			func(w *world) { w.until(w.at(linh, "2026-12-01 10:00")); w.flush() },
		}},
		{"a digest that may be there", []func(*world){
			func(w *world) { w.plant(linh, cac); w.turnOn(linh) },
			func(w *world) {
				w.until(w.at(linh, "2026-12-01 10:00"))
				w.ends(w.digests()[0], conversation.Uncertain, conversation.TroubleNoAnswer)
			},
		}},
		{"settings", []func(*world){
			func(w *world) { w.plant(linh, cac); w.command(linh, inGrowth, "settings") },
			func(w *world) { w.writes(linh, "reopen") },
		}},
	}
}

// tell plays the first steps of a story in a world of its own.
func (s story) tell(t *testing.T, steps int) *world {
	t.Helper()
	w := newWorld(t)
	for _, step := range s.steps[:steps] {
		step(w)
		w.now = w.now.Add(time.Second)
	}
	return w
}

// control is something that can be pressed or submitted, and how it came before the person.
type control struct {
	looks bool // pressed once, it changes nothing
	onShow
	story  story
	steps  int
	opened *conversation.Input // what brought the form
	form   *card.Form          // nil for a button
	intent card.Intent
	label  string
}

// name tells controls apart that lead to different things.
func (c control) name() string {
	value := ""
	if slices.Contains([]string{"checkin.snooze", "checkin.pick", "settings.set", "digest.set"}, c.intent.Verb) {
		value = " " + c.intent.Value
	}
	kind := "press"
	if c.form != nil {
		kind = "submit"
	}
	return strings.Join([]string{kind, c.intent.Verb + value, "on", c.card.Kind, "in", string(c.place.Kind), "by", string(c.to)}, " ")
}

// controls are all that a card offers.
func (o onShow) controls() []control {
	var all []control
	add := func(label string, i card.Intent, f *card.Form) {
		if !i.IsZero() {
			all = append(all, control{onShow: o, intent: i, form: f, label: label})
		}
	}
	for _, a := range o.card.Actions {
		add(a.Label, a.Intent, nil)
		for _, choice := range a.Menu {
			add(choice.Label, choice.Intent, nil)
		}
	}
	for _, b := range o.card.Body {
		for _, row := range b.Rows {
			if row.Action != nil {
				add(row.Action.Label, row.Action.Intent, nil)
			}
		}
	}
	if f := o.card.Form; f != nil {
		add(f.Submit, f.Intent, f)
	}
	return all
}

// onShow are all cards that people have before them: answers, and messages as they are now.
func (w *world) onShow() []onShow {
	w.t.Helper()
	all := slices.Clone(w.shown)
	for _, key := range w.sent {
		m := w.message(key)
		switch {
		case m == nil:
		case m.To.Channel != "":
			for _, p := range []goal.PersonID{linh, sam} {
				all = append(all, onShow{p, inGrowth, key, &m.Card})
			}
		default:
			all = append(all, onShow{m.To.Person, direct(m.To.Person), key, &m.Card})
		}
	}
	return all
}

// filled is what people put into the forms, by the verb of the form.
var filled = map[string]map[string]string{
	"goal.create":     {"title": "Hire two", "to": "2", "from": "0", "due": "2027-03-31"},
	"goal.change":     {"title": "Another title"},
	"goal.end":        {"score": "0.7", "note": "we learned"},
	"goal.leave":      {"note": "call me"},
	"checkin.save":    {"value": "160", "done": "yes", "change": "more calls", "blocker": "legal"},
	"checkin.skipped": {"reason": "away"},
	"checkin.help":    {"helper": string(sam)},
	"checkin.course":  {"assumption": "ads work", "next": "call ten"},
	"settings.set":    {"hour": "10:00"},
	"digest.set":      {"hour": "11:00", "on": "yes"},
}

// input is the control in use.
func (c control) input(w *world, delivery string) conversation.Input {
	in := conversation.Input{Workspace: workspace, Actor: c.to, Place: c.place, From: c.from, Inline: true, Delivery: delivery,
		Act: conversation.Used{Intent: c.intent}}
	if c.form != nil {
		in.Act = w.submission(c.to, c.from, c.form, filled[c.intent.Verb]).Act
	}
	return in
}

// world is the world in which the control stands.
func (c control) world(t *testing.T) *world {
	t.Helper()
	w := c.story.tell(t, c.steps)
	if c.opened != nil {
		w.use(w.svc, *c.opened)
		w.now = w.now.Add(time.Second)
	}
	return w
}

// use handles an input and lets no time pass.
func (w *world) use(svc *conversation.Service, in conversation.Input) conversation.Answer {
	w.t.Helper()
	answer, err := svc.Handle(w.t.Context(), in)
	if err != nil {
		w.t.Errorf("%s: %v", in.Delivery, err)
	}
	return answer
}

// everyControl walks through the stories and collects what can be pressed and submitted. What only shows something
// is taken from one story alone.
func everyControl(t *testing.T) []control {
	t.Helper()
	seen := map[string]bool{}
	var all []control
	var add func(c control)
	add = func(c control) {
		if seen[c.name()] || seen[c.story.name+c.name()] {
			return
		}
		seen[c.story.name+c.name()] = true
		w := c.world(t)
		before, in := w.kept(), c.input(w, "opening")
		answer := w.use(w.svc, in)
		c.looks = slices.Equal(before, w.kept())
		seen[c.name()] = c.looks
		all = append(all, c)
		if answer.Card == nil || answer.Card.Form == nil || c.opened != nil {
			return
		}
		for _, next := range (onShow{c.to, c.place, c.from, answer.Card}).controls() {
			next.story, next.steps, next.opened = c.story, c.steps, &in
			add(next)
		}
	}
	for _, s := range stories() {
		for steps := range len(s.steps) + 1 {
			for _, o := range s.tell(t, steps).onShow() {
				for _, c := range o.controls() {
					c.story, c.steps = s, steps
					add(c)
				}
			}
		}
	}
	return all
}

// made are ids that are made of a delivery or a moment, and differ between two presses.
var made = regexp.MustCompile(`\b[0-9a-z]{0,12}[0-9a-f]{16,32}\b`)

// kept is everything in the records, one line each: what people are called and when the platform told so is left out.
func (w *world) kept() []string {
	w.t.Helper()
	var all []string
	w.wrote.Range(func(key, _ any) bool {
		ref := key.(conversation.Ref)
		shelf, err := w.store.Read(context.Background(), workspace, ref)
		if err != nil {
			w.t.Fatal(err)
		}
		if text := plainly(w.t, shelf, ref); text != "null" { // a change that was refused
			all = append(all, string(ref.Kind)+" "+made.ReplaceAllString(text, "#"))
		}
		return true
	})
	slices.Sort(all)
	return all
}

func plainly(t *testing.T, shelf *conversation.Shelf, ref conversation.Ref) string {
	t.Helper()
	var r conversation.Record
	switch ref.Kind {
	case conversation.PersonKind:
		p := conversation.Take[*conversation.Person](shelf, ref.Kind, ref.ID)
		p.AsOf = time.Time{}
		r = p
	case conversation.ChannelKind:
		c := conversation.Take[*conversation.Channel](shelf, ref.Kind, ref.ID)
		c.AsOf = time.Time{}
		r = c
	case conversation.GoalKind:
		r = conversation.Take[*conversation.Goal](shelf, ref.Kind, ref.ID)
	case conversation.TalkKind:
		r = conversation.Take[*conversation.Talk](shelf, ref.Kind, ref.ID)
	case conversation.TreeKind:
		r = conversation.Take[*conversation.Tree](shelf, ref.Kind, ref.ID)
	case conversation.MessageKind:
		r = conversation.Take[*conversation.Message](shelf, ref.Kind, ref.ID)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// forgetful is a store whose claims have all run out.
type forgetful struct{ conversation.Records }

func (f forgetful) Commit(ctx context.Context, ws conversation.Workspace, c conversation.Commit) error {
	c.Claims = nil
	return f.Records.Commit(ctx, ws, c)
}

// together is a store on which two replicas meet: both have decided before either saves.
type together struct {
	conversation.Records
	meet *sync.WaitGroup
	once *sync.Once
}

func (b together) Commit(ctx context.Context, ws conversation.Workspace, c conversation.Commit) error {
	b.arrive()
	b.meet.Wait()
	return b.Records.Commit(ctx, ws, c)
}

func (b together) arrive() { b.once.Do(b.meet.Done) }

// anew are controls whose second use, a month later, means something else than the first.
var anew = map[string]string{
	"checkin.now": "it opens whatever week runs when it is pressed",
}

func TestEveryControlHasItsEffectOnce(t *testing.T) {
	met := map[string]bool{"checkin.show": true, "menu": true, "dismiss": true} // no card shows them: adapters and repetitions use them
	for _, c := range everyControl(t) {
		met[c.intent.Verb] = true
		t.Run(c.story.name+"/"+c.name(), func(t *testing.T) {
			c.pressAgain(t)
			if !c.looks { // what changes nothing has nobody to be quicker than
				c.pressAtOnce(t)
			}
		})
	}
	for _, verb := range conversation.Verbs() {
		if !met[verb] {
			t.Errorf("no story shows %s", verb)
		}
	}
}

// pressAgain presses twice, has both presses delivered again, and presses once more when all claims are forgotten.
func (c control) pressAgain(t *testing.T) {
	w := c.world(t)
	first := w.use(w.svc, c.input(w, "press 1"))
	want := w.kept()
	for _, delivery := range []string{"press 2", "press 1", "press 2"} {
		w.now = w.now.Add(time.Second)
		c.saysAgain(t, first, w.use(w.svc, c.input(w, delivery)))
		c.leaves(t, w, want, delivery)
	}
	if anew[c.intent.Verb] != "" {
		return
	}
	w.now = w.now.Add(conversation.ClaimFor)
	w.svc.Records = forgetful{w.svc.Records}
	c.saysAgain(t, first, w.use(w.svc, c.input(w, "a month later")))
	c.leaves(t, w, want, "a month later")
}

// pressAtOnce has both of two replicas decide before either saves.
func (c control) pressAtOnce(t *testing.T) {
	alone := c.world(t)
	first := alone.use(alone.svc, c.input(alone, "press 1"))
	w := c.world(t)
	var meet, done sync.WaitGroup
	meet.Add(2)
	answers := make([]conversation.Answer, 2)
	for n := range 2 {
		replica := *w.svc
		at := together{w.svc.Records, &meet, &sync.Once{}}
		replica.Records = at
		done.Go(func() {
			answers[n] = w.use(&replica, c.input(w, fmt.Sprint("press ", n+1)))
			at.arrive()
		})
	}
	done.Wait()
	c.leaves(t, w, alone.kept(), "two presses at once")
	for _, a := range answers {
		if first.Card != nil || a.Card != nil { // else a message is the answer
			c.saysAgain(t, first, a)
		}
	}
}

// leaves wants what one press leaves.
func (c control) leaves(t *testing.T, w *world, want []string, what string) {
	t.Helper()
	if diff := cmp.Diff(want, w.kept()); diff != "" {
		t.Errorf("%s, after %d steps: more than one press leaves\n%s", what, c.steps, diff)
	}
}

// saysAgain wants an answer that makes sense: what the first press was told, or how things stand now.
func (c control) saysAgain(t *testing.T, first, again conversation.Answer) {
	t.Helper()
	switch {
	case again.Card == nil:
		t.Errorf("a repetition is answered with silence; the first was told\n%s", show(first.Card))
	case again.Card.Form != nil && (first.Card == nil || first.Card.Form == nil):
		t.Errorf("a repetition is asked\n%s\nthe first was told\n%s", show(again.Card), show(first.Card))
	}
	if again.Card != nil && (first.Card == nil || show(first.Card) != show(again.Card)) {
		t.Logf("first %s\nagain %s", show(first.Card), show(again.Card))
	}
}

// Typed lines that change something at once.
func TestALineDeliveredAgainIsOneChangeAndOneAnswer(t *testing.T) {
	for _, line := range []string{"update G-1 210 more calls", "G-1 210", "G-1 1600", "close G-1", "new Hire two from 0 to 2", "checkin", "tiếng Việt"} {
		for _, inline := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/inline %t", line, inline), func(t *testing.T) {
				w := newWorld(t)
				w.plant(linh, cac)
				in := conversation.Input{Workspace: workspace, Actor: linh, Place: direct(linh), Inline: inline, Delivery: "once", Act: conversation.Said{Text: line}}
				first := w.use(w.svc, in)
				want := w.kept()
				for range 3 {
					w.now = w.now.Add(time.Second)
					again := w.use(w.svc, in)
					control{}.leaves(t, w, want, line)
					if inline {
						control{}.saysAgain(t, first, again)
					} else if again.Card != nil {
						t.Errorf("beside the message that answered, it is told %s", show(again.Card))
					}
				}
			})
		}
	}
}
