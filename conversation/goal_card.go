package conversation

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// undoFor is how long a new goal can be taken back.
const undoFor = 10 * time.Minute

// goalCard shows a goal to the actor.
func (s *State) goalCard(g *Goal) card.Card {
	v := s.Voice()
	c := card.Card{
		Kind:    "goal.card",
		Summary: v.Say("goal.card.summary", language.With{"id": string(g.ID), "title": g.Title}),
		Body: []card.Block{
			title(string(g.ID)+" · ", g.Title),
			paragraph(plain(s.factsLine(g))),
		},
	}
	if g.Reason != "" {
		c.Body = append(c.Body, quote(g.Reason))
	}
	c.Body = append(c.Body, card.Block{Progress: s.progress(g)})
	if parent := s.seeable(g.Parent); parent != nil {
		c.Body = append(c.Body, paragraph(v.Text("goal.serves", language.With{"parent": goalSpan(parent)})))
	}
	c.Body = append(c.Body, s.smallPrint(g)...)
	c.Actions = s.goalActions(g)
	return c
}

// factsLine is "$250 → $150 · due 31 Dec · Linh".
func (s *State) factsLine(g *Goal) string {
	v := s.Voice()
	var parts []string
	if m := g.Metric; m != nil {
		parts = append(parts, metricLine(v, m))
	}
	if !g.Due.IsZero() {
		parts = append(parts, s.dueWords(g))
	}
	return strings.Join(append(parts, s.Name(g.Owner)), " · ")
}

// dueWords is "due 31 Dec", or "was due 24 Nov" of an open goal whose day is over.
func (s *State) dueWords(g *Goal) string {
	v, date := s.Voice(), language.With{"date": s.Voice().Day(g.Due, s.Today())}
	if g.overdue(s.Today()) {
		return v.Say("goal.was-due", date)
	}
	return v.Say("goal.due", date)
}

// overdue reports whether an open goal's day is over.
func (g *Goal) overdue(today goal.Date) bool {
	return g.Closed == nil && !g.Due.IsZero() && g.Due.Before(today)
}

// metricLine is "$250 → $150", or what there is of it.
func metricLine(v *language.Voice, m *goal.Metric) string {
	to := v.Amount(m.Target, m.Unit)
	switch {
	case m.Direction == goal.KeepWithin && m.Floor != nil:
		return v.Say("goal.between", language.With{"from": v.Amount(*m.Floor, m.Unit), "to": to})
	case m.Direction == goal.KeepWithin:
		return v.Say("goal.below", language.With{"to": to})
	case m.Baseline == nil:
		return v.Say("goal.to", language.With{"to": to})
	}
	return v.FromTo(*m.Baseline, m.Target, m.Unit)
}

// progress is the goal's bar with its words: "40 % · on track, 2 points ahead".
func (s *State) progress(g *Goal) *card.Progress {
	v := s.Voice()
	percent, known := g.Progress()
	words := []string{v.Say("goal.progress.unknown")}
	p := &card.Progress{}
	if known {
		n := int(percent.Round(0).IntPart())
		p.Percent = &n
		words[0] = v.Percent(n)
	}
	p.Words = strings.Join(append(words, s.standing(g)), " · ")
	return p
}

// tolerance is how many points off its pace a goal still counts as on it: less is not worth a word.
var tolerance = decimal.NewFromInt(10)

// standing says how a goal stands: its mark and status, or for how long there was no news, and its pace.
func (s *State) standing(g *Goal) string {
	v := s.Voice()
	if weeks, stale := g.StaleFor(s.Now); stale {
		return v.Say("status.stale", language.With{"count": weeks})
	}
	words := v.Say("status." + statusName(g.Status))
	if g.Status == goal.Unknown && g.Last() != nil {
		words = v.Say("status.undeclared")
	}
	points, known := g.Pace(s.Today())
	off := points.LessThan(tolerance.Neg()) || points.GreaterThanOrEqual(tolerance)
	if n := int(points.Round(0).IntPart()); known && off && g.Status != goal.Unknown {
		id := "pace.ahead"
		if n < 0 {
			id, n = "pace.behind", -n
		}
		words += ", " + v.Say(id, language.With{"count": n})
	}
	return words
}

func statusName(s goal.Status) string {
	if s == goal.Unknown {
		return "unknown"
	}
	return string(s)
}

// smallPrint says when the goal asks next, or that it waits for its owner or is closed.
func (s *State) smallPrint(g *Goal) []card.Block {
	v := s.Voice()
	switch {
	case g.Closed != nil:
		day := v.Day(goal.DateOf(g.Closed.At.In(s.Me.Zone())), s.Today())
		return []card.Block{quiet(v.Text("goal.closed.line", language.With{
			"date": day, "who": s.Name(g.Closed.By), "score": v.Number(g.Closed.Score)}))}
	case g.Acceptance == goal.Proposed:
		return []card.Block{quiet(v.Text("goal.waits", language.With{"who": s.Name(g.Owner)}))}
	case g.Acceptance == goal.HandedBack:
		if g.keeper() != s.Me.ID {
			return []card.Block{quiet(v.Text("goal.unowned.other", language.With{"who": s.Name(g.Owner), "maker": s.Name(g.keeper())}))}
		}
		return []card.Block{quiet(v.Text("goal.unowned", language.With{"who": s.Name(g.Owner)}))}
	}
	owner := s.Person(g.Owner)
	if owner == nil || owner.Chosen.Off {
		return nil
	}
	next, err := s.nextCheckIn(owner, g)
	if err != nil || s.overBefore(g, owner, next) {
		return nil
	}
	return []card.Block{quiet(v.Text("goal.next", language.With{"moment": v.Moment(next.In(s.Me.Zone()), s.Now)}))}
}

// overBefore reports whether the goal is due before its owner is asked again: that question is none to announce.
func (s *State) overBefore(g *Goal, owner *Person, next time.Time) bool {
	return !g.Due.IsZero() && !g.overdue(s.Today()) && g.Due.Before(goal.DateOf(next.In(owner.Zone())))
}

// goalActions are what the actor may do with the goal, the likeliest first.
func (s *State) goalActions(g *Goal) []card.Action {
	v, id := s.Voice(), string(g.ID)
	var actions []card.Action
	add := func(act goal.Act, label string, intent card.Intent) {
		if s.May(act, g) {
			actions = append(actions, card.Action{Label: v.Say(label), Intent: intent})
		}
	}
	if g.Closed != nil {
		add(goal.Reopen, "button.reopen", card.Intent{Verb: "goal.reopen", Subject: id})
		return actions
	}
	if g.Acceptance == goal.Proposed && g.Owner == s.Me.ID {
		return s.proposalActions(g)
	}
	if g.overdue(s.Today()) {
		add(goal.Close, "button.close", card.Intent{Verb: "goal.close", Subject: id})
		add(goal.Edit, "button.edit", card.Intent{Verb: "goal.edit", Subject: id})
		add(goal.CheckingIn, "button.update", card.Intent{Verb: "checkin.answer", Subject: id})
		return actions
	}
	add(goal.CheckingIn, "button.update", card.Intent{Verb: "checkin.answer", Subject: id})
	add(goal.Edit, "button.edit", card.Intent{Verb: "goal.edit", Subject: id})
	actions = append(actions, s.placeAction(g)...)
	if g.Channel != "" && g.Visibility == goal.Shared {
		add(goal.Edit, "button.share", card.Intent{Verb: "goal.share", Subject: id, Question: string(g.Channel)})
	}
	if s.undoable(g) {
		add(goal.Edit, "button.undo", card.Intent{Verb: "goal.undo", Subject: id, Question: "new"})
	} else {
		add(goal.Close, "button.close", card.Intent{Verb: "goal.close", Subject: id})
	}
	return actions
}

// undoable reports whether the actor made the goal a moment ago and nobody has worked with it since.
func (s *State) undoable(g *Goal) bool {
	return g.Creator == s.Me.ID && s.Now.Sub(g.Created) < undoFor && len(g.Recent) == 0
}
