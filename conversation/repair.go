package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"goalkeeper/goal"
)

// Census lists what is kept, a page at a time, for the repair pass.
type Census interface {
	// Workspaces are all in which something was ever saved.
	Workspaces(ctx context.Context) ([]Workspace, error)
	// Page lists some ids of an index and the cursor of the next page; the first cursor and the one after the
	// last page are empty.
	Page(ctx context.Context, ws Workspace, ix Index, cursor string) (ids []string, next string, err error)
	// Prune takes ids out of an index of messages whose records have expired.
	Prune(ctx context.Context, ws Workspace, ix Index, ids ...string) error
}

// Repair is how far the repair pass of the workspace has come, so that a crash goes on where it was.
type Repair struct {
	Stage  int       `json:"stage"` // of repairs
	Cursor string    `json:"cursor,omitempty"`
	Ended  time.Time `json:"ended,omitzero"` // of the last whole pass
}

// Ref names the workspace's only repair.
func (r *Repair) Ref() Ref { return Ref{RepairKind, ""} }

// betweenPages lets others work between two pages of a pass.
const betweenPages = 20 * time.Millisecond

// stage is one index that the pass goes through: what must be known about a page of its ids, and which timers that
// calls for. needs is asked again until it names nothing new.
type stage struct {
	index  IndexName
	needs  func(st *State, ids []string) []Ref
	timers func(st *State, ids []string) []Timer
}

// repairs are the stages of a pass.
var repairs = []stage{
	{Outbox, messagesOf, (*State).wakeSending}, // first, because somebody may be waiting
	{AllOpen, ownersOf, (*State).wakeOwners},
	{DigestOn, channelsOf, (*State).wakeDigests},
	{Undelivered, nil, nil}, // is pruned
}

func messagesOf(_ *State, ids []string) []Ref { return refsOf(MessageKind, ids) }
func channelsOf(_ *State, ids []string) []Ref { return refsOf(ChannelKind, ids) }

// ownersOf are the goals, and as soon as these are known the people who are asked about them, with their talks.
func ownersOf(st *State, ids []string) []Ref {
	refs := refsOf(GoalKind, ids)
	for p := range st.askedAbout(ids) {
		refs = append(refs, Ref{PersonKind, string(p)}, Ref{TalkKind, string(p)})
	}
	return refs
}

func refsOf(k Kind, ids []string) []Ref {
	refs := make([]Ref, len(ids))
	for n, id := range ids {
		refs[n] = Ref{k, id}
	}
	return refs
}

// askedAbout are the people whom the check-in asks about any of the goals, with those.
func (s *State) askedAbout(ids []string) map[goal.PersonID][]*Goal {
	asked := map[goal.PersonID][]*Goal{}
	for _, id := range ids {
		g := s.Goal(goal.ID(id))
		if g == nil || g.Closed != nil || g.Acceptance != goal.Accepted {
			continue
		}
		for _, p := range g.Owners() {
			asked[p] = append(asked[p], g)
		}
	}
	return asked
}

// wakeSending are the timers of messages on their way.
func (s *State) wakeSending(ids []string) []Timer {
	var timers []Timer
	for _, id := range ids {
		if m := s.Message(id); m != nil && !m.Arrived() {
			timers = append(timers, m.timer(s.In.Workspace, latest(s.Now, m.Delivery.NotUntil)))
		}
	}
	return timers
}

// wakeOwners are the timers of people with open goals.
func (s *State) wakeOwners(ids []string) []Timer {
	var timers []Timer
	for id, goals := range s.askedAbout(ids) {
		p := s.Person(id)
		if p == nil {
			p = &Person{ID: id}
		}
		if p.Chosen.Off || p.Profile.Bot {
			continue
		}
		theirs := *s
		theirs.Me = p
		timers = append(timers, Timer{s.In.Workspace, CheckInTimer, string(id), theirs.wake(s.Talk(id), goals)})
	}
	return timers
}

// wake is when somebody has to look at the actor next because of some of their goals. A look too early does no harm.
func (s *State) wake(t *Talk, goals []*Goal) time.Time {
	last, err := s.latest(s.Me)
	owed := func(g *Goal) bool { return due(g, last, s.Now) }
	if err != nil || opens(t, last) && slices.ContainsFunc(goals, owed) {
		return s.Now
	}
	next, err := s.occurrence(s.Me, s.Now)
	if err != nil {
		return s.Now
	}
	at := next
	switch {
	case len(t.Asked) == len(t.Settled):
	case !t.Snoozed.IsZero():
		at = latest(s.Now, t.Snoozed)
	case t.mayNudge():
		at = latest(s.Now, s.nudgeFor(t.Opened))
	}
	if at.After(next) {
		return next
	}
	return at
}

// wakeDigests are the timers of channels that get a digest.
func (s *State) wakeDigests(ids []string) []Timer {
	var timers []Timer
	for _, id := range ids {
		if c := s.Channel(goal.ChannelID(id)); !c.Room.Gone {
			timers = append(timers, s.armDigest(c)...)
		}
	}
	return timers
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// ArmRepairs asks for a repair pass in every workspace.
func (s *Service) ArmRepairs(ctx context.Context) error {
	all, err := s.Census.Workspaces(ctx)
	if err != nil {
		return fmt.Errorf("list workspaces: %w", err)
	}
	timers := make([]Timer, len(all))
	for n, ws := range all {
		timers[n] = Timer{ws, RepairTimer, "", s.Now()}
	}
	return s.arm(ctx, timers)
}

// Repair takes the pass of a workspace one page further, and answers when to go on, zero when it is over. Timers
// are hints and may be lost with the server that kept them; the records tell again what they call for. Arming keeps
// the earlier time, so that a pass disturbs nothing that is armed.
func (s *Service) Repair(ctx context.Context, t Timer, now time.Time) (time.Time, error) {
	shelf, err := s.Records.Read(ctx, t.Workspace, Ref{RepairKind, ""})
	if err != nil {
		return time.Time{}, fmt.Errorf("read repair: %w", err)
	}
	r := Take[*Repair](shelf, RepairKind, "")
	if r == nil || r.Stage >= len(repairs) {
		r = &Repair{}
	}
	if err := s.repairPage(ctx, t.Workspace, now, r); err != nil {
		return time.Time{}, err
	}
	next := now.Add(betweenPages)
	if r.Stage == len(repairs) {
		*r, next = Repair{Ended: now}, time.Time{}
	}
	err = s.Records.Commit(ctx, t.Workspace, Commit{Now: now, Read: shelf, Write: []Record{r}})
	if errors.Is(err, ErrConflict) { // another replica took the same page
		return now.Add(betweenPages), nil
	}
	return next, err
}

// repairPage arms what one page calls for, and moves on to the next.
func (s *Service) repairPage(ctx context.Context, ws Workspace, now time.Time, r *Repair) error {
	at := repairs[r.Stage]
	ids, next, err := s.Census.Page(ctx, ws, Index{at.index, ""}, r.Cursor)
	if err != nil {
		return fmt.Errorf("page of %s: %w", at.index, err)
	}
	if at.index == Undelivered {
		err = s.Census.Prune(ctx, ws, Index{at.index, ""}, ids...)
	} else {
		err = s.repairTimers(ctx, at, ids, &State{Now: now, In: Input{Workspace: ws}, shelf: NewShelf(), calendar: s.Calendar})
	}
	if err != nil {
		return fmt.Errorf("repair of %s: %w", at.index, err)
	}
	if r.Cursor = next; next == "" {
		r.Stage++
	}
	return nil
}

// repairTimers reads what a page is about, and arms what it calls for.
func (s *Service) repairTimers(ctx context.Context, at stage, ids []string, st *State) error {
	for {
		missing := slices.DeleteFunc(at.needs(st, ids), func(r Ref) bool {
			_, read := st.shelf.versions[r]
			return read
		})
		if len(missing) == 0 {
			return s.arm(ctx, at.timers(st, ids))
		}
		shelf, err := s.Records.Read(ctx, st.In.Workspace, missing...)
		if err != nil {
			return err
		}
		st.shelf.Merge(shelf)
	}
}

// arm arms many timers, some at a time.
func (s *Service) arm(ctx context.Context, timers []Timer) error {
	const atOnce = 500
	for some := range slices.Chunk(timers, atOnce) {
		if err := s.Timers.Arm(ctx, some...); err != nil {
			return fmt.Errorf("arm timers: %w", err)
		}
	}
	return nil
}
