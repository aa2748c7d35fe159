package slack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

// socketStub is Slack's end of Socket Mode: it hands out addresses and serves one connection after another.
type socketStub struct {
	opened  atomic.Int32
	conns   chan *websocket.Conn
	address string
}

func newSocketStub(t *testing.T, s *slackStub) *socketStub {
	stub := &socketStub{conns: make(chan *websocket.Conn, 10)}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		_ = c.WriteJSON(map[string]any{"type": "hello", "num_connections": 1})
		stub.conns <- c
	}))
	t.Cleanup(server.Close)
	stub.address = "ws" + strings.TrimPrefix(server.URL, "http")
	s.answers["apps.connections.open"] = func(w http.ResponseWriter, _ *http.Request) {
		stub.opened.Add(1)
		_, _ = io.WriteString(w, `{"ok":true,"url":"`+stub.address+`"}`)
	}
	return stub
}

// connection is the next connection of the face.
func (s *socketStub) connection(t *testing.T) *websocket.Conn {
	t.Helper()
	select {
	case c := <-s.conns:
		return c
	case <-time.After(10 * time.Second):
		t.Fatal("no connection")
		return nil
	}
}

// exchange delivers a payload and returns the acknowledgement's.
func exchange(t *testing.T, c *websocket.Conn, id, kind string, payload []byte) json.RawMessage {
	t.Helper()
	send(t, c, id, kind, payload)
	return acked(t, c, id)
}

func send(t *testing.T, c *websocket.Conn, id, kind string, payload []byte) {
	t.Helper()
	err := c.WriteJSON(map[string]any{"envelope_id": id, "type": kind, "payload": json.RawMessage(payload)})
	if err != nil {
		t.Fatal(err)
	}
}

func acked(t *testing.T, c *websocket.Conn, id string) json.RawMessage {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	var ack struct {
		ID      string          `json:"envelope_id"`
		Payload json.RawMessage `json:"payload"`
	}
	if err := c.ReadJSON(&ack); err != nil || ack.ID != id {
		t.Fatalf("ack %q: %v", ack.ID, err)
	}
	return ack.Payload
}

// listening is a face in Socket Mode, and Slack's end of it.
func listening(t *testing.T) (*stage, *socketStub) {
	t.Helper()
	s := newStage(t, func(c *Config) { c.AppToken = "xapp-test" })
	stub := newSocketStub(t, s.slack)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return s, stub
}

func TestSocketModeDecodesAndAnswersLikeHTTP(t *testing.T) {
	s, stub := listening(t)
	s.answers(answer(goalCard("en")), nil)
	c := stub.connection(t)
	over := exchange(t, c, "e1", "slash_commands", recorded(t, "command"))
	w := s.deliver("/slack/commands", recorded(t, "command"))
	if string(over) != w.Body.String() {
		t.Errorf("socket %s\nhttp   %s", over, w.Body)
	}
	exchange(t, c, "e2", "interactive", s.at(recorded(t, "block_actions_ephemeral")))
	exchange(t, c, "e3", "events_api", recorded(t, "message_im"))
	exchange(t, c, "e4", "events_api", []byte(strings.Replace(string(recorded(t, "message_im")), `"type":"message"`, `"type":"quite_new"`, 1)))
	heard := s.handler.heard()
	if len(heard) != 4 || heard[0].Delivery != heard[1].Delivery {
		t.Errorf("%d inputs", len(heard))
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSocketModeDoesNotAcknowledgeWhatWasNotSaved(t *testing.T) {
	s, stub := listening(t)
	s.handler.answer = func(_ context.Context, in conversation.Input) (conversation.Answer, error) {
		if _, said := in.Act.(conversation.Said); said {
			return answer(downCard("en")), errors.New("store down")
		}
		return conversation.Answer{}, nil
	}
	c := stub.connection(t)
	send(t, c, "lost", "events_api", recorded(t, "message_im"))
	s.slack.next(t, "chat.postEphemeral") // by then the event was handled, and only the next one is acknowledged
	exchange(t, c, "fine", "events_api", recorded(t, "app_home_opened"))
}

func TestSocketModeSendsLargeAnswersAnotherWay(t *testing.T) {
	s, stub := listening(t)
	var rows []card.Row
	for range 90 {
		rows = append(rows, card.Row{Text: card.Text{{Text: "● "}, {Text: "G-1", Style: card.Strong}, {Text: strings.Repeat("&", 70)}}})
	}
	s.answers(answer(card.Card{Summary: "many", Body: []card.Block{{Rows: rows}}}), nil)
	got := exchange(t, stub.connection(t), "e1", "slash_commands", s.at(recorded(t, "command")))
	if len(got) > 4 {
		t.Errorf("%d bytes over the socket, which Slack would drop", len(got))
	}
	checkBlocks(t, "message", fields(t, s.slack.next(t, "/commands/1234/5678").body)["blocks"])
}

func TestSocketModeConnectsAgain(t *testing.T) {
	s, stub := listening(t)
	for i, end := range []func(*websocket.Conn){
		func(c *websocket.Conn) {
			_ = c.WriteJSON(map[string]any{"type": "disconnect", "reason": "refresh_requested"})
		},
		func(c *websocket.Conn) { _ = c.UnderlyingConn().Close() },
		func(*websocket.Conn) {},
	} {
		c := stub.connection(t)
		exchange(t, c, "e", "events_api", recorded(t, "message_im"))
		if n := len(s.handler.heard()); n != i+1 {
			t.Errorf("%d inputs after %d connections", n, i+1)
		}
		end(c)
	}
}

func TestSocketModeTurnsAwayAtOnceWhatFindsNoPlace(t *testing.T) {
	s, stub := listening(t)
	c := stub.connection(t)
	full(t, s.room.Enter)
	said := exchange(t, c, "e1", "slash_commands", recorded(t, "command"))
	for _, part := range []string{"Too much is going on", "quá nhiều việc", "/goal new"} {
		if !strings.Contains(string(said), part) {
			t.Errorf("a command's reply lacks %q: %s", part, said)
		}
	}
	form := formCard("en")
	if said := exchange(t, c, "e2", "interactive", submission(t, originOf(form, s.slack.URL), form, nil)); !strings.Contains(string(said), `"errors"`) {
		t.Errorf("a form does not stay open: %s", said)
	}
	send(t, c, "e3", "events_api", recorded(t, "message_im")) // comes again: not acknowledged
	exchange(t, c, "e4", "slash_commands", recorded(t, "command"))
	if n := len(s.handler.heard()); n != 0 {
		t.Errorf("%d inputs were handled", n)
	}
}

// Junk over the socket costs a line in the log, and neither the connection nor anybody's answer.
func TestSocketModeOutlivesJunk(t *testing.T) {
	s, stub := listening(t)
	s.answers(answer(goalCard("en")), nil)
	c := stub.connection(t)
	for _, junk := range []string{
		"", "null", "[]", `"x"`, "{", `{"type":7}`, `{"type":"slash_commands"}`,
		`{"envelope_id":"j1","type":"slash_commands","payload":7}`,
		`{"envelope_id":"j2","type":"interactive","payload":{"type":"block_actions","team":{"id":"T0ACME"},"actions":[[[]]]}}`,
		`{"envelope_id":"j3","type":"never heard of","payload":{}}`,
		`{"envelope_id":"j4","type":"events_api","payload":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`,
		`{"envelope_id":"j5","type":"events_api","payload":{"team_id":"T0ACME","event_id":1e999999}}`,
		"{\"envelope_id\":\"j6\",\"type\":\"events_api\",\"payload\":{\"team_id\":\"T0ACME\xff\"}}",
	} {
		if err := c.WriteMessage(websocket.TextMessage, []byte(junk)); err != nil {
			t.Fatal(err)
		}
	}
	send(t, c, "good", "slash_commands", recorded(t, "command"))
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		var ack struct {
			ID      string          `json:"envelope_id"`
			Payload json.RawMessage `json:"payload"`
		}
		if err := c.ReadJSON(&ack); err != nil {
			t.Fatalf("the good one is not answered: %v", err)
		}
		if ack.ID == "good" {
			if !strings.Contains(string(ack.Payload), "ephemeral") {
				t.Errorf("answered %s", ack.Payload)
			}
			return
		}
	}
}
