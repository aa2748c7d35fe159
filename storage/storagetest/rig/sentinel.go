//go:build unix

package rig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Master is what the Sentinels call the primary.
const Master = "goals"

// Sentinels are a primary and its replica, watched by three Sentinels that promote the replica a second after the
// primary fell silent.
type Sentinels struct {
	Servers  []*Server // data: who of them is the primary changes
	Watchers []*Server
}

// StartSentinels returns when the replica follows and the Sentinels agree. The folder must exist.
func StartSentinels(ctx context.Context, o Options) (*Sentinels, error) {
	set := &Sentinels{}
	err := set.start(ctx, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting a set of Sentinels: %w", err), set.Close())
	}
	return set, nil
}

func (set *Sentinels) start(ctx context.Context, o Options) error {
	primary, err := startIn(ctx, o, "primary", acceptsConnections)
	if err != nil {
		return err
	}
	set.Servers = append(set.Servers, primary)
	replica := o
	replica.Config = append(replica.Config, fmt.Sprint("replicaof 127.0.0.1 ", primary.Port))
	second, err := startIn(ctx, replica, "replica", acceptsConnections)
	if err != nil {
		return err
	}
	set.Servers = append(set.Servers, second)
	for n := range 3 {
		watcher, err := startIn(ctx, Options{Binary: o.Binary, Dir: o.Dir, TLS: o.TLS, Config: []string{
			fmt.Sprintf("sentinel monitor %s 127.0.0.1 %d 2", Master, primary.Port),
			"sentinel down-after-milliseconds " + Master + " 1000",
			"sentinel failover-timeout " + Master + " 2000",
		}}, fmt.Sprint("sentinel", n), watches)
		if err != nil {
			return err
		}
		set.Watchers = append(set.Watchers, watcher)
		// Seconds for tests are what minutes are for people. Older servers do not know the command.
		_, _ = watcher.Do(ctx, "SENTINEL", "DEBUG", "INFO-PERIOD", "200", "PUBLISH-PERIOD", "200", "PING-PERIOD", "200")
	}
	return set.WaitWell(ctx)
}

// startIn starts a server in a folder of its own below the one given.
func startIn(ctx context.Context, o Options, name, ready string) (*Server, error) {
	o.Dir = filepath.Join(o.Dir, name)
	if err := os.Mkdir(o.Dir, 0o700); err != nil {
		return nil, err
	}
	return start(ctx, o, ready)
}

// URL is the address for REDIS_URL.
func (set *Sentinels) URL() string {
	var hosts []string
	for _, w := range set.Watchers {
		hosts = append(hosts, w.Addr())
	}
	return schemeOf(set.Watchers[0]) + "+sentinel://" + strings.Join(hosts, ",") + "/" + Master
}

// Primary is the server that the Sentinels name.
func (set *Sentinels) Primary(ctx context.Context) (*Server, error) {
	for _, w := range set.Watchers {
		where, err := w.keeper.Do(ctx, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", Master).StringSlice()
		if err != nil || len(where) != 2 {
			continue
		}
		for _, s := range set.Servers {
			if fmt.Sprint(s.Port) == where[1] {
				return s, nil
			}
		}
	}
	return nil, errors.New("no Sentinel names a primary")
}

// KillPrimary kills the primary of the moment and returns it, so that it can be started again.
func (set *Sentinels) KillPrimary(ctx context.Context) (*Server, error) {
	s, err := set.Primary(ctx)
	if err != nil {
		return nil, err
	}
	return s, s.Kill()
}

// WaitPromoted waits until a server that is up is the primary, and knows it.
func (set *Sentinels) WaitPromoted(ctx context.Context) error {
	return eventually(ctx, "a replica is promoted", func(ctx context.Context) bool {
		s, err := set.Primary(ctx)
		return err == nil && !s.Down() && role(ctx, s) == "master"
	})
}

// WaitWell waits until every data server is up, replicas follow, and the Sentinels know enough of each other.
func (set *Sentinels) WaitWell(ctx context.Context) error {
	return eventually(ctx, "the replica follows and the Sentinels agree", func(ctx context.Context) bool {
		primary, err := set.Primary(ctx)
		if err != nil || !followed(ctx, primary, len(set.Servers)-1) {
			return false
		}
		for _, w := range set.Watchers {
			known, err := w.keeper.Do(ctx, "SENTINEL", "REPLICAS", Master).Slice()
			quorum := w.keeper.Do(ctx, "SENTINEL", "CKQUORUM", Master).Err()
			others, _ := w.keeper.Do(ctx, "SENTINEL", "SENTINELS", Master).Slice()
			if err != nil || quorum != nil || len(known) != len(set.Servers)-1 || len(others) != len(set.Watchers)-1 {
				return false
			}
		}
		return true
	})
}

// Close kills all of them.
func (set *Sentinels) Close() error { return closeAll(append(set.Watchers, set.Servers...)) }

func closeAll(servers []*Server) (err error) {
	for _, s := range servers {
		err = errors.Join(err, s.Close())
	}
	return err
}

func role(ctx context.Context, s *Server) string {
	parts, err := s.keeper.Do(ctx, "ROLE").Slice()
	if err != nil || len(parts) == 0 {
		return ""
	}
	word, _ := parts[0].(string)
	return word
}

// followed tells whether that many replicas receive what the server takes.
func followed(ctx context.Context, s *Server, replicas int) bool {
	info, err := s.keeper.Info(ctx, "replication").Result()
	return err == nil && strings.Contains(info, "role:master") && strings.Count(info, "state=online") == replicas
}
