package house_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
	"goalkeeper/storage"
	"goalkeeper/storage/storagetest"
)

// Random people do random things on two processes that crash at random calls, and time passes. Whatever happens,
// the records, what people find in their lists and what they are asked stay what a simple model says.
//
// GOALKEEPER_MODEL_CHECKS sets how many towns are tried; without it there are as many as fit into a test run.

func TestTheModelHoldsInMemory(t *testing.T) {
	store, err := storage.Open(t.Context(), "embedded://")
	if err != nil {
		t.Fatal(err)
	}
	tryTowns(t, store, 12)
}

func TestTheModelHoldsOnRedis(t *testing.T) {
	store, err := storage.Open(t.Context(), storagetest.Start(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	tryTowns(t, store, 5)
}

func tryTowns(t *testing.T, store *storage.Store, checks int) {
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	if given, err := strconv.Atoi(os.Getenv("GOALKEEPER_MODEL_CHECKS")); err == nil {
		checks = given
	}
	for name, value := range map[string]string{"rapid.checks": strconv.Itoa(checks), "rapid.steps": "40", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	towns := 0
	rapid.Check(t, func(t *rapid.T) {
		towns++
		w := newTown(t, store, conversation.Workspace(fmt.Sprint("play:town", towns)))
		t.Repeat(map[string]func(*rapid.T){
			"":       func(*rapid.T) { w.holds() },
			"create": w.create, "create for another": w.createForAnother, "accept": w.accept, "hand back": w.handBack,
			"hand over": w.handOver, "rename": w.rename, "close": w.close, "reopen": w.reopen, "undo": w.undo,
			"tell": w.tell, "tell by form": w.tellByForm, "nothing changed": w.nothingChanged,
			"snooze": w.snooze, "skip": w.skip, "check in now": w.checkInNow, "digest": w.setDigest, "settings": w.settings,
			"meddle": w.meddle, "repeat": w.repeat, "share": w.share,
			"a while": w.aWhile, "days": w.days, "downtime": w.downtime,
		})
	})
}

// holds compares the town with its model.
func (w *town) holds() {
	if diff := w.differs(w.m) + w.seen(w.m) + w.promises(w.m); diff != "" {
		w.t.Fatalf("%s", diff)
	}
}

func (w *town) somebody() goal.PersonID {
	return rapid.SampledFrom(slices.Sorted(maps.Keys(cast))).Draw(w.t, "who")
}

// one picks a goal of which something is true; without one the step is left out.
func (w *town) one(is func(aGoal) bool) (goal.ID, aGoal) {
	ids := w.m.which(is)
	if len(ids) == 0 {
		w.t.SkipNow()
	}
	id := rapid.SampledFrom(ids).Draw(w.t, "goal")
	return id, w.m.goals[id]
}

// other is somebody else.
func (w *town) other(than goal.PersonID) goal.PersonID {
	return rapid.SampledFrom(slices.DeleteFunc(slices.Sorted(maps.Keys(cast)), func(p goal.PersonID) bool { return p == than })).Draw(w.t, "to")
}

// most is how many goals a town has: a list shows ten.
const most = 9

func (w *town) create(*rapid.T) { p := w.somebody(); w.make(p, p) }

func (w *town) createForAnother(*rapid.T) { p := w.somebody(); w.make(p, w.other(p)) }

func (w *town) make(by, owner goal.PersonID) {
	if len(w.m.goals) >= most {
		w.t.SkipNow()
	}
	id := goal.NewID(len(w.m.goals) + 1)
	title := "Goal " + strconv.Itoa(len(w.m.goals)+1)
	form := w.form(w.ask(conversation.Input{Actor: by, Place: inGrowth, Inline: true,
		Act: conversation.Command{Text: "new " + title + " from 100 to 200 by 2029-12-31"}}))
	in := conversation.Input{Actor: by, Place: inGrowth, Inline: true, Act: filled(form, map[string]string{"owner": string(owner)})}
	w.act(fmt.Sprintf("%s makes %s for %s", by, id, owner), in, func(m *model) {
		m.goals[id] = aGoal{title: title, value: "100", made: w.now, asker: by}
		m.given(id, by, owner, w.now)
	})
}

// proposal is the message that asks the owner of a goal, and what its button means.
func (w *town) proposal(id goal.ID, g aGoal, verb string) conversation.Input {
	key := fmt.Sprintf("proposal:%s:%d", id, g.askings-1)
	m := w.message(key)
	if m == nil {
		w.t.Fatalf("%s was never asked about %s", g.owner, id)
	}
	intent, ok := control(&m.Card, verb)
	if !ok {
		w.t.Fatalf("%s cannot %s: %+v", g.owner, verb, m.Card.Actions)
	}
	return pressed(g.owner, key, conversation.Used{Intent: intent})
}

func proposed(g aGoal) bool { return !g.closed && g.state == goal.Proposed }

func (w *town) accept(*rapid.T) {
	id, g := w.one(proposed)
	w.act(fmt.Sprintf("%s accepts %s", g.owner, id), w.proposal(id, g, "goal.accept"), func(m *model) {
		m.with(id, func(g *aGoal) { g.state, g.asked = goal.Accepted, w.now })
	})
}

func (w *town) handBack(*rapid.T) {
	id, g := w.one(proposed)
	w.act(fmt.Sprintf("%s hands %s back", g.owner, id), w.proposal(id, g, "goal.return"), func(m *model) {
		m.with(id, func(g *aGoal) { g.state = goal.HandedBack })
	})
}

func open(g aGoal) bool { return !g.closed }

// edit is the form of a goal, sent with something changed.
func (w *town) edit(id goal.ID, by goal.PersonID, values map[string]string) conversation.Input {
	form := w.form(w.open(by, direct(by), card.Intent{Verb: "goal.edit", Subject: string(id)}))
	return pressed(by, "", filled(form, values))
}

func (w *town) handOver(*rapid.T) {
	id, g := w.one(open)
	by, to := g.keeper(), w.other(g.owner)
	w.act(fmt.Sprintf("%s hands %s over to %s", by, id, to), w.edit(id, by, map[string]string{"owner": string(to)}), func(m *model) {
		m.given(id, by, to, w.now)
	})
}

func (w *town) rename(*rapid.T) {
	id, g := w.one(open)
	title := fmt.Sprintf("Goal %s, act %d", id, w.acts)
	w.act(fmt.Sprintf("%s renames %s", g.keeper(), id), w.edit(id, g.keeper(), map[string]string{"title": title}), func(m *model) {
		m.with(id, func(g *aGoal) { g.title = title })
	})
}

func (w *town) close(*rapid.T) {
	id, g := w.one(aGoal.live)
	form := w.form(w.open(g.owner, direct(g.owner), card.Intent{Verb: "goal.close", Subject: string(id)}))
	in := pressed(g.owner, "", filled(form, map[string]string{"score": "0.5"}))
	w.act(fmt.Sprintf("%s closes %s", g.owner, id), in, func(m *model) { m.with(id, func(g *aGoal) { g.closed = true }) })
}

func (w *town) reopen(*rapid.T) {
	id, g := w.one(func(g aGoal) bool { return g.closed && !g.undone })
	in := pressed(g.owner, "", conversation.Used{Intent: card.Intent{Verb: "goal.reopen", Subject: string(id)}})
	w.act(fmt.Sprintf("%s reopens %s", g.owner, id), in, func(m *model) {
		m.with(id, func(g *aGoal) { g.closed, g.asked = false, w.now })
	})
}

func (w *town) undo(*rapid.T) {
	id, g := w.one(func(g aGoal) bool {
		return open(g) && g.keeper() == g.asker && w.now.Sub(g.made) < 9*time.Minute && g.checkIns == 0 && g.askings < 2
	})
	in := pressed(g.asker, "", conversation.Used{Intent: card.Intent{Verb: "goal.undo", Subject: string(id), Question: "new"}})
	w.act(fmt.Sprintf("%s takes %s back", g.asker, id), in, func(m *model) {
		m.with(id, func(g *aGoal) { g.closed, g.undone = true, true })
	})
}

func (w *town) share(*rapid.T) {
	id, g := w.one(aGoal.live)
	in := pressed(g.owner, "", conversation.Used{Intent: card.Intent{Verb: "goal.share", Subject: string(id), Question: string(growth)}})
	w.act(fmt.Sprintf("%s shares %s", g.owner, id), in, func(*model) {})
}

func (w *town) value() string { return strconv.Itoa(rapid.IntRange(101, 199).Draw(w.t, "value")) }

func (w *town) tell(*rapid.T) {
	id, g := w.one(aGoal.live)
	value := w.value()
	in := conversation.Input{Actor: g.owner, Place: direct(g.owner), Act: conversation.Said{Text: string(id) + " " + value}}
	w.act(fmt.Sprintf("%s types %s %s", g.owner, id, value), in, func(m *model) { m.told(id, value, w.now) })
}

func (w *town) tellByForm(*rapid.T) {
	id, g := w.one(aGoal.live)
	value := w.value()
	form := w.form(w.open(g.owner, direct(g.owner), card.Intent{Verb: "checkin.answer", Subject: string(id)}))
	in := pressed(g.owner, "", filled(form, map[string]string{"value": value}))
	w.act(fmt.Sprintf("%s fills in %s for %s", g.owner, value, id), in, func(m *model) { m.told(id, value, w.now) })
}

// prompt is somebody's open question, with one of its controls.
func (w *town) prompt(verb string) (p goal.PersonID, key string, c *card.Card, i card.Intent) {
	p = w.somebody()
	t := w.talk(p)
	key = fmt.Sprintf("checkin:%s:%s:%d", p, t.Period, t.Rounds)
	m := w.message(key)
	if m == nil {
		w.t.SkipNow()
	}
	i, ok := control(&m.Card, verb)
	if !ok {
		w.t.SkipNow()
	}
	return p, key, &m.Card, i
}

// waiting are the goals of a person that the open question still waits for.
func (w *town) waiting(p goal.PersonID) []goal.ID {
	t := w.talk(p)
	return w.m.which(func(g aGoal) bool { return g.live() && g.owner == p && w.asks(t, g) })
}

func (w *town) asks(t *conversation.Talk, g aGoal) bool {
	for id, known := range w.m.goals {
		if known == g {
			_, settled := t.Settled[id]
			return slices.Contains(t.Asked, id) && !settled
		}
	}
	return false
}

func (w *town) nothingChanged(*rapid.T) {
	p, key, _, i := w.prompt("checkin.same")
	all := w.waiting(p)
	w.act(fmt.Sprintf("%s says that nothing changed for %v", p, all), pressed(p, key, conversation.Used{Intent: i}), func(m *model) {
		for _, id := range all {
			m.told(id, "", w.now)
		}
	})
}

func (w *town) snooze(*rapid.T) {
	p, key, c, _ := w.prompt("checkin.snooze")
	var choices []card.Intent
	for _, i := range intents(c) {
		if i.Verb == "checkin.snooze" {
			choices = append(choices, i)
		}
	}
	i := rapid.SampledFrom(choices).Draw(w.t, "until")
	week := string(p) + ":" + w.talk(p).Period
	w.act(fmt.Sprintf("%s snoozes until %s", p, i.Value), pressed(p, key, conversation.Used{Intent: i}), func(m *model) { m.questions[week]++ })
}

func (w *town) skip(*rapid.T) {
	p, key, _, i := w.prompt("checkin.skip")
	c := w.open(p, direct(p), i)
	if c.Form == nil {
		w.t.SkipNow()
	}
	w.act(fmt.Sprintf("%s skips the week", p), pressed(p, key, filled(c.Form, nil)), func(*model) {})
}

func (w *town) checkInNow(*rapid.T) {
	p := w.somebody()
	if len(w.m.which(func(g aGoal) bool { return g.live() && g.owner == p })) == 0 {
		w.t.SkipNow()
	}
	in := pressed(p, "", conversation.Used{Intent: card.Intent{Verb: "checkin.now"}})
	if rapid.Bool().Draw(w.t, "typed") {
		in = conversation.Input{Actor: p, Place: direct(p), Act: conversation.Said{Text: "checkin"}}
	}
	running := string(p) + ":" + w.talk(p).Period
	w.act(fmt.Sprintf("%s wants to check in", p), in, func(m *model) {
		week := m.week(p, w.now)
		m.questions[week]++
		if running != week { // the last week goes on until the person's day comes
			m.questions[running]++
		}
	})
}

func (w *town) setDigest(*rapid.T) {
	on := !w.m.digest
	verb := map[bool]string{true: "digest.set", false: "digest.off"}[on]
	in := conversation.Input{Actor: linh, Place: inGrowth, Inline: true, Act: conversation.Used{Intent: card.Intent{Verb: verb, Subject: string(growth)}}}
	w.act(fmt.Sprintf("%s turns the digest on: %t", linh, on), in, func(m *model) {
		m.digest = on
		m.planned = w.now
	})
}

func (w *town) settings(*rapid.T) {
	p := w.somebody()
	next := aPerson{
		weekday: rapid.SampledFrom([]time.Weekday{time.Monday, time.Wednesday, time.Friday, time.Sunday}).Draw(w.t, "day"),
		hour:    rapid.IntRange(6, 20).Draw(w.t, "hour"),
		zone:    rapid.SampledFrom([]string{cast[p].Zone, "Europe/Paris", "Asia/Tokyo"}).Draw(w.t, "zone"),
		off:     rapid.IntRange(0, 4).Draw(w.t, "off") == 4,
		since:   w.now,
	}
	language := rapid.SampledFrom([]string{"en", "vi"}).Draw(w.t, "language")
	form := w.form(w.look(p, "settings"))
	zone := next.zone
	if zone == cast[p].Zone {
		zone = ""
	}
	in := pressed(p, "", filled(form, map[string]string{"weekday": strconv.Itoa(int(next.weekday)), "hour": fmt.Sprintf("%02d:00", next.hour),
		"zone": zone, "on": map[bool]string{true: "no", false: "yes"}[next.off], "language": language}))
	w.act(fmt.Sprintf("%s wants to be asked on %s at %d in %s (off: %t)", p, next.weekday, next.hour, next.zone, next.off), in, func(m *model) {
		next.since = w.now
		m.people[p] = next
	})
}

// meddle is what somebody tries who may not.
func (w *town) meddle(*rapid.T) {
	id, g := w.one(aGoal.live)
	p := w.other(g.owner)
	verb := rapid.SampledFrom([]string{"goal.change", "goal.end", "checkin.save", "goal.undo", "goal.accept", "goal.return", "goal.place"}).Draw(w.t, "what")
	in := pressed(p, "", conversation.Used{
		Intent: card.Intent{Verb: verb, Subject: string(id), Question: fmt.Sprint("meddling ", w.acts)},
		Values: map[string]string{"title": "Mine", "owner": string(p), "score": "1.0", "value": "150"},
	})
	w.act(fmt.Sprintf("%s tries %s on %s", p, verb, id), in, func(*model) {})
}

// repeat delivers something again that happened before, at either process, as platforms do.
func (w *town) repeat(*rapid.T) {
	if len(w.past) == 0 {
		w.t.SkipNow()
	}
	in := w.past[len(w.past)-1-rapid.IntRange(0, min(len(w.past)-1, 20)).Draw(w.t, "which")]
	if in.Delivery == "" {
		w.t.SkipNow()
	}
	n := rapid.IntRange(0, 1).Draw(w.t, "process")
	w.now = w.now.Add(time.Second)
	w.say("delivery %s comes again, to process %d", in.Delivery, n)
	w.answered(w.halls[n].Handle(w.t.Context(), in))
}

func (w *town) aWhile(*rapid.T) {
	w.pass(w.now.Add(time.Duration(rapid.IntRange(1, 600).Draw(w.t, "minutes")) * time.Minute))
	w.say("a while has passed")
}

func (w *town) days(*rapid.T) {
	w.pass(w.now.Add(time.Duration(rapid.IntRange(1, 9).Draw(w.t, "days")) * 24 * time.Hour))
	w.say("days have passed")
}

// downtime is time in which nobody handles a timer.
func (w *town) downtime(*rapid.T) {
	w.now = w.now.Add(time.Duration(rapid.IntRange(1, 60).Draw(w.t, "hours")) * time.Hour)
	w.m.asleepTo = w.now
	w.say("nothing ran until now")
}
