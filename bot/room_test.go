package bot

import (
	"testing"
	"time"
)

func TestARoomHoldsItsNumberAndNoMore(t *testing.T) {
	r := NewRoom(2)
	first, _ := r.Enter()
	second, ok := r.Enter()
	if !ok || !r.Full() {
		t.Fatal("there should be two places")
	}
	if _, ok := r.Enter(); ok {
		t.Error("a third entered")
	}
	first()
	first() // gives back one place, not two
	if _, ok := r.Enter(); !ok {
		t.Error("the place was not given back")
	}
	if _, ok := r.Enter(); ok {
		t.Error("a place was given back twice")
	}
	second()
}

func TestAFloodIsCountedInTheLog(t *testing.T) {
	var tally Tally
	lines, unwritten := 0, 0
	note := func(at time.Time) {
		if a, write := tally.Note(at); write {
			lines++
			unwritten += int(a.Value.Int64())
		}
	}
	began := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for range 10_000 {
		note(began)
	}
	note(began.Add(tallyEvery))
	if lines != tallyFirst+1 || lines+unwritten != 10_001 {
		t.Errorf("%d lines and %d counted", lines, unwritten)
	}
}
