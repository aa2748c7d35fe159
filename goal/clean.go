package goal

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many marks may stand on one letter: NFD Vietnamese needs two, no script of daily life more
// than four; hundreds are made to spill over other people's lines.
const maxMarks = 4

// Clean makes text from outside fit to keep and show: valid UTF-8 in NFC, without control characters, without
// characters that turn or hide text, and trimmed. Lines stay lines; emoji made of several keep their joiners.
func Clean(s string) string {
	in := []rune(strings.ToValidUTF8(s, ""))
	out := make([]rune, 0, len(in))
	marks := 0
	for i, r := range in {
		r, keep := cleanRune(in, i, r, last(out))
		if !keep {
			continue
		}
		if marks = marksAfter(marks, r); marks <= maxMarks {
			out = append(out, r)
		}
	}
	return strings.TrimSpace(norm.NFC.String(string(out)))
}

func marksAfter(marks int, r rune) int {
	if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
		return marks + 1
	}
	return 0
}

func last(out []rune) rune {
	if len(out) == 0 {
		return 0
	}
	return out[len(out)-1]
}

const (
	zeroWidthNonJoiner = '\u200C'
	zeroWidthJoiner    = '\u200D'
	blackFlag          = '\U0001F3F4'
)

// cleanRune decides about one character; before is the one kept last.
func cleanRune(in []rune, i int, r, before rune) (rune, bool) {
	switch {
	case r == '\r':
		return '\n', i+1 == len(in) || in[i+1] != '\n'
	case r == '\n', r == '\u0085', r == '\u2028', r == '\u2029':
		return '\n', true
	case r == '\t', unicode.Is(unicode.Zs, r):
		return ' ', true
	case r == zeroWidthJoiner, r == zeroWidthNonJoiner:
		return r, joins(before) && i+1 < len(in) && joins(in[i+1])
	case 0xE0020 <= r && r <= 0xE007F: // the tags of England's, Scotland's and Wales's flags
		return r, before == blackFlag || 0xE0020 <= before && before <= 0xE007E
	case r == '\uFE0E', r == '\uFE0F':
		return r, before > ' ' && before != '\uFE0E' && before != '\uFE0F'
	case hidden(r):
		return r, false
	}
	return r, true
}

// joins reports whether a joiner beside r has a meaning: between emoji, and inside scripts whose letters
// connect; in Latin text it only hides.
func joins(r rune) bool {
	if r == '\uFE0F' { // makes an emoji of the sign before it
		return true
	}
	if unicode.IsSpace(r) || r < 0x600 || hidden(r) {
		return false
	}
	return !unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek)
}

func hidden(r rune) bool {
	switch {
	case 0x600 <= r && r <= 0x605, r == 0x6DD, r == 0x8E2: // Arabic signs that are seen
		return false
	case r == '\u034F', r == '\u115F', r == '\u1160', r == '\u3164', r == '\uFFA0', r == '\uFFFC':
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Variation_Selector) ||
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// fold is how words are compared: lower case, without accents, đ as d.
func fold(s string) string {
	if isPlain(s) {
		return strings.ToLower(s)
	}
	return strings.ToLower(strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == 'đ', r == 'Đ':
			return 'd'
		}
		return r
	}, norm.NFD.String(s)))
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
