package goal

import (
	"strconv"
	"strings"
	"time"
)

// dateReader reads days and periods in a line, as seen from today.
type dateReader struct {
	line
	today    Date
	language string
}

// The years that a date may name.
const (
	firstYear = 2000
	lastYear  = 2199
)

var (
	months = newBook(
		"1", "january, jan", "2", "february, feb", "3", "march, mar", "4", "april, apr", "5", "may", "6", "june, jun",
		"7", "july, jul", "8", "august, aug", "9", "september, sep, sept", "10", "october, oct",
		"11", "november, nov", "12", "december, dec",
	)
	weekdays = newBook(
		"0", "sunday, chủ nhật", "1", "monday, thứ hai, thứ 2", "2", "tuesday, thứ ba, thứ 3",
		"3", "wednesday, thứ tư, thứ 4", "4", "thursday, thứ năm, thứ 5", "5", "friday, thứ sáu, thứ 6",
		"6", "saturday, thứ bảy, thứ 7",
	)
	nearDays = newBook("0", "today, hôm nay", "1", "tomorrow, ngày mai", "2", "ngày kia", "-1", "yesterday, hôm qua")
	daysPast = newBook("", "yesterday, hôm qua")
	ordinals = newBook("", "st, nd, rd, th")
	thisNext = newBook(
		"this", "this, this coming, the coming, này, nay, hiện tại",
		"next", "next, sau, tới, kế tiếp, tiếp theo",
	)
)

// day reads one day at token i in any of its forms.
func (r dateReader) day(i int) (due, bool) {
	for _, form := range []func(int) (due, bool){r.nearDay, r.weekday} {
		if d, ok := form(i); ok {
			return d, true
		}
	}
	i, _ = r.skipWord(i, "ngày")
	for _, form := range []func(int) (due, bool){r.isoDay, r.slashDay, r.pointDay, r.monthFirst, r.dayFirst, r.vietnameseDay} {
		if d, ok := form(i); ok {
			return d, true
		}
	}
	return due{}, false
}

// isoDay reads 2026-12-31.
func (r dateReader) isoDay(i int) (due, bool) {
	n, to, ok := r.triple(i, "-")
	if !ok || n[0] < firstYear {
		return due{}, false
	}
	return r.exactly(to, n[0], n[1], n[2])
}

// pointDay reads 31.12.2026, which is a single number token.
func (r dateReader) pointDay(i int) (due, bool) {
	parts := strings.Split(r.at(i).text, ".")
	if r.at(i).kind != numToken || len(parts) != 3 || len(parts[2]) != 4 {
		return due{}, false
	}
	d, m, y := small(parts[0]), small(parts[1]), small(parts[2])
	return r.exactly(i+1, y, m, d)
}

// slashDay reads 31/12, 31/12/2026, 12/31/2026 and 31-12-2026. Where day and month could change places, both
// ways are told, unless the line is Vietnamese.
func (r dateReader) slashDay(i int) (due, bool) {
	n, to, ok := r.triple(i, "/")
	if !ok {
		n, to, ok = r.triple(i, "-")
	}
	if !ok {
		n, to, ok = r.pair(i)
	}
	if !ok || r.at(to).joined && !r.endsNumber(to) {
		return due{}, false
	}
	day, month, year := n[0], n[1], n[2]
	if year != 0 && year < 100 {
		year += 2000
	}
	return r.eitherWay(to, year, day, month)
}

func (r dateReader) eitherWay(to, year, a, b int) (due, bool) {
	d, ok := r.exactly(to, year, b, a)
	if r.language == Vietnamese || a == b {
		return d, ok
	}
	swapped, swappedOK := r.exactly(to, year, a, b)
	switch {
	case !ok:
		return swapped, swappedOK
	case !swappedOK || len(swapped.dates) == 0:
		return d, true
	case len(d.dates) == 0:
		return swapped, true
	}
	d.dates = append(d.dates, swapped.dates...)
	return d, true
}

// endsNumber reports whether a sign joined behind a date leaves it a date: "31/12," but not "31/12%".
func (r dateReader) endsNumber(i int) bool { return strings.ContainsAny(r.at(i).text, ",.;:!?)") }

// monthFirst reads "Dec 31", "December 31st, 2026".
func (r dateReader) monthFirst(i int) (due, bool) {
	at, month, ok := months.find(r.line, i)
	if !ok {
		return due{}, false
	}
	at, _ = r.skipSign(at, ".")
	day := r.smallAt(at)
	if day == 0 {
		return due{}, false
	}
	return r.withYear(r.skipOrdinal(at+1), small(month), day)
}

// dayFirst reads "31 Dec", "31st of December 2026".
func (r dateReader) dayFirst(i int) (due, bool) {
	day := r.smallAt(i)
	if day == 0 {
		return due{}, false
	}
	at, _ := r.skipWord(r.skipOrdinal(i+1), "of")
	at, month, ok := months.find(r.line, at)
	if !ok {
		return due{}, false
	}
	return r.withYear(at, small(month), day)
}

// vietnameseDay reads "31 tháng 12", "31 tháng 12 năm 2026".
func (r dateReader) vietnameseDay(i int) (due, bool) {
	day := r.smallAt(i)
	at, said := r.skipWord(i+1, "tháng")
	month := r.smallAt(at)
	if day == 0 || !said || month == 0 {
		return due{}, false
	}
	return r.withYear(at+1, month, day)
}

func (r dateReader) nearDay(i int) (due, bool) {
	to, days, ok := nearDays.find(r.line, i)
	if !ok {
		return due{}, false
	}
	return due{to: to, dates: []Date{r.today.AddDays(small(days))}}, true
}

// weekday reads "Friday", "next Friday", "thứ Sáu tuần sau". "Next Friday" means the coming one to
// some and the one after to others, and so does "Monday" on a Monday.
func (r dateReader) weekday(i int) (due, bool) {
	at, which, _ := thisNext.find(r.line, i)
	to, name, ok := weekdays.find(r.line, at)
	if !ok {
		return due{}, false
	}
	now := int(r.today.In(time.UTC).Weekday())
	coming := r.today.AddDays((small(name) - now + 7) % 7)
	if week, said := r.skipWord(to, "tuần"); said {
		if behind, mark, ok := thisNext.find(r.line, week); ok {
			return due{to: behind, dates: []Date{r.inWeek(small(name), mark == "next")}}, true
		}
	}
	if behind, mark, ok := thisNext.find(r.line, to); ok && which == "" {
		to, which = behind, mark
	}
	if which == "next" || which == "" && coming == r.today {
		return due{to: to, dates: []Date{coming, coming.AddDays(7)}}, true
	}
	return due{to: to, dates: []Date{coming}}, true
}

// inWeek is the weekday in this or the next week; weeks begin on Monday.
func (r dateReader) inWeek(weekday int, next bool) Date {
	first := monday(r.today)
	if next {
		first = first.AddDays(7)
	}
	return first.AddDays((weekday + 6) % 7)
}

// monday is the first day of d's week.
func monday(d Date) Date {
	sinceMonday := (int(d.In(time.UTC).Weekday()) + 6) % 7
	return d.AddDays(-sinceMonday)
}

// withYear looks for a year behind day and month.
func (r dateReader) withYear(to, month, day int) (due, bool) {
	if year, behind, ok := r.yearAt(to); ok {
		return r.exactly(behind, year, month, day)
	}
	return r.exactly(to, 0, month, day)
}

// yearAt reads a year at token i, which may stand behind a comma, a slash or "năm".
func (r dateReader) yearAt(i int) (year, to int, ok bool) {
	for _, sign := range []string{",", "/", "-"} {
		if at, cut := r.skipSign(i, sign); cut {
			i = at
			break
		}
	}
	i, said := r.skipWord(i, "năm")
	if at, which, ok := thisNext.find(r.line, i); said && ok {
		return r.today.Year + next(which), at, true
	}
	t := r.at(i)
	year = small(t.text)
	return year, i + 1, t.kind == numToken && len(t.text) == 4 && firstYear <= year && year <= lastYear
}

func next(which string) int {
	if which == "next" {
		return 1
	}
	return 0
}

// exactly makes a day; year 0 is the first in which it comes today or later. A day that its month does not
// have is impossible, one without a month is no date at all.
func (r dateReader) exactly(to, year, month, day int) (due, bool) {
	if month < 1 || month > 12 || day < 1 || day > 31 || year != 0 && (year < firstYear || year > lastYear) {
		return due{}, false
	}
	years := []int{year}
	if year == 0 {
		years = years[:0]
		for ahead := range 9 { // a 29 February may be eight years away
			years = append(years, r.today.Year+ahead)
		}
	}
	for _, y := range years {
		d := Date{y, time.Month(month), day}
		if day <= daysIn(y, d.Month) && (year != 0 || !d.Before(r.today)) {
			return due{to: to, dates: []Date{d}}, true
		}
	}
	near := Date{years[0], time.Month(month), daysIn(years[0], time.Month(month))}
	if year == 0 && near.Before(r.today) {
		near.Year++
		near.Day = daysIn(near.Year, near.Month)
	}
	return due{to: to, near: near}, true
}

// triple reads three joined numbers with the sign between them.
func (r dateReader) triple(i int, sign string) (n [3]int, to int, ok bool) {
	for k := range 3 {
		t := r.at(i + 2*k)
		n[k] = small(t.text)
		if t.kind != numToken || n[k] == 0 || k > 0 && !t.joined {
			return n, i, false
		}
		if s := r.at(i + 2*k + 1); k < 2 && (s.text != sign || !s.joined) {
			return n, i, false
		}
	}
	return n, i + 5, len(r.at(i+4).text) != 3
}

func (r dateReader) pair(i int) (n [3]int, to int, ok bool) {
	n[0], n[1] = r.smallAt(i), r.smallAt(i+2)
	slash := r.at(i + 1)
	_, part := r.skipWord(i+3, "of") // "2/3 of the team"
	ok = n[0] > 0 && n[1] > 0 && slash.text == "/" && slash.joined && r.at(i+2).joined && !part
	return n, i + 3, ok
}

// smallAt is the number of one or two digits at token i, else 0.
func (r dateReader) smallAt(i int) int {
	t := r.at(i)
	if t.kind != numToken || len(t.text) > 2 {
		return 0
	}
	return small(t.text)
}

// small is the value of up to four digits, else 0.
func small(digits string) int {
	if len(digits) > 4 {
		return 0
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

func (r dateReader) skipOrdinal(i int) int {
	to, _, _ := ordinals.find(r.line, i)
	return to
}
