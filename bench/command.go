package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"goalkeeper/storage"
)

func init() { helpers["verify-only"] = verifyOnly }

// rates are how many commands come in a second.
var rates = []int{500, 2000}

// commands are the measurements of the rows j, k and l, which come from the same runs.
type commands struct {
	cpu   map[string]map[int][]float64 // by server and rate: milliseconds of the processor for each request
	p50   map[string]map[int][]float64
	p99   map[string]map[int][]float64
	lost  map[string]int
	why   map[string]string
	idle  map[string]float64
	peak  map[string]float64
	noted string // what was left out
}

// commands measures once what three rows tell.
func (b *bench) commands(ctx context.Context) (*commands, error) {
	if b.answered != nil {
		return b.answered, nil
	}
	c := &commands{lost: map[string]int{}, why: map[string]string{}, idle: map[string]float64{}, peak: map[string]float64{},
		cpu: map[string]map[int][]float64{}, p50: map[string]map[int][]float64{}, p99: map[string]map[int][]float64{}}
	servers, end, err := b.commandServers(ctx, c)
	defer end()
	if err != nil {
		return nil, err
	}
	for round := range b.rounds {
		for _, rate := range rates {
			for _, s := range servers {
				if err := b.command(ctx, c, s, rate, round); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, s := range servers {
		_, c.peak[s.name], err = s.memory()
	}
	b.answered = c
	return c, err
}

// commandServer is one of those that answer.
type commandServer struct {
	*process
	name, path string
	people     int
	check      func([]byte) bool
}

const (
	ours       = "Goalkeeper"
	verifyName = "a Go server that verifies and parses"
	boltName   = "Bolt"
)

// commandServers starts all that are compared; those that cannot run here are left out, and named.
func (b *bench) commandServers(ctx context.Context, c *commands) (servers []commandServer, end func(), err error) {
	var ends []func()
	end = func() {
		for _, e := range ends {
			e()
		}
	}
	add := func(name, path string, p *process, err error, check func([]byte) bool) error {
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		ends = append(ends, p.stop)
		servers = append(servers, commandServer{p, name, path, b.size(1000, 20), check})
		return nil
	}
	own, stop, err := b.goalkeeper(ctx)
	ends = append(ends, stop)
	menu := func(body []byte) bool {
		return bytes.Contains(body, []byte("goal.new")) && bytes.Contains(body, []byte("blocks"))
	}
	if err := add(ours, "/slack/commands", own, err, menu); err != nil {
		return nil, end, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, end, err
	}
	p, err := launch(ctx, nil, "Open", self, "verify-only")
	if err := add(verifyName, "/", p, err, func([]byte) bool { return true }); err != nil {
		return nil, end, err
	}
	p, err = b.bolt(ctx, own)
	var skip skipped
	if errors.As(err, &skip) {
		c.noted = skip.why
	} else if err := add(boltName, "/slack/events", p, err, menu); err != nil {
		return nil, end, err
	}
	time.Sleep(time.Duration(b.size(2000, 100)) * time.Millisecond) // until starting is over
	for _, s := range servers {
		if c.idle[s.name], _, err = s.memory(); err != nil {
			return nil, end, err
		}
	}
	return servers, end, nil
}

// goalkeeper starts the real binary over a redis-server in which a thousand people have goals, with a Slack that
// knows who we are.
func (b *bench) goalkeeper(ctx context.Context) (*process, func(), error) {
	binary, err := b.build(ctx, "goalkeeper/cmd/goalkeeper", "goalkeeper")
	if err != nil {
		return nil, func() {}, err
	}
	server, store, err := b.openStore(ctx)
	if err != nil {
		return nil, func() {}, err
	}
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply, err := newInstant(1).RoundTrip(r)
		if err == nil {
			_, _ = io.Copy(w, reply.Body)
		}
	}))
	end := func() { api.Close(); server.stop() }
	if err := moveInQuietly(ctx, store, settle(slackTown, b.size(1000, 20), b.seed)); err != nil {
		return nil, end, err
	}
	p, err := launch(ctx, []string{
		"REDIS_URL=" + server.url(), "LISTEN_ADDR=127.0.0.1:0", "SLACK_BOT_TOKEN=xoxb-bench", "SLACK_SIGNING_SECRET=" + signingSecret,
		"SLACK_API_URL=" + api.URL + "/api/", "LOG_LEVEL=info", "CLOCK_OFFSET=" + time.Until(monday.Add(-time.Hour)).Round(time.Second).String(),
	}, "serving", binary, "serve")
	return p, end, err
}

// moveInQuietly arms no timers: nobody is asked while commands are measured.
func moveInQuietly(ctx context.Context, store *storage.Store, t *town) error {
	defer store.Close()
	t.timers = nil
	return t.moveIn(ctx, store)
}

// bolt starts the Bolt app with an answer that Goalkeeper gave.
func (b *bench) bolt(ctx context.Context, own *process) (*process, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, skipped{"there is no node on the path, so nothing is compared with Bolt"}
	}
	if boltVersion() == "" {
		if b.smoke {
			return nil, skipped{"Bolt is not installed in bench/bolt, and a smoke run installs nothing: nothing is compared with it"}
		}
		cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund")
		cmd.Dir = "bolt"
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, skipped{fmt.Sprintf("Bolt cannot be installed (%v: %.200s), so nothing is compared with it", err, out)}
		}
	}
	resp, err := http.DefaultClient.Do(command(ctx, own.url+"/slack/commands", 0, 0))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	file := b.path("answer.json")
	if err := errors.Join(err, os.WriteFile(file, answer, 0o600)); err != nil {
		return nil, err
	}
	return launch(ctx, []string{"SLACK_SIGNING_SECRET=" + signingSecret, "NODE_ENV=production"}, "Open", node, filepath.Join("bolt", "app.js"), file)
}

// command puts one server under load.
func (b *bench) command(ctx context.Context, c *commands, s commandServer, rate, round int) error {
	l := load{url: s.url + s.path, rate: rate, during: time.Duration(b.size(3000, 200)) * time.Millisecond, people: s.people, check: s.check}
	before, err := s.cpu()
	if err != nil {
		return err
	}
	out := l.run(ctx)
	after, err := s.cpu()
	if err != nil || len(out.waits) == 0 {
		return errors.Join(err, fmt.Errorf("%s at %d/s: %d failed, such as: %s", s.name, rate, out.failed, out.why))
	}
	note := func(into map[string]map[int][]float64, v float64) {
		if into[s.name] == nil {
			into[s.name] = map[int][]float64{}
		}
		into[s.name][rate] = append(into[s.name][rate], v)
	}
	note(c.cpu, (after-before)*1000/float64(len(out.waits))) // a refusal is no answer, and its cost counts
	note(c.p50, out.quantile(0.5))
	note(c.p99, out.quantile(0.99))
	if c.lost[s.name] += out.failed; out.failed > 0 {
		c.why[s.name] = out.why
	}
	b.say("   round %d, %d/s, %s: p50 %.3g ms, p99 %.3g ms, %d failed %s", round+1, rate, s.name, out.quantile(0.5), out.quantile(0.99), out.failed, out.why)
	return nil
}

const commandNote = "The command is a bare /goal, which reads who asks and where, and answers with the menu; it changes nothing, and so claims nothing. Its requests are signed in advance and come at fixed times, from a " +
	"generator on the same cores as the servers and Redis; waits count from when a request was due. The processor's time is that of the " +
	"process alone, from /proc, without Redis', divided by the good answers. Bolt answers with the bytes that Goalkeeper answered."

// runJ relates the processor's time of a command to what verifying and parsing takes.
func runJ(ctx context.Context, b *bench) (figures []figure, err error) {
	c, err := b.commands(ctx)
	if err != nil {
		return nil, err
	}
	for _, rate := range rates {
		figures = append(figures, figure{what: fmt.Sprintf("processor's time ÷ %s, %d a second", verifyName, rate),
			samples: ratios(c.cpu[ours][rate], c.cpu[verifyName][rate]), least: atMost(2), aim: atMost(1.7)})
	}
	for _, rate := range rates {
		figures = append(figures, figure{what: fmt.Sprintf("ours, %d a second", rate), unit: " ms", samples: c.cpu[ours][rate]})
	}
	if c.noted == "" {
		figures = append(figures, figure{what: "for comparison: Bolt's ÷ the same, 500 a second", samples: ratios(c.cpu[boltName][500], c.cpu[verifyName][500])})
	}
	figures[0].note = commandNote
	figures[1].note = c.lostNote(ours)
	return figures, nil
}

// lostNote tells of requests without a good answer.
func (c *commands) lostNote(name string) string {
	if c.lost[name] == 0 {
		return ""
	}
	return fmt.Sprintf("%d requests to %s had no good answer, such as: %.200s", c.lost[name], name, strings.ReplaceAll(c.why[name], "\n", " "))
}

// runK compares waits with Bolt's.
func runK(ctx context.Context, b *bench) (figures []figure, err error) {
	c, err := b.commands(ctx)
	if err != nil {
		return nil, err
	}
	if c.noted != "" {
		return nil, skipped{c.noted}
	}
	for _, rate := range rates {
		figures = append(figures,
			figure{what: fmt.Sprintf("p50 ÷ Bolt's, %d a second", rate), samples: ratios(c.p50[ours][rate], c.p50[boltName][rate]), least: atMost(1), aim: atMost(0.5), note: c.lostNote(boltName)},
			figure{what: fmt.Sprintf("p99 ÷ Bolt's, %d a second", rate), samples: ratios(c.p99[ours][rate], c.p99[boltName][rate]), least: atMost(0.5), aim: atMost(0.25)},
			figure{what: fmt.Sprintf("our p99, %d a second", rate), unit: " ms", samples: c.p99[ours][rate]})
	}
	return figures, nil
}

// runL compares the memory of the processes.
func runL(ctx context.Context, b *bench) ([]figure, error) {
	c, err := b.commands(ctx)
	if err != nil {
		return nil, err
	}
	figures := []figure{
		{what: "ours, idle", unit: " MB", samples: []float64{c.idle[ours]}},
		{what: "ours, peak under the loads above", unit: " MB", samples: []float64{c.peak[ours]}},
	}
	if c.noted != "" {
		return figures, skipped{c.noted}
	}
	return append([]figure{
		{what: "idle ÷ Bolt's", samples: []float64{c.idle[ours] / c.idle[boltName]}, least: atMost(0.33), aim: atMost(0.2)},
		{what: "peak ÷ Bolt's", samples: []float64{c.peak[ours] / c.peak[boltName]}, least: atMost(0.33), aim: atMost(0.2)},
	}, figures...), nil
}

// verifyOnly is a server that verifies Slack's signature and parses the command, and does nothing else.
func verifyOnly(context.Context, []string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // until it is killed
	if err != nil {
		return err
	}
	fmt.Printf("Open http://%s in a browser.\n", listener.Addr())
	server := http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		verifier, err := slackgo.NewSecretsVerifier(r.Header, signingSecret)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		r.Body = io.NopCloser(io.TeeReader(r.Body, &verifier))
		parsed, err := slackgo.SlashCommandParse(r)
		if err = errors.Join(err, verifier.Ensure()); err != nil || parsed.Command != "/goal" {
			http.Error(w, fmt.Sprint(err), http.StatusUnauthorized)
		}
	})}
	return server.Serve(listener)
}
