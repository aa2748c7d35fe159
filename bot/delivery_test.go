package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"goalkeeper/conversation"
)

var (
	refused  = &SendError{Outcome: Refused, Reason: "service_unavailable"}
	limited  = &SendError{Outcome: Refused, Limited: true, Reason: "ratelimited", After: 42 * time.Second}
	doubtful = &SendError{Outcome: Doubtful, Reason: "timeout", Err: context.DeadlineExceeded}
	final    = &SendError{Outcome: Final, Reason: "user_not_found", Trouble: conversation.TroublePersonGone}
	noStore  = conversation.ErrUnavailable
)

func TestSendsOnceAndFollowsEdits(t *testing.T) {
	o := newOffice(t, &face{})
	o.want("m", "first")
	o.run("m")
	o.expect("m", conversation.Sent, "first")
	o.run("m")
	o.want("m", "second")
	o.run("m")
	o.expect("m", conversation.Sent, "second")
	if o.face.calls != 2 {
		t.Errorf("%d calls, want a post and an edit", o.face.calls)
	}
}

func TestPostsTheNewestCard(t *testing.T) {
	o := newOffice(t, &face{})
	o.want("m", "first")
	o.want("m", "second")
	o.run("m")
	o.expect("m", conversation.Sent, "second")
	if o.face.calls != 1 {
		t.Errorf("%d calls, want 1", o.face.calls)
	}
}

func TestNothingToDo(t *testing.T) {
	o := newOffice(t, &face{})
	if wait := o.handle("never saved"); wait != -1 {
		t.Errorf("a timer without a record comes again in %s", wait)
	}
	far := conversation.Timer{Workspace: "elsewhere:T1", Kind: conversation.SendTimer, Subject: "m"}
	if next, err := o.Delivery.handle(t.Context(), far, o.now, false); err != nil || !next.After(o.now) {
		t.Errorf("a message of a platform that is off: %v, %v; want it kept", next, err)
	}
}

func TestWaitsAsLongAsThePlatformAsks(t *testing.T) {
	o := newOffice(t, &face{script: []reply{{err: limited}}})
	o.want("m", "hello")
	if wait := o.handle("m"); wait != 42*time.Second {
		t.Fatalf("comes again in %s, want 42 s", wait)
	}
	o.now = o.now.Add(10 * time.Second) // rung too early, by an edit for instance
	if wait := o.handle("m"); wait != 32*time.Second {
		t.Errorf("comes again in %s, want 32 s", wait)
	}
	if o.face.calls != 1 {
		t.Errorf("called %d times within the time to wait", o.face.calls)
	}
	o.run("m")
	o.expect("m", conversation.Sent, "hello")
	if d := o.message("m").Delivery; d.Tries != 0 || !d.Since.IsZero() || d.Word != "" || d.Trouble != "" || !d.Posted.Equal(o.now) {
		t.Errorf("old failures are kept after the success: %+v", d)
	}
}

func TestPlatformDownIsOutlivedOrGivenUp(t *testing.T) {
	for name, c := range map[string]struct {
		failures int
		state    conversation.DeliveryState
		shows    []string
		heard    int
	}{
		"a day":  {90, conversation.Sent, []string{"hello"}, 0},
		"a week": {10_000, conversation.Failed, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, &face{})
			for range c.failures {
				o.face.script = append(o.face.script, reply{err: refused})
			}
			o.want("m", "hello")
			began := o.now
			o.run("m")
			o.expect("m", c.state, c.shows...)
			if len(o.ended) != c.heard {
				t.Errorf("heard %q", o.ended)
			}
			if c.state == conversation.Failed && o.now.Sub(began) < giveUpIn {
				t.Errorf("given up after %s", o.now.Sub(began))
			}
			if o.face.calls > 800 {
				t.Errorf("%d calls in %s", o.face.calls, o.now.Sub(began))
			}
		})
	}
}

func TestFinalIsRecordedAndHeard(t *testing.T) {
	o := newOffice(t, &face{script: []reply{{err: final}, {err: final}}})
	o.want("m", "hello")
	o.run("m")
	o.expect("m", conversation.Failed)
	d := o.message("m").Delivery
	if d.Word != "user_not_found" || d.Trouble != conversation.TroublePersonGone || !d.Ended.Equal(o.now) {
		t.Errorf("recorded %+v", d)
	}
	o.want("in a channel", "hello", inChannel(""))
	o.run("in a channel")
	if fmt.Sprint(o.ended) != "[m failed: user_not_found in a channel failed: user_not_found]" {
		t.Errorf("heard %q", o.ended)
	}
	o.want("m", "again")
	o.run("m")
	if o.face.calls != 2 {
		t.Error("what failed for good was tried again")
	}
}

func TestLostReply(t *testing.T) {
	reason := errors.New("connection reset")
	for name, c := range map[string]struct {
		face  func(*face) Face
		reply reply
		state conversation.DeliveryState
		shows []string
	}{
		"arrived, can be found":      {findable, reply{err: doubtful, lost: true}, conversation.Sent, []string{"hello"}},
		"never arrived, not found":   {findable, reply{err: doubtful}, conversation.Sent, []string{"hello"}},
		"arrived, cannot be found":   {plain, reply{err: doubtful, lost: true}, conversation.Uncertain, []string{"hello"}},
		"never arrived, nobody told": {plain, reply{err: doubtful}, conversation.Uncertain, nil},
		"not classified":             {plain, reply{err: reason, lost: true}, conversation.Uncertain, []string{"hello"}},
		"panic of the face":          {plain, reply{then: func() { panic("!") }}, conversation.Uncertain, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := &face{script: []reply{c.reply}}
			o := newOffice(t, c.face(f))
			o.want("m", "hello")
			o.run("m")
			o.expect("m", c.state, c.shows...)
			o.now = o.now.Add(time.Hour)
			o.run("m")
			o.expect("m", c.state, c.shows...)
		})
	}
}

func findable(f *face) Face { return finder{face: f} }
func plain(f *face) Face    { return f }

func TestUncertainStaysPutThoughEdited(t *testing.T) {
	o := newOffice(t, &face{script: []reply{{err: doubtful, lost: true}}})
	o.want("m", "first")
	o.run("m")
	o.want("m", "second")
	o.run("m")
	o.expect("m", conversation.Uncertain, "first")
}

func TestFoundPostIsBroughtUpToDate(t *testing.T) {
	o := newOffice(t, finder{face: &face{script: []reply{{err: doubtful, lost: true}}}})
	o.want("m", "first")
	o.handle("m")
	o.want("m", "second")
	o.run("m")
	o.expect("m", conversation.Sent, "second")
}

func TestLookingUp(t *testing.T) {
	for name, c := range map[string]struct {
		errs  []error
		state conversation.DeliveryState
		shows []string
	}{
		"limited for a while": {[]error{limited, limited}, conversation.Sent, []string{"hello"}},
		"not allowed":         {[]error{final}, conversation.Uncertain, []string{"hello"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, finder{&face{script: []reply{{err: doubtful, lost: true}}}, &c.errs})
			o.want("m", "hello")
			o.run("m")
			o.expect("m", c.state, c.shows...)
		})
	}
	t.Run("outage", func(t *testing.T) {
		errs := []error{refused}
		o := newOffice(t, finder{&face{script: []reply{{err: doubtful, lost: true}}}, &errs})
		o.want("m", "hello")
		o.now = o.now.Add(o.handle("m"))
		if _, err := o.Delivery.handle(t.Context(), sending("m"), o.now, false); err == nil {
			t.Error("a look that failed should be an error, for the scheduler to come again")
		}
		o.run("m")
		o.expect("m", conversation.Sent, "hello")
	})
}

func TestDoubtfulEditIsRepeated(t *testing.T) {
	o := newOffice(t, &face{script: []reply{{}, {err: doubtful, lost: true}}})
	o.want("m", "first")
	o.run("m")
	o.want("m", "second")
	o.run("m")
	o.expect("m", conversation.Sent, "second")
	if o.face.calls != 3 {
		t.Errorf("%d calls, want a post and two edits", o.face.calls)
	}
}

// The process dies in the middle: another one, which remembers nothing, finds the record.
func TestCrash(t *testing.T) {
	for name, c := range map[string]struct {
		face  func(*face) Face
		after bool // the platform had it already
		state conversation.DeliveryState
		shows []string
	}{
		"before the call, can be found":   {findable, false, conversation.Sent, []string{"hello"}},
		"after the call, can be found":    {findable, true, conversation.Sent, []string{"hello"}},
		"before the call, nobody can say": {plain, false, conversation.Uncertain, nil},
		"after the call, nobody can say":  {plain, true, conversation.Uncertain, []string{"hello"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &face{}
			o := newOffice(t, c.face(f))
			o.want("m", "hello", func(m *conversation.Message) {
				m.Delivery = conversation.Delivery{State: conversation.Sending, Tries: 1, Began: o.now}
			})
			if c.after {
				f.posts = append(f.posts, post{key: "m", text: "hello"})
			}
			if wait := o.handle("m"); wait != doubtAfter {
				t.Errorf("an attempt that may be under way is looked at in %s", wait)
			}
			o.run("m")
			o.expect("m", c.state, c.shows...)
		})
	}
}

// The process hangs between marking the message and sending it, for longer than others wait: one of them finds out
// that it never arrived and sends it. Going on, the process must not.
func TestProcessHangsBeforeTheCall(t *testing.T) {
	o := newOffice(t, finder{face: &face{}})
	o.want("m", "hello")
	hung := o.replica(finder{face: o.face})
	hung.Records = &hanging{o.records, func() {
		o.now = o.now.Add(doubtAfter + time.Second)
		o.run("m")
	}}
	if _, err := hung.handle(t.Context(), sending("m"), o.now, false); err != nil {
		t.Fatal(err)
	}
	o.run("m")
	o.expect("m", conversation.Sent, "hello")
}

// hanging saves, and lets something happen before the saver goes on; once.
type hanging struct {
	*records
	then func()
}

func (h *hanging) Commit(ctx context.Context, ws conversation.Workspace, c conversation.Commit) error {
	err := h.records.Commit(ctx, ws, c)
	if then := h.then; then != nil {
		h.then = nil
		then()
	}
	return err
}

func TestStoreAwayAfterTheCall(t *testing.T) {
	o := newOffice(t, &face{})
	o.want("m", "hello")
	o.records.errs = []error{nil, noStore, noStore}
	for range 2 {
		if _, err := o.Delivery.handle(t.Context(), sending("m"), o.now, false); !errors.Is(err, noStore) {
			t.Fatalf("got %v while the store is away", err)
		}
	}
	o.now = o.now.Add(time.Hour)
	o.run("m")
	o.expect("m", conversation.Sent, "hello")
	if o.face.calls != 1 {
		t.Errorf("sent %d times", o.face.calls)
	}
}

// The store saved that the message is being sent, but its answer was lost: nothing was sent, and the process
// knows.
func TestStoreAwayBeforeTheCall(t *testing.T) {
	o := newOffice(t, &face{})
	o.want("m", "hello")
	o.Records = lostAnswers{o.records}
	if _, err := o.Delivery.handle(t.Context(), sending("m"), o.now, false); !errors.Is(err, noStore) {
		t.Fatalf("got %v", err)
	}
	o.Records = o.records
	o.run("m")
	o.expect("m", conversation.Sent, "hello")
}

// lostAnswers saves everything and says that it could not.
type lostAnswers struct{ *records }

func (l lostAnswers) Commit(ctx context.Context, ws conversation.Workspace, c conversation.Commit) error {
	if err := l.records.Commit(ctx, ws, c); err != nil {
		return err
	}
	return noStore
}

func TestEditedWhileBeingSent(t *testing.T) {
	f := &face{}
	o := newOffice(t, f)
	f.script = []reply{{then: func() { o.want("m", "second") }}, {then: func() { o.want("m", "third") }}}
	o.want("m", "first")
	o.run("m")
	o.expect("m", conversation.Sent, "third")
	if f.calls != 3 {
		t.Errorf("%d calls, want a post and two edits", f.calls)
	}
}

func TestTwoReplicasSendOnce(t *testing.T) {
	f := &face{began: make(chan struct{}, 10), open: make(chan struct{})}
	o := newOffice(t, f)
	o.want("m", "hello")
	var ended sync.WaitGroup
	ring := func(d *Delivery) {
		if _, err := d.handle(t.Context(), sending("m"), o.now, false); err != nil {
			t.Error(err)
		}
	}
	for range 8 {
		d := o.replica(f)
		ended.Go(func() { ring(d) })
	}
	<-f.began
	close(f.open)
	ended.Wait()
	o.run("m")
	o.expect("m", conversation.Sent, "hello")
	if f.calls != 1 {
		t.Errorf("%d calls", f.calls)
	}
}

func TestEndingProcessWritesDownWhatArrived(t *testing.T) {
	f := &face{}
	o := newOffice(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	f.script = []reply{{then: cancel}}
	o.want("m", "hello")
	o.Records = obedient{o.records}
	if _, err := o.Delivery.handle(ctx, sending("m"), o.now, false); err != nil {
		t.Fatal(err)
	}
	o.expect("m", conversation.Sent, "hello")
}

// obedient does nothing once ctx has ended.
type obedient struct{ *records }

func (r obedient) Commit(ctx context.Context, ws conversation.Workspace, c conversation.Commit) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.records.Commit(ctx, ws, c)
}

func TestThreadWaitsForItsFirstMessage(t *testing.T) {
	o := newOffice(t, &face{script: []reply{{err: limited}}})
	o.want("root", "digest", inChannel(""))
	o.want("detail", "detail", inChannel("root"), func(m *conversation.Message) { m.Urgent = true })

	if wait := o.handle("detail"); wait != rootWait {
		t.Errorf("a detail before its digest comes again in %s", wait)
	}
	o.handle("root") // limited
	if wait := o.handle("detail"); wait != 42*time.Second {
		t.Errorf("a detail comes again in %s, want when its digest does", wait)
	}
	o.run("root")
	if len(o.timers.armed) != 1 || o.timers.armed[0].Subject != "detail" || o.timers.armed[0].Kind != conversation.UrgentTimer || !o.timers.armed[0].At.Equal(o.now) {
		t.Errorf("armed %v, want the detail pulled forward", o.timers.armed)
	}
	o.run("detail")
	o.expect("detail", conversation.Sent, "digest", "detail")
	if got := o.face.posts[1].thread; got != "1" {
		t.Errorf("the detail stands in thread %q", got)
	}
}

// What stands under a message that may not be there waits for whoever is asked about that message.
func TestThreadWithoutFirstMessage(t *testing.T) {
	lose := func(err error) func(*office) {
		return func(o *office) {
			o.face.script = []reply{{err: err}}
			o.want("root", "r", inChannel(""))
			o.run("root")
		}
	}
	closed := func(err error) func(*office) {
		return func(o *office) {
			lose(err)(o)
			o.want("root", "r", func(m *conversation.Message) { m.Closed = o.now })
		}
	}
	for name, c := range map[string]struct {
		begin func(*office)
		state conversation.DeliveryState
		shows []string
	}{
		"failed":             {lose(final), conversation.Withdrawn, nil},
		"uncertain":          {lose(doubtful), conversation.Withdrawn, nil},
		"said to have come":  {closed(doubtful), conversation.Sent, []string{"detail"}},
		"expired or unknown": {func(*office) {}, conversation.Sent, []string{"detail"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, &face{})
			c.begin(o)
			began := o.now
			o.want("detail", "detail", inChannel("root"))
			o.run("detail")
			o.expect("detail", c.state, c.shows...)
			if d := o.message("detail").Delivery; c.state == conversation.Withdrawn &&
				(d.Trouble != conversation.TroubleThread || o.now.Sub(began) < giveUpIn) {
				t.Errorf("given up after %s: %+v", o.now.Sub(began), d)
			}
		})
	}
	t.Run("itself", func(t *testing.T) {
		o := newOffice(t, &face{})
		o.want("own", "own", inChannel("own"))
		o.run("own")
		o.expect("own", conversation.Sent, "own")
	})
}

func TestWhatIsOverIsNotPosted(t *testing.T) {
	until := func(at time.Duration) func(*conversation.Message) {
		return func(m *conversation.Message) { m.Until = m.Created.Add(at) }
	}
	for name, c := range map[string]struct {
		face  func(*face) Face
		first reply
		state conversation.DeliveryState
		shows []string
	}{
		"in time":                        {plain, reply{}, conversation.Sent, []string{"new"}},
		"held up":                        {plain, reply{err: &SendError{After: 2 * time.Hour}}, conversation.Withdrawn, nil},
		"never arrived":                  {findable, reply{err: doubtful}, conversation.Withdrawn, nil},
		"arrived, though nobody told so": {findable, reply{err: doubtful, lost: true}, conversation.Sent, []string{"new"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &face{script: []reply{c.first}}
			o := newOffice(t, c.face(f))
			o.want("m", "old", until(time.Hour))
			o.handle("m")
			o.want("m", "new", until(time.Second)) // what is posted still follows
			o.now = o.now.Add(2 * time.Hour)
			o.run("m")
			o.expect("m", c.state, c.shows...)
			if c.state == conversation.Withdrawn && (o.message("m").Delivery.Ended.IsZero() || o.message("m").Delivery.Trouble == "") {
				t.Errorf("recorded %+v", o.message("m").Delivery)
			}
		})
	}
}

func TestALateMessageIsLookedAtFirst(t *testing.T) {
	o := newOffice(t, &face{script: []reply{{err: &SendError{After: 2 * time.Hour}}}})
	asked := 0
	o.OnLate = func(context.Context, conversation.Workspace, *conversation.Message) (time.Time, error) {
		if asked++; asked == 1 {
			return o.now.Add(8 * time.Hour), nil // it is night
		}
		if asked == 2 {
			o.want("m", "late")
		}
		return time.Time{}, nil
	}
	o.want("m", "in time")
	o.want("urgent", "at once", func(m *conversation.Message) { m.Urgent = true })
	began := o.now
	o.run("m")
	o.expect("m", conversation.Sent, "late")
	if o.now.Sub(began) != 10*time.Hour || asked != 3 {
		t.Errorf("after %s, asked %d times", o.now.Sub(began), asked)
	}
	o.run("urgent")
	o.want("m", "edited")
	o.run("m")
	if o.expect("m", conversation.Sent, "edited", "at once"); asked != 3 {
		t.Errorf("asked about what somebody waits for, or about an edit: %d times", asked)
	}
}

// Whoever is told that a message ended may fail: then it is told again, and nothing is sent twice.
func TestTellingIsRepeated(t *testing.T) {
	o := newOffice(t, &face{script: []reply{{err: doubtful, lost: true}}})
	o.deaf = []error{noStore}
	o.want("m", "hello")
	if _, err := o.Delivery.handle(t.Context(), sending("m"), o.now, false); !errors.Is(err, noStore) {
		t.Fatalf("got %v", err)
	}
	o.run("m")
	o.expect("m", conversation.Uncertain, "hello")
	if o.face.calls != 1 || len(o.ended) != 2 {
		t.Errorf("%d calls, told %q", o.face.calls, o.ended)
	}
}

func TestALookThatFindsNothingIsRepeated(t *testing.T) {
	f := &face{script: []reply{{err: doubtful}}}
	o := newOffice(t, finder{face: f})
	o.want("m", "hello")
	o.now = o.now.Add(o.handle("m"))
	if wait := o.handle("m"); wait != lookAgain { // the platform's history lags behind
		t.Errorf("looks again in %s", wait)
	}
	f.posts = append(f.posts, post{key: "m", text: "hello"})
	if wait := o.handle("m"); wait != lookAgain {
		t.Errorf("rung early, it looks in %s", wait)
	}
	o.run("m")
	o.expect("m", conversation.Sent, "hello")
	if f.calls != 1 {
		t.Errorf("%d calls", f.calls)
	}
}
