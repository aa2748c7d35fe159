package storage

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"goalkeeper/conversation"

	"github.com/redis/go-redis/v9"
)

// Contacts keeps what an adapter must know to reach a person or a channel again.
type Contacts struct{ client redis.UniversalClient }

// maxContact bounds one value: conversation references have a few hundred bytes.
const maxContact = 64 << 10

// Keep remembers the value, in place of what was kept under the id before.
func (c *Contacts) Keep(ctx context.Context, ws conversation.Workspace, id string, value []byte) error {
	return c.KeepFor(ctx, ws, id, value, 0)
}

// KeepFor remembers the value for a while; a life of 0 is for ever.
func (c *Contacts) KeepFor(ctx context.Context, ws conversation.Workspace, id string, value []byte, life time.Duration) error {
	key, err := contactKey(ws, id)
	if err != nil {
		return err
	}
	if len(value) > maxContact {
		return fmt.Errorf("keeping contact %.40q: it has %d bytes, more than %d", id, len(value), maxContact)
	}
	if err := c.client.Set(ctx, key, value, life).Err(); err != nil {
		return fmt.Errorf("keeping contact %.40q: %w", id, err)
	}
	return nil
}

//go:embed replace.lua
var replaceSource string

var replaceScript = newScript(replaceSource)

// Replace keeps the value if what is kept is still what was read, nil for nothing; it reports whether it was.
func (c *Contacts) Replace(ctx context.Context, ws conversation.Workspace, id string, was, value []byte) (bool, error) {
	key, err := contactKey(ws, id)
	if err != nil {
		return false, err
	}
	if len(value) > maxContact {
		return false, fmt.Errorf("keeping contact %.40q: it has %d bytes, more than %d", id, len(value), maxContact)
	}
	replies, err := replaceScript.run(ctx, c.client, []call{{[]string{key}, []any{was, value}}})
	if err != nil {
		return false, fmt.Errorf("keeping contact %.40q: %w", id, err)
	}
	return replies[0].Bool()
}

// Recall returns what was kept under the id, nil when nothing was.
func (c *Contacts) Recall(ctx context.Context, ws conversation.Workspace, id string) ([]byte, error) {
	key, err := contactKey(ws, id)
	if err != nil {
		return nil, err
	}
	value, err := c.client.Get(ctx, key).Bytes()
	switch {
	case errors.Is(err, redis.Nil):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("recalling contact %.40q: %w", id, err)
	}
	return value, nil
}

func contactKey(ws conversation.Workspace, id string) (string, error) {
	sp, err := spaceOf(ws)
	if err != nil {
		return "", err
	}
	return sp.contact(id)
}
