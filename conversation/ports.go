package conversation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"goalkeeper/goal"
)

// Records keeps everything that must be true tomorrow, one workspace at a time.
type Records interface {
	// Read loads records; those that do not exist are absent from the shelf, at version 0.
	Read(ctx context.Context, ws Workspace, refs ...Ref) (*Shelf, error)
	// Find lists the ids in an index, in the order of their numbers or names.
	Find(ctx context.Context, ws Workspace, ix Index) ([]string, error)
	// Commit saves all of it or nothing, in one step: ErrConflict when a record that was read has changed
	// since, *Repeated when a claim was taken before.
	Commit(ctx context.Context, ws Workspace, c Commit) error
}

// History reads the whole log of a goal's check-ins, newest first, at most limit of them.
type History interface {
	CheckIns(ctx context.Context, ws Workspace, id goal.ID, limit int) ([]goal.CheckIn, error)
}

// Commit is one change.
type Commit struct {
	Now    time.Time
	Read   *Shelf   // the versions that the decision relied on
	Write  []Record // saved whole, with the indexes they belong to
	Log    []Entry  // appended
	Claims []Claim  // taken, each for ClaimFor
}

// ClaimFor is how long a claim is remembered: longer than any platform redelivers and any button is likely
// to be pressed again.
const ClaimFor = 30 * 24 * time.Hour

// Claim makes an act or a delivery happen once. Result tells the repetition what came of it.
type Claim struct {
	Key    string
	Result string
}

// Entry is a check-in for the log of its goal.
type Entry struct {
	Goal    goal.ID
	CheckIn goal.CheckIn
}

// ErrConflict says that somebody else changed a record in between: read and decide again.
var ErrConflict = errors.New("a record changed since it was read")

// ErrUnavailable says that nothing could be read or saved because the store does not answer; whether a Commit
// that ended so took place is unknown, and its claims make doing it again safe.
var ErrUnavailable = errors.New("the store cannot be reached")

// ErrUnsure says that a Commit was on its way when the store, or the time, gave out: it may have taken place.
var ErrUnsure = errors.New("it is not known whether the change was saved")

// Repeated says that the act had its effect already.
type Repeated struct{ Result string }

// Error makes Repeated an error of Commit.
func (r *Repeated) Error() string { return fmt.Sprintf("done before, with the result %q", r.Result) }

// Timers remembers when to look at a record again.
type Timers interface {
	// Arm keeps the earlier of an armed and a new time for the same workspace, kind and subject.
	Arm(ctx context.Context, timers ...Timer) error
}

// Timer is a hint to look at something at a time; the record decides what is to be done then.
type Timer struct {
	Workspace Workspace
	Kind      TimerKind
	Subject   string
	At        time.Time
}

// Claimed is a timer that a worker holds for a while. Lease is the score that it holds; whoever arms the timer
// meanwhile changes that score, so that finishing fails and the timer comes again.
type Claimed struct {
	Timer
	Lease int64
}

// Finished is a claimed timer that its worker is done with. Next is when it is armed again; zero removes it.
type Finished struct {
	Claimed
	Next time.Time
}

// Verdict is what came of handling a timer: when to look again, zero for never; after an error the timer comes
// again by itself, later each time.
type Verdict struct {
	Next time.Time
	Err  error
}

// TimerKind says who looks. Each kind is a lane of its own, with workers of its own.
type TimerKind string

// The kinds of timers, with what their subject is.
const (
	CheckInTimer TimerKind = "checkin" // a person: ask, ask again, remind
	DigestTimer  TimerKind = "digest"  // a channel
	SendTimer    TimerKind = "send"    // a message's key; handled by delivery
	UrgentTimer  TimerKind = "urgent"  // the same, where somebody waits for the message: it overtakes the others
	RepairTimer  TimerKind = "repair"  // nothing: arm what the workspace's records call for
)

// TimerKinds are all kinds there are.
var TimerKinds = []TimerKind{UrgentTimer, CheckInTimer, DigestTimer, SendTimer, RepairTimer}

// Calendar turns a schedule and a zone into instants.
type Calendar interface {
	// Next is the first occurrence of the cron spec ("0 9 * * 1", minute hour day month weekday) strictly
	// after the given instant: once per local date, in a gap the first valid instant after it, in an overlap
	// the first of the two.
	Next(spec string, zone *time.Location, after time.Time) (time.Time, error)
}

// Directory asks the platform who and what is there. Its answers may be minutes old.
type Directory interface {
	Person(ctx context.Context, ws Workspace, id goal.PersonID) (Profile, error)
	Channel(ctx context.Context, ws Workspace, id goal.ChannelID) (Room, error)
	// IsMember reports whether the person is in the channel. Where the platform does not let the bot look,
	// it answers ErrHidden.
	IsMember(ctx context.Context, ws Workspace, in goal.ChannelID, id goal.PersonID) (bool, error)
}

// The errors of a Directory beside outages.
var (
	ErrNobody = errors.New("no such person or channel")
	ErrHidden = errors.New("the platform does not let the bot look there")
)

// Profile is what a platform tells about a person. Empty parts are unknown.
type Profile struct {
	Name     string `json:"name,omitempty"`     // "Linh Trần", as others see it
	Zone     string `json:"zone,omitempty"`     // IANA name
	Language string `json:"language,omitempty"` // BCP 47, as the platform gives it: "vi-VN"
	Admin    bool   `json:"admin,omitempty"`
	Guest    bool   `json:"guest,omitempty"`
	Bot      bool   `json:"bot,omitempty"`
	Gone     bool   `json:"gone,omitempty"` // deactivated or left
}

// Room is what a platform tells about a channel.
type Room struct {
	Name    string `json:"name,omitempty"`
	Private bool   `json:"private,omitempty"`
	Present bool   `json:"present,omitempty"` // the bot is in it and may post
	Gone    bool   `json:"gone,omitempty"`    // archived or deleted
}
