package conversation

import (
	"slices"
	"time"

	"goalkeeper/goal"
)

// scope is what a digest may speak of: the goals of one channel, over one stretch of time. Only shared goals are
// in it; whether others exist must not show, not even in a count.
type scope struct {
	channel   goal.ChannelID
	goals     []*Goal             // all that the channel's indexes list, open and closed
	find      func(goal.ID) *Goal // the goals they serve, wherever those belong
	everybody func(*Goal) bool    // whether all members of the channel may see a goal of elsewhere
	zone      *time.Location
	since, at time.Time
}

// report is what there is to say, before it is put into words. A goal stands in one of the parts at most; Rest
// holds those that are fine and did not move.
type report struct {
	Needs  []*Goal // overdue, off track, at risk, blocked or without an owner; the most urgent first
	Moved  []*Goal
	Fresh  []*Goal
	Quiet  []*Goal // no news for two of their cadences
	Rest   []*Goal
	Closed []*Goal
	Loose  []looseEnd // open goals that lead up to no vision

	was map[goal.ID]goal.Standing // where they stood before
	why map[goal.ID]string        // of the loose ends, the reason
}

// looseEnd is a goal whose way up is missing or broken, and the reason as a message's id.
type looseEnd struct {
	goal *Goal
	why  string
}

// The reasons why a goal leads up to no vision.
const (
	noParent     = "digest.loose.none"
	closedParent = "digest.loose.closed"
	lateChild    = "digest.loose.late"  // due after the goal it serves
	brokenAbove  = "digest.loose.above" // one of the goals it leads up to is closed or out of time
	shortLine    = "digest.loose.short" // the top is neither a vision nor a long-term goal
)

// report sorts the channel's goals into what people want to hear.
func (sc scope) report() report {
	r := report{was: map[goal.ID]goal.Standing{}, why: map[goal.ID]string{}}
	for _, g := range sc.goals {
		if g.Channel != sc.channel || g.Visibility != goal.Shared || g.Created.After(sc.at) {
			continue
		}
		g = asOf(g, sc.at)
		r.was[g.ID] = standingAt(g, sc.since)
		if g.Closed != nil {
			if !g.Closed.Undone && g.Closed.At.After(sc.since) {
				r.Closed = append(r.Closed, g)
			}
			continue
		}
		sc.place(g, &r)
		if why := sc.looseEnd(g); why != "" {
			r.Loose = append(r.Loose, looseEnd{g, why})
			r.why[g.ID] = why
		}
	}
	sc.order(&r)
	return r
}

// place puts an open goal into its part.
func (sc scope) place(g *Goal, r *report) {
	_, stale := g.StaleFor(sc.at)
	switch {
	case g.Acceptance == goal.HandedBack, g.overdue(sc.today()):
		r.Needs = append(r.Needs, g)
	case stale:
		r.Quiet = append(r.Quiet, g)
	case g.Acceptance == goal.Accepted && sc.needsYou(g):
		r.Needs = append(r.Needs, g)
	case g.Created.After(sc.since):
		r.Fresh = append(r.Fresh, g)
	case moved(r.was[g.ID], g):
		r.Moved = append(r.Moved, g)
	default:
		r.Rest = append(r.Rest, g)
	}
}

// needsYou reports whether a goal is in trouble by its owner's word or by its numbers, or is blocked.
func (sc scope) needsYou(g *Goal) bool {
	return blocker(g) != "" || trouble(g, sc.today()) > 0
}

func (sc scope) today() goal.Date { return goal.DateOf(sc.at.In(sc.zone)) }

// blocker is what the owner named last as being in the way; empty for nothing.
func blocker(g *Goal) string {
	if last := g.Last(); last != nil {
		return last.Blocker
	}
	return ""
}

// trouble is 2 for off track and 1 for at risk, whichever is worse of what the owner says and what the numbers say.
func trouble(g *Goal, today goal.Date) int {
	return max(grade(g.Status), grade(g.Suggest(today)))
}

func grade(s goal.Status) int {
	switch s {
	case goal.OffTrack:
		return 2
	case goal.AtRisk:
		return 1
	}
	return 0
}

// order brings the parts into the order of their lines: the most urgent first, wins first, the longest silence
// first; else by number. What is compared is worked out once for each goal: there may be thousands.
func (sc scope) order(r *report) {
	today := sc.today()
	sortBy(r.Needs, func(g *Goal) rank {
		pace, _ := g.Pace(today)
		return rank{-trouble(g, today), pace}
	})
	sortBy(r.Moved, func(g *Goal) rank { return rank{first: -won(g)} })
	sortBy(r.Quiet, func(g *Goal) rank {
		weeks, _ := g.StaleFor(sc.at)
		return rank{first: -weeks}
	})
}

// rank is a place in an order; less comes first.
type rank struct {
	first int
	then  goal.Number
}

func sortBy(goals []*Goal, of func(*Goal) rank) {
	ranks := make(map[*Goal]rank, len(goals))
	for _, g := range goals {
		ranks[g] = of(g)
	}
	slices.SortStableFunc(goals, func(a, b *Goal) int {
		x, y := ranks[a], ranks[b]
		if d := x.first - y.first; d != 0 {
			return d
		}
		return x.then.Cmp(y.then)
	})
}

// won is 1 for a goal that reached its target.
func won(g *Goal) int {
	if percent, known := g.Progress(); known && percent.IntPart() >= 100 {
		return 1
	}
	return 0
}

// moved reports whether a goal stands elsewhere than before: its value, its being done, or a better status.
func moved(was goal.Standing, g *Goal) bool {
	if g.Metric != nil && g.Metric.Current != nil && was.Value != nil && !was.Value.Equal(*g.Metric.Current) {
		return true
	}
	better := g.Status == goal.OnTrack && (was.Status == goal.AtRisk || was.Status == goal.OffTrack)
	return was.Done != g.Done || better
}

// standingAt is where a goal stood at an instant, as far as its recent check-ins tell.
func standingAt(g *Goal, at time.Time) goal.Standing {
	s := g.Before
	if len(g.Recent) == 0 {
		s = goal.Standing{Done: g.Done, Status: g.Status, Confidence: g.Confidence}
		if g.Metric != nil {
			s.Value = g.Metric.Current
		}
	}
	if s.Value == nil && g.Metric != nil {
		s.Value = g.Metric.Baseline
	}
	for _, c := range g.Recent {
		if c.At.After(at) {
			break
		}
		if c.Value != nil {
			s.Value = c.Value
		}
		if c.Done != nil {
			s.Done = *c.Done
		}
		if c.Status != goal.Unknown {
			s.Status = c.Status
		}
		if c.Confidence != nil {
			s.Confidence = c.Confidence
		}
	}
	return s
}

// asOf is the goal without what was told or decided about it after an instant.
func asOf(g *Goal, at time.Time) *Goal {
	last := g.Last()
	closedLater := g.Closed != nil && g.Closed.At.After(at)
	if (last == nil || !last.At.After(at)) && !closedLater {
		return g
	}
	then := *g
	if closedLater {
		then.Closed = nil
	}
	s := standingAt(g, at)
	then.Done, then.Status, then.Confidence = s.Done, s.Status, s.Confidence
	if g.Metric != nil {
		m := *g.Metric
		m.Current = s.Value
		then.Metric = &m
	}
	then.Recent = slices.DeleteFunc(slices.Clone(g.Recent), func(c goal.CheckIn) bool { return c.At.After(at) })
	return &then
}

// looseEnd says, as a message's id, why a goal leads up to no vision or long-term goal; empty when it does. A goal
// that not everybody here may see counts as if it were not there.
func (sc scope) looseEnd(g *Goal) string {
	if farSighted(g) {
		return ""
	}
	parentOf := func(id goal.ID) goal.ID {
		at := sc.find(id)
		if id == g.ID {
			at = g
		}
		if at == nil || at.Parent == "" {
			return ""
		}
		if up := sc.find(at.Parent); up == nil || !sc.open(up) {
			return ""
		}
		return at.Parent
	}
	child := g
	for _, id := range goal.LineUp(g.ID, parentOf) {
		up := sc.find(id)
		broken := ""
		switch {
		case up.Closed != nil:
			broken = closedParent
		case !up.Due.IsZero() && child.Due.After(up.Due):
			broken = lateChild
		case farSighted(up):
			return ""
		}
		if broken != "" && child != g {
			return brokenAbove
		}
		if broken != "" {
			return broken
		}
		child = up
	}
	if child == g {
		return noParent
	}
	return shortLine
}

// open reports whether a goal may be spoken of to everybody in the channel.
func (sc scope) open(g *Goal) bool {
	if g.Visibility != goal.Shared {
		return false
	}
	return g.Channel == sc.channel || sc.everybody(g)
}

// farSighted goals are what the others should lead up to.
func farSighted(g *Goal) bool {
	return g.Kind == goal.Vision || g.Horizon == goal.VisionHorizon || g.Horizon == goal.LongTerm
}

// Open are all open goals, as the parts hold them.
func (r report) Open() []*Goal { return slices.Concat(r.Needs, r.Moved, r.Fresh, r.Quiet, r.Rest) }

// open counts the open goals.
func (r report) open() int {
	return len(r.Needs) + len(r.Moved) + len(r.Fresh) + len(r.Quiet) + len(r.Rest)
}

// loose says, as a message's id, why a goal leads up to no vision; empty when it does.
func (r report) loose(g *Goal) string { return r.why[g.ID] }

// broken reports whether a goal has a way up that was meant to lead somewhere, and does not.
func (r report) broken(g *Goal) bool {
	why := r.loose(g)
	return why == closedParent || why == lateChild || why == brokenAbove
}

// linking reports whether a goal here serves another at all.
func (r report) linking() bool {
	return slices.ContainsFunc(r.Loose, func(l looseEnd) bool { return l.why != noParent })
}

// calm reports whether nothing moved and nobody is needed.
func (r report) calm() bool { return len(r.Needs)+len(r.Moved)+len(r.Fresh)+len(r.Closed) == 0 }

// empty reports whether there is nothing to speak of at all.
func (r report) empty() bool { return r.calm() && len(r.Quiet)+len(r.Rest) == 0 }
