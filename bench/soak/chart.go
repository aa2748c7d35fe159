package main

import (
	"fmt"
	"html"
	"math"
	"strings"
	"time"
)

// panel is one of the small graphs.
type panel struct {
	title, unit string
	lines       []string // names of series
	labels      []string
}

func panels() []panel {
	both := func(title, unit, name string) panel {
		return panel{title, unit, []string{replicaName(0) + name, replicaName(1) + name}, []string{"replica 1", "replica 2"}}
	}
	return []panel{
		both("Resident memory", "MB", residentName), both("Heap in use", "MB", heapName), both("Goroutines", "", goroutinesName),
		both("Open descriptors", "", descriptorsName), both("Connections", "", connectionsName), {"Redis: connections", "", []string{clientsName}, nil},
		{"Redis: memory", "MB", []string{memoryName, besideName}, []string{"all", "without logs"}}, {"Redis: keys", "", []string{keysName}, nil},
		{"Time to answer", "ms", []string{p50Name, p99Name}, []string{"p50", "p99"}},
		{"Requests", "a second", []string{requestsName}, nil}, {"Good requests that failed", "in a sample", []string{failedName}, nil}, {"Messages on their way", "", []string{outboxName}, nil}, {"Load average of the machine", "", []string{machineName}, nil},
	}
}

// The sizes of the drawing, in its own pixels.
const (
	across                   = 3
	cellWide, cellHigh       = 320, 210
	left, right, top, bottom = 52, 14, 44, 34
	head                     = 40
)

// style follows the reader's choice of light or dark. The second line of a panel is dashed, so that no colour has to
// be told from another.
const style = `
.paper{fill:#fff} text{font:12px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#1f2328}
.head{font-size:16px;font-weight:600} .title{font-weight:600;font-size:13px} .quiet{fill:#59636e}
.grid{stroke:#d8dee4;stroke-width:1} .half{stroke:#818b98;stroke-width:1;stroke-dasharray:2 3}
.a,.b{fill:none;stroke-width:1.5;stroke-linejoin:round} .a{stroke:#0969da} .b{stroke:#bc4c00;stroke-dasharray:5 2}
@media (prefers-color-scheme:dark){.paper{fill:#0d1117} text{fill:#e6edf3} .quiet{fill:#9198a1} .grid{stroke:#30363d} .half{stroke:#7d8590}
.a{stroke:#58a6ff} .b{stroke:#f0883e}}
`

// alternative says the graph in words.
func (r *result) alternative() string {
	var off []string
	levels := 0
	for _, s := range r.series {
		if s.levels && s.level(r.during) {
			levels++
		} else if s.levels {
			off = append(off, s.name)
		}
	}
	said := fmt.Sprintf("Small graphs over %s: %d series of memory, goroutines, connections and keys level off", span(r.during), levels)
	if len(off) > 0 {
		said += "; these do not: " + strings.Join(off, ", ")
	}
	return said
}

// graph is the drawing as SVG.
func (r *result) graph() string {
	all := panels()
	wide, high := across*cellWide, head+(len(all)+across-1)/across*cellHigh
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t d">`+"\n", wide, high, wide, high)
	fmt.Fprintf(&b, "<title id=\"t\">Two replicas under load for %s</title>\n<desc id=\"d\">%s.</desc>\n<style>%s</style>\n", span(r.during), html.EscapeString(r.alternative()), style)
	fmt.Fprintf(&b, `<rect class="paper" width="%d" height="%d"/><text class="head" x="16" y="26">Two replicas under load for %s</text>`, wide, high, span(r.during))
	fmt.Fprintf(&b, `<text class="quiet" x="%d" y="26" text-anchor="end">dotted: the second replica is restarted</text>`+"\n", wide-right)
	for i, p := range all {
		r.draw(&b, p, i%across*cellWide, head+i/across*cellHigh)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (r *result) named(name string) *series {
	for _, s := range r.series {
		if s.name == name {
			return s
		}
	}
	return &series{}
}

// draw draws one panel with its corner at x and y.
func (r *result) draw(b *strings.Builder, p panel, x, y int) {
	highest := 0.0
	for _, name := range p.lines {
		for _, at := range r.named(name).points {
			highest = max(highest, at.value)
		}
	}
	tick := tickOf(highest)
	highest = math.Ceil(max(highest, tick)/tick) * tick
	w, h := float64(cellWide-left-right), float64(cellHigh-top-bottom)
	px := func(at time.Duration) float64 { return left + w*float64(at)/float64(r.during) }
	py := func(v float64) float64 { return top + h*(1-v/highest) }
	title := p.title
	if p.unit != "" {
		title += ", " + p.unit
	}
	fmt.Fprintf(b, `<g transform="translate(%d %d)" role="img"><title>%s</title><text class="title" x="%d" y="16">%s</text>`+"\n", x, y, html.EscapeString(r.inWords(p)), left-36, html.EscapeString(title))
	for v := 0.0; v <= highest*1.001; v += tick {
		fmt.Fprintf(b, `<path class="grid" d="M%d %.1fH%.1f"/><text class="quiet" x="%d" y="%.1f" text-anchor="end">%s</text>`, left, py(v), left+w, left-6, py(v)+4, axis(v))
	}
	for q := range 5 {
		at := r.during * time.Duration(q) / 4
		anchor := map[bool]string{true: "end", false: "middle"}[q == 4]
		fmt.Fprintf(b, `<text class="quiet" x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, px(at), top+h+16, anchor, moment(at, q == 4))
	}
	fmt.Fprintf(b, `<path class="half" d="M%.1f %dV%.1f"/>`+"\n", px(r.during/2), top, top+h)
	for i, name := range p.lines {
		class := string(rune('a' + i))
		fmt.Fprintf(b, `<polyline class="%s" points="%s"/>`+"\n", class, points(r.named(name).points, px, py))
		if len(p.labels) > i {
			at := left + 90*i
			fmt.Fprintf(b, `<path class="%s" d="M%d 30h20"/><text class="quiet" x="%d" y="34">%s</text>`+"\n", class, at, at+25, p.labels[i])
		}
	}
	b.WriteString("</g>\n")
}

func points(all []point, px func(time.Duration) float64, py func(float64) float64) string {
	var b strings.Builder
	for _, p := range all {
		fmt.Fprintf(&b, "%.1f,%.1f ", px(p.at), py(p.value))
	}
	return strings.TrimSpace(b.String())
}

// inWords is a panel in words: the medians of its quarters.
func (r *result) inWords(p panel) string {
	said := p.title
	for i, name := range p.lines {
		q := r.named(name).quarters(r.during)
		label := ""
		if len(p.labels) > i {
			label = " of " + p.labels[i]
		}
		said += fmt.Sprintf("; medians%s by quarter: %s, %s, %s, %s %s", label, figure(q[0]), figure(q[1]), figure(q[2]), figure(q[3]), p.unit)
	}
	return said
}

// tickOf is a round distance that lets about four lines fit below the highest value.
func tickOf(highest float64) float64 {
	if highest <= 0 {
		return 1
	}
	rough := highest / 4
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, m := range []float64{1, 2, 5, 10} {
		if m*power >= rough {
			return m * power
		}
	}
	return 10 * power
}

func axis(v float64) string {
	if v >= 1000 {
		return thousands(int(v + 0.5))
	}
	return fmt.Sprintf("%.4g", v)
}

// moment is a time on the axis; the last one has the unit.
func moment(at time.Duration, last bool) string {
	unit, each := "s", time.Second
	if at >= 2*time.Minute {
		unit, each = "min", time.Minute
	}
	said := fmt.Sprintf("%.4g", float64(at)/float64(each))
	if last {
		said += " " + unit
	}
	return said
}
