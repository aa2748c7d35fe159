package scheduler

import (
	"archive/zip"
	"fmt"
	"go/build"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"goalkeeper/conversation"
)

var _ conversation.Calendar = Calendar{}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

const wall = "2006-01-02 15:04"

// The instants named here were read off the zones' published rules.
func TestNextWhereClocksChange(t *testing.T) {
	for _, c := range []struct{ name, spec, zone, after, want string }{
		{"an ordinary Monday", "0 9 * * 1", "Asia/Ho_Chi_Minh", "2026-11-24T10:00:00Z", "2026-11-30T02:00:00Z"},
		{"strictly after", "0 9 * * 1", "Asia/Ho_Chi_Minh", "2026-11-30T02:00:00Z", "2026-12-07T02:00:00Z"},
		{"a moment before", "0 9 * * 1", "Asia/Ho_Chi_Minh", "2026-11-30T01:59:59.999Z", "2026-11-30T02:00:00Z"},
		{"London repeats 01:30: the first", "30 1 * * *", "Europe/London", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
		{"London repeats 01:30: once", "30 1 * * *", "Europe/London", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
		{"London between the two", "30 1 * * *", "Europe/London", "2026-10-25T01:10:00Z", "2026-10-26T01:30:00Z"},
		{"New York skips 02:30", "30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", "2026-03-08T07:00:00Z"},
		{"New York skips 02:30: once", "30 2 * * *", "America/New_York", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"},
		{"Cairo skips midnight", "0 0 * * *", "Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-23T22:00:00Z"},
		{"Cairo's own 01:00 is the same instant", "0 1 * * *", "Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-23T22:00:00Z"},
		{"Beirut skips midnight", "15 0 * * *", "Asia/Beirut", "2026-03-28T12:00:00Z", "2026-03-28T22:00:00Z"},
		{"Santiago skips midnight", "30 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", "2026-09-06T04:00:00Z"},
		{"Lord Howe skips half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", "2026-10-03T15:30:00Z"},
		{"Lord Howe repeats half an hour", "45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", "2026-04-04T14:45:00Z"},
		{"Nuuk springs over midnight", "30 23 * * *", "America/Nuuk", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
		{"Nuuk, found from beyond midnight", "30 23 28 3 *", "America/Nuuk", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"},
		{"Apia leaves a Friday out", "0 9 * * *", "Pacific/Apia", "2011-12-29T19:00:00Z", "2011-12-30T19:00:00Z"},
		{"Apia has no such Friday", "0 9 * * 5", "Pacific/Apia", "2011-12-28T12:00:00Z", "2012-01-05T19:00:00Z"},
		{"Apia's Monday", "0 9 * * 1", "Pacific/Apia", "2011-12-30T09:00:00Z", "2012-01-01T19:00:00Z"},
		{"Kwajalein left a Saturday out", "0 9 * * *", "Pacific/Kwajalein", "1993-08-20T21:00:00Z", "1993-08-21T21:00:00Z"},
		{"29 February across 2100", "0 9 29 2 *", "UTC", "2096-02-29T09:00:00Z", "2104-02-29T09:00:00Z"},
		{"day or weekday", "0 9 13 * 5", "UTC", "2026-11-20T09:00:00Z", "2026-11-27T09:00:00Z"},
		{"names in any case", "0 9 * jan MON", "UTC", "2026-11-20T09:00:00Z", "2027-01-04T09:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			after, _ := time.Parse(time.RFC3339Nano, c.after)
			got, err := Calendar{}.Next(c.spec, zone(t, c.zone), after)
			if err != nil {
				t.Fatal(err)
			}
			if have := got.UTC().Format(time.RFC3339Nano); have != c.want {
				t.Errorf("next is %s (%s there), want %s", have, got.Format(wall), c.want)
			}
		})
	}
}

func TestNextRefuses(t *testing.T) {
	for _, spec := range []string{
		"", "0 9 * *", "0 9 * * 1 *", "0 0 9 * * 1", "@weekly", "@every 1s", "TZ=Asia/Tokyo 0 9 * * 1",
		"CRON_TZ=UTC 0 9 * * 1", "TZ=", "* 9 * * 1", "0 * * * 1", "0,30 9 * * 1", "0 9-10 * * 1", "*/5 9 * * 1",
		", 9 * * 1", "60 9 * * 1", "0 24 * * 1", "0 9 * * 7", "0 9 0 * *", "0 9 30 2 *", "0 9 , * ,", "0 9 */0 * *",
		"-1 9 * * 1", "0 9 1/99999999999999999999 * *", "%s %d * * 1", strings.Repeat("0", 200) + " 9 * * 1",
	} {
		if at, err := (Calendar{}).Next(spec, time.UTC, time.Unix(0, 0)); err == nil {
			t.Errorf("%q was understood as %s", spec, at)
		}
	}
	if _, err := (Calendar{}).Next("0 9 * * 1", nil, time.Unix(0, 0)); err == nil {
		t.Error("no zone was taken for one")
	}
}

// allZones are the zones of Go's own database, those alike only once.
func allZones(t testing.TB) []*time.Location {
	t.Helper()
	archive, err := zip.OpenReader(filepath.Join(build.Default.GOROOT, "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	seen := map[string]bool{}
	var zones []*time.Location
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil || len(data) == 0 || seen[string(data)] {
			continue
		}
		seen[string(data)] = true
		z, err := time.LoadLocationFromTZData(f.Name, data)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, z)
	}
	if len(zones) < 300 {
		t.Fatalf("only %d zones found", len(zones))
	}
	return zones
}

// plan is a spec with what it means, told independently of the code.
type plan struct {
	spec  string
	clock time.Duration
	on    func(day time.Time) bool
}

func daily(hour, minute int) plan {
	return plan{fmt.Sprintf("%d %d * * *", minute, hour), time.Duration(hour*60+minute) * time.Minute,
		func(time.Time) bool { return true }}
}

// Every zone, twelve years, eight cadences: once on each local date that is named, never early, never missing.
func TestOncePerLocalDateEverywhere(t *testing.T) {
	plans := []plan{
		daily(0, 0), daily(0, 30), daily(1, 30), daily(2, 30), daily(9, 0), daily(23, 45),
		{"0 9 * * 1", 9 * time.Hour, func(d time.Time) bool { return d.Weekday() == time.Monday }},
		{"30 2 31 3,10 *", 150 * time.Minute, func(d time.Time) bool {
			return d.Day() == 31 && (d.Month() == time.March || d.Month() == time.October)
		}},
	}
	from, to := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)
	if testing.Short() {
		to = from.AddDate(2, 0, 0)
	}
	for _, z := range allZones(t) {
		t.Run(z.String(), func(t *testing.T) {
			t.Parallel()
			for _, p := range plans {
				walk(t, z, p, from, to)
			}
		})
	}
}

func walk(t *testing.T, z *time.Location, p plan, from, to time.Time) {
	t.Helper()
	c, err := parseCadence(p.spec)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, z).Add(-time.Second)
	for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
		if !p.on(day) {
			continue
		}
		next, ok := c.next(z, at)
		if !ok || !next.After(at) {
			t.Fatalf("%s: %s does not come after %s", p.spec, next, at)
		}
		if complaint := misses(next, day.Add(p.clock)); complaint != "" {
			t.Fatalf("%s for %s: %s is %s", p.spec, day.Format(time.DateOnly), next, complaint)
		}
		at = next
	}
}

// misses says what is wrong with an instant for a wall time, by looking at the clock around it alone.
func misses(at, want time.Time) string {
	shows := func(t time.Time) time.Time {
		_, offset := t.Zone()
		return t.Add(time.Duration(offset) * time.Second).UTC()
	}
	switch now := shows(at); {
	case now.Before(want):
		return "early"
	case now.After(want) && !shows(at.Add(-time.Second)).Before(want):
		return "late"
	}
	if shows(at.Add(-3 * time.Hour)).Equal(shows(at).Add(-3 * time.Hour)) {
		return "" // clocks went steadily
	}
	for back := 15 * time.Minute; back <= 3*time.Hour; back += 15 * time.Minute {
		if shows(at.Add(-back)).Equal(want) {
			return "the second of two"
		}
	}
	return ""
}

// From any instant, in any zone: the next occurrence is later, and nothing lies between the two.
func TestNextIsTheVeryNext(t *testing.T) {
	zones := allZones(t)
	rapid.Check(t, func(t *rapid.T) {
		z := rapid.SampledFrom(zones).Draw(t, "zone")
		spec := fmt.Sprintf("%d %d * * %s", rapid.IntRange(0, 59).Draw(t, "minute"), rapid.IntRange(0, 23).Draw(t, "hour"),
			rapid.SampledFrom([]string{"*", "0", "1", "1-5", "6,2"}).Draw(t, "weekday"))
		after := time.Unix(rapid.Int64Range(-3_000_000_000, 5_000_000_000).Draw(t, "after"), 0)
		next, err := Calendar{}.Next(spec, z, after)
		if err != nil {
			t.Fatal(err)
		}
		if !next.After(after) || next.Sub(after) > 15*24*time.Hour {
			t.Fatalf("%s after %s is %s", spec, after, next)
		}
		between := after.Add(time.Duration(rapid.Int64Range(0, int64(next.Sub(after))-1).Draw(t, "between")))
		if again, _ := (Calendar{}).Next(spec, z, between); !again.Equal(next) {
			t.Fatalf("%s in %s: after %s comes %s, but after %s, before it, %s", spec, z, after, next, between, again)
		}
	})
}

func FuzzNext(f *testing.F) {
	f.Add("0 9 * * 1", int64(1_795_000_000))
	f.Add("CRON_TZ=Asia/Tokyo 0 9 * * 1", int64(0))
	f.Add("0 9 */2 jan-dec/3 mon,5", int64(-1))
	apia := zone(f, "Pacific/Apia")
	f.Fuzz(func(t *testing.T, spec string, after int64) {
		from := time.Unix(after%(1<<40), 0)
		at, err := Calendar{}.Next(spec, apia, from)
		if err == nil && !at.After(from) {
			t.Errorf("%q after %s is %s", spec, from, at)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	z := zone(b, "America/New_York")
	after := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for b.Loop() {
		if _, err := (Calendar{}).Next("0 9 * * 1", z, after); err != nil {
			b.Fatal(err)
		}
	}
}

// The time zones that come with Go list a change of this zone that its rule puts an hour earlier.
func TestNextWhereAListedChangeIsNotTheRules(t *testing.T) {
	archive, err := zip.OpenReader(filepath.Join(build.Default.GOROOT, "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	rules, err := fs.ReadFile(archive, "America/Indiana/Winamac")
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocationFromTZData("America/Indiana/Winamac", rules)
	if err != nil {
		t.Fatal(err)
	}
	at, err := Calendar{}.Next("30 2 * * *", zone, time.Date(2007, 3, 10, 12, 0, 0, 0, time.UTC))
	if want := time.Date(2007, 3, 11, 8, 0, 0, 0, time.UTC); err != nil || !at.Equal(want) {
		t.Errorf("2:30 on the day on which clocks go from 2 to 4 is %v, %v, want %v", at, err, want)
	}
}
