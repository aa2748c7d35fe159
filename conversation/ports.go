package conversation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"goalkeeper/conversation/card"
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

// TimerKind says who looks.
type TimerKind string

// The kinds of timers, with what their subject is.
const (
	CheckInTimer TimerKind = "checkin" // a person: ask, ask again, remind
	DigestTimer  TimerKind = "digest"  // a channel
	SendTimer    TimerKind = "send"    // a message's key; handled by delivery
)

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

// Address is where a message goes: to a person's direct conversation, into a channel, or, as a whisper, into
// a channel for one person's eyes.
type Address struct {
	Person  goal.PersonID  `json:"person,omitempty"`
	Channel goal.ChannelID `json:"channel,omitempty"`
	Under   string         `json:"under,omitempty"` // the key of the message whose thread it belongs to
}

// Message is something for others to see, or to be seen later: what is wanted, and how far delivery came.
// Whoever wants it shown differently changes Card and raises Revision; delivery makes the platform follow.
type Message struct {
	Key      string    `json:"key"` // "checkin:U1:2026-W48": at most one message of that meaning exists
	To       Address   `json:"to"`
	Card     card.Card `json:"card"`
	Language string    `json:"language"`
	Urgent   bool      `json:"urgent,omitempty"` // somebody is waiting for it: before the bulk
	Revision int       `json:"revision"`         // 1, 2, … of what is wanted
	Created  time.Time `json:"created"`

	Delivery Delivery `json:"delivery"`
}

// Delivery is how far a message came. Only delivery workers write it.
type Delivery struct {
	State    DeliveryState `json:"state,omitempty"`
	Shown    int           `json:"shown,omitempty"` // the revision that the platform shows
	Ref      string        `json:"ref,omitempty"`   // the platform's id of the message, opaque
	Tries    int           `json:"tries,omitempty"`
	Began    time.Time     `json:"began,omitzero"`    // of the attempt under way
	Since    time.Time     `json:"since,omitzero"`    // of the first attempt in the present row of failures
	NotUntil time.Time     `json:"notUntil,omitzero"` // the platform asked to wait
	Reason   string        `json:"reason,omitempty"`  // why it failed or is uncertain, for people who run it
}

// DeliveryState is where a message is on its way.
type DeliveryState string

// The states of delivery. Sending that is found again after a crash is in doubt: it is looked up where the
// platform allows, and else becomes Uncertain and is not sent again.
const (
	Waiting   DeliveryState = ""
	Sending   DeliveryState = "sending"
	Sent      DeliveryState = "sent"
	Uncertain DeliveryState = "uncertain"
	Failed    DeliveryState = "failed"
)
