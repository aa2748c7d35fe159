package main

import (
	"time"
)

// The troubles that last, beside the faults at single points.
const (
	jump      fault = "clock jumps forward"
	setBack   fault = "clock is set back"
	storeAway fault = "store away for a while"
	platAway  fault = "platform away for a while"
	rolling   fault = "rolling restart"
	joins     fault = "replica joins"
	leaves    fault = "replica leaves"
	crawls    fault = "store command takes effect minutes late"
	repairs   fault = "repair pass" // no trouble, but planned with it
)

// trouble plans what happens in a week.
func (s *sim) trouble() {
	die := dice{hashOf(s.Seed, uint64(s.week), "trouble", 0)}
	at := func() time.Time { return s.clock.High().Add(time.Duration(die.n(7*24*60)) * time.Minute) }
	plan := func(chance float64, f fault, do func()) {
		if die.float() < chance {
			s.plan(at(), &act{other: func() { s.strike(f, do) }})
		}
	}
	hours := func(n int) time.Duration { return time.Duration(20+die.n(60*n)) * time.Minute }
	plan(0.5, jump, func() { s.away(hours(5)); s.moveTo(s.outages[len(s.outages)-1].to) })
	for range 3 {
		plan(0.7, setBack, func() { s.clock.On(-time.Duration(1+die.n(30)) * time.Second) })
	}
	plan(0.6, storeAway, func() { s.storeOff = s.away(hours(2)) })
	plan(0.6, platAway, func() { s.platform.down = s.away(hours(3)) })
	plan(0.7, rolling, s.roll)
	plan(0.7, rolling, s.roll)
	plan(0.7, crawls, s.crawl)
	plan(0.5, joins, s.join)
	plan(0.5, leaves, s.dismiss)
	for day := range 7 { // as the house does daily
		s.plan(s.clock.High().Add(time.Duration(24*day)*time.Hour+repairTime), &act{other: s.repair})
	}
	for _, b := range s.store.breaks {
		plan(b.weekly, b.fault, func() { s.breakStore(b) })
	}
}

const repairTime = 2*time.Hour + 23*time.Minute

// repair asks for a repair pass of all workspaces, until a replica lives to say that it did.
func (s *sim) repair() {
	for range 50 {
		who := s.someReplica(nil)
		s.subject = "repair"
		err := who.Service.ArmRepairs(s.ctx)
		if who.dead() {
			s.replace(who)
		} else if err == nil {
			return
		}
	}
	s.plan(s.clock.High().Add(10*time.Minute), &act{other: s.repair})
}

// crawl lets the next change be on its way for minutes, after its client has given up. If it needs a timer, that is
// gone by then; the repair pass arms it within a day.
func (s *sim) crawl() {
	s.crawling = true
	s.outages = append(s.outages, span{s.clock.Now(), s.clock.Now().Add(25 * time.Hour)})
}

func (s *sim) strike(f fault, do func()) {
	s.trace.add(s.clock.Now(), "world", string(f), "")
	s.inject.note(f)
	do()
}

// away notes that something will be away for so long, and returns until when.
func (s *sim) away(d time.Duration) time.Time {
	until := s.clock.Now().Add(d)
	s.outages = append(s.outages, span{s.clock.Now(), until})
	return until
}

// roll replaces all replicas one by one, as an update does.
func (s *sim) roll() {
	for i := range s.replicas {
		s.replace(s.replicas[i])
		s.settle(s.replicas[i])
	}
	s.repair() // every process asks for it when it starts; here the last one does
}

const fewest, most = 2, 5 // replicas

func (s *sim) join() {
	if len(s.replicas) == most {
		return
	}
	s.replicas = append(s.replicas, s.enter(len(s.replicas)+1))
	s.report.replicas = max(s.report.replicas, len(s.replicas))
}

func (s *sim) dismiss() {
	if len(s.replicas) == fewest {
		return
	}
	who := s.replicas[len(s.replicas)-1]
	s.replicas = s.replicas[:len(s.replicas)-1]
	who.die(true)
	_ = who.Store.Close()
}

// breakStore breaks the real store, goes on meanwhile, and mends it. What a lost primary took with it, a repair finds.
func (s *sim) breakStore(b breakage) {
	if b.fault == failsOver {
		s.outages = append(s.outages, span{s.clock.Now(), s.clock.Now().Add(25 * time.Hour)})
	}
	if err := b.do(s.ctx, func() { s.work(1) }); err != nil {
		s.fail("harness", "", "%s: %v", b.fault, err)
	}
}

// work lets replicas and people go on while something is wrong.
func (s *sim) work(times int) {
	for range times {
		s.settle(s.someReplica(nil))
		if len(s.queue) > 0 && s.queue[0].person != nil {
			a := s.queue[0]
			s.queue = s.queue[1:]
			s.do(a)
		}
	}
}
