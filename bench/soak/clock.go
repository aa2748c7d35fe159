package main

import "time"

// The clock stands at a full quarter of a day whenever a step begins, runs as real clocks do during it, and is six
// hours further when the next begins. Leases, doubts and paces, which count seconds, so mean during a step what they
// mean in earnest; whatever counts hours or weeks goes by 21,600 times as fast.
const (
	step   = time.Second
	stride = 6 * time.Hour
	factor = int64(stride / step)
)

// monday is when the story begins.
var monday = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)

// clock is the same in all processes that know when it was started.
type clock struct{ began time.Time }

func (c clock) now() time.Time {
	since := max(0, time.Since(c.began))
	return monday.Add(since/step*stride + since%step)
}

// untilStep is how long it takes until the clock's next step.
func (c clock) untilStep() time.Duration { return step - max(0, time.Since(c.began))%step }
