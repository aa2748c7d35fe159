package bot

import (
	"context"
	"fmt"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// Directories asks the platform that a workspace belongs to. The key is Workspace.Platform().
type Directories map[string]conversation.Directory

var _ conversation.Directory = Directories{}

func (d Directories) of(ws conversation.Workspace) (conversation.Directory, error) {
	if one := d[ws.Platform()]; one != nil {
		return one, nil
	}
	return nil, fmt.Errorf("no face for workspace %q is on", ws)
}

// Person asks who somebody is.
func (d Directories) Person(ctx context.Context, ws conversation.Workspace, id goal.PersonID) (conversation.Profile, error) {
	one, err := d.of(ws)
	if err != nil {
		return conversation.Profile{}, err
	}
	return one.Person(ctx, ws, id)
}

// Channel asks what a channel is.
func (d Directories) Channel(ctx context.Context, ws conversation.Workspace, id goal.ChannelID) (conversation.Room, error) {
	one, err := d.of(ws)
	if err != nil {
		return conversation.Room{}, err
	}
	return one.Channel(ctx, ws, id)
}

// IsMember asks whether somebody is in a channel.
func (d Directories) IsMember(ctx context.Context, ws conversation.Workspace, in goal.ChannelID, id goal.PersonID) (bool, error) {
	one, err := d.of(ws)
	if err != nil {
		return false, err
	}
	return one.IsMember(ctx, ws, in, id)
}
