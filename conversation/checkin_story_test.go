package conversation_test

import (
	"testing"
)

// cac is Linh's goal of the stories.
var cac = map[string]string{"title": "Cut CAC", "from": "$250", "to": "$150", "due": "2026-12-31"}

func TestWeeklyCheckInFromPromptToReceipt(t *testing.T) {
	w := newWorld(t)
	id := w.plant(linh, cac)
	w.until(w.at(linh, "2026-11-30 08:59"))
	if keys := w.keys("checkin:"); len(keys) > 0 {
		t.Fatalf("asked too early: %q", keys)
	}
	w.until(w.at(linh, "2026-11-30 09:00"))
	w.flush()
	prompt := w.last("checkin:U1:2026-W49:1")
	t.Log(show(&prompt.Card))
	w.wants(&prompt.Card, "Morning, Linh. One goal, half a minute.", "G-1 Cut CAC", "$250", "Every Monday at 9:00")

	w.restart() // between the prompt and the answer
	w.says(linh, "210, 7/10, waiting for legal")
	receipt := w.last("receipt:")
	t.Log(show(&receipt.Card))
	w.wants(&receipt.Card, "Saved. G-1 Cut CAC is at $210, confidence 7.", "40 %", "250 · 210",
		"“waiting for legal” noted as a blocker", "everyone in #growth can look it up", "[Correct]", "[Ask somebody]")
	w.wants(&w.message(prompt.Key).Card, "All answered for this week, Linh.", "✓ G-1 Cut CAC | $210, confidence 7")
	if c := w.goal(id).Last(); c.Period != "2026-W49" || c.Seq != 1 || c.By != linh {
		t.Errorf("check-in %+v", c)
	}
	if acts := len(w.message(prompt.Key).Card.Actions); acts > 0 {
		t.Errorf("%d buttons left", acts)
	}
}
