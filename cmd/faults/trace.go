package main

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// traced is one remembered step.
type traced struct {
	at   time.Time
	who  string
	what string
	on   string // what it was about
}

// trace remembers the last steps, to be shown around a failure.
type trace struct {
	mu   sync.Mutex
	ring [20_000]traced
	n    int
}

func (t *trace) add(at time.Time, who, what, on string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ring[t.n%len(t.ring)] = traced{at, who, what, on}
	t.n++
}

// around are the last steps that concern any of the words, at most limit of them, oldest first.
func (t *trace) around(limit int, words ...string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []string
	for i := t.n - 1; i >= 0 && i > t.n-len(t.ring) && len(lines) < limit; i-- {
		step := t.ring[i%len(t.ring)]
		if concerns(step.on+" "+step.what, words) {
			lines = append(lines, fmt.Sprintf("    %s  %-5s %s  %s", step.at.UTC().Format("2006-01-02 15:04:05.000"), step.who, step.what, step.on))
		}
	}
	var b strings.Builder
	for i := len(lines) - 1; i >= 0; i-- {
		b.WriteString(lines[i] + "\n")
	}
	return b.String()
}

func concerns(step string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(step, w) {
			return false
		}
	}
	return true
}
