package bot

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Room bounds how much is under way at once. Every face has rooms of its own, so that what is slow in one place
// takes no place anywhere else; who finds a room full hears so at once instead of waiting.
type Room struct{ places chan struct{} }

// NewRoom makes a room with so many places.
func NewRoom(places int) Room { return Room{make(chan struct{}, places)} }

// Enter takes a place, if there is one. leave gives it back; a second time it does nothing.
func (r Room) Enter() (leave func(), entered bool) {
	select {
	case r.places <- struct{}{}:
		return sync.OnceFunc(func() { <-r.places }), true
	default:
		return nil, false
	}
}

// Wait takes a place as soon as there is one, unless ctx ends first.
func (r Room) Wait(ctx context.Context) (leave func(), err error) {
	select {
	case r.places <- struct{}{}:
		return sync.OnceFunc(func() { <-r.places }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Full reports whether nobody could enter now.
func (r Room) Full() bool { return len(r.places) == cap(r.places) }

// Under a flood of refusals the log keeps the first few of each stretch, and the number of the others.
const (
	tallyFirst = 20
	tallyEvery = 10 * time.Second
)

// Tally writes down what strangers or an overload may cause any number of times. Its zero value is ready.
type Tally struct {
	mu      sync.Mutex
	since   time.Time // the stretch under way
	written int
	unsaid  int
}

// Note tells whether a line is to be written, and how many were not written before it, as "unwritten"; or it counts
// the line when there were enough of them lately.
func (t *Tally) Note(now time.Time) (unwritten slog.Attr, write bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	unsaid := 0
	if now.Sub(t.since) >= tallyEvery || now.Before(t.since) {
		unsaid, t.since, t.written, t.unsaid = t.unsaid, now, 0, 0
	}
	if t.written >= tallyFirst {
		t.unsaid++
		return slog.Attr{}, false
	}
	t.written++
	return slog.Int("unwritten", unsaid), true
}
