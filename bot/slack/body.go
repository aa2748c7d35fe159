package slack

import (
	"math"
	"strings"

	"github.com/slack-go/slack"

	"goalkeeper/conversation/card"
)

// body lays out what a card tells.
func (w *writer) body(blocks []card.Block) {
	promised := w.later
	for i, b := range blocks {
		w.later = promised + min(len(blocks)-i-1, w.max/4) // a long list leaves room for what follows it
		switch {
		case b.Text != nil:
			w.paragraph(*b.Text)
		case len(b.Facts) > 0:
			w.facts(b.Facts)
		case b.Progress != nil:
			w.progress(*b.Progress)
		case len(b.Rows) > 0:
			w.rows(b.Rows)
		case b.Trend != nil:
			w.trend(*b.Trend)
		}
	}
	w.later = promised
}

func (w *writer) paragraph(p card.Paragraph) {
	if blank(p.Text) || !w.fits() {
		return
	}
	w.inspect(p.Text)
	switch p.Role {
	case card.Headline:
		w.headline(p.Text)
	case card.Title, card.Alarm:
		w.line(strong(p.Text))
	case card.Quiet:
		w.small(p.Text)
	case card.Quote:
		w.quote(p.Text)
	default:
		w.line(p.Text)
	}
}

// headline is a header block where its words fit one, else a strong line.
func (w *writer) headline(t card.Text) {
	if runes(said(t)) > maxHeader || w.free() < 1 {
		w.line(strong(t))
		return
	}
	w.add(slack.NewHeaderBlock(plain(said(w.spend(t, maxHeader)))))
}

func strong(t card.Text) card.Text {
	out := make(card.Text, len(t))
	for i, s := range t {
		if s.Style == card.Plain {
			s.Style = card.Strong
		}
		out[i] = s
	}
	return out
}

// small is a context block: Slack's small print.
func (w *writer) small(t card.Text) {
	if w.free() < 1 {
		w.line(t)
		return
	}
	if m, ok := markup(t); ok && !isPlain(t) && runes(m) <= maxContext && w.pay(runes(m)) {
		w.add(slack.NewContextBlock("", verbatim(m)))
		return
	}
	w.add(slack.NewContextBlock("", plain(said(w.spend(t, maxContext)))))
}

// facts are fields in two columns; where a value could be taken for markup, they are lines instead.
func (w *writer) facts(facts []card.Fact) {
	var fields []*slack.TextBlockObject
	for _, f := range facts {
		w.inspect(f.Value)
	}
	for _, f := range facts {
		field, ok := fact(f)
		if !ok {
			w.factLines(facts)
			return
		}
		fields = append(fields, field)
	}
	sections := (len(fields) + maxFields - 1) / maxFields
	if w.free() < sections || !w.pay(length(fields)) {
		w.factLines(facts)
		return
	}
	for len(fields) > 0 {
		n := min(len(fields), maxFields)
		w.add(slack.NewSectionBlock(nil, fields[:n], nil))
		fields = fields[n:]
	}
}

func fact(f card.Fact) (*slack.TextBlockObject, bool) {
	t := card.Text{{Text: f.Name, Style: card.Strong}, {Text: "\n"}}
	m, ok := markup(append(t, f.Value...))
	if !ok || runes(m) > maxField {
		return nil, false
	}
	return verbatim(m), true
}

func length(texts []*slack.TextBlockObject) int {
	n := 0
	for _, t := range texts {
		n += runes(t.Text)
	}
	return n
}

func (w *writer) factLines(facts []card.Fact) {
	for _, f := range facts {
		if w.fits() {
			w.line(append(card.Text{{Text: f.Name + ": ", Style: card.Strong}}, f.Value...))
		}
	}
}

// progress is a bar of ten cells and its words; without a figure the words stand alone.
func (w *writer) progress(p card.Progress) {
	if w.fits() {
		w.line(card.Text{{Text: strings.TrimSpace(bar(p.Percent) + " " + p.Words)}})
	}
}

func bar(percent *int) string {
	if percent == nil {
		return ""
	}
	full := (min(max(*percent, 0), 100) + 5) / 10
	return strings.Repeat("▓", full) + strings.Repeat("░", 10-full)
}

// rows are lines; one with an action has its button beside it.
func (w *writer) rows(rows []card.Row) {
	for _, r := range rows {
		if blank(r.Text) || !w.fits() {
			continue
		}
		w.inspect(r.Text)
		w.inspect(r.Detail)
		if r.Action == nil || !w.rowWithAction(r) {
			w.row(r)
		}
	}
}

func (w *writer) row(r card.Row) {
	w.line(r.Text)
	if !blank(r.Detail) {
		w.line(r.Detail)
	}
}

// rowWithAction shows a row and its button, and reports whether there was room for the button.
func (w *writer) rowWithAction(r card.Row) bool {
	t := r.Text
	if !blank(r.Detail) {
		t = append(append(card.Text{}, t...), card.Span{Text: "\n"})
		t = append(t, r.Detail...)
	}
	text := beside(t)
	if text == nil { // the words need rich text, which has no place for a button
		return w.rowAboveAction(r)
	}
	if w.free() < 1 || !w.pay(runes(text.Text)+runes(r.Action.Label)) {
		w.lose("action", "no room left for a row's button")
		return false
	}
	button := w.control(*r.Action)
	if button == nil {
		return false
	}
	w.add(slack.NewSectionBlock(text, nil, slack.NewAccessory(button)))
	return true
}

// rowAboveAction shows a row with its button below.
func (w *writer) rowAboveAction(r card.Row) bool {
	if w.free() < 2 || !w.pay(runes(r.Action.Label)) {
		w.lose("action", "no room left for a row's button")
		return false
	}
	button := w.control(*r.Action)
	if button == nil {
		return false
	}
	w.row(r)
	w.add(slack.NewActionBlock("", button))
	return true
}

// beside is a row's text in the form that can have a button at its side, nil when that cannot be done faithfully.
func beside(t card.Text) *slack.TextBlockObject {
	s := said(t)
	if runes(s) > maxSection/2 {
		return nil
	}
	if isPlain(t) {
		return plain(s)
	}
	if m, ok := markup(t); ok && runes(m) <= maxSection {
		return verbatim(m)
	}
	return nil
}

// trend is always words, and a native chart as well where Slack draws one.
func (w *writer) trend(t card.Trend) {
	if !w.fits() {
		return
	}
	name := ""
	if t.Name != "" {
		name = t.Name + ": "
	}
	w.line(card.Text{{Text: name + t.Words}})
	if !w.charts || len(t.Points) < 3 {
		return
	}
	chart := chartOf(t)
	if chart == nil || w.free() < 1 || w.countCharts() >= maxCharts {
		w.lose("chart", "shown as words only")
		return
	}
	w.add(chart)
}

func (w *writer) countCharts() int {
	n := 0
	for _, b := range w.blocks {
		if b.BlockType() == slack.MBTDataVisualization {
			n++
		}
	}
	return n
}

// chartOf draws the newest points, nil when Slack would refuse them.
func chartOf(t card.Trend) *slack.DataVisualizationBlock {
	points := t.Points[max(0, len(t.Points)-maxChartPoints):]
	seen := map[string]bool{}
	var labels []string
	var data []slack.DataVisualizationDataPoint
	for _, p := range points {
		if p.Label == "" || runes(p.Label) > maxChartLabel || seen[p.Label] || math.IsNaN(p.Value) || math.IsInf(p.Value, 0) {
			return nil
		}
		seen[p.Label] = true
		labels = append(labels, p.Label)
		data = append(data, slack.NewDataVisualizationDataPoint(p.Label, p.Value))
	}
	name := t.Name
	if name == "" {
		name = t.Unit
	}
	title, _ := cut(name, maxChartTitle) // the whole name stands with the words
	series, _ := cut(name, maxChartLabel)
	if strings.TrimSpace(title) == "" {
		return nil
	}
	line := slack.NewDataVisualizationLineChart(
		slack.NewDataVisualizationAxisConfig(labels...),
		slack.NewDataVisualizationDataSeries(series, data...),
	)
	if unit, _ := cut(t.Unit, maxChartTitle); unit != "" {
		line.AxisConfig = line.AxisConfig.WithYLabel(unit)
	}
	return slack.NewDataVisualizationBlock(title, line)
}
