package teams

import (
	"context"
	"fmt"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// An installation is told twice, by installationUpdate and conversationUpdate, in any order ("Conversation
// events in your Teams bot"). Both become the same delivery, so that the greeting comes once.

// installation is the app added for a person, chat or team, or taken away; an upgrade is neither.
func (f *Face) installation(ctx context.Context, a *arrival) error {
	switch a.Action {
	case "add":
		return f.added(ctx, a)
	case "remove":
		return f.removed(ctx, a)
	}
	return f.book.learn(ctx, a)
}

// roster is a change of who and what is there.
func (f *Face) roster(ctx context.Context, a *arrival) error {
	switch {
	case a.hasBot(a.MembersAdded):
		return f.added(ctx, a)
	case a.hasBot(a.MembersRemoved):
		return f.removed(ctx, a)
	case len(a.MembersAdded) > 0:
		return f.joined(ctx, a)
	}
	return f.renamed(ctx, a)
}

func (f *Face) added(ctx context.Context, a *arrival) error {
	place := a.whereAdded()
	if place.ID != goal.ChannelID(root(a.Conversation.ID)) {
		a.Conversation.ID, a.Conversation.Name = string(place.ID), place.Name
	}
	if err := f.book.learn(ctx, a); err != nil {
		return err
	}
	if err := f.book.claimInstaller(ctx, a.actor()); err != nil {
		return err
	}
	c, err := f.installed(ctx, a)
	if err != nil {
		return err
	}
	in := f.input(a)
	in.Place, in.Act = place, conversation.Added{}
	in.Delivery = fmt.Sprintf("added:%s:%d", a.scope(), c.Round)
	_, err = f.handler.Handle(ctx, in)
	return err
}

// whereAdded is the channel that was chosen when the app was added to a team; without one, where Teams says it
// happened.
func (a *arrival) whereAdded() conversation.Place {
	place := a.place()
	chosen := a.data.Settings.SelectedChannel.ID
	if a.personal() || chosen == "" || chosen == string(place.ID) {
		return place
	}
	return conversation.Place{ID: goal.ChannelID(chosen), Kind: place.Kind}
}

// scope is what the app is added to as a whole: the person's chat, the group chat, or the team.
func (a *arrival) scope() string {
	if a.data.Team.ID != "" {
		return a.data.Team.ID
	}
	return root(a.Conversation.ID)
}

// installed is the record that counts installations of the scope.
func (f *Face) installed(ctx context.Context, a *arrival) (contact, error) {
	var c contact
	_, err := f.book.recall(ctx, scopeKey(a), &c)
	return c, err
}

// scopeKey is where that record stands.
func scopeKey(a *arrival) string {
	if a.personal() {
		return personKey(a.actor())
	}
	return placeKey(a.scope())
}

// removed tells the conversation first and notes it then: after a crash in between, Teams tells again, and it still
// looks new. To hear it twice changes nothing.
func (f *Face) removed(ctx context.Context, a *arrival) error {
	c, err := f.installed(ctx, a)
	if err != nil || c.Removed {
		return err
	}
	in := f.input(a)
	in.Act = conversation.Removed{}
	if _, err := f.handler.Handle(ctx, in); err != nil {
		return err
	}
	_, err = f.book.change(ctx, scopeKey(a), func(c *contact) {
		if !c.Removed {
			c.Removed = true
			c.Round++
		}
	})
	return err
}

// joined keeps how to reach people who came into a team, before they ever write.
func (f *Face) joined(ctx context.Context, a *arrival) error {
	for _, account := range a.MembersAdded[:min(len(a.MembersAdded), maxJoined)] {
		if err := f.keepMember(ctx, a, account); err != nil {
			return err
		}
	}
	return f.book.learn(ctx, a)
}

// maxJoined bounds how many new members of one activity are kept; the rest is found by the roster.
const maxJoined = 50

func (f *Face) keepMember(ctx context.Context, a *arrival, account schema.ChannelAccount) error {
	if checkID(account.AadObjectID) != nil || checkID(account.ID) != nil {
		return nil
	}
	_, err := f.book.change(ctx, personKey(goal.PersonID(account.AadObjectID)), func(c *contact) {
		c.Service, c.Bot, c.User = a.ServiceURL, a.Recipient.ID, account.ID
		fill(&c.Name, account.Name)
	})
	return err
}

// renamed follows what happens to channels and teams.
func (f *Face) renamed(ctx context.Context, a *arrival) error {
	var edit func(*contact)
	id := a.data.Channel.ID
	switch a.data.EventType {
	case "channelRenamed", "channelCreated", "channelRestored":
		edit = func(c *contact) { c.Gone = false; fill(&c.Name, a.data.Channel.Name) }
	case "channelDeleted":
		edit = func(c *contact) { c.Gone = true }
	case "teamArchived", "teamDeleted", "teamHardDeleted":
		id, edit = a.data.Team.ID, func(c *contact) { c.Gone = true }
	case "teamUnarchived", "teamRestored":
		id, edit = a.data.Team.ID, func(c *contact) { c.Gone = false }
	}
	if edit == nil || checkID(id) != nil {
		return nil
	}
	_, err := f.book.change(ctx, placeKey(id), func(c *contact) {
		c.Service, c.Bot, c.Team = a.ServiceURL, a.Recipient.ID, a.data.Team.ID
		edit(c)
	})
	return err
}
