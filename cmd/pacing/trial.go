// Package pacing tries out how fast messages get to platforms that enforce their limits: the house as it is, on
// any number of replicas, under a clock that is moved from one instant to the next at which something is due. The
// tests and the benchmarks run the same trial.
package pacing

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"goalkeeper/bot/slack"
	"goalkeeper/bot/teams"
	"goalkeeper/cmd/goalkeeper/house"
	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
	"goalkeeper/storage"
)

// Platforms that a trial can be about.
const (
	Slack = "slack"
	Teams = "teams"
)

// Trial is a Monday: at one instant a prompt is due for each of many people on one platform, and for a single one
// on the other; meanwhile people do things that others must hear of at once.
type Trial struct {
	Stores   []*storage.Store // one for each replica, all on the same data, which must be empty
	Platform string           // of the many
	People   int
	Urgent   int // messages that somebody waits for, at random instants while the prompts go out
	Seed     uint64
	Step     time.Duration // the clock moves at least so far; default 20 ms
	For      time.Duration // after the hour the trial is broken off; default: when all is done
	Log      *slog.Logger  // nil: none
}

// Report is what came of it. All times but one are the trial's.
type Report struct {
	Sent, Early, Twice    int
	Allowed               float64       // calls that the platform allows from the hour to the last prompt
	Use                   float64       // prompts and urgent messages sent ÷ Allowed
	Refused, RefusedLater int           // 429s in all, and after the first minute
	Spread                time.Duration // from the hour to the last prompt
	UrgentMost            time.Duration // the longest that an urgent message took
	// Single is how long the other workspace's prompt took after the hour by the true clock, and Crowd how long
	// it took until all of the many had been told to wait.
	Single, Crowd time.Duration
}

// hour is the Monday's.
var hour = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)

const tenant = "7d7d7d7d-1111-4222-8333-000000000001"

func workspaceOf(platform string) conversation.Workspace {
	if platform == Slack {
		return "slack:T0TRIAL"
	}
	return "teams:" + tenant
}

// allowance is what a platform allows a workspace, in calls a second.
var allowance = map[string]float64{Slack: 525.0 / 60, Teams: 50}

// run is a trial under way.
type run struct {
	Trial
	mu       sync.Mutex
	now      time.Time
	platform *platform
	houses   []*house.House
	came     map[string]time.Time // when a message was wanted, by key
	urgent   []time.Time          // when the next ones come, in order
	struck   time.Time            // the true time at which the hour struck
	crowd    time.Duration
}

// Run makes the trial.
func (t Trial) Run(ctx context.Context) (Report, error) {
	r := &run{Trial: t, now: hour.Add(-time.Minute), came: map[string]time.Time{}}
	if r.Step == 0 {
		r.Step = 20 * time.Millisecond
	}
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	r.platform = newPlatform(r.clock)
	for _, store := range t.Stores {
		if err := r.join(ctx, store); err != nil {
			return Report{}, err
		}
	}
	if err := r.prepare(ctx); err != nil {
		return Report{}, err
	}
	for {
		more, err := r.step(ctx)
		if err != nil {
			return Report{}, err
		}
		if !more || r.For > 0 && r.clock().Sub(hour) >= r.For {
			return r.report(), nil
		}
	}
}

func (r *run) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// join makes a replica with both faces.
func (r *run) join(ctx context.Context, store *storage.Store) error {
	h := house.Join(store, r.clock, r.Log)
	client := &http.Client{Transport: r.platform}
	s, err := slack.New(ctx, slack.Config{
		BotToken: "xoxb-trial", APIURL: "http://platform/api/", Client: client, Clock: r.clock,
		Handler: h.Service, Contacts: store, Meter: h.Meter, Log: r.Log,
	})
	if err != nil {
		return err
	}
	t, err := teams.New(ctx, teams.Config{
		TenantID: tenant, AuthOff: true, HTTP: client, Now: r.clock,
		Handler: h.Service, Contacts: store, Meter: h.Meter, Log: r.Log,
	})
	if err != nil {
		return err
	}
	h.Add(Slack, s)
	h.Add(Teams, t)
	r.houses = append(r.houses, h)
	return nil
}

// prepare saves everybody's prompt, armed for the hour, and chooses when people do things.
func (r *run) prepare(ctx context.Context) error {
	other := Slack
	if r.Platform == Slack {
		other = Teams
	}
	var many errgroup.Group
	many.SetLimit(16)
	for n := range r.People {
		many.Go(func() error { return r.want(ctx, r.Platform, fmt.Sprintf("trial:many:%d", n), hour, false) })
	}
	if err := many.Wait(); err != nil {
		return err
	}
	if err := r.want(ctx, other, "trial:single:0", hour, false); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(r.Seed, 4))
	for range r.Urgent {
		within := time.Duration(float64(r.People) / allowance[r.Platform] * float64(time.Second))
		r.urgent = append(r.urgent, hour.Add(time.Duration(random.Int64N(int64(within)))).Truncate(time.Millisecond))
	}
	slices.SortFunc(r.urgent, time.Time.Compare)
	return nil
}

// want saves a message to a person of its own, and arms its timer.
func (r *run) want(ctx context.Context, platform, key string, at time.Time, urgent bool) error {
	ws, store := workspaceOf(platform), r.Stores[0]
	person := "U" + key[len("trial:"):]
	if platform == Teams {
		contact, err := json.Marshal(map[string]string{"service": "http://platform", "bot": "28:b", "user": "29:" + person, "chat": "a:" + person})
		if err != nil {
			return err
		}
		if err := store.Keep(ctx, ws, "person:"+person, contact); err != nil {
			return err
		}
	}
	m := &conversation.Message{
		Key: key, To: conversation.Address{Person: goal.PersonID(person)}, Language: "en", Urgent: urgent, Revision: 1, Created: at,
		Card: card.Card{Kind: "trial", Summary: "How is your goal?", Body: []card.Block{{Text: &card.Paragraph{
			Text: card.Text{{Text: "How is your goal?"}},
		}}}, Actions: []card.Action{{Label: "Answer", Intent: card.Intent{Verb: "trial", Subject: key}}}},
	}
	r.mu.Lock()
	r.came[key] = at
	r.mu.Unlock()
	if err := store.Commit(ctx, ws, conversation.Commit{Now: at, Write: []conversation.Record{m}}); err != nil {
		return err
	}
	return store.Arm(ctx, conversation.Timer{Workspace: ws, Kind: m.TimerKind(), Subject: key, At: at})
}

// step moves the clock to the next instant at which something is due, and lets all replicas handle it. False says
// that nothing is.
func (r *run) step(ctx context.Context) (bool, error) {
	next, err := r.Stores[0].NextDue(ctx, conversation.SendTimer, conversation.UrgentTimer)
	if err != nil {
		return false, err
	}
	if len(r.urgent) > 0 && (next.IsZero() || r.urgent[0].Before(next)) {
		next = r.urgent[0]
	}
	if next.IsZero() {
		return false, nil
	}
	r.mu.Lock()
	if earliest := r.now.Add(r.Step); next.Before(earliest) {
		next = earliest
	}
	r.now = next
	r.mu.Unlock()
	for ; len(r.urgent) > 0 && !r.urgent[0].After(next); r.urgent = r.urgent[1:] {
		if err := r.want(ctx, r.Platform, fmt.Sprintf("trial:urgent:%d", len(r.urgent)), r.urgent[0], true); err != nil {
			return false, err
		}
	}
	if r.struck.IsZero() {
		r.struck = time.Now()
		defer func() { r.crowd = time.Since(r.struck) }()
	}
	var replicas errgroup.Group
	for _, h := range r.houses {
		replicas.Go(func() error { return h.Scheduler.Settle(ctx) })
	}
	return true, replicas.Wait()
}
