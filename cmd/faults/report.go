package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"
)

// maxFailures ends a run that has shown enough.
const maxFailures = 10

// report is what a run found.
type report struct {
	plan         Plan
	storeVersion string
	replicas     int
	weeks        int
	began        time.Time
	took         time.Duration

	kinds        map[string]*tally
	arrivals     map[string]int // by kind of key, as the platform got them
	messages     tally          // every record of a message
	counted      map[address]bool
	answers      int // deliveries of what people did
	acknowledged int // acts that were acknowledged
	lateness     time.Duration
	lateKey      string
	faults       map[fault]int
	points       []pointReport
	odd          map[string]int
	byKind       map[string]int // failures
	failures     []string
}

// tally counts messages of a kind.
type tally struct{ wanted, sent, uncertain, failed, withdrawn, lost, late, extra int }

// pointReport is how often a point was passed, and crashed at.
type pointReport struct {
	name                  string
	passed, before, after int
}

func newReport(p Plan) *report {
	return &report{plan: p, replicas: 3, began: time.Now(), kinds: map[string]*tally{}, arrivals: map[string]int{}, counted: map[address]bool{},
		odd: map[string]int{}, byKind: map[string]int{}}
}

func (r *report) kind(k string) *tally {
	if r.kinds[k] == nil {
		r.kinds[k] = &tally{}
	}
	return r.kinds[k]
}

func (r *report) posted(key string) {
	kind, _, _ := strings.Cut(key, ":")
	r.arrivals[kind]++
}

func (r *report) expected(kind string, n int) { r.kind(kind).wanted += n }

// occurrences are the prompts, reminders and digests that were due and have been checked.
func (r *report) occurrences() int {
	n := 0
	for _, t := range r.kinds {
		n += t.wanted
	}
	return n
}

// came counts what became of a message; one that was not surely wanted counts apart.
func (r *report) came(kind string, o outcome, wanted bool) {
	t := r.kind(kind)
	switch {
	case !wanted && o != missing:
		t.extra++
	case !wanted:
	case o == sent:
		t.sent++
	case o == uncertain:
		t.uncertain++
	case o == failedForGood:
		t.failed++
	case o == withdrawn:
		t.withdrawn++
	default:
		t.lost++
	}
}

func (r *report) seen(at address) bool { return r.counted[at] }
func (r *report) forget(at address)    { delete(r.counted, at) }

func (r *report) message(at address, o outcome) {
	r.counted[at] = true
	r.messages.wanted++
	switch o {
	case sent:
		r.messages.sent++
	case uncertain:
		r.messages.uncertain++
	case failedForGood:
		r.messages.failed++
	case withdrawn:
		r.messages.withdrawn++
	}
}

const (
	onTime  = 5 * time.Minute // later than this counts as late
	bearing = 90 * time.Minute
	night   = 12 * time.Hour // what comes more than an hour late may wait for the morning
)

// late notes how late something came. What was away meanwhile excuses as much, and a night.
func (r *report) late(s *sim, key string, due, at time.Time) {
	by := at.Sub(due)
	if by > onTime {
		r.kind(kindOf(key)).late++
	}
	if by > r.lateness {
		r.lateness, r.lateKey = by, key
	}
	allowed := bearing
	for _, o := range s.outages {
		if o.from.Before(at) && o.to.After(due) {
			allowed += o.to.Sub(o.from) + night
		}
	}
	if by > allowed {
		s.fail("too late", key, "due at %s, came at %s, %s late with %s to be excused", due, at, by, allowed)
	}
}

func kindOf(key string) string {
	switch kind, _, _ := strings.Cut(key, ":"); kind {
	case "checkin":
		return "prompt"
	case "nudge":
		return "reminder"
	default:
		return kind
	}
}

func (r *report) failed(kind, text, trace string) {
	r.byKind[kind]++
	if len(r.failures) < maxFailures {
		r.failures = append(r.failures, text+"\n"+trace)
	}
}

// enough says that a run has shown what it can.
func (r *report) enough() bool {
	return len(r.failures) >= maxFailures || r.plan.finds != "" && r.byKind[r.plan.finds] > 0
}

// done takes over what the injector counted.
func (r *report) done(in *injector) {
	r.took = time.Since(r.began)
	r.faults = in.counts
	for name, n := range in.passed {
		r.points = append(r.points, pointReport{name, n, in.crashed[name][crashBefore], in.crashed[name][crashAfter]})
	}
	slices.SortFunc(r.points, func(a, b pointReport) int { return cmp.Compare(a.name, b.name) })
}

// total is how many faults there were, and how many of them were crashes.
func (r *report) total() (all, dead int) {
	for f, n := range r.faults {
		all += n
		if f == crashBefore || f == crashAfter {
			dead += n
		}
	}
	return all, dead
}

// add takes over what another world found.
func (r *report) add(o *report) {
	for k, t := range o.kinds {
		r.kind(k).add(*t)
	}
	r.messages.add(o.messages)
	for k, n := range o.byKind {
		r.byKind[k] += n
	}
	for f, n := range o.faults {
		r.faults[f] += n
	}
	for k, n := range o.odd {
		r.odd[k] += n
	}
	r.failures = append(r.failures, o.failures...)
	r.weeks, r.replicas, r.took = max(r.weeks, o.weeks), max(r.replicas, o.replicas), max(r.took, o.took)
	r.answers, r.acknowledged, r.plan.People = r.answers+o.answers, r.acknowledged+o.acknowledged, r.plan.People+o.plan.People
	if o.lateness > r.lateness {
		r.lateness, r.lateKey = o.lateness, o.lateKey
	}
	for _, p := range o.points {
		i, known := slices.BinarySearchFunc(r.points, p, func(a, b pointReport) int { return cmp.Compare(a.name, b.name) })
		if !known {
			r.points = slices.Insert(r.points, i, p)
			continue
		}
		r.points[i].passed += p.passed
		r.points[i].before += p.before
		r.points[i].after += p.after
	}
}

func (t *tally) add(o tally) {
	t.wanted, t.sent, t.uncertain, t.failed = t.wanted+o.wanted, t.sent+o.sent, t.uncertain+o.uncertain, t.failed+o.failed
	t.withdrawn += o.withdrawn
	t.lost, t.late, t.extra = t.lost+o.lost, t.late+o.late, t.extra+o.extra
}

// uncrashed are the points that were passed often and never crashed at on one side.
func (r *report) uncrashed(often int) []string {
	var names []string
	for _, p := range r.points {
		if p.passed >= often && (p.before == 0 || p.after == 0) {
			names = append(names, fmt.Sprintf("%s (passed %d times)", p.name, p.passed))
		}
	}
	return names
}

// table writes rows in columns, as Markdown or as plain text.
func table(w io.Writer, markdown bool, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	for n, row := range rows {
		line := ""
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-len(cell))
			if markdown {
				line += "| " + cell + pad + " "
			} else if i == 0 {
				line += cell + pad + "  "
			} else {
				line += pad + cell + "  "
			}
		}
		if markdown {
			line += "|"
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
		if markdown && n == 0 {
			fmt.Fprintln(w, "|---"+strings.Repeat("|--:", len(row)-1)+"|")
		}
	}
	fmt.Fprintln(w)
}

// Write tells everything.
func (r *report) Write(w io.Writer, markdown bool) {
	all, dead := r.total()
	n := func(v int) string { return fmt.Sprint(v) }
	table(w, markdown, [][]string{
		{"run", ""},
		{"seed", n(int(r.plan.Seed))},
		{"Go", runtime.Version()},
		{"store", r.plan.Store + " (" + r.storeVersion + ")"},
		{"people", n(r.plan.People)},
		{"replicas", fmt.Sprintf("2 to %d", r.replicas)},
		{"weeks", n(r.weeks)},
		{"occurrences", n(r.occurrences())},
		{"crashes", n(dead)},
		{"other faults", n(all - dead)},
		{"answers delivered", n(r.answers)},
		{"acts acknowledged", n(r.acknowledged)},
		{"most late", fmt.Sprintf("%s (%s)", r.lateness.Round(time.Second), r.lateKey)},
		{"took", r.took.Round(time.Second).String()},
	})
	rows := [][]string{{"message", "expected", "sent", "lost", "doubled", "late", "uncertain", "failed for good", "withdrawn"}}
	for _, k := range slices.Sorted(maps.Keys(r.kinds)) {
		t := r.kinds[k]
		rows = append(rows, []string{k, n(t.wanted), n(t.sent), n(t.lost), "", n(t.late), n(t.uncertain), n(t.failed), n(t.withdrawn)})
	}
	m := r.messages
	rows = append(rows, []string{"all messages", n(m.wanted), n(m.sent), n(r.byKind["lost"]), n(r.byKind["doubled"]), "", n(m.uncertain), n(m.failed), n(m.withdrawn)})
	table(w, markdown, rows)
	rows = [][]string{{"fault", "times"}}
	for _, f := range slices.Sorted(maps.Keys(r.faults)) {
		rows = append(rows, []string{string(f), n(r.faults[f])})
	}
	table(w, markdown, rows)
	rows = [][]string{{"point (found by the hook)", "passed", "crashed before", "crashed after"}}
	for _, p := range r.points {
		rows = append(rows, []string{p.name, n(p.passed), n(p.before), n(p.after)})
	}
	table(w, markdown, rows)
	for _, k := range slices.Sorted(maps.Keys(r.odd)) {
		fmt.Fprintf(w, "%s: %d\n", k, r.odd[k])
	}
	fmt.Fprintf(w, "uncertain: accepted or not, nobody can know, and not sent again. late: over an hour after its time, and it says so. "+
		"withdrawn: not posted, because its sense was gone. all messages: receipts and proposals too.\n\n")
	both := 0
	for _, p := range r.points {
		if p.before > 0 && p.after > 0 {
			both++
		}
	}
	fmt.Fprintf(w, "Points crashed at on both sides: %d of %d; the others were passed too seldom.\n", both, len(r.points))
	broken := 0
	for _, count := range r.byKind {
		broken += count
	}
	fmt.Fprintf(w, "Promises broken: %d.\n", broken)
	for _, f := range r.failures {
		fmt.Fprintf(w, "FAILED: %s\n", f)
	}
	if len(r.byKind) > 0 {
		fmt.Fprintf(w, "failures: %v\n", r.byKind)
	}
}
