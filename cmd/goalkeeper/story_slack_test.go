package main

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"goalkeeper/storage/storagetest"
)

// The moments of the story. Linh lives in Hanoi, seven hours ahead of UTC.
var (
	thursday = time.Date(2027, 3, 4, 5, 0, 0, 0, time.UTC)
	monday   = time.Date(2027, 3, 8, 2, 0, 5, 0, time.UTC) // 09:00 in Hanoi
	tuesday  = time.Date(2027, 3, 9, 3, 0, 5, 0, time.UTC) // 10:00 in Hanoi
)

// leaseOver is when a timer that a killed process held is taken over.
const leaseOver = 3 * time.Minute

func slackEnv(w *slackWorld, redisURL string) []string {
	return []string{"REDIS_URL=" + redisURL, "SLACK_BOT_TOKEN=xoxb-test", "SLACK_SIGNING_SECRET=" + slackSecret,
		"SLACK_API_URL=" + w.api.URL + "/api/"}
}

// serveSlack starts a process at a moment and points Slack at it.
func serveSlack(t *testing.T, w *slackWorld, redisURL string, at time.Time) *process {
	t.Helper()
	p := startServe(t, at, slackEnv(w, redisURL)...)
	w.bot = p.url
	return p
}

// The whole story over HTTP with the real program and a real Redis, killed between all of its steps.
func TestStoryOnSlackSurvivesKills(t *testing.T) {
	redisURL := storagetest.Redis(t)
	w := newSlackWorld(t)

	p := serveSlack(t, w, redisURL, thursday)
	w.modal(func() { w.slash("ULINH", "new Cut CAC from $250 to $150 by Q4") })
	clicks(t, w, w.submission("ULINH", nil), 5)
	w.wait("DLINH", "Cut CAC")
	w.turnDigestOn("ULINH")
	p.kill()

	p = serveSlack(t, w, redisURL, monday)
	prompt := w.wait("DLINH", "Answer here")
	if !strings.Contains(unescape(prompt.Blocks), "G-1 Cut CAC") {
		t.Errorf("the prompt does not name the goal: %s", prompt.Blocks)
	}
	p.kill()

	p = serveSlack(t, w, redisURL, monday.Add(leaseOver))
	for retry := range 4 {
		status := w.say("ULINH", "210, 7/10, waiting for legal", "Ev-answer", "X-Slack-Retry-Num", strconv.Itoa(retry))
		if status != http.StatusOK {
			t.Fatalf("delivery %d of the answer: status %d\n%s", retry, status, p.log)
		}
	}
	w.wait("DLINH", "$210")
	p.kill()

	p = serveSlack(t, w, redisURL, tuesday)
	w.wait("C1", "waiting for legal")
	p.kill()
	p = serveSlack(t, w, redisURL, tuesday.Add(leaseOver))
	settled(t, redisURL, tuesday.Add(leaseOver))

	// The prompt says one or the other: killed before its id was recorded, it is in doubt and stays as it was.
	for _, once := range []struct{ channel, words, or string }{
		{"DLINH", "All answered", "Answer here"}, {"DLINH", "Saved", "\x00"}, {"C1", "waiting for legal", "\x00"},
	} {
		if n := len(w.seen(once.channel, once.words)) + len(w.seen(once.channel, once.or)); n != 1 {
			t.Errorf("%d messages in %s say %q, want 1\n%s", n, once.channel, once.words, p.log)
		}
	}
	w.slash("ULINH", "list all")
	if answer := w.answer("ULINH", "list all"); strings.Contains(answer, "G-2") || !strings.Contains(answer, "G-1") {
		t.Errorf("five clicks on one form should make one goal; the list says %s", answer)
	}
}

// clicks delivers one submission several times, the first two at once as a double click does.
func clicks(t *testing.T, w *slackWorld, submission string, times int) {
	t.Helper()
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if status, answer := w.post("/slack/interactions", formType, submission); status != http.StatusOK {
				t.Errorf("submit: %d %s", status, answer)
			}
		})
	}
	both.Wait()
	for range times - 2 {
		w.post("/slack/interactions", formType, submission)
	}
}

// Two processes on one Redis send every prompt and every digest once.
func TestTwoReplicasSendOnce(t *testing.T) {
	redisURL := storagetest.Redis(t)
	w := newSlackWorld(t)
	p := serveSlack(t, w, redisURL, thursday)
	for _, user := range []string{"ULINH", "UALEX", "USAM"} {
		w.modal(func() { w.slash(user, "new Ship the thing by Q4") })
		w.submit(user, nil)
		w.wait("D"+user[1:], "Ship the thing")
	}
	w.turnDigestOn("ULINH")
	p.kill()

	late := time.Date(2027, 3, 9, 13, 0, 0, 0, time.UTC) // past nine on Monday, and nowhere night: 8:00 in New York, 20:00 in Hanoi
	startServe(t, late, slackEnv(w, redisURL)...)
	startServe(t, late, slackEnv(w, redisURL)...)
	for _, channel := range []string{"DLINH", "DALEX", "DSAM"} {
		w.wait(channel, "Answer here")
	}
	w.wait("C1", "#growth")
	settled(t, redisURL, late)
	for _, channel := range []string{"DLINH", "DALEX", "DSAM"} {
		if n := len(w.seen(channel, "Answer here")); n != 1 {
			t.Errorf("%d prompts in %s, want 1", n, channel)
		}
	}
	if digests := w.seen("C1", "This comes late"); len(digests) != 1 {
		t.Errorf("%d digests, want 1: %+v", len(digests), digests)
	}
}
