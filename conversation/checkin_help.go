package conversation

import (
	"strconv"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// askHelp asks whom to turn to with a blocker, and writes to them.
func askHelp(u Used) turn {
	id, helper := goal.ID(u.Intent.Subject), goal.PersonID(goal.Clean(u.Values["helper"]))
	seq, _ := strconv.Atoi(u.Intent.Value)
	t := checkingIn(id, func(st *State, g *Goal) Decision {
		c := checkIn(g, seq)
		switch {
		case c == nil || c.Blocker == "" || g.Last().Seq != seq:
			return say(st.noticeWith("checkin.help.over", language.With{"id": string(id)}, "checkin"))
		case u.Values == nil && c.Helper != "", c.Helper != "" && c.Helper == helper: // asked already
			return say(st.receiptCard(g, c))
		case u.Values == nil:
			intent := card.Intent{Verb: "checkin.help", Subject: string(id), Question: st.nonce(), Value: u.Intent.Value}
			return say(st.helpForm(c, "", "", intent))
		}
		if wrong := st.cannotHelp(helper); wrong != "" {
			return Decision{Say: ptr(st.helpForm(c, string(helper), st.Voice().Say(wrong), u.Intent)), Replace: true}
		}
		return st.askFor(g, *c, helper)
	})
	t.needs = func(st *State) Needs {
		n := checkInNeeds(id)(st)
		n.Messages = append(n.Messages, receiptKey(id, seq))
		if helper != "" {
			n.People = []goal.PersonID{helper}
		}
		return n
	}
	return t
}

func (s *State) helpForm(c *goal.CheckIn, helper, wrong string, intent card.Intent) card.Card {
	v := s.Voice()
	heading := v.Say("checkin.help.title")
	return card.Card{Kind: "checkin.help", Summary: heading,
		Body: []card.Block{quote(c.Blocker)},
		Form: &card.Form{Title: heading, Intent: intent, Submit: v.Say("button.ask"), Cancel: v.Say("button.cancel"),
			Fields: []card.Field{{Name: "helper", Kind: card.Person, Label: v.Say("checkin.help.who"), Value: helper,
				Error: wrong, Required: true}}},
	}
}

// cannotHelp says, as a message's id, why somebody cannot be asked.
func (s *State) cannotHelp(id goal.PersonID) string {
	p := s.Person(id)
	switch {
	case id == s.Me.ID:
		return "checkin.help.yourself"
	case p == nil || p.Profile.Gone || p.Profile.Bot:
		return "checkin.help.cannot"
	}
	return ""
}

// askFor writes to the helper in their language. A goal that they may be unable to see is told by its number only.
func (s *State) askFor(g *Goal, c goal.CheckIn, helper goal.PersonID) Decision {
	c.Helper = helper
	d := s.amend(g, c)
	d.Timers = s.correctDigest(g)
	reader := s.as(helper)
	v := reader.Voice()
	what := goalSpan(g)
	if g.Visibility == goal.Private || s.Channel(g.Channel).Room.Private || reader.Me.Profile.Guest {
		what = strong(string(g.ID))
	}
	text := v.Text("checkin.help.asked", language.With{"who": s.mention(), "goal": what})
	ask := card.Card{Kind: "checkin.help", Summary: text.String(), Body: []card.Block{paragraph(text), quote(c.Blocker)},
		Actions: []card.Action{{Label: v.Say("button.can-help"), Style: card.Primary,
			Intent: card.Intent{Verb: "digest.help", Subject: string(g.ID), Question: s.helpQuestion(c)}}}}
	key := "help:" + string(g.ID) + ":" + strconv.Itoa(c.Seq) + ":" + digest(string(helper))
	d.Post = append(d.Post, reader.message(key, Address{Person: helper}, ask))
	if m := s.Message(receiptKey(g.ID, c.Seq)); m != nil {
		d.Post = append(d.Post, s.reshow(m, s.receiptCard(g, &c)))
	}
	s.sayUnlessShown(&d, func() card.Card {
		return s.noticeWith("checkin.help.sent", language.With{"who": s.Name(helper)})
	})
	return d
}

// helpQuestion is the period that the blocker was told in.
func (s *State) helpQuestion(c goal.CheckIn) string {
	if c.Period != "" {
		return c.Period
	}
	return week(c.At.In(s.Me.Zone()))
}
