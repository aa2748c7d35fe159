package conversation

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
)

// The blocks that most cards are made of.

func plain(s string) card.Text  { return card.Text{{Text: s}} }
func strong(s string) card.Span { return card.Span{Text: s, Style: card.Strong} }
func code(s string) card.Span   { return card.Span{Text: s, Style: card.Code} }

func paragraph(t card.Text) card.Block { return as(card.Body, t) }
func quiet(t card.Text) card.Block     { return as(card.Quiet, t) }
func quote(s string) card.Block        { return as(card.Quote, plain(s)) }
func alarm(t card.Text) card.Block     { return as(card.Alarm, t) }

// title names what the card is about; prefix is ours, s may be a person's words.
func title(prefix, s string) card.Block { return as(card.Title, plain(prefix+s)) }

func as(role card.Role, t card.Text) card.Block {
	return card.Block{Text: &card.Paragraph{Role: role, Text: t}}
}

// goalSpan names a goal within a sentence: "G-3 Profitable growth".
func goalSpan(g *Goal) card.Span { return strong(string(g.ID) + " " + short(g.Title)) }

// short keeps a title to the length of a line; it is for naming, never for identifying.
func short(title string) string { return clipped(title, 80) }

// clipped is the beginning of a text that is longer than so many characters.
func clipped(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return strings.TrimRight(string(runes[:most-1]), " ") + "…"
	}
	return text
}

// notice is a card of one sentence, with buttons for the commands it suggests: their labels are "button.<name>".
func (s *State) notice(id string, commands ...string) card.Card {
	return s.noticeWith(id, nil, commands...)
}

func (s *State) noticeWith(id string, with language.With, commands ...string) card.Card {
	v := s.Voice()
	text := v.Text(id, with)
	c := card.Card{Kind: "notice", Summary: text.String(), Body: []card.Block{paragraph(text)}}
	for _, name := range commands {
		c.Actions = append(c.Actions, card.Action{Label: v.Say("button." + name), Intent: commandIntent(name)})
	}
	return c
}

// commandIntent is the control that does what typing the command does.
func commandIntent(name string) card.Intent {
	verbs := map[string]string{"new": "goal.new", "list": "goal.list", "checkin": "checkin.now",
		"digest": "digest.preview", "settings": "settings", "help": "help"}
	return card.Intent{Verb: verbs[name]}
}

// nonce makes two submissions of one form one act. It is unique because what it is made of is: the delivery
// that asked for the form, or the moment and the person.
// Its moment stands in front, so that one knows when its claim may be forgotten: see outlived.
func (s *State) nonce() string {
	made := digest(string(s.Me.ID), s.In.Delivery, s.Now.UTC().String())[:nonceDigits]
	return strconv.FormatInt(s.Now.Unix(), 36) + "-" + made
}

// nonceDigits is how many hexadecimal digits of a nonce stand for what it is made of.
const nonceDigits = 16

// outlived reports whether a question is a nonce that is older than claims are remembered: whether it was used
// before can no longer be told. An hour is left for clocks that differ.
func (s *State) outlived(question string) bool {
	moment, made, ok := strings.Cut(occurrenceOf(question), "-")
	seconds, err := strconv.ParseInt(moment, 36, 64)
	if !ok || err != nil || len(made) != nonceDigits {
		return false
	}
	return s.Now.Sub(time.Unix(seconds, 0)) >= ClaimFor-time.Hour
}

// storeDown tells in all languages that nothing was saved, or that nobody knows, and gives back what was typed. It
// needs no records.
func storeDown(in Input, err error) *card.Card {
	c := card.Card{Kind: "store.down"}
	typed := Typed(in.Act)
	down := downWords(typed != "", errors.Is(err, ErrUnsure))
	for _, tag := range language.Tags {
		v := language.In(tag)
		c.Body = append(c.Body, alarm(v.Text(down)))
		if c.Summary != "" {
			c.Summary += " · "
		}
		c.Summary += v.Say(down)
	}
	if typed != "" {
		c.Body = append(c.Body, quote(typed))
	}
	return &c
}

// downWords is the message's id.
func downWords(typed, unsure bool) string {
	switch {
	case typed && unsure:
		return "store.unsure"
	case unsure:
		return "store.unsure.press"
	case typed:
		return "store.down"
	}
	return "store.down.press"
}

// typedFields are the fields of all forms that are written by hand, in the order in which forms show them.
var typedFields = []string{"title", "reason", "from", "to", "due", "value", "change", "blocker", "assumption", "heard", "next", "note"}

// Typed is what the person typed, to be given back; empty when they typed nothing.
func Typed(a Act) string {
	switch act := a.(type) {
	case Said:
		return act.Text
	case Command:
		return "/goal " + act.Text
	case Used:
		var lines []string
		for _, name := range typedFields {
			if value := act.Values[name]; value != "" {
				lines = append(lines, value)
			}
		}
		return strings.Join(lines, "\n")
	}
	return ""
}
