package goal

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// Words in front of a value.
var (
	valueWords = newBook("", `now, now at, at, it's, it's at, it is, it is at, is, is at, we're at, we are at, currently, currently at,
		still, still at, up to, down to, reached, hit, value, about,
		hiện, hiện tại, hiện là, đang, đang ở, đang là, giờ, giờ là, còn, lên, xuống, đạt, được, tới, đến, là, mới, vẫn, vẫn là, mới được, lên được, khoảng`)
	deltaWords = newBook("+", "up, up by, plus, added, tăng, tăng thêm, thêm, thêm được", "-", "down, down by, minus, giảm, giảm thêm, giảm được, bớt")
	// Things that stories count: "2 people are ill" is no value.
	storyWords = newBook("", `people, persons, person, guys, bugs, bug, issues, issue, blockers, blocker, problems, tickets, customers, clients, meetings, calls, things,
		người, bạn, khách, khách hàng, lỗi, việc, vấn đề, vướng mắc, cuộc họp, sự cố`)
)

// value reads a number at token i: as it is, as a step from the last one, or as a share of the way.
func (r *replyReader) value(i int) (int, bool) {
	if r.literal {
		return i, false
	}
	at, sign, step := deltaWords.find(r.line, i)
	if !step {
		at, _, _ = valueWords.find(r.line, i)
	}
	a, ok := r.amount(at, r.language)
	if !ok {
		a, ok = r.spelled(at)
	}
	if !ok {
		return i, false
	}
	q := quantity{amount: a, unitTo: a.to}
	if !r.goalUnitAt(a.to) && (r.runsOn(a.to) || r.tellsStory(&q)) {
		return i, false
	}
	to := r.skipUnit(q.to)
	if step {
		q.sign = sign
		q.flip(sign)
	}
	if !r.take(q) {
		r.reply.Unread = r.slice(i, to)
	}
	return to, true
}

// spelled reads a number in words that stands for itself: "two", but not "two of them are ill".
func (r *replyReader) spelled(i int) (amount, bool) {
	n, to, ok := r.count(i)
	if !ok || r.at(i).kind != wordToken || !r.closed(r.skipUnit(to)) {
		return amount{}, false
	}
	return amount{from: i, to: to, readings: []Reading{{Value: decimal.NewFromInt(int64(n))}}}, true
}

// flip gives every reading the sign.
func (q *quantity) flip(sign string) {
	for i := range q.readings {
		q.readings[i].Value = q.readings[i].Value.Abs()
	}
	if sign == "-" {
		for i := range q.readings {
			q.readings[i].Value = q.readings[i].Value.Neg()
		}
	}
}

// runsOn reports whether a word is joined to the number that is no unit of time: "1e5", "3rd".
func (r *replyReader) runsOn(i int) bool {
	t := r.at(i)
	return t.kind == wordToken && t.joined && !measures.has(r.line, i)
}

// tellsStory reports whether the words behind a number count something else than the goal does; a unit of
// time becomes the number's own.
func (r *replyReader) tellsStory(q *quantity) bool {
	if q.unit() != "" && q.unit() != "m" {
		return false
	}
	if storyWords.has(r.line, q.to) {
		// "205 customers complain" of a goal that stands at 210 begins with its value; "2 people are ill" does not.
		opens := q.from == 0 && q.sign == "" && r.goal.Metric != nil
		return !opens || r.goal.Metric.doubts(q.readings[0].Value)
	}
	to, _, ok := measures.find(r.line, q.to)
	if !ok {
		return false
	}
	unit := r.slice(q.to, to)
	trial := quantity{amount: amount{readings: []Reading{{q.readings[0].Value, unit}}}}
	if r.goal.Metric == nil || !trial.convert(r.goal.Metric.Unit) {
		return true
	}
	if !r.closed(to) && r.goal.Metric.doubts(trial.readings[0].Value) {
		return true // "2 days off" of somebody whose customers wait five minutes
	}
	q.setUnit(unit)
	q.to = to
	return false
}

// goalUnitAt reports whether the goal's own unit stands at token i.
func (r *replyReader) goalUnitAt(i int) bool { return r.skipUnit(i) > i }

// skipUnit steps over the goal's unit.
func (r *replyReader) skipUnit(i int) int {
	if r.goal.Metric == nil {
		return i
	}
	return r.skipText(i, r.goal.Metric.Unit)
}

// skipText steps over the words of a text, in singular or plural, accented or not.
func (r *replyReader) skipText(i int, text string) int {
	words := lex(text)
	for n := range words.tokens {
		typed, wanted := r.at(i+n).fold, words.tokens[n].fold
		if typed != wanted && strings.TrimSuffix(typed, "s") != strings.TrimSuffix(wanted, "s") {
			return i
		}
	}
	return i + len(words.tokens)
}

// take decides what an amount means for the goal; false if nothing.
func (r *replyReader) take(q quantity) bool {
	m := r.goal.Metric
	if m == nil {
		one, clear := q.one()
		return clear && one.Unit == "%" && r.tellShare(one.Value)
	}
	switch unit := q.unit(); {
	case unit == "%" && m.Unit != "%":
		return r.takeShare(q)
	case unit == "", fold(unit) == fold(m.Unit), m.Unit == "", isDollar(unit) && isDollar(m.Unit):
	case unit == "m":
	case !q.convert(m.Unit):
		return false
	}
	if q.sign != "" {
		return r.takeStep(q)
	}
	r.judge(values(q))
	return true
}

func values(q quantity) []Number {
	var all []Number
	for _, reading := range q.readings {
		all = append(all, reading.Value)
	}
	return all
}

// takeShare reads 70% of a goal that is not counted in percent: a share of the way from baseline to target. If
// the goal has no unit at all, the number itself may have been meant; and +5% may be of the way or of the value.
func (r *replyReader) takeShare(q quantity) bool {
	m := r.goal.Metric
	one, clear := q.one()
	value, known := m.valueAt(one.Value)
	if !clear || !known {
		return false
	}
	value = value.Round(maxFraction)
	switch {
	case q.sign != "":
		return r.takeShareStep(one.Value)
	case m.Unit == "" && !value.Equal(one.Value):
		r.unclear(value, one.Value)
	default:
		r.tell(value)
	}
	return true
}

func (r *replyReader) takeShareStep(percent Number) bool {
	m := r.goal.Metric
	if m.Current == nil {
		return false
	}
	way := m.Target.Sub(*m.Baseline).Mul(percent).Shift(-2)
	grown := m.Current.Mul(percent).Shift(-2)
	r.unclear(m.Current.Add(way).Round(maxFraction), m.Current.Add(grown).Round(maxFraction))
	return true
}

// takeStep reads +3 and -5 from where the goal stands. Where values below zero are usual, -5 may also be one.
func (r *replyReader) takeStep(q quantity) bool {
	m := r.goal.Metric
	from := m.Current
	if from == nil {
		from = m.Baseline
	}
	one, clear := q.one()
	switch {
	case !clear:
		return false
	case from == nil && one.Value.IsNegative():
		return false
	case from == nil:
		r.tell(one.Value)
		return true
	}
	stepped := from.Add(one.Value)
	switch {
	case one.Value.IsNegative() && m.belowZero():
		r.unclear(stepped, one.Value)
	case !q.scaled && q.unit() == "" && tiny(one.Value, *from):
		r.unclear(append(r.larger(one.Value, *from), stepped)...)
	case stepped.IsNegative() && !m.belowZero(), m.doubts(stepped):
		r.unclear(one.Value.Abs(), stepped)
	case m.absurd(stepped):
		r.hardlyMeant(stepped)
	default:
		r.tell(stepped)
	}
	return true
}

// belowZero reports whether values below zero are usual for the metric.
func (m *Metric) belowZero() bool {
	for _, n := range []*Number{m.Baseline, &m.Target, m.Current, m.Floor} {
		if n != nil && n.IsNegative() {
			return true
		}
	}
	return false
}

// judge takes a literal value if it is one, and likely; else it lists what may have been meant.
func (r *replyReader) judge(readings []Number) {
	m := r.goal.Metric
	if len(readings) > 1 {
		if likely := slices.DeleteFunc(slices.Clone(readings), m.unlikely); len(likely) == 1 {
			readings = likely
		}
	}
	if len(readings) > 1 {
		r.unclear(readings...)
		return
	}
	v := readings[0]
	if other, ok := m.meant(v); ok && m.doubts(v) {
		r.unclear(other, v)
		return
	}
	if m.absurd(v) {
		r.hardlyMeant(v)
		return
	}
	r.tell(v)
}

// hardlyMeant asks about the only reading there is.
func (r *replyReader) hardlyMeant(v Number) { r.literal, r.reply.Readings = true, []Number{v} }

var million = decimal.NewFromInt(1_000_000)

// tiny reports a step that was meant in the large units that the amount is shown in: +3 of 1.5 billion.
func tiny(step, from Number) bool {
	return from.Abs().GreaterThanOrEqual(million) && !step.IsZero() && step.Abs().LessThan(decimal.NewFromInt(1000))
}

// larger are the values after a step of millions, and of billions where the amount is of that size.
func (r *replyReader) larger(step, from Number) []Number {
	var all []Number
	for _, by := range []int32{9, 6} {
		if from.Abs().GreaterThanOrEqual(decimal.New(1, by)) && from.Add(step.Shift(by)).Sign() >= 0 {
			all = append(all, from.Add(step.Shift(by)))
		}
	}
	return all
}

// unclear lists readings that differ and fit; a single one is no question.
func (r *replyReader) unclear(readings ...Number) {
	r.literal = true
	for _, v := range readings {
		same := func(n Number) bool { return n.Equal(v) }
		if fits(v) && !slices.ContainsFunc(r.reply.Readings, same) {
			r.reply.Readings = append(r.reply.Readings, v)
		}
	}
	if len(r.reply.Readings) == 1 {
		r.tell(r.reply.Readings[0])
	}
}
