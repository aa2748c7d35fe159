package conversation

import (
	"strings"
	"testing"
	"time"

	"goalkeeper/goal"
)

func TestLeadingID(t *testing.T) {
	tests := []struct {
		text string
		id   goal.ID
		rest string
	}{
		{"G-12 210, 7/10", "G-12", "210, 7/10"},
		{"g12: 210", "G-12", "210"},
		{"G 12 210", "G-12", "210"},
		{"g-12", "G-12", ""},
		{"G-12, waiting\nfor legal", "G-12", "waiting\nfor legal"},
		{"210 for G-12", "", "210 for G-12"},
		{"Growth 12", "", "Growth 12"},
		{"", "", ""},
	}
	for _, tt := range tests {
		id, rest, ok := leadingID(tt.text)
		if id != tt.id || rest != tt.rest || ok != (tt.id != "") {
			t.Errorf("%q: %q, %q, %t", tt.text, id, rest, ok)
		}
	}
}

func FuzzLeadingID(f *testing.F) {
	for _, seed := range []string{"G-12 210", "g 1 1", "G‑7: x", "G 00 1", "\u202eG-1 2", "G-99999999 1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, rest, ok := leadingID(text)
		if ok && (id.Number() == 0 || !strings.HasSuffix(text, rest) || len(rest) >= len(text)) {
			t.Errorf("%q: %q, %q", text, id, rest)
		}
		if !ok && rest != text {
			t.Errorf("%q became %q", text, rest)
		}
	})
}

func TestWeeksBegin(t *testing.T) {
	for day, want := range map[string]string{
		"2026-11-30": "2026-11-30", "2026-12-01": "2026-11-30", "2026-12-06": "2026-11-30", "2027-01-03": "2026-12-28",
	} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := mondayOf(at).String(); got != want {
			t.Errorf("the week of %s begins on %s, want %s", day, got, want)
		}
	}
}

func TestPlausibleExamplesLieOnTheWay(t *testing.T) {
	number := func(s string) *goal.Number {
		n, _, ok := goal.ParseNumber(s)
		if !ok {
			t.Fatal(s)
		}
		return &n
	}
	tests := []struct{ from, current, to, want string }{
		{"250", "230", "150", "210"},
		{"250", "250", "150", "230"},
		{"0", "1", "3", "2"},
		{"0", "2", "3", "3"},
		{"0.5", "0.5", "0.9", "0.6"},
		{"1500000", "", "2000000", "1600000"},
		{"10", "10", "10", "10"},
	}
	for _, tt := range tests {
		m := &goal.Metric{Baseline: number(tt.from), Target: *number(tt.to)}
		if tt.current != "" {
			m.Current = number(tt.current)
		}
		if got := plausible(m); got.String() != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}
