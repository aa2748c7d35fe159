package house_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// model is what must be true, as simply as it can be said: no conversation, no messages, no retries.
type model struct {
	goals     map[goal.ID]aGoal
	people    map[goal.PersonID]aPerson
	digest    bool
	planned   time.Time      // when the digest was last turned on
	asleepTo  time.Time      // until when nobody looked after timers
	questions map[string]int // how often a person may be asked in a week beyond the first: "U1 2026-W49"
}

// aGoal is what a goal's owner would remember of it.
type aGoal struct {
	title, value   string
	owner, asker   goal.PersonID
	state          goal.Acceptance
	closed, undone bool
	checkIns       int
	askings        int
	made           time.Time
	asked          time.Time // since when its owner is asked about it
	told           time.Time // the last check-in
}

// aPerson is when somebody wants to be asked.
type aPerson struct {
	zone    string // the platform's, or the one chosen
	weekday time.Weekday
	hour    int
	off     bool
	since   time.Time
}

func newModel() *model {
	m := &model{goals: map[goal.ID]aGoal{}, people: map[goal.PersonID]aPerson{}, questions: map[string]int{}}
	for p, profile := range cast {
		m.people[p] = aPerson{zone: profile.Zone, weekday: time.Monday, hour: 9}
	}
	return m
}

func (m *model) clone() *model {
	c := *m
	c.goals, c.people, c.questions = maps.Clone(m.goals), maps.Clone(m.people), maps.Clone(m.questions)
	return &c
}

// with changes one goal.
func (m *model) with(id goal.ID, change func(*aGoal)) {
	g := m.goals[id]
	change(&g)
	m.goals[id] = g
}

// which are the goals of which something is true, in the order of their numbers.
func (m *model) which(is func(aGoal) bool) []goal.ID {
	var ids []goal.ID
	for n := range len(m.goals) {
		if id := goal.NewID(n + 1); is(m.goals[id]) {
			ids = append(ids, id)
		}
	}
	return ids
}

// live reports whether the goal is open and somebody's own.
func (g aGoal) live() bool { return !g.closed && g.state == goal.Accepted }

// keeper is who may do everything with an open goal.
func (g aGoal) keeper() goal.PersonID {
	if g.state == goal.Accepted {
		return g.owner
	}
	return g.asker
}

// told adds a check-in.
func (m *model) told(id goal.ID, value string, at time.Time) {
	m.with(id, func(g *aGoal) {
		g.checkIns++
		g.told = at
		if value != "" {
			g.value = value
		}
	})
}

// given hands a goal to an owner, who is asked unless they took it themselves.
func (m *model) given(id goal.ID, by, to goal.PersonID, at time.Time) {
	m.with(id, func(g *aGoal) {
		g.owner, g.asker, g.asked = to, by, at
		g.state = goal.Accepted
		if to != by {
			g.state = goal.Proposed
			g.askings++
		}
	})
}

// week names a person's week at an instant: "U1:2026-W49".
func (m *model) week(p goal.PersonID, at time.Time) string {
	year, n := at.In(location(m.people[p].zone)).ISOWeek()
	return fmt.Sprintf("%s:%d-W%02d", p, year, n)
}

// occurrence is the newest moment, not after now, at which a person wanted to be asked.
func (p aPerson) occurrence(now time.Time) time.Time {
	return weekly(location(p.zone), p.weekday, p.hour, now)
}

func weekly(zone *time.Location, day time.Weekday, hour int, now time.Time) time.Time {
	y, m, d := now.In(zone).Date()
	for back := range 8 {
		at := time.Date(y, m, d-back, hour, 0, 0, 0, zone)
		if at.Weekday() == day && !at.After(now) {
			return at
		}
	}
	return time.Time{}
}

func location(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// owed is the question that a person must have been asked by now, however often processes crashed: its week, empty
// when nothing is owed. A day is left for nights and for timers that came late.
func (m *model) owed(p goal.PersonID, now time.Time) string {
	me := m.people[p]
	at := me.occurrence(now)
	settled := now.Sub(at) > 36*time.Hour && now.Sub(m.asleepTo) > 36*time.Hour
	if me.off || !settled || at.Before(me.since) {
		return ""
	}
	for _, g := range m.goals {
		news := !g.told.IsZero() && g.told.After(at.Add(-48*time.Hour))
		if g.live() && g.owner == p && g.asked.Before(at) && !news {
			return m.week(p, at)
		}
	}
	return ""
}

// mine are the goals that a person finds in their list.
func (m *model) mine(p goal.PersonID) []string {
	var ids []string
	for _, id := range m.which(func(g aGoal) bool {
		return !g.closed && (g.owner == p && g.state != goal.HandedBack || g.state != goal.Accepted && g.asker == p)
	}) {
		ids = append(ids, string(id))
	}
	return ids
}

// differs says in which way the records are not what the model says; empty when they are.
func (w *town) differs(m *model) string {
	refs := []conversation.Ref{{Kind: conversation.TreeKind}, {Kind: conversation.ChannelKind, ID: string(growth)}}
	for n := range len(m.goals) + 1 {
		refs = append(refs, conversation.Ref{Kind: conversation.GoalKind, ID: string(goal.NewID(n + 1))})
	}
	for p := range cast {
		refs = append(refs, conversation.Ref{Kind: conversation.PersonKind, ID: string(p)})
	}
	shelf := w.read(refs...)
	var wrong []string
	note := func(what string, want, got any) {
		if want != got {
			wrong = append(wrong, fmt.Sprintf("%s is %v, want %v", what, got, want))
		}
	}
	for n := range len(m.goals) + 1 {
		id := goal.NewID(n + 1)
		want, known := m.goals[id]
		got := conversation.Take[*conversation.Goal](shelf, conversation.GoalKind, string(id))
		note(string(id)+" exists: it", known, got != nil)
		if known && got != nil {
			note(string(id), want.summary(), summaryOf(got))
			note("the log of "+string(id), want.checkIns, w.logged(id))
		}
	}
	for p, want := range m.people {
		got := conversation.Take[*conversation.Person](shelf, conversation.PersonKind, string(p))
		if got == nil {
			got = &conversation.Person{Profile: cast[p]}
		}
		note(string(p), fmt.Sprintln(want.weekday, want.hour, want.off, want.zone), fmt.Sprintln(got.Weekday(), hourOf(got), got.Chosen.Off, got.Zone()))
	}
	c := conversation.Take[*conversation.Channel](shelf, conversation.ChannelKind, string(growth))
	note("the digest", m.digest, c != nil && c.Digest.On)
	for ix, want := range m.indexes() {
		note(fmt.Sprint("the index ", ix), strings.Join(want, " "), strings.Join(w.find(ix), " "))
	}
	slices.Sort(wrong)
	return strings.Join(wrong, "\n")
}

func (g aGoal) summary() string {
	return fmt.Sprintf("%q of %s, %s, at %s, %d check-ins, closed %t, undone %t", g.title, g.owner, g.state, g.value, g.checkIns, g.closed, g.undone)
}

func summaryOf(g *conversation.Goal) string {
	return aGoal{title: g.Title, owner: g.Owner, state: g.Acceptance, value: g.Metric.Current.String(), checkIns: g.CheckIns,
		closed: g.Closed != nil, undone: g.Closed != nil && g.Closed.Undone}.summary()
}

func hourOf(p *conversation.Person) int {
	at, err := time.Parse("15:04", p.Hour())
	if err != nil {
		return -1
	}
	return at.Hour()
}

// indexes are what the store must list.
func (m *model) indexes() map[conversation.Index][]string {
	open := func(is func(aGoal) bool) []string {
		var ids []string
		for _, id := range m.which(func(g aGoal) bool { return !g.closed && is(g) }) {
			ids = append(ids, string(id))
		}
		return ids
	}
	all := map[conversation.Index][]string{
		{Name: conversation.AllOpen}:                    open(func(aGoal) bool { return true }),
		{Name: conversation.InRoom, Of: string(growth)}: open(func(aGoal) bool { return true }),
	}
	for p := range cast {
		all[conversation.Index{Name: conversation.OwnedBy, Of: string(p)}] = open(func(g aGoal) bool { return g.owner == p })
		all[conversation.Index{Name: conversation.MadeBy, Of: string(p)}] = open(func(g aGoal) bool {
			return g.state != goal.Accepted && g.asker == p
		})
	}
	return all
}

// seen says in which way what people see is not what the model says.
func (w *town) seen(m *model) string {
	var wrong []string
	for _, p := range slices.Sorted(maps.Keys(cast)) {
		list := w.look(p, "list mine")
		if got, want := strings.Join(rowIDs(list), " "), strings.Join(m.mine(p), " "); got != want {
			wrong = append(wrong, fmt.Sprintf("%s finds %q in their list, want %q", p, got, want))
		}
	}
	return strings.Join(wrong, "\n")
}

// promises says what was promised and not kept: a question that never came, or came too often.
func (w *town) promises(m *model) string {
	var wrong []string
	for _, p := range slices.Sorted(maps.Keys(cast)) {
		if week := m.owed(p, w.now); week != "" && len(w.prompts(week)) == 0 {
			wrong = append(wrong, fmt.Sprintf("%s was never asked in %s", p, week))
		}
	}
	count := map[string]int{}
	for key := range w.sent {
		if rest, ok := strings.CutPrefix(key, "checkin:"); ok {
			week, _, _ := cutLast(rest)
			count[week]++
		}
	}
	for _, week := range slices.Sorted(maps.Keys(count)) {
		if count[week] > 1+m.questions[week] {
			wrong = append(wrong, fmt.Sprintf("%s: asked %d times, with %d reasons to ask again", week, count[week], m.questions[week]))
		}
	}
	if week := m.owedDigest(w.now); week != "" {
		c := conversation.Take[*conversation.Channel](w.read(conversation.Ref{Kind: conversation.ChannelKind, ID: string(growth)}), conversation.ChannelKind, string(growth))
		if c.Digest.Last != week {
			wrong = append(wrong, fmt.Sprintf("the digest of %s is missing, the last is of %q", week, c.Digest.Last))
		}
	}
	return strings.Join(wrong, "\n")
}

// owedDigest is the week whose digest must have been looked at by now; empty when none is.
func (m *model) owedDigest(now time.Time) string {
	zone := location(cast[linh].Zone) // she turns it on, so it comes by her clock
	at := weekly(zone, time.Tuesday, 10, now)
	if !m.digest || at.Before(m.planned) || now.Sub(at) < 36*time.Hour || now.Sub(m.asleepTo) < 36*time.Hour {
		return ""
	}
	year, n := at.In(zone).ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, n)
}

func cutLast(s string) (before, last string, found bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
