package storage

import (
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// place is where a store is and how to get there.
type place struct {
	name      string // for people: without credentials
	kind      topology
	memory    bool
	network   string                  // unix, or empty for TCP
	options   *redis.UniversalOptions // the same for every topology
	confirm   *confirm                // nil: no replica is asked
	weather   *weather                // one for all pools; nil: nobody hears of outages
	budget    time.Duration           // for one command
	heartbeat time.Duration           // see DueSet
	close     func() error
}

// resolve reads an address. Its errors hold nothing of it, since it may carry a password.
func resolve(written string) (place, error) {
	at, err := parseAddress(written)
	if err != nil {
		return place{}, err
	}
	if at.scheme == "embedded" {
		return inProcess(), nil
	}
	return remote(at)
}

func remote(at address) (place, error) {
	one, err := at.options()
	if err != nil {
		return place{}, err
	}
	o := &redis.UniversalOptions{
		Addrs: at.hosts, DB: one.DB, Username: one.Username, Password: one.Password,
		MasterName: at.master, SentinelUsername: at.sentinelUser, SentinelPassword: at.sentinelPassword,
		IsClusterMode: at.kind == cluster, TLSConfig: one.TLSConfig, PoolSize: one.PoolSize,
	}
	if one.Network == "unix" {
		o.Addrs = []string{one.Addr}
	}
	if at.kind != alone && o.TLSConfig != nil {
		o.TLSConfig.ServerName = "" // each host is asked for a certificate in its own name
	}
	limit(o, replyTimeout)
	o.Dialer = dialer(o)
	p := place{
		name: at.name(one.Addr), kind: at.kind, network: one.Network, options: o, budget: Budget, heartbeat: time.Minute,
		close: func() error { return nil },
	}
	return p, WithTLS(at.tls)(&p)
}

// name is how people find the store.
func (a address) name(addr string) string {
	hosts := strings.Join(a.hosts, ", ")
	switch a.kind {
	case sentinel:
		return "Redis primary " + a.master + " of the Sentinels at " + hosts
	case cluster:
		return "Redis Cluster at " + hosts
	}
	return "Redis at " + addr
}

// The times within which Redis must answer, so that a person hears of an outage within the three seconds that
// platforms leave for an answer. Budget covers one command with everything: finding the primary, redirections,
// a second try, and the replicas' word.
const (
	dialTimeout  = time.Second
	replyTimeout = 800 * time.Millisecond
	Budget       = 1500 * time.Millisecond
)

// limit sets what an address may not: how long anything may take, in every topology alike. One retry is worth
// it, because after a restart of Redis pooled connections are stale; a Commit that is thereby sent twice meets
// its own claims.
func limit(o *redis.UniversalOptions, reply time.Duration) {
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = dialTimeout, reply, reply, reply
	o.MaxRetries, o.MinRetryBackoff, o.MaxRetryBackoff = 1, 8*time.Millisecond, 64*time.Millisecond
	o.DialerRetries = 1
	o.ContextTimeoutEnabled = true
	o.Protocol = 2
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// connect makes a client with a pool of its own. It dials when first used.
func (p place) connect() redis.UniversalClient {
	client := p.client()
	guard := watch{budget: p.budget, weather: p.weather}
	if nodes, ok := client.(*redis.ClusterClient); ok {
		// The client asks anew who has which slot when a node sends it elsewhere, but not when a node is gone
		// (go-redis issue 3979, open in November 2026). Asking is done beside, at most five times a second.
		guard.away = nodes.ReloadState
	}
	client.AddHook(guard)
	return client
}

func (p place) client() redis.UniversalClient {
	switch p.kind {
	case sentinel:
		return redis.NewFailoverClient(p.options.Failover())
	case cluster:
		return redis.NewClusterClient(clustered(p.options.Cluster()))
	default:
		o := p.options.Simple()
		o.Network = p.network
		return redis.NewClient(o)
	}
}

// clustered is what only a Cluster has. A redirection is a try by itself, so nodes are not retried besides; and
// commands go by their keys alone, all in one slot, for which nobody must be allowed to ask COMMAND.
func clustered(o *redis.ClusterOptions) *redis.ClusterOptions {
	o.MaxRedirects, o.MaxRetries = 3, -1
	o.DisableRoutingPolicies = true
	o.ClusterStateReloadInterval = 10 * time.Second
	return o
}
