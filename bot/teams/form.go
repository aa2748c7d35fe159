package teams

import (
	"time"

	"goalkeeper/conversation/card"
)

// formBody draws what is asked, with the values and errors of an earlier try.
func (d *drawing) formBody(f card.Form) []any {
	var items []any
	if f.Title != "" {
		items = append(items, d.paragraph(card.Paragraph{Role: card.Title, Text: card.Text{{Text: f.Title}}})...)
	}
	if f.Error != "" {
		items = append(items, d.lines(card.Text{{Text: f.Error}}, alarm)...)
	}
	for _, field := range f.Fields {
		items = append(items, d.field(field)...)
	}
	return d.shrink(items)
}

// field is an input, with its hint where no placeholder can hold it, and under it what was wrong.
func (d *drawing) field(f card.Field) []any {
	input := object{"id": f.Name, "label": literal(f.Label)}
	if f.Required {
		input["isRequired"], input["errorMessage"] = true, d.words.needed
	}
	var below []any
	switch {
	case f.Kind == card.Day && (f.Value == "" || isDate(f.Value)):
		input["type"] = "Input.Date"
		below = d.lines(card.Text{{Text: f.Hint}}, quiet)
	case f.Kind == card.Choose && len(f.Options) > 0:
		d.choices(input, f)
	case f.Kind == card.Person:
		d.people(input, f)
	default:
		typed(input, f)
	}
	if f.Hint != "" && len(below) == 0 {
		input["placeholder"] = literal(f.Hint)
	}
	if f.Value != "" {
		input["value"] = f.Value
	}
	if f.Error != "" {
		below = append(d.lines(card.Text{{Text: f.Error}}, alarm), below...)
	}
	return append([]any{input}, tighten(below)...)
}

// typed is a text field; a day that is no date comes back as it was typed.
func typed(input object, f card.Field) {
	longest := f.Max
	if longest == 0 {
		longest = card.MaxLine
	}
	if f.Kind == card.Lines {
		input["isMultiline"] = true
		if f.Max == 0 {
			longest = card.MaxText
		}
	}
	input["type"], input["maxLength"] = "Input.Text", longest
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// fewOptions is how many choices a drop-down shows well; more can be searched.
const fewOptions = 9

// people are the colleagues at hand, to be searched by name. Where none are known, Teams offers everybody of
// the organisation ("People Picker in Adaptive Cards"), by the Entra id that names people here, too.
func (d *drawing) people(input object, f card.Field) {
	d.choices(input, f)
	input["style"] = "filtered"
	if len(f.Options) < 2 {
		input["choices.data"] = object{"type": "Data.Query", "dataset": "graph.microsoft.com/users"}
	}
}

// noChoice stands for an option that means none: clients neither select nor send a choice whose value is empty.
const noChoice = "_none"

func asChoice(value string) string {
	if value == "" {
		return noChoice
	}
	return value
}

func chosen(value string) string {
	if value == noChoice {
		return ""
	}
	return value
}

// choices are a drop-down.
func (d *drawing) choices(input object, f card.Field) {
	options := f.Options
	if len(options) > card.MaxOptions {
		d.lose("field %s: %d of %d options", f.Name, card.MaxOptions, len(options))
		options = options[:card.MaxOptions]
	}
	list := make([]any, 0, len(options))
	known := f.Value == ""
	for _, o := range options {
		if o.Value == "" && f.Value == "" {
			input["value"] = noChoice
		}
		list = append(list, object{"title": literal(o.Label), "value": asChoice(o.Value)})
		known = known || o.Value == f.Value
	}
	if !known && f.Kind == card.Choose {
		list = append(list, object{"title": literal(f.Value), "value": f.Value})
	}
	input["type"], input["style"], input["choices"] = "Input.ChoiceSet", "compact", list
	if len(list) > fewOptions {
		input["style"] = "filtered"
	}
}
