package slack

import (
	"time"

	"goalkeeper/conversation/card"
)

func text(s string) card.Text { return card.Text{{Text: s}} }

func paragraph(role card.Role, spans ...card.Span) card.Block {
	return card.Block{Text: &card.Paragraph{Role: role, Text: spans}}
}

func percent(n int) *int { return &n }

func intent(verb, subject, question, value string) card.Intent {
	return card.Intent{Verb: verb, Subject: subject, Question: question, Value: value}
}

// in picks the words of a language.
func in(locale, en, vi string) string {
	if locale == "vi" {
		return vi
	}
	return en
}

// samples are cards of every shape, in a language.
func samples(l string) map[string]card.Card {
	return map[string]card.Card{
		"goal.card": goalCard(l), "checkin.ask": askCard(l), "digest": digestCard(l), "home": homeCard(l),
		"goal.form": formCard(l), "store.down": downCard(l), "checkin.saved": savedCard(l),
	}
}

func goalCard(l string) card.Card {
	return card.Card{
		Kind:    "goal.card",
		Summary: in(l, "G-12 Cut CAC, 40 %, on track", "G-12 Giảm CAC, 40 %, đúng tiến độ"),
		Body: []card.Block{
			paragraph(card.Title, card.Span{Text: in(l, "G-12 · Cut CAC", "G-12 · Giảm CAC")}),
			{Facts: []card.Fact{
				{Name: in(l, "From, to", "Từ, đến"), Value: text(in(l, "$250 → $150", "250 → 150 đô"))},
				{Name: in(l, "Due", "Hạn"), Value: card.Text{{Text: in(l, "31 Dec", "31/12"), Moment: time.Unix(1798675200, 0)}}},
				{Name: in(l, "Owner", "Phụ trách"), Value: card.Text{{Text: "Linh", Person: "U0LIN"}}},
				{Name: in(l, "Serves", "Phục vụ"), Value: text(in(l, "G-3 Profitable growth", "G-3 Tăng trưởng có lãi"))},
			}},
			{Progress: &card.Progress{Percent: percent(40), Words: in(l, "40 % · ● On track, 2 points ahead", "40 % · ● Đúng tiến độ, hơn 2 điểm")}},
			paragraph(card.Quiet, card.Span{Text: in(l, "Next check-in Mon 30 Nov, 9:00", "Check-in tới: thứ Hai 30/11, 9:00")}),
		},
		Actions: []card.Action{
			{Label: in(l, "Break into milestones", "Chia cột mốc"), Intent: intent("goal.split", "G-12", "n1", ""), Style: card.Primary},
			{Label: in(l, "Share", "Chia sẻ"), Intent: intent("goal.share", "G-12", "n1", "")},
			{Label: in(l, "Undo", "Hoàn tác"), Intent: intent("goal.undo", "G-12", "n1", ""), Style: card.Danger},
		},
	}
}

func askCard(l string) card.Card {
	return card.Card{
		Kind:    "checkin.ask",
		Summary: in(l, "Two goals to update, about a minute.", "Hai mục tiêu cần cập nhật, chừng một phút."),
		Body: []card.Block{
			paragraph(card.Body, card.Span{Text: in(l, "Morning, Linh. Two goals, about a minute.", "Chào Linh. Hai mục tiêu, chừng một phút.")}),
			{Rows: []card.Row{
				{
					Text:   card.Text{{Text: "■ "}, {Text: "G-12", Style: card.Strong}, {Text: in(l, " Cut CAC · $230, was $235", " Giảm CAC · 230 đô, trước 235")}},
					Detail: text(in(l, "12 points behind", "chậm 12 điểm")),
				},
				{Text: text(in(l, "● G-15 Three integrations · 1 of 3", "● G-15 Ba tích hợp mới · 1/3"))},
			}},
			paragraph(card.Body,
				card.Span{Text: in(l, "Answer here, e.g. ", "Trả lời ngay đây, ví dụ ")},
				card.Span{Text: in(l, "210, 7/10, waiting for legal", "210, 7/10, chờ pháp lý"), Style: card.Code}),
			paragraph(card.Quiet, card.Span{Text: in(l, "Every Monday at 9:00 your time", "Thứ Hai hằng tuần, 9:00 giờ của bạn")}),
		},
		Actions: []card.Action{
			{Label: in(l, "Answer", "Trả lời"), Intent: intent("checkin.answer", "", "2026-W48", ""), Style: card.Primary},
			{Label: in(l, "Nothing changed", "Không có gì mới"), Intent: intent("checkin.same", "", "2026-W48", "")},
			{Label: in(l, "Later", "Để sau"), Menu: []card.Choice{
				{Label: in(l, "In an hour", "Một giờ nữa"), Intent: intent("checkin.snooze", "", "2026-W48", "1h")},
				{Label: in(l, "Tomorrow", "Ngày mai"), Intent: intent("checkin.snooze", "", "2026-W48", "tomorrow")},
			}},
		},
	}
}

func savedCard(l string) card.Card {
	return card.Card{
		Kind:    "checkin.saved",
		Summary: in(l, "Saved. G-12 is at $210.", "Đã ghi. G-12: 210 đô."),
		Body: []card.Block{
			paragraph(card.Body, card.Span{Text: in(l, "Saved. G-12 Cut CAC is at $210, confidence 7.", "Đã ghi. G-12 Giảm CAC: 210 đô, tự tin 7.")}),
			{Progress: &card.Progress{Percent: percent(40), Words: "40 %"}},
			paragraph(card.Quote, card.Span{Text: in(l, "waiting for legal", "chờ pháp lý")}),
			{Trend: &card.Trend{
				Name: "CAC", Unit: "$", Words: "250 · 241 · 235 · 230 · 210",
				Points: []card.Point{{Label: "26 Oct", Value: 250}, {Label: "2 Nov", Value: 241}, {Label: "9 Nov", Value: 235}, {Label: "16 Nov", Value: 230}, {Label: "23 Nov", Value: 210}},
			}},
			paragraph(card.Quiet,
				card.Span{Text: "#growth", Channel: "C0GOALS"},
				card.Span{Text: in(l, " sees it on Tuesday, nobody before.", " thấy vào thứ Ba, trước đó thì chưa ai.")}),
		},
		Actions: []card.Action{{Label: in(l, "Correct", "Sửa lại"), Intent: intent("checkin.correct", "G-12", "2026-W48", "")}},
	}
}

func digestCard(l string) card.Card {
	help := card.Action{Label: in(l, "I can help", "Mình giúp được"), Intent: intent("blocker.help", "G-12", "5", "")}
	link := card.Action{Label: in(l, "Link them", "Gắn vào"), Intent: intent("goal.link", "", "", "G-14,G-16")}
	return card.Card{
		Kind:    "digest",
		Summary: in(l, "#growth, week 48: 7 goals, one needs you", "#growth, tuần 48: 7 mục tiêu, một mục cần mọi người"),
		Body: []card.Block{
			paragraph(card.Headline, card.Span{Text: in(l, "#growth · week 48 · 7 goals", "#growth · tuần 48 · 7 mục tiêu")}),
			paragraph(card.Title, card.Span{Text: in(l, "Needs you", "Cần mọi người")}),
			{Rows: []card.Row{{
				Text:   card.Text{{Text: "■ "}, {Text: "G-12", Style: card.Strong}, {Text: in(l, " Cut CAC, $210 of $150: \"waiting for legal\"", " Giảm CAC, 210/150 đô: \"chờ pháp lý\"")}},
				Detail: text(in(l, "Linh asks for help", "Linh cần giúp")), Action: &help,
			}}},
			paragraph(card.Title, card.Span{Text: in(l, "Moved", "Có tiến triển")}),
			{Rows: []card.Row{{Text: text(in(l, "● G-15 Three integrations: 1 → 2 of 3", "● G-15 Ba tích hợp mới: 1 → 2/3"))}}},
			{Rows: []card.Row{{Text: text(in(l, "G-14 and G-16 lead to nothing yet.", "G-14, G-16 chưa dẫn tới đâu.")), Action: &link}}},
			paragraph(card.Quiet, card.Span{Text: in(l, "Details in the thread.", "Chi tiết trong luồng.")}),
		},
	}
}

func homeCard(l string) card.Card {
	show := card.Action{Label: in(l, "Show", "Xem"), Intent: intent("goal.show", "G-12", "", "")}
	return card.Card{
		Kind:    "home",
		Summary: in(l, "Your goals", "Mục tiêu của bạn"),
		Body: []card.Block{
			paragraph(card.Headline, card.Span{Text: in(l, "Your goals", "Mục tiêu của bạn")}),
			{Rows: []card.Row{{Text: text("● G-12 · 40 %"), Action: &show}}},
			{Progress: &card.Progress{Words: in(l, "G-9 needs a baseline", "G-9 chưa có mức ban đầu")}},
		},
		Actions: []card.Action{{Label: in(l, "New goal", "Mục tiêu mới"), Intent: intent("goal.new", "", "", ""), Style: card.Primary}},
	}
}

func formCard(l string) card.Card {
	return card.Card{
		Kind:    "goal.form",
		Summary: in(l, "New goal", "Mục tiêu mới"),
		Body:    []card.Block{paragraph(card.Body, card.Span{Text: in(l, "No reason yet: people work better when they know why.", "Chưa có lý do: biết vì sao thì làm tốt hơn.")})},
		Form: &card.Form{
			Title: in(l, "New goal", "Mục tiêu mới"), Submit: in(l, "Save", "Lưu"), Cancel: in(l, "Cancel", "Huỷ"),
			Intent: intent("goal.save", "", "n1", ""),
			Fields: []card.Field{
				{Name: "title", Label: in(l, "Goal", "Mục tiêu"), Kind: card.Line, Value: "Cut CAC", Required: true},
				{Name: "why", Label: in(l, "Why", "Vì sao"), Kind: card.Lines, Hint: in(l, "What gets better, and for whom", "Điều gì tốt lên, cho ai")},
				{Name: "due", Label: in(l, "Due", "Hạn"), Kind: card.Day, Value: "2026-12-31", Error: in(l, "That is a Thursday on which nobody works.", "Hôm đó không ai làm việc.")},
				{Name: "direction", Label: in(l, "Direction", "Chiều"), Kind: card.Choose, Value: "decrease", Options: []card.Option{
					{Value: "increase", Label: in(l, "goes up", "tăng")}, {Value: "decrease", Label: in(l, "goes down", "giảm")},
				}},
				{Name: "owner", Label: in(l, "Owner", "Phụ trách"), Kind: card.Person, Value: "U0LIN", Required: true},
			},
		},
	}
}

func downCard(l string) card.Card {
	return card.Card{
		Kind:    "store.down",
		Summary: in(l, "Nothing was saved.", "Chưa lưu được."),
		Body: []card.Block{
			paragraph(card.Alarm, card.Span{Text: in(l, "I cannot save right now, so nothing was changed.", "Hiện chưa lưu được nên chưa có gì thay đổi.")}),
			paragraph(card.Quote, card.Span{Text: "new Cut CAC from $250 to $150"}),
		},
	}
}
