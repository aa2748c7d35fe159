package slack

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"goalkeeper/conversation"
)

func TestOnlySlackIsHeard(t *testing.T) {
	s := newStage(t)
	body := recorded(t, "message_im")
	stamp := func(d time.Duration) string { return strconv.FormatInt(noon.Add(d).Unix(), 10) }
	for name, c := range map[string]struct {
		stamp, signature string
		body             []byte
		want             int
	}{
		"good":             {stamp(0), sign(secret, stamp(0), body), body, 200},
		"almost too old":   {stamp(-5 * time.Minute), sign(secret, stamp(-5*time.Minute), body), body, 200},
		"stale":            {stamp(-301 * time.Second), sign(secret, stamp(-301*time.Second), body), body, 401},
		"future":           {stamp(301 * time.Second), sign(secret, stamp(301*time.Second), body), body, 401},
		"another secret":   {stamp(0), sign("other", stamp(0), body), body, 401},
		"no secret":        {stamp(0), sign("", stamp(0), body), body, 401},
		"another time":     {stamp(time.Second), sign(secret, stamp(0), body), body, 401},
		"altered body":     {stamp(0), sign(secret, stamp(0), body), bytes.Replace(body, []byte("210"), []byte("999"), 1), 401},
		"added body":       {stamp(0), sign(secret, stamp(0), body), append(bytes.Clone(body), ' '), 401},
		"no signature":     {stamp(0), "", body, 401},
		"no timestamp":     {"", sign(secret, "", body), body, 401},
		"odd timestamp":    {"1e9", sign(secret, "1e9", body), body, 401},
		"huge timestamp":   {"9223372036854775807", sign(secret, "9223372036854775807", body), body, 401},
		"no version":       {stamp(0), strings.TrimPrefix(sign(secret, stamp(0), body), "v0="), body, 401},
		"other upper case": {stamp(0), strings.ToUpper(sign(secret, stamp(0), body)), body, 401},
	} {
		r := httptest.NewRequest(http.MethodPost, "/slack/events", bytes.NewReader(c.body))
		r.Header.Set("X-Slack-Request-Timestamp", c.stamp)
		r.Header.Set("X-Slack-Signature", c.signature)
		w := httptest.NewRecorder()
		s.routes.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
	if n := len(s.handler.heard()); n != 2 {
		t.Errorf("%d inputs were handled, want 2", n)
	}
}

func TestWithoutASecretNobodyIsHeard(t *testing.T) {
	s := newStage(t, func(c *Config) { c.SigningSecret = "" })
	r := httptest.NewRequest(http.MethodPost, "/slack/events", strings.NewReader("{}"))
	stamp := strconv.FormatInt(noon.Unix(), 10)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", sign("", stamp, []byte("{}")))
	w := httptest.NewRecorder()
	s.routes.ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("%d", w.Code)
	}
}

func TestOddRequests(t *testing.T) {
	s := newStage(t)
	for name, c := range map[string]struct {
		path    string
		payload string
		want    int
	}{
		"ten megabytes":      {"/slack/events", strings.Repeat(" ", 10<<20), 413},
		"broken JSON":        {"/slack/events", `{"type":"event_callback",`, 400},
		"empty":              {"/slack/events", "", 400},
		"another workspace":  {"/slack/events", `{"type":"event_callback","team_id":"T0BETA","event_id":"E1"}`, 403},
		"no workspace":       {"/slack/events", `{"type":"event_callback","event_id":"E1"}`, 403},
		"foreign press":      {"/slack/interactions", `{"type":"block_actions","team":{"id":"T0BETA"},"user":{"id":"U1"}}`, 403},
		"no payload":         {"/slack/interactions", "", 400},
		"unknown fields":     {"/slack/events", `{"type":"event_callback","team_id":"T0ACME","event_id":"E1","new":{},"event":{"type":"new_event","x":[1]}}`, 200},
		"unknown press":      {"/slack/interactions", `{"type":"shortcut","team":{"id":"T0ACME"},"user":{"id":"U1"},"callback_id":"x"}`, 200},
		"foreign button":     {"/slack/interactions", `{"type":"block_actions","team":{"id":"T0ACME"},"user":{"id":"U1"},"actions":[{"action_id":"x","value":"y"}]}`, 200},
		"a field of a modal": {"/slack/interactions", string(recorded(t, "block_actions_field")), 200},
		"rate notice":        {"/slack/events", string(recorded(t, "app_rate_limited")), 200},
	} {
		if w := s.deliver(c.path, []byte(c.payload)); w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
	if n := len(s.handler.heard()); n != 0 {
		t.Errorf("%d inputs came of it", n)
	}
	w := httptest.NewRecorder()
	s.routes.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/slack/events", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", w.Code)
	}
}

func TestHandshake(t *testing.T) {
	s := newStage(t)
	w := s.deliver("/slack/events", []byte(`{"token":"z","challenge":"3eZbrw1aB<b>","type":"url_verification"}`))
	if w.Code != 200 || w.Body.String() != "3eZbrw1aB<b>" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("%d %q %q", w.Code, w.Body, w.Header())
	}
}

func TestCertificateCheck(t *testing.T) {
	s := newStage(t)
	if w := s.deliver("/slack/commands", []byte(`{"ssl_check":"1","token":"z"}`)); w.Code != 200 || len(s.handler.heard()) != 0 {
		t.Errorf("%d", w.Code)
	}
}

func TestRepeatedEventsCarryTheSameDelivery(t *testing.T) {
	s := newStage(t)
	body := recorded(t, "message_im")
	s.deliver("/slack/events", body)
	s.deliver("/slack/events", body, "X-Slack-Retry-Num", "1", "X-Slack-Retry-Reason", "http_timeout")
	heard := s.handler.heard()
	if len(heard) != 2 || heard[0].Delivery == "" || heard[0].Delivery != heard[1].Delivery {
		t.Errorf("%+v", heard)
	}
	if heard[0].Workspace != acme {
		t.Errorf("workspace %q", heard[0].Workspace)
	}
}

func TestAnUninstalledAppIsReported(t *testing.T) {
	s := newStage(t)
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w := s.deliver("/slack/events", recorded(t, "tokens_revoked")); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
	if s.Check(t.Context()) == nil {
		t.Error("the check is still green")
	}
}

func TestDoubleClickIsTwoDeliveriesOfOneAct(t *testing.T) {
	s := newStage(t)
	first := recorded(t, "block_actions_ephemeral")
	s.deliver("/slack/interactions", first)
	s.deliver("/slack/interactions", bytes.ReplaceAll(first, []byte("12321423423"), []byte("22321423423")))
	heard := s.handler.heard()
	if len(heard) != 2 || heard[0].Delivery == heard[1].Delivery {
		t.Fatalf("%+v", heard)
	}
	if heard[0].Act.(conversation.Used).Intent != heard[1].Act.(conversation.Used).Intent {
		t.Error("the act is not the same")
	}
}
