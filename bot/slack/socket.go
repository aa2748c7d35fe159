package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

const (
	maxWaiting = 2 * maxHandled // deliveries over Socket Mode whose answer is being made
	quickPause = time.Second
)

// listen serves Socket Mode until ctx ends, whatever happens to the connection.
func (f *Face) listen(ctx context.Context) error {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = quickPause, longestPause
	for ctx.Err() == nil {
		err := f.connect(ctx, pause.Reset)
		if ctx.Err() != nil {
			break
		}
		f.down(fmt.Errorf("Socket Mode is not connected: %w", err)) //nolint:staticcheck // a name
		f.cfg.Log.WarnContext(ctx, "Socket Mode ended, connecting again", "error", withoutURL(err))
		select {
		case <-time.After(pause.NextBackOff()):
		case <-ctx.Done():
		}
	}
	return nil
}

// connect runs one Socket Mode client, which reconnects by itself when Slack asks it to. Where that fails it would
// wait for up to five minutes, so that we take over.
func (f *Face) connect(ctx context.Context, connected func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client := socketmode.New(f.api,
		socketmode.OptionLog(log.New(io.Discard, "", 0)),
		socketmode.OptionReadLimit(maxBody),
	)
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	var failure error
	for {
		select {
		case err := <-ended:
			return cmp.Or(failure, err)
		case e := <-client.Events:
			if failed, ok := e.Data.(*slack.ConnectionErrorEvent); ok {
				failure = failed.ErrorObj
				cancel()
				continue
			}
			f.socketEvent(ctx, client, e, connected)
		}
	}
}

// socketEvent notes what happens to the connection and takes what is delivered.
func (f *Face) socketEvent(ctx context.Context, client *socketmode.Client, e socketmode.Event, connected func()) {
	since := clock{time.Now()}
	request := e.Request
	switch e.Type {
	case socketmode.EventTypeHello:
		connected()
		f.down(nil)
		return
	case socketmode.EventTypeInvalidAuth:
		f.down(errors.New("Socket Mode is refused; is the app token right?")) //nolint:staticcheck // a name
		return
	case socketmode.EventTypeErrorBadMessage: // something newer than the library: we read it ourselves
		bad, ok := e.Data.(*socketmode.ErrorBadMessage)
		if !ok || json.Unmarshal(bad.Message, &request) != nil {
			return
		}
	case socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive, socketmode.EventTypeEventsAPI:
	default:
		return
	}
	if request == nil || request.EnvelopeID == "" {
		return
	}
	leave, ok := f.waiting.Enter()
	if !ok { // even to turn it away takes a place; events come again, and else Slack says that nobody answered
		f.shed(ctx, envelope(request.Type))
		return
	}
	f.work.Go(func() {
		defer leave()
		f.fromSocket(ctx, client, request, since)
	})
}

// fromSocket takes one delivery and acknowledges it. Without an acknowledgement Slack delivers events again.
func (f *Face) fromSocket(ctx context.Context, client *socketmode.Client, r *socketmode.Request, since clock) {
	answer, err := f.receive(ctx, envelope(r.Type), r.Payload, r.RetryAttempt, since)
	if err != nil { // again would not help: acknowledged and forgotten
		if unwritten, write := f.strangers.Note(time.Now()); write {
			f.cfg.Log.WarnContext(ctx, "a payload was not understood", "type", r.Type, "error", err, unwritten)
		}
	}
	answer, begin := f.settle(ctx, slim(answer))
	if !answer.again {
		if err := client.AckCtx(ctx, r.EnvelopeID, answer.body); err != nil {
			f.cfg.Log.WarnContext(ctx, "a delivery was not acknowledged", "type", r.Type, "error", err)
		}
	}
	begin()
}

// slim lets a reply that Slack would drop for its size take another way.
func slim(a ack) ack {
	content, err := json.Marshal(a.body)
	if err != nil || len(content) <= maxSocketBody || a.late == nil {
		return a
	}
	late, then := a.late, a.then
	return ack{again: a.again, then: func(ctx context.Context) {
		late(ctx)
		if then != nil {
			then(ctx)
		}
	}}
}
