package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"goalkeeper/storage/storagetest"
)

// slackPatience is how long Slack waits for an answer.
const slackPatience = 3 * time.Second

// A process that is there before its Redis lives, says what it waits for, and begins by itself.
func TestServeWaitsForItsRedis(t *testing.T) {
	server := storagetest.Start(t)
	server.Kill()
	w := newSlackWorld(t)
	p := launch(t, thursday, slackEnv(w, server.URL())...)
	w.bot = p.url

	p.until("it lives", func() bool { return p.status("/healthz") == http.StatusOK })
	where := strings.TrimPrefix(server.URL(), "redis://")
	p.until("it says what is missing", func() bool { return strings.Contains(p.log.String(), "not ready: Redis at "+where) })
	p.notReady(where)

	server.Restart()
	p.ready()
	w.modal(func() { w.slash("ULINH", "new Cut CAC from $250 to $150 by Q4") })
	w.submit("ULINH", nil)
	w.wait("DLINH", "Cut CAC")
}

// notReady fails the test unless /readyz is red, with one plain line about the store.
func (p *process) notReady(where string) {
	p.t.Helper()
	status, why := p.get("/readyz")
	if status != http.StatusServiceUnavailable || strings.Count(why, "\n") > 1 {
		p.t.Errorf("/readyz answers %d %q", status, why)
	}
	if !strings.HasPrefix(why, "store: ") || where != "" && !strings.Contains(why, where) {
		p.t.Errorf("/readyz does not name the store that is away: %q", why)
	}
}

// A Redis that crashes, or hangs, is told of in time and in both languages; what came meanwhile is not lost when
// the platform brings it again, and all goes on by itself.
func TestServeOutlivesItsRedis(t *testing.T) {
	for _, outage := range []struct {
		name       string
		begin, end func(*storagetest.Server)
	}{
		{"crashed", (*storagetest.Server).Kill, (*storagetest.Server).Restart},
		{"hanging", (*storagetest.Server).Pause, (*storagetest.Server).Resume},
	} {
		t.Run(outage.name, func(t *testing.T) {
			server := storagetest.Start(t)
			w := newSlackWorld(t)
			p := serveSlack(t, w, server.URL(), thursday)
			w.modal(func() { w.slash("ULINH", "new Cut CAC from $250 to $150 by Q4") })
			w.submit("ULINH", nil)
			w.wait("DLINH", "Cut CAC")
			w.modal(func() { w.slash("UALEX", "new Halve churn from 10% to 5% by Q4") })

			outage.begin(server)
			p.until("it is not ready", func() bool { return p.status("/readyz") == http.StatusServiceUnavailable })
			p.notReady("")
			p.saysSo(w)
			outage.end(server)
			p.ready()

			w.submit("UALEX", nil) // the same form, sent again
			w.wait("DALEX", "Halve churn")
			if status := w.say("ULINH", "G-1 210, 7/10, waiting for legal", "Ev-lost", "X-Slack-Retry-Num", "1"); status != http.StatusOK {
				t.Errorf("the answer, brought again: status %d", status)
			}
			w.wait("DLINH", "$210")
			if list := w.answer("ULINH", "list all"); strings.Contains(list, "G-3") || !strings.Contains(list, "G-2") {
				t.Errorf("after the outage there should be two goals: %s", list)
			}
			if status := p.status("/healthz"); status != http.StatusOK {
				t.Errorf("/healthz answers %d", status)
			}
		})
	}
}

// saysSo tries everything that people do while the store is away.
func (p *process) saysSo(w *slackWorld) {
	p.t.Helper()
	p.inTime("a command", func() {
		p.inBothLanguages(w.answer("ULINH", "new Double sign-ups by Q4"), "/goal new Double sign-ups by Q4")
	})
	p.inTime("a form", func() {
		status, answer := w.post("/slack/interactions", formType, w.submission("UALEX", nil))
		if status != http.StatusOK || !strings.Contains(answer, "Hiện chưa") {
			p.t.Errorf("a form is answered %d %s", status, answer)
		}
	})
	p.inTime("an event", func() { // refused, so that Slack brings it again
		if status := w.say("ULINH", "G-1 210, 7/10, waiting for legal", "Ev-lost"); status != http.StatusInternalServerError {
			p.t.Errorf("an event is answered %d, want 500", status)
		}
	})
}

func (p *process) inTime(what string, do func()) {
	p.t.Helper()
	began := time.Now()
	do()
	if took := time.Since(began); took >= slackPatience {
		p.t.Errorf("%s was answered after %s", what, took)
	}
}

// inBothLanguages looks for the sentence about the store, and for what was typed.
func (p *process) inBothLanguages(answer, typed string) {
	p.t.Helper()
	var v any
	if err := json.Unmarshal([]byte(answer), &v); err != nil {
		p.t.Errorf("%v in %s", err, answer)
	}
	said := strings.Join(leaves(v), "\n")
	for _, part := range []string{"I cannot save right now", "Hiện chưa lưu được", typed} {
		if !strings.Contains(said, part) {
			p.t.Errorf("the answer lacks %q: %s", part, said)
		}
	}
}
