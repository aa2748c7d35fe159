package playground

import (
	"embed"
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"golang.org/x/text/unicode/bidi"

	"goalkeeper/conversation/card"
)

//go:embed web
var web embed.FS

// Loss is something of a card that the page could not show as it was meant. It names no text of people.
type Loss struct {
	What string // "link"
	Why  string
}

// Render draws a neutral card as HTML, in the words of its locale. Buttons and fields belong to the HTML form
// that surrounds the card: a pressed one submits its intent as "intent", fields are called "v." and their name.
// Everything that a card says is escaped by html/template.
func Render(c card.Card, locale string) (template.HTML, []Loss) {
	return render(c, locale, "card")
}

// render is Render with a prefix that keeps the ids of several cards on one page apart.
func render(c card.Card, locale, prefix string) (template.HTML, []Loss) {
	d := &drawing{Card: c, Locale: locale, Prefix: prefix, Words: wordsIn(locale)}
	var out strings.Builder
	if err := templates.ExecuteTemplate(&out, "card", d); err != nil {
		d.lose("card", err.Error())
		return template.HTML(template.HTMLEscapeString(c.Summary)), d.losses //nolint:gosec // escaped here
	}
	return template.HTML(out.String()), d.losses //nolint:gosec // the template has escaped it
}

var templates = template.Must(template.New("").Funcs(template.FuncMap{"in": inside, "of": of}).ParseFS(web, "web/*.html"))

// piecework is a block together with the drawing that it belongs to.
type piecework struct {
	Drawing *drawing
	Block   card.Block
}

func inside(d *drawing, b card.Block) piecework { return piecework{d, b} }

// drawing is a card on its way into the template, whose methods are what the template asks.
type drawing struct {
	Card   card.Card
	Locale string
	Prefix string
	Words  *words

	losses []Loss
}

func (d *drawing) lose(what, why string) string {
	d.losses = append(d.losses, Loss{what, why})
	return ""
}

// Lang is the language that the card's text is written in.
func (d *drawing) Lang() string { return language(d.Locale) }

// piece is a span and how to draw it.
type piece struct {
	Kind string
	Text string
	Link string
	When string
}

// Pieces are the spans of a text.
func (d *drawing) Pieces(t card.Text) (out []piece) {
	for _, s := range t {
		out = append(out, d.piece(s))
	}
	return out
}

func (d *drawing) piece(s card.Span) piece {
	p := piece{Text: s.Text}
	switch {
	case s.Link != "" && isHTTPS(s.Link):
		p.Kind, p.Link = "link", s.Link
	case s.Link != "":
		d.lose("link", "it is not an https address")
	case s.Person != "" || s.Channel != "":
		p.Kind = "mention"
	case !s.Moment.IsZero():
		p.Kind, p.When = "moment", s.Moment.UTC().Format("2006-01-02T15:04:05Z")
	case s.Style != card.Plain:
		p.Kind = string(s.Style)
	case turning(s.Text):
		p.Kind = "isolated"
	}
	return p
}

func isHTTPS(link string) bool {
	u, err := url.Parse(link)
	return err == nil && u.Scheme == "https" && u.Host != ""
}

// turning reports whether the text has characters that could turn the order of what stands around it.
func turning(text string) bool {
	for _, r := range text {
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.R, bidi.AL, bidi.AN, bidi.Control, bidi.LRO, bidi.RLO, bidi.LRE, bidi.RLE, bidi.PDF,
			bidi.LRI, bidi.RLI, bidi.FSI, bidi.PDI:
			return true
		}
	}
	return false
}

// bar is a progress bar of ten cells.
type bar struct {
	Known bool
	Now   int // 0 to 100
	Words string
	Cells []cell
}

// cell is one tenth of a bar: where it stands, and how much of it is filled, in the drawing's units.
type cell struct{ X, Fill int }

const cellWidth = 20

// Bar draws the progress; the words say what goes beyond the bar.
func (d *drawing) Bar(p card.Progress) bar {
	b := bar{Known: p.Percent != nil, Words: p.Words}
	if p.Percent != nil {
		b.Now = min(max(*p.Percent, 0), 100)
	}
	for n := range 10 {
		fill := min(max(b.Now-n*10, 0), 10) * cellWidth / 10
		b.Cells = append(b.Cells, cell{n * (cellWidth + 3), fill})
	}
	return b
}

// spark is a small line of a trend.
type spark struct {
	Line string
	X, Y string // of the newest point
}

const sparkWidth, sparkHeight = 160, 36

// Spark draws the trend, nothing for fewer than two points; the words beside it carry the figures.
func (d *drawing) Spark(t card.Trend) *spark {
	if len(t.Points) < 2 {
		return nil
	}
	low, high := t.Points[0].Value, t.Points[0].Value
	for _, p := range t.Points {
		low, high = min(low, p.Value), max(high, p.Value)
	}
	s := &spark{}
	for n, p := range t.Points {
		share := 0.5
		if high > low {
			share = (p.Value - low) / (high - low)
		}
		s.X = fmt.Sprintf("%.1f", 4+float64(n)*(sparkWidth-8)/float64(len(t.Points)-1))
		s.Y = fmt.Sprintf("%.1f", 4+(1-share)*(sparkHeight-8))
		s.Line += s.X + "," + s.Y + " "
	}
	s.Line = strings.TrimSpace(s.Line)
	return s
}

// field is an input with the ids that tie its label, hint and error to it.
type field struct {
	card.Field
	ID          string
	DescribedBy string
	Choices     []choice
}

// choice is an option of a select.
type choice struct {
	card.Option
	Chosen bool
}

// Fields are the inputs of the card's form.
func (d *drawing) Fields() (out []field) {
	for _, f := range d.Card.Form.Fields {
		in := field{Field: f, ID: d.Prefix + "-" + f.Name}
		var by []string
		if f.Hint != "" {
			by = append(by, in.ID+"-hint")
		}
		if f.Error != "" {
			by = append(by, in.ID+"-error")
		}
		in.DescribedBy = strings.Join(by, " ")
		in.Choices = d.choices(f)
		out = append(out, in)
	}
	return out
}

// choices are what a select offers. A value that is not among them is kept rather than changed unseen.
func (d *drawing) choices(f card.Field) (out []choice) {
	options := f.Options
	switch f.Kind {
	case card.Person:
		options = everybody()
	case card.Choose:
	default:
		return nil
	}
	chosen, blank := false, false
	for _, o := range options {
		chosen = chosen || o.Value == f.Value
		blank = blank || o.Value == ""
		out = append(out, choice{o, o.Value == f.Value})
	}
	if f.Value != "" && !chosen {
		d.lose("field "+f.Name, "its value is none of its options")
		out = append(out, choice{card.Option{Value: f.Value, Label: f.Value}, true})
	}
	if none := d.nothing(f); !blank && none != "" {
		out = append([]choice{{card.Option{Label: none}, f.Value == ""}}, out...)
	}
	return out
}

// nothing is the empty entry of a list whose card names none; empty where a choice is made and only another one
// can take its place.
func (d *drawing) nothing(f card.Field) string {
	switch {
	case f.Kind == card.Person && !f.Required:
		return d.Words.Nobody
	case f.Value == "":
		return d.Words.Choose
	}
	return ""
}

// everybody are the people as options of a field.
func everybody() (out []card.Option) {
	for _, p := range people {
		out = append(out, card.Option{Value: string(p.id), Label: p.profile.Name})
	}
	return out
}
