package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"
)

// row is one row of the table: what is measured, and how.
type row struct {
	id, metric string
	run        func(ctx context.Context, b *bench) ([]figure, error)
}

// figure is one number of a row, measured once in each round.
type figure struct {
	what    string    // "÷ decode, decide and render alone, one worker"
	unit    string    // behind the number: "", " ms", " %"
	samples []float64 // one of each round
	least   limit     // what must be reached
	aim     limit     // what is hoped for
	note    string    // what a reader needs to know to judge it
}

// limit is a bound; the zero limit asks nothing.
type limit struct {
	how   string // "≤" or "≥"
	value float64
}

func atMost(v float64) limit  { return limit{"≤", v} }
func atLeast(v float64) limit { return limit{"≥", v} }

// met reports whether a number keeps the limit.
func (l limit) met(v float64) bool {
	switch l.how {
	case "≤":
		return v <= l.value
	case "≥":
		return v >= l.value
	}
	return true
}

// result is what came of a row.
type result struct {
	row
	figures []figure
	err     error
	took    time.Duration
}

// skipped says why a row cannot be measured here; it is no failure.
type skipped struct{ why string }

func (s skipped) Error() string { return "not measured: " + s.why }

// bench is one run.
type bench struct {
	settings
	log io.Writer
	dir string // for everything that is written on the way

	monday   *mondays  // made when first needed
	answered *commands // likewise
}

func newBench(set settings, log io.Writer) (*bench, error) {
	dir, err := os.MkdirTemp("", "goalkeeper-bench-")
	return &bench{settings: set, log: log, dir: dir}, err
}

func (b *bench) close() { _ = os.RemoveAll(b.dir) }

// say tells whoever waits what goes on.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.log, format+"\n", args...) }

// size is n, or the little that a smoke run takes.
func (b *bench) size(n, smoke int) int {
	if b.smoke {
		return smoke
	}
	return n
}

// temp is a fresh folder.
func (b *bench) temp() (string, error) { return os.MkdirTemp(b.dir, "") }

// path is a file in the run's folder.
func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// measure takes the rows one after the other; one that fails does not keep the others from being measured.
func (b *bench) measure(ctx context.Context, chosen []row) []result {
	var results []result
	for _, r := range chosen {
		if ctx.Err() != nil {
			break
		}
		b.say("%s. %s", r.id, r.metric)
		began := time.Now()
		figures, err := b.attempt(ctx, r)
		took := time.Since(began)
		for _, f := range figures {
			b.say("   %s: %s", f.what, f)
		}
		if err != nil {
			b.say("   %v", err)
		}
		b.say("   (%s)", took.Round(100*time.Millisecond))
		results = append(results, result{r, figures, err, took})
	}
	return results
}

// rowWithin is how long a row may take; on an idle machine none needs half of it.
const rowWithin = 6 * time.Minute

// attempt bounds a row in time, and makes an error of its panic.
func (b *bench) attempt(ctx context.Context, r row) (figures []figure, err error) {
	ctx, cancel := context.WithTimeout(ctx, rowWithin)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return r.run(ctx, b)
}

// failures are the rows that should have been measured and were not.
func failures(results []result) error {
	var all []error
	for _, r := range results {
		var skip skipped
		if r.err != nil && !errors.As(r.err, &skip) {
			all = append(all, fmt.Errorf("row %s: %w", r.id, r.err))
		}
	}
	return errors.Join(all...)
}

// side is one of the two things that are compared. It returns what it took, in units that both share.
type side func(ctx context.Context, round int) (values, error)

// values are what one measurement gave, one or several numbers.
type values []float64

// series are the values of all rounds, by round.
type series []values

// column is one of the numbers in each round.
func (s series) column(n int) []float64 {
	out := make([]float64, len(s))
	for round, v := range s {
		out[round] = v[n]
	}
	return out
}

// interleave measures two sides in turn, A B A B …, so that what else goes on in the machine falls on both.
func (b *bench) interleave(ctx context.Context, row string, ours, theirs side) (a, z series, err error) {
	for round := range b.rounds {
		x, err := labelled(ctx, row, "goalkeeper", round, ours)
		if err != nil {
			return nil, nil, fmt.Errorf("ours, round %d: %w", round+1, err)
		}
		y, err := labelled(ctx, row, "other", round, theirs)
		if err != nil {
			return nil, nil, fmt.Errorf("the other, round %d: %w", round+1, err)
		}
		b.say("   round %d: %.4g and %.4g", round+1, x, y)
		a, z = append(a, x), append(z, y)
	}
	return a, z, nil
}

// repeat measures one side alone in each round.
func (b *bench) repeat(ctx context.Context, row string, ours side) (a series, err error) {
	for round := range b.rounds {
		x, err := labelled(ctx, row, "goalkeeper", round, ours)
		if err != nil {
			return nil, fmt.Errorf("round %d: %w", round+1, err)
		}
		b.say("   round %d: %.4g", round+1, x)
		a = append(a, x)
	}
	return a, nil
}

// labelled runs a side from a clean heap, under labels by which a profile tells it apart.
func labelled(ctx context.Context, row, name string, round int, s side) (v values, err error) {
	runtime.GC()
	pprof.Do(ctx, pprof.Labels("row", row, "side", name), func(ctx context.Context) { v, err = s(ctx, round) })
	return v, err
}

// timed is the wall time of do in seconds, and the processor's time that this process took meanwhile.
func timed(do func() error) (values, error) {
	runtime.GC()
	began, cpu := time.Now(), ownCPU()
	err := do()
	return values{time.Since(began).Seconds(), ownCPU() - cpu}, err
}

// ownCPU is the processor's time that this process has had, in seconds.
func ownCPU() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// ratios divides round by round.
func ratios(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for n := range a {
		out[n] = a[n] / b[n]
	}
	return out
}

// scaled multiplies each number.
func scaled(samples []float64, by float64) []float64 {
	out := make([]float64, len(samples))
	for n, v := range samples {
		out[n] = v * by
	}
	return out
}

// median is the middle one, or the mean of the two in the middle.
func median(samples []float64) float64 {
	s := slices.Sorted(slices.Values(samples))
	n := len(s)
	switch {
	case n == 0:
		return 0
	case n%2 == 1:
		return s[n/2]
	}
	return (s[n/2-1] + s[n/2]) / 2
}

// String is the median with its range: "1.42 (1.38–1.50)".
func (f figure) String() string {
	if len(f.samples) == 0 {
		return "–"
	}
	least, most := slices.Min(f.samples), slices.Max(f.samples)
	middle := number(median(f.samples)) + f.unit
	if number(least) == number(most) {
		return middle
	}
	return fmt.Sprintf("%s (%s–%s)", middle, number(least), number(most))
}

// number has three digits, more where they stand before the point.
func number(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v >= 100 || v <= -100:
		return grouped(fmt.Sprintf("%.0f", v))
	}
	return fmt.Sprintf("%.3g", v)
}

// grouped puts commas between thousands.
func grouped(digits string) string {
	var out strings.Builder
	for n, r := range digits {
		if left := len(digits) - n; n > 0 && left%3 == 0 && digits[n-1] != '-' {
			out.WriteByte(',')
		}
		out.WriteRune(r)
	}
	return out.String()
}
