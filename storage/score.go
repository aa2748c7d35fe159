package storage

import (
	"fmt"
	"strconv"
	"time"
)

// A score of the due set is a time in Unix milliseconds followed by three digits, the mark: 000 while the timer
// waits, 001 to 499 while somebody holds it until that time, and 500 more when it was armed meanwhile for later than
// that. The mark changes with every lease, so a holder that compares the whole score knows whether the timer is still
// theirs. Scores stay below 2^53, up to which the sorted set and Lua count exactly, until the year 2255.
const (
	marks    = 1000
	maxMilli = (1<<53)/marks - 1
)

// scoreOf is the score of a timer that waits for t, rounded up so that it never comes before its time.
func scoreOf(t time.Time) int64 { return clamp(t.Add(time.Millisecond-1).UnixMilli()) * marks }

// dueUntil is the highest score that is due at t.
func dueUntil(t time.Time) int64 { return clamp(t.UnixMilli())*marks + marks - 1 }

// timeOf is the time of a score.
func timeOf(score int64) time.Time { return time.UnixMilli(score / marks).UTC() }

func clamp(milli int64) int64 { return min(max(milli, 0), maxMilli) }

// parseScore reads a score as Redis writes it, 0 when it is empty; a large one may come in scientific notation.
func parseScore(score any) (int64, error) {
	text, ok := score.(string)
	if !ok {
		return 0, fmt.Errorf("%v is no score", score)
	}
	if text == "" {
		return 0, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	return int64(f), err
}
