package goal

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// standing is a goal with a metric; an empty baseline or current is unknown.
func standing(unit string, from, to, current string) *Goal {
	m := &Metric{Name: "CAC", Unit: unit, Direction: Increase, Target: decimalOf(to)}
	if from != "" {
		m.Baseline = ptr(decimalOf(from))
	}
	if current != "" {
		m.Current = ptr(decimalOf(current))
	}
	if low := current; low != "" && m.Target.LessThan(*m.Current) {
		m.Direction = Decrease
	}
	return &Goal{Title: "Cut CAC", Metric: m}
}

func decimalOf(s string) Number {
	n, _, _ := ParseNumberIn(s, English)
	return n
}

func TestParseReply(t *testing.T) {
	cac := standing("$", "250", "150", "230")
	g9 := standing("", "1000", "2000", "1500")
	noBaseline := standing("", "", "2000", "1500")
	three := standing("integrations", "0", "3", "1")
	ten := standing("posts", "0", "10", "4")
	relative := standing("%", "0", "30", "10")
	billion := standing("₫", "1000000000", "2000000000", "1500000000")
	wait := standing("phút", "", "2", "5")
	fresh := standing("users", "", "12000", "")
	loss := standing("$", "-500", "100", "-200")
	keep := keeping(2, 5, 3)
	yesNo := &Goal{Title: "Move office"}

	for _, tt := range []struct {
		goal       *Goal
		text, want string
	}{
		{cac, "210, 7/10, waiting for legal", `210 · c7 · blocker "waiting for legal"`},
		{cac, "205 customers complain about price", `205 · "customers complain about price"`},
		{cac, "205 khách hàng kêu giá cao", `205 · "khách hàng kêu giá cao"`},
		{cac, "210 7/10 waiting for legal", `210 · c7 · blocker "waiting for legal"`},
		{cac, "210\nwaiting for legal\n7/10", `210 · c7 · blocker "waiting for legal"`},
		{cac, "waiting for legal, 210, 7/10", `210 · c7 · blocker "waiting for legal"`},
		{cac, "210 at risk waiting for legal", `210 · at-risk · blocker "waiting for legal"`},
		{cac, "210 đô, tự tin 7, chờ pháp lý", `210 · c7 · blocker "chờ pháp lý"`},
		{cac, "210 do, tu tin 7/10, cho phap ly", `210 · c7 · blocker "cho phap ly"`},
		{cac, "chờ bên pháp chế, 7/10", `c7 · blocker "chờ bên pháp chế"`},
		{cac, "chờ pháp lý, 7/10", `c7 · blocker "chờ pháp lý"`},
		{cac, "210 a note", `210 · "a note"`},
		{cac, "$210", `210`},
		{cac, "now at 210", `210`},
		{cac, "CAC is 210", `210`},
		{cac, "Cut CAC: 210", `210`},
		{cac, "still 210, stuck", `210 · blocker "stuck"`},
		{cac, "còn 210", `210`},
		{cac, "210/150", `210`},
		{cac, "210,5", `210.5`},
		{cac, "+3", `233`},
		{cac, "-5", `225`},
		{cac, "down 5", `225`},
		{cac, "giảm 5", `225`},
		{cac, "70%", `180`},
		{cac, "33,3333%", `216.6667`},
		{cac, "+5%", `225? 241.5?`},
		{cac, "100", `100`},
		{cac, "same", `same`},
		{cac, "nothing changed", `same`},
		{cac, "no change, 7/10, still waiting for legal", `same · c7 · blocker "still waiting for legal"`},
		{cac, "không có gì mới", `same`},
		{cac, "khong co gi moi", `same`},
		{cac, "như cũ, 6/10", `same · c6`},
		{cac, "same people as before", `"same people as before"`},
		{cac, "done", `150`},
		{cac, "xong rồi", `150`},
		{cac, "done, 140", `140`},
		{cac, "done with interviews", `"done with interviews"`},
		{cac, "chưa xong", `"chưa xong"`},
		{cac, "on track", `on-track`},
		{cac, "rủi ro", `at-risk`},
		{cac, "red", `off-track`},
		{cac, "đỏ", `off-track`},
		{cac, "on hold until May", `blocker "on hold until May"`},
		{cac, "at risk of losing them", `"at risk of losing them"`},
		{cac, "7/10", `c7`},
		{cac, "7 out of 10", `c7`},
		{cac, "confidence: 7/10", `c7`},
		{cac, "0/10", `c0`},

		// Figures that are part of the story.
		{cac, "2 people are ill", `"2 people are ill"`},
		{cac, "3 weeks behind", `"3 weeks behind"`},
		{cac, "waiting until 24/12", `"waiting until 24/12"`},
		{cac, "legal answers, 24/12", `"legal answers, 24/12"`},
		{cac, "1e5", `unread 1e5 · "1e5"`},
		{cac, "9999999999999999999999", `unread 9999999999999999999999 · "9999999999999999999999"`},
		{cac, "năm trăm", `unread năm trăm · "năm trăm"`},
		{cac, "abc", `unread abc · "abc"`},
		{cac, "２１０", `210`},
		{cac, "210, 7", `210 · c7`},
		{cac, "210..5", `210 · unread 210..5 · "5"`},
		{cac, "5000", `5000?`},
		{billion, "+3", `4500000000? 1503000000? 1500000003?`},
		{cac, "3rd attempt", `"3rd attempt"`},
		{wait, "2 ngày nghỉ", `"2 ngày nghỉ"`},

		// Obstacles, and their end.
		{cac, "blocked by legal", `blocker "blocked by legal"`},
		{cac, "vướng pháp lý", `blocker "vướng pháp lý"`},
		{cac, "bị kẹt ở khâu duyệt", `blocker "bị kẹt ở khâu duyệt"`},
		{cac, "not blocked", `"not blocked"`},
		{cac, "no longer waiting for legal", `"no longer waiting for legal"`},
		{cac, "hết vướng pháp lý", `"hết vướng pháp lý"`},
		{cac, "ket qua tot", `"ket qua tot"`},
		{cac, "làm cho khách", `"làm cho khách"`},

		// Numbers that can hardly be meant.
		{g9, "160", `1600? 160?`},
		{g9, "16", `1600? 16?`},
		{g9, "15000", `1500? 15000?`},
		{noBaseline, "160", `1600? 160?`},
		{cac, "21", `210? 21?`},
		{cac, "2100", `210? 2100?`},
		{cac, "5", `225? 5?`},
		{cac, "-500", `500? -270?`},
		{cac, "1.500", `1500? 1.5?`},
		{three, "20", `2? 20?`},
		{three, "30", `3? 30?`},
		{wait, "1 giờ", `6? 60?`},
		{g9, "1400", `1400`},
		{g9, "2500", `2500`},

		// Numbers that depend on where the goal stands.
		{g9, "1,600", `1600`},
		{g9, "1.600", `1600`},
		{g9, "1,6k", `1600`},
		{g9, "+160", `1660`},
		{noBaseline, "70%", `unread 70%`},
		{three, "1 of 3", `1`},
		{three, "1/3", `1`},
		{three, "2 trong 3", `2`},
		{three, "2 integrations", `2`},
		{three, "1 integration", `1`},
		{three, "two", `2`},
		{three, "two of them are ill", `"two of them are ill"`},
		{three, "2/3, 6/10", `2 · c6`},
		{three, "1/4", `unread 1/4`},
		{ten, "7/10", `7? 4?`},
		{ten, "7 of 10", `7`},
		{ten, "7, 8/10", `7 · c8`},
		{ten, "7/10, 8/10", `7 · c8`},
		{ten, "same, 8/10", `same · c8`},
		{relative, "12%", `12`},
		{relative, "12", `12`},
		{relative, "+5%", `15`},
		{wait, "3 phut", `3`},
		{wait, "180 giây", `3`},
		{wait, "4, vướng nhân sự", `4 · blocker "vướng nhân sự"`},
		{fresh, "9.500", `9500`},
		{fresh, "+500", `500`},
		{fresh, "-500", `unread -500`},
		{loss, "-50", `-250? -50?`},
		{loss, "+50", `-150`},
		{keep, "4", `4`},
		{keep, "40", `4? 40?`},
		{keep, "done", `unread done · "done"`},

		// What makes no sense for the goal.
		{cac, "210 ₫", `unread 210 ₫`},
		{cac, "11/10", `unread 11/10`},
		{cac, "confidence 12", `unread confidence 12`},
		{yesNo, "7", `unread 7`},
		{yesNo, "50%", `unread 50%`},

		{yesNo, "done", `done`},
		{yesNo, "xong rồi, 9/10, cảm ơn cả nhà", `done · c9 · "cảm ơn cả nhà"`},
		{yesNo, "yes", `done`},
		{yesNo, "có", `done`},
		{yesNo, "100%", `done`},
		{yesNo, "not yet", `not done`},
		{yesNo, "chưa", `not done`},
		{yesNo, "no", `not done`},
		{yesNo, "7/10", `c7`},
		{yesNo, "không có gì mới", `same`},
		{nil, "7/10, fine", `c7 · "fine"`},

		{cac, "", `empty`},
		{cac, " \u200b\u202e\n", `empty`},
		{cac, "<!channel> 210", `unread <!channel> 210 · "<!channel> 210"`},
		{cac, "%s %d", `"%s %d"`},
		{cac, "👍", `unread 👍 · "👍"`},
	} {
		for _, text := range []string{tt.text, norm.NFD.String(tt.text), "\u2066" + tt.text + " \u2069"} {
			if got := showReply(ParseReply(text, tt.goal)); got != tt.want {
				t.Errorf("%q:\n got %s\nwant %s", text, got, tt.want)
			}
		}
	}
}

func showReply(r Reply) string {
	var parts []string
	add := func(shown bool, format string, args ...any) {
		if shown {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(r.Value != nil, "%v", r.Value)
	add(r.Done != nil && *r.Done, "done")
	add(r.Done != nil && !*r.Done, "not done")
	add(r.Same, "same")
	if r.Confidence != nil {
		add(true, "c%d", *r.Confidence)
	}
	add(r.Status != Unknown, "%s", r.Status)
	var readings []string
	for _, n := range r.Readings {
		readings = append(readings, n.String()+"?")
	}
	add(readings != nil, "%s", strings.Join(readings, " "))
	add(r.Unread != "", "unread %s", r.Unread)
	add(r.Note != "" && r.Blocker, "blocker %q", r.Note)
	add(r.Note != "" && !r.Blocker, "%q", r.Note)
	add(r.Empty, "empty")
	return strings.Join(parts, " · ")
}

// A reply that is clear is one that Record takes; one with readings has no value.
func TestRepliesCanBeRecorded(t *testing.T) {
	pieces := []string{"210", "7/10", "+3", "-5", "70%", "same", "done", "xong", "at risk", "waiting", "for", "chờ", ",", "\n",
		"1,5 tỷ", "1.500", "3/3", "tự tin 8", "đô", "phút", "2 people", "confidence 99", "-", "20k", "two"}
	rapid.Check(t, func(t *rapid.T) {
		g := moving(rapid.Int64Range(-100, 300).Draw(t, "from"), rapid.Int64Range(-100, 300).Draw(t, "to"), rapid.Int64Range(-100, 300).Draw(t, "current"))
		if rapid.Bool().Draw(t, "no baseline") {
			g.Metric.Baseline = nil
		}
		if rapid.Bool().Draw(t, "no current") {
			g.Metric.Current = nil
		}
		r := ParseReply(strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "words"), " "), g)
		if len(r.Readings) > 0 && r.Value != nil {
			t.Fatalf("value %v, readings %v", r.Value, r.Readings)
		}
		if err := g.Record(CheckIn{Value: r.Value, Done: r.Done, Confidence: r.Confidence, Status: r.Status, Change: r.Note}); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzParseReply(f *testing.F) {
	for _, s := range append(hostile, "210, 7/10, waiting for legal", "+3", "1.500", "70%", "xong rồi", "7/10", "1/3", "-5 ₫",
		strings.Repeat("7/10,", 500), strings.Repeat(",", 3000)) {
		f.Add(s)
	}
	goals := []*Goal{nil, {}, moving(250, 150, 230), moving(0, 10, 4), keeping(2, 5, 3), standing("phút", "", "2", "")}
	f.Fuzz(func(t *testing.T, s string) {
		for _, g := range goals {
			r := ParseReply(s, g)
			if !utf8.ValidString(r.Note) || !utf8.ValidString(r.Unread) {
				t.Errorf("%q: note %q", s, r.Note)
			}
			if len(r.Readings) > 0 && r.Value != nil || r.Value != nil && !fits(*r.Value) {
				t.Errorf("%q: value %v, readings %v", s, r.Value, r.Readings)
			}
			if r.Confidence != nil && !confident(*r.Confidence) {
				t.Errorf("%q: confidence %d", s, *r.Confidence)
			}
		}
	})
}
