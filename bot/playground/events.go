package playground

import (
	"fmt"
	"net/http"
	"time"
)

const (
	maxWatchers = 64               // open pages
	tick        = 30 * time.Second // the clock on the page moves too
	writeWithin = 10 * time.Second
)

// changed counts the change and wakes every watcher; those that are still busy with an earlier one will look
// again anyway.
func (b *board) changed() {
	b.version++
	for w := range b.watchers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

// touch wakes every watcher though nobody said anything: the clock was moved.
func (b *board) touch() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changed()
}

// watch subscribes to changes; nil when too many do.
func (b *board) watch() chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.watchers) >= maxWatchers {
		return nil
	}
	w := make(chan struct{}, 1)
	b.watchers[w] = true
	return w
}

func (b *board) unwatch(w chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.watchers, w)
}

// events tells an open page that something changed, so that it fetches itself again. It carries no content:
// what a person sees is rendered in one place only.
func (f *Face) events(w http.ResponseWriter, r *http.Request) {
	changes := f.board.watch()
	if changes == nil {
		http.Error(w, "too many open pages", http.StatusServiceUnavailable)
		return
	}
	defer f.board.unwatch(changes)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if send(w, "hello") != nil {
		return
	}
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		what := "changed"
		select {
		case <-changes:
		case <-ticker.C:
			what = "tick"
		case <-r.Context().Done():
			return
		case <-f.closed:
			return
		}
		if send(w, what) != nil {
			return
		}
	}
}

func send(w http.ResponseWriter, event string) error {
	c := http.NewResponseController(w)
	if err := c.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return fmt.Errorf("limiting how long a page may take: %w", err)
	}
	if _, err := fmt.Fprintf(w, "event: %s\ndata:\n\n", event); err != nil {
		return err
	}
	return c.Flush()
}
