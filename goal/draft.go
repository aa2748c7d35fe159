package goal

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Draft is what a typed line says about a goal. Whatever was not understood is in the title, and what could
// be understood in two ways is told as such: nothing is guessed silently.
type Draft struct {
	Title  string
	Metric *Metric // Direction is empty where the line does not say which way the number goes
	// Unclear lists the numbers that can be read in several ways; Metric is then nil, or lacks its baseline.
	Unclear []Unclear
	Due     Date
	// DueAmbiguous holds the days that the line may mean, when there are several; Due is then zero.
	DueAmbiguous []Date
	// DueImpossible is a day as it was typed that does not exist, such as "31/02"; DueNear is the nearest.
	DueImpossible string
	DueNear       Date
	Mention       string // the owner, as mentioned: "@alex"
	Parent        ID
	Language      string // "en", "vi", or "" where the line does not show it
	Read          []Span // what was understood, in the order of the line
}

// Unclear is a number that can be read in several ways.
type Unclear struct {
	Field    string // FieldFrom or FieldTo
	Text     string // as typed
	Readings []Reading
}

// Span is a piece of the line that was understood.
type Span struct {
	Text  string
	Means string
}

// What a span can mean.
const (
	MeansDue    = "due"
	MeansChange = "change" // from … to …
	MeansTarget = "target"
	MeansBound  = "bound" // under …, at least …
	MeansRange  = "range" // between … and …
	MeansBy     = "by"    // by 30 %: a change counted from 0
	MeansCount  = "count" // so many things to make
	MeansOwner  = "owner"
	MeansParent = "parent"
)

// maxDraft is the longest line that is read, in runes; a longer one is no line but a text, and all title.
const maxDraft = 1000

// ParseDraft reads the line behind "/goal new", in English or Vietnamese, accents or none. People are the
// mentions that the platform marked in the line, such as "@Alex Rivera"; other mentions are one word long.
//
// It looks for spans with a meaning, one kind after the other; a span that was read is closed to those that
// come later. Every kind of span is a reader of its own (dates, people, numbers), so the grammar grows by
// adding phrases to a book or a form to a reader.
func ParseDraft(line string, today Date, people ...string) Draft {
	text := strings.Join(strings.Fields(Clean(line)), " ")
	if utf8.RuneCountInString(text) > maxDraft {
		return Draft{Title: text, Language: DetectLanguage(text[:maxDraft])}
	}
	l := lex(text)
	r := &draftReader{dateReader: dateReader{line: l, today: today, language: detect(l)}}
	r.busy = make([]bool, len(l.tokens))
	r.cut = make([]bool, len(l.tokens))
	r.draft.Language = r.language
	r.readDue()
	r.readPeople(people)
	r.readParent()
	r.readMeasure()
	r.draft.Title = r.title()
	r.nameMetric()
	slices.SortFunc(r.spans, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	for _, s := range r.spans {
		r.draft.Read = append(r.draft.Read, s.Span)
	}
	return r.draft
}

// draftReader is a line on its way to a draft.
type draftReader struct {
	dateReader
	busy       []bool   // tokens that belong to a span already
	cut        []bool   // tokens that leave the title
	verbOf     []string // for each token the meaning of the verb that rules it
	verbEnd    []string // the meaning of the verb that ends in front of the token
	verbInside []bool   // the token continues a verb
	spans      []placed
	draft      Draft
}

type placed struct {
	at int
	Span
}

func (r *draftReader) busyAt(i int) bool { return i >= 0 && i < len(r.busy) && r.busy[i] }

// mark closes the tokens to later readers and remembers what they mean.
func (r *draftReader) mark(from, to int, means string, cut bool) {
	for i := from; i < to; i++ {
		r.busy[i] = true
		r.cut[i] = r.cut[i] || cut
	}
	r.spans = append(r.spans, placed{from, Span{r.slice(from, to), means}})
}

// readDue takes the deadline. Several that differ are as ambiguous as one that can be read in two ways, and
// then stay in the title, because each may belong to a part of it.
func (r *draftReader) readDue() {
	var found []due
	for i := 0; i < len(r.tokens); i++ {
		if r.busyAt(i) {
			continue
		}
		if d, ok := r.due(i); ok && !r.crosses(i, d.to) {
			d.from = i
			found = append(found, d)
			i = d.to - 1
		}
	}
	var dates []Date
	for _, d := range found {
		dates = append(dates, d.dates...)
		if len(d.dates) == 0 {
			r.draft.DueImpossible, r.draft.DueNear = r.slice(d.day, d.to), d.near
		}
	}
	slices.SortFunc(dates, func(a, b Date) int { return b.DaysUntil(a) })
	dates = slices.Compact(dates)
	if len(dates) == 1 {
		r.draft.Due = dates[0]
	} else {
		r.draft.DueAmbiguous = dates
	}
	for _, d := range found {
		r.mark(d.from, d.to, MeansDue, len(found) == 1 || len(dates) == 1)
	}
}

// crosses reports whether a span is closed already between two tokens.
func (r *draftReader) crosses(from, to int) bool {
	for i := from; i < to; i++ {
		if r.busyAt(i) {
			return true
		}
	}
	return false
}

// readMeasure takes the measure that says most, the first of those.
func (r *draftReader) readMeasure() {
	r.findVerbs()
	var best measure
	for i := range r.tokens {
		if r.busyAt(i) {
			continue
		}
		if m, ok := r.measureAt(i); ok && m.rank > best.rank && !r.crosses(m.from, m.to) {
			best = m
		}
	}
	if best.rank == 0 || best.refused {
		return
	}
	r.mark(best.from, best.to, best.means, false)
	clear := len(best.unclear) == 0 // what has to be asked about must not vanish from the title
	for i := best.from; best.cut && clear && i < best.cutTo; i++ {
		r.cut[i] = true
	}
	r.draft.Unclear = best.unclear
	noTarget := slices.ContainsFunc(best.unclear, func(u Unclear) bool { return u.Field == FieldTo })
	if !noTarget {
		r.draft.Metric = &best.metric
	}
}

func (r *draftReader) findVerbs() {
	r.verbOf = make([]string, len(r.tokens)+1)
	r.verbEnd = make([]string, len(r.tokens)+1)
	r.verbInside = make([]bool, len(r.tokens)+1)
	latest, inside := "", 0
	for i := range r.tokens {
		r.verbOf[i], r.verbInside[i] = latest, i < inside
		to, means, ok := verbs.find(r.line, i)
		if !ok || i < inside {
			continue
		}
		inside, r.verbEnd[to] = to, means
		if steers(means) || !steers(latest) {
			latest = means
		}
	}
	r.verbOf[len(r.tokens)] = latest
}

// steers reports whether a verb says which way a number goes. Others, "bán" in "doanh số bán hàng", do not come
// between it and its number.
func steers(verb string) bool { return verb == "increase" || verb == "decrease" || verb == "keep" }

// verbBefore is the meaning of the verb that rules token i: the last before it, empty for none.
func (r *draftReader) verbBefore(i int) string { return r.verbOf[i] }

// verbEndsAt is the meaning of the verb that stands right before token i, empty for none.
func (r *draftReader) verbEndsAt(i int) string { return r.verbEnd[i] }

// title is the line without what was cut from it, tidied where the cuts were.
func (r *draftReader) title() string {
	var b strings.Builder
	cut := false // since the last word that was kept
	for i, t := range r.tokens {
		if r.cut[i] {
			cut = true
			continue
		}
		if cut && t.kind == signToken && strings.Contains(",;:.)-–—", t.text) && !r.opens(i) {
			continue
		}
		if b.Len() > 0 && (cut || !t.joined) {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
		cut = false
	}
	title := strings.TrimSpace(b.String())
	if len(r.tokens) == 0 || !slices.Contains(r.cut, true) {
		return r.text
	}
	return capital(r.trimEnd(title), r.cut[0])
}

// opens reports whether a sign is joined to the word behind it, as the dash of "-5" is.
func (r *draftReader) opens(i int) bool { return !r.ended(i+1) && r.at(i+1).joined && !r.cut[i+1] }

// trimEnd drops signs and words that a cut left hanging.
func (r *draftReader) trimEnd(title string) string {
	title = strings.TrimRight(title, " ,;:-–—(→")
	if last := len(r.tokens) - 1; !r.cut[last] {
		return title
	}
	l := lex(title)
	if n := len(l.tokens); n > 1 && hanging.has(l, n-1) {
		title = strings.TrimRight(title[:l.tokens[n-1].start], " ,;:-–—(→")
	}
	return title
}

var hanging = newBook("", "by, to, from, in, for, and, vào, và, từ, đến, trong, cho, với")

func capital(title string, opened bool) string {
	r, size := utf8.DecodeRuneInString(title)
	if !opened || size == 0 {
		return title
	}
	return string(unicode.ToUpper(r)) + title[size:]
}

// nameMetric calls the metric what the title says behind its verb, or in front of a bound: "CAC" of "Cut CAC",
// "Response time" of "Response time under 2 minutes".
func (r *draftReader) nameMetric() {
	if r.draft.Metric == nil {
		return
	}
	name := r.draft.Title
	for _, s := range r.spans {
		if r.draft.Metric.Direction == "" && s.Means == MeansTarget && toWords.has(lex(s.Text), 0) {
			return // "talk to 5 customers" tells no name
		}
		if s.Means == MeansBound || s.Means == MeansTarget || s.Means == MeansRange {
			name, _, _ = strings.Cut(name, s.Text)
		}
	}
	l := lex(strings.TrimSpace(name))
	to, means, ok := verbs.find(l, 0)
	if means == "count" || !ok && name == r.draft.Title && r.draft.Metric.Baseline == nil {
		return
	}
	if name = l.slice(to, len(l.tokens)); utf8.RuneCountInString(name) <= MaxTitle {
		r.draft.Metric.Name = name
	}
}
