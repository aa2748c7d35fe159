package storage

import (
	"strings"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// The largest goal that people can write fits: each text as long as it may be, of the characters that take the most
// bytes when they are stored.
func TestTheLargestGoalFits(t *testing.T) {
	for _, worst := range []string{"<", "\U0001F600", "\""} {
		note := strings.Repeat(worst, goal.MaxNote)
		g := &conversation.Goal{Goal: goal.Goal{ID: "G-1", Title: strings.Repeat(worst, goal.MaxTitle), Reason: strings.Repeat(worst, goal.MaxReason)}}
		for n := range goal.MaxRecent {
			g.Recent = append(g.Recent, goal.CheckIn{
				Seq: n + 1, At: time.Unix(1, 0), Change: note, Blocker: note, Next: note, Assumption: note, Heard: note,
			})
		}
		document, err := encodeDocument(1, g)
		if err != nil {
			t.Fatalf("%q: %v", worst, err)
		}
		t.Logf("%q: %d bytes of %d", worst, len(document), maxBytes)
	}
}
