//go:build unix

package storagetest

import (
	"context"
	"strings"
	"testing"

	"goalkeeper/storage/storagetest/rig"
)

// Sentinels are a primary and its replica, watched by three Sentinels, all killed when the test ends.
type Sentinels struct {
	t testing.TB
	*rig.Sentinels
}

// Sentinel starts a primary, a replica and three Sentinels that promote it a second after the primary is silent.
func Sentinel(t testing.TB) *Sentinels {
	t.Helper()
	needRedis(t)
	s := &Sentinels{t: t}
	within(t, func(ctx context.Context) (err error) {
		s.Sentinels, err = rig.StartSentinels(ctx, rig.Options{Dir: t.TempDir()})
		return err
	})
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// KillPrimary kills the primary of the moment and returns it, so that it can be started again.
func (s *Sentinels) KillPrimary() *Server {
	s.t.Helper()
	killed, err := s.Sentinels.KillPrimary(s.t.Context())
	must(s.t, err)
	return &Server{s.t, killed}
}

// WaitPromoted waits until a server that is up is the primary.
func (s *Sentinels) WaitPromoted() { s.t.Helper(); within(s.t, s.Sentinels.WaitPromoted) }

// WaitWell waits until all servers are up and the replica follows.
func (s *Sentinels) WaitWell() { s.t.Helper(); within(s.t, s.Sentinels.WaitWell) }

// User gives the Sentinels and the data servers a user each, with these rights, and returns the address for them.
func (s *Sentinels) User(watching, storing []string) string {
	s.t.Helper()
	for _, w := range s.Watchers {
		setUser(s.t, w.Keeper(), watching)
	}
	for _, server := range s.Servers {
		setUser(s.t, server.Keeper(), storing)
		must(s.t, server.Keeper().ConfigRewrite(s.t.Context()).Err()) // to have the user after a restart, too
	}
	return strings.Replace(s.URL(), "://", "://goalkeeper:s3cret@", 1) + "?sentinel_user=goalkeeper&sentinel_password=s3cret"
}

// Nodes are a Redis Cluster, killed when the test ends.
type Nodes struct {
	t testing.TB
	*rig.Cluster
}

// Cluster starts three primaries with a replica each.
func Cluster(t testing.TB) *Nodes {
	t.Helper()
	needRedis(t)
	c := &Nodes{t: t}
	within(t, func(ctx context.Context) (err error) {
		c.Cluster, err = rig.StartCluster(ctx, rig.Options{Dir: t.TempDir()}, 3, 1)
		return err
	})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// KillPrimaryOf kills the server that has the key's slot and returns it, so that it can be started again.
func (c *Nodes) KillPrimaryOf(key string) *Server {
	c.t.Helper()
	killed, err := c.Cluster.KillPrimaryOf(c.t.Context(), key)
	must(c.t, err)
	return &Server{c.t, killed}
}

// WaitPromoted waits until every node that is up says that all slots are served.
func (c *Nodes) WaitPromoted() { c.t.Helper(); within(c.t, c.Cluster.WaitPromoted) }

// WaitWell waits until all servers are up, and replicas follow.
func (c *Nodes) WaitWell() { c.t.Helper(); within(c.t, c.Cluster.WaitWell) }

// User gives all nodes a user with these rights, and returns the address for them.
func (c *Nodes) User(rights ...string) string {
	c.t.Helper()
	for _, s := range c.Servers {
		setUser(c.t, s.Keeper(), rights)
	}
	return strings.Replace(c.URL(), "://", "://goalkeeper:s3cret@", 1)
}
