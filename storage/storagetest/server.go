//go:build unix

// Package storagetest gives tests real stores: a Redis of their own that can be paused, killed and started
// again, or one that somebody provides, and the embedded one.
package storagetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// required is the environment's word that a missing Redis is a failure, as it should be in CI.
const required = "GOALKEEPER_REQUIRE_REDIS"

// Server is a Redis, or Valkey, that the test owns. It listens on loopback, keeps an append-only file in a
// temporary folder, and is killed when the test ends.
type Server struct {
	t      testing.TB
	binary string
	dir    string
	port   int
	run    *exec.Cmd // nil while it is down
}

// Start starts redis-server from the path. Without one the test is skipped, and says so.
func Start(t testing.TB) *Server {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		missing(t, "there is no redis-server on the path that a test may start and kill")
	}
	return start(t, binary)
}

// missing skips the test, or fails it where a Redis is required.
func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv(required) == "1" {
		t.Fatalf("%s=1, but %s", required, why)
	}
	SkipAloud(t, "NOT TESTED on a real Redis: "+why)
}

func start(t testing.TB, binary string) *Server {
	t.Helper()
	s := &Server{t: t, binary: binary, dir: t.TempDir()}
	t.Cleanup(s.Kill)
	var err error
	for range 5 { // somebody else may take the port between choosing and listening
		if s.port, err = freePort(t.Context()); err != nil {
			break
		}
		if err = s.launch(); err == nil {
			return s
		}
	}
	t.Fatalf("starting %s: %v", binary, err)
	return nil
}

func freePort(ctx context.Context) (int, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// launch returns when the server accepts connections.
func (s *Server) launch() error {
	cmd := exec.Command(s.binary, "--bind", "127.0.0.1", "--port", fmt.Sprint(s.port), "--dir", s.dir, //nolint:gosec,noctx // Kill ends it, after all that uses it
		"--appendonly", "yes", "--save", "", "--daemonize", "no", "--logfile", "")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := untilReady(out); err != nil {
		_ = cmd.Process.Kill()
		return errors.Join(err, cmd.Wait())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // a full pipe would stop the server
	s.run = cmd
	return nil
}

// untilReady reads the server's log until it says that it listens.
func untilReady(log io.Reader) error {
	var said []string
	ready := make(chan error, 1)
	go func() {
		lines := bufio.NewReader(log)
		for {
			line, err := lines.ReadString('\n')
			said = append(said, line)
			if strings.Contains(line, "Ready to accept connections") {
				ready <- nil
				return
			}
			if err != nil {
				ready <- fmt.Errorf("it ended: %s", strings.Join(said, ""))
				return
			}
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	select {
	case err := <-ready:
		return err
	case <-ctx.Done():
		return errors.New("it was not ready within 20 seconds")
	}
}

// URL is the server's address for REDIS_URL.
func (s *Server) URL() string { return fmt.Sprintf("redis://127.0.0.1:%d", s.port) }

// Pause lets the server hang: connections are accepted, nothing is answered.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Resume ends Pause.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

// Kill ends the server as a crash would.
func (s *Server) Kill() {
	if s.run == nil {
		return
	}
	s.signal(syscall.SIGKILL)
	_ = s.run.Wait() // it was killed, and says so
	s.run = nil
}

// Restart starts the server again on the same port with what its append-only file holds.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	if err := s.launch(); err != nil {
		s.t.Fatalf("restarting %s: %v", s.binary, err)
	}
}

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if s.run == nil {
		s.t.Fatal("the server is down")
	}
	if err := s.run.Process.Signal(sig); err != nil {
		s.t.Fatalf("sending %v to %s: %v", sig, s.binary, err)
	}
}
