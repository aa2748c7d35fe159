package conversation

import (
	"slices"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// nothingChanged answers everything that is still open, or one goal of it, with "the same as before".
func nothingChanged(u Used) turn {
	only := goal.ID(u.Intent.Subject)
	return turn{needs: checkInNeeds(only), decide: func(st *State) Decision {
		talk := st.Talk(st.Me.ID)
		st.settleOthers(talk)
		waiting := st.waiting(talk)
		if only != "" {
			waiting = slices.DeleteFunc(waiting, func(g *Goal) bool { return g.ID != only })
		}
		if len(waiting) == 0 || occurrenceOf(u.Intent.Question) != talk.Period {
			return st.nothingOpen(talk, u.Intent.Question)
		}
		return st.saveSame(talk, waiting)
	}}
}

// saveSame records that nothing changed for the goals: one receipt for all of them.
func (s *State) saveSame(t *Talk, goals []*Goal) Decision {
	if len(goals) == 1 {
		d, err := s.saveCheckIn(goals[0], goal.CheckIn{Same: true})
		if err != nil {
			return say(s.notice("checkin.wrong.other"))
		}
		return d
	}
	var d Decision
	var rows []card.Row
	for _, g := range goals {
		c, err := s.take(g, goal.CheckIn{Same: true, Period: t.Period})
		if err != nil {
			continue // closed or handed on in between: it is no longer asked about
		}
		s.heard(t, g, c, &d)
		d.Write = append(d.Write, g)
		d.Log = append(d.Log, Entry{g.ID, c})
		rows = append(rows, s.sameRow(g))
		if !offersCourse(d) { // for the most urgent alone
			s.offerCourse(&d, t, g, &c)
		}
	}
	d.Write = append(d.Write, t)
	d.Post = append(s.reface(t), d.Post...)
	d.Retell = card.Intent{Verb: "checkin.show"}
	s.sameReceipt(&d, t, rows)
	s.refresh(&d, goals[0])
	return d
}

func offersCourse(d Decision) bool {
	return slices.ContainsFunc(d.Post, func(m *Message) bool { return m.Card.Kind == "course.correct" })
}

// sameRow is a goal in the receipt. After the third time in a row it asks whether the goal is still right.
func (s *State) sameRow(g *Goal) card.Row {
	v := s.Voice()
	row := card.Row{Text: card.Text{{Text: s.mark(g) + " "}, goalSpan(g)}, Detail: plain(s.where(g) + " · " + s.standing(g))}
	if s.sameTooLong(g) {
		row.Detail = plain(v.Say("checkin.ask.still-right", language.With{"count": sameTooOften}))
		row.Action = &card.Action{Label: v.Say("button.edit-goal"), Intent: card.Intent{Verb: "goal.edit", Subject: string(g.ID)}}
	}
	return row
}

func (s *State) sameReceipt(d *Decision, t *Talk, rows []card.Row) {
	v := s.Voice()
	text := v.Text("checkin.same", language.With{"count": len(rows)})
	shown := rows[:min(len(rows), maxAsked)]
	c := card.Card{Kind: "checkin.same", Summary: text.String(), Body: []card.Block{paragraph(text), {Rows: shown}}}
	if hidden := len(rows) - len(shown); hidden > 0 {
		c.Body = append(c.Body, quiet(v.Text("checkin.more", language.With{"count": hidden})))
	}
	d.Post = append(d.Post, s.message("same:"+digest(string(t.Person), t.roundQuestion(), s.Now.UTC().String()), Address{Person: t.Person}, c))
	if s.In.Inline && s.In.Place.Kind != Direct {
		d.Say = &c
	}
}
