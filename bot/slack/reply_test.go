package slack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

func answer(c card.Card) conversation.Answer { return conversation.Answer{Card: &c, Language: "en"} }

func fields(t *testing.T, body string) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		t.Fatalf("%v in %.200q", err, body)
	}
	return o
}

// at points a recorded payload's response_url at the stub.
func (s *stage) at(payload []byte) []byte {
	return []byte(strings.ReplaceAll(string(payload), "https://hooks.slack.com", s.slack.URL))
}

func TestACommandIsAnsweredAtOnceAndPrivately(t *testing.T) {
	s := newStage(t)
	s.answers(answer(goalCard("en")), nil)
	w := s.deliver("/slack/commands", recorded(t, "command"))
	o := fields(t, w.Body.String())
	if w.Code != 200 || o["response_type"] != "ephemeral" || o["mrkdwn"] != false || o["unfurl_links"] != false {
		t.Errorf("%d %v", w.Code, o)
	}
	checkBlocks(t, "message", o["blocks"])
}

func TestACommandWithoutAStoreIsAnsweredToo(t *testing.T) {
	s := newStage(t)
	s.answers(answer(downCard("en")), errors.New("store down"))
	w := s.deliver("/slack/commands", recorded(t, "command"))
	if w.Code != 200 || !strings.Contains(w.Body.String(), "nothing was changed") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAnEventThatWasNotSavedComesAgain(t *testing.T) {
	s := newStage(t)
	s.answers(answer(downCard("en")), errors.New("store down"))
	if w := s.deliver("/slack/events", recorded(t, "message_im")); w.Code != 500 || w.Header().Get("X-Slack-No-Retry") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	told := s.slack.next(t, "chat.postEphemeral")
	if told.form.Get("user") != "U2147483697" || told.form.Get("channel") != "D024BE91L" {
		t.Errorf("told %v", told.form)
	}
	s.deliver("/slack/events", recorded(t, "message_im"), "X-Slack-Retry-Num", "1")
	s.work.Wait()
	if n := len(s.slack.calls); n != 0 {
		t.Errorf("told again at the repetition: %d calls", n)
	}
}

func TestAFormOpensAModalThatRemembersWhereItCameFrom(t *testing.T) {
	s := newStage(t)
	s.answers(answer(formCard("en")), nil)
	if w := s.deliver("/slack/commands", recorded(t, "command")); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	o := fields(t, s.slack.next(t, "views.open").body)
	view := object(o["view"])
	checkModal(t, view)
	var from origin
	if err := json.Unmarshal([]byte(view["private_metadata"].(string)), &from); err != nil {
		t.Fatal(err)
	}
	if from.Intent != "goal.save||n1" || from.Place.ID != "C2147483705" || !from.Until.Equal(noon.Add(responseFor)) {
		t.Errorf("%+v", from)
	}
}

func TestAFormThatCannotOpenWaitsBehindAButton(t *testing.T) {
	s := newStage(t)
	s.slack.answers["views.open"] = says(`{"ok":false,"error":"expired_trigger_id"}`)
	s.answers(answer(formCard("en")), nil)
	s.deliver("/slack/commands", s.at(recorded(t, "command")))
	o := fields(t, s.slack.next(t, "/commands/1234/5678").body)
	blocks := items(o["blocks"])
	button := object(items(object(blocks[len(blocks)-1])["elements"])[0])
	ref, _ := button["value"].(string)
	if !strings.HasPrefix(ref, "#form:") {
		t.Fatalf("no way to the form: %v", button)
	}
	s.slack.answers["views.open"] = says(`{"ok":true,"view":{"id":"V1"}}`)
	s.deliver("/slack/interactions", []byte(strings.ReplaceAll(string(recorded(t, "block_actions_form")), "#form:kept", ref)))
	view := object(fields(t, s.slack.next(t, "views.open").body)["view"])
	checkModal(t, view)
	if object(view["title"])["text"] != "New goal" {
		t.Errorf("%v", view["title"])
	}
	if len(s.handler.heard()) != 1 {
		t.Error("opening a waiting form is nothing to handle")
	}
}

// submission is what Slack sends when the form of the card is submitted with other values.
func submission(t *testing.T, o origin, c card.Card, values map[string]string) []byte {
	t.Helper()
	stored, _ := json.Marshal(o)
	state := map[string]any{}
	var blocks []any
	for _, f := range c.Form.Fields {
		value := f.Value
		if v, ok := values[f.Name]; ok {
			value = v
		}
		blocks = append(blocks, map[string]any{"type": "input", "block_id": fieldBlock(f)})
		state[fieldBlock(f)] = map[string]any{fieldID + f.Name: map[string]any{"value": value}}
	}
	payload, err := json.Marshal(map[string]any{
		"type": "view_submission", "team": map[string]any{"id": "T0ACME"}, "user": map[string]any{"id": "U0LIN"}, "trigger_id": "1.2.3",
		"view": map[string]any{
			"id": "V1", "hash": "h1", "type": "modal", "private_metadata": string(stored),
			"blocks": blocks, "state": map[string]any{"values": state},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

func originOf(c card.Card, url string) origin {
	return origin{
		Intent: c.Form.Intent.String(), URL: url, Until: noon.Add(responseFor),
		Place: conversation.Place{ID: "C1", Kind: conversation.PublicChannel}, Shown: fingerprint(c),
	}
}

func TestErrorsStandAtTheirFields(t *testing.T) {
	s := newStage(t)
	c := formCard("en")
	back := formCard("en")
	back.Form.Fields[0].Value, back.Form.Fields[0].Error = "x", "Too short."
	back.Form.Fields[2].Error = ""
	s.answers(answer(back), nil)
	w := s.deliver("/slack/interactions", submission(t, originOf(c, ""), c, map[string]string{"title": "x"}))
	o := fields(t, w.Body.String())
	if o["response_action"] != "errors" || object(o["errors"])[fieldBlock(c.Form.Fields[0])] != "Too short." {
		t.Errorf("%v", o)
	}
}

func TestAFormThatSaysMoreIsDrawnAnew(t *testing.T) {
	s := newStage(t)
	c := formCard("en")
	back := formCard("en")
	back.Form.Fields[0].Value, back.Form.Error = "x", "Somebody else changed the goal."
	s.answers(answer(back), nil)
	w := s.deliver("/slack/interactions", submission(t, originOf(c, "https://hooks.slack.com/1"), c, map[string]string{"title": "x"}))
	o := fields(t, w.Body.String())
	if o["response_action"] != "update" || !strings.Contains(w.Body.String(), "Somebody else") {
		t.Fatalf("%v", o)
	}
	checkModal(t, o["view"])
	if !strings.Contains(w.Body.String(), "hooks.slack.com/1") {
		t.Error("the new modal forgot where it came from")
	}
}

func TestASavedFormClosesAndAnswersWhereItWasAsked(t *testing.T) {
	s := newStage(t)
	c := formCard("en")
	s.answers(answer(savedCard("en")), nil)
	w := s.deliver("/slack/interactions", submission(t, originOf(c, s.slack.URL+"/r/1"), c, nil))
	if w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	o := fields(t, s.slack.next(t, "/r/1").body)
	if o["response_type"] != "ephemeral" || o["replace_original"] != false {
		t.Errorf("%v", o)
	}
}

func TestADoubleClickIsAnsweredOnce(t *testing.T) {
	s := newStage(t)
	c := formCard("en")
	s.answers(answer(savedCard("en")), nil)
	for range 2 {
		if w := s.deliver("/slack/interactions", submission(t, originOf(c, s.slack.URL+"/r/1"), c, nil)); w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	s.work.Wait()
	said := 0
	for range len(s.slack.calls) {
		if c := <-s.slack.calls; c.method == "/r/1" {
			said++
		}
	}
	if said != 1 {
		t.Errorf("answered %d times", said)
	}
}

func TestAControlPressedTwiceIsAnsweredOnce(t *testing.T) {
	s := newStage(t)
	s.answers(answer(formCard("en")), nil)
	for range 2 {
		s.deliver("/slack/interactions", s.at(recorded(t, "block_actions_message")))
	}
	s.work.Wait()
	if n := len(s.handler.heard()); n != 2 {
		t.Fatalf("%d presses were handled", n)
	}
	opened := 0
	for range len(s.slack.calls) {
		if c := <-s.slack.calls; c.method == "views.open" {
			opened++
		}
	}
	if opened != 1 {
		t.Errorf("%d modals opened", opened)
	}
}

func TestASavedFormFromNowhereAnswersInTheModal(t *testing.T) {
	s := newStage(t)
	c := formCard("en")
	s.answers(answer(savedCard("en")), nil)
	for _, o := range []origin{{Intent: "goal.save"}, {Intent: "goal.save", URL: s.slack.URL, Until: noon.Add(-time.Second)}} {
		w := s.deliver("/slack/interactions", submission(t, o, c, nil))
		if got := fields(t, w.Body.String()); got["response_action"] != "update" || object(got["view"])["submit"] != nil {
			t.Errorf("%v", got)
		}
	}
}

func TestAFormIsNotLostWithTheStore(t *testing.T) {
	s := newStage(t)
	c := formCard("en")
	s.answers(answer(downCard("en")), errors.New("store down"))
	w := s.deliver("/slack/interactions", submission(t, originOf(c, s.slack.URL), c, nil))
	o := fields(t, w.Body.String())
	if o["response_action"] != "errors" || object(o["errors"])[fieldBlock(c.Form.Fields[0])] == nil {
		t.Errorf("the modal does not stay open: %v", o)
	}
}

func TestAButtonIsAnsweredInItsPlaceOrBeside(t *testing.T) {
	replace := answer(savedCard("en"))
	replace.Replace = true
	for name, c := range map[string]struct {
		payload string
		path    string
		answer  conversation.Answer
		inPlace bool
	}{
		"beside a message":       {"block_actions_message", "/actions/AABA1ABCD/1232321423432/D09sSasdasdAS9091209", answer(savedCard("en")), false},
		"in place of a whisper":  {"block_actions_ephemeral", "/actions/2", replace, true},
		"in a direct message":    {"block_actions_menu", "/actions/1", replace, true},
		"beside a direct answer": {"block_actions_menu", "/actions/1", answer(savedCard("en")), false},
	} {
		s := newStage(t)
		s.answers(c.answer, nil)
		payload := strings.ReplaceAll(string(s.at(recorded(t, c.payload))), "#intent:kept", "checkin.same")
		if w := s.deliver("/slack/interactions", []byte(payload)); w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		o := fields(t, s.slack.next(t, c.path).body)
		if o["replace_original"] != c.inPlace {
			t.Errorf("%s: replace %v", name, o["replace_original"])
		}
		if !c.inPlace && o["response_type"] != "ephemeral" {
			t.Errorf("%s: others would see it", name)
		}
		if key := object(object(o["metadata"])["event_payload"])["key"]; c.payload == "block_actions_menu" && c.inPlace && key != "checkin:UA8RXUSPL:2026-W48" {
			t.Errorf("%s: the message lost its key: %v", name, o["metadata"])
		}
	}
}

func TestASharedMessageIsNeverReplacedForOne(t *testing.T) {
	s := newStage(t)
	a := answer(digestCard("en"))
	a.Replace = true
	s.answers(a, nil)
	s.deliver("/slack/interactions", s.at(recorded(t, "block_actions_message")))
	s.work.Wait()
	for len(s.slack.calls) > 0 {
		if c := <-s.slack.calls; strings.HasPrefix(c.method, "/actions") {
			t.Errorf("%s: its own revision follows by itself", c.method)
		}
	}
}

func TestAWhisperTakesOverWhereTheResponseURLFails(t *testing.T) {
	s := newStage(t)
	s.slack.answers["/actions/2"] = func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "expired_url", http.StatusNotFound)
	}
	s.answers(answer(savedCard("en")), nil)
	s.deliver("/slack/interactions", s.at(recorded(t, "block_actions_ephemeral")))
	told := s.slack.next(t, "chat.postEphemeral")
	if told.form.Get("channel") != "G0BR2V3XEX" || told.form.Get("user") != "UA8RXUSPL" {
		t.Errorf("%v", told.form)
	}
}

func TestHome(t *testing.T) {
	s := newStage(t)
	s.answers(answer(homeCard("en")), nil)
	s.deliver("/slack/events", recorded(t, "app_home_opened"))
	o := fields(t, s.slack.next(t, "views.publish").body)
	if o["user_id"] != "U123ABC456" || object(o["view"])["type"] != "home" {
		t.Errorf("%v", o)
	}
	checkBlocks(t, "home", object(o["view"])["blocks"])
	s.handler.answer = func(_ context.Context, in conversation.Input) (conversation.Answer, error) {
		if _, used := in.Act.(conversation.Used); used {
			return answer(savedCard("en")), nil
		}
		return answer(homeCard("en")), nil
	}
	s.deliver("/slack/interactions", recorded(t, "block_actions_home"))
	checkModal(t, fields(t, s.slack.next(t, "views.open").body)["view"]) // a whisper has no place there
	s.slack.next(t, "views.publish")                                     // and the page shows what changed
}

func TestARetiredButtonSaysSo(t *testing.T) {
	s := newStage(t)
	s.deliver("/slack/interactions", s.at(recorded(t, "block_actions_menu")))
	o := fields(t, s.slack.next(t, "/actions/1").body)
	content, _ := json.Marshal(o["blocks"])
	if !strings.Contains(string(content), "has retired") || len(s.handler.heard()) != 0 {
		t.Errorf("%s", content)
	}
}

func TestAFormWhoseOriginIsOutOfReachStaysOpen(t *testing.T) {
	s := newStage(t)
	c := formCard("en")
	payload := submission(t, originOf(c, ""), c, nil)
	stored, _ := json.Marshal(originOf(c, ""))
	quoted, _ := json.Marshal(string(stored))
	payload = []byte(strings.Replace(string(payload), string(quoted), `"#origin:gone"`, 1))
	s.contacts.down = errors.New("store down")
	w := s.deliver("/slack/interactions", payload)
	if o := fields(t, w.Body.String()); o["response_action"] != "errors" || len(s.handler.heard()) != 0 {
		t.Errorf("%v", o)
	}
}
