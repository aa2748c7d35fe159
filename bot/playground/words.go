package playground

import (
	"fmt"
	"strings"
	"time"
)

// words are the page's own words; what the bot says comes with its cards.
type words struct {
	Title, About                     string
	YouAre, Places, Clock            string
	Skip                             string
	OtherLanguage, OtherLanguageHint string
	Direct, Home                     string // names of places
	WhoDirect, WhoGrowth             string // who reads along
	WhoHome                          string
	Thing                            string // "Message", the composer's label
	Placeholder, Send                string
	Commands                         string
	Sending, Lost, Failed            string
	OnlyYou, Dismiss                 string
	Reply, Replies, New              string // counted
	Empty, EmptyHome                 string
	EmptyGoal, EmptyDigest           string // what the commands beside them do, where nothing was said yet
	NewCommand, DigestCommand        string
	Required                         string
	Choose, Nobody                   string // the empty entry of a list, where the card names none
	TooLong                          string
	Reload                           string

	HourButton, TomorrowButton, MondayButton, TuesdayButton string
	MovedTo                                                 string // "It is now %s in %s."
	WroteTo, And                                            string // "Goalkeeper wrote to %s."

	HintTitle, HintClose          string
	HintMake, HintMakeExample     string
	HintMove                      string
	HintAnswer, HintAnswerExample string
	HintDigest, HintTell          string
	Help                          []help
}

// help is a command that the composer offers.
type help struct{ Insert, Does string }

var english = &words{
	Title: "Goalkeeper playground", About: "Everything here stays on this computer.",
	YouAre: "You are", Places: "Places", Clock: "Move the clock (%s time)",
	Skip:          "Skip to the message box",
	OtherLanguage: "Tiếng Việt", OtherLanguageHint: "Trang này và Goalkeeper dùng tiếng Việt",
	Direct: "Goalkeeper", Home: "My goals",
	WhoDirect: "Only you and Goalkeeper", WhoGrowth: "Linh, Sam, Alex and Goalkeeper",
	WhoHome: "Only you see this page",
	Thing:   "Message", Placeholder: "Write, or type /", Send: "Send",
	Commands: "Commands",
	Sending:  "Sending …", Lost: "The connection is gone; trying again …",
	Failed:  "That did not work, and nothing was lost. Try again.",
	OnlyYou: "Only visible to you", Dismiss: "Dismiss",
	Reply: "%d reply", Replies: "%d replies", New: "%d new",
	Empty: "Nothing here yet.", EmptyHome: "Nothing here yet. Type /goal new in a conversation.",
	EmptyGoal: "sets a goal here,", EmptyDigest: "tells every week how they go.",
	NewCommand: "/goal new", DigestCommand: "/goal digest",
	Required: "needed", Choose: "Choose …", Nobody: "Nobody",
	TooLong: "At most %d characters fit here; this has %d. Nothing was cut.",
	Reload:  "Look again",

	HourButton: "Next hour", TomorrowButton: "Tomorrow", MondayButton: "Mon 09:00", TuesdayButton: "Tue 10:00",
	MovedTo: "It is now %s in %s.", WroteTo: "Goalkeeper wrote to %s.", And: "and",

	HintTitle: "A week in three steps", HintClose: "Hide",
	HintMake: "In #growth, type a goal", HintMakeExample: "/goal new Cut CAC from $250 to $150 by Q4",
	HintMove:   "Move the clock to",
	HintAnswer: "and answer in the chat with Goalkeeper", HintAnswerExample: "210, 7/10, waiting for legal",
	HintDigest: "In #growth, turn on", HintTell: "and move the clock to",
	Help: []help{
		{"/goal new ", "Set a goal, in one line or step by step"},
		{"/goal list", "Your open goals"},
		{"/goal show ", "One goal, such as G-1"},
		{"/goal update ", "A new value, such as G-1 210"},
		{"/goal checkin", "Check in now"},
		{"/goal edit ", "Change a goal"},
		{"/goal close ", "Finish or drop a goal"},
		{"/goal digest", "The channel's weekly digest"},
		{"/goal settings", "Your day, hour, zone and language"},
		{"/goal help", "What else there is"},
	},
}

var vietnamese = &words{
	Title: "Goalkeeper, bản chạy thử", About: "Mọi thứ ở đây chỉ nằm trên máy này.",
	YouAre: "Bạn là", Places: "Nơi trò chuyện", Clock: "Chỉnh đồng hồ (giờ %s)",
	Skip:          "Tới ô nhập tin",
	OtherLanguage: "English", OtherLanguageHint: "This page and Goalkeeper in English",
	Direct: "Goalkeeper", Home: "Mục tiêu",
	WhoDirect: "Chỉ bạn và Goalkeeper", WhoGrowth: "Linh, Sam, Alex và Goalkeeper",
	WhoHome: "Trang này chỉ bạn thấy",
	Thing:   "Tin nhắn", Placeholder: "Nhập tin, hoặc gõ /", Send: "Gửi",
	Commands: "Các lệnh",
	Sending:  "Đang gửi …", Lost: "Mất kết nối, đang thử lại …",
	Failed:  "Chưa gửi được, nội dung vẫn còn đây. Thử lại nhé.",
	OnlyYou: "Chỉ mình bạn thấy", Dismiss: "Ẩn",
	Reply: "%d trả lời", Replies: "%d trả lời", New: "%d tin mới",
	Empty: "Chưa có gì ở đây.", EmptyHome: "Chưa có gì ở đây. Gõ /goal mới trong một cuộc trò chuyện.",
	EmptyGoal: "để đặt mục tiêu,", EmptyDigest: "để bật bản tin hằng tuần.",
	NewCommand: "/goal mới", DigestCommand: "/goal bản tin",
	Required: "bắt buộc", Choose: "Chọn …", Nobody: "Không ai",
	TooLong: "Chỗ này chứa tối đa %d ký tự, bạn đã nhập %d. Nội dung vẫn còn nguyên.",
	Reload:  "Xem lại",

	HourButton: "+1 giờ", TomorrowButton: "Ngày mai", MondayButton: "Thứ Hai 9:00", TuesdayButton: "Thứ Ba 10:00",
	MovedTo: "Bây giờ là %s ở %s.", WroteTo: "Goalkeeper đã nhắn %s.", And: "và",

	HintTitle: "Một tuần trong ba bước", HintClose: "Ẩn",
	HintMake: "Vào #growth, gõ một mục tiêu", HintMakeExample: "/goal mới Giảm CAC từ 250 đô xuống 150 đô vào quý 4",
	HintMove:   "Chỉnh đồng hồ tới",
	HintAnswer: "rồi trả lời khi trò chuyện riêng với Goalkeeper", HintAnswerExample: "210, 7/10, chờ bên pháp chế",
	HintDigest: "Vào #growth, bật", HintTell: "rồi chỉnh đồng hồ tới",
	Help: []help{
		{"/goal mới ", "Đặt mục tiêu, bằng một dòng hoặc từng bước"},
		{"/goal danh sách", "Các mục tiêu đang mở của bạn"},
		{"/goal xem ", "Một mục tiêu, ví dụ G-1"},
		{"/goal cập nhật ", "Số mới, ví dụ G-1 210"},
		{"/goal checkin", "Check-in ngay"},
		{"/goal sửa ", "Sửa mục tiêu"},
		{"/goal đóng ", "Kết thúc hoặc bỏ mục tiêu"},
		{"/goal bản tin", "Bản tin hằng tuần của kênh"},
		{"/goal cài đặt", "Ngày, giờ, múi giờ và ngôn ngữ của bạn"},
		{"/goal giúp", "Còn gì nữa"},
	},
}

// language is "vi" or "en", whatever is written behind it.
func language(tag string) string {
	if base, _, _ := strings.Cut(strings.ToLower(tag), "-"); base == "vi" {
		return "vi"
	}
	return "en"
}

func wordsIn(tag string) *words {
	if language(tag) == "vi" {
		return vietnamese
	}
	return english
}

var (
	weekdaysVI      = [...]string{"Chủ nhật", "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy"}
	shortWeekdaysVI = [...]string{"CN", "T2", "T3", "T4", "T5", "T6", "T7"}
)

// day is "Monday 30 November", without the year: the playground's clock moves by weeks.
func day(t time.Time, lang string) string {
	if lang == "vi" {
		return fmt.Sprintf("%s %d/%d", weekdaysVI[t.Weekday()], t.Day(), t.Month())
	}
	return t.Format("Monday 2 January")
}

// moment is "Monday 30 November, 09:00".
func moment(t time.Time, lang string) string { return day(t, lang) + ", " + t.Format("15:04") }

// shortMoment is "Mon 09:00".
func shortMoment(t time.Time, lang string) string {
	if lang == "vi" {
		return shortWeekdaysVI[t.Weekday()] + " " + t.Format("15:04")
	}
	return t.Format("Mon 15:04")
}

// counted fills a number into its phrase.
func counted(n int, one, many string) string {
	if n == 1 {
		return fmt.Sprintf(one, n)
	}
	return fmt.Sprintf(many, n)
}

// listed joins names as a sentence does: "Linh, Sam and Alex".
func listed(names []string, and string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " " + and + " " + names[last]
}
