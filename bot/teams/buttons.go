package teams

import (
	"fmt"

	"goalkeeper/conversation/card"
)

// What a control carries. A field's name has no underscore, so these never meet one.
const (
	intentData = "_intent"
	keyData    = "_key"
	cancelData = "_cancel"
	pickData   = "_pick" // names the input whose value is the intent
	pickInput  = "_menu" // with a number behind it
)

// shownButtons is how many buttons a bar shows; the rest goes into its overflow menu.
const shownButtons = 6

// buttons are the bar of the card: submit first, cancel last.
func (d *drawing) buttons(c card.Card) []any {
	var bar []any
	if c.Form != nil {
		submit := d.execute(c.Form.Submit, c.Form.Intent, card.Primary)
		bar = append(bar, submit)
	}
	bar = append(bar, d.actions(c.Actions)...)
	if c.Form != nil && c.Form.Cancel != "" {
		cancel := d.control(c.Form.Cancel, "cancel", object{cancelData: true}, false)
		bar = append(bar, cancel)
	}
	if len(bar) == 0 {
		return nil
	}
	for n := shownButtons; n < len(bar); n++ {
		bar[n].(object)["mode"] = "secondary"
	}
	return []any{object{"type": "ActionSet", "actions": bar}}
}

func (d *drawing) actions(all []card.Action) []any {
	var bar []any
	for _, a := range all {
		if len(a.Menu) > 0 {
			bar = append(bar, d.menu(a))
			continue
		}
		bar = append(bar, d.execute(a.Label, a.Intent, a.Style))
	}
	return bar
}

func (d *drawing) execute(label string, intent card.Intent, style card.Emphasis) object {
	b := d.control(label, intent.Verb, object{intentData: d.encode(intent)}, d.form)
	switch style {
	case card.Primary:
		b["style"] = "positive"
	case card.Danger:
		b["style"] = "destructive"
	}
	return b
}

func (d *drawing) encode(intent card.Intent) string {
	s := intent.String()
	if len(s) > card.MaxIntent {
		d.lose("the control %s carries %d bytes; %d are read back", intent.Verb, len(s), card.MaxIntent)
	}
	return s
}

// control is a button in both of Teams' ways: executed, which can replace the card, or for old clients
// submitted as a message ("Universal Actions", section Backward compatibility: inside an ActionSet).
func (d *drawing) control(label, verb string, data object, withInputs bool) object {
	if d.key != "" {
		data[keyData] = d.key
	}
	title := literal(label)
	if title == "" {
		title = "…"
	}
	b := object{"type": "Action.Execute", "title": title, "verb": verb, "data": data}
	b["fallback"] = object{"type": "Action.Submit", "title": title, "data": data}
	if !withInputs {
		b["associatedInputs"] = "none"
	}
	return b
}

// menu is a button that unfolds its choices: as buttons, or as a list when there are many.
func (d *drawing) menu(a card.Action) object {
	choices := a.Menu
	if len(choices) > card.MaxOptions {
		d.lose("menu %q: %d of %d choices", a.Label, card.MaxOptions, len(choices))
		choices = choices[:card.MaxOptions]
	}
	body := d.menuButtons(choices)
	if len(choices) > shownButtons {
		body = d.menuList(a.Label, choices)
	}
	return object{"type": "Action.ShowCard", "title": literal(a.Label), "card": object{"type": "AdaptiveCard", "version": "1.5", "body": body}}
}

func (d *drawing) menuButtons(choices []card.Choice) []any {
	var bar []any
	for _, c := range choices {
		bar = append(bar, d.execute(c.Label, c.Intent, card.Usual))
	}
	return []any{object{"type": "ActionSet", "actions": bar}}
}

func (d *drawing) menuList(label string, choices []card.Choice) []any {
	d.menus++
	id := fmt.Sprint(pickInput, d.menus)
	list := make([]any, 0, len(choices))
	for _, c := range choices {
		list = append(list, object{"title": literal(c.Label), "value": d.encode(c.Intent)})
	}
	return []any{
		object{"type": "Input.ChoiceSet", "id": id, "label": literal(label), "style": "compact", "value": list[0].(object)["value"], "choices": list},
		object{"type": "ActionSet", "actions": []any{d.control(label, "menu", object{pickData: id}, true)}},
	}
}
