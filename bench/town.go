package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"goalkeeper/conversation"
	"goalkeeper/goal"
	"goalkeeper/storage"
)

// monday is when everybody is asked: 9:00 in Ho Chi Minh City.
var monday = time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC)

// town is a made-up company: people with goals, in channels, all asked at the same hour.
type town struct {
	workspace conversation.Workspace
	people    []goal.PersonID
	records   []conversation.Record
	contacts  map[string][]byte // what the platform's adapter would have learned by now
	timers    []conversation.Timer
}

// goalsEach is how many goals every owner has; teamSize how many owners share a channel and an objective.
const (
	goalsEach = 3
	teamSize  = 10
)

// settle founds a town of so many owners. Everybody checked in by hand last week, so that each gets one message.
func settle(p platform, owners int, seed uint64) *town {
	t := &town{workspace: p.workspace, contacts: map[string][]byte{}}
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // made-up people need no secrecy
	number := 0
	next := func() goal.ID { number++; return goal.ID(fmt.Sprint("G-", number)) }
	var objective goal.ID
	for n := range owners {
		id, room := p.person(n), p.channel(n/teamSize)
		if n%teamSize == 0 {
			objective = next()
			t.found(room, teamGoal(r, objective, p.person(owners+n/teamSize), room))
		}
		t.people = append(t.people, id)
		t.add(r, id, n)
		talk := &conversation.Talk{Person: id, Period: "2026-W48", Opened: monday.AddDate(0, 0, -6), Settled: map[goal.ID]conversation.Outcome{}}
		for range goalsEach {
			g := ownGoal(r, next(), id, room, objective)
			t.records = append(t.records, g)
			talk.Asked = append(talk.Asked, g.ID)
			talk.Settled[g.ID] = conversation.Outcome{Seq: g.CheckIns, By: id, At: talk.Opened.Add(time.Minute)}
		}
		t.records = append(t.records, talk)
		t.timers = append(t.timers, conversation.Timer{Workspace: p.workspace, Kind: conversation.CheckInTimer, Subject: string(id), At: monday})
		for key, value := range p.contact(n) {
			t.contacts[key] = value
		}
	}
	t.records = append(t.records, &conversation.Tree{Next: number + 1})
	return t
}

// add makes a person whom the platform told about this morning.
func (t *town) add(r *rand.Rand, id goal.PersonID, n int) {
	names := []string{"Linh Trần", "Alex Rivera", "Sam Taylor", "Nguyễn Minh Anh", "Priya Sharma", "Jonas Weber"}
	languages := []string{"en-US", "vi-VN", "en-GB"}
	t.records = append(t.records, &conversation.Person{
		ID: id, Greeted: true, Asked: true, AsOf: monday.Add(-time.Hour),
		Profile: conversation.Profile{Name: fmt.Sprint(names[r.IntN(len(names))], " ", n), Zone: "Asia/Ho_Chi_Minh",
			Language: languages[r.IntN(len(languages))]},
	})
}

// found makes a channel with the objective of its team.
func (t *town) found(room goal.ChannelID, g *conversation.Goal) {
	t.records = append(t.records, &conversation.Channel{ID: room, AsOf: monday.Add(-time.Hour), Offered: true,
		Room: conversation.Room{Name: "team-" + string(g.ID), Present: true}}, g,
		&conversation.Person{ID: g.Owner, AsOf: monday.Add(-time.Hour), Chosen: conversation.Choices{Off: true},
			Profile: conversation.Profile{Name: "Lead of " + string(g.ID), Zone: "Asia/Ho_Chi_Minh", Language: "en-US"}})
}

func teamGoal(r *rand.Rand, id goal.ID, owner goal.PersonID, room goal.ChannelID) *conversation.Goal {
	g := ownGoal(r, id, owner, room, "")
	g.Kind, g.Horizon, g.Metric = goal.Objective, goal.ShortTerm, nil
	g.Recent, g.CheckIns, g.Before = nil, 0, goal.Standing{}
	return g
}

// ownGoal is a key result of the quarter with five to thirteen weeks of check-ins.
func ownGoal(r *rand.Rand, id goal.ID, owner goal.PersonID, room goal.ChannelID, parent goal.ID) *conversation.Goal {
	titles := []string{"Cut the cost of a new customer", "Answer tickets within four hours", "Ship the new onboarding",
		"Giảm tỉ lệ khách rời bỏ", "Bring sign-ups to a level that pays for the team", "Close the books in five days"}
	from, to := decimal.NewFromInt(int64(100+r.IntN(200))), decimal.NewFromInt(int64(20+r.IntN(70)))
	current := from
	g := &conversation.Goal{Goal: goal.Goal{
		ID: id, Title: titles[r.IntN(len(titles))], Reason: "The budget of next year rests on it", Owner: owner, Creator: owner,
		Acceptance: goal.Accepted, Kind: goal.KeyResult, Horizon: goal.MilestoneHorizon, Parent: parent,
		Metric: &goal.Metric{Unit: "$", Direction: goal.Decrease, Baseline: &from, Target: to, Current: &current},
		Start:  goal.Date{Year: 2026, Month: 8, Day: 24}, Due: goal.Date{Year: 2026, Month: 12, Day: 31},
		Cadence: goal.Weekly, Visibility: goal.Shared, Channel: room, Created: monday.AddDate(0, 0, -98),
	}}
	weeks := 5 + r.IntN(9)
	for n := range weeks {
		checkIn(r, &g.Goal, monday.AddDate(0, 0, 7*(n-weeks)).Add(48*time.Hour))
	}
	return g
}

// checkIn tells a value somewhat nearer to the target, and often something about it.
func checkIn(r *rand.Rand, g *goal.Goal, at time.Time) {
	remarks := []string{"", "waiting for legal", "the new page converts better", "hai khách lớn đã gia hạn", "slower than hoped: two people were away"}
	steps := []string{"", "call the five largest accounts", "thử lại bảng giá mới"}
	value := g.Metric.Current.Sub(decimal.NewFromInt(int64(r.IntN(9))))
	confidence := 4 + r.IntN(6)
	year, week := at.ISOWeek()
	err := g.Record(goal.CheckIn{
		At: at, By: g.Owner, Period: fmt.Sprintf("%d-W%02d", year, week), Value: &value, Confidence: &confidence,
		Status: goal.AtRisk, Suggested: goal.OffTrack, Change: remarks[r.IntN(len(remarks))], Next: steps[r.IntN(len(steps))],
	})
	if err != nil {
		panic(err) // the town is made wrongly
	}
}

// moveIn saves the town into a store.
func (t *town) moveIn(ctx context.Context, s *storage.Store) error {
	for some := range slices.Chunk(t.records, 200) {
		if err := s.Commit(ctx, t.workspace, conversation.Commit{Now: monday, Write: some}); err != nil {
			return fmt.Errorf("moving in: %w", err)
		}
	}
	for key, value := range t.contacts {
		if err := s.Keep(ctx, t.workspace, key, value); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(t.timers, 500) {
		if err := s.Arm(ctx, some...); err != nil {
			return err
		}
	}
	return nil
}

// platform is how ids look there, and what its adapter has learned about people.
type platform struct {
	workspace conversation.Workspace
	person    func(n int) goal.PersonID
	channel   func(n int) goal.ChannelID
	contact   func(n int) map[string][]byte
}

var slackTown = platform{
	workspace: "slack:T0BENCH",
	person:    func(n int) goal.PersonID { return goal.PersonID(fmt.Sprintf("U%09d", n)) },
	channel:   func(n int) goal.ChannelID { return goal.ChannelID(fmt.Sprintf("C%09d", n)) },
	contact: func(n int) map[string][]byte {
		return map[string][]byte{fmt.Sprintf("dm:U%09d", n): asJSON(fmt.Sprintf("D%09d", n))}
	},
}

const tenant = "11111111-2222-3333-4444-555555555555"

var teamsTown = platform{
	workspace: "teams:" + tenant,
	person: func(n int) goal.PersonID {
		return goal.PersonID(fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", n))
	},
	channel: func(n int) goal.ChannelID { return goal.ChannelID(fmt.Sprintf("19:%09d@thread.tacv2", n)) },
	contact: func(n int) map[string][]byte {
		return map[string][]byte{fmt.Sprintf("person:aaaaaaaa-0000-4000-8000-%012d", n): asJSON(map[string]string{
			"service": "https://smba.example/teams/", "bot": "28:bench", "user": fmt.Sprintf("29:u%09d", n), "chat": fmt.Sprintf("a:chat%09d", n),
		})}
	},
}

func asJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and maps of strings always encode
	}
	return raw
}
