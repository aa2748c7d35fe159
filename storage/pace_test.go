//go:build unix

package storage

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/storage/storagetest"

	"pgregory.net/rapid"
)

// TestPace holds every kind of store to what pacing promises.
func TestPace(t *testing.T) {
	suite := []struct {
		name string
		test func(*testing.T, *Store)
	}{
		{"a burst, then one at a time", burstThenOne},
		{"a thousand at once ask about three times each, and waste nothing", longLine},
		{"urgent messages go before the bulk", urgentFirst},
		{"what the platform refused closes the bucket for all", shutForAll},
		{"a full conversation holds up nobody else, and keeps its order", ownBucket},
		{"nobody waits for those who never come back", nobodyReturns},
		{"everybody is late", allLate},
		{"a look-up borrows at most a second", borrowing},
		{"workspaces do not meet", pacesApart},
		{"a moved clock closes nothing", movedClock},
		{"what cannot be paced is refused", unpaceable},
		{"no window ever holds too many", neverTooMany},
	}
	all := func(t *testing.T, url string) {
		for _, c := range suite {
			t.Run(c.name, func(t *testing.T) { c.test(t, emptyStore(t, url)) })
		}
	}
	storagetest.Backends(t, all)
	t.Run("user with the least rights", func(t *testing.T) { all(t, storagetest.User(t, strings.Fields(Rights)...)) })
}

// fifty is fifty a second, strictly.
var fifty = conversation.Bucket{Name: "requests", Limits: []conversation.Limit{conversation.Within(50, time.Second, 1)}}

// chat is the narrow bucket of one conversation.
func chat(name string) conversation.Bucket {
	return conversation.Bucket{Name: "chat " + name, Limits: []conversation.Limit{{Every: time.Second, Burst: 2}}}
}

func bulk(key string, own ...conversation.Bucket) conversation.Ask {
	return conversation.Ask{Key: key, Toll: conversation.Toll{Shared: fifty, Own: own}}
}

func urgent(key string, own ...conversation.Bucket) conversation.Ask {
	a := bulk(key, own...)
	a.Urgent = true
	return a
}

func takeAt(t testing.TB, s *Store, now time.Time, asks ...conversation.Ask) []time.Time {
	t.Helper()
	turns, err := s.Take(t.Context(), team, now, asks...)
	if err != nil {
		t.Fatal(err)
	}
	return turns
}

// crowd is messages that ask, and ask again when they are told to.
type crowd struct {
	t     testing.TB
	s     *Store
	now   time.Time
	wants map[time.Time][]conversation.Ask
	asked int
	sent  map[string]time.Duration // since monday
	order []string
	late  func() time.Duration // how late somebody comes; nil: never
	mix   *rand.Rand           // shuffles who comes at one instant; nil: nobody does
}

func newCrowd(t testing.TB, s *Store) *crowd {
	return &crowd{t: t, s: s, now: monday, wants: map[time.Time][]conversation.Ask{}, sent: map[string]time.Duration{}}
}

func (c *crowd) come(at time.Time, asks ...conversation.Ask) {
	c.wants[at] = append(c.wants[at], asks...)
}

// run lets everybody come who comes before the end.
func (c *crowd) run(end time.Time) {
	c.t.Helper()
	for {
		next := end
		for at := range c.wants {
			if at.Before(next) {
				next = at
			}
		}
		if !next.Before(end) {
			return
		}
		asks := c.wants[next]
		delete(c.wants, next)
		if c.mix != nil {
			c.mix.Shuffle(len(asks), func(i, j int) { asks[i], asks[j] = asks[j], asks[i] })
		}
		c.now = next
		c.asked += len(asks)
		for n, at := range takeAt(c.t, c.s, c.now, asks...) {
			switch {
			case at.IsZero():
				c.sent[asks[n].Key] = c.now.Sub(monday)
				c.order = append(c.order, asks[n].Key)
			case at.Before(c.now):
				c.t.Fatalf("%s is told to come again in the past", asks[n].Key)
			default:
				at = at.Add(time.Millisecond - 1).Truncate(time.Millisecond) // as the due set does
				if c.late != nil {
					at = at.Add(c.late())
				}
				c.come(at, asks[n])
			}
		}
	}
}

func burstThenOne(t *testing.T, s *Store) {
	conv := conversation.Bucket{Name: "C1", Limits: []conversation.Limit{{Every: time.Second, Burst: 3}}}
	for n := range 3 {
		if at := takeAt(t, s, monday, conversation.Ask{Key: fmt.Sprint(n), Toll: conversation.Toll{Shared: conv}})[0]; !at.IsZero() {
			t.Errorf("message %d of a burst waits until %v", n, at)
		}
	}
	again := conversation.Ask{Key: "4", Toll: conversation.Toll{Shared: conv}}
	if at := takeAt(t, s, monday, again)[0]; !at.Equal(monday.Add(time.Second)) {
		t.Errorf("the next waits until %v", at)
	}
	if at := takeAt(t, s, monday.Add(500*time.Millisecond), again)[0]; !at.Equal(monday.Add(time.Second)) {
		t.Errorf("asked too early, it waits until %v", at)
	}
	if at := takeAt(t, s, monday.Add(time.Second), again)[0]; !at.IsZero() {
		t.Errorf("at its turn it waits until %v", at)
	}
}

func longLine(t *testing.T, s *Store) {
	c := newCrowd(t, s)
	const people = 1000
	for n := range people {
		c.come(monday, bulk(fmt.Sprint("m", n)))
	}
	c.run(monday.Add(time.Hour))
	if len(c.sent) != people || c.asked > 3*people {
		t.Fatalf("%d sent, %d asked", len(c.sent), c.asked)
	}
	if last := c.sent[c.order[people-1]]; last > people*20*time.Millisecond {
		t.Errorf("the last goes after %v: some of the allowance was wasted", last)
	}
}

func urgentFirst(t *testing.T, s *Store) {
	c := newCrowd(t, s)
	for n := range 1000 {
		c.come(monday, bulk(fmt.Sprint("m", n)))
	}
	r := rand.New(rand.NewPCG(1, 2))
	came := map[string]time.Duration{}
	for n := range 60 {
		at, key := time.Duration(r.IntN(15000))*time.Millisecond, fmt.Sprint("u", n)
		came[key] = at
		c.come(monday.Add(at), urgent(key))
	}
	c.run(monday.Add(time.Hour))
	for key, at := range came {
		if waited := c.sent[key] - at; waited > paceHorizon+100*time.Millisecond {
			t.Errorf("%s, which came at %v, waited %v", key, at, waited)
		}
	}
	if last := c.sent[c.order[1059]]; last > 1060*20*time.Millisecond {
		t.Errorf("the last goes after %v", last)
	}
}

func shutForAll(t *testing.T, s *Store) {
	c := newCrowd(t, s)
	for n := range 500 {
		c.come(monday, bulk(fmt.Sprint("m", n)))
	}
	c.run(monday.Add(2 * time.Second))
	before := len(c.sent)
	until := monday.Add(32 * time.Second)
	if err := replica(t, s).Shut(t.Context(), team, monday.Add(2*time.Second), until, "requests"); err != nil {
		t.Fatal(err)
	}
	if err := s.Shut(t.Context(), team, monday.Add(2*time.Second), until.Add(-time.Second), "requests", "unheard of"); err != nil {
		t.Fatal(err)
	}
	c.run(until)
	if len(c.sent) != before {
		t.Errorf("%d were sent into the silence", len(c.sent)-before)
	}
	c.run(monday.Add(time.Hour))
	if last := c.sent[c.order[499]]; len(c.sent) != 500 || last > 42500*time.Millisecond || c.asked > 4*500 {
		t.Errorf("%d sent, the last after %v, %d asked", len(c.sent), last, c.asked)
	}
}

func ownBucket(t *testing.T, s *Store) {
	c := newCrowd(t, s)
	c.mix = rand.New(rand.NewPCG(5, 6))
	parts := []string{}
	for n := range 10 {
		parts = append(parts, fmt.Sprint("part", n))
		c.come(monday.Add(time.Duration(n)*time.Millisecond), bulk(parts[n], chat("C1")))
	}
	for n := range 200 {
		c.come(monday.Add(10*time.Millisecond), bulk(fmt.Sprint("m", n), chat(fmt.Sprint("D", n))))
	}
	c.run(monday.Add(time.Hour))
	for n, key := range parts {
		if want := max(0, time.Duration(n-1)*time.Second); c.sent[key] < want || c.sent[key] > want+time.Second {
			t.Errorf("%s goes after %v", key, c.sent[key])
		}
	}
	if got := slices.DeleteFunc(slices.Clone(c.order), func(k string) bool { return k[0] == 'm' }); !slices.Equal(got, parts) {
		t.Errorf("the parts come as %v", got)
	}
	last := time.Duration(0)
	for n := range 200 {
		last = max(last, c.sent[fmt.Sprint("m", n)])
	}
	if last > 210*20*time.Millisecond {
		t.Errorf("the others wait %v for one conversation", last)
	}
}

func nobodyReturns(t *testing.T, s *Store) {
	c := newCrowd(t, s)
	for n := range 300 {
		takeAt(t, s, monday, bulk(fmt.Sprint("ghost", n)))
	}
	for n := range 100 {
		c.come(monday, bulk(fmt.Sprint("m", n)))
	}
	c.run(monday.Add(time.Hour))
	if last := c.sent[c.order[99]]; last > 400*20*time.Millisecond {
		t.Errorf("the last goes after %v", last)
	}
	for range 5 { // some ghosts leave with each who asks

		takeAt(t, s, monday.Add(time.Hour), bulk("later"))
	}
	for _, key := range []string{"line:requests", "back:requests"} {
		if n := s.client.ZCard(t.Context(), "gk:{slack:T012}:pace:"+key).Val(); n > 1 {
			t.Errorf("%d are remembered in %s", n, key)
		}
	}
}

// A stop of all processes makes everybody late, and nobody may be served twice or the platform be flooded for it.
func allLate(t *testing.T, s *Store) {
	c := newCrowd(t, s)
	r := rand.New(rand.NewPCG(3, 4))
	c.late = func() time.Duration { return time.Duration(r.IntN(200)) * time.Millisecond }
	for n := range 1000 {
		c.come(monday, bulk(fmt.Sprint("m", n)))
	}
	c.run(monday.Add(5 * time.Second))
	rest := []conversation.Ask{}
	for _, asks := range c.wants {
		rest = append(rest, asks...)
	}
	clear(c.wants)
	c.come(monday.Add(5*time.Minute), rest...)
	c.asked = 0
	c.run(monday.Add(time.Hour))
	last := c.sent[c.order[len(c.order)-1]] - 5*time.Minute
	if len(c.sent) != 1000 || last > time.Duration(len(rest))*20*time.Millisecond+time.Second || c.asked > 4*len(rest) {
		t.Errorf("%d sent, the last %v after all came back, %d of %d asked", len(c.sent), last, c.asked, len(rest))
	}
}

func borrowing(t *testing.T, s *Store) {
	spent := 0
	for range 200 {
		if at, err := s.Spend(t.Context(), team, monday, conversation.Toll{Shared: fifty}); err != nil {
			t.Fatal(err)
		} else if at.IsZero() {
			spent++
		}
	}
	if spent != 51 {
		t.Errorf("%d calls at once", spent)
	}
	if at := takeAt(t, s, monday, bulk("m"))[0]; at.Before(monday.Add(500 * time.Millisecond)) {
		t.Errorf("a message is told to come at %v, as if nothing had been borrowed", at)
	}
}

func pacesApart(t *testing.T, s *Store) {
	for n := range 100 {
		takeAt(t, s, monday, bulk(fmt.Sprint("m", n)))
	}
	turns, err := s.Take(t.Context(), "slack:T999", monday, bulk("m1"))
	if err != nil || !turns[0].IsZero() {
		t.Errorf("another workspace waits until %v, %v", turns, err)
	}
}

func movedClock(t *testing.T, s *Store) {
	future := monday.Add(1000 * time.Hour)
	for n := range 100 {
		takeAt(t, s, future, bulk(fmt.Sprint("m", n)))
	}
	if err := s.Shut(t.Context(), team, future, future.Add(time.Hour), "requests"); err != nil {
		t.Fatal(err)
	}
	c := newCrowd(t, s)
	for n := range 10 {
		c.come(monday, bulk(fmt.Sprint("m", n)))
	}
	c.run(monday.Add(3 * time.Minute))
	if len(c.sent) != 10 {
		t.Errorf("%d of 10 are sent within three minutes after the clock was moved back", len(c.sent))
	}
}

func unpaceable(t *testing.T, s *Store) {
	none, odd := bulk("m"), bulk("m")
	none.Shared.Limits = nil
	odd.Shared.Limits = []conversation.Limit{{Every: -1, Burst: 1}}
	for _, a := range []conversation.Ask{none, odd, bulk(string(make([]byte, maxID+1)))} {
		if _, err := s.Take(t.Context(), team, monday, a); err == nil {
			t.Errorf("took %.80v", a)
		}
	}
	if turns, err := s.Take(t.Context(), team, monday); err != nil || len(turns) != 0 {
		t.Errorf("nothing was asked: %v, %v", turns, err)
	}
}

// neverTooMany lets random crowds come to two replicas at random times, and counts every window.
func neverTooMany(t *testing.T, s *Store) {
	other, run := replica(t, s), 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		n := rapid.IntRange(2, 12).Draw(rt, "calls")
		per := time.Duration(rapid.IntRange(100, 3000).Draw(rt, "ms")) * time.Millisecond
		limit := conversation.Within(n, per, rapid.IntRange(1, n).Draw(rt, "burst"))
		shared := conversation.Bucket{Name: fmt.Sprint("b", run), Limits: []conversation.Limit{limit}}
		c := newCrowd(t, s)
		for k := range rapid.IntRange(1, 60).Draw(rt, "messages") {
			a := conversation.Ask{Key: fmt.Sprint(k), Urgent: rapid.Bool().Draw(rt, "urgent"), Toll: conversation.Toll{Shared: shared}}
			if rapid.IntRange(0, 3).Draw(rt, "narrow") == 0 {
				a.Own = []conversation.Bucket{{Name: fmt.Sprint("o", run), Limits: []conversation.Limit{{Every: per, Burst: 1}}}}
			}
			c.come(monday.Add(time.Duration(rapid.IntRange(0, 5000).Draw(rt, "at"))*time.Millisecond), a)
		}
		c.s = []*Store{s, other}[run%2]
		c.run(monday.Add(time.Hour))
		var times []time.Duration
		for _, at := range c.sent {
			times = append(times, at)
		}
		slices.Sort(times)
		for i := range times {
			if i+n < len(times) && times[i+n]-times[i] < per {
				rt.Fatalf("%d calls within %v, %d are allowed in %v: %v", n+1, times[i+n]-times[i], n, per, times)
			}
		}
		if len(c.wants) > 0 {
			rt.Fatalf("%d are still waiting after an hour", len(c.wants))
		}
	})
}
