package slack

import (
	"context"
	"fmt"
	"strings"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

type callback struct {
	Type  string `json:"type"`
	Team  string `json:"team_id"`
	ID    string `json:"event_id"`
	Event event  `json:"event"`
}

// event holds the parts of all events that we read.
type event struct {
	Type        string `json:"type"`
	Subtype     string `json:"subtype"`
	User        any    `json:"user"` // an id, or a whole person in user_change
	Bot         string `json:"bot_id"`
	Inviter     string `json:"inviter"`
	Channel     any    `json:"channel"` // an id, or a whole channel
	ChannelType string `json:"channel_type"`
	Text        string `json:"text"`
	Tab         string `json:"tab"`
	Hidden      bool   `json:"hidden"`
	Edited      any    `json:"edited"`
}

func decodeEvent(ctx context.Context, payload []byte, look lookups) (delivery, error) {
	var c callback
	if err := unmarshal(payload, &c); err != nil {
		return delivery{}, err
	}
	if c.Type != "event_callback" {
		return delivery{team: c.Team}, nil // such as app_rate_limited: nothing to do about it
	}
	if c.Team == "" || c.ID == "" {
		return delivery{}, fmt.Errorf("%w: an event without team or id", errPayload)
	}
	d := delivery{team: c.Team}
	d.in.Delivery = c.ID
	understand(ctx, &d, c.Event, look)
	return d, nil
}

// understand turns an event into an act; events that mean nothing to us stay without one.
func understand(ctx context.Context, d *delivery, e event, look lookups) {
	user, _ := e.User.(string)
	channel, _ := e.Channel.(string)
	d.in.Actor = goal.PersonID(user)
	switch e.Type {
	case "message":
		if e.ChannelType == "im" && typed(e, user, look) && strings.TrimSpace(e.Text) != "" {
			text, mentions := readable(e.Text, func(id string) string { return look.name(ctx, id) })
			d.in.Place = conversation.Place{ID: goal.ChannelID(channel), Kind: conversation.Direct}
			d.in.Act = conversation.Said{Text: text, Mentions: mentions}
		}
	case "app_mention":
		if !strings.HasPrefix(channel, "D") && typed(e, user, look) { // in direct messages, message.im comes too
			text, mentions := readable(addressed(e.Text, look.bot()), func(id string) string { return look.name(ctx, id) })
			d.in.Place = seen(ctx, channel, e.ChannelType, look)
			d.in.Act = conversation.Command{Text: text, Mentions: mentions}
		}
	case "app_home_opened":
		if e.Tab == "home" || e.Tab == "" {
			d.in.Place = conversation.Place{Kind: conversation.Home}
			d.in.Act = conversation.Opened{}
		}
	case "member_joined_channel":
		if user == look.bot() {
			d.in.Actor = goal.PersonID(e.Inviter)
			d.in.Place = seen(ctx, channel, e.ChannelType, look)
			d.in.Act = conversation.Added{}
		}
	case "member_left_channel":
		if user == look.bot() {
			d.leave(channel)
		}
	case "channel_left", "group_left":
		d.leave(channel)
	case "app_uninstalled", "tokens_revoked":
		d.gone = e.Type
	}
}

func (d *delivery) leave(channel string) {
	d.in.Actor = ""
	d.in.Place = conversation.Place{ID: goal.ChannelID(channel), Kind: conversation.PrivateChannel}
	d.in.Act = conversation.Removed{}
}

// typed reports whether a message is somebody's new words, and not a bot's, an edit's or Slack's own. A message
// that comes with files counts for its words.
func typed(e event, user string, look lookups) bool {
	plainOrFile := e.Subtype == "" || e.Subtype == "file_share"
	return plainOrFile && e.Bot == "" && e.Edited == nil && !e.Hidden && user != "" && user != "USLACKBOT" && user != look.bot()
}

// seen is a channel of which an event told only the id, and perhaps its type: C for public, G for private.
func seen(ctx context.Context, id, kind string, look lookups) conversation.Place {
	if kind == "G" || kind == "group" || kind == "mpim" || look.private(ctx, id) {
		return conversation.Place{ID: goal.ChannelID(id), Kind: conversation.PrivateChannel}
	}
	return conversation.Place{ID: goal.ChannelID(id), Kind: conversation.PublicChannel}
}
