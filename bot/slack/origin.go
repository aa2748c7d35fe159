package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"goalkeeper/conversation"
)

// origin is where something was typed or pressed, remembered in a modal until it is submitted.
type origin struct {
	Intent  string             `json:"i,omitempty"` // what submitting the form means
	URL     string             `json:"u,omitempty"` // response_url: five answers within thirty minutes
	Until   time.Time          `json:"t,omitzero"`  // of the response_url
	Place   conversation.Place `json:"p"`
	Thread  string             `json:"h,omitempty"`
	Whisper bool               `json:"w,omitempty"` // the message was seen by the actor alone
	From    string             `json:"k,omitempty"` // the key of the message
	Shown   string             `json:"s,omitempty"` // the fingerprint of what the modal shows
}

// responseFor is how long a response_url serves; Slack says thirty minutes.
const responseFor = 29 * time.Minute

// origin is what the modal remembers.
func (v *view) origin(ctx context.Context, look lookups) (origin, error) {
	stored, err := resolve(ctx, v.Metadata, look)
	if err != nil {
		return origin{}, err
	}
	var o origin
	if err := json.Unmarshal([]byte(stored), &o); err != nil {
		return origin{}, fmt.Errorf("%w: the modal's own data: %w", errPayload, err)
	}
	return o, nil
}

// remember puts the origin into a modal, or a reference to it where Slack's limit is shorter.
func (o origin) remember(f *Form) error {
	content, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encode the origin of a form: %w", err)
	}
	f.View.PrivateMetadata = string(content)
	if runes(f.View.PrivateMetadata) > maxMetadata {
		w := writer{kept: f.Kept}
		f.View.PrivateMetadata = w.keep("origin", content)
	}
	return nil
}

// open reports whether the response_url still serves.
func (o origin) open(now time.Time) bool {
	return o.URL != "" && (o.Until.IsZero() || now.Before(o.Until))
}

// own reports whether the message that holds the control is the actor's alone, so that it may be replaced.
func (o origin) own() bool { return o.Whisper || o.Place.Kind == conversation.Direct }
