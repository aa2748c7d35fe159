package goal

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTreesHaveNoCycles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parents := map[ID]ID{}
		parentOf := func(id ID) ID { return parents[id] }
		for range 60 {
			child := NewID(rapid.IntRange(1, 12).Draw(t, "child"))
			parent := NewID(rapid.IntRange(1, 12).Draw(t, "parent"))
			if !Cycle(child, parent, parentOf) {
				parents[child] = parent
			}
			for id := range parents {
				if line := LineUp(id, parentOf); slices.Contains(line, id) {
					t.Fatalf("%s stands above itself: %v", id, line)
				}
			}
		}
	})
}

func TestCycle(t *testing.T) {
	parents := map[ID]ID{"G-1": "G-2", "G-2": "G-3"}
	parentOf := func(id ID) ID { return parents[id] }
	for _, tt := range []struct {
		child, parent ID
		want          bool
	}{
		{"G-4", "G-1", false},
		{"G-1", "", false},
		{"G-1", "G-3", false},
		{"G-1", "G-1", true},
		{"G-3", "G-1", true},
		{"G-2", "G-1", true},
	} {
		if got := Cycle(tt.child, tt.parent, parentOf); got != tt.want {
			t.Errorf("Cycle(%s, %s) = %v", tt.child, tt.parent, got)
		}
	}
}

func TestLinesAreBounded(t *testing.T) {
	deep := func(id ID) ID { return NewID(id.Number() + 1) }
	if n := len(LineUp("G-1", deep)); n != MaxDepth {
		t.Errorf("an endless line is %d long", n)
	}
	if !Cycle("G-9999999", "G-1", deep) {
		t.Error("a line without end is accepted")
	}
	round := func(id ID) ID { return map[ID]ID{"G-1": "G-2", "G-2": "G-3", "G-3": "G-2"}[id] }
	if got := fmt.Sprint(LineUp("G-1", round)); got != "[G-2 G-3]" {
		t.Errorf("a broken tree's line is %s", got)
	}
}

func TestHorizonFor(t *testing.T) {
	start := Date{2026, time.November, 30}
	for _, tt := range []struct {
		due  Date
		want Horizon
	}{
		{Date{}, ShortTerm},
		{start, MilestoneHorizon},
		{Date{2027, time.February, 28}, MilestoneHorizon},
		{Date{2027, time.March, 1}, ShortTerm},
		{Date{2027, time.November, 30}, ShortTerm},
		{Date{2027, time.December, 1}, LongTerm},
		{Date{2031, time.November, 29}, LongTerm},
		{Date{2031, time.November, 30}, VisionHorizon},
	} {
		if got := HorizonFor(start, tt.due); got != tt.want {
			t.Errorf("due %s: %s, want %s", tt.due, got, tt.want)
		}
	}
}
