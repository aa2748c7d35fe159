package conversation

import (
	"strconv"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// proposalKey names the message that asks an owner; each new asking has a number of its own.
func proposalKey(id goal.ID, asking int) string {
	return "proposal:" + string(id) + ":" + strconv.Itoa(asking)
}

// proposal asks the owner of a goal that somebody else made, in the owner's language.
func (s *State) proposal(g *Goal) *Message {
	reader := s.as(g.Owner)
	g.Askings++
	return reader.message(proposalKey(g.ID, g.Askings-1), Address{Person: g.Owner}, reader.proposalCard(g, s.mention()))
}

func (s *State) proposalCard(g *Goal, from card.Span) card.Card {
	v := s.Voice()
	text := v.Text("proposal.ask", language.With{"who": from})
	c := card.Card{
		Kind:    "owner.accept",
		Summary: v.Say("proposal.summary", language.With{"who": from.Text, "title": g.Title}),
		Body:    []card.Block{paragraph(text), title("", g.Title), paragraph(plain(s.factsLine(g)))},
	}
	if g.Reason != "" {
		c.Body = append(c.Body, quote(g.Reason))
	}
	for _, b := range []struct{ label, verb string }{
		{"button.accept", "goal.accept"}, {"button.change", "goal.edit"}, {"button.return", "goal.return"},
	} {
		intent := card.Intent{Verb: b.verb, Subject: string(g.ID)}
		if b.verb != "goal.edit" {
			intent.Question = strconv.Itoa(g.Askings)
		}
		c.Actions = append(c.Actions, card.Action{Label: v.Say(b.label), Intent: intent})
	}
	c.Actions[0].Style = card.Primary
	return c
}

// acceptGoal is the owner's yes: the goal's check-ins begin, and its creator hears of it.
func acceptGoal(u Used) turn {
	return answerProposal(u, func(st *State, g *Goal) Decision {
		g.Acceptance = goal.Accepted
		d := Decision{Write: []Record{g}, Timers: st.armCheckIn(st.Me, g), Replace: true}
		d.Post = append(d.Post, st.tell(g.Creator, g, "proposal.accepted", ""))
		d.Say = ptr(st.goalCard(g))
		return d
	})
}

// returnGoal is the owner's no: the goal stays with its creator until somebody takes it.
func returnGoal(u Used) turn {
	return answerProposal(u, func(st *State, g *Goal) Decision {
		g.Acceptance = goal.HandedBack
		return Decision{
			Write: []Record{g}, Replace: true,
			Post: []*Message{st.tell(g.Creator, g, "proposal.returned", "")},
			Say:  ptr(st.noticeWith("proposal.you-returned", language.With{"goal": goalSpan(g), "who": st.Name(g.Creator)})),
		}
	})
}

// answerProposal is a turn for the owner while the question is open; later it shows how the goal stands.
func answerProposal(u Used, decide func(*State, *Goal) Decision) turn {
	id := goal.ID(u.Intent.Subject)
	t := withGoal(id, goal.See, func(st *State, g *Goal) Decision {
		open := g.Acceptance == goal.Proposed && g.Closed == nil && strconv.Itoa(g.Askings) == u.Intent.Question
		if g.Owner != st.Me.ID || !open {
			return Decision{Say: ptr(st.goalCard(g)), Replace: true}
		}
		d := decide(st, g)
		d.Retell = card.Intent{Verb: "goal.show", Subject: string(id)}
		return d
	})
	t.needs = func(st *State) Needs {
		return Needs{Goals: []goal.ID{id}, Talks: []goal.PersonID{st.Me.ID}}
	}
	return t
}

// withdrawn tells the proposed owner that the goal was taken back, in the message that asked them.
func (s *State) withdrawn(g *Goal) *Message {
	reader := s.as(g.Owner)
	c := reader.takenBack(g, s.mention())
	if m := s.Message(proposalKey(g.ID, g.Askings-1)); m != nil {
		return m.showing(c)
	}
	return reader.message("withdrawn:"+string(g.ID), Address{Person: g.Owner}, c)
}

// takenBack tells others that a goal is no more.
func (s *State) takenBack(g *Goal, by card.Span) card.Card {
	return s.noticeWith("proposal.withdrawn", language.With{"who": by, "goal": goalSpan(g)})
}

// noteGoal opens a line to the owner for somebody who may not edit the goal.
func noteGoal(u Used) turn {
	return withGoal(goal.ID(u.Intent.Subject), goal.LeaveNote, func(st *State, g *Goal) Decision {
		return say(st.noteForm(g, "", "", st.nonce()))
	})
}

func (s *State) noteForm(g *Goal, typed, wrong, question string) card.Card {
	v := s.Voice()
	heading := v.Say("note.title", language.With{"who": s.Name(g.Owner)})
	return card.Card{Kind: "goal.note", Summary: heading, Form: &card.Form{
		Title:  heading,
		Intent: card.Intent{Verb: "goal.leave", Subject: string(g.ID), Question: question},
		Submit: v.Say("button.send"), Cancel: v.Say("button.cancel"),
		Fields: []card.Field{{Name: "note", Label: v.Say("field.note", language.With{"id": string(g.ID)}), Kind: card.Lines,
			Value: typed, Error: wrong, Required: true, Max: goal.MaxNote}},
	}}
}

// leaveNote sends the line.
func leaveNote(u Used) turn {
	note := goal.Clean(u.Values["note"])
	return withGoal(goal.ID(u.Intent.Subject), goal.LeaveNote, func(st *State, g *Goal) Decision {
		if note == "" || len([]rune(note)) > goal.MaxNote {
			wrong := st.Voice().Say("wrong.note", language.With{"max": goal.MaxNote})
			return Decision{Say: ptr(st.noteForm(g, u.Values["note"], wrong, u.Intent.Question)), Replace: true}
		}
		return Decision{
			Post:   []*Message{st.toOwner(g, "note.told", note)},
			Say:    ptr(st.noticeWith("note.sent", language.With{"who": st.Name(g.Owner)})),
			Retell: card.Intent{Verb: "goal.show", Subject: string(g.ID)},
		}
	})
}
