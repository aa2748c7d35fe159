//go:build unix

package storage

import (
	"errors"
	"strings"
	"testing"
	"time"

	"goalkeeper/storage/storagetest"
	"goalkeeper/storage/storagetest/rig"
)

func TestFaultsUnderSentinels(t *testing.T) {
	set := storagetest.Sentinel(t)
	s := openStore(t, set.URL())
	settle(t, s, "at first")
	all := append(append([]*rig.Server{}, set.Servers...), set.Watchers...)
	endure(t, s, fault{"all of it paused", every(all, (*rig.Server).Pause), every(all, (*rig.Server).Resume), false})
	set.WaitWell()
	endure(t, s, fault{"all of it killed", every(all, (*rig.Server).Kill), func() { every(all, (*rig.Server).Restart)(); set.WaitWell() }, false})
}

// The rights that docs/store.md gives for the Sentinels' own user are enough to find the primary, and to hear of another.
func TestSentinelsWithUsers(t *testing.T) {
	set := storagetest.Sentinel(t)
	url := set.User(strings.Fields("-@all +ping +client|setname +sentinel|get-master-addr-by-name +sentinel|sentinels +subscribe &+switch-master &+replica-reconf-done"),
		strings.Fields(Rights))
	s := openStore(t, url)
	settle(t, s, "at first")
	set.KillPrimary().Restart()
	settle(t, s, "a restart")
	killed := set.KillPrimary()
	set.WaitPromoted()
	settle(t, s, "a fail-over")
	killed.Restart()
	stranger := openStore(t, strings.Replace(url, "sentinel_password=s3cret", "sentinel_password=wrong", 1))
	if err := stranger.Ready(t.Context()); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "WRONGPASS") {
		t.Errorf("with a wrong password the Sentinels say %v", err)
	}
	lost := openStore(t, strings.Replace(url, "/"+rig.Master, "/nobody", 1))
	if _, err := lost.Recall(t.Context(), team, "U1"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("of a primary that nobody knows: %v", err) // and not that nothing is kept
	}
}

// TLS has to be spoken with Sentinels, with a primary that they name, and with every node of a Cluster.
func TestTLSWithSeveralServers(t *testing.T) {
	storagetest.Start(t) // skips where there is none
	files, err := rig.NewCertificates(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	set, err := rig.StartSentinels(t.Context(), rig.Options{Dir: t.TempDir(), TLS: files})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	nodes, err := rig.StartCluster(t.Context(), rig.Options{Dir: t.TempDir(), TLS: files}, 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer nodes.Close()
	for _, url := range []string{set.URL(), nodes.URL()} {
		s := openStore(t, url+files.Query())
		if err := s.Ready(t.Context()); err != nil {
			t.Errorf("%s: %v", url, err)
		}
		settle(t, s, url)
		strange := openStore(t, url) // without our authority
		if err := strange.Ready(t.Context()); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: a server nobody vouches for: %v", url, err)
		}
	}
}

func TestFaultsOfACluster(t *testing.T) {
	c := storagetest.Cluster(t)
	s := openStore(t, c.URL())
	settle(t, s, "at first")
	endure(t, s, fault{"all of it paused", every(c.Servers, (*rig.Server).Pause), func() { every(c.Servers, (*rig.Server).Resume)(); c.WaitWell() }, false})
	endure(t, s, fault{"all of it killed", every(c.Servers, (*rig.Server).Kill), func() { every(c.Servers, (*rig.Server).Restart)(); c.WaitWell() }, false})
}

// A primary dies while many write, in the worst moment: its replica hangs and has lost the connection, so that it
// gets nothing of the last changes. What is promised: the store is well again by itself, no change is half applied and
// none twice; and with WAIT nothing is lost that a replica had confirmed, so whatever is lost was counted.
func TestFailOver(t *testing.T) {
	t.Run("sentinel", func(t *testing.T) {
		t.Parallel()
		set := storagetest.Sentinel(t)
		for _, replicas := range []int{0, 1} {
			primary, err := set.Primary(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			failOver(t, set.URL(), replicas, set.Servers, primary, set.WaitPromoted)
			set.WaitWell()
		}
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		c := storagetest.Cluster(t)
		for _, replicas := range []int{0, 1} {
			primary, err := c.PrimaryOf(t.Context(), "gk:{"+string(writersHome(0))+"}")
			if err != nil {
				t.Fatal(err)
			}
			failOver(t, c.URL(), replicas, c.Servers, primary, c.WaitPromoted)
			c.WaitWell()
		}
	})
}

func failOver(t *testing.T, url string, replicas int, all []*rig.Server, primary *rig.Server, promoted func()) {
	t.Helper()
	s, err := Open(t.Context(), url, WithWait(replicas, 100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ws := write(t, s)
	ws.more(20)
	if replicas > 0 && s.at.confirm.unheard.Load() == 0 {
		ws.promise()
	}
	deaf := followers(t, all)
	every(deaf, (*rig.Server).Pause)()
	if err := primary.Keeper().ClientKillByFilter(t.Context(), "TYPE", "replica").Err(); err != nil {
		t.Fatal(err)
	}
	ws.more(10)
	if err := primary.Kill(); err != nil {
		t.Fatal(err)
	}
	every(deaf, (*rig.Server).Resume)()
	promoted()
	ws.more(20)
	ws.stop()
	if err := primary.Restart(); err != nil {
		t.Fatal(err)
	}
	lost := ws.check()
	unheard := s.at.confirm.shortWithin(time.Hour)
	if replicas > 0 && int64(lost) > unheard {
		t.Errorf("%d changes are lost, and only %d were counted as not confirmed", lost, unheard)
	}
	t.Logf("with REDIS_WAIT=%d: of %d acknowledged changes %d are lost; %d were counted as not confirmed; the longest wait of a writer was %v",
		replicas, ws.acknowledged(), lost, unheard, ws.longest().Round(time.Millisecond))
	if ws.longest() > 15*time.Second { // servers notice and vote within two or three, after a split vote within four more
		t.Errorf("the store was away for %v", ws.longest())
	}
}

// followers are the servers that are replicas now.
func followers(t *testing.T, all []*rig.Server) (found []*rig.Server) {
	t.Helper()
	for _, s := range all {
		info, err := s.Keeper().Info(t.Context(), "replication").Result()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(info, "role:slave") {
			found = append(found, s)
		}
	}
	return found
}
