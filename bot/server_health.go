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

// health tells whether everything is there that the process needs: "ok" and what is to be watched, or a line for
// each thing missing.
type health struct {
	checks   map[string]func(context.Context) error
	warnings map[string]func(context.Context) []string
	within   time.Duration

	mu   sync.Mutex
	look *look // under way, shared by all who ask meanwhile
}

// look is one round of checks.
type look struct {
	done     chan struct{}
	missing  []string
	warnings []string
}

// ServeHTTP answers 200 or 503.
func (h *health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l := h.join() //nolint:contextcheck // the checks are shared by all who ask meanwhile
	select {
	case <-l.done:
	case <-r.Context().Done():
		return
	}
	if len(l.missing) > 0 {
		lines := slices.Clone(l.missing)
		for _, warning := range l.warnings { // on a first evening several things are wrong at once
			lines = append(lines, "warning: "+warning)
		}
		sentence(w, http.StatusServiceUnavailable, strings.Join(lines, "\n"))
		return
	}
	sentence(w, http.StatusOK, strings.Join(append([]string{"ok"}, l.warnings...), "\n"))
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
	ask := map[string]func(context.Context) []string{}
	for name, check := range h.checks {
		ask[name] = func(ctx context.Context) []string { return problem(ctx, check) }
	}
	var asked sync.WaitGroup
	asked.Go(func() { l.missing = round(ctx, ask, true) })
	asked.Go(func() { l.warnings = round(ctx, h.warnings, false) })
	asked.Wait()

	h.mu.Lock()
	h.look = nil
	h.mu.Unlock()
	close(l.done)
}

// problem is the line about one thing, none when it is well.
func problem(ctx context.Context, check func(context.Context) error) []string {
	switch err := check(ctx); {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return []string{late}
	default:
		return []string{err.Error()}
	}
}

const late = "no answer in time"

// round asks all at once, and gives their lines by the order of their names. Silence is a line of its own where
// it matters.
func round(ctx context.Context, asked map[string]func(context.Context) []string, silenceMatters bool) []string {
	names := slices.Sorted(maps.Keys(asked))
	lines := make([][]string, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() {
			said, inTime := listen(ctx, asked[name])
			if !inTime && silenceMatters {
				said = []string{late}
			}
			for _, line := range said {
				lines[i] = append(lines[i], name+": "+oneLine(line))
			}
		})
	}
	all.Wait()
	return slices.Concat(lines...)
}

// listen waits for an answer. Who does not obey ctx is left behind.
func listen(ctx context.Context, ask func(context.Context) []string) (lines []string, inTime bool) {
	answer := make(chan []string, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				answer <- []string{fmt.Sprintf("its check has a defect (%T)", r)}
			}
		}()
		answer <- ask(ctx)
	}()
	select {
	case lines = <-answer:
		return lines, true
	case <-ctx.Done():
		return nil, false
	}
}

// oneLine keeps the first 400 bytes of the first line.
func oneLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return strings.ToValidUTF8(s[:min(len(s), 400)], "")
}
