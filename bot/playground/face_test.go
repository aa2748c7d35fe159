package playground_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"goalkeeper/bot"
	"goalkeeper/bot/playground"
	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

var start = time.Date(2026, 11, 23, 8, 1, 0, 0, time.UTC)

func message(key string, to conversation.Address, text string) *conversation.Message {
	return &conversation.Message{Key: key, To: to, Language: "en", Card: body(paragraph(card.Body, span(text)))}
}

func TestPostOncePerKey(t *testing.T) {
	f := playground.New(playground.Config{Clock: playground.NewClock(func() time.Time { return start })})
	m := message("digest:growth:2026-W48", conversation.Address{Channel: playground.Growth}, "hello")
	ref, err := f.Post(t.Context(), playground.Workspace, m, "")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := f.Post(t.Context(), playground.Workspace, m, ""); err != nil || again != ref {
		t.Errorf("posted twice: %q and %q (%v)", ref, again, err)
	}
	if found, err := f.Find(t.Context(), playground.Workspace, m, start.Add(-time.Hour)); err != nil || found != ref {
		t.Errorf("found %q, want %q (%v)", found, ref, err)
	}
	if found, _ := f.Find(t.Context(), playground.Workspace, m, start.Add(time.Hour)); found != "" {
		t.Errorf("found %q, though it was posted before", found)
	}
	if err := f.Edit(t.Context(), playground.Workspace, m, ref); err != nil {
		t.Error(err)
	}
}

func TestPostRefusesForGood(t *testing.T) {
	f := playground.New(playground.Config{})
	for name, m := range map[string]*conversation.Message{
		"nobody":     message("k", conversation.Address{Person: "bob"}, "x"),
		"no channel": message("k", conversation.Address{Channel: "random"}, "x"),
		"nowhere":    message("k", conversation.Address{}, "x"),
	} {
		_, err := f.Post(t.Context(), playground.Workspace, m, "")
		var failed *bot.SendError
		if !errors.As(err, &failed) || failed.Outcome != bot.Final || failed.Reason == "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := f.Post(t.Context(), "slack:T1", message("k", conversation.Address{Person: "linh"}, "x"), ""); err == nil {
		t.Error("another workspace's message was posted")
	}
}

func TestOldMessagesGo(t *testing.T) {
	f := playground.New(playground.Config{})
	to := conversation.Address{Channel: playground.Growth}
	first := message("first", to, "first")
	ref, err := f.Post(t.Context(), playground.Workspace, first, "")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 500 {
		if _, err := f.Post(t.Context(), playground.Workspace, message(fmt.Sprint(n), to, "x"), ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Edit(t.Context(), playground.Workspace, first, ref); err == nil {
		t.Error("the 501st message back is still kept")
	}
}

func TestDirectory(t *testing.T) {
	f := playground.New(playground.Config{})
	for id, zone := range map[string]string{"linh": "Asia/Ho_Chi_Minh", "alex": "America/New_York", "sam": "Europe/London"} {
		p, err := f.Person(t.Context(), playground.Workspace, goal.PersonID(id))
		if err != nil || p.Zone != zone || p.Admin != (id == "alex") {
			t.Errorf("%s: %+v (%v)", id, p, err)
		}
		if in, err := f.IsMember(t.Context(), playground.Workspace, playground.Growth, goal.PersonID(id)); err != nil || !in {
			t.Errorf("%s is not in the channel (%v)", id, err)
		}
	}
	if _, err := f.Person(t.Context(), playground.Workspace, "bob"); !errors.Is(err, conversation.ErrNobody) {
		t.Errorf("bob: %v", err)
	}
	if _, err := f.Channel(t.Context(), playground.Workspace, "random"); !errors.Is(err, conversation.ErrNobody) {
		t.Errorf("random: %v", err)
	}
}
