package goal

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// moving is a goal on its way from one number to another over 100 days.
func moving(from, to, current int64) *Goal {
	m := &Metric{Target: number(to), Baseline: ptr(number(from)), Current: ptr(number(current)), Direction: Increase}
	if to < from {
		m.Direction = Decrease
	}
	start := Date{2026, time.September, 22}
	return &Goal{ID: "G-1", Title: "Cut CAC", Owner: "linh", Metric: m, Start: start, Due: start.AddDays(100), Cadence: Weekly}
}

func TestProgress(t *testing.T) {
	for _, tt := range []struct {
		name string
		goal *Goal
		want string // empty: unknown
	}{
		{"cut from 250 to 150, at 210", moving(250, 150, 210), "40"},
		{"beyond the target", moving(250, 150, 100), "150"},
		{"behind the baseline", moving(250, 150, 300), "-50"},
		{"a third", moving(0, 3, 1), "33.3333333333"},
		{"no baseline", &Goal{Metric: &Metric{Target: number(3), Current: ptr(number(1))}}, ""},
		{"no current", &Goal{Metric: &Metric{Target: number(3), Baseline: ptr(number(1))}}, ""},
		{"target equal to baseline", moving(3, 3, 3), ""},
		{"yes/no, not done", &Goal{}, "0"},
		{"yes/no, done", &Goal{Done: true}, "100"},
		{"inside, no check-ins", keeping(2, 5, 3), "100"},
		{"outside, no check-ins", keeping(2, 5, 6), "0"},
		{"keep-within without current", &Goal{Metric: &Metric{Direction: KeepWithin, Target: number(5)}}, ""},
	} {
		got, known := tt.goal.Progress()
		if known != (tt.want != "") || known && got.String() != tt.want {
			t.Errorf("%s: %s, %v, want %q", tt.name, got, known, tt.want)
		}
	}
}

func keeping(floor, ceiling, current int64) *Goal {
	return &Goal{Metric: &Metric{Direction: KeepWithin, Floor: ptr(number(floor)), Target: number(ceiling), Current: ptr(number(current))}}
}

func TestInside(t *testing.T) {
	for current, want := range map[int64]bool{1: false, 2: true, 5: true, 6: false} {
		if got := keeping(2, 5, current).Metric.Inside(); got != want {
			t.Errorf("%d is inside 2–5: %v", current, got)
		}
	}
	if (&Metric{Direction: KeepWithin, Target: number(5)}).Inside() {
		t.Error("an unknown value is inside")
	}
}

func TestProgressOfKeepingIsTheShareInside(t *testing.T) {
	g := keeping(2, 5, 3)
	for _, v := range []int64{6, 2, 5} { // the bounds themselves are inside
		record(t, g, CheckIn{Value: ptr(number(v))})
	}
	record(t, g, CheckIn{Same: true})
	record(t, g, CheckIn{Change: "no number this time"})
	if got, _ := g.Progress(); !got.Equal(number(75)) {
		t.Errorf("3 of 4 values inside are %s %%", got)
	}
}

func TestProgressRunsFromBaselineToTarget(t *testing.T) {
	cents := rapid.Map(rapid.Int64Range(-1_000_000_000, 1_000_000_000), func(n int64) Number { return number(n).Shift(-2) })
	rapid.Check(t, func(t *rapid.T) {
		from, to := cents.Draw(t, "from"), cents.Draw(t, "to")
		if from.Equal(to) {
			t.Skip("refused by Check, which has its own test")
		}
		m := &Metric{Baseline: &from, Target: to, Direction: Increase}
		at := func(v Number) Number {
			m.Current = &v
			p, known := (&Goal{Metric: m}).Progress()
			if !known {
				t.Fatal("progress is unknown")
			}
			return p
		}
		if p := at(from); !p.IsZero() {
			t.Fatalf("%s at the baseline", p)
		}
		if p := at(to); !p.Equal(hundred) {
			t.Fatalf("%s at the target", p)
		}
		if p := at(to.Add(to.Sub(from))); !p.Equal(number(200)) {
			t.Fatalf("%s at twice the way", p)
		}
		percent := number(rapid.Int64Range(-50, 250).Draw(t, "percent"))
		v, known := m.valueAt(percent)
		if p := at(v); !known || !p.Equal(percent) {
			t.Fatalf("the value at %s %% stands at %s %%", percent, p)
		}
	})
}

func TestExpectedAndPace(t *testing.T) {
	g := moving(250, 150, 210) // 40 %
	for _, tt := range []struct {
		day            int
		expected, pace string
		suggests       Status
	}{
		{-10, "0", "40", OnTrack},
		{0, "0", "40", OnTrack},
		{38, "38", "2", OnTrack},
		{50, "50", "-10", OnTrack},
		{51, "51", "-11", AtRisk},
		{65, "65", "-25", AtRisk},
		{66, "66", "-26", OffTrack},
		{100, "100", "-60", OffTrack},
		{130, "100", "-60", OffTrack},
	} {
		day := g.Start.AddDays(tt.day)
		expected, _ := g.Expected(day)
		pace, known := g.Pace(day)
		if !known || expected.String() != tt.expected || pace.String() != tt.pace {
			t.Errorf("day %d: expected %s, pace %s, want %s and %s", tt.day, expected, pace, tt.expected, tt.pace)
		}
		if got := g.Suggest(day); got != tt.suggests {
			t.Errorf("day %d suggests %q, want %q", tt.day, got, tt.suggests)
		}
	}
}

func TestNoPace(t *testing.T) {
	for name, change := range map[string]func(*Goal){
		"yes/no":       func(g *Goal) { g.Metric = nil },
		"keep-within":  func(g *Goal) { g.Metric.Direction = KeepWithin },
		"no due date":  func(g *Goal) { g.Due = Date{} },
		"due at start": func(g *Goal) { g.Due = g.Start },
		"no baseline":  func(g *Goal) { g.Metric.Baseline = nil },
	} {
		g := moving(0, 10, 5)
		change(g)
		if pace, known := g.Pace(today); known {
			t.Errorf("%s: pace is %s", name, pace)
		}
		for confidence, want := range []Status{OffTrack, OffTrack, OffTrack, OffTrack, AtRisk, AtRisk, AtRisk, OnTrack, OnTrack, OnTrack, OnTrack} {
			g.Confidence = &confidence
			if got := g.Suggest(today); got != want {
				t.Errorf("%s: confidence %d suggests %q, want %q", name, confidence, got, want)
			}
		}
		g.Confidence = nil
		if got := g.Suggest(today); got != Unknown {
			t.Errorf("%s: nothing suggests %q", name, got)
		}
	}
}

func TestStaleFor(t *testing.T) {
	made := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	for _, tt := range []struct {
		name  string
		goal  Goal
		after time.Duration
		weeks int
		stale bool
	}{
		{"new", Goal{Cadence: Weekly}, 0, 0, false},
		{"clock behind", Goal{Cadence: Weekly}, -3 * day, 0, false},
		{"nearly two weeks", Goal{Cadence: Weekly}, 13*day + 11*time.Hour, 1, false},
		{"two weeks but for the minutes in which it was answered", Goal{Cadence: Weekly}, 14*day - 20*time.Minute, 2, true},
		{"two weeks", Goal{Cadence: Weekly}, 14 * day, 2, true},
		{"three weeks", Goal{Cadence: Weekly}, 22 * day, 3, true},
		{"no cadence is weekly", Goal{}, 14 * day, 2, true},
		{"monthly", Goal{Cadence: Monthly}, 59 * day, 8, false},
		{"two months", Goal{Cadence: Monthly}, 60 * day, 8, true},
		{"yearly", Goal{Cadence: Yearly}, 729 * day, 104, false},
		{"closed", Goal{Cadence: Weekly, Closed: &Closing{}}, 100 * day, 0, false},
		{"begins later", Goal{Cadence: Weekly, Start: Date{2026, time.November, 16}}, 20 * day, 0, false},
		{"has news", Goal{Cadence: Weekly, Recent: []CheckIn{{Seq: 1, At: made.Add(10 * day)}}}, 20 * day, 1, false},
	} {
		tt.goal.Created = made
		weeks, stale := tt.goal.StaleFor(made.Add(tt.after))
		if weeks != tt.weeks || stale != tt.stale {
			t.Errorf("%s: %d, %v, want %d, %v", tt.name, weeks, stale, tt.weeks, tt.stale)
		}
	}
}

func TestMoneyIsExact(t *testing.T) {
	// In binary floating point 0.1 + 0.2 is not 0.3; here it is, and so is its share of the way.
	from, to := decimal.RequireFromString("0"), decimal.RequireFromString("0.3")
	current := decimal.RequireFromString("0.1").Add(decimal.RequireFromString("0.2"))
	p, _ := (&Goal{Metric: &Metric{Baseline: &from, Target: to, Current: &current}}).Progress()
	if !p.Equal(hundred) {
		t.Errorf("0.1 + 0.2 of 0.3 are %s %%", p)
	}
}
