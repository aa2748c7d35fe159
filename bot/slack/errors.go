package slack

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"github.com/slack-go/slack"

	"goalkeeper/bot"
	"goalkeeper/conversation"
)

// passing are Slack's error codes that go away by themselves and say that nothing was done.
var passing = map[string]bool{
	"ratelimited": true, "rate_limited": true, "service_unavailable": true, "request_timeout": true,
	"team_added_to_org": true, "accesslimited": true, "message_limit_exceeded": true,
}

// halfway are the codes after which, as Slack documents, part of the work may have been done.
var halfway = map[string]bool{"fatal_error": true, "internal_error": true}

// troubles are what stands behind Slack's error codes, by what mends it (docs.slack.dev, the errors of chat.postMessage,
// chat.update, conversations.open and conversations.history, read in November 2026). A code without one is told as it
// is.
var troubles = map[string]conversation.Trouble{
	"ratelimited": conversation.TroubleBusy, "rate_limited": conversation.TroubleBusy,
	"message_limit_exceeded": conversation.TroubleBusy, "service_unavailable": conversation.TroubleUnreachable,
	"request_timeout": conversation.TroubleUnreachable, "fatal_error": conversation.TroubleNoAnswer,
	"internal_error": conversation.TroubleNoAnswer,

	"missing_scope": conversation.TroubleScope, "no_permission": conversation.TroubleScope,
	"not_allowed_token_type": conversation.TroubleScope,

	"channel_not_found": conversation.TroubleNotInChannel, // gone, or private and the app is not in it
	"not_in_channel":    conversation.TroubleNotInChannel,
	"is_archived":       conversation.TroubleChannelGone, "channel_is_archived": conversation.TroubleChannelGone,
	"restricted_action":                        conversation.TroubleForbidden,
	"restricted_action_read_only_channel":      conversation.TroubleForbidden,
	"restricted_action_thread_only_channel":    conversation.TroubleForbidden,
	"restricted_action_non_threadable_channel": conversation.TroubleForbidden,
	"restricted_action_thread_locked":          conversation.TroubleForbidden,
	"external_channel_migrating":               conversation.TroubleForbidden,
	"method_not_supported_for_channel_type":    conversation.TroubleForbidden,
	"messages_tab_disabled":                    conversation.TroubleDisabled,
	"user_disabled":                            conversation.TroublePersonGone, "user_not_found": conversation.TroublePersonGone,
	"users_not_found":     conversation.TroublePersonGone,
	"user_not_in_channel": conversation.TroublePersonGone,
	"user_not_visible":    conversation.TroubleNoPerson, "cannot_dm_bot": conversation.TroubleNoPerson,

	"message_not_found": conversation.TroubleMessageGone, "thread_not_found": conversation.TroubleMessageGone,
	"cant_update_message": conversation.TroubleMessageGone, "edit_window_closed": conversation.TroubleMessageGone,
	"msg_too_long": conversation.TroubleTooLarge, "msg_blocks_too_long": conversation.TroubleTooLarge,
	"metadata_too_large": conversation.TroubleTooLarge,
}

// barring are the codes after which Slack lets the app do nothing at all in the workspace, with what mends that.
// Messages wait then: none of them is at fault.
var barring = map[string]string{ //nolint:gosec // names of errors, no secrets
	"account_inactive":        "the app was removed from the workspace: install it again and set the new token",
	"token_revoked":           "the bot token was revoked: install the app again and set the new token",
	"token_expired":           "the bot token has expired: install the app again and set the new token",
	"invalid_auth":            "Slack does not accept the bot token: set the current one",
	"not_authed":              "there is no bot token: set it",
	"team_access_not_granted": "the app has no access to the workspace: install it again",
	"org_login_required":      "the workspace is moving between organisations: wait until it is there",
	"ekm_access_denied":       "administrators have suspended posting: ask them to lift it",
	"app_uninstalled":         "the app was removed from the workspace: install it again and set the new token",
	"tokens_revoked":          "the bot token was revoked: install the app again and set the new token",
}

// classify says what is known after a failed call. repeatable calls do no harm when they are made twice, so that
// doubt about them is simply a reason to try again.
func classify(err error, repeatable bool) *bot.SendError {
	var known *bot.SendError
	if errors.As(err, &known) {
		return known
	}
	e := &bot.SendError{Err: err}
	var limited *slack.RateLimitedError
	var answered slack.SlackErrorResponse
	var status slack.StatusCodeError
	switch {
	case errors.As(err, &limited):
		e.Outcome, e.After, e.Limited, e.Reason = bot.Refused, limited.RetryAfter, true, "ratelimited"
	case errors.As(err, &answered):
		e.Outcome, e.Trouble, e.Reason = verdict(answered.Err), troubles[answered.Err], answered.Err
		if barring[answered.Err] != "" {
			e.Trouble = conversation.TroubleAccess
		}
		e.Limited = answered.Err == "ratelimited" || answered.Err == "rate_limited"
	case errors.As(err, &status):
		e.Reason = "http " + strconv.Itoa(status.Code)
		if status.Code >= http.StatusInternalServerError {
			e.Outcome = bot.Doubtful
		}
	case unsent(err):
		e.Outcome, e.Trouble, e.Reason = bot.Refused, conversation.TroubleUnreachable, "unreachable"
	default:
		e.Outcome, e.Trouble, e.Reason = bot.Doubtful, conversation.TroubleNoAnswer, "answer lost"
	}
	if repeatable && e.Outcome == bot.Doubtful {
		e.Outcome = bot.Refused
	}
	return e
}

func verdict(code string) bot.Outcome {
	switch {
	case passing[code] || barring[code] != "":
		return bot.Refused
	case halfway[code]:
		return bot.Doubtful
	}
	return bot.Final
}

// unsent reports whether a request surely never left: its connection was not made.
func unsent(err error) bool {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return true
	}
	var dns *net.DNSError
	return errors.As(err, &dns) || errors.Is(err, errNotBegun)
}

// errNotBegun says that there was no time left to begin.
var errNotBegun = errors.New("there was no time left to begin")

// begun refuses to begin a call whose time is over.
func begun(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return errors.Join(errNotBegun, err)
	}
	return nil
}

// withoutURL hides the address of a failed request, which for response_urls and sockets is a secret.
func withoutURL(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
