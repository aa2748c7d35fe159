package teams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/infracloudio/msbotbuilder-go/connector/client"
	"github.com/infracloudio/msbotbuilder-go/core"
	"github.com/infracloudio/msbotbuilder-go/core/activity"
	"github.com/infracloudio/msbotbuilder-go/schema"

	"goalkeeper/bot"
	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

// cardType is the content type of an Adaptive Card.
const cardType = "application/vnd.microsoft.card.adaptive"

// target is where a card goes: a conversation or a thread of it, and, of a whisper, the one who sees it.
type target struct {
	contact
	conversation string
	only         string // the "29:…" id of the one who sees it
	answers      string // the private message that a whisper answers
}

// call is the library's client for one request: it holds the context, knows what the library's schema cannot
// say, and brings back the id of what was sent.
type call struct {
	ctx    context.Context
	to     *connector
	query  url.Values
	extra  object // fields set on the activity
	sentID string
}

var _ client.Client = (*call)(nil)

// Post sends a new activity.
func (c *call) Post(u url.URL, a schema.Activity) error { return c.do(http.MethodPost, u, a) }

// Put changes one.
func (c *call) Put(u url.URL, a schema.Activity) error { return c.do(http.MethodPut, u, a) }

// Delete takes one away.
func (c *call) Delete(u url.URL, a schema.Activity) error { return c.do(http.MethodDelete, u, a) }

func (c *call) do(method string, u url.URL, a schema.Activity) error {
	body, err := lean(a, c.extra)
	if err != nil {
		return unencoded(err)
	}
	u.RawQuery = c.query.Encode()
	reply, err := c.to.do(c.ctx, method, u.String(), body)
	if err != nil {
		return err
	}
	var sent struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(reply, &sent) // an edit may be answered by nothing
	c.sentID = sent.ID
	return nil
}

// lean encodes an activity without the empty structures and zero times that the library's schema always
// writes, and with what it cannot say.
func lean(a schema.Activity, extra object) (json.RawMessage, error) {
	raw, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, err
	}
	for _, name := range []string{"timestamp", "localTimestamp", "expiration", "relatesTo", "suggestedActions", "semanticAction"} {
		delete(fields, name)
	}
	for name, value := range fields {
		if bytes.Equal(value, []byte("{}")) {
			delete(fields, name)
		}
	}
	for name, value := range extra {
		if fields[name], err = json.Marshal(value); err != nil {
			return nil, err
		}
	}
	return json.Marshal(fields)
}

// adapter is the library's, with our validator and a client for one call.
func (f *Face) adapter(c *call) *core.BotFrameworkAdapter {
	return &core.BotFrameworkAdapter{AdapterSetting: core.AdapterSetting{AppID: f.appID}, TokenValidator: f.tokens, Client: c}
}

// message is an activity that holds a card alone: with text beside it Teams would split the two and name
// neither ("Messages in bot conversations"). The summary is the text of the notification.
func message(c card.Card, native Adaptive) schema.Activity {
	return schema.Activity{
		Type: schema.Message, Summary: literal(c.Summary),
		Attachments: []schema.Attachment{{ContentType: cardType, Content: native}},
	}
}

// deliver sends a card into an existing conversation and returns its id.
func (f *Face) deliver(ctx context.Context, to target, m schema.Activity) (string, error) {
	if err := checkTarget(to); err != nil {
		return "", err
	}
	c := &call{ctx: ctx, to: f.connector}
	if to.only != "" {
		c.query = url.Values{"isTargetedActivity": {"true"}}
		c.extra = object{"recipient": object{"id": to.only}}
		if to.answers != "" {
			c.extra["entities"] = []any{object{"type": "targetedMessageInfo", "messageId": to.answers}}
		}
	}
	ref := schema.ConversationReference{
		Bot: schema.ChannelAccount{ID: to.Bot}, Conversation: schema.ConversationAccount{ID: to.conversation},
		ChannelID: teamsChannel, ServiceURL: to.Service,
	}
	err := f.adapter(c).ProactiveMessage(ctx, ref, activity.HandlerFuncs{
		OnMessageFunc: func(t *activity.TurnContext) (schema.Activity, error) {
			m.ChannelID, m.ServiceURL = t.Activity.ChannelID, t.Activity.ServiceURL
			m.Conversation, m.From = t.Activity.Conversation, t.Activity.Recipient
			return m, nil
		},
	})
	return c.sentID, sendError(err)
}

func checkTarget(to target) error {
	_, err := parseService(to.Service)
	for _, id := range []string{to.conversation, to.only} {
		if err == nil && id != "" {
			err = checkID(id)
		}
	}
	if err == nil && to.conversation == "" {
		err = errors.New("no conversation")
	}
	if err != nil {
		return &bot.SendError{Outcome: bot.Final, Trouble: conversation.TroubleElsewhere, Reason: "bad address", Err: err}
	}
	return nil
}

// sendError takes our own error out of the library's wrapping.
func sendError(err error) error {
	var known *bot.SendError
	if err == nil || errors.As(err, &known) {
		if known != nil {
			return known
		}
		return nil
	}
	return &bot.SendError{Outcome: bot.Final, Trouble: conversation.TroubleDefect, Reason: "library", Err: err}
}
