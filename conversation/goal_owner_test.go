package conversation_test

import (
	"strings"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// proposed is a world in which Alex made a goal for Linh, who reads Vietnamese.
func proposed(t *testing.T) (*world, goal.ID) {
	t.Helper()
	w := newWorld(t)
	w.dir.speaks(linh, "vi-VN")
	id := w.plant(alex, map[string]string{"title": "Cut CAC", "reason": "support has no room", "from": "$250", "to": "$150",
		"due": "2026-12-31", "owner": string(linh)})
	return w, id
}

// toldTo are the messages to a person of whose keys begin so.
func (w *world) toldTo(p goal.PersonID, prefix string) []*conversation.Message {
	w.t.Helper()
	var told []*conversation.Message
	for _, key := range w.keys(prefix) {
		if m := w.message(key); m.To.Person == p {
			told = append(told, m)
		}
	}
	return told
}

func TestAnOwnerIsAskedInTheirLanguage(t *testing.T) {
	w, id := proposed(t)
	m := w.last("proposal:")
	w.wants(&m.Card, "Alex đề xuất một mục tiêu cho bạn", "Cut CAC", "250 → 150 $ · hạn 31/12", "support has no room",
		"[Nhận][Sửa][Trả lại]")
	if m.To.Person != linh || m.Language != "vi" || !m.Urgent {
		t.Errorf("asked %+v in %s", m.To, m.Language)
	}
	w.wants(w.verb(alex, "goal.show", id), "Waiting for Linh to accept it")
	w.until(w.at(linh, "2026-11-30 12:00"))
	if n := len(w.keys("checkin:")); n != 0 {
		t.Error("somebody was asked about a goal that nobody accepted")
	}
}

func TestAcceptingBeginsTheCheckIns(t *testing.T) {
	w, id := proposed(t)
	m := w.last("proposal:")
	w.wants(w.press(linh, m.Key, w.intent(&m.Card, "Nhận")).Card, "Lần check-in tới: thứ Hai 30/11")
	w.wants(&w.message(m.Key).Card, "Lần check-in tới")
	w.wants(&w.last("proposal.accepted:").Card, "Linh took on G-1 Cut CAC")
	if told := w.last("proposal.accepted:"); told.To.Person != alex {
		t.Errorf("told %+v", told.To)
	}
	// Pressed again, or in an old copy of the card, it shows how things stand.
	w.wants(w.press(linh, m.Key, w.intent(&m.Card, "Trả lại")).Card, "Lần check-in tới")
	if g := w.goal(id); g.Acceptance != goal.Accepted || len(w.keys("proposal.")) != 1 {
		t.Errorf("%s after %q", g.Acceptance, w.keys("proposal."))
	}
	w.until(w.at(linh, "2026-11-30 09:01"))
	w.wants(&w.last("checkin:").Card, "Cut CAC")
}

func TestHandingBackLeavesTheGoalWithWhoeverAsked(t *testing.T) {
	w, id := proposed(t)
	m := w.last("proposal:")
	w.wants(w.press(linh, m.Key, w.intent(&m.Card, "Trả lại")).Card, "Đã trả lại", "Alex biết rồi")
	w.wants(&w.last("proposal.returned:").Card, "Linh handed back G-1 Cut CAC")
	w.wants(w.command(alex, inGrowth, "list mine"), "Your goal", "G-1 Cut CAC", "nobody owns it now")
	w.lacks(w.command(linh, direct(linh), "list mine"), "Cut CAC")
	w.wants(w.verb(linh, "goal.edit", id), "do Alex phụ trách")

	note := w.submit(linh, "", w.verb(linh, "goal.note", id).Form, map[string]string{"note": "Không đủ người"}).Card
	w.wants(note, "Alex đã nhận")
	w.wants(&w.toldTo(alex, "note.told:")[0].Card, "Không đủ người")

	w.submit(alex, "", w.verb(alex, "goal.edit", id).Form, map[string]string{"owner": string(sam)})
	if told := w.toldTo(linh, "transfer.told:"); len(told) != 0 {
		t.Error("somebody who handed the goal back hears who is asked now")
	}
	if m := w.last("proposal:"); m.To.Person != sam {
		t.Errorf("asked %+v", m.To)
	}
}

func TestWhoeverHandsAGoalOnHearsOfTheAnswer(t *testing.T) {
	w := newWorld(t)
	id := w.plant(alex, map[string]string{"title": "Cut CAC", "owner": string(linh)})
	w.verb(linh, "goal.show", id)
	w.press(linh, "", w.intent(&w.last("proposal:").Card, "Accept"))

	w.submit(linh, "", w.verb(linh, "goal.edit", id).Form, map[string]string{"owner": string(sam)})
	w.wants(&w.last("proposal:").Card, "Linh suggests a goal for you")
	w.wants(w.command(linh, inGrowth, "list mine"), "waiting for Sam to accept it")
	w.press(sam, "", w.intent(&w.last("proposal:").Card, "Hand back"))
	if told := w.last("proposal.returned:"); told.To.Person != linh {
		t.Errorf("told %+v", told.To)
	}
	w.submit(linh, "", w.verb(linh, "goal.edit", id).Form, map[string]string{"owner": string(linh)})
	if g := w.goal(id); g.Owner != linh || g.Acceptance != goal.Accepted {
		t.Errorf("owner %s, %s", g.Owner, g.Acceptance)
	}
	for _, m := range w.toldTo(linh, "transfer.told:") {
		t.Errorf("Linh is told what she did herself: %s", show(&m.Card))
	}
}

func TestALeadWhoHandsAGoalOverTellsTheOldOwner(t *testing.T) {
	w := newWorld(t)
	parent := w.plant(alex, map[string]string{"title": "Profitable growth"})
	id := w.plant(linh, map[string]string{"title": "Cut CAC", "parent": string(parent)})
	w.until(w.at(linh, "2026-11-30 09:30"))
	prompt := w.last("checkin:")
	w.wants(&prompt.Card, "Cut CAC")

	w.submit(alex, "", w.verb(alex, "goal.edit", id).Form, map[string]string{"owner": string(sam), "title": "Cut CAC by half"})
	told := w.toldTo(linh, "transfer.told:")
	if len(told) != 1 {
		t.Fatalf("told %q", w.keys("transfer."))
	}
	w.wants(&told[0].Card, "Alex handed G-2 Cut CAC to Sam")
	w.lacks(&told[0].Card, "by half")
	w.lacks(&w.message(prompt.Key).Card, "Cut CAC")
	w.press(sam, "", w.intent(&w.last("proposal:").Card, "Accept"))
	if told := w.last("proposal.accepted:"); told.To.Person != alex {
		t.Errorf("the lead asked, and %+v hears", told.To)
	}
	if n := len(w.toldTo(linh, "edit.told:")); n != 0 {
		t.Error("the old owner hears of it twice")
	}
}

func TestChoosingAnotherOwnerWithdrawsTheQuestion(t *testing.T) {
	w, id := proposed(t)
	first := w.last("proposal:")
	w.submit(alex, "", w.verb(alex, "goal.edit", id).Form, map[string]string{"owner": string(sam)})
	w.wants(&w.message(first.Key).Card, "Alex đã rút lại G-1 Cut CAC")
	second := w.last("proposal:")
	if second.To.Person != sam || second.Key == first.Key {
		t.Errorf("asked %+v by %s", second.To, second.Key)
	}
	w.press(linh, first.Key, w.intent(&first.Card, "Nhận"))
	if g := w.goal(id); g.Acceptance != goal.Proposed {
		t.Error("somebody who is no longer asked accepted the goal")
	}
}

func TestAnEditedProposalShowsWhatItIsNow(t *testing.T) {
	w, id := proposed(t)
	w.submit(alex, "", w.verb(alex, "goal.edit", id).Form, map[string]string{"to": "$100"})
	w.wants(&w.last("proposal:").Card, "250 → 100 $", "Alex đề xuất")
	if told := w.toldTo(linh, "edit.told:"); len(told) != 0 {
		t.Error("the owner is told beside the question")
	}
}

func TestAnOwnerWhoCannotBeReached(t *testing.T) {
	w, _ := proposed(t)
	m := w.last("proposal:")
	for range 3 {
		w.fails(m)
	}
	told := w.toldTo(alex, "unreached:")
	if len(told) != 1 {
		t.Fatalf("the creator is told %d times", len(told))
	}
	w.wants(&told[0].Card, "I cannot reach Linh about G-1 Cut CAC", "[Edit]")

	w.submit(alex, "", w.press(alex, "", w.intent(&told[0].Card, "Edit")).Card.Form, map[string]string{"owner": string(sam)})
	w.fails(m)
	if n := len(w.keys("unreached:")); n != 1 {
		t.Error("the creator hears of an owner who is no longer asked")
	}
	w.fails(w.last("answer:")) // concerns nobody else
}

func TestAProposalThatMayNotBeThere(t *testing.T) {
	w, _ := proposed(t)
	w.ends(w.last("proposal:"), conversation.Uncertain, conversation.TroubleNoAnswer)
	told := w.toldTo(alex, "unreached:")
	if len(told) != 1 {
		t.Fatalf("the creator is told %d times", len(told))
	}
	w.wants(&told[0].Card, "I cannot tell whether my question about G-1 Cut CAC reached Linh", "[Edit]")
}

func TestNobodyWritesToThemself(t *testing.T) {
	w := newWorld(t)
	id := w.plant(linh, map[string]string{"title": "Cut CAC"})
	w.wants(w.verb(linh, "goal.note", id), "G-1 · Cut CAC")
	w.wants(w.press(linh, "", card.Intent{Verb: "goal.leave", Subject: string(id), Question: "q"}).Card, "G-1 · Cut CAC")
	w.submit(linh, "", w.verb(linh, "goal.edit", id).Form, map[string]string{"title": "Cut CAC by half"})
	w.close(linh, id, "1.0")
	w.verb(linh, "goal.reopen", id)
	w.submit(linh, "", w.verb(linh, "goal.edit", id).Form, map[string]string{"owner": string(sam)})
	w.submit(linh, "", w.verb(linh, "goal.edit", id).Form, map[string]string{"owner": string(linh)})
	for _, prefix := range []string{"note.told:", "edit.told:", "close.told:", "reopen.told:", "transfer.told:", "proposal."} {
		for _, m := range w.toldTo(linh, prefix) {
			t.Errorf("%s: %s", m.Key, show(&m.Card))
		}
	}
}

func TestANoteReachesTheOwner(t *testing.T) {
	w := newWorld(t)
	w.dir.speaks(linh, "vi")
	id := w.plant(linh, map[string]string{"title": "Cut CAC"})
	refused := w.verb(sam, "goal.edit", id)
	w.wants(refused, "G-1 belongs to Linh", "[Leave a note]")
	form := w.press(sam, "", w.intent(refused, "Leave a note")).Card.Form
	for _, bad := range []string{"", " \u200b ", strings.Repeat("x", goal.MaxNote+1)} {
		c := w.submit(sam, "", form, map[string]string{"note": bad}).Card
		if wrongs(t, c)["note"] == "" || c.Form.Fields[0].Value != bad {
			t.Errorf("%.10q: %s", bad, show(c))
		}
	}
	in := w.submission(sam, "", form, map[string]string{"note": "Legal <!channel> said *yes*, 50% %s {who}"})
	w.wants(w.handle(in).Card, "Linh has your note")
	w.handle(in)
	told := w.toldTo(linh, "note.told:")
	if len(told) != 1 {
		t.Fatalf("%d notes", len(told))
	}
	w.wants(&told[0].Card, "Sam nhắn bạn về G-1 Cut CAC", "Legal <!channel> said *yes*, 50% %s {who}")
}

func TestCoOwnersAreAskedToo(t *testing.T) {
	w := newWorld(t)
	w.verb(sam, "goal.list", "") // so that the bot knows him
	id := w.plant(linh, map[string]string{"title": "Cut CAC"})
	change(w, conversation.GoalKind, string(id), func(g *conversation.Goal) { g.CoOwners = []goal.PersonID{sam} })
	w.submit(linh, "", w.verb(linh, "goal.edit", id).Form, map[string]string{"title": "Cut CAC by half"})
	if told := w.toldTo(sam, "edit.told:"); len(told) != 1 {
		t.Error("the co-owner does not hear of an edit")
	}
	w.until(w.at(sam, "2026-11-30 09:01"))
	if m := w.last("checkin:" + string(sam)); m.To.Person != sam {
		t.Errorf("asked %+v", m.To)
	}
	w.now = w.now.Add(time.Hour)
	w.close(linh, id, "0.7")
	w.lacks(&w.last("checkin:"+string(sam)).Card, "Cut CAC")
}
