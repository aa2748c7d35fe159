package conversation_test

import (
	"strings"
	"testing"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
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

// asked brings Linh's goal to its first prompt, on Monday, 30 November, 9:00 in Hanoi.
func asked(t *testing.T, goals ...map[string]string) (*world, *conversation.Message) {
	t.Helper()
	w := newWorld(t)
	for _, g := range goals {
		w.plant(linh, g)
	}
	w.until(w.at(linh, "2026-11-30 09:00"))
	w.flush()
	return w, w.last("checkin:U1:2026-W49:1")
}

var (
	integrations = map[string]string{"title": "Three integrations", "from": "0", "to": "3 integrations", "due": "2027-02-28"}
	signups      = map[string]string{"title": "Sign-ups", "from": "1,000", "to": "2,000", "due": "2027-06-30"}
	handbook     = map[string]string{"title": "Write the handbook"}
)

func TestAnswerFormIsOneActHoweverOftenItArrives(t *testing.T) {
	w, prompt := asked(t, cac)
	form := w.press(linh, prompt.Key, w.intent(&prompt.Card, "Answer"))
	w.wants(form.Card, "Check-in G-1", `Where does it stand? ($250 → $150. Also +3, 70% or same) = "$250"`)
	in := w.submission(linh, prompt.Key, form.Card.Form, map[string]string{"value": "230", "confidence": "6", "next": "call Ana"})
	in.Delivery = "twice"
	shown := w.handle(in)
	w.wants(shown.Card, "All answered for this week, Linh.")
	if !shown.Replace {
		t.Error("the prompt keeps its buttons for the one who pressed")
	}
	w.handle(in) // delivered again
	in.Delivery = "double click"
	w.wants(w.handle(in).Card, "Saved. G-1 Cut CAC is at $230, confidence 6.")
	if g := w.goal("G-1"); g.CheckIns != 1 || g.Last().Next != "call Ana" {
		t.Errorf("%d check-ins, last %+v", g.CheckIns, g.Last())
	}
	if n := len(w.keys("receipt:")); n != 1 {
		t.Errorf("%d receipts", n)
	}
	again := w.press(linh, prompt.Key, card.Intent{Verb: "checkin.answer", Subject: "G-1", Question: "2026-W49"})
	w.wants(again.Card, "You answered already: G-1 Cut CAC, $230, confidence 6", "[Correct]")
}

func TestFormComesBackWithWhatIsWrongAndAllThatWasTyped(t *testing.T) {
	w, prompt := asked(t, cac)
	form := w.press(linh, prompt.Key, w.intent(&prompt.Card, "Answer"))
	back := w.submit(linh, prompt.Key, form.Card.Form, map[string]string{
		"value": "a lot", "confidence": "12", "change": "50% off %s <!channel>"})
	w.wants(back.Card, "a lot is not clear as a number", "Confidence goes from 0 to 10", `"50% off %s <!channel>"`)
	w.submit(linh, prompt.Key, back.Card.Form, map[string]string{"value": "+5", "confidence": "3"})
	c := w.goal("G-1").Last()
	if c == nil || c.Value.String() != "255" || *c.Confidence != 3 || c.Change != "50% off %s <!channel>" {
		t.Errorf("saved %+v", c)
	}
}

func TestSecondAnswerToTheSameQuestionReplacesOnlyKnowingly(t *testing.T) {
	w, prompt := asked(t, cac)
	form := w.press(linh, prompt.Key, w.intent(&prompt.Card, "Answer"))
	w.says(linh, "210")
	back := w.submit(linh, prompt.Key, form.Card.Form, map[string]string{"value": "220", "change": "counted again"})
	w.wants(back.Card, "answered in the meantime: $210", "counted again")
	w.submit(linh, prompt.Key, back.Card.Form, nil)
	g := w.goal("G-1")
	if g.CheckIns != 1 || g.Last().Value.String() != "220" || g.Last().Edited == nil {
		t.Errorf("%d check-ins, last %+v", g.CheckIns, g.Last())
	}
}

func TestSeveralGoalsAreOneMessageMostUrgentFirst(t *testing.T) {
	w, prompt := asked(t, handbook, integrations, cac)
	w.wants(&prompt.Card, "Three goals, two minutes at most.", "0 of 3 integrations", "not done yet",
		"- ○ G-3 Cut CAC | $250 · no check-in yet [Answer]\n- ○ G-2 Three integrations", "e.g. G-3 230, 7/10")
	w.says(linh, "210")
	w.says(linh, "G-1 done")
	w.wants(&w.message(prompt.Key).Card, "2 of 3 answered.", "✓ G-3 Cut CAC | $210", "✓ G-1 Write the handbook | done", "○ G-2")
	receipt := w.last("receipt:G-1")
	w.wants(&receipt.Card, "[Next goal]")
	form := w.press(linh, receipt.Key, w.intent(&receipt.Card, "Next goal"))
	w.wants(form.Card, "G-2 Three integrations")
	w.submit(linh, receipt.Key, form.Card.Form, map[string]string{"value": "1/3"})
	if v := w.goal("G-2").Metric.Current; v.String() != "1" {
		t.Errorf("G-2 is at %s", v)
	}
	if text := show(&w.message(receipt.Key).Card); !strings.Contains(text, "[Correct][Close goal]") {
		t.Errorf("the receipt before still offers the next goal:\n%s", text)
	}
}

func TestUnclearAnswerWaitsUntilSomebodyDecides(t *testing.T) {
	w, _ := asked(t, signups)
	w.says(linh, "1500")
	w.until(w.at(linh, "2026-12-07 09:00"))
	w.flush()
	prompt := w.last("checkin:U1:2026-W50:1")
	w.says(linh, "160, 7/10")
	unclear := w.last("unclear:")
	w.wants(&unclear.Card, "“160, 7/10”? G-1 Sign-ups stood at 1,500.", "[1,600]", "[160, it fell]", "[Type it again]")
	if g := w.goal("G-1"); g.CheckIns != 1 {
		t.Fatal("an unclear answer was saved")
	}
	w.until(w.at(linh, "2026-12-08 09:00"))
	w.flush()
	nudge := w.last("nudge:")
	w.wants(&nudge.Card, "“160, 7/10”?", "[1,600]", "still waits")
	w.restart()
	pick := w.intent(&unclear.Card, "1,600")
	w.press(linh, unclear.Key, pick)
	w.press(linh, nudge.Key, pick) // the same act
	g := w.goal("G-1")
	if g.CheckIns != 2 || g.Metric.Current.String() != "1600" || *g.Last().Confidence != 7 {
		t.Errorf("%d check-ins, at %s, last %+v", g.CheckIns, g.Metric.Current, g.Last())
	}
	for _, key := range []string{prompt.Key, unclear.Key, nudge.Key} {
		if acts := w.message(key).Card.Actions; len(acts) > 0 {
			t.Errorf("%s keeps %d buttons", key, len(acts))
		}
	}
}

func TestTypingAgainSettlesTheUnclearAnswer(t *testing.T) {
	w, _ := asked(t, integrations, signups)
	w.says(linh, "G-2 1600")
	w.says(linh, "G-2 16")
	unclear := w.last("unclear:")
	again := w.press(linh, unclear.Key, w.intent(&unclear.Card, "Type it again"))
	w.wants(again.Card, "Type it again for G-2 Sign-ups")
	w.says(linh, "1650")
	if g := w.goal("G-2"); g.Metric.Current.String() != "1650" || w.talk(linh).Unclear != nil {
		t.Errorf("G-2 at %s, talk %+v", g.Metric.Current, w.talk(linh))
	}
	w.says(linh, "G-2 17")
	unclear = w.last("unclear:")
	w.press(linh, unclear.Key, w.intent(&unclear.Card, "Type it again"))
	w.press(linh, unclear.Key, w.intent(&unclear.Card, "1,700")) // picked after all
	if g := w.goal("G-2"); g.Metric.Current.String() != "1700" {
		t.Errorf("G-2 at %s", g.Metric.Current)
	}
}

func TestWordsWithoutANumberAreAskedAboutAndNothingIsLost(t *testing.T) {
	w, _ := asked(t, cac)
	w.says(linh, "waiting for legal")
	unclear := w.last("unclear:")
	w.wants(&unclear.Card, "“waiting for legal” has no number in it", "[Keep it as a note]")
	w.press(linh, unclear.Key, w.intent(&unclear.Card, "Keep it as a note"))
	if c := w.goal("G-1").Last(); c == nil || c.Blocker != "waiting for legal" {
		t.Errorf("saved %+v", c)
	}
	w.says(linh, "thanks a lot")
	w.wants(&w.last("answer:").Card, "could not read this", "thanks a lot", "name it: G-1")
}
