package slack

import (
	"fmt"

	"github.com/slack-go/slack"
)

const (
	metadataType = "goalkeeper_message"
	blockKey     = "k" // block ids are k1.<revision>:<key>, k2.<revision>:<key>, …
)

// withKey names the message in the blocks that hold controls. Slack keeps what was chosen in a block of the same
// name, so that the name changes with the revision.
func withKey(blocks []slack.Block, key string, revision int) []slack.Block {
	if key == "" {
		return blocks
	}
	for i, b := range blocks {
		id := fmt.Sprintf("%s%d.%d:%s", blockKey, i, revision, key)
		if runes(id) > maxID { // never cut: the message's metadata has it too
			return blocks
		}
		switch b := b.(type) {
		case *slack.ActionBlock:
			b.BlockID = id
		case *slack.SectionBlock:
			if b.Accessory != nil {
				b.BlockID = id
			}
		}
	}
	return blocks
}

// labelled is the metadata that names a message.
func labelled(key string) slack.SlackMetadata {
	return slack.SlackMetadata{EventType: metadataType, EventPayload: map[string]any{"key": key}}
}
