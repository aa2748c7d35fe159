package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// The names of the series.
const (
	residentName    = "resident memory"
	heapName        = "heap in use"
	goroutinesName  = "goroutines"
	descriptorsName = "open descriptors"
	connectionsName = "connections"
	memoryName      = "Redis: memory"
	logName         = "Redis: memory of the logs of check-ins"
	besideName      = "Redis: memory without them"
	machineName     = "processes that run or want to, on the whole machine"
	outboxName      = "messages on their way"
	keysName        = "Redis: keys"
	clientsName     = "Redis: connections"
	requestsName    = "requests"
	failedName      = "good requests that failed"
	p50Name         = "p50"
	p99Name         = "p99"
)

func replicaName(i int) string { return fmt.Sprintf("replica %d: ", i+1) }

// series is one figure over the time of the soak.
type series struct {
	name, unit string
	levels     bool // it has to level off
	steps      bool // it may take a step at the restart
	points     []point
}

type point struct {
	at    time.Duration
	value float64
}

func (s *series) add(at time.Duration, v float64) { s.points = append(s.points, point{at, v}) }

// series makes the empty ones.
func (s *soak) series() {
	add := func(name, unit string, levels bool) {
		s.result.series = append(s.result.series, &series{name: name, unit: unit, levels: levels, steps: levels && unit == "" && name != keysName})
	}
	for i := range s.children {
		for _, each := range [][2]string{{residentName, "MB"}, {heapName, "MB"}, {goroutinesName, ""}, {descriptorsName, ""}, {connectionsName, ""}} {
			add(replicaName(i)+each[0], each[1], true)
		}
	}
	add(memoryName, "MB", false)
	add(logName, "MB", false)
	add(besideName, "MB", true)
	add(keysName, "", true)
	add(clientsName, "", true)
	add(outboxName, "", false)
	add(machineName, "", false)
	add(requestsName, "/s", false)
	add(failedName, "", false)
	add(p50Name, "ms", false)
	add(p99Name, "ms", false)
}

// most is how much higher the last quarter's median may be than the second's, for a series to have levelled off. The
// first quarter is left out: caches fill, and the first garbage is not old enough to be collected.
const most = 1.1

// mostAfter is the same for the last quarter and the third, which grow as fast. It is for what may take a step when
// one replica alone carries the load: pools keep the connections that their busiest moment needed.
const mostAfter = 1.05

// quarters are the medians of the four quarters.
func (s *series) quarters(during time.Duration) (medians [4]float64) {
	for q := range medians {
		var values []float64
		for _, p := range s.points {
			if int(4*p.at/during) == q {
				values = append(values, p.value)
			}
		}
		medians[q] = median(values)
	}
	return medians
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// level tells whether the series levels off. One without points does not.
func (s *series) level(during time.Duration) bool {
	q := s.quarters(during)
	return q[3] <= most*q[1] || s.steps && q[3] <= mostAfter*q[2]
}

// trend is a straight line through the second half: its slope an hour, and half the width of the interval that holds
// the true slope in 95 of 100 cases. Neighbouring samples are alike, so that they count as fewer, by their
// correlation with the next.
func (s *series) trend(during time.Duration) (slope, spread float64) {
	var xs, ys []float64
	for _, p := range s.points {
		if p.at >= during/2 {
			xs, ys = append(xs, p.at.Hours()), append(ys, p.value)
		}
	}
	n := float64(len(xs))
	if n < 4 {
		return math.NaN(), math.NaN()
	}
	mx, my := sum(xs)/n, sum(ys)/n
	var sxx, sxy float64
	for i := range xs {
		sxx += (xs[i] - mx) * (xs[i] - mx)
		sxy += (xs[i] - mx) * (ys[i] - my)
	}
	slope = sxy / sxx
	var squares, neighbours, last float64
	for i := range xs {
		rest := ys[i] - my - slope*(xs[i]-mx)
		squares += rest * rest
		neighbours += rest * last
		last = rest
	}
	if squares == 0 {
		return slope, 0
	}
	alike := min(max(neighbours/squares, 0), 0.95)
	effective := max(n*(1-alike)/(1+alike), 3)
	return slope, 1.96 * math.Sqrt(squares/n*n/effective/(sxx/n*n)*n/max(n-2, 1))
}

func sum(values []float64) (all float64) {
	for _, v := range values {
		all += v
	}
	return all
}

// told says the trend in words.
func (s *series) told(during time.Duration) string {
	slope, spread := s.trend(during)
	switch {
	case math.IsNaN(slope):
		return "too few samples"
	case math.Abs(slope) <= spread || slope == 0:
		return fmt.Sprintf("%+.3g ± %.2g: no trend to be told from chance", slope, spread)
	case slope < 0:
		return fmt.Sprintf("%+.3g ± %.2g: falls", slope, spread)
	}
	return fmt.Sprintf("%+.3g ± %.2g: rises", slope, spread)
}

// verdict is nil when every series that has to levels off, and no good request failed.
func (r *result) verdict() error {
	var errs []error
	for _, s := range r.series {
		if s.levels && !s.level(r.during) {
			q := s.quarters(r.during)
			errs = append(errs, fmt.Errorf("%s does not level off: a median of %.4g in the second quarter, of %.4g in the last", s.name, q[1], q[3]))
		}
	}
	if r.load.failed > 0 {
		errs = append(errs, fmt.Errorf("%d good requests failed, such as: %q", r.load.failed, r.load.why))
	}
	return errors.Join(errs...)
}
