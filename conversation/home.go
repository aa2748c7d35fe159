package conversation

import (
	"strconv"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// homeRows is how many goals the home page shows: with their headings they stay within every platform's page.
const homeRows = 20

// openHome shows the person's own page: what waits for an answer, then all their goals, the most urgent first.
func openHome() turn {
	return turn{
		needs: func(st *State) Needs { return Needs{Indexes: []Index{{OwnedBy, string(st.Me.ID)}}} },
		decide: func(st *State) Decision {
			d := say(st.home())
			st.askLanguage(&d)
			return d
		},
	}
}

func (s *State) home() card.Card {
	v := s.Voice()
	c := card.Card{Kind: "home", Summary: v.Say("home.title"), Body: []card.Block{as(card.Headline, v.Text("home.title"))}}
	offered, waiting, rest := s.homeGoals()
	if len(offered)+len(waiting)+len(rest) == 0 {
		c.Body = append(c.Body, paragraph(v.Text("home.empty", language.With{"command": code(s.typed("new"))})))
	}
	room := homeRows
	for _, part := range []struct {
		heading string
		goals   []*Goal
		action  func(*Goal) *card.Action
	}{
		{"home.offered", offered, s.acceptAction}, {"home.waiting", waiting, s.updateAction}, {"home.goals", rest, s.updateAction},
	} {
		shown := part.goals[:min(len(part.goals), room)]
		room -= len(shown)
		c.Body = append(c.Body, s.homePart(part.heading, shown, part.action)...)
	}
	if hidden := len(offered) + len(waiting) + len(rest) - (homeRows - room); hidden > 0 {
		c.Body = append(c.Body, quiet(v.Text("home.hidden", language.With{"count": hidden})))
	}
	if next := s.nextQuestion(); next != nil {
		c.Body = append(c.Body, quiet(next))
	}
	for _, name := range []string{"new", "checkin", "list", "settings"} {
		c.Actions = append(c.Actions, card.Action{Label: v.Say("button." + name), Intent: commandIntent(name)})
	}
	c.Actions[0].Style = card.Primary
	return c
}

// homeGoals are the goals that wait for the person's yes, those that their check-in waits for, and the others.
func (s *State) homeGoals() (offered, waiting, rest []*Goal) {
	t := s.Talk(s.Me.ID)
	for _, g := range s.Goals(Index{OwnedBy, string(s.Me.ID)}) {
		switch {
		case g.Owner == s.Me.ID && g.Acceptance == goal.Proposed:
			offered = append(offered, g)
		case !s.asksMe(g):
		case s.running(t) && t.open(g.ID):
			waiting = append(waiting, g)
		default:
			rest = append(rest, g)
		}
	}
	s.byUrgency(waiting)
	s.byUrgency(rest)
	return offered, waiting, rest
}

func (s *State) homePart(heading string, goals []*Goal, action func(*Goal) *card.Action) []card.Block {
	if len(goals) == 0 {
		return nil
	}
	var rows []card.Row
	for _, g := range goals {
		row := s.goalRow(g)
		row.Action = action(g)
		rows = append(rows, row)
	}
	return []card.Block{paragraph(card.Text{strong(s.Voice().Say(heading))}), {Rows: rows}}
}

func (s *State) updateAction(g *Goal) *card.Action {
	return &card.Action{Label: s.Voice().Say("button.update"), Intent: card.Intent{
		Verb: "checkin.answer", Subject: string(g.ID), Question: s.openQuestion(g.ID)}}
}

// openQuestion is the period that waits for the goal's answer; empty when none does.
func (s *State) openQuestion(id goal.ID) string {
	if t := s.Talk(s.Me.ID); t.open(id) && s.running(t) {
		return t.Period
	}
	return ""
}

func (s *State) acceptAction(g *Goal) *card.Action {
	return &card.Action{Label: s.Voice().Say("button.accept"), Intent: card.Intent{
		Verb: "goal.accept", Subject: string(g.ID), Question: strconv.Itoa(g.Askings)}}
}

// nextQuestion says when the next check-in comes, or that none does.
func (s *State) nextQuestion() card.Text {
	v, goals := s.Voice(), s.checkable()
	if s.Me.Chosen.Off && len(goals) > 0 {
		return v.Text("settings.is-off", language.With{"command": code(s.typed("update"))})
	}
	if at, ok := s.nextOf(goals); ok {
		return v.Text("settings.next", language.With{"moment": v.Moment(at, s.Now)})
	}
	return nil
}
