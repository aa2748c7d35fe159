// Package card is what the bot tells and asks, never how it looks. Text in a card is already in its reader's
// language; renderers choose widgets, escape for themselves and report what they could not show.
package card

import (
	"strings"
	"time"
)

// Limits that every renderer can rely on; Check holds a card to them.
const (
	MaxActions = 5 // of the card itself, besides at most one for each row
	MaxRows    = 100
	MaxFields  = 20
	MaxOptions = 100 // of one field or menu
)

// Card is one message, one form or one page: a summary, what is told, and what may be done about it.
type Card struct {
	Kind    string   `json:"kind"`    // stable, such as "checkin.ask"
	Summary string   `json:"summary"` // for the notification and for screen readers; plain text
	Body    []Block  `json:"body,omitempty"`
	Form    *Form    `json:"form,omitempty"`
	Actions []Action `json:"actions,omitempty"` // the first is the likeliest
}

// Block is one piece of a body; exactly one of its fields is set.
type Block struct {
	Text     *Paragraph `json:"text,omitempty"`
	Facts    []Fact     `json:"facts,omitempty"`
	Progress *Progress  `json:"progress,omitempty"`
	Rows     []Row      `json:"rows,omitempty"`
	Trend    *Trend     `json:"trend,omitempty"`
}

// Paragraph is a line or a few of running text.
type Paragraph struct {
	Role Role `json:"role,omitempty"`
	Text Text `json:"text"`
}

// Role is what a paragraph is for.
type Role string

// The roles. Headline is the first line of a digest or home; Title names the thing the card is about;
// Quiet is the small print that says why a card came; Alarm is the sentence that says what went wrong.
const (
	Body     Role = ""
	Headline Role = "headline"
	Title    Role = "title"
	Quiet    Role = "quiet"
	Quote    Role = "quote"
	Alarm    Role = "alarm"
)

// Text is a run of spans. It is never markup: whatever a span holds is shown as it is.
type Text []Span

// Span is a piece of text with one meaning. Text is always set and readable by itself.
type Span struct {
	Text    string    `json:"text"`
	Style   Style     `json:"style,omitempty"`
	Link    string    `json:"link,omitempty"`    // an https URL
	Person  string    `json:"person,omitempty"`  // mentions the person, who may be notified; a mere name is plain text
	Channel string    `json:"channel,omitempty"` // refers to a channel
	Moment  time.Time `json:"moment,omitzero"`   // Text is the moment already written in the reader's zone and language
}

// Style is how strongly a span is said.
type Style string

// The styles.
const (
	Plain  Style = ""
	Strong Style = "strong"
	Code   Style = "code" // to be typed as it stands
)

// Fact is a name and its value.
type Fact struct {
	Name  string `json:"name"`
	Value Text   `json:"value"`
}

// Progress is a bar with its words. Percent may lie beyond 0 and 100; nil means unknown.
type Progress struct {
	Percent *int   `json:"percent,omitempty"`
	Words   string `json:"words"` // "40 % · 6 points behind"
}

// Row is one line of a list, with at most one action.
type Row struct {
	Text   Text    `json:"text"`
	Detail Text    `json:"detail,omitempty"` // a second, quieter line
	Action *Action `json:"action,omitempty"`
}

// Trend is a short series of a metric, oldest first.
type Trend struct {
	Name   string  `json:"name"`
	Unit   string  `json:"unit,omitempty"`
	Points []Point `json:"points"`
	Words  string  `json:"words"` // "250 · 241 · 235 · 230 · 210", what is shown where no chart can be
}

// Point is one value of a trend.
type Point struct {
	Label string  `json:"label"` // "23 Nov"
	Value float64 `json:"value"` // for drawing only; exact figures are in the words
}

// Action is a button, or a button that opens a menu of choices.
type Action struct {
	Label  string   `json:"label"`
	Intent Intent   `json:"intent,omitzero"` // unset when there is a menu
	Style  Emphasis `json:"style,omitempty"`
	Menu   []Choice `json:"menu,omitempty"`
}

// Emphasis is how much an action stands out.
type Emphasis string

// The emphases.
const (
	Usual   Emphasis = ""
	Primary Emphasis = "primary"
	Danger  Emphasis = "danger"
)

// Choice is an entry of a menu.
type Choice struct {
	Label  string `json:"label"`
	Intent Intent `json:"intent"`
}

// Form is asked and validated as one whole; values and errors come back in it.
type Form struct {
	Title  string  `json:"title"`
	Intent Intent  `json:"intent"` // what submitting means; its Question makes two submissions one act
	Submit string  `json:"submit"`
	Cancel string  `json:"cancel"`
	Error  string  `json:"error,omitempty"` // about the form as a whole
	Fields []Field `json:"fields"`
}

// Field is one input of a form. Values travel as strings: dates as 2006-01-02, choices as their Value,
// people as the platform's id.
type Field struct {
	Name     string   `json:"name"` // letters, digits and dots
	Label    string   `json:"label"`
	Hint     string   `json:"hint,omitempty"`
	Kind     Input    `json:"kind"`
	Value    string   `json:"value,omitempty"`
	Error    string   `json:"error,omitempty"`
	Required bool     `json:"required,omitempty"`
	Max      int      `json:"max,omitempty"`     // runes; 0: MaxLine or MaxText by kind
	Options  []Option `json:"options,omitempty"` // Choice only
}

// Option is one value of a choice.
type Option struct {
	Value string `json:"value"` // up to 150 characters
	Label string `json:"label"`
}

// Input is the kind of a field.
type Input string

// The kinds of fields.
const (
	Line   Input = "line"  // one line of text, numbers too: people write 1,5 tỷ
	Lines  Input = "lines" // several lines
	Day    Input = "day"
	Choose Input = "choose" // one of Options
	Person Input = "person" // somebody of the workspace
)

// Longest values of text fields, in runes.
const (
	MaxLine = 300
	MaxText = 3000
)

// String is the text without its styles.
func (t Text) String() string {
	var s strings.Builder
	for _, span := range t {
		s.WriteString(span.Text)
	}
	return s.String()
}
