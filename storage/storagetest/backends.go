//go:build unix

package storagetest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"goalkeeper/storage/storagetest/rig"

	"github.com/redis/go-redis/v9"
)

// Embedded is the address of a fresh store in the process, another one for each time it is opened.
const Embedded = "embedded://"

// Backends runs a test on every kind of store there is: embedded, Redis alone, with TLS, under Sentinels and as
// a Cluster, and Valkey where it is installed.
func Backends(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("embedded", func(t *testing.T) { test(t, Embedded) })
	t.Run("redis", func(t *testing.T) { test(t, Redis(t)) })
	t.Run("tls", func(t *testing.T) { test(t, TLS(t)) })
	t.Run("sentinel", func(t *testing.T) { test(t, Sentinel(t).URL()) })
	t.Run("cluster", func(t *testing.T) { test(t, Cluster(t).URL()) })
	if binary, err := exec.LookPath("valkey-server"); err == nil {
		t.Run("valkey", func(t *testing.T) { test(t, start(t, rig.Options{Binary: binary}).URL()) })
	}
}

// Redis is the address of an empty database in a real Redis: of the one at REDIS_URL if that is set, else of
// one that is started for the test. Without either the test is skipped, and says so.
func Redis(t testing.TB) string {
	t.Helper()
	if given := os.Getenv("REDIS_URL"); given != "" {
		return database(t, given)
	}
	if _, err := exec.LookPath("redis-server"); err != nil {
		missing(t, "there is no redis-server on the path, and REDIS_URL is not set")
	}
	return Start(t).URL()
}

// taken marks a database of a given Redis as in use by a test.
const taken = "goalkeeper-test-running"

// database takes one of a given Redis' empty databases for the time of the test; it never touches another.
func database(t testing.TB, given string) string {
	t.Helper()
	o, err := redis.ParseURL(given)
	if err != nil {
		t.Fatal("REDIS_URL is not the address of a Redis")
	}
	for o.DB = range 16 {
		client := redis.NewClient(o)
		free, err := take(t.Context(), client)
		if err != nil {
			t.Fatalf("looking for an empty database at REDIS_URL: %v", err)
		}
		if free {
			t.Cleanup(func() { giveBack(t, client) })
			return address(given, o.DB)
		}
		_ = client.Close()
	}
	t.Fatal("every database at REDIS_URL holds something: tests want an empty one")
	return ""
}

func take(ctx context.Context, client *redis.Client) (bool, error) {
	mine, err := client.SetNX(ctx, taken, os.Getpid(), 10*time.Minute).Result()
	if err != nil || !mine {
		return false, err
	}
	size, err := client.DBSize(ctx).Result()
	if err == nil && size == 1 {
		return true, nil
	}
	return false, errors.Join(err, client.Del(ctx, taken).Err())
}

func giveBack(t testing.TB, client *redis.Client) {
	if err := client.FlushDB(context.Background()).Err(); err != nil {
		t.Errorf("emptying the database again: %v", err)
	}
	_ = client.Close()
}

// address is the given one with the number of a database: in the path, or for a socket in the query.
func address(given string, db int) string {
	u, err := url.Parse(given)
	if err != nil {
		return given
	}
	if u.Scheme == "unix" {
		q := u.Query()
		q.Set("db", fmt.Sprint(db))
		u.RawQuery = q.Encode()
	} else {
		u.Path = fmt.Sprintf("/%d", db)
	}
	return u.String()
}
