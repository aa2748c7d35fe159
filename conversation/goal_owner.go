package conversation

import (
	"strconv"
	"unicode/utf8"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// proposalKey names the message that asks an owner; each new asking has a number of its own.
func proposalKey(id goal.ID, asking int) string {
	return "proposal:" + string(id) + ":" + strconv.Itoa(asking)
}

// propose asks the owner of a goal that the actor made for them or hands to them, in the owner's language.
func (s *State) propose(d *Decision, g *Goal) {
	g.Acceptance, g.AskedBy = goal.Proposed, s.Me.ID
	g.Askings++
	reader := s.as(g.Owner)
	ask := reader.message(proposalKey(g.ID, g.Askings-1), Address{Person: g.Owner}, reader.proposalCard(g, s.mention()))
	d.Post = append(d.Post, ask)
}

// reask makes the question to the goal's owner show something else, in the owner's language: the goal as it is
// now, or that it was settled. It reports whether there is such a question.
func (s *State) reask(d *Decision, g *Goal, say func(*State) card.Card) bool {
	m := s.Message(proposalKey(g.ID, g.Askings-1))
	if m != nil {
		reader := s.as(m.To.Person)
		d.Post = append(d.Post, reader.reshow(m, say(reader)))
	}
	return m != nil
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
	c.Actions = s.proposalActions(g)
	return c
}

// proposalActions are the answers that a proposed owner can give. Each asking has its own.
func (s *State) proposalActions(g *Goal) []card.Action {
	again := strconv.Itoa(g.Askings)
	action := func(label, verb, question string) card.Action {
		return card.Action{Label: s.Voice().Say(label), Intent: card.Intent{Verb: verb, Subject: string(g.ID), Question: question}}
	}
	accept := action("button.accept", "goal.accept", again)
	accept.Style = card.Primary
	return []card.Action{accept, action("button.change", "goal.edit", ""), action("button.return", "goal.return", again)}
}

// acceptGoal is the owner's yes: the goal's check-ins begin, and whoever asked hears of it.
func acceptGoal(u Used) turn {
	return answerProposal(u, func(st *State, g *Goal) Decision {
		d := Decision{Write: []Record{g}, Replace: true}
		st.accept(&d, g, "proposal.accepted")
		d.Timers = st.armOwners(g)
		d.Say = ptr(st.goalCard(g))
		return d
	})
}

// accept makes the goal the actor's own; told is the message for whoever asked. Its check-ins are still to be armed.
func (s *State) accept(d *Decision, g *Goal, told string) {
	g.Acceptance = goal.Accepted
	s.tell(d, g, told, "", g.Asker())
	if s.reask(d, g, func(reader *State) card.Card { return reader.goalCard(g) }) {
		d.Keep = false // it stands there
	}
}

// returnGoal is the owner's no: the goal stays with whoever asked until somebody takes it.
func returnGoal(u Used) turn {
	return answerProposal(u, func(st *State, g *Goal) Decision {
		g.Acceptance = goal.HandedBack
		d := Decision{Write: []Record{g}, Replace: true}
		st.tell(&d, g, "proposal.returned", "", g.Asker())
		done := st.noticeWith("proposal.you-returned", language.With{"goal": goalSpan(g), "who": st.Name(g.Asker())})
		st.reask(&d, g, func(*State) card.Card { return done })
		d.Say = &done
		return d
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
	t.needs = askedAbout(id)
	return t
}

// withdraw tells the proposed owner, in the message that asked them, that they are no longer asked.
func (s *State) withdraw(d *Decision, g *Goal) {
	s.reask(d, g, func(reader *State) card.Card {
		return reader.takenBack(g, s.mention())
	})
}

// takenBack tells others that a goal is no more.
func (s *State) takenBack(g *Goal, by card.Span) card.Card {
	return s.noticeWith("proposal.withdrawn", language.With{"who": by, "goal": goalSpan(g)})
}

// keeper is whom the goal belongs to: its owner, or whoever asked an owner that handed it back.
func (g *Goal) keeper() goal.PersonID {
	if g.Acceptance == goal.HandedBack {
		return g.Asker()
	}
	return g.Owner
}

// noteGoal opens a line to the owner for somebody who may not edit the goal.
func noteGoal(u Used) turn {
	return noting(u, func(st *State, g *Goal) Decision { return say(st.noteForm(g, "", "", st.nonce())) })
}

// noting is a turn for everybody but the one whom a note would reach: nobody writes to themself.
func noting(u Used, decide func(*State, *Goal) Decision) turn {
	return withGoal(goal.ID(u.Intent.Subject), goal.LeaveNote, func(st *State, g *Goal) Decision {
		if g.keeper() == st.Me.ID {
			return Decision{Say: ptr(st.goalCard(g)), Replace: true}
		}
		return decide(st, g)
	})
}

func (s *State) noteForm(g *Goal, typed, wrong, question string) card.Card {
	v := s.Voice()
	heading := v.Say("note.title", language.With{"who": s.Name(g.keeper())})
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
	return noting(u, func(st *State, g *Goal) Decision {
		sent := st.noticeWith("note.sent", language.With{"who": st.Name(g.keeper())})
		if u.Values == nil && u.Intent.Value == asSaved {
			return say(sent)
		}
		if note == "" || utf8.RuneCountInString(note) > goal.MaxNote {
			wrong := st.Voice().Say("wrong.note", language.With{"max": goal.MaxNote})
			return Decision{Say: ptr(st.noteForm(g, u.Values["note"], wrong, u.Intent.Question)), Replace: true}
		}
		d := Decision{
			Say:    &sent,
			Retell: card.Intent{Verb: "goal.leave", Subject: string(g.ID), Value: asSaved},
		}
		st.tell(&d, g, "note.told", note, g.keeper())
		return d
	})
}
