package conversation

import (
	"time"

	"goalkeeper/goal"
)

// checkInDue is a look at one person: what is to be asked now, and when to look again.
func checkInDue() turn {
	return turn{needs: checkInNeeds(), decide: func(st *State) Decision {
		me, t := st.Me, st.Talk(st.Me.ID)
		if me.Chosen.Off || me.Profile.Bot || len(st.checkable()) == 0 {
			return Decision{}
		}
		latest, err := st.latest(me)
		if err != nil || me.Profile.Gone { // who left may come back
			return Decision{Next: st.nextLook(&Talk{})}
		}
		opening, again := opens(t, latest), st.snoozeOver(t)
		if at := st.decent(latest); opening && at.After(st.Now) {
			return Decision{Next: at}
		}
		if at := st.decent(t.Snoozed); again && !opening && at.After(st.Now) {
			return Decision{Next: at}
		}
		var d Decision
		switch {
		case opening:
			t, d = st.openPeriod(t, latest)
		case again:
			d = st.askAgain(t)
		case st.nudgeDue(t):
			d = st.nudge(t)
		}
		d.Next = st.nextLook(t)
		return d
	}}
}

// decent is when a question may be sent that was wanted at a given time: at once, unless it comes late and would
// come at night. Somebody who chose the night gets it then.
func (s *State) decent(wanted time.Time) time.Time {
	now := s.Now.In(s.Me.Zone())
	y, m, d := now.Date()
	switch {
	case s.Now.Sub(wanted) <= late:
	case now.Hour() < quietUntil:
		return time.Date(y, m, d, quietUntil, 0, 0, 0, now.Location())
	case now.Hour() >= nightFrom:
		return time.Date(y, m, d+1, quietUntil, 0, 0, 0, now.Location())
	}
	return s.Now
}

// nightFrom is the local hour from which on a late question waits for the morning.
const nightFrom = 21

// opens reports whether an occurrence begins a period that was not asked yet: it came after the talk was last
// opened, and does not merely lie elsewhere in the same week, because the day or the hour was changed.
func opens(t *Talk, latest time.Time) bool {
	if latest.IsZero() || !latest.After(t.Due) || !latest.After(t.Opened) {
		return false
	}
	return t.Due.IsZero() || t.Period != week(latest)
}

// openPeriod asks about everything that the occurrence is due for; with nothing due, the period passes silently.
func (s *State) openPeriod(old *Talk, occurrence time.Time) (*Talk, Decision) {
	t := &Talk{Person: s.Me.ID, Period: week(occurrence), Due: occurrence, Opened: s.Now,
		Missed: old.missed(), Unclear: old.Unclear, Expect: old.Expect, Courses: old.Courses}
	if old.Period == t.Period { // opened by hand before its time: what was answered stays answered
		t.Asked, t.Settled, t.Rounds, t.Missed = old.settledOnly(), old.Settled, old.Rounds, old.Missed
	}
	asks := false
	for _, g := range s.dueAt(occurrence) {
		if t.Settled[g.ID].Seq == 0 {
			t.Asked, asks = append(t.Asked, g.ID), true
		}
	}
	d := Decision{Write: []Record{t}}
	if m := s.Message(promptKey(old.Person, old.Period, old.Rounds)); old.Rounds > 0 && m != nil {
		d.Post = append(d.Post, s.passed(m))
	}
	if m := s.Message(nudgeKey(old.Person, old.Period)); m != nil && old.Period != t.Period && len(m.Card.Actions) > 0 {
		d.Post = append(d.Post, s.passed(m))
	}
	if !asks {
		return t, d
	}
	if s.Now.Sub(occurrence) > late {
		t.Late = occurrence
	}
	t.Rounds++
	d.Post = append(d.Post, s.prompt(t))
	return t, d
}

// missed counts the periods in a row without a word, this talk's included once it ends.
func (t *Talk) missed() int {
	switch {
	case len(t.Asked) == 0:
		return t.Missed
	case len(t.Settled) == 0 && (t.Unclear == nil || t.Unclear.At.Before(t.Opened)):
		return t.Missed + 1
	}
	return 0
}

func (t *Talk) settledOnly() []goal.ID {
	var ids []goal.ID
	for _, id := range t.Asked {
		if t.Settled[id].Seq > 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// prompt is the message that asks.
func (s *State) prompt(t *Talk) *Message {
	m := s.message(promptKey(t.Person, t.Period, t.Rounds), Address{Person: t.Person}, s.promptCard(t))
	m.Urgent = false
	return s.whileOpen(m)
}

func (s *State) snoozeOver(t *Talk) bool {
	return !t.Snoozed.IsZero() && !t.Snoozed.After(s.Now) && len(s.waiting(t)) > 0
}

// askAgain sends a fresh prompt for what is still open after a snooze.
func (s *State) askAgain(t *Talk) Decision {
	d := Decision{Write: []Record{t}}
	s.settleOthers(t)
	t.Snoozed = time.Time{}
	if len(s.waiting(t)) == 0 {
		d.Post = s.reface(t)
		return d
	}
	if m := s.Message(promptKey(t.Person, t.Period, t.Rounds)); m != nil {
		d.Post = append(d.Post, s.passed(m))
	}
	t.Opened = s.Now
	t.Rounds++
	d.Post = append(d.Post, s.prompt(t))
	return d
}

// nextLook is the earliest of the next occurrence, the end of a snooze and a reminder.
func (s *State) nextLook(t *Talk) time.Time {
	next, err := s.occurrence(s.Me, s.Now)
	if err != nil {
		return s.Now.Add(24 * time.Hour)
	}
	if t.Snoozed.After(s.Now) && t.Snoozed.Before(next) {
		next = t.Snoozed
	}
	if at, wanted := s.nudgeAt(t); wanted && at.After(s.Now) && at.Before(next) {
		next = at
	}
	return next
}
