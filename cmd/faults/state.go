package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"goalkeeper/conversation"
)

// timer is a timer's name.
type timer struct {
	ws      conversation.Workspace
	kind    conversation.TimerKind
	subject string
}

// state is all that is kept, read from outside.
type state struct {
	messages map[address]*conversation.Message
	goals    map[address]*conversation.Goal
	talks    map[address]*conversation.Talk
	timers   map[timer]time.Time
	listed   map[string][]string // indexes as they are
	wanted   map[string][]string // and as the documents say
}

func (st *state) armed(ws conversation.Workspace, kind conversation.TimerKind, subject string) bool {
	_, ok := st.timers[timer{ws, kind, subject}]
	return ok
}

// readAll reads every key.
func (s *sim) readAll() (*state, error) {
	st := &state{messages: map[address]*conversation.Message{}, goals: map[address]*conversation.Goal{},
		talks: map[address]*conversation.Talk{}, timers: map[timer]time.Time{}, listed: map[string][]string{}, wanted: map[string][]string{}}
	keys, err := s.keys()
	if err != nil {
		return nil, err
	}
	refs := map[conversation.Workspace][]conversation.Ref{}
	for _, key := range keys {
		if err := s.sort(st, refs, key); err != nil {
			return nil, err
		}
	}
	for ws, some := range refs {
		if err := s.readDocuments(st, ws, some); err != nil {
			return nil, err
		}
	}
	for _, ids := range st.wanted {
		slices.Sort(ids)
	}
	return st, nil
}

// keys are all keys of all nodes.
func (s *sim) keys() (keys []string, err error) {
	scan := func(ctx context.Context, c redis.UniversalClient) error {
		all := c.Scan(ctx, 0, "gk:*", 5000).Iterator()
		for all.Next(ctx) {
			keys = append(keys, all.Val())
		}
		return all.Err()
	}
	if cluster, ok := s.store.raw.(*redis.ClusterClient); ok {
		var nodes []*redis.Client
		err := cluster.ForEachMaster(s.ctx, func(_ context.Context, c *redis.Client) error {
			s.platform.mu.Lock()
			defer s.platform.mu.Unlock()
			nodes = append(nodes, c)
			return nil
		})
		if err != nil {
			return nil, err
		}
		for _, c := range nodes {
			if err := scan(s.ctx, c); err != nil {
				return nil, err
			}
		}
	} else if err := scan(s.ctx, s.store.raw); err != nil {
		return nil, err
	}
	slices.Sort(keys) // a scan may tell one twice
	return slices.Compact(keys), nil
}

// sort takes a key to where it belongs.
func (s *sim) sort(st *state, refs map[conversation.Workspace][]conversation.Ref, key string) error {
	if rest, ok := strings.CutPrefix(key, "gk:due:"); ok {
		return s.readTimers(st, key, rest)
	}
	tag, rest, ok := strings.Cut(strings.TrimPrefix(key, "gk:{"), "}:")
	if !ok {
		return nil
	}
	ws, err := url.PathUnescape(tag)
	if err != nil {
		return err
	}
	kind, id, _ := strings.Cut(rest, ":")
	if kind == "in" {
		ids, err := s.store.raw.SMembers(s.ctx, key).Result()
		if err != nil {
			return err
		}
		slices.Sort(ids)
		st.listed[key] = ids
	}
	if conversation.NewRecord(conversation.Kind(kind)) != nil {
		refs[conversation.Workspace(ws)] = append(refs[conversation.Workspace(ws)], conversation.Ref{Kind: conversation.Kind(kind), ID: id})
	}
	return nil
}

// readTimers reads one shard. A member names workspace, kind and subject; where a shard has timers of one kind
// only, its key tells the kind: gk:due:{send:3}.
func (s *sim) readTimers(st *state, key, rest string) error {
	if strings.HasSuffix(rest, ":leases") || !strings.HasSuffix(rest, "}") {
		return nil
	}
	lane, _, _ := strings.Cut(strings.Trim(rest, "{}"), ":")
	all, err := s.store.raw.ZRangeWithScores(s.ctx, key, 0, -1).Result()
	if err != nil {
		return err
	}
	for _, z := range all {
		member, _ := z.Member.(string)
		parts := strings.Split(member, "|")
		for i, part := range parts {
			if parts[i], err = url.PathUnescape(part); err != nil {
				return err
			}
		}
		name := timer{kind: conversation.TimerKind(lane)}
		switch len(parts) {
		case 2:
			name.ws, name.subject = conversation.Workspace(parts[0]), parts[1]
		case 3:
			name.ws, name.kind, name.subject = conversation.Workspace(parts[0]), conversation.TimerKind(parts[1]), parts[2]
		default:
			return fmt.Errorf("%q is no timer", member)
		}
		st.timers[name] = time.UnixMilli(int64(z.Score) / 1000)
	}
	return nil
}

func (s *sim) readDocuments(st *state, ws conversation.Workspace, refs []conversation.Ref) error {
	for some := range slices.Chunk(refs, 500) {
		shelf, err := s.own.Read(s.ctx, ws, some...)
		if err != nil {
			return err
		}
		for _, ref := range some {
			st.take(ws, ref, shelf)
		}
	}
	return nil
}

func (st *state) take(ws conversation.Workspace, ref conversation.Ref, shelf *conversation.Shelf) {
	at := address{ws, ref.ID}
	switch ref.Kind {
	case conversation.MessageKind:
		if m := conversation.Take[*conversation.Message](shelf, ref.Kind, ref.ID); m != nil {
			st.messages[at] = m
		}
	case conversation.GoalKind:
		st.goals[at] = conversation.Take[*conversation.Goal](shelf, ref.Kind, ref.ID)
	case conversation.TalkKind:
		st.talks[at] = conversation.Take[*conversation.Talk](shelf, ref.Kind, ref.ID)
	}
	for _, ix := range shelf.Indexed(ref) {
		key := "gk:{" + string(ws) + "}:in:" + string(ix.Name) + ":" + ix.Of
		st.wanted[key] = append(st.wanted[key], ref.ID)
	}
}

// keepsFor is how many weeks what expires is kept: more than conversation.ClaimFor, and longer than anybody asks.
const keepsFor = 6

// collect does what expiry does, in the time of the story: without it a story of years would fill the memory.
func (s *sim) collect() {
	keys, err := s.keys()
	if err != nil {
		s.fail("harness", "", "looking for garbage: %v", err)
		return
	}
	var old []string
	for _, key := range keys {
		if !strings.Contains(key, "}:claim:") && !strings.Contains(key, "}:message:") {
			continue
		}
		if s.garbage[key] == 0 {
			s.garbage[key] = s.week
		}
		if s.week-s.garbage[key] >= keepsFor {
			old = append(old, key)
		}
	}
	for _, key := range old {
		if !s.expired(key) {
			continue
		}
		delete(s.garbage, key)
	}
}

// expired removes a key that may go: a claim, or a message that reached its end.
func (s *sim) expired(key string) bool {
	if tag, id, ok := strings.Cut(strings.TrimPrefix(key, "gk:{"), "}:message:"); ok {
		ws, err := url.PathUnescape(tag)
		if err != nil {
			return false
		}
		ttl, err := s.store.raw.TTL(s.ctx, key).Result()
		if err != nil || ttl <= 0 {
			return false // it never reached its end
		}
		s.platform.forget(address{conversation.Workspace(ws), id})
		s.report.forget(address{conversation.Workspace(ws), id})
	}
	return s.store.raw.Del(s.ctx, key).Err() == nil
}

func (p *platform) forget(at address) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.shown, at)
}
