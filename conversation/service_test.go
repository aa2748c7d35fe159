package conversation_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
	"goalkeeper/storage"
)

// flaky is the real store with steps that fail.
type flaky struct {
	*storage.Store
	fails   string // the step that fails: "read", "find", "arm" or "commit"; empty for none
	lost    bool   // commits take place all the same, their answer is lost
	unsure  bool   // and says so
	steps   []string
	onWrite func() // called before every commit
}

var errDown = fmt.Errorf("%w: connection refused", conversation.ErrUnavailable)

func (f *flaky) step(name string) error {
	f.steps = append(f.steps, name)
	if f.fails == name && f.unsure {
		return fmt.Errorf("%w: %w", conversation.ErrUnsure, errDown)
	}
	if f.fails == name {
		return errDown
	}
	return nil
}

func (f *flaky) Read(ctx context.Context, ws conversation.Workspace, refs ...conversation.Ref) (*conversation.Shelf, error) {
	if err := f.step("read"); err != nil {
		return nil, err
	}
	return f.Store.Read(ctx, ws, refs...)
}

func (f *flaky) Find(ctx context.Context, ws conversation.Workspace, ix conversation.Index) ([]string, error) {
	if err := f.step("find"); err != nil {
		return nil, err
	}
	return f.Store.Find(ctx, ws, ix)
}

func (f *flaky) Arm(ctx context.Context, timers ...conversation.Timer) error {
	if err := f.step("arm"); err != nil {
		return err
	}
	return f.Store.Arm(ctx, timers...)
}

func (f *flaky) Commit(ctx context.Context, ws conversation.Workspace, c conversation.Commit) error {
	if f.onWrite != nil {
		f.onWrite()
	}
	err := f.step("commit")
	if err == nil || f.lost {
		if saved := f.Store.Commit(ctx, ws, c); saved != nil || err == nil {
			return saved
		}
	}
	return err
}

// unreliable puts a flaky store below the service.
func (w *world) unreliable() *flaky {
	f := &flaky{Store: w.store}
	w.svc.Records, w.svc.Timers, w.svc.History = f, f, f
	return f
}

// creation is the submission of a filled form for a new goal.
func (w *world) creation(p goal.PersonID, owner goal.PersonID) conversation.Input {
	in := w.submission(p, "", &card.Form{Intent: card.Intent{Verb: "goal.create", Subject: string(growth), Question: "once"}},
		map[string]string{"title": "Cut CAC", "reason": "support\nhas no room", "from": "$250", "to": "$150", "due": "2026-12-31", "owner": string(owner)})
	in.Workspace, in.Place, in.Delivery = workspace, inGrowth, "creation"
	return in
}

func TestAStoreThatFailsAtAnyStepSavesNothingAndGivesTheTextBack(t *testing.T) {
	for _, step := range []string{"read", "find", "arm", "commit"} {
		t.Run(step, func(t *testing.T) {
			w := newWorld(t)
			f := w.unreliable()
			f.fails = step
			answer, err := w.svc.Handle(t.Context(), w.creation(linh, alex))
			if !errors.Is(err, conversation.ErrUnavailable) {
				t.Fatalf("the error is %v", err)
			}
			if answer.Card == nil || answer.Card.Kind != "store.down" {
				t.Fatalf("answered %s", show(answer.Card))
			}
			w.wants(answer.Card, "I cannot save right now", "Hiện chưa lưu được", "Cut CAC", "support\nhas no room", "$250", "$150", "2026-12-31")
			f.fails = ""
			w.until(w.now.Add(time.Hour))
			if w.goal("G-1") != nil || w.message("proposal:G-1:0") != nil {
				t.Error("something was saved")
			}
			// Sent again by the platform or by the person, it is done once.
			w.wants(w.handle(w.creation(linh, alex)).Card, "G-1 · Cut CAC")
			w.wants(&w.message("proposal:G-1:0").Card, "Linh suggests")
		})
	}
}

// A change whose fate is unknown is neither called saved nor called lost.
func TestAChangeThatMayHaveBeenSavedIsCalledSo(t *testing.T) {
	w := newWorld(t)
	f := w.unreliable()
	f.fails, f.unsure = "commit", true
	answer, err := w.svc.Handle(t.Context(), w.creation(linh, alex))
	if !errors.Is(err, conversation.ErrUnsure) {
		t.Fatalf("the error is %v", err)
	}
	w.wants(answer.Card, "could not make sure", "Chưa chắc", "Cut CAC")
	if said := show(answer.Card); strings.Contains(said, "nothing was changed") {
		t.Errorf("nobody knows that: %s", said)
	}
}

// A reply that is lost once costs nobody a second look: the claim tells what became of the change.
func TestAnUnsureChangeIsLookedUpByItsClaim(t *testing.T) {
	for _, saved := range []bool{true, false} {
		w := newWorld(t)
		f := w.unreliable()
		f.fails, f.unsure, f.lost = "commit", true, saved
		commits := 0
		f.onWrite = func() {
			if commits++; commits == 2 {
				f.fails = ""
			}
		}
		w.wants(w.handle(w.creation(linh, alex)).Card, "G-1 · Cut CAC")
		w.until(w.now.Add(time.Minute))
		if w.goal("G-2") != nil || !slices.Contains(w.sent, "proposal:G-1:0") {
			t.Errorf("saved at first %t: done twice, or never told", saved)
		}
	}
}

func TestWhatWasTypedComesBackFromEveryKindOfAct(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.unreliable().fails = "read"
	used := func(verb string, values map[string]string) conversation.Act {
		return conversation.Used{Intent: card.Intent{Verb: verb, Subject: "G-1", Question: "q"}, Values: values}
	}
	for _, tt := range []struct {
		act  conversation.Act
		back string
	}{
		{conversation.Said{Text: "210, 7/10, waiting for legal"}, "210, 7/10, waiting for legal"},
		{conversation.Command{Text: "new Cut CAC {who} %s"}, "/goal new Cut CAC {who} %s"},
		{used("goal.leave", map[string]string{"note": "call me"}), "call me"},
		{used("goal.end", map[string]string{"score": "0.7", "note": "we learned"}), "we learned"},
		{used("checkin.save", map[string]string{"value": "210", "change": "more", "blocker": "legal", "next": "ask"}), "210\nmore\nlegal\nask"},
		{used("checkin.course", map[string]string{"assumption": "cheap", "heard": "dear", "next": "try"}), "cheap\ndear\ntry"},
		{used("checkin.skipped", map[string]string{"reason": "Tết"}), "Tết"},
		{used("goal.show", nil), ""}, {conversation.Opened{}, ""},
	} {
		answer, err := w.svc.Handle(t.Context(), conversation.Input{Workspace: workspace, Actor: linh, Place: direct(linh), Act: tt.act})
		if err == nil || answer.Card.Kind != "store.down" {
			t.Fatalf("%+v: %v, %s", tt.act, err, show(answer.Card))
		}
		quoted := ""
		for _, b := range answer.Card.Body {
			if b.Text.Role == card.Quote {
				quoted = b.Text.Text.String()
			}
		}
		if quoted != tt.back {
			t.Errorf("%+v gives %q back", tt.act, quoted)
		}
	}
}

func TestTimersAreArmedBeforeAnythingIsSaved(t *testing.T) {
	w := newWorld(t)
	f := w.unreliable()
	w.handle(w.creation(linh, alex))
	if order := strings.Join(f.steps, " "); !strings.Contains(order, "arm commit arm") {
		t.Errorf("the steps were %s", order)
	}
}

func TestACrashBetweenArmingAndSavingLeavesATimerThatFindsNothing(t *testing.T) {
	w := newWorld(t)
	f := w.unreliable()
	f.fails = "commit"
	if _, err := w.svc.Handle(t.Context(), w.creation(linh, linh)); err == nil {
		t.Fatal("the commit did not fail")
	}
	f.fails = ""
	w.until(w.at(linh, "2026-12-01 09:00"))
	for _, key := range w.sent {
		if m := w.message(key); m != nil {
			t.Errorf("%s was sent: %s", key, show(&m.Card))
		}
	}
}

func TestASavedActWhoseAnswerWasLostIsToldWhenItIsRepeated(t *testing.T) {
	w := newWorld(t)
	f := w.unreliable()
	f.fails, f.lost = "commit", true
	if _, err := w.svc.Handle(t.Context(), w.creation(linh, alex)); err == nil {
		t.Fatal("the answer was not lost")
	}
	f.fails = ""
	w.wants(w.handle(w.creation(linh, alex)).Card, "G-1 · Cut CAC")
	if w.goal("G-2") != nil {
		t.Error("it was done twice")
	}
	w.until(w.now.Add(time.Minute))
	if !slices.Contains(w.sent, "proposal:G-1:0") || w.message("proposal:G-1:0") == nil {
		t.Error("what was saved was never sent")
	}
}

func TestAnActIsDecidedAnewWhenSomebodyIsQuicker(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	f := w.unreliable()
	races := 0
	f.onWrite = func() {
		if races++; races <= 3 {
			change(w, conversation.TreeKind, "", func(tree *conversation.Tree) { tree.Next += 10 })
		}
	}
	w.wants(w.handle(w.creation(linh, linh)).Card, "G-32 · Cut CAC")
	f.onWrite = func() {
		change(w, conversation.TreeKind, "", func(tree *conversation.Tree) { tree.Next++ })
	}
	in := w.creation(linh, linh)
	in.Delivery, in.Act = "hopeless", conversation.Used{Intent: card.Intent{Verb: "goal.create", Question: "hopeless"}, Values: map[string]string{"title": "Never", "owner": string(linh)}}
	answer, err := w.svc.Handle(t.Context(), in)
	if !errors.Is(err, conversation.ErrConflict) {
		t.Errorf("the error is %v", err)
	}
	w.wants(answer.Card, "I cannot save right now", "Never")
}

func TestTheOtherHandWritesOnce(t *testing.T) {
	w := newWorld(t)
	f := w.unreliable()
	in := w.creation(linh, linh)
	done := false
	f.onWrite = func() { // the same delivery reaches another replica, which is quicker
		if !done {
			done = true
			other := *w.svc
			other.Records, other.Timers = w.store, w.store
			if _, err := other.Handle(t.Context(), in); err != nil {
				t.Error(err)
			}
		}
	}
	w.wants(w.handle(in).Card, "G-1 · Cut CAC")
	if w.goal("G-2") != nil {
		t.Error("both replicas made a goal")
	}
}

func TestAnswersWithoutAReplyOfTheirOwnBecomeMessages(t *testing.T) {
	w := newWorld(t)
	for range 2 { // without an id of the delivery, too
		answer, err := w.svc.Handle(t.Context(), conversation.Input{Workspace: workspace, Actor: linh, Place: direct(linh), Act: conversation.Said{Text: "help"}})
		if err != nil || answer.Card != nil {
			t.Fatalf("%v, %s", err, show(answer.Card))
		}
		w.flush()
		w.now = w.now.Add(time.Second)
	}
	if n := len(w.keys("answer:")); n != 2 {
		t.Errorf("%d answers", n)
	}
	repeated := conversation.Input{Workspace: workspace, Actor: linh, Place: direct(linh), Delivery: "again", Act: conversation.Said{Text: "help"}}
	for range 3 {
		w.now = w.now.Add(time.Second)
		w.handle(repeated)
	}
	if n := len(w.keys("answer:")); n != 3 {
		t.Errorf("%d answers after one line that was delivered three times", n)
	}
	home := conversation.Input{Actor: linh, Place: conversation.Place{Kind: conversation.Home}, Act: conversation.Opened{}}
	if c := w.handle(home).Card; c == nil || c.Kind != "home" {
		t.Errorf("home shows %s", show(c))
	}
	if n := len(w.keys("answer:")); n != 3 {
		t.Error("a look at the home became a message")
	}
}

func TestACardOfOthersNeverTurnsIntoAnAnswer(t *testing.T) {
	w, id := proposed(t)
	shared := w.press(alex, "", card.Intent{Verb: "goal.share", Subject: string(id), Question: "once"})
	w.wants(shared.Card, "Shared")
	channels := w.last("share:")
	question := w.last("proposal:")
	for _, tt := range []struct {
		from  *conversation.Message
		place conversation.Place
	}{{channels, inGrowth}, {channels, direct(alex)}, {question, direct(alex)}, {question, inGrowth}} {
		before := w.message(tt.from.Key)
		answer := w.handle(conversation.Input{Actor: alex, Place: tt.place, From: tt.from.Key, Inline: true, Act: conversation.Used{
			Intent: card.Intent{Verb: "settings.set", Value: "language=vi"}}})
		if answer.Replace || answer.Card == nil {
			t.Errorf("in the %s, %s is replaced by %s", tt.place.Kind, tt.from.Key, show(answer.Card))
		}
		if after := w.message(tt.from.Key); asJSON(t, after.Card) != asJSON(t, before.Card) {
			t.Errorf("%s now shows %s", tt.from.Key, show(&after.Card))
		}
	}
}

func TestADirectoryThatHangsCostsNoNames(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.plant(alex, map[string]string{"title": "Hire", "owner": string(sam)})
	w.now = w.now.Add(7 * time.Hour) // what the platform told is old
	asked := 0
	synctest.Test(t, func(t *testing.T) {
		w.dir.ask = func(ctx context.Context) error {
			asked++
			<-ctx.Done()
			return ctx.Err()
		}
		began := time.Now() //nolint:forbidigo // the bubble's clock
		answer, err := w.svc.Handle(t.Context(), conversation.Input{Workspace: workspace, Actor: linh, Place: inGrowth, Inline: true, Act: conversation.Command{Text: "list"}})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 2*time.Second { //nolint:forbidigo // the bubble's clock
			t.Errorf("the answer took %s", took)
		}
		w.wants(answer.Card, "2 goals in #growth", "waiting for Sam", "Cut CAC")
	})
	if asked > 3 {
		t.Errorf("the platform was asked %d times though it hangs", asked)
	}
}

func TestManyNamesAreAskedForTogether(t *testing.T) {
	w := newWorld(t)
	w.seed(30)
	for n := range 30 {
		p := goal.PersonID(fmt.Sprint("P", n))
		w.dir.people[p] = conversation.Profile{Name: fmt.Sprintf("Person%d Last", n)}
		change(w, conversation.GoalKind, string(goal.NewID(n+1)), func(g *conversation.Goal) { g.Owner, g.Creator = p, p })
	}
	synctest.Test(t, func(t *testing.T) {
		w.dir.ask = func(ctx context.Context) error {
			select {
			case <-time.After(150 * time.Millisecond):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		answer, err := w.svc.Handle(t.Context(), conversation.Input{Workspace: workspace, Actor: linh, Place: inGrowth, Inline: true, Act: conversation.Command{Text: "list"}})
		if err != nil {
			t.Fatal(err)
		}
		w.wants(answer.Card, "Person0", "Person9")
		w.lacks(answer.Card, "somebody")
	})
}

func TestAPersonTheDirectoryCannotTellKeepsTheirName(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.now = w.now.Add(7 * time.Hour)
	w.dir.ask = func(context.Context) error { return errors.New("the platform is down") }
	w.wants(w.command(alex, inGrowth, "show G-1"), "Linh")
}

func TestATimerThatCannotBeHandledComesAgain(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	f := w.unreliable()
	w.now = w.at(linh, "2026-11-30 09:00")
	look := conversation.Timer{Workspace: workspace, Kind: conversation.CheckInTimer, Subject: string(linh), At: w.now}
	for _, step := range []string{"read", "find", "arm", "commit"} {
		f.fails = step
		if err := w.due(look).Err; !errors.Is(err, conversation.ErrUnavailable) {
			t.Errorf("without %s: %v", step, err)
		}
	}
	if w.talk(linh) != nil {
		t.Error("half of it was saved")
	}
	f.fails = ""
	w.until(w.now.Add(time.Minute))
	w.wants(&w.last("checkin:").Card, "Cut CAC")
}
