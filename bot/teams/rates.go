package teams

import (
	"context"
	"time"

	"goalkeeper/bot"
	"goalkeeper/conversation"
)

// How often Teams lets a bot call (Microsoft Learn, "Optimize your bot with rate limiting in Teams", read in November
// 2026): 50 requests a second for an app in a tenant, whatever they ask for, and for each conversation so many
// within 1, 2, 30 and 3,600 seconds. The windows are kept strictly; a part of the longer ones may come at once.
var (
	requests = conversation.Bucket{Name: "requests", Limits: []conversation.Limit{
		conversation.Within(50, time.Second, 1),
	}}
	writing = []conversation.Limit{ // "Send to conversation", and "Create conversation" the same
		conversation.Within(7, time.Second, 7),
		conversation.Within(8, 2*time.Second, 7),
		conversation.Within(60, 30*time.Second, 30),
		conversation.Within(1800, time.Hour, 60),
	}
	reading = []conversation.Limit{ // "Get conversation members", and "Get conversations" the same
		conversation.Within(14, time.Second, 14),
		conversation.Within(16, 2*time.Second, 14),
		conversation.Within(120, 30*time.Second, 60),
		conversation.Within(3600, time.Hour, 120),
	}
)

// Toll is what sending a message takes.
func (f *Face) Toll(ctx context.Context, _ conversation.Workspace, m *conversation.Message) bot.Toll {
	toll := bot.Toll{Toll: conversation.Toll{Shared: requests, Calls: 1}}
	place := string(m.To.Channel)
	if place == "" {
		place = string(m.To.Person)
		toll.Wide = true // nobody gets so many messages that it could be their own chat
		if m.Delivery.Ref == "" && !f.opened(ctx, m) {
			toll.Calls = 2
		}
	}
	toll.Own = []conversation.Bucket{{Name: "in " + place, Limits: writing}}
	return toll
}

// opened reports whether the person's chat is known; else it must be created first.
func (f *Face) opened(ctx context.Context, m *conversation.Message) bool {
	c, ok, err := f.book.person(ctx, m.To.Person)
	return err == nil && ok && c.Chat != ""
}

// looking is what a look at a roster or a list of channels takes.
func looking(in string) bot.Toll {
	return bot.Toll{Toll: conversation.Toll{
		Shared: requests, Own: []conversation.Bucket{{Name: "of " + in, Limits: reading}},
	}}
}
