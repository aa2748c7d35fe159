package teams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

var (
	direct = conversation.Place{ID: linhChat, Kind: conversation.Direct}
	growth = conversation.Place{ID: channelID, Kind: conversation.PrivateChannel}
	seen   = conversation.Profile{Name: "Linh Trần", Zone: "Asia/Ho_Chi_Minh", Language: "vi-VN"}
)

func TestActivitiesBecomeInputs(t *testing.T) {
	for name, want := range map[string]conversation.Input{
		"personal-message": {Place: direct, Delivery: linhChat + " 1763863200001", Act: conversation.Said{Text: "210, 7/10, chờ pháp lý"}},
		"personal-command": {Place: direct, Delivery: linhChat + " 1763863200002", Act: conversation.Command{Text: "new Cut CAC from $250 to $150"}},
		"personal-submit": {Place: direct, Delivery: linhChat + " 1763863200003", From: "checkin:U1:2026-W48", Act: conversation.Used{
			Intent: card.Intent{Verb: "checkin.same", Subject: "U1", Question: "2026-W48"}, Values: map[string]string{"confidence": "7"}}},
		"group-mention": {Place: conversation.Place{ID: "19:planning77@thread.v2", Kind: conversation.PrivateChannel}, Inline: true,
			Delivery: "19:planning77@thread.v2 1763863200004", Act: conversation.Command{Text: "list mine"}},
		"channel-mention": {Place: growth, Inline: true, Delivery: channelID + " 1763863200005", Act: conversation.Command{
			Text: "list @Alex Rivera", Mentions: []conversation.Mention{{Text: "@Alex Rivera", Person: alex}}}},
		"channel-targeted": {Place: growth, Inline: true, Delivery: channelID + " 1763863200006", Act: conversation.Command{Text: "new Cut CAC"}},
		"personal-action": {Place: direct, Inline: true, From: "goal.form:U1", Delivery: linhChat + " f:2b1c0001", Act: conversation.Used{
			Intent: card.Intent{Verb: "goal.save", Question: "n1"}, Values: map[string]string{"title": "Cut CAC", "target": "150", "private": "false"}}},
		"channel-action": {Place: growth, Inline: true, From: "digest:C1:2026-W48", Delivery: channelID + " f:2b1c0002", Act: conversation.Used{
			Intent: card.Intent{Verb: "help", Subject: "G-12"}}},
		"personal-added": {Place: direct, Delivery: "added:" + linhChat + ":0", Act: conversation.Added{}},
		"team-added":     {Place: growth, Delivery: "added:" + teamID + ":0", Act: conversation.Added{}},
	} {
		t.Run(name, func(t *testing.T) {
			want.Workspace, want.Actor, want.Seen = "teams:"+testTenant, linh, seen
			if name == "personal-added" {
				want.Seen.Name = ""
			}
			if diff := cmp.Diff(want, newHouse(t).heard(name)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWordsThatAreNoCommand(t *testing.T) {
	for text, want := range map[string]conversation.Act{
		"goal":                                  conversation.Command{},
		"/GOAL":                                 conversation.Command{},
		"goal\nlist":                            conversation.Command{Text: "list"},
		"goals are hard":                        conversation.Said{Text: "goals are hard"},
		"/goalkeeper":                           conversation.Said{Text: "/goalkeeper"},
		"go":                                    conversation.Said{Text: "go"},
		"cập nhật G-1 210":                      conversation.Said{Text: "cập nhật G-1 210"},
		"<at>Goalkeeper</at> <at>Everyone</at>": conversation.Said{Text: "<at>Goalkeeper</at> <at>Everyone</at>"},
	} {
		in := newHouse(t).heard("personal-message", func(a map[string]any) { a["text"] = text })
		if diff := cmp.Diff(want, in.Act); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestInstallingTwiceToldIsOneDelivery(t *testing.T) {
	for _, names := range [][]string{{"personal-added", "personal-added-too"}, {"team-added-too", "team-added"}} {
		h := newHouse(t)
		first, second := h.heard(names[0]), h.heard(names[1])
		if first.Delivery != second.Delivery || first.Place.ID != second.Place.ID {
			t.Errorf("%v: %q and %q", names, first.Delivery, second.Delivery)
		}
	}
}

func TestRemovingIsHeardOnceAndInstallingAgainIsNew(t *testing.T) {
	h := newHouse(t)
	first := h.heard("personal-added")
	if _, ok := h.heard("personal-removed").Act.(conversation.Removed); !ok {
		t.Fatal("not removed")
	}
	if h.arrive(h.activity("personal-removed-too")); len(h.talk.inputs()) != 2 {
		t.Error("removed twice")
	}
	if again := h.heard("personal-added-too"); again.Delivery == first.Delivery {
		t.Error("the second installation looks like the first")
	}
}

// The process may end between telling the conversation and noting it.
func TestARemovalThatWasNotNotedIsToldAgain(t *testing.T) {
	h := newHouse(t)
	h.heard("personal-added")
	h.talk.answer = func(context.Context, conversation.Input) (conversation.Answer, error) {
		h.shelf.fail = errors.New("gone")
		return conversation.Answer{}, nil
	}
	if got := h.arrive(h.activity("personal-removed")); got.Code != http.StatusInternalServerError {
		t.Errorf("acknowledged with %d", got.Code)
	}
	h.shelf.fail = nil
	h.talk.answer = nil
	if _, ok := h.heard("personal-removed").Act.(conversation.Removed); !ok {
		t.Error("the second time, nobody is told")
	}
	if h.arrive(h.activity("personal-removed-too")); len(h.talk.inputs()) != 3 {
		t.Error("noted, and told again")
	}
}

// Another replica writes to the same contact in between: what it noted stays.
func TestReplicasDoNotOverwriteEachOthersContacts(t *testing.T) {
	h := newHouse(t)
	first := h.heard("personal-added")
	h.shelf.meanwhile = func(kept map[string][]byte, key string) {
		kept[key] = bytes.Replace(kept[key], []byte(`{`), []byte(`{"round":7,`), 1)
	}
	h.heard("personal-removed")
	if again := h.heard("personal-added-too"); !strings.HasSuffix(again.Delivery, ":8") || again.Delivery == first.Delivery {
		t.Errorf("installed as %q, then as %q", first.Delivery, again.Delivery)
	}
}

func TestOtherEventsAreAcknowledged(t *testing.T) {
	h := newHouse(t)
	for _, name := range []string{"reaction", "team-member-added", "channel-deleted", "channel-renamed", "personal-upgraded"} {
		if w := h.arrive(h.activity(name)); w.Code != http.StatusOK {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := h.arrive(h.activity("reaction", func(a map[string]any) { a["type"] = "somethingNew" })); w.Code != http.StatusOK {
		t.Error("an unknown type:", w.Code)
	}
	if heard := h.talk.inputs(); len(heard) != 0 {
		t.Errorf("heard %+v", heard)
	}
}

func TestRefusedRequests(t *testing.T) {
	h := newHouse(t)
	set := func(name string, value any) func(map[string]any) { return func(a map[string]any) { a[name] = value } }
	for name, c := range map[string]struct {
		body []byte
		want int
	}{
		"ten megabytes":   {bytes.Repeat([]byte("x"), 10<<20), http.StatusRequestEntityTooLarge},
		"broken JSON":     {[]byte(`{"type":`), http.StatusBadRequest},
		"a list":          {[]byte(`[]`), http.StatusBadRequest},
		"nothing":         {nil, http.StatusBadRequest},
		"an empty object": {[]byte(`{}`), http.StatusBadRequest},
		"a number for id": {h.activity("personal-message", set("id", 3)), http.StatusBadRequest},
		"another tenant": {h.activity("personal-message", set("channelData", object{"tenant": object{"id": "other"}}),
			set("conversation", object{"id": linhChat, "conversationType": "personal"})), http.StatusForbidden},
		"two tenants":    {h.activity("personal-message", set("channelData", object{"tenant": object{"id": "other"}})), http.StatusForbidden},
		"no tenant":      {h.activity("personal-message", set("channelData", nil), set("conversation", object{"id": linhChat})), http.StatusForbidden},
		"id leaves path": {h.activity("personal-message", set("conversation", object{"id": "a:../../x", "tenantId": testTenant})), http.StatusBadRequest},
		"id with slash":  {h.activity("personal-message", set("id", "1/2")), http.StatusBadRequest},
		"id with space":  {h.activity("personal-message", set("from", object{"id": "29:a b"})), http.StatusBadRequest},
		"no sender":      {h.activity("personal-message", set("from", object{})), http.StatusBadRequest},
		"file service":   {h.activity("personal-message", set("serviceUrl", "file:///etc/passwd")), http.StatusBadRequest},
		"long id":        {h.activity("personal-message", set("id", strings.Repeat("1", 1000))), http.StatusBadRequest},
	} {
		if w := h.arrive(c.body); w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
	if heard := h.talk.inputs(); len(heard) != 0 {
		t.Errorf("heard %+v", heard)
	}
}

func TestUnknownFieldsAndKindsAreTolerated(t *testing.T) {
	h := newHouse(t)
	for _, value := range []any{"text", []any{1}, 3, nil, object{"a": 1}} {
		h.heard("personal-message", func(a map[string]any) {
			a["value"], a["brandNew"], a["timestamp"], a["suggestedActions"] = value, object{"x": 1}, "yesterday", 7
			a["entities"] = []any{"odd", object{"type": 3}, object{"type": "clientInfo", "timezone": "Asia/Ho_Chi_Minh"}}
		})
	}
}

func TestAnInvokeIsAnsweredWithACard(t *testing.T) {
	h := newHouse(t)
	h.answers(formEnglish())
	w := h.arrive(h.activity("personal-action"))
	var answer struct {
		StatusCode int
		Type       string
		Value      map[string]any
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body, err)
	}
	if answer.StatusCode != http.StatusOK || answer.Type != cardType || answer.Value["type"] != "AdaptiveCard" {
		t.Errorf("%+v", answer)
	}
	if !strings.Contains(w.Body.String(), `"_key":"goal.form:U1"`) {
		t.Error("the new card does not name the message that it stands in")
	}
}

func TestInvokesWithoutACard(t *testing.T) {
	action := func(data any) func(map[string]any) {
		return func(a map[string]any) { a["value"] = object{"action": object{"data": data}} }
	}
	for name, c := range map[string]struct {
		edit func(map[string]any)
		want string
	}{
		"nothing to show":   {action(object{"_intent": "x"}), "Đã ghi nhận."},
		"cancel":            {action(object{"_cancel": true}), "Đã đóng, chưa lưu gì."},
		"no intent":         {action(object{"other": 1}), "Nút này thuộc tin nhắn cũ"},
		"data is a string":  {action("x"), "Nút này thuộc tin nhắn cũ"},
		"value is a string": {func(a map[string]any) { a["value"] = "x" }, "Nút này thuộc tin nhắn cũ"},
		"long key":          {action(object{"_intent": "x", "_key": strings.Repeat("k", 1000)}), "Nút này thuộc tin nhắn cũ"},
		"dialog":            {func(a map[string]any) { a["name"] = "task/fetch" }, `"task":{"type":"message"`},
		"search":            {func(a map[string]any) { a["name"] = "composeExtension/query" }, `"composeExtension":`},
		"typeahead":         {func(a map[string]any) { a["name"] = "application/search" }, `"results":[]`},
		"file consent":      {func(a map[string]any) { a["name"] = "fileConsent/invoke" }, ""},
	} {
		h := newHouse(t)
		h.talk.answer = func(context.Context, conversation.Input) (conversation.Answer, error) {
			return conversation.Answer{Language: "vi"}, nil
		}
		w := h.arrive(h.activity("personal-action", c.edit))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	h := newHouse(t)
	if w := h.arrive(h.activity("personal-action", func(a map[string]any) { a["name"] = "brand/new" })); w.Code != http.StatusNotImplemented {
		t.Error("an unknown invoke:", w.Code)
	}
}

func TestAMenuListNamesItsChoice(t *testing.T) {
	raw := []byte(`{"_pick":"_menu1","_menu1":"pick|||7","_key":"k"}`)
	p, ok := readPress(raw)
	if !ok || p.intent.Value != "7" || p.key != "k" || p.values != nil {
		t.Errorf("%+v %t", p, ok)
	}
}

func TestTheSameInvokeAtOnceIsHandledOnce(t *testing.T) {
	h := newHouse(t)
	entered, leave := make(chan bool, 3), make(chan bool)
	c := card.Card{Summary: "Saved"}
	h.talk.answer = func(context.Context, conversation.Input) (conversation.Answer, error) {
		entered <- true
		<-leave
		return conversation.Answer{Card: &c}, nil
	}
	body := h.activity("personal-action")
	var answers sync.Map
	var all sync.WaitGroup
	for n := range 3 {
		all.Go(func() { answers.Store(n, h.arrive(body).Body.String()) })
	}
	<-entered
	close(leave)
	all.Wait()
	first, _ := answers.Load(0)
	for n := range 3 {
		if got, _ := answers.Load(n); got != first || !strings.Contains(got.(string), "Saved") {
			t.Errorf("answer %d: %v", n, got)
		}
	}
}

func TestAnOutageIsToldOnceAndTheMessageComesAgain(t *testing.T) {
	h := newHouse(t)
	h.shelf.fail = errors.New("store lost")
	h.talk.answer = func(context.Context, conversation.Input) (conversation.Answer, error) {
		c := note("I cannot save right now")
		return conversation.Answer{Card: &c, Language: "en"}, errors.New("store lost")
	}
	for range 3 {
		if w := h.arrive(h.activity("personal-message")); w.Code != http.StatusInternalServerError {
			t.Error(w.Code)
		}
	}
	sent := h.outside.sent()
	if len(sent) != 1 || !strings.Contains(posted(sent[0]), "I cannot save right now") || !strings.Contains(sent[0].path, linhChat) {
		t.Errorf("%+v", sent)
	}
	if w := h.arrive(h.activity("personal-action")); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "I cannot save right now") {
		t.Error("an invoke:", w.Code, w.Body)
	}
}

func TestACommandInAChannelIsAnsweredForItsAskerAlone(t *testing.T) {
	h := newHouse(t)
	h.answers(note("private words"))
	h.heard("channel-targeted")
	sent := h.outside.sent()
	if len(sent) != 1 {
		t.Fatalf("%+v", sent)
	}
	whisper := sent[0]
	if whisper.query != "isTargetedActivity=true" || !strings.HasSuffix(whisper.path, "/conversations/"+channelID+"/activities") {
		t.Errorf("%+v", whisper)
	}
	if diff := cmp.Diff(map[string]any{"id": linhUser}, whisper.body["recipient"]); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(posted(whisper), `"messageId":"1763863200006"`) {
		t.Error("does not name the question")
	}
}

func TestAWhisperRefusedGoesToThePersonalChat(t *testing.T) {
	h := newHouse(t)
	h.answers(note("private words"))
	h.heard("personal-added")
	h.outside.refuse(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.RawQuery == "" {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	h.heard("channel-mention")
	sent := h.outside.sent()
	if len(sent) != 1 || !strings.Contains(sent[0].path, linhChat) {
		t.Errorf("%+v", sent)
	}
}

func TestWithoutAnyPrivateWayTheChannelSaysHow(t *testing.T) {
	h := newHouse(t)
	h.answers(note("private words"))
	h.outside.refuse(func(w http.ResponseWriter, r *http.Request) bool {
		refused := r.URL.RawQuery != "" || strings.HasSuffix(r.URL.Path, "/v3/conversations")
		if refused {
			w.WriteHeader(http.StatusForbidden)
		}
		return refused
	})
	h.heard("channel-mention")
	sent := h.outside.sent()
	if len(sent) != 1 || !strings.Contains(posted(sent[0]), "không nhắn riêng") || strings.Contains(posted(sent[0]), "private words") {
		t.Errorf("%+v", sent)
	}
}

func TestAWhisperToBeTriedAgainMakesTeamsRepeat(t *testing.T) {
	h := newHouse(t)
	h.answers(note("private words"))
	h.outside.refuse(func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	})
	if w := h.arrive(h.activity("channel-targeted")); w.Code != http.StatusInternalServerError {
		t.Error(w.Code)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"type":"message","value":3,"entities":[{"type":"mention"}],"recipient":{"isTargeted":true}}`))
	f.Add([]byte(`{"channelData":{"tenant":{"id":1}},"entities":{}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		x, rest, err := decode(body)
		if err != nil {
			return
		}
		a := &arrival{extras: x}
		if json.Unmarshal(rest, &a.Activity) != nil || a.check() != nil {
			return
		}
		a.tenant()
		a.typed(func(entity) goal.PersonID { return "somebody" })
		if p, ok := readPress(x.value); ok && !p.cancel && p.intent.IsZero() {
			t.Error("a press without an intent")
		}
		if a.place().ID == "" {
			t.Error("a place without an id")
		}
	})
}

// answerOf presses the button of a fixture and returns the kind and the text of the answer.
func (h *house) answerOf(a conversation.Answer, name string, edit ...func(map[string]any)) (kind, all string) {
	h.t.Helper()
	h.talk.answer = func(context.Context, conversation.Input) (conversation.Answer, error) { return a, nil }
	w := h.arrive(h.activity(name, edit...))
	var answer struct{ Type string }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		h.t.Fatal(w.Code, w.Body, err)
	}
	return answer.Type, w.Body.String()
}

func TestAnAnswerStandsWhereItTakesNothingAway(t *testing.T) {
	said := func(text string) *card.Card { c := note(text); c.Kind = "notice"; return &c }
	goal := said("G-1 Cut CAC")
	goal.Actions = []card.Action{{Label: "Edit", Intent: card.Intent{Verb: "goal.edit", Subject: "G-1"}}}
	form := formEnglish()
	list := &conversation.Message{Key: "k", Card: *said("Your goals"), Language: "en"}
	cancel := func(a map[string]any) {
		a["value"] = object{"action": object{"data": object{"_cancel": true, "_key": "k"}}}
	}
	for name, c := range map[string]struct {
		answer     conversation.Answer
		edit       func(map[string]any)
		kind, want string
		besides    string
	}{
		"what replaces the card":          {conversation.Answer{Card: goal, Replace: true, Shown: list}, nil, cardType, "G-1 Cut CAC", ""},
		"a form":                          {conversation.Answer{Card: &form, Shown: list}, nil, cardType, "Input.Text", ""},
		"a sentence":                      {conversation.Answer{Card: said("Told Linh."), Shown: list}, nil, messageAnswer, "Told Linh.", ""},
		"a card from a list":              {conversation.Answer{Card: goal, Shown: list, Language: "en"}, nil, messageAnswer, "It is below.", "G-1 Cut CAC"},
		"nothing, where a form stood":     {conversation.Answer{Shown: list}, nil, cardType, "Your goals", ""},
		"the same, in a message unknown":  {conversation.Answer{Card: goal}, nil, cardType, "G-1 Cut CAC", ""},
		"a closed form over a message":    {conversation.Answer{Shown: list}, cancel, cardType, "Your goals", ""},
		"a closed form that was typed to": {conversation.Answer{Shown: &conversation.Message{Card: form}}, cancel, cardType, "chưa lưu gì", ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			edits := []func(map[string]any){}
			if c.edit != nil {
				edits = append(edits, c.edit)
			}
			kind, all := h.answerOf(c.answer, "personal-action", edits...)
			if kind != c.kind || !strings.Contains(all, c.want) {
				t.Errorf("answered by %s %s", kind, all)
			}
			sent := h.outside.sent()
			if c.besides == "" && len(sent) != 0 || c.besides != "" && (len(sent) != 1 || !strings.Contains(posted(sent[0]), c.besides)) {
				t.Errorf("sent besides: %v", sent)
			}
		})
	}
}

func TestAChannelKeepsItsMessageAndTheAskerAloneGetsTheForm(t *testing.T) {
	h := newHouse(t)
	form := formEnglish()
	digest := &conversation.Message{Key: "k", To: conversation.Address{Channel: channelID}, Card: note("#growth")}
	kind, all := h.answerOf(conversation.Answer{Card: &form, Shown: digest, Language: "en"}, "channel-action")
	if kind != messageAnswer || !strings.Contains(all, "I wrote to you alone.") {
		t.Errorf("answered by %s %s", kind, all)
	}
	sent := h.outside.sent()
	last := sent[len(sent)-1]
	if last.query != "isTargetedActivity=true" || !strings.Contains(posted(last), "Input.Text") {
		t.Errorf("sent %+v", sent)
	}
}

func TestAFormThatCouldNotBeSavedIsOneTapAway(t *testing.T) {
	h := newHouse(t)
	h.talk.answer = func(context.Context, conversation.Input) (conversation.Answer, error) {
		c := note("Not saved")
		return conversation.Answer{Card: &c, Language: "en"}, errors.New("the store is down")
	}
	data := object{"_intent": "goal.create||q1", "_key": "k", "title": "Cut CAC", "way": "_none"}
	press := func(data any) string {
		return h.arrive(h.activity("personal-action", func(a map[string]any) { a["value"] = object{"action": object{"data": data}} })).Body.String()
	}
	var answer struct{ Value object }
	if err := json.Unmarshal([]byte(press(data)), &answer); err != nil {
		t.Fatal(err)
	}
	body := answer.Value["body"].([]any)
	again := body[len(body)-1].(map[string]any)["actions"].([]any)[0].(map[string]any)
	if diff := cmp.Diff(data, again["data"]); diff != "" {
		t.Error("what was typed does not come again:", diff)
	}
	if all := press(object{"_intent": "checkin.same||q2", "_key": "k"}); !strings.Contains(all, messageAnswer) {
		t.Error("a button's card is taken away:", all)
	}
}
