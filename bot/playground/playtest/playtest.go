// Package playtest drives a playground over HTTP for tests that are whole conversations: people type, press and
// fill in forms by the labels that they would see, and every failure says what they saw instead.
package playtest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"goalkeeper/bot/playground"
	"goalkeeper/conversation/card"
)

// The places, as each person calls them.
const (
	Direct = "dm"
	Growth = "growth"
	Home   = "home"
)

// Client talks to a playground.
type Client struct {
	t    testing.TB
	base string
	http *http.Client
	cast map[string]*Person
}

// New is a client of the playground at the base address, such as httptest.Server's URL.
func New(t testing.TB, base string) *Client {
	return &Client{t: t, base: base, http: &http.Client{Timeout: 30 * time.Second}, cast: map[string]*Person{}}
}

// As is one of the three people: "linh", "alex" or "sam". They stay where they were.
func (c *Client) As(name string) *Person {
	if c.cast[name] == nil {
		c.cast[name] = &Person{c: c, t: c.t, name: name, place: Direct}
	}
	return c.cast[name]
}

// Person is somebody at the page.
type Person struct {
	c     *Client
	t     testing.TB
	name  string
	place string

	last url.Values // what was sent last, and where
	path string
}

// In takes the person to a place.
func (p *Person) In(place string) *Person {
	p.place = place
	return p
}

// Type sends a line in the place.
func (p *Person) Type(place, text string) playground.State {
	p.t.Helper()
	p.place = place
	return p.post("/play/type", url.Values{"text": {text}})
}

// Press uses the newest control with the label in the place where the person is: in an open form, else on a
// message, else on their home. It may be an entry of a menu.
func (p *Person) Press(label string) playground.State {
	p.t.Helper()
	s := p.State()
	if s.Form != nil {
		if label == s.Form.Card.Form.Cancel {
			return p.post("/play/dismiss", url.Values{"form": {s.Form.ID}})
		}
		if in, ok := control(s.Form.Card, label); ok {
			return p.submit(s.Form, in, nil)
		}
	}
	for n := len(s.Messages) - 1; n >= 0; n-- {
		m := s.Messages[n]
		if in, ok := control(m.Card, label); ok {
			return p.post("/play/press", url.Values{"message": {m.ID}, "intent": {in.String()}})
		}
	}
	if in, ok := control(s.Home, label); ok {
		return p.post("/play/press", url.Values{"intent": {in.String()}})
	}
	p.t.Fatalf("%s sees no control %q in %s:\n%s", p.name, label, p.place, Transcript(s))
	return s
}

// PressIntent uses a control that need not be in sight any more, on the message with the id.
func (p *Person) PressIntent(message string, in card.Intent) playground.State {
	p.t.Helper()
	return p.post("/play/press", url.Values{"message": {message}, "intent": {in.String()}})
}

// Fill changes fields of the open form, by name, and submits it. Fields that are not named keep what they hold.
func (p *Person) Fill(values map[string]string) playground.State {
	p.t.Helper()
	f := p.State().Form
	if f == nil {
		p.t.Fatalf("%s has no form open:\n%s", p.name, Transcript(p.State()))
	}
	return p.submit(f, f.Card.Form.Intent, values)
}

func (p *Person) submit(f *playground.Form, in card.Intent, values map[string]string) playground.State {
	p.t.Helper()
	v := url.Values{"form": {f.ID}, "intent": {in.String()}}
	for _, field := range f.Card.Form.Fields {
		v.Set("v."+field.Name, field.Value)
	}
	for name, value := range values {
		if !v.Has("v." + name) {
			p.t.Fatalf("the form %q has no field %q:\n%s", f.Card.Form.Title, name, Plain(f.Card))
		}
		v.Set("v."+name, value)
	}
	return p.post("/play/submit", v)
}

// Move moves the clock, by the person's local time.
func (p *Person) Move(to playground.Move) playground.State {
	p.t.Helper()
	return p.post("/play/clock", url.Values{"to": {string(to)}})
}

// Again sends the last thing once more, as a double click or a second delivery does.
func (p *Person) Again() playground.State {
	p.t.Helper()
	return p.send(p.path, p.last)
}

// Dismiss takes a private answer away.
func (p *Person) Dismiss(message string) playground.State {
	p.t.Helper()
	return p.post("/play/dismiss", url.Values{"message": {message}})
}

// Messages are all that the person sees in the place, oldest first.
func (p *Person) Messages(place string) []playground.Message {
	p.t.Helper()
	p.place = place
	return p.State().Messages
}

// Said are the messages of the place as plain text, one each.
func (p *Person) Said(place string) (lines []string) {
	p.t.Helper()
	for _, m := range p.Messages(place) {
		lines = append(lines, Text(m))
	}
	return lines
}

// Sees fails the test unless the text stands in the place, in a message, in the open form or on the home.
func (p *Person) Sees(place, text string) {
	p.t.Helper()
	p.place = place
	if s := p.State(); !strings.Contains(Transcript(s), text) {
		p.t.Fatalf("%s does not see %q in %s:\n%s", p.name, text, place, Transcript(s))
	}
}

// SeesNot fails the test if the text stands in the place.
func (p *Person) SeesNot(place, text string) {
	p.t.Helper()
	p.place = place
	if s := p.State(); strings.Contains(Transcript(s), text) {
		p.t.Fatalf("%s should not see %q in %s:\n%s", p.name, text, place, Transcript(s))
	}
}

// State is what the person sees in the place where they are.
func (p *Person) State() playground.State {
	p.t.Helper()
	q := url.Values{"as": {p.name}, "at": {p.place}}
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.c.base+"/play/state?"+q.Encode(), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.do(r)
}

func (p *Person) post(path string, v url.Values) playground.State {
	p.t.Helper()
	v.Set("as", p.name)
	v.Set("at", p.place)
	v.Set("nonce", rand.Text())
	p.path, p.last = path, v
	return p.send(path, v)
}

func (p *Person) send(path string, v url.Values) playground.State {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.c.base+path, strings.NewReader(v.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	return p.do(r)
}

func (p *Person) do(r *http.Request) (s playground.State) {
	p.t.Helper()
	answer, err := p.c.http.Do(r)
	if err != nil {
		p.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	if answer.StatusCode != http.StatusOK {
		p.t.Fatalf("%s %s: %s: %s", r.Method, r.URL.Path, answer.Status, body)
	}
	if err := json.Unmarshal(body, &s); err != nil {
		p.t.Fatalf("%s %s: %v in %s", r.Method, r.URL.Path, err, body)
	}
	return s
}

// control is what the button or menu entry with the label means.
func control(c *card.Card, label string) (card.Intent, bool) {
	if c == nil {
		return card.Intent{}, false
	}
	actions := c.Actions
	for _, b := range c.Body {
		for _, row := range b.Rows {
			if row.Action != nil {
				actions = append(actions[:len(actions):len(actions)], *row.Action)
			}
		}
	}
	for _, a := range actions {
		if a.Label == label && len(a.Menu) == 0 {
			return a.Intent, true
		}
		for _, choice := range a.Menu {
			if choice.Label == label {
				return choice.Intent, true
			}
		}
	}
	if c.Form != nil && c.Form.Submit == label {
		return c.Form.Intent, true
	}
	return card.Intent{}, false
}

// Transcript is all that a person sees, as text.
func Transcript(s playground.State) string {
	var out strings.Builder
	for _, m := range s.Messages {
		from := m.From
		if m.Private {
			from += " (privately)"
		}
		fmt.Fprintf(&out, "%s  %s:\n%s\n", m.At.Format("Mon 2006-01-02 15:04Z07:00"), from, indent(Text(m)))
	}
	if s.Home != nil {
		fmt.Fprintf(&out, "home:\n%s\n", indent(Plain(s.Home)))
	}
	if s.Form != nil {
		fmt.Fprintf(&out, "form:\n%s\n", indent(Plain(s.Form.Card)))
	}
	return out.String()
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n    ")
}

// Text is a message as plain text: what a person typed, or the bot's card.
func Text(m playground.Message) string {
	if m.Card != nil {
		return Plain(m.Card)
	}
	return m.Text
}

// Plain is a card as text, a line for each block, controls in brackets.
func Plain(c *card.Card) string {
	var out strings.Builder
	for _, b := range c.Body {
		plainBlock(&out, b)
	}
	if f := c.Form; f != nil {
		fmt.Fprintln(&out, f.Title)
		if f.Error != "" {
			fmt.Fprintln(&out, "!", f.Error)
		}
		for _, field := range f.Fields {
			fmt.Fprintf(&out, "%s (%s): %s\n", field.Label, field.Name, field.Value)
			if field.Error != "" {
				fmt.Fprintln(&out, "!", field.Error)
			}
		}
		fmt.Fprintf(&out, "[%s] [%s]\n", f.Submit, f.Cancel)
	}
	for _, a := range c.Actions {
		fmt.Fprintf(&out, "[%s] ", a.Label)
		for _, choice := range a.Menu {
			fmt.Fprintf(&out, "[… %s] ", choice.Label)
		}
	}
	return strings.TrimRight(out.String(), " \n")
}

func plainBlock(out *strings.Builder, b card.Block) {
	if b.Text != nil {
		fmt.Fprintln(out, flat(b.Text.Text))
	}
	for _, f := range b.Facts {
		fmt.Fprintf(out, "%s: %s\n", f.Name, flat(f.Value))
	}
	if b.Progress != nil {
		fmt.Fprintln(out, b.Progress.Words)
	}
	for _, r := range b.Rows {
		fmt.Fprint(out, flat(r.Text))
		if len(r.Detail) > 0 {
			fmt.Fprint(out, " | ", flat(r.Detail))
		}
		if r.Action != nil {
			fmt.Fprintf(out, " [%s]", r.Action.Label)
		}
		fmt.Fprintln(out)
	}
	if b.Trend != nil {
		fmt.Fprintf(out, "%s: %s\n", b.Trend.Name, b.Trend.Words)
	}
}

func flat(t card.Text) (s string) {
	for _, span := range t {
		s += span.Text
	}
	return s
}
