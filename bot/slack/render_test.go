package slack

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goalkeeper/conversation/card"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, v any) {
	t.Helper()
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "golden", name+".json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestGolden(t *testing.T) {
	for _, locale := range []string{"en", "vi"} {
		for kind, c := range samples(locale) {
			t.Run(kind+"."+locale, func(t *testing.T) {
				message, losses := Render(c, locale)
				if len(losses) > 0 {
					t.Errorf("losses: %v", losses)
				}
				checkBlocks(t, "message", message.Blocks)
				golden(t, kind+"."+locale, struct {
					Text   string `json:"text"`
					Blocks any    `json:"blocks"`
				}{message.Text, message.Blocks})
			})
		}
		t.Run("modal."+locale, func(t *testing.T) {
			form, losses := RenderForm(formCard(locale), locale)
			if len(losses) > 0 {
				t.Errorf("losses: %v", losses)
			}
			checkModal(t, form.View)
			golden(t, "modal."+locale, form.View)
		})
		t.Run("tab."+locale, func(t *testing.T) {
			page, losses := RenderHome(homeCard(locale), locale)
			if len(losses) > 0 {
				t.Errorf("losses: %v", losses)
			}
			checkBlocks(t, "home", page.View.Blocks)
			golden(t, "tab."+locale, page.View)
		})
	}
}

// nasty is text that must be shown and must not act.
var nasty = []string{
	"<!channel> <!here> <@U0BEN> <#C0GOALS> <https://evil.example|click>",
	"*bold* _italic_ ~gone~ `code` ```block```",
	"> quoted\n&gt; twice\n# heading",
	"https://evil.example/%s?a=1&b=2 %d %s %!v(MISSING)",
	":tada: @channel @here @everyone #general",
	"\u202egnp.exe \u200b\u200d\u2066right\u2069 \u0000\ufffd",
	"👩‍👩‍👧‍👦 Nguyễn Hoàng 千里 عربى",
	strings.Repeat("title ", 500),
	strings.Repeat("x", 5_000),
	strings.Repeat("<&>", 1_500),
	" ", "\n", "",
}

// hostile fills every place of a card with one text.
func hostile(s string) card.Card {
	long := intent("verb", s, "question", s)
	act := card.Action{Label: s, Intent: long, Style: card.Primary}
	spans := card.Text{
		{Text: s}, {Text: s, Style: card.Strong}, {Text: s, Style: card.Code}, {Text: s, Link: "https://a.example/" + s},
		{Text: s, Link: "javascript:alert(1)"}, {Text: s, Person: s}, {Text: s, Channel: s}, {Text: s, Person: "U0BEN"},
	}
	var rows []card.Row
	var options []card.Option
	var choices []card.Choice
	for i := range 120 {
		n, _ := cut(string(rune('a'+i%26))+s, 400)
		rows = append(rows, card.Row{Text: text(s), Detail: spans, Action: &act}, card.Row{Text: spans})
		options = append(options, card.Option{Value: n, Label: n})
		choices = append(choices, card.Choice{Label: n, Intent: intent("v", n, n, n)})
	}
	body := []card.Block{
		{Rows: rows},
		{Facts: []card.Fact{{Name: s, Value: text(s)}, {Name: s, Value: spans}}},
		{Facts: []card.Fact{{Name: s, Value: spans}, {Value: text(s)}}},
		{Progress: &card.Progress{Percent: percent(-300), Words: s}}, {Progress: &card.Progress{Percent: percent(900), Words: s}},
		{Trend: &card.Trend{Name: s, Unit: s, Words: s, Points: []card.Point{{Label: s}, {Label: s}, {Label: "c"}}}},
		{},
	}
	for _, role := range []card.Role{card.Body, card.Headline, card.Title, card.Quiet, card.Quote, card.Alarm, "unknown"} {
		body = append(body, paragraph(role, spans...))
	}
	body = append(body, body...)
	var fields []card.Field
	for i, kind := range []card.Input{card.Line, card.Lines, card.Day, card.Choose, card.Person, "unknown"} {
		for _, name := range []string{"a", "b", "c", strings.Repeat("n", 300)} {
			fields = append(fields, card.Field{
				Name: name + string(rune('0'+i)), Label: s, Hint: s, Kind: kind, Value: s, Error: s, Options: options,
			})
		}
	}
	fields = append(fields, card.Field{Name: "a0"}, card.Field{Name: "none", Kind: card.Choose})
	return card.Card{
		Kind: "hostile", Summary: s, Body: body,
		Form:    &card.Form{Title: s, Submit: s, Cancel: s, Error: s, Intent: long, Fields: fields},
		Actions: []card.Action{act, {Label: s, Menu: choices}, {Label: s}, {Intent: long}, act},
	}
}

func TestLimitsHoldForAnyCard(t *testing.T) {
	for _, s := range nasty {
		for _, c := range []card.Card{hostile(s), {}, {Summary: s}, {Body: hostile(s).Body[1:3]}, {Form: hostile(s).Form}} {
			message, _ := Render(c, "vi")
			checkBlocks(t, "message", message.Blocks)
			checkBlocks(t, "message", withKey(message.Blocks, "checkin:U1:2026-W48", 3))
			if n := runes(message.Text); n > 4000 {
				t.Errorf("fallback of %d characters", n)
			}
			if strings.ContainsAny(message.Text, "<>") {
				t.Errorf("fallback could act: %.60q", message.Text)
			}
			form, _ := RenderForm(c, "en")
			if err := (origin{Intent: c.Kind, URL: s}).remember(&form); err != nil {
				t.Fatal(err)
			}
			checkModal(t, form.View)
			page, _ := RenderHome(c, "en")
			checkBlocks(t, "home", page.View.Blocks)
			checkSize(t, page.View)
		}
	}
}

// TestTextOfPeopleNeverActs looks for control sequences that only our own spans may write.
func TestTextOfPeopleNeverActs(t *testing.T) {
	for _, s := range nasty {
		act := card.Action{Label: "Do", Intent: intent("v", "", "", "")}
		c := card.Card{Summary: s, Body: []card.Block{
			{Facts: []card.Fact{{Name: "n", Value: text(s)}}},
			{Rows: []card.Row{{Text: card.Text{{Text: s}, {Text: "G-1", Style: card.Strong}}, Action: &act}}},
			paragraph(card.Quiet, card.Span{Text: s}, card.Span{Text: "x", Style: card.Strong}),
			paragraph(card.Body, card.Span{Text: s}),
		}}
		message, _ := Render(c, "en")
		for _, m := range marked(remarshal(t, message.Blocks)) {
			if strings.Contains(m, "<") || strings.Contains(strings.ReplaceAll(strings.ReplaceAll(m, "*n*", ""), "*G-1*", ""), "*bold*") {
				t.Errorf("markup of people: %.80q", m)
			}
		}
	}
}

// marked collects all texts that Slack reads as mrkdwn.
func marked(v any) []string {
	var out []string
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			out = append(out, marked(e)...)
		}
	case map[string]any:
		if v["type"] == "mrkdwn" {
			out = append(out, v["text"].(string))
		}
		for _, e := range v {
			out = append(out, marked(e)...)
		}
	}
	return out
}

func TestWhatDoesNotFitIsTold(t *testing.T) {
	act := card.Action{Label: "Do", Intent: intent("v", "", "", "")}
	var rows []card.Row
	for range 100 {
		rows = append(rows, card.Row{Text: text(strings.Repeat("word ", 40)), Action: &act})
	}
	message, losses := Render(card.Card{Summary: "s", Body: []card.Block{{Rows: rows}}, Actions: []card.Action{act}}, "en")
	content, _ := json.Marshal(message.Blocks)
	if len(losses) == 0 || !strings.Contains(string(content), "more did not fit") {
		t.Errorf("%d losses, and the reader is not told", len(losses))
	}
	if last := message.Blocks[len(message.Blocks)-1]; last.BlockType() != "actions" {
		t.Errorf("the card's own buttons must stay, the last block is %s", last.BlockType())
	}
}

func TestLongIntentsAreKeptWhole(t *testing.T) {
	long := intent("goal.link", "G-1", "q", strings.Repeat("G-123,", 60))
	c := card.Card{Summary: "s", Actions: []card.Action{{Label: "Link", Menu: []card.Choice{{Label: "All", Intent: long}}}}}
	message, losses := Render(c, "en")
	if len(losses) > 0 || len(message.Kept) != 1 {
		t.Fatalf("kept %d, lost %v", len(message.Kept), losses)
	}
	for id, content := range message.Kept {
		back, err := card.ParseIntent(string(content))
		if err != nil || back != long {
			t.Errorf("%s came back as %v, %v", id, back, err)
		}
	}
}

func TestBar(t *testing.T) {
	for n, want := range map[int]string{-20: "░░░░░░░░░░", 0: "░░░░░░░░░░", 44: "▓▓▓▓░░░░░░", 45: "▓▓▓▓▓░░░░░", 100: "▓▓▓▓▓▓▓▓▓▓", 140: "▓▓▓▓▓▓▓▓▓▓"} {
		if got := bar(&n); got != want {
			t.Errorf("%d %%: %s, want %s", n, got, want)
		}
	}
}
