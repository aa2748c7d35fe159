//go:build unix

package storage

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/storage/storagetest"
)

// many is how many timers are armed while rates are measured.
const many = 100_000

// someTimers are due one after the other, with ids as long as Slack's.
func someTimers(n int) []conversation.Timer {
	timers := make([]conversation.Timer, n)
	for i := range timers {
		timers[i] = conversation.Timer{
			Workspace: "slack:T02ABCDEFGH", Kind: conversation.CheckInTimer,
			Subject: fmt.Sprintf("U%010d", i), At: monday.Add(time.Duration(i) * time.Millisecond),
		}
	}
	return timers
}

func armMany(b testing.TB, s *Store, timers []conversation.Timer) {
	for len(timers) > 0 {
		n := min(10_000, len(timers))
		arm(b, s, timers[:n]...)
		timers = timers[n:]
	}
}

// BenchmarkDueClaimAndFinish measures timers claimed and removed a second by eight workers, out of 10⁵.
func BenchmarkDueClaimAndFinish(b *testing.B) {
	for _, batch := range []int{1, 10, 100, 500, 1000} {
		b.Run(strconv.Itoa(batch), func(b *testing.B) {
			s := openStore(b, storagetest.Redis(b))
			var spent float64
			timers := someTimers(many)
			for b.Loop() {
				b.StopTimer()
				armMany(b, s, timers)
				b.StartTimer()
				before := cpuOf(b, s)
				var workers sync.WaitGroup
				for range 8 {
					workers.Go(func() { empty(b, s, batch) })
				}
				workers.Wait()
				spent += cpuOf(b, s) - before
			}
			b.ReportMetric(spent*1e6/float64(many)/float64(b.N), "µs-of-redis/timer")
			b.ReportMetric(float64(many)*float64(b.N)/b.Elapsed().Seconds(), "timers/s")
		})
	}
}

// cpuOf is how many seconds of a processor Redis has used.
func cpuOf(b *testing.B, s *Store) (seconds float64) {
	facts, err := s.client.Info(b.Context(), "cpu").Result()
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(facts) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_user" || name == "used_cpu_sys" {
			n, _ := strconv.ParseFloat(value, 64)
			seconds += n
		}
	}
	return seconds
}

// empty claims and finishes until nothing is due.
func empty(b *testing.B, s *Store, batch int) {
	for {
		claimed, _, err := s.Claim(b.Context(), conversation.CheckInTimer, monday.Add(time.Hour), time.Minute, batch)
		if err != nil {
			b.Error(err)
			return
		}
		if len(claimed) == 0 {
			return
		}
		done := make([]conversation.Finished, len(claimed))
		for n, c := range claimed {
			done[n].Claimed = c
		}
		if _, err := s.Finish(b.Context(), done...); err != nil {
			b.Error(err)
			return
		}
	}
}

// TestMemoryOfATimer bounds what an armed timer takes in Redis, with ids as long as Slack's.
func TestMemoryOfATimer(t *testing.T) {
	s := openStore(t, storagetest.Start(t).URL())
	used := func() int {
		info, err := s.client.Info(t.Context(), "memory").Result()
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(info, "used_memory_dataset:") // without the buffers of connections
		digits, _, _ := strings.Cut(after, "\r")
		n, err := strconv.Atoi(digits)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	arm(t, s, timer("U1", monday)) // connections and scripts are there
	before := used()
	armMany(t, s, someTimers(many))
	// 127 where Redis allocates in steps of 16 bytes, as Debian's does; fewer in steps of 8.
	if each := (used() - before) / many; each > 135 {
		t.Errorf("a timer takes %d bytes", each)
	}
}
