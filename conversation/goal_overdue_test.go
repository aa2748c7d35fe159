package conversation_test

import (
	"strings"
	"testing"

	"goalkeeper/conversation"
)

func TestAGoalPastItsDaySaysSoEverywhere(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, map[string]string{"title": "Cut CAC", "due": "2026-12-01"})
	w.wants(w.verb(linh, "goal.show", "G-1"), "due 1 Dec")
	w.lacks(w.verb(linh, "goal.show", "G-1"), "was due")
	w.now = w.at(linh, "2026-12-02 10:00")

	c := w.verb(linh, "goal.show", "G-1")
	w.wants(c, "was due 1 Dec", "[Close goal][Edit][Update]")
	w.wants(w.types(linh, "list"), "was due 1 Dec")
	w.wants(w.opensHome(linh), "was due 1 Dec")
	w.wants(w.types(linh, "digest"), "Needs you", "was due 1 Dec: close it or set a new date")

	w.now = w.at(linh, "2026-12-27 10:00") // however long nobody says anything
	w.wants(w.types(linh, "digest"), "was due 1 Dec: close it")
	w.lacks(w.types(linh, "digest"), "Quiet:")
	w.submit(linh, "", w.verb(linh, "goal.close", "G-1").Form, map[string]string{"score": "0.7"})
	w.lacks(w.verb(linh, "goal.show", "G-1"), "was due")
}

func TestACheckInAfterTheDueDayIsNotAnnounced(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, map[string]string{"title": "Call them", "due": "2026-11-27"})
	w.lacks(w.verb(linh, "goal.show", "G-1"), "Next check-in")
	w.plant(linh, map[string]string{"title": "Call others", "due": "2026-11-30"})
	w.wants(w.verb(linh, "goal.show", "G-2"), "Next check-in Mon 30")
}

func TestWhoeverClosesForOthersScoresThemselves(t *testing.T) {
	w := newWorld(t)
	w.dir.people["U8"] = conversation.Profile{Name: "Ada Admin", Admin: true}
	w.plant(linh, cac)
	w.wants(w.verb(linh, "goal.close", "G-1"), `How far did it get? () = "0.0"`)
	w.lacks(w.verb(linh, "goal.close", "G-1"), "will be told")
	form := w.verb("U8", "goal.close", "G-1")
	w.wants(form, `How far did it get? () = ""`, "Linh will be told.")
	w.wants(w.submit("U8", "", form.Form, nil).Card, "Choose a score", "Linh will be told.")
	w.submit("U8", "", form.Form, map[string]string{"score": "0.5"})
	w.wants(&w.last("close.told:").Card, "Ada closed G-1")
}

func TestAHandedBackGoalSaysWhoDecides(t *testing.T) {
	w, id := proposed(t)
	m := w.last("proposal:")
	w.press(linh, m.Key, w.intent(&m.Card, "Trả lại"))
	w.wants(w.verb(sam, "goal.show", id), "handed it back: nobody owns it now, Alex decides")
	w.wants(w.verb(alex, "goal.show", id), "nobody owns it now. Edit it to choose another owner")
	w.wants(w.types(alex, "digest"), "Needs you")
	if text := show(w.types(alex, "digest")); !strings.Contains(text, "nobody owns it now") {
		t.Errorf("the digest does not say so:\n%s", text)
	}
}

func TestADayThatIsOverIsAskedAbout(t *testing.T) {
	w := newWorld(t)
	c := w.types(linh, "new Ship it by yesterday")
	if wrong := wrongs(t, c); wrong["due"] == "" || len(wrong) != 1 {
		t.Errorf("told %v", wrong)
	}
	w.wants(c, "That day is over.")
}
