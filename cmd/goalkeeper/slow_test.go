package main

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"goalkeeper/storage/storagetest"
)

// slowRedis stands between a process and its Redis, and lets every reply wait.
type slowRedis struct {
	url   string
	delay atomic.Int64 // nanoseconds
}

func newSlowRedis(t *testing.T, redisURL string) *slowRedis {
	t.Helper()
	at, err := url.Parse(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &slowRedis{}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go s.join(near, at.Host)
		}
	}()
	to := *at
	to.Host = l.Addr().String()
	s.url = to.String()
	return s
}

func (s *slowRedis) join(near net.Conn, address string) {
	defer near.Close()
	far, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer far.Close()
	go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
	chunk := make([]byte, 64<<10)
	for {
		n, err := far.Read(chunk)
		if err != nil {
			return
		}
		time.Sleep(time.Duration(s.delay.Load())) //nolint:forbidigo // a slow network, to a real process
		if _, err := near.Write(chunk[:n]); err != nil {
			return
		}
	}
}

func (s *slowRedis) slow(d time.Duration) { s.delay.Store(int64(d)) }

// A Redis that takes 700 ms for everything, or so long that nothing comes back in time, costs people a sentence
// and never a platform error, over HTTP and over Socket Mode.
func TestServeAnswersInTimeWhileItsRedisIsSlow(t *testing.T) {
	for _, socket := range []bool{false, true} {
		name := map[bool]string{false: "HTTP", true: "Socket Mode"}[socket]
		for _, delay := range []time.Duration{700 * time.Millisecond, 30 * time.Second} {
			t.Run(name+" "+delay.String(), func(t *testing.T) {
				redis := newSlowRedis(t, storagetest.Redis(t))
				w := newSlackWorld(t)
				p := serveEither(t, w, redis.url, socket)
				w.modal(func() { w.slash("UALEX", "new Halve churn from 10% to 5% by Q4") })
				form := w.submission("UALEX", nil)

				redis.slow(delay)
				p.inTime("a command", func() {
					said := w.answer("ULINH", "list all")
					if delay > slackPatience { // at 700 ms, there may just be time to look
						p.inBothLanguages(said, "/goal list all")
					} else if said == "" {
						t.Error("a command is answered by nothing")
					}
				})
				p.inTime("a form", func() {
					status, answer := w.post("/slack/interactions", formType, form)
					kept := strings.Contains(answer, `"response_action":"errors"`) && (strings.Contains(answer, "Hiện chưa") || strings.Contains(answer, "Chưa chắc"))
					if status != http.StatusOK || !kept {
						t.Errorf("a form is answered %d %s", status, answer)
					}
				})
				if status := w.say("ULINH", "210, 7/10, waiting for legal", "Ev-lost"); status != http.StatusInternalServerError {
					t.Errorf("an event that was not saved is answered %d: it would not come again", status)
				}

				redis.slow(0)
				p.until("it is ready", func() bool { return p.status("/readyz") == http.StatusOK })
				if status, answer := w.post("/slack/interactions", formType, form); status != http.StatusOK || strings.Contains(answer, "errors") {
					t.Errorf("the same form, sent again: %d %s", status, answer)
				}
				if list := w.answer("ULINH", "list all"); strings.Contains(list, "G-2") || !strings.Contains(list, "G-1") {
					t.Errorf("one form should make one goal: %s", list)
				}
			})
		}
	}
}

func serveEither(t *testing.T, w *slackWorld, redisURL string, socket bool) *process {
	t.Helper()
	if !socket {
		return serveSlack(t, w, redisURL, thursday)
	}
	useSocket(t, w)
	return serveSocket(t, w, redisURL, thursday)
}

// A modal that Slack is slow to open costs nobody else their answer, and who waits for it gets a button instead.
func TestServeAnswersWhileSlackIsSlow(t *testing.T) {
	w := newSlackWorld(t)
	hold := make(chan struct{})
	t.Cleanup(func() { close(hold) })
	w.before = func(method string) {
		if method == "views.open" {
			select {
			case <-hold:
			case <-time.After(20 * time.Second):
			}
		}
	}
	p := serveSlack(t, w, storagetest.Redis(t), thursday)
	for range 20 {
		w.slash("UALEX", "new Halve churn from 10% to 5% by Q4")
	}
	p.inTime("a command", func() {
		if said := w.answer("ULINH", "list all"); said == "" {
			t.Error("a command is not answered")
		}
	})
	w.until("a button stands in for the modal", func() bool { return w.responses("Open the form") >= 20 })
}

// Teams: the same Redis, and answers within what Teams waits.
func TestServeAnswersTeamsInTimeWhileItsRedisIsSlow(t *testing.T) {
	redis := newSlowRedis(t, storagetest.Redis(t))
	w := newTeamsWorld(t)
	p := serveTeams(t, w, redis.url, thursday)
	w.say(alexT, "goal new Halve churn from 10% to 5% by Q4")
	form := w.wait(alexT.chat(), "Halve churn")
	for _, delay := range []time.Duration{700 * time.Millisecond, 30 * time.Second} {
		redis.slow(delay)
		began := time.Now()
		answer := w.press(alexT, form, "Save", nil, nil)
		if took := time.Since(began); took >= 10*time.Second {
			t.Errorf("Redis %s late: answered after %s", delay, took)
		}
		if said := dump(answer); !strings.Contains(said, "Halve churn") {
			t.Errorf("Redis %s late: what was typed is lost: %s", delay, said)
		}
		began = time.Now()
		status, _ := w.send(alexT, map[string]any{"type": "message", "text": "G-1 9%"})
		if took := time.Since(began); took >= 10*time.Second || status < 500 && delay > time.Second {
			t.Errorf("Redis %s late: a message is answered %d after %s", delay, status, took)
		}
		redis.slow(0)
		p.until("it is ready", func() bool { return p.status("/readyz") == http.StatusOK })
	}
}
