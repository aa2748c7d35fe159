//go:build unix

// Package storagetest gives tests real stores: Redis servers of their own, alone, under Sentinels or as a
// Cluster, that can be paused, killed and started again, or one that somebody provides, and the embedded one.
// Package rig does the work; here a failure ends the test, and the test's end ends the servers.
package storagetest

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"goalkeeper/storage/storagetest/rig"

	"github.com/redis/go-redis/v9"
)

// required is the environment's word that a missing Redis is a failure, as it should be in CI.
const required = "GOALKEEPER_REQUIRE_REDIS"

// patience is how long servers may take to start, or to agree, on a busy machine.
const patience = time.Minute

// Server is a Redis, or Valkey, that the test owns. It listens on loopback, keeps an append-only file in a
// temporary folder, and is killed when the test ends.
type Server struct {
	t testing.TB
	*rig.Server
}

// Start starts redis-server from the path. Without one the test is skipped, and says so.
func Start(t testing.TB) *Server {
	t.Helper()
	needRedis(t)
	return start(t, rig.Options{})
}

// needRedis skips the test where there is no redis-server.
func needRedis(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		missing(t, "there is no redis-server on the path that a test may start and kill")
	}
}

// missing skips the test, or fails it where a Redis is required.
func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv(required) == "1" {
		t.Fatalf("%s=1, but %s", required, why)
	}
	SkipAloud(t, "NOT TESTED on a real Redis: "+why)
}

func start(t testing.TB, o rig.Options) *Server {
	t.Helper()
	o.Dir = t.TempDir()
	s, err := rig.Start(t.Context(), o)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return &Server{t, s}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// within bounds what servers may take.
func within(t testing.TB, do func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	must(t, do(ctx))
}

// Pause lets the server hang: connections are accepted, nothing is answered.
func (s *Server) Pause() { s.t.Helper(); must(s.t, s.Server.Pause()) }

// Resume ends Pause.
func (s *Server) Resume() { s.t.Helper(); must(s.t, s.Server.Resume()) }

// Kill ends the server as a crash would.
func (s *Server) Kill() { s.t.Helper(); must(s.t, s.Server.Kill()) }

// Restart starts the server again on the same port with what its append-only file holds.
func (s *Server) Restart() { s.t.Helper(); must(s.t, s.Server.Restart()) }

// SetReadOnly makes the server refuse to save, as a replica does, or a primary again.
func (s *Server) SetReadOnly(on bool) {
	s.t.Helper()
	within(s.t, func(ctx context.Context) error { return s.Server.SetReadOnly(ctx, on) })
}

// LimitMemory sets maxmemory in bytes; 0 lifts the limit, 1 leaves no room for anything.
func (s *Server) LimitMemory(bytes int64) {
	s.t.Helper()
	within(s.t, func(ctx context.Context) error { return s.Server.LimitMemory(ctx, bytes) })
}

// Proxy is the network in front of a server, which can be made worse until Mend.
type Proxy struct {
	t testing.TB
	*rig.Proxy
}

// Front puts a network in front of the server; it ends with the test.
func (s *Server) Front() *Proxy {
	s.t.Helper()
	p, err := s.Server.Front()
	must(s.t, err)
	s.t.Cleanup(p.Close)
	return &Proxy{s.t, p}
}

// Cut lets everything that is sent vanish, without a word.
func (p *Proxy) Cut() { p.t.Helper(); must(p.t, p.Proxy.Cut()) }

// Latency delays every answer.
func (p *Proxy) Latency(d time.Duration) { p.t.Helper(); must(p.t, p.Proxy.Latency(d)) }

// Bandwidth lets so many kilobytes a second through.
func (p *Proxy) Bandwidth(kilobytes int) { p.t.Helper(); must(p.t, p.Proxy.Bandwidth(kilobytes)) }

// Reset ends every connection on which the server answers, before the answer arrives.
func (p *Proxy) Reset() { p.t.Helper(); must(p.t, p.Proxy.Reset()) }

// Mend makes the network well again.
func (p *Proxy) Mend() { p.Proxy.Mend(context.Background()) }

// TLS is the address of a Redis that speaks TLS only, with a certificate of an authority made for the test, to
// clients who show one of it, too. The files are named in the address.
func TLS(t testing.TB) string {
	t.Helper()
	needRedis(t)
	files, err := rig.NewCertificates(t.TempDir())
	must(t, err)
	return start(t, rig.Options{TLS: files}).URL() + files.Query()
}

// User is the address of a Redis for a user who has these rights, in the words of ACL SETUSER, and no others.
func User(t testing.TB, rights ...string) string {
	t.Helper()
	needRedis(t)
	s := start(t, rig.Options{})
	setUser(t, s.Keeper(), rights)
	return "redis://goalkeeper:s3cret@" + s.Addr()
}

func setUser(t testing.TB, keeper *redis.Client, rights []string) {
	t.Helper()
	args := []any{"ACL", "SETUSER", "goalkeeper", "on", ">s3cret"}
	for _, right := range rights {
		args = append(args, right)
	}
	must(t, keeper.Do(t.Context(), args...).Err())
}
