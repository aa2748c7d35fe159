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
	return c.look(key, now)
}

// first remembers a value unless there is one, and reports whether there was none: of several who ask at once,
// one is the first.
func (c *cache[V]) first(key string, value V, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.look(key, now); ok {
		return false
	}
	c.lay(key, value, now)
	return true
}

// put remembers a value.
func (c *cache[V]) put(key string, value V, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lay(key, value, now)
}

func (c *cache[V]) look(key string, now time.Time) (V, bool) {
	h, ok := c.held[key]
	if !ok || !now.Before(h.until) {
		var none V
		return none, false
	}
	return h.value, true
}

// lay puts a value down. A full cache forgets what is stale, and everything when nothing is: that costs a few
// calls and keeps no books.
func (c *cache[V]) lay(key string, value V, now time.Time) {
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
