package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"goalkeeper/storage"
	"goalkeeper/storage/storagetest/rig"
)

// backend is a store under test: how its replicas open it, how it is broken, and how the suite looks at it.
type backend struct {
	first   *storage.Store
	raw     redis.UniversalClient // every key, as it is
	version string
	breaks  []breakage
	close   []func()
}

// breakage is something that can be done to a real store, with how likely it is in a week. Work is what goes on
// while it is broken.
type breakage struct {
	fault  fault
	weekly float64
	do     func(ctx context.Context, work func()) error
}

// openBackend starts what the name says: embedded://, redis, sentinel or cluster; anything else is the address of
// an empty store.
func openBackend(ctx context.Context, name string) (*backend, error) {
	b := &backend{}
	address, err := b.start(ctx, name)
	if err == nil {
		err = b.connect(ctx, address)
	}
	if err != nil {
		b.leave()
		return nil, fmt.Errorf("a store %q: %w", name, err)
	}
	return b, nil
}

func (b *backend) start(ctx context.Context, name string) (address string, err error) {
	dir, err := os.MkdirTemp("", "faults")
	if err != nil {
		return "", err
	}
	b.later(func() error { return os.RemoveAll(dir) })
	o := rig.Options{Dir: dir}
	switch name {
	case "redis":
		return b.startOne(ctx, o)
	case "sentinel":
		return b.startSentinels(ctx, o)
	case "cluster":
		return b.startCluster(ctx, o)
	}
	return name, nil
}

func (b *backend) later(f func() error) { b.close = append(b.close, func() { _ = f() }) }

// leave ends everything, last begun first.
func (b *backend) leave() {
	for _, f := range slices.Backward(b.close) {
		f()
	}
	b.close = nil
}

func (b *backend) connect(ctx context.Context, address string) error {
	var opts []storage.Option
	if len(b.breaks) > 0 && b.breaks[0].fault == failsOver {
		opts = append(opts, storage.WithWait(1, storage.MaxWait))
	}
	var err error
	if b.first, err = storage.Open(ctx, address, opts...); err != nil {
		return err
	}
	b.later(b.first.Close)
	b.raw = b.first.Client()
	b.version = "miniredis, in the process"
	if address != "embedded://" {
		info, err := b.raw.InfoMap(ctx, "server").Result()
		if err != nil {
			return err
		}
		b.version = "Redis " + info["Server"]["redis_version"]
	}
	return nil
}

// Troubles of a real store.
const (
	storeKilled fault = "Redis killed and started again"
	storePaused fault = "Redis paused"
	storeReads  fault = "Redis read-only"
	storeFull   fault = "Redis out of memory"
	storeCut    fault = "network to Redis cut"
	storeSlow   fault = "network to Redis slow"
	storeReset  fault = "connections to Redis reset"
	failsOver   fault = "primary killed, replica promoted"
)

// startOne is one server behind a network that can be cut.
//
// It writes down every change before it answers. As Redis comes, it does so every second, or two where the disk is
// busy, and what a killed server had not written is gone: answers, and the knowledge that something was sent.
func (b *backend) startOne(ctx context.Context, o rig.Options) (string, error) {
	o.Config = []string{"appendfsync always"}
	server, err := rig.Start(ctx, o)
	if err != nil {
		return "", err
	}
	b.later(server.Close)
	net, err := server.Front()
	if err != nil {
		return "", err
	}
	b.later(func() error { net.Close(); return nil })
	during := func(begin, end func() error) func(context.Context, func()) error {
		return func(_ context.Context, work func()) error {
			if err := begin(); err != nil {
				return err
			}
			work()
			return end()
		}
	}
	mend := func() error { net.Mend(ctx); return nil }
	b.breaks = []breakage{
		{storeKilled, 0.6, during(server.Kill, server.Restart)},
		{storePaused, 0.15, during(server.Pause, server.Resume)},
		{storeReads, 0.4, during(func() error { return server.SetReadOnly(ctx, true) }, func() error { return server.SetReadOnly(ctx, false) })},
		{storeFull, 0.4, during(func() error { return server.LimitMemory(ctx, 1) }, func() error { return server.LimitMemory(ctx, 0) })},
		{storeCut, 0.1, during(net.Cut, mend)},
		{storeSlow, 0.3, during(func() error { return net.Latency(20 * time.Millisecond) }, mend)},
		{storeReset, 0.4, during(net.Reset, mend)},
	}
	return net.URL(), nil
}

// agree bounds how long servers may take to agree on a new primary.
const agree = time.Minute

func (b *backend) startSentinels(ctx context.Context, o rig.Options) (string, error) {
	set, err := rig.StartSentinels(ctx, o)
	if err != nil {
		return "", err
	}
	b.later(set.Close)
	b.breaks = []breakage{{failsOver, 0.5, func(ctx context.Context, work func()) error {
		return failOver(ctx, work, set.KillPrimary, set)
	}}}
	return set.URL(), nil
}

func (b *backend) startCluster(ctx context.Context, o rig.Options) (string, error) {
	nodes, err := rig.StartCluster(ctx, o, 3, 1)
	if err != nil {
		return "", err
	}
	b.later(nodes.Close)
	n := 0
	kill := func(ctx context.Context) (*rig.Server, error) {
		n++
		return nodes.KillPrimaryOf(ctx, fmt.Sprintf("gk:{slack:T%d}:tree:", n%3*2))
	}
	b.breaks = []breakage{{failsOver, 0.5, func(ctx context.Context, work func()) error {
		return failOver(ctx, work, kill, nodes)
	}}}
	return nodes.URL(), nil
}

// watched is a set of servers that agrees on its primaries.
type watched interface {
	WaitPromoted(ctx context.Context) error
	WaitWell(ctx context.Context) error
}

// failOver kills a primary, goes on while another is promoted, and starts it again as a replica.
func failOver(ctx context.Context, work func(), kill func(context.Context) (*rig.Server, error), set watched) error {
	ctx, cancel := context.WithTimeout(ctx, agree)
	defer cancel()
	dead, err := kill(ctx)
	if err != nil {
		return err
	}
	work()
	return errors.Join(set.WaitPromoted(ctx), dead.Restart(), set.WaitWell(ctx))
}
