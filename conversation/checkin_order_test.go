package conversation_test

import (
	"testing"
	"time"

	"goalkeeper/goal"
)

func TestAGoalMayBeNamedBehindTheAnswer(t *testing.T) {
	w := newWorld(t)
	w.plant(alex, map[string]string{"title": "Cut churn", "from": "5%", "to": "3%", "way": string(goal.Decrease)})
	book := w.plant(alex, map[string]string{"title": "Write the handbook"})
	signups := w.plant(alex, map[string]string{"title": "Signups", "from": "100", "to": "200"})
	w.until(w.at(alex, "2026-11-30 09:01"))
	w.says(alex, "done "+string(book))
	w.says(alex, "120 for "+string(signups)+".")
	if !w.goal(book).Done || w.goal(signups).Metric.Current.String() != "120" {
		t.Errorf("done %v, at %s", w.goal(book).Done, w.goal(signups).Metric.Current)
	}
}

func TestThePromptShowsWhatWasToldLast(t *testing.T) {
	w := newWorld(t)
	id := w.plant(alex, map[string]string{"title": "Cut churn", "from": "5%", "to": "3%", "way": string(goal.Decrease)})
	w.until(w.at(alex, "2026-11-30 09:01"))
	prompt := w.last("checkin:")
	w.press(alex, prompt.Key, w.intent(&prompt.Card, "Nothing changed"))
	w.says(alex, string(id)+" 4.5%")
	w.wants(&w.message(prompt.Key).Card, "4.5%")
}

func TestTheCourseTalkComesAfterTheReceipt(t *testing.T) {
	w := newWorld(t)
	w.plant(alex, map[string]string{"title": "Cut churn", "from": "5%", "to": "3%", "way": string(goal.Decrease), "due": "2026-12-31"})
	w.until(w.at(alex, "2026-12-14 09:01"))
	w.says(alex, "same")
	if course := w.last("course:"); !course.Delivery.NotUntil.After(w.now) || course.Delivery.NotUntil.After(w.now.Add(10*time.Second)) {
		t.Errorf("it may be sent %s, now is %s", course.Delivery.NotUntil, w.now)
	}
}

func TestALateQuestionDoesNotComeAtNight(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.sleep(w.at(linh, "2026-11-30 23:30")) // nothing ran since the morning
	w.flush()
	if n := len(w.keys("checkin:")); n != 0 {
		t.Fatalf("asked at half past eleven at night")
	}
	w.until(w.at(linh, "2026-12-01 08:01"))
	w.wants(&w.last("checkin:").Card, "Linh")
}
