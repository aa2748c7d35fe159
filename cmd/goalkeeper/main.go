// Command goalkeeper is the bot: it serves Slack and Microsoft Teams, or a playground in the browser.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // an empty image has no time zones
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "goalkeeper:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New(`goalkeeper sets goals and keeps them alive inside Slack and Microsoft Teams.

  goalkeeper playground    try it in the browser: three people, one channel, a clock that can be moved
  goalkeeper serve         answer Slack and Teams; --help lists the settings
  goalkeeper healthcheck   ask a running server whether it is ready; for containers
  goalkeeper version       print the version`)

// run is the whole program: what it needs from outside are its arguments.
func run(ctx context.Context, args []string, env func(string) string, out, log io.Writer) error {
	name := ""
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	switch name {
	case "serve":
		return serve(ctx, args, env, out, log)
	case "playground":
		return runPlayground(ctx, args, env, out, log)
	case "healthcheck":
		return healthcheck(ctx, args, env)
	case "version":
		fmt.Fprintln(out, version())
		return nil
	}
	return errUsage
}

// version is the module's, with the commit it was built from where the toolchain knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "goalkeeper (unknown build)"
	}
	v := "goalkeeper " + info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v += " " + s.Value
		}
	}
	return v + " " + info.GoVersion
}
