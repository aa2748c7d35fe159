package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// deed is something that people do, and strangers try, so often in each thousand.
type deed struct {
	name   string
	weight int
	do     func(*load, act)
}

// act is one time that a deed is done.
type act struct {
	person, number int
	due            time.Time
	kind           string
}

// weights is what all weights come to.
const weights = 1000

var deeds = []deed{
	{"menu", 150, func(l *load, a act) { l.command(a, "", "blocks") }},
	{"list", 280, func(l *load, a act) { l.command(a, "list mine", "G-") }},
	{"show", 255, func(l *load, a act) { l.command(a, "show "+a.goal(), a.goal()) }},
	{"help", 50, func(l *load, a act) { l.command(a, "help", "blocks") }},
	{"update", 20, func(l *load, a act) { l.command(a, fmt.Sprintf("update %s %d", a.goal(), 200+a.number%800), a.goal()) }},
	{"typed answer", 25, typed},
	{"press", 40, press},
	{"new goal", 2, newGoal},
	{"bad signature", 100, badSignature},
	{"stale signature", 50, staleSignature},
	{"oversized body", 8, oversized},
	{"slow client", 20, slow},
}

func (a act) who() string  { return personOf(a.person) }
func (a act) goal() string { return string(goalID(a.person, a.number%goalsEach)) }

// expect holds an answer against what it should be.
func (l *load) expect(a act, words string, status int, answer string, err error) bool {
	if err != nil || status != http.StatusOK || !strings.Contains(answer, words) {
		l.fail(fmt.Sprintf("%s by %s at %s: %d %v %.300s", a.kind, a.who(), a.due.Format(time.TimeOnly), status, err, answer))
		return false
	}
	l.good(a.kind, time.Since(a.due))
	return true
}

// command types /goal in the team's channel. The answer must hold the words.
func (l *load) command(a act, line, words string) (trigger string, ok bool) {
	trigger = fmt.Sprint("trigger.", l.unique())
	status, answer, err := l.send("/slack/commands", formType, l.typedCommand(a, line, trigger), signingSecret)
	return trigger, l.expect(a, words, status, answer, err)
}

func (l *load) typedCommand(a act, line, trigger string) string {
	return url.Values{"command": {"/goal"}, "text": {line}, "team_id": {team}, "user_id": {a.who()}, "channel_id": {channelOf(a.person)},
		"channel_name": {"team"}, "trigger_id": {trigger}, "response_url": {l.platform.url + "/response"}}.Encode()
}

// typed says a number in the direct conversation; every third time it comes again, as if the answer had been lost.
func typed(l *load, a act) {
	body := asJSON(map[string]any{"type": "event_callback", "team_id": team, "event_id": fmt.Sprint("Ev", l.unique()), "event": map[string]any{
		"type": "message", "channel_type": "im", "channel": directOf(a.who()), "user": a.who(), "text": fmt.Sprintf("%s %d", a.goal(), 200+a.number%800),
		"ts": fmt.Sprintf("%d.%06d", l.platform.clock.now().Unix(), a.number%1_000_000)}})
	status, answer, err := l.send("/slack/events", jsonType, body, signingSecret)
	if l.expect(a, "", status, answer, err) && a.number%3 == 0 {
		again := act{a.person, a.number, time.Now(), "redelivery"}
		status, answer, err := l.send("/slack/events", jsonType, body, signingSecret, "X-Slack-Retry-Num", "1", "X-Slack-Retry-Reason", "http_timeout")
		l.expect(again, "", status, answer, err)
	}
}

// press answers a question with "nothing changed", by a double click.
func press(l *load, a act) {
	var m message
	select {
	case m = <-l.platform.prompts:
	default:
		l.command(a, "list mine", "G-") // nobody is asked anything just now
		return
	}
	payload := pressed(m, `checkin.same`, "U"+strings.TrimPrefix(m.channel, "D"), fmt.Sprint("trigger.", l.unique()), l.platform.url)
	if payload == "" {
		l.fail("a question without its button: " + m.blocks)
		return
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			status, answer, err := l.send("/slack/interactions", formType, payload, signingSecret)
			l.expect(a, "", status, answer, err)
		})
	}
	both.Wait()
}

// pressed is the press of a message's button whose value holds the word.
func pressed(m message, word, user, trigger, reply string) string {
	var blocks []map[string]any
	_ = json.Unmarshal([]byte(m.blocks), &blocks)
	for _, b := range blocks {
		elements, _ := b["elements"].([]any)
		for _, e := range append(elements, b["accessory"]) {
			e, _ := e.(map[string]any)
			if value, _ := e["value"].(string); e["type"] == "button" && strings.Contains(value, word) {
				return url.Values{"payload": {asJSON(map[string]any{"type": "block_actions", "team": map[string]any{"id": team}, "user": map[string]any{"id": user},
					"channel":   map[string]any{"id": m.channel, "name": "directmessage"},
					"container": map[string]any{"type": "message", "channel_id": m.channel, "message_ts": m.ts},
					"message":   map[string]any{"ts": m.ts, "metadata": json.RawMessage(m.metadata)}, "trigger_id": trigger, "response_url": reply + "/response",
					"actions": []any{map[string]any{"type": "button", "action_id": e["action_id"], "block_id": b["block_id"], "value": value}}})}}.Encode()
			}
		}
	}
	return ""
}

// newTitle is what no goal is called from the beginning.
const newTitle = "Reach 100 customers"

// newGoal makes a goal by its form, and closes it by another, so that no more are open than before.
func newGoal(l *load, a act) {
	before, _ := l.platform.newest(directOf(a.who()), newTitle, "", 0)
	if !l.fill(a, "new "+newTitle+" by Q4 2028") {
		return
	}
	m, ok := l.platform.newest(directOf(a.who()), newTitle, before.ts, 5*time.Second)
	id := idIn(m.blocks)
	if !ok || id == "" {
		l.fail("a new goal was not told of: " + m.blocks)
		return
	}
	a.kind, a.due = "close", time.Now()
	l.fill(a, "close "+id)
}

// idIn is the first goal's number in a text.
func idIn(text string) string {
	_, after, ok := strings.Cut(text, "G-")
	end := strings.IndexFunc(after, func(r rune) bool { return r < '0' || r > '9' })
	if !ok || end < 1 {
		return ""
	}
	return "G-" + after[:end]
}

// fill types a command that opens a form, and submits it with what it was opened with.
func (l *load) fill(a act, line string) bool {
	trigger := fmt.Sprint("trigger.", l.unique())
	opened, giveUp := l.platform.await(trigger)
	defer giveUp()
	status, answer, err := l.send("/slack/commands", formType, l.typedCommand(a, line, trigger), signingSecret)
	if !l.expect(a, "", status, answer, err) {
		return false
	}
	var v view
	select {
	case v = <-opened:
	case <-time.After(5 * time.Second):
		l.fail(fmt.Sprintf("no form after %s: %.300s", line, answer))
		return false
	}
	body := submission(v, a.who())
	a.due = time.Now()
	status, answer, err = l.send("/slack/interactions", formType, body, signingSecret)
	if strings.Contains(answer, "errors") {
		l.fail(fmt.Sprintf("the form of %s was refused: %.500s", line, answer))
		return false
	}
	return l.expect(a, "", status, answer, err)
}

// submission is a modal as somebody submits it who changes nothing.
func submission(v view, user string) string {
	state := map[string]any{}
	blocks, _ := v.body["blocks"].([]any)
	for _, b := range blocks {
		b, _ := b.(map[string]any)
		e, _ := b["element"].(map[string]any)
		if b["type"] != "input" || e == nil {
			continue
		}
		id, _ := b["block_id"].(string)
		field, _ := e["action_id"].(string)
		state[id] = map[string]any{field: entered(e)}
	}
	body := maps.Clone(v.body)
	body["id"], body["hash"], body["state"] = v.id, v.hash, map[string]any{"values": state}
	return url.Values{"payload": {asJSON(map[string]any{"type": "view_submission", "team": map[string]any{"id": team}, "user": map[string]any{"id": user}, "view": body})}}.Encode()
}

// entered is the state of one field.
func entered(e map[string]any) map[string]any {
	state := map[string]any{"type": e["type"]}
	switch e["type"] {
	case "datepicker":
		state["selected_date"] = e["initial_date"]
	case "users_select":
		state["selected_user"] = e["initial_user"]
	case "static_select", "radio_buttons":
		state["selected_option"] = e["initial_option"]
		if options, _ := e["options"].([]any); e["initial_option"] == nil && len(options) > 0 {
			state["selected_option"] = options[0]
		}
	default:
		state["value"] = e["initial_value"]
	}
	return state
}

// badSignature is a request that somebody else signed.
func badSignature(l *load, a act) {
	status, answer, err := l.send("/slack/commands", formType, l.typedCommand(a, "list all", "trigger.0"), "another-secret")
	l.refused(a, status, answer, err)
}

// staleSignature is an old request that somebody sends again.
func staleSignature(l *load, a act) {
	status, answer, err := l.send("/slack/events", jsonType, `{"type":"event_callback"}`, signingSecret, "X-Slack-Request-Timestamp", fmt.Sprint(time.Now().Add(-time.Hour).Unix()))
	l.refused(a, status, answer, err)
}

// oversized is a body longer than anything that Slack sends.
func oversized(l *load, a act) {
	status, answer, err := l.send("/slack/events", jsonType, strings.Repeat("x", 2<<20), signingSecret)
	l.refused(a, status, answer, err)
}

// refused wants a refusal, or a connection that was ended.
func (l *load) refused(a act, status int, answer string, err error) {
	if err == nil && status < 400 {
		l.fail(fmt.Sprintf("%s was taken: %d %.200s", a.kind, status, answer))
		return
	}
	l.turnedAway(a.kind)
}

// slow sends a header that never ends, or a body that does not come; the server must not wait long.
func slow(l *load, a act) {
	conn, err := net.DialTimeout("tcp", l.target(), 5*time.Second) //nolint:noctx // bounded
	if err != nil {
		l.fail("slow client: " + err.Error())
		return
	}
	defer func() { _ = conn.Close() }()
	part := "POST /slack/events HTTP/1.1\r\nHost: soak\r\nX-Slow: "
	if a.number%2 == 0 {
		part = "POST /slack/events HTTP/1.1\r\nHost: soak\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
	}
	_, _ = conn.Write([]byte(part))
	const patience = 15 * time.Second
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	began := time.Now()
	buffer := make([]byte, 1024)
	for err == nil {
		_, err = conn.Read(buffer)
	}
	if time.Since(began) >= patience {
		l.fail("a slow client was waited for")
		return
	}
	l.turnedAway(a.kind)
}

func asJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of strings always encode
	}
	return string(raw)
}
