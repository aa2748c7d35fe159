package slack

import (
	"sync"
	"time"
)

// cache remembers a bounded number of answers for a while.
type cache[V any] struct {
	mu   sync.Mutex
	most int
	life time.Duration
	held map[string]held[V]
}

type held[V any] struct {
	value V
	until time.Time
}

func newCache[V any](most int, life time.Duration) *cache[V] {
	return &cache[V]{most: most, life: life, held: map[string]held[V]{}}
}

func (c *cache[V]) get(key string, now time.Time) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h, ok := c.held[key]
	if !ok || !now.Before(h.until) {
		var none V
		return none, false
	}
	return h.value, true
}

// put remembers a value. A full cache forgets what is stale, and everything when nothing is: that costs a few
// calls and keeps no books.
func (c *cache[V]) put(key string, value V, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.held) >= c.most {
		for k, h := range c.held {
			if !now.Before(h.until) {
				delete(c.held, k)
			}
		}
	}
	if len(c.held) >= c.most {
		clear(c.held)
	}
	c.held[key] = held[V]{value, now.Add(c.life)}
}
