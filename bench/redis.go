package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// server is a redis-server of our own: on loopback, on a free port, in a temporary folder, without persistence.
type server struct {
	addr string
	dir  string
	pid  int
	cmd  *exec.Cmd
}

// redisServer starts one; dump, unless empty, is the file with what it begins with.
func (b *bench) redisServer(dump string) (*server, error) {
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, skipped{"there is no redis-server on the path"}
	}
	dir, err := b.temp()
	if err != nil {
		return nil, err
	}
	if dump != "" {
		if err := copyFile(dump, filepath.Join(dir, "dump.rdb")); err != nil {
			return nil, err
		}
	}
	for range 5 { // somebody else may take the port between choosing and listening
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		if s, err := launchRedis(binary, dir, port); err == nil {
			return s, nil
		}
	}
	return nil, errors.New("redis-server does not start")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // ends at once
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// launchRedis returns when the server accepts connections.
func launchRedis(binary, dir string, port int) (*server, error) {
	cmd := exec.Command(binary, "--bind", "127.0.0.1", "--port", fmt.Sprint(port), "--dir", dir, //nolint:gosec,noctx // stop ends it
		"--appendonly", "no", "--save", "", "--daemonize", "no", "--logfile", "")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if err := awaitLine(out, "Ready to accept connections"); err != nil {
		_ = cmd.Process.Kill()
		return nil, errors.Join(err, cmd.Wait())
	}
	return &server{fmt.Sprint("127.0.0.1:", port), dir, cmd.Process.Pid, cmd}, nil
}

// awaitLine reads a program's output until a line holds the words, and the rest for ever, so that the program
// never waits for a reader.
func awaitLine(out io.Reader, words string) error {
	found := make(chan error, 1)
	go func() {
		lines := bufio.NewScanner(out)
		var said []string
		for lines.Scan() {
			if strings.Contains(lines.Text(), words) {
				found <- nil
				_, _ = io.Copy(io.Discard, out)
				return
			}
			said = append(said, lines.Text())
		}
		found <- fmt.Errorf("it ended: %s", strings.Join(said, "\n"))
	}()
	select {
	case err := <-found:
		return err
	case <-time.After(20 * time.Second):
		return errors.New("it was not ready within 20 seconds")
	}
}

// url is the address as Goalkeeper's settings have it.
func (s *server) url() string { return "redis://" + s.addr }

// stop kills the server; what it held is gone.
func (s *server) stop() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	_ = os.RemoveAll(s.dir)
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from) //nolint:gosec // our own dump
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

// cli runs one command on the server through redis-cli's protocol; it is for the rare administrative ones.
func (s *server) cli(ctx context.Context, args ...string) error {
	out, err := exec.CommandContext(ctx, "redis-cli", append([]string{"-u", s.url()}, args...)...).CombinedOutput() //nolint:gosec // our own server
	if err != nil || strings.HasPrefix(string(out), "ERR") {
		return fmt.Errorf("redis-cli %s: %w: %s", args[0], err, out)
	}
	return nil
}
