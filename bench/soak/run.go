package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"goalkeeper/storage"
	"goalkeeper/storage/storagetest/rig"
)

// result is what a soak saw.
type result struct {
	settings
	began       time.Time
	series      []*series
	load        tally
	posted      map[string]int
	calls       map[string]int
	first       map[string]int // keys by kind, at the end of the first quarter
	last        map[string]int // at the end
	warnings    map[string]int // by their words
	warned      int
	undelivered int64
	machine     string
}

// soak is one under way.
type soak struct {
	settings
	redis    *rig.Server
	platform *platform
	load     *load
	garbage  *garbage
	orders   orders
	children [2]*child
	result   *result
}

// run is a whole soak.
func run(ctx context.Context, set settings) (*result, error) {
	s := &soak{settings: set, result: &result{settings: set, began: time.Now().UTC(), warnings: map[string]int{}}}
	dir, err := os.MkdirTemp("", "soak")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if s.redis, err = rig.Start(ctx, rig.Options{Dir: dir}); err != nil {
		return nil, err
	}
	defer func() { _ = s.redis.Close() }()
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	api, err := s.serve(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = api.Close() }()
	for i := range s.children {
		if s.children[i], err = start(s.orders); err != nil {
			return nil, err
		}
		defer s.endOf(i)
	}
	return s.result, s.work(ctx)
}

func (s *soak) endOf(i int) { _ = s.children[i].end() }

// prepare fills the store, and starts the clock.
func (s *soak) prepare(ctx context.Context) error {
	store, err := storage.Open(ctx, s.redis.URL())
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	if err := settle(ctx, store, s.people); err != nil {
		return err
	}
	s.orders = orders{Redis: s.redis.URL(), Began: time.Now(), Every: s.every, Profiles: s.profiles}
	s.platform = newPlatform(clock{s.orders.Began})
	s.load = newLoad(s.platform, s.people, s.seed)
	s.garbage = newGarbage(s.redis.Keeper())
	return nil
}

// serve begins to be Slack.
func (s *soak) serve(ctx context.Context) (*http.Server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.platform.url = "http://" + listener.Addr().String()
	s.orders.API = s.platform.url + "/api/"
	api := &http.Server{Handler: s.platform, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = api.Serve(listener) }()
	return api, nil
}

// work lets everything run for the time of the soak: people, garbage, samples, and the restart at half time.
func (s *soak) work(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.during)
	defer cancel()
	s.load.aim(s.children[0].address, s.children[1].address)
	s.series()
	group := new(errgroup.Group)
	group.Go(func() error { s.load.run(ctx, s.rate); return nil })
	group.Go(func() error {
		return s.again(ctx, min(3*time.Second, s.every), func() error { return s.garbage.look(ctx) })
	})
	group.Go(func() error { return s.again(ctx, s.every, func() error { return s.sample(ctx) }) })
	group.Go(func() error { return s.restart(ctx) })
	err := group.Wait()
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	s.finish()
	return err
}

// again does something again and again until ctx ends.
func (s *soak) again(ctx context.Context, pause time.Duration, do func() error) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := do(); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// restart replaces the second replica at half time. The balancer is told before, as a platform of containers does.
func (s *soak) restart(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(s.during / 2):
	}
	s.load.aim(s.children[0].address)
	time.Sleep(min(2*time.Second, s.during/10)) // what was already sent arrives
	old := s.children[1]
	if err := old.end(); err != nil {
		return fmt.Errorf("a replica that was asked to end: %w", err)
	}
	s.note(old)
	c, err := start(s.orders)
	if err != nil {
		return err
	}
	s.load.mu.Lock()
	s.children[1] = c
	s.load.mu.Unlock()
	s.load.aim(s.children[0].address, c.address)
	return nil
}

// note keeps what a replica warned of.
func (s *soak) note(c *child) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for words, n := range c.warnings {
		s.result.warned += n
		s.result.warnings[words] += n
	}
}

// finish writes down what was counted.
func (s *soak) finish() {
	for _, c := range s.children {
		s.note(c)
	}
	s.result.undelivered = s.redis.Keeper().SCard(context.Background(), undeliveredKey).Val()
	s.load.interval()
	s.result.load = s.load.all
	s.platform.mu.Lock()
	defer s.platform.mu.Unlock()
	s.result.posted, s.result.calls, s.result.last = s.platform.posted, s.platform.calls, s.garbage.counted()
	s.result.machine = machine()
}

// sample adds a point to every series.
func (s *soak) sample(ctx context.Context) error {
	at := time.Since(s.result.began)
	values := map[string]float64{}
	s.load.mu.Lock()
	children := s.children
	s.load.mu.Unlock()
	for i, c := range children {
		for name, v := range c.latest().values() {
			values[replicaName(i)+name] = v
		}
	}
	if err := s.askRedis(ctx, values); err != nil {
		return err
	}
	t := s.load.interval()
	seconds := s.every.Seconds()
	values[requestsName], values[failedName], values[p50Name], values[p99Name] =
		float64(t.requests+t.hostile)/seconds, float64(t.failed), t.quantile(0.5), t.quantile(0.99)
	for _, each := range s.result.series {
		if v, ok := values[each.name]; ok {
			each.add(at, v)
		}
	}
	if s.result.first == nil && at > s.during/4 {
		s.result.first = s.garbage.counted()
	}
	return nil
}

// values are a replica's own figures; there are none before its first word, and none while it starts anew.
func (t told) values() map[string]float64 {
	if t.Goroutines == 0 {
		return nil
	}
	return map[string]float64{residentName: t.Resident, heapName: t.Heap, goroutinesName: t.Goroutines, descriptorsName: t.Descriptors, connectionsName: t.Connections}
}

// The indexes of the workspace's messages, as storage/keys.go names them.
const (
	outboxKey      = "gk:{" + string(workspace) + "}:in:outbox:"
	undeliveredKey = "gk:{" + string(workspace) + "}:in:undelivered:"
)

// askRedis asks the server about itself.
func (s *soak) askRedis(ctx context.Context, values map[string]float64) error {
	keeper := s.redis.Keeper()
	keys, err := keeper.DBSize(ctx).Result()
	if err != nil {
		return err
	}
	info, err := keeper.Info(ctx, "memory", "clients").Result()
	if err != nil {
		return err
	}
	waiting, err := keeper.SCard(ctx, outboxKey).Result()
	if err != nil {
		return err
	}
	values[machineName] = machineLoad()
	values[keysName], values[outboxName], values[logName] = float64(keys), float64(waiting), float64(s.garbage.logs.Load())/1e6
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		v, _ := strconv.ParseFloat(value, 64)
		switch name {
		case "used_memory":
			values[memoryName], values[besideName] = v/1e6, v/1e6-values[logName]
		case "connected_clients":
			values[clientsName] = v
		}
	}
	return nil
}
