package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Ready says in one line what is wrong with the store; nil when it can be used now. Of a Cluster every primary
// is asked.
func (s *Store) Ready(ctx context.Context) error {
	if s.at.memory {
		return s.client.Ping(ctx).Err()
	}
	all, err := s.ask(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", s.at.name, s.misplaced(err))
	}
	for _, one := range all {
		if err := s.at.suits(one); err != nil {
			return err
		}
	}
	return nil
}

// ErrUnsuitable is what Ready wraps when the store answers but cannot be used: waiting does not help.
var ErrUnsuitable = errors.New("this store cannot be used")

// misplaced says so when the address has the wrong form for what is there.
func (s *Store) misplaced(err error) error {
	if s.at.kind == cluster && strings.Contains(err.Error(), "cluster support disabled") {
		return fmt.Errorf("%w: it is no node of a Cluster: give its address as redis:// or redis+sentinel://", ErrUnsuitable)
	}
	return err
}

// suits tells why a server cannot be used. What it keeps to itself is taken to be well.
func (p place) suits(one server) error {
	switch v := one.facts["redis_version"]; {
	case one.silent:
		return nil
	case !atLeast62(v):
		return fmt.Errorf("%w: %s has version %q, and 6.2 or newer is needed", ErrUnsuitable, one.name, v)
	case one.facts["redis_mode"] == "sentinel":
		return fmt.Errorf("%w: %s is a Sentinel: give its address as redis+sentinel://host:26379/mymaster", ErrUnsuitable, one.name)
	case p.kind != cluster && one.facts["cluster_enabled"] == "1":
		return fmt.Errorf("%w: %s is a node of a Cluster: give its address as redis+cluster://host:6379", ErrUnsuitable, one.name)
	case one.facts["role"] == "slave" && p.kind == alone:
		return fmt.Errorf("%w: %s is a replica, which cannot save: give the address of its primary", ErrUnsuitable, one.name)
	case one.facts["role"] == "slave":
		return fmt.Errorf("%w: %s has become a replica; the new primary is not known yet", ErrUnavailable, one.name)
	}
	return evicts(one)
}

// evicts is no reason to give up: it can be mended while we wait.
func evicts(one server) error {
	policy := one.facts["maxmemory_policy"]
	if policy == "" || policy == "noeviction" || number(one.facts["maxmemory"]) == 0 {
		return nil
	}
	return fmt.Errorf("%s deletes data when its memory is full (maxmemory-policy %s), and noeviction is demanded: "+
		"redis-cli CONFIG SET maxmemory-policy noeviction, and the same in its configuration", one.name, policy)
}

// number reads a number of INFO; 0 when there is none.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func atLeast62(version string) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	return err1 == nil && err2 == nil && (major > 6 || major == 6 && minor >= 2)
}

// sayAgain is how often a reason to wait is told that has not changed.
const sayAgain = 30 * time.Second

// WaitReady waits until the store can be used, and tells through log what it waits for: when that changes, and every
// half minute. It gives up when ctx ends or when the store answers but can never be used.
func (s *Store) WaitReady(ctx context.Context, log func(string)) error {
	try := func() (struct{}, error) {
		err := s.Ready(ctx)
		if errors.Is(err, ErrUnsuitable) || locked(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}
	pace := backoff.NewExponentialBackOff()
	pace.InitialInterval, pace.MaxInterval = 200*time.Millisecond, 5*time.Second
	said, silent := "", time.Duration(0)
	_, err := backoff.Retry(ctx, try, backoff.WithBackOff(pace), backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(err error, next time.Duration) {
			if silent += next; err.Error() != said || silent >= sayAgain {
				said, silent = err.Error(), 0
				log("not ready: " + said + ". Trying again")
			}
		}))
	return err
}

// locked tells whether Redis refuses the password, or has no such database.
func locked(err error) bool {
	return err != nil && slices.ContainsFunc([]string{"WRONGPASS", "NOAUTH", "DB index is out of range"}, func(word string) bool {
		return strings.Contains(err.Error(), word)
	})
}
