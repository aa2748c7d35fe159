package teams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/singleflight"

	"goalkeeper/bot"
	"goalkeeper/conversation"
)

// connector speaks the Bot Framework's REST interface, with a token of our own tenant.
type connector struct {
	http   *http.Client
	tokens *tokens // nil: none are needed, authentication is off
	now    func() time.Time
	gate   gate
}

const (
	maxReply = 1 << 20   // bytes of an answer that are read
	maxWait  = time.Hour // more than that no Retry-After is believed
	scope    = "https://api.botframework.com/.default"
)

// do calls and returns the body of a good answer. Every error is a *bot.SendError.
func (c *connector) do(ctx context.Context, method, address string, body []byte) ([]byte, error) {
	if why := c.gate.shut(c.now()); why != "" {
		return nil, barred(why, errors.New("the connector does not let the bot in"))
	}
	reply, err := c.twice(ctx, method, address, body)
	var failure *bot.SendError
	if errors.As(err, &failure) && failure.Trouble == conversation.TroubleAccess {
		c.gate.close(failure.Reason, c.now())
	} else {
		c.gate.open()
	}
	return reply, err
}

// twice calls, and once more with a new token when the first is refused.
func (c *connector) twice(ctx context.Context, method, address string, body []byte) ([]byte, error) {
	for again := false; ; again = true {
		token, err := c.token(ctx)
		if err != nil {
			return nil, err
		}
		reply, err := c.once(ctx, method, address, body, token)
		var refused *statusError
		if !again && errors.As(err, &refused) && refused.status == http.StatusUnauthorized && c.tokens != nil {
			c.tokens.drop(token)
			continue
		}
		return reply, err
	}
}

func (c *connector) token(ctx context.Context) (string, error) {
	if c.tokens == nil {
		return "", nil
	}
	token, err := c.tokens.get(ctx)
	if err != nil {
		return "", tokenError(err)
	}
	return token, nil
}

func (c *connector) once(ctx context.Context, method, address string, body []byte, token string) ([]byte, error) {
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), method, address, bytes.NewReader(body))
	if err != nil {
		return nil, &bot.SendError{Outcome: bot.Final, Trouble: conversation.TroubleElsewhere, Reason: "bad address", Err: err}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, lost(err, connected.Load())
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if resp.StatusCode > 299 {
		return nil, c.refusal(resp, reply)
	}
	if err != nil {
		return nil, lost(err, true)
	}
	return reply, nil
}

// lost is a call without an answer. Before there was a connection nothing can have been accepted.
func lost(err error, connected bool) error {
	if connected {
		return &bot.SendError{Outcome: bot.Doubtful, Trouble: conversation.TroubleNoAnswer, Reason: "answer lost", Err: err}
	}
	return &bot.SendError{Outcome: bot.Refused, Trouble: conversation.TroubleUnreachable, Reason: "unreachable", Err: err}
}

// statusError keeps the status for those few who decide by it.
type statusError struct {
	status int
	code   string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("the connector answered %d %s", e.status, e.code)
}

// refusal classifies a bad answer. What Microsoft asks to be tried again ("Teams conversational bots", status codes from
// bot conversational APIs, read in November 2026) is tried again, but for a gateway's timeout: it leaves open whether
// the message was taken, and is in doubt like any other lost answer.
func (c *connector) refusal(resp *http.Response, body []byte) error {
	status := &statusError{resp.StatusCode, errorCode(body)}
	e := &bot.SendError{Outcome: bot.Final, Trouble: troubleOf(status),
		Reason: strings.TrimSpace(fmt.Sprint(resp.StatusCode, " ", status.code)), Err: status}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusPreconditionFailed, http.StatusBadGateway, http.StatusServiceUnavailable:
		e.Outcome, e.After = bot.Refused, c.retryAfter(resp.Header.Get("Retry-After"))
		e.Limited = resp.StatusCode == http.StatusTooManyRequests
	case http.StatusUnauthorized:
		e.Outcome = bot.Refused
	case http.StatusGatewayTimeout, http.StatusInternalServerError, http.StatusRequestTimeout:
		e.Outcome = bot.Doubtful
	}
	return e
}

// errorCode is the connector's own word for a failure. Its message may quote ours and is left out.
func errorCode(body []byte) string {
	var told struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(body, &told) // whatever it is, the status decides
	var inner struct {
		SubCode string `json:"subCode"`
	}
	if told.Error.Code == "" && json.Unmarshal([]byte(told.Message), &inner) == nil {
		told.Error.Code = inner.SubCode
	}
	code := strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r
		}
		return -1
	}, told.Error.Code)
	return code[:min(len(code), 80)]
}

func (c *connector) retryAfter(header string) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.Atoi(header); err == nil {
		wait = time.Duration(min(max(seconds, 0), int(maxWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(c.now())
	}
	return min(max(wait, 0), maxWait)
}

// tokens are the bot's outbound tokens: one at a time, renewed early by oauth2, dropped when it is refused.
type tokens struct {
	config clientcredentials.Config
	http   *http.Client

	asked  singleflight.Group
	mu     sync.Mutex
	source oauth2.TokenSource
}

func newTokens(appID, secret, tokenURL string, client *http.Client) *tokens {
	return &tokens{http: client, config: clientcredentials.Config{
		ClientID: appID, ClientSecret: secret, TokenURL: tokenURL, Scopes: []string{scope}, AuthStyle: oauth2.AuthStyleInParams,
	}}
}

// get waits as long as ctx; the request itself obeys the client's own timeout, because the token serves later calls,
// too. All who wait share one request: else each would wait for all before it to fail.
func (t *tokens) get(ctx context.Context) (string, error) {
	select {
	case out := <-t.asked.DoChan("", func() (any, error) { return t.fetch(ctx) }):
		token, _ := out.Val.(string)
		return token, out.Err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (t *tokens) fetch(ctx context.Context) (string, error) {
	t.mu.Lock()
	if t.source == nil {
		t.source = t.config.TokenSource(context.WithValue(context.WithoutCancel(ctx), oauth2.HTTPClient, t.http))
	}
	source := t.source
	t.mu.Unlock()
	token, err := source.Token()
	if err != nil {
		return "", err
	}
	return token.AccessToken, nil
}

// drop forgets this token, unless a newer one is already there.
func (t *tokens) drop(refused string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source == nil {
		return
	}
	if now, err := t.source.Token(); err != nil || now.AccessToken == refused {
		t.source = nil
	}
}

// tokenError is what the identity service says, without its description, which names internals.
func tokenError(err error) error {
	var told *oauth2.RetrieveError
	if errors.As(err, &told) {
		why := fmt.Sprintf("token %d %s", told.Response.StatusCode, told.ErrorCode)
		return barred(why, errors.New("the identity service refused a token"))
	}
	return &bot.SendError{Outcome: bot.Refused, Trouble: conversation.TroubleUnreachable, Reason: "no token",
		Err: errors.New("the identity service cannot be reached")}
}

// parseService reads a serviceUrl, which must be an absolute web address.
func parseService(service string) (*url.URL, error) {
	u, err := url.Parse(service)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || len(service) > maxID {
		return nil, fmt.Errorf("%.80q is not a service address", service)
	}
	return u, nil
}

// endpoint joins the path of a call, each part of it escaped.
func endpoint(service string, parts ...string) (string, error) {
	u, err := parseService(service)
	if err != nil {
		return "", err
	}
	for _, part := range parts {
		if err := checkID(part); err != nil {
			return "", err
		}
	}
	return u.JoinPath(append([]string{"v3"}, parts...)...).String(), nil
}
