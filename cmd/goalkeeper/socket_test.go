package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// slackSocket is Slack's end of Socket Mode: it invites the bot to a connection, and delivers over the newest.
type slackSocket struct {
	t      testing.TB
	server *httptest.Server

	mu      sync.Mutex
	number  int
	invited int
	conn    *websocket.Conn
	came    chan struct{} // closed when there is a connection
	acks    map[string]chan json.RawMessage
}

// useSocket puts a slackWorld into Socket Mode.
func useSocket(t testing.TB, w *slackWorld) {
	s := &slackSocket{t: t, came: make(chan struct{}), acks: map[string]chan json.RawMessage{}}
	s.server = httptest.NewServer(http.HandlerFunc(s.accept))
	t.Cleanup(s.server.Close)
	t.Cleanup(s.drop)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.socket = s
}

// invite answers apps.connections.open.
func (s *slackSocket) invite() map[string]any {
	if s == nil {
		return map[string]any{"error": "not_allowed_token_type"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.invited++
	return map[string]any{"url": "ws" + strings.TrimPrefix(s.server.URL, "http")}
}

// accept serves one connection until it ends.
func (s *slackSocket) accept(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // it names Slack's, not ours
	c, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	s.begin(c)
	defer s.end(c)
	for {
		var ack struct {
			ID      string          `json:"envelope_id"`
			Payload json.RawMessage `json:"payload"`
		}
		if err := c.ReadJSON(&ack); err != nil {
			return
		}
		s.mu.Lock()
		if waiting := s.acks[ack.ID]; waiting != nil {
			waiting <- ack.Payload
			delete(s.acks, ack.ID)
		}
		s.mu.Unlock()
	}
}

func (s *slackSocket) begin(c *websocket.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = c.WriteJSON(map[string]any{"type": "hello", "num_connections": 1})
	if s.conn == nil {
		close(s.came)
	}
	s.conn = c
}

func (s *slackSocket) end(c *websocket.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == c {
		s.conn, s.came = nil, make(chan struct{})
	}
}

// connected waits for a connection.
func (s *slackSocket) connected() {
	s.t.Helper()
	s.mu.Lock()
	came := s.came
	s.mu.Unlock()
	select {
	case <-came:
	case <-time.After(15 * time.Second):
		s.t.Fatal("the bot does not connect")
	}
}

// send delivers an envelope, and returns what will bring its acknowledgement.
func (s *slackSocket) send(kind string, payload json.RawMessage, attempt int) <-chan json.RawMessage {
	s.t.Helper()
	s.connected()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number++
	id := fmt.Sprintf("envelope-%d", s.number)
	ack := make(chan json.RawMessage, 1)
	s.acks[id] = ack
	if s.conn != nil {
		_ = s.conn.WriteJSON(map[string]any{"type": kind, "envelope_id": id, "payload": payload,
			"accepts_response_payload": kind != "events_api", "retry_attempt": attempt})
	}
	return ack
}

// deliver is what Slack would post to the path, over the socket. Without an acknowledgement it is status 500.
func (s *slackSocket) deliver(path, body string, headers ...string) (status int, answer string) {
	s.t.Helper()
	kind, payload := envelopeOf(path, body)
	attempt := 0
	if len(headers) == 2 && headers[0] == "X-Slack-Retry-Num" {
		attempt, _ = strconv.Atoi(headers[1])
	}
	select {
	case answer := <-s.send(kind, payload, attempt):
		return http.StatusOK, string(answer)
	case <-time.After(5 * time.Second):
		return http.StatusInternalServerError, "no acknowledgement"
	}
}

// envelopeOf is the envelope's type and payload for a request over HTTP.
func envelopeOf(path, body string) (string, json.RawMessage) {
	form, _ := url.ParseQuery(body)
	switch path {
	case "/slack/commands":
		fields := map[string]string{}
		for name := range form {
			fields[name] = form.Get(name)
		}
		payload, _ := json.Marshal(fields)
		return "slash_commands", payload
	case "/slack/interactions":
		return "interactive", json.RawMessage(form.Get("payload"))
	}
	return "events_api", json.RawMessage(body)
}

// refresh asks the bot to connect anew, as Slack does every few hours, and returns when it has.
func (s *slackSocket) refresh() {
	s.t.Helper()
	s.mu.Lock()
	old := s.conn
	s.conn, s.came = nil, make(chan struct{})
	_ = old.WriteJSON(map[string]any{"type": "disconnect", "reason": "refresh_requested"})
	s.mu.Unlock()
	s.connected()
}

// drop cuts the connection, as a network does.
func (s *slackSocket) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		_ = s.conn.UnderlyingConn().Close()
		s.conn, s.came = nil, make(chan struct{})
	}
}
