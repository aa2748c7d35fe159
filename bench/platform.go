package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"goalkeeper/bot"
	"goalkeeper/bot/slack"
	"goalkeeper/bot/teams"
	"goalkeeper/cmd/goalkeeper/house"
	"goalkeeper/conversation"
)

// instant is a platform that takes every call at once, in this process: what is left is our own work.
type instant struct {
	wanted int64
	posts  atomic.Int64
	calls  atomic.Int64  // that are no posts
	done   chan struct{} // closed at the last post

	mu   sync.Mutex
	seen map[string]int // posts by conversation
}

func newInstant(wanted int) *instant {
	return &instant{wanted: int64(wanted), done: make(chan struct{}), seen: make(map[string]int, wanted)}
}

// RoundTrip answers as Slack's Web API and the Bot Framework's connector do.
func (p *instant) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
	}
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/chat.postMessage"):
		n := p.post(slackChannel(body))
		return answer(r, `{"ok":true,"channel":"D0","ts":"1796000000.%06d"}`, n), nil
	case strings.HasSuffix(path, "/activities"):
		n := p.post(path)
		return answer(r, `{"id":"%d"}`, 1796000000000+n), nil
	case strings.HasSuffix(path, "/auth.test"):
		return answer(r, `{"ok":true,"team_id":"T0BENCH","user_id":"UBOT","bot_id":"BBOT"}`), nil
	}
	p.calls.Add(1)
	return answer(r, `{"ok":false,"error":"unknown_method"}`), nil
}

// post counts a message into a conversation.
func (p *instant) post(conversation string) int64 {
	p.mu.Lock()
	p.seen[conversation]++
	p.mu.Unlock()
	n := p.posts.Add(1)
	if n == p.wanted {
		close(p.done)
	}
	return n
}

// slackChannel finds the channel in a form without reading the rest of it.
func slackChannel(form []byte) string {
	_, after, _ := bytes.Cut(form, []byte("channel="))
	id, _, _ := bytes.Cut(after, []byte("&"))
	return string(id)
}

func answer(r *http.Request, format string, args ...any) *http.Response {
	text := fmt.Sprintf(format, args...)
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(text)),
		Body: io.NopCloser(strings.NewReader(text)),
	}
}

// check says what is wrong with what arrived: one message for each, and nothing else asked.
func (p *instant) check() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conversation, n := range p.seen {
		if n != 1 {
			return fmt.Errorf("%d messages in %s", n, conversation)
		}
	}
	if len(p.seen) != int(p.wanted) || p.calls.Load() > 0 {
		return fmt.Errorf("%d conversations of %d got a message, with %d other calls", len(p.seen), p.wanted, p.calls.Load())
	}
	return nil
}

// slackFace is the real adapter.
func slackFace(ctx context.Context, h *house.House, p http.RoundTripper, log *slog.Logger) (house.Face, error) {
	return slack.New(ctx, slack.Config{
		BotToken: "xoxb-bench", SigningSecret: "secret", APIURL: "http://slack.invalid/api/", Client: &http.Client{Transport: p},
		Clock: time.Now, Handler: h.Service, Contacts: h.Store, Meter: h.Meter, Log: log,
	})
}

// unhurried is an adapter of a platform that allows a million times as much: what pacing costs is ours, and what it
// waits for is the platform's.
type unhurried struct{ house.Face }

// Toll is the adapter's own, with wider buckets.
func (u unhurried) Toll(ctx context.Context, ws conversation.Workspace, m *conversation.Message) bot.Toll {
	tolled, ok := u.Face.(bot.Tolled)
	if !ok {
		return bot.Toll{}
	}
	toll := tolled.Toll(ctx, ws, m)
	toll.Shared = widened(toll.Shared)
	own := toll.Own
	toll.Own = nil
	for _, b := range own {
		toll.Own = append(toll.Own, widened(b))
	}
	return toll
}

func widened(b conversation.Bucket) conversation.Bucket {
	wide := conversation.Bucket{Name: b.Name}
	for range b.Limits {
		wide.Limits = append(wide.Limits, conversation.Limit{Every: time.Microsecond, Burst: 1_000_000})
	}
	return wide
}

// teamsFace is the real adapter.
func teamsFace(ctx context.Context, h *house.House, p http.RoundTripper, log *slog.Logger) (house.Face, error) {
	return teams.New(ctx, teams.Config{
		TenantID: tenant, AuthOff: true, Handler: h.Service, Contacts: h.Store, Meter: h.Meter, HTTP: &http.Client{Transport: p},
		Now: time.Now, Log: log,
	})
}

// complaints is a log that remembers the first warnings, so that a run with any is no measurement.
type complaints struct {
	mu    sync.Mutex
	first []string
	count int
}

func (c *complaints) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(c, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// Write takes one record of the log.
func (c *complaints) Write(line []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count++; len(c.first) < 3 {
		c.first = append(c.first, strings.TrimSpace(string(line)))
	}
	return len(line), nil
}

// err is what was complained about, nil for nothing.
func (c *complaints) err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count == 0 {
		return nil
	}
	return fmt.Errorf("%d warnings, the first: %s", c.count, strings.Join(c.first, "; "))
}
