package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"goalkeeper/bot"
	"goalkeeper/bot/slack"
	"goalkeeper/cmd/goalkeeper/house"
	"goalkeeper/storage"
)

// replicaWord makes the program one of the two replicas.
const replicaWord = "replica"

// orders are what a replica is told.
type orders struct {
	Redis, API, Profiles string
	Began                time.Time
	Every                time.Duration
}

// told is one line of what a replica says: its address first, then itself, again and again.
type told struct {
	Address     string  `json:",omitempty"`
	Goroutines  float64 `json:",omitempty"`
	Heap        float64 `json:",omitempty"` // megabytes that the last collection found in use
	Resident    float64 `json:",omitempty"` // megabytes
	Descriptors float64 `json:",omitempty"`
	Connections float64 `json:",omitempty"` // of the descriptors
}

// replica serves as the command does, only under the soak's clock.
func replica(ctx context.Context, args []string) error {
	var o orders
	if err := json.Unmarshal([]byte(args[0]), &o); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	store, err := storage.Open(ctx, o.Redis)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	c := clock{o.Began}
	h := house.Join(store, c.now, log)
	group, ctx := errgroup.WithContext(ctx)
	face, err := slack.New(ctx, slack.Config{
		BotToken: "xoxb-soak", SigningSecret: signingSecret, APIURL: o.API, //nolint:gosec // the stand-in knows no others
		Client: &http.Client{Timeout: 10 * time.Second},
		Clock:  time.Now, Handler: h.Service, Contacts: h.Store, Meter: h.Meter, Log: log,
	})
	if err != nil {
		return err
	}
	h.Add("slack", face)
	routes := http.NewServeMux()
	face.Routes(routes)
	server := bot.NewServer(bot.ServerOptions{Log: log, Ready: map[string]func(context.Context) error{"store": store.Ready, "slack": face.Check}})
	server.Face("/", routes)
	group.Go(func() error { return face.Run(ctx) })
	group.Go(func() error { return h.Run(ctx, log) })
	group.Go(func() error { return server.Run(ctx, listener) })
	group.Go(func() error { return nudges(ctx, c, h) })
	group.Go(func() error { return tells(ctx, listener.Addr().String(), o) })
	return group.Wait()
}

// nudges says at every step that the clock was moved.
func nudges(ctx context.Context, c clock, h *house.House) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(c.untilStep()):
			h.Scheduler.Nudge()
		}
	}
}

// tells says where the replica is, and then how it is.
func tells(ctx context.Context, address string, o orders) error {
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(told{Address: address}); err != nil {
		return err
	}
	tick := time.NewTicker(o.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return profiled(o.Profiles)
		case <-tick.C:
			if err := out.Encode(look()); err != nil {
				return err
			}
		}
	}
}

// look is the process as it sees itself.
func look() told {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	t := told{Goroutines: float64(runtime.NumGoroutine()), Heap: float64(live[0].Value.Uint64()) / 1e6, Resident: resident()}
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		t.Descriptors++
		if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(to, "socket:") {
			t.Connections++
		}
	}
	return t
}

// resident is what the kernel counts as the process's memory, in megabytes.
func resident() (megabytes float64) {
	raw, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(raw)) {
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &megabytes); err == nil {
			return megabytes * 1024 / 1e6
		}
	}
	return 0
}

// profiled writes down what there is at the end, for whoever asks why.
func profiled(dir string) error {
	if dir == "" {
		return nil
	}
	runtime.GC()
	for name, debug := range map[string]int{"heap": 0, "goroutine": 1} {
		f, err := os.Create(filepath.Join(dir, fmt.Sprint(name, ".", os.Getpid()))) //nolint:gosec // a folder that the command line names
		if err != nil {
			return err
		}
		_ = pprof.Lookup(name).WriteTo(f, debug)
		_ = f.Close()
	}
	return nil
}

// child is a replica as the soak sees it.
type child struct {
	cmd     *exec.Cmd
	address string

	mu       sync.Mutex
	last     told
	warnings map[string]int // by their words
	ended    chan struct{}
}

// start starts a replica and returns when it listens.
func start(o orders) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.Command(self, replicaWord, string(raw)), warnings: map[string]int{}, ended: make(chan struct{})} //nolint:gosec,noctx // this program; end ends it
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	complaints, err := c.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	lines := json.NewDecoder(out)
	var first told
	if err := lines.Decode(&first); err != nil {
		text, _ := bufio.NewReader(complaints).ReadString('\n')
		_ = c.cmd.Process.Kill()
		return nil, fmt.Errorf("a replica does not start: %w: %s", err, text)
	}
	c.address = first.Address
	go c.listen(lines)
	go c.read(bufio.NewScanner(complaints))
	return c, nil
}

func (c *child) listen(lines *json.Decoder) {
	defer close(c.ended)
	for {
		var t told
		if lines.Decode(&t) != nil {
			return
		}
		c.mu.Lock()
		c.last = t
		c.mu.Unlock()
	}
}

// said finds what a line of the log says.
var said = regexp.MustCompile(`msg=(?:"([^"]*)"|(\S*))`)

// read counts warnings.
func (c *child) read(lines *bufio.Scanner) {
	for lines.Scan() {
		c.mu.Lock()
		if found := said.FindStringSubmatch(lines.Text()); found != nil {
			c.warnings[found[1]+found[2]]++
		} else {
			c.warnings[lines.Text()]++
		}
		c.mu.Unlock()
	}
}

func (c *child) latest() told {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// end asks the replica to end, and waits for it.
func (c *child) end() error {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	kill := time.AfterFunc(30*time.Second, func() { _ = c.cmd.Process.Kill() })
	defer kill.Stop()
	<-c.ended
	return c.cmd.Wait()
}
