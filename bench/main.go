// Command bench measures Goalkeeper beside what else could do the same work, in the same run, and writes the
// ratios as a Markdown table. It is a module of its own, so that nobody who installs Goalkeeper downloads what it
// compares with.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"
	"syscall"
	_ "time/tzdata" // the rows about time zones need all of them
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) > 1 && helpers[os.Args[1]] != nil {
		exit(helpers[os.Args[1]](ctx, os.Args[2:]))
	}
	exit(run(ctx, os.Args[1:], os.Stderr))
}

// helpers are what the bench starts itself as, where something has to run in a process of its own.
var helpers = map[string]func(ctx context.Context, args []string) error{}

func exit(err error) {
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		os.Exit(0)
	default:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are what the command line says.
type settings struct {
	rows    string
	rounds  int
	smoke   bool
	seed    uint64
	out     string
	profile string
}

// run is the whole program.
func run(ctx context.Context, args []string, log io.Writer) error {
	var set settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&set.rows, "rows", "", "letters of the rows to measure, such as a,g,m; empty: all")
	flags.IntVar(&set.rounds, "rounds", 5, "interleaved rounds of each row")
	flags.BoolVar(&set.smoke, "smoke", false, "tiny sizes and one round: shows that the rows run, measures nothing")
	flags.Uint64Var(&set.seed, "seed", 2026, "seed of everything that is made up")
	flags.StringVar(&set.out, "out", "", "file for the Markdown table; empty: standard output")
	flags.StringVar(&set.profile, "cpuprofile", "", "file for a CPU profile; in pprof, -tagfocus=side=goalkeeper leaves our side alone")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if set.smoke {
		set.rounds = 1
	}
	chosen, err := choose(set.rows)
	if err != nil {
		return err
	}
	b, err := newBench(set, log)
	if err != nil {
		return err
	}
	defer b.close()
	stop, err := profiled(set.profile)
	if err != nil {
		return err
	}
	results := b.measure(ctx, chosen)
	stop()
	if err := publish(set.out, report(b.facts(ctx), results)); err != nil {
		return err
	}
	return failures(results)
}

// profiled writes a CPU profile until it is stopped.
func profiled(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file) //nolint:gosec // the file that the command line names
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}, nil
}

func publish(file, text string) error {
	if file == "" {
		_, err := io.WriteString(os.Stdout, text)
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644) //nolint:gosec // documentation, to be read by everybody
}

// choose picks rows by their letters, in the order of the table.
func choose(letters string) ([]row, error) {
	if letters == "" {
		return rows(), nil
	}
	wanted := map[string]bool{}
	for _, id := range strings.Split(letters, ",") {
		wanted[strings.TrimSpace(id)] = true
	}
	var chosen []row
	for _, r := range rows() {
		if wanted[r.id] {
			chosen = append(chosen, r)
			delete(wanted, r.id)
		}
	}
	for id := range wanted {
		return nil, fmt.Errorf("there is no row %q", id)
	}
	return chosen, nil
}
