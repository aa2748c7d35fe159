package teams

import (
	"fmt"
	"strings"
)

// words are the few sentences that only this platform needs, because only here a form stands in a message and
// a card has a greatest size.
type words struct {
	language string
	needed   string // under a required field left empty
	closed   string // after Cancel
	got      string // where an answer shows nothing
	below    string // under a card whose answer is a message of its own
	alone    string // the same, under a channel's message
	stale    string // a control that this version does not know
	private  string // in a channel, where a whisper is impossible
	unknown  string // a dialog or search that the app does not have
	more     func(n int) string
}

var english = words{
	language: "en",
	needed:   "This one is needed.",
	closed:   "Closed. Nothing was saved.",
	got:      "Got it.",
	below:    "It is below.",
	alone:    "I wrote to you alone.",
	stale:    "This button is from an older message. Type goal to see what is there now.",
	private:  "I cannot write to you alone here. Open a chat with me and type it there.",
	unknown:  "There is nothing to open here. Type goal to me in a chat.",
	more: func(n int) string {
		if n == 1 {
			return "One more line does not fit here."
		}
		return fmt.Sprintf("%d more lines do not fit here.", n)
	},
}

var vietnamese = words{
	language: "vi",
	needed:   "Mục này cần có.",
	closed:   "Đã đóng, chưa lưu gì.",
	got:      "Đã ghi nhận.",
	below:    "Xem bên dưới nhé.",
	alone:    "Mình vừa nhắn riêng cho bạn.",
	stale:    "Nút này thuộc tin nhắn cũ. Gõ goal để xem hiện có gì.",
	private:  "Ở đây mình không nhắn riêng cho bạn được. Mở khung chat với mình rồi gõ lại nhé.",
	unknown:  "Ở đây không có gì để mở. Bạn nhắn goal cho mình trong khung chat nhé.",
	more:     func(n int) string { return fmt.Sprintf("Còn %d dòng nữa không vừa ở đây.", n) },
}

// down is said in both languages: whoever reads it, nothing more is known while nothing can be looked up.
const down = "I cannot save right now, so nothing was changed. Try again in a minute. · " +
	"Hiện chưa lưu được nên chưa có gì thay đổi. Thử lại sau một phút nhé."

// What is said in both languages where nothing was taken up, or nobody knows yet.
const (
	busy = "Too much is going on right now, so I did not take this up and nothing was changed. Try again in a minute. · " +
		"Lúc này có quá nhiều việc nên mình chưa nhận, chưa có gì thay đổi. Một phút nữa bạn thử lại nhé."
	pending = "This takes longer than usual and is not saved yet. Check in a minute; sending it once more does no harm. · " +
		"Lần này lâu hơn bình thường và chưa lưu xong. Một phút nữa bạn xem lại; gửi lại cũng không sao."
	broken = "Something went wrong on my side, so this was not finished. It was written down for whoever runs me. · " +
		"Phía mình gặp lỗi nên việc này chưa xong. Lỗi đã được ghi lại cho người vận hành."
)

// tryAgain sends once more what could not be saved.
const tryAgain = "Try again · Thử lại"

// wordsOf takes any language tag.
func wordsOf(language string) words {
	if strings.HasPrefix(strings.ToLower(language), "vi") {
		return vietnamese
	}
	return english
}
