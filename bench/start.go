package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"time"
)

// runN starts the playground and a server that does nothing, until each has shown its first page.
func runN(ctx context.Context, b *bench) ([]figure, error) {
	playground, err := b.build(ctx, "goalkeeper/cmd/goalkeeper", "goalkeeper")
	if err != nil {
		return nil, err
	}
	bare, err := b.build(ctx, "goalkeeper/bench/bare", "bare")
	if err != nil {
		return nil, err
	}
	ours, theirs, err := b.interleave(ctx, "n",
		b.firstPage(playground, "playground", "-listen-addr", "127.0.0.1:0"), b.firstPage(bare, "127.0.0.1:0"))
	if err != nil {
		return nil, err
	}
	return []figure{
		{what: "playground ÷ a bare net/http server in a binary of its own", samples: ratios(ours.column(0), theirs.column(0)),
			least: atMost(3), aim: atMost(1.7),
			note: "From starting the process until the first page has come as a whole; in each round the median of several starts."},
		{what: "the playground", unit: " ms", samples: scaled(ours.column(0), 1000)},
		{what: "the bare server", unit: " ms", samples: scaled(theirs.column(0), 1000)},
	}, nil
}

// build makes a binary as a release does.
func (b *bench) build(ctx context.Context, pkg, name string) (string, error) {
	file := b.path(name)
	cmd := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w", "-o", file, pkg) //nolint:gosec // packages named in this module
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w: %s", pkg, err, out)
	}
	return file, nil
}

// firstPage is the median of some starts, in seconds.
func (b *bench) firstPage(binary string, args ...string) side {
	return func(ctx context.Context, _ int) (values, error) {
		var all []float64
		for range b.size(15, 2) {
			took, err := startOnce(ctx, binary, args...)
			if err != nil {
				return nil, err
			}
			all = append(all, took.Seconds())
		}
		return values{median(all)}, nil
	}
}

var address = regexp.MustCompile(`http://[0-9.:]+`)

// startOnce starts a program that prints its address, and gets its page.
func startOnce(ctx context.Context, binary string, args ...string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, binary, args...) //nolint:gosec // built above
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	url := address.FindString(line)
	if err != nil || url == "" {
		return 0, errors.Join(err, fmt.Errorf("%s said %q instead of an address", binary, line))
	}
	if err := page(ctx, url+"/"); err != nil {
		return 0, err
	}
	return time.Since(began), nil
}

// page gets a page as a whole, over a connection of its own.
func page(ctx context.Context, url string) error {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || len(content) == 0) {
		err = fmt.Errorf("%s answers %s with %d bytes", url, resp.Status, len(content))
	}
	return err
}
