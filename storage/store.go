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

	"github.com/redis/go-redis/v9"
)

// Store is everything that is kept, behind one connection pool. It may be used by any number of goroutines.
type Store struct {
	*Records
	*Contacts
	*DueSet

	client redis.UniversalClient
	where  string // for people: host and port without credentials
	memory bool   // embedded: in this process, gone with it
	close  func() error
}

// Open prepares a store at a URL: redis://, rediss:// (TLS), unix:// (a socket) or embedded:// (in this
// process, keeping nothing). It connects when first used and therefore does not wait; Ready and WaitReady tell
// whether the other side is there.
func Open(ctx context.Context, url string, opts ...Option) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	at, err := resolve(url)
	if err != nil {
		return nil, err
	}
	at.options.ClientName = "goalkeeper"
	for _, set := range opts {
		set(at.options)
	}
	client := redis.NewClient(at.options)
	client.AddHook(watch{at.budget})
	return newStore(client, at), nil
}

// Option changes how a store connects.
type Option func(*redis.Options)

// WithName shows in Redis' CLIENT LIST who is connected; without it, "goalkeeper".
func WithName(name string) Option {
	return func(o *redis.Options) { o.ClientName = name }
}

func newStore(client redis.UniversalClient, at place) *Store {
	return &Store{
		Records:  &Records{client: client},
		Contacts: &Contacts{client},
		DueSet:   &DueSet{client, at.heartbeat},
		client:   client,
		where:    at.name,
		memory:   at.memory,
		close:    at.close,
	}
}

// Close ends all connections; an embedded store is gone with it.
func (s *Store) Close() error {
	err := s.client.Close()
	if closing := s.close(); err == nil {
		err = closing
	}
	return err
}
