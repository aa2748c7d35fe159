package goal

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// Reading is one way to understand an amount.
type Reading struct {
	Value Number
	Unit  string // as it is shown: "$", "₫", "%", "đô", "phút"; empty where none was typed
}

// ParseNumber reads an amount as people write it, when it can be read in one way only: 210, $210, 210 đô,
// 1.500.000 ₫, 1,5 tỷ, 12k, 2.5M, 95%, "2 phút". See ParseNumbers for one like 1.500.
func ParseNumber(s string) (n Number, unit string, ok bool) {
	return ParseNumberIn(s, "")
}

// ParseNumberIn reads an amount by the customs of a language ("en", "vi"), where the text shows none itself:
// in English 1,500 is a thousand and a half, in Vietnamese 1.500 is.
func ParseNumberIn(s, language string) (n Number, unit string, ok bool) {
	readings := parseAmount(s, language)
	if len(readings) != 1 {
		return decimal.Zero, "", false
	}
	return readings[0].Value, readings[0].Unit, true
}

// ParseNumbers lists every way to read an amount, the likelier first: none when it is no amount, two for
// 1.500 by itself.
func ParseNumbers(s string) []Reading { return parseAmount(s, "") }

// maxAmountText is longer than any amount with its unit.
const maxAmountText = 120

func parseAmount(s, language string) []Reading {
	if len(s) > 4*maxAmountText {
		return nil
	}
	s = Clean(s)
	if utf8.RuneCountInString(s) > maxAmountText {
		return nil
	}
	l := lex(s)
	if language == "" {
		language = detect(l)
	}
	a, ok := l.amount(0, language)
	if !ok {
		return nil
	}
	unit, ok := l.restOfUnit(a)
	if !ok {
		return nil
	}
	for i := range a.readings {
		a.readings[i].Unit = strings.TrimSpace(a.readings[i].Unit + unit)
	}
	return a.readings
}

// amount is a number found in a line, with its multiplier and the unit that is surely one.
type amount struct {
	from, to int // tokens
	readings []Reading
	sign     string // "+", "-" or none
	scaled   bool   // has a multiplier such as "k" or "tỷ"
}

// one is the only reading of the amount.
func (a amount) one() (Reading, bool) {
	if len(a.readings) != 1 {
		return Reading{}, false
	}
	return a.readings[0], true
}

// amount reads [sign] [currency] digits [multiplier] [%, currency] at token i.
func (l line) amount(i int, language string) (amount, bool) {
	a := amount{from: i}
	i, a.sign = l.sign(i)
	i, unit := l.currencyBefore(i)
	if a.sign == "" && unit != "" {
		i, a.sign = l.sign(i)
	}
	digits := l.at(i)
	if digits.kind != numToken {
		return a, false
	}
	i++
	scales, i := l.scales(i, unit != "")
	if unit == "" {
		i, unit = l.unitAfter(i, language)
	}
	a.to, a.scaled = i, scales[0].by > 0 || scales[0].fraction != ""
	for _, text := range plainDigits(digits.text, language, unit) {
		for _, s := range scales {
			if v, ok := s.value(text, a.sign); ok {
				a.readings = append(a.readings, Reading{v, unit + s.unit})
			}
		}
	}
	return a, len(a.readings) > 0
}

func (l line) sign(i int) (next int, sign string) {
	if l.ended(i+1) || !l.tokens[i+1].joined {
		return i, ""
	}
	switch l.at(i).text {
	case "+":
		return i + 1, "+"
	case "-", "−", "–":
		return i + 1, "-"
	}
	return i, ""
}

func (l line) currencyBefore(i int) (next int, unit string) {
	if l.at(i).fold == "us" && l.at(i+1).text == "$" {
		return i + 2, "$"
	}
	switch t := l.at(i); t.fold {
	case "$", "€", "£", "₫", "¥":
		return i + 1, t.fold
	case "usd":
		return i + 1, "$"
	case "vnd":
		return i + 1, "₫"
	case "eur":
		return i + 1, "€"
	}
	return i, ""
}

// surely are the units that need no context.
var surely = newBook(
	"%", "%, percent, per cent, phần trăm",
	"$", "$, usd, dollars, dollar",
	"₫", "₫, vnd, vnđ, đồng, !đ",
	"€", "€, eur, euro, euros",
	"£", "£, gbp",
	"¥", "¥, jpy",
	"đô", "đô, đô la, đô mỹ, đô la mỹ",
)

func (l line) unitAfter(i int, language string) (next int, unit string) {
	next, unit, ok := surely.find(l, i)
	if after := l.at(next); after.kind == numToken && after.joined && !l.at(i).joined {
		return i, "" // the sign of the next number
	}
	if !ok || unit == "đô" && language == English && l.at(i).text == "do" {
		return i, ""
	}
	return next, unit
}

// restOfUnit is what follows the amount to the end of the line, if it can be a unit: "phút", "/month".
func (l line) restOfUnit(a amount) (unit string, ok bool) {
	if exponent.MatchString(l.at(a.to).fold) {
		return "", false
	}
	for _, t := range l.tokens[a.to:] {
		if t.kind == numToken || t.kind == signToken && !strings.Contains("/-.²³°&·", t.text) {
			return "", false
		}
	}
	unit = l.slice(a.to, len(l.tokens))
	if a.readings[0].Unit != "" && unit != "" && !l.at(a.to).joined {
		unit = " " + unit
	}
	return unit, utf8.RuneCountInString(a.readings[0].Unit+unit) <= MaxUnit
}

// exponent is how machines, not people, write 1e9.
var exponent = regexp.MustCompile(`^e[0-9]+$`)

// scale is a multiplier: a power of ten, and for "2tr5" the digits behind it.
type scale struct {
	by       int32
	fraction string
	unit     string // the letter was no multiplier but a unit
}

var scaleWords = map[string]int32{
	"k": 3, "thousand": 3, "nghin": 3, "ngan": 3,
	"tr": 6, "trieu": 6, "million": 6, "millions": 6, "mn": 6, "mil": 6, "mio": 6,
	"ty": 9, "ti": 9, "billion": 9, "billions": 9, "bn": 9,
}

var scaleInside = regexp.MustCompile(`^(k|tr|trieu|ty|ti)([0-9]{1,3})$`)

// scales reads a multiplier at token i; the first is the likeliest. A small m behind a bare number may mean
// millions as well as metres or minutes.
func (l line) scales(i int, money bool) ([]scale, int) {
	t := l.at(i)
	if t.kind != wordToken {
		return []scale{{}}, i
	}
	if parts := scaleInside.FindStringSubmatch(t.fold); parts != nil && t.joined {
		return []scale{{by: scaleWords[parts[1]], fraction: parts[2]}}, i + 1
	}
	switch {
	case !t.joined || t.fold != "m" && t.fold != "b":
	case t.fold == "b":
		return []scale{{by: 9}}, i + 1
	case t.text == "M" || money:
		return []scale{{by: 6}}, i + 1
	default:
		return []scale{{by: 6}, {unit: "m"}}, i + 1
	}
	by, ok := scaleWords[t.fold]
	if !ok || t.fold == "ti" && slices.Contains([]string{"vi", "le"}, l.at(i+1).fold) {
		return []scale{{}}, i
	}
	if next := l.at(i + 1); by == 3 && t.fold != "k" && scaleWords[next.fold] == 9 {
		return []scale{{by: 12}}, i + 2
	}
	return []scale{{by: by}}, i + 1
}

// value applies the multiplier to digits with an optional decimal point.
func (s scale) value(digits, sign string) (Number, bool) {
	if s.fraction != "" {
		if strings.Contains(digits, ".") {
			return decimal.Zero, false
		}
		digits += "." + s.fraction
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	if len(strings.TrimLeft(whole, "0")) > maxWhole || len(whole) > 2*maxWhole || len(fraction) > maxFraction {
		return decimal.Zero, false
	}
	if sign == "-" {
		digits = "-" + digits
	}
	v, err := decimal.NewFromString(digits)
	if err != nil {
		return decimal.Zero, false
	}
	v = v.Shift(s.by)
	return v, fits(v)
}

var (
	grouped = map[byte]*regexp.Regexp{
		'.': regexp.MustCompile(`^[0-9]{1,3}(?:\.[0-9]{3})+$`),
		',': regexp.MustCompile(`^[0-9]{1,3}(?:,[0-9]{3})+$`),
	}
	one3 = regexp.MustCompile(`^[1-9][0-9]{0,2}[.,][0-9]{3}$`)
)

// plainDigits lists the ways to read digits with separators, each as digits with at most one decimal point.
func plainDigits(text, language, unit string) []string {
	point, comma := strings.Count(text, "."), strings.Count(text, ",")
	switch {
	case point == 0 && comma == 0:
		return []string{text}
	case point > 0 && comma > 0:
		return mixed(text)
	case one3.MatchString(text):
		return oneSeparator(text, language, unit)
	case point+comma == 1:
		return []string{strings.Replace(text, ",", ".", 1)}
	}
	return ungroup(text)
}

// mixed reads both separators: the last kind is the decimal one, and stands once.
func mixed(text string) []string {
	at := strings.LastIndexAny(text, ".,")
	whole := ungroup(text[:at])
	if whole == nil || strings.IndexByte(text[:at], text[at]) >= 0 {
		return nil
	}
	return []string{whole[0] + "." + text[at+1:]}
}

// ungroup drops the separators of thousands, all of one kind.
func ungroup(text string) []string {
	at := strings.IndexAny(text, ".,")
	if at < 0 {
		return []string{text}
	}
	if !grouped[text[at]].MatchString(text) {
		return nil
	}
	return []string{strings.ReplaceAll(text, text[at:at+1], "")}
}

// oneSeparator reads 1.500 and 1,500: as thousands where language or currency say so, else in both ways.
func oneSeparator(text, language, unit string) []string {
	at := strings.IndexAny(text, ".,")
	thousands := text[:at] + text[at+1:]
	point := text[at] == '.'
	switch {
	case unit == "₫", unit == "đô",
		unit == "$" && !point,
		point && language == Vietnamese,
		!point && language == English:
		return []string{thousands}
	}
	return []string{thousands, text[:at] + "." + text[at+1:]}
}
