package conversation

import (
	"slices"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// offerHelp is "I can help" with a goal's blocker: its owner is told, once, and the digest shows who helps.
func offerHelp(u Used) turn {
	id := goal.ID(u.Intent.Subject)
	key := func(st *State) string {
		return "helps:" + digest(string(id), u.Intent.Question, string(st.Me.ID))
	}
	t := withGoal(id, goal.See, func(st *State, g *Goal) Decision {
		last := g.Last()
		switch {
		case st.Message(key(st)) != nil, last != nil && last.Blocker != "" && last.Helper == st.Me.ID:
			return say(st.thanks(g))
		case g.Closed != nil || last == nil || last.Blocker == "":
			return say(st.noticeWith("digest.help.over", language.With{"goal": goalSpan(g)}))
		case g.Owner == st.Me.ID:
			return say(st.noticeWith("digest.help.yours", language.With{"goal": goalSpan(g)}))
		}
		return st.help(g, *last, key(st), u.Intent)
	})
	t.needs = func(st *State) Needs {
		n := oneGoal(id)(st)
		n.Messages = []string{key(st)}
		return n
	}
	return t
}

// help notes who helps, and tells the owner and whoever named the blocker.
func (s *State) help(g *Goal, last goal.CheckIn, key string, again card.Intent) Decision {
	last.Helper = s.Me.ID
	d := s.amend(g, last)
	d.Retell = again
	d.Timers = s.correctDigest(g)
	for n, p := range s.others(g.Owner, last.By) {
		reader := s.as(p)
		v := reader.Voice()
		text := v.Text("digest.help.told", language.With{"who": s.mention(), "goal": goalSpan(g)})
		told := card.Card{Kind: "digest.help", Summary: text.String(), Body: []card.Block{paragraph(text), quote(last.Blocker)},
			Actions: []card.Action{{Label: v.Say("button.open"), Intent: card.Intent{Verb: "goal.show", Subject: string(g.ID)}}}}
		if n > 0 {
			key += ":too"
		}
		d.Post = append(d.Post, reader.message(key, Address{Person: p}, told))
	}
	d.Say = ptr(s.thanks(g))
	return d
}

// thanks tells the helper, alone, what happens now.
func (s *State) thanks(g *Goal) card.Card {
	who := g.Owner
	if last := g.Last(); last != nil && who == s.Me.ID {
		who = last.By
	}
	c := s.noticeWith("digest.help.thanks", language.With{"who": s.Name(who), "goal": goalSpan(g)})
	if last := g.Last(); last != nil && last.Blocker != "" && last.Helper == s.Me.ID { // not a newer one
		c.Body = append(slices.Clone(c.Body), quote(last.Blocker))
	}
	return c
}
