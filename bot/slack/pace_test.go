package slack

import (
	"errors"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

func TestAConversationGetsAShortBurstThenOneASecond(t *testing.T) {
	p := newPace()
	for n := range conversationBurst {
		if wait := p.post("D1", noon); wait != 0 {
			t.Fatalf("message %d waits %v", n, wait)
		}
	}
	if wait := p.post("D1", noon); wait != time.Second {
		t.Fatalf("after a burst the next waits %v", wait)
	}
	if wait := p.post("D2", noon); wait != 0 {
		t.Fatalf("another conversation waits %v", wait)
	}
	if wait := p.post("D1", noon.Add(time.Second)); wait != 0 {
		t.Fatalf("a second later it still waits %v", wait)
	}
}

func TestAWorkspaceIsNotFlooded(t *testing.T) {
	p := newPace()
	sent := 0
	for n := range 10 * workspaceBurst {
		if p.post("D"+string(rune('A'+n)), noon) == 0 {
			sent++
		}
	}
	if sent != workspaceBurst {
		t.Fatalf("%d messages at once", sent)
	}
}

func TestARefusalHoldsTheWholeConversation(t *testing.T) {
	p := newPace()
	p.heed("post", "D1", &slack.RateLimitedError{RetryAfter: 30 * time.Second}, noon)
	p.heed("post", "D2", errors.New("something else"), noon)
	if wait := p.post("D1", noon.Add(10*time.Second)); wait != 20*time.Second {
		t.Fatalf("the conversation waits %v", wait)
	}
	if p.post("D2", noon) != 0 || p.edit("D1", noon) != 0 {
		t.Fatal("others wait as well")
	}
	if wait := p.post("D1", noon.Add(30*time.Second)); wait != 0 {
		t.Fatalf("afterwards it waits %v", wait)
	}
}

func TestPaceForgetsWhatIsOver(t *testing.T) {
	p := newPace()
	for n := range maxPaced {
		p.full[string(rune(n))+"x"] = noon
	}
	p.post("D1", noon.Add(time.Minute))
	if len(p.full) > 2 {
		t.Fatalf("%d conversations are remembered", len(p.full))
	}
}
