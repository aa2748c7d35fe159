package playground

import (
	"slices"
	"strings"
	"testing"

	"goalkeeper/conversation"
)

func TestCommanded(t *testing.T) {
	for text, want := range map[string]string{
		"/goal": "", "/GOAL new x": "new x", " /goal\nnew": "new", "@Goalkeeper list": "list", "@goalkeeper": "",
		"/goal  mới Giảm CAC": "mới Giảm CAC",
	} {
		if got, ok := commanded(text); !ok || got != want {
			t.Errorf("%q: %q, %t", text, got, ok)
		}
	}
	for _, text := range []string{"/goals", "goal new", "see /goal new", "/golem", ""} {
		if _, ok := commanded(text); ok {
			t.Errorf("%q is taken for a command", text)
		}
	}
}

func TestMentions(t *testing.T) {
	got := mentions("ask @Alex Rivera, @linh and @Sam; not alex@Example or @bob")
	var ids []string
	for _, m := range got {
		ids = append(ids, m.Text+"="+string(m.Person))
	}
	if want := []string{"@Alex Rivera=alex", "@linh=linh", "@Sam=sam"}; !slices.Equal(ids, want) {
		t.Errorf("got %v, want %v", ids, want)
	}
}

// Whatever is typed in the direct conversation reaches the bot, with mentions that stand in it.
func FuzzReading(f *testing.F) {
	for _, seed := range []string{"/goal new x", "@Goalkeeper @alex", "210, 7/10", "\u202E@Sam", "/goal\x00", "@linh trần"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var said string
		var mentioned []conversation.Mention
		switch act := reading(text, inDirect).(type) {
		case conversation.Said:
			said, mentioned = act.Text, act.Mentions
		case conversation.Command:
			said, mentioned = act.Text, act.Mentions
		default:
			t.Fatalf("%q is lost", text)
		}
		for _, m := range mentioned {
			if !strings.Contains(said, m.Text) || find(m.Person) == nil {
				t.Errorf("%q mentions %+v", text, m)
			}
		}
	})
}
