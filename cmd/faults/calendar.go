package main

import (
	"fmt"
	"time"
)

// occurrence is an independent reading of "every week on that day at that time": the first instant at which the
// local clocks show that time or a later one, on the date that falls into the ISO week of at. Where the zone leaves
// the date out, there is none.
func occurrence(zone *time.Location, day time.Weekday, minutes int, year, isoWeek int) (time.Time, bool) {
	monday := mondayOf(year, isoWeek)
	date := monday.AddDate(0, 0, (int(day)+6)%7)
	wall := date.Add(time.Duration(minutes) * time.Minute)
	// Clocks differ from UTC by at most 14 hours and change at whole quarters.
	seen := false
	for at := wall.Add(-16 * time.Hour); at.Before(wall.Add(30 * time.Hour)); at = at.Add(15 * time.Minute) {
		local := asWall(at.In(zone))
		onDate := local.Year() == date.Year() && local.YearDay() == date.YearDay()
		seen = seen || onDate
		if !local.Before(wall) {
			return at, seen || onDate
		}
	}
	return time.Time{}, false
}

// asWall is what the local clocks show, as if it were UTC.
func asWall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

func mondayOf(year, isoWeek int) time.Time {
	jan4 := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC) // it always lies in the first week
	return jan4.AddDate(0, 0, -(int(jan4.Weekday())+6)%7+7*(isoWeek-1))
}

// dueIn are the occurrences in the weeks around two instants, by the name of their ISO week, oldest first.
func dueIn(zone *time.Location, day time.Weekday, minutes int, from, to time.Time) (names []string, times []time.Time) {
	for at := from.AddDate(0, 0, -7); at.Before(to.AddDate(0, 0, 8)); at = at.AddDate(0, 0, 7) {
		year, n := at.In(zone).ISOWeek()
		due, ok := occurrence(zone, day, minutes, year, n)
		if ok && due.After(from) && !due.After(to) {
			names, times = append(names, fmt.Sprintf("%d-W%02d", year, n)), append(times, due)
		}
	}
	return names, times
}
