package storage

import (
	"slices"
	"strings"
	"testing"

	"goalkeeper/conversation"
	"goalkeeper/goal"

	"pgregory.net/rapid"
)

// tagOf is the part of a key that decides its slot, by the rule of the Redis Cluster specification ("Hash
// tags"): what stands between the first { and the first } after it, unless that is nothing.
func tagOf(key string) string {
	_, after, found := strings.Cut(key, "{")
	tag, _, closed := strings.Cut(after, "}")
	if !found || !closed || tag == "" {
		return key
	}
	return tag
}

func TestKeysAsWritten(t *testing.T) {
	sp, err := spaceOf("slack:T012")
	if err != nil {
		t.Fatal(err)
	}
	record, _ := sp.record(conversation.Ref{Kind: conversation.GoalKind, ID: "G-12"})
	tree, _ := sp.record(conversation.Ref{Kind: conversation.TreeKind})
	index, _ := sp.index(conversation.Index{Name: conversation.ClosedIn, Of: "C1"})
	log, _ := sp.log("G-12")
	claim, _ := sp.claim("Ev:1")
	contact, _ := sp.contact("19:a@thread.tacv2;messageid=1")
	got := []string{record, tree, index, log, claim, contact, dueKey(lane{"checkin", 3}), leaseKey(lane{"send", 0})}
	want := []string{
		"gk:{slack:T012}:goal:G-12", "gk:{slack:T012}:tree:", "gk:{slack:T012}:in:closed-in:C1", "gk:{slack:T012}:log:G-12",
		"gk:{slack:T012}:claim:Ev:1", "gk:{slack:T012}:contact:19:a@thread.tacv2;messageid=1", "gk:due:{checkin:3}", "gk:due:{send:0}:leases",
	}
	if !slices.Equal(got, want) {
		t.Errorf("keys are\n%q, not\n%q", got, want)
	}
}

// FuzzKeys: whatever the ids, keys of a workspace share its slot, and no two different things share a key.
func FuzzKeys(f *testing.F) {
	f.Add("slack:T1", "G-1", "slack:T2", "G-1")
	f.Add("slack:T1}:goal:G-1", "", "slack:T1", "}{:goal:")
	f.Add("slack:{T1}", "{x}", "slack:%7BT1%7D", "in:owner:U1")
	f.Add("a", "%", "a%", "")
	f.Fuzz(func(t *testing.T, ws1, id1, ws2, id2 string) {
		a, err1 := spaceOf(conversation.Workspace(ws1))
		b, err2 := spaceOf(conversation.Workspace(ws2))
		if err1 != nil || err2 != nil {
			return
		}
		meaning := map[string][3]string{}
		for _, in := range []struct {
			sp     space
			ws, id string
		}{{a, ws1, id1}, {b, ws2, id2}, {a, ws1, id2}} {
			for _, k := range everyKey(in.sp, in.id) {
				what := [3]string{in.ws, k[0], in.id}
				if known, taken := meaning[k[1]]; taken && known != what {
					t.Errorf("%q names %q and %q", k[1], known, what)
				}
				meaning[k[1]] = what
				if tag := tagOf(k[1]); "gk:{"+tag+"}:" != in.sp.prefix {
					t.Errorf("%q has the tag %q in %q", k[1], tag, in.sp.prefix)
				}
			}
		}
	})
}

// everyKey lists what each function makes of an id: its name, and the key.
func everyKey(sp space, id string) (keys [][2]string) {
	add := func(what string, key string, err error) {
		if err == nil {
			keys = append(keys, [2]string{what, key})
		}
	}
	for _, kind := range []conversation.Kind{"goal", "person", "talk", "channel", "tree", "message"} {
		key, err := sp.record(conversation.Ref{Kind: kind, ID: id})
		add("record "+string(kind), key, err)
	}
	for _, name := range []conversation.IndexName{conversation.AllOpen, conversation.OwnedBy, conversation.ClosedIn} {
		key, err := sp.index(conversation.Index{Name: name, Of: id})
		add("index "+string(name), key, err)
	}
	log, err := sp.log(goal.ID(id))
	add("log", log, err)
	claim, err := sp.claim(id)
	add("claim", claim, err)
	contact, err := sp.contact(id)
	add("contact", contact, err)
	return keys
}

// FuzzMember: a timer survives being written, and nothing else passes for one.
func FuzzMember(f *testing.F) {
	f.Add("slack:T012|U1", "slack:T012", "U1")
	f.Add("a|b|c|d", "teams:a|b", "19:abc@thread.tacv2;messageid=1|%7C")
	f.Add("%zz||", "%", "%25")
	f.Add("slack:T|\xff", "\xff", "\x00")
	f.Fuzz(func(t *testing.T, member, ws, subject string) {
		const kind = conversation.DigestTimer
		if parsed, err := parseMember(kind, member); err == nil {
			if again, err := memberOf(parsed); err != nil || again != member {
				t.Errorf("%q was read as %+v, which is written %q (%v)", member, parsed, again, err)
			}
		}
		timer := conversation.Timer{Workspace: conversation.Workspace(ws), Kind: kind, Subject: subject}
		written, err := memberOf(timer)
		if err != nil {
			return
		}
		if read, err := parseMember(kind, written); err != nil || read != timer {
			t.Errorf("%+v was written %q and read %+v (%v)", timer, written, read, err)
		}
		if n := shardOf(written); n < 0 || n >= shards {
			t.Errorf("%q is in shard %d", written, n)
		}
	})
}

func TestNatural(t *testing.T) {
	want := []string{"", "1", "01", "2", "10", "G-", "G-1", "G-2", "G-2a", "G-2b", "G-10", "G-99999999999999999999", "G-100000000000000000000", "U", "U1", "Ứ"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, natural)
	if !slices.Equal(got, want) {
		t.Errorf("sorted: %q", got)
	}
	id := rapid.StringMatching(`[a-b0-2-]{0,5}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := id.Draw(t, "a"), id.Draw(t, "b"), id.Draw(t, "c")
		if (natural(a, b) == 0) != (a == b) || natural(a, b) != -natural(b, a) {
			t.Errorf("%q and %q compare as %d and %d", a, b, natural(a, b), natural(b, a))
		}
		if natural(a, b) < 0 && natural(b, c) < 0 && natural(a, c) >= 0 {
			t.Errorf("%q < %q < %q, but not the first and the last", a, b, c)
		}
	})
}
