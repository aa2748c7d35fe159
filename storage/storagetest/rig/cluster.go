//go:build unix

package rig

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Cluster is a Redis Cluster. A primary that is silent for a second is given up, and a replica of it takes over.
type Cluster struct{ Servers []*Server }

// slots is how many a Cluster has, by its specification.
const slots = 16384

// StartCluster starts primaries, each with so many replicas, and returns when all slots are served and every
// replica follows. The folder must exist.
func StartCluster(ctx context.Context, o Options, primaries, replicas int) (*Cluster, error) {
	c := &Cluster{}
	err := c.start(ctx, o, primaries, replicas)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting a Cluster: %w", err), c.Close())
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context, o Options, primaries, replicas int) error {
	o.Config = append(o.Config, "cluster-enabled yes", "cluster-config-file nodes.conf", "cluster-node-timeout 1000",
		"cluster-port {freeport}", "cluster-replica-validity-factor 0")
	for n := range primaries * (1 + replicas) {
		s, err := startIn(ctx, o, fmt.Sprint("node", n), acceptsConnections)
		if err != nil {
			return err
		}
		c.Servers = append(c.Servers, s)
	}
	if err := c.meet(ctx, primaries); err != nil {
		return err
	}
	if err := c.follow(ctx, primaries, replicas); err != nil {
		return err
	}
	return c.WaitWell(ctx)
}

// meet gives the primaries their slots and lets all nodes know each other.
func (c *Cluster) meet(ctx context.Context, primaries int) error {
	for n, s := range c.Servers {
		if _, err := s.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", n+1); err != nil {
			return err
		}
		if n < primaries {
			if err := s.keeper.ClusterAddSlotsRange(ctx, n*slots/primaries, (n+1)*slots/primaries-1).Err(); err != nil {
				return err
			}
		}
		bus, err := s.keeper.ConfigGet(ctx, "cluster-port").Result()
		if err != nil {
			return err
		}
		if _, err := c.Servers[0].Do(ctx, "CLUSTER", "MEET", "127.0.0.1", s.Port, bus["cluster-port"]); err != nil {
			return err
		}
	}
	return eventually(ctx, "all nodes know each other", func(ctx context.Context) bool {
		for _, s := range c.Servers {
			if known, err := s.keeper.ClusterNodes(ctx).Result(); err != nil || strings.Count(known, "connected") < len(c.Servers) || strings.Contains(known, "handshake") {
				return false
			}
		}
		return true
	})
}

// follow makes the servers after the primaries their replicas, in turn.
func (c *Cluster) follow(ctx context.Context, primaries, replicas int) error {
	for n := range primaries * replicas {
		id, err := c.Servers[n%primaries].keeper.Do(ctx, "CLUSTER", "MYID").Text()
		if err != nil {
			return err
		}
		if _, err := c.Servers[primaries+n].Do(ctx, "CLUSTER", "REPLICATE", id); err != nil {
			return err
		}
	}
	return nil
}

// URL is the address for REDIS_URL.
func (c *Cluster) URL() string {
	var hosts []string
	for _, s := range c.Servers {
		hosts = append(hosts, s.Addr())
	}
	return schemeOf(c.Servers[0]) + "+cluster://" + strings.Join(hosts, ",")
}

// moved is where a node sends those who ask it for a slot of another.
var moved = regexp.MustCompile(`MOVED \d+ .*:(\d+)`)

// PrimaryOf is the server that has the key's slot.
func (c *Cluster) PrimaryOf(ctx context.Context, key string) (*Server, error) {
	for _, s := range c.Servers {
		if s.Down() {
			continue
		}
		err := s.keeper.Get(ctx, key).Err()
		if err == nil || errors.Is(err, redis.Nil) {
			return s, nil
		}
		to := moved.FindStringSubmatch(err.Error())
		if to == nil {
			continue
		}
		for _, other := range c.Servers {
			if strconv.Itoa(other.Port) == to[1] && !other.Down() {
				return other, nil
			}
		}
	}
	return nil, fmt.Errorf("no node has the slot of %q", key)
}

// KillPrimaryOf kills the server that has the key's slot and returns it, so that it can be started again.
func (c *Cluster) KillPrimaryOf(ctx context.Context, key string) (*Server, error) {
	s, err := c.PrimaryOf(ctx, key)
	if err != nil {
		return nil, err
	}
	return s, s.Kill()
}

// WaitPromoted waits until every node that is up says that all slots are served, and none by a server that is down.
func (c *Cluster) WaitPromoted(ctx context.Context) error {
	return eventually(ctx, "all slots are served", func(ctx context.Context) bool {
		return c.all(func(s *Server) bool {
			if s.Down() {
				return true
			}
			info, err1 := s.keeper.ClusterInfo(ctx).Result()
			known, err2 := s.keeper.ClusterNodes(ctx).Result()
			return err1 == nil && err2 == nil && strings.Contains(info, "cluster_state:ok") && !c.deadServe(known)
		})
	})
}

// deadServe tells whether a node's view has slots at a server that is down: a line's ninth word is the first of them.
func (c *Cluster) deadServe(known string) bool {
	for line := range strings.Lines(known) {
		words := strings.Fields(line)
		for _, s := range c.Servers {
			if s.Down() && len(words) > 8 && strings.HasPrefix(words[1], s.Addr()+"@") {
				return true
			}
		}
	}
	return false
}

// WaitWell waits until every server is up, all slots are served and every replica follows.
func (c *Cluster) WaitWell(ctx context.Context) error {
	return eventually(ctx, "all slots are served and every replica follows", func(ctx context.Context) bool {
		return c.all(func(s *Server) bool {
			state, err1 := s.keeper.ClusterInfo(ctx).Result()
			info, err2 := s.keeper.Info(ctx, "replication").Result()
			known, err3 := s.keeper.ClusterNodes(ctx).Result()
			follows := strings.Contains(info, "role:master") || strings.Contains(info, "master_link_status:up")
			return err1 == nil && err2 == nil && err3 == nil && strings.Contains(state, "cluster_state:ok") && follows && c.rolesIn(known)
		})
	})
}

// rolesIn tells whether a node's view has as many replicas as there are.
func (c *Cluster) rolesIn(known string) bool {
	return strings.Count(known, "slave") == len(c.Servers)-strings.Count(known, "master ")-strings.Count(known, "master,") &&
		!strings.Contains(known, "fail")
}

func (c *Cluster) all(well func(*Server) bool) bool {
	for _, s := range c.Servers {
		if !well(s) {
			return false
		}
	}
	return true
}

// Close kills all of them.
func (c *Cluster) Close() error { return closeAll(c.Servers) }
