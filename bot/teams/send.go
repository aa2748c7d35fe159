package teams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"goalkeeper/bot"
	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// reference names a sent message: conversation, activity, and whether it is a whisper.
type reference struct {
	conversation, activity string
	whisper                bool
}

// String is what is kept; ids hold no spaces.
func (r reference) String() string {
	s := r.conversation + " " + r.activity
	if r.whisper {
		s += " whisper"
	}
	return s
}

func parseReference(s string) (reference, error) {
	parts := strings.Split(s, " ")
	if len(parts) < 2 || len(parts) > 3 || checkID(parts[0]) != nil || checkID(parts[1]) != nil {
		return reference{}, &bot.SendError{Outcome: bot.Final, Trouble: conversation.TroubleMessageGone, Reason: "bad reference", Err: fmt.Errorf("%.80q names no message of Teams", s)}
	}
	return reference{parts[0], parts[1], len(parts) == 3}, nil
}

// Post sends a message to a person, into a channel, or as a whisper.
func (f *Face) Post(ctx context.Context, ws conversation.Workspace, m *conversation.Message, thread string) (string, error) {
	if ws != f.workspace {
		return "", strange(ws)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	native := f.draw(ctx, m.Card, m.Language, m.Key, m.To)
	sent, err := f.post(ctx, m.To, message(m.Card, native), thread)
	if err != nil {
		return "", err
	}
	return sent.String(), nil
}

func strange(ws conversation.Workspace) error {
	return &bot.SendError{Outcome: bot.Final, Trouble: conversation.TroubleElsewhere, Reason: "another workspace", Err: fmt.Errorf("%q is not served here", ws)}
}

func (f *Face) post(ctx context.Context, to conversation.Address, m schema.Activity, thread string) (reference, error) {
	switch {
	case to.Person != "" && to.Channel != "":
		return f.postWhisper(ctx, to, m)
	case to.Person != "":
		return f.postPerson(ctx, to.Person, m)
	default:
		return f.postChannel(ctx, string(to.Channel), m, thread)
	}
}

// postPerson sends into the personal chat, which is opened first when nobody wrote there yet.
func (f *Face) postPerson(ctx context.Context, id goal.PersonID, m schema.Activity) (reference, error) {
	c, err := f.reach(ctx, id)
	if err != nil {
		return reference{}, err
	}
	if c.Chat == "" {
		if c, err = f.openChat(ctx, id, c); err != nil {
			return reference{}, inPerson(err)
		}
	}
	sent, err := f.deliver(ctx, target{contact: c, conversation: c.Chat}, m)
	if chatGone(err) {
		f.forgetChat(ctx, id, c.Chat)
	}
	return named(c.Chat, sent, inPerson(err))
}

// chatGone reports that the personal chat is not there any more: the next message opens another.
func chatGone(err error) bool {
	var refused *statusError
	return errors.As(err, &refused) && refused.code == "ConversationNotFound"
}

func (f *Face) forgetChat(ctx context.Context, id goal.PersonID, chat string) {
	_, err := f.book.change(ctx, personKey(id), func(c *contact) {
		if c.Chat == chat {
			c.Chat = ""
		}
	})
	if err != nil {
		f.log.WarnContext(ctx, "teams: chat not forgotten", "error", err)
	}
}

// unencoded is a card that cannot be written as JSON.
func unencoded(err error) error {
	return &bot.SendError{Outcome: bot.Final, Trouble: conversation.TroubleDefect, Reason: "card not encoded", Err: err}
}

// named is the reference to what was sent. Without an id the message stands, but cannot be changed.
func named(at, id string, err error) (reference, error) {
	if err == nil && checkID(id) != nil {
		err = &bot.SendError{Outcome: bot.Doubtful, Trouble: conversation.TroubleNoAnswer, Reason: "no message named", Err: errors.New("no id in its answer")}
	}
	return reference{conversation: at, activity: id}, err
}

// openChat creates the personal chat; asked twice, Teams gives the same one, so a lost answer does no harm.
func (f *Face) openChat(ctx context.Context, id goal.PersonID, c contact) (contact, error) {
	made, err := f.create(ctx, c.Service, object{
		"isGroup": false, "bot": object{"id": c.Bot}, "members": []any{object{"id": c.User}}, "tenantId": f.tenant,
		"channelData": object{"tenant": object{"id": f.tenant}},
	})
	var failed *bot.SendError
	if errors.As(err, &failed) && failed.Outcome == bot.Doubtful {
		failed.Outcome = bot.Refused
	}
	if err != nil {
		return c, err
	}
	if err := checkID(made.ID); err != nil {
		return c, &bot.SendError{Outcome: bot.Refused, Trouble: conversation.TroubleUnreachable, Reason: "no chat named", Err: err}
	}
	c.Chat = made.ID
	if _, err := f.book.change(ctx, personKey(id), func(kept *contact) { kept.Service, kept.Bot, kept.User, kept.Chat = c.Service, c.Bot, c.User, c.Chat }); err != nil {
		f.log.WarnContext(ctx, "teams: chat not remembered", "error", err)
	}
	return c, nil
}

// created is the connector's answer to a new conversation.
type created struct {
	ID         string `json:"id"`
	ActivityID string `json:"activityId"`
}

func (f *Face) create(ctx context.Context, service string, what object) (created, error) {
	var made created
	address, err := endpoint(service, "conversations")
	if err != nil {
		return made, &bot.SendError{Outcome: bot.Final, Trouble: conversation.TroubleElsewhere, Reason: "bad address", Err: err}
	}
	body, err := json.Marshal(what)
	if err != nil {
		return made, unencoded(err)
	}
	reply, err := f.connector.do(ctx, http.MethodPost, address, body)
	if err != nil {
		return made, err
	}
	_ = json.Unmarshal(reply, &made) // callers look at what they need of it
	return made, nil
}

// postChannel starts a thread in a channel, or answers in one. A group chat has no threads.
func (f *Face) postChannel(ctx context.Context, id string, m schema.Activity, thread string) (reference, error) {
	c, err := f.reachPlace(ctx, id)
	if err != nil {
		return reference{}, err
	}
	if thread != "" {
		under, err := parseReference(thread)
		if err != nil {
			return reference{}, err
		}
		sent, err := f.deliver(ctx, target{contact: c, conversation: under.conversation}, m)
		return named(under.conversation, sent, f.inPlace(ctx, c, err))
	}
	if c.Team == "" {
		sent, err := f.deliver(ctx, target{contact: c, conversation: id}, m)
		return named(id, sent, f.inPlace(ctx, c, err))
	}
	sent, err := f.startThread(ctx, id, c, m)
	return sent, f.inPlace(ctx, c, err)
}

func (f *Face) startThread(ctx context.Context, id string, c contact, m schema.Activity) (reference, error) {
	inner, err := lean(m, nil)
	if err != nil {
		return reference{}, unencoded(err)
	}
	made, err := f.create(ctx, c.Service, object{
		"isGroup": true, "bot": object{"id": c.Bot}, "tenantId": f.tenant, "activity": inner,
		"channelData": object{"channel": object{"id": id}, "tenant": object{"id": f.tenant}},
	})
	return named(root(id)+threadMark+made.ActivityID, made.ActivityID, err)
}

// postWhisper shows a message to one person of a channel, and where that is refused in their personal chat.
func (f *Face) postWhisper(ctx context.Context, to conversation.Address, m schema.Activity) (reference, error) {
	c, err := f.reachPlace(ctx, string(to.Channel))
	if err != nil {
		return f.postPerson(ctx, to.Person, m)
	}
	person, err := f.reach(ctx, to.Person)
	if err != nil {
		return reference{}, err
	}
	sent, err := f.deliver(ctx, target{contact: c, conversation: string(to.Channel), only: person.User}, m)
	if unwelcome(err) {
		return f.postPerson(ctx, to.Person, m)
	}
	ref, err := named(string(to.Channel), sent, err)
	ref.whisper = true
	return ref, err
}

// unwelcome reports that whispers do not work there: an old tenant, or not a member.
func unwelcome(err error) bool {
	var refused *statusError
	if !errors.As(err, &refused) {
		return false
	}
	return refused.status == http.StatusBadRequest || refused.status == http.StatusForbidden || refused.status == http.StatusNotFound
}

// Edit makes a sent message show the card that it has now.
func (f *Face) Edit(ctx context.Context, ws conversation.Workspace, m *conversation.Message, ref string) error {
	if ws != f.workspace {
		return strange(ws)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	at, err := parseReference(ref)
	if err != nil {
		return err
	}
	c, err := f.contactOf(ctx, m.To)
	if err != nil {
		return err
	}
	if err := checkTarget(target{contact: c, conversation: at.conversation}); err != nil {
		return err
	}
	one := &call{ctx: ctx, to: f.connector}
	if at.whisper {
		one.query = url.Values{"isTargetedActivity": {"true"}}
	}
	changed := message(m.Card, f.draw(ctx, m.Card, m.Language, m.Key, m.To))
	changed.ID, changed.ServiceURL, changed.ChannelID = at.activity, c.Service, teamsChannel
	changed.Conversation, changed.From = schema.ConversationAccount{ID: at.conversation}, schema.ChannelAccount{ID: c.Bot}
	return sendError(f.adapter(one).UpdateActivity(ctx, changed))
}

// contactOf is the contact through which a message was sent.
func (f *Face) contactOf(ctx context.Context, to conversation.Address) (contact, error) {
	if to.Channel != "" {
		return f.reachPlace(ctx, string(to.Channel))
	}
	return f.reach(ctx, to.Person)
}

// reachPlace is how to post into a channel or group chat.
func (f *Face) reachPlace(ctx context.Context, id string) (contact, error) {
	c, ok, err := f.book.place(ctx, id)
	switch {
	case err != nil:
		return c, &bot.SendError{Outcome: bot.Refused, Trouble: conversation.TroubleStore, Reason: "no contacts", Err: err}
	case !ok:
		return c, &bot.SendError{Outcome: bot.Final, Trouble: conversation.TroubleNotInChannel, Reason: "no contact", Err: errors.New("the app is not in this channel")}
	}
	return c, nil
}

// reach is how to write to a person: by what they did here, else through the roster of a team they are in.
func (f *Face) reach(ctx context.Context, id goal.PersonID) (contact, error) {
	c, ok, err := f.book.person(ctx, id)
	if err != nil {
		return c, &bot.SendError{Outcome: bot.Refused, Trouble: conversation.TroubleStore, Reason: "no contacts", Err: err}
	}
	if ok && (c.Chat != "" || c.User != "") {
		return c, nil
	}
	found, err := f.findInTeams(ctx, id)
	if errors.Is(err, conversation.ErrNobody) {
		return c, &bot.SendError{Outcome: bot.Final, Trouble: conversation.TroubleNotInstalled, Reason: "no contact", Err: err}
	}
	if err != nil {
		return c, &bot.SendError{Outcome: bot.Refused, Trouble: conversation.TroubleUnreachable, Reason: "no rosters", Err: err}
	}
	return found, nil
}
