package conversation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// change edits a record as the people who own it would.
func change[T conversation.Record](w *world, kind conversation.Kind, id string, edit func(T)) {
	w.t.Helper()
	shelf, err := w.store.Read(w.t.Context(), workspace, conversation.Ref{Kind: kind, ID: id})
	if err != nil {
		w.t.Fatal(err)
	}
	record := conversation.Take[T](shelf, kind, id)
	edit(record)
	err = w.store.Commit(w.t.Context(), workspace, conversation.Commit{Now: w.now, Read: shelf, Write: []conversation.Record{record}})
	if err != nil {
		w.t.Fatal(err)
	}
}

// choose sets a person's day and hour as their settings do, and looks at them at once.
func (w *world) choose(p goal.PersonID, day time.Weekday, hour string) {
	w.t.Helper()
	change(w, conversation.PersonKind, string(p), func(me *conversation.Person) {
		me.Chosen.Weekday, me.Chosen.Hour, me.Chosen.Since = &day, hour, w.now
	})
	w.look(p)
}

// look has the person's timer ring now.
func (w *world) look(p goal.PersonID) {
	w.t.Helper()
	err := w.store.Arm(w.t.Context(), conversation.Timer{Workspace: workspace, Kind: conversation.CheckInTimer, Subject: string(p), At: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
	w.flush()
}

// sentAt lets time pass to a moment and lists when the messages whose keys begin so were sent, in a person's zone.
func (w *world) sentAt(p goal.PersonID, prefix string, until time.Time) []string {
	w.t.Helper()
	w.until(until)
	w.flush()
	var all []string
	for _, key := range w.keys(prefix) {
		all = append(all, w.message(key).Created.In(w.zone(p)).Format("Mon 2006-01-02 15:04"))
	}
	return all
}

func TestEverybodyIsAskedAtTheirOwnHour(t *testing.T) {
	w := newWorld(t)
	for _, p := range []goal.PersonID{linh, alex, sam} {
		w.plant(p, integrations)
	}
	until := w.now.AddDate(0, 0, 8)
	for _, p := range []goal.PersonID{linh, alex, sam} {
		got := w.sentAt(p, "checkin:"+string(p), until)
		if want := []string{"Mon 2026-11-30 09:00"}; !slices.Equal(got, want) {
			t.Errorf("%s was asked %q, want %q", p, got, want)
		}
	}
}

func TestPromptsWhereClocksChange(t *testing.T) {
	tests := map[string]struct {
		who         goal.PersonID
		start, end  string
		day         time.Weekday
		hour        string
		want        []string
		wantInstant string
	}{
		"spring forward, hour does not exist": {alex, "2026-03-04 12:00", "2026-03-14 12:00", time.Sunday, "02:30",
			[]string{"Sun 2026-03-08 03:00"}, "2026-03-08T07:00:00Z"},
		"fall back, hour exists twice": {alex, "2026-10-28 12:00", "2026-11-07 12:00", time.Sunday, "01:30",
			[]string{"Sun 2026-11-01 01:30"}, "2026-11-01T05:30:00Z"},
		"nine o'clock on both sides of the change": {sam, "2026-10-21 12:00", "2026-11-03 12:00", time.Monday, "09:00",
			[]string{"Mon 2026-10-26 09:00", "Mon 2026-11-02 09:00"}, "2026-10-26T09:00:00Z"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.now = w.at(tt.who, tt.start)
			w.plant(tt.who, integrations)
			w.choose(tt.who, tt.day, tt.hour)
			got := w.sentAt(tt.who, "checkin:", w.at(tt.who, tt.end))
			if !slices.Equal(got, tt.want) {
				t.Errorf("asked %q, want %q", got, tt.want)
			}
			if first := w.message(w.keys("checkin:")[0]).Created.UTC().Format(time.RFC3339); first != tt.wantInstant {
				t.Errorf("asked at %s, want %s", first, tt.wantInstant)
			}
		})
	}
}

func TestReminders(t *testing.T) {
	tests := map[string]struct {
		day  time.Weekday
		hour string
		want []string
	}{
		"a day later":                    {time.Monday, "09:00", []string{"Tue 2026-12-01 09:00"}},
		"not before eight":               {time.Monday, "06:00", []string{"Tue 2026-12-01 08:00"}},
		"not after seven in the evening": {time.Monday, "19:00", []string{"Wed 2026-12-02 08:00"}},
		"last quiet minute":              {time.Monday, "18:59", []string{"Tue 2026-12-01 18:59"}},
		"not at the weekend":             {time.Friday, "09:00", []string{"Mon 2026-11-30 08:00"}},
		"not on Saturday night":          {time.Thursday, "20:00", []string{"Mon 2026-11-30 08:00"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.plant(linh, integrations)
			w.choose(linh, tt.day, tt.hour)
			if got := w.sentAt(linh, "nudge:", w.at(linh, "2026-12-03 05:00")); !slices.Equal(got, tt.want) {
				t.Errorf("reminded %q, want %q", got, tt.want)
			}
		})
	}
}

func TestReminderSaysWhyAndComesOnceAndOnlyToTheSilent(t *testing.T) {
	w, _ := asked(t, integrations, cac)
	w.until(w.at(linh, "2026-12-06 09:00"))
	if n := len(w.keys("nudge:")); n != 1 {
		t.Fatalf("%d reminders", n)
	}
	w.wants(&w.last("nudge:").Card, "and 1 more have no news since Monday. A number is enough.", "Sent once", "[Answer][Skip this week]")

	w, _ = asked(t, integrations, cac)
	w.says(linh, "210")
	w.until(w.at(linh, "2026-12-06 09:00"))
	if n := len(w.keys("nudge:")); n != 0 {
		t.Errorf("%d reminders to somebody who has answered", n)
	}
}

func TestAfterDowntimeOnlyTheNewestQuestionComesWithItsReason(t *testing.T) {
	tests := map[string]struct {
		back string
		keys []string
		says []string
	}{
		"on time enough": {"2026-11-30 09:40", []string{"checkin:U1:2026-W49:1"}, nil},
		"the same day":   {"2026-11-30 15:00", []string{"checkin:U1:2026-W49:1"}, []string{"I was away this morning, so this comes late; answering until Sunday counts"}},
		"days later":     {"2026-12-03 11:00", []string{"checkin:U1:2026-W49:1"}, []string{"I was away on Monday, so this comes late"}},
		"weeks later":    {"2026-12-16 11:00", []string{"checkin:U1:2026-W51:1"}, []string{"I was away on Monday"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.plant(linh, integrations)
			w.sleep(w.at(linh, tt.back))
			w.restart()
			w.flush()
			if got := w.keys("checkin:"); !slices.Equal(got, tt.keys) {
				t.Fatalf("asked %q, want %q", got, tt.keys)
			}
			prompt := w.last("checkin:")
			w.wants(&prompt.Card, tt.says...)
			if tt.says == nil && strings.Contains(show(&prompt.Card), "away") {
				t.Error("it says that it is late")
			}
		})
	}
}

func TestAnotherDayOrHourNeverAsksTwiceInAWeek(t *testing.T) {
	w, _ := asked(t, integrations)
	w.says(linh, "1")
	w.choose(linh, time.Friday, "10:00")
	got := w.sentAt(linh, "checkin:", w.at(linh, "2026-12-12 09:00"))
	want := []string{"Mon 2026-11-30 09:00", "Fri 2026-12-11 10:00"}
	if !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

func TestAnEarlierDayIsNotMissedInTheWeekOfItsChoice(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, integrations)
	w.choose(linh, time.Friday, "10:00")
	w.until(w.at(linh, "2026-12-02 12:00"))
	w.choose(linh, time.Tuesday, "10:00")
	got := w.sentAt(linh, "checkin:", w.at(linh, "2026-12-09 12:00"))
	if want := []string{"Fri 2026-11-27 10:00", "Tue 2026-12-08 10:00"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

func TestLaterAsksAgain(t *testing.T) {
	tests := map[string]struct{ hour, label, want string }{
		"in an hour":     {"09:00", "In an hour", "Mon 2026-11-30 10:00"},
		"this afternoon": {"09:00", "This afternoon at 14:00", "Mon 2026-11-30 14:00"},
		"tomorrow":       {"09:00", "Tomorrow morning", "Tue 2026-12-01 09:00"},
		"late in a day":  {"16:00", "Tomorrow morning", "Tue 2026-12-01 09:00"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.plant(linh, integrations)
			w.choose(linh, time.Monday, tt.hour)
			w.until(w.at(linh, "2026-11-30 "+tt.hour))
			w.flush()
			prompt := w.last("checkin:")
			later := w.intent(&prompt.Card, tt.label)
			w.wants(w.press(linh, prompt.Key, later).Card, "Put off until")
			w.press(linh, prompt.Key, later) // a double click
			got := w.sentAt(linh, "checkin:", w.at(linh, "2026-12-02 08:00"))
			if len(got) != 2 || got[1] != tt.want {
				t.Fatalf("asked %q, want again %q", got, tt.want)
			}
			w.wants(&w.message(prompt.Key).Card, "A newer question stands further down.")
			second := w.last("checkin:")
			w.press(linh, second.Key, w.intent(&second.Card, "In an hour"))
			if n := len(w.sentAt(linh, "checkin:", w.now.Add(time.Hour))); n != 3 {
				t.Errorf("the second postponing led to %d prompts", n)
			}
		})
	}
}

func TestTheAfternoonIsOfferedWhileItIsAhead(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, integrations)
	w.choose(linh, time.Friday, "14:00")
	w.until(w.at(linh, "2026-11-27 14:00"))
	w.flush()
	text := show(&w.last("checkin:").Card)
	if strings.Contains(text, "afternoon at") || !strings.Contains(text, "(Monday morning)") {
		t.Errorf("on Friday at 14:00:\n%s", text)
	}
}

func TestSkippingAWeek(t *testing.T) {
	w, prompt := asked(t, integrations, cac)
	form := w.press(linh, prompt.Key, w.intent(&prompt.Card, "Skip this week"))
	w.wants(form.Card, "Why? (optional)")
	w.submit(linh, prompt.Key, form.Card.Form, map[string]string{"reason": "launch week"})
	w.wants(&w.message(prompt.Key).Card, "Skipped for this week, Linh.", "skipped this week")
	if talk := w.talk(linh); !talk.Skipped || talk.Reason != "launch week" {
		t.Errorf("talk %+v", talk)
	}
	w.until(w.at(linh, "2026-12-06 09:00"))
	if keys := slices.Concat(w.keys("nudge:"), w.keys("checkin:")); len(keys) != 1 {
		t.Errorf("asked %q although skipped", keys)
	}
	w.says(linh, "G-2 210")
	if c := w.goal("G-2").Last(); c.Period != "2026-W49" {
		t.Errorf("an answer in a skipped week counts for %q", c.Period)
	}
}

func TestLongerCadencesJoinEveryNthWeek(t *testing.T) {
	w := newWorld(t)
	id := w.plant(linh, integrations)
	change(w, conversation.GoalKind, string(id), func(g *conversation.Goal) { g.Cadence = goal.Biweekly })
	got := w.sentAt(linh, "checkin:", w.at(linh, "2027-01-11 12:00"))
	want := []string{"Mon 2026-12-07 09:00", "Mon 2026-12-21 09:00", "Mon 2027-01-04 09:00"}
	if !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

func TestWhoHasJustToldIsNotAsked(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, integrations)
	w.plant(linh, cac)
	w.until(w.at(linh, "2026-11-28 10:00"))
	w.says(linh, "G-1 1")
	w.until(w.at(linh, "2026-11-30 09:00"))
	w.flush()
	prompt := w.last("checkin:")
	w.wants(&prompt.Card, "One goal", "G-2 Cut CAC")
	if strings.Contains(show(&prompt.Card), "G-1") {
		t.Error("it asks about what was told two days ago")
	}
}

func TestCheckingInEarlySettlesTheWeek(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, integrations)
	w.plant(linh, cac)
	w.until(w.at(linh, "2026-11-29 20:00"))
	w.says(linh, "/goal checkin")
	prompt := w.last("checkin:U1:2026-W48:1")
	w.wants(&prompt.Card, "Hello, Linh. Two goals", "[Answer]")
	w.says(linh, "210")
	w.says(linh, "1")
	w.wants(&w.message(prompt.Key).Card, "All answered")
	w.until(w.at(linh, "2026-12-05 09:00"))
	if keys := w.keys("checkin:"); len(keys) != 1 {
		t.Errorf("asked again: %q", keys)
	}
	w.until(w.at(linh, "2026-12-07 09:00"))
	w.flush()
	w.wants(&w.last("checkin:U1:2026-W50:1").Card, "Morning, Linh. Two goals")
}

func TestTwoSilentPeriodsAreToldToThePersonFirst(t *testing.T) {
	w, _ := asked(t, integrations)
	w.until(w.at(linh, "2026-12-07 09:00"))
	w.flush()
	if strings.Contains(show(&w.last("checkin:").Card), "went by") {
		t.Error("told after one period")
	}
	old := w.message("checkin:U1:2026-W49:1")
	if len(old.Card.Actions) > 0 {
		t.Error("last week's question keeps its buttons")
	}
	w.until(w.at(linh, "2026-12-14 09:00"))
	w.flush()
	w.wants(&w.last("checkin:").Card, "2 check-ins in a row went by without an answer", "/goal settings")
	w.says(linh, "2")
	w.until(w.at(linh, "2026-12-21 09:00"))
	w.flush()
	if strings.Contains(show(&w.last("checkin:").Card), "went by") {
		t.Error("told although there was an answer")
	}
}

func TestNobodyIsAskedWithoutOpenGoals(t *testing.T) {
	w, _ := asked(t, integrations)
	w.says(linh, "2")
	change(w, conversation.GoalKind, "G-1", func(g *conversation.Goal) { g.Closed = &goal.Closing{At: w.now, By: linh} })
	w.until(w.now.AddDate(0, 1, 0))
	if keys := w.keys("checkin:"); len(keys) != 1 {
		t.Errorf("asked %q", keys)
	}
	w.says(linh, "/goal checkin")
	w.wants(&w.last("answer:").Card, "no open goals yet")
}

func TestWhatIsDoneIsNotAskedAbout(t *testing.T) {
	w, _ := asked(t, handbook)
	w.says(linh, "xong rồi")
	w.wants(&w.last("receipt:").Card, "Saved. G-1 Write the handbook: done.", "on track", "[Close goal]")
	w.until(w.at(linh, "2026-12-20 09:00"))
	if keys := w.keys("checkin:"); len(keys) != 1 {
		t.Errorf("asked %q", keys)
	}
	w.says(linh, "G-1 not done")
	w.until(w.at(linh, "2026-12-28 09:00"))
	w.flush()
	w.wants(&w.last("checkin:U1:2026-W53:1").Card, "G-1 Write the handbook | not done yet")
}

func TestAnswersCountUntilTheNextQuestionEvenIfTheDayWasMoved(t *testing.T) {
	w, prompt := asked(t, integrations)
	w.choose(linh, time.Friday, "10:00")
	w.until(w.at(linh, "2026-12-05 12:00"))
	form := w.press(linh, prompt.Key, w.intent(&prompt.Card, "Answer"))
	if q := form.Card.Form.Intent.Question; q != "2026-W49" {
		t.Errorf("the form answers %q", q)
	}
	w.submit(linh, prompt.Key, form.Card.Form, map[string]string{"value": "2"})
	if c := w.goal("G-1").Last(); c.Period != "2026-W49" {
		t.Errorf("it counts for %q", c.Period)
	}
}
