package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"goalkeeper/bot"
	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

func toLinh() *conversation.Message {
	return &conversation.Message{
		Key: "checkin:U0LIN:2026-W48", To: conversation.Address{Person: "U0LIN"}, Card: askCard("en"), Language: "en", Revision: 1,
	}
}

func outcome(t *testing.T, err error) *bot.SendError {
	t.Helper()
	var e *bot.SendError
	if !errors.As(err, &e) {
		t.Fatalf("%v is not classified", err)
	}
	return e
}

func TestPostCarriesItsKeyAndNothingThatActs(t *testing.T) {
	s := newStage(t)
	m := toLinh()
	m.Card.Summary = "<!channel> *now* & here"
	ref, err := s.Post(t.Context(), acme, m, "D0LINH/9.000900")
	if err != nil || ref != "D0LINH/1.000100" {
		t.Fatal(ref, err)
	}
	f := s.slack.next(t, "chat.postMessage").form
	if f.Get("text") != "&lt;!channel&gt; *now* &amp; here" || f.Get("mrkdwn") != "false" || f.Get("unfurl_links") != "false" || f.Get("unfurl_media") != "false" {
		t.Errorf("%v", f)
	}
	if f.Get("thread_ts") != "9.000900" || f.Get("channel") != "U0LIN" {
		t.Errorf("%v", f)
	}
	var label struct {
		Type    string            `json:"event_type"`
		Payload map[string]string `json:"event_payload"`
	}
	if err := json.Unmarshal([]byte(f.Get("metadata")), &label); err != nil || label.Payload["key"] != m.Key || label.Type != metadataType {
		t.Errorf("%v %+v", err, label)
	}
	if !strings.Contains(f.Get("blocks"), ".1:"+m.Key) {
		t.Error("the blocks do not name the message")
	}
}

func TestADirectConversationOpensByItself(t *testing.T) {
	s := newStage(t)
	opened := 0
	s.slack.answers["conversations.open"] = func(w http.ResponseWriter, r *http.Request) {
		opened++
		says(`{"ok":true,"channel":{"id":"D0LINH"}}`)(w, r)
	}
	for range 3 {
		if _, err := s.Post(t.Context(), acme, toLinh(), ""); err != nil {
			t.Fatal(err)
		}
	}
	s.dms = newCache[string](10, time.Hour) // as after a restart
	if _, err := s.Post(t.Context(), acme, toLinh(), ""); err != nil || opened != 0 {
		t.Errorf("opened %d times, %v", opened, err)
	}
	for _, to := range []string{"U0LIN", "D0LINH", "D0LINH", "D0LINH"} { // the first opens it by itself
		if got := s.slack.next(t, "chat.postMessage").form.Get("channel"); got != to {
			t.Errorf("written to %s, want %s", got, to)
		}
	}
}

func TestAWhisperGoesToOnePerson(t *testing.T) {
	s := newStage(t)
	m := toLinh()
	m.To.Channel = "C1"
	ref, err := s.Post(t.Context(), acme, m, "")
	if err != nil || ref != "C1/2.000200/whisper" {
		t.Fatal(ref, err)
	}
	if err := s.Edit(t.Context(), acme, m, ref); err != nil {
		t.Fatal(err)
	}
	for range 2 { // Slack cannot change a whisper: the edit is another one
		if f := s.slack.next(t, "chat.postEphemeral").form; f.Get("user") != "U0LIN" || f.Get("channel") != "C1" {
			t.Errorf("%v", f)
		}
	}
}

func TestEdit(t *testing.T) {
	s := newStage(t)
	if err := s.Edit(t.Context(), acme, toLinh(), "C1/5.000500"); err != nil {
		t.Fatal(err)
	}
	if f := s.slack.next(t, "chat.update").form; f.Get("channel") != "C1" || f.Get("ts") != "5.000500" || f.Get("metadata") == "" {
		t.Errorf("%v", f)
	}
	if e := outcome(t, s.Edit(t.Context(), acme, toLinh(), "nonsense")); e.Outcome != bot.Final {
		t.Errorf("%v", e)
	}
	s.slack.answers["chat.update"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	if e := outcome(t, s.Edit(t.Context(), acme, toLinh(), "C1/5.000500")); e.Outcome != bot.Refused {
		t.Errorf("changing twice does no harm, so it is tried again: %v", e)
	}
}

func TestFailuresAreClassified(t *testing.T) {
	code := func(s string) http.HandlerFunc { return says(`{"ok":false,"error":"` + s + `"}`) }
	status := func(n int, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(n)
		}
	}
	hangUp := func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = c.Close()
		}
	}
	for name, c := range map[string]struct {
		answer  http.HandlerFunc
		want    bot.Outcome
		after   time.Duration
		reason  string
		trouble conversation.Trouble
	}{
		"rate limit":        {status(429, "Retry-After", "30"), bot.Refused, 30 * time.Second, "ratelimited", ""},
		"busy":              {code("service_unavailable"), bot.Refused, 0, "service_unavailable", conversation.TroubleUnreachable},
		"server error":      {status(503), bot.Doubtful, 0, "http 503", ""},
		"halfway":           {code("fatal_error"), bot.Doubtful, 0, "fatal_error", conversation.TroubleNoAnswer},
		"connection broken": {hangUp, bot.Doubtful, 0, "lost", conversation.TroubleNoAnswer},
		"not JSON":          {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, bot.Doubtful, 0, "lost", conversation.TroubleNoAnswer},
		"proxy refuses":     {status(403), bot.Refused, 0, "http 403", ""},
		"uninstalled":       {code("account_inactive"), bot.Refused, 0, "account_inactive", conversation.TroubleAccess},
		"revoked":           {code("token_revoked"), bot.Refused, 0, "token_revoked", conversation.TroubleAccess},
		"missing scope":     {code("missing_scope"), bot.Final, 0, "missing_scope", conversation.TroubleScope},
		"not invited":       {code("not_in_channel"), bot.Final, 0, "not_in_channel", conversation.TroubleNotInChannel},
		"archived":          {code("is_archived"), bot.Final, 0, "is_archived", conversation.TroubleChannelGone},
		"no such channel":   {code("channel_not_found"), bot.Final, 0, "channel_not_found", conversation.TroubleNotInChannel},
		"deactivated":       {code("user_disabled"), bot.Final, 0, "user_disabled", conversation.TroublePersonGone},
		"a bot":             {code("cannot_dm_bot"), bot.Final, 0, "cannot_dm_bot", conversation.TroubleNoPerson},
		"unknown":           {code("something_new"), bot.Final, 0, "something_new", ""},
	} {
		s := newStage(t)
		s.slack.answers["chat.postMessage"] = c.answer
		_, err := s.Post(t.Context(), acme, toLinh(), "")
		e := outcome(t, err)
		if e.Outcome != c.want || e.After != c.after || !strings.Contains(e.Reason, c.reason) || e.Trouble != c.trouble {
			t.Errorf("%s: %v, %s, after %s", name, e, e.Trouble, e.After)
		}
	}
}

// When Slack bars the app, all messages wait, Slack is left in peace, readiness says what mends it, and once the app
// is let in again everything goes on.
func TestABarredAppWaits(t *testing.T) {
	s := newStage(t)
	now := noon
	s.cfg.Clock = func() time.Time { return now }
	calls, knocks, barred := 0, 0, true
	answered := s.slack.answers["auth.test"]
	guard := func(count *int, otherwise http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if *count++; barred {
				otherwise = says(`{"ok":false,"error":"token_revoked"}`)
			}
			otherwise(w, r)
		}
	}
	s.slack.answers["auth.test"] = guard(&knocks, answered)
	s.slack.answers["chat.postMessage"] = func(w http.ResponseWriter, r *http.Request) {
		guard(&calls, says(`{"ok":true,"channel":"D0LINH","ts":"1.000100"}`))(w, r)
	}
	post := func() error { _, err := s.Post(t.Context(), acme, toLinh(), ""); return err }
	for range 5 {
		if e := outcome(t, post()); e.Outcome != bot.Refused || e.Trouble != conversation.TroubleAccess || e.Reason != "token_revoked" {
			t.Errorf("%v, %s", e, e.Trouble)
		}
	}
	if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "install the app again") {
		t.Errorf("ready says %v", err)
	}
	if calls != 1 || knocks != 0 {
		t.Errorf("%d calls and %d knocks within a minute", calls, knocks)
	}
	now = now.Add(knockEvery)
	for range 5 {
		_ = post()
	}
	if err := s.Check(t.Context()); calls != 1 || knocks != 1 || err == nil || !strings.Contains(err.Error(), "install the app again") {
		t.Errorf("%d calls and %d knocks after a minute, ready says %v", calls, knocks, err)
	}
	barred = false
	s.slack.answers["auth.test"] = answered
	now = now.Add(knockEvery)
	if err := post(); err != nil || s.Check(t.Context()) != nil {
		t.Errorf("let in again: %v, ready says %v", err, s.Check(t.Context()))
	}
}

func TestTheDoubtAboutAWhisperIsFinal(t *testing.T) {
	s := newStage(t)
	m := toLinh()
	m.To.Channel = "C1"
	s.slack.answers["chat.postEphemeral"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	if e := outcome(t, s.Edit(t.Context(), acme, m, "C1/2.000200/whisper")); e.Outcome != bot.Final {
		t.Errorf("it would be whispered twice: %v", e)
	}
}

func TestNothingIsSentWithoutSlackTimeOrStore(t *testing.T) {
	s := newStage(t)
	if _, err := s.Post(t.Context(), "slack:T0BETA", toLinh(), ""); outcome(t, err).Outcome != bot.Final {
		t.Errorf("another workspace: %v", err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Post(over, acme, toLinh(), ""); outcome(t, err).Outcome != bot.Refused {
		t.Errorf("no time left: %v", err)
	}
	s.contacts.down = errors.New("store down")
	m := toLinh()
	m.Card.Form = formCard("en").Form // needs keeping
	if _, err := s.Post(t.Context(), acme, m, ""); outcome(t, err).Outcome != bot.Refused {
		t.Errorf("no store: %v", err)
	}
	s.contacts.down = nil
	s.slack.Close()
	if _, err := s.Post(t.Context(), acme, toLinh(), ""); outcome(t, err).Outcome != bot.Refused {
		t.Errorf("nobody there: %v", err)
	}
}

func TestAChartThatSlackRefusesIsLeftOut(t *testing.T) {
	s := newStage(t)
	s.slack.answers["chat.postMessage"] = func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Form.Get("blocks"), "data_visualization") {
			says(`{"ok":false,"error":"invalid_blocks"}`)(w, r)
			return
		}
		says(`{"ok":true,"channel":"D0LINH","ts":"1.000100"}`)(w, r)
	}
	m := toLinh()
	m.Card = savedCard("en")
	if ref, err := s.Post(t.Context(), acme, m, ""); err != nil || ref == "" {
		t.Errorf("%q %v", ref, err)
	}
}

func TestFind(t *testing.T) {
	s := newStage(t)
	pages := 0
	s.slack.answers["conversations.history"] = func(w http.ResponseWriter, r *http.Request) {
		if r.Form.Get("include_all_metadata") != "1" || r.Form.Get("limit") != "15" ||
			r.Form.Get("oldest") != "1795434900.000000" || r.Form.Get("latest") != "1795435800.000000" {
			t.Errorf("%v", r.Form)
		}
		pages++
		if r.Form.Get("cursor") == "" {
			says(`{"ok":true,"has_more":true,"messages":[{"ts":"3.1"}],"response_metadata":{"next_cursor":"more"}}`)(w, r)
			return
		}
		says(`{"ok":true,"messages":[{"ts":"2.1","metadata":{"event_type":"goalkeeper_message","event_payload":{"key":"checkin:U0LIN:2026-W48"}}}]}`)(w, r)
	}
	if ref, err := s.Find(t.Context(), acme, toLinh(), noon); err != nil || ref != "D0LINH/2.1" {
		t.Errorf("%q %v", ref, err)
	}
	other := toLinh()
	other.Key = "other"
	if ref, err := s.Find(t.Context(), acme, other, noon); err != nil || ref != "" || pages != 4 {
		t.Errorf("%q %v after %d pages", ref, err, pages)
	}
	other.To = conversation.Address{Channel: "C1"}
	if _, err := s.Find(t.Context(), acme, other, noon); outcome(t, err).Outcome != bot.Final {
		t.Errorf("channels cannot be read: %v", err)
	}
}

func TestAFormInAMessageWaitsBehindAButton(t *testing.T) {
	s := newStage(t)
	m := toLinh()
	m.Card, m.Language = formCard("vi"), "vi"
	m.Card.Body = nil
	if _, err := s.Post(t.Context(), acme, m, ""); err != nil {
		t.Fatal(err)
	}
	f := s.slack.next(t, "chat.postMessage").form
	if strings.Contains(f.Get("blocks"), `"input"`) || !strings.Contains(f.Get("blocks"), "#form:") {
		t.Errorf("%s", f.Get("blocks"))
	}
	if blocks := f.Get("blocks"); !strings.Contains(blocks, m.Card.Form.Title) || !strings.Contains(blocks, m.Card.Form.Fields[0].Value) {
		t.Errorf("nobody can tell what the button is for: %s", blocks)
	}
	found := false
	for id, content := range s.contacts.kept {
		var kept keptForm
		if strings.Contains(id, " form:") && json.Unmarshal(content, &kept) == nil {
			found = kept.Card.Kind == "goal.form" && kept.Language == "vi"
		}
	}
	if !found {
		t.Error("the form was not kept")
	}
}

func TestRefusedTokensStopTheStart(t *testing.T) {
	stub := newSlackStub(t)
	cfg := Config{BotToken: "xoxb-secret", APIURL: stub.URL + "/api/", Clock: func() time.Time { return noon }, Log: newStage(t).cfg.Log}
	stub.answers["auth.test"] = says(`{"ok":false,"error":"invalid_auth"}`)
	if _, err := New(t.Context(), cfg); err == nil || strings.Contains(err.Error(), "xoxb") || !strings.Contains(err.Error(), "invalid_auth") {
		t.Errorf("%v", err)
	}
}

func TestTheFaceComesUpWithSlack(t *testing.T) {
	stub := newSlackStub(t)
	up := make(chan struct{})
	answered := stub.answers["auth.test"]
	stub.answers["auth.test"] = func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-up:
			answered(w, r)
		default:
			w.WriteHeader(http.StatusBadGateway)
		}
	}
	cfg := newStage(t).cfg
	cfg.APIURL = stub.URL + "/api/"
	f, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if f.Check(t.Context()) == nil || f.Workspace() != "" {
		t.Error("green before Slack answered")
	}
	if _, err := f.Post(t.Context(), acme, toLinh(), ""); outcome(t, err).Outcome != bot.Refused {
		t.Errorf("%v", err)
	}
	close(up)
	f.work.Wait()
	if err := f.Check(t.Context()); err != nil || f.Workspace() != acme {
		t.Errorf("%v in %q", err, f.Workspace())
	}
}

func TestDirectory(t *testing.T) {
	s := newStage(t)
	p, err := s.Person(t.Context(), acme, "U0BEN")
	if want := (conversation.Profile{Name: "Ben Okoro", Zone: "Africa/Lagos", Language: "en-GB", Admin: true}); err != nil || p != want {
		t.Errorf("%+v %v", p, err)
	}
	if f := s.slack.next(t, "users.info").form; f.Get("include_locale") != "true" {
		t.Errorf("%v", f)
	}
	r, err := s.Channel(t.Context(), acme, "C1")
	if want := (conversation.Room{Name: "growth", Present: true}); err != nil || r != want {
		t.Errorf("%+v %v", r, err)
	}
	if _, err := s.Person(t.Context(), "slack:T0BETA", "U0BEN"); err == nil {
		t.Error("another workspace was answered")
	}
	for code, want := range map[string]error{"user_not_found": conversation.ErrNobody, "user_not_visible": conversation.ErrHidden} {
		s.slack.answers["users.info"] = says(`{"ok":false,"error":"` + code + `"}`)
		if _, err := s.Person(t.Context(), acme, "U0X"); !errors.Is(err, want) {
			t.Errorf("%s: %v", code, err)
		}
	}
	s.slack.answers["users.info"] = says(`{"ok":false,"error":"internal_error"}`)
	if _, err := s.Person(t.Context(), acme, "U0Y"); err == nil || errors.Is(err, conversation.ErrNobody) {
		t.Errorf("an outage is no absence: %v", err)
	}
}

func TestMembership(t *testing.T) {
	s := newStage(t)
	asked := 0
	s.slack.answers["conversations.members"] = func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch {
		case r.Form.Get("channel") == "C0HIDDEN":
			says(`{"ok":false,"error":"channel_not_found"}`)(w, r)
		case r.Form.Get("channel") == "C0HUGE":
			says(fmt.Sprintf(`{"ok":true,"members":["U0HUGE%d"],"response_metadata":{"next_cursor":"on"}}`, asked))(w, r)
		case r.Form.Get("cursor") == "":
			says(`{"ok":true,"members":["U1"],"response_metadata":{"next_cursor":"p2"}}`)(w, r)
		default:
			says(`{"ok":true,"members":["U2"],"response_metadata":{"next_cursor":""}}`)(w, r)
		}
	}
	for id, want := range map[string]bool{"U1": true, "U2": true, "U3": false} {
		if got, err := s.IsMember(t.Context(), acme, "C1", "U0"); err != nil || got {
			t.Errorf("%v %v", got, err)
		}
		if got, err := s.IsMember(t.Context(), acme, "C1", goal.PersonID(id)); err != nil || got != want {
			t.Errorf("%s: %v %v", id, got, err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times for one channel of two pages", asked)
	}
	for _, c := range []string{"C0HIDDEN", "C0HUGE"} {
		if _, err := s.IsMember(t.Context(), acme, goal.ChannelID(c), "U9"); !errors.Is(err, conversation.ErrHidden) {
			t.Errorf("%s: %v", c, err)
		}
	}
	if asked > 20 {
		t.Errorf("asked %d times", asked)
	}
}

func TestCacheIsBounded(t *testing.T) {
	c := newCache[int](10, time.Minute)
	for i := range 1000 {
		c.put(fmt.Sprint(i), i, noon)
	}
	if len(c.held) > 10 {
		t.Errorf("%d held", len(c.held))
	}
	c.put("x", 7, noon)
	if v, ok := c.get("x", noon.Add(59*time.Second)); !ok || v != 7 {
		t.Error("forgotten too early")
	}
	if _, ok := c.get("x", noon.Add(time.Minute)); ok {
		t.Error("remembered too long")
	}
}

func TestSecretsStayOutOfErrors(t *testing.T) {
	s := newStage(t)
	err := s.postTo(t.Context(), "http://127.0.0.1:1/actions/T0/secret", s.whisper(t.Context(), delivery{}, answer(card.Card{Summary: "x"})))
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
}
