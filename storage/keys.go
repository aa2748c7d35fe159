package storage

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// space makes the keys of one workspace and cannot make another's: its tag is fixed, and whatever an id holds
// stands behind it. All keys of a workspace share the hash tag, and so a slot:
//
//	gk:{slack:T012}:goal:G-12             a record, see document.go (person, talk, channel, tree, message alike)
//	gk:{slack:T012}:log:G-12              sorted set of a goal's check-ins, scored by their number
//	gk:{slack:T012}:in:owner:U1           set of the ids in an index
//	gk:{slack:T012}:claim:Ev0123          what came of an act, remembered for conversation.ClaimFor
//	gk:{slack:T012}:contact:U1            what an adapter keeps
//	gk:{slack:T012}:pace:bucket:…         what is left of a platform's allowance; see pace.lua for this and the next
//	gk:{slack:T012}:pace:line:…           sorted set of the messages that wait for a bucket; :rush: of urgent ones
//	gk:{slack:T012}:pace:back:…           sorted set of the same, scored by when they mean to come back
//	gk:{slack:T012}:pace:turns:…          hash of the turns that were given away
//
// Every kind of key ends in exactly one free part, which therefore needs no escaping: it runs to the end.
type space struct{ prefix string }

// Limits of what may become part of a key.
const (
	maxWorkspace = 200
	maxID        = 1024
)

// spaceOf is the workspace's corner of the store.
func spaceOf(ws conversation.Workspace) (space, error) {
	if err := storable(ws); err != nil {
		return space{}, err
	}
	return space{"gk:{" + tagged.Replace(string(ws)) + "}:"}, nil
}

func storable(ws conversation.Workspace) error {
	if ws == "" || len(ws) > maxWorkspace || !utf8.ValidString(string(ws)) {
		return fmt.Errorf("workspace %.40q cannot be stored: it must have between 1 and %d bytes of UTF-8", string(ws), maxWorkspace)
	}
	return nil
}

// tagged keeps braces out of a hash tag. The percent sign is escaped too, so that two workspaces never meet.
var tagged = strings.NewReplacer("%", "%25", "{", "%7B", "}", "%7D")

func (s space) record(ref conversation.Ref) (string, error) {
	if conversation.NewRecord(ref.Kind) == nil {
		return "", fmt.Errorf("no record is of the kind %q", ref.Kind)
	}
	return s.key(string(ref.Kind), ref.ID)
}

func (s space) index(ix conversation.Index) (string, error) {
	if !plainWord(string(ix.Name)) {
		return "", fmt.Errorf("no index has the name %q", ix.Name)
	}
	return s.key("in:"+string(ix.Name), ix.Of)
}

func (s space) log(id goal.ID) (string, error)    { return s.key("log", string(id)) }
func (s space) claim(act string) (string, error)  { return s.key("claim", act) }
func (s space) contact(id string) (string, error) { return s.key("contact", id) }

// pacePart is a kind of key that pace.lua works on.
type pacePart string

const (
	bucketPart pacePart = "bucket"
	linePart   pacePart = "line"
	rushPart   pacePart = "rush"
	backPart   pacePart = "back"
	turnsPart  pacePart = "turns"
)

func (s space) pace(part pacePart, name string) (string, error) {
	return s.key("pace:"+string(part), name)
}

// key puts the free part behind a fixed one. An id that is not UTF-8 would not survive its own JSON.
func (s space) key(fixed, free string) (string, error) {
	if len(free) > maxID || !utf8.ValidString(free) {
		return "", fmt.Errorf("the %s %.40q… cannot be stored: an id has at most %d bytes of UTF-8", fixed, free, maxID)
	}
	return s.prefix + fixed + ":" + free, nil
}

func plainWord(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz-") == ""
}

// workspacesKey is the set of all workspaces in which something was saved. It belongs to none of them.
const workspacesKey = "gk:workspaces"

// shards is the number of sorted sets that each lane of the due set is spread over. It is part of the data:
// another number would not find what is armed.
const shards = 4

// lane is a shard of the timers of one kind. The due set belongs to no workspace, since its workers serve all.
type lane struct {
	kind  conversation.TimerKind
	shard int
}

// dueKey is the sorted set of a lane's shard: gk:due:{checkin:0}.
func dueKey(at lane) string { return "gk:due:{" + string(at.kind) + ":" + strconv.Itoa(at.shard) + "}" }

// leaseKey is the counter that tells one lease in a shard from the next; it lives in its shard's slot.
func leaseKey(at lane) string { return dueKey(at) + ":leases" }

// wakeChannel is where arming something that comes first in its shard is told.
const wakeChannel = "gk:due:wake"

// spot is where a timer stands in the due set.
type spot struct {
	lane
	member string
}

func spotOf(t conversation.Timer) (spot, error) {
	if !plainWord(string(t.Kind)) {
		return spot{}, fmt.Errorf("no timer is of the kind %q", t.Kind)
	}
	member, err := memberOf(t)
	if err != nil {
		return spot{}, err
	}
	return spot{lane{t.Kind, shardOf(member)}, member}, nil
}

// shardOf spreads members evenly.
func shardOf(member string) int {
	h := fnv.New32a()
	_, _ = io.WriteString(h, member)
	return int(h.Sum32() % shards)
}

// memberOf writes whose timer it is as workspace|subject, each part escaped so that no bar stands in it. It is
// kept short, since its length is most of what a timer takes in memory; the kind is the lane's.
func memberOf(t conversation.Timer) (string, error) {
	if err := storable(t.Workspace); err != nil {
		return "", err
	}
	if len(t.Subject) > maxID {
		return "", fmt.Errorf("the subject %.40q… of a timer has over %d bytes", t.Subject, maxID)
	}
	return escape.Replace(string(t.Workspace)) + "|" + escape.Replace(t.Subject), nil
}

// parseMember reads what memberOf wrote, and nothing else.
func parseMember(kind conversation.TimerKind, member string) (conversation.Timer, error) {
	first, second, _ := strings.Cut(member, "|")
	ws, err1 := url.PathUnescape(first)
	subject, err2 := url.PathUnescape(second)
	if err := errors.Join(err1, err2); err != nil {
		return conversation.Timer{}, fmt.Errorf("%.80q is not a timer: %w", member, err)
	}
	t := conversation.Timer{Workspace: conversation.Workspace(ws), Kind: kind, Subject: subject}
	if again, err := memberOf(t); err != nil || again != member {
		return conversation.Timer{}, fmt.Errorf("%.80q is not a timer as it would be written", member)
	}
	return t, nil
}

var escape = strings.NewReplacer("%", "%25", "|", "%7C")
