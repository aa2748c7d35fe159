package teams

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"goalkeeper/conversation"
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
	toll := looking(strings.Join(parts[:2], " "))
	if err := f.meter.Pay(ctx, f.workspace, toll); err != nil {
		return err
	}
	reply, err := f.connector.do(ctx, http.MethodGet, address, nil)
	f.meter.Heed(ctx, f.workspace, toll, err)
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
