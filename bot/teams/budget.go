package teams

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// Teams waits 15 s for the end of an activity ("How bots work", Microsoft Learn) and shows an error on a card's
// button after 10 to 15 s (msteams-docs, issue 13460), both read in November 2026.
const (
	answerTime = 8 * time.Second // one activity: learn, look, the conversation's 2.5 s, and the answer's way
	answerBy   = 9 * time.Second // whatever happened, there is an answer
	learnTime  = patience        // to note how to reach the sender
	lookTime   = patience        // to find out who is mentioned or chosen
	tellTime   = 10 * time.Second
)

// How much is under way at once. What is told to those who find no place has a room of its own.
const (
	maxHandled   = 128
	maxFollowing = 64
)

// handle has one activity handled, once however often it arrives at the same time, and does not wait longer than
// Teams does.
func (f *Face) handle(r *http.Request, a *arrival) reply {
	leave, ok := f.room.Enter()
	if !ok {
		return f.turnAway(r.Context(), a)
	}
	key := a.delivery()
	if key == "" {
		key = fmt.Sprintf("%p", a)
	}
	var mine atomic.Bool                                                    // the place is held for as long as the work takes, by whoever does it
	done := f.inFlight.DoChan(key+" "+string(a.Type), func() (any, error) { //nolint:contextcheck // shared by all who ask, so it ends with none of them
		mine.Store(true)
		defer leave()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), answerTime)
		defer cancel()
		return f.contained(ctx, a), nil
	})
	patience := time.NewTimer(answerBy)
	defer patience.Stop()
	select {
	case out := <-done:
		leave()
		return out.Val.(reply)
	case <-patience.C:
		if !mine.Load() {
			leave()
		}
		f.log.WarnContext(r.Context(), "teams: an activity did not end in time", "type", a.Type)
		return f.decline(r.Context(), a, pending)
	}
}

// contained is dispatch, and outlives its panics.
func (f *Face) contained(ctx context.Context, a *arrival) (out reply) {
	defer func() {
		if p := recover(); p != nil {
			f.log.ErrorContext(ctx, "teams: handling an activity panicked", "type", a.Type,
				"panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			out = f.decline(ctx, a, broken)
		}
	}()
	return f.dispatch(ctx, a)
}

// turnAway answers at once what found no place. Teams brings messages again; whoever wrote one is told meanwhile.
func (f *Face) turnAway(ctx context.Context, a *arrival) reply {
	if unwritten, write := f.tally.Note(time.Now()); write {
		f.log.WarnContext(ctx, "teams: too much is under way: an activity was turned away", "type", a.Type, unwritten)
	}
	if a.Type == schema.Message && a.Text != "" {
		f.tellAside(ctx, a, busy)
	}
	return f.decline(ctx, a, busy)
}

// tellAside whispers a sentence when there is a place for that, and waits for nothing.
func (f *Face) tellAside(ctx context.Context, a *arrival, why string) {
	leave, ok := f.tails.Enter()
	if !ok {
		return
	}
	go func() {
		defer leave()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellTime)
		defer cancel()
		text, _ := a.text(func(entity) (nobody goal.PersonID) { return nobody })
		f.tellOnce(ctx, a, conversation.Answer{Card: regret(why, text)})
	}()
}

// decline answers an activity that was not taken up. A pressed button stays where it is; of a form, which Teams
// empties, one button brings everything that was typed once more.
func (f *Face) decline(ctx context.Context, a *arrival, why string) reply {
	switch {
	case a.Type != schema.Invoke:
		return reply{status: http.StatusServiceUnavailable}
	case a.Name != actionInvoke:
		return f.invoke(ctx, a) // nothing of these is work
	}
	p, data, ok := a.press()
	if !ok {
		return reply{http.StatusOK, result(messageAnswer, why)}
	}
	c := regret(why, conversation.Typed(conversation.Used{Intent: p.intent, Values: p.values}))
	return reply{http.StatusOK, f.unsaved(ctx, a, p, data, conversation.Answer{Card: c})}
}

// regret is a card without controls: a sentence, and what was typed.
func regret(why, typed string) *card.Card {
	c := note(why)
	if typed != "" {
		c.Body = append(c.Body, card.Block{Text: &card.Paragraph{Role: card.Quote, Text: card.Text{{Text: typed}}}})
	}
	return &c
}
