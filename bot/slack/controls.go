package slack

import (
	"fmt"
	"strconv"

	"github.com/slack-go/slack"

	"goalkeeper/conversation/card"
)

// The beginnings of action ids: what a press on the control means is in its value.
const (
	pressID = "press."
	fieldID = "field."
)

// actions lays out the card's own buttons and menus.
func (w *writer) actions(actions []card.Action, first ...slack.BlockElement) {
	elements := first
	for _, a := range actions {
		if e := w.control(a); e != nil {
			elements = append(elements, e)
		}
	}
	if len(elements) > 0 {
		w.add(slack.NewActionBlock("", elements...))
	}
}

// control is a button or a menu, nil when there is nothing to press.
func (w *writer) control(a card.Action) slack.BlockElement {
	label := w.short(a.Label, "label", maxLabel)
	switch {
	case label == "":
		w.lose("action", "it has no label")
		return nil
	case len(a.Menu) > 0:
		return w.menu(label, a.Menu)
	case a.Intent.IsZero():
		w.lose("action", "it means nothing")
		return nil
	}
	return w.button(label, w.value(a.Intent, maxButtonValue), a.Style)
}

func (w *writer) button(label, value string, style card.Emphasis) slack.BlockElement {
	b := slack.NewButtonBlockElement(w.nextID(), value, plain(label))
	switch style {
	case card.Primary:
		b.Style = slack.StylePrimary
	case card.Danger:
		b.Style = slack.StyleDanger
	}
	return b
}

func (w *writer) menu(label string, choices []card.Choice) slack.BlockElement {
	var options []*slack.OptionBlockObject
	for _, c := range choices {
		name := w.short(c.Label, "label", maxLabel)
		if w.labels -= runes(name); len(options) == maxOptions || name == "" || c.Intent.IsZero() || w.labels < 0 {
			w.lose("option", "too many, or empty")
			continue
		}
		options = append(options, slack.NewOptionBlockObject(w.value(c.Intent, maxOptionValue), plain(name), nil))
	}
	if len(options) == 0 {
		return nil
	}
	return slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(label), w.nextID(), options...)
}

func (w *writer) nextID() string {
	w.controls++
	return pressID + strconv.Itoa(w.controls)
}

// value is what a control carries: the intent, or a reference where Slack's limit is shorter.
func (w *writer) value(i card.Intent, most int) string {
	s := i.String()
	if runes(s) > most {
		return w.keep("intent", []byte(s))
	}
	return s
}

// note tells that something was left out.
func (w *writer) note() {
	w.later = 0
	if w.left > 0 && w.free() > 0 {
		w.add(slack.NewContextBlock("", plain(fmt.Sprintf(w.say.more, w.left))))
	}
}
