package scheduler

import (
	"context"
	"sync"
	"time"

	"goalkeeper/conversation"
)

const (
	finishWithin = 5 * time.Second // ending leases, also when everything else is told to give up
	finishAtOnce = 1000            // timers, or one batch more
)

// desk finishes timers. What is handed in while it is at work is finished together afterwards: so nothing waits
// for company, and a crowd takes few round trips.
type desk struct {
	*Scheduler

	mu      sync.Mutex
	waiting []sheaf
	busy    bool
}

// sheaf is one batch, with who wants to know what came of it.
type sheaf struct {
	timers []conversation.Finished
	tell   func(kept []bool, err error)
}

// hand takes a batch in and does not wait.
func (d *desk) hand(timers []conversation.Finished, tell func([]bool, error)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = append(d.waiting, sheaf{timers, tell})
	if !d.busy {
		d.busy = true
		go d.work()
	}
}

// work finishes until nothing waits.
func (d *desk) work() {
	for some := d.next(); len(some) > 0; some = d.next() {
		d.finish(some)
	}
}

func (d *desk) next() (some []sheaf) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for n := 0; len(d.waiting) > 0 && n < finishAtOnce; d.waiting = d.waiting[1:] {
		n += len(d.waiting[0].timers)
		some = append(some, d.waiting[0])
	}
	d.busy = len(some) > 0
	return some
}

func (d *desk) finish(some []sheaf) {
	var timers []conversation.Finished
	for _, s := range some {
		timers = append(timers, s.timers...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), finishWithin)
	defer cancel()
	kept, err := d.Due.Finish(ctx, timers...)
	for _, s := range some {
		if err != nil {
			s.tell(nil, err)
			continue
		}
		s.tell(kept[:len(s.timers)], nil)
		kept = kept[len(s.timers):]
	}
}
