package goal

import "slices"

// Role is what somebody is to a goal or to its channel.
type Role string

// The roles, the nearest to the goal first.
const (
	OwnerRole    Role = "owner"    // owner or co-owner
	CreatorRole  Role = "creator"  // made the goal for somebody, or handed it to somebody, who has not accepted it
	DelegateRole Role = "delegate" // answers check-ins in the owner's place
	LeadRole     Role = "lead"     // owns the parent goal, or is named lead of the channel
	MemberRole   Role = "member"   // of the goal's channel
	FirstRole    Role = "first"    // the first to set the channel, as long as it has no lead
	AdminRole    Role = "admin"    // of the workspace
	FullRole     Role = "full"     // a full member of the workspace
)

// Act is something that one may or may not do.
type Act string

// The acts. The last two are about a channel and the workspace; their goal may be nil.
const (
	See                Act = "see"
	CheckingIn         Act = "check-in"
	Edit               Act = "edit"
	Propose            Act = "propose" // suggest an edit to the owner
	LeaveNote          Act = "note"    // write the owner a line
	Close              Act = "close"
	Reopen             Act = "reopen"
	Transfer           Act = "transfer"
	ConfigureChannel   Act = "configure-channel"
	ConfigureWorkspace Act = "configure-workspace"
)

// Viewer is somebody, as they stand to one goal and its channel.
type Viewer struct {
	ID             PersonID
	Admin, Guest   bool
	Member         bool // of the goal's channel
	ChannelPrivate bool
	Lead           bool // owns the parent, or is named lead of the channel
	Delegate       bool // named by the owner for now
	First          bool // set the channel first, or nobody has; and it has no lead
}

// granted is the table of who may do what. What a role sees is decided by sees: that depends on the channel.
var granted = map[Role][]Act{
	OwnerRole:    {CheckingIn, Edit, Close, Reopen, Transfer, LeaveNote},
	CreatorRole:  {CheckingIn, Edit, Close, Reopen, Transfer, LeaveNote},
	DelegateRole: {CheckingIn, LeaveNote},
	LeadRole:     {Propose, Edit, Close, Reopen, Transfer, LeaveNote, ConfigureChannel},
	MemberRole:   {LeaveNote},
	FirstRole:    {ConfigureChannel},
	AdminRole:    {Close, Reopen, Transfer, LeaveNote, ConfigureChannel, ConfigureWorkspace},
	FullRole:     {LeaveNote},
}

// May reports whether the viewer may do something with a goal. Whoever may not see a goal may do nothing
// with it. For the acts about a channel or the workspace g may be nil.
func (v Viewer) May(a Act, g *Goal) bool {
	switch a {
	case ConfigureWorkspace:
		return v.grants(a, g)
	case ConfigureChannel:
		return (v.Member || !v.ChannelPrivate) && v.grants(a, g)
	case See:
		return g != nil && v.sees(g)
	}
	return g != nil && v.sees(g) && v.grants(a, g)
}

// MustTell reports whether the owner is to be told when the viewer does it: a lead's or an admin's hand on a
// goal that is not theirs.
func (v Viewer) MustTell(a Act, g *Goal) bool {
	switch a {
	case Edit, Close, Reopen, Transfer:
		return !v.has(OwnerRole, g) && !v.has(CreatorRole, g)
	}
	return false
}

// Roles lists all that the viewer is to the goal, the nearest first.
func (v Viewer) Roles(g *Goal) []Role {
	var roles []Role
	for _, r := range []Role{OwnerRole, CreatorRole, DelegateRole, LeadRole, MemberRole, FirstRole, AdminRole, FullRole} {
		if v.has(r, g) {
			roles = append(roles, r)
		}
	}
	return roles
}

func (v Viewer) grants(a Act, g *Goal) bool {
	for _, r := range v.Roles(g) {
		if slices.Contains(granted[r], a) {
			return true
		}
	}
	return false
}

// has decides each role. A guest has goals of their own, and what a member sees, but no say over others'.
func (v Viewer) has(r Role, g *Goal) bool {
	switch r {
	case OwnerRole:
		return g != nil && g.OwnedBy(v.ID)
	case CreatorRole:
		return g != nil && v.ID != "" && g.Asker() == v.ID && g.Acceptance != Accepted
	case DelegateRole:
		return v.Delegate
	case MemberRole:
		return v.Member
	case LeadRole:
		return v.Lead && !v.Guest
	case FirstRole:
		return v.First && v.Member && !v.Guest
	case AdminRole:
		return v.Admin && !v.Guest
	case FullRole:
		return !v.Guest
	}
	return false
}

// sees follows the goal's visibility: a private goal is for the people it names, a goal of a private channel
// for its members, any other for every full member of the workspace and for the guests of its channel.
// Administrators are no exception.
func (v Viewer) sees(g *Goal) bool {
	switch {
	case v.has(OwnerRole, g), v.has(CreatorRole, g):
		return true
	case g.Visibility == Private:
		return false
	case v.has(DelegateRole, g), v.has(MemberRole, g):
		return true
	case v.ChannelPrivate:
		return false
	}
	return v.has(FullRole, g)
}

// OwnedBy reports whether the person is an owner or co-owner. Who handed a goal back no longer is.
func (g *Goal) OwnedBy(p PersonID) bool {
	if p == "" {
		return false
	}
	return g.Owner == p && g.Acceptance != HandedBack || slices.Contains(g.CoOwners, p)
}

// Owners are the owner and the co-owners, each once. Who handed the goal back no longer is one.
func (g *Goal) Owners() []PersonID {
	var owners []PersonID
	for _, p := range append([]PersonID{g.Owner}, g.CoOwners...) {
		if g.OwnedBy(p) && !slices.Contains(owners, p) {
			owners = append(owners, p)
		}
	}
	return owners
}

// Asker is who waits for the owner's answer to a goal that is not accepted, and keeps it when it is handed back:
// whoever handed it to them last, else its creator.
func (g *Goal) Asker() PersonID {
	if g.AskedBy != "" {
		return g.AskedBy
	}
	return g.Creator
}
