package language

import (
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"goalkeeper/goal"
)

// nbsp keeps a number and its unit on one line.
const nbsp = "\u00a0"

// Number writes an exact number: 1,500.5 in English, 1.500,5 in Vietnamese.
func (v *Voice) Number(n goal.Number) string {
	digits, fraction, _ := strings.Cut(n.Abs().String(), ".")
	group, point := ",", "."
	if v.tag == Vietnamese {
		group, point = ".", ","
	}
	var b strings.Builder
	if n.IsNegative() {
		b.WriteString("−")
	}
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteRune(d)
	}
	if fraction != "" {
		b.WriteString(point + fraction)
	}
	return b.String()
}

// Amount writes a number with its unit where people write it: $210, 210 đô, 95%, 3 integrations. The unit is the one
// that was typed, in whatever language: whoever wrote $ finds $.
func (v *Voice) Amount(n goal.Number, unit string) string {
	switch unit {
	case "":
		return v.compact(n)
	case "%":
		return v.Number(n) + "%"
	case "$", "€", "£", "¥":
		if v.tag == English {
			if n.IsNegative() {
				return "−" + unit + v.Number(n.Abs())
			}
			return unit + v.Number(n)
		}
	}
	if n.Equal(one) && v.tag == English {
		unit = singular(unit)
	}
	return v.compact(n) + nbsp + unit
}

// FromTo writes a way between two numbers, with a unit that is a word once: $250 → $150, 0 → 3 integrations.
func (v *Voice) FromTo(from, to goal.Number, unit string) string {
	start, end := v.Amount(from, unit), v.Amount(to, unit)
	word := nbsp + unit
	if strings.HasSuffix(end, word) || strings.HasSuffix(end, singular(word)) {
		start = strings.TrimSuffix(strings.TrimSuffix(start, word), singular(word))
	}
	return start + " → " + end
}

var one = decimal.NewFromInt(1)

// singular is one of what an English plural counts: 1 integration, 1 reply. Short units, like s and ms, stay.
func singular(unit string) string {
	stem, plural := strings.CutSuffix(unit, "s")
	switch {
	case !plural || len(stem) < 3 || strings.HasSuffix(stem, "s") || strings.HasSuffix(stem, "u"):
		return unit
	case strings.HasSuffix(stem, "ie") && len(stem) > 3:
		return strings.TrimSuffix(stem, "ie") + "y"
	}
	return stem
}

var billion = decimal.New(1, 9)

// compact writes large round numbers the way Vietnamese people say them: 1,5 tỷ.
func (v *Voice) compact(n goal.Number) string {
	if v.tag == Vietnamese && n.Abs().GreaterThanOrEqual(billion) {
		if short := n.DivRound(billion, 2); short.Mul(billion).Equal(n) {
			return v.Number(short) + nbsp + "tỷ"
		}
	}
	return v.Number(n)
}

// Signed writes a change: +3, −5.
func (v *Voice) Signed(n goal.Number, unit string) string {
	if n.IsPositive() {
		return "+" + v.Amount(n, unit)
	}
	return v.Amount(n, unit)
}

// Percent writes a share: 40 %.
func (v *Voice) Percent(p int) string { return v.Number(decimal.NewFromInt(int64(p))) + nbsp + "%" }

var (
	monthsEN = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
	daysEN   = [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
	daysVI   = [...]string{"Chủ nhật", "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy"}
)

// Day writes a date, without its year when that is today's: 31 Dec, 31 Dec 2027; 31/12, 31/12/2027.
func (v *Voice) Day(d, today goal.Date) string {
	year := strconv.Itoa(d.Year)
	if v.tag == Vietnamese {
		s := strconv.Itoa(d.Day) + "/" + strconv.Itoa(int(d.Month))
		if d.Year != today.Year {
			s += "/" + year
		}
		return s
	}
	s := strconv.Itoa(d.Day) + nbsp + monthsEN[d.Month-1]
	if d.Year != today.Year {
		s += nbsp + year
	}
	return s
}

// Moment writes a time in its own zone, as seen from now: Mon 30 Nov, 9:00; thứ Hai 30/11, 9:00.
func (v *Voice) Moment(t, now time.Time) string {
	return v.weekdayOf(t.Weekday()) + " " + v.Day(goal.DateOf(t), goal.DateOf(now.In(t.Location()))) + ", " + v.Clock(t)
}

func (v *Voice) weekdayOf(d time.Weekday) string {
	if v.tag == Vietnamese {
		return daysVI[d]
	}
	return daysEN[d]
}

// Weekday writes a day of the week in full: Monday, thứ Hai.
func (v *Voice) Weekday(d time.Weekday) string {
	if v.tag == Vietnamese {
		return daysVI[d]
	}
	return d.String()
}

// Clock writes a time of day: 9:00.
func (v *Voice) Clock(t time.Time) string { return t.Format("15:04")[zeroHour(t):] }

func zeroHour(t time.Time) int {
	if t.Hour() < 10 {
		return 1
	}
	return 0
}

// Zone names a time zone by its city, or as people there call their time: New York, Vietnam.
func (v *Voice) Zone(name string) string {
	switch name {
	case "Asia/Ho_Chi_Minh", "Asia/Saigon":
		if v.tag == Vietnamese {
			return "Việt Nam"
		}
		return "Vietnam"
	}
	city := name[strings.LastIndexByte(name, '/')+1:]
	return strings.ReplaceAll(city, "_", " ")
}
