package conversation

import (
	"strings"
	"unicode/utf8"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// newGoal opens the form, filled from the line as far as it was understood.
func newGoal(args arguments) turn {
	if strings.EqualFold(args.text, "goal") { // "new goal" alone asks for the form, "new Goal tracking" names one
		args.text = ""
	}
	return turn{
		needs: func(*State) Needs { return Needs{Choice: true} },
		decide: func(st *State) Decision {
			if !st.In.Place.Shared() && st.In.Place.Kind != Direct && st.In.Place.Kind != Home {
				return say(st.noticeWith("new.nowhere", language.With{"command": code(st.asTyped(st.Voice().Say("new.command")))}))
			}
			return say(st.newForm(st.sketchLine(args)))
		},
	}
}

// sketchLine reads a typed line; what it cannot decide is left open in the form and asked about there.
func (s *State) sketchLine(args arguments) (k sketch, asks map[string]string) {
	k, asks = sketch{owner: string(s.Me.ID)}, map[string]string{}
	if args.text == "" {
		return k, asks
	}
	v := s.Voice()
	d := goal.ParseDraft(args.text, s.Today(), args.names()...)
	k.title, k.due, k.parent = d.Title, d.Due.String(), string(d.Parent)
	if utf8.RuneCountInString(k.title) > goal.MaxTitle {
		asks["title"] = v.Say("wrong.too-long", language.With{"max": goal.MaxTitle})
	}
	if owner := args.called(d.Mention); owner != "" {
		k.owner = string(owner)
	}
	if m := d.Metric; m != nil {
		filled := s.sketchFrom(&goal.Goal{Metric: m})
		k.from, k.to, k.way = filled.from, filled.to, filled.way
	}
	for _, u := range d.Unclear {
		asks[u.Field] = v.Say("ask.number", language.With{"typed": u.Text, "readings": s.readings(u)})
		if u.Field == goal.FieldFrom {
			k.from = u.Text
		} else {
			k.to = u.Text
		}
	}
	switch {
	case len(d.DueAmbiguous) > 1:
		asks["due"] = v.Say("ask.date", language.With{"days": s.days(d.DueAmbiguous)})
	case d.DueImpossible != "":
		asks["due"] = v.Say("ask.no-date", language.With{"typed": d.DueImpossible, "near": v.Day(d.DueNear, s.Today())})
	case !d.Due.IsZero() && d.Due.Before(s.Today()):
		asks["due"] = v.Say("wrong.due-past")
	}
	return k, asks
}

// readings are all that a number can mean: "1,500 or 1.5".
func (s *State) readings(u goal.Unclear) string {
	var all []string
	for _, r := range u.Readings {
		all = append(all, s.Voice().Amount(r.Value, r.Unit))
	}
	return strings.Join(all, s.Voice().Say("or"))
}

func (s *State) days(days []goal.Date) string {
	var all []string
	for _, d := range days {
		all = append(all, s.Voice().Day(d, s.Today()))
	}
	return strings.Join(all, s.Voice().Say("or"))
}

// newForm is the form of a new goal. Given back with what is wrong, it is still the same form and one act.
func (s *State) newForm(k sketch, wrong map[string]string) card.Card {
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
			Fields: s.goalFields("", k, wrong),
		},
	}
}

// createGoal saves a submitted form, or gives it back with what is wrong and all that was typed.
func createGoal(u Used) turn {
	k := sketchOf(u.Values)
	channel := goal.ChannelID(u.Intent.Subject)
	return turn{
		needs: func(st *State) Needs {
			n := Needs{Choice: true, Goals: k.served(), Lines: true, Tree: true,
				People: []goal.PersonID{goal.PersonID(k.owner)}}
			if channel != "" {
				n.Channels = []goal.ChannelID{channel}
				n.Indexes = append(n.Indexes, Index{InRoom, string(channel)})
			}
			return n
		},
		decide: func(st *State) Decision {
			if channel != "" && !st.member[channel] {
				c := st.noticeWith("new.not-there", language.With{"command": code(st.asTyped(st.Voice().Say("new.command")))})
				c.Body = append(c.Body, quote(Typed(u)))
				return say(c)
			}
			g := st.draftGoal(channel)
			wrong := st.apply(k, &g.Goal)
			st.checkOwner(g, wrong)
			st.checkRoom(wrong)
			if len(wrong) > 0 {
				return Decision{Say: ptr(st.newForm(k, wrong)), Replace: true}
			}
			d := st.plant(g)
			st.countMade(&d)
			return d
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
		d.Timers = s.armOwners(g)
	} else {
		s.propose(&d, g)
	}
	c := s.goalCard(g)
	s.withoutChannel(&c, g)
	s.offerDigest(&c, g, &d)
	s.askLanguage(&d)
	d.Say = &c
	return d
}

func ptr[T any](v T) *T { return &v }
