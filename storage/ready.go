package storage

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Ready says in one line what is wrong with the store; nil when it can be used now.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("%s: %w", s.where, err)
	}
	if s.memory {
		return nil
	}
	facts, err := s.facts(ctx)
	if err != nil {
		return fmt.Errorf("%s answers, but does not tell its version: %w", s.where, err)
	}
	return s.suits(facts)
}

// ErrUnsuitable is what Ready wraps when the store answers but cannot be used: waiting does not help.
var ErrUnsuitable = errors.New("this store cannot be used")

func (s *Store) suits(facts map[string]string) error {
	if v := facts["redis_version"]; !atLeast62(v) {
		return fmt.Errorf("%w: %s has version %q, and 6.2 or newer is needed", ErrUnsuitable, s.where, v)
	}
	if facts["role"] == "slave" {
		return fmt.Errorf("%w: %s is a replica, which cannot save: give the address of its primary", ErrUnsuitable, s.where)
	}
	return nil
}

// facts are the lines of INFO by name. Valkey tells the redis_version that it is compatible with.
func (s *Store) facts(ctx context.Context) (map[string]string, error) {
	info, err := s.client.Info(ctx).Result()
	if err != nil {
		return nil, err
	}
	facts := map[string]string{}
	for line := range strings.Lines(info) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			facts[name] = value
		}
	}
	return facts, nil
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

// Warnings are what whoever runs the store should know, each in one line: what makes it lose data.
func (s *Store) Warnings(ctx context.Context) []string {
	if s.memory {
		return []string{"embedded:// keeps nothing: everything is gone when this process ends."}
	}
	facts, err := s.facts(ctx)
	if err != nil {
		return nil
	}
	var warn []string
	if policy := facts["maxmemory_policy"]; policy != "" && policy != "noeviction" {
		warn = append(warn, fmt.Sprintf("%s may delete goals when its memory is full (maxmemory-policy %s). Set it to noeviction.", s.where, policy))
	}
	if facts["aof_enabled"] == "0" {
		warn = append(warn, fmt.Sprintf("%s keeps no append-only file: a crash loses what came after its last snapshot, if it takes any. Set appendonly yes.", s.where))
	}
	if facts["aof_last_write_status"] == "err" || facts["rdb_last_bgsave_status"] == "err" {
		warn = append(warn, fmt.Sprintf("%s could not write to its disk lately. Look at its log and at the space left.", s.where))
	}
	return warn
}

// WaitReady waits until the store can be used, and tells through log what it waits for. It gives up when ctx
// ends or when the store answers but can never be used.
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
	_, err := backoff.Retry(ctx, try, backoff.WithBackOff(pace), backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(err error, next time.Duration) {
			log(fmt.Sprintf("waiting for %v; next try in %s", err, next.Round(100*time.Millisecond)))
		}))
	return err
}

// locked tells whether Redis refuses the password.
func locked(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "WRONGPASS") || strings.Contains(err.Error(), "NOAUTH"))
}
