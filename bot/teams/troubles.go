package teams

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"goalkeeper/bot"
	"goalkeeper/conversation"
)

// troubles are what stands behind the connector's codes, by what mends it ("Teams conversational bots", status codes
// from bot conversational APIs; MessageWritesBlocked from "Send proactive messages"; read in November 2026).
var troubles = map[string]conversation.Trouble{
	"BotNotRegistered":               conversation.TroubleAccess,
	"BotDisabledByAdmin":             conversation.TroubleDisabled,
	"BotNotInConversationRoster":     conversation.TroubleNotInChannel,
	"ConversationBlockedByUser":      conversation.TroubleBlocked,
	"MessageWritesBlocked":           conversation.TroubleBlocked,
	"ForbiddenOperationException":    conversation.TroubleNotInstalled,
	"InvalidBotApiHost":              conversation.TroubleElsewhere,
	"NotEnoughPermissions":           conversation.TroubleForbidden,
	"ActivityNotFoundInConversation": conversation.TroubleMessageGone,
	"ConversationNotFound":           conversation.TroubleChannelGone,
	"MessageSizeTooBig":              conversation.TroubleTooLarge,
}

// byStatus are the troubles of answers without a code that is known.
var byStatus = map[int]conversation.Trouble{
	http.StatusUnauthorized:          conversation.TroubleAccess,
	http.StatusForbidden:             conversation.TroubleNotInChannel,
	http.StatusNotFound:              conversation.TroubleChannelGone,
	http.StatusRequestEntityTooLarge: conversation.TroubleTooLarge,
	http.StatusBadGateway:            conversation.TroubleUnreachable,
	http.StatusServiceUnavailable:    conversation.TroubleUnreachable,
}

func troubleOf(e *statusError) conversation.Trouble {
	if known, ok := troubles[e.code]; ok {
		return known
	}
	return byStatus[e.status]
}

// inPerson says a trouble of a conversation as one of the person whose personal chat it is.
func inPerson(err error) error {
	var failure *bot.SendError
	if errors.As(err, &failure) &&
		(failure.Trouble == conversation.TroubleNotInChannel || failure.Trouble == conversation.TroubleChannelGone) {
		failure.Trouble = conversation.TroubleNotInstalled
	}
	return err
}

// inPlace says a trouble of a channel by what is known of the channel and its team, which may have been archived.
func (f *Face) inPlace(ctx context.Context, c contact, err error) error {
	var failure *bot.SendError
	if !errors.As(err, &failure) || failure.Outcome != bot.Final {
		return err
	}
	team, _, _ := f.book.place(ctx, c.Team) // what cannot be read leaves the connector's own word
	if c.Gone || c.Team != "" && team.Gone {
		failure.Trouble = conversation.TroubleChannelGone
	}
	return err
}

// barred is a call that the bot as a whole is not let in with: no message is at fault.
func barred(why string, err error) error {
	return &bot.SendError{Outcome: bot.Refused, Trouble: conversation.TroubleAccess, Reason: why, Err: err}
}

const (
	knockEvery = time.Minute      // how often a bot that is not let in tries one call
	knockedFor = 20 * time.Minute // longer than any message waits before it tries again
)

// gate remembers that the bot is not let in, so that not every message finds it out anew.
type gate struct {
	mu     sync.Mutex
	why    string
	closed time.Time // when a call was last refused
	knocks time.Time // when a call was last tried
}

// shut is why the bot is not let in, empty when a call may be tried.
func (g *gate) shut(now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.why == "" || now.Sub(g.knocks) < knockEvery {
		return g.why
	}
	g.knocks = now
	return ""
}

func (g *gate) close(why string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.why, g.closed, g.knocks = why, now, now
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.why = ""
}

// check says what mends a gate that is shut; nil when it is open, or when nobody has come to it for long.
func (g *gate) check(now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.why == "" || now.Sub(g.closed) > knockedFor {
		return nil
	}
	return fmt.Errorf("Teams does not let the bot in (%s): check the app's id, password and tenant, and its registration", g.why) //nolint:staticcheck // Teams is a name
}
