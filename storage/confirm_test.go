//go:build unix

package storage

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/storage/storagetest"

	"github.com/redis/go-redis/v9"
)

// openWaiting opens a store whose changes are to be confirmed by one replica.
func openWaiting(t *testing.T, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, WithWait(1, 200*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestReplicasConfirm(t *testing.T) {
	set := storagetest.Sentinel(t)
	s := openWaiting(t, set.URL())
	for range 3 {
		save(t, s, team, someGoal("G-1"))
		if err := s.client.ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.at.confirm.shortWithin(time.Hour); n != 0 {
		t.Errorf("%d changes were not confirmed", n)
	}
	if w := s.Warnings(t.Context()); len(w) > 0 {
		t.Errorf("all is well, but: %q", w)
	}

	if err := set.Servers[1].Pause(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for range 3 {
		save(t, s.Background(), team, someGoal("G-1"))
	}
	if took := time.Since(began); took < 200*time.Millisecond || took > time.Second {
		t.Errorf("without the replica three changes took %v", took)
	}
	if n := s.at.confirm.shortWithin(time.Hour); n != 3 {
		t.Errorf("%d of 3 changes were counted as not confirmed", n)
	}
	if w := strings.Join(s.Warnings(t.Context()), "\n"); !strings.Contains(w, "3 changes since the start were not confirmed by 1 replicas") {
		t.Errorf("the warning is missing: %q", w)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("the change stands all the same, but: %v", err)
	}
}

// In a Cluster the question must go where the change went: another node has nothing to wait for and would say yes.
func TestReplicasOfTheRightNodeConfirm(t *testing.T) {
	c := storagetest.Cluster(t)
	s := openWaiting(t, c.URL())
	spaces := make([]conversation.Workspace, 12)
	for n := range spaces {
		spaces[n] = conversation.Workspace(fmt.Sprint("slack:T", n))
		save(t, s, spaces[n], someGoal("G-1"))
	}
	if n := s.at.confirm.shortWithin(time.Hour); n != 0 {
		t.Errorf("%d changes were not confirmed", n)
	}
	for _, replica := range c.Servers[3:] {
		if err := replica.Pause(); err != nil {
			t.Fatal(err)
		}
	}
	for _, ws := range spaces {
		save(t, s, ws, someGoal("G-1"))
	}
	if n := s.at.confirm.shortWithin(time.Hour); n != int64(len(spaces)) {
		t.Errorf("%d of %d changes were counted as not confirmed", n, len(spaces))
	}
}

// Work that nobody waits for may take all of its connections; an answer has its own.
func TestBackgroundTakesNoConnectionFromAnswers(t *testing.T) {
	s := openStore(t, storagetest.Start(t).URL())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	slow := s.Background().client
	for range 200 {
		go slow.BLPop(ctx, 5*time.Second, "gk:nothing")
	}
	all := uint32(slow.(*redis.Client).Options().PoolSize)
	for tick := time.Tick(time.Millisecond); slow.PoolStats().TotalConns < all || slow.PoolStats().IdleConns > 0; <-tick {
		if ctx.Err() != nil {
			t.Fatal("the background pool was never full")
		}
	}
	began := time.Now()
	save(t, s, team, someGoal("G-1"))
	if took := time.Since(began); took > 500*time.Millisecond {
		t.Errorf("an answer took %v beside slow work", took)
	}
	if s.Background().Background() != s.Background() {
		t.Error("a background has a background")
	}
}
