package conversation

import (
	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// oneGoal needs a goal and its line of ancestors.
func oneGoal(id goal.ID) func(*State) Needs {
	return func(*State) Needs { return Needs{Goals: []goal.ID{id}, Lines: true} }
}

// withGoal is a turn about one goal that the actor must be allowed to do something with. A goal they may not
// see is told like one that does not exist.
func withGoal(id goal.ID, act goal.Act, decide func(*State, *Goal) Decision) turn {
	return turn{needs: oneGoal(id), decide: func(st *State) Decision {
		g := st.seeable(id)
		switch {
		case g == nil:
			return say(st.noticeWith("goal.unknown", language.With{"id": string(id)}, "list"))
		case !st.May(act, g):
			return say(st.notAllowed(g))
		}
		return decide(st, g)
	}}
}

// notAllowed says whose goal it is, and what can be done instead.
func (s *State) notAllowed(g *Goal) card.Card {
	v := s.Voice()
	c := s.noticeWith("goal.not-yours", language.With{"id": string(g.ID), "who": s.Name(g.keeper())})
	if s.May(goal.LeaveNote, g) && g.keeper() != s.Me.ID {
		c.Actions = append(c.Actions, card.Action{Label: v.Say("button.note"),
			Intent: card.Intent{Verb: "goal.note", Subject: string(g.ID)}})
	}
	return c
}

// onGoal makes a control's turn of one that takes the goal.
func onGoal(f func(goal.ID) turn) func(Used) turn {
	return func(u Used) turn { return f(goal.ID(u.Intent.Subject)) }
}

// aboutGoal makes a command's turn of one that takes the goal; without an id it says what to type.
func aboutGoal(a arguments, name string, f func(goal.ID) turn) turn {
	if id, _, ok := leadingID(a.text); ok {
		return f(id)
	}
	if id, ok := goal.ParseID("G-" + a.text); ok { // "show 12": where a goal is meant, its number is enough
		return f(id)
	}
	return answering(func(st *State) card.Card {
		return st.noticeWith("goal.which", language.With{"command": code(st.asTyped("/goal " + name + " G-12"))}, "list")
	})
}

func showCommand(a arguments) turn { return aboutGoal(a, "show", showGoal) }

// showGoal shows a goal's card, with what was said at its last check-in.
func showGoal(id goal.ID) turn {
	return withGoal(id, goal.See, func(st *State, g *Goal) Decision {
		c := st.goalCard(g)
		if last := g.Last(); last != nil {
			c.Body = append(c.Body, st.lastWords(last)...)
		}
		return say(c)
	})
}

// lastWords are what the owner told last: what changed, what blocks, what comes next.
func (s *State) lastWords(c *goal.CheckIn) []card.Block {
	v := s.Voice()
	var facts []card.Fact
	for _, told := range []struct{ id, text string }{
		{"told.change", c.Change}, {"told.blocker", c.Blocker}, {"told.next", c.Next},
	} {
		if told.text != "" {
			facts = append(facts, card.Fact{Name: v.Say(told.id), Value: plain(told.text)})
		}
	}
	when := quiet(v.Text("told.when", language.With{"who": s.Name(c.By), "moment": v.Moment(c.At.In(s.Me.Zone()), s.Now)}))
	if len(facts) == 0 {
		return []card.Block{when}
	}
	return []card.Block{{Facts: facts}, when}
}
