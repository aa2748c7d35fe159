package conversation_test

import (
	"context"
	"testing"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// overgrow lays so many open goals by a person into the store.
func (w *world) overgrow(by goal.PersonID, n int) {
	w.t.Helper()
	tree := &conversation.Tree{Next: n + 1}
	records := []conversation.Record{tree}
	for i := range n {
		records = append(records, &conversation.Goal{Goal: goal.Goal{
			ID: goal.NewID(i + 1), Title: "Weed", Owner: by, Creator: by, Acceptance: goal.Accepted, Kind: goal.Plain,
			Cadence: goal.Weekly, Visibility: goal.Private, Created: w.now,
		}})
	}
	if err := w.store.Commit(w.t.Context(), workspace, conversation.Commit{Now: w.now, Write: records}); err != nil {
		w.t.Fatal(err)
	}
}

func TestOnePersonCannotFillTheStore(t *testing.T) {
	w := newWorld(t)
	w.overgrow(linh, 200)
	refused := w.handle(w.creation(linh, linh))
	w.wants(refused.Card, "200 goals that are still open", "Cut CAC") // and what was typed is still there
	if w.goal("G-201") != nil {
		t.Error("the 201st goal was made")
	}
	w.wants(w.handle(w.creation(alex, alex)).Card, "G-201")
}

func TestADayHasAnEndForMakingGoals(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	me := take[*conversation.Person](w, conversation.PersonKind, string(linh))
	if me.Made.N != 1 {
		t.Fatalf("%+v", me.Made)
	}
	shelf, err := w.store.Read(t.Context(), workspace, me.Ref())
	if err != nil {
		t.Fatal(err)
	}
	me.Made.N = 200
	if err := w.store.Commit(t.Context(), workspace, conversation.Commit{Now: w.now, Read: shelf, Write: []conversation.Record{me}}); err != nil {
		t.Fatal(err)
	}
	w.wants(w.handle(w.creation(linh, linh)).Card, "that many today")
	w.until(w.now.AddDate(0, 0, 1))
	w.wants(w.handle(w.creation(linh, linh)).Card, "G-2")
}

func TestNobodyMakesRecordsOfMadeUpPeople(t *testing.T) {
	w := newWorld(t)
	w.handle(w.creation(linh, "U-made-up"))
	if p := take[*conversation.Person](w, conversation.PersonKind, "U-made-up"); p != nil {
		t.Errorf("a record was kept: %+v", p)
	}
}

func TestAFormReadsLittleWhereGoalsAreMany(t *testing.T) {
	w := newWorld(t)
	w.overgrow(alex, 600)
	reading := &counting{Records: w.svc.Records}
	w.svc.Records = reading
	in := w.creation(linh, linh)
	in.Act = conversation.Used{Intent: in.Act.(conversation.Used).Intent, Values: map[string]string{
		"title": "Cut CAC", "owner": string(linh), "parent": "G-7"}}
	w.wants(w.handle(in).Card, "There is no goal G-7 that you can see") // it is Alex's own
	made := w.creation(linh, linh)
	w.wants(w.handle(made).Card, "G-601")
	if reading.records > 200 {
		t.Errorf("two forms read %d records among 600 goals", reading.records)
	}
}

// counting counts the records that are read.
type counting struct {
	conversation.Records
	records int
}

func (c *counting) Read(ctx context.Context, ws conversation.Workspace, refs ...conversation.Ref) (*conversation.Shelf, error) {
	c.records += len(refs)
	return c.Records.Read(ctx, ws, refs...)
}
