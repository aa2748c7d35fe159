package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

const preface = `# Benchmarks

Each number is the median of the rounds, with the least and the greatest behind it; a ratio is taken within its
round, in which both sides ran one after the other on the same machine. "At least" is what is required, "aim" what is
hoped for. Redis runs beside the benchmark on the same cores, without persistence. Times are wall time unless the row
says otherwise. ` + "`make bench`" + ` measures all of it anew and overwrites this page; ` + "`cd bench && go run . -rows g,m`" + `
measures single rows, ` + "`-help`" + ` lists the rest.

`

// fact is a line about the machine and the versions.
type fact struct{ name, value string }

// report writes everything as Markdown.
func report(facts []fact, results []result) string {
	var out strings.Builder
	out.WriteString(preface)
	for _, f := range facts {
		fmt.Fprintf(&out, "- %s: %s\n", f.name, f.value)
	}
	out.WriteString("\n| # | metric | measured as | result | at least | met | aim | met |\n|---|---|---|---|---|---|---|---|\n")
	var notes []string
	for _, r := range results {
		for n, f := range r.figures {
			fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", first(n, r.id), first(n, r.metric), f.what, f,
				f.least, f.verdict(f.least), f.aim, f.verdict(f.aim))
			notes = note(notes, r.id, f.note)
		}
		if r.err != nil {
			if len(r.figures) == 0 {
				fmt.Fprintf(&out, "| %s | %s | | – | | | | |\n", r.id, r.metric)
			}
			why, _, _ := strings.Cut(r.err.Error(), "\n")
			notes = note(notes, r.id, why)
		}
	}
	out.WriteString("\n## Notes\n\n")
	for _, n := range notes {
		out.WriteString(n)
	}
	if short := reasonsOf(results); len(short) > 0 {
		out.WriteString("\n## Why some rows fall short\n\n" + strings.Join(short, ""))
	}
	return out.String()
}

// first is the text for the first line of a row alone.
func first(n int, text string) string {
	if n > 0 {
		return ""
	}
	return text
}

func note(notes []string, id, text string) []string {
	line := fmt.Sprintf("- %s: %s\n", id, text)
	if text == "" || slices.Contains(notes, line) {
		return notes
	}
	return append(notes, line)
}

// String is "≤ 1.8", empty for no limit.
func (l limit) String() string {
	if l.how == "" {
		return ""
	}
	return l.how + " " + number(l.value)
}

// verdict is "yes" or "no" by the median, empty where nothing is asked.
func (f figure) verdict(l limit) string {
	switch {
	case l.how == "" || len(f.samples) == 0:
		return ""
	case l.met(median(f.samples)):
		return "yes"
	}
	return "**no**"
}

// facts are what the numbers depend on.
func (b *bench) facts(ctx context.Context) []fact {
	facts := []fact{
		{"date", time.Now().UTC().Format("2006-01-02 15:04") + " UTC"},
		{"rounds", fmt.Sprint(b.rounds)},
		{"seed", fmt.Sprint(b.seed)},
		{"CPUs", fmt.Sprintf("%d, %s", runtime.NumCPU(), processor())},
		{"Go", runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH},
		{"Redis", firstLine(ctx, "redis-server", "--version")},
		{"Node", firstLine(ctx, "node", "--version")},
	}
	for _, path := range []string{"github.com/redis/go-redis/v9", "github.com/hibiken/asynq", "github.com/robfig/cron/v3", "github.com/slack-go/slack"} {
		if v := moduleVersion(path); v != "" {
			facts = append(facts, fact{path, v})
		}
	}
	if v := boltVersion(); v != "" {
		facts = append(facts, fact{"@slack/bolt", v})
	}
	if b.smoke {
		facts = append(facts, fact{"smoke", "tiny sizes: these numbers mean nothing"})
	}
	return facts
}

func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func firstLine(ctx context.Context, program string, args ...string) string {
	out, err := exec.CommandContext(ctx, program, args...).Output() //nolint:gosec // programs named here
	if err != nil {
		return "not installed"
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return line
}

func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, d := range info.Deps {
		if d.Path == path {
			return d.Version
		}
	}
	return ""
}
