package goal

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDay().Draw(t, "day")
		n := rapid.IntRange(-5000, 5000).Draw(t, "days")
		if got := d.DaysUntil(d.AddDays(n)); got != n {
			t.Fatalf("%s and %d days are %d apart", d, n, got)
		}
		var back Date
		if err := back.UnmarshalText([]byte(d.String())); err != nil || back != d {
			t.Fatalf("%s came back as %s: %v", d, back, err)
		}
		end := d.EndOfMonth()
		if end.Month != d.Month || end.AddDays(1).Day != 1 {
			t.Fatalf("%s ends on %s", d, end)
		}
		months := rapid.IntRange(-30, 30).Draw(t, "months")
		if e := d.AddMonths(months); e.Day > d.Day || e.Day < min(d.Day, 28) {
			t.Fatalf("%d months from %s is %s", months, d, e)
		}
	})
	if got := (Date{2027, time.January, 31}).AddMonths(1); got != (Date{2027, time.February, 28}) {
		t.Errorf("a month after 31 January is %s", got)
	}
	if _, err := ParseISODate("2027-02-29"); err == nil {
		t.Error("29 February 2027 is accepted")
	}
}
