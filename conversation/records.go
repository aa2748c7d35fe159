package conversation

import (
	"strings"
	"time"

	"goalkeeper/goal"
)

// Kind is a kind of record.
type Kind string

// The kinds of records.
const (
	GoalKind    Kind = "goal"
	PersonKind  Kind = "person"
	TalkKind    Kind = "talk"
	ChannelKind Kind = "channel"
	TreeKind    Kind = "tree"
	MessageKind Kind = "message"
	RepairKind  Kind = "repair"
)

// Ref names a record in its workspace.
type Ref struct {
	Kind Kind
	ID   string
}

// Record is a document that is read, changed and saved as a whole.
type Record interface{ Ref() Ref }

// Index is a set of ids that storage keeps up to date by itself.
type Index struct {
	Name IndexName
	Of   string // the person, channel or parent; empty for those of the whole workspace
}

// IndexName says what an index lists.
type IndexName string

// The indexes. The first list ids of goals; open ones only, but for ClosedIn.
const (
	AllOpen  IndexName = "open"      // every open goal of the workspace
	OwnedBy  IndexName = "owner"     // owner or co-owner
	MadeBy   IndexName = "creator"   // proposed to somebody else by the person, and not accepted
	InRoom   IndexName = "channel"   // belonging to a channel
	Children IndexName = "parent"    // serving a goal
	ClosedIn IndexName = "closed-in" // closed, belonging to a channel

	DigestOn    IndexName = "digest-on"   // channels that get a digest
	Outbox      IndexName = "outbox"      // messages on their way
	Undelivered IndexName = "undelivered" // messages that failed or are uncertain; the repair pass drops expired ones
)

// Goal is a goal as a record.
type Goal struct{ goal.Goal }

// Person is somebody the bot talks with, and how they want it.
type Person struct {
	ID      goal.PersonID `json:"id"`
	Profile Profile       `json:"profile"`         // as the platform last told
	AsOf    time.Time     `json:"asOf,omitzero"`   // when it told
	Typed   string        `json:"typed,omitempty"` // the language in which they last typed a whole phrase
	Chosen  Choices       `json:"chosen"`          // set by hand
	Greeted bool          `json:"greeted,omitempty"`
	Asked   bool          `json:"asked,omitempty"` // has been asked which language they want
	Made    Spree         `json:"made,omitzero"`
}

// Spree counts the goals that a person made on the last day on which they made any.
type Spree struct {
	On goal.Date `json:"on"`
	N  int       `json:"n"`
}

// Choices are what a person set by hand; empty parts follow the platform, then the defaults.
type Choices struct {
	Language string        `json:"language,omitempty"` // "en" or "vi"
	Zone     string        `json:"zone,omitempty"`
	Weekday  *time.Weekday `json:"weekday,omitempty"`
	Hour     string        `json:"hour,omitempty"` // "09:00"
	Off      bool          `json:"off,omitempty"`  // no weekly check-ins
	// Since is when day, hour or zone were last chosen: no check-in is missed before it.
	Since time.Time `json:"since,omitzero"`
}

// Talk is the check-in conversation with one person: the open period and where they stand in it.
type Talk struct {
	Person  goal.PersonID       `json:"person"`
	Period  string              `json:"period,omitempty"`  // "2026-W48"; empty: never asked
	Due     time.Time           `json:"due,omitzero"`      // the occurrence; zero when the person opened it by hand before
	Opened  time.Time           `json:"opened,omitzero"`   // when it was asked
	Late    time.Time           `json:"late,omitzero"`     // when it should have been, if it came late
	Asked   []goal.ID           `json:"asked,omitempty"`   // most urgent first
	Settled map[goal.ID]Outcome `json:"settled,omitempty"` // of those asked
	Snoozed time.Time           `json:"snoozed,omitzero"`  // ask again then
	Rounds  int                 `json:"rounds,omitempty"`  // prompts sent in this period: 1, and one for each snooze
	Nudged  bool                `json:"nudged,omitempty"`
	Skipped bool                `json:"skipped,omitempty"`
	Reason  string              `json:"reason,omitempty"` // for skipping
	Missed  int                 `json:"missed,omitempty"` // periods in a row without a word
	Unclear *Unclear            `json:"unclear,omitempty"`
	Expect  *Expectation        `json:"expect,omitempty"`
	// Courses are the course corrections offered in this period, each with the check-in that raised it.
	Courses map[goal.ID]Offer `json:"courses,omitempty"`
}

// Offer is a course correction that was offered: at most one for a goal and period.
type Offer struct {
	Seq int       `json:"seq"` // the check-in's number
	At  time.Time `json:"at"`
}

// Outcome is how an asked goal was settled.
type Outcome struct {
	Seq int           `json:"seq,omitempty"` // the check-in's number; 0: skipped
	By  goal.PersonID `json:"by"`
	At  time.Time     `json:"at"`
}

// Unclear is an answer that can be read in more than one way; it waits until somebody decides.
type Unclear struct {
	Nonce string    `json:"nonce"`
	Goal  goal.ID   `json:"goal,omitempty"`
	Text  string    `json:"text"`
	At    time.Time `json:"at"`
}

// Expectation is what the next typed line would answer.
type Expectation struct {
	Goal  goal.ID   `json:"goal"`
	What  string    `json:"what"` // "value", "experiment", …
	Since time.Time `json:"since"`
}

// Channel is what a channel chose about its digest, and what its last digest said.
type Channel struct {
	ID      goal.ChannelID  `json:"id"`
	Room    Room            `json:"room"`
	AsOf    time.Time       `json:"asOf,omitzero"`
	Leads   []goal.PersonID `json:"leads,omitempty"`
	SetBy   goal.PersonID   `json:"setBy,omitempty"`   // who first set the digest, until a lead is named
	Offered bool            `json:"offered,omitempty"` // the digest was offered with the first goal
	Digest  DigestPlan      `json:"digest"`
}

// DigestPlan is when and how a channel gets its digest.
type DigestPlan struct {
	On       bool         `json:"on,omitempty"`
	Weekday  time.Weekday `json:"weekday"`
	Hour     string       `json:"hour,omitempty"` // "10:00"
	Zone     string       `json:"zone,omitempty"`
	Language string       `json:"language,omitempty"`
	Since    time.Time    `json:"since,omitzero"` // turned on or last changed: no occurrence before it
	Last     string       `json:"last,omitempty"` // the last posted period
	LastAt   time.Time    `json:"lastAt,omitzero"`
	// What the last digest reported from, and when it was due: to bring it up to date after a correction.
	LastSince time.Time `json:"lastSince,omitzero"`
	LastDue   time.Time `json:"lastDue,omitzero"`
	LastLate  bool      `json:"lastLate,omitempty"` // it says that it comes late
	Again     int       `json:"again,omitempty"`    // how often it was posted again by hand, because nobody knew whether it was there
}

// Tree serialises edits of the workspace's tree, and numbers its goals.
type Tree struct {
	Next int `json:"next"` // the number of the next goal
}

// Ref names the goal.
func (g *Goal) Ref() Ref { return Ref{GoalKind, string(g.ID)} }

// Ref names the person.
func (p *Person) Ref() Ref { return Ref{PersonKind, string(p.ID)} }

// Ref names the talk by its person.
func (t *Talk) Ref() Ref { return Ref{TalkKind, string(t.Person)} }

// Ref names the channel.
func (c *Channel) Ref() Ref { return Ref{ChannelKind, string(c.ID)} }

// Ref names the workspace's only tree.
func (t *Tree) Ref() Ref { return Ref{TreeKind, ""} }

// Ref names the message by its key.
func (m *Message) Ref() Ref { return Ref{MessageKind, m.Key} }

// NewRecord is an empty record of the kind, for storage to decode into; nil for an unknown kind.
func NewRecord(k Kind) Record {
	switch k {
	case GoalKind:
		return &Goal{}
	case PersonKind:
		return &Person{}
	case TalkKind:
		return &Talk{}
	case ChannelKind:
		return &Channel{}
	case TreeKind:
		return &Tree{}
	case MessageKind:
		return &Message{}
	case RepairKind:
		return &Repair{}
	}
	return nil
}

// Indexes lists where the record belongs.
func Indexes(r Record) []Index {
	switch r := r.(type) {
	case *Goal:
		return r.indexes()
	case *Channel:
		if r.Digest.On {
			return []Index{{DigestOn, ""}}
		}
	case *Message:
		return r.indexes()
	}
	return nil
}

func (g *Goal) indexes() []Index {
	if g.Closed != nil {
		return within(nil, ClosedIn, string(g.Channel))
	}
	in := []Index{{AllOpen, ""}, {OwnedBy, string(g.Owner)}}
	for _, p := range g.CoOwners {
		in = within(in, OwnedBy, string(p))
	}
	if g.Acceptance != goal.Accepted {
		in = within(in, MadeBy, string(g.Asker()))
	}
	in = within(in, InRoom, string(g.Channel))
	return within(in, Children, string(g.Parent))
}

func within(in []Index, name IndexName, of string) []Index {
	if strings.TrimSpace(of) == "" {
		return in
	}
	return append(in, Index{name, of})
}

// Shelf holds what was read, with its versions.
type Shelf struct {
	records  map[Ref]Record
	versions map[Ref]int64
	indexes  map[Ref][]Index
}

// NewShelf is an empty shelf.
func NewShelf() *Shelf {
	return &Shelf{records: map[Ref]Record{}, versions: map[Ref]int64{}, indexes: map[Ref][]Index{}}
}

// Put lays a record down with its version; a nil record at version 0 is remembered as absent. The indexes it
// belongs to are noted at once, because a turn may change the record in place.
func (s *Shelf) Put(ref Ref, version int64, r Record) {
	s.versions[ref] = version
	if r != nil {
		s.records[ref], s.indexes[ref] = r, Indexes(r)
	}
}

// Merge takes over everything from another shelf; what was read before keeps its version.
func (s *Shelf) Merge(t *Shelf) {
	for ref, v := range t.versions {
		if _, known := s.versions[ref]; !known {
			s.Put(ref, v, t.records[ref])
			s.indexes[ref] = t.indexes[ref]
		}
	}
}

// Indexed is where the record belonged when it was read.
func (s *Shelf) Indexed(ref Ref) []Index { return s.indexes[ref] }

// Versions are all that was read, absent records at 0.
func (s *Shelf) Versions() map[Ref]int64 { return s.versions }

// Take is the record of the given type, nil when absent.
func Take[T Record](s *Shelf, kind Kind, id string) T {
	r, _ := s.records[Ref{kind, id}].(T)
	return r
}
