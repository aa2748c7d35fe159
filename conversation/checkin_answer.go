package conversation

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// typedForm is an answer as its form holds it: what was typed, whether it makes sense or not.
type typedForm struct {
	value, done, confidence, status, change, blocker, next string
}

func typedFormOf(values map[string]string) typedForm {
	value := func(name string) string { return goal.Clean(values[name]) }
	return typedForm{value("value"), value("done"), value("confidence"), value("status"),
		value("change"), value("blocker"), value("next")}
}

// current fills the form with how the goal stands; what changed is new every time.
func (s *State) current(g *Goal) typedForm {
	f := typedForm{done: "no"}
	if g.Done {
		f.done = "yes"
	}
	if m := g.Metric; m != nil && m.Current != nil {
		f.value = s.Voice().Amount(*m.Current, m.Unit)
	}
	if g.Confidence != nil {
		f.confidence = strconv.Itoa(*g.Confidence)
	}
	if last := g.Last(); last != nil {
		f.blocker, f.next = last.Blocker, last.Next
	}
	return f
}

// told fills the form with what a check-in said.
func (s *State) formOf(g *Goal, c *goal.CheckIn) typedForm {
	f := s.current(g)
	if c.Value != nil && g.Metric != nil {
		f.value = s.readable(*c.Value, g.Metric.Unit)
	}
	f.change, f.blocker, f.next = c.Change, c.Blocker, c.Next
	if c.Status != c.Suggested {
		f.status = string(c.Status)
	}
	return f
}

// answerForm opens the form of a goal with its current values; a question that is answered already says by whom
// and with what.
func answerForm(u Used) turn {
	id := goal.ID(u.Intent.Subject)
	return checkingIn(id, func(st *State, g *Goal) Decision {
		t := st.Talk(st.Me.ID)
		if st.answered(t, g, u.Intent.Question) {
			return say(st.answeredCard(g, t.Settled[id]))
		}
		return say(st.answerCard(g, st.current(g), nil, card.Intent{
			Verb: "checkin.save", Subject: string(id), Question: st.question(t, id)}))
	})
}

// checkingIn is a turn about a goal that the actor may check in on.
func checkingIn(id goal.ID, decide func(*State, *Goal) Decision) turn {
	t := withGoal(id, goal.CheckingIn, func(st *State, g *Goal) Decision {
		if g.Closed != nil {
			return say(st.noticeWith("checkin.closed", language.With{"id": string(id)}))
		}
		return decide(st, g)
	})
	t.needs = checkInNeeds(id)
	return t
}

// question is what an answer about the goal would answer: the open period, or nothing but itself.
func (s *State) question(t *Talk, id goal.ID) string {
	if t.wants(id) && s.running(t) {
		return t.Period
	}
	return s.nonce()
}

// answered reports whether the question of a period has its answer already: the actor's own, or a co-owner's
// since it was asked.
func (s *State) answered(t *Talk, g *Goal, question string) bool {
	if question == "" || occurrenceOf(question) != t.Period {
		return false
	}
	s.settleOthers(t)
	return t.Settled[g.ID].Seq > 0
}

// answeredCard says by whom and with what a question was answered, and offers to correct it.
func (s *State) answeredCard(g *Goal, how Outcome) card.Card {
	v := s.Voice()
	c := checkIn(g, how.Seq)
	if c == nil {
		return s.goalCard(g)
	}
	text := v.Text("checkin.answered", language.With{"goal": goalSpan(g), "told": s.told(g, c),
		"who": s.Name(c.By), "moment": v.Moment(c.At.In(s.Me.Zone()), s.Now)})
	if c.By == s.Me.ID {
		text = v.Text("checkin.answered.you", language.With{"goal": goalSpan(g), "told": s.told(g, c),
			"moment": v.Moment(c.At.In(s.Me.Zone()), s.Now)})
	}
	answer := card.Card{Kind: "checkin.answered", Summary: text.String(), Body: []card.Block{paragraph(text)}}
	if s.correctable(g, c) == "" {
		answer.Actions = append(answer.Actions, s.correctAction(g, c))
	} else {
		answer.Actions = append(answer.Actions, card.Action{Label: v.Say("button.update"),
			Intent: card.Intent{Verb: "checkin.answer", Subject: string(g.ID)}})
	}
	return answer
}

// answerCard is the form of one check-in.
func (s *State) answerCard(g *Goal, f typedForm, wrong map[string]string, intent card.Intent) card.Card {
	v := s.Voice()
	heading := v.Say("checkin.form.title", language.With{"id": string(g.ID)})
	field := func(name string, kind card.Input, value string, limit int) card.Field {
		return card.Field{Name: name, Kind: kind, Value: value, Error: wrong[name], Max: limit, Label: v.Say("checkin.field." + name)}
	}
	first := field("done", card.Choose, f.done, 0)
	first.Options = options(v, "checkin.field.done.", "no", "yes")
	if m := g.Metric; m != nil {
		first = field("value", card.Line, f.value, 0)
		first.Required = m.Current == nil
		first.Hint = v.Say("checkin.field.value.hint", language.With{"metric": metricLine(v, m)})
	}
	confidence := field("confidence", card.Choose, f.confidence, 0)
	confidence.Options = s.confidenceOptions()
	status := field("status", card.Choose, f.status, 0)
	status.Options = s.statusOptions(g)
	blocker := field("blocker", card.Lines, f.blocker, goal.MaxNote)
	blocker.Hint = v.Say("checkin.field.blocker.hint")
	named := paragraph(card.Text{goalSpan(g)})
	return card.Card{Kind: "checkin.form", Summary: heading, Body: []card.Block{named}, Form: &card.Form{
		Title: heading, Intent: intent, Submit: v.Say("button.save"), Cancel: v.Say("button.cancel"), Error: wrong[""],
		Fields: []card.Field{first, confidence, status, field("change", card.Lines, f.change, goal.MaxNote), blocker,
			field("next", card.Lines, f.next, goal.MaxNote)},
	}}
}

func (s *State) confidenceOptions() []card.Option {
	v := s.Voice()
	all := []card.Option{{Value: "", Label: v.Say("checkin.confidence.none")}}
	for n := goal.MaxConfidence; n >= 0; n-- {
		label := strconv.Itoa(n)
		switch n {
		case goal.MaxConfidence:
			label = v.Say("checkin.confidence.10")
		case goal.MaxConfidence / 2:
			label = v.Say("checkin.confidence.5")
		case 0:
			label = v.Say("checkin.confidence.0")
		}
		all = append(all, card.Option{Value: strconv.Itoa(n), Label: label})
	}
	return all
}

// statusOptions offers what the numbers suggest first.
func (s *State) statusOptions(g *Goal) []card.Option {
	v := s.Voice()
	suggested := v.Say("checkin.status.open")
	if status := g.Suggest(s.Today()); status != goal.Unknown {
		suggested = v.Say("checkin.status.suggested", language.With{"status": marked(v, status)})
	}
	all := []card.Option{{Value: "", Label: suggested}}
	for _, status := range []goal.Status{goal.OnTrack, goal.AtRisk, goal.OffTrack} {
		all = append(all, card.Option{Value: string(status), Label: marked(v, status)})
	}
	return all
}

// marked is a status with its shape: "▲ at risk".
func marked(v *language.Voice, status goal.Status) string {
	return map[goal.Status]string{goal.OnTrack: "●", goal.AtRisk: "▲", goal.OffTrack: "■"}[status] +
		" " + v.Say("status."+statusName(status))
}

// read makes a check-in of the form; what cannot be read is told by field.
func (s *State) read(f typedForm, g *Goal) (goal.CheckIn, map[string]string) {
	c := goal.CheckIn{Status: goal.Status(f.status), Change: f.change, Blocker: f.blocker, Next: f.next}
	wrong := map[string]string{}
	v := s.Voice()
	switch {
	case g.Metric == nil:
		done := f.done == "yes"
		c.Done = &done
	case f.value == "" && g.Metric.Current == nil:
		wrong["value"] = v.Say("checkin.wrong.no-value")
	case f.value != "":
		if n, ok := s.valueOf(f.value, g); ok {
			c.Value = &n
		} else {
			wrong["value"] = v.Say("checkin.wrong.value", language.With{"typed": f.value})
		}
	}
	if f.confidence != "" {
		n, err := strconv.Atoi(f.confidence)
		if err != nil || n < 0 || n > goal.MaxConfidence {
			wrong["confidence"] = v.Say("wrong.out-of-range")
		}
		c.Confidence = &n
	}
	for name, text := range map[string]string{"change": f.change, "blocker": f.blocker, "next": f.next} {
		if utf8.RuneCountInString(text) > goal.MaxNote {
			wrong[name] = v.Say("checkin.wrong.too-long", language.With{"max": goal.MaxNote})
		}
	}
	return c, wrong
}

// valueOf reads the value field: what a typed answer may say, or a number by the actor's customs. What the
// field was filled with reads as the value it was filled from.
func (s *State) valueOf(typed string, g *Goal) (goal.Number, bool) {
	m := g.Metric
	if m.Current != nil && typed == goal.Clean(s.Voice().Amount(*m.Current, m.Unit)) {
		return *m.Current, true
	}
	n, unit, ok := s.amount(typed)
	if ok && !strings.ContainsAny(typed[:1], "+-") && (unit != "%" || m.Unit == "%") {
		return n, true
	}
	return s.replied(typed, g)
}

// saveAnswer saves a submitted form, or gives it back with what is wrong and all that was typed.
func saveAnswer(u Used) turn {
	id, f := goal.ID(u.Intent.Subject), typedFormOf(u.Values)
	seq, _ := strconv.Atoi(u.Intent.Value)
	t := checkingIn(id, func(st *State, g *Goal) Decision {
		c, wrong := st.read(f, g)
		c.Seq = seq
		intent, before := st.stillAsked(g, u.Intent, seq, wrong)
		if before != nil && before.By == st.Me.ID && wrong[""] != "" && len(wrong) == 1 && tells(c, *before) {
			return say(st.receiptCard(g, before)) // the same form once more
		}
		if len(wrong) > 0 {
			return Decision{Say: ptr(st.answerCard(g, f, wrong, intent)), Replace: true}
		}
		d, err := st.saveCheckIn(g, c)
		if err != nil {
			return Decision{Say: ptr(st.answerCard(g, f, st.refusal(err), intent)), Replace: true}
		}
		return d
	})
	t.needs = func(st *State) Needs {
		n := checkInNeeds(id)(st)
		if seq > 0 {
			n.Messages = append(n.Messages, receiptKey(id, seq), courseKey(id, seq))
		}
		return n
	}
	return t
}

// stillAsked finds out whether a form came too late, and how to go on with what was typed: as a new answer where
// the old one can no longer be corrected, as a correction where the question was answered meanwhile, by before.
func (s *State) stillAsked(g *Goal, i card.Intent, seq int, wrong map[string]string) (again card.Intent, before *goal.CheckIn) {
	t, v := s.Talk(s.Me.ID), s.Voice()
	switch {
	case seq > 0:
		if why := s.correctable(g, checkIn(g, seq)); why != "" {
			wrong[""] = v.Say(why, language.With{"id": string(g.ID)})
			i.Question, i.Value = s.question(t, g.ID), ""
		}
	case s.answered(t, g, i.Question):
		if before = checkIn(g, t.Settled[g.ID].Seq); before != nil {
			wrong[""] = v.Say("checkin.meanwhile", language.With{"told": s.told(g, before)})
			i.Question, i.Value = s.nonce(), strconv.Itoa(before.Seq)
		}
	}
	return i, before
}

// tells reports whether two check-ins say the same.
func tells(a, b goal.CheckIn) bool {
	return sameNumber(a.Value, b.Value) && same(a.Done, b.Done) && same(a.Confidence, b.Confidence) &&
		(a.Status == goal.Unknown || a.Status == b.Status) &&
		a.Change == b.Change && a.Blocker == b.Blocker && a.Next == b.Next
}

func same[T comparable](a, b *T) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

func sameNumber(a, b *goal.Number) bool {
	return (a == nil) == (b == nil) && (a == nil || a.Equal(*b))
}

// refusal tells at its field why the domain did not take a check-in.
func (s *State) refusal(err error) map[string]string {
	v := s.Voice()
	var p goal.Problem
	if !errors.As(err, &p) {
		return map[string]string{"": v.Say("checkin.wrong.other")}
	}
	switch p.Code {
	case goal.CodeTooBig:
		return map[string]string{p.Field: v.Say("wrong.too-big")}
	case goal.CodeTooLong:
		return map[string]string{p.Field: v.Say("checkin.wrong.too-long", language.With{"max": goal.MaxNote})}
	case goal.CodeUnknownWord:
		return map[string]string{p.Field: v.Say("wrong.unknown-word")}
	case goal.CodeTooOld:
		return map[string]string{"": v.Say("checkin.correct.too-old")}
	}
	return map[string]string{"": v.Say("checkin.wrong.other")}
}

// checkIn is one of the goal's recent check-ins by its number, nil when it is not among them.
func checkIn(g *Goal, seq int) *goal.CheckIn {
	for i := range g.Recent {
		if g.Recent[i].Seq == seq {
			return &g.Recent[i]
		}
	}
	return nil
}
