// Command soak lets two replicas of the house work for a while, with people who type and press without pause and a
// clock under which weeks go by, and looks whether memory, goroutines, connections and keys level off.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // people live in zones, wherever this runs
)

func main() {
	if err := command(context.Background(), os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// settings are what the command line says.
type settings struct {
	during   time.Duration
	every    time.Duration // between samples
	people   int
	rate     int // acts a second
	seed     uint64
	svg      string
	markdown string
	profiles string
}

// command is the whole program: a replica where the soak starts itself, else the soak.
func command(ctx context.Context, args []string) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(args) > 0 && args[0] == replicaWord {
		return replica(ctx, args[1:])
	}
	var set settings
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.DurationVar(&set.during, "for", 20*time.Minute, "how long")
	flags.DurationVar(&set.every, "every", 5*time.Second, "between two samples")
	flags.IntVar(&set.people, "people", 80, "who have three goals each, and are asked every week")
	flags.IntVar(&set.rate, "rate", 60, "things that people do in a second; some take several requests")
	flags.Uint64Var(&set.seed, "seed", 2026, "seed of everything that is made up")
	flags.StringVar(&set.svg, "out", "", "file for the graph")
	flags.StringVar(&set.markdown, "markdown", "", "file for the page, which shows the graph")
	flags.StringVar(&set.profiles, "profiles", "", "folder into which replicas write a heap profile and their goroutines when they end")
	if err := flags.Parse(args); err != nil {
		return err
	}
	r, err := run(ctx, set)
	if err != nil {
		return err
	}
	if err := publish(set, r); err != nil {
		return err
	}
	fmt.Print(r.table())
	return r.verdict()
}

func publish(set settings, r *result) error {
	var errs []error
	if set.svg != "" {
		errs = append(errs, os.WriteFile(set.svg, []byte(r.graph()), 0o644)) //nolint:gosec // documentation, to be read by everybody
	}
	if set.markdown != "" {
		errs = append(errs, os.WriteFile(set.markdown, []byte(r.page(set)), 0o644)) //nolint:gosec // the same
	}
	return errors.Join(errs...)
}
