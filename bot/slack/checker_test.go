package slack

import (
	"encoding/json"
	"fmt"
	"testing"
	"unicode/utf8"
)

// checker holds native output to Slack's published limits. It knows nothing of the renderer: it reads JSON.
type checker struct {
	t       *testing.T
	modal   bool
	message bool
	ids     map[string]bool
	text    int
	charts  int
}

// checkBlocks checks the blocks of one surface: "message", "modal" or "home".
func checkBlocks(t *testing.T, surface string, blocks any) {
	t.Helper()
	c := &checker{t: t, modal: surface == "modal", message: surface == "message", ids: map[string]bool{}}
	most := 100
	if c.message {
		most = 50
	}
	list := items(remarshal(t, blocks))
	if len(list) == 0 || len(list) > most {
		t.Errorf("%d blocks, want 1 to %d", len(list), most)
	}
	for i, b := range list {
		c.block(fmt.Sprintf("blocks[%d]", i), b.(map[string]any))
	}
	if c.message && c.text > 11000 {
		t.Errorf("%d characters of text in one message", c.text)
	}
}

func remarshal(t *testing.T, v any) any {
	t.Helper()
	content, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("not encodable: %v", err)
	}
	var out any
	if err := json.Unmarshal(content, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func items(v any) []any {
	list, _ := v.([]any)
	return list
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

func (c *checker) size(where string, v any, least, most int) {
	c.t.Helper()
	s, _ := v.(string)
	if n := utf8.RuneCountInString(s); n < least || n > most {
		c.t.Errorf("%s: %d characters, want %d to %d", where, n, least, most)
	}
}

func (c *checker) words(where string, v any, most int, plainOnly bool) {
	c.t.Helper()
	o := object(v)
	kind := o["type"]
	if kind != "plain_text" && (plainOnly || kind != "mrkdwn") {
		c.t.Errorf("%s: text of type %v", where, kind)
	}
	if kind == "mrkdwn" && o["verbatim"] != true {
		c.t.Errorf("%s: mrkdwn that links by itself", where)
	}
	if kind == "plain_text" && o["emoji"] != false {
		c.t.Errorf("%s: emoji codes would turn into pictures", where)
	}
	c.size(where, o["text"], 1, most)
	c.text += utf8.RuneCountInString(o["text"].(string))
}

func (c *checker) block(where string, b map[string]any) {
	if id, ok := b["block_id"].(string); ok {
		c.size(where+".block_id", id, 1, 255)
		if c.ids[id] {
			c.t.Errorf("%s: block_id %q twice", where, id)
		}
		c.ids[id] = true
	}
	switch b["type"] {
	case "header":
		c.words(where, b["text"], 150, true)
	case "section":
		if b["text"] != nil {
			c.words(where, b["text"], 3000, false)
		} else if len(items(b["fields"])) == 0 {
			c.t.Errorf("%s: empty section", where)
		}
		if len(items(b["fields"])) > 10 {
			c.t.Errorf("%s: too many fields", where)
		}
		for _, f := range items(b["fields"]) {
			c.words(where+".field", f, 2000, false)
		}
		if b["accessory"] != nil {
			c.element(where+".accessory", object(b["accessory"]))
		}
	case "context":
		if n := len(items(b["elements"])); n < 1 || n > 10 {
			c.t.Errorf("%s: %d elements", where, n)
		}
		for _, e := range items(b["elements"]) {
			c.words(where, e, 3000, false)
		}
	case "actions":
		if n := len(items(b["elements"])); n < 1 || n > 25 {
			c.t.Errorf("%s: %d elements", where, n)
		}
		seen := map[any]bool{}
		for _, e := range items(b["elements"]) {
			o := object(e)
			if seen[o["action_id"]] {
				c.t.Errorf("%s: action_id %v twice", where, o["action_id"])
			}
			seen[o["action_id"]] = true
			c.element(where, o)
		}
	case "rich_text":
		c.rich(where, b)
	case "input":
		if !c.modal {
			c.t.Errorf("%s: an input outside a modal", where)
		}
		c.words(where+".label", b["label"], 2000, true)
		if b["hint"] != nil {
			c.words(where+".hint", b["hint"], 2000, true)
		}
		c.element(where, object(b["element"]))
	case "data_visualization":
		c.chart(where, b)
	default:
		c.t.Errorf("%s: block %v", where, b["type"])
	}
}

func (c *checker) rich(where string, b map[string]any) {
	if len(items(b["elements"])) == 0 {
		c.t.Errorf("%s: empty", where)
	}
	for _, s := range items(b["elements"]) {
		if kind := object(s)["type"]; kind != "rich_text_section" && kind != "rich_text_quote" {
			c.t.Errorf("%s: %v", where, kind)
		}
		for _, e := range items(object(s)["elements"]) {
			o := object(e)
			switch o["type"] {
			case "text":
				c.size(where, o["text"], 1, 3000)
				c.text += utf8.RuneCountInString(o["text"].(string))
			case "link":
				c.size(where, o["url"], 1, 3000)
			case "user":
				c.size(where, o["user_id"], 2, 40)
			case "channel":
				c.size(where, o["channel_id"], 2, 40)
			default:
				c.t.Errorf("%s: element %v", where, o["type"])
			}
		}
	}
}

func (c *checker) element(where string, e map[string]any) {
	c.size(where+".action_id", e["action_id"], 1, 255)
	if e["placeholder"] != nil {
		c.words(where+".placeholder", e["placeholder"], 150, true)
	}
	switch e["type"] {
	case "button":
		c.words(where, e["text"], 75, true)
		c.size(where+".value", e["value"], 1, 2000)
	case "static_select":
		options := items(e["options"])
		if len(options) < 1 || len(options) > 100 {
			c.t.Errorf("%s: %d options", where, len(options))
		}
		for _, o := range options {
			c.words(where, object(o)["text"], 75, true)
			c.size(where+".option", object(o)["value"], 1, 150)
		}
		if e["initial_option"] != nil && !contains(options, e["initial_option"]) {
			c.t.Errorf("%s: the initial option is none of the options", where)
		}
	case "users_select", "datepicker":
	case "plain_text_input":
		most := int(e["max_length"].(float64))
		if most < 1 || most > 3000 {
			c.t.Errorf("%s: max_length %d", where, most)
		}
		c.size(where, e["initial_value"], 0, most)
	default:
		c.t.Errorf("%s: element %v", where, e["type"])
	}
}

func contains(options []any, one any) bool {
	want := fmt.Sprint(one)
	for _, o := range options {
		if fmt.Sprint(o) == want {
			return true
		}
	}
	return false
}

func (c *checker) chart(where string, b map[string]any) {
	if c.charts++; c.charts > 2 || !c.message {
		c.t.Errorf("%s: a chart too many, or not in a message", where)
	}
	c.size(where, b["title"], 1, 50)
	axis := object(object(b["chart"])["axis_config"])
	labels := map[any]bool{}
	for _, l := range items(axis["categories"]) {
		c.size(where, l, 1, 20)
		labels[l] = true
	}
	if len(labels) != len(items(axis["categories"])) || len(labels) > 20 {
		c.t.Errorf("%s: labels are not distinct, or too many", where)
	}
	for _, s := range items(object(b["chart"])["series"]) {
		c.size(where, object(s)["name"], 1, 20)
		if len(items(object(s)["data"])) != len(labels) {
			c.t.Errorf("%s: points and labels differ", where)
		}
	}
}

// checkModal checks a whole modal.
func checkModal(t *testing.T, view any) {
	t.Helper()
	o := object(remarshal(t, view))
	c := &checker{t: t}
	c.words("title", o["title"], 24, true)
	c.words("close", o["close"], 24, true)
	if o["submit"] != nil {
		c.words("submit", o["submit"], 24, true)
	}
	c.size("private_metadata", orEmpty(o["private_metadata"]), 0, 3000)
	checkSize(t, view)
	checkBlocks(t, "modal", o["blocks"])
}

func orEmpty(v any) any {
	if v == nil {
		return ""
	}
	return v
}

func checkSize(t *testing.T, view any) {
	t.Helper()
	content, err := json.Marshal(view)
	if err != nil {
		t.Fatal(err)
	}
	if len(content) > 250_000 {
		t.Errorf("a view of %d bytes", len(content))
	}
}
