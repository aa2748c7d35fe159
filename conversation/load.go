package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"goalkeeper/goal"
)

// loader gathers the state of one input.
type loader struct {
	*Service
	st    *State
	fresh map[Ref]Record // looked up on the way, to be saved with whatever else is
	asked *lookUps
}

// load reads who acted and where, finds the turn, and reads what the turn needs.
func (s *Service) load(ctx context.Context, in Input, asked *lookUps) (*State, turn, error) {
	l := loader{Service: s, fresh: map[Ref]Record{}, asked: asked, st: &State{
		Now: s.Now(), In: in, shelf: NewShelf(), found: map[Index][]goal.ID{},
		member: map[goal.ChannelID]bool{}, calendar: s.Calendar,
	}}
	if err := l.situation(ctx); err != nil {
		return nil, turn{}, err
	}
	t := route(l.st)
	if err := l.gather(ctx, t.needs(l.st)); err != nil {
		return nil, turn{}, err
	}
	for _, r := range l.fresh {
		l.st.fresh = append(l.st.fresh, r)
	}
	return l.st, t, nil
}

// situation reads the actor, their talk, the place, and the message whose control was used.
func (l *loader) situation(ctx context.Context) error {
	in := l.st.In
	actor, place := in.Actor, in.Place.ID
	if t, ok := in.Act.(interface {
		about() (goal.PersonID, goal.ChannelID)
	}); ok {
		actor, place = t.about()
	}
	refs := []Ref{{PersonKind, string(actor)}, {TalkKind, string(actor)}}
	if in.Place.Shared() || place != in.Place.ID {
		refs = append(refs, Ref{ChannelKind, string(place)})
	}
	if in.From != "" {
		refs = append(refs, Ref{MessageKind, in.From})
	}
	if err := l.read(ctx, refs...); err != nil {
		return err
	}
	l.people(actor)
	l.st.Me = l.person(actor)
	l.notice()
	if in.Place.Shared() {
		l.st.member[place] = true // they are there: they typed or pressed there
		l.rooms(place)
	}
	return nil
}

// notice takes over what the delivery itself tells about the actor.
func (l *loader) notice() {
	me, seen := l.st.Me, l.st.In.Seen
	before := *me
	if seen.Name != "" {
		me.Profile.Name = seen.Name
	}
	if seen.Zone != "" {
		me.Profile.Zone = seen.Zone
	}
	if seen.Language != "" {
		me.Profile.Language = seen.Language
	}
	if tag := typedLanguage(l.st.In.Act); tag != "" {
		me.Typed = tag
	}
	if *me != before {
		l.fresh[me.Ref()] = me
	}
}

// maxChoice is how many open goals are read for a form that offers them: one reading of the store, and five lists
// of the longest kind, since not all of them are everybody's to see.
const maxChoice = 500

// gather reads what a turn needs, and what every goal among it needs to be judged and named.
func (l *loader) gather(ctx context.Context, n Needs) error {
	indexes, err := l.choice(ctx, n)
	if err != nil {
		return err
	}
	refs := n.refs()
	for _, ix := range indexes {
		if err := l.find(ctx, ix); err != nil {
			return err
		}
		for _, id := range l.st.found[ix] {
			refs = append(refs, Ref{GoalKind, string(id)})
		}
	}
	if err := l.read(ctx, refs...); err != nil {
		return err
	}
	if err := l.ancestors(ctx, n.Lines); err != nil {
		return err
	}
	if n.Asked {
		if err := l.questions(ctx, n.Goals); err != nil {
			return err
		}
	}
	return l.surroundings(ctx, n)
}

// choice adds the indexes of the goals that a form offers.
func (l *loader) choice(ctx context.Context, n Needs) ([]Index, error) {
	if !n.Choice {
		return n.Indexes, nil
	}
	me, all := string(l.st.Me.ID), Index{AllOpen, ""}
	if err := l.find(ctx, all); err != nil {
		return nil, err
	}
	indexes := append(slices.Clone(n.Indexes), Index{OwnedBy, me}, Index{MadeBy, me})
	if l.st.open = len(l.st.found[all]); l.st.open <= maxChoice {
		return append(indexes, all), nil
	}
	delete(l.st.found, all)
	return indexes, nil
}

// find lists the goals of an index, once.
func (l *loader) find(ctx context.Context, ix Index) error {
	if _, known := l.st.found[ix]; known || !nameable(ix.Of) {
		return nil
	}
	ids, err := l.Records.Find(ctx, l.st.In.Workspace, ix)
	if err != nil {
		return fmt.Errorf("find %s of %s: %w", ix.Name, ix.Of, err)
	}
	l.st.found[ix] = make([]goal.ID, len(ids))
	for n, id := range ids {
		l.st.found[ix][n] = goal.ID(id)
	}
	return nil
}

func (n Needs) refs() []Ref {
	var refs []Ref
	for _, id := range n.Goals {
		refs = append(refs, Ref{GoalKind, string(id)})
	}
	for _, id := range n.People {
		refs = append(refs, Ref{PersonKind, string(id)})
	}
	for _, id := range n.Talks {
		refs = append(refs, Ref{TalkKind, string(id)})
	}
	for _, id := range n.Channels {
		refs = append(refs, Ref{ChannelKind, string(id)})
	}
	for _, key := range n.Messages {
		refs = append(refs, Ref{MessageKind, key})
	}
	if n.Tree {
		refs = append(refs, Ref{TreeKind, ""})
	}
	return refs
}

// ancestors reads the parents of all goals on the shelf, and with whole their parents in turn.
func (l *loader) ancestors(ctx context.Context, whole bool) error {
	for range goal.MaxDepth {
		var missing []Ref
		for _, g := range l.goals() {
			ref := Ref{GoalKind, string(g.Parent)}
			if _, read := l.st.shelf.versions[ref]; g.Parent != "" && !read && !slices.Contains(missing, ref) {
				missing = append(missing, ref)
			}
		}
		if len(missing) == 0 {
			return nil
		}
		if err := l.read(ctx, missing...); err != nil {
			return err
		}
		if !whole {
			return nil
		}
	}
	return nil
}

// questions reads what the owners of the goals are being asked: whether they accept, and the talk of their
// check-in with all that it shows.
func (l *loader) questions(ctx context.Context, ids []goal.ID) error {
	var talks []Ref
	for _, id := range ids {
		if g := l.st.Goal(id); g != nil {
			talks = append(talks, Ref{MessageKind, proposalKey(id, g.Askings-1)}, Ref{MessageKind, shareKey(g)})
			for _, p := range g.Owners() {
				talks = append(talks, Ref{TalkKind, string(p)})
			}
		}
	}
	if err := l.read(ctx, talks...); err != nil {
		return err
	}
	var shown []Ref
	for _, ref := range talks {
		t := Take[*Talk](l.st.shelf, TalkKind, ref.ID)
		if ref.Kind != TalkKind || t == nil {
			continue
		}
		for _, key := range t.messages() {
			shown = append(shown, Ref{MessageKind, key})
		}
		for _, id := range t.Asked {
			shown = append(shown, Ref{GoalKind, string(id)})
		}
	}
	return l.read(ctx, shown...)
}

// surroundings reads the people and channels of all goals on the shelf, and whether the actor is in them.
func (l *loader) surroundings(ctx context.Context, n Needs) error {
	people, rooms := l.around()
	rooms = distinctIDs(append(slices.Clone(n.Channels), rooms...))
	people = distinctIDs(append(slices.Clone(n.People), people...))
	var refs []Ref
	for _, id := range people {
		refs = append(refs, Ref{PersonKind, string(id)})
	}
	for _, id := range rooms {
		refs = append(refs, Ref{ChannelKind, string(id)})
	}
	if err := l.read(ctx, refs...); err != nil {
		return err
	}
	l.rooms(rooms...) // before the people: who may see what matters more than what people are called
	l.memberships(ctx, slices.DeleteFunc(rooms, func(id goal.ChannelID) bool {
		return !l.st.Channel(id).Room.Private && !l.st.Me.Profile.Guest && !l.named(n, id)
	}))
	l.people(people...)
	return nil
}

// around are the people and channels of all goals on the shelf, in the order of the goals' numbers.
func (l *loader) around() (people []goal.PersonID, rooms []goal.ChannelID) {
	goals := l.goals()
	slices.SortFunc(goals, func(a, b *Goal) int { return a.ID.Number() - b.ID.Number() })
	for _, g := range goals {
		people = append(people, g.Owner, g.Asker())
		people = append(people, g.CoOwners...)
		if last := g.Last(); last != nil && last.Helper != "" {
			people = append(people, last.Helper)
		}
		rooms = append(rooms, g.Channel)
	}
	return people, rooms
}

// distinctIDs keeps the first of several mentions, and drops the empty id.
func distinctIDs[T ~string](ids []T) []T {
	seen := map[T]bool{"": true}
	return slices.DeleteFunc(ids, func(id T) bool {
		again := seen[id]
		seen[id] = true
		return again
	})
}

// named reports whether the turn asked about the channel itself, about a single goal in it or about all of the
// actor's.
func (l *loader) named(n Needs, id goal.ChannelID) bool {
	return slices.Contains(n.Channels, id) || n.Mine && l.st.belongs(l.goals(), id) || slices.ContainsFunc(n.Goals, func(g goal.ID) bool {
		found := l.st.Goal(g)
		return found != nil && found.Channel == id
	})
}

func (l *loader) goals() []*Goal {
	var all []*Goal
	for _, r := range l.st.shelf.records {
		if g, ok := r.(*Goal); ok {
			all = append(all, g)
		}
	}
	return all
}

// nameable reports whether a record can have the id: what comes back in a control may be anything.
func nameable(id string) bool {
	const longest = 512 // of any platform's ids and of what the bot makes of them, in bytes, with room to spare
	return len(id) <= longest && utf8.ValidString(id)
}

// read loads the records that are not on the shelf yet.
func (l *loader) read(ctx context.Context, refs ...Ref) error {
	refs = slices.DeleteFunc(refs, func(r Ref) bool {
		_, known := l.st.shelf.versions[r]
		return known || (r.ID == "" && r.Kind != TreeKind) || !nameable(r.ID)
	})
	if len(refs) == 0 {
		return nil
	}
	shelf, err := l.Records.Read(ctx, l.st.In.Workspace, refs...)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	l.st.shelf.Merge(shelf)
	return nil
}

// people makes sure that there are records of people, brought up to date from the platform where they are old.
func (l *loader) people(ids ...goal.PersonID) {
	old := slices.DeleteFunc(slices.Clone(ids), func(id goal.PersonID) bool {
		return id == "" || !nameable(string(id)) || l.st.Now.Sub(l.person(id).AsOf) < profileAge
	})
	told := ask(l.asked, l.asked.people, old, func(ctx context.Context, id goal.PersonID) (Profile, error) {
		return l.Directory.Person(ctx, l.st.In.Workspace, id)
	})
	for _, id := range old {
		p, answer := l.person(id), told[id]
		switch {
		case answer.err == nil:
			p.Profile = merge(answer.value, p.Profile)
		case errors.Is(answer.err, ErrNobody) && l.st.shelf.versions[p.Ref()] == 0:
			p.Profile.Gone = true // an id that somebody made up is not worth a record
			continue
		case errors.Is(answer.err, ErrNobody):
			p.Profile.Gone = true
		default:
			continue
		}
		p.AsOf = l.st.Now
		l.fresh[p.Ref()] = p
	}
}

// person is the record of a person, an empty one where there is none yet.
func (l *loader) person(id goal.PersonID) *Person {
	p := l.st.Person(id)
	if p == nil {
		p = &Person{ID: id, Profile: Profile{Gone: !nameable(string(id))}}
		l.st.shelf.records[p.Ref()] = p
	}
	return p
}

// merge keeps what is known where the platform tells nothing.
func merge(told, known Profile) Profile {
	if told.Name == "" {
		told.Name = known.Name
	}
	if told.Zone == "" {
		told.Zone = known.Zone
	}
	if told.Language == "" {
		told.Language = known.Language
	}
	return told
}

// rooms makes sure that there are records of channels, brought up to date from the platform where they are old.
func (l *loader) rooms(ids ...goal.ChannelID) {
	old := slices.DeleteFunc(slices.Clone(ids), func(id goal.ChannelID) bool {
		return !nameable(string(id)) || l.st.Now.Sub(l.room(id).AsOf) < profileAge
	})
	told := ask(l.asked, l.asked.rooms, old, func(ctx context.Context, id goal.ChannelID) (Room, error) {
		return l.Directory.Channel(ctx, l.st.In.Workspace, id)
	})
	for _, id := range old {
		c, answer := l.room(id), told[id]
		switch {
		case answer.err == nil:
			c.Room = answer.value
		case errors.Is(answer.err, ErrHidden) || errors.Is(answer.err, ErrNobody):
			c.Room = l.unseen(c)
		default:
			continue
		}
		c.AsOf = l.st.Now
		l.fresh[c.Ref()] = c
	}
}

// room is the record of a channel; one that is not known yet is seen by as few as possible.
func (l *loader) room(id goal.ChannelID) *Channel {
	c := Take[*Channel](l.st.shelf, ChannelKind, string(id))
	if c == nil {
		c = &Channel{ID: id, Room: Room{Private: true}}
		l.st.shelf.records[c.Ref()] = c
	}
	return c
}

// unseen is what can be known of a channel that the platform does not show the bot.
func (l *loader) unseen(c *Channel) Room {
	if place := l.st.In.Place; place.ID == c.ID {
		return Room{Name: place.Name, Private: place.Kind == PrivateChannel}
	}
	return Room{Name: c.Room.Name, Private: true}
}

// memberships learns in which channels the actor is; what cannot be learned counts as no.
func (l *loader) memberships(ctx context.Context, ids []goal.ChannelID) {
	ids = slices.DeleteFunc(ids, func(id goal.ChannelID) bool {
		_, known := l.st.member[id]
		return known || l.st.Me.ID == "" || !nameable(string(id))
	})
	told := ask(l.asked, l.asked.members, ids, func(ctx context.Context, id goal.ChannelID) (bool, error) {
		return l.Directory.IsMember(ctx, l.st.In.Workspace, id, l.st.Me.ID)
	})
	for _, id := range ids {
		answer := told[id]
		if answer.err != nil && !errors.Is(answer.err, ErrHidden) && !errors.Is(answer.err, ErrNobody) {
			l.Log.WarnContext(ctx, "membership unknown", "workspace", l.st.In.Workspace, "error", answer.err)
		}
		l.st.member[id] = answer.value && answer.err == nil
	}
}
