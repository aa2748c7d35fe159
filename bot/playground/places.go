package playground

import (
	"strings"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// spot is one of the places as a person knows them: their talk with the bot, the channel, their home. The
// names stand in addresses of the page.
type spot string

const (
	inDirect spot = "dm"
	inGrowth spot = spot(Growth)
	atHome   spot = "home"
)

// spots are the places in the order of the page.
var spots = []spot{inDirect, inGrowth, atHome}

// where reads a place's name; the direct conversation for anything else.
func where(s string) spot {
	switch at := spot(s); at {
	case inGrowth, atHome:
		return at
	}
	return inDirect
}

// room is what the person finds in the spot.
func (s spot) room(p *person) goal.ChannelID {
	switch s {
	case inGrowth:
		return Growth
	case atHome:
		return goal.ChannelID("home-" + p.id)
	}
	return directOf(p.id)
}

// directOf is the direct conversation of the person with the bot.
func directOf(p goal.PersonID) goal.ChannelID { return goal.ChannelID("dm-" + p) }

// spotOf is the place that a room is for those who can see it.
func spotOf(room goal.ChannelID) spot {
	switch {
	case room == Growth:
		return inGrowth
	case strings.HasPrefix(string(room), "home-"):
		return atHome
	}
	return inDirect
}

// place is the spot as the conversation knows it.
func (s spot) place(p *person) conversation.Place {
	at := conversation.Place{ID: s.room(p), Kind: conversation.Direct}
	switch s {
	case inGrowth:
		at.Kind, at.Name = conversation.PublicChannel, string(Growth)
	case atHome:
		at.Kind = conversation.Home
	}
	return at
}
