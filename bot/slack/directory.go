package slack

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// nobody and hidden are Slack's words for what a Directory tells apart.
var (
	nobody = map[string]bool{"user_not_found": true, "users_not_found": true, "channel_not_found": true}
	hidden = map[string]bool{
		"user_not_visible": true, "missing_scope": true, "method_not_supported_for_channel_type": true,
		"access_denied": true, "no_permission": true, "fetch_members_failed": true,
	}
)

// Person looks somebody up.
func (f *Face) Person(ctx context.Context, ws conversation.Workspace, id goal.PersonID) (conversation.Profile, error) {
	if err := f.here(ws); err != nil {
		return conversation.Profile{}, err
	}
	if p, ok := f.people.get(string(id), f.cfg.Clock()); ok {
		return p, nil
	}
	var u *slack.User
	err := f.paid(ctx, ws, "users.info", func() (err error) {
		u, err = f.api.GetUserInfoContext(ctx, string(id)) // asks for the locale by itself
		return err
	})
	if err != nil {
		return conversation.Profile{}, translate("users.info", err)
	}
	p := profileOf(u)
	f.people.put(string(id), p, f.cfg.Clock())
	return p, nil
}

func profileOf(u *slack.User) conversation.Profile {
	name := u.RealName
	if name == "" {
		name = orElse(u.Profile.RealName, orElse(u.Profile.DisplayName, u.Name))
	}
	return conversation.Profile{
		Name:     name,
		Zone:     u.TZ,
		Language: u.Locale,
		Admin:    u.IsAdmin || u.IsOwner || u.IsPrimaryOwner,
		Guest:    u.IsRestricted || u.IsUltraRestricted || u.IsStranger,
		Bot:      u.IsBot || u.ID == "USLACKBOT",
		Gone:     u.Deleted,
	}
}

// Channel looks a channel up. One that is private and without the app looks like none.
func (f *Face) Channel(ctx context.Context, ws conversation.Workspace, id goal.ChannelID) (conversation.Room, error) {
	if err := f.here(ws); err != nil {
		return conversation.Room{}, err
	}
	if r, ok := f.rooms.get(string(id), f.cfg.Clock()); ok {
		return r, nil
	}
	var c *slack.Channel
	err := f.paid(ctx, ws, "conversations.info", func() (err error) {
		c, err = f.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: string(id)})
		return err
	})
	if err != nil {
		return conversation.Room{}, translate("conversations.info", err)
	}
	r := conversation.Room{
		Name:    c.Name,
		Private: c.IsPrivate || c.IsIM || c.IsMpIM,
		Present: c.IsMember || c.IsIM,
		Gone:    c.IsArchived,
	}
	f.rooms.put(string(id), r, f.cfg.Clock())
	return r, nil
}

// IsMember looks into a channel. Slack lets the app look only where it is itself, or where everybody may.
func (f *Face) IsMember(
	ctx context.Context, ws conversation.Workspace, in goal.ChannelID, id goal.PersonID,
) (bool, error) {
	if err := f.here(ws); err != nil {
		return false, err
	}
	crowd, ok := f.crowds.get(string(in), f.cfg.Clock())
	if ok {
		return crowd[string(id)], nil
	}
	crowd, whole, err := f.members(ctx, ws, string(in))
	switch {
	case errors.Is(err, conversation.ErrNobody): // a private channel without the app answers so too
		return false, fmt.Errorf("%w: %s", conversation.ErrHidden, in)
	case err != nil:
		return false, err
	case crowd[string(id)]:
		return true, nil
	case !whole:
		return false, fmt.Errorf("%w: %s has too many members", conversation.ErrHidden, in)
	}
	return false, nil
}

// members reads a channel's members, up to ten thousand, and tells whether these are all.
func (f *Face) members(ctx context.Context, ws conversation.Workspace, channel string) (crowd map[string]bool, whole bool, err error) {
	const pages, page = 10, 1000
	crowd = map[string]bool{}
	query := &slack.GetUsersInConversationParameters{ChannelID: channel, Limit: page}
	for range pages {
		var ids []string
		var next string
		err := f.paid(ctx, ws, "conversations.members", func() (err error) {
			ids, next, err = f.api.GetUsersInConversationContext(ctx, query)
			return err
		})
		if err != nil {
			return nil, false, translate("conversations.members", err)
		}
		for _, id := range ids {
			crowd[id] = true
		}
		if query.Cursor = next; next == "" {
			f.crowds.put(channel, crowd, f.cfg.Clock())
			return crowd, true, nil
		}
	}
	return crowd, false, nil
}

func (f *Face) here(ws conversation.Workspace) error {
	if mine := f.Workspace(); mine != ws {
		return fmt.Errorf("workspace %q is not the one Slack told (%q)", ws, mine)
	}
	return nil
}

// translate turns Slack's answers into a Directory's.
func translate(method string, err error) error {
	var answered slack.SlackErrorResponse
	switch {
	case !errors.As(err, &answered):
		return fmt.Errorf("%s: %w", method, err)
	case nobody[answered.Err]:
		return fmt.Errorf("%w (%s)", conversation.ErrNobody, method)
	case hidden[answered.Err]:
		return fmt.Errorf("%w (%s: %s)", conversation.ErrHidden, method, answered.Err)
	}
	return fmt.Errorf("%s: %w", method, err)
}

// name tells how a person is called, for readable text.
func (f *Face) name(ctx context.Context, id string) string {
	p, err := f.Person(ctx, f.Workspace(), goal.PersonID(id))
	if err != nil {
		return ""
	}
	return p.Name
}

// private reports whether a channel is not public; what cannot be seen is private.
func (f *Face) private(ctx context.Context, id string) bool {
	r, err := f.Channel(ctx, f.Workspace(), goal.ChannelID(id))
	return err != nil || r.Private
}

// errRetired says that what a control referred to is no longer known.
var errRetired = errors.New("the reference is not known any more")

// recall returns what was kept under a reference.
func (f *Face) recall(ctx context.Context, ref string) ([]byte, error) {
	content, err := f.cfg.Contacts.Recall(ctx, f.Workspace(), ref[1:])
	if err != nil {
		return nil, fmt.Errorf("recall: %w", err)
	}
	if content == nil {
		return nil, errRetired
	}
	return content, nil
}
