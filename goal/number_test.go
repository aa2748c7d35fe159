package goal

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestParseNumbers(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"210", "210"},
		{"$210", "210 $"},
		{"US$210", "210 $"},
		{"210$", "210 $"},
		{"USD 210", "210 $"},
		{"210 đô", "210 đô"},
		{"210 đô la Mỹ", "210 đô"},
		{"210 do", "210 đô"},
		{"1.500.000 ₫", "1500000 ₫"},
		{"1.500.000đ", "1500000 ₫"},
		{"1,500,000 VND", "1500000 ₫"},
		{"500 đồng", "500 ₫"},
		{"1,5 tỷ", "1500000000"},
		{"1,5 ty", "1500000000"},
		{"1.5 tỉ đồng", "1500000000 ₫"},
		{"1.500 tỷ", "1500000000000"},
		{"2 nghìn tỷ", "2000000000000"},
		{"2tr5", "2500000"},
		{"1tr250", "1250000"},
		{"300 triệu", "300000000"},
		{"12k", "12000"},
		{"12 K", "12000"},
		{"12 nghìn", "12000"},
		{"12 ngàn", "12000"},
		{"2.5M", "2500000"},
		{"$2.5m", "2500000 $"},
		{"2.5 million", "2500000"},
		{"3bn", "3000000000"},
		{"5m", "5000000 | 5 m"},
		{"95%", "95 %"},
		{"95 phần trăm", "95 %"},
		{"95 percent", "95 %"},
		{"2 phút", "2 phút"},
		{"30 minutes", "30 minutes"},
		{"$50/month", "50 $/month"},
		{"1.500", "1500 | 1.5"},
		{"1,500", "1500 | 1.5"},
		{"$1,500", "1500 $"},
		{"$1.500", "1500 $ | 1.5 $"},
		{"1.500 ₫", "1500 ₫"},
		{"1.500 khách hàng", "1500 khách hàng"},
		{"1,500 users", "1500 users"},
		{"1.500,5", "1500.5"},
		{"1,500.25", "1500.25"},
		{"0.125", "0.125"},
		{"1234.567", "1234.567"},
		{"1,5", "1.5"},
		{"-5", "-5"},
		{"−5%", "-5 %"},
		{"-$5", "-5 $"},
		{"+3", "3"},
		{"007", "7"},
		{"999999999999999999", "999999999999999999"},

		{"", ""},
		{"abc", ""},
		{"1e5", ""},
		{"1e999999999", ""},
		{"1.2.3", ""},
		{"1.500.00", ""},
		{"1,500,5", ""},
		{"210, 7/10", ""},
		{"7/10", ""},
		{"9999999999999999999", ""},
		{"999999999999999999 tỷ", ""},
		{"0.1234567", ""},
		{"5 " + strings.Repeat("x", 31), ""},
		{"%s", ""},
		{"<!channel>", ""},
		{"٣", ""},
	} {
		for _, in := range []string{tt.in, norm.NFD.String(tt.in), " " + tt.in + "\u200b"} {
			if got := showReadings(ParseNumbers(in)); got != tt.want {
				t.Errorf("ParseNumbers(%q) = %q, want %q", in, got, tt.want)
			}
		}
	}
}

func showReadings(readings []Reading) string {
	var all []string
	for _, r := range readings {
		all = append(all, strings.TrimSpace(r.Value.String()+" "+r.Unit))
	}
	return strings.Join(all, " | ")
}

func TestParseNumberInLanguage(t *testing.T) {
	for _, tt := range []struct{ in, language, want string }{
		{"1,500", English, "1500"},
		{"1.500", Vietnamese, "1500"},
		{"1.500", English, ""},
		{"1,500", Vietnamese, ""},
		{"1.500", "", ""},
		{"1,500 phút", English, "1500"},
		{"1.125 phút", English, ""},
		{"1,125 users", Vietnamese, ""},
	} {
		n, _, ok := ParseNumberIn(tt.in, tt.language)
		if got := n.String(); ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("ParseNumberIn(%q, %q) = %s, %v, want %q", tt.in, tt.language, got, ok, tt.want)
		}
	}
}

func TestNumbersAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-999_999_999, 999_999_999).Draw(t, "n")
		places := rapid.Int32Range(0, 2).Draw(t, "places")
		want := number(n).Shift(-places)
		got, unit, ok := ParseNumber(want.String())
		if !ok || unit != "" || !got.Equal(want) {
			t.Fatalf("ParseNumber(%s) = %s, %q, %v", want, got, unit, ok)
		}
	})
}

func FuzzParseNumbers(f *testing.F) {
	for _, s := range append(hostile, "1,5 tỷ", "1.500", "2tr5", "$-5", "1e9", "5m", "1.5.", ",5") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range ParseNumbers(s) {
			if !fits(r.Value) || len([]rune(r.Unit)) > MaxUnit {
				t.Errorf("ParseNumbers(%q) = %v, beyond the limits", s, r)
			}
		}
	})
}
