package conversation

import (
	"slices"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

func editCommand(a arguments) turn { return aboutGoal(a, "edit", editGoal) }

// editGoal opens the form with the goal as it stands.
func editGoal(id goal.ID) turn {
	t := withGoal(id, goal.Edit, func(st *State, g *Goal) Decision {
		return say(st.editForm(g, st.sketchFrom(&g.Goal), nil, st.nonce()))
	})
	t.needs = func(*State) Needs {
		return Needs{Goals: []goal.ID{id}, Indexes: []Index{{AllOpen, ""}}}
	}
	return t
}

func (s *State) editForm(g *Goal, k sketch, wrong map[string]string, question string) card.Card {
	v := s.Voice()
	heading := v.Say("edit.title", language.With{"id": string(g.ID)})
	fields := s.goalFields(k, wrong)
	for _, more := range []struct {
		name, value string
		choices     []string
	}{
		{"cadence", k.cadence, []string{string(goal.Weekly), string(goal.Biweekly), string(goal.Monthly), string(goal.Quarterly), string(goal.Yearly)}},
		{"visibility", k.visibility, []string{string(goal.Shared), string(goal.Private)}},
	} {
		fields = append(fields, card.Field{Name: more.name, Kind: card.Choose, Label: v.Say("field." + more.name),
			Value: more.value, Error: wrong[more.name], Options: options(v, more.name+".", more.choices...)})
	}
	return card.Card{
		Kind: "goal.form", Summary: heading,
		Form: &card.Form{
			Title:  heading,
			Intent: card.Intent{Verb: "goal.change", Subject: string(g.ID), Question: question},
			Submit: v.Say("button.save"), Cancel: v.Say("button.cancel"), Fields: fields,
		},
	}
}

// changeGoal saves an edited goal. A new owner is asked; the owner hears of somebody else's edit.
func changeGoal(u Used) turn {
	id, k := goal.ID(u.Intent.Subject), sketchOf(u.Values)
	t := withGoal(id, goal.Edit, func(st *State, g *Goal) Decision {
		if g.Closed != nil {
			return say(st.noticeWith("goal.is-closed", language.With{"id": string(id)}))
		}
		before := g.Goal
		wrong := st.apply(k, &g.Goal)
		st.applyHabits(k, &g.Goal, wrong)
		if g.Owner != before.Owner {
			st.checkOwner(g, wrong)
		}
		if before.Due == g.Due && g.Due.Before(st.Today()) {
			delete(wrong, "due") // it was due before this edit, too
		}
		if len(wrong) > 0 {
			return Decision{Say: ptr(st.editForm(g, k, wrong, u.Intent.Question)), Replace: true}
		}
		return st.edited(before, g)
	})
	t.needs = func(*State) Needs {
		return Needs{Goals: []goal.ID{id}, Indexes: []Index{{AllOpen, ""}}, Lines: true, Tree: true,
			People: []goal.PersonID{goal.PersonID(k.owner)}, Talks: []goal.PersonID{goal.PersonID(k.owner)},
			Messages: []string{proposalKey(id, 0)}}
	}
	return t
}

// applyHabits takes over how often the goal asks and who sees it.
func (s *State) applyHabits(k sketch, g *goal.Goal, wrong map[string]string) {
	if c := goal.Cadence(k.cadence); k.cadence != "" {
		if c.Days() == 0 {
			wrong["cadence"] = s.Voice().Say("wrong.unknown-word")
			return
		}
		g.Cadence = c
	}
	if v := goal.Visibility(k.visibility); v == goal.Shared || v == goal.Private {
		g.Visibility = v
	}
}

// edited saves a changed goal, and tells whom it concerns.
func (s *State) edited(before goal.Goal, g *Goal) Decision {
	d := Decision{Write: []Record{g}, Keep: s.In.Place.Kind == Direct, Replace: true,
		Retell: card.Intent{Verb: "goal.show", Subject: string(g.ID)}}
	if before.Visibility != g.Visibility {
		d.Timers = s.correctDigest(g) // what was told of it is told no longer
	}
	if before.Parent != g.Parent {
		d.Write = append(d.Write, s.Tree()) // two edits at once must not close a circle
	}
	switch {
	case before.Owner != g.Owner && g.Owner != s.Me.ID:
		g.Acceptance = goal.Proposed
		d.Post = append(d.Post, s.proposal(g))
	case before.Owner != g.Owner:
		g.Acceptance = goal.Accepted
		d.Timers = append(d.Timers, s.armCheckIn(s.Me, g)...)
	case g.Owner == s.Me.ID:
		s.takeOn(g, &d)
		d.Timers = append(d.Timers, s.armCheckIn(s.Me, g)...)
	default:
		d.Post = append(d.Post, s.toOwner(g, "edit.told", ""))
	}
	c := s.goalCard(g)
	d.Say = &c
	return d
}

// takeOn is a yes to a goal that was proposed: whoever changes it to what they want to answer for has agreed to it.
// The message that asked shows the goal from now on.
func (s *State) takeOn(g *Goal, d *Decision) {
	if g.Acceptance == goal.Accepted {
		return
	}
	g.Acceptance = goal.Accepted
	for _, p := range s.others(g.Creator) {
		d.Post = append(d.Post, s.tell(p, g, "proposal.accepted", ""))
	}
	if m := s.Message(proposalKey(g.ID, g.Askings-1)); m != nil {
		d.Post = append(d.Post, m.showing(s.goalCard(g)))
		d.Keep = false // it stands there
	}
}

// toOwner tells a goal's owner, in the owner's language, what the actor did; note is what they added.
func (s *State) toOwner(g *Goal, id, note string) *Message {
	return s.tell(g.Owner, g, id, note)
}

// tell writes to a person, in their own language, what the actor did with a goal.
func (s *State) tell(to goal.PersonID, g *Goal, id, note string) *Message {
	reader := s.as(to)
	v := reader.Voice()
	text := v.Text(id, language.With{"who": s.mention(), "goal": goalSpan(g)})
	c := card.Card{Kind: "goal.told", Summary: text.String(), Body: []card.Block{paragraph(text)}}
	if note != "" {
		c.Body = append(c.Body, quote(note))
	}
	c.Actions = []card.Action{{Label: v.Say("button.open"), Intent: card.Intent{Verb: "goal.show", Subject: string(g.ID)}}}
	key := id + ":" + digest(string(to), string(g.ID), s.nonce())
	return reader.message(key, Address{Person: to}, c)
}

// mention names the actor so that others can turn to them.
func (s *State) mention() card.Span {
	return card.Span{Text: s.Me.First(), Person: string(s.Me.ID)}
}

// as is the same state in another person's eyes: their language, zone and rights.
func (s *State) as(id goal.PersonID) *State {
	other := *s
	other.Me = s.Person(id)
	if other.Me == nil {
		other.Me = &Person{ID: id}
	}
	return &other
}

// undoGoal takes a new goal back.
func undoGoal(u Used) turn {
	id := goal.ID(u.Intent.Subject)
	t := withGoal(id, goal.Edit, func(st *State, g *Goal) Decision {
		if !st.undoable(g) || g.Closed != nil {
			return say(st.noticeWith("undo.late", language.With{"id": string(id)}))
		}
		g.Closed = &goal.Closing{At: st.Now, By: st.Me.ID, Undone: true}
		d := Decision{Write: []Record{g}, Replace: true}
		if g.Owner != st.Me.ID {
			d.Post = append(d.Post, st.withdrawn(g))
		}
		if m := st.Message(shareKey(id)); m != nil { // what everybody saw is taken back before everybody
			d.Post = append(d.Post, m.showing(st.forChannel(st.Channel(g.Channel)).takenBack(g, st.mention())))
		}
		d.Say = ptr(st.noticeWith("undo.done", language.With{"goal": goalSpan(g)}, "new"))
		return d
	})
	t.needs = func(*State) Needs {
		return Needs{Goals: []goal.ID{id}, Messages: []string{proposalKey(id, 0), shareKey(id)}}
	}
	return t
}

// shareKey names the message that shares a goal with its channel.
func shareKey(id goal.ID) string { return "share:" + string(id) }

// shareGoal posts the goal's card into its channel, once, for everybody there.
func shareGoal(u Used) turn {
	id := goal.ID(u.Intent.Subject)
	key := shareKey(id)
	t := withGoal(id, goal.Edit, func(st *State, g *Goal) Decision {
		channel := st.Channel(g.Channel)
		told := language.With{"channel": channel.Room.Name}
		switch {
		case st.Message(key) != nil:
			return say(st.noticeWith("share.again", told))
		case g.Channel == "" || g.Visibility != goal.Shared || !channel.Room.Present:
			return say(st.noticeWith("share.cannot", told))
		}
		reader := st.forChannel(channel)
		c := reader.goalCard(g)
		c.Kind, c.Actions = "goal.shared", nil
		return Decision{
			Post: []*Message{reader.message(key, Address{Channel: g.Channel}, c)},
			Say:  ptr(st.noticeWith("share.done", told)),
		}
	})
	t.needs = func(*State) Needs { return Needs{Goals: []goal.ID{id}, Lines: true, Messages: []string{key}} }
	return t
}

// forChannel is the same state in a channel's eyes: its language and zone, else the actor's, and nobody's rights
// but those of whoever reads there.
func (s *State) forChannel(c *Channel) *State {
	zone, tag := c.Digest.Zone, c.Digest.Language
	if zone == "" {
		zone = s.Me.Zone().String()
	}
	if tag == "" {
		tag = s.Me.Language()
	}
	reader := *s
	reader.Me = &Person{Chosen: Choices{Language: tag, Zone: zone}}
	return &reader
}

// others keeps the people who are not the actor, each once.
func (s *State) others(people ...goal.PersonID) []goal.PersonID {
	slices.Sort(people)
	return slices.DeleteFunc(slices.Compact(people), func(p goal.PersonID) bool { return p == s.Me.ID || p == "" })
}
