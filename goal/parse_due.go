package goal

import "strings"

// due is a deadline found in a line: one day; two, when it can be read in two ways; or none, when somebody
// wrote a day that no calendar has.
type due struct {
	from  int // tokens
	day   int // where the day begins, behind its preposition
	to    int // the token behind it
	dates []Date
	near  Date // for an impossible day: the nearest that exists
}

// The words in front of a deadline. "in" goes with periods and spans of time; "by" with days too; "before" a
// period ends the day before it.
var duePrepositions = newBook(
	"by", `by, until, till, due, due by, due on, no later than, on, deadline, deadline is, latest by, up until,
		vào, đến, tới, tính đến, hạn, hạn chót, hạn là, hạn đến, chậm nhất,
		chậm nhất là, muộn nhất, từ nay đến, từ nay tới, cho đến, cho tới`,
	"before", "before, ahead of, prior to, trước, trước khi hết",
	"in", "in, within, during, over, throughout, trong, trong vòng, ngay trong, trong suốt",
)

// What says that the last day of the period is meant.
var periodEnds = newBook(
	"end", `end of, end of the, the end of, the end of the, close of, hết, cuối, đến hết, tới hết, đến cuối,
		tới cuối, vào cuối, trước cuối, trước hết`,
)

// What makes a period behind it something else than a deadline: "plan for Q4", "from June".
var notDue = newBook(
	"no", "for, of, from, since, like, as, than, vs, and, or, cho, của, từ, kể từ, như, hơn, so với, và, hoặc, the",
)

// due reads [preposition] [end of] day, period or span of time at token i.
func (r dateReader) due(i int) (due, bool) {
	at, preposition, _ := duePrepositions.find(r.line, i)
	if r.at(at).fold == "the" {
		at++
	}
	at, _, ending := periodEnds.find(r.line, at)
	if d, ok := r.day(at); ok && d.startsAt(at) && (preposition != "in" || r.at(at).kind == wordToken) {
		return d, preposition != "" || r.endsLine(i, d.to) && r.plainlyDay(at, d)
	}
	if p, ok := r.period(at, ending); ok && (preposition != "" || ending || r.endsLine(i, p.to) && p.marked) {
		return r.deadline(p, preposition == "before" && !ending), true
	}
	return r.ahead(i)
}

func (d *due) startsAt(i int) bool {
	d.day = i
	return true
}

// endsLine reports whether nothing follows that would make the words from i a part of something else.
func (r dateReader) endsLine(i, to int) bool {
	next := r.at(to)
	behind := r.ended(to) || next.kind == signToken && strings.ContainsAny(next.text, ",.;!)(@<")
	return behind && !notDue.has(r.line, i-1)
}

// plainlyDay tells 31/12 and 31 Dec from a mere fraction such as 1/3, and what is to come from what was, where no
// preposition does.
func (r dateReader) plainlyDay(i int, d due) bool {
	if daysPast.has(r.line, i) {
		return false // "fix what broke yesterday"
	}
	short := d.to-i == 3 && r.at(i+1).text == "/"
	return !short || len(r.at(i).text) == 2 && len(r.at(i+2).text) == 2
}

// deadline is the last day of a period; before a period it is the day before its first, unless that is over.
func (r dateReader) deadline(p period, before bool) due {
	eve := p.first.AddDays(-1)
	if before && !eve.Before(r.today) {
		return due{to: p.to, dates: []Date{eve}}
	}
	return due{to: p.to, dates: []Date{p.last}}
}

var (
	aheadBefore = newBook(
		"in", "in, within, over, trong, trong vòng",
		"next", "next, in the next, within the next, over the next",
	)
	aheadAfter = newBook("next", "from now, from today, tới, nữa, sắp tới, tiếp theo")
	timeUnits  = newBook(
		"day", "day, days, ngày",
		"week", "week, weeks, tuần",
		"month", "month, months, tháng",
		"quarter", "quarter, quarters, quý",
		"year", "year, years, năm",
	)
)

// maxAhead bounds "in 9999 weeks".
const maxAhead = 1000

// ahead reads "in 3 months", "trong 6 tuần tới", "3 tháng nữa". Days need a word that looks ahead: "within 2
// days" is more often how fast something should go than when it is due.
func (r dateReader) ahead(i int) (due, bool) {
	at, opening, opened := aheadBefore.find(r.line, i)
	n, at, ok := r.count(at)
	if !ok || n > maxAhead {
		return due{}, false
	}
	at, unit, ok := timeUnits.find(r.line, at)
	if !ok {
		return due{}, false
	}
	at, _, closed := aheadAfter.find(r.line, at)
	if !closed && (!opened || unit == "day" && opening != "next") {
		return due{}, false
	}
	return due{to: at, dates: []Date{r.later(n, unit)}}, true
}

func (r dateReader) later(n int, unit string) Date {
	switch unit {
	case "day":
		return r.today.AddDays(n)
	case "week":
		return r.today.AddDays(7 * n)
	case "month":
		return r.today.AddMonths(n)
	case "quarter":
		return r.today.AddMonths(3 * n)
	default:
		return r.today.AddMonths(12 * n)
	}
}
