package goal

import (
	"cmp"
	"slices"
	"strings"
)

// phraseBook knows phrases and what they mean. A phrase written with Vietnamese accents also matches without
// any, but never with others: "từ" is "từ" or "tu", not "tư". A phrase with ! in front needs its accents.
type phraseBook map[string][]phrase // by the first word, folded; longer phrases first

type phrase struct {
	means  string
	words  []string // as written
	folded []string
	strict bool
}

// newBook takes pairs of a meaning and its phrases, parted by commas.
func newBook(pairs ...string) phraseBook {
	book := phraseBook{}
	for i := 0; i+1 < len(pairs); i += 2 {
		for text := range strings.SplitSeq(pairs[i+1], ",") {
			book.add(pairs[i], strings.TrimSpace(text))
		}
	}
	for _, phrases := range book {
		slices.SortStableFunc(phrases, func(a, b phrase) int { return cmp.Compare(len(b.words), len(a.words)) })
	}
	return book
}

func (b phraseBook) add(means, text string) {
	text, strict := strings.CutPrefix(text, "!")
	p := phrase{means: means, words: strings.Fields(text), folded: strings.Fields(fold(text)), strict: strict}
	b[p.folded[0]] = append(b[p.folded[0]], p)
}

// find matches the longest phrase at token i and answers what it means and the token behind it.
func (b phraseBook) find(l line, i int) (next int, means string, ok bool) {
	if l.ended(i) || i < 0 {
		return i, "", false
	}
	for _, p := range b[l.tokens[i].fold] {
		if p.matches(l, i) {
			return i + len(p.words), p.means, true
		}
	}
	return i, "", false
}

// has reports whether a phrase of the book stands at token i.
func (b phraseBook) has(l line, i int) bool {
	_, _, ok := b.find(l, i)
	return ok
}

func (p phrase) matches(l line, i int) bool {
	for n, word := range p.words {
		t := l.at(i + n)
		if t.fold != p.folded[n] {
			return false
		}
		if (p.strict || !isPlain(t.text)) && strings.ToLower(t.text) != word {
			return false
		}
	}
	return true
}
