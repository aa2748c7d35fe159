package conversation_test

import (
	"strings"
	"testing"

	"goalkeeper/conversation"
)

func TestADigestThatStaysAwaySaysWhyOnce(t *testing.T) {
	w := newWorld(t)
	w.wants(w.turnOn(linh), "Next digest Tue 1 Dec", "No goal belongs to it yet. Until one does, the digest stays away")
	w.until(w.at(linh, "2026-12-01 10:00"))
	m := w.last("digest-empty:")
	w.wants(&m.Card, "The digest of #growth stayed away", "Type one there, like /goal new")
	if m.To != (conversation.Address{Person: linh}) {
		t.Errorf("it is told to %+v", m.To)
	}
	w.until(w.at(linh, "2026-12-15 11:00"))
	if n := len(w.keys("digest-empty:")); n != 1 || len(w.digests()) != 0 {
		t.Errorf("told %d times, %d digests", n, len(w.digests()))
	}
	w.plant(linh, map[string]string{"title": "Cut CAC"})
	w.until(w.at(linh, "2026-12-22 11:00"))
	if n := len(w.digests()); n != 1 {
		t.Errorf("%d digests once there is a goal", n)
	}
}

func TestTurningTheDigestOnLeavesTheGoalsCard(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, map[string]string{"title": "Cut CAC"})
	kept := w.last("answer:")
	on := w.intent(&kept.Card, "Turn on digest")
	answer := w.press(linh, kept.Key, on)
	w.wants(answer.Card, "#growth gets its digest")
	if answer.Replace {
		t.Error("the answer takes the place of the goal's card")
	}
	after := w.message(kept.Key)
	w.wants(&after.Card, "G-1 · Cut CAC", "[Edit]", "[Undo]")
	w.lacks(&after.Card, "Turn on digest")
	w.wants(w.press(linh, kept.Key, on).Card, "#growth gets its digest") // pressed again
}

func TestWhereNoGoalServesAnotherTheDigestIsSilentAboutIt(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.lacks(w.types(linh, "digest"), "vision", "[Link")
	w.plant(linh, map[string]string{"title": "Hire", "parent": "G-1"})
	w.wants(w.types(linh, "digest"), "Nothing here leads up to a vision")
}

func TestQuietGoalsAreNamed(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, map[string]string{"title": "Cut CAC"})
	w.plant(sam, map[string]string{"title": strings.Repeat("long ", 20)})
	w.now = w.at(linh, "2026-12-20 10:00")
	w.wants(w.types(linh, "digest"), "Quiet: G-1 Cut CAC (3 weeks), G-2 long long long long long long l… (3 weeks)")
	for range 4 {
		w.plant(linh, map[string]string{"title": "More"})
	}
	w.now = w.at(linh, "2027-01-20 10:00")
	w.wants(w.types(linh, "digest"), "Quiet: G-1 (")
}
