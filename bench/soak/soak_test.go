package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be the replicas.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == replicaWord {
		if err := command(context.Background(), os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// A short soak runs, answers everybody, restarts a replica, and is told of by a page and a graph. Whether anything
// levels off cannot be seen in seconds.
func TestShortSoak(t *testing.T) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("there is no redis-server on the path")
	}
	dir := t.TempDir()
	set := settings{during: 6 * time.Second, every: 500 * time.Millisecond, people: 20, rate: 30, seed: 1,
		svg: filepath.Join(dir, "soak.svg"), markdown: filepath.Join(dir, "soak.md")}
	r, err := run(t.Context(), set)
	if err != nil {
		t.Fatal(err)
	}
	if err := publish(set, r); err != nil {
		t.Fatal(err)
	}
	if r.load.failed > 0 || r.load.requests < 50 || r.load.hostile == 0 || r.posted["checkin"] == 0 {
		t.Errorf("%+v, posted %v", r.load, r.posted)
	}
	for _, s := range r.series {
		if len(s.points) < 3 {
			t.Errorf("%s has %d points", s.name, len(s.points))
		}
	}
	page, err1 := os.ReadFile(set.markdown)
	graph, err2 := os.ReadFile(set.svg)
	if err1 != nil || err2 != nil || !strings.Contains(string(page), "](soak.svg)") || strings.Contains(string(page)+string(graph), "%!") {
		t.Errorf("%v %v\n%s", err1, err2, page)
	}
}

// line is a series that grows by so much in each quarter.
func line(each float64) *series {
	s := &series{name: "x", levels: true}
	for n := range 400 {
		s.add(time.Duration(n)*time.Second, 100+each*float64(n)/100+float64(n%3))
	}
	return s
}

// What grows is told from what does not.
func TestVerdict(t *testing.T) {
	for each, level := range map[float64]bool{0: true, 4: true, 7: false, 50: false, -10: true} {
		r := result{settings: settings{during: 400 * time.Second}, series: []*series{line(each)}}
		if got := r.verdict() == nil; got != level {
			t.Errorf("with %v more in each quarter: levels off %v; %v", each, got, r.verdict())
		}
	}
	if (&series{levels: true}).level(time.Minute) {
		t.Error("a series without points levels off")
	}
}

// A slope is found, with an interval that holds it, and none is where there is none.
func TestTrend(t *testing.T) {
	slope, spread := line(10).trend(400 * time.Second)
	if want := 360.0; slope < want-spread || slope > want+spread || spread > 36 {
		t.Errorf("a slope of %v ± %v, want %v", slope, spread, want)
	}
	if said := line(0).told(400 * time.Second); !strings.Contains(said, "no trend") {
		t.Error(said)
	}
}

// The clock never goes back, and steps by a quarter of a day.
func TestClockSteps(t *testing.T) {
	c := clock{time.Now().Add(-28*step - step/2)}
	if got := c.now().Sub(monday); got < 7*24*time.Hour || got > 7*24*time.Hour+stride+step {
		t.Errorf("after 28 steps and a half it is %v later", got)
	}
}
