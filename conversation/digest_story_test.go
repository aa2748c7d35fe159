package conversation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

var inGrowth = conversation.Place{ID: growth, Kind: conversation.PublicChannel, Name: "growth"}

// types is a command typed in the channel, answered for its asker alone.
func (w *world) types(p goal.PersonID, text string) *card.Card {
	w.t.Helper()
	return w.handle(conversation.Input{Actor: p, Place: inGrowth, Inline: true, Act: conversation.Command{Text: text}}).Card
}

// uses is a control pressed or submitted in the channel.
func (w *world) uses(p goal.PersonID, from string, u conversation.Used) *card.Card {
	w.t.Helper()
	return w.handle(conversation.Input{Actor: p, Place: inGrowth, Inline: true, From: from, Act: u}).Card
}

// turnOn turns the channel's digest on as it is offered.
func (w *world) turnOn(p goal.PersonID) *card.Card {
	w.t.Helper()
	return w.uses(p, "", conversation.Used{Intent: w.intent(w.types(p, "digest"), "Turn on digest")})
}

// plan changes the channel's digest by its form.
func (w *world) plan(p goal.PersonID, values map[string]string) *card.Card {
	w.t.Helper()
	form := w.uses(p, "", conversation.Used{Intent: card.Intent{Verb: "digest.plan", Subject: string(growth)}})
	in := w.submission(p, "", form.Form, values)
	in.Place = inGrowth
	return w.handle(in).Card
}

// digests are the tops of the digests that were sent.
func (w *world) digests() []*conversation.Message {
	var tops []*conversation.Message
	for _, key := range w.keys("digest:") {
		if m := w.message(key); m.To.Under == "" {
			tops = append(tops, m)
		}
	}
	return tops
}

// bears fails when the card goes beyond what renderers rely on.
func (w *world) bears(c *card.Card) {
	w.t.Helper()
	rows := 0
	for _, b := range c.Body {
		rows += len(b.Rows)
	}
	if len(c.Actions) > card.MaxActions || rows > card.MaxRows {
		w.t.Errorf("%s has %d actions and %d rows", c.Kind, len(c.Actions), rows)
	}
	if c.Form != nil {
		for _, f := range c.Form.Fields {
			if len(f.Options) > card.MaxOptions {
				w.t.Errorf("field %s has %d options", f.Name, len(f.Options))
			}
		}
	}
}

// lacks fails when the card says any of it.
func (w *world) lacks(c *card.Card, parts ...string) {
	w.t.Helper()
	for _, part := range parts {
		if strings.Contains(show(c), part) {
			w.t.Errorf("%q has no place in:\n%s", part, show(c))
		}
	}
}

func TestADigestFromOfferToThread(t *testing.T) {
	w := newWorld(t)
	first := w.plant(linh, map[string]string{"title": "Cut CAC", "from": "$250", "to": "$150", "due": "2026-12-31"})
	offered := w.last("answer:")
	w.wants(&offered.Card, "A weekly digest can tell #growth", "Tuesday at 10:00", "[Turn on digest]")
	w.bears(&offered.Card)
	second := w.plant(sam, map[string]string{"title": "Three integrations", "from": "0", "to": "3 integrations", "parent": string(first)})
	w.lacks(&w.last("answer:").Card, "Turn on digest") // offered once

	preview := w.types(linh, "digest")
	w.wants(preview, "#growth · week 48 · 2 goals", "G-1 Cut CAC", "Off. Turned on, it would come every Tuesday at 10:00, Vietnam time, in English")
	w.wants(w.turnOn(linh), "#growth gets its digest", "Next digest Tue 1 Dec, 10:00", "[Change]", "[Turn off]")

	w.until(w.at(linh, "2026-11-30 10:00"))
	w.says(linh, string(first)+" 210, 4/10, waiting for legal")
	w.until(w.at(linh, "2026-12-01 09:59"))
	if len(w.digests()) != 0 {
		t.Error("the digest came too early")
	}
	w.until(w.at(linh, "2026-12-01 10:00"))
	if len(w.digests()) != 1 {
		t.Fatalf("sent: %q", w.sent)
	}
	top := w.digests()[0]
	w.bears(&top.Card)
	w.wants(&top.Card, "#growth · week 49 · 2 goals", "Needs you", "$250 → $210, target $150", "Linh asks for help: “waiting for legal” [I can help]",
		"Nothing here leads up to a vision", "[Link G-1]", "Details in the thread.")
	if top.To != (conversation.Address{Channel: growth}) || top.Language != "en" {
		t.Errorf("it goes to %+v in %s", top.To, top.Language)
	}
	part := w.message(top.Key + ":1")
	if part == nil || part.To.Under != top.Key || part.To.Channel != growth {
		t.Fatalf("the thread is %+v", part)
	}
	w.wants(&part.Card, "G-2 Three integrations", "due after the goal it serves")
	_ = second

	w.until(w.at(linh, "2026-12-08 09:59"))
	if n := len(w.digests()); n != 1 {
		t.Errorf("%d digests in one week", n)
	}
	w.until(w.at(linh, "2026-12-08 10:00"))
	if n := len(w.digests()); n != 2 {
		t.Errorf("%d digests after two weeks", n)
	}
}

func TestAnotherLookPostsNothing(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, map[string]string{"title": "Cut CAC"})
	w.turnOn(linh)
	w.until(w.at(linh, "2026-12-01 10:00"))
	sent := len(w.sent)
	for range 3 {
		if err := w.due(conversation.Timer{Workspace: workspace, Kind: conversation.DigestTimer, Subject: string(growth)}).Err; err != nil {
			t.Fatal(err)
		}
	}
	w.flush()
	if len(w.sent) != sent {
		t.Errorf("sent again: %q", w.sent[sent:])
	}
	if r := w.digests()[0].Revision; r != 1 {
		t.Errorf("the digest was edited to revision %d though nothing changed", r)
	}
}

func TestAnotherPlanAsksForAnotherMoment(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, map[string]string{"title": "Cut CAC", "from": "$250", "to": "$150"})
	w.turnOn(linh)
	w.until(w.at(linh, "2026-12-01 11:00"))
	saved := w.plan(linh, map[string]string{"weekday": "5", "hour": "14:30", "zone": "Europe/London", "language": "vi"})
	w.wants(saved, "Every Friday at 14:30, London time, in Vietnamese", "Next digest Fri 4 Dec, 21:30")
	w.until(w.at(sam, "2026-12-11 14:29"))
	if n := len(w.digests()); n != 1 {
		t.Errorf("%d digests: the same week came twice", n)
	}
	w.until(w.at(sam, "2026-12-11 14:30"))
	if n := len(w.digests()); n != 2 {
		t.Fatalf("%d digests", n)
	}
	last := w.digests()[1]
	if last.Language != "vi" {
		t.Errorf("it is in %s", last.Language)
	}
	w.wants(&last.Card, "Tuần này #growth chưa có gì mới")
}

func TestADigestThatWasSwitchedOffStaysAway(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, map[string]string{"title": "Cut CAC"})
	card := w.turnOn(linh)
	off := w.uses(linh, "", conversation.Used{Intent: w.intent(card, "Turn off")})
	w.wants(off, "The digest of #growth is off", "[Turn on digest]")
	w.until(w.at(linh, "2026-12-15 10:00"))
	if len(w.digests()) != 0 {
		t.Error("it was posted")
	}
}

func TestADigestAfterDowntimeComesOnceAndSaysWhy(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, map[string]string{"title": "Cut CAC"})
	w.turnOn(linh)
	w.sleep(w.at(linh, "2026-12-17 15:00")) // three Tuesdays later
	w.flush()
	if n := len(w.digests()); n != 1 {
		t.Fatalf("%d digests after the downtime", n)
	}
	w.wants(&w.digests()[0].Card, "This comes late: it was due Tue 15 Dec, 10:00")
	w.until(w.at(linh, "2026-12-22 10:00"))
	if n := len(w.digests()); n != 2 {
		t.Errorf("%d digests a week later", n)
	}
	w.lacks(&w.digests()[1].Card, "late")
}

func TestADigestComesOnceWhereClocksChange(t *testing.T) {
	w := newWorld(t)
	w.now = time.Date(2026, 10, 28, 12, 0, 0, 0, time.UTC)
	w.plant(alex, map[string]string{"title": "Cut CAC", "due": "2027-12-31"})
	w.plan(alex, map[string]string{"on": "yes", "weekday": "0", "hour": "01:30", "zone": "America/New_York"})
	w.until(w.at(alex, "2026-11-01 23:00")) // 1:30 came twice
	if n := len(w.digests()); n != 1 {
		t.Errorf("%d digests on the day with two half past ones", n)
	}
	w.plan(alex, map[string]string{"hour": "02:30"})
	w.sleep(w.at(alex, "2027-03-13 12:00"))
	w.flush()
	before := len(w.digests())
	w.until(w.at(alex, "2027-03-14 23:00")) // 2:30 did not come at all
	if n := len(w.digests()); n != before+1 {
		t.Errorf("%d digests on the day without half past two", n-before)
	}
}

func TestANothingWeekIsOneLineAndAnEmptyChannelSilent(t *testing.T) {
	w := newWorld(t)
	w.wants(w.turnOn(linh), "#growth gets its digest")
	w.until(w.at(linh, "2026-12-01 10:00"))
	if n := len(w.digests()); n != 0 {
		t.Errorf("a channel without goals got %q", w.sent)
	}
	w.plant(linh, map[string]string{"title": "Cut CAC", "from": "$250", "to": "$150"})
	w.until(w.at(linh, "2026-12-15 10:00"))
	last := w.digests()[1]
	if len(last.Card.Body) != 1 || w.message(last.Key+":1") != nil {
		t.Errorf("nothing moved, yet:\n%s", show(&last.Card))
	}
	w.wants(&last.Card, "Nothing moved in #growth this week; next check-ins Monday.")
}

func TestPrivateGoalsAreNotToldOf(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, map[string]string{"title": "Cut CAC"})
	secret := w.plant(linh, map[string]string{"title": "Quietly replace the agency"})
	form := w.uses(linh, "", conversation.Used{Intent: card.Intent{Verb: "goal.edit", Subject: string(secret)}})
	w.submit(linh, "", form.Form, map[string]string{"visibility": "private"})
	w.lacks(w.types(linh, "digest"), string(secret), "agency", "2 goals")
	w.turnOn(linh)
	w.until(w.at(linh, "2026-12-01 10:00"))
	for _, key := range w.keys("digest:") {
		w.lacks(&w.message(key).Card, string(secret), "agency", "2 goals")
	}
}

// Five hundred goals stay within what every platform shows, and what is left out is counted.
func TestFiveHundredGoalsFit(t *testing.T) {
	for _, n := range []int{1, 7, 500} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			w := newWorld(t)
			w.seed(n)
			w.turnOn(linh)
			w.until(w.at(linh, "2026-12-01 10:00"))
			top := w.digests()[0]
			w.bears(&top.Card)
			rows := 0
			for _, b := range top.Card.Body {
				rows += len(b.Rows)
			}
			if rows > 13 || len(top.Card.Body) > 14 {
				t.Errorf("the top has %d rows in %d blocks", rows, len(top.Card.Body))
			}
			all := 0
			for _, key := range w.keys(top.Key + ":") {
				part := w.message(key).Card
				w.bears(&part)
				for _, b := range part.Body {
					all += len(b.Rows)
				}
			}
			if want := min(n, 300); n > 1 && all != want {
				t.Errorf("the thread has %d lines, want %d", all, want)
			}
			if n == 500 {
				w.wants(&w.message(top.Key+":15").Card, "(15/15)", "And 200 lines more; /goal list")
			}
		})
	}
}

// seed puts goals straight into the records, half of them at risk.
func (w *world) seed(n int) {
	w.t.Helper()
	tree := &conversation.Tree{Next: n + 1}
	write := []conversation.Record{tree}
	for i := range n {
		g := &conversation.Goal{Goal: goal.Goal{
			ID: goal.NewID(i + 1), Title: fmt.Sprint("Goal number ", i+1), Owner: linh, Creator: linh, Acceptance: goal.Accepted,
			Kind: goal.Plain, Horizon: goal.ShortTerm, Cadence: goal.Quarterly, Visibility: goal.Shared, Channel: growth,
			Created: w.now.AddDate(0, 0, -20), Start: goal.DateOf(w.now), Due: goal.DateOf(w.now).AddDays(200),
		}}
		status := goal.OnTrack
		if i%2 == 0 {
			status = goal.AtRisk
		}
		if err := g.Record(goal.CheckIn{At: w.now.AddDate(0, 0, -1), By: linh, Status: status, Change: "as planned"}); err != nil {
			w.t.Fatal(err)
		}
		write = append(write, g)
	}
	if err := w.store.Commit(w.t.Context(), workspace, conversation.Commit{Now: w.now, Read: conversation.NewShelf(), Write: write}); err != nil {
		w.t.Fatal(err)
	}
}

func TestTitlesAreToldAsTheyWereTyped(t *testing.T) {
	for _, title := range []string{"<!channel> now", "*bold* _it_ `code`", "%s %d {goal}", "<at>Linh</at>", "שלום CAC", "👩‍🚀 to the moon", "<script>alert(1)</script>"} {
		w := newWorld(t)
		w.plant(linh, map[string]string{"title": title})
		w.turnOn(linh)
		w.until(w.at(linh, "2026-12-01 10:00"))
		w.wants(&w.digests()[0].Card, "G-1 "+title)
	}
}

func TestWhoMaySeeAndSetADigest(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, map[string]string{"title": "Cut CAC"})
	w.turnOn(linh)
	w.wants(w.types(alex, "digest"), "Linh looks after this digest")
	w.lacks(w.types(alex, "digest"), "[Change]", "[Turn off]")
	refused := w.uses(alex, "", conversation.Used{Intent: card.Intent{Verb: "digest.off", Subject: string(growth)}})
	w.wants(refused, "Linh looks after this digest")
	if !take[*conversation.Channel](w, conversation.ChannelKind, string(growth)).Digest.On {
		t.Error("somebody else turned it off")
	}
	w.dir.people[alex] = conversation.Profile{Name: "Alex Rivera", Zone: "America/New_York", Guest: true}
	w.now = w.now.Add(7 * time.Hour) // the platform is asked again
	w.wants(w.types(alex, "digest"), "Guests can read the digest")
	w.says(alex, "digest")
	w.wants(&w.last("answer:").Card, "A digest belongs to a channel")
}

func (w *world) badPlan() map[string]string {
	return map[string]string{"weekday": "9", "hour": "25:00", "zone": "Mars/Base", "language": "xx", "on": "maybe"}
}

func TestAPlanThatMakesNoSenseComesBack(t *testing.T) {
	w := newWorld(t)
	c := w.plan(linh, w.badPlan())
	if c.Form == nil {
		t.Fatalf("it was taken: %s", show(c))
	}
	for _, f := range c.Form.Fields {
		if f.Error != "Choose one from the list." || f.Value != w.badPlan()[f.Name] {
			t.Errorf("%s = %q: %q", f.Name, f.Value, f.Error)
		}
	}
	w.bears(c)
}

func TestABotThatIsNotThereSaysHowToInviteIt(t *testing.T) {
	w := newWorld(t)
	w.dir.rooms[growth] = conversation.Room{Name: "growth"}
	w.plant(linh, map[string]string{"title": "Cut CAC"})
	w.wants(w.types(linh, "digest"), "I am not in #growth yet", "/invite @Goalkeeper")
	w.turnOn(linh)
	w.until(w.at(linh, "2026-12-08 11:00"))
	if n := len(w.keys("digest:")); n != 0 {
		t.Errorf("%d messages went to where nobody can post", n)
	}
	if n := len(w.keys("digest-absent:")); n != 1 {
		t.Errorf("told %d times that the digest waits", n)
	}
	w.dir.rooms[growth] = conversation.Room{Name: "growth", Present: true}
	w.handle(conversation.Input{Actor: linh, Place: inGrowth, Act: conversation.Added{}})
	w.until(w.now.Add(time.Minute))
	if n := len(w.digests()); n != 1 {
		t.Errorf("%d digests once invited", n)
	}
	w.handle(conversation.Input{Place: inGrowth, Act: conversation.Removed{}})
	if take[*conversation.Channel](w, conversation.ChannelKind, string(growth)).Room.Present {
		t.Error("it does not know that it was taken out")
	}
}

// blocked is a world with a posted digest in which Linh asks for help.
func blocked(t *testing.T) (w *world, top *conversation.Message) {
	w = newWorld(t)
	w.plant(linh, map[string]string{"title": "Cut CAC", "from": "$250", "to": "$150"})
	w.turnOn(linh)
	w.until(w.at(linh, "2026-11-30 10:00"))
	w.says(linh, "210, waiting for legal")
	w.until(w.at(linh, "2026-12-01 10:00"))
	return w, w.digests()[0]
}

func TestSomebodyHelps(t *testing.T) {
	w, top := blocked(t)
	help := helpButton(t, top)
	for range 2 {
		answer := w.uses(sam, top.Key, conversation.Used{Intent: help})
		w.wants(answer, "Linh knows that you can help with G-1 Cut CAC", "waiting for legal")
	}
	told := w.keys("helps:")
	if len(told) != 1 {
		t.Fatalf("the owner was told %d times", len(told))
	}
	m := w.message(told[0])
	if m.To.Person != linh || m.Card.Body[0].Text.Text[0].Person != string(sam) {
		t.Errorf("told %+v", m.To)
	}
	w.wants(&m.Card, "Sam can help with G-1 Cut CAC", "waiting for legal")
	if g := w.goal("G-1"); g.Last().Helper != sam {
		t.Errorf("the helper is %q", g.Last().Helper)
	}
	w.until(w.now.Add(time.Minute))
	top = w.message(top.Key)
	w.wants(&top.Card, "“waiting for legal”: Sam helps")
	w.lacks(&top.Card, "[I can help]")
	w.wants(w.uses(linh, top.Key, conversation.Used{Intent: help}), "is yours")
}

func helpButton(t *testing.T, m *conversation.Message) card.Intent {
	t.Helper()
	for _, b := range m.Card.Body {
		for _, row := range b.Rows {
			if row.Action != nil && row.Action.Intent.Verb == "digest.help" {
				return row.Action.Intent
			}
		}
	}
	t.Fatalf("nobody can help in:\n%s", show(&m.Card))
	return card.Intent{}
}

func TestACorrectionReachesThePostedDigest(t *testing.T) {
	w, top := blocked(t)
	w.until(w.now.Add(time.Hour))
	form := w.press(linh, w.keys("receipt:")[0], card.Intent{Verb: "checkin.correct", Subject: "G-1", Value: "1"})
	w.submit(linh, "", form.Card.Form, map[string]string{"value": "200", "blocker": "waiting for finance"})
	w.until(w.now.Add(time.Minute))
	edited := w.message(top.Key)
	w.wants(&edited.Card, "$250 → $200", "waiting for finance", "corrected")
	if edited.Revision != 2 {
		t.Errorf("revision %d", edited.Revision)
	}
	if n := len(w.digests()); n != 1 {
		t.Errorf("%d digests", n)
	}
}

// What is told after the digest belongs into the next one.
func TestLaterNewsWaitsForTheNextDigest(t *testing.T) {
	w, top := blocked(t)
	w.until(w.at(linh, "2026-12-03 10:00"))
	w.says(linh, "G-1 190")
	w.uses(sam, top.Key, conversation.Used{Intent: helpButton(t, top)})
	w.until(w.at(linh, "2026-12-03 11:00"))
	w.lacks(&w.message(top.Key).Card, "190")
	w.until(w.at(linh, "2026-12-08 10:00"))
	w.wants(&w.digests()[1].Card, "$210 → $190")
}

func TestAGoalThatBecomesPrivateLeavesThePostedDigest(t *testing.T) {
	w, top := blocked(t)
	w.wants(&top.Card, "Cut CAC")
	form := w.press(linh, "", card.Intent{Verb: "goal.edit", Subject: "G-1"})
	w.submit(linh, "", form.Card.Form, map[string]string{"visibility": "private"})
	w.until(w.now.Add(time.Minute))
	w.lacks(&w.message(top.Key).Card, "Cut CAC", "G-1", "legal")
}
