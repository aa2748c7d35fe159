package goal

import (
	"slices"
	"testing"
)

// These stand to the same goal of a channel: Linh owns it, Alex made it for her.
var (
	owner    = Viewer{ID: "linh"}
	coOwner  = Viewer{ID: "co"}
	creator  = Viewer{ID: "alex"}
	delegate = Viewer{ID: "dee", Delegate: true}
	lead     = Viewer{ID: "lea", Lead: true, Member: true}
	member   = Viewer{ID: "mia", Member: true}
	first    = Viewer{ID: "fay", Member: true, First: true}
	stranger = Viewer{ID: "sam"}
	admin    = Viewer{ID: "ada", Admin: true}
	guest    = Viewer{ID: "gus", Guest: true, Member: true}
	outsider = Viewer{ID: "out", Guest: true}
)

var allActs = []Act{See, CheckingIn, Edit, Propose, LeaveNote, Close, Reopen, Transfer, ConfigureChannel, ConfigureWorkspace}

func TestMay(t *testing.T) {
	own := []Act{See, CheckingIn, Edit, LeaveNote, Close, Reopen, Transfer}
	reads := []Act{See, LeaveNote}
	leads := []Act{See, Edit, Propose, LeaveNote, Close, Reopen, Transfer, ConfigureChannel}
	rules := []Act{See, LeaveNote, Close, Reopen, Transfer, ConfigureChannel, ConfigureWorkspace}
	channel, workspace := []Act{ConfigureChannel}, []Act{ConfigureWorkspace}
	sets := append(slices.Clone(reads), ConfigureChannel)

	shared := func() *Goal {
		return &Goal{Owner: "linh", CoOwners: []PersonID{"co"}, Creator: "alex", Acceptance: Accepted, Visibility: Shared, Channel: "C1"}
	}
	for _, tt := range []struct {
		name   string
		goal   func(*Goal)
		closed bool // the channel is private
		may    map[*Viewer][]Act
	}{
		{"public channel", func(*Goal) {}, false, map[*Viewer][]Act{
			&owner: own, &coOwner: own, &creator: reads, &delegate: {See, CheckingIn, LeaveNote}, &lead: leads,
			&member: reads, &first: sets, &stranger: reads, &admin: rules, &guest: reads, &outsider: nil,
		}},
		{"proposed", func(g *Goal) { g.Acceptance = Proposed }, false, map[*Viewer][]Act{
			&owner: own, &coOwner: own, &creator: own, &delegate: {See, CheckingIn, LeaveNote}, &lead: leads,
			&member: reads, &first: sets, &stranger: reads, &admin: rules, &guest: reads, &outsider: nil,
		}},
		{"handed back", func(g *Goal) { g.Acceptance = HandedBack }, false, map[*Viewer][]Act{
			&owner: reads, &coOwner: own, &creator: own, &delegate: {See, CheckingIn, LeaveNote}, &lead: leads,
			&member: reads, &first: sets, &stranger: reads, &admin: rules, &guest: reads, &outsider: nil,
		}},
		{"private channel", func(*Goal) {}, true, map[*Viewer][]Act{
			&owner: own, &coOwner: own, &creator: nil, &delegate: {See, CheckingIn, LeaveNote}, &lead: leads,
			&member: reads, &first: sets, &stranger: nil, &admin: workspace, &guest: reads, &outsider: nil,
		}},
		{"private channel, proposed", func(g *Goal) { g.Acceptance = Proposed }, true, map[*Viewer][]Act{
			&owner: own, &coOwner: own, &creator: own, &delegate: {See, CheckingIn, LeaveNote}, &lead: leads,
			&member: reads, &first: sets, &stranger: nil, &admin: workspace, &guest: reads, &outsider: nil,
		}},
		{"private goal", func(g *Goal) { g.Visibility = Private }, false, map[*Viewer][]Act{
			&owner: own, &coOwner: own, &creator: nil, &delegate: nil, &lead: channel,
			&member: nil, &first: channel, &stranger: nil, &admin: {ConfigureChannel, ConfigureWorkspace}, &guest: nil, &outsider: nil,
		}},
		{"private goal, proposed", func(g *Goal) { g.Visibility, g.Acceptance = Private, Proposed }, false, map[*Viewer][]Act{
			&owner: own, &coOwner: own, &creator: own, &delegate: nil, &lead: channel,
			&member: nil, &first: channel, &stranger: nil, &admin: {ConfigureChannel, ConfigureWorkspace}, &guest: nil, &outsider: nil,
		}},
	} {
		g := shared()
		tt.goal(g)
		for who, may := range tt.may {
			v := *who
			v.ChannelPrivate = tt.closed
			for _, a := range allActs {
				if got := v.May(a, g); got != slices.Contains(may, a) {
					t.Errorf("%s: %s may %s: %v", tt.name, v.ID, a, got)
				}
			}
		}
	}
}

// Guests have their own goals, and neither a lead's nor an admin's say.
func TestGuests(t *testing.T) {
	g := &Goal{Owner: "gus", Creator: "alex", Acceptance: Accepted, Visibility: Shared, Channel: "C1"}
	own := Viewer{ID: "gus", Guest: true}
	for _, a := range allActs {
		if got, want := own.May(a, g), a != Propose && a != ConfigureChannel && a != ConfigureWorkspace; got != want {
			t.Errorf("a guest may %s their own goal: %v", a, got)
		}
	}
	mighty := Viewer{ID: "out", Guest: true, Member: true, Lead: true, First: true, Admin: true}
	for _, a := range allActs {
		if got, want := mighty.May(a, g), a == See || a == LeaveNote; got != want {
			t.Errorf("a guest may %s another's goal: %v", a, got)
		}
	}
}

func TestChannelsAndWorkspaceNeedNoGoal(t *testing.T) {
	for _, tt := range []struct {
		who                *Viewer
		channel, workspace bool
	}{
		{&owner, false, false},
		{&member, false, false},
		{&first, true, false},
		{&lead, true, false},
		{&admin, true, true},
		{&guest, false, false},
	} {
		if got := tt.who.May(ConfigureChannel, nil); got != tt.channel {
			t.Errorf("%s may set the channel: %v", tt.who.ID, got)
		}
		if got := tt.who.May(ConfigureWorkspace, nil); got != tt.workspace {
			t.Errorf("%s may set the workspace: %v", tt.who.ID, got)
		}
		if tt.who.May(See, nil) || tt.who.May(Edit, nil) {
			t.Errorf("%s may do something with no goal", tt.who.ID)
		}
	}
}

func TestMustTell(t *testing.T) {
	g := &Goal{Owner: "linh", Creator: "alex", Acceptance: Proposed}
	for _, a := range []Act{Edit, Close, Reopen, Transfer} {
		if owner.MustTell(a, g) || creator.MustTell(a, g) {
			t.Errorf("the owner is told of their own %s", a)
		}
		if !lead.MustTell(a, g) || !admin.MustTell(a, g) {
			t.Errorf("nobody tells the owner of a %s", a)
		}
	}
	if lead.MustTell(See, g) {
		t.Error("the owner is told of a look")
	}
}

// Nobody is whoever has no id, not the owner of a goal without one.
func TestNobodyOwnsNothing(t *testing.T) {
	g := &Goal{Visibility: Private, Acceptance: Proposed}
	if (Viewer{}).May(See, g) {
		t.Error("nobody sees a private goal without an owner")
	}
}

func TestAsker(t *testing.T) {
	g := &Goal{Owner: "linh", CoOwners: []PersonID{"co", "linh"}, Creator: "alex", Acceptance: Proposed, Visibility: Private}
	if g.Asker() != "alex" || !creator.May(Edit, g) {
		t.Error("the creator of a goal does not wait for its owner")
	}
	g.AskedBy = "sam"
	if g.Asker() != "sam" || creator.May(See, g) || !stranger.May(Edit, g) {
		t.Error("whoever handed a goal on does not take the creator's place")
	}
	if owners := g.Owners(); !slices.Equal(owners, []PersonID{"linh", "co"}) {
		t.Errorf("owners %v", owners)
	}
	g.Acceptance, g.CoOwners = HandedBack, []PersonID{"co"}
	if owners := g.Owners(); !slices.Equal(owners, []PersonID{"co"}) {
		t.Errorf("owners of a goal that was handed back %v", owners)
	}
}
