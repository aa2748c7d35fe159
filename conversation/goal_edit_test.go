package conversation_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// edit changes a goal by its form.
func (w *world) edit(p goal.PersonID, id goal.ID, values map[string]string) *card.Card {
	w.t.Helper()
	w.submit(p, "", w.verb(p, "goal.edit", id).Form, values)
	return w.verb(p, "goal.show", id)
}

func TestUndoForTenMinutes(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	undo := card.Intent{Verb: "goal.undo", Subject: "G-1", Question: "new"}
	w.wants(w.verb(linh, "goal.show", "G-1"), "[Undo]")
	for range 2 { // a double click is told the same
		w.wants(w.press(linh, "", undo).Card, "Taken back: G-1 Cut CAC")
	}
	w.wants(w.verb(linh, "goal.show", "G-1"), "There is no G-1")
	w.wants(w.verb(sam, "goal.undo", "G-1"), "There is no G-1")
	w.wants(w.verb(linh, "goal.reopen", "G-1"), "There is no G-1")

	w.plant(linh, cac)
	w.now = w.now.Add(10 * time.Minute)
	w.lacks(w.verb(linh, "goal.show", "G-2"), "[Undo]")
	w.wants(w.verb(linh, "goal.undo", "G-2"), "can no longer be undone")
	if w.goal("G-2").Closed != nil {
		t.Error("undone all the same")
	}
}

func TestUndoWithdrawsTheQuestion(t *testing.T) {
	w, id := proposed(t)
	m := w.last("proposal:")
	w.wants(w.verb(alex, "goal.undo", id), "Taken back")
	w.wants(&w.message(m.Key).Card, "Alex đã rút lại G-1 Cut CAC")
	w.wants(w.press(linh, m.Key, w.intent(&m.Card, "Nhận")).Card, "Không thấy G-1")
}

func TestUndoIsOverOnceSomebodyWorkedWithIt(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.command(linh, direct(linh), "update G-1 240")
	w.wants(w.verb(linh, "goal.undo", "G-1"), "can no longer be undone")
}

func TestWhoMayEdit(t *testing.T) {
	w := newWorld(t)
	parent := w.plant(alex, map[string]string{"title": "Profitable growth"})
	id := w.plant(linh, map[string]string{"title": "Cut CAC", "parent": string(parent)})
	w.dir.people["U8"] = conversation.Profile{Name: "Ada Admin", Admin: true}

	w.wants(w.edit(linh, id, map[string]string{"reason": "support"}), "support")
	w.wants(w.edit(alex, id, map[string]string{"reason": "margin"}), "margin")
	if told := w.toldTo(linh, "edit.told:"); len(told) != 1 {
		t.Fatalf("the owner hears %d times of the lead's edit", len(told))
	}
	w.wants(&w.toldTo(linh, "edit.told:")[0].Card, "Alex edited G-2 Cut CAC", "[Open]")

	form := w.verb(linh, "goal.edit", id).Form
	for _, p := range []goal.PersonID{sam, "U8"} {
		w.wants(w.verb(p, "goal.edit", id), "G-2 belongs to Linh")
		w.wants(w.submit(p, "", form, map[string]string{"title": "Mine"}).Card, "G-2 belongs to Linh")
	}
	if w.goal(id).Title != "Cut CAC" {
		t.Error("somebody else edited the goal")
	}
}

func TestTheCreatorEditsUntilTheOwnerAccepts(t *testing.T) {
	w, id := proposed(t)
	w.wants(w.edit(alex, id, map[string]string{"title": "Halve CAC"}), "Halve CAC")
	w.press(linh, "", w.intent(&w.last("proposal:").Card, "Nhận"))
	w.wants(w.verb(alex, "goal.edit", id), "G-1 belongs to Linh")
}

func TestEditingHabits(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.edit(linh, "G-1", map[string]string{"cadence": "monthly", "visibility": "private"})
	if g := w.goal("G-1"); g.Cadence != goal.Monthly || g.Visibility != goal.Private {
		t.Errorf("%s, %s", g.Cadence, g.Visibility)
	}
	w.wants(w.verb(alex, "goal.show", "G-1"), "There is no G-1")
	c := w.submit(linh, "", w.verb(linh, "goal.edit", "G-1").Form, map[string]string{"cadence": "hourly", "visibility": "all"}).Card
	if wrong := wrongs(t, c); wrong["cadence"] == "" || wrong["visibility"] == "" {
		t.Errorf("told %v", wrong)
	}
}

func TestADayThatIsOverIsOnlyToleratedUnchanged(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, map[string]string{"title": "Launch", "due": "2026-11-30"})
	w.plant(linh, map[string]string{"title": "Some day", "due": ""})
	w.sleep(w.at(linh, "2026-12-05 10:00"))
	w.wants(w.edit(linh, "G-1", map[string]string{"title": "Launch it"}), "Launch it", "30 Nov")
	for id, due := range map[goal.ID]string{"G-1": "2026-12-01", "G-2": "soon"} {
		c := w.submit(linh, "", w.verb(linh, "goal.edit", id).Form, map[string]string{"due": due}).Card
		if wrongs(t, c)["due"] == "" || values(t, c)["due"] != due {
			t.Errorf("%s: %s", due, show(c))
		}
	}
}

func TestEditingTheMetricKeepsWhereItStands(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.edit(linh, "G-1", map[string]string{"from": "$300"})
	w.wants(w.verb(linh, "goal.show", "G-1"), "$300 → $150", "0 %")
	w.command(linh, direct(linh), "update G-1 200")
	w.edit(linh, "G-1", map[string]string{"to": "$100", "from": "$400"})
	if m := w.goal("G-1").Metric; m.Current.String() != "200" {
		t.Errorf("it stands at %s", m.Current)
	}
	w.wants(w.verb(linh, "goal.show", "G-1"), "$400 → $100", "67 %")
}

func TestAParentCannotServeItsChild(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, map[string]string{"title": "Above"})
	w.plant(linh, map[string]string{"title": "Below", "parent": "G-1"})
	c := w.submit(linh, "", w.verb(linh, "goal.edit", "G-1").Form, map[string]string{"parent": "G-2"}).Card
	w.wants(c, "G-2 already serves this goal")
	for _, form := range []*card.Card{w.verb(linh, "goal.edit", "G-1"), w.command(linh, inGrowth, "edit G-1")} {
		for _, o := range field(t, form, "parent").Options {
			if o.Value == "G-1" {
				t.Error("a goal is offered as its own parent")
			}
		}
	}
}

func TestTwoEditsAtOnceCloseNoCircle(t *testing.T) {
	for range 5 {
		w := newWorld(t)
		w.plant(linh, map[string]string{"title": "One"})
		w.plant(linh, map[string]string{"title": "Two"})
		edits := []conversation.Input{
			w.submission(linh, "", w.verb(linh, "goal.edit", "G-1").Form, map[string]string{"parent": "G-2"}),
			w.submission(linh, "", w.verb(linh, "goal.edit", "G-2").Form, map[string]string{"parent": "G-1"}),
		}
		var both sync.WaitGroup
		for n, in := range edits {
			in.Workspace, in.Delivery = workspace, string(rune('x'+n))
			both.Go(func() {
				if _, err := w.svc.Handle(t.Context(), in); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if one, two := w.goal("G-1"), w.goal("G-2"); (one.Parent == "") == (two.Parent == "") {
			t.Errorf("G-1 serves %q and G-2 serves %q", one.Parent, two.Parent)
		}
	}
}

func TestAClosedParentStaysUntilItIsChanged(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, map[string]string{"title": "Above"})
	w.plant(linh, map[string]string{"title": "Below", "parent": "G-1"})
	w.close(linh, "G-1", "1.0")
	w.edit(linh, "G-2", map[string]string{"title": "Still below"})
	if g := w.goal("G-2"); g.Parent != "G-1" || g.Title != "Still below" {
		t.Errorf("%s serves %q", g.Title, g.Parent)
	}
}

func TestAParentThatTheEditorMayNotSeeStaysHiddenAndKept(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, map[string]string{"title": "Secret plan"})
	w.edit(linh, "G-1", map[string]string{"visibility": "private"})
	w.plant(linh, map[string]string{"title": "Cut CAC", "parent": "G-1"})
	w.edit(linh, "G-2", map[string]string{"owner": string(sam)})
	w.press(sam, "", w.intent(&w.last("proposal:").Card, "Accept"))

	form := w.verb(sam, "goal.edit", "G-2")
	w.lacks(form, "Secret", "G-1")
	w.lacks(w.edit(sam, "G-2", map[string]string{"title": "Halve CAC"}), "Secret", "G-1")
	if g := w.goal("G-2"); g.Parent != "G-1" || g.Title != "Halve CAC" {
		t.Errorf("%s serves %q", g.Title, g.Parent)
	}
	guess := w.submit(sam, "", w.verb(sam, "goal.edit", "G-2").Form, map[string]string{"parent": "G-1"}).Card
	w.wants(guess, "There is no goal G-1 that you can see")
}

func TestManyGoalsAreServedByNumber(t *testing.T) {
	w := newWorld(t)
	w.seed(120)
	c := w.command(linh, inGrowth, "new Cut CAC")
	f := field(t, c, "parent")
	if f.Kind != card.Line || len(f.Options) != 0 {
		t.Errorf("the parent is a %s of %d options", f.Kind, len(f.Options))
	}
	w.wants(w.submit(linh, "", c.Form, map[string]string{"parent": "g 7"}).Card)
	w.wants(&w.last("answer:").Card, "Serves G-7")
}

func TestCloseAndReopen(t *testing.T) {
	w := newWorld(t)
	parent := w.plant(alex, map[string]string{"title": "Profitable growth"})
	id := w.plant(linh, map[string]string{"title": "Cut CAC", "parent": string(parent), "from": "$250", "to": "$150"})
	w.command(linh, direct(linh), "update G-2 180")
	w.until(w.at(linh, "2026-12-07 09:30"))
	prompt := w.last("checkin:")
	w.wants(&prompt.Card, "Cut CAC", "[Answer]")

	form := w.verb(linh, "goal.close", id)
	if v := values(t, form); v["score"] != "0.7" {
		t.Errorf("suggests %q", v["score"])
	}
	for _, bad := range []map[string]string{{"score": ""}, {"score": "2"}, {"score": "-0.1"}, {"score": "good"}, {"note": strings.Repeat("x", goal.MaxNote+1)}} {
		c := w.submit(alex, "", form.Form, bad).Card
		wrong, typed := wrongs(t, c), values(t, c)
		for name, value := range bad {
			if wrong[name] == "" || len(wrong) != 1 || typed[name] != value {
				t.Errorf("%s %.10q: told %v", name, value, wrong)
			}
		}
	}
	in := w.submission(alex, "", form.Form, map[string]string{"score": "0.7", "note": "Good enough"})
	w.wants(w.handle(in).Card)
	w.handle(in)
	told := w.toldTo(linh, "close.told:")
	if len(told) != 1 {
		t.Fatalf("the owner is told %d times", len(told))
	}
	w.wants(&told[0].Card, "Alex closed G-2 Cut CAC", "Good enough")
	w.lacks(&w.message(prompt.Key).Card, "Cut CAC", "[Answer]")
	w.wants(w.verb(linh, "goal.show", id), "Closed 7 Dec by Alex, score 0.7", "[Reopen]")
	w.wants(w.verb(linh, "goal.edit", id), "G-2")
	w.wants(w.submit(linh, "", &card.Form{Intent: card.Intent{Verb: "goal.change", Subject: string(id)}}, nil).Card, "is closed")
	w.wants(w.verb(sam, "goal.reopen", id), "belongs to Linh")

	for range 2 {
		w.wants(w.verb(alex, "goal.reopen", id), "Cut CAC", "Next check-in")
	}
	if told := w.toldTo(linh, "reopen.told:"); len(told) != 1 {
		t.Errorf("the owner is told %d times", len(told))
	}
	w.wants(&w.message(prompt.Key).Card, "Cut CAC")
	w.until(w.at(linh, "2026-12-14 09:01"))
	w.wants(&w.last("checkin:").Card, "Cut CAC")
}

func TestClosingAProposalWithdrawsIt(t *testing.T) {
	w, id := proposed(t)
	m := w.last("proposal:")
	w.close(alex, id, "0.0")
	w.wants(&w.message(m.Key).Card, "đã rút lại")
	w.verb(alex, "goal.reopen", id)
	again := w.last("proposal:")
	if again.Key == m.Key || again.To.Person != linh {
		t.Errorf("asked again by %s", again.Key)
	}
	w.press(linh, again.Key, w.intent(&again.Card, "Nhận"))
	if g := w.goal(id); g.Acceptance != goal.Accepted {
		t.Errorf("it is %s", g.Acceptance)
	}
}

func TestShareOnceAsTheChannelMaySeeIt(t *testing.T) {
	w := newWorld(t)
	w.dir.rooms["C2"] = conversation.Room{Name: "board", Private: true, Present: true}
	w.dir.absent["C2"] = []goal.PersonID{alex, sam}
	board := conversation.Place{ID: "C2", Kind: conversation.PrivateChannel, Name: "board"}
	in := w.submission(linh, "", w.command(linh, board, "new Raise a round").Form, nil)
	in.Place = board
	w.handle(in)
	w.plant(linh, map[string]string{"title": "Cut CAC", "parent": "G-1"})

	c := w.verb(linh, "goal.show", "G-2")
	w.wants(c, "Serves G-1 Raise a round")
	w.wants(w.press(linh, "", w.intent(c, "Share")).Card, "Shared with #growth")
	shared := w.last("share:")
	w.wants(&shared.Card, "G-2 · Cut CAC")
	w.lacks(&shared.Card, "Raise a round", "[")
	if shared.To != (conversation.Address{Channel: growth}) {
		t.Errorf("posted to %+v", shared.To)
	}
	w.wants(w.press(linh, "", card.Intent{Verb: "goal.share", Subject: "G-2", Question: "again"}).Card, "in #growth already")
	w.wants(w.verb(alex, "goal.share", "G-2"), "belongs to Linh")

	w.edit(linh, "G-2", map[string]string{"visibility": "private"})
	w.lacks(&w.message(shared.Key).Card, "Cut CAC", "G-2")
	w.wants(w.verb(linh, "goal.share", "G-2"), "already")
}
