//go:build unix

package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// writers change the store without pause, each a goal of its own workspace, one act after the other. An act is tried
// until it is known to have happened, as platforms bring again what was not answered.
type writers struct {
	t    *testing.T
	s    *Store
	all  []*writer
	end  context.CancelFunc
	done sync.WaitGroup
}

// writer is one of them. Each act puts its number into the goal's title, a check-in into its log, and takes a claim.
type writer struct {
	*writers
	home    conversation.Workspace
	round   string
	acts    []int // acknowledged
	acked   atomic.Int64
	safe    int // acts up to this one must not be lost
	longest time.Duration
}

func writersHome(n int) conversation.Workspace {
	return conversation.Workspace(fmt.Sprint("slack:W", n))
}

// write starts eight of them.
func write(t *testing.T, s *Store) *writers {
	ctx, cancel := context.WithCancel(t.Context())
	ws := &writers{t: t, s: s, end: cancel}
	for n := range 8 {
		w := &writer{writers: ws, home: writersHome(n), round: fresh("round")}
		ws.all = append(ws.all, w)
		ws.done.Go(func() { w.run(ctx) })
	}
	t.Cleanup(ws.stop)
	return ws
}

func (ws *writers) acknowledged() (n int) {
	for _, w := range ws.all {
		n += int(w.acked.Load())
	}
	return n
}

// more waits until each writer has so many more acts acknowledged.
func (ws *writers) more(n int64) {
	ws.t.Helper()
	ctx, cancel := context.WithTimeout(ws.t.Context(), 30*time.Second)
	defer cancel()
	wants := make([]int64, len(ws.all))
	for i, w := range ws.all {
		wants[i] = w.acked.Load() + n
	}
	for i, w := range ws.all {
		want := wants[i]
		for tick := time.Tick(time.Millisecond); w.acked.Load() < want; <-tick {
			if ctx.Err() != nil {
				ws.t.Fatalf("%d acts were acknowledged in %s, not %d", w.acked.Load(), w.home, want)
			}
		}
	}
}

// promise says that nothing acknowledged until now may be lost.
func (ws *writers) promise() {
	for _, w := range ws.all {
		w.safe = int(w.acked.Load())
	}
}

func (ws *writers) stop() {
	ws.end()
	ws.done.Wait()
}

func (ws *writers) longest() (d time.Duration) {
	for _, w := range ws.all {
		d = max(d, w.longest)
	}
	return d
}

func (w *writer) goal() goal.ID { return goal.ID("G-" + w.round) }

func (w *writer) run(ctx context.Context) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for n, began := 1, time.Now(); ctx.Err() == nil; {
		switch err := w.act(ctx, n); {
		case err == nil:
			w.acts = append(w.acts, n)
			w.longest = max(w.longest, time.Since(began))
			w.acked.Add(1)
			n, began = n+1, time.Now()
		case errors.Is(err, ErrUnavailable), errors.Is(err, conversation.ErrConflict), ctx.Err() != nil:
		default:
			w.t.Errorf("act %d: %v", n, err)
			return
		}
		<-tick.C
	}
}

// act reads, decides and saves. A repetition that finds itself done has happened.
func (w *writer) act(ctx context.Context, n int) error {
	shelf, err := w.s.Read(ctx, w.home, goalRef(w.goal()))
	if err != nil {
		return err
	}
	g := conversation.Take[*conversation.Goal](shelf, conversation.GoalKind, string(w.goal()))
	if g == nil {
		g = someGoal(w.goal())
		g.Title = ""
	}
	g.Title += fmt.Sprint(" ", n)
	err = w.s.Commit(ctx, w.home, conversation.Commit{
		Now: monday, Read: shelf, Write: []conversation.Record{g},
		Claims: []conversation.Claim{{Key: w.claim(n), Result: "done"}},
		Log:    []conversation.Entry{{Goal: w.goal(), CheckIn: goal.CheckIn{Seq: n, By: "U1", At: monday}}},
	})
	var again *conversation.Repeated
	if errors.As(err, &again) {
		return nil
	}
	return err
}

func (w *writer) claim(n int) string { return w.round + "-" + strconv.Itoa(n) }

// check counts what was acknowledged and is not there, and wants of everything else all of it or nothing, once.
func (ws *writers) check() (lost int) {
	ws.t.Helper()
	for _, w := range ws.all {
		there := w.applied()
		for _, n := range w.acts {
			if slices.Contains(there, n) {
				continue
			}
			lost++
			if n <= w.safe {
				ws.t.Errorf("act %d in %s was confirmed by a replica, and is lost", n, w.home)
			}
		}
	}
	return lost
}

// applied are the acts that the goal shows; its log and the claims must tell the same.
func (w *writer) applied() (acts []int) {
	w.t.Helper()
	g := conversation.Take[*conversation.Goal](read(w.t, w.s, w.home, goalRef(w.goal())), conversation.GoalKind, string(w.goal()))
	if g == nil {
		return nil
	}
	for word := range strings.FieldsSeq(g.Title) {
		n, err := strconv.Atoi(word)
		if err != nil || slices.Contains(acts, n) {
			w.t.Errorf("act %s was applied twice", word)
		}
		acts = append(acts, n)
	}
	log, err := w.s.CheckIns(w.t.Context(), w.home, w.goal(), maxLog)
	if err != nil {
		w.t.Fatal(err)
	}
	var logged []int
	for _, c := range log {
		logged = append(logged, c.Seq)
	}
	if slices.Sort(logged); !slices.Equal(logged, acts) {
		w.t.Errorf("the goal shows %v and its log %v", acts, logged)
	}
	for n := 1; n <= len(w.acts)+1; n++ {
		if w.claimed(n) != slices.Contains(acts, n) {
			w.t.Errorf("act %d is claimed: %v, and applied: %v", n, w.claimed(n), slices.Contains(acts, n))
		}
	}
	return acts
}

func (w *writer) claimed(n int) bool {
	sp, err := spaceOf(w.home)
	if err != nil {
		w.t.Fatal(err)
	}
	key, err := sp.claim(w.claim(n))
	if err != nil {
		w.t.Fatal(err)
	}
	found, err := w.s.client.Exists(w.t.Context(), key).Result()
	if err != nil {
		w.t.Fatal(err)
	}
	return found == 1
}
