package slack

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

func marshal(t *testing.T, v any) string {
	t.Helper()
	content, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// manyControls is a card whose controls are too long for Slack, so that they have to be kept.
func manyControls() card.Card {
	return card.Card{Summary: "many", Actions: []card.Action{{
		Label: "Go", Intent: card.Intent{Verb: "goal.show", Subject: "G-1", Value: strings.Repeat("x", 2*maxButtonValue)},
	}}}
}

// full takes every place of a room until the test ends.
func full(t *testing.T, take func() (func(), bool)) {
	t.Helper()
	for {
		leave, ok := take()
		if !ok {
			return
		}
		t.Cleanup(leave)
	}
}

func TestAFullRoomTurnsPeopleAwayWithASentence(t *testing.T) {
	s := newStage(t)
	c := formCard("en")
	full(t, s.room.Enter)
	w := s.deliver("/slack/commands", recorded(t, "command"))
	said := w.Body.String()
	for _, part := range []string{"Too much is going on", "quá nhiều việc", "/goal new", `"response_type":"ephemeral"`} {
		if w.Code != 200 || !strings.Contains(said, part) {
			t.Errorf("a command: %d without %q: %s", w.Code, part, said)
		}
	}
	w = s.deliver("/slack/interactions", submission(t, originOf(c, s.slack.URL), c, nil))
	if o := fields(t, w.Body.String()); o["response_action"] != "errors" {
		t.Errorf("a form does not stay open: %v", o)
	}
	if w := s.deliver("/slack/events", recorded(t, "message_im")); w.Code != 500 || w.Header().Get("X-Slack-No-Retry") != "" {
		t.Errorf("an event does not come again: %d", w.Code)
	}
	if w := s.deliver("/slack/interactions", s.at(recorded(t, "block_actions_ephemeral"))); w.Code != 200 {
		t.Errorf("a press: %d", w.Code)
	}
	if o := fields(t, s.slack.next(t, "/actions/2").body); !strings.Contains(marshal(t, o), "Too much is going on") {
		t.Errorf("a press hears %v", o)
	}
	if n := len(s.handler.heard()); n != 0 {
		t.Errorf("%d inputs were handled all the same", n)
	}
}

func TestTheLastTimeAnEventIsTurnedAwayItsSenderIsTold(t *testing.T) {
	s := newStage(t)
	full(t, s.room.Enter)
	for _, attempt := range []string{"1", "2", "3"} {
		if w := s.deliver("/slack/events", recorded(t, "message_im"), "X-Slack-Retry-Num", attempt); w.Code != 500 {
			t.Errorf("attempt %s: %d", attempt, w.Code)
		}
	}
	told := s.slack.next(t, "chat.postEphemeral")
	if !strings.Contains(told.form.Get("blocks"), "210") || len(s.slack.calls) != 0 {
		t.Errorf("told %v, and %d calls more", told.form, len(s.slack.calls))
	}
}

// When Slack takes no answers, commands are still answered, because they need none of its calls.
func TestSlowAnswersTakeNoPlaceFromCommands(t *testing.T) {
	s := newStage(t)
	full(t, s.tails.Enter)
	s.answers(answer(goalCard("en")), nil)
	if w := s.deliver("/slack/commands", recorded(t, "command")); w.Code != 200 || !strings.Contains(w.Body.String(), "ephemeral") {
		t.Errorf("a command: %d %s", w.Code, w.Body)
	}
	s.answers(answer(formCard("en")), nil)
	w := s.deliver("/slack/commands", recorded(t, "command"))
	if w.Code != 200 || !strings.Contains(w.Body.String(), "#form:") {
		t.Errorf("a form has no button in its stead: %d %s", w.Code, w.Body)
	}
	if w := s.deliver("/slack/interactions", recorded(t, "block_actions_ephemeral")); w.Code != 500 {
		t.Errorf("a press that nobody could answer was acknowledged: %d", w.Code)
	}
	heard := s.handler.heard()
	for _, in := range heard {
		if _, pressed := in.Act.(conversation.Used); pressed {
			t.Error("the press was handled though its answer cannot be shown")
		}
	}
}

func TestAPlaceIsHeldUntilTheConversationEnds(t *testing.T) {
	s := newStage(t)
	begun, leave := make(chan struct{}), make(chan struct{})
	s.handler.answer = func(context.Context, conversation.Input) (conversation.Answer, error) {
		close(begun)
		<-leave
		return conversation.Answer{}, nil
	}
	answered := make(chan struct{})
	go func() { s.deliver("/slack/events", recorded(t, "message_im")); close(answered) }()
	<-begun
	full(t, s.room.Enter)
	close(leave)
	<-answered
	s.work.Wait()
	if s.room.Full() {
		t.Error("the place was not given back")
	}
}

// Whatever Slack may send, turning it away neither panics nor leaves a person without a word.
func FuzzTurnAway(f *testing.F) {
	files, _ := filepath.Glob("testdata/payloads/*.json")
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		f.Add(string(kindOf(name)), recorded(f, name))
	}
	f.Add(string(interactions), []byte(`{"type":"view_submission","team":{"id":"T"},"user":{"id":"U"},"view":{"private_metadata":"{}"}}`))
	face := newFace(Config{Log: slog.New(slog.DiscardHandler), Clock: time.Now})
	f.Fuzz(func(t *testing.T, kind string, payload []byte) {
		said := face.turnAway(t.Context(), envelope(kind), payload, 0, func(w words) string { return w.busy })
		d, err := decode(t.Context(), envelope(kind), payload, blind{})
		if err == nil && d.edited && said.body == nil {
			t.Error("a form closes without a word")
		}
	})
}
