package goal

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"  Cut CAC\t\u00a0now ", "Cut CAC  now"},
		{"a\u0000b\u0007c\u001b[31m", "abc[31m"},
		{"one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"},
		{"pay\u202egro.live\u202c", "paygro.live"},
		{"\u2066x\u2069\u200e\u200f\u061c", "x"},
		{"G\u200b-\u200c12\ufeff\u2060\u00ad", "G-12"},
		{"p\u200daypal", "paypal"},
		{"👩\u200d👩\u200d👧 ❤\ufe0f 🏳\ufe0f\u200d🌈", "👩\u200d👩\u200d👧 ❤\ufe0f 🏳\ufe0f\u200d🌈"},
		{"🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F"},
		{"a\U000E0067b", "ab"},
		{"می\u200cخواهم", "می\u200cخواهم"},
		{"क\u094d\u200dष", "क\u094d\u200dष"},
		{"e\u0301" + strings.Repeat("\u0302", 50), "e\u0301\u0302\u0302\u0302"},
		{norm.NFD.String("Giảm CAC"), "Giảm CAC"},
		{"\xffbad\xc3", "bad"},
		{"\u3164\u115f\ufe0f\u200d", ""},
		{"%s <!channel> *bold* `x`", "%s <!channel> *bold* `x`"},
	} {
		if got := Clean(tt.in); got != norm.NFC.String(tt.want) {
			t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean := Clean(s)
		if !utf8.ValidString(clean) || Clean(clean) != clean {
			t.Errorf("Clean(%q) = %q, which is not clean", s, clean)
		}
		for _, r := range clean {
			if r != '\n' && unicode.IsControl(r) || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069' {
				t.Errorf("Clean(%q) keeps %U", s, r)
			}
		}
	})
}
