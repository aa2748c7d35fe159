package bot

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/goal"
	"goalkeeper/storage"
)

// tolled is a face of a platform that takes one call every ten seconds, and one a minute into a conversation.
type tolled struct {
	*face
	wide bool
}

func (f tolled) Toll(_ context.Context, _ conversation.Workspace, m *conversation.Message) Toll {
	return Toll{Wide: f.wide, Toll: conversation.Toll{
		Shared: conversation.Bucket{Name: "calls", Limits: []conversation.Limit{{Every: 10 * time.Second, Burst: 1}}},
		Own: []conversation.Bucket{{Name: "in " + string(m.To.Person), Limits: []conversation.Limit{
			{Every: time.Minute, Burst: 1},
		}}},
	}}
}

// pacedOffice is an office on a platform with tolls.
func pacedOffice(t *testing.T, f *face, wide bool) *office {
	store, err := storage.Open(t.Context(), "embedded://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	o := newOffice(t, f)
	o.Pacer, o.Faces["fake"] = store, tolled{f, wide}
	return o
}

func to(person string) func(*conversation.Message) {
	return func(m *conversation.Message) { m.To.Person = goal.PersonID(person) }
}

func TestWaitingForATurnCostsNoRecord(t *testing.T) {
	o := pacedOffice(t, &face{}, true)
	o.want("a", "first", to("U1"))
	o.want("b", "second", to("U2"))
	o.run("a")
	o.records.errs = []error{errors.New("a record was saved")}
	if wait := o.handle("b"); wait <= 0 || wait > 10*time.Second {
		t.Fatalf("the second is told to come in %s", wait)
	}
	if o.face.calls != 1 {
		t.Errorf("%d calls", o.face.calls)
	}
	o.records.errs = nil
	began := o.now
	o.run("b")
	o.expect("b", conversation.Sent, "first", "second")
	if took := o.now.Sub(began); took != 10*time.Second {
		t.Errorf("the second goes after %s", took)
	}
}

func TestARefusalClosesTheBucketsThatItSpeaksOf(t *testing.T) {
	for name, c := range map[string]struct {
		wide        bool
		same, other time.Duration
	}{
		"for everything":     {true, 42 * time.Second, 42 * time.Second},
		"for a conversation": {false, time.Minute, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			o := pacedOffice(t, &face{script: []reply{{err: limited}}}, c.wide)
			o.want("a", "a", to("U1"))
			o.want("other", "other", to("U2"))
			began := o.now
			if wait := o.handle("a"); wait != 42*time.Second {
				t.Errorf("the refused message comes again in %s", wait)
			}
			o.run("other")
			if took := o.now.Sub(began); took != c.other {
				t.Errorf("another conversation waits %s", took)
			}
			o.now = later(o.now, began.Add(42*time.Second))
			o.run("a")
			if o.now.Before(began.Add(c.same)) {
				t.Errorf("the refused message goes after %s", o.now.Sub(began))
			}
		})
	}
}

// noPacer is a store that does not answer.
type noPacer struct{ conversation.Pacer }

func (noPacer) Take(context.Context, conversation.Workspace, time.Time, ...conversation.Ask) ([]time.Time, error) {
	return nil, noStore
}

func (noPacer) Spend(context.Context, conversation.Workspace, time.Time, conversation.Toll) (time.Time, error) {
	return time.Time{}, noStore
}

func TestNothingIsSentUnpaced(t *testing.T) {
	o := pacedOffice(t, &face{}, true)
	o.Pacer = noPacer{}
	o.want("a", "hello", to("U1"))
	o.want("b", "hello", to("U2"))
	for _, batch := range [][]conversation.Timer{{sending("a")}, {sending("a"), sending("b")}} {
		for _, v := range o.Handle(t.Context(), batch, o.now) {
			if !errors.Is(v.Err, noStore) {
				t.Errorf("without a store: %v", v.Err)
			}
		}
	}
	o.expect("a", conversation.Waiting)
	if o.face.calls != 0 || o.message("a").Delivery.Tries != 0 {
		t.Error("it was sent, or tried")
	}
}

// Many that are due together ask together, and get what each would have got alone.
func TestManyAskTogether(t *testing.T) {
	o := pacedOffice(t, &face{}, true)
	var batch []conversation.Timer
	for n := range 5 {
		key := fmt.Sprint("m", n)
		o.want(key, key, to("U"+key))
		batch = append(batch, sending(key))
	}
	o.want("gone", "gone", func(m *conversation.Message) { m.Delivery.State = conversation.Failed })
	o.want("later", "later", func(m *conversation.Message) { m.Delivery.NotUntil = o.now.Add(7 * time.Second) })
	batch = append(batch, sending("gone"), sending("later"), sending("unknown"))
	verdicts := o.Handle(t.Context(), batch, o.now)
	o.expect("m0", conversation.Sent, "m0")
	for n, v := range verdicts {
		want := []time.Duration{-1, 9500 * time.Millisecond, 19500 * time.Millisecond, 29500 * time.Millisecond, 39500 * time.Millisecond, -1, 7 * time.Second, -1}[n]
		got := time.Duration(-1)
		if !v.Next.IsZero() {
			got = v.Next.Sub(o.now)
		}
		if got != want || v.Err != nil {
			t.Errorf("%s comes again in %s, %v, want %s", batch[n].Subject, got, v.Err, want)
		}
	}
	o.run("m1")
	o.expect("m1", conversation.Sent, "m0", "m1")
}

// Whoever was given a turn keeps it when the record changes before it is marked.
func TestATurnOutlastsAConflict(t *testing.T) {
	o := pacedOffice(t, &face{}, true)
	o.want("a", "hello", to("U1"))
	o.records.errs = []error{conversation.ErrConflict, conversation.ErrConflict}
	if wait := o.handle("a"); wait != -1 {
		t.Errorf("it comes again in %s", wait)
	}
	o.expect("a", conversation.Sent, "hello")
}

func TestPartsOfAThreadComeInTheirOrder(t *testing.T) {
	o := newOffice(t, &face{})
	o.want("d", "top", inChannel(""))
	var want []string
	for n := range 12 {
		key := fmt.Sprint("d:", n+1)
		want = append(want, key)
		o.want(key, "part", inChannel("d"))
	}
	for n := range want {
		o.handle(want[(n+5)%len(want)])
	}
	o.run("d")
	for n, armed := range o.timers.armed {
		if armed.Subject != want[n] || !armed.At.Equal(o.now.Add(time.Duration(n)*time.Second)) {
			t.Errorf("number %d is %s in %s", n, armed.Subject, armed.At.Sub(o.now))
		}
	}
	if len(o.timers.armed) != len(want) {
		t.Errorf("%d are pulled forward", len(o.timers.armed))
	}
}

func TestLookUpsPay(t *testing.T) {
	o := pacedOffice(t, &face{}, true)
	meter := &Meter{Pacer: o.Pacer, Clock: func() time.Time { return o.now }}
	toll := Toll{Wide: true, Toll: conversation.Toll{
		Shared: conversation.Bucket{Name: "users", Limits: []conversation.Limit{{Every: 2 * time.Second, Burst: 3}}},
	}}
	pay := func() time.Duration {
		t.Helper()
		err := meter.Pay(t.Context(), ws, toll)
		var refused *SendError
		switch {
		case err == nil:
			return 0
		case !errors.As(err, &refused) || refused.Outcome != Refused || refused.Limited:
			t.Fatalf("refused with %v", err)
		}
		return refused.After
	}
	for n := range 3 {
		if wait := pay(); wait != 0 {
			t.Errorf("look-up %d waits %s", n, wait)
		}
	}
	if wait := pay(); wait != 2*time.Second {
		t.Errorf("too many at once: wait %s", wait)
	}
	o.now = o.now.Add(time.Minute)
	meter.Heed(t.Context(), ws, toll, errors.New("no refusal"))
	meter.Heed(t.Context(), ws, toll, &SendError{Outcome: Refused, Limited: true, After: 30 * time.Second})
	if wait := pay(); wait != 30*time.Second {
		t.Errorf("after a refusal: wait %s", wait)
	}
	broken := &Meter{Pacer: noPacer{}, Clock: meter.Clock}
	if err := broken.Pay(t.Context(), ws, toll); !errors.Is(err, noStore) {
		t.Errorf("without a store: %v", err)
	}
	if err := (*Meter)(nil).Pay(t.Context(), ws, toll); err != nil {
		t.Errorf("without a meter: %v", err)
	}
	(*Meter)(nil).Heed(t.Context(), ws, toll, limited)
}
