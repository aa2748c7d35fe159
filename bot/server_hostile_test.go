package bot

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// proving is a face's handler that takes everybody who says so for its platform.
func proving(w http.ResponseWriter, r *http.Request) {
	body, done, ok := ReadBody(w, r, 1<<20)
	defer done()
	if !ok {
		return
	}
	if r.Header.Get("X-Signed") != "" {
		Prove(r)
	}
	fmt.Fprintf(w, "%d bytes", len(body))
}

// ended reports whether the other side hung up.
func ended(conn net.Conn) bool {
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, err := conn.Read(make([]byte, 1))
	return errors.Is(err, io.EOF) || err != nil && !strings.Contains(err.Error(), "timeout")
}

// ask sends one request over a connection and returns the first line of the answer.
func ask(conn net.Conn, in *bufio.Reader, headers, body string) string {
	fmt.Fprintf(conn, "POST /in HTTP/1.1\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n%s", headers, len(body), body)
	r, err := http.ReadResponse(in, nil)
	if err != nil {
		return err.Error()
	}
	defer r.Body.Close()
	_, _ = io.Copy(io.Discard, r.Body)
	return r.Status
}

// Strangers who connect and dawdle drive out each other, and nobody who proved to be the platform.
func TestDawdlersDriveOutEachOther(t *testing.T) {
	s := open(t, ServerOptions{MaxConns: 8, Header: time.Minute, Request: time.Minute}, func(s *Server) {
		s.Face("POST /in", http.HandlerFunc(proving))
	})
	slack, in := dial(t, s)
	if got := ask(slack, in, "X-Signed: yes\r\n", "{}"); got != "200 OK" {
		t.Fatal(got)
	}
	var dawdlers []net.Conn
	for n := range 50 {
		conn, _ := dial(t, s)
		_, _ = io.WriteString(conn, []string{"", "POST /in HTTP/1.1\r\nHo", "POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1"}[n%3])
		dawdlers = append(dawdlers, conn)
	}
	for n, conn := range dawdlers[:40] {
		if !ended(conn) {
			t.Fatalf("dawdler %d is still there", n)
		}
	}
	if got := ask(slack, in, "X-Signed: yes\r\n", "{}"); got != "200 OK" {
		t.Errorf("the platform's connection did not live: %s", got)
	}
	newcomer, in := dial(t, s)
	if got := ask(newcomer, in, "", "{}"); got != "200 OK" {
		t.Errorf("somebody new finds no place: %s", got)
	}
}

func TestLongBodiesLeaveShortOnesTheirPlace(t *testing.T) {
	s := open(t, ServerOptions{}, func(s *Server) { s.Face("POST /in", http.HandlerFunc(proving)) })
	head := fmt.Sprintf("POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", 1<<20, strings.Repeat("x", smallBody+1))
	for range largeBodies {
		conn, _ := dial(t, s)
		_, _ = io.WriteString(conn, head) // and the rest never comes
	}
	for end := time.Now().Add(5 * time.Second); ; { // until the last one has taken its place
		if status, _ := s.do(http.MethodPost, "/in", strings.NewReader(strings.Repeat("x", smallBody+1))); status == http.StatusServiceUnavailable {
			break
		}
		if time.Now().After(end) {
			t.Fatal("long bodies are not bounded")
		}
	}
	if status, text := s.do(http.MethodPost, "/in", strings.NewReader(strings.Repeat("x", smallBody))); status != 200 {
		t.Errorf("a short body: %d %s", status, text)
	}
}

// What is no HTTP, or hardly, is refused on its own connection and noticed nowhere else.
func TestGarbageStaysOnItsConnection(t *testing.T) {
	s := open(t, ServerOptions{Header: time.Second, Request: time.Second, Idle: 200 * time.Millisecond}, func(s *Server) {
		s.Face("POST /in", http.HandlerFunc(proving))
	})
	good := "POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
	for name, c := range map[string]struct {
		sent string
		want string // of the answers' status lines
	}{
		"garbage":                  {"\x16\x03\x01\x02\x00\x01\x00", ""},
		"pipelined and then junk":  {good + "\x00\xff\r\n\r\n", "200 400"},
		"pipelined":                {good + good + good, "200 200 200"},
		"ten thousand headers":     {"POST /in HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: 1\r\n", 20_000) + "\r\n", "431"},
		"a header of a mile":       {"POST /in HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("x", 100_000) + "\r\n\r\n", "431"},
		"two lengths":              {"POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "400"},
		"a length that is none":    {"POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: -2\r\n\r\n{}", "400"},
		"length and chunks":        {"POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "200"},
		"a chunk without an end":   {"POST /in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", "400"},
		"no such encoding":         {"POST /in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
		"compressed, not unpacked": {"POST /in HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b", "200"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, in := dial(t, s)
			go func() { _, _ = io.WriteString(conn, c.sent) }()
			if got := statuses(in); got != c.want && c.want != "" {
				t.Errorf("answered %q, want %q", got, c.want)
			}
			other, in := dial(t, s)
			if got := ask(other, in, "", "{}"); got != "200 OK" {
				t.Errorf("somebody else is answered %s", got)
			}
		})
	}
}

// statuses are those of all answers until the server hangs up.
func statuses(in *bufio.Reader) string {
	var all []string
	for {
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			return strings.Join(all, " ")
		}
		_, _ = io.Copy(io.Discard, r.Body)
		r.Body.Close()
		all = append(all, fmt.Sprint(r.StatusCode))
	}
}

// A flood of refusals writes few lines.
func TestAFloodOfRefusalsIsCounted(t *testing.T) {
	s := open(t, ServerOptions{}, nil)
	var strangers sync.WaitGroup
	for range 4 {
		strangers.Go(func() {
			for range 500 {
				s.get("/nothing")
			}
		})
	}
	strangers.Wait()
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if n := strings.Count(s.log.String(), "status=404"); n == 0 || n > 3*tallyFirst {
		t.Errorf("%d lines", n)
	}
}
