package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

const signingSecret = "a-signing-secret"

// mostUnderWay are acts; more says that the replicas cannot follow, and those count as failed.
const mostUnderWay = 1000

// load lets people do things at times that are fixed in advance, whatever becomes of what they did before.
type load struct {
	platform *platform
	people   int
	client   *http.Client
	acts     *rand.Rand // which come; of the dispatcher alone

	mu      sync.Mutex
	targets []string // replicas that take requests
	next    int
	tally
	all   tally
	count int
}

// tally is what came of requests.
type tally struct {
	requests, failed, hostile int
	waits                     []float64 // of good answers, in milliseconds
	why                       []string
	kinds                     map[string]int
}

func newLoad(p *platform, people int, seed uint64) *load {
	return &load{platform: p, people: people, acts: rand.New(rand.NewPCG(seed, 1)),
		all:    tally{kinds: map[string]int{}},
		client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 30 * time.Second}}}
}

// run begins so many acts a second until ctx ends, and waits for the last.
func (l *load) run(ctx context.Context, rate int) {
	var all sync.WaitGroup
	seats := make(chan struct{}, mostUnderWay)
	began := time.Now()
	for n := 0; ctx.Err() == nil; n++ {
		due := began.Add(time.Duration(n) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		do, who := l.choose()
		select {
		case seats <- struct{}{}:
		default:
			l.fail("too many acts under way")
			continue
		}
		all.Go(func() {
			defer func() { <-seats }()
			do.do(l, act{person: who, number: n, due: due, kind: do.name})
		})
	}
	all.Wait()
	l.client.CloseIdleConnections()
}

// choose draws what comes next, and who does it.
func (l *load) choose() (deed, int) {
	n := l.acts.IntN(weights)
	for _, d := range deeds {
		if n -= d.weight; n < 0 {
			return d, l.acts.IntN(l.people)
		}
	}
	panic("the weights are more than their sum")
}

// aim tells the load which replicas take requests.
func (l *load) aim(at ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.targets = at
}

// target is the replica whose turn it is.
func (l *load) target() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	return l.targets[l.next%len(l.targets)]
}

// unique is a number that nobody else gets.
func (l *load) unique() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	return l.count
}

func (l *load) fail(why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	l.failed++
	l.why = append(l.why, why)
}

// good notes a request that was answered well, and how long that took.
func (l *load) good(kind string, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	l.waits = append(l.waits, float64(took)/float64(time.Millisecond))
	l.all.kinds[kind]++
}

// turnedAway notes a request that was refused as it should be.
func (l *load) turnedAway(kind string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hostile++
	l.all.kinds[kind]++
}

// interval is what came since the last time that somebody asked.
func (l *load) interval() tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tally
	l.tally = tally{}
	l.all.requests, l.all.failed, l.all.hostile = l.all.requests+t.requests, l.all.failed+t.failed, l.all.hostile+t.hostile
	l.all.why = append(l.all.why, t.why[:min(len(t.why), 5)]...)
	slices.Sort(t.waits)
	return t
}

// quantile is the wait that the given share of good answers did not exceed.
func (t tally) quantile(share float64) float64 {
	if len(t.waits) == 0 {
		return 0
	}
	return t.waits[int(share*float64(len(t.waits)-1))]
}

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// send delivers a signed request.
func (l *load) send(path, contentType, body, secret string, headers ...string) (int, string, error) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+l.target()+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, "", err
	}
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := l.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(answer), err
}
