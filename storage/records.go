package storage

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"goalkeeper/conversation"
	"goalkeeper/goal"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
)

// Records reads and changes the documents of a workspace, their indexes and logs.
type Records struct {
	client     redis.UniversalClient
	confirm    *confirm // nil: no replica is asked
	registered sync.Map // by this process, of workspaces
}

var (
	_ conversation.Records = (*Records)(nil)
	_ conversation.History = (*Records)(nil)
	_ conversation.Census  = (*Records)(nil)
)

// atOnce is how many documents one MGET asks for: enough to be fast, few enough to keep nobody waiting.
const atOnce = 500

// Read loads records; those that do not exist are absent from the shelf, at version 0. Over many records it is
// no snapshot: Commit compares every version, which is when it matters. Of many, some are decoded while the next
// ones are on their way, since decoding takes longer.
func (r *Records) Read(ctx context.Context, ws conversation.Workspace, refs ...conversation.Ref) (*conversation.Shelf, error) {
	sp, err := spaceOf(ws)
	if err != nil {
		return nil, err
	}
	read := make([]document, len(refs))
	decoding, ctx := errgroup.WithContext(ctx)
	decoding.SetLimit(runtime.GOMAXPROCS(0))
	for from := 0; from < len(refs) && err == nil; from += atOnce {
		some := refs[from:min(from+atOnce, len(refs))]
		var replies []any
		if replies, err = r.fetch(ctx, sp, some); err == nil {
			decoding.Go(func() error { return decodeAll(some, replies, read[from:]) })
		}
	}
	if first := decoding.Wait(); first != nil {
		err = first
	}
	if err != nil {
		return nil, err
	}
	shelf := conversation.NewShelf()
	for n, ref := range refs {
		shelf.Put(ref, read[n].version, read[n].record)
	}
	return shelf, nil
}

// document is a record as it was read; absent at version 0.
type document struct {
	version int64
	record  conversation.Record
}

// fetch asks for some documents, in the order of their references.
func (r *Records) fetch(ctx context.Context, sp space, refs []conversation.Ref) ([]any, error) {
	keys := make([]string, len(refs))
	for n, ref := range refs {
		key, err := sp.record(ref)
		if err != nil {
			return nil, err
		}
		keys[n] = key
	}
	replies, err := r.client.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, fmt.Errorf("reading %d records: %w", len(refs), err)
	}
	return replies, nil
}

// decodeAll reads the replies of MGET.
func decodeAll(refs []conversation.Ref, replies []any, into []document) (err error) {
	for n, ref := range refs {
		text, found := replies[n].(string)
		if !found {
			continue
		}
		if into[n].version, into[n].record, err = decodeDocument(ref, text); err != nil {
			return err
		}
	}
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
