package conversation_test

import (
	"strings"
	"testing"
)

func TestACourseIsOfferedOnceInAPeriod(t *testing.T) {
	w := behind(t)
	for _, typed := range []string{"G-1 245", "G-1 249", "G-1 248"} {
		w.says(linh, typed)
	}
	if n := len(w.keys("course:")); n != 1 {
		t.Fatalf("offered %d times", n)
	}
	w.says(linh, "G-1 160")
	offer := w.last("course:")
	w.wants(&offer.Card, "G-1 Cut CAC is on track again")
	if len(offer.Card.Actions) > 0 || strings.Contains(offer.Card.Summary, "Pushing") {
		t.Errorf("it stays: %s", show(&offer.Card))
	}
	w.says(linh, "G-1 200")
	if n := len(w.keys("course:")); n != 1 {
		t.Errorf("offered again: %d", n)
	}
}

func TestTheNextPeriodMayOfferTheCourseAgain(t *testing.T) {
	w := behind(t)
	w.until(w.at(linh, "2026-12-28 09:01"))
	w.says(linh, "G-1 245")
	if n := len(w.keys("course:")); n != 2 {
		t.Errorf("offered %d times in two periods", n)
	}
}

func TestAFewPointsOffThePaceAreNotWorthAWord(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.until(w.at(linh, "2026-11-30 09:00"))
	w.says(linh, "G-1 238")
	got := w.last("receipt:")
	w.wants(&got.Card, "on track")
	if strings.Contains(show(&got.Card), "points") {
		t.Errorf("it counts points: %s", show(&got.Card))
	}
}
