// Package storage keeps what must be true tomorrow in Redis 6.2 or newer, or Valkey, or, for trials, in the
// memory of the process.
//
// A key belongs to one workspace and carries its hash tag, so that every script stays inside one slot of a
// Cluster; keys.go names them all. What must happen at once happens in a script; scripts are given the time as
// an argument or need none. What people feel to expire is compared with that time, never with a TTL: a TTL
// only collects garbage.
package storage

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// Store is everything that is kept, behind a connection pool for people's answers. It may be used by any number
// of goroutines.
type Store struct {
	*Records
	*Contacts
	*DueSet
	*Pace

	client     redis.UniversalClient
	at         place
	background *Store // nil in a background view
}

// Open prepares a store at an address; Addresses lists their forms. It connects when first used and therefore
// does not wait; Ready and WaitReady tell whether the other side is there.
func Open(ctx context.Context, address string, opts ...Option) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	at, err := resolve(address)
	if err != nil {
		return nil, err
	}
	at.options.ClientName = "goalkeeper"
	for _, set := range opts {
		if err := set(&at); err != nil {
			return nil, err
		}
	}
	return newStore(at), nil
}

func newStore(at place) *Store {
	at.weather = &weather{where: at.name}
	s := view(at)
	s.background = view(at)
	gather(s.background.client)
	return s
}

// view is a store at the place with connections of its own.
func view(at place) *Store {
	client := at.connect()
	return &Store{
		Records:  &Records{client: client, confirm: at.confirm},
		Contacts: &Contacts{client},
		DueSet:   &DueSet{client: client, heartbeat: at.heartbeat},
		Pace:     &Pace{client},
		client:   client,
		at:       at,
	}
}

// Background is the same store over a pool of its own, for work that nobody waits for: however slow it is, it
// takes no connection from an answer. Its commands travel in convoys. It ends with the store.
func (s *Store) Background() *Store {
	if s.background == nil {
		return s
	}
	return s.background
}

// Client is the connections for answers, for tests that look at what is kept or cut into commands. A hook of theirs
// works inside of what bounds a command and names an outage.
func (s *Store) Client() redis.UniversalClient { return s.client }

// Beside is the same store as another process has it: with connections of its own, which alone its Close ends.
func (s *Store) Beside() *Store {
	at := s.at
	at.close = func() error { return nil }
	return newStore(at)
}

// Close ends all connections; an embedded store is gone with it.
func (s *Store) Close() error {
	err := s.client.Close()
	if s.background != nil {
		err = errors.Join(err, s.background.client.Close(), s.at.close())
	}
	return err
}
