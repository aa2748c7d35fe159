package main

import (
	"context"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"goalkeeper/bot/playground"
	"goalkeeper/bot/playground/playtest"
)

var pageAddress = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// startPlayground runs the program as README says, on a free port, and returns somebody who can use its page.
func startPlayground(t *testing.T) *playtest.Client {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	said, out := io.Pipe()
	ended := make(chan error, 1)
	log := &syncBuffer{}
	go func() {
		ended <- run(ctx, []string{"playground", "-listen-addr", "127.0.0.1:0"}, environment(), out, log)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the playground ended with %v\n%s", err, log)
		}
	})
	line := make([]byte, 200)
	n, err := said.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	address := pageAddress.Find(line[:n])
	if address == nil {
		t.Fatalf("no address in %q", line[:n])
	}
	return playtest.New(t, string(address))
}

// waits looks into a place until the words stand there: what the bot sends comes a moment after what was typed.
func waits(t *testing.T, p *playtest.Person, place, words string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(strings.Join(p.Said(place), "\n"), words) {
		select {
		case <-ctx.Done():
			p.Sees(place, words) // says what is there instead
			return
		case <-tick.C:
		}
	}
}

// story is what the README promises, in one language.
type story struct {
	goal, title, save      string
	answer, story, receipt string
	digest, on             string
}

func TestPlaygroundKeepsWhatTheReadmePromises(t *testing.T) {
	for language, s := range map[string]story{
		"English": {
			goal: "/goal new Cut CAC from $250 to $150 by Q4", title: "G-1 Cut CAC", save: "Save",
			answer: "210, 7/10, waiting for legal", story: "waiting for legal", receipt: "[Correct]",
			digest: "/goal digest", on: "Turn on digest",
		},
		"Vietnamese": {
			goal: "/goal new Giảm CAC từ 250 đô xuống 150 đô vào quý 4", title: "G-1 Giảm CAC", save: "Lưu",
			answer: "210, 7/10, chờ pháp lý", story: "chờ pháp lý", receipt: "[Sửa lại]",
			digest: "/goal bản tin", on: "Bật bản tin",
		},
	} {
		t.Run(language, func(t *testing.T) { s.play(t, startPlayground(t)) })
	}
}

func (s story) play(t *testing.T, c *playtest.Client) {
	linh := c.As("linh")
	for endOfYear(linh.State().Now) { // a goal for this quarter needs a Monday before its last day
		linh.Move(playground.Monday)
	}
	linh.Type(playtest.Growth, s.goal)
	linh.Press(s.save)
	linh.Again() // a double click
	linh.Sees(playtest.Growth, "G-1")
	linh.SeesNot(playtest.Growth, "G-2")

	asked := linh.In(playtest.Direct).Move(playground.Monday)
	if hanoi := asked.Now.In(inZone(t, "Asia/Ho_Chi_Minh")); hanoi.Format("Mon 15:04") != "Mon 09:00" {
		t.Fatalf("moved to %s in Hanoi", hanoi)
	}
	prompt := len(linh.Messages(playtest.Direct))
	linh.Sees(playtest.Direct, s.title)
	for _, other := range []string{"alex", "sam"} {
		c.As(other).SeesNot(playtest.Direct, s.title)
	}

	linh.Type(playtest.Direct, s.answer)
	waits(t, linh, playtest.Direct, s.receipt)
	if said := linh.Said(playtest.Direct); len(said) != prompt+2 {
		t.Errorf("after the prompt there should be the answer and its receipt:\n%s", strings.Join(said, "\n---\n"))
	}

	linh.Type(playtest.Growth, s.digest)
	linh.Press(s.on)
	linh.Move(playground.Tuesday)
	for _, reader := range []string{"linh", "alex", "sam"} {
		waits(t, c.As(reader), playtest.Growth, s.story)
	}
	if posted := len(c.As("sam").Messages(playtest.Growth)); posted != 1 {
		t.Errorf("Sam sees %d messages in #growth, want the digest alone", posted)
	}
}

// endOfYear reports whether the quarter's last Monday is near: the story would then go beyond the goal's end.
func endOfYear(now time.Time) bool { return now.Month() == time.December && now.Day() > 20 }

func inZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
