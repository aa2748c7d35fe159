package goal

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseID(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want ID
	}{
		{"G-12", "G-12"},
		{"g-12", "G-12"},
		{"g12", "G-12"},
		{"G 12", "G-12"},
		{"G - 12", "G-12"},
		{" G-12 ", "G-12"},
		{"G–12", "G-12"},
		{"G‑12", "G-12"},
		{"G-012", "G-12"},
		{"G-9999999", "G-9999999"},
		{"G-0", ""},
		{"G-00", ""},
		{"G-12345678", ""},
		{"G-" + strings.Repeat("0", 100) + "1", ""},
		{"G--12", ""},
		{"G-+12", ""},
		{"G-1 2", ""},
		{"G-12x", ""},
		{"G-1_2", ""},
		{"G", ""},
		{"G-", ""},
		{"12", ""},
		{"", ""},
		{"H-12", ""},
		{"G-１２", ""},
	} {
		if got, ok := ParseID(tt.in); got != tt.want || ok != (tt.want != "") {
			t.Errorf("ParseID(%q) = %q, %v, want %q", tt.in, got, ok, tt.want)
		}
	}
}

func TestIDsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9_999_999).Draw(t, "n")
		id := NewID(n)
		if got, ok := ParseID(strings.ToLower(string(id))); !ok || got != id || id.Number() != n {
			t.Fatalf("%q came back as %q, number %d", id, got, id.Number())
		}
	})
	if n := ID("G-x").Number() + ID("").Number() + ID("12").Number(); n != 0 {
		t.Error("an id of another form has no number")
	}
}
