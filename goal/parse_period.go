package goal

import (
	"strings"
	"time"
)

// period is a stretch of the calendar.
type period struct {
	to          int // the token behind it
	first, last Date
	marked      bool // is a deadline even without a preposition, at the line's end
}

var (
	quarterWords = newBook("", "quarter, quý")
	yearWords    = newBook("", "year, năm")
	monthWords   = newBook("", "month, tháng")
	weekWords    = newBook("", "week, tuần")
	quarterNames = newBook(
		"1", "q1, first quarter, quý i, quý một, quý đầu", "2", "q2, second quarter, quý ii, quý hai",
		"3", "q3, third quarter, quý iii, quý ba", "4", "q4, fourth quarter, last quarter, quý iv, quý bốn, quý tư, quý cuối",
	)
	halfNames = newBook(
		"1", "h1, first half, nửa đầu năm, sáu tháng đầu năm, 6 tháng đầu năm",
		"2", "h2, second half, nửa cuối năm, sáu tháng cuối năm, 6 tháng cuối năm",
	)
	shortEnds = newBook("year", "eoy, year end, year - end, yearend", "quarter", "eoq, quarter end, quarter - end", "month", "eom, month end, month - end")
)

// period reads a quarter, month, week, half or whole year at token i; behind "end of" also "year" alone.
func (r dateReader) period(i int, ending bool) (period, bool) {
	if p, ok := r.relative(i, ending); ok {
		return p, true
	}
	for _, form := range []func(int) (period, bool){r.shortEnd, r.half, r.quarter, r.monthPeriod, r.yearPeriod} {
		if p, ok := form(i); ok {
			return p, true
		}
	}
	return period{}, false
}

// relative reads "this year", "next quarter", "năm nay", "quý này".
func (r dateReader) relative(i int, alone bool) (period, bool) {
	at, which, marked := thisNext.find(r.line, i)
	to, unit, ok := r.unitOfTime(at)
	if !ok {
		return period{}, false
	}
	if !marked {
		to, which, marked = thisNext.find(r.line, to)
	}
	if !marked && (!alone || r.at(to).kind == numToken && !r.ended(to)) {
		return period{}, false // "end of year" is one, "end of quarter 3" is another's to read
	}
	p := r.around(r.today, unit)
	if which == "next" {
		p = r.around(p.last.AddDays(1), unit)
	}
	p.to, p.marked = to, true
	return p, true
}

func (r dateReader) unitOfTime(i int) (to int, unit string, ok bool) {
	for _, u := range []struct {
		book phraseBook
		name string
	}{{quarterWords, "quarter"}, {yearWords, "year"}, {monthWords, "month"}, {weekWords, "week"}} {
		if to, _, ok := u.book.find(r.line, i); ok {
			return to, u.name, true
		}
	}
	return i, "", false
}

// around is the period of the unit that holds the day.
func (r dateReader) around(d Date, unit string) period {
	switch unit {
	case "week":
		first := monday(d)
		return period{first: first, last: first.AddDays(6)}
	case "month":
		return spanOf(d.Year, d.Month, 1)
	case "quarter":
		return spanOf(d.Year, (d.Month-1)/3*3+1, 3)
	default:
		return spanOf(d.Year, time.January, 12)
	}
}

func spanOf(year int, month time.Month, length int) period {
	first := Date{year, month, 1}
	return period{first: first, last: first.AddMonths(length - 1).EndOfMonth()}
}

func (r dateReader) shortEnd(i int) (period, bool) {
	to, unit, ok := shortEnds.find(r.line, i)
	if !ok {
		return period{}, false
	}
	p := r.around(r.today, unit)
	p.to, p.marked = to, true
	return p, true
}

// half reads "H1 2027", "nửa đầu năm".
func (r dateReader) half(i int) (period, bool) {
	to, n, ok := halfNames.find(r.line, i)
	if !ok {
		return period{}, false
	}
	return r.named(to, time.Month(6*small(n)-5), 6), true
}

// quarter reads "Q4", "Q4 2026", "Q4/2026", "quarter 4", "quý 4 năm nay", "quý IV/2026".
func (r dateReader) quarter(i int) (period, bool) {
	to, name, ok := quarterNames.find(r.line, i)
	n := small(name)
	if !ok {
		to, _, ok = quarterWords.find(r.line, i)
		if !ok && r.at(i).fold == "q" {
			to, ok = i+1, true
		}
		n = r.smallAt(to)
		to++
	}
	if !ok || n < 1 || n > 4 {
		return period{}, false
	}
	return r.named(to, time.Month(3*n-2), 3), true
}

// monthPeriod reads "June", "June 2026", "tháng 6", "tháng 6/2026", "12/2026".
func (r dateReader) monthPeriod(i int) (period, bool) {
	to, name, ok := months.find(r.line, i)
	n := small(name)
	if !ok {
		to, ok = r.skipWord(i, "tháng")
		n = r.smallAt(to)
		to++
	}
	if !ok {
		n, to = r.smallAt(i), i+1
		slash, year := r.at(i+1), r.at(i+2)
		ok = slash.text == "/" && slash.joined && year.joined && len(year.text) == 4
	}
	if !ok || n < 1 || n > 12 {
		return period{}, false
	}
	p := r.named(to, time.Month(n), 1)
	p.marked = p.to > to // a month's name alone ends many titles
	return p, true
}

// named finds the year behind a period, else takes the first that is not over.
func (r dateReader) named(to int, month time.Month, length int) period {
	year, behind, ok := r.yearAt(to)
	if !ok {
		year, behind, ok = r.relativeYear(to)
	}
	if !ok {
		year, behind = r.today.Year, to
		if spanOf(year, month, length).last.Before(r.today) {
			year++
		}
	}
	p := spanOf(year, month, length)
	p.to, p.marked = behind, true
	return p
}

// relativeYear reads "this year" and "next year" behind a quarter or month.
func (r dateReader) relativeYear(i int) (year, to int, ok bool) {
	at, _ := r.skipWord(i, "of")
	at, which, ok := thisNext.find(r.line, at)
	if !ok {
		return 0, i, false
	}
	to, _, ok = yearWords.find(r.line, at)
	return r.today.Year + next(which), to, ok
}

// yearPeriod reads "2027" and "năm 2027", but not the "2027 users" of a number.
func (r dateReader) yearPeriod(i int) (period, bool) {
	at, said := r.skipWord(i, "năm")
	year, to, ok := r.yearAt(at)
	if !ok || at != to-1 {
		return period{}, false
	}
	follower := r.at(to)
	counts := follower.kind == wordToken && !stops.has(r.line, to) || follower.kind == signToken && !r.ended(to) && strings.ContainsAny(follower.text, "%$€£₫/→")
	if !said && counts {
		return period{}, false
	}
	p := spanOf(year, time.January, 12)
	p.to, p.marked = to, said
	return p, true
}
