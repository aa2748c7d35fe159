package conversation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"goalkeeper/goal"
)

// The digests of these tests come on Tuesday, 1 December 2026, and look back one week.
var (
	tuesday    = time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)
	lastWeek   = tuesday.AddDate(0, 0, -7)
	longBefore = tuesday.AddDate(0, 0, -30)
)

const room = goal.ChannelID("C1")

// aGoal is an open goal of the channel, a month old, with one check-in two days ago, on track and unmoved.
func aGoal(n int, change ...func(*Goal)) *Goal {
	number := func(n int64) *goal.Number { d := decimal.NewFromInt(n); return &d }
	g := &Goal{goal.Goal{
		ID: goal.NewID(n), Title: "Goal", Owner: "U1", Creator: "U1", Acceptance: goal.Accepted, Kind: goal.Plain,
		Horizon: goal.ShortTerm, Cadence: goal.Weekly, Visibility: goal.Shared, Channel: room, Created: longBefore,
		Start: goal.DateOf(longBefore), Due: goal.Date{Year: 2027, Month: 6, Day: 30},
		Metric: &goal.Metric{Unit: "$", Direction: goal.Decrease, Baseline: number(250), Target: *number(150), Current: number(240)},
		Status: goal.OnTrack,
	}}
	g.Before = goal.Standing{Value: number(240), Status: goal.OnTrack}
	g.CheckIns, g.Recent = 1, []goal.CheckIn{{Seq: 1, At: tuesday.AddDate(0, 0, -2), By: "U1", Status: goal.OnTrack, Same: true}}
	for _, f := range change {
		f(g)
	}
	return g
}

func stood(value int64, at time.Time, status goal.Status) func(*Goal) {
	return func(g *Goal) {
		n := decimal.NewFromInt(value)
		if err := g.Record(goal.CheckIn{At: at, By: "U1", Value: &n, Status: status}); err != nil {
			panic(err)
		}
	}
}

func scopeOf(goals ...*Goal) scope {
	byID := map[goal.ID]*Goal{}
	for _, g := range goals {
		byID[g.ID] = g
	}
	return scope{channel: room, goals: goals, zone: time.UTC, since: lastWeek, at: tuesday,
		find: func(id goal.ID) *Goal { return byID[id] }, everybody: func(*Goal) bool { return true }}
}

// parts writes which goals stand where: "needs G-1 G-2; quiet G-3".
func (r report) parts() string {
	var all []string
	for _, p := range []struct {
		name  string
		goals []*Goal
	}{{"needs", r.Needs}, {"moved", r.Moved}, {"fresh", r.Fresh}, {"quiet", r.Quiet}, {"rest", r.Rest}, {"closed", r.Closed}} {
		if len(p.goals) == 0 {
			continue
		}
		line := p.name
		for _, g := range p.goals {
			line += " " + string(g.ID)
		}
		all = append(all, line)
	}
	return strings.Join(all, "; ")
}

func TestADigestSortsWhatChanged(t *testing.T) {
	yesterday := tuesday.AddDate(0, 0, -1)
	for name, c := range map[string]struct {
		change func(*Goal)
		want   string
	}{
		"unmoved":                {func(*Goal) {}, "rest G-1"},
		"moved this week":        {stood(230, yesterday, goal.OnTrack), "moved G-1"},
		"moved, but before":      {func(g *Goal) { g.Recent = nil; stood(230, lastWeek.AddDate(0, 0, -3), goal.OnTrack)(g) }, "rest G-1"},
		"told the same number":   {stood(240, yesterday, goal.OnTrack), "rest G-1"},
		"at risk":                {stood(240, yesterday, goal.AtRisk), "needs G-1"},
		"off track and moving":   {stood(245, yesterday, goal.OffTrack), "needs G-1"},
		"the numbers say so":     {func(g *Goal) { g.Due = goal.Date{Year: 2026, Month: 12, Day: 10} }, "needs G-1"},
		"blocked but on track":   {func(g *Goal) { g.Recent[0].Blocker = "legal" }, "needs G-1"},
		"new":                    {func(g *Goal) { g.Created, g.Recent, g.CheckIns = yesterday, nil, 0 }, "fresh G-1"},
		"made after the digest":  {func(g *Goal) { g.Created = tuesday.Add(time.Hour) }, ""},
		"silent for three weeks": {func(g *Goal) { g.Recent[0].At = tuesday.AddDate(0, 0, -21) }, "quiet G-1"},
		"silent though off track": {func(g *Goal) {
			g.Status, g.Recent[0].At = goal.OffTrack, tuesday.AddDate(0, 0, -21)
		}, "quiet G-1"},
		"handed back":           {func(g *Goal) { g.Acceptance = goal.HandedBack }, "needs G-1"},
		"closed this week":      {func(g *Goal) { g.Closed = &goal.Closing{At: yesterday} }, "closed G-1"},
		"closed long ago":       {func(g *Goal) { g.Closed = &goal.Closing{At: longBefore} }, ""},
		"closed afterwards":     {func(g *Goal) { g.Closed = &goal.Closing{At: tuesday.Add(time.Hour)} }, "rest G-1"},
		"taken back":            {func(g *Goal) { g.Closed = &goal.Closing{At: yesterday, Undone: true} }, ""},
		"private":               {func(g *Goal) { g.Visibility = goal.Private }, ""},
		"of another channel":    {func(g *Goal) { g.Channel = "C2" }, ""},
		"told after the digest": {stood(150, tuesday.Add(time.Hour), goal.OffTrack), "rest G-1"},
		"back on track": {func(g *Goal) {
			g.Before.Status = goal.OffTrack
			stood(240, yesterday, goal.OnTrack)(g)
			g.Recent = g.Recent[1:]
		}, "moved G-1"},
		"a yes/no goal that is done": {func(g *Goal) {
			g.Metric, g.Before, g.Recent, g.CheckIns = nil, goal.Standing{}, nil, 0
			yes, no := true, false
			for _, c := range []goal.CheckIn{{At: longBefore, Done: &no}, {At: yesterday, Done: &yes}} {
				if err := g.Record(c); err != nil {
					panic(err)
				}
			}
		}, "moved G-1"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := scopeOf(aGoal(1, c.change)).report().parts(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheMostUrgentComesFirst(t *testing.T) {
	yesterday := tuesday.AddDate(0, 0, -1)
	blocked := func(g *Goal) { g.Recent[0].Blocker = "legal" }
	r := scopeOf(
		aGoal(1, blocked), aGoal(2, stood(240, yesterday, goal.AtRisk)), aGoal(3, stood(250, yesterday, goal.OffTrack)),
		aGoal(4, stood(280, yesterday, goal.OffTrack)), aGoal(5, stood(230, yesterday, goal.OnTrack)), aGoal(6, stood(150, yesterday, goal.OnTrack)),
	).report()
	if got, want := r.parts(), "needs G-4 G-3 G-2 G-1; moved G-6 G-5"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheTopSharesItsRows(t *testing.T) {
	many := func(n int) []*Goal { return make([]*Goal, n) }
	for _, c := range []struct {
		r    report
		want [4]int
	}{
		{report{}, [4]int{}},
		{report{Needs: many(2), Moved: many(1)}, [4]int{2, 1, 0, 0}},
		{report{Fresh: many(40)}, [4]int{0, 0, 12, 0}},
		{report{Needs: many(40), Moved: many(40), Fresh: many(40), Closed: many(40)}, [4]int{5, 3, 2, 2}},
		{report{Needs: many(40), Moved: many(1), Fresh: many(40)}, [4]int{9, 1, 2, 0}},
	} {
		if got := c.r.shown(); got != c.want {
			t.Errorf("got %v, want %v", got, c.want)
		}
	}
}

func TestWhereGoalsLeadUpTo(t *testing.T) {
	under := func(parent int, more ...func(*Goal)) []func(*Goal) {
		return append([]func(*Goal){func(g *Goal) { g.Parent = goal.NewID(parent) }}, more...)
	}
	vision := func(g *Goal) {
		g.Kind, g.Horizon, g.Due, g.Channel = goal.Vision, goal.VisionHorizon, goal.Date{Year: 2036, Month: 1, Day: 1}, "C0"
	}
	closed := func(g *Goal) { g.Closed = &goal.Closing{At: longBefore} }
	private := func(g *Goal) { g.Visibility = goal.Private }
	late := func(g *Goal) { g.Due = goal.Date{Year: 2027, Month: 12, Day: 31} }
	for name, c := range map[string]struct {
		goals []*Goal
		want  string
	}{
		"no parent":          {[]*Goal{aGoal(1)}, noParent},
		"to the vision":      {[]*Goal{aGoal(1, under(9)...), aGoal(9, vision)}, ""},
		"through another":    {[]*Goal{aGoal(1, under(2)...), aGoal(2, under(9)...), aGoal(9, vision)}, ""},
		"ends too early":     {[]*Goal{aGoal(1, under(2)...), aGoal(2)}, shortLine},
		"closed parent":      {[]*Goal{aGoal(1, under(2)...), aGoal(2, closed)}, closedParent},
		"closed above":       {[]*Goal{aGoal(1, under(2)...), aGoal(2, under(9)...), aGoal(9, vision, closed)}, brokenAbove},
		"due too late":       {[]*Goal{aGoal(1, append(under(2), late)...), aGoal(2, under(9)...), aGoal(9, vision)}, lateChild},
		"late above":         {[]*Goal{aGoal(1, under(2)...), aGoal(2, append(under(3), late)...), aGoal(3, under(9)...), aGoal(9, vision)}, brokenAbove},
		"unknown parent":     {[]*Goal{aGoal(1, under(7)...)}, noParent},
		"private parent":     {[]*Goal{aGoal(1, under(9)...), aGoal(9, vision, private)}, noParent},
		"a circle":           {[]*Goal{aGoal(1, under(2)...), aGoal(2, under(1)...)}, shortLine},
		"a vision by itself": {[]*Goal{aGoal(1, vision, func(g *Goal) { g.Channel = room })}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			sc := scopeOf(c.goals...)
			sc.goals = c.goals[:1]
			if got := sc.looseEnd(c.goals[0]); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A goal of a private channel must not show in what others are told, not even as the end of a path.
func TestAPathThroughAPrivateChannelDoesNotShow(t *testing.T) {
	g := aGoal(1, func(g *Goal) { g.Parent = "G-9" })
	sc := scopeOf(g, aGoal(9, func(g *Goal) { g.Kind, g.Channel = goal.Vision, "C9" }))
	sc.everybody = func(*Goal) bool { return false }
	if got := sc.looseEnd(g); got != noParent {
		t.Errorf("got %q", got)
	}
}

func TestAsOfForgetsWhatCameLater(t *testing.T) {
	g := aGoal(1, stood(230, tuesday.AddDate(0, 0, -1), goal.AtRisk), stood(150, tuesday.AddDate(0, 0, 1), goal.OnTrack))
	then := asOf(g, tuesday)
	if then.Metric.Current.String() != "230" || then.Status != goal.AtRisk || len(then.Recent) != 2 {
		t.Errorf("as of Tuesday: %s, %s, %d check-ins", then.Metric.Current, then.Status, len(then.Recent))
	}
	if g.Metric.Current.String() != "150" || len(g.Recent) != 3 {
		t.Error("the goal itself was changed")
	}
}

func TestWhoMaySetADigest(t *testing.T) {
	lead, first, other := goal.PersonID("lead"), goal.PersonID("first"), goal.PersonID("other")
	for _, c := range []struct {
		what    string
		me      Person
		member  bool
		channel Channel
		want    bool
	}{
		{"the first member", Person{ID: other}, true, Channel{}, true},
		{"somebody from outside", Person{ID: other}, false, Channel{}, false},
		{"who set it first", Person{ID: first}, true, Channel{SetBy: first}, true},
		{"a member after them", Person{ID: other}, true, Channel{SetBy: first}, false},
		{"who set it first, once there is a lead", Person{ID: first}, true, Channel{SetBy: first, Leads: []goal.PersonID{lead}}, false},
		{"the lead", Person{ID: lead}, true, Channel{SetBy: first, Leads: []goal.PersonID{lead}}, true},
		{"an administrator in a public channel", Person{ID: other, Profile: Profile{Admin: true}}, false, Channel{SetBy: first}, true},
		{"an administrator outside a private channel", Person{ID: other, Profile: Profile{Admin: true}}, false,
			Channel{SetBy: first, Room: Room{Private: true}}, false},
		{"a guest, though first", Person{ID: other, Profile: Profile{Guest: true}}, true, Channel{}, false},
		{"a guest who is lead", Person{ID: lead, Profile: Profile{Guest: true}}, true, Channel{Leads: []goal.PersonID{lead}}, false},
	} {
		if got := mayConfigure(&c.me, c.member, &c.channel); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}

func TestOneDigestAWeek(t *testing.T) {
	hanoi := "Asia/Ho_Chi_Minh"
	at := func(s string) time.Time {
		zone, _ := LoadZone(hanoi)
		at, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		what   string
		plan   DigestPlan
		latest time.Time
		want   bool
	}{
		{"none is due", DigestPlan{}, time.Time{}, false},
		{"the first", DigestPlan{}, at("2026-12-01 10:00"), true},
		{"posted already", DigestPlan{Last: "2026-W49", LastAt: at("2026-12-01 10:00")}, at("2026-12-01 10:00"), false},
		{"moved to Friday after Tuesday's", DigestPlan{Last: "2026-W49", LastAt: at("2026-12-01 10:00")}, at("2026-12-04 10:00"), false},
		{"the week after", DigestPlan{Last: "2026-W49", LastAt: at("2026-12-01 10:00")}, at("2026-12-08 10:00"), true},
		{"an occurrence before the last post", DigestPlan{Last: "2026-W49", LastAt: at("2026-12-01 10:00")}, at("2026-11-24 10:00"), false},
		{"over the year's end", DigestPlan{Last: "2026-W53", LastAt: at("2026-12-29 10:00")}, at("2027-01-05 10:00"), true},
	} {
		c.plan.Zone = hanoi
		if got := c.plan.opens(c.latest); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}

func TestTheNearestCommand(t *testing.T) {
	st := &State{Me: &Person{Chosen: Choices{Language: "vi"}}}
	for typed, want := range map[string]string{
		"nwe Cut CAC": "new|Cut CAC", "lits": "list|", "udpate G-1 210": "update|G-1 210", "cap nhatt G-1 3": "cap nhat|G-1 3",
		"digst": "digest|", "setings": "settings|", "halp": "help|", "sửaa G-1": "sua|G-1", "danh sachh all": "danh sach|all",
		"xyzzy": "|", "": "|", strings.Repeat("n", 3000): "|", "what about tomorrow": "|",
	} {
		name, rest, _ := st.nearest(typed)
		if got := name + "|" + rest; got != want && !(name == "" && want == "|") {
			t.Errorf("nearest(%.40q) = %q, want %q", typed, got, want)
		}
	}
	st.Me.Chosen.Language = "en"
	if name, _, ok := st.nearest("done"); ok {
		t.Errorf("an English reader who types done is offered %q", name)
	}
}

func TestEveryCommandIsExplained(t *testing.T) {
	for _, tag := range []string{"en", "vi"} {
		st := &State{Me: &Person{Chosen: Choices{Language: tag}}, shelf: NewShelf()}
		for _, c := range commands() {
			typed := strings.TrimPrefix(st.typed(c.name), "/goal ")
			if found, _, ok := matchCommand(typed); !ok || found.name != c.name {
				t.Errorf("%s: the example of %s, %q, is not that command", tag, c.name, typed)
			}
			if line := st.Voice().Say("help.line." + c.name); strings.HasPrefix(line, "help.line") {
				t.Errorf("%s: %s has no line", tag, c.name)
			}
		}
	}
}

func TestZonesOnOffer(t *testing.T) {
	if len(zones) > 90 {
		t.Errorf("%d zones; a list takes 100 with the reader's own", len(zones))
	}
	seen := map[string]bool{}
	for _, name := range zones {
		if _, err := LoadZone(name); err != nil || seen[name] {
			t.Errorf("%s: unknown or twice: %v", name, err)
		}
		seen[name] = true
	}
	st := &State{Me: &Person{}, Now: tuesday}
	f := zoneField(st.Voice(), tuesday, "Asia/Ho_Chi_Minh", "Europe/London")
	got := fmt.Sprint(f.Options[0].Label, ", ", f.Options[1].Label, ", ", f.Options[2].Label)
	if want := "London · UTC+0, Vietnam · UTC+7, Honolulu · UTC−10"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := offsetName("Asia/Kathmandu", tuesday) + offsetName("America/St_Johns", tuesday); got != "UTC+5:45UTC−3:30" {
		t.Errorf("got %q", got)
	}
}
