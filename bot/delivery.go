package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"goalkeeper/conversation"
)

const (
	sendWithin = 15 * time.Second        // one call of a face
	doubtAfter = 30 * time.Second        // an attempt that nobody ended by then is in doubt: longer than any call
	rootWait   = 5 * time.Second         // between looks whether a thread's first message has arrived
	giveUpIn   = 3 * 24 * time.Hour      // of failing attempts, or of not learning what became of one
	facelessIn = 10 * time.Minute        // when the message's platform is not switched on here
	lateAfter  = time.Hour               // from when on a message nobody waits for is late
	staleAfter = doubtAfter - sendWithin // an attempt that has not begun by then might end after it is in doubt
)

// commitTries bounds reading again when others change the message meanwhile.
const commitTries = 12

// Delivery brings messages to their platforms. Its Handle is the handler of conversation.SendTimer and
// conversation.UrgentTimer: it makes the platform follow what the message's record wants, sends once however many
// replicas and crashes there are, and never waits: what must come later is asked for again.
type Delivery struct {
	DeliveryOptions
	threads threads
	unsaved unsaved
}

// DeliveryOptions are what a Delivery needs. Pacer, Clock, Log, OnEnded and OnLate may be left out.
type DeliveryOptions struct {
	Records conversation.Records
	Timers  conversation.Timers
	Pacer   conversation.Pacer // nil: nothing is paced
	Faces   map[string]Face    // by Workspace.Platform()
	Clock   func() time.Time
	Log     *slog.Logger
	// OnEnded hears that a message failed or is uncertain for good, and that nobody surely saw it. It is called
	// before that is recorded, so after a crash it may be called again for the same message.
	OnEnded func(ctx context.Context, ws conversation.Workspace, m *conversation.Message) error
	// OnLate is asked before a message that nobody waits for is posted late. It may change what the record
	// wants, and answers until when the message has to wait, zero for no longer.
	OnLate func(ctx context.Context, ws conversation.Workspace, m *conversation.Message) (time.Time, error)
}

// NewDelivery makes a delivery.
func NewDelivery(o DeliveryOptions) *Delivery {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Delivery{DeliveryOptions: o}
}

// errand is one message on its way, as one handling of its timer sees it.
type errand struct {
	*Delivery
	id   address
	face Face
	now  time.Time
	turn *bool // true once the message was given its turn, which it keeps when others change its record meanwhile
}

// address names a message among all workspaces.
type address struct {
	ws  conversation.Workspace
	key string
}

// handle answers when to look at the message again, zero for never. turn says that it was given its turn already.
func (d *Delivery) handle(ctx context.Context, t conversation.Timer, now time.Time, turn bool) (time.Time, error) {
	e := errand{d, address{t.Workspace, t.Subject}, d.Faces[t.Workspace.Platform()], now, &turn}
	if e.face == nil {
		d.Log.WarnContext(ctx, "a message waits for a platform that is not switched on", "workspace", t.Workspace)
		return now.Add(facelessIn), nil
	}
	if a, ok := d.unsaved.take(e.id); ok {
		return e.settle(ctx, a)
	}
	for range commitTries {
		next, err := e.step(ctx)
		if !errors.Is(err, conversation.ErrConflict) {
			return next, err
		}
	}
	return time.Time{}, fmt.Errorf("message changed %d times: %w", commitTries, conversation.ErrConflict)
}

// step decides from the record what is to be done, and does it.
func (e errand) step(ctx context.Context) (time.Time, error) {
	m, shelf, err := e.read(ctx, e.id.key)
	if err != nil {
		return time.Time{}, err
	}
	switch {
	case m == nil || m.Arrived():
		return time.Time{}, nil
	case m.Delivery.State == conversation.Sending && e.now.Before(m.Delivery.Began.Add(doubtAfter)):
		return m.Delivery.Began.Add(doubtAfter), nil // somebody is at it
	case m.Delivery.State == conversation.Sending && m.Delivery.Ref == "":
		return e.resolve(ctx, m, shelf)
	case m.Stale(e.now):
		return e.withdraw(ctx, m, shelf, "")
	case m.Delivery.NotUntil.After(e.now):
		return m.Delivery.NotUntil, nil
	}
	if wait, err := e.late(ctx, m); err != nil || wait.After(e.now) {
		return wait, err
	}
	thread, err := e.thread(ctx, m)
	switch {
	case err != nil:
		return time.Time{}, err
	case thread.lost:
		return e.withdraw(ctx, m, shelf, conversation.TroubleThread)
	case !thread.wait.IsZero():
		return thread.wait, nil
	}
	toll, wait, err := e.queue(ctx, m)
	if err != nil || !wait.IsZero() {
		return wait, err
	}
	return e.send(ctx, m, shelf, thread.ref, toll)
}

// late lets the conversation look at a message that is posted much later than it was wanted.
func (e errand) late(ctx context.Context, m *conversation.Message) (wait time.Time, err error) {
	if !e.isLate(m, e.now) {
		return time.Time{}, nil
	}
	if wait, err = e.OnLate(ctx, e.id.ws, m); err != nil {
		return time.Time{}, fmt.Errorf("bring a late message up to date: %w", err)
	}
	return wait, nil
}

func (d *Delivery) isLate(m *conversation.Message, now time.Time) bool {
	return d.OnLate != nil && !m.Urgent && m.Delivery.Ref == "" && now.Sub(m.Created) > lateAfter
}

// withdraw ends a message that was never posted and need not be any more.
func (e errand) withdraw(
	ctx context.Context, m *conversation.Message, shelf *conversation.Shelf, trouble conversation.Trouble,
) (time.Time, error) {
	d := &m.Delivery
	d.State, d.Ended = conversation.Withdrawn, e.now
	if d.Trouble == "" { // else what kept it back so long
		d.Trouble = trouble
	}
	if err := e.commit(ctx, m, shelf); err != nil {
		return time.Time{}, err
	}
	e.Log.InfoContext(ctx, "message withdrawn", "workspace", e.id.ws, "kind", m.Card.Kind, "trouble", d.Trouble)
	return e.after(ctx, m), nil
}

// attempt is one call of a face and what came of it.
type attempt struct {
	began    time.Time
	revision int
	post     bool // else an edit
	ref      string
	err      error

	// The record as this attempt left it: what came of it is written there, unless somebody changed it meanwhile.
	m     *conversation.Message
	shelf *conversation.Shelf
}

// send marks the message as being sent, so that nobody else sends it, and sends it.
func (e errand) send(ctx context.Context, m *conversation.Message, shelf *conversation.Shelf, thread string, toll Toll) (time.Time, error) {
	a := attempt{began: e.now, revision: m.Revision, post: m.Delivery.Ref == ""}
	m.Delivery.State = conversation.Sending
	m.Delivery.Began, m.Delivery.Missed = e.now, time.Time{}
	m.Delivery.Tries++
	if err := e.commit(ctx, m, shelf); err != nil {
		if !errors.Is(err, conversation.ErrConflict) { // it may have been saved all the same
			a.err = &SendError{Outcome: Refused, Trouble: conversation.TroubleStore, Reason: "not sent", Err: err}
			e.unsaved.keep(e.id, a)
		}
		return time.Time{}, err
	}
	if e.Clock().Sub(a.began) > staleAfter {
		a.err = &SendError{Outcome: Refused, Reason: "not sent: this process hung meanwhile", Err: errStale}
		return e.settle(ctx, a)
	}
	shelf.Put(m.Ref(), shelf.Versions()[m.Ref()]+1, m)
	a.m, a.shelf = m, shelf
	a.ref, a.err = e.call(ctx, m, thread)
	e.heed(ctx, toll, a.err)
	return e.settle(ctx, a)
}

var errStale = errors.New("the attempt has grown old")

// call lets the face post or edit. A panic in it leaves open whether the platform got the message.
func (e errand) call(ctx context.Context, m *conversation.Message, thread string) (ref string, err error) {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			e.Log.ErrorContext(ctx, "a face panicked", "workspace", e.id.ws, "kind", m.Card.Kind,
				"panic", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
			err = &SendError{Outcome: Doubtful, Trouble: conversation.TroubleDefect, Reason: "panic", Err: fmt.Errorf("panic: %T", r)}
		}
	}()
	if m.Delivery.Ref == "" {
		return e.face.Post(ctx, e.id.ws, m, thread)
	}
	return m.Delivery.Ref, e.face.Edit(ctx, e.id.ws, m, m.Delivery.Ref)
}

// read loads a message of the same workspace; nil when there is none.
func (e errand) read(ctx context.Context, key string) (*conversation.Message, *conversation.Shelf, error) {
	shelf, err := e.Records.Read(ctx, e.id.ws, conversation.Ref{Kind: conversation.MessageKind, ID: key})
	if err != nil {
		return nil, nil, fmt.Errorf("read message: %w", err)
	}
	return conversation.Take[*conversation.Message](shelf, conversation.MessageKind, key), shelf, nil
}

func (e errand) commit(ctx context.Context, m *conversation.Message, shelf *conversation.Shelf) error {
	err := e.Records.Commit(ctx, e.id.ws, conversation.Commit{
		Now: e.now, Read: shelf, Write: []conversation.Record{m},
	})
	if err != nil {
		return fmt.Errorf("save message: %w", err)
	}
	return nil
}
