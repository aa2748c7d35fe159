package storage

import (
	"context"
	"fmt"
	"slices"

	"goalkeeper/conversation"
	"goalkeeper/goal"

	"github.com/redis/go-redis/v9"
)

// Records reads and changes the documents of a workspace, their indexes and logs.
type Records struct{ client redis.UniversalClient }

var (
	_ conversation.Records = (*Records)(nil)
	_ conversation.History = (*Records)(nil)
)

// atOnce is how many documents one MGET asks for: enough to be fast, few enough to keep nobody waiting.
const atOnce = 500

// Read loads records; those that do not exist are absent from the shelf, at version 0. Over many records it is
// no snapshot: Commit compares every version, which is when it matters.
func (r *Records) Read(ctx context.Context, ws conversation.Workspace, refs ...conversation.Ref) (*conversation.Shelf, error) {
	sp, err := spaceOf(ws)
	if err != nil {
		return nil, err
	}
	shelf := conversation.NewShelf()
	for some := range slices.Chunk(refs, atOnce) {
		if err := r.readSome(ctx, sp, some, shelf); err != nil {
			return nil, err
		}
	}
	return shelf, nil
}

func (r *Records) readSome(ctx context.Context, sp space, refs []conversation.Ref, onto *conversation.Shelf) error {
	keys := make([]string, len(refs))
	for n, ref := range refs {
		key, err := sp.record(ref)
		if err != nil {
			return err
		}
		keys[n] = key
	}
	docs, err := r.client.MGet(ctx, keys...).Result()
	if err != nil {
		return fmt.Errorf("reading %d records: %w", len(refs), err)
	}
	for n, ref := range refs {
		if err := lay(onto, ref, docs[n]); err != nil {
			return err
		}
	}
	return nil
}

// lay puts one reply of MGET onto the shelf.
func lay(onto *conversation.Shelf, ref conversation.Ref, reply any) error {
	doc, found := reply.(string)
	if !found {
		onto.Put(ref, 0, nil)
		return nil
	}
	version, record, err := decodeDocument(ref, doc)
	if err != nil {
		return err
	}
	onto.Put(ref, version, record)
	return nil
}

// Find lists the ids in an index, G-2 before G-10.
func (r *Records) Find(ctx context.Context, ws conversation.Workspace, ix conversation.Index) ([]string, error) {
	sp, err := spaceOf(ws)
	if err != nil {
		return nil, err
	}
	key, err := sp.index(ix)
	if err != nil {
		return nil, err
	}
	ids, err := r.client.SMembers(ctx, key).Result()
	if err != nil {
		return nil, fmt.Errorf("reading the index %s: %w", ix.Name, err)
	}
	slices.SortFunc(ids, natural)
	return ids, nil
}

// CheckIns reads the log of a goal's check-ins, newest first, at most limit of them.
func (r *Records) CheckIns(ctx context.Context, ws conversation.Workspace, id goal.ID, limit int) ([]goal.CheckIn, error) {
	sp, err := spaceOf(ws)
	if err != nil {
		return nil, err
	}
	key, err := sp.log(id)
	if err != nil || limit < 1 {
		return nil, err
	}
	entries, err := r.client.ZRevRange(ctx, key, 0, int64(limit)-1).Result()
	if err != nil {
		return nil, fmt.Errorf("reading the check-ins of %s: %w", id, err)
	}
	log := make([]goal.CheckIn, len(entries))
	for n, entry := range entries {
		if log[n], err = decodeCheckIn(entry); err != nil {
			return nil, err
		}
	}
	return log, nil
}
