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
)

// passing are Slack's error codes that go away by themselves and say that nothing was done.
var passing = map[string]bool{
	"ratelimited": true, "rate_limited": true, "service_unavailable": true, "request_timeout": true,
	"team_added_to_org": true, "accesslimited": true, "message_limit_exceeded": true,
}

// halfway are the codes after which, as Slack documents, part of the work may have been done.
var halfway = map[string]bool{"fatal_error": true, "internal_error": true}

// reasons say in plain words what mends the failures that people meet. Codes without one are told as they are.
var reasons = map[string]string{ //nolint:gosec // names of errors, no secrets
	"account_inactive":        "the app was removed from the workspace; install it again",
	"token_revoked":           "the bot token was revoked; install the app again",
	"token_expired":           "the bot token has expired; install the app again",
	"invalid_auth":            "Slack does not accept the bot token; set the current one",
	"not_authed":              "there is no bot token; set it",
	"missing_scope":           "the app lacks a permission; install it again with the current manifest",
	"channel_not_found":       "the channel is gone, or private and the app is not in it; invite the app",
	"not_in_channel":          "the app is not in the channel; invite it",
	"user_not_in_channel":     "the person is not in the channel",
	"is_archived":             "the channel is archived",
	"user_disabled":           "the person's account is deactivated",
	"user_not_found":          "there is no such person in the workspace",
	"user_not_visible":        "the app may not see this person",
	"cannot_dm_bot":           "this is a bot, which cannot be written to",
	"messages_tab_disabled":   "direct messages to the app are switched off; switch on the Messages tab",
	"restricted_action":       "the workspace does not let the app post there",
	"message_not_found":       "the message was deleted",
	"thread_not_found":        "the thread was deleted",
	"cant_update_message":     "the message cannot be changed any more",
	"edit_window_closed":      "the workspace does not let messages be changed that late",
	"team_access_not_granted": "the app has no access to the workspace; install it again",
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
		e.Outcome, e.Reason = verdict(answered.Err), orElse(reasons[answered.Err], answered.Err)
		e.Limited = answered.Err == "ratelimited" || answered.Err == "rate_limited"
	case errors.As(err, &status):
		e.Reason = "http " + strconv.Itoa(status.Code)
		if status.Code >= http.StatusInternalServerError {
			e.Outcome = bot.Doubtful
		}
	case unsent(err):
		e.Outcome, e.Reason = bot.Refused, "Slack cannot be reached"
	default:
		e.Outcome, e.Reason = bot.Doubtful, "the answer was lost"
	}
	if repeatable && e.Outcome == bot.Doubtful {
		e.Outcome = bot.Refused
	}
	return e
}

func verdict(code string) bot.Outcome {
	switch {
	case passing[code]:
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
