package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// process is a server under load, in a process of its own.
type process struct {
	cmd *exec.Cmd
	url string
}

var listens = regexp.MustCompile(`127\.0\.0\.1:([0-9]+)`)

// launch starts a server that names its address in the first line that matches, on either output.
func launch(ctx context.Context, env []string, line string, args ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // programs of the benchmark
	cmd.Env = append(os.Environ(), env...)
	read, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	found := make(chan string, 1)
	go func() {
		said := ""
		lines := bufio.NewScanner(read)
		for lines.Scan() {
			if port := listens.FindStringSubmatch(lines.Text()); port != nil && strings.Contains(lines.Text(), line) {
				found <- port[1]
				_, _ = io.Copy(io.Discard, read)
				return
			}
			said += lines.Text() + "\n"
		}
		found <- "ended: " + said
	}()
	go func() { _ = cmd.Wait(); write.Close() }()
	p := &process{cmd: cmd}
	select {
	case port := <-found:
		if _, err := strconv.Atoi(port); err != nil {
			return nil, fmt.Errorf("%s %s", args[0], port)
		}
		p.url = "http://127.0.0.1:" + port
		return p, nil
	case <-time.After(20 * time.Second):
		p.stop()
		return nil, errors.New(args[0] + " named no address")
	}
}

func (p *process) stop() { _ = p.cmd.Process.Kill() }

// cpu is the processor's time that the process has had, in seconds. The kernel tells it in hundredths.
func (p *process) cpu() (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(raw), ") ")
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat cannot be read", p.cmd.Process.Pid)
	}
	user, err1 := strconv.ParseFloat(fields[11], 64)
	system, err2 := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100, errors.Join(err1, err2)
}

// memory is what the process holds now, and held at most, in megabytes.
func (p *process) memory() (now, peak float64, err error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	for line := range strings.Lines(string(raw)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kilobytes, _ := strconv.ParseFloat(fields[1], 64)
		switch fields[0] {
		case "VmRSS:":
			now = kilobytes / 1024
		case "VmHWM:":
			peak = kilobytes / 1024
		}
	}
	return now, peak, err
}
