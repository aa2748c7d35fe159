package conversation

import (
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// The ways to put a question off.
const (
	inAnHour      = "hour"
	thisAfternoon = "afternoon"
	tomorrow      = "tomorrow"
)

const (
	afternoonHour = 14
	morningHour   = 9
)

// laterMenu offers when to be asked again, each only where it lies ahead.
func (s *State) laterMenu(t *Talk) []card.Choice {
	v := s.Voice()
	later := func(label, value string) card.Choice {
		return card.Choice{Label: v.Say(label),
			Intent: card.Intent{Verb: "checkin.snooze", Question: t.roundQuestion(), Value: value}}
	}
	menu := []card.Choice{later("checkin.later.hour", inAnHour)}
	now := s.Now.In(s.Me.Zone())
	if now.Hour() < afternoonHour {
		menu = append(menu, later("checkin.later.afternoon", thisAfternoon))
	}
	morning := "checkin.later.tomorrow"
	if goal.DateOf(now).DaysUntil(goal.DateOf(nextMorning(now))) > 1 {
		morning = "checkin.later.monday"
	}
	menu = append(menu, later(morning, tomorrow))
	return append(menu, card.Choice{Label: v.Say("button.skip-week"),
		Intent: card.Intent{Verb: "checkin.skip", Question: t.roundQuestion()}})
}

// nextMorning is the next working day at nine, in now's zone.
func nextMorning(now time.Time) time.Time {
	y, m, d := now.Date()
	day := time.Date(y, m, d+1, morningHour, 0, 0, 0, now.Location())
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// snoozedUntil is when to ask again; the afternoon, once it is there, is an hour away.
func snoozedUntil(how string, now time.Time) time.Time {
	y, m, d := now.Date()
	switch {
	case how == thisAfternoon && now.Hour() < afternoonHour:
		return time.Date(y, m, d, afternoonHour, 0, 0, 0, now.Location())
	case how == tomorrow:
		return nextMorning(now)
	}
	return now.Add(time.Hour)
}

// snooze puts the open question off.
func snooze(u Used) turn {
	return turn{needs: checkInNeeds(), decide: func(st *State) Decision {
		t := st.Talk(st.Me.ID)
		if len(st.waiting(t)) == 0 || u.Intent.Question != t.roundQuestion() || !t.Snoozed.IsZero() {
			return st.nothingOpen(t, u.Intent.Question)
		}
		t.Snoozed = snoozedUntil(u.Intent.Value, st.Now.In(st.Me.Zone()))
		d := Decision{
			Write:  []Record{t},
			Timers: []Timer{{st.In.Workspace, CheckInTimer, string(st.Me.ID), t.Snoozed}},
			Post:   st.reface(t),
			Retell: card.Intent{Verb: "checkin.show"},
		}
		st.sayUnlessShown(&d, func() card.Card {
			at := st.Voice().Moment(t.Snoozed, st.Now)
			return st.noticeWith("checkin.postponed", language.With{"moment": at})
		})
		return d
	}}
}

// sayUnlessShown answers in words where the message whose control was used does not show the change itself.
func (s *State) sayUnlessShown(d *Decision, c func() card.Card) {
	for _, m := range d.Post {
		if m.Key == s.In.From && s.own() {
			return
		}
	}
	d.Say = ptr(c())
}

// nothingOpen answers a control whose question is settled: with the prompt as it stands when it was pressed there
// a second time, else in words.
func (s *State) nothingOpen(t *Talk, question string) Decision {
	switch {
	case occurrenceOf(question) == t.Period && s.In.From == promptKey(t.Person, t.Period, t.Rounds):
		return Decision{Say: ptr(s.promptCard(t)), Replace: true}
	case t.Skipped:
		return say(s.notice("checkin.skipped", "checkin"))
	}
	return say(s.notice("checkin.nothing-open", "checkin", "list"))
}

// skipForm asks for a reason, which may stay away.
func skipForm(u Used) turn {
	return turn{needs: checkInNeeds(), decide: func(st *State) Decision {
		t := st.Talk(st.Me.ID)
		if len(st.waiting(t)) == 0 || occurrenceOf(u.Intent.Question) != t.Period {
			return st.nothingOpen(t, u.Intent.Question)
		}
		return say(st.skipCard(t, "", ""))
	}}
}

func (s *State) skipCard(t *Talk, reason, wrong string) card.Card {
	v := s.Voice()
	heading := v.Say("checkin.skip.title")
	return card.Card{Kind: "checkin.skip", Summary: heading, Form: &card.Form{
		Title: heading, Intent: card.Intent{Verb: "checkin.skipped", Question: t.roundQuestion()},
		Submit: v.Say("button.skip-week"), Cancel: v.Say("button.cancel"),
		Fields: []card.Field{{Name: "reason", Kind: card.Line, Label: v.Say("checkin.skip.reason"), Hint: v.Say("checkin.skip.hint"),
			Value: reason, Error: wrong, Max: card.MaxLine}},
	}}
}

// skipWeek settles all that is open without a check-in.
func skipWeek(u Used) turn {
	reason := goal.Clean(u.Values["reason"])
	return turn{needs: checkInNeeds(), decide: func(st *State) Decision {
		t := st.Talk(st.Me.ID)
		waiting := st.waiting(t)
		if len(waiting) == 0 || occurrenceOf(u.Intent.Question) != t.Period {
			return st.nothingOpen(t, u.Intent.Question)
		}
		if len([]rune(reason)) > card.MaxLine {
			wrong := st.Voice().Say("checkin.wrong.too-long", language.With{"max": card.MaxLine})
			return Decision{Say: ptr(st.skipCard(t, reason, wrong)), Replace: true}
		}
		t.Skipped, t.Reason, t.Snoozed, t.Expect = len(waiting) == len(t.Asked), reason, time.Time{}, nil
		for _, g := range waiting {
			t.settle(g.ID, Outcome{By: st.Me.ID, At: st.Now})
		}
		d := Decision{Write: []Record{t}, Post: st.reface(t), Retell: card.Intent{Verb: "checkin.show"}}
		st.sayUnlessShown(&d, func() card.Card { return st.notice("checkin.skipped", "checkin") })
		return d
	}}
}
