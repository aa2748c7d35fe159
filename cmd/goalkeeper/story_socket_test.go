package main

import (
	"strings"
	"testing"
	"time"

	"goalkeeper/storage/storagetest"
)

// serveSocket starts a process at a moment in Socket Mode: it has no signing secret, and nobody knows its address.
func serveSocket(t *testing.T, w *slackWorld, redisURL string, at time.Time) *process {
	t.Helper()
	p := startServe(t, at, "REDIS_URL="+redisURL, "SLACK_BOT_TOKEN=xoxb-test", "SLACK_APP_TOKEN=xapp-test", "SLACK_API_URL="+w.api.URL+"/api/")
	w.socket.connected()
	return p
}

// The whole story in Socket Mode, with a connection that is renewed, one that breaks before anything is
// acknowledged, and a process that is killed between the answer and the digest.
func TestStoryInSocketModeSurvivesDisconnects(t *testing.T) {
	redisURL := storagetest.Redis(t)
	w := newSlackWorld(t)
	useSocket(t, w)

	p := serveSocket(t, w, redisURL, thursday)
	w.modal(func() { w.slash("ULINH", "new Cut CAC from $250 to $150 by Q4") })
	w.socket.refresh()
	clicks(t, w, w.submission("ULINH", nil), 3)
	w.wait("DLINH", "Cut CAC")
	w.turnDigestOn("ULINH")
	p.kill()

	p = serveSocket(t, w, redisURL, monday)
	if prompt := w.wait("DLINH", "Answer here"); !strings.Contains(unescape(prompt.Blocks), "G-1 Cut CAC") {
		t.Errorf("the prompt does not name the goal: %s", prompt.Blocks)
	}
	kind, answer := envelopeOf("/slack/events", slackSaid("ULINH", "210, 7/10, waiting for legal", "Ev-answer"))
	w.socket.send(kind, answer, 0)
	w.socket.drop()
	for attempt := 1; attempt <= 3; attempt++ {
		select {
		case <-w.socket.send(kind, answer, attempt):
		case <-time.After(slackPatience):
			t.Fatalf("delivery %d of the answer is not acknowledged\n%s", attempt, p.log)
		}
	}
	w.wait("DLINH", "All answered")
	w.wait("DLINH", "Saved")
	p.kill()

	p = serveSocket(t, w, redisURL, tuesday)
	w.wait("C1", "waiting for legal")
	settled(t, redisURL, tuesday)
	for _, once := range []struct{ channel, words string }{
		{"DLINH", "All answered"}, {"DLINH", "Saved"}, {"C1", "waiting for legal"},
	} {
		if n := len(w.seen(once.channel, once.words)); n != 1 {
			t.Errorf("%d messages in %s say %q, want 1\n%s", n, once.channel, once.words, p.log)
		}
	}
	if list := w.answer("ULINH", "list all"); strings.Contains(list, "G-2") || !strings.Contains(list, "G-1") {
		t.Errorf("three clicks on one form should make one goal; the list says %s", list)
	}
}
