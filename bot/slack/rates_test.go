package slack

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"goalkeeper/bot"
	"goalkeeper/conversation"
	"goalkeeper/goal"
	"goalkeeper/storage"
)

func TestWhatSendingTakes(t *testing.T) {
	s := newStage(t)
	for name, c := range map[string]struct {
		m           conversation.Message
		shared, own string
	}{
		"a direct message": {conversation.Message{To: conversation.Address{Person: "U1"}}, "chat.postMessage", "[in U1]"},
		"into a channel":   {conversation.Message{To: conversation.Address{Channel: "C1"}}, "chat.postMessage", "[in C1]"},
		"a whisper":        {conversation.Message{To: conversation.Address{Person: "U1", Channel: "C1"}}, "chat.postEphemeral", "[]"},
		"an edit": {conversation.Message{To: conversation.Address{Person: "U1"}, Delivery: conversation.Delivery{Ref: "D1/1.1"}},
			"chat.update", "[]"},
	} {
		toll, own := s.Toll(t.Context(), acme, &c.m), []string{}
		for _, b := range toll.Own {
			own = append(own, b.Name)
		}
		if toll.Shared.Name != c.shared || fmt.Sprint(own) != c.own || !toll.Wide {
			t.Errorf("%s takes %+v", name, toll)
		}
	}
}

// A look-up that comes too soon is not made, and one that Slack refused closes its method: no other.
func TestLookUpsKeepToTheirTier(t *testing.T) {
	store, err := storage.Open(t.Context(), "embedded://")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	now := noon
	s := newStage(t, func(c *Config) {
		c.Meter = &bot.Meter{Pacer: store, Clock: func() time.Time { return now }}
	})
	asked := 0
	s.slack.answers["users.info"] = func(w http.ResponseWriter, r *http.Request) {
		asked++
		says(`{"ok":true,"user":{"id":"U1","real_name":"Somebody"}}`)(w, r)
	}
	for n := range 100 {
		_, _ = s.Person(t.Context(), acme, goal.PersonID(fmt.Sprint("U", n)))
	}
	if asked < 25 || asked > 30 {
		t.Errorf("Slack was asked %d times at once", asked)
	}
	now = now.Add(time.Minute)
	s.slack.answers["users.info"] = func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	asked = 0
	for n := range 5 {
		if _, err := s.Person(t.Context(), acme, goal.PersonID(fmt.Sprint("V", n))); err == nil {
			t.Error("somebody was found")
		}
	}
	if asked != 1 {
		t.Errorf("a refusing Slack was asked %d times", asked)
	}
	if _, err := s.Channel(t.Context(), acme, "C1"); err != nil {
		t.Errorf("another method is closed as well: %v", err)
	}
	if turns, err := store.Take(t.Context(), acme, now, conversation.Ask{Key: "m", Toll: s.Toll(t.Context(), acme, toLinh()).Toll}); err != nil || !turns[0].IsZero() {
		t.Errorf("messages wait until %v, %v", turns, err)
	}
}
