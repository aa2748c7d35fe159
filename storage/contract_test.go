//go:build unix

package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/goal"
	"goalkeeper/storage/storagetest"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

// TestContract holds every kind of store to the same promises.
func TestContract(t *testing.T) {
	suite := []struct {
		name string
		test func(*testing.T, *Store)
	}{
		{"it is ready", isReady},
		{"absent records", absent},
		{"every kind comes back as it was saved", everyKind},
		{"changes at once lose nothing", atOneTime},
		{"a conflict changes nothing", conflict},
		{"unseen records are not overwritten", unseen},
		{"an act has one effect", oneEffect},
		{"a repetition wins over a conflict", repetitionFirst},
		{"indexes follow the goals", indexes},
		{"indexes follow goals changed in place", changedInPlace},
		{"ids in an index are in the order of their numbers", ordered},
		{"the log of check-ins", history},
		{"a thousand records in one change", thousand},
		{"strange ids", strangeIDs},
		{"workspaces do not meet", apart},
		{"messages end, other records do not", lifetimes},
		{"messages are listed while somebody has to know", outbox},
		{"an index is read page by page", pages},
		{"expired messages leave their index", pruned},
		{"a workspace is registered before anything is in it", registered},
		{"contacts", contacts},
		{"arming keeps the earlier time", armEarlier},
		{"a lease keeps others away until it ends", leases},
		{"arming during a lease", armHeld},
		{"a lease ends once, under a standing clock too", standingClock},
		{"claims take their share of every shard", fairly},
		{"two workers never hold the same", twoWorkers},
		{"what is no timer does no harm", noTimer},
		{"lanes do not meet", lanes},
		{"more at once than one script takes", tooMany},
		{"scripts that the server forgot", forgotten},
		{"arming wakes other replicas", wakes},
		{"the due set behaves like its model", dueModel},
	}
	all := func(t *testing.T, url string) {
		for _, c := range suite {
			t.Run(c.name, func(t *testing.T) { c.test(t, emptyStore(t, url)) })
		}
	}
	storagetest.Backends(t, all)
	t.Run("user with the least rights", func(t *testing.T) { all(t, storagetest.User(t, strings.Fields(Rights)...)) })
	t.Run("user with the least rights in a cluster", func(t *testing.T) {
		all(t, storagetest.Cluster(t).User(strings.Fields(Rights)...))
	})
}

const team = conversation.Workspace("slack:T012")

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// openStore opens a store for the time of the test.
func openStore(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// emptyStore opens a store and deletes everything of ours in it.
func emptyStore(t testing.TB, url string) *Store {
	t.Helper()
	s := openStore(t, url)
	k := keeper(t, s)
	err := everyPrimary(t.Context(), k, func(ctx context.Context, c redis.UniversalClient) error {
		keys, err := c.Keys(ctx, "gk:*").Result()
		for n := 0; n < len(keys) && err == nil; n++ {
			err = c.Del(ctx, keys[n]).Err()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// everyPrimary visits the one server, or each that has slots.
func everyPrimary(ctx context.Context, c redis.UniversalClient, visit func(context.Context, redis.UniversalClient) error) error {
	if nodes, ok := c.(*redis.ClusterClient); ok {
		return nodes.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return visit(ctx, c) })
	}
	return visit(ctx, c)
}

// keeper is a client to which everything is allowed, for tests that look behind the store.
func keeper(t testing.TB, s *Store) redis.UniversalClient {
	t.Helper()
	if s.at.options.Username == "" {
		return s.client
	}
	at := s.at
	o := *at.options
	o.Username, o.Password = "", ""
	at.options = &o
	client := at.connect()
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// replica is a second store on the same data, with connections of its own.
func replica(t testing.TB, s *Store) *Store {
	at := s.at
	at.close = func() error { return nil }
	other := newStore(at)
	t.Cleanup(func() { _ = other.Close() })
	return other
}

func read(t testing.TB, s *Store, ws conversation.Workspace, refs ...conversation.Ref) *conversation.Shelf {
	t.Helper()
	shelf, err := s.Read(t.Context(), ws, refs...)
	if err != nil {
		t.Fatal(err)
	}
	return shelf
}

// save reads what will be written and writes it.
func save(t testing.TB, s *Store, ws conversation.Workspace, records ...conversation.Record) {
	t.Helper()
	var refs []conversation.Ref
	for _, r := range records {
		refs = append(refs, r.Ref())
	}
	if err := s.Commit(t.Context(), ws, conversation.Commit{Now: monday, Read: read(t, s, ws, refs...), Write: records}); err != nil {
		t.Fatal(err)
	}
}

func goalRef(id goal.ID) conversation.Ref {
	return conversation.Ref{Kind: conversation.GoalKind, ID: string(id)}
}

func someGoal(id goal.ID) *conversation.Goal {
	return &conversation.Goal{Goal: goal.Goal{
		ID: id, Title: "Cut CAC", Owner: "U1", Creator: "U1", Acceptance: goal.Accepted, Kind: goal.Plain,
		Horizon: goal.ShortTerm, Cadence: goal.Weekly, Visibility: goal.Shared, Channel: "C1",
		Start: goal.DateOf(monday), Created: monday,
	}}
}

// Every store of the suite is well kept, so it is ready and nothing is to be said about it.
func isReady(t *testing.T, s *Store) {
	for _, view := range []*Store{s, s.Background()} {
		if err := view.Ready(t.Context()); err != nil {
			t.Error(err)
		}
		if w := view.Warnings(t.Context()); !s.at.memory && len(w) > 0 {
			t.Errorf("it warns: %q", w)
		}
	}
}

func absent(t *testing.T, s *Store) {
	shelf := read(t, s, team, goalRef("G-1"), goalRef("G-1"), conversation.Ref{Kind: conversation.TreeKind})
	if v, known := shelf.Versions()[goalRef("G-1")]; v != 0 || !known || len(shelf.Versions()) != 2 {
		t.Errorf("versions of absent records: %v", shelf.Versions())
	}
	if g := conversation.Take[*conversation.Goal](shelf, conversation.GoalKind, "G-1"); g != nil {
		t.Errorf("an absent goal is %v", g)
	}
	if err := s.Commit(t.Context(), team, conversation.Commit{Now: monday}); err != nil {
		t.Errorf("an empty change: %v", err)
	}
	if _, err := s.Read(t.Context(), team); err != nil {
		t.Errorf("reading nothing: %v", err)
	}
	if _, err := s.Read(t.Context(), team, conversation.Ref{Kind: "secret", ID: "1"}); err == nil {
		t.Error("an unknown kind was read")
	}
}

func everyKind(t *testing.T, s *Store) {
	g := someGoal("G-1")
	g.Title = "Giảm CAC 50% %s <!channel> \u202e 🎯"
	hour := time.Tuesday
	records := []conversation.Record{
		g,
		&conversation.Person{ID: "U1", Chosen: conversation.Choices{Weekday: &hour}},
		&conversation.Talk{Person: "U1", Period: "2026-W48", Asked: []goal.ID{"G-1"}},
		&conversation.Channel{ID: "C1", Digest: conversation.DigestPlan{On: true}},
		&conversation.Tree{Next: 2},
		&conversation.Message{Key: "checkin:U1:2026-W48", Revision: 1, Created: monday},
		&conversation.Repair{Stage: 1, Cursor: "17"},
	}
	save(t, s, team, records...)
	for _, want := range records {
		ref := want.Ref()
		shelf := read(t, s, team, ref)
		got := conversation.Take[conversation.Record](shelf, ref.Kind, ref.ID)
		if d := cmp.Diff(want, got); d != "" || shelf.Versions()[ref] != 1 {
			t.Errorf("%s at version %d: %s", ref.Kind, shelf.Versions()[ref], d)
		}
	}
}

// change reads, changes and saves a goal until nobody else was faster.
func change(ctx context.Context, s *Store, id goal.ID, edit func(*conversation.Goal)) error {
	for {
		shelf, err := s.Read(ctx, team, goalRef(id))
		if err != nil {
			return err
		}
		g := conversation.Take[*conversation.Goal](shelf, conversation.GoalKind, string(id))
		edit(g)
		err = s.Commit(ctx, team, conversation.Commit{Now: monday, Read: shelf, Write: []conversation.Record{g}})
		if !errors.Is(err, conversation.ErrConflict) {
			return err
		}
	}
}

func atOneTime(t *testing.T, s *Store) {
	save(t, s, team, someGoal("G-1"))
	var all sync.WaitGroup
	for n := range 32 {
		all.Go(func() {
			err := change(t.Context(), s, "G-1", func(g *conversation.Goal) {
				g.CoOwners = append(g.CoOwners, goal.PersonID(fmt.Sprint("P", n)))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	shelf := read(t, s, team, goalRef("G-1"))
	g := conversation.Take[*conversation.Goal](shelf, conversation.GoalKind, "G-1")
	if len(g.CoOwners) != 32 || shelf.Versions()[goalRef("G-1")] != 33 {
		t.Errorf("%d of 32 changes are there, at version %d", len(g.CoOwners), shelf.Versions()[goalRef("G-1")])
	}
	for n := range 32 {
		ids, err := s.Find(t.Context(), team, conversation.Index{Name: conversation.OwnedBy, Of: fmt.Sprint("P", n)})
		if err != nil || !slices.Equal(ids, []string{"G-1"}) {
			t.Errorf("goals of P%d: %v, %v", n, ids, err)
		}
	}
}

func conflict(t *testing.T, s *Store) {
	save(t, s, team, someGoal("G-1"), &conversation.Tree{Next: 2})
	stale := read(t, s, team, goalRef("G-1"), conversation.Ref{Kind: conversation.TreeKind}, goalRef("G-2"))
	save(t, s, team, &conversation.Tree{Next: 3})

	moved := someGoal("G-1")
	moved.Owner = "U2"
	err := s.Commit(t.Context(), team, conversation.Commit{
		Now: monday, Read: stale, Write: []conversation.Record{moved, someGoal("G-2")},
		Log:    []conversation.Entry{{Goal: "G-1", CheckIn: goal.CheckIn{Seq: 1}}},
		Claims: []conversation.Claim{{Key: "Ev1", Result: "G-2"}},
	})
	if !errors.Is(err, conversation.ErrConflict) {
		t.Fatalf("a change that relied on an old tree: %v", err)
	}
	now := read(t, s, team, goalRef("G-1"), goalRef("G-2"))
	if v := now.Versions(); v[goalRef("G-1")] != 1 || v[goalRef("G-2")] != 0 {
		t.Errorf("a refused change left versions %v", v)
	}
	if ids, _ := s.Find(t.Context(), team, conversation.Index{Name: conversation.OwnedBy, Of: "U2"}); len(ids) != 0 {
		t.Errorf("a refused change left an index: %v", ids)
	}
	if log, _ := s.CheckIns(t.Context(), team, "G-1", 10); len(log) != 0 {
		t.Errorf("a refused change left a check-in: %v", log)
	}
	if err := s.Commit(t.Context(), team, conversation.Commit{Claims: []conversation.Claim{{Key: "Ev1"}}}); err != nil {
		t.Errorf("a refused change left a claim: %v", err)
	}
}

func unseen(t *testing.T, s *Store) {
	blind := conversation.Commit{Now: monday, Write: []conversation.Record{someGoal("G-1")}}
	if err := s.Commit(t.Context(), team, blind); err != nil {
		t.Fatalf("a new record: %v", err)
	}
	if err := s.Commit(t.Context(), team, blind); !errors.Is(err, conversation.ErrConflict) {
		t.Errorf("a record written over another without reading it: %v", err)
	}
	twice := conversation.Commit{Now: monday, Write: []conversation.Record{someGoal("G-2"), someGoal("G-2")}}
	if err := s.Commit(t.Context(), team, twice); err == nil {
		t.Error("one record was written twice in a change")
	}
}

func oneEffect(t *testing.T, s *Store) {
	save(t, s, team, &conversation.Tree{Next: 1})
	var all sync.WaitGroup
	errs := make([]error, 8)
	for n := range errs {
		all.Go(func() { errs[n] = createOnce(t.Context(), s, "delivery-1") })
	}
	all.Wait()
	effects := 0
	for _, err := range errs {
		var again *conversation.Repeated
		switch {
		case err == nil:
			effects++
		case !errors.As(err, &again) || again.Result != "G-1":
			t.Errorf("the repetition: %v", err)
		}
	}
	if effects != 1 {
		t.Errorf("%d effects", effects)
	}
	if ids, _ := s.Find(t.Context(), team, conversation.Index{Name: conversation.AllOpen}); !slices.Equal(ids, []string{"G-1"}) {
		t.Errorf("goals: %v", ids)
	}
}

// createOnce makes the next goal in the name of a delivery.
func createOnce(ctx context.Context, s *Store, delivery string) error {
	for {
		shelf, err := s.Read(ctx, team, conversation.Ref{Kind: conversation.TreeKind})
		if err != nil {
			return err
		}
		tree := conversation.Take[*conversation.Tree](shelf, conversation.TreeKind, "")
		id := fmt.Sprint("G-", tree.Next)
		err = s.Commit(ctx, team, conversation.Commit{
			Now: monday, Read: shelf,
			Write:  []conversation.Record{&conversation.Tree{Next: tree.Next + 1}, someGoal(goal.ID(id))},
			Claims: []conversation.Claim{{Key: delivery, Result: id}, {Key: "view:" + delivery, Result: id}},
		})
		if !errors.Is(err, conversation.ErrConflict) {
			return err
		}
	}
}

func repetitionFirst(t *testing.T, s *Store) {
	before := read(t, s, team, goalRef("G-1"))
	first := conversation.Commit{Now: monday, Read: before, Write: []conversation.Record{someGoal("G-1")},
		Claims: []conversation.Claim{{Key: "view:1", Result: "made G-1"}}}
	if err := s.Commit(t.Context(), team, first); err != nil {
		t.Fatal(err)
	}
	first.Claims = append([]conversation.Claim{{Key: "another delivery"}}, first.Claims...)
	var again *conversation.Repeated
	if err := s.Commit(t.Context(), team, first); !errors.As(err, &again) || again.Result != "made G-1" {
		t.Errorf("the same act, delivered anew: %v", err)
	}
}

// found lists the ids in an index.
func found(t testing.TB, s *Store, name conversation.IndexName, of string) string {
	t.Helper()
	ids, err := s.Find(t.Context(), team, conversation.Index{Name: name, Of: of})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(ids, " ")
}

// expect compares several indexes at once.
func expect(t *testing.T, s *Store, when string, want map[conversation.Index]string) {
	t.Helper()
	for ix, ids := range want {
		if got := found(t, s, ix.Name, ix.Of); got != ids {
			t.Errorf("%s, %s of %q lists %q, not %q", when, ix.Name, ix.Of, got, ids)
		}
	}
}

func indexes(t *testing.T, s *Store) {
	type ix = conversation.Index
	g := someGoal("G-1")
	g.Acceptance, g.Creator, g.Parent = goal.Proposed, "U9", "G-0"
	save(t, s, team, g)
	expect(t, s, "proposed", map[ix]string{
		{Name: conversation.AllOpen}: "G-1", {Name: conversation.OwnedBy, Of: "U1"}: "G-1", {Name: conversation.MadeBy, Of: "U9"}: "G-1",
		{Name: conversation.InRoom, Of: "C1"}: "G-1", {Name: conversation.Children, Of: "G-0"}: "G-1",
	})

	g.Acceptance, g.Owner, g.Parent = goal.Accepted, "U2", ""
	save(t, s, team, g)
	expect(t, s, "with a new owner", map[ix]string{
		{Name: conversation.OwnedBy, Of: "U1"}: "", {Name: conversation.OwnedBy, Of: "U2"}: "G-1", {Name: conversation.MadeBy, Of: "U9"}: "",
		{Name: conversation.Children, Of: "G-0"}: "", {Name: conversation.InRoom, Of: "C1"}: "G-1",
	})

	g.Closed = &goal.Closing{At: monday, By: "U2"}
	save(t, s, team, g)
	expect(t, s, "closed", map[ix]string{
		{Name: conversation.AllOpen}: "", {Name: conversation.OwnedBy, Of: "U2"}: "", {Name: conversation.InRoom, Of: "C1"}: "",
		{Name: conversation.ClosedIn, Of: "C1"}: "G-1",
	})

	g.Closed = nil
	save(t, s, team, g)
	expect(t, s, "reopened", map[ix]string{
		{Name: conversation.AllOpen}: "G-1", {Name: conversation.OwnedBy, Of: "U2"}: "G-1", {Name: conversation.ClosedIn, Of: "C1"}: "",
	})
	if _, err := s.Find(t.Context(), team, ix{Name: "owner:U1}", Of: "x"}); err == nil {
		t.Error("an index of a made-up name was read")
	}
}

func changedInPlace(t *testing.T, s *Store) {
	save(t, s, team, someGoal("G-1"))
	err := change(t.Context(), s, "G-1", func(g *conversation.Goal) { g.Owner = "U2" })
	if err != nil {
		t.Fatal(err)
	}
	if was, is := found(t, s, conversation.OwnedBy, "U1"), found(t, s, conversation.OwnedBy, "U2"); was != "" || is != "G-1" {
		t.Errorf("the old owner has %q, the new one %q", was, is)
	}
}

func ordered(t *testing.T, s *Store) {
	for _, id := range []goal.ID{"G-10", "G-9", "G-100", "G-1", "G-2"} {
		save(t, s, team, someGoal(id))
	}
	if got := found(t, s, conversation.AllOpen, ""); got != "G-1 G-2 G-9 G-10 G-100" {
		t.Errorf("open goals: %s", got)
	}
}

func history(t *testing.T, s *Store) {
	record := func(from, to int, change string) {
		var log []conversation.Entry
		for n := from; n <= to; n++ {
			log = append(log, conversation.Entry{Goal: "G-1", CheckIn: goal.CheckIn{Seq: n, At: monday, By: "U1", Status: goal.OnTrack, Change: change}})
		}
		if err := s.Commit(t.Context(), team, conversation.Commit{Now: monday, Log: log}); err != nil {
			t.Fatal(err)
		}
	}
	read := func(limit int) []goal.CheckIn {
		log, err := s.CheckIns(t.Context(), team, "G-1", limit)
		if err != nil {
			t.Fatal(err)
		}
		return log
	}
	if log := read(5); len(log) != 0 {
		t.Errorf("before the first: %v", log)
	}
	record(1, 12, "first words")
	record(11, 11, "corrected")
	log := read(3)
	if len(log) != 3 || log[0].Seq != 12 || log[1].Seq != 11 || log[1].Change != "corrected" || log[2].Seq != 10 {
		t.Errorf("the newest three: %+v", log)
	}
	if n := len(read(0)); n != 0 {
		t.Errorf("at most none: %d", n)
	}
	for n := 13; n < 2100; n += 500 {
		record(n, n+499, "")
	}
	if log := read(5000); len(log) != maxLog || log[0].Seq != 2512 || log[maxLog-1].Seq != 513 {
		t.Errorf("%d entries are kept, from %d to %d", len(log), log[0].Seq, log[len(log)-1].Seq)
	}
}

func thousand(t *testing.T, s *Store) {
	var records []conversation.Record
	var refs []conversation.Ref
	for n := range 1000 {
		g := someGoal(goal.ID(fmt.Sprint("G-", n+1)))
		records, refs = append(records, g), append(refs, g.Ref())
	}
	save(t, s, team, records...)
	save(t, s, team, records...)
	shelf := read(t, s, team, refs...)
	for _, ref := range refs {
		if v := shelf.Versions()[ref]; v != 2 {
			t.Fatalf("%s is at version %d", ref.ID, v)
		}
	}
	ids, err := s.Find(t.Context(), team, conversation.Index{Name: conversation.AllOpen})
	if err != nil || len(ids) != 1000 || ids[999] != "G-1000" {
		t.Errorf("%d open goals, %v", len(ids), err)
	}
}

// strange are ids as platforms make them, and as only an attacker would.
var strange = []string{
	"19:abc@thread.tacv2;messageid=1700000000000", "a:1_x-Y~z", "}", "{", "{}", "}{", "}:goal:G-1", "x}:{slack:T999}:goal:G-1",
	"a|b", "a%7Cb", "%", "%%", "%7D", " ", "\n", "\r\nDEL gk", "\x00", "*", "[a-z]?", "Ħồng", "\u202egnihton", "🎯", "G-1 ", "g-1", "'; return 1 --",
	strings.Repeat("x", maxID),
}

func strangeIDs(t *testing.T, s *Store) {
	for _, id := range strange {
		save(t, s, team, &conversation.Person{ID: goal.PersonID(id), Typed: id})
		g := someGoal("G-1")
		g.Owner = goal.PersonID(id)
		save(t, s, team, g)
		if got := found(t, s, conversation.OwnedBy, id); got != "G-1" {
			t.Errorf("goals of %q: %q", id, got)
		}
	}
	for _, id := range strange {
		ref := conversation.Ref{Kind: conversation.PersonKind, ID: id}
		p := conversation.Take[*conversation.Person](read(t, s, team, ref), ref.Kind, id)
		if p == nil || p.Typed != id {
			t.Errorf("person %q came back as %v", id, p)
		}
	}
	for _, bad := range []string{strings.Repeat("x", maxID+1), "\xff\xfe", "a\xc3"} {
		err := s.Commit(t.Context(), team, conversation.Commit{Write: []conversation.Record{&conversation.Person{ID: goal.PersonID(bad)}}})
		if err == nil {
			t.Errorf("id %.20q was saved", bad)
		}
	}
	for _, bad := range []conversation.Workspace{"", "\xff", conversation.Workspace(strings.Repeat("x", maxWorkspace+1))} {
		if _, err := s.Read(t.Context(), bad, goalRef("G-1")); err == nil {
			t.Errorf("workspace %.20q was read", bad)
		}
	}
}

func apart(t *testing.T, s *Store) {
	spaces := []conversation.Workspace{team, "slack:T01", "teams:T012", "slack:T012}", "slack:{T012", "slack:T012%7D", "slack:T012}:goal:G-1", "slack:t012", "x"}
	for n, ws := range spaces {
		g := someGoal("G-1")
		g.Title = fmt.Sprint(n)
		save(t, s, ws, g)
		if err := s.Keep(t.Context(), ws, "U1", []byte(g.Title)); err != nil {
			t.Fatal(err)
		}
	}
	for n, ws := range spaces {
		shelf := read(t, s, ws, goalRef("G-1"))
		g := conversation.Take[*conversation.Goal](shelf, conversation.GoalKind, "G-1")
		contact, err := s.Recall(t.Context(), ws, "U1")
		if g.Title != fmt.Sprint(n) || string(contact) != g.Title || err != nil || shelf.Versions()[goalRef("G-1")] != 1 {
			t.Errorf("workspace %q has %q and %q, %v", ws, g.Title, contact, err)
		}
	}
}

func lifetimes(t *testing.T, s *Store) {
	ttl := func(m conversation.Message) bool {
		m.Key = "m"
		save(t, s, team, &m)
		d, err := keeper(t, s).TTL(t.Context(), "gk:{slack:T012}:message:m").Result()
		if err != nil {
			t.Fatal(err)
		}
		return d > 0
	}
	cases := []struct {
		name string
		m    conversation.Message
		ends bool
	}{
		{"waiting", conversation.Message{Revision: 1}, false},
		{"sending", conversation.Message{Revision: 1, Delivery: conversation.Delivery{State: conversation.Sending}}, false},
		{"sent", conversation.Message{Revision: 2, Delivery: conversation.Delivery{State: conversation.Sent, Shown: 2}}, true},
		{"raised", conversation.Message{Revision: 3, Delivery: conversation.Delivery{State: conversation.Sent, Shown: 2}}, false},
		{"failed", conversation.Message{Revision: 3, Delivery: conversation.Delivery{State: conversation.Failed}}, true},
		{"uncertain", conversation.Message{Revision: 3, Delivery: conversation.Delivery{State: conversation.Uncertain}}, true},
	}
	for _, c := range cases {
		if got := ttl(c.m); got != c.ends {
			t.Errorf("a message that is %s ends: %v", c.name, got)
		}
	}
	save(t, s, team, someGoal("G-1"))
	if d := keeper(t, s).TTL(t.Context(), "gk:{slack:T012}:goal:G-1").Val(); d >= 0 {
		t.Errorf("a goal ends after %v", d)
	}
}

func outbox(t *testing.T, s *Store) {
	type ix = conversation.Index
	m := &conversation.Message{Key: "m", Revision: 1}
	for _, c := range []struct {
		name                string
		delivery            conversation.Delivery
		closed              bool
		outbox, undelivered string
	}{
		{"wanted", conversation.Delivery{}, false, "m", ""},
		{"sending", conversation.Delivery{State: conversation.Sending}, false, "m", ""},
		{"sent", conversation.Delivery{State: conversation.Sent, Shown: 1}, false, "", ""},
		{"behind", conversation.Delivery{State: conversation.Sent}, false, "m", ""},
		{"failed", conversation.Delivery{State: conversation.Failed}, false, "", "m"},
		{"uncertain", conversation.Delivery{State: conversation.Uncertain}, false, "", "m"},
		{"closed by somebody", conversation.Delivery{State: conversation.Uncertain}, true, "", ""},
		{"withdrawn in peace", conversation.Delivery{State: conversation.Withdrawn}, false, "", ""},
		{"withdrawn after trouble", conversation.Delivery{State: conversation.Withdrawn, Trouble: "busy"}, false, "", "m"},
	} {
		m.Delivery, m.Closed = c.delivery, time.Time{}
		if c.closed {
			m.Closed = monday
		}
		save(t, s, team, m)
		expect(t, s, c.name, map[ix]string{{Name: conversation.Outbox}: c.outbox, {Name: conversation.Undelivered}: c.undelivered})
	}
	c := &conversation.Channel{ID: "C1", Digest: conversation.DigestPlan{On: true}}
	save(t, s, team, c)
	expect(t, s, "with a digest", map[ix]string{{Name: conversation.DigestOn}: "C1"})
	c.Digest.On = false
	save(t, s, team, c)
	expect(t, s, "without a digest", map[ix]string{{Name: conversation.DigestOn}: ""})
}

func pages(t *testing.T, s *Store) {
	const messages = 2000
	var records []conversation.Record
	for n := range messages {
		records = append(records, &conversation.Message{Key: fmt.Sprint("message", n), Revision: 1})
	}
	save(t, s, team, records...)
	box, seen := conversation.Index{Name: conversation.Outbox}, map[string]bool{}
	cursor, most := "", 0
	for n := 0; n == 0 || cursor != ""; n++ {
		ids, next, err := s.Page(t.Context(), team, box, cursor)
		if err != nil || n > messages {
			t.Fatalf("page %d: %v", n, err)
		}
		for _, id := range ids {
			seen[id] = true
		}
		cursor, most = next, max(most, len(ids))
	}
	if len(seen) != messages || !s.at.memory && most > 2*pageSize {
		t.Errorf("%d messages on pages of up to %d", len(seen), most)
	}
	if _, _, err := s.Page(t.Context(), team, box, "x"); err == nil {
		t.Error("no cursor was taken for one")
	}
	if ids, next, err := s.Page(t.Context(), "slack:T999", box, ""); len(ids) > 0 || next != "" || err != nil {
		t.Errorf("of an empty index: %q, %q, %v", ids, next, err)
	}
}

func pruned(t *testing.T, s *Store) {
	type ix = conversation.Index
	failed := conversation.Delivery{State: conversation.Failed}
	save(t, s, team, &conversation.Message{Key: "m1", Delivery: failed}, &conversation.Message{Key: "m2", Delivery: failed})
	if err := keeper(t, s).Del(t.Context(), "gk:{slack:T012}:message:m1").Err(); err != nil { // as its TTL does
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Prune(t.Context(), team, ix{Name: conversation.Undelivered}, "m1", "m2"); err != nil {
			t.Fatal(err)
		}
		expect(t, s, "pruned", map[ix]string{{Name: conversation.Undelivered}: "m2"})
	}
}

func registered(t *testing.T, s *Store) {
	if all, err := s.Workspaces(t.Context()); len(all) > 0 || err != nil {
		t.Errorf("before anything was saved: %q, %v", all, err)
	}
	save(t, s, team, someGoal("G-1"))
	save(t, replica(t, s), "slack:{T2}|%", someGoal("G-1"))
	all, err := s.Workspaces(t.Context())
	if err != nil || !slices.Equal(all, []conversation.Workspace{team, "slack:{T2}|%"}) {
		t.Errorf("%q, %v", all, err)
	}
}

func contacts(t *testing.T, s *Store) {
	if v, err := s.Recall(t.Context(), team, "U1"); v != nil || err != nil {
		t.Errorf("before anything was kept: %q, %v", v, err)
	}
	for _, id := range strange {
		want := []byte("{\"ref\":\x00\xff" + id)
		err := s.Keep(t.Context(), team, id, want)
		got, err2 := s.Recall(t.Context(), team, id)
		if string(got) != string(want) || err != nil || err2 != nil {
			t.Errorf("contact %q: %q, %v, %v", id, got, err, err2)
		}
	}
	if err := s.Keep(t.Context(), team, "U1", make([]byte, maxContact+1)); err == nil {
		t.Error("a contact of any size was kept")
	}
	for n, step := range []struct {
		was, value string
		done       bool
	}{{"", "one", true}, {"", "two", false}, {"one", "two", true}, {"one", "two", true}, {"one", "three", false}} {
		done, err := s.Replace(t.Context(), team, "replaced", []byte(step.was), []byte(step.value))
		if done != step.done || err != nil {
			t.Errorf("replacing, step %d: %t, %v", n, done, err)
		}
	}
}
