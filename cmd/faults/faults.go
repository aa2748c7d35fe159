package main

import (
	"encoding/binary"
	"hash/fnv"
	"sync"
)

// fault is one thing that can go wrong at a point.
type fault string

// The faults at one point. A crash ends the process there; before means that the call took no effect, after that
// it did and nobody saw the reply.
const (
	none        fault = ""
	crashBefore fault = "crash before the effect"
	crashAfter  fault = "crash after the effect"
	cutBefore   fault = "store cut before the effect"
	cutAfter    fault = "store cut after the effect"
	twice       fault = "store command repeated by the client"
	lateEffect  fault = "store command takes effect late"
	stallBefore fault = "process stalls before the effect"
	stallAfter  fault = "process stalls after the effect"

	limited   fault = "platform answers 429"
	broken    fault = "platform answers 500"
	gateway   fault = "platform answers 502, effect taken"
	timeout   fault = "platform times out"
	lateReply fault = "platform times out, effect taken"
	garbled   fault = "platform answers broken JSON, effect taken"
	unreached fault = "platform cannot be reached"
)

// The faults that a point can meet besides crashes.
var (
	storeFaults    = []fault{cutBefore, cutAfter, twice, lateEffect, stallBefore, stallAfter}
	sendFaults     = []fault{limited, broken, gateway, timeout, lateReply, garbled, unreached, stallBefore, stallAfter}
	lookFaults     = []fault{limited, broken, timeout, unreached}
	crashes        = []fault{crashBefore, crashAfter}
	crashesAtFirst = 3   // of each kind at each point, soon after it is first met
	eager          = 0.2 // the chance of such a crash
	outside        = 4.0 // how much likelier a fault is at a call of the platform, of which there are few
)

// injector decides what goes wrong where. What happens to one subject at one point for the n-th time in a week
// depends on the seed and on nothing else, so that a failure comes again though other things are in another order.
type injector struct {
	mu      sync.Mutex
	seed    uint64
	rate    float64 // the chance of a fault at a point
	off     bool
	week    int
	seen    map[string]uint64 // how often a subject was at a point in this week
	passed  map[string]int    // how often a point was passed
	crashed map[string]map[fault]int
	counts  map[fault]int
}

func newInjector(seed uint64, rate float64) *injector {
	return &injector{seed: seed, rate: rate, off: true, seen: map[string]uint64{}, passed: map[string]int{},
		crashed: map[string]map[fault]int{}, counts: map[fault]int{}}
}

// draw is what happens to the subject at the point: one of the faults, a crash, or mostly nothing.
func (in *injector) draw(subject, point string, faults []fault) fault {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.passed[point]++
	if in.off {
		return none
	}
	where := subject + " " + point
	in.seen[where]++
	die := dice{hashOf(in.seed, uint64(in.week), where, in.seen[where])}
	f := in.pick(&die, point, faults)
	if f != none {
		in.counts[f]++
	}
	return f
}

func (in *injector) pick(die *dice, point string, faults []fault) fault {
	for _, c := range crashes {
		if in.crashed[point][c] < crashesAtFirst && die.float() < eager {
			return in.crash(point, c)
		}
	}
	rate := in.rate
	if &faults[0] != &storeFaults[0] {
		rate *= outside
	}
	if die.float() >= rate {
		return none
	}
	if die.float() < 0.5 {
		return in.crash(point, crashes[die.n(len(crashes))])
	}
	return faults[die.n(len(faults))]
}

func (in *injector) crash(point string, f fault) fault {
	if in.crashed[point] == nil {
		in.crashed[point] = map[fault]int{}
	}
	in.crashed[point][f]++
	return f
}

// switchTo turns faults on or off.
func (in *injector) switchTo(on bool) (before bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	before, in.off = !in.off, !on
	return before
}

// begin starts a week.
func (in *injector) begin(week int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.week = week
	clear(in.seen)
}

func (in *injector) note(f fault) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.counts[f]++
}

// dice is a short row of chance made of a number (SplitMix64).
type dice struct{ state uint64 }

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (d *dice) float() float64 { return float64(d.next()>>11) / (1 << 53) }
func (d *dice) n(n int) int    { return int(d.next() % uint64(n)) }

func hashOf(seed, week uint64, where string, n uint64) uint64 {
	h := fnv.New64a()
	var b [8]byte
	for _, v := range []uint64{seed, week, n} {
		binary.LittleEndian.PutUint64(b[:], v)
		h.Write(b[:])
	}
	h.Write([]byte(where))
	return h.Sum64()
}
