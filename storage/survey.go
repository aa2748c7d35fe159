package storage

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// server is what one primary of the store tells about itself.
type server struct {
	name   string            // for people
	facts  map[string]string // the lines of INFO; a managed Redis may leave some out
	silent bool              // it answers, but INFO is refused
}

// ask pings every primary and reads what it tells about itself. All of them are asked at once, within the time
// for one command.
func (s *Store) ask(ctx context.Context) ([]server, error) {
	nodes, clustered := s.client.(*redis.ClusterClient)
	if !clustered {
		one, err := interview(ctx, s.at.name, s.client)
		return []server{one}, err
	}
	var mu sync.Mutex
	var all []server
	err := watch{budget: s.at.budget}.inBudget(ctx, func(ctx context.Context) error {
		return nodes.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error {
			one, err := interview(ctx, "Redis at "+c.Options().Addr, c)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, one)
			return err
		})
	})
	slices.SortFunc(all, func(a, b server) int { return strings.Compare(a.name, b.name) })
	return all, err
}

// asker is the part of a client that an interview needs.
type asker interface {
	Ping(ctx context.Context) *redis.StatusCmd
	Info(ctx context.Context, sections ...string) *redis.StringCmd
}

func interview(ctx context.Context, name string, c asker) (server, error) {
	one := server{name: name}
	if err := c.Ping(ctx).Err(); err != nil {
		return one, err
	}
	info, err := c.Info(ctx).Result()
	if refused(err) {
		one.silent = true
		return one, nil
	}
	one.facts = factsOf(info)
	return one, err
}

// refused tells whether Redis does not let us ask, or has no such command.
func refused(err error) bool {
	var reply redis.Error
	return errors.As(err, &reply) && (strings.HasPrefix(reply.Error(), "NOPERM") || strings.HasPrefix(reply.Error(), "ERR unknown command"))
}

// factsOf are the lines of INFO by name. Valkey tells the redis_version that it is compatible with.
func factsOf(info string) map[string]string {
	facts := map[string]string{}
	for line := range strings.Lines(info) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			facts[name] = value
		}
	}
	return facts
}
