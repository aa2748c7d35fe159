package pacing

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// window lets at most so many calls be made within any stretch of time that long.
type window struct {
	calls int
	per   time.Duration
	made  []time.Time // within the stretch that ends now
}

// admit counts a call at the time, or tells how long the platform wants to hear nothing.
func (w *window) room(now time.Time) time.Duration {
	for len(w.made) > 0 && now.Sub(w.made[0]) >= w.per {
		w.made = w.made[1:]
	}
	if len(w.made) < w.calls {
		return 0
	}
	return w.per - now.Sub(w.made[0])
}

// platform stands in for Slack and for the Bot Framework's connector, and enforces their limits as they are
// published, by the trial's clock. It lives in the process: its limits are what is of interest, not its network.
type platform struct {
	clock func() time.Time

	mu      sync.Mutex
	windows map[string][]*window
	got     []arrival
	refused []time.Time
	others  int // calls beside messages
}

// arrival is a message that the platform took.
type arrival struct {
	workspace, key string
	at, really     time.Time // by the trial's clock, and by the true one
}

func newPlatform(clock func() time.Time) *platform {
	return &platform{clock: clock, windows: map[string][]*window{}}
}

// Slack's "several hundred a minute" is taken as in bot/slack/rates.go, without bursts above it.
func slackWindows() []*window { return []*window{{calls: 525, per: time.Minute}} }

// A conversation in Slack takes one message a second, with short bursts above it.
func talkWindows() []*window { return []*window{{calls: 5, per: 3 * time.Second}} }

func tenantWindows() []*window { return []*window{{calls: 50, per: time.Second}} }

func chatWindows() []*window {
	return []*window{
		{calls: 7, per: time.Second}, {calls: 8, per: 2 * time.Second},
		{calls: 60, per: 30 * time.Second}, {calls: 1800, per: time.Hour},
	}
}

// RoundTrip answers a call.
func (p *platform) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/auth.test"):
		return reply(r, 0, `{"ok":true,"team_id":"T0TRIAL","user_id":"UBOT","bot_id":"BBOT"}`), nil
	case strings.HasSuffix(path, "/chat.postMessage"):
		form, _ := url.ParseQuery(string(body))
		key := between(form.Get("metadata"), `"key":"`, `"`)
		if wait := p.take("slack", key, "slack", slackWindows, form.Get("channel"), talkWindows); wait > 0 {
			return reply(r, wait, `{"ok":false,"error":"ratelimited"}`), nil
		}
		return reply(r, 0, fmt.Sprintf(`{"ok":true,"channel":"D%s","ts":"1796000000.%06d"}`, form.Get("channel"), len(p.got))), nil
	case strings.HasSuffix(path, "/activities"):
		chat := strings.Split(path, "/")[3]
		if wait := p.take("teams", between(string(body), `"trial:`, `"`), "tenant", tenantWindows, chat, chatWindows); wait > 0 {
			return reply(r, wait, `{"error":{"code":"TooManyRequests"}}`), nil
		}
		return reply(r, 0, fmt.Sprintf(`{"id":"%d"}`, 1796000000000+len(p.got))), nil
	}
	p.others++
	return reply(r, 0, `{"ok":false,"error":"unknown_method"}`), nil
}

// take counts a message into the wide and the narrow windows, or refuses it.
func (p *platform) take(workspace, key, wide string, ofWide func() []*window, narrow string, ofNarrow func() []*window) time.Duration {
	now := p.clock()
	all := append(p.of(wide, ofWide), p.of("in "+narrow, ofNarrow)...)
	wait := time.Duration(0)
	for _, w := range all {
		wait = max(wait, w.room(now))
	}
	if wait > 0 {
		p.refused = append(p.refused, now)
		return wait
	}
	for _, w := range all {
		w.made = append(w.made, now)
	}
	p.got = append(p.got, arrival{workspace, key, now, time.Now()})
	return 0
}

func (p *platform) of(name string, fresh func() []*window) []*window {
	if p.windows[name] == nil {
		p.windows[name] = fresh()
	}
	return p.windows[name]
}

// between is what stands between two marks, empty when they do not.
func between(s, before, after string) string {
	_, rest, _ := strings.Cut(s, before)
	found, _, ok := strings.Cut(rest, after)
	if !ok {
		return ""
	}
	return found
}

// reply is an answer, a refusal when wait is not zero. Platforms count in whole seconds.
func reply(r *http.Request, wait time.Duration, text string) *http.Response {
	header, status := http.Header{"Content-Type": {"application/json"}}, http.StatusOK
	if wait > 0 {
		status = http.StatusTooManyRequests
		header.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: header,
		ContentLength: int64(len(text)), Body: io.NopCloser(bytes.NewReader([]byte(text))),
	}
}
