package storage

import (
	"strings"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

func TestDocumentAsWritten(t *testing.T) {
	doc, err := encodeDocument(17, &conversation.Tree{Next: 3})
	if err != nil || doc != `17 1 {"next":3}` {
		t.Errorf("a document is written %q, %v", doc, err)
	}
}

func TestDocumentsRefused(t *testing.T) {
	ref := conversation.Ref{Kind: conversation.PersonKind, ID: "U1"}
	for name, doc := range map[string]string{
		"nothing":             "",
		"no version":          `{"id":"U1"}`,
		"version zero":        `0 1 {"id":"U1"}`,
		"version with a sign": `+1 1 {"id":"U1"}`,
		"version too long":    `99999999999999999999 1 {"id":"U1"}`,
		"no schema":           `1 {"id":"U1"}`,
		"a newer schema":      `1 2 {"id":"U1"}`,
		"schema zero":         `1 0 {"id":"U1"}`,
		"half a document":     `1 1 {"id":"U1"`,
		"two documents":       `1 1 {"id":"U1"}{}`,
		"another's document":  `1 1 {"id":"U2"}`,
		"too long":            `1 1 {"id":"U1","typed":"` + strings.Repeat("x", maxBytes) + `"}`,
	} {
		if _, r, err := decodeDocument(ref, doc); err == nil || r != nil {
			t.Errorf("%s was read as %v", name, r)
		} else if !strings.Contains(err.Error(), `person "U1"`) {
			t.Errorf("%s: %v does not say where", name, err)
		}
	}
	if _, err := encodeDocument(1, &conversation.Person{ID: "U1", Typed: strings.Repeat("x", maxBytes)}); err == nil {
		t.Error("a document of any size was written")
	}
}

// FuzzDocument: what is read is written again the same, and nothing panics.
func FuzzDocument(f *testing.F) {
	for _, kind := range []conversation.Kind{"goal", "person", "talk", "channel", "tree", "message"} {
		f.Add(string(kind), "U1", `1 1 {"id":"U1","person":"U1","key":"U1"}`)
	}
	f.Add("goal", "G-1", `17 1 {"id":"G-1","metric":{"target":"1e9999999"},"start":"2026-02-30"}`)
	f.Add("nonsense", "", `1 1 null`)
	f.Fuzz(func(t *testing.T, kind, id, doc string) {
		ref := conversation.Ref{Kind: conversation.Kind(kind), ID: id}
		version, r, err := decodeDocument(ref, doc)
		if err != nil {
			return
		}
		again, err := encodeDocument(version, r)
		if err != nil {
			return // such as a year beyond 9999, which JSON's times cannot hold
		}
		if v, same, err := decodeDocument(ref, again); err != nil || v != version || same.Ref() != ref {
			t.Errorf("%q was written again as %q, which reads %v (%v)", doc, again, same, err)
		}
	})
}

// FuzzCheckIn does the same for entries of a log.
func FuzzCheckIn(f *testing.F) {
	f.Add(`1 {"seq":1,"value":"210.50","status":"on-track"}`)
	f.Add(`2 {}`)
	f.Add(`1 {"value":"1e-99999999"}`)
	f.Fuzz(func(t *testing.T, entry string) {
		c, err := decodeCheckIn(entry)
		if err != nil {
			return
		}
		again, err := encodeCheckIn(goal.CheckIn{Seq: c.Seq, By: c.By, Change: c.Change})
		if err != nil {
			t.Fatal(err)
		}
		if d, err := decodeCheckIn(again); err != nil || d.Seq != c.Seq {
			t.Errorf("%q was written again as %q (%v)", entry, again, err)
		}
	})
}

func TestScores(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 1, time.UTC)
	if s := scoreOf(at); s != 1795424400001000 || timeOf(s).Sub(at) != time.Millisecond-1 {
		t.Errorf("a score is rounded up: %d", s)
	}
	if scoreOf(at) <= dueUntil(at) {
		t.Error("a timer is due before its time")
	}
	for _, odd := range []time.Time{{}, time.Unix(-1, 0), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(1<<62, 0)} {
		if s := scoreOf(odd); s < 0 || s >= 1<<53 || dueUntil(odd) > 1<<53 {
			t.Errorf("%v has the score %d", odd, s)
		}
	}
}
