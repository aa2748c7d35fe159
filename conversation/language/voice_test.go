package language

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

func number(t *testing.T, s string) goal.Number {
	t.Helper()
	n, err := decimal.NewFromString(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// plainSpaces makes the spaces that keep a number with its unit visible as usual ones.
func plainSpaces(s string) string { return strings.ReplaceAll(s, nbsp, " ") }

func TestAmounts(t *testing.T) {
	for _, c := range []struct{ number, unit, en, vi string }{
		{"210", "$", "$210", "210 $"},
		{"210", "đô", "210 đô", "210 đô"},
		{"-5", "$", "−$5", "−5 $"},
		{"1500", "", "1,500", "1.500"},
		{"1500000", "₫", "1,500,000 ₫", "1.500.000 ₫"},
		{"1500000000", "₫", "1,500,000,000 ₫", "1,5 tỷ ₫"},
		{"1234567891", "₫", "1,234,567,891 ₫", "1.234.567.891 ₫"},
		{"2.5", "%", "2.5%", "2,5%"},
		{"3", "integrations", "3 integrations", "3 integrations"},
		{"0.30", "", "0.3", "0,3"},
		{"999", "", "999", "999"},
		{"-1234.5", "", "−1,234.5", "−1.234,5"},
		{"0", "€", "€0", "0 €"},
	} {
		n := number(t, c.number)
		if got := plainSpaces(In("en").Amount(n, c.unit)); got != c.en {
			t.Errorf("%s %s in English: %q, want %q", c.number, c.unit, got, c.en)
		}
		if got := plainSpaces(In("vi").Amount(n, c.unit)); got != c.vi {
			t.Errorf("%s %s in Vietnamese: %q, want %q", c.number, c.unit, got, c.vi)
		}
	}
}

func TestWaysSayAWordOnce(t *testing.T) {
	for _, c := range []struct{ from, to, unit, en, vi string }{
		{"250", "150", "$", "$250 → $150", "250 → 150 $"},
		{"0", "3", "integrations", "0 → 3 integrations", "0 → 3 integrations"},
		{"1", "3", "replies", "1 → 3 replies", "1 → 3 replies"},
		{"3", "1", "replies", "3 → 1 reply", "3 → 1 replies"},
		{"0", "30", "%", "0% → 30%", "0% → 30%"},
		{"1000000000", "1500000000", "₫", "1,000,000,000 → 1,500,000,000 ₫", "1 tỷ → 1,5 tỷ ₫"},
		{"4", "6", "", "4 → 6", "4 → 6"},
	} {
		from, to := number(t, c.from), number(t, c.to)
		if got := plainSpaces(In("en").FromTo(from, to, c.unit)); got != c.en {
			t.Errorf("in English: %q, want %q", got, c.en)
		}
		if got := plainSpaces(In("vi").FromTo(from, to, c.unit)); got != c.vi {
			t.Errorf("in Vietnamese: %q, want %q", got, c.vi)
		}
	}
}

func TestChangesAndShares(t *testing.T) {
	en, vi := In("en"), In("vi")
	for _, c := range []struct{ got, want string }{
		{en.Signed(number(t, "3"), ""), "+3"}, {vi.Signed(number(t, "-5"), "$"), "−5 $"}, {en.Signed(number(t, "0"), ""), "0"},
		{en.Percent(40), "40 %"}, {vi.Percent(-12), "−12 %"}, {en.Percent(1250), "1,250 %"}, {vi.Percent(1250), "1.250 %"},
	} {
		if got := plainSpaces(c.got); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestDatesAndTimes(t *testing.T) {
	hanoi, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 30, 9, 0, 0, 0, hanoi)
	today := goal.Date{Year: 2026, Month: 11, Day: 25}
	next := goal.Date{Year: 2027, Month: 1, Day: 2}
	for _, c := range []struct{ what, en, vi string }{
		{"day", "30 Nov", "30/11"}, {"next year", "2 Jan 2027", "2/1/2027"},
		{"moment", "Mon 30 Nov, 9:00", "thứ Hai 30/11, 9:00"},
		{"weekday", "Sunday", "Chủ nhật"}, {"clock", "14:30", "14:30"},
		{"zone", "Vietnam", "Việt Nam"}, {"other zone", "Buenos Aires", "Buenos Aires"},
	} {
		for tag, want := range map[string]string{"en": c.en, "vi": c.vi} {
			v := In(tag)
			got := map[string]string{
				"day": v.Day(goal.DateOf(at), today), "next year": v.Day(next, today), "moment": v.Moment(at, at),
				"weekday": v.Weekday(time.Sunday), "clock": v.Clock(at.Add(5*time.Hour + 30*time.Minute)),
				"zone": v.Zone("Asia/Ho_Chi_Minh"), "other zone": v.Zone("America/Argentina/Buenos_Aires"),
			}[c.what]
			if plainSpaces(got) != want {
				t.Errorf("%s in %s: %q, want %q", c.what, tag, got, want)
			}
		}
	}
}

func TestEveryWeekdayIsNamed(t *testing.T) {
	want := map[string]string{"en": "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
		"vi": "Chủ nhật thứ Hai thứ Ba thứ Tư thứ Năm thứ Sáu thứ Bảy"}
	for tag, names := range want {
		var got []string
		for d := time.Sunday; d <= time.Saturday; d++ {
			got = append(got, In(tag).Weekday(d))
		}
		if strings.Join(got, " ") != names {
			t.Errorf("%s: %v", tag, got)
		}
	}
}

func TestLanguageTags(t *testing.T) {
	for tag, want := range map[string]string{"": "en", "vi": "vi", "vi-VN": "vi", "VI_vn": "vi", "en-GB": "en", "fr": "en", "vie": "en"} {
		if got := In(tag).Tag(); got != want {
			t.Errorf("In(%q) is %s, want %s", tag, got, want)
		}
	}
}

func TestFold(t *testing.T) {
	for typed, want := range map[string]string{
		"Cập  Nhật": "cap nhat", "ĐÓNG": "dong", "mở lại": "mo lai", "mo\u031b\u0309 la\u0323i": "mo lai",
		" Help\t me ": "help me", "a\u200bb\u202ec": "abc", "": "",
	} {
		if got := Fold(typed); got != want {
			t.Errorf("Fold(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestLooksVietnamese(t *testing.T) {
	for name, want := range map[string]bool{"Trần Thị Linh": true, "Nguyễn Văn Đức": true, "José Álvarez": false, "Linh Tran": false, "": false} {
		if got := LooksVietnamese(name); got != want {
			t.Errorf("LooksVietnamese(%q) = %v", name, got)
		}
	}
}

// What people wrote goes into a message as it is: neither its braces nor its signs mean anything.
func TestPeoplesWordsAreNeverPartOfTheMessage(t *testing.T) {
	for _, hostile := range []string{"{who}", "%s %d", "{{.}}", "<!channel>", "*bold*", "\u202eabc", "{", "}", "{id} {title}"} {
		got := In("en").Say("goal.card.summary", With{"id": "G-1", "title": hostile})
		if got != "G-1: "+hostile {
			t.Errorf("%q became %q", hostile, got)
		}
	}
}

func TestValuesOfAMessage(t *testing.T) {
	name := card.Span{Text: "Linh", Person: "U1"}
	got := In("en").Text("proposal.ask", With{"who": name})
	want := card.Text{name, {Text: " suggests a goal for you:"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := In("vi").Say("pace.behind", With{"count": 1500}); got != "chậm 1.500 điểm" {
		t.Errorf("a large count is %q", got)
	}
	if got := In("en").Say("pace.behind", With{"count": 1}); got != "1 point behind" {
		t.Errorf("one is %q", got)
	}
	if got := In("en").Say("goal.due"); got != "due {date}" {
		t.Errorf("a value that is missing shows as %q", got)
	}
}
