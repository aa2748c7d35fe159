package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// envelope is the kind of a delivery, as Slack's request URLs and its Socket Mode envelopes tell them apart.
type envelope string

const (
	commands     envelope = "slash_commands"
	interactions envelope = "interactive"
	events       envelope = "events_api"
)

// delivery is one thing from Slack, understood. Without an act there is nothing to handle, only to acknowledge.
type delivery struct {
	in      conversation.Input
	team    string
	attempt int    // 0 for the first
	gone    string // why the app can no longer reach the workspace

	trigger string // opens a modal within three seconds
	clock
	origin origin // where an answer goes later
	view   *view  // the modal or page whose control was used
	form   string // the reference of a form that waits behind the button that was pressed
	edited bool   // the values are a modal's that was submitted
}

// errPayload says that a delivery is not what Slack documents.
var errPayload = errors.New("the payload cannot be read")

// lookups is what decoding asks the workspace for.
type lookups interface {
	// name tells how a person is called, empty when that cannot be told now.
	name(ctx context.Context, id string) string
	// private reports whether a channel is not public; what cannot be seen is private.
	private(ctx context.Context, id string) bool
	// recall returns what was kept under a reference.
	recall(ctx context.Context, ref string) ([]byte, error)
	// bot is the id of our own user.
	bot() string
}

// decode understands a delivery, whichever way it came. The payload is JSON.
func decode(ctx context.Context, kind envelope, payload []byte, look lookups) (delivery, error) {
	switch kind {
	case commands:
		return decodeCommand(ctx, payload, look)
	case interactions:
		return decodeInteraction(ctx, payload, look)
	case events:
		return decodeEvent(ctx, payload, look)
	}
	return delivery{}, fmt.Errorf("%w: unknown envelope %q", errPayload, kind)
}

// fromForm takes the payload out of a request body: commands are a form, interactions JSON within a form.
func fromForm(kind envelope, body []byte) ([]byte, error) {
	if kind == events {
		return body, nil
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errPayload, err)
	}
	if kind == interactions {
		return []byte(values.Get("payload")), nil
	}
	flat := map[string]string{}
	for k := range values {
		flat[k] = values.Get(k)
	}
	return json.Marshal(flat)
}

// unmarshal reads JSON and tolerates what it does not know.
func unmarshal(payload []byte, into any) error {
	if err := json.Unmarshal(payload, into); err != nil {
		return fmt.Errorf("%w: %w", errPayload, err)
	}
	return nil
}

type slashCommand struct {
	Team        string `json:"team_id"`
	Channel     string `json:"channel_id"`
	ChannelName string `json:"channel_name"`
	User        string `json:"user_id"`
	Text        string `json:"text"`
	Trigger     string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
}

func decodeCommand(ctx context.Context, payload []byte, look lookups) (delivery, error) {
	var c slashCommand
	if err := unmarshal(payload, &c); err != nil {
		return delivery{}, err
	}
	if c.Team == "" || c.User == "" || c.Channel == "" {
		return delivery{}, fmt.Errorf("%w: a command without team, person or channel", errPayload)
	}
	text, mentions := readable(c.Text, func(id string) string { return look.name(ctx, id) })
	place := placeOf(c.Channel, c.ChannelName)
	return delivery{
		team:    c.Team,
		trigger: c.Trigger,
		origin:  origin{URL: c.ResponseURL, Place: place},
		in: conversation.Input{
			Actor:    goal.PersonID(c.User),
			Place:    place,
			Delivery: c.Trigger,
			Inline:   true,
			Act:      conversation.Command{Text: text, Mentions: mentions},
		},
	}, nil
}

// placeOf tells from a channel's name what it is: Slack hides the names of what is not public.
func placeOf(id, name string) conversation.Place {
	switch {
	case name == "directmessage" || strings.HasPrefix(id, "D"):
		return conversation.Place{ID: goal.ChannelID(id), Kind: conversation.Direct}
	case name == "privategroup" || name == "" || strings.HasPrefix(name, "mpdm-") || strings.HasPrefix(id, "G"):
		return conversation.Place{ID: goal.ChannelID(id), Kind: conversation.PrivateChannel}
	}
	return conversation.Place{ID: goal.ChannelID(id), Kind: conversation.PublicChannel, Name: name}
}
