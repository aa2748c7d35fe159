//go:build unix

package storage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/goal"
	"goalkeeper/storage/storagetest"
)

// fault is something that happens to a store, and its end.
type fault struct {
	name       string
	begin, end func()
	writes     bool // only saving is hurt
}

// told is how long a person may wait for the news: less than the three seconds of Slack, with the work around it.
const told = 2 * time.Second

// wellAgain is how long a store may take to be itself again after a fault is over.
const wellAgain = 5 * time.Second

// saving is what is new each time, so that it must be written.
var saving = map[string]func(context.Context, *Store) error{
	"Keep": attempts["Keep"],
	"Arm":  func(ctx context.Context, s *Store) error { return s.Arm(ctx, timer(fresh("U"), monday)) },
	"Commit": func(ctx context.Context, s *Store) error {
		return s.Commit(ctx, team, conversation.Commit{Write: []conversation.Record{someGoal(goal.ID(fresh("G-")))}})
	},
}

var made atomic.Int64

func fresh(prefix string) string { return fmt.Sprint(prefix, made.Add(1)) }

// everything tries each act on the store several times at once, as many people do, and gives what went wrong.
func everything(ctx context.Context, s *Store, acts map[string]func(context.Context, *Store) error, times int) map[string]error {
	var mu sync.Mutex
	wrong := map[string]error{}
	var all sync.WaitGroup
	for name, act := range acts {
		for n := range times {
			all.Go(func() {
				began := time.Now()
				err := act(ctx, s)
				if took := time.Since(began); took > told {
					err = fmt.Errorf("after %v, too late: %w", took, errors.Join(err, errLate))
				}
				mu.Lock()
				defer mu.Unlock()
				wrong[fmt.Sprint(name, " ", n)] = err
			})
		}
	}
	all.Wait()
	return wrong
}

var errLate = errors.New("late")

// endure lets a fault happen while many ask at once: each is told of it in time, and all is well by itself afterwards.
func endure(t *testing.T, s *Store, f fault) {
	t.Helper()
	acts := attempts
	if f.writes {
		acts = saving
	}
	f.begin()
	for what, err := range everything(t.Context(), s, acts, 8) {
		if !errors.Is(err, ErrUnavailable) || errors.Is(err, errLate) {
			t.Errorf("%s: %s says %v", f.name, what, err)
		}
	}
	f.end()
	settle(t, s, f.name)
}

// settle waits until nothing goes wrong any more.
func settle(t *testing.T, s *Store, after string) {
	t.Helper()
	began := time.Now()
	for {
		wrong := everything(t.Context(), s, attempts, 2)
		maps.DeleteFunc(wrong, func(_ string, err error) bool { return !errors.Is(err, ErrUnavailable) })
		if len(wrong) == 0 {
			t.Logf("%s: well again after %v", after, time.Since(began).Round(time.Millisecond))
			return
		}
		if time.Since(began) > wellAgain {
			t.Fatalf("%s: after %v still %v", after, wellAgain, wrong)
		}
	}
}

func TestFaultsOfOneServer(t *testing.T) {
	server := storagetest.Start(t)
	network := server.Front()
	s := openStore(t, network.URL())
	for _, f := range []fault{
		{"killed", server.Kill, server.Restart, false},
		{"paused", server.Pause, server.Resume, false},
		{"cut off", network.Cut, network.Mend, false},
		{"slow", func() { network.Latency(3 * time.Second) }, network.Mend, false},
		{"resetting connections", network.Reset, network.Mend, false},
		{"read only", func() { server.SetReadOnly(true) }, func() { server.SetReadOnly(false) }, true},
		{"out of memory", func() { server.LimitMemory(1) }, func() { server.LimitMemory(0) }, true},
	} {
		t.Run(f.name, func(t *testing.T) {
			settle(t, s, "at first") // with connections that the fault will meet
			endure(t, s, f)
		})
	}
}

// A line that is slow, but not too slow, is no fault.
func TestSlowLine(t *testing.T) {
	network := storagetest.Start(t).Front()
	s := openStore(t, network.URL())
	settle(t, s, "at first")
	network.Latency(150 * time.Millisecond)
	for what, err := range everything(t.Context(), s, attempts, 4) {
		if errors.Is(err, ErrUnavailable) {
			t.Errorf("%s says %v", what, err)
		}
	}
}

// every does the same to all servers of a kind.
func every[S any](servers []S, do func(S) error) func() {
	return func() {
		for _, s := range servers {
			if err := do(s); err != nil {
				panic(err)
			}
		}
	}
}
