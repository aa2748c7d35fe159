package conversation

import (
	"slices"
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// checkInNow opens the talk at once, about all of the actor's goals that have no answer in this period yet. What
// is answered now is not asked again when the day comes.
func checkInNow(arguments) turn {
	return turn{needs: checkInNeeds(), decide: func(st *State) Decision {
		mine := st.checkable()
		if len(mine) == 0 {
			return say(st.notice("checkin.none", "new"))
		}
		st.byUrgency(mine)
		t := st.Talk(st.Me.ID)
		if st.pressedTwice(t, mine) {
			return Decision{Say: ptr(st.promptCard(t)), Replace: true}
		}
		var d Decision
		if m := st.Message(promptKey(t.Person, t.Period, t.Rounds)); t.Rounds > 0 && m != nil {
			d.Post = append(d.Post, st.passed(m))
		}
		t = st.openByHand(t, mine)
		if len(st.waiting(t)) == 0 {
			return say(st.updateList())
		}
		d.Write = []Record{t}
		d.Retell = card.Intent{Verb: "checkin.show"}
		c := st.promptCard(t)
		ask := st.message(promptKey(t.Person, t.Period, t.Rounds), Address{Person: t.Person}, c)
		d.Post = append(d.Post, st.whileOpen(ask))
		if st.In.Inline && st.In.Place.Kind != Direct {
			d.Say = &c
		}
		return d
	}}
}

// secondPress is how soon after a question a press on "Check in" means that very question: whoever clicks twice
// wants to be asked once. The button itself may be an old one, so that no nonce in it could tell.
const secondPress = time.Minute

// pressedTwice reports whether the talk has just asked for everything that the press would ask for.
func (s *State) pressedTwice(t *Talk, mine []*Goal) bool {
	_, pressed := s.In.Act.(Used)
	if !pressed || !s.running(t) || t.Rounds == 0 || s.Now.Sub(t.Opened) >= secondPress {
		return false
	}
	return !slices.ContainsFunc(mine, func(g *Goal) bool { return t.Settled[g.ID].Seq == 0 && !t.open(g.ID) })
}

// openByHand goes on with the running period, or begins the one of this week before its time.
func (s *State) openByHand(t *Talk, mine []*Goal) *Talk {
	if !s.running(t) {
		t = s.earlyTalk(t)
	}
	s.settleOthers(t)
	t.Asked = slices.DeleteFunc(t.Asked, func(id goal.ID) bool { return t.Settled[id].Seq == 0 })
	for _, g := range mine {
		if t.Settled[g.ID].Seq == 0 {
			delete(t.Settled, g.ID) // skipped before: the person came back to it
			t.Asked = append(t.Asked, g.ID)
		}
	}
	t.Opened, t.Skipped, t.Snoozed = s.Now, false, time.Time{}
	if len(s.waiting(t)) > 0 {
		t.Rounds++
	}
	return t
}

// earlyTalk is a period that its occurrence has not opened. Where the occurrence of this week has passed already,
// the talk takes its place.
func (s *State) earlyTalk(old *Talk) *Talk {
	t := &Talk{Person: s.Me.ID, Period: week(s.Now.In(s.Me.Zone())), Missed: old.missed(), Unclear: old.Unclear, Expect: old.Expect}
	if latest, err := s.latest(s.Me); err == nil && !latest.IsZero() && week(latest) == t.Period {
		t.Due = latest
	}
	if t.Period == old.Period {
		t.Rounds = old.Rounds
	}
	return t
}

// updateList offers every goal of the actor to be answered.
func (s *State) updateList() card.Card {
	v := s.Voice()
	mine := s.checkable()
	if len(mine) == 0 {
		return s.notice("checkin.none", "new")
	}
	s.byUrgency(mine)
	t := s.Talk(s.Me.ID)
	heading := v.Say("checkin.list", language.With{"count": len(mine)})
	c := card.Card{Kind: "checkin.list", Summary: heading, Body: []card.Block{title("", heading)}}
	var rows []card.Row
	for _, g := range mine[:min(len(mine), maxAsked)] {
		row := s.askedRow(g, t, false)
		answer := s.answerAction(g.ID, "", card.Usual)
		row.Action = &answer
		rows = append(rows, row)
	}
	c.Body = append(c.Body, card.Block{Rows: rows})
	if hidden := len(mine) - len(rows); hidden > 0 {
		c.Body = append(c.Body, quiet(v.Text("checkin.more", language.With{"count": hidden})))
	}
	c.Body = append(c.Body, paragraph(v.Text("checkin.not-understood.hint", language.With{
		"example": code(string(mine[0].ID) + " " + s.example(mine[0]))})))
	return c
}
