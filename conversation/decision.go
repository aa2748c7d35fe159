package conversation

import (
	"time"

	"goalkeeper/conversation/card"
)

// Decision says what should be true, what should be asked later, what the asker sees now, and what others or
// later readers get. Its zero value changes nothing and says nothing.
type Decision struct {
	Write []Record
	Log   []Entry
	// Post are messages wanted: new ones, or known ones with another card.
	Post   []*Message
	Timers []Timer

	// Say is shown to the asker at once; where the delivery has no reply of its own, it becomes a message.
	Say *card.Card
	// Keep also leaves Say in the asker's direct conversation, when they are somewhere else.
	Keep bool
	// Replace puts Say in place of the card whose control was used.
	Replace bool
	// Retell is the intent that shows a repetition of the act what came of it.
	Retell card.Intent

	// Next is when a timer wants to look again; zero for never. Timers only.
	Next time.Time
}

// turn is one thing people (or timers) can do: what it needs to know, and what follows.
type turn struct {
	needs  func(*State) Needs
	decide func(*State) Decision
}

// say is the decision that only answers.
func say(c card.Card) Decision { return Decision{Say: &c} }

// changes reports whether anything is to be saved.
func (d *Decision) changes() bool {
	return len(d.Write)+len(d.Log)+len(d.Post) > 0
}
