package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// habit is what a person does about one prompt.
type habit int

const (
	silent habit = iota
	fillsIn
	types
	sameAsBefore
	snoozes
	skips
	plants
)

func (p Plan) habitOf(d *dice) habit {
	if d.float() >= p.Answering {
		return silent
	}
	switch n := d.n(80); {
	case n < 35:
		return fillsIn
	case n < 50:
		return types
	case n < 65:
		return sameAsBefore
	case n < 74:
		return snoozes
	case n < 78:
		return skips
	}
	return plants
}

// idIn is the goal that a card's summary begins with: "G-12: …".
func idIn(summary string) goal.ID {
	id, _, _ := strings.Cut(summary, ":")
	return goal.ID(strings.TrimSpace(id))
}

// sees lets the reader of a message plan what to do about it.
func (s *sim) sees(m *shown) {
	s.report.posted(m.key)
	kind, rest, _ := strings.Cut(m.key, ":")
	p := s.people[address{m.ws, string(m.to.Person)}]
	switch {
	case p == nil:
	case kind == "checkin":
		s.prompted(p, m, rest)
	case kind == "nudge":
		s.nudged(p, m, rest)
	case kind == "receipt":
		s.receipted(p, rest)
	}
}

// prompted checks that a question comes at its time, and plans the answer.
func (s *sim) prompted(p *person, m *shown, rest string) {
	parts := strings.Split(rest, ":") // person, week, round
	if len(parts) != 3 {
		s.fail("wrong", m.String(), "a prompt with the key %q", m.key)
		return
	}
	w := s.weekOf(p, parts[1])
	if w == nil {
		s.fail("early", m.String(), "asked for a week without an occurrence")
		return
	}
	if m.at.Before(w.due) {
		s.fail("early", m.String(), "asked at %s, due at %s", m.at, w.due)
	}
	w.prompts[m.key] = true
	round := parts[2]
	if round == "1" {
		s.report.late(s, m.key, w.due, m.at)
	} else if w.snoozes+w.maybe == 0 {
		s.fail("doubled", m.String(), "asked again though nobody put it off")
	}
	s.decideOn(p, w, m, round)
}

// weekOf is the occurrence of a person in a week, nil when there is none.
func (s *sim) weekOf(p *person, name string) *week {
	if w := p.weeks[name]; w != nil {
		return w
	}
	var year, n int
	if _, err := fmt.Sscanf(name, "%d-W%d", &year, &n); err != nil {
		return nil
	}
	due, ok := occurrence(p.zone, p.weekday, p.hour, year, n)
	if !ok {
		return nil
	}
	habits := dice{hashOf(s.Seed, uint64(year*100+n), string(p.ws)+p.key, 0)}
	w := &week{due: due, habit: s.habitOf(&habits), prompts: map[string]bool{}}
	for _, a := range p.goals {
		if a.born.Before(due) {
			w.asked = append(w.asked, a)
		}
	}
	p.weeks[name] = w
	return w
}

// decideOn plans what the person does after reading a prompt.
func (s *sim) decideOn(p *person, w *week, m *shown, round string) {
	die := dice{hashOf(s.Seed, 0, m.String(), 1)}
	h := w.habit
	if h == snoozes && round != "1" {
		h = fillsIn
	}
	at := s.clock.High().Add(time.Duration(1+die.n(12*24)) * 5 * time.Minute)
	period := strings.Split(m.key, ":")[2]
	switch h {
	case silent:
	case fillsIn:
		for _, a := range w.asked {
			s.plan(at, &act{kind: fillsIn, person: p, week: w, aim: a, from: m.key, intent: card.Intent{Verb: "checkin.answer", Subject: string(a.id), Question: period}})
			at = at.Add(time.Minute)
		}
	case types:
		for _, a := range w.asked {
			s.plan(at, &act{kind: types, person: p, week: w, aim: a})
			at = at.Add(time.Minute)
		}
	case plants:
		s.plan(at, &act{kind: plants, person: p, week: w})
	case sameAsBefore, snoozes, skips:
		s.plan(at, &act{kind: h, person: p, week: w, from: m.key, intent: pressed(h, m.card, &die)})
	}
}

// pressed is the control on the card.
func pressed(h habit, c card.Card, d *dice) card.Intent {
	verb := map[habit]string{sameAsBefore: "checkin.same", snoozes: "checkin.snooze", skips: "checkin.skip"}[h]
	var all []card.Intent
	for _, a := range c.Actions {
		for _, choice := range append(a.Menu, card.Choice{Intent: a.Intent}) {
			if choice.Intent.Verb == verb {
				all = append(all, choice.Intent)
			}
		}
	}
	if len(all) == 0 {
		return card.Intent{}
	}
	return all[d.n(len(all))]
}

// nudged checks a reminder.
func (s *sim) nudged(p *person, m *shown, rest string) {
	_, name, _ := strings.Cut(rest, ":")
	w := s.weekOf(p, name)
	if w == nil || m.at.Before(w.due.Add(24*time.Hour)) {
		s.fail("early", m.String(), "reminded at %s", m.at)
		return
	}
	w.nudges++
	local := m.at.In(p.zone)
	if local.Weekday() == time.Saturday || local.Weekday() == time.Sunday {
		s.report.odd["reminder delivered on a weekend after trouble"]++
	}
}

// receipted lets a few people correct what they see saved.
func (s *sim) receipted(p *person, rest string) {
	id, number, _ := strings.Cut(rest, ":")
	a := s.aims[address{p.ws, id}]
	die := dice{hashOf(s.Seed, 0, string(p.ws)+rest, 2)}
	if a == nil || die.n(100) >= 6 {
		return
	}
	s.plan(s.clock.High().Add(time.Duration(1+die.n(60))*time.Minute), &act{kind: fillsIn, correct: true, person: p, aim: a,
		intent: card.Intent{Verb: "checkin.correct", Subject: id, Value: number}})
}

// act is something that a person does, with all its repetitions.
type act struct {
	at       time.Time
	order    int
	kind     habit
	person   *person
	week     *week
	aim      *aim
	from     string
	intent   card.Intent
	correct  bool
	input    *conversation.Input // once it is sent: the same for every delivery
	slot     *slot
	value    string // what the slot gets if it is taken
	tries    int
	accepted bool
	other    func() // not a person's act
}

func (a *act) String() string {
	if a.person == nil {
		return ""
	}
	what := string(a.person.ws) + " " + a.person.key
	if a.aim != nil {
		what += " " + string(a.aim.id)
	}
	return what
}

// plan puts an act into the queue.
func (s *sim) plan(at time.Time, a *act) {
	s.acts++
	a.at, a.order = at, s.acts
	i, _ := slices.BinarySearchFunc(s.queue, a, func(x, y *act) int { return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.order, y.order)) })
	s.queue = slices.Insert(s.queue, i, a)
}

// do lets an act happen on some replica.
func (s *sim) do(a *act) {
	if a.other != nil {
		a.other()
		return
	}
	if a.input == nil && !s.prepare(a) {
		return
	}
	s.deliver(a)
}

// prepare opens the form where there is one, and writes the input down. Without an answer the person tries again.
func (s *sim) prepare(a *act) bool {
	in := conversation.Input{Workspace: a.person.ws, Actor: a.person.who(), Place: a.person.direct(), From: a.from, Inline: true, Delivery: s.fresh()}
	switch a.kind {
	case types:
		a.claimValue()
		in.Inline, in.From = false, ""
		in.Act = conversation.Said{Text: string(a.aim.id) + " " + a.value}
	case fillsIn, skips:
		form := s.open(a, in)
		if form == nil {
			return false
		}
		values := map[string]string{}
		for _, f := range form.Fields {
			values[f.Name] = f.Value
		}
		if a.kind == fillsIn {
			a.claimValue()
			values["value"] = a.value
		}
		in.Delivery = s.fresh()
		in.Act = conversation.Used{Intent: form.Intent, Values: values}
	case plants:
		in = newGoal(a.person, fmt.Sprint("n", s.acts))
		in.Delivery = s.fresh()
	default:
		if a.intent.IsZero() {
			return false
		}
		in.Act = conversation.Used{Intent: a.intent}
	}
	a.input = &in
	return true
}

func (s *sim) fresh() string {
	s.deliveries++
	return "d" + strconv.Itoa(s.deliveries)
}

// claimValue gives the act the goal's next value, and a slot for it; a correction goes into the slot of what it
// corrects.
func (a *act) claimValue() {
	if a.value == "" {
		a.aim.value++
		a.value = strconv.Itoa(a.aim.value)
	}
	if a.slot == nil {
		a.slot = &slot{}
		a.aim.slots = append(a.aim.slots, a.slot)
	}
	a.slot.values = append(a.slot.values, a.value)
}

// open presses the button that opens a form.
func (s *sim) open(a *act, in conversation.Input) *card.Form {
	if a.correct {
		if a.slot = s.slotOf(a.aim, a.intent.Value); a.slot == nil || a.slot.edited {
			return nil
		}
	}
	in.Act = conversation.Used{Intent: a.intent}
	answer, ok := s.hand(a, in)
	switch {
	case !ok:
		s.again(a)
		return nil
	case answer.Card == nil || answer.Card.Form == nil:
		return nil // answered already, or too late to correct
	}
	if a.correct {
		a.slot.edited = true
	}
	return answer.Card.Form
}

// slotOf is the slot of a saved check-in, by its number.
func (s *sim) slotOf(a *aim, number string) *slot {
	seq, _ := strconv.Atoi(number)
	log, err := s.own.CheckIns(s.ctx, a.owner.ws, a.id, 50)
	if err != nil {
		return nil
	}
	for _, c := range log {
		if c.Seq == seq && c.Value != nil && !c.Same {
			return a.find(c.Value.String())
		}
	}
	return nil
}

func (a *aim) find(value string) *slot {
	for _, s := range a.slots {
		if slices.Contains(s.values, value) || slices.Contains(s.gone, value) {
			return s
		}
	}
	return nil
}

// hand gives an input to some replica; without an acknowledgement nobody knows what became of it.
func (s *sim) hand(a *act, in conversation.Input) (conversation.Answer, bool) {
	who := s.someReplica(nil)
	s.subject = "act " + a.String()
	s.trace.add(s.clock.Now(), who.name, fmt.Sprintf("%T %s %s", in.Act, in.Delivery, a.value), a.String())
	answer, err := who.Service.Handle(s.ctx, in)
	if who.dead() {
		s.replace(who)
		return answer, false
	}
	if a.week != nil {
		a.week.touched = true
	}
	return answer, err == nil
}

// again lets a person, or the platform for them, try once more: three times in all.
func (s *sim) again(a *act) {
	if a.tries++; a.tries < 3 {
		s.plan(s.clock.High().Add([...]time.Duration{10 * time.Second, time.Minute}[a.tries-1]), a)
	}
}

// deliver sends the input, and perhaps sends it again: because it was not acknowledged, because the platform did
// not see that it was, or because somebody clicks twice.
func (s *sim) deliver(a *act) {
	if a.week != nil {
		a.week.touched = true
	}
	answer, ok := s.hand(a, *a.input)
	s.report.answers++
	if !ok {
		if a.kind == snoozes && a.tries == 0 {
			a.week.maybe++
		}
		s.again(a)
		return
	}
	if answer.Card == nil || answer.Card.Form == nil {
		s.accept(a, answer)
	}
	switch s.rng.IntN(6) {
	case 0: // once more, by the platform
		s.hand(a, *a.input)
	case 1: // a double click
		if a.kind != types {
			again := *a.input
			again.Delivery = s.fresh()
			s.hand(a, again)
		}
	}
}

// accept notes what the product said it took.
func (s *sim) accept(a *act, answer conversation.Answer) {
	if a.accepted {
		return
	}
	a.accepted = true
	s.report.acknowledged++
	switch a.kind {
	case fillsIn, types:
		a.slot.must = true
		if a.correct {
			a.slot.gone = append(a.slot.gone, slices.DeleteFunc(a.slot.values, func(v string) bool { return v == a.value })...)
			a.slot.values = []string{a.value}
		}
	case snoozes:
		a.week.snoozes++
	case sameAsBefore:
		a.week.same = true
	case skips:
		a.week.skipped = true
	case plants:
		if answer.Card != nil && answer.Card.Kind == "goal.card" {
			s.planted(a.person, answer.Card.Summary)
		}
	}
}
