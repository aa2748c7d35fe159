package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"goalkeeper/storage"
)

// settings are what the process is told from outside, by environment or by flag; a flag wins.
type settings struct {
	redisURL, listenAddr                             string
	redisCA, redisCert, redisKey                     string
	redisWait, redisWaitTime                         string
	slackBotToken, slackSigningSecret, slackAppToken string
	slackAPIURL                                      string
	teamsAppID, teamsAppPassword, teamsTenantID      string
	teamsMetadataURL, teamsTokenURL, teamsAuth       string
	logLevel, logFormat, clockOffset                 string
	offset, waitTime                                 time.Duration
	wait                                             int // replicas
	level                                            slog.Level
}

// setting is one of them: its name in the environment, its default, and what it is for.
type setting struct {
	name, byDefault, help string
	secret                bool
	to                    *string
}

// flagName is how the setting is called on the command line: SLACK_BOT_TOKEN is -slack-bot-token.
func (s setting) flagName() string { return strings.ToLower(strings.ReplaceAll(s.name, "_", "-")) }

func (s *settings) table() []setting {
	return []setting{
		{"REDIS_URL", "redis://127.0.0.1:6379/0", "where the state lives: " + storage.Addresses, true, &s.redisURL},
		{"REDIS_TLS_CA", "", "a file with the authority that signed Redis' certificate, in PEM; without it the system's", false, &s.redisCA},
		{"REDIS_TLS_CERT", "", "a file with the certificate that Redis is shown, in PEM", false, &s.redisCert},
		{"REDIS_TLS_KEY", "", "the file with its key", false, &s.redisKey},
		{"REDIS_WAIT", "0", "how many replicas shall have a change before it is called saved (WAIT); 0 asks none", false, &s.redisWait},
		{"REDIS_WAIT_TIME", "200ms", "how long they are waited for, at most 500ms; the change is kept in any case", false, &s.redisWaitTime},
		{"LISTEN_ADDR", ":8080", "address to listen on", false, &s.listenAddr},
		{"SLACK_BOT_TOKEN", "", "the Slack app's bot token, xoxb-…", true, &s.slackBotToken},
		{"SLACK_SIGNING_SECRET", "", "the Slack app's signing secret; for HTTP", true, &s.slackSigningSecret},
		{"SLACK_APP_TOKEN", "", "an app-level token, xapp-…; turns Socket Mode on", true, &s.slackAppToken},
		{"SLACK_API_URL", "https://slack.com/api/", "Slack's Web API", false, &s.slackAPIURL},
		{"TEAMS_APP_ID", "", "the bot registration's application id", false, &s.teamsAppID},
		{"TEAMS_APP_PASSWORD", "", "its client secret", true, &s.teamsAppPassword},
		{"TEAMS_TENANT_ID", "", "the Microsoft 365 tenant the bot belongs to", false, &s.teamsTenantID},
		{"TEAMS_METADATA_URL", "https://login.botframework.com/v1/.well-known/openidconfiguration", "where the keys of inbound tokens are found", false, &s.teamsMetadataURL},
		{"TEAMS_TOKEN_URL", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token", "where outbound tokens come from; {tenant} is filled in", false, &s.teamsTokenURL},
		{"TEAMS_AUTH", "on", "off accepts Teams activities without a token: for trials on loopback only", false, &s.teamsAuth},
		{"LOG_LEVEL", "info", "debug, info, warn or error", false, &s.logLevel},
		{"LOG_FORMAT", "text", "text or json", false, &s.logFormat},
		{"CLOCK_OFFSET", "0s", "for trials: how far this process's clock runs ahead, such as 142h57m or -30h", false, &s.clockOffset},
	}
}

// readSettings takes the settings from flags and environment. All that is wrong is told at once, each in one
// line that says how to mend it; the values of secrets are never part of it.
func readSettings(args []string, env func(string) string, help io.Writer) (*settings, error) {
	s := &settings{}
	flags := flag.NewFlagSet("goalkeeper serve", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	for _, one := range s.table() {
		value := env(one.name)
		if value == "" {
			value = one.byDefault
		}
		*one.to = value
		flags.StringVar(one.to, one.flagName(), value, one.help)
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		s.usage(help)
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: see goalkeeper serve --help", err)
	case flags.NArg() > 0:
		return nil, fmt.Errorf("serve takes flags only, not %q: see goalkeeper serve --help", flags.Arg(0))
	}
	return s, s.check()
}

// usage lists every setting with its default.
func (s *settings) usage(w io.Writer) {
	fmt.Fprint(w, "goalkeeper serve answers Slack and Microsoft Teams.\n\nEach setting is an environment variable and a flag; the flag wins.\n\n")
	for _, one := range s.table() {
		byDefault := one.byDefault
		if byDefault == "" {
			byDefault = "not set"
		}
		fmt.Fprintf(w, "  %-22s -%s\n      %s\n      default: %s\n", one.name, one.flagName(), one.help, byDefault)
	}
}

// slackOn and teamsOn report whether a face's settings are there.
func (s *settings) slackOn() bool { return s.slackBotToken != "" }
func (s *settings) teamsOn() bool { return s.teamsAppID != "" }

func (s *settings) check() error {
	problems := slices.Concat(s.checkStore(), s.checkSlack(), s.checkTeams(), s.checkLog(), s.checkClock())
	if !s.slackOn() && !s.teamsOn() && len(problems) == 0 {
		problems = append(problems, "neither Slack nor Teams is configured: set SLACK_BOT_TOKEN with SLACK_SIGNING_SECRET or SLACK_APP_TOKEN, or TEAMS_APP_ID with TEAMS_APP_PASSWORD and TEAMS_TENANT_ID (to try it without either: goalkeeper playground)")
	}
	if len(problems) == 0 {
		return nil
	}
	return errors.New(strings.Join(problems, "\n"))
}

func (s *settings) checkStore() (problems []string) {
	if _, err := storage.Hosts(s.redisURL); err != nil {
		problems = append(problems, "REDIS_URL: "+err.Error())
	}
	var err error
	if s.wait, err = strconv.Atoi(s.redisWait); err != nil || s.wait < 0 || s.wait > 9 {
		problems = append(problems, fmt.Sprintf("REDIS_WAIT %q must be a number of replicas, 0 to 9", s.redisWait))
	}
	if s.waitTime, err = time.ParseDuration(s.redisWaitTime); err != nil || s.waitTime < time.Millisecond || s.waitTime > storage.MaxWait {
		problems = append(problems, fmt.Sprintf("REDIS_WAIT_TIME %q must be between 1ms and %s", s.redisWaitTime, storage.MaxWait))
	}
	if _, _, err := net.SplitHostPort(s.listenAddr); err != nil {
		problems = append(problems, fmt.Sprintf("LISTEN_ADDR %q must be an address and a port, such as :8080 or 127.0.0.1:8080", s.listenAddr))
	}
	return problems
}

// storeOptions are what the store is told besides its address.
func (s *settings) storeOptions() []storage.Option {
	return []storage.Option{
		storage.WithTLS(storage.TLS{CA: s.redisCA, Cert: s.redisCert, Key: s.redisKey}),
		storage.WithWait(s.wait, s.waitTime),
	}
}

func (s *settings) checkSlack() (problems []string) {
	if !s.slackOn() {
		if s.slackSigningSecret != "" || s.slackAppToken != "" {
			problems = append(problems, "SLACK_BOT_TOKEN is missing: copy it from the Slack app's page OAuth & Permissions (xoxb-…)")
		}
		return problems
	}
	if !strings.HasPrefix(s.slackBotToken, "xoxb-") {
		problems = append(problems, "SLACK_BOT_TOKEN must begin with xoxb-: it is the Bot User OAuth Token of OAuth & Permissions")
	}
	if s.slackSigningSecret == "" && s.slackAppToken == "" {
		problems = append(problems, "SLACK_SIGNING_SECRET (for HTTP) or SLACK_APP_TOKEN (for Socket Mode) is missing: both are on the Slack app's page Basic Information")
	}
	if s.slackAppToken != "" && !strings.HasPrefix(s.slackAppToken, "xapp-") {
		problems = append(problems, "SLACK_APP_TOKEN must begin with xapp-: make an app-level token with the scope connections:write")
	}
	return append(problems, checkURL("SLACK_API_URL", s.slackAPIURL)...)
}

func (s *settings) checkTeams() (problems []string) {
	switch s.teamsAuth {
	case "on":
	case "off":
		if !loopbackAddr(s.listenAddr) {
			problems = append(problems, "TEAMS_AUTH=off is for trials: set LISTEN_ADDR to a loopback address such as 127.0.0.1:8080, or remove TEAMS_AUTH")
		}
	default:
		problems = append(problems, "TEAMS_AUTH must be on or off")
	}
	if !s.teamsOn() {
		if s.teamsAppPassword != "" || s.teamsTenantID != "" {
			problems = append(problems, "TEAMS_APP_ID is missing: it is the application (client) id of the bot's registration")
		}
		return problems
	}
	if s.teamsAppPassword == "" && s.teamsAuth != "off" {
		problems = append(problems, "TEAMS_APP_PASSWORD is missing: make a client secret under Certificates & secrets of the bot's registration")
	}
	if s.teamsTenantID == "" {
		problems = append(problems, "TEAMS_TENANT_ID is missing: it is the directory (tenant) id of the bot's registration")
	}
	for _, id := range []struct{ name, value string }{{"TEAMS_APP_ID", s.teamsAppID}, {"TEAMS_TENANT_ID", s.teamsTenantID}} {
		if id.value != "" && !guid.MatchString(id.value) {
			problems = append(problems, id.name+" must be an id such as 0a1b2c3d-0000-4000-8000-0123456789ab: copy it from the registration's overview")
		}
	}
	problems = append(problems, checkURL("TEAMS_METADATA_URL", s.teamsMetadataURL)...)
	return append(problems, checkURL("TEAMS_TOKEN_URL", s.teamsTokenURL)...)
}

func (s *settings) checkLog() (problems []string) {
	if err := s.level.UnmarshalText([]byte(s.logLevel)); err != nil {
		problems = append(problems, fmt.Sprintf("LOG_LEVEL %q must be debug, info, warn or error", s.logLevel))
	}
	if s.logFormat != "text" && s.logFormat != "json" {
		problems = append(problems, fmt.Sprintf("LOG_FORMAT %q must be text or json", s.logFormat))
	}
	return problems
}

// checkClock refuses a moved clock where it could meet real people: prompts at the wrong hour cannot be unsent.
func (s *settings) checkClock() (problems []string) {
	offset, err := time.ParseDuration(s.clockOffset)
	if err != nil {
		return []string{fmt.Sprintf("CLOCK_OFFSET %q must be a duration such as 142h57m or -30h", s.clockOffset)}
	}
	s.offset = offset
	if offset == 0 {
		return nil
	}
	if hosts, _ := storage.Hosts(s.redisURL); slices.ContainsFunc(hosts, func(h string) bool { return !loopbackHost(h) }) {
		problems = append(problems, "CLOCK_OFFSET is for trials on this machine: REDIS_URL must point to loopback, or CLOCK_OFFSET be removed")
	}
	for _, one := range []struct {
		name, url string
		used      bool
	}{
		{"SLACK_API_URL", s.slackAPIURL, s.slackOn()},
		{"TEAMS_METADATA_URL", s.teamsMetadataURL, s.teamsOn() && s.teamsAuth != "off"},
		{"TEAMS_TOKEN_URL", s.teamsTokenURL, s.teamsOn() && s.teamsAuth != "off"},
	} {
		if one.used && !loopbackURL(one.url) {
			problems = append(problems, "CLOCK_OFFSET is for trials on this machine: "+one.name+" must point to loopback, or CLOCK_OFFSET be removed")
		}
	}
	return problems
}

// guid is the form of Microsoft's ids.
var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func checkURL(name, value string) []string {
	u, err := url.Parse(value)
	if err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && loopbackURL(value)) {
		return nil
	}
	return []string{name + " must be an https:// address (http:// on loopback only)"}
}

// loopbackURL reports whether the address cannot leave this machine.
func loopbackURL(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	return loopbackHost(u.Hostname())
}

func loopbackAddr(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && loopbackHost(host)
}

func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// logger writes to w as the settings say.
func (s *settings) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.level}
	if s.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
