package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"goalkeeper/storage/storagetest"
)

// The part of the suite that every run of the tests can afford. The rest is a command: see its flags.
func TestNothingLostNothingTwice(t *testing.T) {
	for name, p := range map[string]Plan{
		"embedded": {Seed: 1, Store: storagetest.Embedded, Occurrences: 120, People: 20, Rate: 0.01},
		"redis":    {Seed: 2, Store: "redis", Occurrences: 80, People: 20, Rate: 0.01},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath("redis-server"); err != nil && p.Store == "redis" {
				if os.Getenv("GOALKEEPER_REQUIRE_REDIS") == "1" {
					t.Fatal("there is no redis-server on the path")
				}
				storagetest.SkipAloud(t, "NOT TESTED on a real Redis: there is no redis-server on the path")
			}
			r := play(t, p)
			for _, f := range r.failures {
				t.Error(f)
			}
			if all, _ := r.total(); all < p.Occurrences/4 {
				t.Errorf("only %d faults met %d occurrences", all, r.occurrences())
			}
			if missed := r.uncrashed(300); len(missed) > 0 {
				t.Errorf("points that no crash met: %q", missed)
			}
			if testing.Verbose() {
				r.Write(os.Stdout, false)
			}
		})
	}
}

func play(t *testing.T, p Plan) *report {
	t.Helper()
	r, err := Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The checks can fail: products with a defect, each made between the product and its store, are found out.
func TestDefectsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		defect func([]redis.Cmder) bool
		blind  bool
		finds  string
	}{
		"sends without a mark":          {defect: withoutMark, finds: "doubled"},
		"saves without claims":          {defect: withoutClaims, finds: "doubled"},
		"does not arm before it saves":  {defect: withoutArming(), finds: "lost"},
		"ends every timer for good":     {defect: withoutNext, finds: "lost"},
		"looks nothing up before again": {blind: true, finds: "doubled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := Plan{Seed: 3, Store: storagetest.Embedded, Occurrences: 800, People: 20, Rate: 0.02, wrong: c.defect, blind: c.blind, finds: c.finds}
			r := play(t, p)
			if r.byKind[c.finds] == 0 {
				t.Errorf("nothing %s was found in %d occurrences; found %v", c.finds, r.occurrences(), r.byKind)
			}
		})
	}
}

// A delivery that does not write down that it is sending: what it saves is a fiction.
func withoutMark(cmds []redis.Cmder) bool {
	return pretend(cmds, func(args string) bool { return strings.Contains(args, `"delivery":{"state":"sending"`) }, []any{"done"})
}

// A service that commits without claims: each claim becomes a check of nothing.
func withoutClaims(cmds []redis.Cmder) bool {
	for _, cmd := range cmds {
		args := cmd.Args()
		for i, arg := range args {
			if arg == "claim" {
				args[i] = "ignored"
			}
		}
	}
	return false
}

// A service that arms nothing before it saves: every first arming of two is dropped.
func withoutArming() func([]redis.Cmder) bool {
	n := 0
	return func(cmds []redis.Cmder) bool {
		if !runs(cmds[0], "arm") {
			return false
		}
		n++
		return n%2 == 1 && pretend(cmds, func(string) bool { return true }, int64(0))
	}
}

// A due set that never arms again what was handled.
func withoutNext(cmds []redis.Cmder) bool {
	for _, cmd := range cmds {
		if args := cmd.Args(); runs(cmd, "finish") {
			for next := 9; next < len(args); next += 3 { // see finish.lua: the first timer's member is at 7
				args[next] = ""
			}
		}
	}
	return false
}

// runs tells whether the command runs a script of the store, by its text or by its digest.
func runs(cmd redis.Cmder, script string) bool {
	source, err := os.ReadFile("../../storage/" + script + ".lua")
	if err != nil {
		panic(err)
	}
	args := cmd.Args()
	return len(args) > 1 && (args[1] == string(source) || args[1] == redis.NewScript(string(source)).Hash())
}

// pretend lets the commands not take place and answers as if they had.
func pretend(cmds []redis.Cmder, which func(args string) bool, reply any) bool {
	for _, cmd := range cmds {
		if name := cmd.Name(); name != "eval" && name != "evalsha" || !which(fmt.Sprint(cmd.Args()...)) {
			return false
		}
	}
	for _, cmd := range cmds {
		if c, ok := cmd.(*redis.Cmd); ok {
			c.SetVal(reply)
		}
	}
	return true
}

// The suite's own reading of a week agrees with what people would say.
func TestOccurrence(t *testing.T) {
	for _, c := range []struct {
		zone       string
		day        time.Weekday
		minutes    int
		year, week int
		want       string // empty: none
	}{
		{"Asia/Ho_Chi_Minh", time.Monday, 9 * 60, 2026, 49, "2026-11-30T09:00:00+07:00"},
		{"Europe/London", time.Sunday, 90, 2026, 13, "2026-03-29T02:00:00+01:00"},    // 01:30 is skipped
		{"America/New_York", time.Sunday, 90, 2026, 44, "2026-11-01T01:30:00-04:00"}, // 01:30 comes twice
		{"Australia/Lord_Howe", time.Sunday, 135, 2026, 40, "2026-10-04T02:30:00+11:00"},
		{"Pacific/Apia", time.Friday, 9 * 60, 2011, 52, ""}, // a day that never was
		{"Pacific/Apia", time.Saturday, 9 * 60, 2011, 52, "2011-12-31T09:00:00+14:00"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if at, ok := occurrence(zone, c.day, c.minutes, c.year, c.week); ok {
			got = at.In(zone).Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s, %s of week %d: %s, want %s", c.zone, c.day, c.week, got, c.want)
		}
	}
}

// The command answers for its flags.
func TestCommand(t *testing.T) {
	if code := run(context.Background(), []string{"-start", "yesterday"}); code != 2 {
		t.Errorf("a wrong date ends with %d", code)
	}
}
