package storage

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"goalkeeper/conversation"

	"github.com/redis/go-redis/v9"
)

//go:embed commit.lua
var commitSource string

var commitScript = redis.NewScript(commitSource)

// maxLog bounds the log of one goal: 38 years of weekly check-ins. The oldest fall out.
const maxLog = 2000

// Commit saves all of it or nothing, in one step. A record that is written without having been read counts as
// read and absent, so nothing is overwritten unseen.
//
// Where Redis took the change but its reply was lost, the command is sent once more and finds itself done:
// then the error is *Repeated with the result of this very commit or, without claims, ErrConflict.
func (r *Records) Commit(ctx context.Context, ws conversation.Workspace, c conversation.Commit) error {
	sp, err := spaceOf(ws)
	if err != nil {
		return err
	}
	steps, err := stepsOf(sp, c)
	if err != nil || len(steps) == 0 {
		return err
	}
	if err := r.register(ctx, ws); err != nil {
		return err
	}
	keys, args := flatten(steps)
	reply, err := r.confirm.run(ctx, r.client, keys, args)
	if err != nil {
		r.registered.Clear() // a fail-over may have lost what this process believes to be there
		return fmt.Errorf("saving %d records: %w", len(c.Write), doubted(err))
	}
	return verdict(reply)
}

// doubted is the error of a change that may have taken place all the same: only Redis' own refusal is sure.
func doubted(err error) error {
	var refused redis.Error
	if errors.As(err, &refused) {
		return err
	}
	return fmt.Errorf("%w: %w", conversation.ErrUnsure, err)
}

// verdict translates the script's result.
func verdict(reply []string) error {
	switch {
	case len(reply) == 1 && reply[0] == "done":
		return nil
	case len(reply) == 2 && reply[0] == "repeated":
		return &conversation.Repeated{Result: reply[1]}
	case len(reply) == 2 && reply[0] == "conflict":
		return fmt.Errorf("%s: %w", reply[1], conversation.ErrConflict)
	}
	return fmt.Errorf("the commit script answered %q", reply)
}

// step is one line of the script: what to do with a key.
type step struct {
	key, do string
	with    [3]string
}

func flatten(steps []step) (keys []string, args []any) {
	for _, s := range steps {
		keys = append(keys, s.key)
		args = append(args, s.do, s.with[0], s.with[1], s.with[2])
	}
	return keys, args
}

// stepsOf writes the change down as steps.
func stepsOf(sp space, c conversation.Commit) ([]step, error) {
	shelf := c.Read
	if shelf == nil {
		shelf = conversation.NewShelf()
	}
	claims, err1 := claimSteps(sp, c.Claims)
	checks, err2 := checkSteps(sp, shelf)
	writes, err3 := writeSteps(sp, shelf, c.Write)
	logs, err4 := logSteps(sp, c.Log)
	return slices.Concat(claims, checks, writes, logs), errors.Join(err1, err2, err3, err4)
}

func claimSteps(sp space, claims []conversation.Claim) ([]step, error) {
	seconds := strconv.Itoa(int(conversation.ClaimFor / time.Second))
	var steps []step
	for _, c := range claims {
		key, err := sp.claim(c.Key)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step{key, "claim", [3]string{c.Result, seconds}})
	}
	return steps, nil
}

func checkSteps(sp space, shelf *conversation.Shelf) ([]step, error) {
	var steps []step
	for ref, version := range shelf.Versions() {
		key, err := sp.record(ref)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step{key, "check", [3]string{strconv.FormatInt(version, 10)}})
	}
	return steps, nil
}

// writeSteps replaces documents and mends the indexes.
func writeSteps(sp space, shelf *conversation.Shelf, records []conversation.Record) ([]step, error) {
	var steps []step
	written := map[conversation.Ref]bool{}
	for _, r := range records {
		ref := r.Ref()
		if written[ref] {
			return nil, fmt.Errorf("%s %q is written twice in one change", ref.Kind, ref.ID)
		}
		written[ref] = true
		document, err := documentSteps(sp, shelf, r)
		if err != nil {
			return nil, err
		}
		moves, err := indexSteps(sp, ref.ID, shelf.Indexed(ref), conversation.Indexes(r))
		if err != nil {
			return nil, err
		}
		steps = slices.Concat(steps, document, moves)
	}
	return steps, nil
}

func documentSteps(sp space, shelf *conversation.Shelf, r conversation.Record) ([]step, error) {
	ref := r.Ref()
	key, err := sp.record(ref)
	if err != nil {
		return nil, err
	}
	version, read := shelf.Versions()[ref]
	document, err := encodeDocument(version+1, r)
	if err != nil {
		return nil, err
	}
	write := step{key, "write", [3]string{document, strconv.FormatInt(lifetime(r), 10)}}
	if read {
		return []step{write}, nil
	}
	return []step{{key, "check", [3]string{"0"}}, write}, nil
}

// indexSteps leaves the indexes that only before names and joins those that only after names.
func indexSteps(sp space, id string, before, after []conversation.Index) ([]step, error) {
	var steps []step
	move := func(do string, from, except []conversation.Index) error {
		for _, ix := range from {
			if slices.Contains(except, ix) {
				continue
			}
			key, err := sp.index(ix)
			if err != nil {
				return err
			}
			steps = append(steps, step{key, do, [3]string{id}})
		}
		return nil
	}
	return steps, errors.Join(move("leave", before, after), move("join", after, before))
}

func logSteps(sp space, log []conversation.Entry) ([]step, error) {
	var steps []step
	for _, e := range log {
		key, err := sp.log(e.Goal)
		if err != nil {
			return nil, err
		}
		entry, err := encodeCheckIn(e.CheckIn)
		if err != nil {
			return nil, fmt.Errorf("writing check-in %d of %s: %w", e.CheckIn.Seq, e.Goal, err)
		}
		steps = append(steps, step{key, "log", [3]string{strconv.Itoa(e.CheckIn.Seq), entry, strconv.Itoa(maxLog)}})
	}
	return steps, nil
}
