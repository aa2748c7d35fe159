package slack

import (
	"context"
	"time"

	"goalkeeper/bot"
	"goalkeeper/conversation"
)

// How often Slack lets an app call. It counts for each method, app and workspace, and a refusal closes the method
// for the workspace as long as its Retry-After says (docs.slack.dev, "Rate limits", read in November 2026).
//
// chat.postMessage has limits of its own ("chat.postMessage method", November 2026): one message a second into a
// conversation, and "several hundred" a minute into a workspace, with bursts above either. How many hundred is not
// published; 525 a minute is what another vendor of such messages counts on (Moveworks, "Integration Rate
// Limits", November 2026). Where it is less, Slack refuses and is obeyed.
var (
	posting = conversation.Bucket{Name: "chat.postMessage", Limits: []conversation.Limit{
		conversation.Within(525, time.Minute, 5),
	}}
	talking = []conversation.Limit{{Every: time.Second, Burst: 3}}
)

// tiers are the calls a minute that the other methods allow at least; each method's page names its tier (November
// 2026). Bursts come on top: "sporadic bursts are welcome" in tier 3, "generous" ones in tier 4.
var tiers = map[string]int{
	"chat.update":           50,
	"conversations.history": 50,
	"conversations.info":    50,
	"conversations.open":    50,
	"chat.postEphemeral":    100,
	"conversations.members": 100,
	"users.info":            100,
}

// method is what a call of a method in a tier takes. A quarter of a minute's calls may come at once.
func method(name string) bot.Toll {
	every := time.Minute / time.Duration(tiers[name])
	return bot.Toll{Wide: true, Toll: conversation.Toll{Shared: conversation.Bucket{
		Name: name, Limits: []conversation.Limit{{Every: every, Burst: tiers[name] / 4}},
	}}}
}

// Toll is what sending a message takes.
func (f *Face) Toll(_ context.Context, _ conversation.Workspace, m *conversation.Message) bot.Toll {
	switch {
	case m.To.Channel != "" && m.To.Person != "": // a whisper cannot be changed, only said again
		return method("chat.postEphemeral")
	case m.Delivery.Ref != "":
		return method("chat.update")
	}
	place := string(m.To.Channel)
	if place == "" {
		place = string(m.To.Person)
	}
	return bot.Toll{Wide: true, Toll: conversation.Toll{
		Shared: posting, Own: []conversation.Bucket{{Name: "in " + place, Limits: talking}},
	}}
}

// paid makes a call beside messages, if Slack can be expected to allow it. It returns the call's own error.
func (f *Face) paid(ctx context.Context, ws conversation.Workspace, name string, call func() error) error {
	toll := method(name)
	if err := f.cfg.Meter.Pay(ctx, ws, toll); err != nil {
		return err
	}
	err := call()
	if err != nil {
		f.cfg.Meter.Heed(ctx, ws, toll, classify(err, true))
	}
	return err
}
