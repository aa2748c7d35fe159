package goal

import "github.com/shopspring/decimal"

// Expected is where progress should be on the day, in percent: a straight line from start to due, level
// before and after. Yes/no and keep-within goals, and goals without a due date, have none.
func (g *Goal) Expected(today Date) (percent Number, known bool) {
	if g.Metric == nil || g.Metric.Direction == KeepWithin || g.Start.IsZero() || g.Due.IsZero() {
		return decimal.Zero, false
	}
	whole := g.Start.DaysUntil(g.Due)
	if whole <= 0 {
		return decimal.Zero, false
	}
	gone := min(max(g.Start.DaysUntil(today), 0), whole)
	return share(decimal.NewFromInt(int64(gone)), decimal.NewFromInt(int64(whole))), true
}

// Pace is progress less expected progress, in points: negative when the goal is behind.
func (g *Goal) Pace(today Date) (points Number, known bool) {
	progress, measured := g.Progress()
	expected, planned := g.Expected(today)
	if !measured || !planned {
		return decimal.Zero, false
	}
	return progress.Sub(expected), true
}
