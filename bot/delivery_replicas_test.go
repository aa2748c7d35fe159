package bot

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/scheduler"
	"goalkeeper/storage"
	"goalkeeper/storage/storagetest"
)

// Two replicas with real schedulers on one store, and a platform that refuses, loses its answers and is asked
// for edits meanwhile: in the end it shows every message once, as it was wanted last, in its thread.
func TestReplicasOnOneStore(t *testing.T) { storagetest.Backends(t, replicasOnOneStore) }

func replicasOnOneStore(t *testing.T, url string) {
	const messages = 60
	store, err := storage.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var ahead atomic.Int64
	began := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return began.Add(time.Duration(ahead.Load())) }
	f := &face{mood: moody()}
	replicas := []*scheduler.Scheduler{onStore(store, f, clock), onStore(store, f, clock)}

	for n := range messages {
		wanted(t, store, clock(), n, 1)
	}
	for round := range 60 {
		if round < 10 {
			for n := round; n < messages; n += 10 {
				wanted(t, store, clock(), n, round+2)
			}
		}
		var settled sync.WaitGroup
		for _, s := range replicas {
			settled.Go(func() {
				if err := s.Settle(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		settled.Wait()
		ahead.Add(int64(30 * time.Second))
	}
	checkAll(t, store, f, messages)
}

// moody makes a quarter of all calls fail in one way or the other.
func moody() func() reply {
	return func() reply {
		switch rand.IntN(16) {
		case 0:
			return reply{err: refused}
		case 1:
			return reply{err: limited}
		case 2:
			return reply{err: doubtful}
		case 3:
			return reply{err: doubtful, lost: true}
		}
		return reply{}
	}
}

func onStore(store *storage.Store, f *face, clock func() time.Time) *scheduler.Scheduler {
	log := slog.New(slog.DiscardHandler)
	d := NewDelivery(DeliveryOptions{
		Records: store, Timers: store, Faces: map[string]Face{"fake": finder{face: f}}, Clock: clock, Log: log,
	})
	return scheduler.New(scheduler.Options{Due: store, Clock: clock, Log: log,
		Pools: map[conversation.TimerKind]scheduler.Pool{conversation.SendTimer: {Handle: d.Handle, Workers: 4}}})
}

// wanted saves a message at a revision as the conversation does. Every third begins a thread for the next two.
func wanted(t *testing.T, store *storage.Store, now time.Time, n, revision int) {
	t.Helper()
	key := fmt.Sprint("m", n)
	if err := store.Arm(t.Context(), sendingAt(key, now)); err != nil {
		t.Fatal(err)
	}
	shelf, err := store.Read(t.Context(), ws, conversation.Ref{Kind: conversation.MessageKind, ID: key})
	if err != nil {
		t.Fatal(err)
	}
	m := conversation.Take[*conversation.Message](shelf, conversation.MessageKind, key)
	if m == nil {
		m = &conversation.Message{Key: key, To: conversation.Address{Channel: "C1"}, Created: now}
		if n%3 > 0 {
			m.To.Under = fmt.Sprint("m", n-n%3)
		}
	}
	m.Revision++
	m.Card = card.Card{Kind: "test", Summary: fmt.Sprintf("%s at %d", key, revision)}
	err = store.Commit(t.Context(), ws, conversation.Commit{Now: now, Read: shelf, Write: []conversation.Record{m}})
	if err != nil {
		t.Fatal(err)
	}
}

func sendingAt(key string, at time.Time) conversation.Timer {
	timer := sending(key)
	timer.At = at
	return timer
}

func checkAll(t *testing.T, store *storage.Store, f *face, messages int) {
	t.Helper()
	if len(f.posts) != messages {
		t.Errorf("the platform shows %d messages, want %d", len(f.posts), messages)
	}
	refs := map[string]string{}
	for i, p := range f.posts {
		refs[p.key] = fmt.Sprint(i + 1)
	}
	for n := range messages {
		key := fmt.Sprint("m", n)
		shelf, err := store.Read(t.Context(), ws, conversation.Ref{Kind: conversation.MessageKind, ID: key})
		if err != nil {
			t.Fatal(err)
		}
		m := conversation.Take[*conversation.Message](shelf, conversation.MessageKind, key)
		if d := m.Delivery; d.State != conversation.Sent || d.Shown != m.Revision || d.Ref != refs[key] {
			t.Errorf("%s at revision %d was delivered as %+v, want %s", key, m.Revision, d, refs[key])
		}
	}
	for _, p := range f.posts {
		var n int
		_, _ = fmt.Sscanf(p.key, "m%d", &n)
		if want := fmt.Sprintf("%s at %d", p.key, n%10+2); p.text != want {
			t.Errorf("the platform shows %q, want %q", p.text, want)
		}
		if root := refs[fmt.Sprint("m", n-n%3)]; n%3 > 0 && p.thread != root || n%3 == 0 && strings.TrimSpace(p.thread) != "" {
			t.Errorf("%s stands in thread %q, want %q", p.key, p.thread, root)
		}
	}
}
