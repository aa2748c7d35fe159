package slack

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"goalkeeper/conversation"
)

// ack is what a delivery gets back.
type ack struct {
	again   bool                  // no acknowledgement: Slack shall deliver it again
	body    any                   // what Slack shows; nil for nothing
	late    func(context.Context) // shows what body would have, when it cannot be sent as the reply
	then    func(context.Context) // follows the acknowledgement
	instead any                   // the body where too much follows other acknowledgements already
}

// errForeign says that a delivery belongs to another workspace.
var errForeign = errors.New("the delivery is for another workspace")

// sender is the workspace a payload names, before anything else of it is believed.
func sender(payload []byte) (string, error) {
	var p struct {
		Team string `json:"team_id"`
		In   *team  `json:"team"`
		User any    `json:"user"`
	}
	if err := unmarshal(payload, &p); err != nil {
		return "", err
	}
	if p.Team == "" && p.In != nil {
		p.Team = p.In.ID
	}
	if by, ok := p.User.(map[string]any); ok && p.Team == "" {
		p.Team, _ = by["team_id"].(string)
	}
	return p.Team, nil
}

// receive takes one delivery from its JSON to what is said back. Its errors are errPayload and errForeign:
// delivering it again would not help.
func (f *Face) receive(ctx context.Context, kind envelope, payload []byte, attempt int, since clock) (ack, error) {
	from, err := sender(payload)
	if err != nil {
		return ack{}, err
	}
	ws := f.Workspace()
	if ws == "" {
		return f.turnAway(ctx, kind, payload, attempt, func(w words) string { return w.starting }), nil
	}
	if conversation.Workspace("slack:"+from) != ws {
		return ack{}, errForeign
	}
	leave, ok := f.enter(kind)
	if !ok {
		f.shed(ctx, kind)
		return f.turnAway(ctx, kind, payload, attempt, func(w words) string { return w.busy }), nil
	}
	ctx = context.WithoutCancel(ctx) // what was begun is finished, whether Slack waits or not
	d, said, err := f.understand(ctx, kind, payload, since)
	if said != nil || err != nil {
		leave()
		return orNothing(said), err
	}
	d.attempt = attempt
	return f.answer(ctx, d, leave), nil
}

func orNothing(a *ack) ack {
	if a == nil {
		return ack{}
	}
	return *a
}

// understand decodes a delivery. What needs no conversation is answered at once.
func (f *Face) understand(ctx context.Context, kind envelope, payload []byte, since clock) (delivery, *ack, error) {
	look, cancel := since.until(ctx, lookUntil)
	defer cancel()
	d, err := decode(look, kind, payload, f)
	d.in.Workspace, d.clock = f.Workspace(), since
	switch {
	case errors.Is(err, errPayload):
		return d, nil, err
	case err != nil:
		f.cfg.Log.WarnContext(ctx, "a reference was not followed", "error", err)
		said := f.apologise(ctx, d, err)
		return d, &said, nil
	case d.gone != "":
		f.cfg.Log.ErrorContext(ctx, "the app was removed from the workspace", "event", d.gone)
		f.bar(d.gone)
		return d, &ack{}, nil
	case d.form != "":
		said := f.reopen(ctx, d)
		return d, &said, nil
	case d.in.Act == nil:
		return d, &ack{}, nil
	}
	return d, nil, nil
}

// answer lets the conversation handle the input, and does not wait longer than Slack does. The place in the room
// is held for as long as the conversation takes.
func (f *Face) answer(ctx context.Context, d delivery, leave func()) ack {
	ready := make(chan ack, 1)
	f.work.Go(func() {
		defer leave()
		ready <- f.handle(ctx, d)
	})
	patience := time.NewTimer(d.left(answerBy))
	defer patience.Stop()
	select {
	case a := <-ready:
		return a
	case <-patience.C:
		f.cfg.Log.WarnContext(ctx, "the conversation did not end in time", "act", fmt.Sprintf("%T", d.in.Act))
		return f.overdue(ctx, d, ready)
	}
}

// handle is the conversation's part. Nothing may be acknowledged as done before it ended well.
func (f *Face) handle(ctx context.Context, d delivery) (said ack) {
	defer func() {
		if r := recover(); r != nil {
			f.cfg.Log.ErrorContext(ctx, "handling an input panicked", "act", fmt.Sprintf("%T", d.in.Act),
				"panic", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
			said = f.decline(ctx, d, d.attempt == 0, func(w words) string { return w.broken })
		}
	}()
	handling, cancel := d.until(ctx, handleUntil)
	defer cancel()
	a, err := f.cfg.Handler.Handle(handling, d.in)
	if err != nil {
		f.cfg.Log.WarnContext(ctx, "an input was not handled", "act", fmt.Sprintf("%T", d.in.Act), "error", err)
	}
	showing, cancel := d.until(ctx, showUntil)
	defer cancel()
	said = f.reply(showing, d, a, err)
	if err == nil && f.pressedTwice(d) {
		return ack{}
	}
	if d.doneAtHome(a, err) {
		said.then = f.freshHome(d, said.then)
	}
	return said
}

// pressedTwice reports whether the same control was answered a moment ago: whoever clicks twice wants one answer,
// and one modal.
func (f *Face) pressedTwice(d delivery) bool {
	used, ok := d.in.Act.(conversation.Used)
	if !ok || d.edited {
		return false
	}
	key := strings.Join([]string{string(d.in.Actor), string(d.in.Place.ID), d.in.From, used.Intent.String()}, "\n")
	return !f.pressed.first(key, struct{}{}, f.cfg.Clock())
}

// overdue is the answer while nobody knows yet whether anything was saved. It says so, because Slack never repeats
// a command or a press, and tells what came of it as soon as that is known. Events come again.
func (f *Face) overdue(ctx context.Context, d delivery, ready <-chan ack) ack {
	said := f.decline(ctx, d, false, func(w words) string { return w.pending })
	if said.again {
		return said
	}
	first := said.then
	said.then = func(ctx context.Context) {
		if first != nil {
			first(ctx)
		}
		select {
		case a := <-ready:
			a.afterwards(ctx)
		case <-ctx.Done():
		}
	}
	return said
}

// afterwards shows an answer whose reply was already spent.
func (a ack) afterwards(ctx context.Context) {
	if a.late != nil {
		a.late(ctx)
	}
	if a.then != nil {
		a.then(ctx)
	}
}

// follow runs what comes after an acknowledgement; the caller has taken a place for it.
func (f *Face) follow(do func(context.Context), leave func()) {
	f.work.Go(func() {
		defer leave()
		ctx, cancel := context.WithTimeout(context.Background(), followFor)
		defer cancel()
		defer func() {
			if r := recover(); r != nil {
				f.cfg.Log.ErrorContext(ctx, "showing an answer panicked", "panic", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
			}
		}()
		do(ctx)
	})
}

// settle takes a place for what follows an acknowledgement, and returns what is to be acknowledged and what begins
// once it is. Where there is no place, a reply says it all, or nothing is acknowledged: then a person sees that
// something is amiss, presses again, and is shown what came of the first time.
func (f *Face) settle(ctx context.Context, a ack) (said ack, begin func()) {
	if a.then == nil {
		return a, func() {}
	}
	leave, ok := f.tails.Enter()
	if ok {
		return a, func() { f.follow(a.then, leave) } //nolint:contextcheck // what follows outlives the delivery
	}
	if unwritten, write := f.tally.Note(time.Now()); write {
		f.cfg.Log.ErrorContext(ctx, "too many answers are on their way to Slack: one more was not sent", unwritten)
	}
	return ack{again: a.again || a.instead == nil, body: a.instead}, func() {}
}
