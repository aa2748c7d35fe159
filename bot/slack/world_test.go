package slack

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"goalkeeper/bot"
	"goalkeeper/conversation"
)

const (
	secret = "8f742231b10e8888abcd99yyyzzz85a5"
	acme   = conversation.Workspace("slack:T0ACME")
)

// noon is the time by every clock in these tests.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// shelf is a bot.Contacts in memory; down makes it fail.
type shelf struct {
	sync.Mutex
	kept map[string][]byte
	down error
}

func (s *shelf) Keep(_ context.Context, ws conversation.Workspace, id string, value []byte) error {
	s.Lock()
	defer s.Unlock()
	if s.down == nil {
		s.kept[string(ws)+" "+id] = value
	}
	return s.down
}

func (s *shelf) KeepFor(ctx context.Context, ws conversation.Workspace, id string, value []byte, _ time.Duration) error {
	return s.Keep(ctx, ws, id, value)
}

func (s *shelf) Recall(_ context.Context, ws conversation.Workspace, id string) ([]byte, error) {
	s.Lock()
	defer s.Unlock()
	return s.kept[string(ws)+" "+id], s.down
}

// listener is a bot.Handler that notes its inputs and answers as it is told.
type listener struct {
	sync.Mutex
	inputs []conversation.Input
	answer func(context.Context, conversation.Input) (conversation.Answer, error)
}

func (l *listener) Handle(ctx context.Context, in conversation.Input) (conversation.Answer, error) {
	l.Lock()
	l.inputs = append(l.inputs, in)
	l.Unlock()
	if l.answer == nil {
		return conversation.Answer{}, nil
	}
	return l.answer(ctx, in)
}

func (l *listener) heard() []conversation.Input {
	l.Lock()
	defer l.Unlock()
	return l.inputs
}

// call is a request that Slack got from us.
type call struct {
	method string
	form   url.Values
	body   string
}

// slackStub stands in for Slack's Web API and response_urls.
type slackStub struct {
	*httptest.Server
	calls   chan call
	answers map[string]http.HandlerFunc
}

func newSlackStub(t *testing.T) *slackStub {
	s := &slackStub{calls: make(chan call, 1000), answers: map[string]http.HandlerFunc{
		"auth.test":          says(`{"ok":true,"team_id":"T0ACME","user_id":"U0BOT"}`),
		"conversations.open": says(`{"ok":true,"channel":{"id":"D0LINH"}}`),
		"chat.postMessage":   says(`{"ok":true,"channel":"D0LINH","ts":"1.000100"}`),
		"chat.postEphemeral": says(`{"ok":true,"message_ts":"2.000200"}`),
		"chat.update":        says(`{"ok":true,"channel":"D0LINH","ts":"1.000100"}`),
		"users.info":         says(`{"ok":true,"user":{"id":"U0BEN","real_name":"Ben Okoro","tz":"Africa/Lagos","locale":"en-GB","is_admin":true}}`),
		"conversations.info": says(`{"ok":true,"channel":{"id":"C1","name":"growth","is_private":false,"is_member":true}}`),
	}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		method := strings.TrimPrefix(r.URL.Path, "/api/")
		if answer, ok := s.answers[method]; ok {
			r.Form = form
			answer(w, r)
		} else {
			says(`{"ok":true}`)(w, r)
		}
		s.calls <- call{method, form, string(body)}
	}))
	t.Cleanup(s.Close)
	return s
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
}

// next is the next call of a method; others before it are skipped.
func (s *slackStub) next(t *testing.T, method string) call {
	t.Helper()
	for {
		select {
		case c := <-s.calls:
			if c.method == method {
				return c
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("Slack heard no %s", method)
		}
	}
}

// stage is a Face with everything around it.
type stage struct {
	*Face
	slack    *slackStub
	handler  *listener
	contacts *shelf
	routes   *http.ServeMux
}

func newStage(t *testing.T, change ...func(*Config)) *stage {
	t.Helper()
	s := &stage{
		slack: newSlackStub(t), handler: &listener{}, contacts: &shelf{kept: map[string][]byte{}}, routes: http.NewServeMux(),
	}
	cfg := Config{
		BotToken: "xoxb-test", SigningSecret: secret, APIURL: s.slack.URL + "/api/",
		Clock: func() time.Time { return noon }, Handler: s.handler, Contacts: s.contacts,
		Log: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&cfg)
	}
	face, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.Face = face
	face.Routes(s.routes)
	t.Cleanup(face.work.Wait)
	return s
}

// answers makes the conversation give one answer to everything.
func (s *stage) answers(a conversation.Answer, err error) {
	s.handler.answer = func(context.Context, conversation.Input) (conversation.Answer, error) { return a, err }
}

// deliver posts a payload as Slack does, signed now.
func (s *stage) deliver(path string, payload []byte, headers ...string) *httptest.ResponseRecorder {
	body := payload
	switch path {
	case "/slack/commands":
		var flat map[string]string
		if json.Unmarshal(payload, &flat) == nil {
			form := url.Values{}
			for k, v := range flat {
				form.Set(k, v)
			}
			body = []byte(form.Encode())
		}
	case "/slack/interactions":
		body = []byte("payload=" + url.QueryEscape(string(payload)))
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(string(body)))
	stamp := strconv.FormatInt(noon.Unix(), 10)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", sign(secret, stamp, body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.routes.ServeHTTP(w, r)
	return w
}

var (
	_ bot.Contacts = (*shelf)(nil)
	_ bot.Handler  = (*listener)(nil)
)
