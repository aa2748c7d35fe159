package teams

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// nonBreaking is how clients write the space behind a mention.
var nonBreaking = strings.NewReplacer("&nbsp;", " ", "\u00a0", " ")

// text is what was typed, without mentions of the bot and with those of people as "@Name". Entities tell who
// is mentioned; what merely looks like a mention stays as it was typed.
func (a *arrival) text(person func(entity) goal.PersonID) (string, []conversation.Mention) {
	text := a.Text
	var mentions []conversation.Mention
	for _, e := range a.entities {
		if e.Type != "mention" || e.Text == "" || !strings.Contains(text, e.Text) {
			continue
		}
		if e.Mentioned.ID == a.Recipient.ID {
			text = strings.ReplaceAll(text, e.Text, "")
			continue
		}
		name := "@" + strings.TrimSuffix(strings.TrimPrefix(e.Text, "<at>"), "</at>")
		text = strings.ReplaceAll(text, e.Text, name)
		if id := person(e); id != "" {
			mentions = append(mentions, conversation.Mention{Text: name, Person: id})
		}
	}
	return strings.TrimSpace(nonBreaking.Replace(text)), mentions
}

// typed is the act of a message. In a shared place everything said to the bot is a command; in the personal
// chat only what says so, and the rest is understood by the conversation.
func (a *arrival) typed(person func(entity) goal.PersonID) conversation.Act {
	text, mentions := a.text(person)
	command, said := stripGoal(text)
	switch {
	case said:
		text = command
	case a.targeted:
		text = strings.TrimPrefix(text, "/")
	case a.personal():
		return conversation.Said{Text: text, Mentions: mentions}
	}
	return conversation.Command{Text: text, Mentions: mentions}
}

// stripGoal takes the word goal or /goal off the front.
func stripGoal(text string) (rest string, found bool) {
	rest = strings.TrimPrefix(text, "/")
	const word = "goal"
	if len(rest) < len(word) || !strings.EqualFold(rest[:len(word)], word) {
		return text, false
	}
	rest = rest[len(word):]
	if rest != "" && !unicode.IsSpace([]rune(rest)[0]) {
		return text, false
	}
	return strings.TrimSpace(rest), true
}

// pressed is what a control of a card brings: its intent, the message it stood in, and the form's values.
type pressed struct {
	intent card.Intent
	key    string
	cancel bool
	values map[string]string
}

// maxKey bounds the key of a message that comes back from outside.
const maxKey = 500

// readPress reads the data of a control. ok is false when it is not one of ours.
func readPress(raw json.RawMessage) (p pressed, ok bool) {
	fields := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&fields) != nil {
		return p, false
	}
	if p.key = asText(fields[keyData]); len(p.key) > maxKey {
		return p, false
	}
	p.values = formValues(fields)
	if fields[cancelData] == true {
		p.cancel = true
		return p, true
	}
	encoded := asText(fields[intentData])
	if pick := asText(fields[pickData]); pick != "" {
		encoded = asText(fields[pick])
	}
	intent, err := card.ParseIntent(encoded)
	p.intent = intent
	return p, err == nil
}

// formValues are the inputs among the data; nil when there are none.
func formValues(fields map[string]any) map[string]string {
	var values map[string]string
	for name, v := range fields {
		if strings.Contains(name, "_") || len(values) == card.MaxFields {
			continue
		}
		switch v.(type) {
		case string, json.Number, bool:
		default:
			continue
		}
		if values == nil {
			values = map[string]string{}
		}
		values[name] = chosen(asText(v))
	}
	return values
}

// asText reads a value that travels as a string, or as the number or yes/no that some clients make of it.
func asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

// input begins what every act of the activity has in common.
func (f *Face) input(a *arrival) conversation.Input {
	return conversation.Input{
		Workspace: f.workspace, Actor: a.actor(), Place: a.place(), Delivery: a.delivery(), Seen: a.profile(),
	}
}
