package scheduler

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Calendar turns a cadence and a zone into instants. Only the reading of the spec is robfig/cron's: its own
// search skips and doubles dates where clocks change. The zero Calendar is ready for use.
type Calendar struct{}

const (
	longestSpec = 100
	// horizon bounds the search, in days. Nine years hold every date that exists, 29 February across 2100 too.
	horizon = 9 * 366
	starred = 1 << 63 // robfig's mark of a field that was written as a star
)

var parser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// Next is the first occurrence of the spec ("0 9 * * 1": minute hour day month weekday, one minute and one hour)
// strictly after the given instant. It occurs once on each local date that the spec names: where clocks skip
// the local time, at the first instant after it, and where they repeat it, at the first of the two. A date that
// a zone leaves out altogether (30 December 2011 in Samoa) has no occurrence.
func (Calendar) Next(spec string, zone *time.Location, after time.Time) (time.Time, error) {
	c, err := parseCadence(spec)
	if err != nil {
		return time.Time{}, fmt.Errorf("cadence %.*q: %w", longestSpec, spec, err)
	}
	if zone == nil {
		return time.Time{}, errors.New("a cadence needs a time zone")
	}
	at, ok := c.next(zone, after)
	if !ok {
		return time.Time{}, fmt.Errorf("cadence %q names no date in the next nine years", spec)
	}
	return at, nil
}

func (c cadence) next(zone *time.Location, after time.Time) (time.Time, bool) {
	// The day before may still have its occurrence ahead, when that was pushed over midnight.
	day := midnight(after.In(zone)).AddDate(0, 0, -1)
	for range horizon {
		if c.names(day) {
			if at, ok := occurrence(day, c.sinceMidnight, zone); ok && at.After(after) {
				return at, true
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	return time.Time{}, false
}

// midnight is t's local date as an instant of UTC, in which days are all alike.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// cadence is a spec that was read: sets of days as bits, and one time of day.
type cadence struct {
	days, months, weekdays uint64
	sinceMidnight          time.Duration
}

// parseCadence reads five fields, refusing what cron offers beyond them (@every, CRON_TZ=).
func parseCadence(spec string) (cadence, error) {
	if len(spec) > longestSpec {
		return cadence{}, fmt.Errorf("longer than %d bytes", longestSpec)
	}
	if strings.Contains(spec, "=") {
		return cadence{}, errors.New("the zone does not belong into it")
	}
	schedule, err := parser.Parse(spec)
	if err != nil {
		return cadence{}, err
	}
	s, ok := schedule.(*cron.SpecSchedule)
	if !ok {
		return cadence{}, errors.New("not of the form minute hour day month weekday")
	}
	minute, oneMinute := sole(s.Minute)
	hour, oneHour := sole(s.Hour)
	if !oneMinute || !oneHour {
		return cadence{}, errors.New("more or less than one time of day")
	}
	since := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
	return cadence{s.Dom, s.Month, s.Dow, since}, nil
}

// sole is the one value in the set; false when there are none or several.
func sole(set uint64) (int, bool) {
	set &^= starred
	return bits.TrailingZeros64(set), bits.OnesCount64(set) == 1
}

// names reports whether the cadence names the day. As everywhere in cron, day and weekday both count when one
// of them is a star, and else either is enough.
func (c cadence) names(day time.Time) bool {
	if c.months&(1<<day.Month()) == 0 {
		return false
	}
	byDay, byWeekday := c.days&(1<<day.Day()) != 0, c.weekdays&(1<<day.Weekday()) != 0
	if (c.days|c.weekdays)&starred != 0 {
		return byDay && byWeekday
	}
	return byDay || byWeekday
}

// occurrence is the instant of a time of day on a local date; false when the zone has no such date.
func occurrence(day time.Time, sinceMidnight time.Duration, zone *time.Location) (time.Time, bool) {
	if begins := firstAtOrAfter(day, zone); !midnight(begins).Equal(day) {
		return time.Time{}, false
	}
	return firstAtOrAfter(day.Add(sinceMidnight), zone), true
}

// firstAtOrAfter is the first instant at which clocks in the zone show the wall time, given as an instant of
// UTC; where they skip it, the instant of the skip. It walks through the stretches of constant offset around.
func firstAtOrAfter(wall time.Time, zone *time.Location) time.Time {
	at := wall.Add(-48 * time.Hour).In(zone) // no offset and no change of one is as large
	for range 16 {                           // and no zone changes as often within it
		end := steadyUntil(at)
		_, offset := at.Zone()
		shows := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if shows.Before(at) {
			return at // clocks jumped over it here
		}
		if end.IsZero() || shows.Before(end) {
			return shows
		}
		at = end
	}
	return at
}

// steadyUntil is until when the zone keeps the offset that it has at the instant, zero for ever. Only the end of
// ZoneBounds (Go 1.26) can be relied upon: where a zone's listed changes give way to its rule, the beginning may lie
// before the last listed change (America/Indiana/Winamac in March 2007). Beyond them it also cuts at the turn of each
// year, and in leap years a day too early: an end that is over already is moved to that turn.
func steadyUntil(at time.Time) time.Time {
	_, end := at.ZoneBounds()
	if !end.IsZero() && !end.After(at) {
		end = time.Date(at.UTC().Year()+1, time.January, 1, 0, 0, 0, 0, time.UTC).In(at.Location())
	}
	return end
}
