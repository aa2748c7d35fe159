package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
	"golang.org/x/sync/errgroup"

	"goalkeeper/scheduler"
)

func init() { helpers["robfig-apia"] = robfigInApia }

// cadences are the specs that are searched: the hours around which clocks change, the usual one, and a Monday.
var cadences = []cadence{
	{"0 0 * * *", 0, everyDay}, {"30 0 * * *", 30, everyDay}, {"30 1 * * *", 90, everyDay}, {"30 2 * * *", 150, everyDay},
	{"0 9 * * *", 540, everyDay}, {"45 23 * * *", 1425, everyDay}, {"0 9 * * 1", 540, onMondays},
	{"30 2 31 3,10 *", 150, func(d time.Time) bool { return d.Day() == 31 && (d.Month() == time.March || d.Month() == time.October) }},
}

// cadence is a spec with what it means, told independently of any code that reads it.
type cadence struct {
	spec   string
	minute int // of the day
	on     func(day time.Time) bool
}

func everyDay(time.Time) bool      { return true }
func onMondays(day time.Time) bool { return day.Weekday() == time.Monday }

// next is a search for the following occurrence; the zero time says that there is none.
type next func(after time.Time) time.Time

func ourNext(spec string, zone *time.Location) next {
	return func(after time.Time) time.Time {
		at, err := scheduler.Calendar{}.Next(spec, zone, after)
		if err != nil {
			return time.Time{}
		}
		return at
	}
}

// robfigNext reads the spec once.
func robfigNext(spec string, zone *time.Location) next {
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		panic(err) // the specs stand above
	}
	return func(after time.Time) time.Time { return schedule.Next(after.In(zone)) }
}

// robfigAnew reads the spec for each search, as ours does.
func robfigAnew(spec string, zone *time.Location) next {
	return func(after time.Time) time.Time { return robfigNext(spec, zone)(after) }
}

// runM compares the searches in speed and in what they find.
func runM(ctx context.Context, b *bench) ([]figure, error) {
	zones, err := allZones()
	if err != nil {
		return nil, err
	}
	anew, ours, err := b.interleave(ctx, "m", searches(zones, robfigAnew), searches(zones, ourNext))
	if err != nil {
		return nil, err
	}
	once, again, err := b.interleave(ctx, "m", searches(zones, robfigNext), searches(zones, ourNext))
	if err != nil {
		return nil, err
	}
	figures := []figure{
		{what: "robfig's processor time ÷ ours, both given the text of a spec, a zone and an instant", samples: ratios(anew.column(0), ours.column(0)),
			least: atLeast(2), aim: atLeast(4)},
		{what: "robfig's processor time with the spec read beforehand ÷ ours with its text", samples: ratios(once.column(0), again.column(0))},
		{what: "ours", unit: " ns", samples: ours.column(0)},
	}
	found, err := b.searchErrors(ctx, zones)
	return append(figures, found...), err
}

// searches is nanoseconds of the processor for each search, over a year from changing instants in changing zones.
func searches(zones []zone, make func(string, *time.Location) next) side {
	return func(_ context.Context, round int) (values, error) {
		const steps = 60
		count := 0
		v, err := timed(func() error {
			for n := round; n < len(zones); n += 7 {
				for _, c := range cadences[2:7] {
					search, at := make(c.spec, zones[n].place), year(2026).AddDate(0, 0, n)
					for range steps {
						at = search(at)
					}
					count += steps
				}
			}
			return nil
		})
		return values{v[1] / float64(count) * 1e9}, err
	}
}

// searchErrors counts what the searches find wrongly.
func (b *bench) searchErrors(ctx context.Context, zones []zone) ([]figure, error) {
	if b.smoke {
		zones = zones[:6]
	}
	robfig, err1 := findings(ctx, zones, year(2024), year(2036), robfigNext)
	ours, err2 := findings(ctx, zones, year(2024), year(2036), ourNext)
	long, err3 := findings(ctx, zones, year(1970), year(2038), ourNext)
	apia, err4 := robfigWaits(ctx)
	note := fmt.Sprintf("A finding is a local date that the spec names and the search leaves out or answers twice, or an instant that is "+
		"not the first one on its date at or after the wall time. Expected instants come from a walk through each zone's changes of "+
		"offset, and are compared within ten days of each change and of each turn of a year; %d zones, %d specs. robfig/cron: %d left out, %d twice, %d at a wrong hour.",
		counted(zones), len(cadences), robfig.missing, robfig.doubled, robfig.wrong)
	return []figure{
		{what: "robfig's findings, all zones, 2024–2035", samples: robfig.sum(), note: note},
		{what: "our findings, all zones, 2024–2035", samples: ours.sum(), least: atMost(0), aim: atMost(0)},
		{what: "our findings, all zones, 1970–2037 (Apia's 30 December 2011 in it)", samples: long.sum(), least: atMost(0), aim: atMost(0)},
		{what: "robfig's search for a Monday in Pacific/Apia from 29 December 2011, given up after 2 s", unit: " s", samples: []float64{apia}},
	}, errors.Join(err1, err2, err3, err4)
}

func year(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }

// tally counts findings by kind.
type tally struct{ missing, doubled, wrong int }

func (t tally) sum() []float64 { return []float64{float64(t.missing + t.doubled + t.wrong)} }

func (t *tally) add(o tally, times int) {
	t.missing += o.missing * times
	t.doubled += o.doubled * times
	t.wrong += o.wrong * times
}

// findings compares a search with what is expected, over all zones and specs.
func findings(ctx context.Context, zones []zone, from, to time.Time, make func(string, *time.Location) next) (tally, error) {
	var all tally
	var mu sync.Mutex
	workers, ctx := errgroup.WithContext(ctx)
	workers.SetLimit(runtime.NumCPU())
	for _, z := range zones {
		workers.Go(func() error {
			spans := spansOf(z.place, from.AddDate(0, 0, -4), to.AddDate(0, 0, 4))
			for _, c := range cadences {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				search := make(c.spec, z.place)
				for _, want := range around(spans, expected(c, spans, from, to)) {
					found := compare(want, search)
					mu.Lock()
					all.add(found, z.names)
					mu.Unlock()
				}
			}
			return nil
		})
	}
	return all, workers.Wait()
}

// around cuts out what lies within ten days of a change of offset or of the turn of a year: elsewhere clocks go
// steadily, and there is nothing to be wrong about.
func around(spans []span, want []int64) (groups [][]int64) {
	const near = 10 * 86400
	steady := true
	for _, at := range want {
		day := time.Unix(at, 0).UTC().YearDay()
		turn := day <= 10 || day > 355
		for len(spans) > 1 && spans[0].end+near < at {
			spans = spans[1:]
		}
		if !turn && at < spans[0].end-near {
			steady = true
			continue
		}
		if steady {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], at)
		steady = false
	}
	return groups
}

// compare follows a search from before the first expected instant to the last one.
func compare(want []int64, search next) (t tally) {
	if len(want) == 0 {
		return t
	}
	at, left := time.Unix(want[0]-1, 0), want
	for {
		if at = search(at); at.IsZero() || at.Unix() > want[len(want)-1] {
			break
		}
		got := at.Unix()
		for len(left) > 0 && left[0] <= got-12*3600 {
			left, t.missing = left[1:], t.missing+1
		}
		switch {
		case len(left) > 0 && left[0] == got:
			left = left[1:]
		case len(left) > 0 && left[0] < got+12*3600:
			left, t.wrong = left[1:], t.wrong+1
		default:
			t.doubled++
		}
	}
	t.missing += len(left)
	return t
}

// span is a stretch of constant offset, in seconds; the wall time is that of the instant plus the offset.
type span struct{ begin, end, offset int64 }

// spansOf finds the changes of a zone by looking every six hours, and halving where something changed.
func spansOf(place *time.Location, from, to time.Time) []span {
	offset := func(at int64) int64 {
		_, seconds := time.Unix(at, 0).In(place).Zone()
		return int64(seconds)
	}
	last := span{begin: from.Unix(), offset: offset(from.Unix())}
	var spans []span
	for at := from.Unix(); at < to.Unix(); at += 6 * 3600 {
		low, high := at, at+6*3600
		if offset(high) == last.offset {
			continue
		}
		for high-low > 1 {
			if mid := (low + high) / 2; offset(mid) == last.offset {
				low = mid
			} else {
				high = mid
			}
		}
		last.end = high
		spans = append(spans, last)
		last = span{begin: high, offset: offset(high)}
	}
	last.end = to.Unix()
	return append(spans, last)
}

// expected is the first instant of each date that the cadence names.
func expected(c cadence, spans []span, from, to time.Time) (all []int64) {
	for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
		for len(spans) > 1 && spans[0].end+spans[0].offset < day.Unix()-2*86400 {
			spans = spans[1:]
		}
		if !c.on(day) || !exists(day.Unix(), spans) {
			continue
		}
		at, _ := firstShowing(day.Unix()+int64(c.minute)*60, spans)
		all = append(all, at)
	}
	return all
}

// exists reports whether clocks ever show the date.
func exists(day int64, spans []span) bool {
	_, shows := firstShowing(day, spans)
	return shows < day+86400
}

// firstShowing is the first instant at which clocks show the wall time or a later one, and what they show then.
func firstShowing(wall int64, spans []span) (at, shows int64) {
	for _, s := range spans {
		if at = max(s.begin, wall-s.offset); at < s.end {
			return at, at + s.offset
		}
	}
	return 0, 0
}

// zone is a time zone, and how many names have its very rules.
type zone struct {
	place *time.Location
	names int
}

func counted(zones []zone) (names int) {
	for _, z := range zones {
		names += z.names
	}
	return names
}

// allZones are the zones of Go's own database.
func allZones() ([]zone, error) {
	archive, err := zip.OpenReader(filepath.Join(build.Default.GOROOT, "lib", "time", "zoneinfo.zip"))
	if err != nil {
		return nil, fmt.Errorf("the time zones that come with Go: %w", err)
	}
	defer archive.Close()
	at := map[string]int{}
	var zones []zone
	for _, f := range archive.File {
		rules, err := fs.ReadFile(archive, f.Name)
		if err != nil || len(rules) == 0 {
			continue // a folder
		}
		if n, known := at[string(rules)]; known {
			zones[n].names++
			continue
		}
		place, err := time.LoadLocationFromTZData(f.Name, rules)
		if err != nil {
			return nil, err
		}
		at[string(rules)] = len(zones)
		zones = append(zones, zone{place, 1})
	}
	return zones, nil
}

// robfigWaits is how long robfig's search for a Monday in Apia takes, in a process that can be killed: it has no end.
func robfigWaits(ctx context.Context) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := exec.CommandContext(ctx, self, "robfig-apia").Run(); err != nil && ctx.Err() == nil { //nolint:gosec // ourselves
		return 0, err
	}
	return time.Since(began).Seconds(), nil
}

// robfigInApia is what runs in that process.
func robfigInApia(context.Context, []string) error {
	apia, err := time.LoadLocation("Pacific/Apia")
	if err != nil {
		return err
	}
	robfigNext("0 9 * * 1", apia)(time.Date(2011, 12, 29, 12, 0, 0, 0, apia))
	return nil
}
