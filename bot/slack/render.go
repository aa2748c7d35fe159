package slack

import (
	"encoding/json"
	"strings"

	"github.com/slack-go/slack"

	"goalkeeper/conversation/card"
)

// Message is a card as a Slack message.
type Message struct {
	Text   string        // for notifications and screen readers; escaped
	Blocks []slack.Block // at most fifty
	Kept   map[string][]byte
}

// Form is a card as a modal.
type Form struct {
	View slack.ModalViewRequest
	Kept map[string][]byte
}

// Page is a card as somebody's Home tab.
type Page struct {
	View slack.HomeTabViewRequest
	Kept map[string][]byte
}

// keptForm is a form that waits behind a button.
type keptForm struct {
	Card     card.Card `json:"card"`
	Language string    `json:"language"`
}

// Render shows a card as a message. A message has no place for a form: it gets a button that opens it. What is
// too long for a control is in Kept, by the id that the control refers to; it must be stored before the message
// is sent. The losses are told in the message as well.
func Render(c card.Card, locale string) (Message, []Loss) { return render(c, locale, true) }

// render shows a card as a message, with charts or with their words alone.
func render(c card.Card, locale string, charts bool) (Message, []Loss) {
	w := newWriter(locale, maxMessageBlocks, maxMessageText)
	w.charts = charts
	w.page(c, locale, w.preview)
	text, _ := cut(c.Summary, maxFallback)
	return Message{Text: shorten(text), Blocks: w.blocks, Kept: w.kept}, w.losses
}

// RenderHome shows a card as a Home tab.
func RenderHome(c card.Card, locale string) (Page, []Loss) {
	w := newWriter(locale, maxViewBlocks, maxViewText)
	w.page(c, locale, func(card.Card) {})
	return Page{
		View: slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: w.blocks}},
		Kept: w.kept,
	}, w.losses
}

// page lays a card out from top to bottom: what it tells, what more there is to say, what was left out, the buttons,
// and the small print below them.
func (w *writer) page(c card.Card, locale string, more func(card.Card)) {
	body, small := smallPrint(c.Body)
	w.later = 2 + len(small) // kept free for the note, the buttons and the small print
	w.body(body)
	more(c)
	w.later -= len(small)
	w.note()
	w.actions(c.Actions, w.opener(c, locale)...)
	w.body(small)
	w.flush()
	w.always(c.Summary)
}

// smallPrint splits off the quiet paragraphs at the end: they stand below the buttons. More than three are text
// like any other.
func smallPrint(body []card.Block) (main, small []card.Block) {
	n := len(body)
	for n > 0 && len(body)-n < 3 && body[n-1].Text != nil && body[n-1].Text.Role == card.Quiet {
		n--
	}
	return body[:n], body[n:]
}

// preview tells what a form that waits behind its button is about, where the card itself says nothing: its title
// and the first thing that was filled in. A lone button would leave people wondering whether they were understood.
func (w *writer) preview(c card.Card) {
	if c.Form == nil || len(c.Body) > 0 || blank(card.Text{{Text: c.Form.Title}}) {
		return
	}
	text := card.Text{{Text: c.Form.Title, Style: card.Strong}}
	for _, f := range c.Form.Fields {
		if (f.Kind == card.Line || f.Kind == card.Lines) && strings.TrimSpace(f.Value) != "" {
			text = append(text, card.Span{Text: " · " + f.Value})
			break
		}
	}
	w.line(text)
}

// opener is the button that opens the card's form.
func (w *writer) opener(c card.Card, locale string) []slack.BlockElement {
	if c.Form == nil {
		return nil
	}
	content, err := json.Marshal(keptForm{c, locale})
	if err != nil { // a trend whose figure is no number
		w.lose("form", "it cannot be kept")
		return nil
	}
	return []slack.BlockElement{w.button(w.say.open, w.keep("form", content), card.Primary)}
}

// always keeps Slack from refusing a card that has nothing but a summary, or nothing at all.
func (w *writer) always(summary string) {
	if len(w.blocks) > 0 {
		return
	}
	if summary == "" {
		summary = w.say.app
	}
	s, _ := cut(summary, maxSection)
	w.blocks = append(w.blocks, slack.NewSectionBlock(plain(s), nil, nil))
}

// shorten escapes the fallback text; where that makes it too long, less of it is shown.
func shorten(s string) string {
	for runes(escape(s)) > maxFallback {
		s, _ = cut(s, runes(s)*3/4)
	}
	return escape(s)
}
