package scheduler

import (
	"math/rand/v2"
	"sync"
	"time"
)

const (
	firstWait   = time.Second
	longestWait = 5 * time.Minute
	remembered  = 10_000 // failing timers; beyond it all begin anew, which is merely impatient
)

// backoffs counts failures in a row and says how long to wait after each: twice as long every time.
type backoffs struct {
	mu     sync.Mutex
	counts map[identity]int
}

func newBackoffs() *backoffs { return &backoffs{counts: map[identity]int{}} }

// after counts one more failure and returns how long to wait.
func (b *backoffs) after(id identity) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.counts) >= remembered {
		clear(b.counts)
	}
	n := b.counts[id]
	b.counts[id] = n + 1
	return jitter(min(firstWait<<min(n, 20), longestWait))
}

func (b *backoffs) count(id identity) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.counts[id]
}

func (b *backoffs) forget(id identity) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.counts, id)
}

// jitter is between half of d and d, so that what failed together does not come back together.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }
