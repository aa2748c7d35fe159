package teams

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"goalkeeper/conversation/card"
)

// Adaptive is an Adaptive Card 1.5, the newest version that Teams takes from bots ("Types of cards").
type Adaptive map[string]any

// Loss is something of a card that could not be shown as it was meant.
type Loss string

// object is one JSON object of a card.
type object = map[string]any

// Render draws a card in one column. It is total: whatever does not fit is named in the losses, and the card
// itself says so where a person would miss it. The language is that of the card's own texts.
func Render(c card.Card, language string) (Adaptive, []Loss) {
	return render(c, language, "")
}

// render also embeds the key of the message, so that a press on its controls names it.
func render(c card.Card, language, key string) (Adaptive, []Loss) {
	d := &drawing{key: key, words: wordsOf(language), form: c.Form != nil}
	var foot []any
	if c.Form != nil {
		foot = append(foot, d.formBody(*c.Form)...)
	}
	foot = append(foot, d.buttons(c)...)
	native := Adaptive{
		"type": "AdaptiveCard", "version": "1.5",
		"$schema":      "http://adaptivecards.io/schemas/adaptive-card.json",
		"fallbackText": literal(c.Summary), "speak": literal(c.Summary), "lang": d.words.language,
	}
	head := d.fit(c.Body, room-size(native)-size(foot))
	native["body"] = append(head, foot...)
	if len(d.entities) > 0 {
		native["msteams"] = object{"entities": d.entities}
	}
	return native, d.losses
}

// drawing is one card on its way to its native form.
type drawing struct {
	key      string
	words    words
	form     bool // the card asks something, so its buttons bring along what was typed
	menus    int  // menus with a list of their own, which need names
	entities []any
	losses   []Loss
}

func (d *drawing) lose(format string, args ...any) {
	d.losses = append(d.losses, Loss(fmt.Sprintf(format, args...)))
}

// block draws one block of the body as pieces, each of which can be left out by itself.
func (d *drawing) block(b card.Block) [][]any {
	switch {
	case b.Text != nil:
		return [][]any{d.paragraph(*b.Text)}
	case len(b.Facts) > 0:
		return [][]any{d.facts(b.Facts)}
	case b.Progress != nil:
		return [][]any{{richText(run(bar(*b.Progress)))}}
	case len(b.Rows) > 0:
		pieces := make([][]any, 0, len(b.Rows))
		for _, r := range b.Rows {
			pieces = append(pieces, d.row(r))
		}
		return pieces
	case b.Trend != nil:
		return [][]any{d.trend(*b.Trend)}
	}
	return nil
}

// bar is a progress of ten cells with its words.
func bar(p card.Progress) string {
	if p.Percent == nil {
		return p.Words
	}
	full := min(max((*p.Percent+5)/10, 0), 10)
	return strings.Repeat("▓", full) + strings.Repeat("░", 10-full) + " " + p.Words
}

// facts are a FactSet where its Markdown cannot change what people typed, and else lines of plain text:
// clients disagree about escapes in a FactSet.
func (d *drawing) facts(facts []card.Fact) []any {
	rows := make([]any, 0, len(facts))
	for _, f := range facts {
		value := f.Value.String()
		if markup(f.Name) || markup(value) || f.Name == "" || value == "" || hasLink(f.Value) {
			return d.factLines(facts)
		}
		rows = append(rows, object{"title": f.Name, "value": value})
	}
	return []any{object{"type": "FactSet", "facts": rows}}
}

func (d *drawing) factLines(facts []card.Fact) []any {
	var lines []any
	for n, f := range facts {
		line := d.lines(append(card.Text{{Text: f.Name, Style: card.Strong}, {Text: "  "}}, f.Value...), nil)
		if n > 0 {
			line = tighten(line)
		}
		lines = append(lines, line...)
	}
	return lines
}

// row is a line of a list, its quieter second line, and its button.
func (d *drawing) row(r card.Row) []any {
	items := d.lines(r.Text, nil)
	items = append(items, tighten(d.lines(r.Detail, quiet))...)
	if r.Action == nil {
		if len(items) == 0 {
			return nil
		}
		return []any{object{"type": "Container", "spacing": "small", "items": items}}
	}
	bar := d.actions([]card.Action{*r.Action})
	delete(bar[0].(object), "fallback") // a list has many of them, and size is what it lacks
	button := object{"type": "ActionSet", "actions": bar, "spacing": "small"}
	if utf8.RuneCountInString(r.Action.Label) > besideLabel || len(r.Action.Menu) > 0 || len(items) == 0 {
		return []any{object{"type": "Container", "spacing": "small", "items": append(items, button)}}
	}
	return []any{object{"type": "ColumnSet", "spacing": "small", "columns": []any{
		object{"type": "Column", "width": "stretch", "verticalContentAlignment": "center", "items": items},
		object{"type": "Column", "width": "auto", "verticalContentAlignment": "center", "items": []any{button}},
	}}}
}

// besideLabel is the longest label of a button that stands beside its row on a phone 320 px wide and leaves two
// thirds to the text; a longer one stands below.
const besideLabel = 8

// minPoints is where a trend becomes a chart.
const minPoints = 3

// trend is a chart in clients that know it, and always the figures as text.
func (d *drawing) trend(t card.Trend) []any {
	var items []any
	if values := points(t.Points); len(values) >= minPoints {
		items = append(items, object{
			"type": "Chart.Line", "title": titled(t), "fallback": "drop",
			"data": []any{object{"legend": titled(t), "values": values}},
		})
	}
	return append(items, tighten(d.lines(card.Text{{Text: t.Words}}, quiet))...)
}

func titled(t card.Trend) string {
	if t.Unit == "" {
		return literal(t.Name)
	}
	return literal(t.Name + " (" + t.Unit + ")")
}

// points leaves out what JSON cannot carry.
func points(all []card.Point) []any {
	var values []any
	for _, p := range all {
		if !math.IsNaN(p.Value) && !math.IsInf(p.Value, 0) {
			values = append(values, object{"x": literal(p.Label), "y": p.Value})
		}
	}
	return values
}
