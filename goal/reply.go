package goal

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// Reply is what somebody typed as a check-in, read for one goal.
type Reply struct {
	Value      *Number
	Done       *bool // yes/no goals only; "done" to a number is its target as Value
	Same       bool  // nothing changed
	Confidence *int
	Status     Status
	Note       string // what is left: the story
	Blocker    bool   // the note tells what stands in the way
	// Readings are the values that the reply may mean, the likelier first, when it is not clear; Value is then
	// nil. A single one is hard to believe.
	Readings []Number
	// Unread is a number that makes no sense for this goal, as typed: an amount in another currency, a share of
	// a way whose start is unknown, a confidence of 12. Whoever wrote it should be asked.
	Unread string
	Empty  bool // nothing was typed
}

// Clear reports whether the reply can be saved as it is.
func (r Reply) Clear() bool { return !r.Empty && len(r.Readings) == 0 && r.Unread == "" }

// maxReply is the longest text that is searched for a value, in bytes; a longer one is all note.
const maxReply = 16_000

// ParseReply reads a typed check-in in English or Vietnamese: "210, 7/10, waiting for legal", "+3", "70%",
// "same", "xong rồi", "1/3". Items stand in front, or as clauses of their own behind the story; the rest is the
// note. A number that can hardly be meant literally yields Readings.
func ParseReply(text string, g *Goal) Reply {
	text = halfWidth.Replace(Clean(text))
	if text == "" {
		return Reply{Empty: true}
	}
	if len(text) > maxReply {
		return Reply{Note: text, Blocker: blocks(text)}
	}
	r := newReplyReader(text, g)
	from := r.leading()
	to := r.trailing(from)
	r.settle()
	r.reply.Note = strings.Trim(r.slice(from, to), " \n,;:-–—")
	r.askAboutRest(from, to)
	r.reply.Blocker = blocks(r.reply.Note)
	return r.reply
}

type replyReader struct {
	line
	goal     *Goal
	language string
	reply    Reply
	done     bool    // "done" was said
	literal  bool    // a value was told, clear or not
	fraction *Number // of "7/10" when ten is the target: a value or a confidence
}

func newReplyReader(text string, g *Goal) *replyReader {
	if g == nil {
		g = &Goal{}
	}
	l := lex(text)
	return &replyReader{line: l, goal: g, language: detect(l)}
}

// leading reads items from the front and answers the token at which the note begins.
func (r *replyReader) leading() int {
	i := 0
	for !r.ended(i) {
		to, ok := r.item(r.skipName(i))
		if !ok {
			break
		}
		i = r.skipSeparators(to)
	}
	return i
}

// skipName steps over the metric's name or the goal's title in front of what is told: "CAC is 210".
func (r *replyReader) skipName(i int) int {
	if i > 0 {
		return i
	}
	if m := r.goal.Metric; m != nil && m.Name != "" {
		i = r.skipText(i, m.Name)
	}
	if i == 0 {
		i = r.skipText(i, r.goal.Title)
	}
	to, _ := r.skipSign(i, ":")
	return to
}

// trailing reads the last clauses that are an item and nothing else, and answers the token at which the note
// ends.
func (r *replyReader) trailing(from int) int {
	end := len(r.tokens)
	for end > from {
		begin := r.clause(from, end)
		if begin == from {
			return end
		}
		before := *r
		to, ok := r.item(begin)
		if !ok || to != end || r.reply.Unread != before.reply.Unread {
			*r = before
			return end
		}
		for end = begin; end > from && r.separates(end-1); end-- {
		}
	}
	return end
}

// clause is where the clause begins that ends at token end.
func (r *replyReader) clause(from, end int) int {
	for i := end - 1; i > from; i-- {
		if r.separates(i-1) || r.newLine(i) {
			return i
		}
	}
	return from
}

func (r *replyReader) separates(i int) bool {
	t := r.at(i)
	return t.kind == signToken && strings.Contains(",;|·", t.text)
}

// newLine reports whether token i begins a line.
func (r *replyReader) newLine(i int) bool {
	return i > 0 && !r.ended(i) && strings.Contains(r.text[r.tokens[i-1].end:r.tokens[i].start], "\n")
}

func (r *replyReader) skipSeparators(i int) int {
	for !r.ended(i) && r.at(i).kind == signToken && strings.Contains(",;|·.:-–—", r.at(i).text) && !r.startsValue(i) {
		i++
	}
	return i
}

// startsValue keeps the minus of "7/10 -5" from being a dash.
func (r *replyReader) startsValue(i int) bool {
	next := r.at(i + 1)
	return r.at(i).text == "-" && next.joined && next.kind == numToken && !r.at(i).joined
}

// closed reports whether the words before token i stand for themselves: "done", but not "done with it".
func (r *replyReader) closed(i int) bool {
	return r.ended(i) || r.at(i).kind == signToken || r.newLine(i) || statuses.has(r.line, i) || r.blockerAt(i)
}

var (
	sameWords = newBook("", `same, the same, still the same, same as before, same as last week, no change, no changes,
		nothing changed, nothing has changed, nothing's changed, nothing new, unchanged, no news, no update, no updates, ditto, as before,
		như cũ, vẫn như cũ, y như cũ, vẫn vậy, vẫn thế, không đổi, không thay đổi, không có gì mới, không có gì thay đổi,
		chưa có gì mới, chưa có gì thay đổi, không gì mới, ko có gì mới, ko đổi, k có gì mới, giữ nguyên, như tuần trước`)
	doneWords = newBook(
		"yes", `done, all done, it's done, is done, finished, completed, complete, achieved, we did it,
			xong, xong rồi, đã xong, xong hết, xong hết rồi, hoàn thành, đã hoàn thành, hoàn thành rồi, hoàn tất, đã hoàn tất, đạt rồi, done rồi`,
		"no", "not done, not done yet, not yet, not finished, chưa, chưa xong, chưa đạt, chưa hoàn thành, chưa xong đâu",
	)
	plainAnswers    = newBook("yes", "yes, yep, !có, !rồi", "no", "no, nope, không, !chưa")
	confidenceWords = newBook("", "confidence, confidence is, conf, confident, tự tin, mức tự tin, độ tự tin")
	statuses        = newBook(
		string(OnTrack), "on track, on - track, đúng tiến độ, đúng hướng, !ổn",
		string(AtRisk), "at risk, at - risk, có rủi ro, rủi ro, có nguy cơ",
		string(OffTrack), "off track, off - track, chệch hướng, trật hướng",
	)
	colours = newBook(string(OnTrack), "green, xanh", string(AtRisk), "amber, yellow, vàng", string(OffTrack), "red, !đỏ")
)

// item reads one item at token i.
func (r *replyReader) item(i int) (to int, ok bool) {
	for _, form := range []func(int) (int, bool){r.same, r.doneOrNot, r.confidence, r.status, r.fractionOf, r.value} {
		if to, ok := form(i); ok {
			return to, true
		}
	}
	return i, false
}

func (r *replyReader) same(i int) (int, bool) {
	to, _, ok := sameWords.find(r.line, i)
	if !ok || !r.closed(to) {
		return i, false
	}
	r.reply.Same = true
	return to, true
}

// doneOrNot reads "done"; to a goal with a number "not yet" tells nothing and is a note.
func (r *replyReader) doneOrNot(i int) (int, bool) {
	to, answer, ok := doneWords.find(r.line, i)
	if !ok && r.goal.Metric == nil {
		to, answer, ok = plainAnswers.find(r.line, i)
	}
	measured := r.goal.Metric != nil
	if !ok || !r.closed(to) || measured && (answer == "no" || r.goal.Metric.Direction == KeepWithin) {
		return i, false
	}
	if r.done = measured; !measured {
		done := answer == "yes"
		r.reply.Done = &done
	}
	return to, true
}

// confidence reads "confidence 7", "tự tin: 7/10".
func (r *replyReader) confidence(i int) (int, bool) {
	to, _, ok := confidenceWords.find(r.line, i)
	if !ok {
		return i, false
	}
	if s := r.at(to).text; s == ":" || s == "=" || r.at(to).fold == "la" {
		to++
	}
	n := r.at(to)
	if n.kind != numToken {
		return i, false
	}
	to++
	if r.at(to).text == "/" && r.at(to+1).text == "10" {
		to += 2
	}
	r.tellConfidence(n.text, r.slice(i, to))
	return to, true
}

func (r *replyReader) tellConfidence(digits, typed string) {
	n := small(digits)
	if n == 0 && strings.Trim(digits, "0") != "" || !confident(n) {
		r.reply.Unread = typed
		return
	}
	r.reply.Confidence = &n
}

func (r *replyReader) status(i int) (int, bool) {
	to, status, ok := statuses.find(r.line, i)
	if !ok {
		to, status, ok = colours.find(r.line, i)
		ok = ok && r.closed(to)
	}
	// "At risk of losing them" is a sentence, and tells more than the status.
	sentence := slices.Contains([]string{"of", "ve", "la"}, r.at(to).fold)
	if !ok || r.reply.Status != Unknown || sentence {
		return i, false
	}
	r.reply.Status = Status(status)
	return to, true
}

var outOf = newBook("of", "of, out of, trên, trong, trong số, trong tổng số", "/", "/")

// fractionOf reads "1/3" and "1 of 3" against a target of 3, and "7/10" as confidence.
func (r *replyReader) fractionOf(i int) (int, bool) {
	part := r.at(i)
	at, sign, ok := outOf.find(r.line, i+1)
	whole, isNumber := r.amount(at, r.language)
	if !ok || part.kind != numToken || !isNumber {
		return i, false
	}
	to := r.skipUnit(whole.to)
	typed := r.slice(i, to)
	n, isAmount := r.amount(i, r.language)
	m := r.goal.Metric
	ten := r.at(at).text == "10"
	switch {
	case !isAmount || len(n.readings) != 1 || len(whole.readings) != 1:
		r.reply.Unread = typed
	case m != nil && m.Direction != KeepWithin && whole.readings[0].Value.Equal(m.Target) && !(ten && r.literal):
		switch v := n.readings[0].Value; {
		case r.fraction != nil:
			r.tellConfidence(part.text, typed)
		case ten && sign == "/":
			r.fraction = &v
		default:
			r.tell(v)
		}
	case ten:
		r.tellConfidence(part.text, typed)
	default:
		r.reply.Unread = typed
	}
	return to, true
}

// tell takes a value that needs no judging.
func (r *replyReader) tell(v Number) {
	r.literal = true
	r.reply.Value, r.reply.Readings = &v, nil
}

// settle decides what several items mean together.
func (r *replyReader) settle() {
	if r.fraction != nil {
		r.settleFraction()
	}
	if r.done && !r.literal {
		r.tell(r.goal.Metric.Target)
	}
	if r.literal || r.reply.Done != nil {
		r.reply.Same = false
	}
}

// settleFraction decides about 7/10 where ten is the target: beside a value it is the confidence, beside a
// confidence the value; alone it may be either, and then the value stays where it was.
func (r *replyReader) settleFraction() {
	current := r.goal.Metric.Current
	switch n := *r.fraction; {
	case r.literal || r.reply.Same:
		r.tellConfidence(n.String(), n.String()+"/10")
	case r.reply.Confidence != nil || current == nil || current.Equal(n):
		r.tell(n)
	default:
		r.literal = true
		r.reply.Readings = []Number{n, *current}
	}
}

// tellShare reads 100% and 0% of a yes/no goal.
func (r *replyReader) tellShare(percent Number) bool {
	switch {
	case percent.Equal(hundred):
		r.reply.Done = ptrTo(true)
	case percent.Equal(decimal.Zero):
		r.reply.Done = ptrTo(false)
	default:
		return false
	}
	return true
}

func ptrTo[T any](v T) *T { return &v }
