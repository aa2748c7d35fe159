package goal

import (
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// Words that end a unit: what stands behind "12k users" when the sentence goes on.
var stops = newBook("stop", `to, from, by, in, on, at, with, for, of, and, or, until, till, before, after, within,
	during, this, next, than, per, under, below, over, above, into, every, each, via, through, about, without, is, are,
	so, while, when, because, as, end, thanks, across, using, worth, including,
	từ, đến, tới, lên, xuống, còn, thành, sang, vào, trong, trước, cho, của, với, và, để, dưới, trên, hơn,
	hằng, hàng tháng, hàng tuần, tại, ở, bằng, sau, hết, cuối, nhờ, qua, theo, mỗi, mà, thì, là, hoặc, khi, vì, về`)

// The units that are units by themselves, whatever follows: "5 phút thời gian chờ".
var measures = newBook("unit", `phút, giây, giờ, tiếng, ngày, tuần, tháng, năm, điểm, lần, ms, kg, km, tấn,
	minute, minutes, min, mins, second, seconds, sec, secs, hour, hours, hrs, day, days, week, weeks, month, months,
	year, years, point, points, pts, percentage points`)

// What is counted in money: "1,5 tỷ doanh thu" is no number of "doanh thu".
var moneyNames = newBook("money", `revenue, sales, profit, turnover, arr, mrr, gmv, ebitda, savings, funding,
	doanh thu, doanh số, lợi nhuận, vốn, tiền, chi phí, lãi, giá trị`)

var numberWords = newBook(
	"1", "a, an, one, một", "2", "two, hai", "3", "three, ba", "4", "four, bốn", "5", "five, năm", "6", "six, sáu",
	"7", "seven, bảy", "8", "eight, tám", "9", "nine, chín", "10", "ten, mười", "11", "eleven, mười một",
	"12", "twelve, mười hai", "15", "fifteen", "20", "twenty, hai mươi", "30", "thirty", "50", "fifty", "100", "a hundred, one hundred, một trăm",
)

// maxUnitWords keeps a whole clause from becoming a unit.
const maxUnitWords = 4

// count reads a whole number in digits or as a word at token i.
func (l line) count(i int) (n, next int, ok bool) {
	if t := l.at(i); t.kind == numToken {
		n = small(t.text)
		return n, i + 1, n > 0
	}
	to, word, ok := numberWords.find(l, i)
	return small(word), to, ok
}

// quantity is an amount in a sentence, with its unit.
type quantity struct {
	amount
	unitTo int  // the token behind the unit; amount.to is the token behind what is surely the number
	phrase bool // the unit is a phrase of the sentence, such as "paying customers"
	text   string
}

// quantity reads an amount at token i with the words behind it that name its unit.
func (r *draftReader) quantity(i int) (quantity, bool) {
	if r.busyAt(i) {
		return quantity{}, false
	}
	a, ok := r.amount(i, r.language)
	if !ok || r.isFraction(a) {
		return quantity{}, false
	}
	q := quantity{amount: a, unitTo: a.to}
	switch unit := a.readings[0].Unit; {
	case unit == "" || unit == "m":
		r.unitPhrase(&q)
	case r.at(a.to).text == "/" && r.at(a.to).joined && r.at(a.to+1).kind == wordToken:
		q.to, q.unitTo = a.to+2, a.to+2
		q.setUnit(unit + "/" + r.at(a.to+1).text)
	}
	q.text = r.slice(i, q.to)
	return q, !r.isYear(q)
}

// isFraction tells 7/10 and 31/12 from amounts.
func (r *draftReader) isFraction(a amount) bool {
	behind := r.at(a.to)
	slash := behind.text == "/" && behind.joined && r.at(a.to+1).kind == numToken
	before := r.at(a.from - 1)
	return slash || before.text == "/" && r.at(a.from).joined
}

// isYear tells the 2026 of "grow 2026 revenue" from amounts.
func (r *draftReader) isYear(q quantity) bool {
	year := small(q.text)
	return !q.scaled && len(q.text) == 4 && r.today.Year-1 <= year && year <= r.today.Year+10
}

func (r *draftReader) unitPhrase(q *quantity) {
	if to, _, ok := measures.find(r.line, q.to); ok {
		q.setUnit(r.slice(q.to, to))
		q.to, q.unitTo = to, to
		return
	}
	to := q.to
	for to-q.to < maxUnitWords && r.namesUnit(to) {
		to++
	}
	unit := r.slice(q.to, to)
	if r.namesUnit(to) || moneyNames.has(r.line, q.to) || utf8.RuneCountInString(unit) > MaxUnit {
		return
	}
	q.unitTo, q.phrase = to, to > q.to
	q.setUnit(unit)
}

// namesUnit reports whether the word at token i can be part of a unit.
func (r *draftReader) namesUnit(i int) bool {
	if r.at(i).kind != wordToken || r.busyAt(i) || stops.has(r.line, i) {
		return false
	}
	_, _, isGoal := r.id(i)
	return !isGoal
}

// setUnit gives the unit to every reading that has the same as the first: "5m" is millions of it, or metres.
func (q *quantity) setUnit(unit string) {
	old := q.unit()
	for i := range q.readings {
		if q.readings[i].Unit == old {
			q.readings[i].Unit = unit
		}
	}
}

// unit is the unit of the likeliest reading.
func (q quantity) unit() string { return q.readings[0].Unit }

// counted is a whole number in digits or words, with the things it counts: "three integrations".
func (r *draftReader) counted(i int) (quantity, bool) {
	n, to, ok := r.count(i)
	if !ok || r.at(i).kind == numToken || r.busyAt(i) {
		return r.quantity(i)
	}
	q := quantity{amount: amount{from: i, to: to, readings: []Reading{{Value: decimal.NewFromInt(int64(n))}}}, unitTo: to}
	q.text = r.slice(i, to)
	r.unitPhrase(&q)
	return q, true
}
