package slack

import (
	"context"
	"fmt"
	"strings"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

type interaction struct {
	Type        string    `json:"type"`
	Team        team      `json:"team"`
	User        user      `json:"user"`
	Channel     place     `json:"channel"`
	Container   container `json:"container"`
	Message     *message  `json:"message"`
	View        *view     `json:"view"`
	Actions     []press   `json:"actions"`
	Trigger     string    `json:"trigger_id"`
	ResponseURL string    `json:"response_url"`
}

type team struct {
	ID string `json:"id"`
}

type user struct {
	ID   string `json:"id"`
	Team string `json:"team_id"`
}

type place struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type container struct {
	Type      string `json:"type"`
	Channel   string `json:"channel_id"`
	Thread    string `json:"thread_ts"`
	Ephemeral bool   `json:"is_ephemeral"`
}

type message struct {
	Thread   string   `json:"thread_ts"`
	Metadata metadata `json:"metadata"`
}

type metadata struct {
	Type    string         `json:"event_type"`
	Payload map[string]any `json:"event_payload"`
}

// press is a control that was used, with the values of all kinds of controls.
type press struct {
	ID       string  `json:"action_id"`
	Block    string  `json:"block_id"`
	Value    string  `json:"value"`
	Selected *choice `json:"selected_option"`
}

type choice struct {
	Value string `json:"value"`
}

// view is a modal or a Home tab.
type view struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Hash     string `json:"hash"`
	Metadata string `json:"private_metadata"`
	Blocks   []struct {
		Type string `json:"type"`
		ID   string `json:"block_id"`
	} `json:"blocks"`
	State struct {
		Values map[string]map[string]fieldState `json:"values"`
	} `json:"state"`
}

// fieldState is what somebody entered into one field.
type fieldState struct {
	Value    string  `json:"value"`
	Date     string  `json:"selected_date"`
	User     string  `json:"selected_user"`
	Selected *choice `json:"selected_option"`
}

func decodeInteraction(ctx context.Context, payload []byte, look lookups) (delivery, error) {
	var p interaction
	if err := unmarshal(payload, &p); err != nil {
		return delivery{}, err
	}
	d := delivery{team: orElse(p.Team.ID, p.User.Team), trigger: p.Trigger, view: p.View}
	d.in.Actor = goal.PersonID(p.User.ID)
	d.in.Inline = true
	var err error
	switch {
	case p.Type != "block_actions" && p.Type != "view_submission":
		return d, nil // a modal closed, a shortcut: nothing to do about it
	case d.team == "" || p.User.ID == "":
		err = fmt.Errorf("%w: an interaction without team or person", errPayload)
	case p.Type == "block_actions":
		err = d.pressed(ctx, p, look)
	default:
		err = d.submitted(ctx, look)
	}
	return d, err
}

// pressed understands a button or a menu. A field of a form changes nothing until it is submitted.
func (d *delivery) pressed(ctx context.Context, p interaction, look lookups) error {
	control, value := p.control()
	if value == "" {
		return nil
	}
	d.in.From = keyOf(p.Message, control.Block)
	d.in.Delivery = p.Trigger
	if err := d.whence(ctx, p, look); err != nil {
		return err
	}
	if strings.HasPrefix(value, "#form:") {
		d.form = value
		return nil
	}
	return d.used(ctx, value, nil, look)
}

// control is the first of our own buttons or menus that was used, and what it carries.
func (p interaction) control() (press, string) {
	for _, a := range p.Actions {
		value := a.Value
		if a.Selected != nil {
			value = a.Selected.Value
		}
		if value != "" && strings.HasPrefix(a.ID, pressID) {
			return a, value
		}
	}
	return press{}, ""
}

// whence notes where the control stood and where answers go.
func (d *delivery) whence(ctx context.Context, p interaction, look lookups) (err error) {
	switch {
	case p.View != nil && p.View.Type == "home":
		d.origin.Place = conversation.Place{Kind: conversation.Home}
	case p.View != nil:
		d.origin, err = d.view.origin(ctx, look)
	default:
		at := placeOf(orElse(p.Channel.ID, p.Container.Channel), p.Channel.Name)
		thread := p.Container.Thread
		if thread == "" && p.Message != nil {
			thread = p.Message.Thread
		}
		d.origin = origin{
			URL: p.ResponseURL, Place: at, Thread: thread,
			Whisper: p.Container.Ephemeral, From: d.in.From,
		}
	}
	d.in.Place = d.origin.Place
	return err
}

// submitted understands a form.
func (d *delivery) submitted(ctx context.Context, look lookups) error {
	if d.view == nil {
		return fmt.Errorf("%w: a submission without a view", errPayload)
	}
	d.edited = true
	d.in.Delivery = d.view.ID + "/" + d.view.Hash
	o, err := d.view.origin(ctx, look)
	if err != nil {
		return err
	}
	d.origin, d.in.Place = o, o.Place
	values, err := d.view.values(ctx, look)
	if err != nil {
		return err
	}
	return d.used(ctx, o.Intent, values, look)
}

// values are what was entered, by the names of the fields.
func (v *view) values(ctx context.Context, look lookups) (map[string]string, error) {
	values := map[string]string{}
	for _, fields := range v.State.Values {
		for id, state := range fields {
			name, ok := cutField(id)
			if !ok {
				continue
			}
			value, err := state.value(ctx, look)
			if err != nil {
				return nil, err
			}
			values[name] = value
		}
	}
	return values, nil
}

// value is what was entered, whatever the kind of the field.
func (s fieldState) value(ctx context.Context, look lookups) (string, error) {
	if s.Selected == nil {
		return orElse(s.Value, orElse(s.Date, s.User)), nil
	}
	if s.Selected.Value == noneValue {
		return "", nil
	}
	return resolve(ctx, s.Selected.Value, look)
}

// used makes an intent an act.
func (d *delivery) used(ctx context.Context, encoded string, values map[string]string, look lookups) error {
	encoded, err := resolve(ctx, encoded, look)
	if err != nil {
		return err
	}
	intent, err := card.ParseIntent(encoded)
	if err != nil {
		return fmt.Errorf("%w: %w", errPayload, err)
	}
	d.in.Act = conversation.Used{Intent: intent, Values: values}
	return nil
}

// resolve follows a reference; what is none stands for itself.
func resolve(ctx context.Context, value string, look lookups) (string, error) {
	if !strings.HasPrefix(value, "#") {
		return value, nil
	}
	content, err := look.recall(ctx, value)
	return string(content), err
}

// keyOf is the key of the message a control stands in. Slack may strip metadata, so the name of the control's
// block carries the key as well.
func keyOf(m *message, block string) string {
	if m == nil {
		return ""
	}
	if key, ok := m.Metadata.Payload["key"].(string); ok && m.Metadata.Type == metadataType {
		return key
	}
	if rest, ok := strings.CutPrefix(block, blockKey); ok {
		_, key, _ := strings.Cut(rest, ":")
		return key
	}
	return ""
}
