package conversation

import (
	"time"

	"github.com/shopspring/decimal"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// maxAsked is how many goals one prompt lists; the rest is counted, and comes with "Next goal".
const maxAsked = 20

// promptCard asks about all goals of the talk at once, and shows what is settled.
func (s *State) promptCard(t *Talk) card.Card {
	v, waiting := s.Voice(), s.waiting(t)
	hello := s.greeting(t, waiting)
	c := card.Card{Kind: "checkin.ask", Summary: hello, Body: []card.Block{paragraph(plain(hello))}}
	if t.Missed >= 2 && len(waiting) > 0 {
		c.Body = append(c.Body, paragraph(v.Text("checkin.missed", language.With{"count": t.Missed, "command": code(s.typed("settings"))})))
	}
	c.Body = append(c.Body, s.askedRows(t, len(waiting) > 1)...)
	if len(waiting) == 0 {
		return c
	}
	c.Body = append(c.Body, s.hint(waiting))
	c.Body = append(c.Body, s.askedBecause(t)...)
	c.Actions = s.promptActions(t, waiting)
	return c
}

// greeting is "Morning, Linh. Two goals, about a minute.", or how far the answers are.
func (s *State) greeting(t *Talk, waiting []*Goal) string {
	v, who := s.Voice(), s.Me.First()
	all := len(waiting) + len(t.Settled)
	switch {
	case t.Skipped:
		return v.Say("checkin.hello.skipped", language.With{"who": who})
	case len(waiting) == 0:
		return v.Say("checkin.hello.done", language.With{"who": who})
	case len(waiting) < all:
		return v.Say("checkin.hello.some", language.With{"done": all - len(waiting), "all": all})
	}
	hello := "checkin.hello"
	if t.Opened.In(s.Me.Zone()).Hour() < 12 {
		hello = "checkin.hello.morning"
	}
	return v.Say(hello, language.With{"who": who}) + " " + s.amountOfWork(all)
}

func (s *State) amountOfWork(goals int) string {
	v := s.Voice()
	switch goals {
	case 1:
		return v.Say("checkin.work.one")
	case 2:
		return v.Say("checkin.work.two")
	case 3:
		return v.Say("checkin.work.three")
	}
	return v.Say("checkin.work.many", language.With{"all": goals, "minutes": (goals + 1) / 2})
}

// askedRows list the goals of the talk, those that wait first.
func (s *State) askedRows(t *Talk, buttons bool) []card.Block {
	var open, done []card.Row
	hidden := 0
	for _, id := range t.Asked {
		g := s.Goal(id)
		switch {
		case g == nil:
		case len(open)+len(done) >= maxAsked:
			hidden++
		case t.open(id) && s.asksMe(g):
			open = append(open, s.askedRow(g, t, buttons))
		case !t.open(id):
			done = append(done, s.settledRow(g, t.Settled[id]))
		}
	}
	blocks := []card.Block{{Rows: append(open, done...)}}
	if hidden > 0 {
		blocks = append(blocks, quiet(s.Voice().Text("checkin.more", language.With{"count": hidden})))
	}
	return blocks
}

// askedRow is "■ G-12 Cut CAC" with "$230, was $235 · off track, 12 points behind" below, and what the person
// meant to try.
func (s *State) askedRow(g *Goal, t *Talk, button bool) card.Row {
	v := s.Voice()
	detail := s.where(g) + " · " + s.standing(g)
	if last := g.Last(); last != nil && last.Next != "" {
		detail += " · " + v.Say("checkin.follow-up", language.With{"next": short(last.Next)})
	}
	row := card.Row{Text: card.Text{{Text: s.mark(g) + " "}, goalSpan(g)}, Detail: plain(detail)}
	if button {
		answer := s.answerAction(g.ID, t.Period, card.Usual)
		row.Action = &answer
	}
	return row
}

// where is where a goal stands in numbers: "$230, was $235", "1 of 3 integrations", "not done yet".
func (s *State) where(g *Goal) string {
	v, m := s.Voice(), g.Metric
	switch {
	case m == nil && g.Done:
		return v.Say("checkin.done")
	case m == nil:
		return v.Say("checkin.not-done")
	case m.Current == nil:
		return v.Say("checkin.no-value")
	case counts(m):
		return v.Say("checkin.of", language.With{"value": v.Number(*m.Current), "target": v.Amount(m.Target, m.Unit)})
	}
	now := v.Amount(*m.Current, m.Unit)
	if series := g.Series(); len(series) > 1 {
		if was := series[len(series)-2]; !was.Equal(*m.Current) {
			return v.Say("checkin.was", language.With{"value": now, "was": v.Amount(was, m.Unit)})
		}
	}
	return now
}

// counts reports whether the metric counts things from nothing up, so that it reads best as "1 of 3".
func counts(m *goal.Metric) bool {
	switch m.Unit {
	case "%", "$", "€", "£", "¥", "₫", "đô":
		return false
	}
	return m.Direction == goal.Increase && m.Baseline != nil && m.Baseline.IsZero()
}

// settledRow is "✓ G-12 Cut CAC" with what was told.
func (s *State) settledRow(g *Goal, how Outcome) card.Row {
	row := card.Row{Text: card.Text{{Text: "✓ "}, goalSpan(g)}}
	c := checkIn(g, how.Seq)
	if last := g.Last(); c != nil && last.Seq > c.Seq { // told again since
		c, how.By = last, last.By
	}
	switch {
	case how.Seq == 0:
		row.Text[0].Text = "– "
		row.Detail = plain(s.Voice().Say("checkin.row.skipped"))
	case c == nil:
		row.Detail = plain(s.where(g))
	case how.By != s.Me.ID:
		row.Detail = plain(s.Name(how.By) + ": " + s.told(g, c))
	default:
		row.Detail = plain(s.told(g, c))
	}
	return row
}

// hint says how to answer by typing, with an example made of the first goal.
func (s *State) hint(waiting []*Goal) card.Block {
	example := s.example(waiting[0])
	if len(waiting) > 1 {
		example = string(waiting[0].ID) + " " + example
	}
	return paragraph(s.Voice().Text("checkin.hint", language.With{"example": code(example)}))
}

func (s *State) example(g *Goal) string {
	v := s.Voice()
	if g.Metric == nil {
		return v.Say("checkin.example.open")
	}
	return v.Say("checkin.example", language.With{"number": v.Number(plausible(g.Metric))})
}

// plausible is about a quarter of the way on from where the metric stands: as round as the step allows, and not
// finer than the numbers there.
func plausible(m *goal.Metric) goal.Number {
	from := m.Target
	for _, known := range []*goal.Number{m.Baseline, m.Current} {
		if known != nil {
			from = *known
		}
	}
	step := m.Target.Sub(from).DivRound(decimal.NewFromInt(4), 6)
	finest := max(-from.Exponent(), -m.Target.Exponent(), 0)
	magnitude := int32(step.NumDigits()) + step.Exponent() - 1
	if rounded := from.Add(step).Round(min(finest, -magnitude)); !rounded.Equal(from) && !step.IsZero() {
		return rounded
	}
	return m.Target
}

// askedBecause is the small print: why the question comes now, and how to move it.
func (s *State) askedBecause(t *Talk) []card.Block {
	v := s.Voice()
	var blocks []card.Block
	if u := t.Unclear; u != nil && u.At.Before(t.Opened) {
		blocks = append(blocks, quiet(v.Text("checkin.unclear.pending", language.With{"id": string(u.Goal), "typed": short(u.Text)})))
	}
	if t.Snoozed.After(s.Now) {
		at := v.Moment(t.Snoozed.In(s.Me.Zone()), s.Now)
		blocks = append(blocks, quiet(v.Text("checkin.postponed", language.With{"moment": at})))
	}
	if !t.Late.IsZero() && t.Rounds == 1 {
		blocks = append(blocks, quiet(plain(s.lateReason(t))))
	}
	return append(blocks, quiet(v.Text("checkin.why", language.With{
		"day": v.Weekday(s.Me.Weekday()), "time": s.clockOf(s.Me.Hour()), "command": code(s.typed("settings"))})))
}

// clockOf writes "09:00" as people do: 9:00.
func (s *State) clockOf(hour string) string {
	t, err := time.Parse("15:04", hour)
	if err != nil {
		return hour
	}
	return s.Voice().Clock(t)
}

// lateReason is "I was away this morning, so this comes late; answering until Sunday counts for this week."
func (s *State) lateReason(t *Talk) string {
	v, zone := s.Voice(), s.Me.Zone()
	planned, asked := t.Late.In(zone), t.Opened.In(zone)
	with := language.With{"day": v.Weekday(planned.Weekday()), "until": v.Weekday(planned.AddDate(0, 0, -1).Weekday())}
	switch {
	case goal.DateOf(planned) != goal.DateOf(asked):
		return v.Say("checkin.late.day", with)
	case planned.Hour() < 12:
		return v.Say("checkin.late.morning", with)
	}
	return v.Say("checkin.late.today", with)
}

// promptActions are Answer, Nothing changed and Later; a postponed prompt is not put off again.
func (s *State) promptActions(t *Talk, waiting []*Goal) []card.Action {
	v := s.Voice()
	actions := []card.Action{
		s.answerAction(waiting[0].ID, t.Period, card.Primary),
		{Label: v.Say("button.same"), Intent: card.Intent{Verb: "checkin.same", Question: t.roundQuestion()}},
	}
	if t.Snoozed.After(s.Now) {
		return actions
	}
	return append(actions, card.Action{Label: v.Say("button.later"), Menu: s.laterMenu(t)})
}

// passed is a prompt that a newer one took the place of; one that was held back until now is not posted any more.
func (s *State) passed(m *Message) *Message {
	next := silenced(m).until(s.Now)
	next.Card.Body = append(next.Card.Body, quiet(s.Voice().Text("checkin.passed")))
	return next
}
