package teams

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"goalkeeper/bot"
	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

func to(person goal.PersonID, channel goal.ChannelID) *conversation.Message {
	return &conversation.Message{Key: "k:1", To: conversation.Address{Person: person, Channel: channel}, Card: note("hello"), Language: "en"}
}

func (h *house) post(m *conversation.Message, thread string) (string, error) {
	return h.Post(h.t.Context(), h.workspace, m, thread)
}

func (h *house) mustPost(m *conversation.Message, thread string) string {
	h.t.Helper()
	ref, err := h.post(m, thread)
	if err != nil {
		h.t.Fatal(err)
	}
	return ref
}

func TestSomebodyWhoOnlyInstalledIsReached(t *testing.T) {
	h := newHouse(t)
	h.heard("personal-added")
	ref := h.mustPost(to(linh, ""), "")
	sent := h.outside.sent()
	if len(sent) != 1 || sent[0].path != "/emea/v3/conversations/"+linhChat+"/activities" || !strings.HasPrefix(ref, linhChat+" ") {
		t.Errorf("%q %+v", ref, sent)
	}
	body := sent[0].body
	if body["type"] != "message" || body["summary"] != "hello" || body["text"] != nil || len(body["attachments"].([]any)) != 1 {
		t.Errorf("%v", body)
	}
	for _, name := range []string{"timestamp", "expiration", "relatesTo", "suggestedActions", "recipient", "semanticAction"} {
		if body[name] != nil {
			t.Errorf("%s is sent: %v", name, body[name])
		}
	}
}

func TestSomebodyFromTheTeamWhoNeverInstalledIsReached(t *testing.T) {
	h := newHouse(t)
	h.heard("team-added")
	ref := h.mustPost(to(alex, ""), "")
	sent := h.outside.sent()
	if len(sent) != 2 || sent[0].path != "/emea/v3/conversations" || !strings.Contains(posted(sent[0]), alexUser) || !strings.HasPrefix(ref, alexChat+" ") {
		t.Fatalf("%q %+v", ref, sent)
	}
	if h.mustPost(to(alex, ""), ""); len(h.outside.sent()) != 3 {
		t.Error("the chat was not remembered")
	}
}

func TestChannelsThreadsAndEdits(t *testing.T) {
	h := newHouse(t)
	h.heard("team-added")
	ref := h.mustPost(to("", channelID), "")
	if ref != channelID+";messageid=1700000000001 1700000000001" {
		t.Errorf("%q", ref)
	}
	under := h.mustPost(to("", channelID), ref)
	if !strings.HasPrefix(under, channelID+";messageid=1700000000001 ") {
		t.Errorf("%q", under)
	}
	if err := h.Edit(t.Context(), h.workspace, to("", channelID), ref); err != nil {
		t.Fatal(err)
	}
	edit := h.outside.sent()[2]
	if edit.method != http.MethodPut || edit.path != "/emea/v3/conversations/"+channelID+";messageid=1700000000001/activities/1700000000001" {
		t.Errorf("%+v", edit)
	}
	if start := h.outside.sent()[0].body; start["isGroup"] != true || start["activity"] == nil {
		t.Errorf("%v", start)
	}
}

func TestAWhisperPostedIsEditedAsOne(t *testing.T) {
	h := newHouse(t)
	h.heard("channel-targeted")
	ref := h.mustPost(to(linh, channelID), "")
	if err := h.Edit(t.Context(), h.workspace, to(linh, channelID), ref); err != nil {
		t.Fatal(err)
	}
	for _, r := range h.outside.sent() {
		if r.query != "isTargetedActivity=true" || r.method == http.MethodPut && r.body["recipient"] != nil {
			t.Errorf("%+v", r)
		}
	}
}

func TestUnreachable(t *testing.T) {
	h := newHouse(t)
	for name, m := range map[string]*conversation.Message{"a stranger": to("7d7d7d7d-0000-4000-8000-00000000dead", ""), "a channel": to("", "19:other@thread.tacv2"), "a path": to("../../x", "")} {
		_, err := h.post(m, "")
		var failed *bot.SendError
		if !errors.As(err, &failed) || failed.Outcome != bot.Final || failed.Reason == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.Post(t.Context(), "teams:other", to(linh, ""), ""); err == nil {
		t.Error("another workspace")
	}
	for _, ref := range []string{"", "a", "a b c d", "../x 1", "19:x 1/2"} {
		if err := h.Edit(t.Context(), h.workspace, to(linh, ""), ref); err == nil {
			t.Errorf("%q was edited", ref)
		}
	}
}

func TestFailuresAreClassified(t *testing.T) {
	for status, want := range map[int]bot.Outcome{
		429: bot.Refused, 412: bot.Refused, 502: bot.Refused, 503: bot.Refused, 401: bot.Refused, 504: bot.Doubtful, 500: bot.Doubtful,
		400: bot.Final, 403: bot.Final, 404: bot.Final, 413: bot.Final, 302: bot.Final,
	} {
		h := newHouse(t)
		h.heard("personal-added")
		h.outside.refuse(func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Retry-After", "7")
			w.Header().Set("Location", "https://evil.example/")
			w.WriteHeader(status)
			fmt.Fprint(w, `{"errorCode":209,"message":"{\"subCode\":\"MessageWritesBlocked\",\"details\":\"secret hello\"}"}`)
			return true
		})
		_, err := h.post(to(linh, ""), "")
		var failed *bot.SendError
		if !errors.As(err, &failed) || failed.Outcome != want {
			t.Errorf("%d: %v", status, err)
			continue
		}
		if !strings.Contains(failed.Reason, "MessageWritesBlocked") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%d: %v", status, err)
		}
		if asked := failed.After == 7*time.Second; asked != (status == 429 || status == 412 || status == 502 || status == 503) {
			t.Errorf("%d: wait %s", status, failed.After)
		}
	}
}

func TestTroublesAreNamedByWhatMendsThem(t *testing.T) {
	for _, c := range []struct {
		status   int
		code     string
		person   conversation.Trouble // in a personal chat
		channel  conversation.Trouble
		archived bool
	}{
		{403, "BotNotInConversationRoster", conversation.TroubleNotInstalled, conversation.TroubleNotInChannel, false},
		{403, "BotDisabledByAdmin", conversation.TroubleDisabled, conversation.TroubleDisabled, false},
		{403, "ConversationBlockedByUser", conversation.TroubleBlocked, conversation.TroubleBlocked, false},
		{403, "ForbiddenOperationException", conversation.TroubleNotInstalled, conversation.TroubleNotInstalled, false},
		{403, "NotEnoughPermissions", conversation.TroubleForbidden, conversation.TroubleForbidden, false},
		{403, "SomethingNew", conversation.TroubleNotInstalled, conversation.TroubleNotInChannel, false},
		{404, "ConversationNotFound", conversation.TroubleNotInstalled, conversation.TroubleChannelGone, false},
		{413, "MessageSizeTooBig", conversation.TroubleTooLarge, conversation.TroubleTooLarge, false},
		{403, "SomethingNew", conversation.TroubleNotInstalled, conversation.TroubleChannelGone, true},
	} {
		h := newHouse(t)
		h.heard("personal-added")
		h.heard("team-added")
		if c.archived {
			_, err := h.book.change(t.Context(), placeKey(teamID), func(c *contact) { c.Gone = true })
			if err != nil {
				t.Fatal(err)
			}
		}
		h.outside.refuse(func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(c.status)
			fmt.Fprintf(w, `{"error":{"code":%q,"message":"secret"}}`, c.code)
			return true
		})
		for m, want := range map[*conversation.Message]conversation.Trouble{to(linh, ""): c.person, to("", channelID): c.channel} {
			_, err := h.post(m, "")
			var failed *bot.SendError
			if !errors.As(err, &failed) || failed.Outcome != bot.Final || failed.Trouble != want || failed.Reason != fmt.Sprint(c.status, " ", c.code) {
				t.Errorf("%s to %+v: %v, %s", c.code, m.To, err, failed.Trouble)
			}
		}
	}
}

// A bot that is not let in tries one call a minute, whatever waits, and readiness says what mends it.
func TestABarredBotWaits(t *testing.T) {
	h := newHouse(t)
	h.heard("personal-added")
	now, calls, barred := testNow, 0, true
	h.connector.now = func() time.Time { return now }
	h.now = h.connector.now
	h.outside.refuse(func(w http.ResponseWriter, _ *http.Request) bool {
		if calls++; barred {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":{"code":"BotNotRegistered"}}`)
		}
		return barred
	})
	for range 5 {
		_, err := h.post(to(linh, ""), "")
		var failed *bot.SendError
		if !errors.As(err, &failed) || failed.Outcome != bot.Refused || failed.Trouble != conversation.TroubleAccess {
			t.Errorf("%v", err)
		}
	}
	if err := h.connector.gate.check(now); calls > 2 || err == nil || !strings.Contains(err.Error(), "registration") {
		t.Errorf("%d calls, ready says %v", calls, err)
	}
	barred, calls = false, 0
	if _, err := h.post(to(linh, ""), ""); err == nil || calls > 0 {
		t.Errorf("%d calls within a minute: %v", calls, err)
	}
	now = now.Add(knockEvery)
	if _, err := h.post(to(linh, ""), ""); err != nil || h.connector.gate.check(now) != nil {
		t.Errorf("let in again: %v", err)
	}
}

func TestALostChatIsOpenedAnew(t *testing.T) {
	h := newHouse(t)
	h.heard("personal-added")
	lost := true
	h.outside.refuse(func(w http.ResponseWriter, _ *http.Request) bool {
		if lost {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"error":{"code":"ConversationNotFound"}}`)
		}
		return lost
	})
	if _, err := h.post(to(linh, ""), ""); err == nil {
		t.Fatal("posted into a chat that is gone")
	}
	lost = false
	h.mustPost(to(linh, ""), "")
	if first := h.outside.sent()[0]; !strings.HasSuffix(first.path, "/v3/conversations") {
		t.Errorf("the next message went to %s", first.path)
	}
}

func TestRetryAfter(t *testing.T) {
	c := &connector{now: func() time.Time { return testNow }}
	for header, want := range map[string]time.Duration{
		"": 0, "2": 2 * time.Second, "-3": 0, "999999999999": 0, "99999999": time.Hour, "soon": 0,
		testNow.Add(time.Minute).Format(http.TimeFormat): time.Minute, testNow.Add(-time.Minute).Format(http.TimeFormat): 0,
	} {
		if got := c.retryAfter(header); got != want && header != "999999999999" {
			t.Errorf("%q: %s", header, got)
		}
	}
}

func TestALostAnswerIsInDoubtAndNoConnectionIsNot(t *testing.T) {
	h := newHouse(t)
	h.heard("personal-added")
	h.outside.refuse(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	var failed *bot.SendError
	if _, err := h.post(to(linh, ""), ""); !errors.As(err, &failed) || failed.Outcome != bot.Doubtful {
		t.Error(err)
	}
	h.outside.Close()
	if _, err := h.post(to(linh, ""), ""); !errors.As(err, &failed) || failed.Outcome != bot.Refused {
		t.Error(err)
	}
}

func TestASlowConnectorIsInDoubt(t *testing.T) {
	h := newHouse(t)
	h.heard("personal-added")
	ctx, cancel := context.WithCancel(t.Context())
	h.outside.refuse(func(_ http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body) // the server notices a gone client only behind the body
		cancel()
		<-r.Context().Done()
		return true
	})
	var failed *bot.SendError
	if _, err := h.Post(ctx, h.workspace, to(linh, ""), ""); !errors.As(err, &failed) || failed.Outcome != bot.Doubtful {
		t.Error(err)
	}
}

func TestARevokedTokenIsRenewedOnce(t *testing.T) {
	h := newHouse(t, withAuth)
	if w := h.arrive(h.activity("personal-added"), h.token("k1", testKeys()[0], nil)); w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
	h.mustPost(to(linh, ""), "")
	h.outside.refuse(func(w http.ResponseWriter, r *http.Request) bool {
		refused := r.Header.Get("Authorization") == "Bearer out-1"
		if refused {
			w.WriteHeader(http.StatusUnauthorized)
		}
		return refused
	})
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if _, err := h.post(to(linh, ""), ""); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if h.outside.tokens > 3 || h.outside.sent()[1].token == "Bearer out-1" {
		t.Errorf("%d tokens", h.outside.tokens)
	}
}

func TestTheServiceAddressIsRenewed(t *testing.T) {
	h := newHouse(t)
	h.heard("personal-added")
	h.heard("personal-message", func(a map[string]any) { a["serviceUrl"] = h.outside.URL + "/emea/" })
	c, _, _ := h.book.person(t.Context(), linh)
	if c.Service != h.outside.URL+"/emea/" || c.Zone != "Asia/Ho_Chi_Minh" || c.Name != "Linh Trần" {
		t.Errorf("%+v", c)
	}
}

func TestDirectory(t *testing.T) {
	h := newHouse(t)
	h.heard("team-added")
	ctx, ws := t.Context(), h.workspace
	first, err := h.Person(ctx, ws, linh)
	if want := (conversation.Profile{Name: "Linh Trần", Zone: "Asia/Ho_Chi_Minh", Language: "vi-VN", Admin: true}); err != nil || first != want {
		t.Errorf("%+v %v", first, err)
	}
	guest, err := h.Person(ctx, ws, alex)
	if want := (conversation.Profile{Name: "Alex Rivera", Guest: true}); err != nil || guest != want {
		t.Errorf("%+v %v", guest, err)
	}
	if _, err := h.Person(ctx, ws, "nobody"); !errors.Is(err, conversation.ErrNobody) {
		t.Error(err)
	}
	room, err := h.Channel(ctx, ws, channelID)
	if want := (conversation.Room{Name: "Growth", Private: true, Present: true}); err != nil || room != want {
		t.Errorf("%+v %v", room, err)
	}
	if general, _ := h.Channel(ctx, ws, teamID); general.Name != "General" {
		t.Errorf("%+v", general)
	}
	for id, want := range map[goal.PersonID]bool{linh: true, "7d7d7d7d-0000-4000-8000-00000000dead": false} {
		if is, err := h.IsMember(ctx, ws, channelID, id); err != nil || is != want {
			t.Errorf("%s: %t %v", id, is, err)
		}
	}
	if _, err := h.IsMember(ctx, ws, "19:other@thread.tacv2", linh); !errors.Is(err, conversation.ErrHidden) {
		t.Error(err)
	}
}

func TestARosterThatDoesNotKnowPeoplesOwnIDs(t *testing.T) {
	h := newHouse(t)
	h.outside.byUserOnly = true
	h.heard("team-added")
	for id, want := range map[goal.PersonID]bool{linh: true, alex: true, "7d7d7d7d-0000-4000-8000-00000000dead": false} {
		if is, err := h.IsMember(t.Context(), h.workspace, channelID, id); err != nil || is != want {
			t.Errorf("%s: %t %v", id, is, err)
		}
	}
	if p, err := h.Person(t.Context(), h.workspace, alex); err != nil || p.Name != "Alex Rivera" {
		t.Errorf("%+v %v", p, err)
	}
}

func TestSomebodyWhoJoinedATeamHasAName(t *testing.T) {
	h := newHouse(t)
	h.heard("team-added")
	h.arrive(h.activity("team-member-added"))
	if p, err := h.Person(t.Context(), h.workspace, alex); err != nil || p.Name != "Alex Rivera" {
		t.Errorf("%+v %v", p, err)
	}
}

func TestMembershipIsAskedOnceAMinute(t *testing.T) {
	c := &clock{at: testNow}
	h := newHouse(t, func(config *Config) { config.Now = c.now })
	h.heard("team-added")
	asked := func() int {
		before := len(h.outside.requests)
		if is, err := h.IsMember(t.Context(), h.workspace, channelID, linh); !is || err != nil {
			t.Error(is, err)
		}
		return len(h.outside.requests) - before
	}
	if first, again := asked(), asked(); first != 1 || again != 0 {
		t.Errorf("asked %d and %d times", first, again)
	}
	if c.move(memberFor); asked() != 1 {
		t.Error("not asked after a minute")
	}
}

func TestChannelsComeAndGo(t *testing.T) {
	h := newHouse(t)
	h.heard("team-added")
	h.arrive(h.activity("channel-renamed"))
	if room, _ := h.Channel(t.Context(), h.workspace, channelID); room.Name != "Growth 2027" {
		t.Errorf("%+v", room)
	}
	h.arrive(h.activity("channel-deleted"))
	if room, _ := h.Channel(t.Context(), h.workspace, channelID); !room.Gone || room.Present {
		t.Errorf("%+v", room)
	}
	h = newHouse(t)
	h.heard("team-added")
	h.heard("team-added-too", func(a map[string]any) { a["membersRemoved"] = a["membersAdded"]; delete(a, "membersAdded") })
	if room, _ := h.Channel(t.Context(), h.workspace, channelID); room.Present {
		t.Errorf("%+v", room)
	}
}

func TestAFormOffersThePeopleOfThePlace(t *testing.T) {
	h := newHouse(t)
	h.heard("team-added")
	c := card.Card{Form: &card.Form{Submit: "Save", Fields: []card.Field{{Name: "owner", Label: "Owner", Kind: card.Person, Value: linh}}}}
	m := to("", channelID)
	m.Card = c
	h.mustPost(m, "")
	if body := posted(h.outside.sent()[0]); !strings.Contains(body, "Linh Trần") || !strings.Contains(body, "Alex Rivera") || strings.Contains(body, "Data.Query") {
		t.Error(body)
	}
	if c.Form.Fields[0].Options != nil {
		t.Error("the card was changed")
	}
}

func TestManyAtOnce(t *testing.T) {
	h := newHouse(t)
	h.heard("team-added")
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			h.arrive(h.activity("personal-message", func(a map[string]any) { a["id"] = fmt.Sprint("m", n) }))
			h.arrive(h.activity("personal-action", func(a map[string]any) { a["id"] = fmt.Sprint("i", n%3) }))
			_, _ = h.post(to(alex, ""), "")
			_, _ = h.IsMember(context.Background(), h.workspace, channelID, goal.PersonID(fmt.Sprint("p", n)))
			_, _ = h.Person(context.Background(), h.workspace, linh)
		})
	}
	all.Wait()
	if n := len(h.talk.inputs()); n < 24 {
		t.Errorf("heard %d", n)
	}
}

func TestHalfAConfigurationIsRefused(t *testing.T) {
	whole := Config{AppID: "a", Password: "b", TenantID: "c", Handler: &scripted{}, Contacts: &shelf{}}
	for name, edit := range map[string]func(*Config){
		"no tenant": func(c *Config) { c.TenantID = "" }, "a path as tenant": func(c *Config) { c.TenantID = "../x" },
		"no password": func(c *Config) { c.Password = "" }, "no handler": func(c *Config) { c.Handler = nil },
	} {
		c := whole
		edit(&c)
		if _, err := New(t.Context(), c); err == nil {
			t.Error(name)
		}
	}
	f, err := New(t.Context(), whole)
	if err != nil || f.connector.tokens.config.TokenURL != "https://login.microsoftonline.com/c/oauth2/v2.0/token" || f.keys.metadataURL != DefaultMetadataURL {
		t.Error(err)
	}
}
