package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// alive answers that the process lives, whatever its surroundings.
func alive(w http.ResponseWriter, _ *http.Request) { sentence(w, http.StatusOK, "ok") }

// health tells whether everything is there that the process needs: "ok", or a line for each thing missing.
type health struct {
	checks map[string]func(context.Context) error
	within time.Duration

	mu   sync.Mutex
	look *look // under way, shared by all who ask meanwhile
}

// look is one round of checks.
type look struct {
	done  chan struct{}
	lines []string
}

// ServeHTTP answers 200 or 503.
func (h *health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l := h.join() //nolint:contextcheck // the checks are shared by all who ask meanwhile
	select {
	case <-l.done:
	case <-r.Context().Done():
		return
	}
	if len(l.lines) > 0 {
		sentence(w, http.StatusServiceUnavailable, strings.Join(l.lines, "\n"))
		return
	}
	sentence(w, http.StatusOK, "ok")
}

// join is the round under way, or a new one: however many ask, each thing is asked once at a time.
func (h *health) join() *look {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.look == nil {
		h.look = &look{done: make(chan struct{})}
		go h.run(h.look)
	}
	return h.look
}

func (h *health) run(l *look) {
	ctx, cancel := context.WithTimeout(context.Background(), h.within)
	defer cancel()
	names := slices.Sorted(maps.Keys(h.checks))
	lines := make([]string, len(names))
	var checks sync.WaitGroup
	for i, name := range names {
		checks.Go(func() { lines[i] = check(ctx, name, h.checks[name]) })
	}
	checks.Wait()
	l.lines = slices.DeleteFunc(lines, func(s string) bool { return s == "" })

	h.mu.Lock()
	h.look = nil
	h.mu.Unlock()
	close(l.done)
}

// check is the line about one thing, empty when it is well. A check that does not obey ctx is left behind.
func check(ctx context.Context, name string, ask func(context.Context) error) string {
	answer := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				answer <- fmt.Errorf("its check has a defect (%T)", r)
			}
		}()
		answer <- ask(ctx)
	}()
	select {
	case err := <-answer:
		if err == nil {
			return ""
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			return name + ": " + oneLine(err.Error())
		}
	case <-ctx.Done():
	}
	return name + ": no answer in time"
}

// oneLine keeps the first 200 bytes of the first line.
func oneLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return strings.ToValidUTF8(s[:min(len(s), 200)], "")
}
