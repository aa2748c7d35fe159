package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

const slackSecret = "a-signing-secret"

// slackWorld is a small Slack: it takes the bot's calls, shows what people would see, and acts for them.
type slackWorld struct {
	t      testing.TB
	api    *httptest.Server
	bot    string       // the bot's address
	socket *slackSocket // Socket Mode, in the place of an address
	people map[string]map[string]any
	// weather, where it is set, may answer a call in the place of Slack, after letting it take effect or not.
	weather func(rw http.ResponseWriter, method string, effect func()) (answered bool)
	before  func(method string) // lets a call wait

	mu       sync.Mutex
	number   int
	calls    int // of the bot, that were begun
	messages []*slackMessage
	views    []slackView
	replies  []string      // what came to response_urls
	changed  chan struct{} // closed and made anew at every change
}

// slackMessage is a message as its readers see it. Whisper is who alone sees it.
type slackMessage struct {
	Channel, TS, Thread, Text, Blocks, Metadata, Whisper string
	Edits                                                int
}

type slackView struct {
	ID, Hash, User string
	View           map[string]any
}

func newSlackWorld(t testing.TB) *slackWorld {
	w := &slackWorld{t: t, changed: make(chan struct{}), people: map[string]map[string]any{
		"ULINH": {"name": "Linh Trần", "tz": "Asia/Ho_Chi_Minh", "locale": "en-US"},
		"UALEX": {"name": "Alex Rivera", "tz": "America/New_York", "locale": "en-US", "admin": true},
		"USAM":  {"name": "Sam Taylor", "tz": "Europe/London", "locale": "en-GB"},
	}}
	w.api = httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(w.api.Close)
	return w
}

func (w *slackWorld) serve(rw http.ResponseWriter, r *http.Request) {
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	args := map[string]any{}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		_ = json.Unmarshal(body, &args)
	} else if form, err := url.ParseQuery(string(body)); err == nil {
		for k := range form {
			args[k] = form.Get(k)
		}
	}
	for k := range r.URL.Query() {
		args[k] = r.URL.Query().Get(k)
	}
	if w.before != nil {
		w.before(method)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	if method == "/response" {
		w.replies = append(w.replies, string(body))
	}
	if w.weather != nil && w.weather(rw, method, func() { w.call(method, args) }) {
		return
	}
	result := w.call(method, args)
	if result == nil {
		result = map[string]any{"ok": false, "error": "unknown_method"}
	} else if _, failed := result["error"]; !failed {
		result["ok"] = true
	}
	close(w.changed)
	w.changed = make(chan struct{})
	rw.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(rw).Encode(result)
}

func (w *slackWorld) call(method string, args map[string]any) map[string]any {
	arg := func(name string) string { return text(args[name]) }
	switch method {
	case "apps.connections.open":
		return w.socket.invite()
	case "auth.test":
		return map[string]any{"team_id": "T1", "team": "Acme", "user_id": "UBOT", "bot_id": "BBOT", "user": "goalkeeper", "url": "https://acme.slack.com/"}
	case "users.info":
		p := w.people[arg("user")]
		if p == nil {
			return map[string]any{"error": "user_not_found"}
		}
		return map[string]any{"user": map[string]any{"id": arg("user"), "team_id": "T1", "real_name": p["name"], "tz": p["tz"],
			"locale": p["locale"], "is_admin": p["admin"] == true, "profile": map[string]any{"real_name": p["name"]}}}
	case "conversations.info":
		return map[string]any{"channel": map[string]any{"id": arg("channel"), "name": "growth", "is_channel": true, "is_member": true}}
	case "conversations.members":
		return map[string]any{"members": []string{"ULINH", "UALEX", "USAM", "UBOT"}}
	case "conversations.open":
		return map[string]any{"channel": map[string]any{"id": "D" + strings.TrimPrefix(arg("users"), "U")}}
	case "conversations.history":
		return w.history(arg("channel"))
	case "chat.postMessage", "chat.postEphemeral":
		w.number++
		channel := arg("channel")
		if person, ok := strings.CutPrefix(channel, "U"); ok { // Slack opens the direct conversation
			channel = "D" + person
		}
		m := &slackMessage{Channel: channel, TS: fmt.Sprintf("1700000000.%06d", w.number), Thread: arg("thread_ts"),
			Text: arg("text"), Blocks: arg("blocks"), Metadata: arg("metadata")}
		if method == "chat.postEphemeral" {
			m.Whisper = arg("user")
		}
		w.messages = append(w.messages, m)
		return map[string]any{"channel": m.Channel, "ts": m.TS, "message_ts": m.TS}
	case "chat.update":
		for _, m := range w.messages {
			if m.Channel == arg("channel") && m.TS == arg("ts") {
				m.Text, m.Blocks, m.Edits = arg("text"), arg("blocks"), m.Edits+1
				return map[string]any{"channel": m.Channel, "ts": m.TS}
			}
		}
		return map[string]any{"error": "message_not_found"}
	case "views.open", "views.update", "views.publish":
		w.number++
		var view map[string]any
		_ = json.Unmarshal([]byte(arg("view")), &view)
		v := slackView{ID: fmt.Sprintf("V%d", w.number), Hash: fmt.Sprintf("h%d", w.number), User: arg("user_id"), View: view}
		w.views = append(w.views, v)
		return map[string]any{"view": map[string]any{"id": v.ID, "hash": v.Hash, "type": view["type"]}}
	}
	return nil
}

func (w *slackWorld) history(channel string) map[string]any {
	var found []map[string]any
	for _, m := range w.messages {
		if m.Channel == channel {
			var metadata map[string]any
			_ = json.Unmarshal([]byte(m.Metadata), &metadata)
			found = append(found, map[string]any{"ts": m.TS, "text": m.Text, "bot_id": "BBOT", "user": "UBOT", "metadata": metadata})
		}
	}
	return map[string]any{"messages": found, "has_more": false}
}

// text is an argument as a string; slack-go sends JSON values as such in JSON bodies.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, _ := json.Marshal(v)
	return string(b)
}

// post delivers a signed request to the bot, or the same over its socket, and returns its answer.
func (w *slackWorld) post(path, contentType, body string, headers ...string) (int, string) {
	w.t.Helper()
	if w.socket != nil {
		return w.socket.deliver(path, body, headers...)
	}
	return w.postTo(w.bot, path, contentType, body, headers...)
}

// postTo delivers a signed request to a bot at an address.
func (w *slackWorld) postTo(url, path, contentType, body string, headers ...string) (int, string) {
	w.t.Helper()
	stamp := fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, []byte(slackSecret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	req, err := http.NewRequest(http.MethodPost, url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-Slack-Request-Timestamp", stamp)
	req.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(answer)
}

const formType = "application/x-www-form-urlencoded"

// unique is a fresh id of a delivery.
func (w *slackWorld) unique(prefix string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.number++
	return fmt.Sprintf("%s.%d", prefix, w.number)
}

// slash types /goal in #growth.
func (w *slackWorld) slash(user, line string) {
	w.t.Helper()
	form := url.Values{"command": {"/goal"}, "text": {line}, "team_id": {"T1"}, "user_id": {user}, "channel_id": {"C1"},
		"channel_name": {"growth"}, "trigger_id": {w.unique("trigger")}, "response_url": {w.api.URL + "/response"}}
	if status, answer := w.post("/slack/commands", formType, form.Encode()); status != http.StatusOK {
		w.t.Fatalf("/goal %s: %d %s", line, status, answer)
	}
}

// say types to the bot in the person's direct conversation; event is the id of the delivery.
func (w *slackWorld) say(user, line, event string, headers ...string) (status int) {
	w.t.Helper()
	status, _ = w.post("/slack/events", "application/json", slackSaid(user, line, event), headers...)
	return status
}

// slackSaid is the event of what somebody typed to the bot.
func slackSaid(user, line, event string) string {
	body, _ := json.Marshal(map[string]any{"type": "event_callback", "team_id": "T1", "event_id": event, "event": map[string]any{
		"type": "message", "channel_type": "im", "channel": "D" + strings.TrimPrefix(user, "U"), "user": user, "text": line, "ts": "1700000001.000100"}})
	return string(body)
}

// press uses the button with the label on a message.
func (w *slackWorld) press(user string, m slackMessage, label string) {
	w.t.Helper()
	id, block, value := findButton(m.Blocks, label)
	if value == "" {
		w.t.Fatalf("no button %q in %s", label, m.Blocks)
	}
	var metadata any
	_ = json.Unmarshal([]byte(m.Metadata), &metadata)
	payload, _ := json.Marshal(map[string]any{"type": "block_actions", "team": map[string]any{"id": "T1"}, "user": map[string]any{"id": user},
		"channel": map[string]any{"id": m.Channel, "name": channelName(m.Channel)}, "container": map[string]any{"type": "message", "channel_id": m.Channel, "message_ts": m.TS},
		"message": map[string]any{"ts": m.TS, "metadata": metadata}, "trigger_id": w.unique("trigger"), "response_url": w.api.URL + "/response",
		"actions": []any{map[string]any{"type": "button", "action_id": id, "block_id": block, "value": value}}})
	if status, answer := w.post("/slack/interactions", formType, url.Values{"payload": {string(payload)}}.Encode()); status != http.StatusOK {
		w.t.Fatalf("press %s: %d %s", label, status, answer)
	}
}

func channelName(id string) string {
	if strings.HasPrefix(id, "D") {
		return "directmessage"
	}
	return "growth"
}

// findButton finds a button by its label anywhere in a message's blocks.
func findButton(blocks, label string) (id, block, value string) {
	var all []map[string]any
	_ = json.Unmarshal([]byte(blocks), &all)
	for _, b := range all {
		elements, _ := b["elements"].([]any)
		elements = append(elements, b["accessory"])
		for _, e := range elements {
			e, _ := e.(map[string]any)
			if caption, _ := e["text"].(map[string]any); caption["text"] == label {
				return text(e["action_id"]), text(b["block_id"]), text(e["value"])
			}
		}
	}
	return "", "", ""
}

// submission is the newest modal as somebody submits it, with the given values over those it was opened with.
func (w *slackWorld) submission(user string, values map[string]string) string {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.views) == 0 {
		w.t.Fatal("no modal is open")
	}
	v := w.views[len(w.views)-1]
	state := map[string]map[string]any{}
	blocks, _ := v.View["blocks"].([]any)
	for _, b := range blocks {
		b, _ := b.(map[string]any)
		e, _ := b["element"].(map[string]any)
		if b["type"] != "input" || e == nil {
			continue
		}
		label, _ := b["label"].(map[string]any)
		state[text(b["block_id"])] = map[string]any{text(e["action_id"]): entered(e, values, text(label["text"]))}
	}
	view := map[string]any{}
	for k, value := range v.View {
		view[k] = value
	}
	view["id"], view["hash"], view["state"] = v.ID, v.Hash, map[string]any{"values": state}
	payload, _ := json.Marshal(map[string]any{"type": "view_submission", "team": map[string]any{"id": "T1"}, "user": map[string]any{"id": user}, "view": view})
	return url.Values{"payload": {string(payload)}}.Encode()
}

// entered is the state of one field: the given value, else what the field was opened with.
func entered(e map[string]any, values map[string]string, label string) map[string]any {
	given, ok := values[label]
	state := map[string]any{"type": e["type"]}
	switch e["type"] {
	case "datepicker":
		state["selected_date"] = orInitial(given, ok, e["initial_date"])
	case "users_select":
		state["selected_user"] = orInitial(given, ok, e["initial_user"])
	case "static_select":
		state["selected_option"] = e["initial_option"]
		options, _ := e["options"].([]any)
		for _, o := range options {
			o, _ := o.(map[string]any)
			caption, _ := o["text"].(map[string]any)
			if ok && (caption["text"] == given || o["value"] == given) {
				state["selected_option"] = o
			}
		}
	default:
		state["value"] = orInitial(given, ok, e["initial_value"])
	}
	return state
}

func orInitial(given string, ok bool, initial any) any {
	if ok {
		return given
	}
	return initial
}

// submit submits the newest modal.
func (w *slackWorld) submit(user string, values map[string]string) {
	w.t.Helper()
	if status, answer := w.post("/slack/interactions", formType, w.submission(user, values)); status != http.StatusOK || strings.Contains(answer, "errors") {
		w.t.Fatalf("submit: %d %s", status, answer)
	}
}

// seen are the messages in a conversation that hold the words.
func (w *slackWorld) seen(channel, words string) []slackMessage {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []slackMessage
	for _, m := range w.messages {
		if m.Channel == channel && strings.Contains(m.Text+unescape(m.Blocks), words) {
			found = append(found, *m)
		}
	}
	return found
}

func unescape(blocks string) string {
	var v any
	_ = json.Unmarshal([]byte(blocks), &v)
	return strings.Join(leaves(v), "\n")
}

func leaves(v any) (all []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, x := range v {
			all = append(all, leaves(x)...)
		}
	case map[string]any:
		for _, x := range v {
			all = append(all, leaves(x)...)
		}
	}
	return all
}

// until waits for something to be seen, woken by each of the bot's calls.
func (w *slackWorld) until(what string, f func() bool) {
	w.t.Helper()
	deadline := time.After(15 * time.Second)
	for {
		w.mu.Lock()
		changed := w.changed
		w.mu.Unlock()
		if f() {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			w.t.Fatalf("waited in vain for %s; seen: %+v", what, w.messages)
		}
	}
}

// wait waits for a message with the words.
func (w *slackWorld) wait(channel, words string) slackMessage {
	w.t.Helper()
	var found []slackMessage
	w.until(fmt.Sprintf("%q in %s", words, channel), func() bool {
		found = w.seen(channel, words)
		return len(found) > 0
	})
	return found[len(found)-1]
}

// modal waits for a modal to be opened after the call.
func (w *slackWorld) modal(open func()) {
	w.t.Helper()
	w.mu.Lock()
	before := len(w.views)
	w.mu.Unlock()
	open()
	w.until("a modal", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.views) > before
	})
}

// answer types /goal and returns the reply that only the asker sees.
func (w *slackWorld) answer(user, line string) string {
	w.t.Helper()
	form := url.Values{"command": {"/goal"}, "text": {line}, "team_id": {"T1"}, "user_id": {user}, "channel_id": {"C1"},
		"channel_name": {"growth"}, "trigger_id": {w.unique("trigger")}, "response_url": {w.api.URL + "/response"}}
	status, answer := w.post("/slack/commands", formType, form.Encode())
	if status != http.StatusOK {
		w.t.Fatalf("/goal %s: %d %s", line, status, answer)
	}
	return answer
}

// responses counts what came to response_urls with the words.
func (w *slackWorld) responses(words string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, said := range w.replies {
		if strings.Contains(said, words) {
			n++
		}
	}
	return n
}

// turnDigestOn types /goal digest and presses the button that turns it on.
func (w *slackWorld) turnDigestOn(user string) {
	w.t.Helper()
	var reply struct {
		Blocks json.RawMessage `json:"blocks"`
	}
	if err := json.Unmarshal([]byte(w.answer(user, "digest")), &reply); err != nil {
		w.t.Fatal(err)
	}
	w.press(user, slackMessage{Channel: "C1", Blocks: string(reply.Blocks)}, "Turn on digest")
}
