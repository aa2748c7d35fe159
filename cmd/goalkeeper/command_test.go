package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// command runs the real program to its end.
func command(t *testing.T, env []string, args ...string) (code int, out, errs string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program(t), args...)
	var stdout, stderr bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = append([]string{}, env...), &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		name      string
		args      []string
		code      int
		out, errs string // parts of what is said; empty: nothing may be
	}{
		{"nothing", nil, 2, "", "goalkeeper playground"},
		{"something else", []string{"dance"}, 2, "", "goalkeeper serve"},
		{"version", []string{"version"}, 0, "goalkeeper ", ""},
		{"help of serve", []string{"serve", "--help"}, 0, "SLACK_SIGNING_SECRET", ""},
		{"help of playground", []string{"playground", "--help"}, 0, "listen-addr", ""},
		{"serve without settings", []string{"serve"}, 1, "", "goalkeeper: "},
		{"serve with a word", []string{"serve", "now"}, 1, "", `"now"`},
		{"an unknown flag", []string{"serve", "--slack"}, 1, "", "serve --help"},
		{"a playground for strangers", []string{"playground", "-listen-addr", "0.0.0.0:0"}, 1, "", "loopback only"},
		{"health of no address", []string{"healthcheck", "8080"}, 1, "", "such as :8080"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := command(t, nil, c.args...)
			if code != c.code || !says(out, c.out) || !says(errs, c.errs) {
				t.Errorf("exit code %d, want %d\nstandard output: %s\nstandard error: %s", code, c.code, out, errs)
			}
			if strings.Contains(errs, "panic") {
				t.Errorf("a stack trace: %s", errs)
			}
		})
	}
}

// says reports whether the part is in what was said, which must be nothing where the part is empty.
func says(said, part string) bool {
	if part == "" {
		return said == ""
	}
	return strings.Contains(said, part)
}

func TestHealthcheckFollowsReadiness(t *testing.T) {
	var sick atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != "/readyz":
			http.NotFound(w, r)
		case sick.Load():
			http.Error(w, "store: Redis at 127.0.0.1:6379: connection refused", http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	addr := server.Listener.Addr().String()
	_, port, _ := net.SplitHostPort(addr)

	for _, set := range []string{addr, ":" + port, "0.0.0.0:" + port, "localhost:" + port} {
		if code, out, errs := command(t, []string{"LISTEN_ADDR=" + set}, "healthcheck"); code != 0 || out+errs != "" {
			t.Errorf("LISTEN_ADDR=%s, ready: exit code %d, %s%s", set, code, out, errs)
		}
	}
	if code, _, errs := command(t, nil, "healthcheck", addr); code != 0 {
		t.Errorf("the address as an argument: exit code %d, %s", code, errs)
	}

	sick.Store(true)
	code, _, errs := command(t, []string{"LISTEN_ADDR=" + addr}, "healthcheck")
	if want := "goalkeeper: not ready: store: Redis at 127.0.0.1:6379: connection refused\n"; code != 1 || errs != want {
		t.Errorf("not ready: exit code %d, %q, want %q", code, errs, want)
	}
	server.Close()
	if code, _, errs := command(t, []string{"LISTEN_ADDR=" + addr}, "healthcheck"); code != 1 || !strings.Contains(errs, "healthcheck") {
		t.Errorf("nobody listens: exit code %d, %q", code, errs)
	}
}

// A server that accepts and never answers must not hold the check up for longer than its caller waits.
func TestHealthcheckDoesNotWaitForever(t *testing.T) {
	deaf, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := healthcheck(ctx, []string{deaf.Addr().String()}, environment()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a deaf server: %v", err)
	}
}

// An empty image has no time zones, so the program brings its own. A zone that no other file of ours names shows
// that they are inside.
func TestProgramBringsItsTimeZones(t *testing.T) {
	content, err := os.ReadFile(program(t))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(content, []byte("Antarctica/"+"Troll")) {
		t.Error("the time zone database is not in the program: import time/tzdata")
	}
}
