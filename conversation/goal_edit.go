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
		return Needs{Goals: []goal.ID{id}, Choice: true, Mine: true}
	}
	return t
}

func (s *State) editForm(g *Goal, k sketch, wrong map[string]string, question string) card.Card {
	v := s.Voice()
	heading := v.Say("edit.title", language.With{"id": string(g.ID)})
	fields := s.goalFields(g.ID, k, wrong)
	for _, more := range []struct {
		name, value string
		choices     []string
	}{
		{"cadence", k.cadence, cadences}, {"visibility", k.visibility, visibilities},
	} {
		fields = append(fields, card.Field{Name: more.name, Kind: card.Choose, Label: v.Say("field." + more.name),
			Value: more.value, Error: wrong[more.name], Options: options(v, more.name+".", more.choices...)})
	}
	fields = append(fields, s.channelField(g, k, wrong))
	return card.Card{
		Kind: "goal.form", Summary: heading,
		Form: &card.Form{
			Title:  heading,
			Intent: card.Intent{Verb: "goal.change", Subject: string(g.ID), Question: question},
			Submit: v.Say("button.save"), Cancel: v.Say("button.cancel"), Fields: fields,
		},
	}
}

// changeGoal saves an edited goal. A new owner is asked; who owns or owned it hears of somebody else's edit.
func changeGoal(u Used) turn {
	id, k := goal.ID(u.Intent.Subject), sketchOf(u.Values)
	t := withGoal(id, goal.Edit, func(st *State, g *Goal) Decision {
		if g.Closed != nil {
			return say(st.noticeWith("goal.is-closed", language.With{"id": string(id)}))
		}
		before := g.Goal
		wrong := st.apply(k, &g.Goal)
		st.applyHabits(k, &g.Goal, wrong)
		st.applyChannel(k, &g.Goal, wrong)
		if g.Owner != before.Owner {
			st.checkOwner(g, wrong)
		}
		if k.due == before.Due.String() && before.Due.Before(st.Today()) {
			delete(wrong, "due") // it was over before this edit, too
		}
		if len(wrong) > 0 {
			return Decision{Say: ptr(st.editForm(g, k, wrong, u.Intent.Question)), Replace: true}
		}
		return st.edited(before, g)
	})
	t.needs = func(*State) Needs {
		n := Needs{Goals: append(k.served(), id), Choice: true, Lines: true, Tree: true, Asked: true, Mine: true,
			People: []goal.PersonID{goal.PersonID(k.owner)}}
		if k.channel != noChannel {
			n.Channels = []goal.ChannelID{goal.ChannelID(k.channel)}
		}
		return n
	}
	return t
}

// The words of the two fields that only the form of an existing goal has.
var (
	cadences = []string{string(goal.Weekly), string(goal.Biweekly), string(goal.Monthly), string(goal.Quarterly), string(goal.Yearly)}

	visibilities = []string{string(goal.Shared), string(goal.Private)}
)

// applyHabits takes over how often the goal asks and who sees it; what is left out stays.
func (s *State) applyHabits(k sketch, g *goal.Goal, wrong map[string]string) {
	choose := func(field, word string, known []string, take func()) {
		switch {
		case slices.Contains(known, word):
			take()
		case word != "":
			wrong[field] = s.Voice().Say("wrong.unknown-word")
		}
	}
	choose("cadence", k.cadence, cadences, func() { g.Cadence = goal.Cadence(k.cadence) })
	choose("visibility", k.visibility, visibilities, func() { g.Visibility = goal.Visibility(k.visibility) })
}

// edited saves a changed goal, and tells whom it concerns. A proposed owner who changes the goal takes it as changed.
func (s *State) edited(before goal.Goal, g *Goal) Decision {
	d := Decision{Write: []Record{g}, Keep: s.In.Place.Kind == Direct, Replace: true,
		Retell: card.Intent{Verb: "goal.show", Subject: string(g.ID)}}
	if before.Visibility != g.Visibility || before.Channel != g.Channel {
		s.hideAgain(&d, &Goal{before}, g)
	}
	if before.Parent != g.Parent {
		d.Write = append(d.Write, s.Tree()) // two edits at once must not close a circle
	}
	switch {
	case before.Owner != g.Owner:
		s.handOver(&d, &Goal{before}, g)
	case g.Acceptance == goal.Proposed && g.Owner == s.Me.ID:
		s.accept(&d, g, "proposal.changed")
	case g.Acceptance == goal.Proposed:
		s.reask(&d, g, func(reader *State) card.Card { return reader.proposalCard(g, reader.mentioned(g.Asker())) })
	default:
		s.tell(&d, g, "edit.told", "", g.Owners()...)
	}
	d.Timers = append(d.Timers, s.armOwners(g)...)
	s.reprompt(&d, g, append(before.Owners(), g.Owners()...)...)
	d.Say = ptr(s.goalCard(g))
	return d
}

// hideAgain takes a goal that has become private, or went elsewhere, out of where its channel could read of it.
func (s *State) hideAgain(d *Decision, before, g *Goal) {
	d.Timers = append(d.Timers, s.correctDigest(before)...)
	gone := g.Visibility == goal.Private || before.Channel != g.Channel
	if m := s.Message(shareKey(before)); m != nil && gone {
		d.Post = append(d.Post, m.showing(nothingLeft(m.Language)))
	}
}

// handOver gives the goal to another owner, who is asked unless it is the actor. Who had it, or was asked, hears of
// it by the name that they know it by.
func (s *State) handOver(d *Decision, before, g *Goal) {
	told := *g
	told.Title = before.Title
	switch {
	case before.Acceptance == goal.Proposed && before.Owner == s.Me.ID:
		s.tell(d, &told, "transfer.told", "", before.Asker())
		s.reask(d, before, func(reader *State) card.Card { return reader.newsOf(s.Me.ID, &told, "transfer.told", "") })
	case before.Acceptance == goal.Proposed:
		s.withdraw(d, before)
	default:
		s.tell(d, &told, "transfer.told", "", before.Owners()...)
	}
	if g.Owner == s.Me.ID {
		g.Acceptance = goal.Accepted
		return
	}
	s.propose(d, g)
}

// armOwners makes sure that somebody looks when the goal asks its owners next.
func (s *State) armOwners(g *Goal) []Timer {
	var timers []Timer
	for _, p := range g.Owners() {
		timers = append(timers, s.as(p).armCheckIn(s.Person(p), g)...)
	}
	return timers
}

// reprompt brings the open check-in questions of people up to date with what was done to one of the goals.
func (s *State) reprompt(d *Decision, g *Goal, people ...goal.PersonID) {
	for _, p := range distinctIDs(people) {
		reader := s.as(p)
		t := reader.Talk(p)
		if !slices.Contains(t.Asked, g.ID) {
			continue
		}
		for _, m := range reader.reface(t) {
			if old := s.Message(m.Key); !sameCard(old.Card, m.Card) {
				d.Post = append(d.Post, m)
			}
		}
	}
}

// tell writes to people, each in their own language, what the actor did with a goal. Nobody is told what they did
// themselves.
func (s *State) tell(d *Decision, g *Goal, id, note string, to ...goal.PersonID) {
	for _, p := range s.others(to...) {
		reader := s.as(p)
		key := id + ":" + digest(string(p), string(g.ID), s.nonce())
		d.Post = append(d.Post, reader.message(key, Address{Person: p}, reader.newsOf(s.Me.ID, g, id, note)))
	}
}

// newsOf says to the reader what somebody did with a goal.
func (s *State) newsOf(by goal.PersonID, g *Goal, id, note string) card.Card {
	v := s.Voice()
	text := v.Text(id, language.With{"who": s.mentioned(by), "goal": goalSpan(g), "owner": s.Name(g.Owner)})
	c := card.Card{Kind: "goal.told", Summary: text.String(), Body: []card.Block{paragraph(text)}}
	if note != "" {
		c.Body = append(c.Body, quote(note))
	}
	if s.May(goal.See, g) {
		c.Actions = []card.Action{{Label: v.Say("button.open"), Intent: card.Intent{Verb: "goal.show", Subject: string(g.ID)}}}
	}
	return c
}

// mention names the actor so that others can turn to them.
func (s *State) mention() card.Span { return s.mentioned(s.Me.ID) }

// mentioned names somebody so that the reader can turn to them.
func (s *State) mentioned(id goal.PersonID) card.Span {
	return card.Span{Text: s.Name(id), Person: string(id)}
}

// as is the same state in another person's eyes: their language, zone and rights. Where they belong is not known.
func (s *State) as(id goal.PersonID) *State {
	if id == s.Me.ID {
		return s
	}
	other := *s
	other.member = nil
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
		d := Decision{Write: []Record{g}, Replace: true, Say: ptr(st.undone(g)), Retell: u.Intent}
		if g.Acceptance == goal.Proposed {
			st.withdraw(&d, g)
		}
		if m := st.Message(shareKey(g)); m != nil { // what everybody saw is taken back before everybody
			d.Post = append(d.Post, m.showing(st.forChannel(st.Channel(g.Channel)).takenBack(g, st.mention())))
		}
		st.reprompt(&d, g, g.Owners()...)
		return d
	})
	decide := t.decide
	t.decide = func(st *State) Decision {
		if g := st.Goal(id); g != nil && g.Closed != nil && g.Closed.Undone && g.Closed.By == st.Me.ID {
			return Decision{Say: ptr(st.undone(g)), Replace: true} // pressed twice
		}
		return decide(st)
	}
	t.needs = askedAbout(id)
	return t
}

func (s *State) undone(g *Goal) card.Card {
	return s.noticeWith("undo.done", language.With{"goal": goalSpan(g)}, "new")
}

// askedAbout needs a goal, what its owners are being asked, and what its channel was shown.
func askedAbout(id goal.ID) func(*State) Needs {
	return func(*State) Needs { return Needs{Goals: []goal.ID{id}, Lines: true, Asked: true} }
}

// shareKey names the message that shares a goal with its channel; in another channel it is another message.
func shareKey(g *Goal) string { return "share:" + string(g.ID) + ":" + string(g.Channel) }

// shareGoal posts the goal's card into its channel, once, for everybody there.
func shareGoal(u Used) turn {
	id := goal.ID(u.Intent.Subject)
	t := withGoal(id, goal.Edit, func(st *State, g *Goal) Decision {
		key, channel := shareKey(g), st.Channel(g.Channel)
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
			Say:  ptr(st.noticeWith("share.done", told)), Retell: u.Intent,
		}
	})
	t.needs = askedAbout(id)
	return t
}

// forChannel is the same state in a channel's eyes: its language and zone, else the actor's, and the rights of
// whoever reads there.
func (s *State) forChannel(c *Channel) *State {
	p := s.planned(c)
	reader := s.reading(p, p.Language, s.Now)
	reader.member = map[goal.ChannelID]bool{c.ID: true}
	return reader
}

// others keeps the people who are not the actor, each once.
func (s *State) others(people ...goal.PersonID) []goal.PersonID {
	all := distinctIDs(slices.Sorted(slices.Values(people)))
	return slices.DeleteFunc(all, func(p goal.PersonID) bool { return p == s.Me.ID })
}
