package playground

import (
	"context"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// Workspace is the only workspace of the playground.
const Workspace conversation.Workspace = "play:demo"

// Growth is the only channel, with everybody in it.
const Growth goal.ChannelID = "growth"

// theBot signs what Goalkeeper itself writes.
const theBot goal.PersonID = "goalkeeper"

// person is somebody whom the visitor can be.
type person struct {
	id      goal.PersonID
	first   string
	initial string
	profile conversation.Profile
	city    map[string]string // by language
	zone    *time.Location
}

// people are the three, in the order of the page: from east to west as the morning reaches them.
var people = []*person{
	newPerson("linh", "Linh", "L", map[string]string{"en": "Hanoi", "vi": "Hà Nội"},
		conversation.Profile{Name: "Linh Trần", Language: "vi", Zone: "Asia/Ho_Chi_Minh"}),
	newPerson("sam", "Sam", "S", map[string]string{"en": "London", "vi": "London"},
		conversation.Profile{Name: "Sam Taylor", Language: "en-GB", Zone: "Europe/London"}),
	newPerson("alex", "Alex", "A", map[string]string{"en": "New York", "vi": "New York"},
		conversation.Profile{Name: "Alex Rivera", Language: "en-US", Zone: "America/New_York", Admin: true}),
}

func newPerson(id goal.PersonID, first, initial string, city map[string]string, p conversation.Profile) *person {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		panic("the time zone database is missing: " + err.Error())
	}
	return &person{id, first, initial, p, city, zone}
}

// find is the person with the id, nil for nobody.
func find(id goal.PersonID) *person {
	for _, p := range people {
		if p.id == id {
			return p
		}
	}
	return nil
}

// Person tells who somebody is.
func (f *Face) Person(_ context.Context, _ conversation.Workspace, id goal.PersonID) (conversation.Profile, error) {
	p := find(id)
	if p == nil {
		return conversation.Profile{}, conversation.ErrNobody
	}
	return p.profile, nil
}

// Channel tells about #growth, where the bot is a member.
func (f *Face) Channel(_ context.Context, _ conversation.Workspace, id goal.ChannelID) (conversation.Room, error) {
	if id != Growth {
		return conversation.Room{}, conversation.ErrNobody
	}
	return conversation.Room{Name: string(Growth), Present: true}, nil
}

// IsMember is true of all three in #growth.
func (f *Face) IsMember(_ context.Context, _ conversation.Workspace, in goal.ChannelID, id goal.PersonID) (bool, error) {
	if in != Growth {
		return false, conversation.ErrNobody
	}
	return find(id) != nil, nil
}
