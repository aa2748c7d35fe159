package conversation_test

import (
	"testing"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

func TestChangingAProposedGoalTakesItOn(t *testing.T) {
	w := newWorld(t)
	id := w.plant(alex, map[string]string{"title": "Hire five engineers", "owner": string(sam)})
	w.flush()
	asked := w.last("proposal:")
	w.wants(&asked.Card, "Hire five engineers")

	form := w.press(sam, asked.Key, w.intent(&asked.Card, "Change")).Card.Form
	w.submit(sam, "", form, map[string]string{"due": "2027-06-30"})
	w.flush()

	if g := w.goal(id); g.Acceptance != goal.Accepted || g.Due.String() != "2027-06-30" {
		t.Errorf("%s, due %s", g.Acceptance, g.Due)
	}
	w.wants(&w.message(asked.Key).Card, "30 Jun", "Next check-in")
	if told := w.last("proposal.changed:"); told.To.Person != alex {
		t.Errorf("told %v", told.To)
	}
	if n := len(w.keys("answer:")); n > 1 { // the creator's own card
		t.Errorf("the goal stands in %d more messages", n-1)
	}
}

func TestWhatWasSharedIsTakenBackBeforeEverybody(t *testing.T) {
	w := newWorld(t)
	form := w.handle(conversation.Input{Workspace: workspace, Actor: linh, Place: inGrowth, Inline: true,
		Act: conversation.Command{Text: "new Cut CAC from $250 to $150 by Q4"}}).Card.Form
	in := w.submission(linh, "", form, nil)
	in.Place = inGrowth
	c := w.handle(in).Card
	share := w.intent(c, "Share")
	w.handle(conversation.Input{Workspace: workspace, Actor: linh, Place: inGrowth, Inline: true, Act: conversation.Used{Intent: share}})
	w.flush()
	w.wants(&w.last("share:").Card, "Cut CAC", "$250")

	w.press(linh, "", w.intent(c, "Undo"))
	w.flush()
	w.wants(&w.last("share:").Card, "took back", "Cut CAC")
}

func TestBothNumbersAreToldToBeUnclear(t *testing.T) {
	w := newWorld(t)
	form := w.press(alex, "", card.Intent{Verb: "goal.new"}).Card.Form
	c := w.submit(alex, "", form, map[string]string{"title": "Launch", "from": "some", "to": "many"}).Card
	for _, f := range c.Form.Fields {
		if unclear := f.Name == "from" || f.Name == "to"; unclear != (f.Error != "") {
			t.Errorf("%s: %q", f.Name, f.Error)
		}
	}
}

func TestANumberIsEnoughWhereAGoalIsMeant(t *testing.T) {
	w := newWorld(t)
	id := w.plant(alex, map[string]string{"title": "Launch"})
	c := w.handle(conversation.Input{Workspace: workspace, Actor: alex, Place: inGrowth, Inline: true,
		Act: conversation.Command{Text: "show " + string(id[2:])}}).Card
	w.wants(c, "Launch")
}

func TestNewGoalAloneIsNoTitle(t *testing.T) {
	w := newWorld(t)
	for typed, title := range map[string]string{
		"new goal": "", "New Goal": "", "tạo mục tiêu": "", "new Goal tracking": "Goal tracking", "tạo mục tiêu Giảm CAC": "Giảm CAC",
	} {
		c := w.handle(conversation.Input{Actor: alex, Place: inGrowth, Inline: true, Act: conversation.Command{Text: typed}}).Card
		if got := c.Form.Fields[0].Value; got != title {
			t.Errorf("%q: %q", typed, got)
		}
	}
}
