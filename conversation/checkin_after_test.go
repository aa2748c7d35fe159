package conversation_test

import (
	"strings"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

func TestCorrectingWorksUntilTheNextPeriodOpens(t *testing.T) {
	w, _ := asked(t, cac)
	w.says(linh, "210, 7/10, waiting for legal")
	receipt := w.last("receipt:")
	correct := w.intent(&receipt.Card, "Correct")
	form := w.press(linh, receipt.Key, correct)
	w.wants(form.Card, "So far: $210, confidence 7", `= "$210"`, `"waiting for legal"`)
	shown := w.submit(linh, receipt.Key, form.Card.Form, map[string]string{"value": "215", "blocker": ""})
	w.wants(shown.Card, "Corrected. G-1 Cut CAC: $215, confidence 7.")
	g := w.goal("G-1")
	if c := g.Last(); g.CheckIns != 1 || c.Value.String() != "215" || c.Edited == nil || c.Period != "2026-W49" || c.Blocker != "" {
		t.Errorf("%d check-ins, last %+v", g.CheckIns, g.Last())
	}
	if log, err := w.store.CheckIns(t.Context(), workspace, "G-1", 10); err != nil || len(log) != 1 || log[0].Value.String() != "215" {
		t.Errorf("log %+v, %v", log, err)
	}
	w.until(w.at(linh, "2026-12-07 09:01"))
	w.wants(w.press(linh, receipt.Key, correct).Card, "A new week has begun", "[Update]")
	late := w.submit(linh, receipt.Key, form.Card.Form, map[string]string{"value": "200"})
	w.wants(late.Card, "A new week has begun", `= "200"`)
	w.submit(linh, receipt.Key, late.Card.Form, nil)
	if g := w.goal("G-1"); g.CheckIns != 2 || g.Last().Period != "2026-W50" {
		t.Errorf("%d check-ins, last %+v", g.CheckIns, g.Last())
	}
}

func TestOnlyTheNewestAnswerIsCorrected(t *testing.T) {
	w, _ := asked(t, cac)
	w.says(linh, "240")
	first := w.last("receipt:")
	correct := w.intent(&first.Card, "Correct")
	w.says(linh, "G-1 230")
	w.wants(w.press(linh, first.Key, correct).Card, "There is a newer answer about G-1")
	if c := w.goal("G-1").Last(); c.Seq != 2 || c.Period != "" {
		t.Errorf("the second answer %+v", c)
	}
}

// behind brings Linh's goal to a check-in at which it is off track.
func behind(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.plant(linh, cac)
	w.until(w.at(linh, "2026-12-21 09:00"))
	w.says(linh, "245, 9/10")
	return w
}

func TestOffTrackLeadsToThreeQuestionsAndBackToTheExperiment(t *testing.T) {
	w := behind(t)
	w.wants(&w.last("receipt:").Card, "off track", "The numbers say off track, you say 9 of 10. What do you know that they don't?")
	offer := w.last("course:")
	w.wants(&offer.Card, "points behind. Pushing harder seldom helps", "3 What small thing could you try by Friday?")
	form := w.press(linh, offer.Key, w.intent(&offer.Card, "Think it over"))
	empty := w.submit(linh, offer.Key, form.Card.Form, nil)
	w.wants(empty.Card, "One line to any of the three is enough.")
	done := w.submit(linh, offer.Key, empty.Card.Form, map[string]string{"assumption": "ads work", "next": "call ten customers"})
	w.wants(done.Card, "No longer holds: ads work", "To try: call ten customers", "We come back to it Mon 28 Dec, 9:00")
	if c := w.goal("G-1").Last(); c.Assumption != "ads work" || c.Next != "call ten customers" || c.Edited != nil {
		t.Errorf("kept %+v", c)
	}
	w.until(w.at(linh, "2026-12-28 09:00"))
	w.flush()
	w.wants(&w.last("checkin:").Card, "■ G-1 Cut CAC | $245, was $250", "you meant to: call ten customers")
	w.says(linh, "244")
	if n := len(w.keys("course:")); n != 1 {
		t.Errorf("the three questions came %d times in a row", n)
	}
}

func TestWorriedOnTrackAndOverruledAreAskedOnce(t *testing.T) {
	w, _ := asked(t, cac)
	w.says(linh, "200, 2/10")
	w.wants(&w.last("receipt:").Card, "The numbers say on track, you say 2 of 10. What worries you?")
	w, _ = asked(t, cac)
	w.says(linh, "200, at risk")
	w.wants(&w.last("receipt:").Card, "You say at risk, the numbers suggest on track. Both are shown.")
}

func TestNothingChangedThreeTimesAsksWhetherTheGoalIsRight(t *testing.T) {
	w, prompt := asked(t, cac)
	for week := range 3 {
		w.press(linh, prompt.Key, w.intent(&prompt.Card, "Nothing changed"))
		receipt := w.last("receipt:")
		w.wants(&receipt.Card, "G-1 Cut CAC: nothing changed")
		if asks := strings.Contains(show(&receipt.Card), "Is it still the right goal?"); asks != (week == 2) {
			t.Errorf("week %d:\n%s", week, show(&receipt.Card))
		}
		w.until(prompt.Created.AddDate(0, 0, 7))
		w.flush()
		prompt = w.last("checkin:")
	}
	w.wants(&w.last("receipt:").Card, "[Edit goal][Close goal]")
}

func TestNothingChangedForAllGoalsIsOneReceipt(t *testing.T) {
	w, prompt := asked(t, cac, integrations, handbook)
	w.says(linh, "G-2 2")
	same := w.intent(&prompt.Card, "Nothing changed")
	w.wants(w.press(linh, prompt.Key, same).Card, "All answered")
	w.wants(w.press(linh, prompt.Key, same).Card, "All answered") // a double click
	w.wants(&w.last("same:").Card, "Saved: nothing changed for 2 goals.", "G-1 Cut CAC | $250", "G-3 Write the handbook")
	for id, seq := range map[goal.ID]int{"G-1": 1, "G-2": 1, "G-3": 1} {
		if g := w.goal(id); g.CheckIns != seq {
			t.Errorf("%s has %d check-ins", id, g.CheckIns)
		}
	}
}

func TestAskingSomebodyForHelp(t *testing.T) {
	w, _ := asked(t, cac)
	w.says(linh, "210, waiting for legal")
	receipt := w.last("receipt:")
	form := w.press(linh, receipt.Key, w.intent(&receipt.Card, "Ask somebody"))
	w.wants(form.Card, "waiting for legal", "Who could help?")
	self := w.submit(linh, receipt.Key, form.Card.Form, map[string]string{"helper": string(linh)})
	w.wants(self.Card, "That is you.")
	shown := w.submit(linh, receipt.Key, self.Card.Form, map[string]string{"helper": string(alex)})
	w.wants(shown.Card, "Alex is asked to help.")
	ask := w.last("help:")
	w.wants(&ask.Card, "Linh asks for your help with G-1 Cut CAC:", "waiting for legal", "[I can help]")
	if want := (card.Intent{Verb: "digest.help", Subject: "G-1", Question: "2026-W49"}); ask.To.Person != alex || ask.Card.Actions[0].Intent != want {
		t.Errorf("%+v asks %s", ask.Card.Actions, ask.To.Person)
	}
	if c := w.goal("G-1").Last(); c.Helper != alex || c.Edited != nil {
		t.Errorf("kept %+v", c)
	}
}

func TestHelpForAPrivateGoalDoesNotTellItsTitle(t *testing.T) {
	w, _ := asked(t, cac)
	change(w, conversation.GoalKind, "G-1", func(g *conversation.Goal) { g.Visibility = goal.Private })
	w.says(linh, "210, waiting for legal")
	receipt := w.last("receipt:")
	w.wants(&receipt.Card, "Only the people named in the goal can see it.")
	form := w.press(linh, receipt.Key, w.intent(&receipt.Card, "Ask somebody"))
	w.submit(linh, receipt.Key, form.Card.Form, map[string]string{"helper": string(alex)})
	if text := show(&w.last("help:").Card); strings.Contains(text, "CAC") {
		t.Errorf("Alex reads:\n%s", text)
	}
}

func TestOnlyOwnersAnswer(t *testing.T) {
	w, prompt := asked(t, cac)
	w.says(alex, "update G-1 180")
	w.wants(&w.last("answer:").Card, "G-1 belongs to Linh.", "[Leave a note]")
	for _, i := range []card.Intent{
		{Verb: "checkin.answer", Subject: "G-1", Question: "2026-W49"},
		{Verb: "checkin.save", Subject: "G-1", Question: "2026-W49"},
		{Verb: "checkin.correct", Subject: "G-1", Value: "1"},
		{Verb: "checkin.pick", Subject: "G-1", Question: "x", Value: "1"},
		{Verb: "checkin.course", Subject: "G-1", Value: "1"},
		{Verb: "checkin.help", Subject: "G-1", Value: "1"},
	} {
		w.wants(w.press(alex, "", i).Card, "G-1 belongs to Linh.")
	}
	w.press(alex, prompt.Key, card.Intent{Verb: "checkin.same", Subject: "G-1", Question: "2026-W49"})
	w.press(alex, prompt.Key, card.Intent{Verb: "checkin.snooze", Question: "2026-W49.1", Value: "hour"})
	if g := w.goal("G-1"); g.CheckIns != 0 || len(w.message(prompt.Key).Card.Actions) != 3 {
		t.Errorf("somebody else settled it: %+v", g.Goal)
	}
	change(w, conversation.GoalKind, "G-1", func(g *conversation.Goal) { g.Visibility = goal.Private })
	w.wants(w.press(alex, "", card.Intent{Verb: "checkin.answer", Subject: "G-1"}).Card, "There is no G-1")
}

func TestCoOwnersAnswerForEachOther(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	change(w, conversation.GoalKind, "G-1", func(g *conversation.Goal) { g.CoOwners = []goal.PersonID{sam} })
	w.look(sam)
	w.until(w.at(sam, "2026-11-30 09:00"))
	w.flush()
	w.says(linh, "210")
	prompt := w.last("checkin:U3:")
	told := w.press(sam, prompt.Key, w.intent(&prompt.Card, "Answer"))
	w.wants(told.Card, "Linh answered already: G-1 Cut CAC, $210", "[Correct]")
}

func TestUpdateCommand(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, integrations)
	w.plant(linh, cac)
	in := conversation.Input{Actor: linh, Inline: true, Place: conversation.Place{ID: growth, Kind: conversation.PublicChannel, Name: "growth"}}
	in.Act = conversation.Command{Text: "update"}
	w.wants(w.handle(in).Card, "Your 2 goals. What's new?", "G-2 Cut CAC", "[Answer]", "name it: G-2 230")
	in.Act = conversation.Command{Text: "update g2 210 a note"}
	w.wants(w.handle(in).Card, "Saved. G-2 Cut CAC is at $210.", "a note\n")
	if c := w.goal("G-2").Last(); c.Change != "a note" || c.Period != "" {
		t.Errorf("saved %+v", c)
	}
	if w.last("receipt:").To.Person != linh {
		t.Error("the receipt does not stay with Linh")
	}
	in.Act = conversation.Command{Text: "update G-2"}
	w.wants(w.handle(in).Card, "Check-in G-2", `= "$210"`)
	in.Act = conversation.Command{Text: "update G-2 2"}
	w.wants(w.handle(in).Card, "“2”? G-2 Cut CAC stood at $210.")
}

func TestAnOpenQuestionGoesBeforeACommandOfTheSameWord(t *testing.T) {
	w, _ := asked(t, signups)
	w.says(linh, "thêm 30")
	if v := w.goal("G-1").Metric.Current; v.String() != "1030" {
		t.Errorf("G-1 is at %s", v)
	}
	w.says(linh, "them 30")
	if w.last("answer:").Card.Kind != "goal.form" {
		t.Errorf("with nothing open, it is a new goal:\n%s", show(&w.last("answer:").Card))
	}
}

func TestReceiptTellsWhenTheChannelSeesIt(t *testing.T) {
	w, _ := asked(t, cac)
	change(w, conversation.ChannelKind, string(growth), func(c *conversation.Channel) {
		c.Digest = conversation.DigestPlan{On: true, Weekday: time.Tuesday, Hour: "10:00", Zone: "Asia/Ho_Chi_Minh", Since: w.now}
	})
	w.says(linh, "210")
	w.wants(&w.last("receipt:").Card, "#growth sees it on Tuesday.")
}

func TestCheckInInVietnamese(t *testing.T) {
	w := newWorld(t)
	w.dir.people[linh] = conversation.Profile{Name: "Trần Thùy Linh", Zone: "Asia/Ho_Chi_Minh", Language: "vi-VN"}
	w.plant(linh, map[string]string{"title": "Giảm CAC", "from": "250 đô", "to": "150 đô", "due": "2026-12-31"})
	w.plant(linh, map[string]string{"title": "Doanh thu", "from": "1 tỷ", "to": "1,5 tỷ", "due": "2027-03-31"})
	w.until(w.at(linh, "2026-11-30 10:30"))
	w.flush()
	prompt := w.last("checkin:")
	w.wants(&prompt.Card, "Chào Linh. Hai mục tiêu, chừng một phút.", "G-1 Giảm CAC | 250 đô", "1 tỷ",
		"Trả lời ngay đây, ví dụ G-1 230, 7/10, chờ bên pháp chế.", "Hỏi vào thứ Hai hằng tuần, 9:00 giờ của bạn",
		"[Trả lời][Không có gì mới][Để sau]")
	w.says(linh, "210, 7/10, chờ pháp lý")
	w.wants(&w.last("receipt:").Card, "Đã ghi. G-1 Giảm CAC: 210 đô, tự tin 7.", "250 · 210", "Vướng mắc: “chờ pháp lý”. Ai giúp được?")
	form := w.press(linh, prompt.Key, w.intent(&w.message(prompt.Key).Card, "Trả lời"))
	w.submit(linh, prompt.Key, form.Card.Form, map[string]string{"value": "1,2 tỷ"})
	w.wants(&w.last("receipt:").Card, "Doanh thu: 1,2 tỷ")
	w.wants(&w.message(prompt.Key).Card, "Tuần này xong rồi, Linh.")
}

func TestWhatPeopleTypeIsShownAsItIs(t *testing.T) {
	w, _ := asked(t, cac)
	hostile := "waiting for %s {goal} <!channel> <at>all</at> *bold* \u202Egnp.exe"
	w.says(linh, "210, "+hostile)
	receipt := show(&w.last("receipt:").Card)
	if !strings.Contains(receipt, "waiting for %s {goal} <!channel> <at>all</at> *bold* gnp.exe") {
		t.Errorf("shown as:\n%s", receipt)
	}
	w.says(linh, "G-1 "+strings.Repeat("the legal team ", 300))
	w.wants(&w.last("answer:").Card, "Shorten it to 2,000 characters.")
}

func TestUnknownNumbersInIntentsDoNoHarm(t *testing.T) {
	w, _ := asked(t, cac)
	for _, i := range []card.Intent{
		{Verb: "checkin.correct", Subject: "G-1", Value: "99"},
		{Verb: "checkin.correct", Subject: "G-1", Value: "-1"},
		{Verb: "checkin.course", Subject: "G-1", Value: "x"},
		{Verb: "checkin.help", Subject: "G-1"},
		{Verb: "checkin.pick", Subject: "G-1", Question: "no", Value: "1e999999999"},
		{Verb: "checkin.show", Subject: "G-1", Value: "7"},
		{Verb: "checkin.show"},
		{Verb: "checkin.answer"},
		{Verb: "checkin.same", Question: "1999-W01"},
		{Verb: "checkin.skip", Question: "1999-W01"},
		{Verb: "checkin.skipped"},
		{Verb: "checkin.snooze"},
	} {
		if w.press(linh, "", i).Card == nil {
			t.Errorf("%v is answered with silence", i)
		}
	}
	if w.goal("G-1").CheckIns != 0 {
		t.Error("something was saved")
	}
}

func TestNumbersThatDoNotFitAreAskedAbout(t *testing.T) {
	w, _ := asked(t, cac)
	w.says(linh, "5 EUR, so they told me")
	unclear := w.last("unclear:")
	w.wants(&unclear.Card, "“5 EUR” does not fit G-1 Cut CAC.", "5 EUR, so they told me", "[Keep it as a note]", "[Type it again]")
	if strings.Contains(show(&w.last("checkin:").Card), "✓") {
		t.Error("the question is settled by it")
	}
}

// Answers move what they answered to the front; what the clock changes for everybody at once does not.
func TestChangesAreAsUrgentAsTheirCause(t *testing.T) {
	w, prompt := asked(t, cac)
	w.delivers(prompt.Key, func(m *conversation.Message) {
		m.Delivery = conversation.Delivery{State: conversation.Sent, Ref: "D1/1.1", Shown: m.Revision}
	})
	w.until(w.at(linh, "2026-12-07 09:01"))
	if passed := w.message(prompt.Key); passed.Revision != 2 || passed.Urgent {
		t.Errorf("a prompt whose week is over, changed by the clock: revision %d, urgent %v", passed.Revision, passed.Urgent)
	}
	next := w.last("checkin:U1:2026-W50:1")
	w.delivers(next.Key, func(m *conversation.Message) {
		m.Delivery = conversation.Delivery{State: conversation.Sent, Ref: "D1/2.1", Shown: m.Revision}
	})
	w.says(linh, "210, 7/10")
	if answered := w.message(next.Key); answered.Revision != 2 || !answered.Urgent {
		t.Errorf("an answered prompt: revision %d, urgent %v", answered.Revision, answered.Urgent)
	}
}
