package playground

import (
	"reflect"
	"regexp"
	"slices"
	"testing"
)

func TestListed(t *testing.T) {
	for want, names := range map[string][]string{
		"": nil, "Sam": {"Sam"}, "Sam and Alex": {"Sam", "Alex"}, "Linh, Sam and #growth": {"Linh", "Sam", "#growth"},
	} {
		if got := listed(names, "and"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

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
