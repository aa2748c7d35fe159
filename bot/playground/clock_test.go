package playground

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"goalkeeper/goal"
)

// start is a Monday, 15:01 in Hanoi, 08:01 in London, 03:01 in New York.
var start = time.Date(2026, 11, 23, 8, 1, 0, 0, time.UTC)

func stopped() *Clock { return NewClock(func() time.Time { return start }) }

func TestClockGoesForwardOnly(t *testing.T) {
	c := stopped()
	c.Advance(-time.Hour)
	c.Set(start.Add(-time.Hour))
	if !c.Now().Equal(start) {
		t.Errorf("the clock went back to %s", c.Now())
	}
	c.Set(start.Add(time.Hour))
	c.Advance(time.Minute)
	if want := start.Add(61 * time.Minute); !c.Now().Equal(want) {
		t.Errorf("got %s, want %s", c.Now(), want)
	}
}

func TestMoves(t *testing.T) {
	for _, test := range []struct {
		who  goal.PersonID
		move Move
		now  time.Time
		want string
	}{
		{"linh", NextHour, start, "2026-11-23T16:00:00+07:00"},
		{"linh", NextHour, start.Add(59 * time.Minute), "2026-11-23T17:00:00+07:00"},
		{"linh", Tomorrow, start, "2026-11-24T09:00:00+07:00"},
		{"linh", Monday, start, "2026-11-30T09:00:00+07:00"},
		{"alex", Monday, start, "2026-11-23T09:00:00-05:00"},
		{"sam", Monday, start.Add(59 * time.Minute), "2026-11-30T09:00:00Z"}, // it is Monday 09:00 just now
		{"linh", Tuesday, start, "2026-11-24T10:00:00+07:00"},
		{"alex", Tomorrow, time.Date(2026, 3, 7, 20, 0, 0, 0, time.UTC), "2026-03-08T09:00:00-04:00"}, // clocks change
	} {
		zone := find(test.who).zone
		got, err := test.move.from(test.now, zone)
		if err != nil || got.Format(time.RFC3339) != test.want {
			t.Errorf("%s %s: got %s, want %s (%v)", test.who, test.move, got.Format(time.RFC3339), test.want, err)
		}
	}
	if _, err := Move("back").from(start, time.UTC); err == nil {
		t.Error("an unknown move is made")
	}
}

// The clock stops at everything that is due on the way, also at what only then becomes due.
func TestWalkStopsOnTheWay(t *testing.T) {
	clock := stopped()
	due := []time.Time{start.Add(-time.Hour), start.Add(time.Hour), start.Add(90 * time.Hour)}
	var at []time.Time
	f := New(Config{
		Clock: clock,
		Due: func(context.Context) (time.Time, error) {
			if len(due) == 0 {
				return time.Time{}, nil
			}
			return due[0], nil
		},
		Settle: func(context.Context) error {
			for len(due) > 0 && !due[0].After(clock.Now()) {
				at = append(at, clock.Now())
				if due[0].Equal(start.Add(time.Hour)) {
					due = slices.Insert(due, 1, start.Add(2*time.Hour))
				}
				due = due[1:]
			}
			return nil
		},
	})
	if err := f.walk(t.Context(), start.Add(3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	want := []time.Time{start, start.Add(time.Hour), start.Add(2 * time.Hour)}
	if !slices.EqualFunc(at, want, time.Time.Equal) || !clock.Now().Equal(start.Add(3*time.Hour)) {
		t.Errorf("stopped at %v, now %s", at, clock.Now())
	}
}

func TestWalkTellsWhatFails(t *testing.T) {
	down := errors.New("down")
	f := New(Config{Clock: stopped(), Settle: func(context.Context) error { return down }})
	if err := f.walk(t.Context(), start.Add(time.Hour)); !errors.Is(err, down) {
		t.Errorf("got %v", err)
	}
}

// What stays due though it was settled does not hold the clock.
func TestWalkGoesOn(t *testing.T) {
	clock, settled := stopped(), 0
	f := New(Config{
		Clock:  clock,
		Due:    func(context.Context) (time.Time, error) { return start.Add(-time.Hour), nil },
		Settle: func(context.Context) error { settled++; return nil },
	})
	if err := f.walk(t.Context(), start.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if settled != 5 || !clock.Now().Equal(start.Add(time.Hour)) {
		t.Errorf("settled %d times, now %s", settled, clock.Now())
	}
}
