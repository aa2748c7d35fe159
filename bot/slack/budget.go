package slack

import (
	"context"
	"time"
)

// Slack waits three seconds for an acknowledgement, and a trigger opens a modal for three seconds (docs.slack.dev,
// Handling user interaction, Implementing slash commands, The Events API, read in November 2026). The times are
// counted from a delivery's arrival, so that slowness in one step is taken from the next and never added.
const (
	lookUntil   = 500 * time.Millisecond  // names and references, while decoding
	handleUntil = 2000 * time.Millisecond // the conversation: by then it is known what was saved
	showUntil   = 2400 * time.Millisecond // what the controls of an answer refer to is kept
	answerBy    = 2600 * time.Millisecond // whatever happened, there is an answer
	openUntil   = 2900 * time.Millisecond // a trigger opens a modal
	openWithin  = 4 * time.Second         // Slack's answer to that; later, a button stands in for the modal
)

// What follows an acknowledgement is bounded, too.
const followFor = 20 * time.Second

// clock is when a delivery came, by the monotonic clock.
type clock struct{ came time.Time }

// until is ctx with the time that is left of a step.
func (c clock) until(ctx context.Context, step time.Duration) (context.Context, context.CancelFunc) {
	return context.WithDeadline(ctx, c.came.Add(step))
}

// left is how much of a step's time is left.
func (c clock) left(step time.Duration) time.Duration { return time.Until(c.came.Add(step)) }
