package scheduler

import (
	"context"
	"sync"
)

// gauge counts what is under way, and lets one wait until it is nothing.
type gauge struct {
	mu    sync.Mutex
	n     int
	empty chan struct{} // closed while n is 0
}

func newGauge() *gauge {
	g := &gauge{empty: make(chan struct{})}
	close(g.empty)
	return g
}

func (g *gauge) add(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n == 0 && n > 0 {
		g.empty = make(chan struct{})
	}
	g.n += n
}

func (g *gauge) done(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.n -= n
	if g.n == 0 && n > 0 {
		close(g.empty)
	}
}

// wait returns when nothing is under way, or with the error of ctx.
func (g *gauge) wait(ctx context.Context) error {
	g.mu.Lock()
	empty := g.empty
	g.mu.Unlock()
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
