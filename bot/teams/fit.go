package teams

import (
	"encoding/json"
	"unicode/utf16"
	"unicode/utf8"

	"goalkeeper/conversation/card"
)

// Teams refuses a message above 100 KB as UTF-16, formerly above 40 KB ("Format your bot messages"), which is
// this many characters of JSON.
const (
	room     = 20_000 // of a card: fits under either limit
	hardRoom = 45_000 // of a form with everything that was typed into it: under today's limit only
	noteRoom = 400    // for the line that says what is missing
)

// size is a value's length on the wire, in UTF-16 units.
func size(v any) int {
	raw, err := json.Marshal(v)
	if err != nil {
		return 0
	}
	n := 0
	for len(raw) > 0 {
		r, width := utf8.DecodeRune(raw)
		n += utf16.RuneLen(r)
		raw = raw[width:]
	}
	return n
}

// fit draws as much of the body as there is space for, in order, and says how much is missing.
func (d *drawing) fit(body []card.Block, space int) []any {
	var items []any
	missing := 0
	for _, b := range body {
		mentioned := len(d.entities)
		for _, piece := range d.block(b) {
			need := size(piece) + size(d.entities)
			if missing > 0 || need > space-noteRoom {
				missing++
				d.entities = d.entities[:mentioned]
				continue
			}
			space -= size(piece)
			items = append(items, piece...)
		}
	}
	if missing > 0 {
		d.lose("%d pieces do not fit into %d characters", missing, room)
		items = append(items, d.lines(card.Text{{Text: d.words.more(missing)}}, quiet)...)
	}
	return items
}

// keptOptions is to how many choices a field is reduced when a form is too long.
const keptOptions = 20

// shrink makes a form fit: first by fewer choices, and only where what was typed is beyond what Teams takes
// at all, by its end.
func (d *drawing) shrink(items []any) []any {
	if size(items) > room {
		for _, item := range items {
			d.fewer(item.(object))
		}
	}
	if over := size(items) - hardRoom; over > 0 {
		d.shorten(items)
	}
	return items
}

func (d *drawing) fewer(input object) {
	list, _ := input["choices"].([]any)
	if len(list) <= keptOptions {
		return
	}
	d.lose("field %v: %d of %d options", input["id"], keptOptions, len(list))
	kept := list[:keptOptions:keptOptions]
	for _, o := range list[keptOptions:] {
		if o.(object)["value"] == input["value"] {
			kept = append(kept, o)
		}
	}
	input["choices"] = kept
}

// shorten halves the longest value until the form fits.
func (d *drawing) shorten(items []any) {
	for size(items) > hardRoom {
		var longest object
		most := 1
		for _, item := range items {
			input := item.(object)
			if value, _ := input["value"].(string); input["type"] == "Input.Text" && len(value) > most {
				longest, most = input, len(value)
			}
		}
		if longest == nil {
			return
		}
		value := []rune(longest["value"].(string))
		longest["value"] = string(value[:len(value)/2])
		d.lose("field %v: its end", longest["id"])
	}
}
