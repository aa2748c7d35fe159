package goal

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// line is typed text, cut into the pieces that the readers of drafts, replies, numbers and dates look at.
type line struct {
	text   string
	tokens []token
}

// token is a word, a number with its separators, or a single sign.
type token struct {
	kind       tokenKind
	text, fold string
	start, end int  // bytes in the line
	joined     bool // nothing stands between it and the token before
}

type tokenKind int

const (
	wordToken tokenKind = iota // letters, then letters and digits: "Q4", "phút", "don't"
	numToken                   // digits with points and commas inside: "1.500,5"
	signToken                  // any other character
)

// lex cuts cleaned text; it never fails, and every character but spaces is in some token.
func lex(text string) line {
	l := line{text: text}
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if unicode.IsSpace(r) {
			at += size
			continue
		}
		t := token{kind: signToken, start: at, end: at + size}
		switch {
		case isDigit(r):
			t.kind, t.end = numToken, at+numberLength(text[at:])
		case unicode.IsLetter(r):
			t.kind, t.end = wordToken, at+wordLength(text[at:])
		}
		t.text = text[t.start:t.end]
		t.fold = fold(t.text)
		t.joined = len(l.tokens) > 0 && l.tokens[len(l.tokens)-1].end == at
		l.tokens = append(l.tokens, t)
		at = t.end
	}
	return l
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func numberLength(s string) int {
	end := 0
	for end < len(s) {
		switch {
		case isDigit(rune(s[end])):
			end++
		case strings.IndexByte(".,", s[end]) >= 0 && end+1 < len(s) && isDigit(rune(s[end+1])):
			end += 2
		default:
			return end
		}
	}
	return end
}

func wordLength(s string) int {
	for at, r := range s {
		switch {
		case unicode.IsLetter(r), unicode.IsMark(r), isDigit(r), r == '_':
		case (r == '\'' || r == '’') && letterAt(s[at+utf8.RuneLen(r):]):
		default:
			return at
		}
	}
	return len(s)
}

func letterAt(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r)
}

// at is the i-th token, or a token that matches nothing.
func (l line) at(i int) token {
	if i < 0 || i >= len(l.tokens) {
		return token{kind: signToken}
	}
	return l.tokens[i]
}

// ended reports whether i lies behind the last token.
func (l line) ended(i int) bool { return i >= len(l.tokens) }

// slice is the text from token i up to token j.
func (l line) slice(i, j int) string {
	if i >= j || l.ended(i) {
		return ""
	}
	return l.text[l.tokens[i].start:l.at(j-1).end]
}

// skipWord steps over a word, accented or not, if it stands at token i.
func (l line) skipWord(i int, word string) (next int, skipped bool) {
	t := l.at(i)
	if t.kind == wordToken && (strings.ToLower(t.text) == word || isPlain(t.text) && t.fold == fold(word)) {
		return i + 1, true
	}
	return i, false
}

// skipSign steps over a sign if it stands at token i.
func (l line) skipSign(i int, sign string) (next int, skipped bool) {
	if l.at(i).text == sign {
		return i + 1, true
	}
	return i, false
}
