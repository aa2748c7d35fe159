package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"goalkeeper/storage/storagetest"
)

// convoyed is a client whose commands travel together, to the given address.
func convoyed(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	s, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s.Background().client
}

func TestConvoyGivesEachCommandItsOwnResult(t *testing.T) {
	storagetest.Backends(t, func(t *testing.T, url string) {
		ctx, client := t.Context(), convoyed(t, url)
		if err := client.RPush(ctx, "list", "x").Err(); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for n := range 64 {
			all.Go(func() {
				for m := range 50 {
					key, want := fmt.Sprintf("k%d", n), fmt.Sprint(m)
					if err := client.Set(ctx, key, want, 0).Err(); err != nil {
						t.Error(err)
					}
					if got, err := client.Get(ctx, key).Result(); got != want || err != nil {
						t.Errorf("%s is %q, %v, want %q", key, got, err, want)
					}
					if err := client.Get(ctx, key+"-absent").Err(); !errors.Is(err, redis.Nil) {
						t.Errorf("an absent key gave %v", err)
					}
					if err := client.Get(ctx, "list").Err(); err == nil || !strings.Contains(err.Error(), "WRONGTYPE") {
						t.Errorf("a list gave %v", err)
					}
				}
			})
		}
		all.Wait()
	})
}

func TestConvoyCarriesScriptsThatRedisForgot(t *testing.T) {
	storagetest.Backends(t, func(t *testing.T, url string) {
		ctx, client := t.Context(), convoyed(t, url)
		script := redis.NewScript("return redis.call('INCR', KEYS[1])")
		var all sync.WaitGroup
		for n := range 64 {
			all.Go(func() {
				if n == 32 {
					client.ScriptFlush(ctx)
				}
				if err := script.Run(ctx, client, []string{"counted"}).Err(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := client.Get(ctx, "counted").Val(); got != "64" {
			t.Errorf("64 scripts counted to %s", got)
		}
	})
}

func TestConvoyLetsGoWhoDoesNotWait(t *testing.T) {
	client := convoyed(t, storagetest.Embedded)
	c := &convoy{client: client, lanes: make(chan struct{})} // no lane ever gets free
	gone, leave := context.WithCancel(t.Context())
	leave()
	cmd := redis.NewStringCmd(gone, "get", "k")
	if err := c.ride(gone, cmd); !errors.Is(err, context.Canceled) {
		t.Errorf("a command that nobody waits for gave %v", err)
	}
	if len(c.waiting) != 0 {
		t.Error("it still waits")
	}
}

func TestConvoyTellsAllOfAnOutage(t *testing.T) {
	server := storagetest.Start(t)
	client := convoyed(t, server.URL())
	ctx := t.Context()
	if err := client.Set(ctx, "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			if err := client.Get(ctx, "k").Err(); !errors.Is(err, ErrUnavailable) {
				t.Errorf("without Redis, a command gave %v", err)
			}
		})
	}
	all.Wait()
	server.Restart()
	if got, err := client.Get(ctx, "k").Result(); got != "v" || err != nil {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}
