package goal

import "strings"

// halfWidth makes the wide digits and signs of East Asian keyboards those that numbers are written with.
var halfWidth = strings.NewReplacer("０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6",
	"７", "7", "８", "8", "９", "9", "，", ",", "．", ".", "／", "/", "％", "%", "＋", "+", "－", "-")

// askAboutRest looks at what was left for the note of a goal with a number. Words are a story; a lone number beside
// the value is the confidence; any other rest without words hides a number that nobody read, and must not be lost.
func (r *replyReader) askAboutRest(from, to int) {
	if r.goal.Metric == nil || r.reply.Note == "" || !r.clear() {
		return
	}
	words, digits := r.wordsIn(from, to)
	told := r.literal || r.reply.Same || r.reply.Confidence != nil || r.reply.Status != Unknown
	switch {
	case r.lonelyConfidence(from, to):
		r.tellConfidence(r.reply.Note, r.reply.Note)
		r.reply.Note = ""
	case digits && words < 2, !told && words < 2 && !blocks(r.reply.Note), !told && r.onlyNumerals(from, to):
		r.reply.Unread = strings.TrimSpace(r.text)
	}
}

func (r *replyReader) clear() bool { return len(r.reply.Readings) == 0 && r.reply.Unread == "" }

// wordsIn counts the words between two tokens, and tells whether there are digits.
func (r *replyReader) wordsIn(from, to int) (words int, digits bool) {
	for i := from; i < to; i++ {
		t := r.at(i)
		numeric := strings.ContainsAny(t.text, "0123456789")
		digits = digits || numeric
		if t.kind == wordToken && !numeric {
			words++
		}
	}
	return words, digits
}

// lonelyConfidence reports whether the rest is the 7 of "210, 7".
func (r *replyReader) lonelyConfidence(from, to int) bool {
	if !r.literal || r.reply.Confidence != nil || to != from+1 || from < 2 {
		return false
	}
	t := r.at(from)
	n := small(t.text)
	return t.kind == numToken && confident(n) && (n > 0 || t.text == "0") && strings.Contains(",;|", r.at(from-1).text) && r.at(from-2).kind != signToken
}

// onlyNumerals reports whether the rest is a number in words: "five hundred", "năm trăm".
func (r *replyReader) onlyNumerals(from, to int) bool {
	for i := from; i < to; i++ {
		if !numerals[r.at(i).fold] {
			return false
		}
	}
	return true
}

var numerals = wordSet(`zero one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty
	sixty seventy eighty ninety hundred thousand million billion and
	khong mot hai ba bon tu nam lam sau bay tam chin muoi mot tram nghin ngan trieu ty ti linh le ruoi`)
