package conversation_test

import (
	"testing"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

func TestOnlyAWholeClearPhraseChangesTheLanguage(t *testing.T) {
	w := newWorld(t)
	w.plant(alex, cac)
	in := func(p goal.PersonID) string {
		return take[*conversation.Person](w, conversation.PersonKind, string(p)).Language()
	}
	for _, step := range []struct{ typed, want string }{
		{"danh sach alex", "en"}, {"xem G-1", "en"}, {"210", "en"}, {"xong rồi", "en"},
		{"tuần này vẫn đang chờ khách", "vi"},
		{"list at risk", "vi"}, {"show G-1", "vi"}, {"210, 7/10", "vi"},
		{"we are still waiting for them", "en"},
	} {
		w.says(alex, step.typed)
		if got := in(alex); got != step.want {
			t.Errorf("after %q it speaks %q, want %q", step.typed, got, step.want)
		}
	}
}

func TestTheFirstPhraseOfSomebodyUnknownCounts(t *testing.T) {
	w := newWorld(t)
	w.says(linh, "tuần này vẫn đang chờ khách") // an English client in Vietnam says little
	if p := take[*conversation.Person](w, conversation.PersonKind, string(linh)); p.Language() != "vi" {
		t.Errorf("it speaks %q", p.Language())
	}
}
