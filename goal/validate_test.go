package goal

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Goal)
		want   []Problem
	}{
		{"a good goal", func(*Goal) {}, nil},
		{"no title", func(g *Goal) { g.Title = " \u200b" }, []Problem{{FieldTitle, CodeMissing}}},
		{"200 letters", func(g *Goal) { g.Title = strings.Repeat("ấ", MaxTitle) }, nil},
		{"3,000 letters", func(g *Goal) { g.Title = strings.Repeat("ấ", 3000) }, []Problem{{FieldTitle, CodeTooLong}}},
		{"long reason", func(g *Goal) { g.Reason = strings.Repeat("x", MaxReason+1) }, []Problem{{FieldReason, CodeTooLong}}},
		{"no owner", func(g *Goal) { g.Owner = "" }, []Problem{{FieldOwner, CodeMissing}}},
		{"target equal to baseline", func(g *Goal) { g.Metric.Target = number(250) }, []Problem{{FieldTo, CodeTargetIsFrom}}},
		{"up while it should go down", func(g *Goal) { g.Metric.Direction = Increase }, []Problem{{FieldDirection, CodeWrongWay}}},
		{"no direction", func(g *Goal) { g.Metric.Direction = "" }, []Problem{{FieldDirection, CodeUnknownWord}}},
		{"no baseline", func(g *Goal) { g.Metric.Baseline = nil }, nil},
		{"huge target", func(g *Goal) { g.Metric.Target = number(-1).Shift(18) }, []Problem{{FieldTo, CodeTooBig}}},
		{"too fine a baseline", func(g *Goal) { g.Metric.Baseline = ptr(number(2501).Shift(-7).Add(number(250))) }, []Problem{{FieldFrom, CodeTooBig}}},
		{"long unit", func(g *Goal) { g.Metric.Unit = strings.Repeat("x", MaxUnit+1) }, []Problem{{FieldUnit, CodeTooLong}}},
		{"keep-within", func(g *Goal) {
			g.Metric = &Metric{Direction: KeepWithin, Floor: ptr(number(2)), Target: number(5)}
		}, nil},
		{"floor above target", func(g *Goal) {
			g.Metric = &Metric{Direction: KeepWithin, Floor: ptr(number(6)), Target: number(5)}
		}, []Problem{{FieldFrom, CodeFloorAbove}}},
		{"yes/no", func(g *Goal) { g.Metric = nil }, nil},
		{"no due date", func(g *Goal) { g.Due = Date{} }, nil},
		{"due before start", func(g *Goal) { g.Due = g.Start.AddDays(-1) }, []Problem{{FieldDue, CodeDueBeforeStart}}},
		{"due at its start", func(g *Goal) { g.Start = today; g.Due = today }, nil},
		{"due yesterday", func(g *Goal) { g.Due = today.AddDays(-1) }, []Problem{{FieldDue, CodeDuePast}}},
		{"due in the year 10000", func(g *Goal) { g.Due = Date{10000, time.January, 1} }, []Problem{{FieldDue, CodeImpossibleYears}}},
		{"its own parent", func(g *Goal) { g.Parent = g.ID }, []Problem{{FieldParent, CodeOwnParent}}},
		{"bad confidence", func(g *Goal) { g.Confidence = ptr(11) }, []Problem{{FieldConfidence, CodeOutOfRange}}},
		{"several at once, in the form's order", func(g *Goal) { g.Title, g.Owner, g.Due = "", "", today.AddDays(-1) },
			[]Problem{{FieldTitle, CodeMissing}, {FieldOwner, CodeMissing}, {FieldDue, CodeDuePast}}},
	} {
		g := moving(250, 150, 250)
		tt.change(g)
		if got := g.Check(today); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
