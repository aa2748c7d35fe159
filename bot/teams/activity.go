package teams

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// arrival is one activity: what the library reads of it, and what its schema has no place for.
type arrival struct {
	schema.Activity
	extras
}

// extras are read beside the library's schema, tolerantly: a field of an unexpected kind is as if absent.
type extras struct {
	value    json.RawMessage // of any kind; the library takes objects only
	entities []entity        // the library keeps their type alone
	targeted bool            // from the slash menu: nobody but the sender and the bot sees it
	data     channelData
}

// entity is a mention or the sender's client.
type entity struct {
	Type      string `json:"type"`
	Text      string `json:"text"`
	Mentioned struct {
		ID          string `json:"id"`
		AadObjectID string `json:"aadObjectId"`
	} `json:"mentioned"`
	Locale   string `json:"locale"`
	Timezone string `json:"timezone"`
}

// channelData is what Teams adds to activities of any bot platform.
type channelData struct {
	Tenant struct {
		ID string `json:"id"`
	} `json:"tenant"`
	Team struct {
		ID string `json:"id"`
	} `json:"team"`
	Channel struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"channel"`
	Settings struct {
		SelectedChannel struct {
			ID string `json:"id"`
		} `json:"selectedChannel"`
	} `json:"settings"`
	EventType string `json:"eventType"`
}

const (
	maxBody     = 256 << 10 // Teams sends no more than about 100 KB
	maxEntities = 200
)

// ours are the fields that the library must not see: it would fail on them, or lose them.
var ours = []string{"value", "entities", "channelData", "attachments", "suggestedActions", "relatesTo",
	"timestamp", "localTimestamp", "expiration", "listenFor", "textHighlights", "semanticAction"}

// decode reads the extras of a body and returns the rest for the library.
func decode(body []byte) (extras, []byte, error) {
	var x extras
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &fields); err != nil {
		return x, nil, fmt.Errorf("reading the activity: %w", err)
	}
	if len(fields) == 0 {
		return x, nil, errors.New("the activity is empty")
	}
	x.value = fields["value"]
	x.entities = readEntities(fields["entities"])
	_ = json.Unmarshal(fields["channelData"], &x.data) // tolerated: see extras
	var to struct {
		IsTargeted bool `json:"isTargeted"`
	}
	if json.Unmarshal(fields["recipient"], &to) == nil {
		x.targeted = to.IsTargeted
	}
	for _, name := range ours {
		delete(fields, name)
	}
	rest, err := json.Marshal(fields)
	return x, rest, err
}

func readEntities(raw json.RawMessage) []entity {
	var all []json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return nil
	}
	var entities []entity
	for _, one := range all[:min(len(all), maxEntities)] {
		var e entity
		if json.Unmarshal(one, &e) == nil {
			entities = append(entities, e)
		}
	}
	return entities
}

// tenant is whose people sent it. The two places that tell must not differ.
func (a *arrival) tenant() string {
	told, also := a.data.Tenant.ID, a.Conversation.TenantID
	if told != "" && also != "" && told != also {
		return ""
	}
	if told == "" {
		return also
	}
	return told
}

// actor is the person, by the id that stays the same for every bot; some events lack it.
func (a *arrival) actor() goal.PersonID {
	if a.From.AadObjectID != "" {
		return goal.PersonID(a.From.AadObjectID)
	}
	return goal.PersonID(a.From.ID)
}

// threadMark stands between a channel and the message that a thread hangs on.
const threadMark = ";messageid="

// root is the conversation without its thread.
func root(conversationID string) string {
	base, _, _ := strings.Cut(conversationID, threadMark)
	return base
}

// personal reports whether person and bot are alone.
func (a *arrival) personal() bool { return a.Conversation.ConversationType == "personal" }

// place is where it happened. What is said in a Teams channel is for the members of its team, and a bot is not
// told whether a team is open to everybody, so every shared place counts as private.
func (a *arrival) place() conversation.Place {
	p := conversation.Place{ID: goal.ChannelID(root(a.Conversation.ID)), Kind: conversation.PrivateChannel, Name: a.Conversation.Name}
	if a.personal() {
		p.Kind, p.Name = conversation.Direct, ""
	}
	if a.data.Channel.Name != "" && string(p.ID) == a.data.Channel.ID {
		p.Name = a.data.Channel.Name
	}
	return p
}

// profile is what the activity says about the person.
func (a *arrival) profile() conversation.Profile {
	p := conversation.Profile{Name: a.From.Name, Zone: a.LocalTimezone, Language: a.Locale}
	for _, e := range a.entities {
		if e.Type != "clientInfo" {
			continue
		}
		if e.Timezone != "" {
			p.Zone = e.Timezone
		}
		if e.Locale != "" {
			p.Language = e.Locale
		}
	}
	return p
}

// delivery names the activity; it is the same when Teams delivers it again.
func (a *arrival) delivery() string {
	if a.ID == "" {
		return ""
	}
	return root(a.Conversation.ID) + " " + a.ID
}

// hasBot reports whether the bot is among the accounts.
func (a *arrival) hasBot(accounts []schema.ChannelAccount) bool {
	for _, account := range accounts {
		if account.ID != "" && account.ID == a.Recipient.ID {
			return true
		}
	}
	return false
}

// check refuses what could not be answered or would be dangerous to write down.
func (a *arrival) check() error {
	for _, id := range []string{a.Conversation.ID, a.From.ID, a.Recipient.ID} {
		if err := checkID(id); err != nil {
			return err
		}
	}
	for _, id := range []string{a.ID, a.ReplyToID, a.From.AadObjectID, a.data.Team.ID, a.data.Channel.ID, a.data.Settings.SelectedChannel.ID} {
		if id != "" {
			if err := checkID(id); err != nil {
				return err
			}
		}
	}
	_, err := parseService(a.ServiceURL)
	return err
}

// maxID is well above Teams' own ids; the longest, of personal chats, have about 140 characters.
const maxID = 500

// checkID lets no id pass that could leave its place in a path or a key.
func checkID(id string) error {
	if id == "" || len(id) > maxID || strings.Contains(id, "..") {
		return fmt.Errorf("%.40q is not an id of Teams", id)
	}
	bad := func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`/\?#%{}|"<>`, r) }
	if strings.ContainsFunc(id, bad) {
		return fmt.Errorf("%.40q is not an id of Teams", id)
	}
	return nil
}

// isNothing reports an absent or null value.
func isNothing(raw json.RawMessage) bool {
	raw = bytes.TrimSpace(raw)
	return len(raw) == 0 || bytes.Equal(raw, []byte("null"))
}
