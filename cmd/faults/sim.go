package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"golang.org/x/sync/errgroup"

	"goalkeeper/conversation"
	"goalkeeper/storage"
)

// Plan is what to run.
type Plan struct {
	Seed        uint64
	Occurrences int       // prompts, reminders and digests that were due, at least
	Store       string    // embedded://, redis, sentinel, cluster, or an address
	People      int       // 0: as many as fit the occurrences
	Rate        float64   // the chance of a fault at a point
	Answering   float64   // the share of prompts that people do something about; 0: eight of ten
	Start       time.Time // when the story begins
	Log         *slog.Logger
	For         time.Duration // begins no further week after so long; 0: for ever
	Progress    io.Writer     // hears of every week; may be nil
	// wrong lets a test break the product on purpose, so that the checks can be seen to fail.
	wrong func([]redis.Cmder) bool
	blind bool   // the platform finds nothing: the same
	finds string // ends with the first failure of this kind
}

// sim is one run: replicas on one store, people, a platform and a clock, all driven one step after the other.
type sim struct {
	Plan
	ctx      context.Context
	log      *slog.Logger
	rng      *rand.Rand
	clock    *clock
	inject   *injector
	trace    *trace
	platform *platform
	report   *report
	store    *backend
	own      *storage.Store // the suite's own look, never cut

	replicas []*incarnation
	births   int
	subject  string // what is being done, for the injector
	hanging  bool
	late     []late
	crawling bool // the next change arrives minutes late
	outages  []span
	storeOff time.Time // the store is away until then

	people     map[address]*person
	everybody  []*person
	rooms      []*room
	aims       map[address]*aim
	queue      []*act
	acts       int
	deliveries int
	week       int
	garbage    map[string]int // keys that would expire, by the week in which they were first seen
	stuck      int
}

// span is a time in which something was away.
type span struct{ from, to time.Time }

// RunAll plays as many worlds at once, with seeds of their own, which share the occurrences between them.
func RunAll(ctx context.Context, p Plan, worlds int) (*report, error) {
	group, ctx := errgroup.WithContext(ctx)
	reports := make([]*report, worlds)
	for n := range worlds {
		one := p
		one.Seed, one.Occurrences = p.Seed+uint64(n), (p.Occurrences+worlds-1)/worlds
		group.Go(func() (err error) {
			reports[n], err = Run(ctx, one)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, other := range reports[1:] {
		reports[0].add(other)
	}
	return reports[0], nil
}

// Run plays the whole story and checks it. Its error is about the suite, never about what it found.
func Run(ctx context.Context, p Plan) (*report, error) {
	s, err := prepare(ctx, p)
	if err != nil {
		return nil, err
	}
	defer s.leave()
	if err := s.castAll(s.People); err != nil {
		return nil, err
	}
	for s.report.occurrences() < s.Occurrences && !s.report.enough() && (s.For == 0 || time.Since(s.report.began) < s.For) {
		s.aWeek()
		if p.Progress != nil {
			fmt.Fprintf(p.Progress, "seed %d, week %d: %d occurrences in %s\n", s.Seed, s.week, s.report.occurrences(), time.Since(s.report.began).Round(time.Second))
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if !s.report.enough() {
		s.finish()
	}
	return s.report, nil
}

func prepare(ctx context.Context, p Plan) (*sim, error) {
	if p.Start.IsZero() {
		p.Start = time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC)
	}
	if p.People == 0 {
		p.People = max(20, min(600, p.Occurrences/60))
	}
	if p.Answering == 0 {
		p.Answering = 0.8
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	s := &sim{
		Plan: p, ctx: ctx, log: p.Log, rng: rand.New(rand.NewPCG(p.Seed, 4)), clock: &clock{}, inject: newInjector(p.Seed, p.Rate),
		trace: &trace{}, people: map[address]*person{}, aims: map[address]*aim{}, garbage: map[string]int{},
	}
	s.clock.To(p.Start.Add(67 * time.Second)) // no occurrence falls on it
	s.platform = &platform{sim: s, shown: map[address]*shown{}}
	s.report = newReport(p)
	var err error
	if s.store, err = openBackend(ctx, p.Store); err != nil {
		return nil, err
	}
	s.report.storeVersion = s.store.version
	s.own = s.store.first
	for seat := range 3 {
		s.replicas = append(s.replicas, s.enter(seat+1))
	}
	return s, nil
}

func (s *sim) leave() {
	for _, r := range s.replicas {
		_ = r.Store.Close()
	}
	s.store.leave()
}

// storeDown says that the store is away for everybody.
func (s *sim) storeDown() bool { return s.clock.Now().Before(s.storeOff) }

// aWeek lets a week pass with all its trouble, then lets the dust settle and checks everything.
func (s *sim) aWeek() {
	s.week++
	s.report.weeks++
	s.inject.begin(s.week)
	s.trouble()
	s.inject.switchTo(true)
	s.until(s.Start.AddDate(0, 0, 7*s.week))
	s.inject.switchTo(false)
	s.repair()
	s.until(s.clock.High().Add(dust))
	s.check()
	s.collect()
}

// dust is how long it takes without faults until nothing is under way any more, but for what a platform asked to wait.
const dust = 30 * time.Minute

// finish lets everything come to its end without faults, and checks it once more, to the last check-in.
func (s *sim) finish() {
	s.repair()
	s.until(s.clock.High().AddDate(0, 0, 4))
	s.checkAll()
	s.report.done(s.inject)
}

// until moves the clock from one thing to be done to the next.
func (s *sim) until(end time.Time) {
	for s.clock.High().Before(end) && !s.report.enough() && s.ctx.Err() == nil {
		s.turn(end)
	}
}

// turn does all that is due, and moves the clock on.
func (s *sim) turn(end time.Time) {
	for len(s.queue) > 0 && !s.queue[0].at.After(s.clock.High()) {
		a := s.queue[0]
		s.queue = s.queue[1:]
		s.do(a)
	}
	quiet := s.settle(s.someReplica(nil))
	next := s.next(end)
	switch now := s.clock.Now(); {
	case next.After(now):
		s.moveTo(next)
		s.stuck = 0
	case quiet:
		s.moveTo(s.clock.Now().Add(time.Second))
	default:
		if s.stuck++; s.stuck%20 == 0 {
			s.moveTo(s.clock.Now().Add(time.Second))
		}
	}
}

// moveTo moves the clock on. What is on its way to the store arrives before.
func (s *sim) moveTo(t time.Time) {
	s.lateOnes(t)
	s.clock.To(t)
}

// next is when something is to be done next.
func (s *sim) next(end time.Time) time.Time {
	next := end
	if len(s.queue) > 0 && s.queue[0].at.Before(next) {
		next = s.queue[0].at
	}
	if s.storeDown() {
		return earlier(next, s.clock.Now().Add(time.Minute))
	}
	due, err := s.own.NextDue(s.ctx, conversation.TimerKinds...)
	if err != nil {
		return earlier(next, s.clock.Now().Add(time.Second))
	}
	if !due.IsZero() {
		next = earlier(next, due)
	}
	return next
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// fail notes what must not be, with the steps that led to it.
func (s *sim) fail(kind, about, format string, args ...any) {
	words := strings.Fields(about)
	text := fmt.Sprintf("seed %d, week %d, %s: %s: %s", s.Seed, s.week, kind, about, fmt.Sprintf(format, args...))
	s.report.failed(kind, text, s.trace.around(60, words...))
}

func (m *shown) String() string { return m.address.String() }

func (a address) String() string { return string(a.ws) + " " + a.key }

func (s *sim) doubled(at address) {
	s.fail("doubled", at.String(), "the platform got it a second time")
}
