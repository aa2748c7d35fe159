package slack

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/slack-go/slack"

	"goalkeeper/conversation/card"
)

// formCallback names our modals.
const formCallback = "goalkeeper_form"

// RenderForm shows a card as a modal: its form's fields below what it tells. A card without a form is shown to
// be read and closed.
func RenderForm(c card.Card, locale string) (Form, []Loss) {
	w := newWriter(locale, maxViewBlocks, maxViewText)
	w.tell(c)
	view := slack.ModalViewRequest{Type: slack.VTModal, CallbackID: formCallback}
	title, dismiss := w.say.app, w.say.close
	if f := c.Form; f != nil {
		for _, field := range f.Fields {
			w.field(field)
		}
		title, dismiss = orElse(f.Title, title), orElse(f.Cancel, dismiss)
		view.Submit = plain(w.short(orElse(f.Submit, "OK"), "label", maxViewTitle))
	}
	w.always(c.Summary)
	view.Title = plain(w.short(title, "label", maxViewTitle))
	view.Close = plain(w.short(dismiss, "label", maxViewTitle))
	view.Blocks = slack.Blocks{BlockSet: w.blocks}
	return Form{View: view, Kept: w.kept}, w.losses
}

// tell lays out what stands above the fields.
func (w *writer) tell(c card.Card) {
	w.later = 2
	if c.Form != nil {
		w.later += 2 * len(c.Form.Fields) // each may have an error above it
		if c.Form.Error != "" {
			w.line(card.Text{{Text: c.Form.Error, Style: card.Strong}})
		}
	}
	w.body(c.Body)
	w.note()
	w.actions(c.Actions)
	w.flush()
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// field is one input, below its error.
func (w *writer) field(f card.Field) {
	if w.free() < 2 || w.named[f.Name] || runes(f.Name) > maxFieldName {
		w.lose("field", "no block left, or no name of its own")
		return
	}
	w.named[f.Name] = true
	element := w.input(f)
	if element == nil {
		w.lose("field", "it has nothing to choose from")
		return
	}
	if f.Error != "" {
		w.line(card.Text{{Text: f.Error, Style: card.Strong}})
	}
	var hint *slack.TextBlockObject
	if f.Hint != "" {
		hint = plain(w.short(f.Hint, "hint", maxHint))
	}
	label := plain(w.short(orElse(f.Label, f.Name), "label", maxHint))
	b := slack.NewInputBlock(fieldBlock(f), label, hint, element)
	b.Optional = !f.Required
	w.add(b)
}

// fieldBlock names the block of a field. Slack keeps what was typed into a block of the same name, so the name
// changes when the value to be shown does.
func fieldBlock(f card.Field) string {
	sum := sha256.Sum256([]byte(f.Value))
	return fieldID + f.Name + "." + base64.RawURLEncoding.EncodeToString(sum[:6])
}

func (w *writer) input(f card.Field) slack.BlockElement {
	id := fieldID + f.Name
	switch f.Kind {
	case card.Day:
		picker := slack.NewDatePickerBlockElement(id)
		if _, err := time.Parse(time.DateOnly, f.Value); err == nil {
			picker.InitialDate = f.Value
		} else if f.Value != "" {
			w.lose("value", "no date")
		}
		return picker
	case card.Choose:
		return w.choice(id, f)
	case card.Person:
		people := slack.NewOptionsSelectBlockElement(slack.OptTypeUser, plain(w.say.choose), id)
		if personID.MatchString(f.Value) {
			people.InitialUser = f.Value
		} else if f.Value != "" {
			w.lose("value", "no person")
		}
		return people
	}
	return w.textInput(id, f)
}

func (w *writer) textInput(id string, f card.Field) slack.BlockElement {
	most := f.Max
	if most == 0 {
		most = map[card.Input]int{card.Lines: card.MaxText}[f.Kind]
	}
	if most == 0 {
		most = card.MaxLine
	}
	most = min(max(most, runes(f.Value)), maxInputValue) // a value that is there already stays whole
	in := slack.NewPlainTextInputBlockElement(nil, id)
	in.Multiline = f.Kind == card.Lines
	in.MaxLength = most
	in.InitialValue = said(w.spend(card.Text{{Text: f.Value}}, most))
	return in
}

func (w *writer) choice(id string, f card.Field) slack.BlockElement {
	var options []*slack.OptionBlockObject
	var chosen *slack.OptionBlockObject
	for _, o := range f.Options {
		option := w.option(o, len(options), o.Value == f.Value)
		if option == nil {
			w.lose("option", "too many, or empty")
			continue
		}
		options = append(options, option)
		if o.Value == f.Value {
			chosen = option
		}
	}
	if len(options) == 0 || len(options) == 1 && options[0].Value == noneValue {
		return nil
	}
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(w.say.choose), id, options...)
	e.InitialOption = chosen
	return e
}

// noneValue stands for the empty value, which Slack takes for no option at all.
const noneValue = "#none"

// option is one value of a choice, nil when there is no room for it; the chosen one always has some.
func (w *writer) option(o card.Option, before int, chosen bool) *slack.OptionBlockObject {
	if o.Label == "" || before >= maxOptions {
		return nil
	}
	value := orElse(o.Value, noneValue)
	if runes(value) > maxOptionValue {
		value = w.keep("value", []byte(value))
	}
	label := w.short(o.Label, "label", maxLabel)
	option := slack.NewOptionBlockObject(value, plain(label), nil)
	if w.options -= size(option); w.options < 0 && !chosen && before > 0 {
		return nil
	}
	return option
}

// size is how many bytes of a view the option takes.
func size(o *slack.OptionBlockObject) int {
	content, err := json.Marshal(o)
	if err != nil {
		return 0
	}
	return len(content)
}

// fingerprint tells whether what a modal shows above and between its fields is the same.
func fingerprint(c card.Card) string {
	shown := c
	if c.Form != nil {
		f := *c.Form
		f.Fields = nil
		for _, field := range c.Form.Fields {
			field.Value, field.Error = "", ""
			f.Fields = append(f.Fields, field)
		}
		shown.Form = &f
	}
	shown.Summary = ""
	content, err := json.Marshal(shown)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(content)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}
