package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// platform is Slack's Web API as far as the house calls it. It answers at once, and remembers what people may
// press next and what the house may look for.
type platform struct {
	clock clock
	url   string

	mu      sync.Mutex
	number  int
	views   map[string]chan view // by trigger; those who wait for a modal
	history map[string][]message // by conversation, the newest last
	posted  map[string]int       // messages by the kind of their key
	calls   map[string]int       // by method
	prompts chan message
}

// message is one in a direct conversation, as the house sent it.
type message struct{ channel, ts, metadata, blocks string }

// view is a modal that was opened.
type view struct {
	id, hash string
	body     map[string]any
}

const answerable = 20 // questions that wait for somebody who answers; more are left to the reminder

const remembered = 15 // messages in a conversation: as many as the house reads at once

func newPlatform(c clock) *platform {
	return &platform{clock: c, views: map[string]chan view{}, history: map[string][]message{}, posted: map[string]int{},
		calls: map[string]int{}, prompts: make(chan message, answerable)}
}

// ServeHTTP takes a call of the Web API, or an answer to a response_url.
func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	args := arguments(r, body)
	p.mu.Lock()
	result := p.call(strings.TrimPrefix(r.URL.Path, "/api/"), args)
	p.mu.Unlock()
	if result["error"] == nil {
		result["ok"] = true
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(result)
}

// arguments are a call's, as text, however they came.
func arguments(r *http.Request, body []byte) map[string]string {
	args := map[string]string{}
	take := func(form url.Values) {
		for k := range form {
			args[k] = form.Get(k)
		}
	}
	take(r.URL.Query())
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		form, _ := url.ParseQuery(string(body))
		take(form)
		return args
	}
	parts := map[string]json.RawMessage{}
	_ = json.Unmarshal(body, &parts)
	for k, v := range parts {
		var s string
		if json.Unmarshal(v, &s) != nil {
			s = string(v)
		}
		args[k] = s
	}
	return args
}

type reply map[string]any

func (p *platform) call(method string, args map[string]string) reply {
	p.calls[method]++
	switch method {
	case "auth.test":
		return reply{"team_id": team, "team": "Soak", "user_id": "UBOT", "bot_id": "BBOT", "user": "goalkeeper", "url": "https://soak.slack.com/"}
	case "users.info":
		return reply{"user": reply{"id": args["user"], "team_id": team, "real_name": nameOf(args["user"]), "tz": zoneOf(args["user"]), "locale": localeOf(args["user"]),
			"profile": reply{"real_name": nameOf(args["user"])}}}
	case "conversations.info":
		return reply{"channel": reply{"id": args["channel"], "name": "team-" + strings.ToLower(args["channel"]), "is_channel": true, "is_member": true}}
	case "conversations.members":
		return reply{"members": []string{"UBOT"}}
	case "conversations.open":
		return reply{"channel": reply{"id": directOf(args["users"])}}
	case "conversations.history":
		return p.past(args)
	case "chat.postMessage", "chat.postEphemeral":
		return p.post(args)
	case "chat.update":
		return reply{"channel": args["channel"], "ts": args["ts"]}
	case "views.open", "views.update", "views.publish":
		return p.open(args)
	case "/response":
		return reply{}
	}
	return reply{"error": "unknown_method"}
}

// post takes a message. What asks somebody something waits in line to be pressed.
func (p *platform) post(args map[string]string) reply {
	p.number++
	m := message{channel: args["channel"], metadata: args["metadata"], blocks: args["blocks"],
		ts: fmt.Sprintf("%d.%06d", p.clock.now().Unix(), p.number%1_000_000)}
	if strings.HasPrefix(m.channel, "U") { // Slack opens the direct conversation
		m.channel = directOf(m.channel)
	}
	kind := kindOf(m.metadata)
	p.posted[kind]++
	if strings.HasPrefix(m.channel, "D") {
		past := append(p.history[m.channel], m)
		p.history[m.channel] = past[max(0, len(past)-remembered):]
	}
	if kind == "checkin" {
		select {
		case p.prompts <- m:
		default: // more questions than anybody answers
		}
	}
	return reply{"channel": m.channel, "ts": m.ts, "message_ts": m.ts}
}

// kindOf is what a message's key begins with: "checkin:U1:2026-W48:1".
func kindOf(metadata string) string {
	var m struct {
		Payload struct {
			Key string `json:"key"`
		} `json:"event_payload"`
	}
	_ = json.Unmarshal([]byte(metadata), &m)
	kind, _, _ := strings.Cut(m.Payload.Key, ":")
	if kind == "" {
		return "answers outside the outbox"
	}
	return kind
}

// past is what was written between two moments.
func (p *platform) past(args map[string]string) reply {
	oldest, _ := strconv.ParseFloat(args["oldest"], 64)
	latest, err := strconv.ParseFloat(args["latest"], 64)
	if err != nil {
		latest = 1e12
	}
	found := []reply{}
	for _, m := range p.history[args["channel"]] {
		if at, _ := strconv.ParseFloat(m.ts, 64); at >= oldest && at <= latest {
			found = append(found, reply{"ts": m.ts, "bot_id": "BBOT", "user": "UBOT", "metadata": json.RawMessage(m.metadata)})
		}
	}
	return reply{"messages": found, "has_more": false}
}

// open shows a modal to whoever waits for it.
func (p *platform) open(args map[string]string) reply {
	p.number++
	v := view{id: fmt.Sprint("V", p.number), hash: fmt.Sprint("h", p.number)}
	_ = json.Unmarshal([]byte(args["view"]), &v.body)
	if waiting := p.views[args["trigger_id"]]; waiting != nil {
		delete(p.views, args["trigger_id"])
		waiting <- v
	}
	return reply{"view": reply{"id": v.id, "hash": v.hash, "type": v.body["type"]}}
}

// await is told of the modal that a trigger opens. Whoever gives up says so.
func (p *platform) await(trigger string) (opened <-chan view, giveUp func()) {
	waiting := make(chan view, 1)
	p.mu.Lock()
	p.views[trigger] = waiting
	p.mu.Unlock()
	return waiting, func() {
		p.mu.Lock()
		delete(p.views, trigger)
		p.mu.Unlock()
	}
}

// newest is the newest message with the words in a conversation, other than the one that was the newest before. It
// is waited for for a while.
func (p *platform) newest(channel, words, before string, within time.Duration) (message, bool) {
	for until := time.Now().Add(within); ; time.Sleep(20 * time.Millisecond) {
		m, found := p.lastWith(channel, words)
		if found && m.ts != before {
			return m, true
		}
		if !time.Now().Before(until) {
			return message{}, false
		}
	}
}

func (p *platform) lastWith(channel, words string) (message, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range slices.Backward(p.history[channel]) {
		if strings.Contains(m.blocks, words) {
			return m, true
		}
	}
	return message{}, false
}
