package teams

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"time"

	"goalkeeper/bot"
	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// contact is how to reach a person, channel or team again: a conversation reference ("Send proactive
// messages"), and what Teams last told about it.
type contact struct {
	Service string `json:"service"`        // renewed by every activity
	Bot     string `json:"bot"`            // the bot's own id there
	User    string `json:"user,omitempty"` // of a person: the id that only this bot knows, "29:…"
	Chat    string `json:"chat,omitempty"` // of a person: the personal chat
	Team    string `json:"team,omitempty"` // of a channel: its team; empty for a group chat
	Name    string `json:"name,omitempty"`
	Zone    string `json:"zone,omitempty"`
	Lang    string `json:"lang,omitempty"`
	Guest   bool   `json:"guest,omitempty"`
	Removed bool   `json:"removed,omitempty"` // the bot was taken out
	Gone    bool   `json:"gone,omitempty"`    // a channel that was deleted
	Round   int    `json:"round,omitempty"`   // counts removals, so that a new installation is greeted again
	// AsOf is when the roster told about the person.
	AsOf time.Time `json:"asOf,omitzero"`
}

// The keys under which contacts stand.
func personKey(id goal.PersonID) string { return "person:" + string(id) }
func placeKey(id string) string         { return "place:" + id }   // a channel, group chat or team
func aliasKey(user string) string       { return "alias:" + user } // "29:…" → the person's id
const (
	installerKey = "installer"
	teamsKey     = "teams"
)

// Contacts is where the book is kept, shared by all replicas.
type Contacts interface {
	bot.Contacts
	// Replace keeps the value if what is kept is still what was read, nil for nothing; it reports whether it was.
	Replace(ctx context.Context, ws conversation.Workspace, id string, was, value []byte) (bool, error)
}

// book keeps contacts of our one workspace.
type book struct {
	kept      Contacts
	workspace conversation.Workspace
	// pens let one writer of this process at a key at a time, so that they seldom meet in the store. There are many,
	// so that a slow store makes nobody wait for everybody.
	pens [64]bot.Room
}

func newBook(kept Contacts, ws conversation.Workspace) *book {
	b := &book{kept: kept, workspace: ws}
	for n := range b.pens {
		b.pens[n] = bot.NewRoom(1)
	}
	return b
}

// take waits for the pen of a key, at most as long as ctx.
func (b *book) take(ctx context.Context, key string) (putDown func(), err error) {
	h := fnv.New32a()
	_, _ = io.WriteString(h, key) // a hash never fails
	putDown, err = b.pens[int(h.Sum32())%len(b.pens)].Wait(ctx)
	if err != nil {
		return nil, fmt.Errorf("waiting to change a contact: %w", err)
	}
	return putDown, nil
}

// patience is how long a look into the book may take; answering people comes first.
const patience = 1500 * time.Millisecond

// recall finds a value; ok is false when there is none.
func (b *book) recall(ctx context.Context, key string, into any) (ok bool, err error) {
	raw, err := b.read(ctx, key)
	if err != nil {
		return false, err
	}
	return raw != nil && json.Unmarshal(raw, into) == nil, nil // what cannot be read is learned anew from the next activity
}

func (b *book) read(ctx context.Context, key string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	raw, err := b.kept.Recall(ctx, b.workspace, key)
	if err != nil {
		return nil, fmt.Errorf("recalling a contact: %w", err)
	}
	return raw, nil
}

func (b *book) keep(ctx context.Context, key string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := b.kept.Keep(ctx, b.workspace, key, raw); err != nil {
		return fmt.Errorf("keeping a contact: %w", err)
	}
	return nil
}

// maxRewrites bounds reading again when other replicas write the same.
const maxRewrites = 8

// rewrite edits one value as it is now, whoever else does; edit reports whether there is something to keep.
func rewrite[T any](ctx context.Context, b *book, key string, edit func(*T) bool) (v T, err error) {
	putDown, err := b.take(ctx, key)
	if err != nil {
		return v, err
	}
	defer putDown()
	for range maxRewrites {
		was, err := b.read(ctx, key)
		if err != nil {
			return v, err
		}
		var now T
		_ = json.Unmarshal(was, &now) // what cannot be read is learned anew
		if v = now; !edit(&v) {
			return v, nil
		}
		if done, err := b.replace(ctx, key, was, v); done || err != nil {
			return v, err
		}
	}
	return v, fmt.Errorf("a contact was changed %d times meanwhile", maxRewrites)
}

func (b *book) replace(ctx context.Context, key string, was []byte, v any) (bool, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	done, err := b.kept.Replace(ctx, b.workspace, key, was, raw)
	if err != nil {
		return false, fmt.Errorf("keeping a contact: %w", err)
	}
	return done, nil
}

// change edits one contact, and writes it only when something is new.
func (b *book) change(ctx context.Context, key string, edit func(*contact)) (contact, error) {
	return rewrite(ctx, b, key, func(c *contact) bool {
		was := *c
		edit(c)
		return *c != was
	})
}

// person finds how to reach somebody.
func (b *book) person(ctx context.Context, id goal.PersonID) (c contact, ok bool, err error) {
	ok, err = b.recall(ctx, personKey(id), &c)
	return c, ok, err
}

// place finds a channel, group chat or team.
func (b *book) place(ctx context.Context, id string) (c contact, ok bool, err error) {
	ok, err = b.recall(ctx, placeKey(id), &c)
	return c, ok, err
}

// maxTeams bounds the list of teams through whose rosters people are found.
const maxTeams = 50

// addTeam remembers a team, newest first.
func (b *book) addTeam(ctx context.Context, id string) error {
	_, err := rewrite(ctx, b, teamsKey, func(teams *[]string) bool {
		if slices.Contains(*teams, id) {
			return false
		}
		*teams = append([]string{id}, *teams...)
		*teams = (*teams)[:min(len(*teams), maxTeams)]
		return true
	})
	return err
}

// claimInstaller remembers whoever first added the app: they are its admin.
func (b *book) claimInstaller(ctx context.Context, id goal.PersonID) error {
	_, err := rewrite(ctx, b, installerKey, func(first *goal.PersonID) bool {
		if *first != "" {
			return false
		}
		*first = id
		return true
	})
	return err
}

func (b *book) isInstaller(ctx context.Context, id goal.PersonID) (bool, error) {
	var first goal.PersonID
	ok, err := b.recall(ctx, installerKey, &first)
	return ok && first == id, err
}

// learn takes from an activity whatever helps to reach its person and place again.
func (b *book) learn(ctx context.Context, a *arrival) error {
	seen := a.profile()
	_, err := b.change(ctx, personKey(a.actor()), func(c *contact) {
		c.Service, c.Bot, c.User = a.ServiceURL, a.Recipient.ID, a.From.ID
		if a.personal() {
			c.Chat, c.Removed = a.Conversation.ID, false
		}
		fill(&c.Name, seen.Name)
		fill(&c.Zone, seen.Zone)
		fill(&c.Lang, seen.Language)
	})
	if err != nil || a.personal() {
		return err
	}
	return b.learnPlace(ctx, a)
}

func (b *book) learnPlace(ctx context.Context, a *arrival) error {
	place := a.place()
	ids := []string{string(place.ID)}
	if team := a.data.Team.ID; team != "" && team != string(place.ID) {
		ids = append(ids, team)
	}
	for n, id := range ids {
		_, err := b.change(ctx, placeKey(id), func(c *contact) {
			c.Service, c.Bot, c.Team, c.Removed = a.ServiceURL, a.Recipient.ID, a.data.Team.ID, false
			if n == 0 {
				fill(&c.Name, place.Name)
			}
		})
		if err != nil {
			return err
		}
	}
	if a.data.Team.ID == "" {
		return nil
	}
	return b.addTeam(ctx, a.data.Team.ID)
}

// fill sets what is known now and keeps what was known before.
func fill(known *string, now string) {
	if now != "" {
		*known = now
	}
}
