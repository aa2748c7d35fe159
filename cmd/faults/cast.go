package main

import (
	"fmt"
	"slices"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// person is somebody who is asked every week, and what the suite knows about them without asking the product.
type person struct {
	address
	room     *room
	zone     *time.Location
	language string
	weekday  time.Weekday
	hour     int // minutes after midnight
	goals    []*aim
	since    time.Time // when the choices held and there was something to ask about
	weeks    map[string]*week
	habits   dice
}

func (p *person) who() goal.PersonID { return goal.PersonID(p.key) }

// direct is where a person and the bot talk.
func (p *person) direct() conversation.Place {
	return conversation.Place{ID: goal.ChannelID("D" + p.key), Kind: conversation.Direct}
}

// week is what became of one occurrence of a person.
type week struct {
	due     time.Time
	habit   habit
	prompts map[string]bool // keys that the platform showed
	nudges  int
	touched bool // the person did something that may have been heard
	snoozes int  // acknowledged
	maybe   int  // snoozes of which the person never heard
	same    bool // "nothing changed" was acknowledged
	skipped bool
	asked   []*aim // the goals there were at the time
	done    bool   // checked
}

// aim is a goal and what its log must hold.
type aim struct {
	id    goal.ID
	owner *person
	born  time.Time
	value int
	slots []*slot
}

// slot is one check-in that a person made, or may have made.
type slot struct {
	values []string // it may be saved with any of them
	gone   []string // and no longer with these, which were corrected
	must   bool     // it was acknowledged
	edited bool
}

// room is a channel with a digest.
type room struct {
	address
	zone    *time.Location
	weekday time.Weekday
	hour    int
	people  []*person
	since   time.Time
	checked time.Time // occurrences up to here were checked
}

func (r *room) place() conversation.Place {
	return conversation.Place{ID: goal.ChannelID(r.key), Kind: conversation.PublicChannel, Name: "room-" + r.key}
}

// zones are where people live: with and without changes of the clock, by an hour, by half of one, at midnight, and
// where the day itself was skipped.
var zones = []string{
	"Asia/Ho_Chi_Minh", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata",
	"America/Havana", "Africa/Cairo", "Asia/Beirut", "America/St_Johns", "Pacific/Chatham", "Antarctica/Troll",
	"America/Santiago", "Asia/Kathmandu", "Pacific/Kiritimati", "America/Los_Angeles", "Europe/Lisbon", "UTC",
}

const perRoom = 10 // people in a channel, and in a workspace twice as many

// settle the cast: workspaces of both platforms, their rooms and people, with goals and a digest each.
func (s *sim) castAll(people int) error {
	for n := range people {
		ws := conversation.Workspace(fmt.Sprintf("%s:T%d", [...]string{"slack", "teams"}[n/(2*perRoom)%2], n/(2*perRoom)))
		if n%perRoom == 0 {
			die := dice{hashOf(s.Seed, 0, "room", uint64(n))}
			s.rooms = append(s.rooms, &room{address: address{ws, fmt.Sprintf("C%d", n/perRoom)}, zone: zoneOf(die.n(len(zones))),
				weekday: time.Weekday(die.n(7)), hour: 6*60 + 30*die.n(31)})
		}
		if err := s.enrol(n, ws, s.rooms[len(s.rooms)-1]); err != nil {
			return err
		}
	}
	for _, r := range s.rooms {
		if err := s.planDigest(r); err != nil {
			return err
		}
	}
	return nil
}

func zoneOf(n int) *time.Location {
	zone, err := time.LoadLocation(zones[n])
	if err != nil {
		panic(err) // the zone's data come with Go
	}
	return zone
}

func (s *sim) enrol(n int, ws conversation.Workspace, r *room) error {
	die := dice{hashOf(s.Seed, 0, "person", uint64(n))}
	p := &person{address: address{ws, fmt.Sprintf("U%d", n)}, room: r, zone: zoneOf(die.n(len(zones))), language: [...]string{"en-US", "vi-VN"}[die.n(2)],
		weekday: time.Weekday(die.n(7)), hour: 6*60 + 30*die.n(31), weeks: map[string]*week{}, habits: die}
	s.people[p.address] = p
	s.everybody = append(s.everybody, p)
	r.people = append(r.people, p)
	if err := s.chooseTime(p); err != nil {
		return err
	}
	for range 1 + die.n(2) {
		if err := s.plant(p, fmt.Sprint("q", len(p.goals))); err != nil {
			return err
		}
	}
	p.since = s.clock.High()
	return nil
}

func (s *sim) chooseTime(p *person) error {
	values := map[string]string{"on": "yes", "weekday": fmt.Sprint(int(p.weekday)), "hour": hourOf(p.hour), "zone": p.zone.String(), "language": ""}
	a, err := s.first(conversation.Input{Workspace: p.ws, Actor: p.who(), Place: p.direct(), Inline: true,
		Act: conversation.Used{Intent: card.Intent{Verb: "settings.set", Question: "s" + p.key}, Values: values}})
	if err == nil && (a.Card == nil || a.Card.Form != nil) {
		err = fmt.Errorf("the settings of %s were not taken: %+v", p.key, a.Card)
	}
	return err
}

func hourOf(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// plant makes a goal; the title is unique and so are the values that its check-ins get.
func (s *sim) plant(p *person, nonce string) error {
	a, err := s.first(newGoal(p, nonce))
	if err == nil && (a.Card == nil || a.Card.Kind != "goal.card") {
		return fmt.Errorf("the goal of %s was not made: %+v", p.key, a.Card)
	}
	if err != nil {
		return err
	}
	s.planted(p, a.Card.Summary)
	return nil
}

func newGoal(p *person, nonce string) conversation.Input {
	return conversation.Input{Workspace: p.ws, Actor: p.who(), Place: p.room.place(), Inline: true,
		Act: conversation.Used{Intent: card.Intent{Verb: "goal.create", Subject: p.room.key, Question: nonce}, Values: map[string]string{
			"title": "Aim " + nonce + " of " + p.key, "from": "0", "to": "1000000 points", "owner": p.key}}}
}

// planted notes a goal that the product says it made.
func (s *sim) planted(p *person, summary string) {
	id := idIn(summary)
	if slices.ContainsFunc(p.goals, func(a *aim) bool { return a.id == id }) {
		return
	}
	p.goals = append(p.goals, &aim{id: id, owner: p, born: s.clock.High(), value: 1000})
	s.aims[address{p.ws, string(id)}] = p.goals[len(p.goals)-1]
}

func (s *sim) planDigest(r *room) error {
	values := map[string]string{"on": "yes", "weekday": fmt.Sprint(int(r.weekday)), "hour": hourOf(r.hour), "zone": r.zone.String(), "language": "en"}
	a, err := s.first(conversation.Input{Workspace: r.ws, Actor: r.people[0].who(), Place: r.place(), Inline: true,
		Act: conversation.Used{Intent: card.Intent{Verb: "digest.set", Subject: r.key}, Values: values}})
	if err == nil && (a.Card == nil || a.Card.Kind != "digest.planned") {
		return fmt.Errorf("the digest of %s was not planned: %+v", r.key, a.Card)
	}
	r.since = s.clock.High()
	r.checked = r.since
	return err
}

// first hands an input to the first replica, before anything goes wrong.
func (s *sim) first(in conversation.Input) (conversation.Answer, error) {
	s.subject = "setup"
	in.Delivery = s.fresh()
	a, err := s.replicas[0].Service.Handle(s.ctx, in)
	if err != nil {
		err = fmt.Errorf("%s of %s: %w", in.Act, in.Actor, err)
	}
	return a, err
}
