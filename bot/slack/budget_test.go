package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"goalkeeper/bot"
	"goalkeeper/conversation"
)

// slacksPatience is how long Slack waits for an acknowledgement.
const slacksPatience = 3 * time.Second

// errDirectory says that Slack's API does not answer.
var errDirectory = errors.New("deadline exceeded")

// hangs is a transport that answers nothing until its caller gives up.
type hangs struct{}

func (hangs) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, fmt.Errorf("%w: %w", errDirectory, r.Context().Err())
}

// slowShelf keeps nothing in time: every look takes as long as it is allowed to, at most the store's own budget.
type slowShelf struct{ each time.Duration }

func (s slowShelf) wait(ctx context.Context) error {
	select {
	case <-time.After(s.each):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s slowShelf) Keep(ctx context.Context, _ conversation.Workspace, _ string, _ []byte) error {
	return s.wait(ctx)
}

func (s slowShelf) KeepFor(ctx context.Context, _ conversation.Workspace, _ string, _ []byte, _ time.Duration) error {
	return s.wait(ctx)
}

func (s slowShelf) Recall(ctx context.Context, _ conversation.Workspace, _ string) ([]byte, error) {
	return nil, s.wait(ctx)
}

// faceInTime is a face in simulated time: Slack's API hangs, and the store is as slow as told.
func faceInTime(s *stage, store time.Duration, handler bot.Handler) *Face {
	cfg := s.cfg
	cfg.Handler, cfg.Contacts = handler, slowShelf{store}
	cfg.Client = &http.Client{Transport: hangs{}}
	f := newFace(cfg)
	f.team = "T0ACME"
	return f
}

// Everything that can be slow is slow at once, and each kind of delivery is still answered within Slack's time.
func TestEveryDeliveryIsAnsweredInTime(t *testing.T) {
	c := formCard("en")
	obeys := func(ctx context.Context, in conversation.Input) (conversation.Answer, error) {
		<-ctx.Done()
		return answer(downCard("en")), fmt.Errorf("%w: %w", conversation.ErrUnavailable, ctx.Err())
	}
	ignores := func(context.Context, conversation.Input) (conversation.Answer, error) {
		time.Sleep(time.Minute) //nolint:forbidigo // simulated
		return answer(goalCard("en")), nil
	}
	quick := func(context.Context, conversation.Input) (conversation.Answer, error) {
		return answer(manyControls()), nil
	}
	s := newStage(t)
	for _, handler := range []struct {
		name string
		do   func(context.Context, conversation.Input) (conversation.Answer, error)
	}{{"obeys", obeys}, {"ignores its deadline", ignores}, {"is quick", quick}} {
		for _, d := range []struct {
			kind    envelope
			payload []byte
		}{
			{commands, recorded(t, "command")},
			{interactions, recorded(t, "block_actions_message")},
			{interactions, recorded(t, "block_actions_menu")},
			{interactions, submission(t, originOf(c, "https://hooks.slack.com/r"), c, nil)},
			{events, recorded(t, "message_im")},
			{events, recorded(t, "app_home_opened")},
		} {
			for _, store := range []time.Duration{0, 700 * time.Millisecond, time.Hour} {
				synctest.Test(t, func(t *testing.T) {
					f := faceInTime(s, store, &listener{answer: handler.do})
					began := time.Now()
					a, err := f.receive(t.Context(), d.kind, d.payload, 0, clock{began})
					if waited := time.Since(began); err != nil || waited > answerBy || answerBy >= slacksPatience {
						t.Errorf("handler %s, %s, store %s: %v after %s", handler.name, d.kind, store, err, waited)
					}
					if d.kind != events && a.body == nil && a.then == nil {
						t.Errorf("handler %s, %s, store %s: a person hears nothing", handler.name, d.kind, store)
					}
					f.work.Wait()
				})
			}
		}
	}
}

// A handler that does not end in time is not acknowledged as if it had: the person is told that nothing is saved
// yet, and later what came of it.
func TestWhatIsNotSavedInTimeIsSaidToBeSo(t *testing.T) {
	s := newStage(t)
	c := formCard("en")
	slow := &listener{answer: func(context.Context, conversation.Input) (conversation.Answer, error) {
		time.Sleep(5 * time.Second) //nolint:forbidigo // simulated
		return answer(savedCard("en")), nil
	}}
	for name, d := range map[string]struct {
		kind    envelope
		payload []byte
	}{
		"command": {commands, recorded(t, "command")},
		"form":    {interactions, submission(t, originOf(c, "https://hooks.slack.com/r"), c, map[string]string{"title": "Cut CAC"})},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := faceInTime(s, 0, slow)
			a, err := f.receive(t.Context(), d.kind, d.payload, 0, clock{time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			said := marshal(t, a.body)
			for _, part := range []string{"is not saved yet", "chưa lưu xong"} {
				if !strings.Contains(said, part) {
					t.Errorf("%s: the reply lacks %q: %s", name, part, said)
				}
			}
			if a.then == nil {
				t.Errorf("%s: nobody will hear what came of it", name)
			}
			f.work.Wait()
		})
	}
}

func TestATimedOutFormStaysOpenWithAllThatWasTyped(t *testing.T) {
	s := newStage(t)
	c := formCard("en")
	s.answers(answer(downCard("en")), fmt.Errorf("%w: %w", conversation.ErrUnsure, context.DeadlineExceeded))
	w := s.deliver("/slack/interactions", submission(t, originOf(c, s.slack.URL), c, nil))
	o := fields(t, w.Body.String())
	why, _ := object(o["errors"])[fieldBlock(c.Form.Fields[0])].(string)
	if o["response_action"] != "errors" || !strings.Contains(why, "could not make sure") || !strings.Contains(why, "Chưa chắc") {
		t.Errorf("%v", o)
	}
}

func TestAHandlerThatPanicsIsAnsweredAndContained(t *testing.T) {
	s := newStage(t)
	s.handler.answer = func(context.Context, conversation.Input) (conversation.Answer, error) { panic("said in confidence") }
	w := s.deliver("/slack/commands", recorded(t, "command"))
	if w.Code != 200 || !strings.Contains(w.Body.String(), "went wrong on my side") || strings.Contains(w.Body.String(), "confidence") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := s.deliver("/slack/events", recorded(t, "message_im")); w.Code != 500 {
		t.Errorf("an event: %d", w.Code)
	}
	s.slack.next(t, "chat.postEphemeral")
}
