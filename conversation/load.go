package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"goalkeeper/goal"
)

const (
	// profileAge is how long the platform's word about a person or channel is believed.
	profileAge = 6 * time.Hour
	// lookUps bounds the questions that one input may put to the platform; whoever is left unknown is asked
	// about next time.
	lookUps = 12
	// patience bounds one such question: an answer without a name in it beats no answer.
	patience = 700 * time.Millisecond
)

// loader gathers the state of one input.
type loader struct {
	*Service
	st    *State
	fresh map[Ref]Record // looked up on the way, to be saved with whatever else is
	asked int
}

// load reads who acted and where, finds the turn, and reads what the turn needs.
func (s *Service) load(ctx context.Context, in Input) (*State, turn, error) {
	l := loader{Service: s, fresh: map[Ref]Record{}, st: &State{
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
	if t, ok := in.Act.(rang); ok {
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
	l.st.Me = l.person(ctx, actor)
	l.notice()
	if in.Place.Shared() {
		l.st.member[place] = true // they are there: they typed or pressed there
		l.channel(ctx, place)
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

// gather reads what a turn needs, and what every goal among it needs to be judged and named.
func (l *loader) gather(ctx context.Context, n Needs) error {
	refs := make([]Ref, 0, len(n.Goals))
	for _, ix := range n.Indexes {
		ids, err := l.Records.Find(ctx, l.st.In.Workspace, ix)
		if err != nil {
			return fmt.Errorf("find %s of %s: %w", ix.Name, ix.Of, err)
		}
		for _, id := range ids {
			l.st.found[ix] = append(l.st.found[ix], goal.ID(id))
			refs = append(refs, Ref{GoalKind, id})
		}
	}
	refs = append(refs, n.refs()...)
	if err := l.read(ctx, refs...); err != nil {
		return err
	}
	if err := l.ancestors(ctx, n.Lines); err != nil {
		return err
	}
	return l.surroundings(ctx, n)
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

// surroundings reads the people and channels of all goals on the shelf, and whether the actor is in them.
func (l *loader) surroundings(ctx context.Context, n Needs) error {
	people, rooms := slices.Clone(n.People), slices.Clone(n.Channels)
	var refs []Ref
	for _, g := range l.goals() {
		people = append(people, g.Owner, g.Creator)
		people = append(people, g.CoOwners...)
		if last := g.Last(); last != nil && last.Helper != "" {
			people = append(people, last.Helper)
		}
		if g.Channel != "" {
			rooms = append(rooms, g.Channel)
		}
	}
	slices.Sort(people)
	slices.Sort(rooms)
	people, rooms = slices.Compact(people), slices.Compact(rooms)
	for _, id := range people {
		refs = append(refs, Ref{PersonKind, string(id)})
	}
	for _, id := range rooms {
		refs = append(refs, Ref{ChannelKind, string(id)})
	}
	if err := l.read(ctx, refs...); err != nil {
		return err
	}
	for _, id := range people {
		l.person(ctx, id)
	}
	for _, id := range rooms {
		c := l.channel(ctx, id)
		if c.Room.Private || l.st.Me.Profile.Guest || l.named(n, id) {
			l.membership(ctx, id)
		}
	}
	return nil
}

// named reports whether the turn asked about the channel itself or about a single goal in it.
func (l *loader) named(n Needs, id goal.ChannelID) bool {
	return slices.Contains(n.Channels, id) || slices.ContainsFunc(n.Goals, func(g goal.ID) bool {
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

// read loads the records that are not on the shelf yet.
func (l *loader) read(ctx context.Context, refs ...Ref) error {
	refs = slices.DeleteFunc(refs, func(r Ref) bool {
		_, known := l.st.shelf.versions[r]
		return known || (r.ID == "" && r.Kind != TreeKind)
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

// person is the record of a person, made or brought up to date from the platform when it is missing or old.
func (l *loader) person(ctx context.Context, id goal.PersonID) *Person {
	p := l.st.Person(id)
	if p == nil {
		p = &Person{ID: id}
		l.st.shelf.records[p.Ref()] = p
	}
	if id == "" || l.st.Now.Sub(p.AsOf) < profileAge || !l.mayAsk() {
		return p
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	profile, err := l.Directory.Person(ctx, l.st.In.Workspace, id)
	switch {
	case err == nil:
		p.Profile = merge(profile, p.Profile)
	case errors.Is(err, ErrNobody):
		p.Profile.Gone = true
	default:
		return p
	}
	p.AsOf = l.st.Now
	l.fresh[p.Ref()] = p
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

// channel is the record of a channel, made or brought up to date from the platform when it is missing or old.
func (l *loader) channel(ctx context.Context, id goal.ChannelID) *Channel {
	c := Take[*Channel](l.st.shelf, ChannelKind, string(id))
	if c == nil {
		c = &Channel{ID: id, Room: Room{Private: true}} // unknown: seen by as few as possible
		l.st.shelf.records[c.Ref()] = c
	}
	if l.st.Now.Sub(c.AsOf) < profileAge || !l.mayAsk() {
		return c
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	room, err := l.Directory.Channel(ctx, l.st.In.Workspace, id)
	switch {
	case err == nil:
		c.Room = room
	case errors.Is(err, ErrHidden) || errors.Is(err, ErrNobody):
		c.Room = Room{Name: c.Room.Name, Private: true}
		if place := l.st.In.Place; place.ID == id {
			c.Room = Room{Name: place.Name, Private: place.Kind == PrivateChannel}
		}
	default:
		return c
	}
	c.AsOf = l.st.Now
	l.fresh[c.Ref()] = c
	return c
}

// membership learns whether the actor is in a channel; what cannot be learned counts as no.
func (l *loader) membership(ctx context.Context, id goal.ChannelID) {
	if _, known := l.st.member[id]; known || id == "" || l.st.Me.ID == "" || !l.mayAsk() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	in, err := l.Directory.IsMember(ctx, l.st.In.Workspace, id, l.st.Me.ID)
	if err != nil && !errors.Is(err, ErrHidden) && !errors.Is(err, ErrNobody) {
		l.Log.WarnContext(ctx, "membership unknown", "workspace", l.st.In.Workspace, "error", err)
	}
	l.st.member[id] = in && err == nil
}

func (l *loader) mayAsk() bool {
	l.asked++
	return l.asked <= lookUps
}
