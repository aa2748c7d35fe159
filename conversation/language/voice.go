// Package language is how the bot speaks: catalogues of messages in English and Vietnamese, and the forms of
// numbers, dates and names in each.
package language

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"github.com/shopspring/decimal"
	"golang.org/x/text/language"

	"goalkeeper/conversation/card"
)

// The languages.
const (
	English    = "en"
	Vietnamese = "vi"
)

// Tags are all languages, the default first.
var Tags = []string{English, Vietnamese}

//go:embed catalog/*.json
var catalog embed.FS

var (
	bundle  = mustLoad()
	english = &Voice{tag: English, words: i18n.NewLocalizer(bundle, English)}
	vietnam = &Voice{tag: Vietnamese, words: i18n.NewLocalizer(bundle, Vietnamese)}
)

// Voice speaks one language.
type Voice struct {
	tag   string
	words *i18n.Localizer
}

// In is the voice of a language. It reads any BCP 47 tag a platform may give; what is not Vietnamese is English.
func In(tag string) *Voice {
	if Supported(tag) == Vietnamese {
		return vietnam
	}
	return english
}

// Supported is the catalogue that a platform's language tag belongs to, empty when there is none.
func Supported(tag string) string {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "-")
	if base == English || base == Vietnamese {
		return base
	}
	return ""
}

// Tag is the language's tag.
func (v *Voice) Tag() string { return v.tag }

// With names what a message's {placeholders} stand for. A value is a string, an int, a card.Span or a
// card.Text; "count" chooses the plural form.
type With map[string]any

// Text says a message as spans: what people wrote goes in as it is, beside the words, never through them.
func (v *Voice) Text(id string, with ...With) card.Text {
	var text card.Text
	args := merged(with)
	rest := v.template(id, args)
	for {
		before, name, after, found := nextPlaceholder(rest)
		text = appendPlain(text, before)
		if !found {
			return text
		}
		text = v.appendValue(text, args[name], name)
		rest = after
	}
}

// Say says a message as plain text.
func (v *Voice) Say(id string, with ...With) string { return v.Text(id, with...).String() }

// template is the message in this language and plural form, its placeholders unfilled. A message that is in no
// catalogue shows its id: the catalogues' test keeps that from happening.
func (v *Voice) template(id string, args With) string {
	config := &i18n.LocalizeConfig{MessageID: id, TemplateParser: template.IdentityParser{}}
	if n, ok := args["count"].(int); ok {
		config.PluralCount = n
	}
	s, err := v.words.Localize(config)
	if err != nil && s == "" {
		return id
	}
	return s
}

func nextPlaceholder(s string) (before, name, after string, found bool) {
	before, rest, found := strings.Cut(s, "{")
	if !found {
		return s, "", "", false
	}
	name, after, found = strings.Cut(rest, "}")
	if !found {
		return s, "", "", false
	}
	return before, name, after, true
}

func appendPlain(t card.Text, s string) card.Text {
	if s == "" {
		return t
	}
	if n := len(t); n > 0 && t[n-1] == (card.Span{Text: t[n-1].Text}) {
		t[n-1].Text += s
		return t
	}
	return append(t, card.Span{Text: s})
}

func (v *Voice) appendValue(t card.Text, value any, name string) card.Text {
	switch value := value.(type) {
	case int:
		return appendPlain(t, v.Number(decimal.NewFromInt(int64(value))))
	case card.Span:
		return append(t, value)
	case card.Text:
		return append(t, value...)
	case string:
		return appendPlain(t, value)
	case nil:
		return appendPlain(t, "{"+name+"}")
	default:
		return appendPlain(t, fmt.Sprint(value))
	}
}

func merged(with []With) With {
	if len(with) == 1 {
		return with[0]
	}
	all := With{}
	for _, w := range with {
		for k, value := range w {
			all[k] = value
		}
	}
	return all
}

func mustLoad() *i18n.Bundle {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("json", json.Unmarshal)
	files, err := catalog.ReadDir("catalog")
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		if _, err := b.LoadMessageFileFS(catalog, "catalog/"+f.Name()); err != nil {
			panic(fmt.Errorf("catalogue %s: %w", f.Name(), err))
		}
	}
	return b
}
