package goal

import (
	"time"

	"github.com/shopspring/decimal"
)

// The least pace, in points, and the least confidence that still suggest a status.
var (
	onTrackPace = decimal.NewFromInt(-10)
	atRiskPace  = decimal.NewFromInt(-25)
)

const (
	onTrackConfidence = 7
	atRiskConfidence  = 4
)

// Suggest is the status that pace speaks for; where there is no pace, confidence; else Unknown.
func (g *Goal) Suggest(today Date) Status {
	if pace, known := g.Pace(today); known {
		return grade(!pace.LessThan(onTrackPace), !pace.LessThan(atRiskPace))
	}
	if g.Confidence != nil {
		return grade(*g.Confidence >= onTrackConfidence, *g.Confidence >= atRiskConfidence)
	}
	return Unknown
}

func grade(good, fair bool) Status {
	switch {
	case good:
		return OnTrack
	case fair:
		return AtRisk
	default:
		return OffTrack
	}
}

// StaleFor says for how many whole weeks an open goal has had no news, and whether that is two of its
// cadences or more. A goal without a check-in counts from its making, or from its start if that came later.
func (g *Goal) StaleFor(now time.Time) (weeks int, stale bool) {
	const day = 24 * time.Hour
	if g.Closed != nil {
		return 0, false
	}
	// Whoever answers right after the question does so some minutes later than a whole number of days before the
	// next one: days are rounded.
	days := max(int((now.Sub(g.lastNews())+day/2)/day), 0)
	return days / 7, days >= 2*g.Cadence.Days()
}

func (g *Goal) lastNews() time.Time {
	if last := g.Last(); last != nil {
		return last.At
	}
	if start := g.Start.In(time.UTC); !g.Start.IsZero() && start.After(g.Created) {
		return start
	}
	return g.Created
}

// Days is the length of one period, rounded to days; a cadence that is not known counts as weekly.
func (c Cadence) Days() int {
	switch c {
	case Biweekly:
		return 14
	case Monthly:
		return 30
	case Quarterly:
		return 91
	case Yearly:
		return 365
	default:
		return 7
	}
}
