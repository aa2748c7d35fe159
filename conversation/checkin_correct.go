package conversation

import (
	"strconv"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

func (s *State) correctAction(g *Goal, c *goal.CheckIn) card.Action {
	return card.Action{Label: s.Voice().Say("button.correct"),
		Intent: card.Intent{Verb: "checkin.correct", Subject: string(g.ID), Value: strconv.Itoa(c.Seq)}}
}

// correctable says why a check-in can no longer be corrected, as a message's id; empty while it can: it is the
// goal's latest, and no further period has opened.
func (s *State) correctable(g *Goal, c *goal.CheckIn) string {
	last := g.Last()
	switch {
	case g.Closed != nil || c == nil || last == nil:
		return "checkin.correct.too-old"
	case last.Seq != c.Seq:
		return "checkin.correct.newer"
	}
	next, err := s.occurrence(s.Me, c.At)
	if err != nil || !next.After(s.Now) {
		return "checkin.correct.too-old"
	}
	return ""
}

// correctForm opens the form of a check-in with what it said; saving replaces it.
func correctForm(u Used) turn {
	id := goal.ID(u.Intent.Subject)
	seq, _ := strconv.Atoi(u.Intent.Value)
	return checkingIn(id, func(st *State, g *Goal) Decision {
		v := st.Voice()
		c := checkIn(g, seq)
		if why := st.correctable(g, c); why != "" {
			answer := st.noticeWith(why, language.With{"id": string(id)})
			answer.Actions = []card.Action{{Label: v.Say("button.update"),
				Intent: card.Intent{Verb: "checkin.answer", Subject: string(id)}}}
			return say(answer)
		}
		form := st.answerCard(g, st.formOf(g, c), nil, card.Intent{
			Verb: "checkin.save", Subject: string(id), Question: st.nonce(), Value: strconv.Itoa(seq)})
		before := quiet(v.Text("checkin.correct.before", language.With{"told": st.told(g, c)}))
		form.Body = append(form.Body, before)
		return say(form)
	})
}
