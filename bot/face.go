// Package bot holds the faces that people see: one adapter a platform below it, and what they share, the HTTP
// server and the delivery of messages.
package bot

import (
	"context"
	"fmt"
	"time"

	"goalkeeper/conversation"
)

// Face sends on one platform. Its methods obey ctx and never sleep to wait for a rate limit: they return a
// SendError that says how long to wait.
type Face interface {
	// Post sends a message and returns the platform's reference to it. thread is the reference of the message
	// whose thread it belongs to, empty for none. It embeds m.Key so that a press on its controls names it.
	Post(ctx context.Context, ws conversation.Workspace, m *conversation.Message, thread string) (ref string, err error)
	// Edit makes a sent message show m.Card.
	Edit(ctx context.Context, ws conversation.Workspace, m *conversation.Message, ref string) error
}

// Finder is a Face that can look up whether a message was posted though its answer was lost.
type Finder interface {
	// Find returns the reference of the message posted under m.Key since the given time, empty for none. The
	// time is the platform's, with a minute to spare. A Final error says that the bot cannot look there.
	Find(ctx context.Context, ws conversation.Workspace, m *conversation.Message, since time.Time) (ref string, err error)
}

// SendError is a failure to send, classified for whoever decides what comes next.
type SendError struct {
	Outcome Outcome
	After   time.Duration        // Refused only: not before; zero leaves it to the back-off
	Limited bool                 // Refused only: the platform was called too often
	Reason  string               // the platform's own word, without secrets or message text
	Trouble conversation.Trouble // what is in the way, by what mends it; empty where the outcome says enough
	Err     error
}

// Outcome is what is known about a failed call.
type Outcome int

// The outcomes. Refused: surely not accepted, try again. Doubtful: it may have been accepted. Final: it will
// never be accepted, and Trouble says what mends it.
const (
	Refused Outcome = iota
	Doubtful
	Final
)

// Error tells outcome and reason.
func (e *SendError) Error() string {
	return fmt.Sprintf("%s (%s): %v", [...]string{"refused", "doubtful", "final"}[e.Outcome], e.Reason, e.Err)
}

// Unwrap is the cause.
func (e *SendError) Unwrap() error { return e.Err }

// Contacts keeps what an adapter must know to reach a person or a channel again, such as a conversation
// reference. What it keeps is the adapter's own.
type Contacts interface {
	Keep(ctx context.Context, ws conversation.Workspace, id string, value []byte) error
	// KeepFor keeps what may be forgotten after a while.
	KeepFor(ctx context.Context, ws conversation.Workspace, id string, value []byte, life time.Duration) error
	// Recall returns nil for an id that was never kept, or forgotten.
	Recall(ctx context.Context, ws conversation.Workspace, id string) ([]byte, error)
}
