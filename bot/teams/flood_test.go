package teams

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"goalkeeper/bot"
)

// site serves the face as the process does.
func (h *house) site() string {
	h.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	s := bot.NewServer(bot.ServerOptions{Log: slog.New(slog.DiscardHandler)})
	s.Face("/", h.mux)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, l) }()
	h.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			h.t.Error(err)
		}
	})
	return "http://" + l.Addr().String() + "/api/messages"
}

// knock delivers a body over the network.
func (h *house) knock(client *http.Client, address string, body []byte, token string) int {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, address, strings.NewReader(string(body)))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Authorization", token)
	answer, err := client.Do(r)
	if err != nil {
		h.t.Error(err)
		return 0
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

// Ten thousand bad tokens, half of them by keys that somebody made up: no key set is fetched for them, and good
// activities are answered in Teams' time.
func TestBadTokensDoNotKeepAnybodyFromBeingAnswered(t *testing.T) {
	const strangers, at = 10_000, 20
	h := newHouse(t, withAuth)
	address := h.site()
	good := h.token("k1", testKeys()[0], nil)
	bad := []string{h.token("k1", testKeys()[2], nil)}
	for n := range 50 {
		bad = append(bad, h.token(fmt.Sprint("made-up-", n), testKeys()[2], nil))
	}
	body := h.activity("personal-action")
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: at + 1}}
	t.Cleanup(client.CloseIdleConnections)

	began := time.Now()
	var all sync.WaitGroup
	for n := range at {
		all.Go(func() {
			for i := range strangers / at {
				token := bad[0]
				if i%2 == 1 {
					token = bad[1+(n+i)%50]
				}
				if got := h.knock(client, address, body, token); got != http.StatusUnauthorized {
					t.Errorf("a stranger: %d", got)
				}
			}
		})
	}
	over := make(chan struct{})
	go func() { all.Wait(); close(over) }()
	asked, slowest := 0, time.Duration(0)
	for under := true; under; asked++ {
		select {
		case <-over:
			under = false
		default:
		}
		since := time.Now()
		if got := h.knock(client, address, body, good); got != http.StatusOK {
			t.Errorf("a good activity: %d", got)
		}
		slowest = max(slowest, time.Since(since))
	}
	took := time.Since(began).Seconds()
	t.Logf("%d bad and %d good in %.1f s: %.0f and %.0f a second; the slowest good one took %s",
		strangers, asked, took, strangers/took, float64(asked)/took, slowest)
	if slowest >= teamsPatience {
		t.Errorf("a good activity took %s", slowest)
	}
	h.outside.mu.Lock()
	defer h.outside.mu.Unlock()
	if h.outside.fetches > 2 {
		t.Errorf("the key set was fetched %d times", h.outside.fetches)
	}
}
