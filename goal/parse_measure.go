package goal

import (
	"strings"

	"github.com/shopspring/decimal"
)

// measure is one way to read a line's number: what it says about the metric, and which tokens say it.
type measure struct {
	rank     int
	means    string
	from, to int // tokens
	cut      bool
	cutTo    int // the tokens from…cutTo leave the title, when cut
	metric   Metric
	unclear  []Unclear
	refused  bool // it is surely a measure, and just as surely not one that can be read
}

// The verbs that say which way a number goes, and what a number behind them is.
var verbs = newBook(
	"increase", `increase, grow, raise, boost, lift, expand, gain, improve, double, scale, increasing, growing,
		tăng, tăng trưởng, nâng, nâng cao, đẩy, gia tăng, mở rộng, cải thiện`,
	"decrease", `decrease, cut, reduce, lower, shrink, drop, trim, bring down, lessen, minimize, minimise, slash,
		reducing, cutting, giảm, giảm bớt, cắt giảm, !cắt, !hạ, rút ngắn, thu hẹp, hạn chế, !bớt`,
	"move", "bring, push, đưa",
	"keep", `keep, maintain, hold, stay, keeping, giữ, giữ vững, duy trì, giữ cho`,
	"reach", `reach, hit, achieve, attain, get, get to, reaching, have, đạt, đạt được, chạm, cán mốc, đạt mốc, có`,
	"count", `launch, ship, hire, publish, sign, close, open, run, release, deliver, complete, write, build, add, onboard,
		train, win, make, create, interview, host, finish, recruit, migrate, fix, automate, integrate, book, land,
		ra mắt, tuyển, tuyển dụng, phát hành, !ký, mở, mở thêm, triển khai, hoàn thành, viết, xây dựng, xây, tổ chức,
		!thêm, đào tạo, phỏng vấn, làm, tạo, bán, thu hút, tích hợp, xuất bản, khai trương`,
)

// The words between two numbers, or in front of one.
var (
	fromWords  = newBook("from", "from, từ")
	toWords    = newBook("up", "up to, lên, lên đến, lên tới, lên thành", "down", "down to, xuống, xuống còn, xuống đến, xuống tới, còn, về", "to", "to, into, đến, tới, thành, sang, đạt")
	arrows     = newBook("to", "→, ->, - >, = >, ⇒, ➜, ➔, ⟶")
	belowWords = newBook("down", `under, below, less than, fewer than, at most, no more than, not more than, max, maximum, <, ≤, < =,
		up to a maximum of, dưới, dưới mức, không quá, tối đa, nhỏ hơn, ít hơn, thấp hơn, không vượt quá`)
	aboveWords = newBook("up", `over, above, more than, at least, no less than, minimum, min, >, ≥, > =,
		trên, hơn, ít nhất, tối thiểu, lớn hơn, nhiều hơn, cao hơn, vượt, vượt mức, không dưới`)
	byWords      = newBook("", "by, by another, another, thêm, thêm được, up, down, bớt, đi, +")
	betweenWords = newBook("", "between, in between, within, trong khoảng, ở mức, khoảng, ở khoảng, từ, from")
	andWords     = newBook("", "and, to, -, –, và, đến, tới")
	rates        = newBook("", "per, a week, a month, a day, each, every, mỗi, hằng, một tuần, một tháng, một ngày, /")
	fillers      = newBook("", "about, around, roughly, a total of, total, khoảng, được, tổng cộng, mới, thêm, another, new, up to, at least, ít nhất")
)

// The ranks of measures: the more a phrase says, the surer it is.
const (
	amountRank = iota + 1
	countRank
	byRank
	targetRank
	rangeRank
)

// measureAt finds the best measure that begins at token i.
func (r *draftReader) measureAt(i int) (measure, bool) {
	if r.verbInside[i] {
		return measure{}, false
	}
	if r.at(i).joined && !strings.Contains("([\"'“‘:,;", r.at(i-1).text) {
		return measure{}, false // the 12 of "G-12" is no amount, nor the 250 of "$250" another
	}
	for _, form := range []func(int) (measure, bool){r.within, r.fromTo, r.bound, r.towards, r.by, r.counts, r.bare} {
		if m, ok := form(i); ok {
			return m, true
		}
	}
	return measure{}, false
}

// fromTo reads "from 250 to 150", "từ 250 đô xuống 150 đô", "250 → 150", and behind a verb that says the way
// "reduce churn 8% to 5%".
func (r *draftReader) fromTo(i int) (measure, bool) {
	at, _, said := fromWords.find(r.line, i)
	from, ok := r.quantity(at)
	if !ok {
		return measure{}, false
	}
	at, _, ok = arrows.find(r.line, from.unitTo)
	if verb := r.verbBefore(i); !ok && (said || from.sure() && (verb == "increase" || verb == "decrease")) {
		at, _, ok = toWords.find(r.line, from.unitTo)
	}
	if !ok {
		return measure{}, false
	}
	to, ok := r.quantity(r.skipBound(at))
	if !ok {
		return measure{}, false
	}
	m := measure{rank: rangeRank, means: MeansChange, from: i, to: to.unitTo, cut: true, cutTo: to.unitTo}
	m.refused = !m.change(from, to)
	return m, true
}

// change fills in baseline and target; it fails where their units disagree.
func (m *measure) change(from, to quantity) bool {
	unit, ok := commonUnit(&from, to)
	if !ok {
		return false
	}
	m.metric.Unit = unit
	base, baseOK := m.decide(FieldFrom, from, to)
	target, targetOK := m.decide(FieldTo, to, from)
	if baseOK {
		m.metric.Baseline, m.metric.Current = &base, &base
	}
	if targetOK {
		m.metric.Target = target
	}
	m.metric.Direction = way(from.readings, to.readings)
	return true
}

// way is the direction from one number to another, if all their readings agree on it.
func way(from, to []Reading) Direction {
	var down, up bool
	for _, f := range from {
		for _, t := range to {
			down = down || t.Value.LessThan(f.Value)
			up = up || t.Value.GreaterThan(f.Value)
		}
	}
	switch {
	case up && !down:
		return Increase
	case down && !up:
		return Decrease
	}
	return ""
}

// commonUnit joins "$250 to 150", "10 to 20 customers" and, turning hours into minutes, "2 hours to 30 minutes".
func commonUnit(from *quantity, to quantity) (string, bool) {
	a, b := from.unit(), to.unit()
	switch {
	case a == "" || fold(a) == fold(b):
		return b, true
	case b == "":
		return a, true
	case isDollar(a) && isDollar(b):
		return b, true
	}
	return b, from.convert(b)
}

var seconds = newBook("1", "s, sec, secs, second, seconds, giây", "60", "min, mins, minute, minutes, phút",
	"3600", "hour, hours, hrs, giờ, tiếng", "86400", "day, days, ngày", "604800", "week, weeks, tuần")

// convert turns a time into another unit of time, where it comes out even.
func (q *quantity) convert(unit string) bool {
	_, has, ok := seconds.find(lex(q.unit()), 0)
	_, wants, known := seconds.find(lex(unit), 0)
	if !ok || !known {
		return false
	}
	for i, r := range q.readings {
		v := r.Value.Mul(decimal.RequireFromString(has)).DivRound(decimal.RequireFromString(wants), 2*maxFraction)
		if !fits(v) {
			return false
		}
		q.readings[i] = Reading{v, unit}
	}
	return true
}

func isDollar(unit string) bool { return unit == "$" || unit == "đô" }

// decide takes the only reading of a number, or notes that there are several. "From 1.2 to 1.5 million" may
// leave the first word's million unsaid.
func (m *measure) decide(field string, q, other quantity) (Number, bool) {
	readings := q.readings
	if scaled, ok := other.one(); ok && field == FieldFrom && other.scaled && !q.scaled && len(readings) == 1 {
		readings = append(readings, unsaidScale(readings[0], scaled)...)
	}
	if len(readings) == 1 {
		return readings[0].Value, true
	}
	m.unclear = append(m.unclear, Unclear{field, q.text, readings})
	return decimal.Zero, false
}

// unsaidScale is the reading of a number under the multiplier of its neighbour, if it could have been meant.
func unsaidScale(r, neighbour Reading) []Reading {
	for _, by := range []int32{3, 6, 9, 12} {
		scaled := r.Value.Shift(by)
		near := scaled.Abs().Div(neighbour.Value.Abs().Add(decimal.New(1, -6)))
		if !r.Value.IsZero() && near.GreaterThan(decimal.New(2, -1)) && near.LessThan(decimal.NewFromInt(5)) {
			return []Reading{{scaled, r.Unit}}
		}
	}
	return nil
}

func (r *draftReader) skipBound(i int) int {
	if to, _, ok := belowWords.find(r.line, i); ok {
		return to
	}
	if to, _, ok := aboveWords.find(r.line, i); ok {
		return to
	}
	to, _, _ := fillers.find(r.line, i)
	return to
}

// within reads "keep … between 2% and 5%", "giữ … từ 2 đến 5".
func (r *draftReader) within(i int) (measure, bool) {
	at, _, ok := betweenWords.find(r.line, i)
	if !ok || r.verbBefore(i) != "keep" && r.at(i).fold != "between" {
		return measure{}, false
	}
	low, ok := r.quantity(at)
	if !ok {
		return measure{}, false
	}
	at, _, ok = andWords.find(r.line, low.unitTo)
	high, isNumber := r.quantity(at)
	if !ok || !isNumber {
		return measure{}, false
	}
	m := measure{rank: rangeRank, means: MeansRange, from: i, to: high.unitTo}
	if !m.change(low, high) {
		return measure{}, false
	}
	m.metric.Direction, m.metric.Floor = KeepWithin, m.metric.Baseline
	m.metric.Baseline, m.metric.Current = nil, nil
	return m, true
}

// bound reads "under 2 minutes", "trên 95%". What is to be kept below a bound stays within it.
func (r *draftReader) bound(i int) (measure, bool) {
	at, side, ok := belowWords.find(r.line, i)
	if !ok {
		at, side, ok = aboveWords.find(r.line, i)
	}
	q, isNumber := r.quantity(at)
	if !ok || !isNumber {
		return measure{}, false
	}
	m := r.single(targetRank, MeansBound, i, q)
	m.metric.Direction = Increase
	verb := r.verbBefore(i)
	switch {
	case side == "down" && verb == "keep":
		m.metric.Direction = KeepWithin
	case side == "down":
		m.metric.Direction = Decrease
	}
	m.cut = verb == string(m.metric.Direction)
	return m, true
}

// towards reads "to 60", "lên 95%", "xuống dưới 2 phút" behind a verb that says the way, or with words that do.
func (r *draftReader) towards(i int) (measure, bool) {
	at, side, ok := toWords.find(r.line, i)
	q, isNumber := r.quantity(r.skipBound(at))
	if !ok || !isNumber {
		return measure{}, false
	}
	m := r.single(targetRank, MeansTarget, i, q)
	switch verb := r.verbBefore(i); {
	case side == "down" || verb == "decrease" || belowWords.has(r.line, at):
		m.metric.Direction = Decrease
	case side == "up" || verb == "increase" || verb == "reach" || r.at(i).fold == "dat" || aboveWords.has(r.line, at):
		m.metric.Direction = Increase
	}
	m.cut = m.metric.Direction != "" && r.at(i).fold != "dat"
	return m, true
}

// by reads a change without its start: "by 30%", "tăng 30% …", "giảm chi phí 20%". It counts from today's 0.
func (r *draftReader) by(i int) (measure, bool) {
	verb := r.verbBefore(i)
	if verb != "increase" && verb != "decrease" {
		return measure{}, false
	}
	at, _, said := byWords.find(r.line, i)
	q, ok := r.quantity(at)
	behindVerb := r.verbEndsAt(i) != ""
	if !ok || !said && !behindVerb && !(q.sure() && r.closes(q)) {
		return measure{}, false
	}
	m := r.single(byRank, MeansBy, i, q)
	m.cut = true
	if !said && q.phrase {
		m.cutTo = q.to
	}
	zero := decimal.Zero
	m.metric.Baseline, m.metric.Current, m.metric.Direction = &zero, &zero, Direction(verb)
	if verb == "decrease" && q.sign != "-" {
		m.metric.Target = m.metric.Target.Neg()
		negate(m.unclear)
	}
	return m, true
}

func negate(unclear []Unclear) {
	for _, u := range unclear {
		for i := range u.Readings {
			u.Readings[i].Value = u.Readings[i].Value.Neg()
		}
	}
}

// closes reports whether nothing but spans already read follows the quantity.
func (r *draftReader) closes(q quantity) bool {
	return r.ended(q.unitTo) || r.busyAt(q.unitTo) || r.at(q.unitTo).kind == signToken
}

// counts reads "reach 12k users" and "launch three integrations". Things made count from 0; a level that is
// to be reached does not tell where it stands.
func (r *draftReader) counts(i int) (measure, bool) {
	verb := r.verbEndsAt(i)
	if verb != "count" && verb != "reach" {
		return measure{}, false
	}
	at, _, _ := fillers.find(r.line, i)
	q, ok := r.counted(at)
	if !ok || rates.has(r.line, q.unitTo) || verb == "count" && !q.several() && !q.large() {
		return measure{}, false
	}
	if spelled := r.at(at).kind == wordToken; spelled && q.unit() == "" {
		return measure{}, false
	}
	m := r.single(countRank, MeansTarget, i, q)
	m.metric.Direction = Increase
	if verb == "count" {
		m.means = MeansCount
		zero := decimal.Zero
		m.metric.Baseline, m.metric.Current = &zero, &zero
	}
	return m, true
}

// bare reads an amount that opens the line, "12k users", or a large one that closes it, "doanh thu 5 tỷ".
func (r *draftReader) bare(i int) (measure, bool) {
	if i > 0 && r.verbBefore(i) != "" {
		return measure{}, false
	}
	q, ok := r.counted(i)
	if !ok {
		return measure{}, false
	}
	opens := i == 0 && (q.several() || q.large())
	if !opens && !(q.large() && i > 0 && r.closes(q)) {
		return measure{}, false
	}
	m := r.single(amountRank, MeansTarget, i, q)
	if opens {
		m.metric.Direction = Increase
	}
	return m, true
}

// sure reports whether it is an amount by its own looks: with a multiplier or a unit of its own.
func (q quantity) sure() bool { return !q.phrase && (q.scaled || q.unit() != "") }

// several reports whether it counts things, more than one.
func (q quantity) several() bool {
	return q.phrase && q.readings[0].Value.GreaterThan(decimal.NewFromInt(1))
}

// large reports whether it is written like money or a level, with a currency or a multiplier.
func (q quantity) large() bool { return q.scaled || isMoney(q.unit()) }

func isMoney(unit string) bool {
	switch unit {
	case "$", "€", "£", "₫", "¥", "đô":
		return true
	}
	return false
}

// single is a measure of one number, its target.
func (r *draftReader) single(rank int, means string, from int, q quantity) measure {
	m := measure{rank: rank, means: means, from: from, to: q.unitTo, cutTo: q.unitTo}
	m.metric.Unit = q.unit()
	m.metric.Target, _ = m.decide(FieldTo, q, quantity{})
	return m
}
