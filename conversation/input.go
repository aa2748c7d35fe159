package conversation

import (
	"strings"

	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// Workspace names one Slack workspace or one Microsoft 365 tenant, with its platform in front: "slack:T012".
// Nothing crosses it.
type Workspace string

// Platform is the part in front: "slack", "teams" or "play".
func (w Workspace) Platform() string {
	p, _, _ := strings.Cut(string(w), ":")
	return p
}

// ID is the platform's own identifier of the workspace.
func (w Workspace) ID() string {
	_, id, _ := strings.Cut(string(w), ":")
	return id
}

// Place is where something was typed or pressed.
type Place struct {
	ID   goal.ChannelID // the platform's conversation; of a thread, the channel it belongs to
	Kind PlaceKind
	Name string // "growth", without a sign in front; may be empty
}

// PlaceKind says who reads along.
type PlaceKind string

// The kinds of places. Home is the person's own page about their goals.
const (
	Direct         PlaceKind = "direct" // the person and the bot
	PublicChannel  PlaceKind = "channel"
	PrivateChannel PlaceKind = "private" // private channels and group chats
	Home           PlaceKind = "home"
)

// Shared reports whether people other than the actor read along.
func (p Place) Shared() bool { return p.Kind == PublicChannel || p.Kind == PrivateChannel }

// Input is one thing that a person did.
type Input struct {
	Workspace Workspace
	Actor     goal.PersonID
	Place     Place
	// Delivery is the platform's id of this delivery, the same when it is delivered again. Empty: the platform
	// never repeats it.
	Delivery string
	// From is the Key of the message whose control was used, when it was one of the bot's messages; the
	// adapter put it into the message when it was sent. Empty for modals, whispers and typed text.
	From string
	// Inline says that the actor alone will see the Answer, as the reply of this very delivery. Without it
	// the Answer becomes a message.
	Inline bool
	// Seen is what the delivery itself said about the person; empty parts are looked up.
	Seen Profile
	Act  Act
}

// Act is what was done: Command, Said, Used, Opened, Added or Removed.
type Act interface{ act() }

// Command is what stands behind /goal or behind the bot's mention: "new Cut CAC". Empty asks for the menu.
type Command struct {
	Text     string
	Mentions []Mention
}

// Said is what somebody typed to the bot in their direct conversation.
type Said struct {
	Text     string
	Mentions []Mention
}

// Mention is a piece of the text, "@Alex Rivera", that stands for a person.
type Mention struct {
	Text   string
	Person goal.PersonID
}

// Used is a control: a button, a menu entry, or a form with its values.
type Used struct {
	Intent card.Intent
	Values map[string]string // of the form's fields by name; nil for a button
}

// Opened is a look at one's home.
type Opened struct{}

// Added tells that the bot can now reach the place: installed for a person, or invited to a channel.
// Actor is whoever did it.
type Added struct{}

// Removed tells that the bot was taken out of the place.
type Removed struct{}

func (Command) act() {}
func (Said) act()    {}
func (Used) act()    {}
func (Opened) act()  {}
func (Added) act()   {}
func (Removed) act() {}

// byPerson reports whether somebody did this, and not the clock or delivery.
func (in Input) byPerson() bool {
	switch in.Act.(type) {
	case Command, Said, Used, Opened, Added, Removed:
		return true
	}
	return false
}

// Answer is what the actor sees at once and alone; it lives and dies with its delivery.
type Answer struct {
	// Card is what to show: a card with a Form opens (or keeps open) a modal where the platform has them;
	// nil says nothing, and closes the form that was submitted.
	Card *card.Card
	// Replace puts the card in place of the one whose control was used, for the actor.
	Replace  bool
	Language string // in which the card is written: "en" or "vi"
	// Shown is the message whose control was used, as it now stands: for platforms where an answer takes its
	// place for a while. Nil when there is none that the actor may see.
	Shown *Message
}
