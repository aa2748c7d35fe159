package conversation

import (
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

const (
	// nudgeAfter is how long a question may lie before its one reminder.
	nudgeAfter = 24 * time.Hour
	// Reminders come on working days between these local hours.
	quietUntil, quietFrom = 8, 19
)

// awake is the first moment from t on at which a reminder disturbs nobody, in t's zone.
func awake(t time.Time) time.Time {
	y, m, d := t.Date()
	switch {
	case t.Hour() >= quietFrom:
		t = time.Date(y, m, d+1, quietUntil, 0, 0, 0, t.Location())
	case t.Hour() < quietUntil:
		t = time.Date(y, m, d, quietUntil, 0, 0, 0, t.Location())
	}
	for t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		y, m, d = t.Date()
		t = time.Date(y, m, d+1, quietUntil, 0, 0, 0, t.Location())
	}
	return t
}

// nudgeAt is when the one reminder of the period is wanted, if it is: nobody said a word, and nobody put the
// question off.
func (s *State) nudgeAt(t *Talk) (at time.Time, wanted bool) {
	if !t.mayNudge() || len(s.waiting(t)) == 0 {
		return time.Time{}, false
	}
	at = s.nudgeFor(s.askedAt(t))
	next, err := s.occurrence(s.Me, t.Due)
	return at, err == nil && at.Before(next)
}

// mayNudge reports whether nobody has said a word in the period, and nobody was reminded.
func (t *Talk) mayNudge() bool {
	return !t.Nudged && !t.Skipped && !t.Due.IsZero() && t.Snoozed.IsZero() && len(t.Settled) == 0
}

// askedAt is when the person can have seen the question first; a question that is still held back is seen now at
// the earliest. What the platform took a moment for does not count.
func (s *State) askedAt(t *Talk) time.Time {
	m := s.prompted(t)
	switch {
	case m == nil:
	case m.Held():
		return s.Now
	case m.Delivery.Posted.Sub(t.Opened) > late:
		return m.Delivery.Posted
	}
	return t.Opened
}

// nudgeFor is when to remind of a question that came at an instant.
func (s *State) nudgeFor(asked time.Time) time.Time {
	at := awake(asked.Add(nudgeAfter).In(s.Me.Zone()))
	if now := s.Now.In(s.Me.Zone()); at.Before(now) {
		at = awake(now)
	}
	return at
}

func (s *State) nudgeDue(t *Talk) bool {
	at, wanted := s.nudgeAt(t)
	return wanted && !at.After(s.Now)
}

// nudge reminds once. An answer that could be read in two ways comes again in place of the reminder, and so does a
// question that nobody may have seen.
func (s *State) nudge(t *Talk) Decision {
	s.settleOthers(t)
	t.Nudged = true
	d := Decision{Write: []Record{t}}
	waiting := s.waiting(t)
	if len(waiting) == 0 {
		d.Post = s.reface(t)
		return d
	}
	c := s.nudgeCard(t, waiting)
	if q := s.prompted(t); q != nil && q.Doubted() {
		c = s.againCard(t)
	}
	if u := t.Unclear; u != nil && s.Goal(u.Goal) != nil {
		c = s.unclearCard(s.Goal(u.Goal), u)
		c.Body = append(c.Body, quiet(s.Voice().Text("checkin.nudge.why-unclear")))
	}
	m := s.message(nudgeKey(t.Person, t.Period), Address{Person: t.Person}, c)
	m.Urgent = false
	d.Post = append(d.Post, s.whileOpen(m))
	return d
}

// againCard is the question once more, whole, because the first may not have been seen.
func (s *State) againCard(t *Talk) card.Card {
	c, why := s.promptCard(t), "checkin.again.lost"
	if q := s.prompted(t); q != nil && q.Delivery.State == Uncertain {
		why = "checkin.again.unsure"
	}
	day := s.Voice().Weekday(t.Opened.In(s.Me.Zone()).Weekday())
	c.Body = append(c.Body, quiet(s.Voice().Text(why, language.With{"day": day})))
	return c
}

func (s *State) nudgeCard(t *Talk, waiting []*Goal) card.Card {
	v := s.Voice()
	day := v.Weekday(t.Opened.In(s.Me.Zone()).Weekday())
	text := v.Text("checkin.nudge.one", language.With{"goal": goalSpan(waiting[0]), "day": day})
	if n := len(waiting); n > 1 {
		text = v.Text("checkin.nudge.more", language.With{"goal": goalSpan(waiting[0]), "count": n - 1, "day": day})
	}
	return card.Card{
		Kind: "checkin.nudge", Summary: text.String(),
		Body: []card.Block{paragraph(text), s.hint(waiting), quiet(v.Text("checkin.nudge.why", language.With{"day": day}))},
		Actions: []card.Action{
			s.answerAction(waiting[0].ID, t.Period, card.Primary),
			{Label: v.Say("button.skip-week"), Intent: card.Intent{Verb: "checkin.skip", Question: t.roundQuestion()}},
		},
	}
}

// answerAction opens the form of a goal.
func (s *State) answerAction(id goal.ID, question string, style card.Emphasis) card.Action {
	return card.Action{Label: s.Voice().Say("button.answer"), Style: style,
		Intent: card.Intent{Verb: "checkin.answer", Subject: string(id), Question: question}}
}
