package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"goalkeeper/conversation"
)

// Slack waits three seconds for an acknowledgement, and a trigger opens a modal for three seconds.
const (
	lookFor   = 700 * time.Millisecond  // names and references, while decoding
	handleFor = 2300 * time.Millisecond // from then on, the conversation
	answerBy  = 2700 * time.Millisecond // when it does not obey: acknowledge without it
	openFor   = 2900 * time.Millisecond // since it came, a trigger opens a modal
)

// ack is what a delivery gets back.
type ack struct {
	again bool                  // no acknowledgement: Slack shall deliver it again
	body  any                   // what Slack shows; nil for nothing
	late  func(context.Context) // shows what body would have, when it cannot be sent as the reply
	then  func(context.Context) // follows the acknowledgement
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
func (f *Face) receive(ctx context.Context, kind envelope, payload []byte, attempt int) (ack, error) {
	came := f.cfg.Clock()
	from, err := sender(payload)
	if err != nil {
		return ack{}, err
	}
	ws := f.Workspace()
	if conversation.Workspace("slack:"+from) != ws {
		return ack{}, errForeign
	}
	ctx = context.WithoutCancel(ctx) // what was begun is finished, whether Slack waits or not
	look, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	d, err := decode(look, kind, payload, f)
	d.in.Workspace, d.attempt, d.came = ws, attempt, came
	switch {
	case errors.Is(err, errPayload):
		return ack{}, err
	case err != nil:
		f.cfg.Log.WarnContext(ctx, "a reference was not followed", "error", err)
		return f.apologise(ctx, d, err), nil
	case d.gone != "":
		f.cfg.Log.ErrorContext(ctx, "the app was removed from the workspace", "event", d.gone)
		f.lost(d.gone)
		return ack{}, nil
	case d.form != "":
		return f.reopen(ctx, d), nil
	case d.in.Act == nil:
		return ack{}, nil
	}
	return f.answer(ctx, d), nil
}

// answer lets the conversation handle the input, and does not wait longer than Slack does.
func (f *Face) answer(ctx context.Context, d delivery) ack {
	ready := make(chan ack, 1)
	f.work.Go(func() {
		bounded, cancel := context.WithTimeout(ctx, handleFor)
		defer cancel()
		a, err := f.cfg.Handler.Handle(bounded, d.in)
		if err != nil {
			f.cfg.Log.WarnContext(ctx, "an input was not handled", "act", fmt.Sprintf("%T", d.in.Act), "error", err)
		}
		said := f.reply(ctx, d, a, err)
		if err == nil && f.pressedTwice(d) {
			said = ack{}
		} else if d.doneAtHome(a, err) {
			said.then = f.freshHome(d, said.then)
		}
		ready <- said
	})
	patience := time.NewTimer(answerBy)
	defer patience.Stop()
	select {
	case a := <-ready:
		return a
	case <-patience.C:
		return overdue(d, ready)
	}
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

// overdue acknowledges what Slack never repeats, and shows the answer when it comes; events come again.
func overdue(d delivery, ready <-chan ack) ack {
	if !d.in.Inline {
		return ack{again: true}
	}
	return ack{then: func(ctx context.Context) {
		select {
		case a := <-ready:
			a.afterwards(ctx)
		case <-ctx.Done():
		}
	}}
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

// follow runs what comes after an acknowledgement.
func (f *Face) follow(do func(context.Context)) {
	if do == nil {
		return
	}
	f.work.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*callTimeout)
		defer cancel()
		do(ctx)
	})
}
