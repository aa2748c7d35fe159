package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"goalkeeper/bot"
	"goalkeeper/bot/playground"
	"goalkeeper/cmd/goalkeeper/house"
	"goalkeeper/storage"
)

// runPlayground serves the page on which three people try the bot, with a clock that can be moved.
func runPlayground(ctx context.Context, args []string, env func(string) string, out, logTo io.Writer) error {
	flags := flag.NewFlagSet("goalkeeper playground", flag.ContinueOnError)
	flags.SetOutput(out)
	addr := flags.String("listen-addr", "127.0.0.1:8080", "loopback address to listen on; port 0 chooses a free one")
	redisURL := flags.String("redis-url", "embedded://", "where the state lives")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if !loopbackAddr(*addr) {
		return fmt.Errorf("the playground has no passwords, so it listens on loopback only: %s is not", *addr)
	}
	listener, err := listen(ctx, *addr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(logTo, &slog.HandlerOptions{Level: slog.LevelWarn}))
	slog.SetDefault(log)
	store, err := storage.Open(ctx, *redisURL)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()

	clock := playground.NewClock(time.Now)
	h := house.Join(store, clock.Now, log)
	page := playground.New(playground.Config{
		Clock: clock, Handler: h.Service, Settle: h.Scheduler.Settle, Log: log,
		Due: h.Scheduler.NextDue,
	})
	h.Add("play", page)
	routes := http.NewServeMux()
	page.Routes(routes)
	server := bot.NewServer(bot.ServerOptions{Log: log, Ready: map[string]func(context.Context) error{"store": store.Ready}})
	server.Handle("/", routes)
	server.Stream("GET /play/events", routes)

	fmt.Fprintf(out, "Open http://%s in a browser. Ctrl-C ends the playground; it keeps nothing.\n", listener.Addr())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return h.Run(ctx, log) })
	group.Go(func() error { <-ctx.Done(); page.Close(); return nil })
	group.Go(func() error { return server.Run(ctx, listener) })
	return group.Wait()
}

// listen takes the address, or says how to choose another one.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with -listen-addr", addr, err)
	}
	return listener, nil
}
