package teams

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

// The people and places of testdata/activities.
const (
	testTenant = "7d7d7d7d-1111-4222-8333-000000000001"
	testApp    = "7d7d7d7d-1111-4222-8333-0000000000b0"
	linh       = "7d7d7d7d-1111-4222-8333-0000000000a1"
	linhUser   = "29:1LinhXq-_7"
	alex       = "7d7d7d7d-1111-4222-8333-0000000000a2"
	alexUser   = "29:1AlexYw-_9"
	linhChat   = "a:1LinhChat_x-9"
	alexChat   = "a:1AlexChat_y-3"
	channelID  = "19:growth0f1e2d@thread.tacv2"
	teamID     = "19:team0f1e2d@thread.tacv2"
)

var testNow = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// scripted is a conversation that answers as told and remembers what it heard.
type scripted struct {
	mu     sync.Mutex
	heard  []conversation.Input
	answer func(context.Context, conversation.Input) (conversation.Answer, error)
}

func (s *scripted) Handle(ctx context.Context, in conversation.Input) (conversation.Answer, error) {
	s.mu.Lock()
	s.heard = append(s.heard, in)
	answer := s.answer
	s.mu.Unlock()
	if answer == nil {
		return conversation.Answer{}, nil
	}
	return answer(ctx, in)
}

func (s *scripted) inputs() []conversation.Input {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]conversation.Input(nil), s.heard...)
}

// shelf keeps contacts in memory.
type shelf struct {
	mu   sync.Mutex
	kept map[string][]byte
	fail error
	// meanwhile is what another replica does, once, before something is replaced.
	meanwhile func(kept map[string][]byte, key string)
}

func (s *shelf) Keep(_ context.Context, ws conversation.Workspace, id string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[string][]byte{}
	}
	if s.fail == nil {
		s.kept[string(ws)+" "+id] = value
	}
	return s.fail
}

func (s *shelf) KeepFor(ctx context.Context, ws conversation.Workspace, id string, value []byte, _ time.Duration) error {
	return s.Keep(ctx, ws, id, value)
}

func (s *shelf) Recall(_ context.Context, ws conversation.Workspace, id string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[string(ws)+" "+id], s.fail
}

func (s *shelf) Replace(_ context.Context, ws conversation.Workspace, id string, was, value []byte) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := string(ws) + " " + id
	if s.meanwhile != nil {
		write := s.meanwhile
		s.meanwhile = nil
		write(s.kept, key)
	}
	if s.fail != nil || !bytes.Equal(s.kept[key], was) {
		return false, s.fail
	}
	if s.kept == nil {
		s.kept = map[string][]byte{}
	}
	s.kept[key] = value
	return true, nil
}

// request is one call that the face made.
type request struct {
	method, path, query, token string
	body                       map[string]any
}

// microsoft is the identity service and the connector.
type microsoft struct {
	*httptest.Server
	t *testing.T

	mu         sync.Mutex
	keys       []signer
	fetches    int  // of the key set
	tokens     int  // issued
	byUserOnly bool // the roster looks people up by the bot's own ids only, and has pages
	requests   []request
	heard      chan struct{}                                     // holds a token when there is a new one of them
	intercept  func(w http.ResponseWriter, r *http.Request) bool // true: answered
}

// signer is a key of the identity service.
type signer struct {
	kid          string
	key          *rsa.PrivateKey
	endorsements []string
}

var testKeys = sync.OnceValue(func() []*rsa.PrivateKey {
	var keys []*rsa.PrivateKey
	for range 3 {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		keys = append(keys, key)
	}
	return keys
})

func newMicrosoft(t *testing.T) *microsoft {
	keys := testKeys()
	m := &microsoft{t: t, heard: make(chan struct{}, 1), keys: []signer{{"k1", keys[0], []string{"msteams"}}, {"k2", keys[1], []string{"skype"}}}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metadata", func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(object{"issuer": issuer, "jwks_uri": m.URL + "/keys"})
	})
	mux.HandleFunc("GET /keys", m.serveKeys)
	mux.HandleFunc("POST /token", m.serveToken)
	mux.HandleFunc("/emea/v3/", m.serveConnector)
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		intercept := m.intercept
		m.mu.Unlock()
		if intercept == nil || !intercept(w, r) {
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(m.Close)
	return m
}

func (m *microsoft) service() string { return m.URL + "/emea/" }

func (m *microsoft) refuse(f func(http.ResponseWriter, *http.Request) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.intercept = f
}

func (m *microsoft) serveKeys(w http.ResponseWriter, _ *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fetches++
	list := []object{{"kty": "EC", "kid": "odd", "endorsements": []string{"msteams"}}}
	for _, k := range m.keys {
		list = append(list, object{"kty": "RSA", "kid": k.kid, "x5t": "not a thumbprint", "endorsements": k.endorsements,
			"n": base64.RawURLEncoding.EncodeToString(k.key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.key.E)).Bytes())})
	}
	_ = json.NewEncoder(w).Encode(object{"keys": list})
}

func (m *microsoft) serveToken(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if r.PostFormValue("client_secret") != "s3cret" || r.PostFormValue("scope") != scope {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":"invalid_client","error_description":"internals"}`)
		return
	}
	m.tokens++
	_ = json.NewEncoder(w).Encode(object{"token_type": "Bearer", "expires_in": 3600, "access_token": fmt.Sprint("out-", m.tokens)})
}

// serveConnector answers as the connector does when all is well.
func (m *microsoft) serveConnector(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	in := request{method: r.Method, path: r.URL.Path, query: r.URL.RawQuery, token: r.Header.Get("Authorization"), body: map[string]any{}}
	_ = json.NewDecoder(r.Body).Decode(&in.body)
	m.requests = append(m.requests, in)
	select {
	case m.heard <- struct{}{}:
	default: // nobody has looked at the one before
	}
	linhMember := member{ID: linhUser, Name: "Linh Trần", AadObjectID: linh, Role: "user"}
	alexMember := member{ID: alexUser, Name: "Alex Rivera", AadObjectID: alex, Role: "guest"}
	people := map[string]member{linh: linhMember, alex: alexMember}
	if m.byUserOnly {
		delete(people, linh)
		delete(people, alex)
	}
	people[linhUser], people[alexUser] = linhMember, alexMember
	_, last, _ := strings.Cut(r.URL.Path, "/members/")
	switch {
	case last != "" && people[last].ID == "":
		w.WriteHeader(http.StatusNotFound)
	case last != "":
		_ = json.NewEncoder(w).Encode(people[last])
	case strings.HasSuffix(r.URL.Path, "/pagedmembers") && m.byUserOnly && r.URL.Query().Get("continuationToken") == "":
		_ = json.NewEncoder(w).Encode(object{"members": []member{linhMember}, "continuationToken": "more"})
	case strings.HasSuffix(r.URL.Path, "/pagedmembers"):
		_ = json.NewEncoder(w).Encode(object{"members": []member{linhMember, alexMember}})
	case strings.Contains(r.URL.Path, "/v3/teams/"):
		_ = json.NewEncoder(w).Encode(object{"conversations": []object{{"id": teamID}, {"id": channelID, "name": "Growth"}}})
	case strings.HasSuffix(r.URL.Path, "/v3/conversations") && in.body["isGroup"] == true:
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(object{"id": channelID + ";messageid=1700000000001", "activityId": "1700000000001"})
	case strings.HasSuffix(r.URL.Path, "/v3/conversations"):
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(object{"id": alexChat})
	default:
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(object{"id": fmt.Sprint(1700000001000 + len(m.requests))})
	}
}

// sent are the calls that were not for reading.
func (m *microsoft) sent() []request {
	m.mu.Lock()
	defer m.mu.Unlock()
	var sent []request
	for _, r := range m.requests {
		if r.method != http.MethodGet {
			sent = append(sent, r)
		}
	}
	return sent
}

// house is a face with everything around it.
type house struct {
	*Face
	t       *testing.T
	outside *microsoft
	talk    *scripted
	shelf   *shelf
	mux     *http.ServeMux
}

func newHouse(t *testing.T, edit ...func(*Config)) *house {
	t.Helper()
	h := &house{t: t, outside: newMicrosoft(t), talk: &scripted{}, shelf: &shelf{}, mux: http.NewServeMux()}
	c := Config{
		AppID: testApp, Password: "s3cret", TenantID: testTenant, MetadataURL: h.outside.URL + "/metadata", TokenURL: h.outside.URL + "/token",
		AuthOff: true, Handler: h.talk, Contacts: h.shelf, Now: func() time.Time { return testNow }, Log: slog.New(slog.DiscardHandler),
	}
	for _, e := range edit {
		e(&c)
	}
	f, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	h.Face = f
	f.Routes(h.mux)
	return h
}

func withAuth(c *Config) { c.AuthOff = false }

// activity is one of testdata/activities, changed as told.
func (h *house) activity(name string, edit ...func(map[string]any)) []byte {
	h.t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "activities", name+".json"))
	if err != nil {
		h.t.Fatal(err)
	}
	fields := map[string]any{}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(raw), "{{service}}", h.outside.service())), &fields); err != nil {
		h.t.Fatal(err)
	}
	for _, e := range edit {
		e(fields)
	}
	out, err := json.Marshal(fields)
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

// arrive delivers a body and returns what Teams would get.
func (h *house) arrive(body []byte, authorization ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/api/messages", strings.NewReader(string(body)))
	if len(authorization) > 0 && authorization[0] != "" {
		r.Header.Set("Authorization", authorization[0])
	}
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w
}

// heard delivers and returns what the conversation heard of it, which must be one thing.
func (h *house) heard(name string, edit ...func(map[string]any)) conversation.Input {
	h.t.Helper()
	before := len(h.talk.inputs())
	if w := h.arrive(h.activity(name, edit...)); w.Code != http.StatusOK {
		h.t.Fatalf("%s: %d %s", name, w.Code, w.Body)
	}
	all := h.talk.inputs()
	if len(all) != before+1 {
		h.t.Fatalf("%s: heard %d things", name, len(all)-before)
	}
	return all[before]
}

func (h *house) answers(c card.Card) {
	h.talk.mu.Lock()
	defer h.talk.mu.Unlock()
	h.talk.answer = func(context.Context, conversation.Input) (conversation.Answer, error) {
		return conversation.Answer{Card: &c, Replace: true, Language: "en"}, nil
	}
}

// posted is the card inside a sent message.
func posted(r request) string {
	raw, _ := json.Marshal(r.body)
	return string(raw)
}
