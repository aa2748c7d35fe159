package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"goalkeeper/conversation"
)

const ws = conversation.Workspace("play:home")

var silent = slog.New(slog.DiscardHandler)

func timer(kind conversation.TimerKind, subject string, at time.Time) conversation.Timer {
	return conversation.Timer{Workspace: ws, Kind: kind, Subject: subject, At: at}
}

// pass lets d go by on the test's own clock.
func pass(d time.Duration) { <-time.After(d) }

// only makes a scheduler with one pool, for check-ins.
func only(due DueSet, handle func(context.Context, conversation.Timer, time.Time) (time.Time, error)) *Scheduler {
	return New(Options{Due: due, Log: silent,
		Pools: map[conversation.TimerKind]Pool{conversation.CheckInTimer: {Handle: Each(handle)}}})
}

// start runs s, and ends it when the test does.
func start(t *testing.T, s *Scheduler) (end func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	end = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = end() })
	return end
}

func arm(t *testing.T, due DueSet, timers ...conversation.Timer) {
	t.Helper()
	if err := due.Arm(t.Context(), timers...); err != nil {
		t.Fatal(err)
	}
}

// calls records what a handler was called with.
type calls struct {
	mu   sync.Mutex
	list []string
	at   []time.Time
}

func (c *calls) note(t conversation.Timer, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, t.Subject)
	c.at = append(c.at, now)
}

func (c *calls) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.list, " ")
}

func (c *calls) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.at)
}

func (c *calls) once(_ context.Context, t conversation.Timer, now time.Time) (time.Time, error) {
	c.note(t, now)
	return time.Time{}, nil
}

func TestHandlesWhenDueAndNotBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, seen := newDueSet(), &calls{}
		s := only(due, seen.once)
		at := time.Now().Add(3 * time.Hour)
		arm(t, due, timer(conversation.CheckInTimer, "U1", at))
		start(t, s)

		pass(3*time.Hour - time.Millisecond)
		synctest.Wait()
		if got := seen.String(); got != "" {
			t.Fatalf("handled %q before it was due", got)
		}
		pass(2 * time.Millisecond)
		synctest.Wait()
		if got := seen.String(); got != "U1" {
			t.Fatalf("handled %q, want U1", got)
		}
		if late := seen.at[0].Sub(at); late < 0 || late > time.Millisecond {
			t.Errorf("handled %s after it was due", late)
		}
		if due.armed() != 0 {
			t.Error("a timer with nothing more to do was not removed")
		}
	})
}

func TestIdleCostsALookEvery90Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due := newDueSet()
		start(t, only(due, (&calls{}).once))
		pass(time.Hour)
		synctest.Wait()
		if n := due.looks(); n < 38 || n > 43 {
			t.Errorf("looked %d times in an idle hour", n)
		}
	})
}

func TestArmedElsewhereIsHandledAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, seen := newDueSet(), &calls{}
		start(t, only(due, seen.once))
		pass(time.Second)
		arm(t, due, timer(conversation.CheckInTimer, "U1", time.Now()))
		synctest.Wait()
		if got := seen.String(); got != "U1" {
			t.Fatalf("handled %q without a second going by, want U1", got)
		}
	})
}

func TestListeningThatBreaksIsTakenUpAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, seen := newDueSet(), &calls{}
		due.brief = true
		start(t, only(due, seen.once))
		pass(time.Hour)
		synctest.Wait()
		if n := due.looks(); n > 250 {
			t.Errorf("looked %d times in an hour without listening", n)
		}
		arm(t, due, timer(conversation.CheckInTimer, "U1", time.Now()))
		pass(time.Minute)
		synctest.Wait()
		if got := seen.String(); got != "U1" {
			t.Errorf("handled %q within a minute, want U1", got)
		}
	})
}

func TestNudgeAfterTheClockMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, seen := newDueSet(), &calls{}
		var ahead atomic.Int64
		s := New(Options{Due: due, Log: silent, Clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
			Pools: map[conversation.TimerKind]Pool{conversation.CheckInTimer: {Handle: Each(seen.once)}}})
		arm(t, due, timer(conversation.CheckInTimer, "U1", time.Now().Add(72*time.Hour)))
		start(t, s)
		synctest.Wait()
		ahead.Store(int64(72 * time.Hour))
		s.Nudge()
		synctest.Wait()
		if got := seen.String(); got != "U1" {
			t.Fatalf("handled %q, want U1", got)
		}
	})
}

func TestComesBackWhenAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, seen := newDueSet(), &calls{}
		start(t, only(due, func(_ context.Context, tm conversation.Timer, now time.Time) (time.Time, error) {
			seen.note(tm, now)
			return now.Add(time.Second), nil
		}))
		synctest.Wait()
		arm(t, due, timer(conversation.CheckInTimer, "U1", time.Now()))
		pass(10*time.Second + time.Millisecond)
		synctest.Wait()
		if n := len(seen.at); n != 11 {
			t.Errorf("handled %d times in 10 s, want 11", n)
		}
	})
}

func TestFailuresComeBackLaterAndLater(t *testing.T) {
	for name, fail := range map[string]func(){
		"error": func() {},
		"panic": func() { panic("told by somebody in confidence") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				due, seen := newDueSet(), &calls{}
				var told strings.Builder
				s := only(due, func(_ context.Context, tm conversation.Timer, now time.Time) (time.Time, error) {
					seen.note(tm, now)
					fail()
					return time.Time{}, errors.New("no luck")
				})
				s.Log = slog.New(slog.NewTextHandler(&told, nil))
				arm(t, due, timer(conversation.CheckInTimer, "U1", time.Now()))
				end := start(t, s)
				pass(time.Hour)
				synctest.Wait()

				if n := len(seen.at); n < 15 || n > 40 {
					t.Errorf("tried %d times in an hour", n)
				}
				for i := 1; i < len(seen.at); i++ {
					if wait := seen.at[i].Sub(seen.at[i-1]); wait < firstWait/2 || wait > longestWait+time.Second {
						t.Errorf("try %d came after %s", i, wait)
					}
				}
				if err := end(); err != nil {
					t.Error(err)
				}
				if strings.Contains(told.String(), "confidence") {
					t.Errorf("the log repeats what a panic said: %s", told.String())
				}
			})
		})
	}
}

func TestHandlerThatNeverEndsIsSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, seen := newDueSet(), &calls{}
		start(t, only(due, func(_ context.Context, tm conversation.Timer, now time.Time) (time.Time, error) {
			seen.note(tm, now)
			return now, nil
		}))
		arm(t, due, timer(conversation.CheckInTimer, "U1", time.Now()))
		pass(time.Hour)
		synctest.Wait()
		if n := len(seen.at); n > 2*hastyLimit+20 {
			t.Errorf("called %d times in an hour", n)
		}
	})
}

func TestOutageIsOutlived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, seen := newDueSet(), &calls{}
		due.breakDown(conversation.ErrUnavailable)
		start(t, only(due, seen.once))
		pass(time.Hour)
		if n := due.looks(); n < 50 || n > 150 {
			t.Errorf("asked %d times in an hour's outage", n)
		}
		due.breakDown(nil)
		arm(t, due, timer(conversation.CheckInTimer, "U1", time.Now()))
		pass(time.Minute)
		synctest.Wait()
		if got := seen.String(); got != "U1" {
			t.Errorf("handled %q a minute after the outage, want U1", got)
		}
	})
}

func TestSlowSendingStarvesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, seen := newDueSet(), &calls{}
		stuck := func(ctx context.Context, _ conversation.Timer, _ time.Time) (time.Time, error) {
			<-ctx.Done()
			return time.Time{}, ctx.Err()
		}
		s := New(Options{Due: due, Log: silent, Pools: map[conversation.TimerKind]Pool{
			conversation.SendTimer:    {Handle: Each(stuck), Workers: 2},
			conversation.CheckInTimer: {Handle: Each(seen.once), Workers: 2},
		}})
		past := time.Now().Add(-time.Hour)
		for i := range 2000 {
			arm(t, due, timer(conversation.SendTimer, fmt.Sprint("m", i), past))
		}
		arm(t, due, timer(conversation.CheckInTimer, "U1", time.Now()))
		start(t, s)
		synctest.Wait()
		if got := seen.String(); got != "U1" {
			t.Errorf("behind 2,000 stuck messages handled %q, want U1", got)
		}
	})
}

func TestArmedWhileHandledComesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, seen := newDueSet(), &calls{}
		start(t, only(due, func(ctx context.Context, tm conversation.Timer, now time.Time) (time.Time, error) {
			seen.note(tm, now)
			if len(seen.at) == 1 {
				arm(t, due, timer(tm.Kind, tm.Subject, now.Add(time.Second)))
			}
			return time.Time{}, nil
		}))
		synctest.Wait()
		arm(t, due, timer(conversation.CheckInTimer, "U1", time.Now()))
		pass(2 * time.Second)
		synctest.Wait()
		if got := seen.String(); got != "U1 U1" {
			t.Errorf("handled %q, want U1 twice", got)
		}
	})
}

// A handler that arms its own timer, for however late, asks to be called again: at once, but not for ever.
func TestHandlerThatAlwaysArmsIsSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, seen := newDueSet(), &calls{}
		start(t, only(due, func(_ context.Context, tm conversation.Timer, now time.Time) (time.Time, error) {
			seen.note(tm, now)
			arm(t, due, timer(tm.Kind, tm.Subject, now.Add(24*time.Hour)))
			return time.Time{}, nil
		}))
		synctest.Wait()
		arm(t, due, timer(conversation.CheckInTimer, "U1", time.Now()))
		synctest.Wait()
		if n := seen.count(); n < 2 || n > hastyLimit+1 {
			t.Errorf("called %d times at once", n)
		}
		pass(time.Hour)
		synctest.Wait()
		if n := seen.count(); n > 61*(hastyLimit+1) {
			t.Errorf("called %d times in an hour", n)
		}
	})
}

// A batch in which one timer makes the handler panic, or that is answered too briefly: the others are none the worse.
func TestPanicTakesNobodyAlong(t *testing.T) {
	for name, fail := range map[string]func([]conversation.Verdict) []conversation.Verdict{
		"panic": func([]conversation.Verdict) []conversation.Verdict { panic("no luck at all") },
		"brief": func(v []conversation.Verdict) []conversation.Verdict { return v },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				due := newDueSet()
				var mu sync.Mutex
				largest, tries := 0, 0
				s := New(Options{Due: due, Log: silent, Pools: map[conversation.TimerKind]Pool{conversation.CheckInTimer: {Workers: 2, Batch: 10,
					Handle: func(_ context.Context, batch []conversation.Timer, _ time.Time) (verdicts []conversation.Verdict) {
						mu.Lock()
						defer mu.Unlock()
						largest = max(largest, len(batch))
						for _, tm := range batch {
							if tm.Subject == "U13" {
								tries++
								return fail(verdicts)
							}
							verdicts = append(verdicts, conversation.Verdict{})
						}
						return verdicts
					}}}})
				for i := range 40 {
					arm(t, due, timer(conversation.CheckInTimer, fmt.Sprint("U", i), time.Now()))
				}
				start(t, s)
				synctest.Wait()
				mu.Lock()
				defer mu.Unlock()
				if due.armed() != 1 || largest != 10 || tries < 2 {
					t.Errorf("%d timers are left of 40 in batches of %d, the bad one tried %d times", due.armed(), largest, tries)
				}
				mu.Unlock()
				pass(time.Hour)
				synctest.Wait()
				mu.Lock()
				if tries > 50 {
					t.Errorf("the bad one was tried %d times in an hour", tries)
				}
			})
		})
	}
}

// Batches that end while others are being finished are finished together, and nothing is claimed that has no worker.
func TestCrowdTakesFewRoundTrips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due := newDueSet()
		due.takes = time.Millisecond
		var inside, most atomic.Int64
		s := New(Options{Due: due, Log: silent, Pools: map[conversation.TimerKind]Pool{conversation.CheckInTimer: {Workers: 8, Batch: 50,
			Handle: func(_ context.Context, batch []conversation.Timer, _ time.Time) []conversation.Verdict {
				most.Store(max(most.Load(), inside.Add(1)))
				pass(jitter(2 * time.Millisecond))
				inside.Add(-1)
				return make([]conversation.Verdict, len(batch))
			}}}})
		for i := range 4000 {
			due.scores[identity{conversation.CheckInTimer, ws, fmt.Sprint("U", i)}] = time.Now().UnixMilli()
		}
		start(t, s)
		pass(time.Minute)
		synctest.Wait()
		if due.armed() != 0 || most.Load() > 8 {
			t.Errorf("%d timers are left, %d batches were handled at once", due.armed(), most.Load())
		}
		if n := due.finishes; n > 60 {
			t.Errorf("80 batches were finished in %d round trips", n)
		}
		if n := due.most; n > 2*8*50 {
			t.Errorf("%d timers were held at once", n)
		}
	})
}

// The clock jumps over the lease of a timer that is being handled: it is handled again, but not beside itself.
func TestNeverBesideItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due := newDueSet()
		var ahead, inside, total atomic.Int64
		s := New(Options{Due: due, Log: silent, Clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
			Pools: map[conversation.TimerKind]Pool{conversation.CheckInTimer: {Handle: Each(func(context.Context, conversation.Timer, time.Time) (time.Time, error) {
				total.Add(1)
				if inside.Add(1) > 1 {
					t.Error("handled twice at once")
				}
				pass(10 * time.Second)
				inside.Add(-1)
				return time.Time{}, nil
			})}}})
		arm(t, due, timer(conversation.CheckInTimer, "U1", time.Now()))
		start(t, s)
		synctest.Wait()
		ahead.Store(int64(24 * time.Hour))
		s.Nudge()
		pass(time.Minute)
		synctest.Wait()
		if total.Load() != 2 || due.armed() != 0 {
			t.Errorf("handled %d times with %d timers left, want 2 and 0", total.Load(), due.armed())
		}
	})
}

func TestUnknownKindIsLeftToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, seen := newDueSet(), &calls{}
		arm(t, due, timer("tomorrow's", "U1", time.Now()))
		start(t, only(due, seen.once))
		pass(time.Hour)
		synctest.Wait()
		if seen.String() != "" || due.armed() != 1 {
			t.Errorf("handled %q, %d timers left", seen.String(), due.armed())
		}
		if n := due.looks(); n > 100 {
			t.Errorf("looked %d times in an hour", n)
		}
	})
}

func TestSettleFollowsWhatFollows(t *testing.T) {
	for _, beside := range []bool{false, true} {
		t.Run(fmt.Sprintf("beside Run: %t", beside), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				due, seen := newDueSet(), &calls{}
				now := time.Now()
				s := New(Options{Due: due, Log: silent, Clock: func() time.Time { return now }, Pools: map[conversation.TimerKind]Pool{
					conversation.CheckInTimer: {Handle: Each(func(ctx context.Context, tm conversation.Timer, now time.Time) (time.Time, error) {
						pass(time.Second) // asking takes a while
						arm(t, due, timer(conversation.SendTimer, "to-"+tm.Subject, now))
						return now.Add(7 * 24 * time.Hour), nil
					})},
					conversation.SendTimer: {Workers: 1, Handle: Each(seen.once)},
				}})
				for i := range 500 {
					arm(t, due, timer(conversation.CheckInTimer, fmt.Sprint("U", i), now))
				}
				if beside {
					start(t, s)
				}
				if err := s.Settle(t.Context()); err != nil {
					t.Fatal(err)
				}
				if n := len(seen.at); n != 500 {
					t.Errorf("sent %d, want 500", n)
				}
			})
		})
	}
}

func TestSettleEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due := newDueSet()
		s := only(due, func(ctx context.Context, _ conversation.Timer, _ time.Time) (time.Time, error) {
			<-ctx.Done()
			return time.Time{}, nil
		})
		arm(t, due, timer(conversation.CheckInTimer, "U1", time.Now()))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Settle(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Settle ended with %v", err)
		}
		pass(time.Hour)
	})
}

func TestEndWaitsForHandlersAndHandsBackTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, began := newDueSet(), make(chan struct{}, 10)
		s := New(Options{Due: due, Log: silent, Pools: map[conversation.TimerKind]Pool{conversation.CheckInTimer: {Workers: 1,
			Handle: Each(func(ctx context.Context, _ conversation.Timer, _ time.Time) (time.Time, error) {
				began <- struct{}{}
				pass(5 * time.Second)
				return time.Time{}, ctx.Err()
			})}}})
		for i := range 5 {
			arm(t, due, timer(conversation.CheckInTimer, fmt.Sprint("U", i), time.Now()))
		}
		end := start(t, s)
		<-began
		before := time.Now()
		if err := end(); err != nil {
			t.Error(err)
		}
		if took := time.Since(before); took > 5*time.Second {
			t.Errorf("the end took %s", took)
		}
		claimed, _, _ := due.Claim(t.Context(), conversation.CheckInTimer, time.Now(), time.Minute, 10)
		if len(claimed) != 4 {
			t.Errorf("another replica can take %d at once, want the 4 that never began", len(claimed))
		}
	})
}

func TestEndIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due, began := newDueSet(), make(chan struct{})
		told := make(chan error, 1)
		s := only(due, func(ctx context.Context, _ conversation.Timer, _ time.Time) (time.Time, error) {
			close(began)
			<-ctx.Done()
			told <- ctx.Err()
			return time.Time{}, ctx.Err()
		})
		arm(t, due, timer(conversation.CheckInTimer, "U1", time.Now()))
		end := start(t, s)
		<-began
		before := time.Now()
		if err := end(); err == nil {
			t.Error("an end that left a handler behind should say so")
		}
		if took := time.Since(before); took != 15*time.Second {
			t.Errorf("the end took %s, want the grace", took)
		}
		if err := <-told; !errors.Is(err, context.Canceled) {
			t.Errorf("the handler was told %v", err)
		}
		synctest.Wait()
	})
}

// Two replicas, handlers that fail, arm and take their time, starts and ends in between: every timer's work is
// done, and nobody is handled twice at once.
func TestReplicasUnderStress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const timers, rounds = 200, 20
		due := newDueSet()
		var mu sync.Mutex
		left, inside := map[string]int{}, map[string]bool{}
		handle := func(_ context.Context, tm conversation.Timer, now time.Time) (time.Time, error) {
			mu.Lock()
			if inside[tm.Subject] {
				t.Errorf("%s is handled twice at once", tm.Subject)
			}
			inside[tm.Subject] = true
			mu.Unlock()
			pass(jitter(2 * time.Second))
			mu.Lock()
			defer mu.Unlock()
			inside[tm.Subject] = false
			left[tm.Subject]--
			switch n := left[tm.Subject]; {
			case n <= 0:
				return time.Time{}, nil
			case n%3 == 0:
				return time.Time{}, errors.New("no luck")
			case n%3 == 1:
				panic("no luck at all")
			}
			return now.Add(jitter(time.Second)), nil
		}
		for i := range timers {
			left[fmt.Sprint("U", i)] = 4
			arm(t, due, timer(conversation.CheckInTimer, fmt.Sprint("U", i), time.Now()))
		}
		for range rounds {
			a, b := start(t, only(due, handle)), start(t, only(due, handle))
			pass(jitter(10 * time.Second))
			if err := errors.Join(a(), b()); err != nil {
				t.Error(err)
			}
		}
		last := start(t, only(due, handle))
		pass(time.Hour)
		if err := last(); err != nil {
			t.Error(err)
		}
		for who, n := range left {
			if n > 0 {
				t.Errorf("%s has %d rounds left", who, n)
			}
		}
		if due.armed() != 0 {
			t.Errorf("%d timers left", due.armed())
		}
	})
}
