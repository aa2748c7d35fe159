package goal

import "github.com/shopspring/decimal"

// ratioPlaces is how many decimals a percentage keeps: enough that two shares of the same goal compare as if
// they were exact, and nobody sees them.
const ratioPlaces = 10

var hundred = decimal.NewFromInt(100)

// Progress is how much of the way is done, in percent: (current − baseline) / (target − baseline). Before the
// baseline it is negative, beyond the target over 100. It is unknown without a current value or a baseline.
//
// A yes/no goal stands at 0 or 100. A keep-within goal shows the share of its recent check-ins that were
// inside its bounds.
func (g *Goal) Progress() (percent Number, known bool) {
	switch m := g.Metric; {
	case m == nil && g.Done:
		return hundred, true
	case m == nil:
		return decimal.Zero, true
	case m.Current == nil:
		return decimal.Zero, false
	case m.Direction == KeepWithin:
		return g.shareInside(), true
	default:
		return m.progressAt(*m.Current)
	}
}

func (m *Metric) progressAt(value Number) (percent Number, known bool) {
	if m.Baseline == nil || m.Baseline.Equal(m.Target) {
		return decimal.Zero, false
	}
	return share(value.Sub(*m.Baseline), m.Target.Sub(*m.Baseline)), true
}

// valueAt is the value at which progressAt says percent; it is exact.
func (m *Metric) valueAt(percent Number) (value Number, known bool) {
	if m.Baseline == nil || m.Direction == KeepWithin {
		return decimal.Zero, false
	}
	way := m.Target.Sub(*m.Baseline).Mul(percent).Shift(-2)
	return m.Baseline.Add(way), true
}

// Inside reports whether a keep-within metric is within its bounds now.
func (m *Metric) Inside() bool { return m.Current != nil && m.contains(*m.Current) }

func (m *Metric) contains(value Number) bool {
	above := m.Floor == nil || !value.LessThan(*m.Floor)
	return above && !value.GreaterThan(m.Target)
}

func (g *Goal) shareInside() Number {
	values := g.confirmed()
	if len(values) == 0 {
		values = []Number{*g.Metric.Current}
	}
	inside := 0
	for _, v := range values {
		if g.Metric.contains(v) {
			inside++
		}
	}
	return share(decimal.NewFromInt(int64(inside)), decimal.NewFromInt(int64(len(values))))
}

// share is part of whole in percent; whole is not zero.
func share(part, whole Number) Number { return part.Mul(hundred).DivRound(whole, ratioPlaces) }
