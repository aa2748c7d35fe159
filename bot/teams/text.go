package teams

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"goalkeeper/conversation/card"
)

// What people typed is shown in RichTextBlocks, whose runs are never Markdown ("TextRun": Markdown is not
// supported). TextBlock and FactSet parse Markdown, and the clients disagree about backslashes, so these two
// hold only text that cannot be markup.

// paragraph draws running text by its role.
func (d *drawing) paragraph(p card.Paragraph) []any {
	switch p.Role {
	case card.Headline, card.Title:
		return d.heading(p)
	case card.Quiet:
		return d.lines(p.Text, quiet)
	case card.Quote:
		return []any{object{"type": "Container", "style": "emphasis", "items": d.lines(p.Text, quoted)}}
	case card.Alarm:
		return d.lines(p.Text, alarm)
	}
	if hasMention(p.Text) {
		if block, ok := d.mentioning(p.Text); ok {
			return []any{block}
		}
	}
	return d.lines(p.Text, nil)
}

// heading is a TextBlock, which screen readers announce as one, unless its text could be markup.
func (d *drawing) heading(p card.Paragraph) []any {
	size := "medium"
	if p.Role == card.Headline {
		size = "large"
	}
	if text := p.Text.String(); !markup(text) && !hasLink(p.Text) && text != "" {
		return []any{object{"type": "TextBlock", "style": "heading", "text": text, "size": size, "weight": "bolder", "wrap": true}}
	}
	return d.lines(p.Text, func(run object) { run["size"], run["weight"] = size, "bolder" })
}

// The looks of runs.
func quiet(run object)  { run["size"], run["isSubtle"] = "small", true }
func quoted(run object) { run["italic"] = true }
func alarm(run object)  { run["color"] = "attention" }

// lines draws text as one block a line: clients disagree about line breaks inside a run.
func (d *drawing) lines(t card.Text, look func(object)) []any {
	var blocks []any
	line := []object{}
	flush := func() {
		if len(line) > 0 {
			blocks = append(blocks, richText(line...))
		}
		line = []object{}
	}
	for _, r := range d.runs(t) {
		for n, part := range strings.Split(r["text"].(string), "\n") {
			if n > 0 {
				flush()
			}
			if part == "" {
				continue
			}
			piece := object{}
			for k, v := range r {
				piece[k] = v
			}
			piece["text"] = part
			if look != nil {
				look(piece)
			}
			line = append(line, piece)
		}
	}
	flush()
	return append(blocks[:min(1, len(blocks))], tighten(blocks[min(1, len(blocks)):])...)
}

// tighten moves blocks closer to what stands before them.
func tighten(blocks []any) []any {
	for _, b := range blocks {
		b.(object)["spacing"] = "small"
	}
	return blocks
}

// runs are the spans of a text. A mention outside of a paragraph of its own is the person's name.
func (d *drawing) runs(t card.Text) []object {
	var runs []object
	for _, s := range t {
		r := run(s.Text)
		switch s.Style {
		case card.Strong:
			r["weight"] = "bolder"
		case card.Code:
			r["fontType"] = "monospace"
		}
		switch {
		case s.Link == "":
		case safeLink(s.Link):
			r["selectAction"] = object{"type": "Action.OpenUrl", "url": s.Link}
		default:
			d.lose("the link of %q is not https", s.Text)
		}
		runs = append(runs, r)
	}
	return runs
}

func run(text string) object { return object{"type": "TextRun", "text": literal(text)} }

func richText(runs ...object) object {
	inlines := make([]any, 0, len(runs))
	for _, r := range runs {
		inlines = append(inlines, r)
	}
	return object{"type": "RichTextBlock", "inlines": inlines}
}

// mentioning draws a paragraph that mentions people. Mentions work in TextBlocks only ("Format cards in
// Teams"), so it gives up, naming the loss, when any other word of it could be markup.
func (d *drawing) mentioning(t card.Text) (object, bool) {
	var text strings.Builder
	var entities []any
	if markup(t.String()) || hasLink(t) {
		d.lose("people in this paragraph are named, not mentioned: its text could be markup")
		return nil, false
	}
	for _, s := range t {
		switch {
		case s.Person != "":
			tag := "<at>" + s.Text + "</at>"
			text.WriteString(tag)
			entities = append(entities, object{"type": "mention", "text": tag, "mentioned": object{"id": s.Person, "name": s.Text}})
		case s.Style == card.Strong && s.Text != "" && strings.TrimSpace(s.Text) == s.Text:
			text.WriteString("**" + s.Text + "**")
		default:
			text.WriteString(s.Text)
		}
	}
	d.entities = append(d.entities, entities...)
	return object{"type": "TextBlock", "text": text.String(), "wrap": true}, true
}

func hasMention(t card.Text) bool {
	for _, s := range t {
		if s.Person != "" {
			return true
		}
	}
	return false
}

func hasLink(t card.Text) bool {
	for _, s := range t {
		if s.Link != "" {
			return true
		}
	}
	return false
}

func safeLink(link string) bool {
	u, err := url.Parse(link)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && len(link) <= 2000
}

// markupAnywhere are the characters that can mean something to a Markdown reader wherever they stand; a line
// that starts like a list or a heading, a bare address, and a card's own {{DATE(…)}} are markup too.
var markupAnywhere = regexp.MustCompile("[\\\\*_\\[\\]`~<>&|\\r\\n\\x00-\\x1f]|\\{\\{|://|(?i:www\\.|mailto:)|^\\s*(?:[-+#=]+|\\d+[.)])(?:\\s|$)|^\\s|\\s$|[\u202a-\u202e\u2066-\u2069]")

// markup reports whether a TextBlock might show the text otherwise than it is.
func markup(text string) bool { return markupAnywhere.MatchString(text) }

// cardFunction is what clients replace by a date even in plain runs ("Text features").
var cardFunction = regexp.MustCompile(`\{\{(DATE|TIME)\(`)

// wordJoiner is invisible and keeps what stands around it together.
const wordJoiner = "\u2060"

// literal makes a client show exactly the text: control characters go, functions of the card format are
// broken up invisibly, and a change of writing direction ends with the text.
func literal(text string) string {
	text = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n"))
	text = cardFunction.ReplaceAllString(text, "{"+wordJoiner+"{$1(")
	return closeDirections(text)
}

// The marks of Unicode's bidirectional algorithm (UAX #9) that stay in force until they are closed.
const (
	popDirection = '\u202c' // closes embeddings and overrides
	popIsolate   = '\u2069'
)

func closeDirections(text string) string {
	var open []rune
	for _, r := range text {
		switch {
		case r == '\u202a' || r == '\u202b' || r == '\u202d' || r == '\u202e':
			open = append(open, popDirection)
		case r >= '\u2066' && r <= '\u2068':
			open = append(open, popIsolate)
		case len(open) > 0 && r == open[len(open)-1]:
			open = open[:len(open)-1]
		}
	}
	for n := len(open) - 1; n >= 0; n-- {
		text += string(open[n])
	}
	return text
}
