package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"

	"goalkeeper/storage"
	"goalkeeper/storage/storagetest"
)

// backend is a store under test: how its replicas open it, and how the suite looks at it from outside.
type backend struct {
	open    func() (*storage.Store, error)
	raw     redis.UniversalClient // every key, as it is
	server  *storagetest.Server   // nil where there is none that may be killed
	address string
	version string
}

// openBackend finds or starts what the address names: embedded://, redis for a server of its own, or the address
// of a server that may be emptied.
func openBackend(ctx context.Context, t testing.TB, address string) (*backend, error) {
	switch address {
	case storagetest.Embedded:
		return embedded(ctx, t)
	case "redis":
		server := storagetest.Start(t)
		b, err := remote(ctx, t, server.URL())
		if err != nil {
			return nil, err
		}
		b.server = server
		return b, nil
	}
	return remote(ctx, t, address)
}

// embedded lets all replicas share the memory of one embedded store: each opens one, and dials the first.
func embedded(ctx context.Context, t testing.TB) (*backend, error) {
	var options *redis.Options
	first, err := storage.Open(ctx, storagetest.Embedded, func(o *redis.Options) { options = o })
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = first.Close() })
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		return options.Dialer(ctx, network, addr)
	}
	mine := *options
	mine.Dialer = dial
	raw := redis.NewClient(&mine)
	t.Cleanup(func() { _ = raw.Close() })
	return &backend{raw: raw, address: storagetest.Embedded, version: "miniredis, in the process",
		open: func() (*storage.Store, error) {
			return storage.Open(ctx, storagetest.Embedded, func(o *redis.Options) { o.Dialer = dial })
		}}, nil
}

func remote(ctx context.Context, t testing.TB, address string) (*backend, error) {
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, fmt.Errorf("the address of the store: %w", err)
	}
	raw := redis.NewClient(o)
	t.Cleanup(func() { _ = raw.Close() })
	info, err := raw.InfoMap(ctx, "server").Result()
	if err != nil {
		return nil, err
	}
	return &backend{raw: raw, address: address, version: "Redis " + info["Server"]["redis_version"],
		open: func() (*storage.Store, error) { return storage.Open(ctx, address) }}, nil
}

// bench lets a command use what is made for tests: it fails by ending, and cleans up.
type bench struct {
	testing.TB
	ctx   context.Context
	clean []func()
}

// Helper does nothing.
func (*bench) Helper() {}

// Context is the command's.
func (b *bench) Context() context.Context { return b.ctx }

// Cleanup is done last registered first.
func (b *bench) Cleanup(f func()) { b.clean = append(b.clean, f) }

// TempDir is removed at the end.
func (b *bench) TempDir() string {
	dir, err := os.MkdirTemp("", "faults")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Logf says something on the side.
func (*bench) Logf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// Errorf ends the command.
func (b *bench) Errorf(format string, args ...any) { b.Fatalf(format, args...) }

// Fatal ends the command.
func (b *bench) Fatal(args ...any) { b.Fatalf("%s", fmt.Sprint(args...)) }

// Fatalf ends the command.
func (b *bench) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	b.close()
	os.Exit(2)
}

func (b *bench) close() {
	for i := len(b.clean) - 1; i >= 0; i-- {
		b.clean[i]()
	}
	b.clean = nil
}
