package conversation

import (
	"slices"
	"strconv"
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// saveCheckIn takes a check-in into its goal, settles what asked for it, and says what was saved. One that has a
// number replaces the check-in of that number.
func (s *State) saveCheckIn(g *Goal, c goal.CheckIn) (Decision, error) {
	t := s.Talk(s.Me.ID)
	edit := c.Seq > 0
	if !edit && t.wants(g.ID) && s.running(t) {
		c.Period = t.Period
	}
	saved, err := s.take(g, c)
	if err != nil {
		return Decision{}, err
	}
	d := Decision{
		Write:  []Record{g},
		Log:    []Entry{{g.ID, saved}},
		Retell: card.Intent{Verb: "checkin.show", Subject: string(g.ID), Value: strconv.Itoa(saved.Seq)},
	}
	if edit {
		d.Timers = s.correctDigest(g)
	} else if s.heard(t, g, saved, &d) {
		d.Write = append(d.Write, t)
	}
	if slices.Contains(t.Asked, g.ID) {
		d.Post = append(d.Post, s.reface(t)...)
	}
	s.receipt(&d, g, &saved)
	s.offerCourse(&d, t, g, &saved)
	s.refresh(&d, g)
	return d, nil
}

// take records a check-in, with the status that the numbers suggest where none was declared.
func (s *State) take(g *Goal, c goal.CheckIn) (goal.CheckIn, error) {
	c.At, c.By = s.Now, s.Me.ID
	if old := checkIn(g, c.Seq); old != nil {
		c.Helper, c.Assumption, c.Heard, c.Period = old.Helper, old.Assumption, old.Heard, old.Period
	}
	trial := g.Goal
	if err := trial.Record(c); err != nil {
		return c, err
	}
	c.Suggested = trial.Suggest(s.Today())
	if trial.Metric == nil && trial.Done {
		c.Suggested = goal.OnTrack
	}
	if c.Status == goal.Unknown {
		c.Status = c.Suggested
	}
	if err := g.Record(c); err != nil {
		return c, err
	}
	if c.Seq == 0 {
		c.Seq = g.CheckIns
	}
	return *checkIn(g, c.Seq), nil
}

// heard brings the talk up to date with what was just told, and reports whether that changed it.
func (s *State) heard(t *Talk, g *Goal, c goal.CheckIn, d *Decision) bool {
	changed := false
	if t.wants(g.ID) {
		t.settle(g.ID, Outcome{Seq: c.Seq, By: c.By, At: c.At})
		t.Skipped, changed = false, true
	}
	if t.Missed > 0 {
		t.Missed, changed = 0, true
	}
	if t.Expect != nil && t.Expect.Goal == g.ID {
		t.Expect, changed = nil, true
	}
	if u := t.Unclear; u != nil && u.Goal == g.ID {
		if m := s.Message(unclearKey(u.Nonce)); m != nil {
			d.Post = append(d.Post, silenced(m))
		}
		t.Unclear, changed = nil, true
	}
	if changed && len(s.waiting(t)) == 0 {
		t.Snoozed = time.Time{}
	}
	return changed
}

// refresh brings the message whose control was used up to date, where nothing else has: a goal's card shows the
// new value, and a receipt no longer offers the goal that was next.
func (s *State) refresh(d *Decision, g *Goal) {
	m := s.Message(s.In.From)
	if m == nil || !s.own() || posted(d, m.Key) {
		return
	}
	switch m.Card.Kind {
	case "goal.card":
		d.Post = append(d.Post, s.reshow(m, s.goalCard(g)))
	case "checkin.saved", "checkin.same", "checkin.unclear", "checkin.nudge":
		d.Post = append(d.Post, m.showing(lessActions(m.Card, func(i card.Intent) bool {
			return i.Verb == "checkin.answer" || i.Verb == "checkin.pick" || i.Verb == "checkin.skip"
		})))
	}
}

func posted(d *Decision, key string) bool {
	return slices.ContainsFunc(d.Post, func(m *Message) bool { return m.Key == key })
}
