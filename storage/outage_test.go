//go:build unix

package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/goal"
	"goalkeeper/storage/storagetest"

	"github.com/redis/go-redis/v9"
)

// attempts is one of everything that needs Redis.
var attempts = map[string]func(context.Context, *Store) error{
	"Ready": func(ctx context.Context, s *Store) error { return s.Ready(ctx) },
	"Read": func(ctx context.Context, s *Store) error {
		_, err := s.Read(ctx, team, goalRef("G-1"))
		return err
	},
	"Find": func(ctx context.Context, s *Store) error {
		_, err := s.Find(ctx, team, conversation.Index{Name: conversation.AllOpen})
		return err
	},
	"CheckIns": func(ctx context.Context, s *Store) error {
		_, err := s.CheckIns(ctx, team, "G-1", 1)
		return err
	},
	"Commit": func(ctx context.Context, s *Store) error {
		return s.Commit(ctx, team, conversation.Commit{Write: []conversation.Record{&conversation.Tree{Next: 7}}})
	},
	"Keep": func(ctx context.Context, s *Store) error { return s.Keep(ctx, team, "U1", nil) },
	"Recall": func(ctx context.Context, s *Store) error {
		_, err := s.Recall(ctx, team, "U1")
		return err
	},
	"Arm": func(ctx context.Context, s *Store) error { return s.Arm(ctx, timer("U1", monday)) },
	"NextDue": func(ctx context.Context, s *Store) error {
		_, err := s.NextDue(ctx, conversation.CheckInTimer)
		return err
	},
	"Claim": func(ctx context.Context, s *Store) error {
		_, _, err := s.Claim(ctx, conversation.CheckInTimer, monday, time.Minute, 1)
		return err
	},
	"Finish": func(ctx context.Context, s *Store) error {
		_, err := s.Finish(ctx, conversation.Finished{Claimed: conversation.Claimed{Timer: timer("U1", monday), Lease: 1}})
		return err
	},
}

// allUnavailable tries everything and wants to hear of the outage in time for a person's answer.
func allUnavailable(t *testing.T, s *Store, how string) {
	t.Helper()
	var all sync.WaitGroup
	for name, attempt := range attempts {
		all.Go(func() {
			began := time.Now()
			err := attempt(t.Context(), s)
			if took := time.Since(began); !errors.Is(err, conversation.ErrUnavailable) || took > 2*time.Second {
				t.Errorf("%s: %s says %v after %v", how, name, err, took)
			}
		})
	}
	all.Wait()
}

func TestOutages(t *testing.T) {
	server := storagetest.Start(t)
	s := openStore(t, server.URL())
	heard, over := listenTo(t.Context(), s)
	<-heard
	save(t, s, team, someGoal("G-1"))
	arm(t, s, timer("U9", monday))
	<-heard
	back := func(how string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		if err := s.WaitReady(ctx, func(string) {}); err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		if g := conversation.Take[*conversation.Goal](read(t, s, team, goalRef("G-1")), conversation.GoalKind, "G-1"); g == nil {
			t.Errorf("%s: the goal is lost", how)
		}
		save(t, s, team, someGoal("G-1"))
	}

	server.Pause()
	allUnavailable(t, s, "Redis hangs")
	server.Resume()
	back("Redis answers again")

	server.Kill()
	allUnavailable(t, s, "Redis is gone")
	if err := <-over; !errors.Is(err, conversation.ErrUnavailable) {
		t.Errorf("listening ended with %v", err)
	}
	server.Restart()
	back("Redis is started again")
	again, _ := listenTo(t.Context(), s)
	select {
	case <-again:
	case <-time.After(15 * time.Second):
		t.Error("listening for wake-ups did not begin again")
	}
	// What was asked of a hanging Redis may have happened when it went on, so U1 may be armed too.
	due, _ := claim(t, s, monday, 10)
	if !slices.ContainsFunc(due, func(c conversation.Claimed) bool { return c.Subject == "U9" }) {
		t.Errorf("after the restart is due: %+v", due)
	}
}

func TestWaitReadyTellsWhatItWaitsFor(t *testing.T) {
	server := storagetest.Start(t)
	server.Kill()
	s := openStore(t, server.URL())
	var said []string
	err := s.WaitReady(t.Context(), func(line string) {
		said = append(said, line)
		server.Restart()
	})
	where := strings.TrimPrefix(server.URL(), "redis://")
	if err != nil || len(said) != 1 || !strings.HasPrefix(said[0], "not ready: Redis at "+where+": ") || strings.Contains(said[0], "\n") {
		t.Errorf("%v, %q", err, said)
	}

	server.Kill()
	ctx, cancel := context.WithCancel(t.Context())
	if err := s.WaitReady(ctx, func(string) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context ended: %v", err)
	}
}

func TestRefusalsAreOutages(t *testing.T) {
	server := storagetest.Start(t)
	s := openStore(t, server.URL())
	save(t, s, team, someGoal("G-1"))
	set := func(name, value string) {
		t.Helper()
		if err := s.client.ConfigSet(t.Context(), name, value).Err(); err != nil {
			t.Fatal(err)
		}
	}

	set("maxmemory", "1")
	for _, name := range []string{"Commit", "Keep", "Arm"} {
		if err := attempts[name](t.Context(), s); !errors.Is(err, ErrUnavailable) {
			t.Errorf("without memory %s says %v", name, err)
		}
	}
	if err := attempts["Read"](t.Context(), s); err != nil {
		t.Errorf("without memory reading says %v", err)
	}
	set("maxmemory", "0")

	set("requirepass", "secret")
	locked := openStore(t, strings.Replace(server.URL(), "redis://", "redis://:wrong@", 1))
	err := locked.WaitReady(t.Context(), func(line string) { t.Errorf("waits for a password to change: %s", line) })
	if !errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), ":wrong@") {
		t.Errorf("with a wrong password: %v", err)
	}
}

// A caller that goes away has not met an outage; one whose time ran out has.
func TestWhoseFault(t *testing.T) {
	s := openStore(t, storagetest.Embedded)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Keep(gone, team, "U1", nil); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
		t.Errorf("after the caller went: %v", err)
	}
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	if err := s.Keep(late, team, "U1", nil); !errors.Is(err, ErrUnavailable) {
		t.Errorf("after the caller's time: %v", err)
	}
	for reply, ours := range map[string]bool{
		"ERR Error running script: @user_script:23: -OOM command not allowed": true, "LOADING Redis is loading": true,
		"MOVED 1234 h:1": true, "CLUSTERDOWN Hash slot not served": true, "UNBLOCKED force unblock from blocking operation": true,
		"READONLY You can't write against a read only replica.": true, "MISCONF Redis is configured to save": true,
		"WRONGTYPE Operation against a key": false, "ERR unknown command": false, "ERR Error running script": false,
	} {
		if got := refusesAll(reply); got != ours {
			t.Errorf("%q is an outage: %v", reply, got)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, url := range []string{
		"", "localhost:6379", "http://x", "redis://h:p0rt?secret@", "redis://:secret@h/notanumber", "redis://:secret@h:99999999/%zz", "redis://h?password=secret", "redis://:secret@h/1/2",
		"redis://u:pa/secret@h:1", "redis://u:1/secret@h:1", "redis://u:1?secret=1@h", "redis://u:%zzsecret@h", "redis+nothing://u:secret@h",
		"redis+sentinel://u:secret@h", "redis+sentinel://u:secret@h/", "redis+sentinel://u:secret@h/goals/secret", "redis+sentinel://u:secret@/goals", "redis+sentinel://u:secret@h:0/goals",
		"redis+cluster://u:secret@h:1/3", "redis+cluster://u:secret@h:1?db=3", "redis+cluster://u:secret@h:1,", "redis+cluster://", "redis://u:secret@h?tls_ca=/nowhere",
		"rediss://u:secret@h?tls_ca=/nowhere", "rediss://u:secret@h?tls_cert=/nowhere",
	} {
		s, err := Open(t.Context(), url)
		if err == nil {
			_ = s.Close()
			t.Errorf("%q was accepted", url)
			continue
		}
		if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", url, err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(gone, storagetest.Embedded); !errors.Is(err, context.Canceled) {
		t.Errorf("opened for nobody: %v", err)
	}
}

func TestAddressesSayWhatIsWrongWithThem(t *testing.T) {
	for url, want := range map[string]error{
		"redis://h:1?pool_size=abc": errOptions, "redis://h:1?foo=1": errOptions, "redis://h:1/99x": errOptions,
		"redis://a:1,b:2/0": errSeveral, "redis://u:p@[::1/0": errForm,
	} {
		if _, err := resolve(url); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", url, err, want)
		}
	}
}

func TestWaitingForADatabaseThatDoesNotExistEnds(t *testing.T) {
	s := openStore(t, storagetest.Start(t).URL()+"/20")
	err := s.WaitReady(t.Context(), func(line string) { t.Error(line) })
	if err == nil || !strings.Contains(err.Error(), "DB index is out of range") {
		t.Error(err)
	}
}

func TestAnOutageIsLoggedOnceAndItsEndToo(t *testing.T) {
	var told bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&told, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	server := storagetest.Start(t)
	s := openStore(t, server.URL())
	server.Kill()
	for range 3 {
		if err := s.Ready(t.Context()); !errors.Is(err, ErrUnavailable) {
			t.Fatal(err)
		}
	}
	server.Restart()
	for range 3 {
		if err := s.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if text := told.String(); strings.Count(text, "the store is away") != 1 || strings.Count(text, "the store is back") != 1 {
		t.Errorf("told:\n%s", text)
	}
}

func TestResolve(t *testing.T) {
	for url, want := range map[string]struct {
		name, network, addrs, master string
		db                           int
		tls, cluster                 bool
	}{
		"redis://":                        {name: "Redis at localhost:6379", network: "tcp", addrs: "localhost:6379"},
		"redis://u:p@[::1]:7000/3":        {name: "Redis at [::1]:7000", network: "tcp", addrs: "[::1]:7000", db: 3},
		"rediss://:p@cache.example":       {name: "Redis at cache.example:6379", network: "tcp", addrs: "cache.example:6379", tls: true},
		"unix://u:p@/run/redis.sock?db=2": {name: "Redis at /run/redis.sock", network: "unix", addrs: "/run/redis.sock", db: 2},
		"redis://h?read_timeout=1h&db=1":  {name: "Redis at h:6379", network: "tcp", addrs: "h:6379", db: 1},
		"redis+sentinel://u:p@a:1,[::1]:2,c/goals/4?sentinel_user=s&sentinel_password=q": {
			name: "Redis primary goals of the Sentinels at a:1, [::1]:2, c:26379", network: "tcp", addrs: "a:1 [::1]:2 c:26379", master: "goals", db: 4},
		"rediss+sentinel://a/goals": {name: "Redis primary goals of the Sentinels at a:26379", network: "tcp", addrs: "a:26379", master: "goals", tls: true},
		"redis+cluster://u:p@a:1,b": {name: "Redis Cluster at a:1, b:6379", network: "tcp", addrs: "a:1 b:6379", cluster: true},
		"rediss+cluster://a:1/0":    {name: "Redis Cluster at a:1", network: "tcp", addrs: "a:1", cluster: true, tls: true},
	} {
		at, err := resolve(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		o := at.options
		if at.name != want.name || at.network != want.network || strings.Join(o.Addrs, " ") != want.addrs || o.DB != want.db ||
			(o.TLSConfig != nil) != want.tls || o.IsClusterMode != want.cluster || o.MasterName != want.master {
			t.Errorf("%s is %+v, %+v", url, at, o)
		}
		if strings.Contains(url, "u:p@") && (o.Username != "u" || o.Password != "p") {
			t.Errorf("%s is for the user %s with %s", url, o.Username, o.Password)
		}
		if want.db == 4 && (o.SentinelUsername != "s" || o.SentinelPassword != "q") {
			t.Errorf("%s is for the Sentinels' user %s with %s", url, o.SentinelUsername, o.SentinelPassword)
		}
		checkLimits(t, url, at)
	}
}

// checkLimits wants the same limits of time in every topology.
func checkLimits(t *testing.T, url string, at place) {
	t.Helper()
	type limits struct{ dial, read, write, pool time.Duration }
	var got limits
	var obeys bool
	switch c := at.client().(type) {
	case *redis.ClusterClient:
		o := c.Options()
		got, obeys = limits{o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout}, o.ContextTimeoutEnabled
		if o.MaxRedirects != 3 || !o.DisableRoutingPolicies {
			t.Errorf("%s is redirected %d times", url, o.MaxRedirects)
		}
		c.Close()
	case *redis.Client:
		o := c.Options()
		got, obeys = limits{o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout}, o.ContextTimeoutEnabled
		c.Close()
	}
	if want := (limits{dialTimeout, replyTimeout, replyTimeout, replyTimeout}); got != want || !obeys {
		t.Errorf("%s changes how long things may take: %+v", url, got)
	}
}

func TestHosts(t *testing.T) {
	for address, want := range map[string]string{
		"redis://u:p@h:1/0": "h", "unix:///run/x.sock": "", "embedded://": "",
		"redis+sentinel://u:p@10.0.0.1,[::1]:2/goals": "10.0.0.1 ::1", "rediss+cluster://a:1,b:2": "a b",
	} {
		hosts, err := Hosts(address)
		if err != nil || strings.Join(hosts, " ") != want {
			t.Errorf("%s is at %q, %v", address, hosts, err)
		}
	}
}

func TestReady(t *testing.T) {
	at := place{name: "Redis at h:1"}
	tell := func(facts ...string) server {
		return server{name: at.name, facts: factsOf("redis_version:7.0.15\n" + strings.Join(facts, "\n"))}
	}
	for version, fit := range map[string]bool{
		"6.2.0": true, "6.2": true, "7.0.15": true, "10.1.0": true, "255.255.255": true,
		"6.0.16": false, "5.9.1": false, "": false, "six": false, "6": false, "6.x": false,
	} {
		if err := at.suits(tell("redis_version:" + version)); (err == nil) != fit {
			t.Errorf("version %q: %v", version, err)
		}
	}
	if err := at.suits(server{silent: true}); err != nil {
		t.Errorf("one that tells nothing: %v", err)
	}
	for _, c := range []struct {
		kind   topology
		facts  server
		says   string
		beyond bool // waiting does not help
	}{
		{alone, tell("role:slave"), "replica", true},
		{sentinel, tell("role:slave"), "replica", false},
		{alone, tell("redis_mode:sentinel"), "redis+sentinel://", true},
		{alone, tell("cluster_enabled:1"), "redis+cluster://", true},
		{cluster, tell("cluster_enabled:1"), "", false},
		{alone, tell("maxmemory:100", "maxmemory_policy:volatile-lru"), "CONFIG SET maxmemory-policy noeviction", false},
		{alone, tell("maxmemory:0", "maxmemory_policy:allkeys-lru"), "", false},
		{alone, tell("maxmemory:100", "maxmemory_policy:noeviction"), "", false},
		{alone, tell("maxmemory:100"), "", false},
	} {
		at.kind = c.kind
		err := at.suits(c.facts)
		if (err == nil) != (c.says == "") || errors.Is(err, ErrUnsuitable) != c.beyond || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %v", c.facts.facts, err)
		}
	}
}

func TestWarnings(t *testing.T) {
	memory := openStore(t, storagetest.Embedded)
	if err := memory.Ready(t.Context()); err != nil {
		t.Errorf("the embedded store: %v", err)
	}
	if w := memory.Warnings(t.Context()); len(w) != 1 || !strings.Contains(w[0], "keeps nothing") {
		t.Errorf("the embedded store warns: %q", w)
	}
	server := storagetest.Start(t)
	s := openStore(t, server.URL())
	if w := s.Warnings(t.Context()); len(w) != 0 {
		t.Errorf("a well-kept Redis warns: %q", w)
	}
	s.client.ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru")
	s.client.ConfigSet(t.Context(), "appendonly", "no")
	w := strings.Join(s.Warnings(t.Context()), "\n")
	if !strings.Contains(w, "noeviction") || !strings.Contains(w, "appendonly yes") {
		t.Errorf("a careless Redis warns: %s", w)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("nothing is deleted without maxmemory, but: %v", err)
	}
	server.LimitMemory(100 << 20)
	if err := s.Ready(t.Context()); err == nil || errors.Is(err, ErrUnsuitable) {
		t.Errorf("Redis deletes goals, and Ready says %v", err)
	}
	s.client.ConfigSet(t.Context(), "maxmemory-policy", "noeviction")
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("after mending it: %v", err)
	}
}

func TestWarningsOfAServer(t *testing.T) {
	asked := &confirm{replicas: 1}
	for facts, says := range map[string]string{
		"maxmemory:100\nused_memory:90":                                   "90 % of its maxmemory",
		"maxmemory:100\nused_memory:89":                                   "",
		"maxmemory:0\nused_memory:89":                                     "",
		"aof_last_write_status:err":                                       "disk",
		"rdb_last_bgsave_status:err":                                      "disk",
		"connected_slaves:0":                                              "0 replicas of the 1",
		"connected_slaves:1\nslave0:ip=h,port=1,state=online,offset=1":    "",
		"connected_slaves:1\nslave0:ip=h,port=1,state=wait_bgsave,offset": "0 replicas of the 1",
		"": "",
	} {
		got := strings.Join(server{name: "Redis at h:1", facts: factsOf(facts)}.warnings(asked), "\n")
		if (got == "") != (says == "") || !strings.Contains(got, says) {
			t.Errorf("%q warns %q", facts, got)
		}
	}
}

// Redis may forget its scripts at any time.
func TestForgottenScripts(t *testing.T) {
	s := openStore(t, storagetest.Redis(t))
	for n := range 3 {
		save(t, s, team, someGoal(goal.ID(fmt.Sprint("G-", n))))
		arm(t, s, timer("U1", monday))
		if !finish(t, s, claimOne(t, s, monday), time.Time{}) {
			t.Error("not finished")
		}
		if err := s.client.ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// Every connection is named, so that whoever runs Redis sees who is there.
func TestNames(t *testing.T) {
	s, err := Open(t.Context(), storagetest.Start(t).URL(), WithName("goalkeeper-test"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list, err := s.client.(*redis.Client).ClientList(t.Context()).Result()
	if err != nil || !strings.Contains(list, "name=goalkeeper-test") {
		t.Errorf("clients: %s, %v", list, err)
	}
}

// A Redis that hangs keeps its connections: only that it does not answer tells.
func TestListenerNoticesSilence(t *testing.T) {
	server := storagetest.Start(t)
	s := openStore(t, server.URL())
	s.heartbeat = 50 * time.Millisecond
	heard, over := listenTo(t.Context(), s)
	<-heard
	pings := func() bool {
		stats, err := s.client.Info(t.Context(), "commandstats").Result()
		return err == nil && strings.Contains(stats, "cmdstat_ping:")
	}
	for !pings() { // while Redis answers, listening goes on
		if t.Context().Err() != nil {
			return
		}
	}
	arm(t, s, timer("U1", monday))
	if kind := <-heard; kind != conversation.CheckInTimer {
		t.Errorf("heard of %q", kind)
	}
	server.Pause()
	defer server.Resume()
	select {
	case err := <-over:
		if !errors.Is(err, conversation.ErrUnavailable) {
			t.Errorf("listening ended with %v", err)
		}
	case <-time.After(15 * time.Second):
		t.Error("nobody noticed that Redis hangs")
	}
}

// The embedded store has no port, and so lives inside a bubble of simulated time.
func TestInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s, err := Open(ctx, storagetest.Embedded)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		defer cancel()
		heard, _ := listenTo(ctx, s)
		<-heard
		save(t, s, team, someGoal("G-1"))
		arm(t, s, timer("U1", monday))
		<-heard
		if got := claimOne(t, s, monday); got.Subject != "U1" {
			t.Errorf("claimed %+v", got)
		}
		time.Sleep(365 * 24 * time.Hour) //nolint:forbidigo // simulated: no connection, lease or key may mind
		if ids, err := s.Find(ctx, team, conversation.Index{Name: conversation.AllOpen}); err != nil || !slices.Equal(ids, []string{"G-1"}) {
			t.Errorf("a year later: %v, %v", ids, err)
		}
	})
}

// The page for those who run it gives the same rights, and the same limits.
func TestDocumentedRights(t *testing.T) {
	page, err := os.ReadFile("../docs/store.md")
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(strings.Fields(string(page)), " "); !strings.Contains(text, Rights) {
		t.Errorf("docs/store.md does not give these rights: %s", Rights)
	}
}
