package slack

import (
	"errors"
	"fmt"
	"strings"

	"goalkeeper/conversation"
)

// words are the few phrases that Slack's own limits make necessary; everything else arrives written in the card.
type words struct {
	close, choose, app   string
	open                 string // the form that waits behind a button
	more                 string // %d lines left out
	unreachable, retired string
	unsure               string // the store took too long: saved or not
	pending              string // in time, nobody knows yet
	busy, starting       string
	broken               string // a defect
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
		unsure: "I could not make sure that this was saved. Look at /goal list in a minute; " +
			"if it is missing there, send it once more.",
		pending:  "This takes longer than usual and is not saved yet. I will tell you here what came of it.",
		busy:     "Too much is going on right now, so I did not take this up and nothing was changed. Try again in a minute.",
		starting: "I have only just been started, so nothing was changed. Try again in a minute.",
		broken:   "Something went wrong on my side, so this was not finished. It was written down for whoever runs me.",
	}
	vietnamese = words{
		close:       "Đóng",
		choose:      "Chọn",
		app:         "Goalkeeper",
		open:        "Mở biểu mẫu",
		more:        "Còn %d mục nữa, một tin nhắn Slack không chứa hết.",
		unreachable: "Hiện chưa mở được sổ ghi nên chưa có gì thay đổi. Bạn thử lại sau một phút nhé.",
		retired:     "Nút này đã cũ. Gõ /goal để tiếp tục; chưa có gì thay đổi.",
		unsure:      "Chưa chắc nội dung này đã được lưu. Một phút nữa bạn xem lại bằng /goal list; nếu chưa thấy thì gửi lại nhé.",
		pending:     "Lần này lâu hơn bình thường và chưa lưu xong. Có kết quả mình sẽ báo ngay ở đây.",
		busy:        "Lúc này có quá nhiều việc nên mình chưa nhận, chưa có gì thay đổi. Một phút nữa bạn thử lại nhé.",
		starting:    "Mình vừa khởi động nên chưa có gì thay đổi. Một phút nữa bạn thử lại nhé.",
		broken:      "Phía mình gặp lỗi nên việc này chưa xong. Lỗi đã được ghi lại cho người vận hành.",
	}
)

// failing is what can be said for sure when an input was not handled.
func (w words) failing(err error) string {
	if errors.Is(err, conversation.ErrUnsure) {
		return w.unsure
	}
	return w.unreachable
}

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
