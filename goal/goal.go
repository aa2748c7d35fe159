// Package goal is the domain: goals, their metrics and tree, progress and pace, who may do what, and the
// reading of what people type. It is pure: no I/O, no clock (time is an argument), nothing of ours imported.
package goal

import "time"

// ID names a goal within its workspace: "G-12".
type ID string

// PersonID is the platform's own identifier of a person, unique within a workspace.
type PersonID string

// ChannelID is the platform's own identifier of a channel or group conversation.
type ChannelID string

// Goal is anything with an owner, a reason and a way to tell that it is done.
type Goal struct {
	ID         ID         `json:"id"`
	Title      string     `json:"title"`
	Reason     string     `json:"reason,omitempty"`
	Owner      PersonID   `json:"owner"`
	CoOwners   []PersonID `json:"coOwners,omitempty"`
	Creator    PersonID   `json:"creator"`
	Acceptance Acceptance `json:"acceptance"`
	Askings    int        `json:"askings,omitempty"` // how often owners were asked to accept it
	AskedBy    PersonID   `json:"askedBy,omitempty"` // who asked last; see Asker
	Kind       Kind       `json:"kind"`
	Horizon    Horizon    `json:"horizon"`
	Parent     ID         `json:"parent,omitempty"`
	Metric     *Metric    `json:"metric,omitempty"` // nil: a yes/no goal
	Done       bool       `json:"done,omitempty"`   // yes/no goals only
	Start      Date       `json:"start"`
	Due        Date       `json:"due"` // the zero Date: no due date yet
	Cadence    Cadence    `json:"cadence"`
	Status     Status     `json:"status,omitempty"`     // as last declared; empty before the first check-in
	Confidence *int       `json:"confidence,omitempty"` // 0–10, as last declared
	Visibility Visibility `json:"visibility"`
	Channel    ChannelID  `json:"channel,omitempty"`
	Created    time.Time  `json:"created"`
	Closed     *Closing   `json:"closed,omitempty"` // nil while the goal is open
	// Recent holds the newest check-ins, oldest first, at most MaxRecent; the full history is the storage's log.
	Recent []CheckIn `json:"recent,omitempty"`
	// CheckIns counts all check-ins ever, so that their numbers keep growing though Recent is bounded.
	CheckIns int `json:"checkIns,omitempty"`
	// Before is where the goal stood before the oldest of Recent; an edited check-in is derived again from it.
	Before Standing `json:"before,omitzero"`
}

// MaxRecent bounds Goal.Recent: enough for a quarter of weekly check-ins.
const MaxRecent = 13

// Closing says how a goal ended.
type Closing struct {
	At    time.Time `json:"at"`
	By    PersonID  `json:"by"`
	Score Number    `json:"score"` // 0.0–1.0
	Note  string    `json:"note,omitempty"`
	// Undone: it was taken back right after it was made, and counts nowhere.
	Undone bool `json:"undone,omitempty"`
}

// CheckIn is one dated answer about one goal.
type CheckIn struct {
	Seq        int        `json:"seq"` // 1, 2, … within the goal; an edited check-in keeps its number
	At         time.Time  `json:"at"`
	By         PersonID   `json:"by"`
	Period     string     `json:"period,omitempty"` // the occurrence it answers, such as "2026-W48"; empty: unasked
	Value      *Number    `json:"value,omitempty"`
	Done       *bool      `json:"done,omitempty"`
	Confidence *int       `json:"confidence,omitempty"`
	Status     Status     `json:"status"`
	Suggested  Status     `json:"suggested,omitempty"` // what pace or confidence suggested then
	Change     string     `json:"change,omitempty"`    // what changed
	Blocker    string     `json:"blocker,omitempty"`
	Helper     PersonID   `json:"helper,omitempty"` // who offered or is asked to help with the blocker
	Next       string     `json:"next,omitempty"`
	Same       bool       `json:"same,omitempty"` // "nothing changed"
	Edited     *time.Time `json:"edited,omitempty"`
	// Assumption and Heard are the first two answers of the course correction; the third, what to try, is Next.
	Assumption string `json:"assumption,omitempty"`
	Heard      string `json:"heard,omitempty"`
}

// Kind is what a goal is called in its framework.
type Kind string

// The kinds of goals.
const (
	Plain     Kind = "goal"
	Vision    Kind = "vision"
	Objective Kind = "objective"
	KeyResult Kind = "key-result"
	Milestone Kind = "milestone"
)

// Horizon is how far a goal looks ahead.
type Horizon string

// The horizons, the farthest first.
const (
	VisionHorizon    Horizon = "vision"     // 5–10+ years
	LongTerm         Horizon = "long-term"  // over a year
	ShortTerm        Horizon = "short-term" // up to a year
	MilestoneHorizon Horizon = "milestone"  // at most three months
)

// Cadence is how often a goal asks for a check-in.
type Cadence string

// The cadences.
const (
	Weekly    Cadence = "weekly"
	Biweekly  Cadence = "biweekly"
	Monthly   Cadence = "monthly"
	Quarterly Cadence = "quarterly"
	Yearly    Cadence = "yearly"
)

// Status is how a goal stands.
type Status string

// The statuses. Unknown is never declared: it is what a goal has before its first check-in.
const (
	Unknown  Status = ""
	OnTrack  Status = "on-track"
	AtRisk   Status = "at-risk"
	OffTrack Status = "off-track"
)

// Visibility says who sees a goal.
type Visibility string

// Shared goals follow their channel; private goals are seen by the people they name and nobody else.
const (
	Shared  Visibility = "shared"
	Private Visibility = "private"
)

// Acceptance is the owner's answer to a goal that somebody else made for them.
type Acceptance string

// The answers an owner can have given.
const (
	Accepted   Acceptance = "accepted"
	Proposed   Acceptance = "proposed"
	HandedBack Acceptance = "handed-back"
)
