package storage

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"

	"goalkeeper/conversation"

	"github.com/redis/go-redis/v9"
)

// pageSize is about how many ids a page of an index holds: Redis counts buckets, not members.
const pageSize = 300

//go:embed prune.lua
var pruneSource string

var pruneScript = redis.NewScript(pruneSource)

// register makes sure that the workspace is among those that the repair pass visits, before anything is saved in
// it. Once in a process is enough: nothing ever takes it out.
func (r *Records) register(ctx context.Context, ws conversation.Workspace) error {
	if _, known := r.registered.Load(ws); known {
		return nil
	}
	if err := r.client.SAdd(ctx, workspacesKey, string(ws)).Err(); err != nil {
		return fmt.Errorf("registering workspace %.40q: %w", string(ws), err)
	}
	r.registered.Store(ws, true)
	return nil
}

// Workspaces are all in which something was ever saved.
func (r *Records) Workspaces(ctx context.Context) ([]conversation.Workspace, error) {
	names, err := r.client.SMembers(ctx, workspacesKey).Result()
	if err != nil {
		return nil, fmt.Errorf("listing the workspaces: %w", err)
	}
	slices.Sort(names)
	all := make([]conversation.Workspace, len(names))
	for n, name := range names {
		all[n] = conversation.Workspace(name)
	}
	return all, nil
}

// Page lists some ids of an index and the cursor of the next page; both the first cursor and the one after the last
// page are empty. What is in the index all the while is listed at least once. A cursor is of no worth to another
// server: after a fail-over a page may be missed.
func (r *Records) Page(ctx context.Context, ws conversation.Workspace, ix conversation.Index, cursor string) (ids []string, next string, err error) {
	key, err := indexKey(ws, ix)
	if err != nil {
		return nil, "", err
	}
	from, err := strconv.ParseUint(cursor, 10, 64)
	if err != nil && cursor != "" {
		return nil, "", fmt.Errorf("%.40q is not a cursor", cursor)
	}
	ids, after, err := r.client.SScan(ctx, key, from, "", pageSize).Result()
	if err != nil {
		return nil, "", fmt.Errorf("reading a page of the index %s: %w", ix.Name, err)
	}
	if after != 0 {
		next = strconv.FormatUint(after, 10)
	}
	return ids, next, nil
}

// Prune takes ids out of an index of messages whose records have expired.
func (r *Records) Prune(ctx context.Context, ws conversation.Workspace, ix conversation.Index, ids ...string) error {
	sp, err := spaceOf(ws)
	if err != nil || len(ids) == 0 {
		return err
	}
	index, err := sp.index(ix)
	if err != nil {
		return err
	}
	keys, args := []string{index}, make([]any, len(ids))
	for n, id := range ids {
		key, err := sp.record(conversation.Ref{Kind: conversation.MessageKind, ID: id})
		if err != nil {
			return err
		}
		keys, args[n] = append(keys, key), id
	}
	if err := pruneScript.Run(ctx, r.client, keys, args...).Err(); err != nil {
		return fmt.Errorf("pruning the index %s: %w", ix.Name, err)
	}
	return nil
}

func indexKey(ws conversation.Workspace, ix conversation.Index) (string, error) {
	sp, err := spaceOf(ws)
	if err != nil {
		return "", err
	}
	return sp.index(ix)
}
