package teams

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// member is a line of the connector's roster.
type member struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	AadObjectID string `json:"aadObjectId"`
	ObjectID    string `json:"objectId"` // the same, in some answers
	Role        string `json:"userRole"` // "user", "guest", "anonymous"
}

// person is the id by which the person is known here.
func (m member) person() goal.PersonID {
	for _, id := range []string{m.AadObjectID, m.ObjectID, m.ID} {
		if id != "" {
			return goal.PersonID(id)
		}
	}
	return ""
}

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
	} else if c.Chat != "" && f.now().Sub(c.AsOf) > profileFor {
		c = f.refresh(ctx, id, c)
	}
	admin, err := f.book.isInstaller(ctx, id)
	return conversation.Profile{Name: c.Name, Zone: c.Zone, Language: c.Lang, Guest: c.Guest, Admin: admin}, err
}

// refresh asks the roster of the personal chat; what was known before serves where it does not answer.
func (f *Face) refresh(ctx context.Context, id goal.PersonID, c contact) contact {
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

// lookup finds somebody in a conversation's roster: by the id that only this bot knows, where it does, else by
// their own, and where the connector does not look by that, by reading on.
func (f *Face) lookup(ctx context.Context, service, in string, id goal.PersonID) (member, error) {
	if c, ok, err := f.book.person(ctx, id); err == nil && ok && c.User != "" {
		return f.member(ctx, service, in, c.User)
	}
	m, err := f.member(ctx, service, in, string(id))
	if errors.Is(err, conversation.ErrNobody) {
		return f.search(ctx, service, in, id)
	}
	return m, err
}

// member asks for one line of a conversation's roster.
func (f *Face) member(ctx context.Context, service, in, id string) (member, error) {
	var m member
	err := f.get(ctx, &m, nil, service, "conversations", in, "members", id)
	if err == nil && m.ID == "" {
		err = conversation.ErrNobody
	}
	return m, err
}

// A roster is read in pages of up to 500 ("Get Teams specific context for your bot").
const (
	pageSize = "500"
	maxPages = 10
)

// page is a part of a roster.
type page struct {
	Members []member `json:"members"`
	Next    string   `json:"continuationToken"`
}

func (f *Face) page(ctx context.Context, service, in, from string) (page, error) {
	var p page
	query := url.Values{"pageSize": {pageSize}}
	if from != "" {
		query.Set("continuationToken", from)
	}
	return p, f.get(ctx, &p, query, service, "conversations", in, "pagedmembers")
}

func (f *Face) search(ctx context.Context, service, in string, id goal.PersonID) (member, error) {
	next := ""
	for range maxPages {
		p, err := f.page(ctx, service, in, next)
		if err != nil {
			return member{}, err
		}
		for _, m := range p.Members {
			if m.person() == id && m.ID != "" {
				return m, nil
			}
		}
		if next = p.Next; next == "" {
			break
		}
	}
	return member{}, conversation.ErrNobody
}

// get reads from the connector. Nobody there and hidden are the Directory's errors.
func (f *Face) get(ctx context.Context, into any, query url.Values, service string, parts ...string) error {
	address, err := endpoint(service, parts...)
	if err != nil {
		return err
	}
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	ctx, cancel := context.WithTimeout(ctx, rosterTime)
	defer cancel()
	reply, err := f.connector.do(ctx, http.MethodGet, address, nil)
	var refused *statusError
	if errors.As(err, &refused) {
		switch refused.status {
		case http.StatusNotFound, http.StatusBadRequest:
			return conversation.ErrNobody
		case http.StatusForbidden:
			return conversation.ErrHidden
		}
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(reply, into)
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

// memberCache remembers rosters for a minute.
type memberCache struct {
	mu    sync.Mutex
	known map[string]membership
}

type membership struct {
	is    bool
	until time.Time
}

// maxMemberships bounds the cache; past it, it starts anew.
const maxMemberships = 10_000

func (m *memberCache) get(key string, now time.Time) (is, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.known[key]
	return found.is, ok && now.Before(found.until)
}

func (m *memberCache) put(key string, is bool, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= maxMemberships {
		m.known = map[string]membership{}
	}
	m.known[key] = membership{is, now.Add(memberFor)}
}

// draw renders for a place, and logs what was lost without a word of the card.
func (f *Face) draw(ctx context.Context, c card.Card, language, key string, to conversation.Address) Adaptive {
	native, losses := render(f.withPeople(ctx, c, to), language, key)
	for _, loss := range losses {
		f.log.WarnContext(ctx, "teams: card not shown as meant", "kind", c.Kind, "loss", string(loss))
	}
	return native
}

// withPeople offers the members of the place, and whoever is chosen already, in fields for a person that
// offer nobody: clients without a people picker show these.
func (f *Face) withPeople(ctx context.Context, c card.Card, to conversation.Address) card.Card {
	if c.Form == nil {
		return c
	}
	ctx, cancel := context.WithTimeout(ctx, peopleTime)
	defer cancel()
	form := *c.Form
	form.Fields = append([]card.Field(nil), c.Form.Fields...)
	var offered []card.Option
	asked := false
	for n, field := range form.Fields {
		if field.Kind != card.Person || len(field.Options) > 0 {
			continue
		}
		if !asked {
			offered, asked = f.offered(ctx, to), true
		}
		form.Fields[n].Options = f.withChosen(ctx, offered, field.Value)
	}
	c.Form = &form
	return c
}

// offered are people of the place: of the channel, else of a team that the person shares with the bot.
func (f *Face) offered(ctx context.Context, to conversation.Address) []card.Option {
	place := string(to.Channel)
	if place == "" {
		var teams []string
		if ok, err := f.book.recall(ctx, teamsKey, &teams); !ok || err != nil || len(teams) == 0 {
			return nil
		}
		place = teams[0]
		if is, err := f.IsMember(ctx, f.workspace, goal.ChannelID(place), to.Person); err != nil || !is {
			return nil
		}
	}
	c, ok, err := f.book.place(ctx, place)
	if err != nil || !ok || c.Removed {
		return nil
	}
	members, err := f.page(ctx, c.Service, place, "")
	if err != nil || len(members.Members) >= card.MaxOptions {
		return nil // too many to list: everybody can be searched
	}
	var options []card.Option
	for _, m := range members.Members {
		if id := m.person(); id != "" && m.Name != "" {
			options = append(options, card.Option{Value: string(id), Label: m.Name})
		}
	}
	return options
}

func (f *Face) withChosen(ctx context.Context, offered []card.Option, chosen string) []card.Option {
	for _, o := range offered {
		if o.Value == chosen {
			return offered
		}
	}
	if chosen == "" {
		return offered
	}
	p, err := f.Person(ctx, f.workspace, goal.PersonID(chosen))
	if err != nil || p.Name == "" {
		return offered
	}
	return append([]card.Option{{Value: chosen, Label: p.Name}}, offered...)
}
