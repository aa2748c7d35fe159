package conversation

import (
	"slices"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// noChannel is the form's word for a goal that belongs to no channel; an empty field leaves it where it is.
const noChannel = "none"

// channelField offers the channels that a goal can belong to: its own, those of the actor's goals and the one they
// are in, as far as they are a member.
func (s *State) channelField(g *Goal, k sketch, wrong map[string]string) card.Field {
	v := s.Voice()
	f := card.Field{Name: "channel", Kind: card.Choose, Label: v.Say("field.channel"), Hint: v.Say("hint.channel"),
		Value: k.channel, Error: wrong["channel"], Options: []card.Option{{Value: noChannel, Label: v.Say("channel.none")}}}
	rooms := []goal.ChannelID{g.Channel}
	if s.In.Place.Shared() {
		rooms = append(rooms, s.In.Place.ID)
	}
	for _, mine := range s.choices() {
		if s.mine(mine) {
			rooms = append(rooms, mine.Channel)
		}
	}
	for _, id := range distinctIDs(rooms) {
		if (id == g.Channel || s.member[id]) && len(f.Options) < card.MaxOptions {
			f.Options = append(f.Options, card.Option{Value: string(id), Label: short(s.roomLabel(id))})
		}
	}
	return f
}

// roomLabel is a channel in a list of several: "#growth", or its kind where there is no name or it is not the
// actor's to read.
func (s *State) roomLabel(id goal.ChannelID) string {
	if c := s.Channel(id); c.Room.Name != "" && (s.member[id] || !c.Room.Private) {
		return s.roomName(c)
	}
	if id == s.In.Place.ID {
		return s.Voice().Say("digest.here")
	}
	return s.Voice().Say("channel.unnamed")
}

// channelWord is where a goal belongs, as the form says it.
func channelWord(id goal.ChannelID) string {
	if id == "" {
		return noChannel
	}
	return string(id)
}

// applyChannel moves the goal to the chosen channel. Only a member can bring a goal into one.
func (s *State) applyChannel(k sketch, g *goal.Goal, wrong map[string]string) {
	chosen := goal.ChannelID(k.channel)
	switch {
	case k.channel == "" || k.channel == channelWord(g.Channel):
	case k.channel == noChannel:
		g.Channel = ""
	case s.member[chosen]:
		g.Channel = chosen
	default:
		wrong["channel"] = s.Voice().Say("wrong.channel")
	}
}

// placeAction offers to bring a goal without a channel into the one where it is looked at.
func (s *State) placeAction(g *Goal) []card.Action {
	here := s.In.Place
	if g.Channel != "" || g.Visibility != goal.Shared || !here.Shared() || !s.member[here.ID] || !s.May(goal.Edit, g) {
		return nil
	}
	label := s.Voice().Say("button.place", language.With{"channel": s.roomName(s.Channel(here.ID))})
	return []card.Action{{Label: label, Intent: card.Intent{Verb: "goal.place", Subject: string(g.ID), Value: string(here.ID)}}}
}

// placeGoal brings a goal that belongs to no channel into one; a goal that has one stays there.
func placeGoal(u Used) turn {
	id, channel := goal.ID(u.Intent.Subject), goal.ChannelID(u.Intent.Value)
	t := withGoal(id, goal.Edit, func(st *State, g *Goal) Decision {
		switch {
		case g.Closed != nil:
			return say(st.noticeWith("goal.is-closed", language.With{"id": string(id)}))
		case g.Channel != "":
			return Decision{Say: ptr(st.goalCard(g)), Replace: true}
		case !st.member[channel]:
			return say(st.noticeWith("place.not-there", language.With{"id": string(id)}))
		}
		before := g.Goal
		g.Channel = channel
		return st.edited(before, g)
	})
	t.needs = func(*State) Needs {
		return Needs{Goals: []goal.ID{id}, Lines: true, Asked: true, Channels: []goal.ChannelID{channel}}
	}
	return t
}

// withoutChannel tells the maker of a goal that belongs to no channel who sees it.
func (s *State) withoutChannel(c *card.Card, g *Goal) {
	if g.Channel == "" && g.Visibility == goal.Shared {
		c.Body = append(c.Body, quiet(s.Voice().Text("goal.no-channel")))
	}
}

// belongs reports whether one of the actor's own goals is in the channel.
func (s *State) belongs(goals []*Goal, id goal.ChannelID) bool {
	return slices.ContainsFunc(goals, func(g *Goal) bool {
		return g.Channel == id && s.mine(g)
	})
}

// mine reports whether the goal is one of those that the actor owns or made.
func (s *State) mine(g *Goal) bool { return g.OwnedBy(s.Me.ID) || g.Creator == s.Me.ID }
