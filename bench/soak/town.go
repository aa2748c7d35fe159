package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"goalkeeper/conversation"
	"goalkeeper/goal"
	"goalkeeper/scheduler"
	"goalkeeper/storage"
)

const (
	team      = "T0SOAK"
	workspace = conversation.Workspace("slack:" + team)
	goalsEach = 3
	inChannel = 10
)

func personOf(n int) string         { return fmt.Sprintf("U%09d", n) }
func channelOf(n int) string        { return fmt.Sprintf("C%09d", n/inChannel) }
func directOf(person string) string { return "D" + strings.TrimPrefix(person, "U") }
func nameOf(person string) string   { return "Person " + strings.TrimLeft(person, "U0") }
func odd(person string) bool        { return len(person) > 0 && person[len(person)-1]%2 == 1 }

// zoneOf lets everybody live where the clock's steps fall on hours at which people are asked.
func zoneOf(person string) string {
	if odd(person) {
		return "Asia/Ho_Chi_Minh"
	}
	return "UTC"
}

func localeOf(person string) string {
	if odd(person) {
		return "vi-VN"
	}
	return "en-US"
}

// hourOf is one of the hours on which a step falls: noon and six in UTC, one and seven o'clock in Vietnam.
func hourOf(n int) string {
	if odd(personOf(n)) {
		return []string{"13:00", "19:00"}[n/2%2]
	}
	return []string{"12:00", "18:00"}[n/2%2]
}

// settle saves people with goals and choices, channels with a digest, and arms their timers.
func settle(ctx context.Context, s *storage.Store, people int) error {
	var records []conversation.Record
	var timers []conversation.Timer
	for n := range people {
		id, day := goal.PersonID(personOf(n)), time.Weekday(n%7)
		records = append(records, &conversation.Person{ID: id, Greeted: true, Asked: true, AsOf: monday,
			Profile: conversation.Profile{Name: nameOf(personOf(n)), Zone: zoneOf(personOf(n)), Language: localeOf(personOf(n))},
			Chosen:  conversation.Choices{Weekday: &day, Hour: hourOf(n), Since: monday}})
		for k := range goalsEach {
			records = append(records, ownGoal(n, k))
		}
		timers = append(timers, timer(conversation.CheckInTimer, string(id), day, hourOf(n), zoneOf(personOf(n))))
		if n%inChannel == 0 {
			id := channelOf(n)
			plan := conversation.DigestPlan{On: true, Weekday: 1 + time.Weekday(n/inChannel%5), Hour: "12:00", Zone: "UTC", Language: "en"}
			records = append(records, &conversation.Channel{ID: goal.ChannelID(id), AsOf: monday, Offered: true, SetBy: goal.PersonID(personOf(n)),
				Room: conversation.Room{Name: "team-" + strings.ToLower(id), Present: true}, Digest: plan})
			timers = append(timers, timer(conversation.DigestTimer, id, plan.Weekday, plan.Hour, plan.Zone))
		}
	}
	records = append(records, &conversation.Tree{Next: people*goalsEach + 1})
	for some := range slices.Chunk(records, 200) {
		if err := s.Commit(ctx, workspace, conversation.Commit{Now: monday, Write: some}); err != nil {
			return err
		}
	}
	return s.Arm(ctx, timers...)
}

// ownGoal is long enough that it is not over before the soak is.
func ownGoal(n, k int) *conversation.Goal {
	from, current := decimal.NewFromInt(100), decimal.NewFromInt(200)
	return &conversation.Goal{Goal: goal.Goal{
		ID: goalID(n, k), Title: fmt.Sprintf("Bring sign-ups of region %d to a level that pays for it", n*goalsEach+k), Reason: "The budget of next year rests on it",
		Owner: goal.PersonID(personOf(n)), Creator: goal.PersonID(personOf(n)), Acceptance: goal.Accepted, Kind: goal.KeyResult, Horizon: goal.LongTerm,
		Metric: &goal.Metric{Unit: "$", Direction: goal.Increase, Baseline: &from, Target: decimal.NewFromInt(1000), Current: &current},
		Start:  goal.Date{Year: 2026, Month: 11, Day: 30}, Due: goal.Date{Year: 2028, Month: 12, Day: 31},
		Cadence: goal.Weekly, Visibility: goal.Shared, Channel: goal.ChannelID(channelOf(n)), Created: monday.AddDate(0, 0, -1),
	}}
}

func goalID(n, k int) goal.ID { return goal.ID(fmt.Sprint("G-", n*goalsEach+k+1)) }

func timer(kind conversation.TimerKind, subject string, day time.Weekday, hour, zone string) conversation.Timer {
	var h, m int
	_, _ = fmt.Sscanf(hour, "%d:%d", &h, &m)
	where, err := time.LoadLocation(zone)
	if err != nil {
		panic(err) // the zones come with the program
	}
	at, err := scheduler.Calendar{}.Next(fmt.Sprintf("%d %d * * %d", m, h, day), where, monday)
	if err != nil {
		panic(err) // the schedule is written above
	}
	return conversation.Timer{Workspace: workspace, Kind: kind, Subject: subject, At: at}
}
