package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"goalkeeper/bot"
	"goalkeeper/bot/slack"
	"goalkeeper/bot/teams"
	"goalkeeper/cmd/goalkeeper/house"
	"goalkeeper/storage"
)

// serve runs the bot on the platforms whose settings are there, until ctx ends.
func serve(ctx context.Context, args []string, env func(string) string, out, logTo io.Writer) error {
	set, err := readSettings(args, env, out)
	if err != nil {
		return err
	}
	log := set.logger(logTo)
	slog.SetDefault(log) // the store and its client speak to the default
	listener, err := listen(ctx, set.listenAddr)
	if err != nil {
		return err
	}
	store, err := storage.Open(ctx, set.redisURL, set.storeOptions()...)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()

	h := house.Join(store, func() time.Time { return time.Now().Add(set.offset) }, log)
	checks := map[string]func(context.Context) error{"store": store.Ready}
	routes := http.NewServeMux()
	group, ctx := errgroup.WithContext(ctx)
	if set.slackOn() {
		f, err := slackFace(ctx, set, h, log)
		if err != nil {
			return err
		}
		h.Add("slack", f)
		checks["slack"] = f.Check
		f.Routes(routes)
		group.Go(func() error { return f.Run(ctx) })
	}
	if set.teamsOn() {
		f, err := teamsFace(ctx, set, h, log)
		if err != nil {
			return err
		}
		h.Add("teams", f)
		checks["teams"] = f.Check
		f.Routes(routes)
	}
	if set.offset != 0 {
		log.Warn("the clock is moved: this is a trial", "ahead", set.offset)
	}
	log.Info("serving", "address", listener.Addr().String(), "slack", set.slackOn(), "teams", set.teamsOn(), "version", version())
	server := bot.NewServer(bot.ServerOptions{
		Log: log, Ready: checks,
		Warnings: map[string]func(context.Context) []string{"store": store.Warnings},
	})
	server.Face("/", routes)
	group.Go(func() error { return h.Run(ctx, log) })
	group.Go(func() error { return server.Run(ctx, listener) })
	return group.Wait()
}

func slackFace(ctx context.Context, set *settings, h *house.House, log *slog.Logger) (*slack.Face, error) {
	api := set.slackAPIURL
	if !strings.HasSuffix(api, "/") {
		api += "/"
	}
	return slack.New(ctx, slack.Config{
		BotToken: set.slackBotToken, SigningSecret: set.slackSigningSecret, AppToken: set.slackAppToken, APIURL: api,
		Client: &http.Client{Timeout: 10 * time.Second}, Clock: time.Now,
		Handler: h.Service, Contacts: h.Store, Meter: h.Meter, Log: log,
	})
}

func teamsFace(ctx context.Context, set *settings, h *house.House, log *slog.Logger) (*teams.Face, error) {
	if set.teamsAuth == "off" {
		log.Warn("TEAMS_AUTH=off: activities are accepted without a token, on loopback only")
	}
	return teams.New(ctx, teams.Config{
		AppID: set.teamsAppID, Password: set.teamsAppPassword, TenantID: set.teamsTenantID,
		MetadataURL: set.teamsMetadataURL, TokenURL: set.teamsTokenURL, AuthOff: set.teamsAuth == "off",
		Handler: h.Service, Contacts: h.Store, Meter: h.Meter, Now: time.Now, Log: log,
	})
}
