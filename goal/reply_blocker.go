package goal

import "strings"

// What stands in the way, and what says that it no longer does.
var (
	blockerWords = newBook("", `waiting for, waiting on, wait for, awaiting, blocked, blocked by, blocker, stuck, held up, on hold,
		need help, needs help, need approval, depends on, pending, can't proceed, cannot proceed,
		!chờ, !đợi, vướng, !kẹt, !tắc, bị chặn, bị chậm, phụ thuộc vào, cần giúp, cần hỗ trợ, chưa được duyệt, chờ duyệt`)
	// Without accents these mean other things too ("cho" is also "for"), so they count at the beginning only.
	blockerOpenings = newBook("", "cho, dang cho, van cho, doi, dang doi, van doi, ket, bi ket, tac, bi tac")
	unblockers      = newBook("", "no longer, not, isn't, aren't, nothing, no more, never, hết, không, không còn, hết bị, đã hết, chẳng còn, khỏi")
)

// blocks reports whether a note tells of something in the way.
func blocks(note string) bool {
	l := lex(note)
	for i := range l.tokens {
		if blocksAt(l, i) {
			return true
		}
	}
	return false
}

func blocksAt(l line, i int) bool {
	if blockerWords.has(l, i) {
		return !unblocked(l, i)
	}
	opens := i == 0 || l.at(i-1).kind == signToken
	to, _, ok := blockerOpenings.find(l, i)
	return ok && opens && isPlain(l.text) && !plainWords.has(l, to)
}

// plainWords make something else of an unaccented "ket" or "cho": kết quả, kết nối, cho đến.
var plainWords = newBook("", "qua, noi, hop, thuc, den, toi, khach, moi, va")

func unblocked(l line, i int) bool {
	for from := max(i-2, 0); from < i; from++ {
		if to, _, ok := unblockers.find(l, from); ok && to == i {
			return true
		}
	}
	return false
}

// blockerAt reports whether the note that begins at token i opens with what blocks.
func (r *replyReader) blockerAt(i int) bool {
	if r.ended(i) {
		return false
	}
	rest := lex(strings.TrimSpace(r.text[r.tokens[i].start:r.at(min(i+4, len(r.tokens)-1)).end]))
	return blocksAt(rest, 0)
}
