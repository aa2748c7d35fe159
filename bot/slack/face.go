// Package slack is the face that people see in Slack: it verifies and decodes what Slack delivers, over HTTP or
// Socket Mode, shows answers as ephemeral messages, modals and the Home tab, and sends messages.
package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/slack-go/slack"

	"goalkeeper/bot"
	"goalkeeper/conversation"
)

// Config is what a Face needs. Everything but AppToken, SigningSecret, APIURL and Meter is required.
type Config struct {
	BotToken      string
	SigningSecret string // for HTTP; without it the routes refuse everything
	AppToken      string // for Socket Mode; without it Run only waits
	APIURL        string // ends with a slash; empty for Slack's own
	Client        *http.Client
	Clock         func() time.Time // the true time: signatures are checked by it
	Handler       bot.Handler
	Contacts      bot.Contacts
	Meter         *bot.Meter // pays for look-ups
	Log           *slog.Logger
}

// Face is one Slack workspace. It is a bot.Face, a bot.Finder and a conversation.Directory.
type Face struct {
	cfg       Config
	api       *slack.Client
	work      sync.WaitGroup // answers under way
	room      bot.Room       // deliveries being handled
	tails     bot.Room       // answers following acknowledgements
	waiting   bot.Room       // deliveries over Socket Mode, answered or turned away
	tally     bot.Tally      // of deliveries turned away
	strangers bot.Tally

	people *cache[conversation.Profile]
	rooms  *cache[conversation.Room]
	crowds *cache[map[string]bool]
	dms    *cache[string]
	// answered are the modals whose answer was shown.
	answered *cache[struct{}]
	// pressed are the controls that were answered a moment ago.
	pressed *cache[struct{}]

	mu     sync.RWMutex
	team   string
	self   string    // our user id
	broken error     // why the workspace cannot be reached; nil when it can
	barred string    // Slack's word for letting the app do nothing any more; empty when it does
	knocks time.Time // when Slack was last asked whether it still does not
	socket error     // why Socket Mode is down; nil when it is up or not used
}

var (
	_ bot.Face               = (*Face)(nil)
	_ bot.Finder             = (*Face)(nil)
	_ bot.Tolled             = (*Face)(nil)
	_ conversation.Directory = (*Face)(nil)
)

const (
	callTimeout  = 10 * time.Second
	firstLook    = 5 * time.Second // how long New waits for Slack before it goes on without
	doubleClick  = 2 * time.Second // within which a second press is the same one
	longestPause = time.Minute     // between attempts to reach Slack at start
	maxCrowds    = 32              // channels whose members are remembered, up to ten thousand each
	knockEvery   = time.Minute     // how often a barred app asks whether it is let in again
)

// New connects the face to its workspace. A token that Slack refuses is an error. When Slack cannot be reached,
// the face goes on trying until ctx ends; Check tells.
func New(ctx context.Context, cfg Config) (*Face, error) {
	if cfg.Client == nil {
		cfg.Client = &http.Client{Timeout: callTimeout}
	}
	f := newFace(cfg)
	first, cancel := context.WithTimeout(ctx, firstLook)
	defer cancel()
	err := f.recognise(first)
	var refused slack.SlackErrorResponse
	switch {
	case errors.As(err, &refused) && !passing[refused.Err]:
		return nil, fmt.Errorf("auth.test: Slack refuses the bot token (%s): copy it anew from OAuth & Permissions", refused.Err)
	case err != nil:
		cfg.Log.WarnContext(ctx, "Slack cannot be reached, trying on", "error", err)
		f.work.Go(func() { f.keepTrying(ctx) })
	}
	return f, nil
}

// newFace is a face that has not looked for its workspace yet.
func newFace(cfg Config) *Face {
	return &Face{
		cfg: cfg, api: newClient(cfg),
		people: newCache[conversation.Profile](4096, time.Minute),
		rooms:  newCache[conversation.Room](1024, time.Minute),
		room:   bot.NewRoom(maxHandled), tails: bot.NewRoom(maxFollowing), waiting: bot.NewRoom(maxWaiting),
		crowds:   newCache[map[string]bool](maxCrowds, time.Minute),
		dms:      newCache[string](4096, 24*time.Hour),
		answered: newCache[struct{}](1024, time.Minute),
		pressed:  newCache[struct{}](1024, doubleClick),
		broken:   errors.New("Slack has not answered yet"), //nolint:staticcheck // Slack is a name
	}
}

// newClient makes slack-go's client without its own log, which would hold message text. It neither retries nor
// sleeps unless told to, and it is not told to.
func newClient(cfg Config) *slack.Client {
	options := []slack.Option{
		slack.OptionHTTPClient(cfg.Client),
		slack.OptionLog(log.New(io.Discard, "", 0)),
		slack.OptionAppLevelToken(cfg.AppToken),
	}
	if cfg.APIURL != "" {
		options = append(options, slack.OptionAPIURL(cfg.APIURL))
	}
	return slack.New(cfg.BotToken, options...)
}

// recognise learns which workspace the token belongs to.
func (f *Face) recognise(ctx context.Context) error {
	who, err := f.api.AuthTestContext(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		if f.barred == "" { // else what mends it stands there already
			f.broken = fmt.Errorf("auth.test: %w", err)
		}
		return err
	}
	f.team, f.self, f.broken, f.barred = who.TeamID, who.UserID, nil, ""
	return nil
}

func (f *Face) keepTrying(ctx context.Context) {
	pause := backoff.NewExponentialBackOff()
	pause.MaxInterval = longestPause
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		attempt, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		return struct{}{}, f.recognise(attempt)
	}, backoff.WithBackOff(pause), backoff.WithMaxElapsedTime(0))
	if err == nil {
		f.cfg.Log.InfoContext(ctx, "Slack reached", "workspace", f.Workspace())
	}
}

// Workspace is the workspace the face stands in, empty until Slack has told.
func (f *Face) Workspace() conversation.Workspace {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.team == "" {
		return ""
	}
	return conversation.Workspace("slack:" + f.team)
}

// Check tells why the workspace cannot be reached, nil when it can.
func (f *Face) Check(ctx context.Context) error {
	_ = f.knock(ctx) // its error is noted
	f.mu.RLock()
	defer f.mu.RUnlock()
	return errors.Join(f.broken, f.socket)
}

// bot is the id of our own user.
func (f *Face) bot() string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.self
}

// down notes why Socket Mode is not connected, nil when it is.
func (f *Face) down(why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.socket = why
}

// bar notes that Slack lets the app do nothing any more, by its word for that. What is to be sent waits meanwhile.
func (f *Face) bar(code string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.barred, f.knocks = code, f.cfg.Clock()
	f.broken = fmt.Errorf("%s (%s)", orElse(barring[code], "Slack no longer lets the app in: install it again"), code)
}

// knock asks, once in a while, whether an app that was barred is let in again. Until it is, nothing else is asked.
func (f *Face) knock(ctx context.Context) error {
	code, mayAsk := f.shut()
	if code != "" && mayAsk && f.recognise(ctx) == nil {
		f.cfg.Log.InfoContext(ctx, "Slack lets the app in again", "workspace", f.Workspace())
		return nil
	}
	if code == "" {
		return nil
	}
	return &bot.SendError{Outcome: bot.Refused, Trouble: conversation.TroubleAccess, Reason: code, Err: errBarred}
}

// shut is the word that bars the app, empty when it is let in, and whether it is time to ask again.
func (f *Face) shut() (code string, mayAsk bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.cfg.Clock()
	if f.barred == "" || now.Sub(f.knocks) < knockEvery {
		return f.barred, false
	}
	f.knocks = now
	return f.barred, true
}

// errBarred says that a call was not made.
var errBarred = errors.New("Slack lets the app do nothing in the workspace") //nolint:staticcheck // Slack is a name

// Run serves Socket Mode when there is an app token, else it waits. It ends with ctx, after the answers under way.
func (f *Face) Run(ctx context.Context) error {
	var err error
	if f.cfg.AppToken != "" {
		err = f.listen(ctx)
	} else {
		<-ctx.Done()
	}
	f.work.Wait() // each is bounded by its own timeout
	return err
}
