package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// paper holds a town as JSON in memory: whoever reads decodes, and what is saved is only looked at.
type paper struct {
	documents map[conversation.Ref][]byte
	indexes   map[conversation.Index][]string
	post      func(*conversation.Message) error
}

func newPaper(t *town) *paper {
	p := &paper{documents: map[conversation.Ref][]byte{}, indexes: map[conversation.Index][]string{}}
	for _, r := range t.records {
		p.documents[r.Ref()] = asJSON(r)
		for _, ix := range conversation.Indexes(r) {
			p.indexes[ix] = append(p.indexes[ix], r.Ref().ID)
		}
	}
	return p
}

// Read decodes records.
func (p *paper) Read(_ context.Context, _ conversation.Workspace, refs ...conversation.Ref) (*conversation.Shelf, error) {
	shelf := conversation.NewShelf()
	for _, ref := range refs {
		document, found := p.documents[ref]
		if !found {
			shelf.Put(ref, 0, nil)
			continue
		}
		r := conversation.NewRecord(ref.Kind)
		if err := json.Unmarshal(document, r); err != nil {
			return nil, err
		}
		shelf.Put(ref, 1, r)
	}
	return shelf, nil
}

// Find lists an index.
func (p *paper) Find(_ context.Context, _ conversation.Workspace, ix conversation.Index) ([]string, error) {
	return slices.Clone(p.indexes[ix]), nil
}

// Commit hands messages over to be rendered.
func (p *paper) Commit(_ context.Context, _ conversation.Workspace, c conversation.Commit) error {
	for _, r := range c.Write {
		if m, ok := r.(*conversation.Message); ok {
			if err := p.post(m); err != nil {
				return err
			}
		}
	}
	return nil
}

// Arm does nothing.
func (p *paper) Arm(context.Context, ...conversation.Timer) error { return nil }

// nobody is a directory that should not be asked.
type nobody struct{}

var errAsked = errors.New("the benchmark's people are known already")

func (nobody) Person(context.Context, conversation.Workspace, goal.PersonID) (conversation.Profile, error) {
	return conversation.Profile{}, errAsked
}

func (nobody) Channel(context.Context, conversation.Workspace, goal.ChannelID) (conversation.Room, error) {
	return conversation.Room{}, errAsked
}

func (nobody) IsMember(context.Context, conversation.Workspace, goal.ChannelID, goal.PersonID) (bool, error) {
	return false, errAsked
}
