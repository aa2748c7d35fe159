package main

import (
	"sync"
	"time"
)

// clock is the time of all replicas. It may be set back a little, as clocks are; high never is.
type clock struct {
	mu        sync.Mutex
	now, high time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// High is the latest time that the clock has shown.
func (c *clock) High() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.high
}

// To sets the clock; it may go back.
func (c *clock) To(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
	if t.After(c.high) {
		c.high = t
	}
}

// On moves the clock by d.
func (c *clock) On(d time.Duration) { c.To(c.Now().Add(d)) }
