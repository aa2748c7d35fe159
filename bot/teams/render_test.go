package teams

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"goalkeeper/conversation/card"
)

var update = flag.Bool("update", false, "write the golden files anew")

// samples are cards of every block, field, style and limit, in both languages.
func samples() map[string]map[string]card.Card {
	return map[string]map[string]card.Card{
		"goal.card":       {"en": goalCard("Cut CAC", "Serves", "Break into milestones", "Share", "Undo"), "vi": goalCard("Giảm CAC", "Phục vụ", "Chia cột mốc", "Chia sẻ", "Hoàn tác")},
		"checkin.ask":     {"en": askEnglish(), "vi": askVietnamese()},
		"goal.form":       {"en": formEnglish(), "vi": formVietnamese()},
		"goal.form.wrong": {"en": wrong(formEnglish(), "Type a date such as 31 Dec 2026.", "Two fields need a look; nothing was lost."), "vi": wrong(formVietnamese(), "Gõ ngày như 31/12/2026.", "Hai ô cần xem lại, chưa mất gì.")},
		"checkin.saved":   {"en": saved("Saved. G-12 Cut CAC is at $210, confidence 7.", "Next goal"), "vi": saved("Đã ghi. G-12 Giảm CAC: 210 đô, tự tin 7.", "Mục tiêu tiếp")},
		"digest":          {"en": digest("#growth · week 48 · 7 goals", "I can help"), "vi": digest("#growth · tuần 48 · 7 mục tiêu", "Mình giúp được")},
		"hostile":         {"en": hostile(), "vi": hostile()},
		"crowded":         {"en": crowded(), "vi": crowded()},
		"empty":           {"en": {Kind: "empty", Summary: "Nothing"}, "vi": {Kind: "empty", Summary: "Không có gì"}},
	}
}

func text(s string) card.Text { return card.Text{{Text: s}} }

func says(role card.Role, s string) card.Block {
	return card.Block{Text: &card.Paragraph{Role: role, Text: text(s)}}
}

func act(label, verb string) card.Action {
	return card.Action{Label: label, Intent: card.Intent{Verb: verb, Subject: "G-12", Question: "2026-W48"}}
}

func primary(a card.Action) card.Action { a.Style = card.Primary; return a }

func percent(n int) *int { return &n }

func goalCard(title, serves string, labels ...string) card.Card {
	c := card.Card{Kind: "goal.card", Summary: "G-12 · " + title, Body: []card.Block{
		says(card.Title, "G-12 · "+title),
		says(card.Body, "$250 → $150 · 31/12 · Linh"),
		{Progress: &card.Progress{Percent: percent(40), Words: "40 %"}},
		{Facts: []card.Fact{{Name: serves, Value: text("G-3 Profitable growth")}, {Name: "Check-in", Value: text("30/11, 9:00")}}},
		{Text: &card.Paragraph{Text: card.Text{{Text: "Ask "}, {Text: "Linh", Person: "0a0a0a0a-0000-4000-8000-000000000102"}, {Text: " about "}, {Text: "G-12", Style: card.Strong}}}},
	}}
	for n, l := range labels {
		a := act(l, fmt.Sprintf("goal.act%d", n))
		if n == 0 {
			a = primary(a)
		}
		c.Actions = append(c.Actions, a)
	}
	return c
}

func askEnglish() card.Card {
	later := card.Action{Label: "Later", Menu: []card.Choice{
		{Label: "In an hour", Intent: card.Intent{Verb: "checkin.snooze", Question: "2026-W48", Value: "1h"}},
		{Label: "This afternoon", Intent: card.Intent{Verb: "checkin.snooze", Question: "2026-W48", Value: "pm"}},
		{Label: "Tomorrow", Intent: card.Intent{Verb: "checkin.snooze", Question: "2026-W48", Value: "1d"}},
	}}
	return card.Card{Kind: "checkin.ask", Summary: "Two goals, about a minute", Body: []card.Block{
		says(card.Body, "Morning, Linh. Two goals, about a minute."),
		{Rows: []card.Row{
			{Text: text("■ G-12 Cut CAC"), Detail: text("$230, was $235 · 12 points behind")},
			{Text: text("● G-15 Three integrations"), Detail: text("1 of 3")},
		}},
		{Text: &card.Paragraph{Text: card.Text{{Text: "Answer here, e.g. "}, {Text: "210, 7/10, waiting for legal", Style: card.Code}}}},
		says(card.Quiet, "Every Monday at 9:00 your time"),
	}, Actions: []card.Action{primary(act("Answer", "checkin.answer")), act("Nothing changed", "checkin.same"), later}}
}

func askVietnamese() card.Card {
	c := askEnglish()
	c.Summary = "Hai mục tiêu, chừng một phút"
	c.Body = []card.Block{
		says(card.Body, "Chào Linh. Hai mục tiêu, chừng một phút."),
		{Rows: []card.Row{
			{Text: text("■ G-12 Giảm CAC"), Detail: text("230 đô, trước 235 · chậm 12 điểm")},
			{Text: text("● G-15 Ba tích hợp mới"), Detail: text("1/3")},
		}},
		{Text: &card.Paragraph{Text: card.Text{{Text: "Trả lời ngay đây, ví dụ "}, {Text: "210, 7/10, chờ pháp lý", Style: card.Code}}}},
		says(card.Quiet, "Thứ Hai hằng tuần, 9:00 giờ của bạn"),
	}
	c.Actions = []card.Action{primary(act("Trả lời", "checkin.answer")), act("Không có gì mới", "checkin.same"), {Label: "Để sau", Menu: c.Actions[2].Menu}}
	return c
}

func formEnglish() card.Card {
	return card.Card{Kind: "goal.form", Summary: "New goal", Form: &card.Form{
		Title: "New goal", Submit: "Save", Cancel: "Cancel", Intent: card.Intent{Verb: "goal.save", Question: "n1"},
		Fields: []card.Field{
			{Name: "title", Label: "Goal", Kind: card.Line, Value: "Cut CAC", Required: true},
			{Name: "why", Label: "Why", Hint: "what gets better, and for whom", Kind: card.Lines},
			{Name: "due", Label: "Due", Hint: "the last day", Kind: card.Day, Value: "2026-12-31"},
			{Name: "owner", Label: "Owner", Kind: card.Person, Value: "0a0a0a0a-0000-4000-8000-000000000102", Required: true, Options: []card.Option{{Value: "0a0a0a0a-0000-4000-8000-000000000102", Label: "Linh Nguyễn"}, {Value: "0a0a0a0a-0000-4000-8000-000000000101", Label: "Megan Bowen"}}},
			{Name: "helper", Label: "Helper", Kind: card.Person, Hint: "somebody who knows"},
			{Name: "parent", Label: "Serves", Kind: card.Choose, Value: "G-3", Options: []card.Option{{Value: "G-3", Label: "G-3 Profitable growth"}, {Value: "G-4", Label: "G-4 Happy *customers*"}}},
		},
	}}
}

func formVietnamese() card.Card {
	c := formEnglish()
	c.Summary = "Mục tiêu mới"
	labels := []string{"Mục tiêu", "Vì sao", "Hạn", "Người phụ trách", "Người giúp", "Phục vụ"}
	c.Form.Title, c.Form.Submit, c.Form.Cancel = "Mục tiêu mới", "Lưu", "Huỷ"
	for n := range c.Form.Fields {
		c.Form.Fields[n].Label = labels[n]
	}
	c.Form.Fields[1].Hint, c.Form.Fields[2].Hint = "điều gì tốt lên, cho ai", "ngày cuối cùng"
	c.Form.Fields[4].Hint = "ai rành việc này"
	return c
}

func wrong(c card.Card, at, whole string) card.Card {
	c.Form.Error = whole
	c.Form.Fields[2].Value, c.Form.Fields[2].Error = "31/02", at
	c.Form.Fields[0].Error = at
	c.Actions = []card.Action{act("Review", "goal.review")}
	return c
}

func saved(first, next string) card.Card {
	return card.Card{Kind: "checkin.saved", Summary: first, Body: []card.Block{
		says(card.Title, first),
		{Progress: &card.Progress{Percent: percent(40), Words: "40 %"}},
		{Trend: &card.Trend{Name: "CAC", Unit: "$", Words: "250 · 241 · 235 · 230 · 210", Points: []card.Point{{Label: "2 Nov", Value: 250}, {Label: "9 Nov", Value: 241}, {Label: "16 Nov", Value: 235}, {Label: "23 Nov", Value: 230}, {Label: "30 Nov", Value: 210}}}},
		says(card.Quote, "waiting for legal"),
		{Progress: &card.Progress{Words: "?"}},
		{Trend: &card.Trend{Name: "NaN", Words: "1 · 2", Points: []card.Point{{Value: math.NaN()}, {Value: 1}, {Value: math.Inf(1)}, {Value: 2}}}},
	}, Actions: []card.Action{primary(act(next, "checkin.next")), {Label: "Delete", Style: card.Danger, Intent: card.Intent{Verb: "x"}}}}
}

func digest(headline, help string) card.Card {
	row := act(help, "help")
	return card.Card{Kind: "digest", Summary: headline, Body: []card.Block{
		says(card.Headline, headline),
		says(card.Alarm, "■ G-12"),
		{Rows: []card.Row{
			{Text: card.Text{{Text: "■ "}, {Text: "G-12", Style: card.Strong, Link: "https://example.com/g/12"}, {Text: " Cut CAC, $210 of $150: \"waiting for legal\""}}, Action: &row},
			{Text: text("● G-15 Three integrations: 1 → 2 of 3")},
		}},
		says(card.Quiet, "5 of 7 lead up to the vision."),
	}}
}

const nasty = "**bold** _it_ [click](https://evil.example) <at>Everyone</at> &lt;b&gt; <b>x</b> `c` %s {{DATE(2026-01-01T00:00:00Z)}} \u202eesrever\n# head\n- item\n1. one \x00\x07"

func hostile() card.Card {
	a := act(nasty, "x")
	return card.Card{Kind: "hostile", Summary: nasty, Body: []card.Block{
		says(card.Headline, nasty), says(card.Title, nasty), says(card.Body, nasty), says(card.Quiet, nasty), says(card.Quote, nasty), says(card.Alarm, nasty),
		{Facts: []card.Fact{{Name: nasty, Value: text(nasty)}}},
		{Rows: []card.Row{{Text: text(nasty), Detail: text(nasty), Action: &a}}},
		{Trend: &card.Trend{Name: nasty, Words: nasty, Points: []card.Point{{Label: nasty, Value: 1}, {Label: nasty, Value: 2}, {Label: nasty, Value: 3}}}},
		{Text: &card.Paragraph{Text: card.Text{{Text: "*Linh*", Person: "29:linh"}, {Text: nasty, Link: "javascript:alert(1)"}}}},
	}, Form: &card.Form{Title: nasty, Error: nasty, Submit: nasty, Cancel: nasty, Intent: card.Intent{Verb: nasty}, Fields: []card.Field{
		{Name: "a", Label: nasty, Hint: nasty, Kind: card.Line, Value: nasty, Error: nasty},
		{Name: "b", Label: nasty, Hint: nasty, Kind: card.Choose, Value: "gone", Options: []card.Option{{Value: "v", Label: nasty}}},
		{Name: "c", Label: nasty, Kind: card.Person, Hint: nasty},
	}}}
}

// crowded is at and beyond every limit.
func crowded() card.Card {
	c := card.Card{Kind: "crowded", Summary: "Many", Body: []card.Block{says(card.Headline, "Many")}}
	var rows []card.Row
	for n := range card.MaxRows {
		a := act("Help", fmt.Sprintf("help%d", n))
		rows = append(rows, card.Row{Text: text(fmt.Sprintf("● G-%d %s", n, strings.Repeat("goal ", 20))), Detail: text("1 of 3"), Action: &a})
	}
	c.Body = append(c.Body, card.Block{Rows: rows}, card.Block{Text: &card.Paragraph{Text: card.Text{{Text: "Linh", Person: "29:linh"}}}})
	for n := range 9 {
		c.Actions = append(c.Actions, act(fmt.Sprintf("Action %d", n), "a"))
	}
	var menu []card.Choice
	for n := range 12 {
		menu = append(menu, card.Choice{Label: fmt.Sprintf("Choice %d", n), Intent: card.Intent{Verb: "pick", Value: fmt.Sprint(n)}})
	}
	c.Actions[1] = card.Action{Label: "Pick", Menu: menu}
	return c
}

func TestGolden(t *testing.T) {
	for kind, languages := range samples() {
		for language, c := range languages {
			t.Run(kind+"."+language, func(t *testing.T) {
				native, losses := render(c, language, "checkin:U1:2026-W48")
				got := golden(t, native, losses)
				file := filepath.Join("testdata", "cards", kind+"."+language+".json")
				if *update {
					if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(file, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), string(got)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// golden is a card as readable JSON, with the losses beside it.
func golden(t *testing.T, native Adaptive, losses []Loss) []byte {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(object{"card": native, "losses": losses}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestEveryCardKeepsTheLimits(t *testing.T) {
	for kind, languages := range samples() {
		for language, c := range languages {
			native, _ := Render(c, language)
			for _, problem := range limits(t, native) {
				t.Errorf("%s.%s: %s", kind, language, problem)
			}
		}
	}
}

// limits is what Teams demands of a card ("Types of cards", "Format your bot messages", "Format cards in
// Teams"), checked on its JSON.
func limits(t *testing.T, native Adaptive) (problems []string) {
	t.Helper()
	raw, err := json.Marshal(native)
	if err != nil {
		t.Fatal(err)
	}
	if n := size(native); n > room+1000 {
		problems = append(problems, fmt.Sprintf("%d characters", n))
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	walk(tree, func(node map[string]any) {
		kind, _ := node["type"].(string)
		text, _ := node["text"].(string)
		if title, _ := node["title"].(string); strings.Contains(text+title, "{{DATE(") {
			problems = append(problems, "a function of the card format")
		}
		switch {
		case kind == "TextBlock":
			if node["wrap"] != true {
				problems = append(problems, "a TextBlock that does not wrap")
			}
			plain := strings.NewReplacer("<at>", "", "</at>", "", "**", "").Replace(text)
			if markup(plain) {
				problems = append(problems, fmt.Sprintf("Markdown in %q", text))
			}
		case kind == "TextRun" && strings.Contains(text, "\n"):
			problems = append(problems, "a line break inside a run")
		case strings.HasPrefix(kind, "Input."):
			id, _ := node["id"].(string)
			if id == "" || ids[id] {
				problems = append(problems, "an input without an id of its own: "+id)
			}
			ids[id] = true
			if node["label"] == "" || node["isRequired"] == true && node["errorMessage"] == "" {
				problems = append(problems, "an input that does not explain itself: "+id)
			}
		case strings.HasPrefix(kind, "Action.") && kind != "Action.OpenUrl" && node["title"] == "":
			problems = append(problems, "a button without a title")
		case kind == "ActionSet":
			shown := 0
			for _, a := range node["actions"].([]any) {
				if a.(map[string]any)["mode"] != "secondary" {
					shown++
				}
			}
			if shown > shownButtons {
				problems = append(problems, "more than six buttons")
			}
		}
	})
	return problems
}

func walk(node any, visit func(map[string]any)) {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			walk(child, visit)
		}
	case map[string]any:
		visit(node)
		for name, child := range node {
			if name != "fallback" {
				walk(child, visit)
			}
		}
	}
}

// shown is every text that people read in a card.
func shown(native Adaptive) string {
	raw, _ := json.Marshal(native)
	var tree any
	_ = json.Unmarshal(raw, &tree)
	var all strings.Builder
	walk(tree, func(node map[string]any) {
		for _, name := range []string{"text", "title", "value", "label", "placeholder"} {
			if s, ok := node[name].(string); ok {
				all.WriteString(s + "\n")
			}
		}
	})
	return all.String()
}

func TestHostileTextIsShownAsItIs(t *testing.T) {
	native, losses := Render(hostile(), "en")
	seen := shown(native)
	for _, want := range []string{"**bold** _it_ [click](https://evil.example) <at>Everyone</at> &lt;b&gt; <b>x</b> `c` %s", "# head", "- item", "1. one "} {
		if !strings.Contains(seen, want) {
			t.Errorf("%q is not shown literally", want)
		}
	}
	if native["msteams"] != nil {
		t.Error("somebody is mentioned")
	}
	raw, _ := json.Marshal(native)
	if bytes.Contains(raw, []byte("javascript:")) {
		t.Error("a link runs code")
	}
	if len(losses) < 2 {
		t.Errorf("losses %q", losses)
	}
}

func TestDirectionsEndWithTheirText(t *testing.T) {
	for in, want := range map[string]string{
		"a\u202eb": "a\u202eb\u202c", "a\u2067b\u202ec": "a\u2067b\u202ec\u202c\u2069", "\u202ea\u202c": "\u202ea\u202c", "\u202c": "\u202c",
	} {
		if got := literal(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}

func TestWhatDoesNotFitIsSaid(t *testing.T) {
	for language, want := range map[string]string{"en": "more lines do not fit here.", "vi": "dòng nữa không vừa ở đây."} {
		native, losses := Render(crowded(), language)
		if !strings.Contains(shown(native), want) || len(losses) == 0 {
			t.Errorf("%s: the card does not say so; losses %q", language, losses)
		}
	}
	if one := english.more(1); one != "One more line does not fit here." {
		t.Error(one)
	}
}

func TestALongFormKeepsWhatWasTyped(t *testing.T) {
	typed := strings.Repeat("ă", card.MaxText)
	c := card.Card{Form: &card.Form{Submit: "Save"}}
	for n := range 8 {
		c.Form.Fields = append(c.Form.Fields, card.Field{Name: fmt.Sprint("f", n), Label: "F", Kind: card.Lines, Value: typed})
	}
	native, losses := Render(c, "en")
	if strings.Count(shown(native), typed) != 8 || len(losses) != 0 {
		t.Errorf("losses %q", losses)
	}
}

func TestAFormBeyondAllMeasureStillFits(t *testing.T) {
	c := card.Card{Form: &card.Form{Submit: "Save"}}
	var people []card.Option
	for n := range 150 {
		people = append(people, card.Option{Value: fmt.Sprint("0a0a0a0a-0000-4000-8000-", n), Label: "Somebody"})
	}
	for n := range card.MaxFields {
		c.Form.Fields = append(c.Form.Fields,
			card.Field{Name: fmt.Sprint("t", n), Kind: card.Lines, Value: strings.Repeat("x", card.MaxText)},
			card.Field{Name: fmt.Sprint("p", n), Kind: card.Choose, Value: people[99].Value, Options: people})
	}
	native, losses := Render(c, "en")
	if n := size(native); n > 51_200 || len(losses) == 0 {
		t.Errorf("%d characters, losses %q", n, losses)
	}
}

func TestAPressNamesMessageAndIntent(t *testing.T) {
	c := formEnglish()
	c.Actions = []card.Action{act("Review", "goal.review")}
	native, _ := render(c, "en", "goal:G-12")
	raw, _ := json.Marshal(native)
	var tree any
	_ = json.Unmarshal(raw, &tree)
	verbs := map[string]bool{}
	walk(tree, func(node map[string]any) {
		if node["type"] != "Action.Execute" {
			return
		}
		data, _ := json.Marshal(node["data"])
		p, ok := readPress(data)
		if !ok || p.key != "goal:G-12" {
			t.Errorf("%s reads back as %+v", data, p)
		}
		verbs[p.intent.Verb] = true
	})
	if !verbs["goal.save"] || !verbs["goal.review"] {
		t.Error(verbs)
	}
}

func TestMarkup(t *testing.T) {
	for _, plain := range []string{"Cut CAC", "#growth · week 48", "$250 → $150 · due 31 Dec", "1,5 tỷ ₫", "1.5 of 3", "G-12 · Giảm CAC", "▓▓░ 40 %", `"waiting for legal"`, "Linh (Hà Nội)"} {
		if markup(plain) {
			t.Errorf("%q is plain", plain)
		}
	}
	for _, risky := range []string{"*a*", "_a_", "[a](b)", "`a`", "a\\b", "<at>", "&amp;", "# a", "- a", "1. a", "+ a", "a\nb", "https://a", "www.a", "~~a~~", " a", "a ", "{{TIME(x)}}", "\u202ea"} {
		if !markup(risky) {
			t.Errorf("%q could be markup", risky)
		}
	}
}

func FuzzRender(f *testing.F) {
	f.Add(nasty, "en", int64(40))
	f.Fuzz(func(t *testing.T, s, language string, n int64) {
		p := int(n)
		c := card.Card{Summary: s, Body: []card.Block{
			says(card.Role(language), s), says(card.Headline, s), {Facts: []card.Fact{{Name: s, Value: text(s)}}},
			{Progress: &card.Progress{Percent: &p, Words: s}},
			{Text: &card.Paragraph{Text: card.Text{{Text: s, Person: s, Link: s, Moment: time.Unix(n%1e9, 0)}}}},
		}, Form: &card.Form{Submit: s, Fields: []card.Field{{Name: "a", Label: "a", Value: s, Kind: card.Day}}}}
		native, _ := Render(c, language)
		if _, err := json.Marshal(native); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAnOptionThatMeansNoneIsShownAndComesBackEmpty(t *testing.T) {
	form := card.Form{Submit: "Save", Fields: []card.Field{
		{Name: "zone", Kind: card.Choose, Options: []card.Option{{Value: "", Label: "Follow Teams"}, {Value: "UTC", Label: "UTC"}}},
		{Name: "parent", Kind: card.Choose, Value: "G-3", Options: []card.Option{{Value: "", Label: "None"}, {Value: "G-3", Label: "Growth"}}},
	}}
	native, _ := Render(card.Card{Kind: "k", Summary: "s", Form: &form}, "en")
	body := native["body"].([]any)
	for n, want := range []string{noChoice, "G-3"} {
		input := body[n].(object)
		if first := input["choices"].([]any)[0].(object)["value"]; input["value"] != want || first != noChoice {
			t.Errorf("field %v has %v, its first choice %v", input["id"], input["value"], first)
		}
	}
	p, ok := readPress([]byte(`{"_intent":"goal.create","zone":"_none","parent":"G-3"}`))
	if zone, sent := p.values["zone"]; !ok || !sent || zone != "" || p.values["parent"] != "G-3" {
		t.Errorf("read as %v", p.values)
	}
}
