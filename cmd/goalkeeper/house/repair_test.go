//go:build unix

package house

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"goalkeeper/bot"
	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
	"goalkeeper/storage"
	"goalkeeper/storage/storagetest"
)

const (
	office conversation.Workspace = "play:office"
	growth goal.ChannelID         = "C1"
)

// week is a house on a real Redis, whose clock only the test moves, and everything that its platform received.
type week struct {
	*House
	t    *testing.T
	now  time.Time
	url  string
	acts int
	down bool // the platform refuses everything for now

	mu    sync.Mutex // messages may come side by side
	posts []string   // "Mon 30 Nov 09:00 checkin:U1:…"
	cards []card.Card
}

// newWeek begins on Friday, 27 November 2026, with three people, a goal of each, and the channel's digest on.
func newWeek(t *testing.T) *week {
	w := &week{t: t, now: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC), url: storagetest.Redis(t)}
	w.restart()
	for n := range 3 {
		w.act(fmt.Sprint("U", n), card.Intent{Verb: "goal.create", Subject: string(growth), Question: fmt.Sprint("q", n)},
			map[string]string{"title": "Cut CAC", "from": "$250", "to": "$150", "due": "2027-03-31", "owner": fmt.Sprint("U", n)})
	}
	w.act("U0", card.Intent{Verb: "digest.set", Subject: string(growth)}, nil)
	w.until(w.now.Add(time.Hour))
	return w
}

// restart puts a new process on the same records.
func (w *week) restart() {
	w.t.Helper()
	store, err := storage.Open(w.t.Context(), w.url)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = store.Close() })
	w.House = Join(store, func() time.Time { return w.now }, slog.New(slog.DiscardHandler))
	w.Add("play", w)
	if err := w.Service.ArmRepairs(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// loseTimers deletes the whole due set.
func (w *week) loseTimers() {
	w.t.Helper()
	o, err := redis.ParseURL(w.url)
	if err != nil {
		w.t.Fatal(err)
	}
	client := redis.NewClient(o)
	defer client.Close()
	keys := client.Keys(w.t.Context(), "gk:due:*").Val()
	if len(keys) == 0 {
		w.t.Fatal("there is no due set to lose")
	}
	if err := client.Del(w.t.Context(), keys...).Err(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *week) act(who string, i card.Intent, values map[string]string) {
	w.t.Helper()
	w.acts++
	_, err := w.Service.Handle(w.t.Context(), conversation.Input{
		Workspace: office, Actor: goal.PersonID(who), Delivery: fmt.Sprint("d", w.acts), Inline: true,
		Place: conversation.Place{ID: growth, Kind: conversation.PublicChannel, Name: "growth"},
		Act:   conversation.Used{Intent: i, Values: values},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// until lets time pass, in steps of ten minutes, over those in which nothing is due.
func (w *week) until(target time.Time) {
	w.t.Helper()
	const step = 10 * time.Minute
	for {
		if err := w.Scheduler.Settle(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		if !w.now.Before(target) {
			return
		}
		next, err := w.Scheduler.NextDue(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		w.now = w.now.Add(step)
		for w.now.Before(next) && w.now.Before(target) {
			w.now = w.now.Add(step)
		}
	}
}

func (w *week) Post(_ context.Context, _ conversation.Workspace, m *conversation.Message, _ string) (string, error) {
	if w.down {
		return "", refusal
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.posts = append(w.posts, w.now.Format("Mon 2 Jan 15:04 ")+m.Key)
	w.cards = append(w.cards, m.Card)
	return fmt.Sprint(len(w.posts)), nil
}

func (w *week) Edit(context.Context, conversation.Workspace, *conversation.Message, string) error {
	return nil
}

func (w *week) Person(_ context.Context, _ conversation.Workspace, id goal.PersonID) (conversation.Profile, error) {
	return conversation.Profile{Name: string(id), Zone: "UTC"}, nil
}

func (w *week) Channel(context.Context, conversation.Workspace, goal.ChannelID) (conversation.Room, error) {
	return conversation.Room{Name: "growth", Present: true}, nil
}

func (w *week) IsMember(context.Context, conversation.Workspace, goal.ChannelID, goal.PersonID) (bool, error) {
	return true, nil
}

// The whole due set is lost, on any day and with messages under way: after the next start everything still comes
// once, and at its hour.
func TestTheDueSetIsLost(t *testing.T) {
	end := time.Date(2026, 12, 16, 0, 0, 0, 0, time.UTC)
	undisturbed := newWeek(t)
	undisturbed.until(end)
	slices.Sort(undisturbed.posts)
	if n := len(undisturbed.posts); n < 3+3*3+3 {
		t.Fatalf("only %d messages in an undisturbed fortnight: %q", n, undisturbed.posts)
	}
	for _, lost := range []time.Time{
		time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC),   // Saturday: all timers lie ahead
		time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC),   // Monday, as the questions come
		time.Date(2026, 11, 30, 22, 30, 0, 0, time.UTC), // reminders and digest lie ahead
		time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC),   // Tuesday, as the digest comes
		time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC),
	} {
		t.Run(lost.Format("Mon 15:04"), func(t *testing.T) {
			w := newWeek(t)
			w.until(lost)
			w.loseTimers()
			w.restart()
			w.until(end)
			slices.Sort(w.posts)
			if !slices.Equal(w.posts, undisturbed.posts) {
				t.Errorf("sent\n%s\nwant\n%s", strings.Join(w.posts, "\n"), strings.Join(undisturbed.posts, "\n"))
			}
		})
	}
}

// What waits for the platform when the due set is lost is sent all the same.
func TestMessagesUnderWayAreFoundAgain(t *testing.T) {
	w := newWeek(t)
	w.until(time.Date(2026, 11, 30, 8, 50, 0, 0, time.UTC))
	w.down, w.posts = true, nil
	w.until(time.Date(2026, 11, 30, 9, 30, 0, 0, time.UTC))
	w.loseTimers()
	w.down = false
	w.restart()
	w.until(time.Date(2026, 11, 30, 9, 50, 0, 0, time.UTC))
	if len(w.posts) != 3 {
		t.Errorf("sent %q", w.posts)
	}
}

// The platform is away for ten days. When it is back, everybody gets this week's question and the channel its digest,
// each once and with the reason why it is late; nothing of the week before.
func TestALongOutageEndsInNoFlood(t *testing.T) {
	w := newWeek(t)
	w.until(time.Date(2026, 11, 30, 8, 50, 0, 0, time.UTC))
	w.down, w.posts, w.cards = true, nil, nil
	w.until(time.Date(2026, 12, 9, 11, 0, 0, 0, time.UTC))
	w.down = false
	w.until(time.Date(2026, 12, 9, 11, 30, 0, 0, time.UTC))
	if len(w.posts) != 4 {
		t.Fatalf("sent\n%s", strings.Join(w.posts, "\n"))
	}
	for n, post := range w.posts {
		shown, err := json.Marshal(w.cards[n])
		if err != nil || !strings.Contains(post, "2026-W50") || !strings.Contains(string(shown), "comes late") {
			t.Errorf("%s: %s", post, shown)
		}
	}
	w.posts = nil
	w.until(time.Date(2026, 12, 12, 0, 0, 0, 0, time.UTC))
	if len(w.posts) != 3 || !strings.HasPrefix(w.posts[0], "Thu 10 Dec 11:") { // the reminders, a day after the questions
		t.Errorf("then sent\n%s", strings.Join(w.posts, "\n"))
	}
}

var refusal = &bot.SendError{Outcome: bot.Refused, Reason: "service_unavailable"}

// BenchmarkRepair is a whole pass over 10,000 goals of 3,334 people, with nothing else to do.
func BenchmarkRepair(b *testing.B) {
	store, err := storage.Open(b.Context(), storagetest.Redis(b))
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	var records []conversation.Record
	for n := range 10_000 {
		owner := goal.PersonID(fmt.Sprint("U", n/3))
		g := &conversation.Goal{Goal: goal.Goal{ID: goal.ID(fmt.Sprint("G-", n+1)), Title: "Cut CAC from $250 to $150", Owner: owner,
			Creator: owner, Acceptance: goal.Accepted, Created: now, Channel: growth}}
		records = append(records, g)
		if n%3 == 0 {
			records = append(records, &conversation.Person{ID: owner}, &conversation.Talk{Person: owner})
		}
	}
	for some := range slices.Chunk(records, 500) {
		if err := store.Commit(b.Context(), office, conversation.Commit{Now: now, Write: some}); err != nil {
			b.Fatal(err)
		}
	}
	h := Join(store, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	pages := 0
	for b.Loop() {
		next := now
		for ; !next.IsZero(); pages++ {
			if next, err = h.Service.Repair(b.Context(), conversation.Timer{Workspace: office, Kind: conversation.RepairTimer}, now); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(pages)/float64(b.N), "pages/op")
}
