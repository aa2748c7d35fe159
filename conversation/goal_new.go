package conversation

import (
	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// newGoal opens the form, filled from the line as far as it was understood.
func newGoal(args arguments) turn {
	return turn{
		needs: func(st *State) Needs { return Needs{Indexes: []Index{{AllOpen, ""}}, Rooms: true} },
		decide: func(st *State) Decision {
			if !st.In.Place.Shared() && st.In.Place.Kind != Direct && st.In.Place.Kind != Home {
				return say(st.notice("new.nowhere"))
			}
			k, note := st.sketchLine(args)
			return say(st.newForm(k, nil, note))
		},
	}
}

// sketchLine reads a typed line; what it cannot decide is left blank and told.
func (s *State) sketchLine(args arguments) (k sketch, note string) {
	v := s.Voice()
	k = sketch{owner: string(s.Me.ID)}
	if args.text == "" {
		return k, ""
	}
	text := args.text
	if owner := args.person(); owner != "" {
		k.owner = string(owner)
		text = args.without()
	}
	d := goal.ParseDraft(text, s.Today())
	k.title, k.due, k.parent = d.Title, d.Due.String(), string(d.Parent)
	if m := d.Metric; m != nil {
		filled := s.sketchFrom(&goal.Goal{Metric: m})
		k.from, k.to, k.way = filled.from, filled.to, filled.way
	}
	if two := d.DueAmbiguous; len(two) > 1 {
		note = v.Say("new.which-date", language.With{"one": v.Day(two[0], goal.Date{}), "two": v.Day(two[1], goal.Date{})})
	}
	return k, note
}

// newForm is the form of a new goal. Given back with what is wrong, it is still the same form and one act.
func (s *State) newForm(k sketch, wrong map[string]string, note string) card.Card {
	v := s.Voice()
	intent := card.Intent{Verb: "goal.create", Question: s.nonce()}
	if s.In.Place.Shared() {
		intent.Subject = string(s.In.Place.ID)
	}
	if act, ok := s.In.Act.(Used); ok && act.Intent.Verb == intent.Verb {
		intent = act.Intent
	}
	return card.Card{
		Kind:    "goal.form",
		Summary: v.Say("new.title"),
		Form: &card.Form{
			Title: v.Say("new.title"), Intent: intent,
			Submit: v.Say("button.save"), Cancel: v.Say("button.cancel"),
			Error: note, Fields: s.goalFields(k, wrong),
		},
	}
}

// createGoal saves a submitted form, or gives it back with what is wrong and all that was typed.
func createGoal(u Used) turn {
	k := sketchOf(u.Values)
	channel := goal.ChannelID(u.Intent.Subject)
	return turn{
		needs: func(st *State) Needs {
			n := Needs{Indexes: []Index{{AllOpen, ""}}, Lines: true, Tree: true, Rooms: true,
				People: []goal.PersonID{goal.PersonID(k.owner)}, Talks: []goal.PersonID{goal.PersonID(k.owner)}}
			if channel != "" {
				n.Channels = []goal.ChannelID{channel}
				n.Indexes = append(n.Indexes, Index{InRoom, string(channel)})
			}
			return n
		},
		decide: func(st *State) Decision {
			if channel != "" && !st.member[channel] {
				return say(st.notice("new.not-there"))
			}
			g := st.draftGoal(channel)
			wrong := st.apply(k, &g.Goal)
			st.checkOwner(g, wrong)
			if len(wrong) > 0 {
				return Decision{Say: ptr(st.newForm(k, wrong, "")), Replace: true}
			}
			return st.plant(g)
		},
	}
}

// draftGoal is a goal that is not numbered yet.
func (s *State) draftGoal(channel goal.ChannelID) *Goal {
	return &Goal{goal.Goal{
		Creator: s.Me.ID, Kind: goal.Plain, Start: s.Today(), Cadence: goal.Weekly,
		Visibility: goal.Shared, Channel: channel, Created: s.Now,
	}}
}

// checkOwner refuses owners that cannot answer: nobody, a bot, somebody who left.
func (s *State) checkOwner(g *Goal, wrong map[string]string) {
	owner := s.Person(g.Owner)
	if wrong["owner"] != "" || g.Owner == "" {
		return
	}
	if owner == nil || owner.Profile.Gone || owner.Profile.Bot {
		wrong["owner"] = s.Voice().Say("wrong.owner-gone")
	}
}

// plant numbers and saves a new goal; an owner who is not its creator is asked first.
func (s *State) plant(g *Goal) Decision {
	tree := s.Tree()
	g.ID, g.Acceptance = goal.NewID(tree.Next), goal.Accepted
	tree.Next++
	s.shelf.records[g.Ref()] = g
	d := Decision{
		Write:   []Record{g, tree},
		Keep:    true,
		Replace: true,
		Retell:  card.Intent{Verb: "goal.show", Subject: string(g.ID)},
	}
	if g.Owner == s.Me.ID {
		d.Timers = s.armCheckIn(s.Me, g)
	} else {
		g.Acceptance = goal.Proposed
		d.Post = append(d.Post, s.proposal(g))
	}
	c := s.goalCard(g)
	s.offerDigest(&c, g, &d)
	d.Say = &c
	return d
}

func ptr[T any](v T) *T { return &v }
