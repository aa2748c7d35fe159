package playground

import (
	"context"
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// State is what a person sees in a place, as JSON.
type State struct {
	Now      time.Time      `json:"now"`
	Person   goal.PersonID  `json:"person"`
	Place    string         `json:"place"` // "dm", "growth" or "home"
	Messages []Message      `json:"messages"`
	Home     *card.Card     `json:"home,omitempty"` // the home page itself, at home only
	Form     *Form          `json:"form,omitempty"` // the form that is open
	Unread   map[string]int `json:"unread"`         // by place, for this person
}

// Message is one thing said, as the person sees it.
type Message struct {
	ID       string        `json:"id"`
	Key      string        `json:"key,omitempty"`
	From     goal.PersonID `json:"from"` // "goalkeeper" for the bot
	Text     string        `json:"text,omitempty"`
	Card     *card.Card    `json:"card,omitempty"`
	Language string        `json:"language,omitempty"`
	Under    string        `json:"under,omitempty"`   // the id of the message whose thread it belongs to
	Private  bool          `json:"private,omitempty"` // nobody else in the place sees it
	Edited   bool          `json:"edited,omitempty"`
	At       time.Time     `json:"at"`
}

// Form is an open form.
type Form struct {
	ID       string     `json:"id"`
	Place    string     `json:"place"`
	Card     *card.Card `json:"card"`
	Language string     `json:"language"`
}

// state is what the person sees in the spot. It marks nothing as read.
func (f *Face) state(ctx context.Context, who *person, at spot) State {
	s := State{
		Now: f.clock.Now(), Person: who.id, Place: string(at),
		Messages: []Message{}, Unread: map[string]int{},
	}
	if at == atHome {
		s.Home = f.open(ctx, who).card
	}
	for _, e := range f.board.look(who.id, at.room(who)) {
		s.Messages = append(s.Messages, e.message())
	}
	for _, place := range spots {
		s.Unread[string(place)] = f.board.unread(who.id, place.room(who))
	}
	if open := f.board.form(who.id); open != nil {
		s.Form = &Form{open.id, string(spotOf(open.place)), open.card, open.language}
	}
	return s
}

func (e *entry) message() Message {
	return Message{
		ID: e.id(), Key: e.key, From: e.from, Text: e.text, Card: e.card, Language: e.language,
		Under: e.under, Private: e.only != "", Edited: e.edited, At: e.at,
	}
}
