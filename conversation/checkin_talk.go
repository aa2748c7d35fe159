package conversation

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// promptKey names the message that asks; each asking again in the same period has a round of its own.
func promptKey(p goal.PersonID, period string, round int) string {
	return "checkin:" + string(p) + ":" + period + ":" + strconv.Itoa(round)
}

func nudgeKey(p goal.PersonID, period string) string { return "nudge:" + string(p) + ":" + period }

func unclearKey(nonce string) string { return "unclear:" + nonce }

func receiptKey(id goal.ID, seq int) string { return "receipt:" + string(id) + ":" + strconv.Itoa(seq) }

func courseKey(id goal.ID, seq int) string { return "course:" + string(id) + ":" + strconv.Itoa(seq) }

// messages are the keys of everything that shows where the talk stands.
func (t *Talk) messages() []string {
	var keys []string
	if t.Rounds > 0 {
		keys = append(keys, promptKey(t.Person, t.Period, t.Rounds))
	}
	if t.Nudged {
		keys = append(keys, nudgeKey(t.Person, t.Period))
	}
	if t.Unclear != nil {
		keys = append(keys, unclearKey(t.Unclear.Nonce))
	}
	for id, offer := range t.Courses {
		keys = append(keys, courseKey(id, offer.Seq))
	}
	return keys
}

// wants reports whether the talk asked about a goal and has no check-in of it yet.
func (t *Talk) wants(id goal.ID) bool {
	return slices.Contains(t.Asked, id) && t.Settled[id].Seq == 0
}

// open reports whether the talk still waits for the goal.
func (t *Talk) open(id goal.ID) bool {
	_, settled := t.Settled[id]
	return slices.Contains(t.Asked, id) && !settled
}

// settle notes how an asked goal was settled.
func (t *Talk) settle(id goal.ID, how Outcome) {
	if t.Settled == nil {
		t.Settled = map[goal.ID]Outcome{}
	}
	t.Settled[id] = how
}

// roundQuestion is the question of a control that may be used once in each round: "2026-W48.2".
func (t *Talk) roundQuestion() string { return t.Period + "." + strconv.Itoa(t.Rounds) }

// checkInNeeds asks for the actor's goals, the named ones, and what shows their talk.
func checkInNeeds(ids ...goal.ID) func(*State) Needs {
	return func(st *State) Needs {
		return Needs{
			Goals:    ids,
			Indexes:  []Index{{OwnedBy, string(st.Me.ID)}},
			Messages: st.Talk(st.Me.ID).messages(),
		}
	}
}

// waiting are the goals that the actor's talk still waits for, most urgent first.
func (s *State) waiting(t *Talk) []*Goal {
	var goals []*Goal
	for _, id := range t.Asked {
		if g := s.Goal(id); g != nil && t.open(id) && s.asksMe(g) {
			goals = append(goals, g)
		}
	}
	return goals
}

// settleOthers takes over what co-owners told since the question was asked.
func (s *State) settleOthers(t *Talk) {
	for _, g := range s.waiting(t) {
		if last := g.Last(); last != nil && !last.At.Before(t.Opened) {
			t.settle(g.ID, Outcome{Seq: last.Seq, By: last.By, At: last.At})
		}
	}
}

// reface brings the messages of the talk up to date: what is settled, and no buttons once all is.
func (s *State) reface(t *Talk) []*Message {
	var posts []*Message
	over := len(s.waiting(t)) == 0 // what was not posted by then need not be
	if m := s.Message(promptKey(t.Person, t.Period, t.Rounds)); t.Rounds > 0 && m != nil {
		m = s.reshow(m, s.promptCard(t))
		if over {
			m.until(s.Now)
		}
		posts = append(posts, m)
	}
	m := s.Message(nudgeKey(t.Person, t.Period))
	switch {
	case !t.Nudged || m == nil:
	case over:
		posts = append(posts, silenced(m).until(s.Now))
	case m.Card.Kind == "checkin.ask":
		posts = append(posts, s.reshow(m, s.againCard(t)))
	}
	return posts
}

// whileOpen makes a question one that is not asked any more once the next period opens.
func (s *State) whileOpen(m *Message) *Message {
	if next, err := s.occurrence(s.Me, s.Now); err == nil {
		m.Until = next
	}
	return m
}

// prompted is the message that asked last, nil when there is none.
func (s *State) prompted(t *Talk) *Message {
	if t.Rounds == 0 {
		return nil
	}
	return s.Message(promptKey(t.Person, t.Period, t.Rounds))
}

// reshow is a message with a card that was written just now, in the language of now.
func (s *State) reshow(m *Message, c card.Card) *Message {
	next := m.showing(c)
	next.Language = s.Me.Language()
	return next
}

// silenced is a message without its buttons.
func silenced(m *Message) *Message {
	return m.showing(lessActions(m.Card, func(card.Intent) bool { return true }))
}

// lessActions is a card without the controls of which gone says so; a menu goes with the last of its entries.
func lessActions(c card.Card, gone func(card.Intent) bool) card.Card {
	c.Actions = slices.DeleteFunc(slices.Clone(c.Actions), func(a card.Action) bool {
		if len(a.Menu) > 0 {
			return gone(a.Menu[0].Intent)
		}
		return gone(a.Intent)
	})
	c.Body = slices.Clone(c.Body)
	for i, b := range c.Body {
		rows := slices.Clone(b.Rows)
		for n, row := range rows {
			if row.Action != nil && gone(row.Action.Intent) {
				rows[n].Action = nil
			}
		}
		c.Body[i].Rows = rows
	}
	return c
}

// running reports whether the talk's period lasts: until an occurrence opens the next one.
func (s *State) running(t *Talk) bool {
	if t.Period == "" || s.Now.Sub(t.Opened) >= lookBack {
		return false
	}
	latest, err := s.latest(s.Me)
	return err == nil && !opens(t, latest)
}

// occurrenceOf is what a question is about, without its round: "2026-W48" of "2026-W48.2".
func occurrenceOf(question string) string {
	period, _, _ := strings.Cut(question, ".")
	return period
}

// late is how much later than planned a question counts as late.
const late = time.Hour
