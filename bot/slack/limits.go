package slack

import (
	"unicode/utf8"
)

// Slack's published limits (docs.slack.dev, reference of blocks, block elements, composition objects and views,
// read in November 2026). Lengths are in characters, which we count as code points.
const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	maxSection       = 3000
	maxFields        = 10
	maxField         = 2000
	maxHeader        = 150
	maxContext       = 3000
	maxLabel         = 75 // of a button, an option, and a select's placeholder that stands for a button
	maxOptionValue   = 150
	maxOptions       = 100
	maxButtonValue   = 500  // Slack takes 2,000, but a view of a hundred such buttons would be too large
	maxURL           = 1000 // Slack takes 3,000; shorter ones keep views small
	maxInputValue    = 3000
	maxViewTitle     = 24 // and of a modal's submit and close
	maxMetadata      = 3000
	maxID            = 255 // of blocks and actions
	maxChartTitle    = 50
	maxChartLabel    = 20
	maxChartPoints   = 20
	maxCharts        = 2
)

const (
	// maxMessageText bounds all text of one message. Slack refuses long messages with msg_blocks_too_long and
	// does not publish the bound; reports begin at 11,300 characters.
	maxMessageText = 9000
	// maxActionText is the part of it that the card's own buttons and menus can count on.
	maxActionText = 2500
	// maxViewText and maxViewOptions keep a view below its 250 kB, at up to six bytes a character.
	maxViewText    = 16_000
	maxViewOptions = 80_000 // bytes of all options
	// maxHint bounds labels and hints of fields, of which Slack would take 2,000 characters and nobody read them.
	maxHint      = 300
	maxFieldName = 200 // so that it fits an id
	// maxFallback bounds the plain text beside the blocks (chat.update takes 4,000).
	maxFallback = 3000
	// maxSocketBody bounds a reply over Socket Mode, which Slack drops silently from 20 kB on.
	maxSocketBody = 19_000
)

// Loss is something of a card that could not be shown as it is. It names no text of people.
type Loss struct {
	What string // "text", "row", "action", "option", "field", "chart", "link", …
	Why  string
}

// runes counts characters as Slack's limits do.
func runes(s string) int { return utf8.RuneCountInString(s) }

// cut shortens a text to at most n characters, the last of which is then an ellipsis.
func cut(s string, n int) (short string, whole bool) {
	if len(s) <= n || runes(s) <= n {
		return s, true
	}
	return string([]rune(s)[:n-1]) + "…", false
}
