package conversation_test

import "testing"

func TestAReminderLosesItsButtonsWithItsPeriod(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.until(w.at(linh, "2026-12-03 09:00")) // asked on Monday, reminded on Tuesday
	if nudge := w.last("nudge:"); len(nudge.Card.Actions) == 0 {
		t.Fatalf("the reminder has no buttons: %s", show(&nudge.Card))
	}
	w.until(w.at(linh, "2026-12-07 09:01"))
	if nudge := w.last("nudge:"); len(nudge.Card.Actions) != 0 {
		t.Errorf("the old reminder keeps its buttons: %s", show(&nudge.Card))
	}
}

func TestATrendHasOneValueADay(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.until(w.at(linh, "2026-11-30 09:01"))
	for _, typed := range []string{"G-1 240", "G-1 180", "G-1 235"} {
		w.says(linh, typed)
	}
	w.wants(&w.last("receipt:").Card, "250 · 235")
}
