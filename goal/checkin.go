package goal

import (
	"slices"
	"unicode/utf8"
)

// Limits of what people write, in runes, and of confidence.
const (
	MaxTitle      = 200
	MaxReason     = 1000
	MaxNote       = 2000 // each of what changed, blocker and next step
	MaxUnit       = 30
	MaxConfidence = 10
)

// Standing is what check-ins add up to.
type Standing struct {
	Value      *Number `json:"value,omitempty"`
	Done       bool    `json:"done,omitempty"`
	Status     Status  `json:"status,omitempty"`
	Confidence *int    `json:"confidence,omitempty"`
}

// Record takes a check-in into the goal. One without a number gets the next; one with the number of a recent
// check-in replaces it, is marked as edited at its own time and keeps the time of the first answer. Where the
// goal stands is then derived again. The error is a Problem, and leaves the goal as it was.
func (g *Goal) Record(c CheckIn) error {
	if p := g.refuse(c); p != nil {
		return *p
	}
	if c.Seq == 0 || c.Seq == g.CheckIns+1 {
		g.append(c)
		return nil
	}
	at := slices.IndexFunc(g.Recent, func(old CheckIn) bool { return old.Seq == c.Seq })
	if at < 0 {
		return Problem{FieldSeq, CodeTooOld}
	}
	g.replace(at, c)
	return nil
}

func (g *Goal) append(c CheckIn) {
	if len(g.Recent) == 0 {
		g.Before = g.standing()
	}
	g.CheckIns++
	c.Seq = g.CheckIns
	// A new slice: whoever holds the goal as it was read must not see it change.
	g.Recent = append(slices.Clone(g.Recent), c)
	for len(g.Recent) > MaxRecent {
		g.Before = g.Before.after(g.Recent[0])
		g.Recent = g.Recent[1:]
	}
	g.stand(g.standing().after(c))
}

func (g *Goal) replace(at int, c CheckIn) {
	old := g.Recent[at]
	if c.Edited == nil {
		edited := c.At
		c.Edited = &edited
	}
	c.At = old.At
	if c.Period == "" {
		c.Period = old.Period
	}
	g.Recent = slices.Clone(g.Recent)
	g.Recent[at] = c
	s := g.Before
	for _, c := range g.Recent {
		s = s.after(c)
	}
	g.stand(s)
}

func (g *Goal) standing() Standing {
	s := Standing{Done: g.Done, Status: g.Status, Confidence: g.Confidence}
	if g.Metric != nil {
		s.Value = g.Metric.Current
	}
	return s
}

func (g *Goal) stand(s Standing) {
	g.Done, g.Status, g.Confidence = s.Done, s.Status, s.Confidence
	if g.Metric != nil {
		m := *g.Metric
		m.Current = s.Value
		g.Metric = &m
	}
}

// after is the standing once c is told; what c leaves out stays.
func (s Standing) after(c CheckIn) Standing {
	if c.Value != nil {
		s.Value = c.Value
	}
	if c.Done != nil {
		s.Done = *c.Done
	}
	if c.Status != Unknown {
		s.Status = c.Status
	}
	if c.Confidence != nil {
		s.Confidence = c.Confidence
	}
	return s
}

// Last is the newest check-in, nil before the first.
func (g *Goal) Last() *CheckIn { return g.fromEnd(1) }

// Previous is the check-in before the last, nil before the second.
func (g *Goal) Previous() *CheckIn { return g.fromEnd(2) }

func (g *Goal) fromEnd(n int) *CheckIn {
	if len(g.Recent) < n {
		return nil
	}
	return &g.Recent[len(g.Recent)-n]
}

// Series is the metric's way through the recent check-ins, oldest first: where it stood before them, if that
// is known, then the value of each that told or confirmed one.
func (g *Goal) Series() []Number {
	var series []Number
	switch {
	case g.Metric == nil:
		return nil
	case len(g.Recent) > 0 && g.Before.Value != nil:
		series = append(series, *g.Before.Value)
	case len(g.Recent) == 0 && g.Metric.Current != nil:
		series = append(series, *g.Metric.Current)
	}
	return append(series, g.confirmed()...)
}

// confirmed are the values of the recent check-ins that told one or said that it is the same.
func (g *Goal) confirmed() []Number {
	var values []Number
	s := g.Before
	for _, c := range g.Recent {
		s = s.after(c)
		if s.Value != nil && (c.Value != nil || c.Same) {
			values = append(values, *s.Value)
		}
	}
	return values
}

// refuse finds what keeps a check-in from being taken.
func (g *Goal) refuse(c CheckIn) *Problem {
	switch {
	case g.Closed != nil:
		return &Problem{FieldSeq, CodeClosed}
	case c.Value != nil && g.Metric == nil:
		return &Problem{FieldValue, CodeYesNo}
	case c.Done != nil && g.Metric != nil:
		return &Problem{FieldValue, CodeMeasured}
	case c.Value != nil && !fits(*c.Value):
		return &Problem{FieldValue, CodeTooBig}
	case c.Confidence != nil && !confident(*c.Confidence):
		return &Problem{FieldConfidence, CodeOutOfRange}
	case !declared(c.Status):
		return &Problem{FieldStatus, CodeUnknownWord}
	case utf8.RuneCountInString(c.Change) > MaxNote:
		return &Problem{FieldChange, CodeTooLong}
	case utf8.RuneCountInString(c.Blocker) > MaxNote:
		return &Problem{FieldBlocker, CodeTooLong}
	case utf8.RuneCountInString(c.Next) > MaxNote:
		return &Problem{FieldNext, CodeTooLong}
	}
	return nil
}

func declared(s Status) bool {
	return s == Unknown || s == OnTrack || s == AtRisk || s == OffTrack
}

func confident(n int) bool { return 0 <= n && n <= MaxConfidence }
