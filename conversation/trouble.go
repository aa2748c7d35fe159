package conversation

import "goalkeeper/conversation/language"

// Trouble is what is in the way of a message, by what mends it. It is kept in records and told in words of both
// languages; the platform's own word stands beside it.
type Trouble string

// The troubles. Of those in the first group a message is rid by itself, or with the workspace as a whole.
const (
	TroubleBusy        Trouble = "busy"        // the platform asked to wait, or had no time
	TroubleUnreachable Trouble = "unreachable" // the platform cannot be reached
	TroubleAccess      Trouble = "access"      // the platform does not let the app in at all: token, installation
	TroubleStore       Trouble = "store"       // our own store did not answer
	TroubleNoAnswer    Trouble = "no-answer"   // the platform may have taken it

	TroublePersonGone   Trouble = "person-gone"   // left, deactivated, or never there
	TroubleNoPerson     Trouble = "no-person"     // a bot, or somebody hidden from the app
	TroubleNotInstalled Trouble = "not-installed" // the person has not got the app
	TroubleBlocked      Trouble = "blocked"       // the person, or a moderator, blocked the app
	TroubleNotInChannel Trouble = "not-in-channel"
	TroubleChannelGone  Trouble = "channel-gone" // archived or deleted
	TroubleForbidden    Trouble = "forbidden"    // a rule of the workspace or channel
	TroubleDisabled     Trouble = "disabled"     // an administrator switched the app off
	TroubleScope        Trouble = "scope"        // the app lacks a permission
	TroubleMessageGone  Trouble = "message-gone" // deleted, or closed to changes
	TroubleTooLarge     Trouble = "too-large"
	TroubleRefused      Trouble = "refused"   // for a reason we have no words for
	TroubleElsewhere    Trouble = "elsewhere" // a workspace or conversation that this installation does not serve
	TroubleDefect       Trouble = "defect"    // of Goalkeeper
	TroubleThread       Trouble = "thread"    // what it was to stand under never arrived
)

// Words say what happened and what mends it.
func (t Trouble) Words(v *language.Voice) string { return v.Say("trouble." + string(t)) }
