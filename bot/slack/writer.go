package slack

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/slack-go/slack"

	"goalkeeper/conversation/card"
)

// writer lays a card out as blocks and never beyond Slack's limits: what does not fit is counted and told.
type writer struct {
	say    words
	room   int  // characters left for text
	max    int  // blocks
	later  int  // blocks that are promised to what comes later
	charts bool // whether this place shows charts

	blocks   []slack.Block
	running  []slack.RichTextElement // text that becomes one rich_text block
	left     int                     // what was left out: rows and paragraphs
	losses   []Loss
	kept     map[string][]byte
	controls int
	options  int             // bytes of options left
	labels   int             // characters left for the card's own buttons and menus
	named    map[string]bool // the fields so far
}

func newWriter(locale string, blocks, text int) *writer {
	return &writer{
		say: wordsIn(locale), max: blocks, room: text - maxActionText, later: 1, options: maxViewOptions, labels: maxActionText,
		kept: map[string][]byte{}, named: map[string]bool{},
	}
}

func (w *writer) lose(what, why string) { w.losses = append(w.losses, Loss{what, why}) }

// keep stores what is too long for a control and returns the short reference that stands for it. The reference
// is made of the content, so that the same card always looks the same.
func (w *writer) keep(kind string, content []byte) string {
	sum := sha256.Sum256(content)
	id := kind + ":" + base64.RawURLEncoding.EncodeToString(sum[:18])
	w.kept[id] = content
	return "#" + id
}

// free counts the blocks that may still be added.
func (w *writer) free() int {
	n := w.max - len(w.blocks) - w.later
	if len(w.running) > 0 {
		n--
	}
	return n
}

// flush makes a block of the running text.
func (w *writer) flush() {
	if len(w.running) > 0 {
		w.blocks = append(w.blocks, slack.NewRichTextBlock("", w.running...))
		w.running = nil
	}
}

// add puts a block after the running text. Callers have looked at free.
func (w *writer) add(b slack.Block) {
	w.flush()
	w.blocks = append(w.blocks, b)
}

// short cuts a label to Slack's limit for it.
func (w *writer) short(s, what string, n int) string {
	s, whole := cut(s, n)
	if !whole {
		w.lose(what, fmt.Sprintf("longer than %d characters", n))
	}
	return s
}

// spend takes a text out of the room that is left; its end is cut where the room ends.
func (w *writer) spend(t card.Text, most int) card.Text {
	most = min(most, w.room)
	n := runes(said(t))
	if n <= most {
		w.room -= n
		return t
	}
	w.room -= most
	w.lose("text", "longer than fits")
	var out card.Text
	for _, s := range t {
		var whole bool
		if most < 1 {
			break
		}
		s.Text, whole = cut(s.Text, most)
		out = append(out, s)
		if most -= runes(s.Text); !whole {
			break
		}
	}
	return out
}

// pay takes characters out of the room, all of them or none.
func (w *writer) pay(characters int) bool {
	if characters > w.room {
		return false
	}
	w.room -= characters
	return true
}

// fits reports whether more text can be shown at all; what cannot is counted.
func (w *writer) fits() bool {
	if w.room > 1 && (len(w.running) > 0 || w.free() > 0) {
		return true
	}
	w.left++
	w.lose("text", "no room left")
	return false
}

// inspect notes references that become mere words.
func (w *writer) inspect(t card.Text) {
	for _, s := range t {
		if _, ok := safeLink(s.Link); s.Link != "" && !ok {
			w.lose("link", "no https address that Slack takes")
		}
		if s.Person != "" && !personID.MatchString(s.Person) || s.Channel != "" && !channelID.MatchString(s.Channel) {
			w.lose("reference", "no id of Slack")
		}
	}
}

// line adds a line to the running text.
func (w *writer) line(t card.Text) {
	elements := inline(w.spend(t, maxSection))
	if len(elements) == 0 {
		return
	}
	if n := len(w.running); n > 0 {
		if section, ok := w.running[n-1].(*slack.RichTextSection); ok {
			section.Elements = append(section.Elements, slack.NewRichTextSectionTextElement("\n", nil))
			section.Elements = append(section.Elements, elements...)
			return
		}
	}
	w.running = append(w.running, slack.NewRichTextSection(elements...))
}

// quote adds an indented quotation to the running text.
func (w *writer) quote(t card.Text) {
	if elements := inline(w.spend(t, maxSection)); len(elements) > 0 {
		w.running = append(w.running, &slack.RichTextQuote{Type: slack.RTEQuote, Elements: elements})
	}
}
