package teams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"goalkeeper/bot"
	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// teamsPatience is how long Teams waits for the answer to a card's button.
const teamsPatience = 10 * time.Second

// hangs is a transport that answers nothing until its caller gives up.
type hangs struct{}

func (hangs) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// slowShelf takes its time for everything.
type slowShelf struct{ each time.Duration }

func (s slowShelf) wait(ctx context.Context) error {
	select {
	case <-time.After(s.each):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s slowShelf) Keep(ctx context.Context, _ conversation.Workspace, _ string, _ []byte) error {
	return s.wait(ctx)
}

func (s slowShelf) KeepFor(ctx context.Context, _ conversation.Workspace, _ string, _ []byte, _ time.Duration) error {
	return s.wait(ctx)
}

func (s slowShelf) Replace(ctx context.Context, _ conversation.Workspace, _ string, _, _ []byte) (bool, error) {
	err := s.wait(ctx)
	return err == nil, err
}

func (s slowShelf) Recall(ctx context.Context, _ conversation.Workspace, _ string) ([]byte, error) {
	return nil, s.wait(ctx)
}

// inTime is a face in simulated time: the connector hangs, and the store is as slow as told.
func inTime(t *testing.T, h *house, store time.Duration, answer func(context.Context, conversation.Input) (conversation.Answer, error)) *http.ServeMux {
	t.Helper()
	f, err := New(t.Context(), Config{
		TenantID: testTenant, AuthOff: true, Handler: &scripted{answer: answer}, Contacts: slowShelf{store},
		HTTP: &http.Client{Transport: hangs{}, Timeout: httpTime}, Now: func() time.Time { return testNow }, Log: h.log,
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	f.Routes(mux)
	return mux
}

// Everything that can be slow is slow at once, and each activity is still answered within Teams' time.
func TestEveryActivityIsAnsweredInTime(t *testing.T) {
	h := newHouse(t)
	sorry := note(down)
	for name, handler := range map[string]func(context.Context, conversation.Input) (conversation.Answer, error){
		"obeys": func(ctx context.Context, _ conversation.Input) (conversation.Answer, error) {
			ctx, cancel := context.WithTimeout(ctx, 2500*time.Millisecond) // the conversation's own budget
			defer cancel()
			<-ctx.Done()
			return conversation.Answer{Card: &sorry}, fmt.Errorf("%w: %w", conversation.ErrUnavailable, ctx.Err())
		},
		"ignores its deadline": func(context.Context, conversation.Input) (conversation.Answer, error) {
			time.Sleep(time.Minute) //nolint:forbidigo // simulated
			return conversation.Answer{Card: &sorry}, nil
		},
		"is quick": func(context.Context, conversation.Input) (conversation.Answer, error) {
			return conversation.Answer{Card: &card.Card{Kind: "x", Summary: "x", Form: &card.Form{
				Fields: []card.Field{{Name: "owner", Kind: card.Person, Value: alex}}}}, Shown: &conversation.Message{}}, nil
		},
	} {
		for _, activity := range []string{"personal-message", "channel-mention", "personal-action", "channel-action", "team-added"} {
			for _, store := range []time.Duration{0, 700 * time.Millisecond, time.Hour} {
				body := h.activity(activity)
				synctest.Test(t, func(t *testing.T) {
					mux := inTime(t, h, store, handler)
					began := time.Now()
					w := httptest.NewRecorder()
					mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/messages", strings.NewReader(string(body))))
					waited := time.Since(began)
					if waited > answerBy || answerBy >= teamsPatience {
						t.Errorf("handler %s, %s, store %s: after %s", name, activity, store, waited)
					}
					if strings.HasSuffix(activity, "-action") && (w.Code != http.StatusOK || w.Body.Len() == 0) {
						t.Errorf("handler %s, %s, store %s: %d %s", name, activity, store, w.Code, w.Body)
					}
					time.Sleep(time.Minute) //nolint:forbidigo // simulated: what nobody waits for any more ends, too
				})
			}
		}
	}
}

// full takes every place of a room until the test ends.
func full(t *testing.T, r bot.Room) {
	t.Helper()
	for {
		leave, ok := r.Enter()
		if !ok {
			return
		}
		t.Cleanup(leave)
	}
}

func TestAFullRoomTurnsPeopleAwayWithASentence(t *testing.T) {
	h := newHouse(t)
	full(t, h.room)
	w := h.arrive(h.activity("personal-action"))
	for _, part := range []string{"Too much is going on", "quá nhiều việc", "Cut CAC", tryAgain, `"statusCode":200`} {
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), part) {
			t.Errorf("a form: %d without %q: %s", w.Code, part, w.Body)
		}
	}
	w = h.arrive(h.activity("channel-action"))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), messageAnswer) || !strings.Contains(w.Body.String(), "Too much is going on") {
		t.Errorf("a button: %d %s", w.Code, w.Body)
	}
	w = h.arrive(h.activity("personal-message"))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("a message does not come again: %d", w.Code)
	}
	h.eventually("the sender is told", func() bool { return len(h.outside.sent()) == 1 })
	if said := posted(h.outside.sent()[0]); !strings.Contains(said, "Too much is going on") || !strings.Contains(said, "chờ pháp lý") {
		t.Errorf("the sender is told %s", said)
	}
	if n := len(h.talk.inputs()); n != 0 {
		t.Errorf("%d inputs were handled all the same", n)
	}
}

// eventually waits until something is so that the connector's being called brings about.
func (h *house) eventually(what string, f func() bool) {
	h.t.Helper()
	patience := time.After(10 * time.Second)
	for !f() {
		select {
		case <-h.outside.heard:
		case <-patience:
			h.t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestAHandlerThatPanicsIsAnsweredAndContained(t *testing.T) {
	h := newHouse(t)
	h.talk.answer = func(context.Context, conversation.Input) (conversation.Answer, error) { panic("said in confidence") }
	w := h.arrive(h.activity("personal-action"))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "went wrong on my side") || strings.Contains(w.Body.String(), "confidence") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := h.arrive(h.activity("personal-message")); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a message: %d", w.Code)
	}
	if h.room.Full() {
		t.Error("the place was not given back")
	}
}

func TestAnUnsureChangeIsCalledSo(t *testing.T) {
	h := newHouse(t)
	unsure := note("Nobody knows.")
	h.talk.answer = func(context.Context, conversation.Input) (conversation.Answer, error) {
		return conversation.Answer{Card: &unsure}, conversation.ErrUnsure
	}
	if w := h.arrive(h.activity("channel-action")); !strings.Contains(w.Body.String(), "Nobody knows.") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A slow store makes people wait for their own contact, and nobody for everybody's.
func TestASlowStoreMakesNobodyWaitForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(slowShelf{700 * time.Millisecond}, "teams:T")
		began := time.Now()
		var all sync.WaitGroup
		for n := range 500 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), learnTime)
				defer cancel()
				_, err := b.change(ctx, personKey(goal.PersonID(fmt.Sprint("person-", n))), func(c *contact) { c.Name = "x" })
				if err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if waited := time.Since(began); waited > learnTime {
			t.Errorf("waited %s", waited)
		}
	})
}

// Unknown keys, of which strangers make up any number, cost one look a minute; whoever has a known key does not
// wait for it, even when the identity service hangs.
func TestUnknownKeysHoldNobodyUp(t *testing.T) {
	h := newHouse(t, withAuth)
	good := h.token("k1", testKeys()[0], nil)
	if w := h.arrive(h.activity("personal-message"), good); w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
	asked, answer := make(chan struct{}, 10), make(chan struct{})
	h.outside.refuse(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/metadata" {
			return false
		}
		asked <- struct{}{}
		<-answer
		return false
	})
	stranger := h.token("k9", testKeys()[2], nil)
	var strangers sync.WaitGroup
	for range 50 {
		strangers.Go(func() {
			if w := h.arrive(h.activity("personal-message"), stranger); w.Code != http.StatusUnauthorized {
				t.Error("a stranger:", w.Code)
			}
		})
	}
	<-asked
	for range 20 {
		if w := h.arrive(h.activity("personal-message", func(a map[string]any) { a["id"] = "2" }), good); w.Code != http.StatusOK {
			t.Error("a known key, while strangers wait:", w.Code)
		}
	}
	close(answer)
	strangers.Wait()
	if len(asked) != 0 {
		t.Errorf("asked %d times more", len(asked))
	}
}

// A token is judged before any of the body is read.
func TestStrangersBodiesAreNotRead(t *testing.T) {
	h := newHouse(t, withAuth)
	for _, header := range []string{"", "Bearer x", h.token("k1", testKeys()[2], nil), "Bearer " + strings.Repeat("x", 100_000)} {
		body := &untouched{}
		r := httptest.NewRequest(http.MethodPost, "/api/messages", body)
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		h.mux.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized || body.read {
			t.Errorf("%.20q: %d, body read: %v", header, w.Code, body.read)
		}
	}
}

// untouched is a body that notes when it is read.
type untouched struct{ read bool }

func (u *untouched) Read([]byte) (int, error) {
	u.read = true
	return 0, errors.New("read")
}

// A hostile activity from the tenant itself, as deep and as long as a body may be, is refused or read quickly.
func TestDeepAndHugeJSON(t *testing.T) {
	h := newHouse(t)
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	var names []string
	for n := range 15_000 {
		names = append(names, fmt.Sprintf("%q:1", fmt.Sprint("field", n)))
	}
	for name, value := range map[string]string{
		"deep": deep, "wide": "{" + strings.Join(names, ",") + "}", "a huge number": `{"action":{"data":{"gk":1e999999999}}}`,
		"long digits": `{"action":{"data":{"value":` + strings.Repeat("9", 100_000) + `}}}`,
		"bad UTF-8":   "{\"action\":{\"data\":{\"value\":\"\xff\xfe\"}}}",
	} {
		body := h.activity("personal-action", func(a map[string]any) { a["value"] = json.RawMessage(`"VALUE"`) })
		body = []byte(strings.Replace(string(body), `"VALUE"`, value, 1))
		if w := h.arrive(body); w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %.100s", name, w.Code, w.Body)
		}
	}
}
