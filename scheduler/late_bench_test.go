//go:build unix

package scheduler

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/storage"
	"goalkeeper/storage/storagetest"
)

// BenchmarkLateness measures, at rest and on a real Redis, how long after its time a timer is handed over. Timers come
// at odd intervals, every other one armed only when it is due.
func BenchmarkLateness(b *testing.B) {
	store, err := storage.Open(b.Context(), storagetest.Redis(b))
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	rang := make(chan time.Time, 1)
	s := New(Options{Due: store, Log: silent, Pools: map[conversation.TimerKind]Pool{conversation.CheckInTimer: {
		Handle: func(_ context.Context, batch []conversation.Timer, _ time.Time) []conversation.Verdict {
			rang <- time.Now()
			return make([]conversation.Verdict, len(batch))
		}}}})
	ctx, end := context.WithCancel(b.Context())
	over := make(chan error, 1)
	go func() { over <- s.Run(ctx) }()
	var late []time.Duration
	for n := 0; b.Loop(); n++ {
		at := time.Now().Add(time.Duration(n%2) * (20*time.Millisecond + time.Duration(n%7)*371*time.Microsecond))
		if err := store.Arm(b.Context(), timer(conversation.CheckInTimer, fmt.Sprint("U", n), at)); err != nil {
			b.Fatal(err)
		}
		late = append(late, (<-rang).Sub(at))
	}
	end()
	if err := <-over; err != nil {
		b.Error(err)
	}
	slices.Sort(late)
	b.ReportMetric(float64(late[len(late)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(late[len(late)*99/100].Microseconds())/1000, "ms-p99")
}
