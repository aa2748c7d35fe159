//go:build unix

package storagetest

import (
	"context"
	"testing"
	"time"
)

// What the tests of fail-over rely on.
func TestSentinelsPromote(t *testing.T) {
	set := Sentinel(t)
	killed := set.KillPrimary()
	set.WaitPromoted()
	primary, err := set.Primary(t.Context())
	if err != nil || primary.Port == killed.Port {
		t.Errorf("the primary is still %+v (%v)", primary, err)
	}
	killed.Restart()
	set.WaitWell()
}

func TestClusterPromotes(t *testing.T) {
	c := Cluster(t)
	killed := c.KillPrimaryOf("gk:{x}")
	c.WaitPromoted()
	primary, err := c.PrimaryOf(t.Context(), "gk:{x}")
	if err != nil || primary.Port == killed.Port {
		t.Errorf("the slot is still with %+v (%v)", primary, err)
	}
	killed.Restart()
	c.WaitWell()
}

func TestNetworks(t *testing.T) {
	s := Start(t)
	p := s.Front()
	c, ctx := connect(t, p.URL()), context.Background()
	timed := func(what string, wantErr bool, least, most time.Duration) {
		t.Helper()
		began := time.Now()
		err := c.Set(ctx, "k", make([]byte, 20<<10), 0).Err()
		if took := time.Since(began); (err != nil) != wantErr || took < least || took > most {
			t.Errorf("%s: %v after %v", what, err, took)
		}
	}
	timed("well", false, 0, 100*time.Millisecond)
	p.Latency(100 * time.Millisecond)
	timed("delayed", false, 100*time.Millisecond, 200*time.Millisecond)
	p.Mend()
	p.Bandwidth(200)
	timed("narrow", false, 50*time.Millisecond, 200*time.Millisecond)
	p.Mend()
	p.Cut()
	timed("cut", true, 200*time.Millisecond, 500*time.Millisecond)
	p.Mend()
	timed("mended", false, 0, 400*time.Millisecond)
	p.Reset()
	timed("reset", true, 0, 200*time.Millisecond)
	p.Mend()
	timed("mended again", false, 0, 400*time.Millisecond)
}

func TestReadOnlyAndFull(t *testing.T) {
	s := Start(t)
	c, ctx := connect(t, s.URL()), context.Background()
	for name, state := range map[string]struct{ begin, end func() }{
		"read only":   {func() { s.SetReadOnly(true) }, func() { s.SetReadOnly(false) }},
		"memory full": {func() { s.LimitMemory(1) }, func() { s.LimitMemory(0) }},
	} {
		state.begin()
		if err := c.Set(ctx, "k", "v", 0).Err(); err == nil {
			t.Errorf("%s: it saves", name)
		}
		state.end()
		if err := c.Set(ctx, "k", "v", 0).Err(); err != nil {
			t.Errorf("no longer %s: %v", name, err)
		}
	}
}
