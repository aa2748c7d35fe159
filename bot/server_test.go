package bot

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// site is a running server with its log.
type site struct {
	t    *testing.T
	url  string
	addr string
	log  *journal
	end  func() error
}

// open runs a server with the routes that add registers, until the test ends.
func open(t *testing.T, o ServerOptions, add func(*Server)) *site {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	log := &journal{}
	o.Log = slog.New(slog.NewTextHandler(log, nil))
	s := NewServer(o)
	if add != nil {
		add(s)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, l) }()
	end := sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = end() })
	return &site{t, "http://" + l.Addr().String(), l.Addr().String(), log, end}
}

// journal is a log that can be read while it is written.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

func (s *site) get(path string) (int, string) {
	s.t.Helper()
	return s.do(http.MethodGet, path, nil)
}

func (s *site) do(method, path string, body io.Reader) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, strings.TrimSpace(string(text))
}

func TestHealth(t *testing.T) {
	never := func(ctx context.Context) error { select {} }
	s := open(t, ServerOptions{CheckTime: 50 * time.Millisecond, Ready: map[string]func(context.Context) error{
		"redis":  func(context.Context) error { return errors.New("connection refused\nsecond line") },
		"slack":  func(context.Context) error { return nil },
		"teams":  never,
		"clocks": func(context.Context) error { panic("!") },
	}}, nil)
	if status, text := s.get("/healthz"); status != 200 || text != "ok" {
		t.Errorf("healthz: %d %q", status, text)
	}
	status, text := s.get("/readyz")
	want := "clocks: its check has a defect (string)\nredis: connection refused\nteams: no answer in time"
	if status != 503 || text != want {
		t.Errorf("readyz: %d\n%s\nwant\n%s", status, text, want)
	}
}

// Warnings make nobody restart a process that can do its work.
func TestReadyWithWarnings(t *testing.T) {
	s := open(t, ServerOptions{
		CheckTime: 50 * time.Millisecond,
		Ready:     map[string]func(context.Context) error{"store": func(context.Context) error { return nil }},
		Warnings: map[string]func(context.Context) []string{
			"store": func(context.Context) []string {
				return []string{"it keeps no append-only file", "its memory is nearly full"}
			},
			"mute": func(context.Context) []string { select {} },
		},
	}, nil)
	want := "ok\nstore: it keeps no append-only file\nstore: its memory is nearly full"
	if status, text := s.get("/readyz"); status != 200 || text != want {
		t.Errorf("readyz: %d\n%s\nwant\n%s", status, text, want)
	}
}

func TestWarningsStandBesideWhatIsMissing(t *testing.T) {
	s := open(t, ServerOptions{
		Ready:    map[string]func(context.Context) error{"slack": func(context.Context) error { return errors.New("it is away") }},
		Warnings: map[string]func(context.Context) []string{"store": func(context.Context) []string { return []string{"it is nearly full"} }},
	}, nil)
	if status, text := s.get("/readyz"); status != 503 || text != "slack: it is away\nwarning: store: it is nearly full" {
		t.Errorf("readyz: %d\n%s", status, text)
	}
}

func TestReadyTurnsRedAndBack(t *testing.T) {
	errs := make(chan error, 1)
	s := open(t, ServerOptions{Ready: map[string]func(context.Context) error{
		"redis": func(context.Context) error { return <-errs },
	}}, nil)
	for _, err := range []error{nil, errors.New("gone"), nil} {
		errs <- err
		if status, text := s.get("/readyz"); (status == 200) != (err == nil) {
			t.Errorf("with %v: %d %s", err, status, text)
		}
	}
}

func TestReadyAsksOnceHoweverManyAsk(t *testing.T) {
	asked, answer := make(chan struct{}, 100), make(chan error)
	h := &health{within: time.Minute, checks: map[string]func(context.Context) error{
		"redis": func(context.Context) error { asked <- struct{}{}; return <-answer },
	}}
	first := h.join()
	for range 50 {
		if h.join() != first {
			t.Fatal("a second round began beside the first")
		}
	}
	answer <- nil
	<-first.done
	if len(asked) != 1 {
		t.Errorf("asked %d times", len(asked))
	}
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	fmt.Fprintf(w, "%d bytes", len(body))
}

func TestBodies(t *testing.T) {
	s := open(t, ServerOptions{}, func(s *Server) { s.Handle("POST /in", http.HandlerFunc(echo)) })
	unknown := func(n int) io.Reader { return io.MultiReader(strings.NewReader(strings.Repeat("x", n))) } // sent in chunks
	for name, c := range map[string]struct {
		body   io.Reader
		status int
		text   string
	}{
		"empty":                    {nil, 200, "0 bytes"},
		"the longest":              {strings.NewReader(strings.Repeat("x", 1<<20)), 200, "1048576 bytes"},
		"the longest, in chunks":   {unknown(1 << 20), 200, "1048576 bytes"},
		"one byte more":            {strings.NewReader(strings.Repeat("x", 1<<20+1)), 413, "The request is too long: at most 1048576 bytes are read."},
		"one byte more, in chunks": {unknown(1<<20 + 1), 413, "The request is too long: at most 1048576 bytes are read."},
	} {
		t.Run(name, func(t *testing.T) {
			if status, text := s.do(http.MethodPost, "/in", c.body); status != c.status || text != c.text {
				t.Errorf("%d %q", status, text)
			}
		})
	}
}

// Somebody announces 10 MB and is refused before sending any of it.
func TestTenMegabytesAreRefusedAtOnce(t *testing.T) {
	s := open(t, ServerOptions{}, func(s *Server) { s.Handle("POST /in", http.HandlerFunc(echo)) })
	conn, in := dial(t, s)
	fmt.Fprintf(conn, "POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", 10<<20)
	if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "413") {
		t.Errorf("answered %q, %v", line, err)
	}
}

func dial(t *testing.T, s *site) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	return conn, bufio.NewReader(conn)
}

func TestSlowStrangersAreHungUpOn(t *testing.T) {
	for name, sent := range map[string]string{
		"nothing at all":          "",
		"half a header":           "POST /in HTTP/1.1\r\nHost: x\r\nX-Slow: ",
		"a body that never comes": "POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := ServerOptions{Header: 50 * time.Millisecond, Request: 100 * time.Millisecond}
			s := open(t, o, func(s *Server) { s.Handle("POST /in", http.HandlerFunc(echo)) })
			conn, in := dial(t, s)
			_, _ = io.WriteString(conn, sent)
			answer, err := io.ReadAll(in)
			if err != nil {
				t.Errorf("still connected after 10 s: %v", err)
			}
			if strings.Contains(string(answer), "200 OK") {
				t.Errorf("answered %q", answer)
			}
		})
	}
}

func TestLongHeaderIsRefused(t *testing.T) {
	s := open(t, ServerOptions{}, nil)
	conn, in := dial(t, s)
	go func() {
		_, _ = fmt.Fprintf(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: %s\r\n\r\n", strings.Repeat("x", 1<<20))
	}()
	if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "431") {
		t.Errorf("answered %q, %v", line, err)
	}
}

func TestPanicIsContained(t *testing.T) {
	s := open(t, ServerOptions{}, func(s *Server) {
		s.Handle("GET /before", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("said in confidence") }))
		s.Handle("GET /after", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half an")
			panic("said in confidence")
		}))
	})
	status, text := s.get("/before")
	if status != 500 || strings.Contains(text, "goroutine") || strings.Contains(text, "confidence") {
		t.Errorf("answered %d %q", status, text)
	}
	conn, in := dial(t, s)
	fmt.Fprint(conn, "GET /after HTTP/1.1\r\nHost: x\r\n\r\n")
	if rest, _ := io.ReadAll(in); strings.Contains(string(rest), "Something") {
		t.Errorf("half an answer was completed: %q", rest)
	}
	log := s.log.String()
	if !strings.Contains(log, "server_test.go") || strings.Contains(log, "confidence") {
		t.Errorf("the log should have the stack and not the words: %s", log)
	}
	if status, _ := s.get("/healthz"); status != 200 {
		t.Error("the process did not outlive it")
	}
}

func TestLogTellsNoSecrets(t *testing.T) {
	s := open(t, ServerOptions{}, func(s *Server) { s.Handle("POST /board/{secret}", http.HandlerFunc(echo)) })
	s.do(http.MethodPost, "/board/hush1?token=hush2", strings.NewReader("hush3"))
	s.get("/nothing/hush4?x=hush5")
	s.do("HUSH6", "/board/hush7", nil)
	if err := s.end(); err != nil {
		t.Error(err)
	}
	log := s.log.String()
	if strings.Contains(strings.ToLower(log), "hush") {
		t.Errorf("the log repeats what it should not: %s", log)
	}
	for _, want := range []string{`route="POST /board/{secret}" status=200 bytes=7`, "status=404", "method=other"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s: %s", want, log)
		}
	}
}

func TestTooManyAtOnceAreTurnedAway(t *testing.T) {
	begun, leave := make(chan struct{}), make(chan struct{})
	s := open(t, ServerOptions{AtOnce: 1}, func(s *Server) {
		s.Handle("GET /slow", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { begun <- struct{}{}; <-leave }))
	})
	first := make(chan int)
	go func() { status, _ := s.get("/slow"); first <- status }()
	<-begun
	answer, err := http.Get(s.url + "/slow")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
		t.Errorf("answered %d, Retry-After %q", answer.StatusCode, answer.Header.Get("Retry-After"))
	}
	if status, _ := s.get("/healthz"); status != 200 {
		t.Error("a busy process was called dead")
	}
	close(leave)
	if status := <-first; status != 200 {
		t.Errorf("the first got %d", status)
	}
}

func TestEndWaitsForRequestsUnderWay(t *testing.T) {
	begun, leave := make(chan struct{}), make(chan struct{})
	var cancelled error
	s := open(t, ServerOptions{}, func(s *Server) {
		s.Handle("GET /slow", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(begun)
			<-leave
			cancelled = r.Context().Err()
			_, _ = io.WriteString(w, "done")
		}))
	})
	answer := make(chan string)
	go func() { _, text := s.get("/slow"); answer <- text }()
	<-begun
	ended := make(chan error)
	go func() { ended <- s.end() }()
	refusedSoon(t, s.addr)
	close(leave)
	if text := <-answer; text != "done" || cancelled != nil {
		t.Errorf("the request under way got %q (%v)", text, cancelled)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// refusedSoon returns when the address takes no connections any more.
func refusedSoon(t *testing.T, addr string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		conn.Close()
	}
	t.Fatal("new connections are still taken")
}

func TestEndOfTheServerIsBounded(t *testing.T) {
	begun := make(chan struct{})
	s := open(t, ServerOptions{Grace: 50 * time.Millisecond}, func(s *Server) {
		s.Handle("GET /stuck", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { close(begun); <-r.Context().Done() }))
	})
	go func() { _, _ = http.Get(s.url + "/stuck") }()
	<-begun
	if err := s.end(); err == nil {
		t.Error("an end that cut a request off should say so")
	}
}

func TestStreamsOutliveTheLimitAndEndWithTheServer(t *testing.T) {
	more, ended := make(chan struct{}), make(chan struct{})
	s := open(t, ServerOptions{Response: 20 * time.Millisecond}, func(s *Server) {
		s.Stream("GET /events", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer close(ended)
			for {
				fmt.Fprintln(w, "tick")
				w.(http.Flusher).Flush()
				select {
				case <-more:
				case <-r.Context().Done():
					return
				}
			}
		}))
	})
	conn, lines := dial(t, s)
	fmt.Fprint(conn, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
	ticks := func() {
		t.Helper()
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatalf("the stream ended: %v", err)
			}
			if strings.TrimSpace(line) == "tick" {
				return
			}
		}
	}
	for began := time.Now(); time.Since(began) < 60*time.Millisecond; { // well over the limit of other answers
		ticks()
		more <- struct{}{}
	}
	if err := s.end(); err != nil {
		t.Errorf("an open stream kept the server from ending: %v", err)
	}
	<-ended
}

func TestListenerThatBreaks(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := NewServer(ServerOptions{}).Run(t.Context(), l); err == nil {
		t.Error("served a closed listener")
	}
}
