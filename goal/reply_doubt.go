package goal

import "github.com/shopspring/decimal"

// What makes a value doubtful: a fall by half of the way; by a fifth, if it is also a fifth of what it was; or
// twice the way and more.
var (
	farBack   = decimal.NewFromInt(50)
	someBack  = decimal.NewFromInt(20)
	farBeyond = decimal.NewFromInt(200)
	manifold  = decimal.NewFromInt(5)
	nearby    = decimal.NewFromInt(50) // points within which a slip was meant
	twofold   = decimal.NewFromInt(2)
	outOfSize = decimal.NewFromInt(100)
	tenWays   = decimal.NewFromInt(1000)
)

// doubts reports whether a value lies so far from where the metric stands that it is more likely a slip.
func (m *Metric) doubts(v Number) bool {
	if m.Current == nil || m.Current.Equal(v) {
		return false
	}
	now, known := m.progressAt(*m.Current)
	if !known || m.Direction == KeepWithin {
		return !m.forward(v) && ratio(v, *m.Current).GreaterThanOrEqual(manifold)
	}
	then, _ := m.progressAt(v)
	back := now.Sub(then)
	switch {
	case back.GreaterThanOrEqual(farBack), then.GreaterThan(farBeyond):
		return true
	}
	return back.GreaterThanOrEqual(someBack) && ratio(v, *m.Current).GreaterThanOrEqual(manifold)
}

// absurd reports whether a value moves progress by more than two whole ways at once or, where there is nothing yet
// to move from, lies ten ways off.
func (m *Metric) absurd(v Number) bool {
	then, known := m.progressAt(v)
	if !known || m.Direction == KeepWithin {
		return false
	}
	if m.Current == nil {
		return then.Abs().GreaterThan(tenWays)
	}
	now, _ := m.progressAt(*m.Current)
	return distance(then, now).GreaterThan(farBeyond)
}

// forward reports whether v lies between the current value and the target.
func (m *Metric) forward(v Number) bool {
	switch m.Direction {
	case Increase:
		return v.GreaterThan(*m.Current) && v.LessThanOrEqual(m.Target)
	case Decrease:
		return v.LessThan(*m.Current) && v.GreaterThanOrEqual(m.Target)
	}
	return m.contains(v)
}

// unlikely tells which reading of 1.500 cannot be meant: one that is doubtful, or of another size altogether.
func (m *Metric) unlikely(v Number) bool {
	if m.Current != nil {
		return m.doubts(v) || ratio(v, *m.Current).GreaterThan(outOfSize)
	}
	return ratio(v, m.Target).GreaterThan(outOfSize)
}

// meant is what a doubtful value may stand for: with a digit too few or too many, or as a step from the
// current value towards the target.
func (m *Metric) meant(v Number) (Number, bool) {
	if m.Current == nil {
		return decimal.Zero, false
	}
	var best Number
	found := false
	for _, by := range []int32{1, 2, 3, -1, -2, -3} {
		slip := v.Shift(by)
		if whole := v.IsInteger() && m.Current.IsInteger(); whole && !slip.IsInteger() {
			continue // things that are counted do not come in halves
		}
		if m.near(slip) && (!found || distance(slip, *m.Current).LessThan(distance(best, *m.Current))) {
			best, found = slip, true
		}
	}
	if found {
		return best, true
	}
	step := m.Current.Add(v)
	if m.Direction == Decrease {
		step = m.Current.Sub(v)
	}
	return step, m.near(step)
}

// near reports whether v is a likely next value.
func (m *Metric) near(v Number) bool {
	if m.doubts(v) || !fits(v) {
		return false
	}
	if m.forward(v) {
		return true
	}
	now, known := m.progressAt(*m.Current)
	if !known || m.Direction == KeepWithin {
		return ratio(v, *m.Current).LessThanOrEqual(twofold)
	}
	then, _ := m.progressAt(v)
	return distance(then, now).LessThanOrEqual(nearby)
}

func distance(a, b Number) Number { return a.Sub(b).Abs() }

// ratio is how many times the larger amount is the smaller, 1 for two zeros.
func ratio(a, b Number) Number {
	a, b = a.Abs(), b.Abs()
	if a.LessThan(b) {
		a, b = b, a
	}
	if b.IsZero() {
		if a.IsZero() {
			return decimal.NewFromInt(1)
		}
		return ceiling
	}
	return a.DivRound(b, ratioPlaces)
}
