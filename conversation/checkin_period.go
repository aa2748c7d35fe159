package conversation

import (
	"fmt"
	"slices"
	"time"

	"goalkeeper/goal"
)

const (
	// lookBack is how far an occurrence may lie behind and still be found: two weeks and a day, because a zone
	// can leave a date out altogether.
	lookBack = 15 * 24 * time.Hour
	// upToDate is how long a check-in counts as news, so that nobody is asked for what they have just told.
	upToDate = 48 * time.Hour
	// farthest bounds the search for the week in which a goal asks again, in weeks.
	farthest = 110
)

// occurrence is the person's first weekly check-in after an instant, in their zone.
func (s *State) occurrence(p *Person, after time.Time) (time.Time, error) {
	at, err := s.calendar.Next(spec(p.Hour(), p.Weekday()), p.Zone(), after)
	return at.In(p.Zone()), err
}

// latest is the newest occurrence that is not in the future; zero when there is none lately, or when it lies
// before the person chose their day and hour.
func (s *State) latest(p *Person) (time.Time, error) {
	var last time.Time
	at, err := s.occurrence(p, s.Now.Add(-lookBack))
	for err == nil && !at.After(s.Now) {
		last = at
		at, err = s.occurrence(p, at)
	}
	if last.Before(p.Chosen.Since) {
		last = time.Time{}
	}
	return last, err
}

// nextCheckIn is the next occurrence that asks the owner about the goal.
func (s *State) nextCheckIn(owner *Person, g *Goal) (time.Time, error) {
	at, err := s.occurrence(owner, s.Now)
	for range farthest {
		if err != nil {
			return time.Time{}, fmt.Errorf("next check-in of %s: %w", g.ID, err)
		}
		if due(g, at, at) {
			return at, nil
		}
		at, err = s.occurrence(owner, at)
	}
	return time.Time{}, fmt.Errorf("%s asks for nothing in %d weeks", g.ID, farthest)
}

// armCheckIn makes sure that somebody looks when the goal asks its owner next.
func (s *State) armCheckIn(p *Person, g *Goal) []Timer {
	if p == nil || p.Chosen.Off || g.Closed != nil || g.Acceptance != goal.Accepted {
		return nil
	}
	at, err := s.nextCheckIn(p, g)
	if err != nil {
		return nil
	}
	return []Timer{{s.In.Workspace, CheckInTimer, string(p.ID), at}}
}

// due reports whether an occurrence asks about the goal, as things stand at now: it was there, its turn has
// come, it is not simply done, and nothing was told about it lately.
func due(g *Goal, occurrence, now time.Time) bool {
	if g.Created.After(occurrence) || !itsTurn(g, occurrence) || g.Metric == nil && g.Done {
		return false
	}
	last := g.Last()
	return last == nil || now.Sub(last.At) >= upToDate
}

// itsTurn reports whether the goal's cadence reaches the occurrence: a weekly goal always, others every n-th
// week after the one they were made in.
func itsTurn(g *Goal, occurrence time.Time) bool {
	n := everyWeeks(g.Cadence)
	weeks := weeksBetween(g.Created.In(occurrence.Location()), occurrence)
	return n == 1 || weeks > 0 && weeks%n == 0
}

func everyWeeks(c goal.Cadence) int {
	switch c {
	case goal.Biweekly:
		return 2
	case goal.Monthly:
		return 4
	case goal.Quarterly:
		return 13
	case goal.Yearly:
		return 52
	}
	return 1
}

// weeksBetween counts calendar weeks, which begin on Monday.
func weeksBetween(from, to time.Time) int {
	return mondayOf(from).DaysUntil(mondayOf(to)) / 7
}

func mondayOf(t time.Time) goal.Date {
	return goal.DateOf(t).AddDays(-(int(t.Weekday()) + 6) % 7)
}

// checkable are the open goals that the actor is asked about.
func (s *State) checkable() []*Goal {
	return slices.DeleteFunc(s.Goals(Index{OwnedBy, string(s.Me.ID)}), func(g *Goal) bool { return !s.asksMe(g) })
}

func (s *State) asksMe(g *Goal) bool {
	return g.Closed == nil && g.Acceptance == goal.Accepted && g.OwnedBy(s.Me.ID)
}

// dueAt are the goals that an occurrence asks about, most urgent first.
func (s *State) dueAt(occurrence time.Time) []*Goal {
	goals := slices.DeleteFunc(s.checkable(), func(g *Goal) bool { return !due(g, occurrence, s.Now) })
	s.byUrgency(goals)
	return goals
}

// byUrgency sorts goals: off track, at risk, without news; then what is due soonest; then what lags most.
func (s *State) byUrgency(goals []*Goal) {
	today := s.Today()
	slices.SortStableFunc(goals, func(a, b *Goal) int {
		if d := s.urgency(a) - s.urgency(b); d != 0 {
			return d
		}
		if a.Due != b.Due {
			return sooner(a.Due, b.Due)
		}
		x, _ := a.Pace(today)
		y, _ := b.Pace(today)
		return x.Cmp(y)
	})
}

// urgency is lower for what is more urgent. A goal without a check-in counts as its pace suggests.
func (s *State) urgency(g *Goal) int {
	status := g.Status
	if status == goal.Unknown {
		status = g.Suggest(s.Today())
	}
	_, stale := g.StaleFor(s.Now)
	switch {
	case status == goal.OffTrack:
		return 0
	case status == goal.AtRisk:
		return 1
	case stale:
		return 2
	}
	return 3
}

// sooner compares two days; none comes last.
func sooner(a, b goal.Date) int {
	switch {
	case a.IsZero():
		return 1
	case b.IsZero() || a.Before(b):
		return -1
	}
	return 1
}
