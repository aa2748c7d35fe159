package conversation_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"goalkeeper/conversation"
)

// census counts the pages that a pass asks for, and may be away.
type census struct {
	conversation.Census
	pages []conversation.IndexName
	away  error
}

func (c *census) Page(ctx context.Context, ws conversation.Workspace, ix conversation.Index, cursor string) ([]string, string, error) {
	if c.away != nil {
		return nil, "", c.away
	}
	c.pages = append(c.pages, ix.Name)
	return c.Census.Page(ctx, ws, ix, cursor)
}

var repair = conversation.Timer{Workspace: workspace, Kind: conversation.RepairTimer}

func TestAPassGoesOnWhereAnotherProcessDied(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.turnOn(linh)
	pages := &census{Census: w.store}
	passes := 0
	for n := 0; passes < 2; n++ {
		w.restart() // remembers nothing
		w.svc.Census = pages
		if n == 2 {
			pages.away = errors.New("the store is away")
			if _, err := w.svc.Repair(t.Context(), repair, w.now); err == nil {
				t.Fatal("a page that could not be read passes for read")
			}
			pages.away = nil
		}
		next, err := w.svc.Repair(t.Context(), repair, w.now)
		if err != nil || n > 20 {
			t.Fatal(err, n)
		}
		if next.IsZero() {
			passes++
		}
	}
	once := []conversation.IndexName{conversation.Outbox, conversation.AllOpen, conversation.DigestOn, conversation.Undelivered}
	if want := slices.Concat(once, once); !slices.Equal(pages.pages, want) {
		t.Errorf("read %q, want %q", pages.pages, want)
	}
}

// lossy arms nothing, as if all that was armed had been lost.
type lossy struct{}

func (lossy) Arm(context.Context, ...conversation.Timer) error { return nil }

// armed are the timers that a pass arms.
type armed struct{ timers []conversation.Timer }

func (a *armed) Arm(_ context.Context, timers ...conversation.Timer) error {
	a.timers = append(a.timers, timers...)
	return nil
}

func TestAPassArmsWhatTheRecordsCallFor(t *testing.T) {
	w := newWorld(t)
	w.svc.Timers = lossy{}
	id := w.plant(linh, cac)
	w.plant(alex, map[string]string{"title": "Hire two", "owner": string(sam)}) // a proposal: nobody is asked about it yet
	w.turnOn(linh)
	var got armed
	pass := func() map[string]time.Time {
		got = armed{}
		w.svc.Timers = &got
		for next := w.now; !next.IsZero(); {
			var err error
			if next, err = w.svc.Repair(t.Context(), repair, w.now); err != nil {
				t.Fatal(err)
			}
		}
		at := map[string]time.Time{}
		for _, timer := range got.timers {
			at[string(timer.Kind)+" "+timer.Subject] = timer.At
		}
		return at
	}
	at := pass()
	monday, tuesday := w.at(linh, "2026-11-30 09:00"), w.at(linh, "2026-12-01 10:00")
	if !at["checkin U1"].Equal(monday) || !at["digest C1"].Equal(tuesday) || !at["checkin U3"].IsZero() {
		t.Errorf("armed %v", at)
	}
	sending := 0
	for _, timer := range got.timers {
		if timer.Kind != conversation.CheckInTimer && timer.Kind != conversation.DigestTimer {
			sending++
		}
	}
	if sending == 0 {
		t.Error("what is on its way is not sent")
	}

	w.now = monday.Add(3 * time.Hour) // nobody was asked
	if at = pass(); !at["checkin U1"].Equal(w.now) {
		t.Errorf("the question that is owed comes at %s", at["checkin U1"])
	}
	w.svc.Timers = w.store
	w.until(w.now.Add(time.Hour)) // the store holds none of it: nothing is asked by itself
	if n := len(w.keys("checkin:")); n != 0 {
		t.Fatalf("sent %q", w.sent)
	}
	if err := w.svc.ArmRepairs(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.flush()
	w.until(w.now.Add(time.Minute))
	if n := len(w.keys("checkin:")); n != 1 {
		t.Fatalf("sent %q", w.sent)
	}
	if at = pass(); !at["checkin U1"].Truncate(time.Minute).Equal(w.at(linh, "2026-12-01 13:00")) {
		t.Errorf("the reminder is looked for at %s", at["checkin U1"].In(w.zone(linh)))
	}
	w.svc.Timers = w.store
	w.says(linh, string(id)+" 210")
	if at = pass(); !at["checkin U1"].Equal(w.at(linh, "2026-12-07 09:00")) {
		t.Errorf("the next question is looked for at %s", at["checkin U1"])
	}
}
