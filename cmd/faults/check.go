package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// ripe is how long after an occurrence everything about it has happened, reminders included.
const ripe = 5 * 24 * time.Hour

// check looks at everything that the platform received and everything that is kept.
func (s *sim) check() {
	st, err := s.readAll()
	if err != nil {
		s.fail("harness", "", "reading the state: %v", err)
		return
	}
	now := s.clock.High()
	for _, p := range s.everybody {
		s.checkPerson(st, p, now)
	}
	for _, r := range s.rooms {
		s.checkRoom(st, r, now)
	}
	for at, m := range st.messages {
		s.checkMessage(st, at, m, now)
	}
	s.checkShown(st)
	s.checkTitles(st)
	s.checkTimers(st, now)
	s.checkIndexes(st)
	for _, a := range s.aims {
		s.checkLog(st, a, lately)
	}
}

// checkAll is check with every log read to its beginning.
func (s *sim) checkAll() {
	s.check()
	st, err := s.readAll()
	if err != nil {
		s.fail("harness", "", "reading the state: %v", err)
		return
	}
	for _, a := range s.aims {
		s.checkLog(st, a, wholeLog)
	}
	for at, m := range st.messages {
		if d := m.Delivery; d.State == conversation.Waiting || d.State == conversation.Sending || d.State == conversation.Sent && d.Shown < m.Revision {
			s.fail("lost", at.String(), "it never came to an end: %+v", d)
		}
	}
}

// checkPerson holds every ripe occurrence against what came.
func (s *sim) checkPerson(st *state, p *person, now time.Time) {
	names, times := dueIn(p.zone, p.weekday, p.hour, maxTime(p.since, now.AddDate(0, 0, -21)), now.Add(-ripe))
	for i, name := range names {
		w := s.weekOf(p, name)
		if w.done || len(w.asked) == 0 {
			continue
		}
		w.done = true
		s.checkPrompt(st, p, name, w, times[i])
		s.checkNudge(st, p, name, w)
		s.checkWeekLog(p, name, w)
	}
	for name, w := range p.weeks {
		if now.Sub(w.due) > 35*24*time.Hour {
			delete(p.weeks, name)
		}
	}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// checkPrompt wants one question, and another for each time that it was put off.
func (s *sim) checkPrompt(st *state, p *person, name string, w *week, due time.Time) {
	if !w.due.Equal(due) {
		s.fail("harness", p.String(), "two readings of %s: %s and %s", name, w.due, due)
	}
	least, most := 1, 1+w.snoozes+w.maybe
	if w.snoozes > 0 {
		least = 2
	}
	s.report.expected("prompt", least)
	for round := 1; round <= most; round++ {
		key := fmt.Sprintf("checkin:%s:%s:%d", p.key, name, round)
		got := s.outcome(st, address{p.ws, key})
		s.report.came("prompt", got, round <= least)
		if round <= least && (got == missing || got == withdrawn && !w.touched) {
			s.fail("lost", p.String(), "no prompt %s, due at %s: %+v", key, due, st.messages[address{p.ws, key}])
		}
	}
	if got := len(w.prompts); got > most {
		s.fail("doubled", p.String(), "%d prompts in %s, want at most %d", got, name, most)
	}
}

// checkNudge wants one reminder for whoever said nothing, and none for whoever was heard in time.
func (s *sim) checkNudge(st *state, p *person, name string, w *week) {
	at := address{p.ws, "nudge:" + p.key + ":" + name}
	got := s.outcome(st, at)
	if w.habit == silent {
		s.report.expected("reminder", 1)
		s.report.came("reminder", got, true)
		if got == missing && s.outcome(st, address{p.ws, fmt.Sprintf("checkin:%s:%s:1", p.key, name)}) == sent {
			s.fail("lost", p.String(), "no reminder in %s", name)
		}
		return
	}
	s.report.came("reminder", got, false)
	if w.nudges > 1 {
		s.fail("doubled", p.String(), "%d reminders in %s", w.nudges, name)
	}
}

// checkWeekLog wants "nothing changed" once for every goal that it was said about.
func (s *sim) checkWeekLog(p *person, name string, w *week) {
	for _, a := range w.asked {
		log, err := s.own.CheckIns(s.ctx, p.ws, a.id, 12)
		if err != nil {
			s.fail("harness", p.String(), "reading the log: %v", err)
			return
		}
		same := 0
		for _, c := range log {
			if c.Same && c.Period == name {
				same++
			}
		}
		if same > 1 || w.same && same == 0 || same > 0 && w.habit != sameAsBefore {
			s.fail("lost", p.String(), "%d times 'nothing changed' about %s in %s, acknowledged %t", same, a.id, name, w.same)
		}
	}
}

// checkRoom wants one digest for every ripe occurrence.
func (s *sim) checkRoom(st *state, r *room, now time.Time) {
	names, times := dueIn(r.zone, r.weekday, r.hour, r.checked, now.Add(-ripe))
	for i, name := range names {
		at := address{r.ws, "digest:" + r.key + ":" + name}
		got := s.outcome(st, at)
		s.report.expected("digest", 1)
		s.report.came("digest", got, true)
		if got == missing || got == withdrawn {
			s.fail("lost", at.String(), "no digest, due at %s: %+v", times[i], st.messages[at])
		}
		if m := s.platform.look(at.ws, at.key); m != nil {
			if m.at.Before(times[i]) {
				s.fail("early", at.String(), "posted at %s, due at %s", m.at, times[i])
			}
			s.report.late(s, at.key, times[i], m.at)
		}
		r.checked = times[i]
	}
}

// outcome is what became of a wanted message.
type outcome int

const (
	missing outcome = iota
	sent
	uncertain
	failedForGood
	withdrawn // never posted, because nobody needed it any more
)

func (s *sim) outcome(st *state, at address) outcome {
	if m := st.messages[at]; m != nil {
		switch m.Delivery.State {
		case conversation.Uncertain:
			return uncertain
		case conversation.Failed:
			return failedForGood
		case conversation.Withdrawn:
			return withdrawn
		}
	}
	if s.platform.look(at.ws, at.key) != nil {
		return sent
	}
	return missing
}

// checkMessage holds one record against what the platform shows of it.
func (s *sim) checkMessage(st *state, at address, m *conversation.Message, now time.Time) {
	d, on := m.Delivery, s.platform.look(at.ws, at.key)
	switch {
	case d.State == conversation.Sending && now.Sub(d.Began) > dust/2:
		s.fail("stuck", at.String(), "sending since %s", d.Began)
	case d.State == conversation.Sent && on == nil:
		s.fail("lost", at.String(), "recorded as sent, and the platform never got it")
	case d.State == conversation.Sent && d.Ref != on.ref:
		s.fail("lost", at.String(), "recorded as %s, and the platform calls it %s", d.Ref, on.ref)
	case d.State == conversation.Sent && d.Shown >= m.Revision && on.hash != hashCard(m.Card):
		s.fail("wrong", at.String(), "the platform shows another card than revision %d", m.Revision)
	case d.State == conversation.Waiting && on != nil && on.arrived > 0 && !s.looksUp(at, m):
		s.fail("doubled", at.String(), "it arrived, and waits to be sent again")
	}
	waits := d.State == conversation.Waiting || d.State == conversation.Sending || d.State == conversation.Sent && d.Shown < m.Revision
	if waits && !st.armed(at.ws, m.TimerKind(), at.key) {
		s.fail("lost", at.String(), "it waits (%+v), and no timer looks at it", d)
	}
	if waits && now.Sub(maxTime(m.Created, d.Since)) > 4*24*time.Hour {
		s.fail("stuck", at.String(), "it waits since %s: %+v", m.Created, d)
	}
	if s.report.seen(at) {
		return
	}
	switch {
	case d.State == conversation.Uncertain:
		s.report.message(at, uncertain)
	case d.State == conversation.Failed:
		s.report.message(at, failedForGood)
	case d.State == conversation.Withdrawn:
		s.report.message(at, withdrawn)
	case on != nil:
		s.report.message(at, sent)
	}
}

// looksUp says that a waiting message was sent and will be found.
func (s *sim) looksUp(address, *conversation.Message) bool { return false }

// checkShown wants a record for everything that the platform got.
func (s *sim) checkShown(st *state) {
	s.platform.mu.Lock()
	defer s.platform.mu.Unlock()
	for at := range s.platform.shown {
		if st.messages[at] == nil && s.garbage[at.String()] == 0 {
			s.fail("wrong", at.String(), "the platform got a message that nobody wanted")
		}
	}
}

// checkTimers wants a timer for everything that must be looked at again, no later than it must be.
func (s *sim) checkTimers(st *state, now time.Time) {
	for _, p := range s.everybody {
		if len(p.goals) == 0 {
			continue
		}
		_, times := dueIn(p.zone, p.weekday, p.hour, now, now.AddDate(0, 0, 21))
		at, ok := st.timers[timer{p.ws, conversation.CheckInTimer, p.key}]
		if !ok || at.After(times[0].Add(leaseEnd)) {
			s.fail("lost", p.String(), "the next check-in is at %s, armed is %s (%t)", times[0], at, ok)
		}
	}
	for _, r := range s.rooms {
		_, times := dueIn(r.zone, r.weekday, r.hour, now, now.AddDate(0, 0, 21))
		at, ok := st.timers[timer{r.ws, conversation.DigestTimer, r.key}]
		if !ok || at.After(times[0].Add(leaseEnd)) {
			s.fail("lost", string(r.ws)+" "+r.key, "the next digest is at %s, armed is %s (%t)", times[0], at, ok)
		}
	}
}

// leaseEnd is how much later a timer may stand that somebody just held.
const leaseEnd = time.Minute

// checkIndexes wants every index to list what the documents say, and nothing else.
func (s *sim) checkIndexes(st *state) {
	for key, ids := range st.wanted {
		if !slices.Equal(ids, st.listed[key]) {
			s.fail("wrong", key, "the index lists %v, the documents say %v", st.listed[key], ids)
		}
	}
	for key, ids := range st.listed {
		if st.wanted[key] == nil && !strings.HasSuffix(key, ":workspaces") {
			s.fail("wrong", key, "the index lists %v, no document says so", ids)
		}
	}
}

// How much of a log is read: all that it keeps, or more than anybody adds in two weeks.
const wholeLog, lately = 2000, 30

// checkLog wants the newest entries of a goal's log numbered without a gap, and each from an act that somebody did.
func (s *sim) checkLog(st *state, a *aim, most int) {
	about := string(a.owner.ws) + " " + string(a.id)
	g := st.goals[address{a.owner.ws, string(a.id)}]
	log, err := s.own.CheckIns(s.ctx, a.owner.ws, a.id, most)
	if err != nil || g == nil {
		s.fail("lost", about, "reading it: %v, %v", g, err)
		return
	}
	if want := min(g.CheckIns, most); len(log) != want {
		s.fail("lost", about, "%d entries in the log, want %d", len(log), want)
	}
	for i, c := range log {
		if c.Seq != g.CheckIns-i {
			s.fail("lost", about, "entry %d has the number %d", g.CheckIns-i, c.Seq)
		}
	}
	s.checkSlots(a, log, most)
}

// valueOf is what a check-in tells; empty where it tells that nothing changed.
func valueOf(c goal.CheckIn) string {
	if c.Same || c.Value == nil {
		return ""
	}
	return c.Value.String()
}

// checkSlots wants each acknowledged answer in the log once, with its value, and no other twice.
func (s *sim) checkSlots(a *aim, log []goal.CheckIn, most int) {
	about := string(a.owner.ws) + " " + string(a.id)
	found := map[*slot]int{}
	for _, c := range log {
		if value := valueOf(c); value != "" {
			one := a.find(value)
			if found[one]++; one == nil {
				s.fail("wrong", about, "check-in %d says %s, which nobody said", c.Seq, value)
			}
		}
	}
	for _, one := range a.slots[max(0, len(a.slots)-most/2):] {
		switch n := found[one]; {
		case n > 1:
			s.fail("doubled", about, "the answer %s is in the log %d times", strings.Join(one.values, " or "), n)
		case n == 0 && one.must:
			s.fail("lost", about, "the acknowledged answer %s is not in the log", strings.Join(one.values, " or "))
		}
	}
}

// checkTitles wants each goal once: a double click makes one.
func (s *sim) checkTitles(st *state) {
	seen := map[string]string{}
	for at, g := range st.goals {
		title := string(at.ws) + " " + g.Title
		if other := seen[title]; other != "" {
			s.fail("doubled", title, "made twice: %s and %s", other, at.key)
		}
		seen[title] = at.key
	}
	for _, a := range s.aims {
		if st.goals[address{a.owner.ws, string(a.id)}] == nil {
			s.fail("lost", string(a.owner.ws)+" "+string(a.id), "an acknowledged goal is gone")
		}
	}
}
