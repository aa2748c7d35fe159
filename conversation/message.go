package conversation

import (
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// Address is where a message goes: to a person's direct conversation, into a channel, or, as a whisper, into
// a channel for one person's eyes.
type Address struct {
	Person  goal.PersonID  `json:"person,omitempty"`
	Channel goal.ChannelID `json:"channel,omitempty"`
	Under   string         `json:"under,omitempty"` // the key of the message whose thread it belongs to
}

// Message is something for others to see, or to be seen later: what is wanted, and how far delivery came.
// Whoever wants it shown differently changes Card and raises Revision; delivery makes the platform follow.
type Message struct {
	Key      string    `json:"key"` // "checkin:U1:2026-W48": at most one message of that meaning exists
	To       Address   `json:"to"`
	Card     card.Card `json:"card"`
	Language string    `json:"language"`
	Urgent   bool      `json:"urgent,omitempty"` // somebody is waiting for it: before the bulk
	Revision int       `json:"revision"`         // 1, 2, … of what is wanted
	Created  time.Time `json:"created"`
	// Until is when it stops making sense: what was not posted by then never is. Zero: it always makes sense.
	Until time.Time `json:"until,omitzero"`
	// Closed is when a person said what became of an uncertain message, so that nobody need look any more.
	Closed time.Time `json:"closed,omitzero"`

	Delivery Delivery `json:"delivery"`
}

// Delivery is how far a message came. Only delivery workers write it.
type Delivery struct {
	State    DeliveryState `json:"state,omitempty"`
	Shown    int           `json:"shown,omitempty"` // the revision that the platform shows
	Ref      string        `json:"ref,omitempty"`   // the platform's id of the message, opaque
	Tries    int           `json:"tries,omitempty"`
	Began    time.Time     `json:"began,omitzero"`    // of the attempt under way
	Since    time.Time     `json:"since,omitzero"`    // of the first attempt in the present row of failures
	Missed   time.Time     `json:"missed,omitzero"`   // of the first look for a lost message that did not find it
	NotUntil time.Time     `json:"notUntil,omitzero"` // the platform asked to wait
	Posted   time.Time     `json:"posted,omitzero"`   // when the platform first showed it
	Ended    time.Time     `json:"ended,omitzero"`    // when it failed, was withdrawn, or became uncertain
	Trouble  Trouble       `json:"trouble,omitempty"` // what is or was in the way
	Word     string        `json:"word,omitempty"`    // the platform's own for that: "is_archived"
}

// DeliveryState is where a message is on its way.
type DeliveryState string

// The states of delivery. Sending that is found again after a crash is in doubt: it is looked up where the
// platform allows, and else becomes Uncertain and is not sent again. Nothing leaves the last three by itself:
// whoever wants a second attempt wants another message.
const (
	Waiting   DeliveryState = ""
	Sending   DeliveryState = "sending"
	Sent      DeliveryState = "sent"
	Uncertain DeliveryState = "uncertain"
	Failed    DeliveryState = "failed"
	Withdrawn DeliveryState = "withdrawn" // never posted, because nobody needs it any more
)

// Arrived reports that delivery has nothing more to do: the platform shows what is wanted, or never will.
func (m *Message) Arrived() bool {
	switch m.Delivery.State {
	case Failed, Uncertain, Withdrawn:
		return true
	case Sending:
		return false
	}
	return m.Delivery.Shown >= m.Revision
}

// Stale reports that the message must not be posted any more.
func (m *Message) Stale(now time.Time) bool {
	return m.Delivery.Ref == "" && !m.Until.IsZero() && !now.Before(m.Until)
}

// until sets when the message stops making sense; one that is posted stays and follows.
func (m *Message) until(at time.Time) *Message {
	if m.Delivery.Ref == "" {
		m.Until = at
	}
	return m
}

// Doubted reports that nobody can tell whether the message was seen, or that it surely was not.
func (m *Message) Doubted() bool {
	return m.Delivery.Ref == "" && m.Closed.IsZero() && (m.Delivery.State == Uncertain || m.Delivery.State == Failed)
}

// Held reports that delivery tried or was told to wait, and that nobody can have seen the message yet.
func (m *Message) Held() bool {
	d := m.Delivery
	return d.Ref == "" && !m.Arrived() && (d.Tries > 0 || !d.NotUntil.IsZero())
}

// indexes list the message while it is on its way, and afterwards while somebody may ask what became of it.
func (m *Message) indexes() []Index {
	switch d := m.Delivery; {
	case !m.Arrived():
		return []Index{{Outbox, ""}}
	case d.State == Sent, d.State == Withdrawn && d.Trouble == "", !m.Closed.IsZero():
		return nil
	}
	return []Index{{Undelivered, ""}}
}

// TimerKind is the kind of timer under which the message is delivered.
func (m *Message) TimerKind() TimerKind {
	if m.Urgent {
		return UrgentTimer
	}
	return SendTimer
}

// timer makes delivery look at the message.
func (m *Message) timer(ws Workspace, at time.Time) Timer {
	return Timer{ws, m.TimerKind(), m.Key, at}
}
