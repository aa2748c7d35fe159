package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	teamsTenant = "6babcaad-604b-40ac-a9d7-9fd97c0b779f"
	teamsApp    = "2ad7cd5e-06b2-47f4-a2ea-59b1fdf1a0e1"
)

// teamsWorld is a small Teams: a connector that takes the bot's messages, and people who act.
type teamsWorld struct {
	t         testing.TB
	connector *httptest.Server
	bot       string

	mu       sync.Mutex
	number   int
	messages []*teamsMessage
	changed  chan struct{}
}

// teamsMessage is one of the bot's messages as it stands. Whisper is who alone sees it.
type teamsMessage struct {
	Conversation, ID, Whisper string
	Card                      map[string]any
	Edits                     int
}

// teamsPerson is somebody of the tenant; their personal chat is "a:" and their name.
type teamsPerson struct{ name, id, object, zone, locale string }

var (
	linhT = teamsPerson{"Linh Trần", "29:linh", "11111111-1111-4111-8111-111111111111", "Asia/Ho_Chi_Minh", "vi-VN"}
	alexT = teamsPerson{"Alex Rivera", "29:alex", "22222222-2222-4222-8222-222222222222", "America/New_York", "en-US"}
)

func newTeamsWorld(t testing.TB) *teamsWorld {
	w := &teamsWorld{t: t, changed: make(chan struct{})}
	w.connector = httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(w.connector.Close)
	return w
}

func (w *teamsWorld) serve(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	w.mu.Lock()
	defer w.mu.Unlock()
	rw.Header().Set("Content-Type", "application/json")
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/") // v3/conversations/{id}/activities/{id}
	switch {
	case r.Method == http.MethodGet && len(parts) > 3 && parts[3] == "members":
		w.members(rw, parts)
		return
	case r.Method == http.MethodPost && len(parts) == 2:
		w.create(rw, body)
	case r.Method == http.MethodPost && len(parts) >= 4 && parts[3] == "activities":
		var whisper struct{ Recipient struct{ ID string } }
		if r.URL.Query().Get("isTargetedActivity") == "true" {
			_ = json.Unmarshal(body, &whisper)
		}
		fmt.Fprintf(rw, `{"id":%q}`, w.keep(parts[2], whisper.Recipient.ID, body))
	case r.Method == http.MethodPut && len(parts) == 5:
		for _, m := range w.messages {
			if m.ID == parts[4] {
				m.Card, m.Edits = cardOf(body), m.Edits+1
			}
		}
		fmt.Fprint(rw, `{}`)
	default:
		http.Error(rw, "{}", http.StatusNotFound)
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *teamsWorld) members(rw http.ResponseWriter, parts []string) {
	var all []map[string]any
	for _, p := range []teamsPerson{linhT, alexT} {
		one := map[string]any{"id": p.id, "name": p.name, "aadObjectId": p.object, "tenantId": teamsTenant}
		if len(parts) == 5 && (parts[4] == p.id || parts[4] == p.object) {
			_ = json.NewEncoder(rw).Encode(one)
			return
		}
		all = append(all, one)
	}
	_ = json.NewEncoder(rw).Encode(all)
}

// create opens a personal chat, or a thread in a channel with its first message.
func (w *teamsWorld) create(rw http.ResponseWriter, body []byte) {
	var asked struct {
		Members     []struct{ ID string }
		IsGroup     bool
		ChannelData struct{ Channel struct{ ID string } }
		Activity    json.RawMessage
	}
	_ = json.Unmarshal(body, &asked)
	if asked.IsGroup {
		id := w.keep(asked.ChannelData.Channel.ID, "", asked.Activity)
		fmt.Fprintf(rw, `{"id":%q,"activityId":%q}`, asked.ChannelData.Channel.ID+";messageid="+id, id)
		return
	}
	for _, m := range asked.Members {
		for _, p := range []teamsPerson{linhT, alexT} {
			if m.ID == p.id {
				fmt.Fprintf(rw, `{"id":%q}`, p.chat())
				return
			}
		}
	}
	http.Error(rw, "{}", http.StatusForbidden)
}

func (p teamsPerson) chat() string { return "a:" + p.object }

func (w *teamsWorld) keep(conversation, whisper string, body []byte) string {
	w.number++
	conversation, _, _ = strings.Cut(conversation, ";")
	m := &teamsMessage{Conversation: conversation, ID: fmt.Sprint(1763863200000 + w.number), Whisper: whisper, Card: cardOf(body)}
	w.messages = append(w.messages, m)
	return m.ID
}

func cardOf(activity []byte) map[string]any {
	var a struct {
		Attachments []struct{ Content map[string]any }
	}
	_ = json.Unmarshal(activity, &a)
	if len(a.Attachments) == 0 {
		return nil
	}
	return a.Attachments[0].Content
}

// send delivers an activity to the bot.
func (w *teamsWorld) send(from teamsPerson, activity map[string]any) (int, map[string]any) {
	w.t.Helper()
	w.mu.Lock()
	w.number++
	id := fmt.Sprint(1763863200000 + w.number)
	w.mu.Unlock()
	base := map[string]any{"id": id, "channelId": "msteams", "serviceUrl": w.connector.URL + "/", "timestamp": "2026-11-23T09:00:00Z",
		"from":         map[string]any{"id": from.id, "name": from.name, "aadObjectId": from.object},
		"recipient":    map[string]any{"id": "28:" + teamsApp, "name": "Goalkeeper"},
		"conversation": map[string]any{"id": from.chat(), "conversationType": "personal", "tenantId": teamsTenant},
		"channelData":  map[string]any{"tenant": map[string]any{"id": teamsTenant}},
		"locale":       from.locale,
		"entities":     []any{map[string]any{"type": "clientInfo", "locale": from.locale, "timezone": from.zone, "platform": "Web"}},
	}
	for k, v := range activity {
		base[k] = v
	}
	body, _ := json.Marshal(base)
	resp, err := http.Post(w.bot+"/api/messages", "application/json", bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer := map[string]any{}
	_ = json.NewDecoder(resp.Body).Decode(&answer)
	return resp.StatusCode, answer
}

// channelPost is what makes an activity one of the channel Growth.
func channelPost() map[string]any {
	return map[string]any{
		"conversation": map[string]any{"id": "19:growth@thread.tacv2;messageid=1763863100000", "conversationType": "channel", "tenantId": teamsTenant, "isGroup": true},
		"channelData": map[string]any{"tenant": map[string]any{"id": teamsTenant}, "team": map[string]any{"id": "19:growth@thread.tacv2", "name": "Team"},
			"channel": map[string]any{"id": "19:growth@thread.tacv2", "name": "growth"}},
	}
}

// mention types to the bot in the channel.
func (w *teamsWorld) mention(from teamsPerson, text string) {
	w.t.Helper()
	a := channelPost()
	a["type"], a["text"] = "message", "<at>Goalkeeper</at> "+text
	a["entities"] = []any{
		map[string]any{"type": "mention", "text": "<at>Goalkeeper</at>", "mentioned": map[string]any{"id": "28:" + teamsApp, "name": "Goalkeeper"}},
		map[string]any{"type": "clientInfo", "locale": from.locale, "timezone": from.zone},
	}
	if status, answer := w.send(from, a); status >= 300 {
		w.t.Fatalf("mention %q: %d %v", text, status, answer)
	}
}

func (w *teamsWorld) say(from teamsPerson, text string) {
	w.t.Helper()
	if status, answer := w.send(from, map[string]any{"type": "message", "text": text}); status >= 300 {
		w.t.Fatalf("say %q: %d %v", text, status, answer)
	}
}

// press executes the action with the title on a message, with the values its inputs have or are given.
func (w *teamsWorld) press(from teamsPerson, m teamsMessage, title string, values map[string]string, more map[string]any) map[string]any {
	w.t.Helper()
	action := findAction(m.Card, title)
	if action == nil {
		w.t.Fatalf("no button %q on %s", title, dump(m.Card))
	}
	data, _ := action["data"].(map[string]any)
	filled := inputs(m.Card)
	for k, v := range data {
		filled[k] = v
	}
	for k, v := range values {
		filled[k] = v
	}
	activity := map[string]any{"type": "invoke", "name": "adaptiveCard/action", "replyToId": m.ID,
		"value": map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": action["verb"], "data": filled}, "trigger": "manual"}}
	for k, v := range more {
		activity[k] = v
	}
	status, answer := w.send(from, activity)
	if status != http.StatusOK {
		w.t.Fatalf("press %q: %d %v", title, status, answer)
	}
	return answer
}

// findAction finds an Action.Execute by its title, however deep.
func findAction(v any, title string) map[string]any {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if a := findAction(x, title); a != nil {
				return a
			}
		}
	case map[string]any:
		if v["type"] == "Action.Execute" && v["title"] == title {
			return v
		}
		for _, x := range v {
			if a := findAction(x, title); a != nil {
				return a
			}
		}
	}
	return nil
}

// inputs are the values that a card's inputs hold before anybody touches them.
func inputs(v any) map[string]any {
	found := map[string]any{}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			for k, value := range inputs(x) {
				found[k] = value
			}
		}
	case map[string]any:
		if kind, _ := v["type"].(string); strings.HasPrefix(kind, "Input.") && v["value"] != nil {
			found[text(v["id"])] = v["value"]
		}
		for _, x := range v {
			for k, value := range inputs(x) {
				found[k] = value
			}
		}
	}
	return found
}

func dump(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// seen are the messages in a conversation whose card holds the words.
func (w *teamsWorld) seen(conversation, words string) []teamsMessage {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []teamsMessage
	for _, m := range w.messages {
		if m.Conversation == conversation && strings.Contains(strings.Join(leaves(m.Card), "\n"), words) {
			found = append(found, *m)
		}
	}
	return found
}

func (w *teamsWorld) wait(conversation, words string) teamsMessage {
	w.t.Helper()
	deadline := time.After(15 * time.Second)
	for {
		w.mu.Lock()
		changed := w.changed
		w.mu.Unlock()
		if found := w.seen(conversation, words); len(found) > 0 {
			return found[len(found)-1]
		}
		select {
		case <-changed:
		case <-deadline:
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, m := range w.messages {
				w.t.Logf("%s %s: %s", m.Conversation, m.ID, dump(m.Card))
			}
			w.t.Fatalf("waited in vain for %q in %s", words, conversation)
		}
	}
}
