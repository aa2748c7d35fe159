package conversation

import (
	"context"
	"time"
)

// Limit is a bucket of calls: as many as Burst at once, and one more after each Every.
type Limit struct {
	Every time.Duration
	Burst int
}

// Within is the limit that keeps every stretch of time as long as per at or below n calls, of which burst may come
// at once.
func Within(n int, per time.Duration, burst int) Limit {
	room := time.Duration(n - burst + 1)
	return Limit{Every: ((per+room-1)/room + time.Microsecond - 1).Truncate(time.Microsecond), Burst: burst}
}

// Bucket is what a platform lets a workspace's bot do, named after a method or a conversation. All of its limits
// hold at once.
type Bucket struct {
	Name   string
	Limits []Limit
}

// Toll is what one call takes.
type Toll struct {
	Shared Bucket   // what the whole workspace shares; those who wait for it stand in line
	Calls  int      // of the shared bucket that it takes; 0 counts as 1
	Own    []Bucket // narrower ones, such as its conversation's
}

// Ask is a message's wish to be sent. Asking again under the same key keeps its place.
type Ask struct {
	Key    string
	Urgent bool
	Toll
}

// Pacer shares what platforms allow among all replicas. It never waits: it says when to ask again.
type Pacer interface {
	// Take answers for each ask with the zero time, which says to call now, or with when to ask again.
	Take(ctx context.Context, ws Workspace, now time.Time, asks ...Ask) ([]time.Time, error)
	// Spend is for a call that cannot come again, such as a look-up while somebody waits: zero when it may be made
	// now, if on the account of the next second.
	Spend(ctx context.Context, ws Workspace, now time.Time, toll Toll) (time.Time, error)
	// Shut closes buckets by their names until the platform wants to hear from us again.
	Shut(ctx context.Context, ws Workspace, now, until time.Time, names ...string) error
}
