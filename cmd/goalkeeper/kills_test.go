package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/goal"
	"goalkeeper/storage"
	"goalkeeper/storage/storagetest"
)

// How often the real program is killed: a few times in every run, more where the environment says so, as
// GOALKEEPER_KILLS=120 go test ./cmd/goalkeeper -run TestKills -v -timeout 30m
const (
	killsWanted = "GOALKEEPER_KILLS"
	usualKills  = 8
)

// crowd is how many people besides the three of the story are asked on the same Monday.
const crowd = 12

// The real program with two to five replicas on a real Redis, killed at any moment or told to end while it sends,
// with a Slack that refuses, breaks off and answers nonsense: every prompt and digest comes once, and every answer
// that was acknowledged is kept once.
func TestKills(t *testing.T) {
	wanted := usualKills
	if n, err := strconv.Atoi(os.Getenv(killsWanted)); err == nil {
		wanted = n
	}
	k := newKilling(t)
	for week := 0; k.kills < wanted; week++ {
		k.week(week)
	}
	k.check()
	t.Logf("seed %d: %d kills, %d ended in peace, %d weeks, %d people; %d messages, %d answers acknowledged of %d, %d calls of Slack spoilt",
		k.seed, k.kills, k.ended, k.weeks, len(k.who), len(k.w.messages), k.kept(), len(k.answers), k.spoilt)
}

// killing is the state of the test.
type killing struct {
	t       *testing.T
	seed    uint64
	rng     *rand.Rand
	sky     *rand.Rand // for the weather; under the world's lock, as spoilt is
	w       *slackWorld
	redis   string
	who     []string // user ids, all in UTC
	goals   map[string]string
	answers []*toldOnce
	at      time.Time // what the next processes' clocks show when they start
	kills   int
	ended   int
	weeks   int
	spoilt  int
}

// toldOnce is an answer with a value that nobody else tells.
type toldOnce struct {
	user, line, event string
	value             int
	kept              bool
}

func newKilling(t *testing.T) *killing {
	seed := uint64(1)
	if n, err := strconv.ParseUint(os.Getenv("GOALKEEPER_SEED"), 10, 64); err == nil {
		seed = n
	}
	k := &killing{t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 4)), sky: rand.New(rand.NewPCG(seed, 5)), w: newSlackWorld(t), goals: map[string]string{}, at: thursday,
		redis: storagetest.Redis(t)}
	for n := range crowd {
		id := fmt.Sprintf("UP%d", n)
		k.w.people[id] = map[string]any{"name": "Person " + id, "tz": "UTC", "locale": "en-US"}
		k.who = append(k.who, id)
	}
	p := serveSlack(t, k.w, k.redis, k.at)
	for n, user := range k.who {
		k.w.modal(func() { k.w.slash(user, "new Aim from 0 to 1000000 points by Q4") })
		k.w.submit(user, nil)
		k.w.wait("D"+user[1:], "Aim")
		k.goals[user] = fmt.Sprintf("G-%d", n+1)
	}
	k.w.turnDigestOn(k.who[0])
	p.kill()
	k.turn(k.weather)
	return k
}

// turn changes the weather.
func (k *killing) turn(to func(http.ResponseWriter, string, func()) bool) {
	k.w.mu.Lock()
	defer k.w.mu.Unlock()
	k.w.weather = to
}

// weather spoils every tenth call that sends. The world's lock is held.
func (k *killing) weather(rw http.ResponseWriter, method string, effect func()) bool {
	if method != "chat.postMessage" && method != "chat.update" || k.sky.IntN(10) > 0 {
		return false
	}
	k.spoilt++
	switch k.sky.IntN(5) {
	case 0:
		rw.Header().Set("Retry-After", "1")
		rw.WriteHeader(http.StatusTooManyRequests)
	case 1:
		rw.WriteHeader(http.StatusInternalServerError)
	case 2:
		effect()
		rw.WriteHeader(http.StatusBadGateway)
	case 3:
		effect()
		_, _ = fmt.Fprint(rw, `{"ok": tr`)
	case 4:
		effect()
		panic(http.ErrAbortHandler) // the connection breaks off
	}
	return true
}

// week lets a Monday and a Tuesday pass in rounds. Each round has processes of its own, which are killed one by one
// while they work; the next round's clock is past the leases that they held.
func (k *killing) week(n int) {
	k.weeks++
	day := monday.AddDate(0, 0, 7*n)
	k.at = time.Date(day.Year(), day.Month(), day.Day(), 9, 0, 5, 0, time.UTC)
	k.round(2+n%4, nil)
	k.round(2, nil)
	k.round(5, k.told(n))
	k.at = time.Date(day.Year(), day.Month(), day.Day()+1, 10, 0, 5, 0, time.UTC)
	k.round(2, k.unheard())
	k.calm()
}

// told are this week's answers: half of those who were asked by now tell theirs. Whoever told before would not be
// asked any more.
func (k *killing) told(week int) (all []*toldOnce) {
	asked := k.byKey()
	for n, user := range k.who {
		if (n+week)%2 == 0 && asked[k.promptOf(user, week)] > 0 {
			a := &toldOnce{user: user, value: 1000 + 10*week + n%10, event: fmt.Sprintf("Ev-%d-%s", week, user)}
			a.line = fmt.Sprintf("%s %d", k.goals[user], a.value)
			all = append(all, a)
		}
	}
	k.answers = append(k.answers, all...)
	return all
}

// promptOf is the key of the question that somebody is asked in a week.
func (k *killing) promptOf(user string, week int) string {
	year, number := monday.AddDate(0, 0, 7*week).ISOWeek()
	return fmt.Sprintf("checkin:%s:%d-W%02d:1", user, year, number)
}

// unheard are the answers that Slack saw no acknowledgement of: it delivers them again.
func (k *killing) unheard() (all []*toldOnce) {
	for _, a := range k.answers {
		if !a.kept {
			all = append(all, a)
		}
	}
	return all
}

func (k *killing) kept() int { return len(k.answers) - len(k.unheard()) }

// round starts processes, lets people answer, and ends the processes at any moment: mostly as a power cut does,
// sometimes as an update does, and then another takes its place.
func (k *killing) round(replicas int, answers []*toldOnce) {
	k.t.Helper()
	began := time.Now()
	now := func() time.Time { return k.at.Add(time.Since(began)) }
	var all []*process
	for range replicas {
		all = append(all, launch(k.t, now(), slackEnv(k.w, k.redis)...))
	}
	all[0].ready()
	told := make(chan struct{})
	go func() {
		defer close(told)
		for n, a := range answers {
			k.w.deliverTo(all[n%len(all)].url, a)
		}
	}()
	for _, p := range all {
		k.amid(1 + k.rng.IntN(4))
		if k.rng.IntN(5) == 0 {
			k.end(p)
			continue
		}
		p.kill()
		k.kills++
	}
	<-told
	k.at = now().Add(leaseOver)
}

// amid waits until the bot has called Slack so often, or for a while: then its processes are in the middle of
// something, or of nothing.
func (k *killing) amid(calls int) {
	patience := time.After(time.Duration(500+k.rng.IntN(1500)) * time.Millisecond)
	k.w.mu.Lock()
	goal := k.w.calls + calls
	k.w.mu.Unlock()
	for {
		k.w.mu.Lock()
		reached, changed := k.w.calls >= goal, k.w.changed
		k.w.mu.Unlock()
		if reached {
			return
		}
		select {
		case <-changed:
		case <-patience:
			return
		}
	}
}

// end tells the process to end, as an update does, and waits for it.
func (k *killing) end(p *process) {
	k.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
	k.ended++
}

// deliverTo delivers an answer to one of the processes, as a load balancer would.
func (w *slackWorld) deliverTo(url string, a *toldOnce) {
	status, _ := w.postTo(url, "/slack/events", "application/json", slackSaid(a.user, a.line, a.event))
	a.kept = a.kept || status == http.StatusOK
}

// mostPasses is how many processes may follow each other until nothing is left to be done.
const mostPasses = 12

// due is what waits.
func (k *killing) due() []conversation.Claimed {
	store, err := storage.Open(k.t.Context(), k.redis)
	if err != nil {
		k.t.Fatal(err)
	}
	defer store.Close()
	return dueThen(store, k.at)
}

// calm lets a process finish everything, with a Slack that works.
func (k *killing) calm() {
	k.t.Helper()
	k.turn(nil)
	for pass, quiet := 0, false; pass < 2 || !quiet; pass++ { // what the first finds in doubt, the second looks up
		if pass == mostPasses {
			k.t.Fatalf("seed %d, week %d: timers do not come to rest: %+v", k.seed, k.weeks, k.due())
		}
		began := time.Now()
		p := serveSlack(k.t, k.w, k.redis, k.at)
		for _, a := range k.unheard() {
			k.w.deliverTo(p.url, a)
		}
		quiet = k.settle()
		p.kill()
		k.at = k.at.Add(leaseOver + time.Since(began))
	}
	k.turn(k.weather)
}

// settle waits until nothing is due within the next minutes, or for a while: what waits longer, such as a try after a
// refusal, is left to the next process, whose clock is past that.
func (k *killing) settle() (quiet bool) {
	k.t.Helper()
	store, err := storage.Open(k.t.Context(), k.redis)
	if err != nil {
		k.t.Fatal(err)
	}
	defer store.Close()
	patience, tick := time.After(10*time.Second), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for {
		next, err := store.NextDue(k.t.Context(), conversation.TimerKinds...)
		if err == nil && (next.IsZero() || next.After(k.at.Add(2*time.Minute))) {
			return true
		}
		select {
		case <-tick.C:
		case <-patience:
			return false
		}
	}
}

// check holds what Slack got and what is kept against what was promised.
func (k *killing) check() {
	k.t.Helper()
	store, err := storage.Open(k.t.Context(), k.redis)
	if err != nil {
		k.t.Fatal(err)
	}
	defer store.Close()
	got := k.byKey()
	for key, n := range got {
		if n > 1 {
			k.t.Errorf("%s came %d times", key, n)
		}
	}
	for week := range k.weeks {
		year, number := monday.AddDate(0, 0, 7*week).ISOWeek()
		for _, user := range k.who {
			k.wantOnce(store, got, k.promptOf(user, week))
		}
		k.wantOnce(store, got, fmt.Sprintf("digest:C1:%d-W%02d", year, number))
	}
	for _, user := range k.who {
		k.checkLog(store, user)
	}
}

// byKey counts the messages that Slack shows by the key in their metadata.
func (k *killing) byKey() map[string]int {
	k.w.mu.Lock()
	defer k.w.mu.Unlock()
	got := map[string]int{}
	for _, m := range k.w.messages {
		var data struct {
			Payload struct {
				Key string `json:"key"`
			} `json:"event_payload"`
		}
		if err := json.Unmarshal([]byte(m.Metadata), &data); err == nil && m.Whisper == "" {
			got[data.Payload.Key]++
		}
	}
	return got
}

// wantOnce wants a message once; one that is recorded as uncertain may have come or not, and a question that was
// answered before it could be posted need not come.
func (k *killing) wantOnce(store *storage.Store, got map[string]int, key string) {
	k.t.Helper()
	if got[key] == 1 {
		return
	}
	shelf, err := store.Read(k.t.Context(), "slack:T1", conversation.Ref{Kind: conversation.MessageKind, ID: key})
	if err != nil {
		k.t.Fatal(err)
	}
	m := conversation.Take[*conversation.Message](shelf, conversation.MessageKind, key)
	if got[key] == 0 && m != nil && m.Delivery.State == conversation.Withdrawn {
		return
	}
	if m == nil || m.Delivery.State != conversation.Uncertain {
		k.t.Errorf("%s came %d times, recorded as %+v", key, got[key], m)
		return
	}
	k.t.Logf("%s is uncertain: %+v", key, m.Delivery)
}

// checkLog wants each acknowledged answer once, and no other twice.
func (k *killing) checkLog(store *storage.Store, user string) {
	k.t.Helper()
	log, err := store.CheckIns(k.t.Context(), "slack:T1", goal.ID(k.goals[user]), 2000)
	if err != nil {
		k.t.Fatal(err)
	}
	count := map[string]int{}
	for n, c := range log {
		if c.Seq != len(log)-n {
			k.t.Errorf("entry %d of %s has the number %d", len(log)-n, k.goals[user], c.Seq)
		}
		if c.Value != nil {
			count[c.Value.String()]++
		}
	}
	for _, a := range k.answers {
		if a.user != user {
			continue
		}
		if n := count[strconv.Itoa(a.value)]; n > 1 || a.kept && n == 0 {
			k.t.Errorf("%s: the answer %q, acknowledged %t, is kept %d times", k.goals[user], a.line, a.kept, n)
		}
	}
}
