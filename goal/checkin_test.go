package goal

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func record(t *testing.T, g *Goal, c CheckIn) {
	t.Helper()
	if err := g.Record(c); err != nil {
		t.Fatal(err)
	}
}

func TestRecordMovesTheGoal(t *testing.T) {
	g := moving(250, 150, 250)
	if g.Last() != nil || g.Previous() != nil {
		t.Error("a new goal has check-ins")
	}
	record(t, g, CheckIn{Value: ptr(number(230)), Status: AtRisk, Confidence: ptr(4)})
	record(t, g, CheckIn{Value: ptr(number(210)), Status: OnTrack})
	if !g.Metric.Current.Equal(number(210)) || g.Status != OnTrack || *g.Confidence != 4 {
		t.Errorf("stands at %s, %s, %d", g.Metric.Current, g.Status, *g.Confidence)
	}
	if g.Last().Seq != 2 || g.Previous().Seq != 1 {
		t.Errorf("last %d, previous %d", g.Last().Seq, g.Previous().Seq)
	}
	if got := fmt.Sprint(g.Series()); got != "[250 230 210]" {
		t.Errorf("series %s", got)
	}
}

func TestRecordYesNo(t *testing.T) {
	g := &Goal{}
	record(t, g, CheckIn{Done: ptr(true)})
	if !g.Done || g.Series() != nil {
		t.Error("not done")
	}
	record(t, g, CheckIn{Seq: 1, Done: ptr(false)})
	if g.Done {
		t.Error("still done after the correction")
	}
}

func TestRecordLeavesTheGoalItWasCopiedFrom(t *testing.T) {
	g := moving(250, 150, 250)
	record(t, g, CheckIn{Value: ptr(number(230))})
	before, _ := json.Marshal(g)
	copied := *g
	record(t, &copied, CheckIn{Value: ptr(number(1))})
	record(t, &copied, CheckIn{Seq: 1, Value: ptr(number(2))})
	if after, _ := json.Marshal(g); string(after) != string(before) {
		t.Errorf("was %s\nis  %s", before, after)
	}
}

func TestEditDerivesAgain(t *testing.T) {
	first := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	later := first.AddDate(0, 0, 8)
	g := moving(250, 150, 250)
	record(t, g, CheckIn{At: first, Period: "2026-W45", Value: ptr(number(230)), Status: OnTrack, Confidence: ptr(8)})
	record(t, g, CheckIn{At: first.AddDate(0, 0, 7), Same: true})
	record(t, g, CheckIn{Seq: 1, At: later, Value: ptr(number(240)), Status: AtRisk})

	c := g.Recent[0]
	if !c.At.Equal(first) || c.Edited == nil || !c.Edited.Equal(later) || c.Period != "2026-W45" || c.Seq != 1 {
		t.Errorf("edited to %+v", c)
	}
	if !g.Metric.Current.Equal(number(240)) || g.Status != AtRisk || g.Confidence != nil {
		t.Errorf("stands at %s, %s, %v", g.Metric.Current, g.Status, g.Confidence)
	}
	record(t, g, CheckIn{Seq: 1, At: later, Change: "no number after all"})
	if !g.Metric.Current.Equal(number(250)) {
		t.Errorf("without its only value the goal stands at %s, want the baseline", g.Metric.Current)
	}
}

func TestRecordRefuses(t *testing.T) {
	long := strings.Repeat("ấ", MaxNote+1)
	for _, tt := range []struct {
		goal *Goal
		c    CheckIn
		want Problem
	}{
		{moving(1, 2, 1), CheckIn{Seq: 7}, Problem{FieldSeq, CodeTooOld}},
		{moving(1, 2, 1), CheckIn{Seq: -1}, Problem{FieldSeq, CodeTooOld}},
		{&Goal{Closed: &Closing{}}, CheckIn{}, Problem{FieldSeq, CodeClosed}},
		{&Goal{}, CheckIn{Value: ptr(number(1))}, Problem{FieldValue, CodeYesNo}},
		{moving(1, 2, 1), CheckIn{Done: ptr(true)}, Problem{FieldValue, CodeMeasured}},
		{moving(1, 2, 1), CheckIn{Value: ptr(number(1).Shift(18))}, Problem{FieldValue, CodeTooBig}},
		{moving(1, 2, 1), CheckIn{Value: ptr(number(1).Shift(-7))}, Problem{FieldValue, CodeTooBig}},
		{moving(1, 2, 1), CheckIn{Value: ptr(number(1).Shift(2_000_000_000))}, Problem{FieldValue, CodeTooBig}},
		{moving(1, 2, 1), CheckIn{Confidence: ptr(11)}, Problem{FieldConfidence, CodeOutOfRange}},
		{moving(1, 2, 1), CheckIn{Confidence: ptr(-1)}, Problem{FieldConfidence, CodeOutOfRange}},
		{moving(1, 2, 1), CheckIn{Status: "purple"}, Problem{FieldStatus, CodeUnknownWord}},
		{moving(1, 2, 1), CheckIn{Change: long}, Problem{FieldChange, CodeTooLong}},
		{moving(1, 2, 1), CheckIn{Blocker: long}, Problem{FieldBlocker, CodeTooLong}},
		{moving(1, 2, 1), CheckIn{Next: long}, Problem{FieldNext, CodeTooLong}},
	} {
		before, _ := json.Marshal(tt.goal)
		err := tt.goal.Record(tt.c)
		var got Problem
		if !errors.As(err, &got) || got != tt.want {
			t.Errorf("refused with %v, want %v", err, tt.want)
		}
		if after, _ := json.Marshal(tt.goal); string(after) != string(before) {
			t.Errorf("%v changed the goal", tt.want)
		}
	}
}

// A history of appended and edited check-ins keeps its promises: numbers grow, Recent stays bounded and in
// order, and the goal stands where a reader of the whole history would put it.
func TestRecordKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := moving(0, 100, 0)
		var history []CheckIn
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			c := CheckIn{}
			if rapid.Bool().Draw(t, "told") {
				c.Value = ptr(number(rapid.Int64Range(-10, 200).Draw(t, "value")))
			}
			if n := len(g.Recent); n > 0 && rapid.Bool().Draw(t, "edit") {
				c.Seq = g.Recent[rapid.IntRange(0, n-1).Draw(t, "which")].Seq
				history[c.Seq-1] = c
			} else {
				history = append(history, c)
			}
			if err := g.Record(c); err != nil {
				t.Fatal(err)
			}
		}
		stands := Standing{Value: ptr(number(0))}
		for _, c := range history {
			stands = stands.after(c)
		}
		if !stands.Value.Equal(*g.Metric.Current) {
			t.Fatalf("stands at %s, its history at %s", g.Metric.Current, stands.Value)
		}
		if g.CheckIns != len(history) || len(g.Recent) != min(len(history), MaxRecent) {
			t.Fatalf("%d check-ins, %d recent, of %d", g.CheckIns, len(g.Recent), len(history))
		}
		for i, c := range g.Recent {
			if c.Seq != g.CheckIns-len(g.Recent)+1+i {
				t.Fatalf("recent numbers out of order: %d at %d", c.Seq, i)
			}
		}
	})
}

func TestGoalsComeBackFromStorage(t *testing.T) {
	g := moving(250, 150, 250)
	record(t, g, CheckIn{Value: ptr(number(230)), Confidence: ptr(7), Status: OnTrack})
	text, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	var back Goal
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*g, back, cmp.Comparer(Number.Equal)); diff != "" {
		t.Error(diff)
	}
}
