package playground

import (
	"reflect"
	"regexp"
	"slices"
	"testing"
)

var placeholders = regexp.MustCompile(`%[a-z]`)

// Every word of the page exists in both languages and takes the same figures.
func TestWordsComplete(t *testing.T) {
	en, vi := reflect.ValueOf(*english), reflect.ValueOf(*vietnamese)
	for n := range en.NumField() {
		name := en.Type().Field(n).Name
		if en.Field(n).Kind() != reflect.String {
			continue
		}
		a, b := en.Field(n).String(), vi.Field(n).String()
		if a == "" || b == "" {
			t.Errorf("%s is missing: %q, %q", name, a, b)
		}
		if x, y := placeholders.FindAllString(a, -1), placeholders.FindAllString(b, -1); !slices.Equal(x, y) {
			t.Errorf("%s takes %v in one language and %v in the other", name, x, y)
		}
	}
	if len(english.Help) != len(vietnamese.Help) {
		t.Error("the languages offer different commands")
	}
}

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
