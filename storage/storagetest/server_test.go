//go:build unix

package storagetest

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestMain lets go test write "[no tests to run]" beside this package where there is no Redis to start: of a run
// that skipped, its output says nothing else.
func TestMain(m *testing.M) {
	flag.Parse()
	if _, err := exec.LookPath("redis-server"); err != nil && os.Getenv(required) != "1" {
		_ = flag.Set("test.run", "^$")
	}
	m.Run()
}

func connect(t *testing.T, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	o.MaxRetries, o.DialTimeout, o.ReadTimeout = -1, time.Second, 200*time.Millisecond
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// What the tests of outages rely on: a killed server keeps what it confirmed, a paused one is silent.
func TestServerDiesHangsAndComesBack(t *testing.T) {
	s := Start(t)
	c, ctx := connect(t, s.URL()), context.Background()
	if err := c.Set(ctx, "kept", "yes", 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if err := c.Ping(ctx).Err(); err == nil {
		t.Error("a killed server answers")
	}
	s.Restart()
	if v, err := c.Get(ctx, "kept").Result(); err != nil || v != "yes" {
		t.Errorf("after the crash: %q, %v", v, err)
	}
	s.Pause()
	if err := c.Ping(ctx).Err(); err == nil {
		t.Error("a paused server answers")
	}
	s.Resume()
	if err := c.Ping(ctx).Err(); err != nil {
		t.Errorf("after the pause: %v", err)
	}
}

// A Redis that somebody provides is theirs: only empty databases are used, each by one test, and left empty.
func TestGivenRedisIsRespected(t *testing.T) {
	s := Start(t)
	t.Setenv("REDIS_URL", s.URL())
	ctx := context.Background()
	theirs := connect(t, s.URL()+"/0")
	if err := theirs.Set(ctx, "theirs", "yes", 0).Err(); err != nil {
		t.Fatal(err)
	}
	t.Run("a test", func(t *testing.T) {
		first, second := Redis(t), Redis(t)
		if first != s.URL()+"/1" || second != s.URL()+"/2" {
			t.Errorf("the tests got %s and %s", first, second)
		}
		if err := connect(t, first).Set(ctx, "ours", "yes", 0).Err(); err != nil {
			t.Error(err)
		}
	})
	if v, err := theirs.Get(ctx, "theirs").Result(); err != nil || v != "yes" {
		t.Errorf("their value: %q, %v", v, err)
	}
	if n, err := connect(t, s.URL()+"/1").DBSize(ctx).Result(); err != nil || n != 0 {
		t.Errorf("%d keys are left (%v)", n, err)
	}
}
