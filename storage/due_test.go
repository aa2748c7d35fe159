//go:build unix

package storage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"goalkeeper/conversation"

	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"
)

func timer(subject string, at time.Time) conversation.Timer {
	return conversation.Timer{Workspace: team, Kind: conversation.CheckInTimer, Subject: subject, At: at}
}

func arm(t testing.TB, s *Store, timers ...conversation.Timer) {
	t.Helper()
	if err := s.Arm(t.Context(), timers...); err != nil {
		t.Fatal(err)
	}
}

func claim(t testing.TB, s *Store, now time.Time, limit int) ([]conversation.Claimed, time.Time) {
	t.Helper()
	claimed, next, err := s.Claim(t.Context(), conversation.CheckInTimer, now, time.Minute, limit)
	if err != nil {
		t.Fatal(err)
	}
	return claimed, next
}

// claimOne claims and wants exactly one.
func claimOne(t testing.TB, s *Store, now time.Time) conversation.Claimed {
	t.Helper()
	claimed, _ := claim(t, s, now, 10)
	if len(claimed) != 1 {
		t.Fatalf("at %v are due: %v", now, claimed)
	}
	return claimed[0]
}

func finish(t testing.TB, s *Store, c conversation.Claimed, next time.Time) bool {
	t.Helper()
	done, err := s.Finish(t.Context(), conversation.Finished{Claimed: c, Next: next})
	if err != nil {
		t.Fatal(err)
	}
	return done[0]
}

func armEarlier(t *testing.T, s *Store) {
	if due, next := claim(t, s, monday, 10); len(due) != 0 || !next.IsZero() {
		t.Errorf("an empty due set: %v, %v", due, next)
	}
	arm(t, s, timer("U1", monday.Add(2*time.Hour)))
	arm(t, s, timer("U1", monday.Add(time.Hour)))
	arm(t, s, timer("U1", monday.Add(3*time.Hour)))
	arm(t, s)
	if due, next := claim(t, s, monday.Add(time.Hour-time.Nanosecond), 10); len(due) != 0 || !next.Equal(monday.Add(time.Hour)) {
		t.Errorf("a moment too early: %v, next %v", due, next)
	}
	c := claimOne(t, s, monday.Add(time.Hour))
	if c.Timer != timer("U1", monday.Add(time.Hour)) {
		t.Errorf("claimed %+v", c.Timer)
	}
	if !finish(t, s, c, monday.Add(24*time.Hour)) {
		t.Error("the lease was not its holder's")
	}
	if due, next := claim(t, s, monday.Add(2*time.Hour), 10); len(due) != 0 || !next.Equal(monday.Add(24*time.Hour)) {
		t.Errorf("armed again: %v, next %v", due, next)
	}
	c = claimOne(t, s, monday.Add(25*time.Hour))
	if !finish(t, s, c, time.Time{}) || finish(t, s, c, time.Time{}) {
		t.Error("removing did not happen once")
	}
	if due, next := claim(t, s, monday.Add(1000*time.Hour), 10); len(due) != 0 || !next.IsZero() {
		t.Errorf("removed: %v, next %v", due, next)
	}
	for _, bad := range []conversation.Timer{{Workspace: "", Kind: "send"}, {Workspace: team, Kind: "a|b"}, {Workspace: team}} {
		if err := s.Arm(t.Context(), bad); err == nil {
			t.Errorf("armed %+v", bad)
		}
	}
}

func leases(t *testing.T, s *Store) {
	arm(t, s, timer("U1", monday))
	first := claimOne(t, s, monday)
	if due, next := claim(t, s, monday.Add(59*time.Second), 10); len(due) != 0 || !next.Equal(monday.Add(time.Minute)) {
		t.Errorf("during the lease: %v, next %v", due, next)
	}
	second := claimOne(t, s, monday.Add(time.Minute))
	if finish(t, s, first, monday.Add(time.Hour)) {
		t.Error("a lease that ran out was finished")
	}
	if !finish(t, s, second, monday.Add(2*time.Hour)) {
		t.Error("the second lease was not finished")
	}
}

func armHeld(t *testing.T, s *Store) {
	for name, c := range map[string]struct{ armed, comes time.Duration }{
		"earlier than the lease's end": {10 * time.Second, 10 * time.Second},
		"in the past":                  {-time.Hour, 0},
		"at the lease's end":           {time.Minute, time.Minute},
		"later than the lease's end":   {time.Hour, 0},
	} {
		arm(t, s, timer("U1", monday))
		held := claimOne(t, s, monday)
		arm(t, s, timer("U1", monday.Add(c.armed)))
		if finish(t, s, held, monday.Add(24*time.Hour)) {
			t.Errorf("armed %s: the lease was finished all the same", name)
		}
		if c.comes > 0 {
			if due, _ := claim(t, s, monday.Add(c.comes-time.Millisecond), 10); len(due) != 0 {
				t.Errorf("armed %s: it came too early", name)
			}
		}
		if !finish(t, s, claimOne(t, s, monday.Add(c.comes)), time.Time{}) {
			t.Errorf("armed %s: it did not come again", name)
		}
	}
}

// A claim, an arming and another claim within one millisecond, or under a clock that stands still, must not
// give two workers the same lease.
func standingClock(t *testing.T, s *Store) {
	arm(t, s, timer("U1", monday))
	first := claimOne(t, s, monday)
	arm(t, s, timer("U1", monday))
	second := claimOne(t, s, monday)
	if finish(t, s, first, time.Time{}) {
		t.Error("the first worker finished the second's lease")
	}
	if !finish(t, s, second, monday.Add(time.Hour)) {
		t.Error("the second worker could not finish")
	}
}

func fairly(t *testing.T, s *Store) {
	var timers []conversation.Timer
	for n := range 400 {
		timers = append(timers, timer(fmt.Sprint("U", n), monday.Add(-time.Duration(n)*time.Second)))
	}
	arm(t, s, timers...)
	claimed, next := claim(t, s, monday, 32)
	perShard := map[int]int{}
	for _, c := range claimed {
		member, err := memberOf(c.Timer)
		if err != nil {
			t.Fatal(err)
		}
		perShard[shardOf(member)]++
	}
	if len(claimed) != 32 || len(perShard) != shards || slices.Max(slices.Collect(maps.Values(perShard))) != 32/shards {
		t.Errorf("%d claimed, by shard %v", len(claimed), perShard)
	}
	if !next.Equal(monday) {
		t.Errorf("368 are still due, but the next is at %v", next)
	}
	if !slices.IsSortedFunc(claimed, func(a, b conversation.Claimed) int { return a.At.Compare(b.At) }) {
		t.Error("the longest due do not come first")
	}
	rest, next := claim(t, s, monday, 1000)
	if len(rest) != 368 || !next.Equal(monday.Add(time.Minute)) {
		t.Errorf("the rest is %d, next %v", len(rest), next)
	}
}

func twoWorkers(t *testing.T, s *Store) {
	var timers []conversation.Timer
	for n := range 500 {
		timers = append(timers, timer(fmt.Sprint("U", n), monday))
	}
	arm(t, s, timers...)
	other := replica(t, s)
	var mu sync.Mutex
	holders := map[string]int{}
	var all sync.WaitGroup
	for worker := range 6 {
		store := []*Store{s, other}[worker%2]
		all.Go(func() {
			for {
				claimed, _, err := store.Claim(t.Context(), conversation.CheckInTimer, monday, time.Minute, 7)
				if err != nil {
					t.Error(err)
				}
				if len(claimed) == 0 {
					return
				}
				mu.Lock()
				for _, c := range claimed {
					holders[c.Subject]++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for subject, n := range holders {
		if n != 1 {
			t.Errorf("%s has %d holders", subject, n)
		}
	}
	if len(holders) != 500 {
		t.Errorf("%d of 500 are held", len(holders))
	}
}

func noTimer(t *testing.T, s *Store) {
	for n, member := range []string{"", "x", "a|b|c", "slack:T|%zz", "|x", "slack:T|%41", "slack:T|%7c", "|"} {
		key := dueKey(lane{conversation.CheckInTimer, n % shards})
		if err := keeper(t, s).ZAdd(t.Context(), key, redis.Z{Score: 1000, Member: member}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	arm(t, s, timer("U1", monday))
	claimOne(t, s, monday)
	if due, _ := claim(t, s, monday.Add(30*time.Second), 10); len(due) != 0 {
		t.Errorf("came back: %v", due)
	}
	for n := range shards {
		all := keeper(t, s).ZRange(t.Context(), dueKey(lane{conversation.CheckInTimer, n}), 0, -1).Val()
		for _, member := range all {
			if _, err := parseMember(conversation.CheckInTimer, member); err != nil {
				t.Errorf("still there: %q", member)
			}
		}
	}
}

// Lanes do not meet: the same subject in each is a timer of its own, and a kind nobody asks for stays.
func lanes(t *testing.T, s *Store) {
	tomorrows := conversation.Timer{Workspace: team, Kind: "tomorrows", Subject: "U1", At: monday}
	arm(t, s, timer("U1", monday.Add(time.Hour)), tomorrows)
	if due, next := claim(t, s, monday, 10); len(due) != 0 || !next.Equal(monday.Add(time.Hour)) {
		t.Errorf("of another lane: %v, next %v", due, next)
	}
	for want, kinds := range map[time.Time][]conversation.TimerKind{
		monday:                {conversation.CheckInTimer, "tomorrows"},
		monday.Add(time.Hour): {conversation.CheckInTimer, conversation.DigestTimer},
		{}:                    {conversation.DigestTimer},
	} {
		if next, err := s.NextDue(t.Context(), kinds...); err != nil || !next.Equal(want) {
			t.Errorf("next of %q is %v (%v), not %v", kinds, next, err, want)
		}
	}
	claimed, _, err := s.Claim(t.Context(), "tomorrows", monday, time.Minute, 10)
	if err != nil || len(claimed) != 1 || claimed[0].Timer != tomorrows {
		t.Errorf("claimed %v (%v)", claimed, err)
	}
}

// tooMany arms, claims and finishes more at once than one script takes.
func tooMany(t *testing.T, s *Store) {
	const many = shards*perScript + 500
	var timers []conversation.Timer
	for n := range many {
		timers = append(timers, timer(fmt.Sprint("U", n), monday))
	}
	arm(t, s, append(timers, timers...)...)
	claimed, next := claim(t, s, monday, 2*many)
	if len(claimed) != many || !next.Equal(monday.Add(time.Minute)) {
		t.Fatalf("claimed %d of %d, next %v", len(claimed), many, next)
	}
	var finished []conversation.Finished
	for n, c := range claimed {
		f := conversation.Finished{Claimed: c}
		switch n % 4 {
		case 1:
			f.Next = monday.Add(time.Hour)
		case 2:
			f.Lease++ // not theirs
		}
		finished = append(finished, f)
	}
	kept, err := s.Finish(t.Context(), finished...)
	if err != nil {
		t.Fatal(err)
	}
	for n, k := range kept {
		if k != (n%4 != 2) {
			t.Fatalf("finishing the %dth of four gave %v", n%4, k)
		}
	}
	if left, _ := claim(t, s, monday.Add(time.Hour), many); len(left) != many/2 {
		t.Errorf("%d of %d are left, not half", len(left), many)
	}
}

func wakes(t *testing.T, s *Store) {
	other := replica(t, s)
	type word struct {
		kind conversation.TimerKind
		at   time.Time
	}
	heard := make(chan word, 10)
	ctx, end := context.WithCancel(t.Context())
	over := make(chan error)
	go func() {
		over <- other.Listen(ctx, func(kind conversation.TimerKind, at time.Time) { heard <- word{kind, at} })
	}()
	hears := func(why string, want word) {
		t.Helper()
		patience := time.After(5 * time.Second)
		for {
			select {
			case got := <-heard:
				if got == want {
					return
				} // else told by the test before: the nodes of a Cluster pass it on when they can
			case <-patience:
				t.Fatalf("did not hear of %v %s", want, why)
			}
		}
	}
	hears("when listening began", word{})
	arm(t, s, timer("U1", monday.Add(time.Hour)))
	hears("by the first timer", word{conversation.CheckInTimer, monday.Add(time.Hour)})
	arm(t, s, timer("U1", monday.Add(2*time.Hour)))
	arm(t, s, timer("U1", monday))
	hears("by an earlier time", word{conversation.CheckInTimer, monday})
	if !finish(t, s, claimOne(t, s, monday), monday.Add(time.Minute)) {
		t.Fatal("not finished")
	}
	hears("by arming again", word{conversation.CheckInTimer, monday.Add(time.Minute)})
	end()
	if err := <-over; !errors.Is(err, context.Canceled) {
		t.Errorf("listening ended with %v", err)
	}
}

// listenTo listens until ctx ends.
func listenTo(ctx context.Context, s *Store) (heard chan conversation.TimerKind, over chan error) {
	heard, over = make(chan conversation.TimerKind, 10), make(chan error, 1)
	go func() {
		over <- s.Listen(ctx, func(kind conversation.TimerKind, _ time.Time) { heard <- kind })
	}()
	return heard, over
}

// forgotten: a server may forget scripts at any time, one of several of them too.
func forgotten(t *testing.T, s *Store) {
	for n := range 3 {
		if err := keeper(t, s).ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		var timers []conversation.Timer
		for i := range 50 {
			timers = append(timers, timer(fmt.Sprint("U", i), monday))
		}
		arm(t, s, timers...)
		claimed, _ := claim(t, s, monday, 100)
		if len(claimed) != 50 {
			t.Fatalf("round %d: %d of 50 claimed", n, len(claimed))
		}
		for _, c := range claimed {
			if !finish(t, s, c, time.Time{}) {
				t.Fatalf("round %d: not finished", n)
			}
		}
	}
}

// dueModel runs random acts on the store and on a model of one map; after each they must agree.
func dueModel(t *testing.T, s *Store) {
	k := keeper(t, s)
	rapid.Check(t, func(rt *rapid.T) {
		for n := range shards {
			if err := k.Del(t.Context(), dueKey(lane{conversation.CheckInTimer, n})).Err(); err != nil {
				rt.Fatal(err)
			}
		}
		m := &model{t: t, s: s, now: monday.UnixMilli(), at: map[string]*entry{}}
		rt.Repeat(map[string]func(*rapid.T){
			"arm":    m.arm,
			"claim":  m.claim,
			"finish": m.finish,
			"crash":  m.crash,
			"wait":   func(rt *rapid.T) { m.now += rapid.Int64Range(0, 40).Draw(rt, "ms") },
		})
	})
}

// model is what the due set should be. A worker's lease is a number of its own, not a score.
type model struct {
	t     *testing.T
	s     *Store
	now   int64
	at    map[string]*entry
	next  int // number of the next lease
	works []work
}

type entry struct {
	at      int64 // milliseconds
	holder  int   // 0: it waits
	held    bool
	touched bool // armed meanwhile for later than the lease
}

// work is a lease that some worker believes to have.
type work struct {
	claimed conversation.Claimed
	lease   int
}

func milli(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func (m *model) arm(rt *rapid.T) {
	subject := rapid.SampledFrom([]string{"U1", "U2", "U3", "U4", "a|b", "}{"}).Draw(rt, "subject")
	at := m.now + rapid.Int64Range(-20, 100).Draw(rt, "in")
	if err := m.s.Arm(m.t.Context(), timer(subject, milli(at))); err != nil {
		rt.Fatal(err)
	}
	e := m.at[subject]
	switch {
	case e == nil:
		m.at[subject] = &entry{at: at}
	case at < e.at, e.held && at == e.at:
		*e = entry{at: at}
	case e.held:
		e.touched = true
	}
}

func (m *model) claim(rt *rapid.T) {
	limit := rapid.IntRange(0, 8).Draw(rt, "limit")
	lease := rapid.Int64Range(1, 50).Draw(rt, "lease")
	claimed, next, err := m.s.Claim(m.t.Context(), conversation.CheckInTimer, milli(m.now), time.Duration(lease)*time.Millisecond, limit)
	if err != nil {
		rt.Fatal(err)
	}
	due := 0
	for _, e := range m.at {
		if e.at <= m.now {
			due++
		}
	}
	if len(claimed) != min(due, limit) {
		rt.Fatalf("%d claimed of %d due, at most %d", len(claimed), due, limit)
	}
	for _, c := range claimed {
		e := m.at[c.Subject]
		if e == nil || e.at > m.now || !c.At.Equal(milli(e.at)) {
			rt.Fatalf("claimed %+v, which should be %+v at %d", c, e, m.now)
		}
		m.next++
		*e = entry{at: m.now + lease, holder: m.next, held: true}
		m.works = append(m.works, work{c, m.next})
	}
	want := m.earliest()
	if limit > 0 && len(claimed) == limit {
		want = milli(m.now)
	}
	if !next.Equal(want) {
		rt.Fatalf("next is %v, not %v", next, want)
	}
}

func (m *model) earliest() (first time.Time) {
	for _, e := range m.at {
		if at := milli(e.at); first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first
}

func (m *model) finish(rt *rapid.T) {
	if len(m.works) == 0 {
		rt.Skip("nobody works")
	}
	var batch []conversation.Finished
	var ends []work
	seen := map[string]bool{}
	for range rapid.IntRange(1, 4).Draw(rt, "timers") {
		w, taken := m.draw(rt)
		if seen[w.claimed.Subject] || !taken {
			continue
		}
		seen[w.claimed.Subject] = true
		f := conversation.Finished{Claimed: w.claimed}
		if rapid.Bool().Draw(rt, "again") {
			f.Next = milli(m.now + rapid.Int64Range(-5, 100).Draw(rt, "in"))
		}
		batch, ends = append(batch, f), append(ends, w)
	}
	if len(batch) == 0 {
		rt.Skip("nobody works")
	}
	first := slices.MinFunc(batch, func(a, b conversation.Finished) int { return a.At.Compare(b.At) }).At.UnixMilli()
	kept, err := m.s.Finish(m.t.Context(), batch...)
	if err != nil {
		rt.Fatal(err)
	}
	for n, f := range batch {
		m.finished(rt, ends[n], f.Next, first, kept[n])
	}
}

func (m *model) finished(rt *rapid.T, w work, next time.Time, due int64, done bool) {
	e := m.at[w.claimed.Subject]
	holds := e != nil && e.holder == w.lease && !e.touched
	if done != holds {
		rt.Fatalf("finishing gave %v, and the lease was theirs: %v", done, holds)
	}
	switch {
	case e != nil && e.holder == w.lease && e.touched:
		*e = entry{at: due}
	case !holds:
	case next.IsZero():
		delete(m.at, w.claimed.Subject)
	default:
		*e = entry{at: next.UnixMilli()}
	}
}

// draw takes a worker out.
func (m *model) draw(rt *rapid.T) (work, bool) {
	if len(m.works) == 0 {
		return work{}, false
	}
	n := rapid.IntRange(0, len(m.works)-1).Draw(rt, "worker")
	w := m.works[n]
	m.works = slices.Delete(m.works, n, n+1)
	return w, true
}

// crash loses a worker; the store is told nothing.
func (m *model) crash(rt *rapid.T) {
	if _, taken := m.draw(rt); !taken {
		rt.Skip("nobody works")
	}
}
