package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"
)

const signingSecret = "a-signing-secret"

// load sends commands at times that are fixed in advance, whatever becomes of the ones before: a slow answer delays
// no question, and each wait counts from when its question was meant to be asked.
type load struct {
	url    string
	rate   int // a second
	during time.Duration
	people int
	check  func(body []byte) bool
}

// outcome is what a load met with.
type outcome struct {
	waits  []time.Duration // of good answers, sorted
	failed int
	why    string // of one that failed
}

const mostUnderWay = 2000 // requests; more says that the other side cannot follow, and they count as failed

func (l load) run(ctx context.Context) outcome {
	count := int(l.during.Seconds() * float64(l.rate))
	bodies := make([]*http.Request, count)
	for n := range bodies {
		bodies[n] = command(ctx, l.url, n%l.people, n)
	}
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: mostUnderWay}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var all sync.WaitGroup
	var out outcome
	seats := make(chan struct{}, mostUnderWay)
	began := time.Now()
	for n, r := range bodies {
		due := began.Add(time.Duration(n) * time.Second / time.Duration(l.rate))
		time.Sleep(time.Until(due))
		select {
		case seats <- struct{}{}:
		default:
			out.failed, out.why = out.failed+1, "too many under way"
			continue
		}
		all.Go(func() {
			defer func() { <-seats }()
			why := l.ask(client, r)
			wait := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			if why != "" {
				out.failed, out.why = out.failed+1, why
				return
			}
			out.waits = append(out.waits, wait)
		})
	}
	all.Wait()
	slices.Sort(out.waits)
	return out
}

// ask sends one request, and says what is wrong with its answer.
func (l load) ask(client *http.Client, r *http.Request) string {
	resp, err := client.Do(r)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err.Error()
	case resp.StatusCode != http.StatusOK || !l.check(body):
		return fmt.Sprintf("%s: %.200s", resp.Status, body)
	}
	return ""
}

// quantile is the wait that the given share of good answers did not exceed, in milliseconds.
func (o outcome) quantile(share float64) float64 {
	if len(o.waits) == 0 {
		return 0
	}
	return float64(o.waits[int(share*float64(len(o.waits)-1))]) / float64(time.Millisecond)
}

// command is a bare /goal by one of the town's people, signed.
func command(ctx context.Context, url_ string, person, number int) *http.Request {
	body := []byte(url.Values{
		"token": {"gIkuvaNzQIHg97ATvDxqgjtO"}, "team_id": {"T0BENCH"}, "team_domain": {"bench"},
		"channel_id": {string(slackTown.channel(person / teamSize))}, "channel_name": {"team"}, "user_id": {string(slackTown.person(person))},
		"user_name": {"somebody"}, "command": {"/goal"}, "text": {""}, "api_app_id": {"A0BENCH"}, "is_enterprise_install": {"false"},
		"response_url": {"http://127.0.0.1:9/commands/1"}, "trigger_id": {fmt.Sprint("13345224609.738474920.", number, time.Now().UnixNano())},
	}.Encode())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url_, bytes.NewReader(body))
	if err != nil {
		panic(err) // the address is our own
	}
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(signingSecret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return r
}
