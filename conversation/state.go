package conversation

import (
	"slices"
	"time"

	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// State is what a turn decides from: the records its needs asked for, as they were read, and the moment. A turn
// may change the records it takes from it; only those it hands to its Decision are saved.
type State struct {
	Now time.Time
	In  Input
	Me  *Person // whose act it is; of a timer, whom it is about

	shelf    *Shelf
	found    map[Index][]goal.ID
	member   map[goal.ChannelID]bool // of the actor, for channels that were asked about
	calendar Calendar
	open     int      // how many open goals the workspace has, where a choice of them was asked for
	fresh    []Record // learned from the platform on the way; saved with whatever else is
}

// Needs are the records a turn wants loaded before it decides.
type Needs struct {
	Goals    []goal.ID
	Indexes  []Index // the goals in these indexes too
	Lines    bool    // all ancestors of the goals, not only their parents
	People   []goal.PersonID
	Talks    []goal.PersonID
	Channels []goal.ChannelID
	Messages []string
	Tree     bool
	Asked    bool // what the owners of Goals are being asked: whether they accept, and the talk of their check-in; and what their channel was shown
	Mine     bool // whether the actor still is in the channels of their own goals
	// Choice is what a form offers to choose from: the open goals of the workspace where they are few enough for a
	// list, else the actor's own alone.
	Choice bool
}

// Goal is a loaded goal, nil when there is none by that id.
func (s *State) Goal(id goal.ID) *Goal { return Take[*Goal](s.shelf, GoalKind, string(id)) }

// Goals are the loaded goals of an index, in the order of their numbers.
func (s *State) Goals(ix Index) []*Goal {
	var all []*Goal
	for _, id := range s.found[ix] {
		if g := s.Goal(id); g != nil {
			all = append(all, g)
		}
	}
	return all
}

// Person is a loaded person, nil when nothing is known about them.
func (s *State) Person(id goal.PersonID) *Person {
	return Take[*Person](s.shelf, PersonKind, string(id))
}

// Name is how a person is called in a sentence: their first name, or what the platform shows.
func (s *State) Name(id goal.PersonID) string {
	if p := s.Person(id); p != nil && p.Profile.Name != "" {
		return p.First()
	}
	return s.Voice().Say("person.unknown")
}

// Talk is the check-in conversation with a person, a fresh one when there was none.
func (s *State) Talk(id goal.PersonID) *Talk {
	if t := Take[*Talk](s.shelf, TalkKind, string(id)); t != nil {
		return t
	}
	return &Talk{Person: id}
}

// Channel is what is known of a channel, a fresh record when nothing is.
func (s *State) Channel(id goal.ChannelID) *Channel {
	if c := Take[*Channel](s.shelf, ChannelKind, string(id)); c != nil {
		return c
	}
	return &Channel{ID: id}
}

// Message is a loaded message, nil when there is none.
func (s *State) Message(key string) *Message { return Take[*Message](s.shelf, MessageKind, key) }

// Tree is the workspace's tree.
func (s *State) Tree() *Tree {
	if t := Take[*Tree](s.shelf, TreeKind, ""); t != nil {
		return t
	}
	return &Tree{Next: 1}
}

// Voice speaks the actor's language.
func (s *State) Voice() *language.Voice { return s.Me.Voice() }

// Today is the actor's date.
func (s *State) Today() goal.Date { return goal.DateOf(s.Now.In(s.Me.Zone())) }

// May reports whether the actor may do something with a goal.
func (s *State) May(act goal.Act, g *Goal) bool { return s.viewer(g).May(act, &g.Goal) }

// viewer is the actor as the goal's access rules see them.
func (s *State) viewer(g *Goal) goal.Viewer {
	channel := s.Channel(g.Channel)
	return goal.Viewer{
		ID:             s.Me.ID,
		Admin:          s.Me.Profile.Admin,
		Guest:          s.Me.Profile.Guest,
		Member:         s.member[g.Channel],
		ChannelPrivate: channel.Room.Private,
		Lead:           s.leads(g, channel),
		First:          len(channel.Leads) == 0 && (channel.SetBy == "" || channel.SetBy == s.Me.ID),
	}
}

// leads reports whether the actor owns the goal's parent or is a named lead of its channel.
func (s *State) leads(g *Goal, channel *Channel) bool {
	if parent := s.Goal(g.Parent); parent != nil && parent.OwnedBy(s.Me.ID) {
		return true
	}
	return slices.Contains(channel.Leads, s.Me.ID)
}

// Visible keeps the goals that the actor may see.
func (s *State) Visible(goals []*Goal) []*Goal {
	return slices.DeleteFunc(slices.Clone(goals), func(g *Goal) bool { return s.seeable(g.ID) == nil })
}

// seeable is the goal if the actor may see it. A goal one may not see, or that was taken back at once, is like a
// goal that does not exist.
func (s *State) seeable(id goal.ID) *Goal {
	g := s.Goal(id)
	if g == nil || !s.May(goal.See, g) || g.Closed != nil && g.Closed.Undone {
		return nil
	}
	return g
}
