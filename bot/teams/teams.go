// Package teams is Goalkeeper in Microsoft Teams: it verifies and reads activities, answers invokes, sends
// cards through the Bot Framework's connector, and knows whom and where it can reach.
package teams

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"goalkeeper/bot"
	"goalkeeper/conversation"
)

// Microsoft's public cloud.
const (
	DefaultMetadataURL = "https://login.botframework.com/v1/.well-known/openidconfiguration"
	DefaultTokenURL    = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token" //nolint:gosec // an address, no secret
)

// Config is what the face needs. AppID, Password and TenantID come from the bot's registration, which is of a
// single tenant.
type Config struct {
	AppID    string
	Password string
	TenantID string
	// MetadataURL and TokenURL default to the public cloud's; {tenant} stands for TenantID.
	MetadataURL string
	TokenURL    string
	// AuthOff neither checks inbound tokens nor sends outbound ones: for trials on loopback.
	AuthOff bool

	Handler  bot.Handler
	Contacts Contacts
	Meter    *bot.Meter       // pays for look-ups; nil: they are free
	HTTP     *http.Client     // nil: one with timeouts
	Now      func() time.Time // the true clock, by which tokens are checked; nil: time.Now
	Log      *slog.Logger     // nil: slog.Default
}

// Face is Goalkeeper in one tenant.
type Face struct {
	appID     string
	tenant    string
	authOff   bool
	workspace conversation.Workspace
	handler   bot.Handler
	book      *book
	connector *connector
	meter     *bot.Meter
	keys      *keyRing
	tokens    gatekeeper
	now       func() time.Time
	log       *slog.Logger
	inFlight  singleflight.Group
	members   memberCache
	told      recent
	room      bot.Room  // activities being handled
	tails     bot.Room  // sentences to those who were turned away
	tally     bot.Tally // of them
	strangers bot.Tally
}

var (
	_ bot.Face               = (*Face)(nil)
	_ bot.Tolled             = (*Face)(nil)
	_ conversation.Directory = (*Face)(nil)
)

const (
	sendTime = 12 * time.Second // of one message, with opening a chat before it
	httpTime = 10 * time.Second // of one call
)

// New joins the parts; it asks nobody yet, so a start does not depend on Microsoft.
func New(_ context.Context, c Config) (*Face, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	f := &Face{
		appID: c.AppID, tenant: c.TenantID, authOff: c.AuthOff, workspace: conversation.Workspace("teams:" + c.TenantID),
		handler: c.Handler, now: c.Now, log: c.Log, meter: c.Meter, connector: &connector{http: c.HTTP, now: c.Now},
		keys:   &keyRing{metadataURL: c.MetadataURL, http: c.HTTP, now: c.Now, log: c.Log},
		tokens: open{}, room: bot.NewRoom(maxHandled), tails: bot.NewRoom(maxFollowing),
	}
	f.book = newBook(c.Contacts, f.workspace)
	if !c.AuthOff {
		f.tokens = newValidator(c.AppID, f.keys, c.Now)
		f.connector.tokens = newTokens(c.AppID, c.Password, c.TokenURL, c.HTTP)
	}
	return f, nil
}

// complete fills in the defaults and names what is missing.
func (c *Config) complete() error {
	if c.TenantID == "" || c.Handler == nil || c.Contacts == nil {
		return errors.New("teams: tenant, handler and contacts are needed")
	}
	if !c.AuthOff && (c.AppID == "" || c.Password == "") {
		return errors.New("teams: app id and password are needed")
	}
	if checkID(c.TenantID) != nil {
		return errors.New("teams: the tenant is the directory's id, such as 11111111-2222-3333-4444-555555555555")
	}
	fill(&c.MetadataURL, orDefault(c.MetadataURL, DefaultMetadataURL))
	fill(&c.TokenURL, strings.ReplaceAll(orDefault(c.TokenURL, DefaultTokenURL), "{tenant}", url.PathEscape(c.TenantID)))
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	client := http.Client{Timeout: httpTime}
	if c.HTTP != nil {
		client = *c.HTTP
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // a token follows nobody
	c.HTTP = &client
	return nil
}

func orDefault(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// Workspace names the tenant as the conversation knows it.
func (f *Face) Workspace() conversation.Workspace { return f.workspace }

// Routes adds the endpoint that the bot's registration names.
func (f *Face) Routes(mux *http.ServeMux) { mux.HandleFunc("POST /api/messages", f.serve) }

// Check reports whether activities can be verified and messages be sent.
func (f *Face) Check(ctx context.Context) error {
	if f.authOff {
		return nil
	}
	if err := f.keys.ready(ctx); err != nil {
		return err
	}
	if _, err := f.connector.token(ctx); err != nil {
		return err
	}
	return f.connector.gate.check(f.now())
}
