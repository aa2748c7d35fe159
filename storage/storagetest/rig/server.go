//go:build unix

// Package rig runs real Redis servers on free loopback ports: one alone, a primary with a replica under
// Sentinels, a Cluster, with TLS and users if asked for. It breaks them as reality does and mends them again.
// Package storagetest is the same for tests.
package rig

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// Options say which server to run. The zero value is a redis-server of the path with an append-only file.
type Options struct {
	Binary string   // default: redis-server of the path
	Dir    string   // its own folder, which exists and is empty
	Config []string // more lines of its configuration
	TLS    *Certificates
}

// Server is a Redis, or Valkey, on a port of its own. It listens on loopback and keeps an append-only file. It is
// for one goroutine at a time.
type Server struct {
	Options
	Port   int
	ready  string        // what its log says when it can be used
	run    *exec.Cmd     // nil while it is down
	keeper *redis.Client // everything is allowed to it
}

const (
	acceptsConnections = "Ready to accept connections"
	watches            = "Sentinel ID is" // a Sentinel says no more
)

// Start starts a server and returns when it can be used.
func Start(ctx context.Context, o Options) (*Server, error) {
	return start(ctx, o, acceptsConnections)
}

func start(ctx context.Context, o Options, ready string) (*Server, error) {
	if o.Binary == "" {
		o.Binary = "redis-server"
	}
	s := &Server{Options: o, ready: ready}
	var err error
	for range 5 { // somebody else may take the port between choosing and listening
		if s.Port, err = freePort(ctx); err != nil {
			break
		}
		if err = s.configure(ctx); err != nil {
			break
		}
		if err = s.launch(); err == nil {
			s.keeper = s.client()
			return s, nil
		}
	}
	return nil, fmt.Errorf("starting %s: %w", o.Binary, err)
}

func freePort(ctx context.Context) (int, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// configure writes the configuration into a file, which Sentinels change when they make the server a primary.
func (s *Server) configure(ctx context.Context) error {
	lines := []string{"bind 127.0.0.1", "dir " + s.Dir, "daemonize no", `logfile ""`}
	if s.TLS == nil {
		lines = append(lines, fmt.Sprint("port ", s.Port))
	} else {
		lines = append(lines, s.TLS.config(s.Port)...)
	}
	if s.ready == acceptsConnections {
		lines = append(lines, "appendonly yes", `save ""`, "repl-diskless-sync-delay 0")
	}
	for _, line := range s.Config {
		if strings.Contains(line, "{freeport}") {
			port, err := freePort(ctx)
			if err != nil {
				return err
			}
			line = strings.ReplaceAll(line, "{freeport}", fmt.Sprint(port))
		}
		lines = append(lines, line)
	}
	return os.WriteFile(s.file(), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

func (s *Server) file() string { return filepath.Join(s.Dir, "redis.conf") }

// launch returns when the server accepts connections.
func (s *Server) launch() error {
	args := []string{s.file()}
	if s.ready == watches {
		args = append(args, "--sentinel")
	}
	cmd := exec.Command(s.Binary, args...) //nolint:gosec,noctx // Kill ends it, after all that uses it
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewReader(out)
	if err := until(lines, s.ready); err != nil {
		_ = cmd.Process.Kill()
		return errors.Join(err, cmd.Wait())
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // a full pipe would stop the server
	s.run = cmd
	return nil
}

// until reads the server's log until it says the word.
func until(log *bufio.Reader, word string) error {
	ready := make(chan error, 1)
	go func() {
		var said strings.Builder
		for {
			line, err := log.ReadString('\n')
			said.WriteString(line)
			if strings.Contains(line, word) {
				ready <- nil
				return
			}
			if err != nil {
				ready <- fmt.Errorf("it ended: %s", said.String())
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

// Addr is the server's host and port.
func (s *Server) Addr() string { return fmt.Sprintf("127.0.0.1:%d", s.Port) }

// URL is the server's address for REDIS_URL.
func (s *Server) URL() string { return schemeOf(s) + "://" + s.Addr() }

func schemeOf(s *Server) string {
	if s.TLS != nil {
		return "rediss"
	}
	return "redis"
}

// Keeper is a client of the server to which everything is allowed.
func (s *Server) Keeper() *redis.Client { return s.keeper }

func (s *Server) client() *redis.Client {
	o := &redis.Options{Addr: s.Addr(), MaxRetries: 1, DialTimeout: time.Second, ReadTimeout: 2 * time.Second, DisableIdentity: true, Protocol: 2, ContextTimeoutEnabled: true}
	if s.TLS != nil {
		o.TLSConfig = &tls.Config{RootCAs: s.TLS.pool, Certificates: []tls.Certificate{s.TLS.client}, MinVersion: tls.VersionTLS12}
	}
	return redis.NewClient(o)
}

// Do sends one command to the server, as its keeper.
func (s *Server) Do(ctx context.Context, args ...any) (any, error) {
	return s.keeper.Do(ctx, args...).Result()
}

// Pause lets the server hang: connections are accepted, nothing is answered.
func (s *Server) Pause() error { return s.signal(syscall.SIGSTOP) }

// Resume ends Pause.
func (s *Server) Resume() error { return s.signal(syscall.SIGCONT) }

// Down tells whether the server was killed.
func (s *Server) Down() bool { return s.run == nil }

// Kill ends the server as a crash would. Killing it twice is no error.
func (s *Server) Kill() error {
	if s.run == nil {
		return nil
	}
	if err := s.signal(syscall.SIGKILL); err != nil {
		return err
	}
	_ = s.run.Wait() // it was killed, and says so
	s.run = nil
	return nil
}

// Restart starts the server again on the same port with what its append-only file holds.
func (s *Server) Restart() error {
	if err := s.Kill(); err != nil {
		return err
	}
	if err := s.launch(); err != nil {
		return fmt.Errorf("restarting %s: %w", s.Binary, err)
	}
	return nil
}

// Close kills the server for good.
func (s *Server) Close() error {
	return errors.Join(s.Kill(), s.keeper.Close())
}

func (s *Server) signal(sig syscall.Signal) error {
	if s.run == nil {
		return errors.New("the server is down")
	}
	if err := s.run.Process.Signal(sig); err != nil {
		return fmt.Errorf("sending %v to %s: %w", sig, s.Binary, err)
	}
	return nil
}

// SetReadOnly makes the server the replica of nobody who answers, so that it refuses to save, or a primary again.
func (s *Server) SetReadOnly(ctx context.Context, on bool) error {
	if on {
		return s.keeper.ReplicaOf(ctx, "127.0.0.1", "1").Err()
	}
	return s.keeper.ReplicaOf(ctx, "NO", "ONE").Err()
}

// LimitMemory sets maxmemory in bytes; 0 lifts the limit, 1 leaves no room for anything.
func (s *Server) LimitMemory(ctx context.Context, bytes int64) error {
	return s.keeper.ConfigSet(ctx, "maxmemory", fmt.Sprint(bytes)).Err()
}

// eventually asks every few milliseconds until the answer is yes.
func eventually(ctx context.Context, what string, ask func(context.Context) bool) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ask(ctx) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}
