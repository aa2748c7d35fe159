package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"goalkeeper/conversation"
)

// table is the medians of each series' quarters.
func (r *result) table() string {
	var b strings.Builder
	b.WriteString("| series | unit | 1st quarter | 2nd | 3rd | 4th | slope an hour, second half | levels off |\n|---|---|---:|---:|---:|---:|---|---|\n")
	for _, s := range r.series {
		q := s.quarters(r.during)
		verdict := ""
		if s.levels {
			verdict = map[bool]string{true: "yes", false: "**no**"}[s.level(r.during)]
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", s.name, s.unit, figure(q[0]), figure(q[1]), figure(q[2]), figure(q[3]), s.told(r.during), verdict)
	}
	return b.String()
}

// figure is a number with as many digits as are worth reading.
func figure(v float64) string {
	if v >= 1000 || v == float64(int(v)) {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// page is the Markdown page.
func (r *result) page(set settings) string {
	image, err := filepath.Rel(filepath.Dir(set.markdown), set.svg)
	if err != nil {
		image = set.svg
	}
	weeks := float64(factor) * r.during.Hours() / (7 * 24)
	return fmt.Sprintf(`# A soak

Do memory, goroutines, connections and keys level off? `+"`make soak`"+` writes this page and its graph, and ends with an error if
one of them does not, or if a good request fails.

![%s](%s)

## How it was run

%s UTC, for %s, %s.

- Two replicas of the house, each a process of its own, joined as `+"`goalkeeper serve`"+` joins them, over a `+"`redis-server`"+` with an
  append-only file. Slack is a stand-in on loopback that answers at once. Everything shares the machine, other work included.
- The second replica is asked to end at half time (SIGTERM), and another starts in its place, while the load goes on over the first.
- %d people with %d goals each, in %d channels with a digest. %d acts a second, at times fixed in advance: /goal alone, list, show,
  help and update, numbers typed in the direct conversation, some of them delivered twice, double clicks on questions, goals made
  and closed by their forms; and wrong and old signatures, bodies of 2 MB, clients that never finish their request.
- The clock of the house steps: it stands at 0, 6, 12 or 18 o'clock UTC when a second begins, runs as real clocks do, and is six hours
  further when the next begins. Twenty-eight seconds are a week, the soak is %.0f weeks: check-ins, reminders and digests come
  due all the time. Within a step, leases and paces mean what they mean in earnest.
- Redis counts real time. Every three seconds the soak goes over all keys and tells each that has a time to live, once, to live
  %s times shorter, and one step longer: a claim with 30 days to live gets %s, a message that ended gets %s instead of 60 days.
  Other keys are not touched.
- A sample every %s: each replica tells of itself; its heap is what the last collection found in use.

A series levels off when the median of its last quarter is at most %.1f times the median of its second. Pools keep the connections that
their busiest moment needed, and one replica alone has such a moment at the restart; so connections, descriptors and goroutines may
take one step there: it is also enough if their last quarter's median is at most %.2f times the third's. The slope is that of a straight
line through the second half, with the interval that holds the true slope in 95 of 100 cases; neighbouring samples count as fewer
by their correlation.

## What was seen

%s
%d good requests, %d of them failed; %d requests and connections were turned away, as they should be. By act: %s.

Messages that Slack was sent: %s. Calls: %s.

Keys by kind, after the first quarter and at the end: %s. Goals stay on record when they are closed, so that kind grows with
what people do. So do the logs of check-ins, by one entry each: their memory is a line of its own above, and what has to level off is
the memory without them. Messages that were not delivered in the end: %d.

The replicas logged %d warnings.%s
`, r.alternative(), image, r.began.Format("2 January 2006, 15:04"), span(r.during), r.machine,
		r.people, goalsEach, (r.people+inChannel-1)/inChannel, r.rate, weeks,
		thousands(int(factor)), (conversation.ClaimFor/time.Duration(factor) + step).Round(time.Second), (60*24*time.Hour/time.Duration(factor) + step).Round(time.Second), r.every, most, mostAfter,
		r.table(), r.load.requests, r.load.failed, r.load.hostile, counts(r.load.kinds), counts(r.posted), counts(r.calls), r.kinds(), r.undelivered, r.warned, r.said())
}

// kinds compares the keys.
func (r *result) kinds() string {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(r.last)) {
		all = append(all, fmt.Sprintf("%s %d, %d", k, r.first[k], r.last[k]))
	}
	return strings.Join(all, "; ")
}

func counts(of map[string]int) string {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(of)) {
		all = append(all, fmt.Sprintf("%s %s", strings.TrimPrefix(k, "/"), thousands(of[k])))
	}
	return strings.Join(all, ", ")
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// said is what the replicas warned of, by the words.
func (r *result) said() string {
	if len(r.warnings) == 0 {
		return ""
	}
	return " They say: " + counts(r.warnings) + "."
}

// span is a time without the zeros of its end.
func span(d time.Duration) string {
	if d%time.Minute == 0 {
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return d.String()
}

// machineLoad is the kernel's load average of the last minute.
func machineLoad() (load float64) {
	raw, _ := os.ReadFile("/proc/loadavg")
	_, _ = fmt.Sscan(string(raw), &load)
	return load
}

// machine is what all of it ran on.
func machine() string {
	cpu := ""
	raw, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(raw)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			cpu = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("on %d cores (%s), %s", runtime.NumCPU(), cpu, runtime.Version())
}
