// Command faults shows that nothing is lost and nothing comes twice: several replicas of the real house on one
// store play years of check-ins and digests while everything goes wrong that can, and then every message, answer,
// timer and record is held against what people were promised.
//
// A seed names a run. Crash points are found by a hook: each call of the store and of the platform is one, with two
// sides. The faults at a point depend on the seed and on what is being done alone; only the product's own jitter is
// left to chance.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/pprof"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("faults", flag.ExitOnError)
	p := Plan{Progress: os.Stderr}
	flags.Uint64Var(&p.Seed, "seed", 1, "names the run")
	flags.IntVar(&p.Occurrences, "occurrences", 100_000, "prompts, reminders and digests that are due, at least")
	flags.StringVar(&p.Store, "store", "embedded://", "embedded://, redis, sentinel or cluster, which are started and broken, or the address of an empty one")
	worlds := flags.Int("worlds", 1, "play so many at once, with seeds from this one on")
	flags.IntVar(&p.People, "people", 0, "how many; 0 for as many as fit")
	flags.DurationVar(&p.For, "for", 0, "begin no further week after so long, and report on those that were played; 0 for as long as it takes")
	flags.Float64Var(&p.Rate, "rate", 0.004, "the chance of a fault at each call of store and platform")
	flags.Float64Var(&p.Answering, "answering", 0.4, "the share of prompts that people do something about")
	start := flags.String("start", "2026-02-02", "the Monday on which the story begins")
	profile := flags.String("cpuprofile", "", "write a CPU profile there")
	markdown := flags.Bool("markdown", false, "write the report as Markdown")
	verbose := flags.Bool("v", false, "show the replicas' log")
	_ = flags.Parse(args)
	var err error
	if p.Start, err = time.Parse(time.DateOnly, *start); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // stores tell of outages, of which there are thousands
	if *verbose {
		p.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	debug.SetGCPercent(400) // the store is in this process, too
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 2
		}
		_ = pprof.StartCPUProfile(f)
		defer pprof.StopCPUProfile()
	}
	r, err := RunAll(ctx, p, max(1, *worlds))
	if err != nil {
		fmt.Fprintln(os.Stderr, "the suite could not run:", err)
		return 2
	}
	r.Write(os.Stdout, *markdown)
	if missed := r.uncrashed(pointsOften); len(missed) > 0 {
		fmt.Printf("FAILED: points that were passed %d times and more and never crashed at: %q\n", pointsOften, missed)
		return 1
	}
	if len(r.failures) > 0 {
		return 1
	}
	return 0
}

// pointsOften is how often a point is passed before a crash must have met it on both sides.
const pointsOften = 500
