package teams

import (
	"context"
	"errors"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// How long the roster's word is taken.
const (
	memberFor  = time.Minute    // whether somebody is in a channel
	profileFor = 24 * time.Hour // somebody's name
	rosterTime = 2 * time.Second
	peopleTime = time.Second // for the people offered in a form: a convenience that nobody waits for
)

// Person tells what Teams told about somebody: their last activity, and the roster for a name.
func (f *Face) Person(ctx context.Context, ws conversation.Workspace, id goal.PersonID) (conversation.Profile, error) {
	if ws != f.workspace {
		return conversation.Profile{}, conversation.ErrNobody
	}
	c, ok, err := f.book.person(ctx, id)
	if err != nil {
		return conversation.Profile{}, err
	}
	if !ok {
		if c, err = f.findInTeams(ctx, id); err != nil {
			return conversation.Profile{}, err
		}
	} else if f.now().Sub(c.AsOf) > profileFor {
		c = f.refresh(ctx, id, c)
	}
	admin, err := f.book.isInstaller(ctx, id)
	return conversation.Profile{Name: c.Name, Zone: c.Zone, Language: c.Lang, Guest: c.Guest, Admin: admin}, err
}

// refresh asks the roster of the personal chat, or of a team; what was known before serves where neither answers.
func (f *Face) refresh(ctx context.Context, id goal.PersonID, c contact) contact {
	if c.Chat == "" {
		if found, err := f.findInTeams(ctx, id); err == nil {
			return found
		}
		return c
	}
	m, err := f.lookup(ctx, c.Service, c.Chat, id)
	if err != nil {
		return c
	}
	known, err := f.book.change(ctx, personKey(id), func(kept *contact) { f.enrol(kept, m) })
	if err != nil {
		f.enrol(&c, m)
		return c
	}
	return known
}

func (f *Face) enrol(c *contact, m member) {
	fill(&c.Name, m.Name)
	fill(&c.User, m.ID)
	c.Guest, c.AsOf = m.Role == "guest", f.now().UTC()
}

// askedTeams is how many rosters are tried for somebody who was never seen.
const askedTeams = 5

// findInTeams looks for somebody who never wrote in the teams that have the app. ErrNobody: in none of them.
func (f *Face) findInTeams(ctx context.Context, id goal.PersonID) (contact, error) {
	if checkID(string(id)) != nil {
		return contact{}, conversation.ErrNobody
	}
	var teams []string
	if _, err := f.book.recall(ctx, teamsKey, &teams); err != nil {
		return contact{}, err
	}
	failure := conversation.ErrNobody
	for _, team := range teams[:min(len(teams), askedTeams)] {
		place, ok, err := f.book.place(ctx, team)
		if err != nil || !ok || place.Removed {
			continue
		}
		m, err := f.lookup(ctx, place.Service, team, id)
		if err == nil {
			return f.book.change(ctx, personKey(id), func(c *contact) {
				c.Service, c.Bot = place.Service, place.Bot
				f.enrol(c, m)
			})
		}
		if !errors.Is(err, conversation.ErrNobody) && !errors.Is(err, conversation.ErrHidden) {
			failure = err
		}
	}
	return contact{}, failure
}

// Channel tells what is known about a channel or group chat. Only its members see a Teams channel, so each is
// private.
func (f *Face) Channel(ctx context.Context, ws conversation.Workspace, id goal.ChannelID) (conversation.Room, error) {
	if ws != f.workspace {
		return conversation.Room{}, conversation.ErrNobody
	}
	c, ok, err := f.book.place(ctx, string(id))
	if err != nil {
		return conversation.Room{}, err
	}
	if !ok {
		return conversation.Room{}, conversation.ErrNobody
	}
	room := conversation.Room{Name: c.Name, Private: true, Present: !c.Removed && !c.Gone, Gone: c.Gone}
	if c.Team == "" || c.Team == string(id) {
		return f.named(ctx, id, c, room), nil
	}
	team, ok, err := f.book.place(ctx, c.Team)
	if err != nil {
		return room, err
	}
	if ok && (team.Removed || team.Gone) {
		room.Present, room.Gone = false, room.Gone || team.Gone
	}
	return f.named(ctx, id, c, room), nil
}

// generalChannel is what Teams calls the first channel of a team, whose name it does not send.
const generalChannel = "General"

// named asks the team for a channel's name that no activity told.
func (f *Face) named(ctx context.Context, id goal.ChannelID, c contact, room conversation.Room) conversation.Room {
	if room.Name != "" || c.Team == "" || !room.Present {
		return room
	}
	var list struct {
		Conversations []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"conversations"`
	}
	if f.get(ctx, &list, nil, c.Service, "teams", c.Team, "conversations") != nil {
		return room
	}
	for _, one := range list.Conversations {
		if one.ID == string(id) {
			room.Name = one.Name
			if one.Name == "" {
				room.Name = generalChannel
			}
			_, _ = f.book.change(ctx, placeKey(string(id)), func(kept *contact) { kept.Name = room.Name }) // asked again next time
		}
	}
	return room
}

// IsMember asks the channel's roster, which is that of its team unless the channel has its own.
func (f *Face) IsMember(ctx context.Context, ws conversation.Workspace, in goal.ChannelID, id goal.PersonID) (bool, error) {
	if ws != f.workspace {
		return false, nil
	}
	key := string(in) + " " + string(id)
	if is, known := f.members.get(key, f.now()); known {
		return is, nil
	}
	c, ok, err := f.book.place(ctx, string(in))
	if err != nil {
		return false, err
	}
	if !ok || c.Removed || checkID(string(id)) != nil {
		return false, conversation.ErrHidden
	}
	_, err = f.lookup(ctx, c.Service, string(in), id)
	if err != nil && !errors.Is(err, conversation.ErrNobody) {
		return false, err
	}
	f.members.put(key, err == nil, f.now())
	return err == nil, nil
}
