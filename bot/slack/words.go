package slack

import (
	"fmt"
	"strings"
)

// words are the few phrases that Slack's own limits make necessary; everything else arrives written in the card.
type words struct {
	close, choose, app   string
	open                 string // the form that waits behind a button
	more                 string // %d lines left out
	unreachable, retired string
}

var (
	english = words{
		close:  "Close",
		choose: "Choose",
		app:    "Goalkeeper",
		open:   "Open the form",
		more:   "%d more did not fit into one Slack message.",
		unreachable: "I cannot reach my notes right now, so nothing was changed. " +
			"Please try again in a minute.",
		retired: "This button has retired. Type /goal to go on; nothing was changed.",
	}
	vietnamese = words{
		close:       "Đóng",
		choose:      "Chọn",
		app:         "Goalkeeper",
		open:        "Mở biểu mẫu",
		more:        "Còn %d mục nữa, một tin nhắn Slack không chứa hết.",
		unreachable: "Hiện chưa mở được sổ ghi nên chưa có gì thay đổi. Bạn thử lại sau một phút nhé.",
		retired:     "Nút này đã cũ. Gõ /goal để tiếp tục; chưa có gì thay đổi.",
	}
)

// wordsIn are the phrases in a language; English when it is not one of ours.
func wordsIn(locale string) words {
	if strings.HasPrefix(strings.ToLower(locale), "vi") {
		return vietnamese
	}
	return english
}

// both says a phrase in both languages, where it is not known which one the reader prefers.
func both(pick func(words) string) string {
	return fmt.Sprintf("%s\n%s", pick(english), pick(vietnamese))
}
