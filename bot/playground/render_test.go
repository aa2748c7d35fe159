package playground_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"goalkeeper/bot/playground"
	"goalkeeper/conversation/card"
)

var update = flag.Bool("update", false, "write the golden files anew")

func span(text string) card.Text { return card.Text{{Text: text}} }

func paragraph(role card.Role, t card.Text) card.Block {
	return card.Block{Text: &card.Paragraph{Role: role, Text: t}}
}

func percent(n int) *int { return &n }

func body(blocks ...card.Block) card.Card {
	return card.Card{Kind: "test", Summary: "A test", Body: blocks}
}

// options are made of values and labels in turn.
func options(texts ...string) (out []card.Option) {
	for n := 0; n < len(texts); n += 2 {
		out = append(out, card.Option{Value: texts[n], Label: texts[n+1]})
	}
	return out
}

func points(values ...float64) (out []card.Point) {
	for _, v := range values {
		out = append(out, card.Point{Value: v})
	}
	return out
}

// everyCard has each block, field, action and oddity once.
var everyCard = map[string]card.Card{
	"roles": body(
		paragraph(card.Body, span("body")), paragraph(card.Headline, span("headline")),
		paragraph(card.Title, span("title")), paragraph(card.Quiet, span("quiet")),
		paragraph(card.Quote, span("two\nlines")), paragraph(card.Alarm, span("alarm")),
	),
	"spans": body(paragraph(card.Body, card.Text{
		{Text: "plain, "}, {Text: "strong", Style: card.Strong}, {Text: "/goal help", Style: card.Code},
		{Text: "a link", Link: "https://example.org/?a=1&b=2"}, {Text: "Linh Trần", Person: "linh"},
		{Text: "#growth", Channel: "growth"},
		{Text: "Mon 9:00", Moment: time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC)},
	})),
	"facts": body(card.Block{Facts: []card.Fact{{Name: "Due", Value: span("31 Dec")}, {Name: "Owner", Value: span("Linh")}}}),
	"progress": body(
		card.Block{Progress: &card.Progress{Percent: percent(43), Words: "43 % · 6 points behind"}},
		card.Block{Progress: &card.Progress{Percent: percent(140), Words: "140 %"}},
		card.Block{Progress: &card.Progress{Percent: percent(-20), Words: "−20 %"}},
		card.Block{Progress: &card.Progress{Words: "unknown: no baseline"}},
	),
	"rows": body(card.Block{Rows: []card.Row{
		{Text: span("G-1 Cut CAC"), Detail: span("12 points behind"),
			Action: &card.Action{Label: "I can help", Intent: card.Intent{Verb: "digest.help", Subject: "G-1"}}},
		{Text: span("G-2 Three integrations")},
	}}),
	"trend": body(
		card.Block{Trend: &card.Trend{Name: "CAC", Unit: "$", Words: "250 · 230 · 210",
			Points: points(250, 230, 210)}},
		card.Block{Trend: &card.Trend{Name: "Flat", Words: "5 · 5", Points: points(5, 5)}},
		card.Block{Trend: &card.Trend{Name: "One", Words: "5", Points: points(5)}},
	),
	"actions": {Kind: "test", Summary: "A test", Actions: []card.Action{
		{Label: "Answer", Style: card.Primary, Intent: card.Intent{Verb: "checkin.answer", Question: "2026-W48"}},
		{Label: "Nothing changed", Intent: card.Intent{Verb: "checkin.same"}},
		{Label: "Close", Style: card.Danger, Intent: card.Intent{Verb: "goal.close", Subject: "G-1"}},
		{Label: "Later", Menu: []card.Choice{
			{Label: "In an hour", Intent: card.Intent{Verb: "snooze", Value: "1h"}},
			{Label: "Tomorrow", Intent: card.Intent{Verb: "snooze", Value: "1d"}},
		}},
	}},
	"form": {Kind: "goal.form", Summary: "New goal", Form: &card.Form{
		Title: "New goal", Intent: card.Intent{Verb: "goal.create", Question: "n1"}, Submit: "Save", Cancel: "Cancel",
		Fields: []card.Field{
			{Name: "title", Label: "Goal", Kind: card.Line, Value: "Cut CAC", Required: true},
			{Name: "reason", Label: "Why", Hint: "what gets better", Kind: card.Lines, Value: "\nfirst\nsecond"},
			{Name: "due", Label: "Due", Kind: card.Day, Value: "2026-12-31"},
			{Name: "way", Label: "Way", Kind: card.Choose, Value: "down", Options: options("", "as it comes", "down", "goes down")},
			{Name: "must", Label: "Must", Kind: card.Choose, Value: "a", Required: true, Options: options("a", "A", "b", "B")},
			{Name: "owner", Label: "Owner", Kind: card.Person, Value: "alex", Required: true},
			{Name: "helper", Label: "Helper", Kind: card.Person},
		},
	}},
	"form.errors": {Kind: "goal.form", Summary: "New goal", Form: &card.Form{
		Title: "Mục tiêu mới", Intent: card.Intent{Verb: "goal.create"}, Submit: "Lưu", Cancel: "Huỷ",
		Error: "Còn một chỗ cần sửa.",
		Fields: []card.Field{
			{Name: "to", Label: "Đến", Hint: "ví dụ 150 đô", Kind: card.Line, Value: "???", Error: "Chưa đọc được số này.", Required: true},
			{Name: "note", Label: "Ghi chú", Kind: card.Lines, Error: "Hãy viết một dòng."},
			{Name: "way", Label: "Chiều", Kind: card.Choose, Value: "sideways", Error: "Chọn một chiều.", Options: options("up", "tăng")},
		},
	}},
}

func TestRenderGolden(t *testing.T) {
	for name, c := range everyCard {
		t.Run(name, func(t *testing.T) {
			locale := "en"
			if name == "form.errors" {
				locale = "vi-VN"
			}
			html, losses := playground.Render(c, locale)
			got := string(html) + "\n"
			for _, l := range losses {
				got += "lost: " + l.What + ": " + l.Why + "\n"
			}
			file := filepath.Join("testdata", "render", name+".html")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("drawn differently (-want +got); run with -update if it is meant:\n%s", diff)
			}
		})
	}
}

// Whatever a span, label, value or name holds is shown and never acts.
func TestRenderEscapes(t *testing.T) {
	const nasty = `<script>alert(1)</script>"><img src=x onerror=alert(2)>'{{.}}%s<!channel>`
	c := card.Card{
		Kind: nasty, Summary: nasty,
		Body: []card.Block{
			paragraph(card.Body, card.Text{
				{Text: nasty}, {Text: nasty, Style: card.Code}, {Text: nasty, Person: nasty},
				{Text: nasty, Link: "https://example.org/" + nasty},
			}),
			{Facts: []card.Fact{{Name: nasty, Value: span(nasty)}}},
			{Progress: &card.Progress{Words: nasty}},
			{Rows: []card.Row{{Text: span(nasty), Detail: span(nasty), Action: &card.Action{Label: nasty, Intent: card.Intent{Verb: nasty}}}}},
			{Trend: &card.Trend{Name: nasty, Unit: nasty, Words: nasty}},
		},
		Actions: []card.Action{{Label: nasty, Menu: []card.Choice{{Label: nasty, Intent: card.Intent{Verb: nasty}}}}},
		Form: &card.Form{
			Title: nasty, Submit: nasty, Cancel: nasty, Error: nasty, Intent: card.Intent{Verb: nasty},
			Fields: []card.Field{
				{Name: "line", Kind: card.Line, Label: nasty, Hint: nasty, Value: nasty, Error: nasty},
				{Name: "lines", Kind: card.Lines, Label: nasty, Value: "</textarea>" + nasty},
				{Name: "choice", Kind: card.Choose, Label: nasty, Value: nasty, Options: options(nasty, nasty)},
			},
		},
	}
	html, _ := playground.Render(c, "en")
	for _, bad := range []string{"<script", "<img", `"><img`, "<!channel>", "</textarea>&lt;"} {
		if strings.Contains(string(html), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(string(html), "&lt;script&gt;alert(1)") {
		t.Error("the text itself is not shown")
	}
}

func TestRenderRefusesLinksThatAct(t *testing.T) {
	for _, link := range []string{"javascript:alert(1)", "http://example.org", "//example.org", "data:text/html,x", "https:"} {
		html, losses := playground.Render(body(paragraph(card.Body, card.Text{{Text: "here", Link: link}})), "en")
		if strings.Contains(string(html), "<a ") || !strings.Contains(string(html), "here") || len(losses) != 1 {
			t.Errorf("%s: %v, %s", link, losses, html)
		}
	}
}

// A title that turns the direction of writing must not turn the words around it.
func TestRenderIsolatesDirections(t *testing.T) {
	for _, text := range []string{"\u202Etxet", "שלום", "مرحبا", "\u2067x"} {
		html, _ := playground.Render(body(paragraph(card.Body, card.Text{{Text: text}, {Text: " owned by Linh"}})), "en")
		if !strings.Contains(string(html), "<bdi>"+text+"</bdi> owned by Linh") {
			t.Errorf("%q is not isolated: %s", text, html)
		}
	}
}
