package conversation_test

import (
	"testing"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

// told is the newest answer to something typed in the direct conversation.
func (w *world) told() *card.Card {
	w.t.Helper()
	return &w.last("answer:").Card
}

func TestTheSameWordsWorkWithoutTheBotsName(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	for _, c := range []struct{ typed, kind string }{
		{"show G-1", "goal.card"}, {"show g 1", "goal.card"}, {"xem g1", "goal.card"}, {"G-1", "goal.card"},
		{"edit g1", "goal.form"}, {"sửa G-1", "goal.form"}, {"close G-1", "goal.close"}, {"đóng G-1", "goal.close"},
		{"list mine", "goal.list"}, {"danh sách tất cả", "goal.list"}, {"list all", "goal.list"},
		{"help all", "help.all"}, {"help list", "help.all"},
	} {
		w.says(linh, c.typed)
		if got := w.told(); got.Kind != c.kind {
			t.Errorf("%q gives %s, want a %s", c.typed, show(got), c.kind)
		}
	}
}

func TestAnEmptyListSaysWhatThereIsNoneOf(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.wants(w.types(alex, "list at-risk"), "No goal is at risk.", "[My goals]")
	w.wants(w.types(alex, "list stale"), "Every goal has news.")
	w.says(linh, "tiếng Việt")
	w.wants(w.types(linh, "danh sách chệch hướng"), "Không có mục tiêu nào chệch hướng.")
	w.wants(w.types(alex, "list mine"), "No goals here yet.", "[New goal]")
}

func TestASentenceThatBeginsLikeACommandIsNone(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	for _, typed := range []string{"close to done I think", "list of things to do", "help me with this", "Đóng góp của mọi người", "Mai mình gửi nhé", "Đang chờ khách", "done", "dong it later"} {
		w.says(linh, typed)
		if got := w.told(); got.Kind != "checkin.not-understood" || len(got.Actions) != 2 {
			t.Errorf("%q gives %s", typed, show(got))
		}
	}
}

func TestAMistypedCommandInTheDirectConversationIsOneTapAway(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	for _, c := range []struct{ typed, button, kind string }{
		{"lsit mine", "/goal list mine", "goal.list"},
		{"sohw G-1", "/goal show G-1", "goal.card"},
		{"nwe Cut cost from $20 to $15", "/goal new Cut cost from $20 to $15", "goal.form"},
	} {
		w.says(linh, c.typed)
		offer := w.told()
		if offer.Actions[0].Label != c.button {
			t.Errorf("%q gives %s", c.typed, show(offer))
			continue
		}
		got := w.handle(conversation.Input{Actor: linh, Place: direct(linh), Inline: true, Act: conversation.Used{Intent: offer.Actions[0].Intent}})
		if got.Card == nil || got.Card.Kind != c.kind {
			t.Errorf("%q leads to %s", c.button, show(got.Card))
		}
	}
}

func TestAGreetingIsNoNews(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	for _, typed := range []string{"hello", "Thanks!", "xin chào", "cảm ơn"} {
		w.says(linh, typed)
		if got := w.told(); got.Kind != "menu" {
			t.Errorf("%q gives %s", typed, show(got))
		}
	}
}

func TestTheNameOfALanguageAsksForIt(t *testing.T) {
	w := newWorld(t)
	w.says(alex, "tiếng Việt")
	w.wants(w.types(alex, "list"), "chưa có mục tiêu nào")
	w.says(alex, "English")
	w.wants(w.types(alex, "list"), "No goals here yet")
}
