package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"goalkeeper/storage/storagetest"
)

const (
	strangers     = 20_000 // requests with bad signatures
	strangerConns = 40     // on so many connections at once
)

// flood sends requests of strangers as fast as this machine allows, and counts how they are answered.
func flood(t *testing.T, address, request string, refused *atomic.Int64) *sync.WaitGroup {
	t.Helper()
	var all sync.WaitGroup
	for range strangerConns {
		all.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			in := bufio.NewReader(conn)
			for range strangers / strangerConns {
				_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
				if _, err := fmt.Fprint(conn, request); err != nil {
					t.Errorf("a stranger was hung up on: %v", err)
					return
				}
				r, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Errorf("a stranger hears nothing: %v", err)
					return
				}
				if _, err := in.Discard(int(r.ContentLength)); err != nil {
					t.Error(err)
					return
				}
				if r.StatusCode == http.StatusUnauthorized {
					refused.Add(1)
				}
			}
		})
	}
	return &all
}

// dawdle keeps connections open that never say anything whole, until the test ends.
func dawdle(t *testing.T, address string, n int) {
	t.Helper()
	for i := range n {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		stamp := strconv.FormatInt(time.Now().Unix(), 10)
		_, _ = fmt.Fprint(conn, []string{
			"POST /slack/commands HTTP/1.1\r\nHost: x\r\nX-Slow: ",
			"POST /slack/commands HTTP/1.1\r\nHost: x\r\nX-Slack-Request-Timestamp: " + stamp + "\r\nX-Slack-Signature: v0=" +
				strings.Repeat("0", 64) + "\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat("x", 100),
		}[i%2])
	}
}

// Ten thousand bad signatures a second, or as many as this machine can send, and a thousand connections that
// dawdle: good requests are answered rightly and within Slack's time.
func TestStrangersDoNotKeepAnybodyFromBeingAnswered(t *testing.T) {
	w := newSlackWorld(t)
	p := serveSlack(t, w, storagetest.Redis(t), thursday)
	w.modal(func() { w.slash("ULINH", "new Cut CAC from $250 to $150 by Q4") })
	w.submit("ULINH", nil)
	address := strings.TrimPrefix(p.url, "http://")
	dawdle(t, address, 1000)

	form := url.Values{"command": {"/goal"}, "text": {"list all"}, "team_id": {"T1"}, "user_id": {"ULINH"}, "channel_id": {"C1"}}.Encode()
	bad := fmt.Sprintf("POST /slack/commands HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nX-Slack-Request-Timestamp: %d\r\nX-Slack-Signature: v0=%s\r\nContent-Length: %d\r\n\r\n%s",
		formType, time.Now().Unix(), strings.Repeat("0", 64), len(form), form)
	var refused atomic.Int64
	began := time.Now()
	all := flood(t, address, bad, &refused)
	over := make(chan struct{})
	go func() { all.Wait(); close(over) }()

	good, slowest := 0, time.Duration(0)
	for under := true; under; {
		select {
		case <-over:
			under = false
		default:
		}
		asked := time.Now()
		if list := w.answer("ULINH", "list all"); !strings.Contains(list, "G-1") {
			t.Errorf("a good request was answered %s", list)
		}
		slowest = max(slowest, time.Since(asked))
		good++
	}
	took := time.Since(began).Seconds()
	t.Logf("%d bad and %d good requests in %.1f s: %.0f and %.0f a second; the slowest good one took %s",
		strangers, good, took, strangers/took, float64(good)/took, slowest)
	if slowest >= slackPatience {
		t.Errorf("a good request took %s", slowest)
	}
	if n := refused.Load(); n != strangers {
		t.Errorf("%d of %d bad requests were refused", n, strangers)
	}
	if lines := strings.Count(p.log.String(), "\n"); lines > strangers/10 {
		t.Errorf("the flood wrote %d lines into the log", lines)
	}
}
