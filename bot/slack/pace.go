package slack

import (
	"errors"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"goalkeeper/bot"
)

// Slack lets an app post one message a second into a conversation and some hundreds a minute into a workspace,
// with short bursts (docs.slack.dev, Rate limits, read in November 2026). Staying below keeps messages in order
// and spares their readers the wait that a refusal brings.
const (
	perConversation   = time.Second
	conversationBurst = 3
	perWorkspace      = 250 * time.Millisecond
	workspaceBurst    = 20
	maxPaced          = 10_000 // conversations remembered
)

// pace says when the next call may be made. A refusal is heeded by every call to the same method and
// conversation, not only by the message that met it.
type pace struct {
	mu   sync.Mutex
	full map[string]time.Time // when the bucket will be full again
	shut map[string]time.Time // until when Slack wants to hear nothing
}

// bucket is how often, and how many at once.
type bucket struct {
	every time.Duration
	burst int
}

func newPace() *pace {
	return &pace{full: map[string]time.Time{}, shut: map[string]time.Time{}}
}

var (
	conversationBucket = bucket{perConversation, conversationBurst}
	workspaceBucket    = bucket{perWorkspace, workspaceBurst}
)

// post returns how long a new message to the channel has to wait; zero takes its turn.
func (p *pace) post(channel string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(now)
	wait := max(p.closed("post "+channel, now), p.missing(channel, conversationBucket, now), p.missing("", workspaceBucket, now))
	if wait == 0 {
		p.take(channel, conversationBucket, now)
		p.take("", workspaceBucket, now)
	}
	return wait
}

// edit returns how long a change in the channel has to wait.
func (p *pace) edit(channel string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed("edit "+channel, now)
}

// heed notes how long Slack asked to wait with calls of this kind to the channel.
func (p *pace) heed(kind, channel string, err error, now time.Time) {
	var limited *slack.RateLimitedError
	if !errors.As(err, &limited) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut[kind+" "+channel] = now.Add(limited.RetryAfter)
}

func (p *pace) closed(key string, now time.Time) time.Duration { return until(p.shut[key], now) }

func until(at, now time.Time) time.Duration {
	if at.Before(now) {
		return 0
	}
	return at.Sub(now)
}

// missing is how long until the bucket holds one again.
func (p *pace) missing(key string, b bucket, now time.Time) time.Duration {
	return until(p.full[key].Add(-time.Duration(b.burst-1)*b.every), now)
}

func (p *pace) take(key string, b bucket, now time.Time) {
	at := p.full[key]
	if at.Before(now) {
		at = now
	}
	p.full[key] = at.Add(b.every)
}

// forget drops what no longer holds anybody back, once there is a lot of it.
func (p *pace) forget(now time.Time) {
	for _, held := range []map[string]time.Time{p.full, p.shut} {
		if len(held) < maxPaced {
			continue
		}
		for key, until := range held {
			if until.Before(now) {
				delete(held, key)
			}
		}
	}
}

// paced is the refusal of a call that has to wait, nil when it need not.
func paced(wait time.Duration) error {
	if wait == 0 {
		return nil
	}
	return &bot.SendError{Outcome: bot.Refused, After: wait, Reason: "ratelimited", Err: errPaced}
}

// errPaced says that a call was not made because it would have come too soon.
var errPaced = errors.New("too soon after the messages before it")
