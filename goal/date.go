package goal

import (
	"fmt"
	"time"
)

// Date is a day in the calendar, without a time or a zone. The zero Date means "none".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

const isoDate = "2006-01-02"

// DateOf is the day that t falls on in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseISODate reads "2026-12-31"; it is the form of storage and of date pickers, not of people.
func ParseISODate(s string) (Date, error) {
	t, err := time.Parse(isoDate, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q is not of the form YYYY-MM-DD: %w", s, err)
	}
	return DateOf(t), nil
}

// IsZero reports whether d is "none".
func (d Date) IsZero() bool { return d == Date{} }

// In is the first instant of the day in the zone (in UTC arithmetic's sense: a midnight that a clock
// change removes yields the next valid instant).
func (d Date) In(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

// AddDays is the day n days later (earlier, when n is negative).
func (d Date) AddDays(n int) Date { return DateOf(d.In(time.UTC).AddDate(0, 0, n)) }

// AddMonths is the same day n months later; where that month is too short, its last day.
func (d Date) AddMonths(n int) Date {
	first := Date{d.Year, d.Month, 1}.In(time.UTC).AddDate(0, n, 0)
	return Date{first.Year(), first.Month(), min(d.Day, daysIn(first.Year(), first.Month()))}
}

// EndOfMonth is the last day of d's month.
func (d Date) EndOfMonth() Date { return Date{d.Year, d.Month, daysIn(d.Year, d.Month)} }

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// DaysUntil counts the days from d to e: negative when e is earlier.
func (d Date) DaysUntil(e Date) int {
	return int(e.In(time.UTC).Sub(d.In(time.UTC)).Hours() / 24)
}

// Before and After compare two days.
func (d Date) Before(e Date) bool { return d.In(time.UTC).Before(e.In(time.UTC)) }

// After reports whether d comes later than e.
func (d Date) After(e Date) bool { return e.Before(d) }

// String is the ISO form, empty for "none".
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.In(time.UTC).Format(isoDate)
}

// MarshalText writes the ISO form.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the ISO form; empty is "none".
func (d *Date) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	*d, err = ParseISODate(string(b))
	return err
}
