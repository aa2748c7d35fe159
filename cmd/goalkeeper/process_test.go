package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/storage"
)

// binary builds the real program once for all tests, with the race detector where they have it.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "goalkeeper")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "goalkeeper")
	out, err := exec.Command("go", "build", "-race="+raced(), "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return path, nil
})

// raced tells whether the race detector is on, as a flag's value.
func raced() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "-race" {
				return s.Value
			}
		}
	}
	return "false"
}

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// process is one running goalkeeper.
type process struct {
	t   testing.TB
	cmd *exec.Cmd
	url string
	log *syncBuffer
}

// syncBuffer is a buffer that a process writes while a test reads.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// startServe starts `goalkeeper serve` with its clock at the given time, and waits until it is ready.
func startServe(t testing.TB, at time.Time, env ...string) *process {
	t.Helper()
	p := launch(t, at, env...)
	p.ready()
	return p
}

// launch starts `goalkeeper serve` and does not wait for it.
func launch(t testing.TB, at time.Time, env ...string) *process {
	t.Helper()
	addr := freeAddr(t)
	p := &process{t: t, url: "http://" + addr, log: &syncBuffer{}}
	p.cmd = exec.Command(program(t), "serve")
	p.cmd.Env = append([]string{"LISTEN_ADDR=" + addr, "CLOCK_OFFSET=" + time.Until(at).String()}, env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

// program is the path of the real program.
func program(t testing.TB) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	if log := p.log.String(); strings.Contains(log, "DATA RACE") || strings.Contains(log, "panic") {
		p.t.Errorf("the process has a defect:\n%s", log)
	}
}

// ready waits until /readyz says so.
func (p *process) ready() {
	p.t.Helper()
	p.until("it is ready", func() bool { return p.status("/readyz") == http.StatusOK })
}

// until waits for something about the process to become true.
func (p *process) until(what string, f func() bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-ctx.Done():
			p.t.Fatalf("waited in vain until %s:\n%s", what, p.log)
		case <-tick.C:
		}
	}
}

func (p *process) status(path string) int {
	status, _ := p.get(path)
	return status
}

// get is what the process answers, status 0 when it does not.
func (p *process) get(path string) (status int, body string) {
	resp, err := http.Get(p.url + path)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	return resp.StatusCode, string(content)
}

func freeAddr(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// settled waits until no timer is due at the given time: nothing more will be sent.
func settled(t testing.TB, redisURL string, at time.Time) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	store, err := storage.Open(ctx, redisURL)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		next, err := store.NextDue(ctx, conversation.TimerKinds...)
		if err == nil && (next.IsZero() || next.After(at.Add(2*time.Minute))) {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("still due at %s: %s (%v): %+v", at, next, err, dueThen(store, at))
		case <-tick.C:
		}
	}
}

// dueThen names what is due, for a test that waited in vain.
func dueThen(store *storage.Store, at time.Time) (due []conversation.Claimed) {
	for _, kind := range conversation.TimerKinds {
		some, _, _ := store.Claim(context.Background(), kind, at.Add(2*time.Minute), time.Millisecond, 100)
		due = append(due, some...)
	}
	return due
}
