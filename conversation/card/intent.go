package card

import (
	"errors"
	"net/url"
	"strings"
)

// Intent is what pressing or submitting something means. It is authorised again when it arrives.
type Intent struct {
	Verb     string `json:"verb"`               // "checkin.same"
	Subject  string `json:"subject,omitempty"`  // what it is about: a goal's id, a channel
	Question string `json:"question,omitempty"` // the question it answers: an occurrence or a nonce
	Value    string `json:"value,omitempty"`    // the answer that the control stands for
}

// MaxIntent bounds an encoded intent. It is the least of the platforms' limits for a control's value
// (Slack: 2,000 for a button, 150 for a menu entry, for which its adapter stores and refers).
const MaxIntent = 2000

// IsZero reports whether the intent means nothing.
func (i Intent) IsZero() bool { return i == Intent{} }

// String encodes the intent in one short line of ASCII that ParseIntent reads again.
func (i Intent) String() string {
	parts := []string{i.Verb, i.Subject, i.Question, i.Value}
	for n, p := range parts {
		parts[n] = url.QueryEscape(p)
	}
	return strings.TrimRight(strings.Join(parts, "|"), "|")
}

// ParseIntent decodes what String wrote. It comes back from outside, so everything about it is doubted.
func ParseIntent(s string) (Intent, error) {
	if s == "" || len(s) > MaxIntent {
		return Intent{}, errors.New("intent is empty or too long")
	}
	var parts [4]string
	fields := strings.Split(s, "|")
	if len(fields) > len(parts) {
		return Intent{}, errors.New("intent has too many parts")
	}
	for n, f := range fields {
		p, err := url.QueryUnescape(f)
		if err != nil {
			return Intent{}, err
		}
		parts[n] = p
	}
	if parts[0] == "" {
		return Intent{}, errors.New("intent has no verb")
	}
	return Intent{parts[0], parts[1], parts[2], parts[3]}, nil
}
