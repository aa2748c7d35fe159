package conversation_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

func TestManyClicksAtOnceAreOneAnswer(t *testing.T) {
	w, prompt := asked(t, cac)
	form := w.press(linh, prompt.Key, w.intent(&prompt.Card, "Answer"))
	in := w.submission(linh, prompt.Key, form.Card.Form, map[string]string{"value": "230"})
	in.Workspace = workspace
	var clicks sync.WaitGroup
	for n := range 8 {
		clicks.Go(func() {
			in := in
			in.Delivery = fmt.Sprint("click", n/2) // each delivered twice
			if _, err := w.svc.Handle(t.Context(), in); err != nil {
				t.Error(err)
			}
		})
	}
	clicks.Wait()
	w.flush()
	if g := w.goal("G-1"); g.CheckIns != 1 || len(w.keys("receipt:")) != 1 {
		t.Errorf("%d check-ins, receipts %q", g.CheckIns, w.keys("receipt:"))
	}
}

func TestTwoReplicasAskOnce(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.sleep(w.at(linh, "2026-11-30 09:00"))
	timer := conversation.Timer{Workspace: workspace, Kind: conversation.CheckInTimer, Subject: string(linh), At: w.now}
	first, second := *w.svc, *w.svc
	var replicas sync.WaitGroup
	for _, svc := range []*conversation.Service{&first, &second} {
		replicas.Go(func() {
			if v := svc.Due(t.Context(), []conversation.Timer{timer}, w.now)[0]; v.Err != nil || !v.Next.After(w.now) {
				t.Errorf("next look %s, %v", v.Next, v.Err)
			}
		})
	}
	replicas.Wait()
	w.flush()
	if keys := w.keys("checkin:"); len(keys) != 1 || w.message(keys[0]).Revision != 1 {
		t.Errorf("asked %q", keys)
	}
}

func TestManyGoalsFitIntoOnePrompt(t *testing.T) {
	w := newWorld(t)
	for n := range 25 {
		w.plant(linh, map[string]string{"title": fmt.Sprint("Goal ", n, strings.Repeat(" long", 30)), "from": "0", "to": "10"})
	}
	w.until(w.at(linh, "2026-11-30 09:00"))
	w.flush()
	prompt := w.last("checkin:")
	w.wants(&prompt.Card, "25 goals, about 13 minutes.", "and 5 more")
	if rows := len(prompt.Card.Body[1].Rows); rows != 20 {
		t.Errorf("%d rows", rows)
	}
	w.press(linh, prompt.Key, w.intent(&prompt.Card, "Nothing changed"))
	w.wants(&w.message(prompt.Key).Card, "All answered")
	w.wants(&w.last("same:").Card, "nothing changed for 25 goals.", "and 5 more")
}

// Between any two steps the process may end; another goes on where it was.
func TestEveryStepSurvivesARestart(t *testing.T) {
	w, prompt := asked(t, cac, integrations)
	w.restart()
	later := w.intent(&prompt.Card, "In an hour")
	w.press(linh, prompt.Key, later)
	w.restart()
	w.until(w.at(linh, "2026-11-30 10:00"))
	w.flush()
	prompt = w.last("checkin:U1:2026-W49:2")
	w.restart()
	w.says(linh, "G-1 1600")
	w.restart()
	unclear := w.last("unclear:")
	w.press(linh, unclear.Key, w.intent(&unclear.Card, "$160"))
	w.restart()
	w.says(linh, "2")
	w.wants(&w.message(prompt.Key).Card, "All answered", "$160", "G-2 Three integrations | 2 integrations")
}

func TestACheckInFromAChannelStaysInTheDirectConversation(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	answer := w.handle(conversation.Input{Actor: linh, Inline: true, Act: conversation.Command{Text: "checkin"},
		Place: conversation.Place{ID: growth, Kind: conversation.PublicChannel, Name: "growth"}})
	w.wants(answer.Card, "Hello, Linh. One goal", "[Answer]")
	if prompt := w.last("checkin:"); prompt.To.Person != linh || prompt.To.Channel != "" {
		t.Errorf("sent to %+v", prompt.To)
	}
}

func TestGoalCardsFollowTheirUpdate(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.says(linh, "G-1")
	shown := w.last("answer:")
	form := w.press(linh, shown.Key, w.intent(&shown.Card, "Update"))
	if q := form.Card.Form.Intent.Question; q == "" || q == "2026-W48" {
		t.Errorf("the form answers %q", q)
	}
	w.wants(w.submit(linh, shown.Key, form.Card.Form, map[string]string{"value": "200"}).Card, "50 %")
	w.wants(&w.message(shown.Key).Card, "50 %")
	if got := w.press(linh, "", card.Intent{Verb: "checkin.show", Subject: "G-1", Value: "1"}); got.Card.Kind != "checkin.saved" {
		t.Errorf("shown %s", got.Card.Kind)
	}
}

func TestNothingChangedWorksAgainForGoalsThatCameLater(t *testing.T) {
	w, prompt := asked(t, cac)
	w.press(linh, prompt.Key, w.intent(&prompt.Card, "Nothing changed"))
	w.plant(linh, integrations)
	w.says(linh, "checkin")
	prompt = w.last("checkin:U1:2026-W49:2")
	w.wants(&prompt.Card, "1 of 2 answered.")
	w.press(linh, prompt.Key, w.intent(&prompt.Card, "Nothing changed"))
	if c := w.goal("G-2").Last(); c == nil || !c.Same {
		t.Errorf("saved %+v", c)
	}
}
