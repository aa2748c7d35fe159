package storage

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	fast "github.com/go-json-experiment/json/v1"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// A record is one string, "17 1 {…}": its version, which scripts compare without reading further, the schema
// of its JSON, and the JSON. An entry of a log is "1 {…}": schema and JSON.
//
// Readers accept this schema and the one before, so that replicas of two releases can work side by side; a
// newer one is refused, because writing it back would lose what is not understood. The first schema is 1.
const (
	schema   = 1
	oldest   = 1
	maxBytes = 1 << 20 // of one document; the largest honest ones have some tens of kilobytes
)

// garbageAfter is how long a message is kept that reached its end.
const garbageAfter = 60 * 24 * time.Hour

func encodeDocument(version int64, r conversation.Record) (string, error) {
	body, err := encode(r)
	if err != nil {
		return "", fmt.Errorf("writing %s %q: %w", r.Ref().Kind, r.Ref().ID, err)
	}
	return strconv.FormatInt(version, 10) + " " + body, nil
}

// decodeDocument reads a record that stands under the key of ref.
func decodeDocument(ref conversation.Ref, doc string) (int64, conversation.Record, error) {
	fail := func(err error) (int64, conversation.Record, error) {
		return 0, nil, fmt.Errorf("reading %s %q: %w", ref.Kind, ref.ID, err)
	}
	front, body, _ := strings.Cut(doc, " ")
	version, err := strconv.ParseInt(front, 10, 64)
	if err != nil || version < 1 || front != strconv.FormatInt(version, 10) {
		return fail(fmt.Errorf("it begins with %.20q, not with a version", front))
	}
	r := conversation.NewRecord(ref.Kind)
	if r == nil {
		return fail(errors.New("the kind is unknown"))
	}
	if err := decode(body, r); err != nil {
		return fail(err)
	}
	if r.Ref() != ref {
		return fail(fmt.Errorf("it is the document of %s %.40q", r.Ref().Kind, r.Ref().ID))
	}
	return version, r, nil
}

func encodeCheckIn(c goal.CheckIn) (string, error) { return encode(c) }

func decodeCheckIn(entry string) (c goal.CheckIn, err error) {
	if err := decode(entry, &c); err != nil {
		return goal.CheckIn{}, fmt.Errorf("reading a check-in: %w", err)
	}
	return c, nil
}

func encode(v any) (string, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	if len(body) > maxBytes {
		return "", fmt.Errorf("it has %d bytes, more than %d", len(body), maxBytes)
	}
	return strconv.Itoa(schema) + " " + string(body), nil
}

func decode(s string, into any) error {
	front, body, _ := strings.Cut(s, " ")
	n, err := strconv.Atoi(front)
	switch {
	case err != nil || n < oldest:
		return fmt.Errorf("%.20q is not a schema", front)
	case n > schema:
		return fmt.Errorf("it has schema %d, written by a newer release than this one, which knows %d", n, schema)
	case len(body) > maxBytes:
		return fmt.Errorf("it has %d bytes, more than %d", len(body), maxBytes)
	}
	return fast.Unmarshal([]byte(body), into) // as encoding/json does, in half the time: reading is most of a Monday's work
}

// lifetime is the TTL of a record in seconds, 0 for ever: only messages end.
func lifetime(r conversation.Record) int64 {
	m, ok := r.(*conversation.Message)
	if !ok {
		return 0
	}
	if m.Arrived() {
		return int64(garbageAfter / time.Second)
	}
	return 0
}
