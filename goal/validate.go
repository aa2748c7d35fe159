package goal

import (
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// Problem says what is wrong with one field, as codes that the conversation turns into sentences.
type Problem struct {
	Field string
	Code  string
}

// Error makes a Problem an error of Record.
func (p Problem) Error() string { return "goal: " + p.Field + ": " + p.Code }

// The fields of a goal and of a check-in that can have problems.
const (
	FieldTitle     = "title"
	FieldReason    = "reason"
	FieldOwner     = "owner"
	FieldFrom      = "from" // baseline; the lower bound of keep-within
	FieldTo        = "to"   // target; the upper bound of keep-within
	FieldUnit      = "unit"
	FieldDirection = "direction"
	FieldDue       = "due"
	FieldParent    = "parent"

	FieldValue      = "value"
	FieldConfidence = "confidence"
	FieldStatus     = "status"
	FieldChange     = "change"
	FieldBlocker    = "blocker"
	FieldNext       = "next"
	FieldSeq        = "seq" // the check-in as a whole
)

// The codes of problems.
const (
	CodeMissing         = "missing"          // title, owner
	CodeTooLong         = "too-long"         // title, reason, unit, notes; the limits are MaxTitle and so on
	CodeTooBig          = "too-big"          // more than 18 digits before or 6 after the point
	CodeTargetIsFrom    = "target-is-from"   // nothing would change
	CodeWrongWay        = "wrong-way"        // the direction says down while the numbers go up, or the reverse
	CodeFloorAbove      = "floor-above"      // keep-within: the lower bound lies above the upper
	CodeUnknownWord     = "unknown-word"     // a direction or status that does not exist
	CodeDueBeforeStart  = "due-before-start" // the day it should end comes before the day it begins
	CodeDuePast         = "due-past"         // before today: a mistake in a new goal, a fact in an old one
	CodeOwnParent       = "own-parent"       // a goal cannot serve itself
	CodeOutOfRange      = "out-of-range"     // confidence beyond 0–10
	CodeTooOld          = "too-old"          // the check-in to be edited is no longer among the recent ones
	CodeClosed          = "closed"           // a closed goal takes no check-ins
	CodeYesNo           = "yes-no"           // a number for a goal that has none
	CodeMeasured        = "measured"         // done or not, for a goal that has a number
	CodeImpossibleYears = "impossible-years" // a date that no calendar of ours can hold
)

// The digits that a number of a goal may have.
const (
	maxWhole    = 18
	maxFraction = 6
)

var ceiling = decimal.New(1, maxWhole)

// Check lists everything that is wrong with a goal, in the order of its form's fields. CodeDuePast only
// matters while the goal is being made.
func (g *Goal) Check(today Date) []Problem {
	problems := checkText(nil, FieldTitle, g.Title, MaxTitle, true)
	problems = checkText(problems, FieldReason, g.Reason, MaxReason, false)
	problems = checkText(problems, FieldOwner, string(g.Owner), MaxTitle, true)
	if g.Metric != nil {
		problems = append(problems, g.Metric.check()...)
	}
	problems = append(problems, g.checkDue(today)...)
	if g.Parent != "" && g.Parent == g.ID {
		problems = append(problems, Problem{FieldParent, CodeOwnParent})
	}
	if g.Confidence != nil && !confident(*g.Confidence) {
		problems = append(problems, Problem{FieldConfidence, CodeOutOfRange})
	}
	return problems
}

func checkText(problems []Problem, field, text string, limit int, required bool) []Problem {
	switch {
	case required && Clean(text) == "":
		return append(problems, Problem{field, CodeMissing})
	case utf8.RuneCountInString(text) > limit:
		return append(problems, Problem{field, CodeTooLong})
	}
	return problems
}

func (g *Goal) checkDue(today Date) []Problem {
	switch {
	case g.Due.IsZero():
		return nil
	case g.Due.Year < 1 || g.Due.Year > 9999:
		return []Problem{{FieldDue, CodeImpossibleYears}}
	case !g.Start.IsZero() && g.Due.Before(g.Start):
		return []Problem{{FieldDue, CodeDueBeforeStart}}
	case g.Due.Before(today):
		return []Problem{{FieldDue, CodeDuePast}}
	}
	return nil
}

func (m *Metric) check() []Problem {
	var problems []Problem
	from := m.Baseline
	if m.Direction == KeepWithin {
		from = m.Floor
	}
	if from != nil && !fits(*from) {
		problems = append(problems, Problem{FieldFrom, CodeTooBig})
	}
	if !fits(m.Target) {
		problems = append(problems, Problem{FieldTo, CodeTooBig})
	}
	problems = checkText(problems, FieldUnit, m.Unit, MaxUnit, false)
	return append(problems, m.checkWay()...)
}

func (m *Metric) checkWay() []Problem {
	switch m.Direction {
	case KeepWithin:
		if m.Floor != nil && m.Floor.GreaterThan(m.Target) {
			return []Problem{{FieldFrom, CodeFloorAbove}}
		}
	case Increase, Decrease:
		if m.Baseline == nil {
			return nil
		}
		if m.Baseline.Equal(m.Target) {
			return []Problem{{FieldTo, CodeTargetIsFrom}}
		}
		if m.Target.GreaterThan(*m.Baseline) != (m.Direction == Increase) {
			return []Problem{{FieldDirection, CodeWrongWay}}
		}
	default:
		return []Problem{{FieldDirection, CodeUnknownWord}}
	}
	return nil
}

// fits reports whether the number has few enough digits to be kept and shown exactly. The exponent is looked
// at first, because arithmetic on an absurd one would not end.
func fits(n Number) bool {
	if n.Exponent() < -40 || n.Exponent() > maxWhole {
		return false
	}
	return n.Abs().LessThan(ceiling) && n.Equal(n.Truncate(maxFraction))
}
