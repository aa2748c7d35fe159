package playground

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Clock is the real time plus an offset that only grows. It is safe for concurrent use.
type Clock struct {
	real func() time.Time

	mu     sync.Mutex
	offset time.Duration
}

// NewClock starts at the real time; nil stands for time.Now.
func NewClock(real func() time.Time) *Clock {
	if real == nil {
		real = time.Now
	}
	return &Clock{real: real}
}

// Now is the time in the playground.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

// now drops the monotonic reading: what is compared with it may come from a store.
func (c *Clock) now() time.Time { return c.real().Round(0).Add(c.offset) }

// Advance moves the clock forward by d; a negative d moves nothing.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += max(d, 0)
}

// Set moves the clock forward to t; a past t moves nothing.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += max(t.Sub(c.now()), 0)
}

// Move is a step of the clock that the page offers.
type Move string

// The moves, all in the local time of whoever makes them.
const (
	NextHour Move = "hour"     // the next full hour
	Tomorrow Move = "tomorrow" // tomorrow at 09:00
	Monday   Move = "monday"   // when people are asked: the next Monday at 09:00
	Tuesday  Move = "tuesday"  // when channels are told: the next Tuesday at 10:00
)

// from is where the move leads, always after now.
func (m Move) from(now time.Time, zone *time.Location) (time.Time, error) {
	local := now.In(zone)
	switch m {
	case NextHour:
		return local.Add(time.Hour).Truncate(time.Hour), nil
	case Tomorrow:
		return time.Date(local.Year(), local.Month(), local.Day()+1, 9, 0, 0, 0, zone), nil
	case Monday:
		return weekly(local, time.Monday, 9), nil
	case Tuesday:
		return weekly(local, time.Tuesday, 10), nil
	}
	return time.Time{}, fmt.Errorf("the clock knows no move %q", m)
}

// weekly is the next time that the weekday comes to the hour.
func weekly(local time.Time, day time.Weekday, hour int) time.Time {
	ahead := (int(day) - int(local.Weekday()) + 7) % 7
	t := time.Date(local.Year(), local.Month(), local.Day()+ahead, hour, 0, 0, 0, local.Location())
	if !t.After(local) {
		t = time.Date(local.Year(), local.Month(), local.Day()+ahead+7, hour, 0, 0, 0, local.Location())
	}
	return t
}

const (
	// maxStops bounds the walk to a later time.
	maxStops = 2000
	// stride is how far the walk goes on when something stays due though it was settled.
	stride = 15 * time.Minute
)

// walk moves the clock to the target, with a stop wherever something is due on the way, so that everything
// happens at its own time and not late.
func (f *Face) walk(ctx context.Context, target time.Time) error {
	f.walking.Lock()
	defer f.walking.Unlock()
	var last time.Time
	for range maxStops {
		stop, err := f.nextStop(ctx, target)
		if err != nil {
			return err
		}
		if !stop.After(last) {
			stop = earlier(last.Add(stride), target)
		}
		last = f.after(stop)
		f.clock.Set(stop)
		if err := f.settle(ctx); err != nil {
			return fmt.Errorf("settling what is due at %s: %w", stop, err)
		}
		if !stop.Before(target) {
			return nil
		}
	}
	return fmt.Errorf("more than %d things are due before %s", maxStops, target)
}

// after is the stop, or the present where the stop lies in the past.
func (f *Face) after(stop time.Time) time.Time {
	if now := f.clock.Now(); now.After(stop) {
		return now
	}
	return stop
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// nextStop is the earlier of the target and what is due next. What is overdue is settled by the next stop.
func (f *Face) nextStop(ctx context.Context, target time.Time) (time.Time, error) {
	if f.due == nil {
		return target, nil
	}
	next, err := f.due(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("asking what is due next: %w", err)
	}
	if next.IsZero() || next.After(target) {
		return target, nil
	}
	return next, nil
}
