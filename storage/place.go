package storage

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// place is where a store is and how to get there.
type place struct {
	name      string
	memory    bool
	options   *redis.Options
	budget    time.Duration // for one command
	heartbeat time.Duration // see DueSet
	close     func() error
}

// resolve reads the URL. Its errors never hold the URL itself, which may carry a password.
func resolve(address string) (place, error) {
	u, err := url.Parse(address)
	if err != nil {
		return place{}, errors.New("the address of the store is not a URL such as redis://localhost:6379")
	}
	switch u.Scheme {
	case "embedded":
		return inProcess(), nil
	case "redis", "rediss", "unix":
		return remote(u)
	}
	return place{}, fmt.Errorf("the store's address begins with %q: it must be redis://, rediss://, unix:// or embedded://", u.Scheme)
}

func remote(u *url.URL) (place, error) {
	o, err := redis.ParseURL(u.String())
	if err != nil {
		return place{}, fmt.Errorf("the store's address at %q cannot be used: %w", u.Host, hide(err))
	}
	limit(o, replyTimeout)
	return place{
		name: "Redis at " + o.Addr, options: o, budget: Budget, heartbeat: 3 * time.Second,
		close: func() error { return nil },
	}, nil
}

// hide drops the URL that net/url repeats in its errors.
func hide(err error) error {
	var full *url.Error
	if errors.As(err, &full) {
		return full.Err
	}
	return err
}

// The times within which Redis must answer, so that a person hears of an outage within the three seconds that
// platforms leave for an answer. Budget covers one command with everything, its second try too.
const (
	dialTimeout  = time.Second
	replyTimeout = 800 * time.Millisecond
	Budget       = 1500 * time.Millisecond
)

// limit sets what a URL may not: how long anything may take. One retry is worth it, because after a restart
// of Redis pooled connections are stale; a Commit that is thereby sent twice meets its own claims.
func limit(o *redis.Options, reply time.Duration) {
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = dialTimeout, reply, reply, reply
	o.MaxRetries, o.MinRetryBackoff, o.MaxRetryBackoff = 1, 8*time.Millisecond, 64*time.Millisecond
	o.DialerRetries = 1
	o.ContextTimeoutEnabled = true
	o.Protocol = 2
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}
