package conversation_test

import (
	"fmt"
	"strings"
	"testing"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// writes is a command typed in the direct conversation, answered at once.
func (w *world) writes(p goal.PersonID, text string) *card.Card {
	w.t.Helper()
	return w.handle(conversation.Input{Actor: p, Place: direct(p), Inline: true, Act: conversation.Command{Text: text}}).Card
}

func (w *world) added(p goal.PersonID, at conversation.Place) {
	w.t.Helper()
	w.handle(conversation.Input{Actor: p, Place: at, Act: conversation.Added{}})
}

func (w *world) opensHome(p goal.PersonID) *card.Card {
	w.t.Helper()
	return w.handle(conversation.Input{Actor: p, Place: conversation.Place{Kind: conversation.Home}, Act: conversation.Opened{}}).Card
}

func TestTheMenuLeadsOn(t *testing.T) {
	w := newWorld(t)
	menu := w.types(sam, "")
	w.wants(menu, "What would you like to do?", "[New goal][Check in][My goals][More](Channel digest)(My settings)(Help)")
	w.bears(menu)
	for _, label := range []string{"New goal", "Check in", "My goals", "Channel digest", "My settings", "Help"} {
		if c := w.uses(sam, "", conversation.Used{Intent: w.intent(menu, label)}); c == nil {
			t.Errorf("%s leads nowhere", label)
		}
	}
}

func TestHelp(t *testing.T) {
	w := newWorld(t)
	short := w.types(sam, "help")
	w.wants(short, "/goal new Cut CAC from $250 to $150 by Q4 |  [New goal]", "[Check in]", "[My goals]", "/goal help all lists everything.")
	w.wants(w.types(sam, "help all"), "/goal new", "/goal reopen G-12", "/goal settings")
	w.wants(w.types(sam, "help digest"), "/goal digest | What the channel's weekly digest says")
	w.lacks(w.types(sam, "help digest"), "/goal new")
	w.wants(w.types(sam, "giúp tất cả"), "/goal reopen G-12") // a command's words are no phrase
	w.says(sam, "tiếng Việt")
	w.wants(w.types(sam, "giúp tất cả"), "/goal mo lai G-12")
}

func TestAMistypedWordIsOneTapAway(t *testing.T) {
	w := newWorld(t)
	near := w.types(sam, "nwe Cut CAC from $250 to $150 by Q4")
	w.wants(near, "Did you mean /goal new?", "[/goal new Cut CAC from $250 to $150 by Q4]")
	form := w.uses(sam, "", conversation.Used{Intent: near.Actions[0].Intent})
	if form.Form == nil || form.Form.Fields[0].Value != "Cut CAC" {
		t.Errorf("it leads to %s", show(form))
	}
	w.wants(w.types(sam, "xyzzy"), "I do not know “xyzzy”, so nothing was changed.", "[New goal][My goals][Help]")
	long := w.types(sam, "nwe "+strings.Repeat("chữ ", 800))
	if i := long.Actions[0].Intent; len(i.String()) > card.MaxIntent || i.Value != "new" {
		t.Errorf("a long line makes a control of %d bytes", len(i.String()))
	}
}

func TestSettingsAreSavedAndHeldTo(t *testing.T) {
	w := newWorld(t)
	w.plant(sam, map[string]string{"title": "Three integrations"})
	form := w.writes(sam, "settings")
	w.bears(form)
	for name, want := range map[string]string{"on": "yes", "weekday": "1", "hour": "09:00", "zone": "", "language": ""} {
		if got := field(t, form, name).Value; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := field(t, form, "zone").Options; got[0].Label != "Follow Goalkeeper (London)" || !strings.HasPrefix(got[1].Label, "London · ") {
		t.Errorf("the zones begin with %q, %q", got[0].Label, got[1].Label)
	}
	saved := w.submit(sam, "", form.Form, map[string]string{"weekday": "3", "hour": "16:30", "zone": "Asia/Tokyo"})
	w.wants(saved.Card, "I ask every Wednesday at 16:30, Tokyo time", "Next check-in Wed 2 Dec, 16:30")
	again := w.submit(sam, "", form.Form, map[string]string{"weekday": "3", "hour": "16:30", "zone": "Asia/Tokyo"})
	w.wants(again.Card, "I ask every Wednesday at 16:30")

	w.until(w.at(sam, "2026-12-02 07:29"))
	if n := len(w.keys("checkin:")); n != 0 {
		t.Errorf("asked %d times before", n)
	}
	w.until(w.at(sam, "2026-12-02 07:30")) // 16:30 in Tokyo
	if n := len(w.keys("checkin:")); n != 1 {
		t.Errorf("asked %d times", n)
	}
	off := w.submit(sam, "", w.writes(sam, "settings").Form, map[string]string{"on": "no"})
	w.wants(off.Card, "Weekly check-ins are off", "/goal update")
	w.until(w.at(sam, "2026-12-16 12:00"))
	if n := len(w.keys("checkin:")); n != 1 {
		t.Errorf("asked %d times though it is off", n)
	}
	w.wants(w.opensHome(sam), "Weekly check-ins are off")
	on := w.submit(sam, "", w.writes(sam, "settings").Form, map[string]string{"on": "yes"})
	w.wants(on.Card, "Next check-in Wed 23 Dec, 16:30")
	w.until(w.at(sam, "2026-12-23 07:30"))
	if n := len(w.keys("checkin:")); n != 2 {
		t.Errorf("asked %d times after turning it on again", n)
	}
}

func field(t *testing.T, c *card.Card, name string) card.Field {
	t.Helper()
	for _, f := range c.Form.Fields {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no field %s in:\n%s", name, show(c))
	return card.Field{}
}

func TestSettingsThatMakeNoSenseComeBack(t *testing.T) {
	w := newWorld(t)
	form := w.writes(sam, "settings")
	c := w.submit(sam, "", form.Form, w.badPlan()).Card
	for _, f := range c.Form.Fields {
		if f.Error == "" || f.Value != w.badPlan()[f.Name] {
			t.Errorf("%s = %q: %q", f.Name, f.Value, f.Error)
		}
	}
	if c.Form.Intent != form.Form.Intent {
		t.Error("the form that comes back is another act")
	}
}

func TestALanguageIsChosenByForm(t *testing.T) {
	w := newWorld(t)
	saved := w.submit(sam, "", w.writes(sam, "settings").Form, map[string]string{"language": "vi"})
	w.wants(saved.Card, "Đã lưu. Mình sẽ hỏi vào 9:00 thứ Hai hằng tuần")
	w.wants(w.types(sam, ""), "Bạn muốn làm gì?")
}

// Somebody in Vietnam with an English client is asked once, in both languages.
func TestTheLanguageIsAskedOnce(t *testing.T) {
	w := newWorld(t)
	w.added(linh, direct(linh))
	w.types(linh, "")
	w.opensHome(linh)
	asked := w.keys("language:")
	if len(asked) != 1 {
		t.Fatalf("asked %d times", len(asked))
	}
	m := w.message(asked[0])
	w.wants(&m.Card, "Shall I write to you in English?", "Mình nhắn bạn bằng tiếng Việt nhé?", "[English][Tiếng Việt]")
	for range 2 {
		w.press(linh, m.Key, w.intent(&m.Card, "Tiếng Việt"))
	}
	w.wants(&w.message(m.Key).Card, "Từ giờ mình nhắn bằng tiếng Việt")
	w.wants(w.types(linh, ""), "Bạn muốn làm gì?")
	w.types(sam, "")
	if n := len(w.keys("language:")); n != 1 {
		t.Error("somebody in London was asked")
	}
}

func TestHelloOnce(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		w.added(sam, direct(sam))
		w.added(alex, inGrowth)
	}
	if got := w.keys("greet:"); len(got) != 2 {
		t.Fatalf("greeted %q", got)
	}
	person, channel := w.message("greet:"+string(sam)), w.message("greet:"+string(growth))
	w.wants(&person.Card, "Hello Sam.", "every Monday at 9:00 your time", "[New goal][Help]")
	w.wants(&channel.Card, "/goal new Cut CAC from $250 to $150 by Q4 sets a goal in this channel", "[New goal]")
	if person.To.Person != sam || channel.To.Channel != growth {
		t.Errorf("to %+v and %+v", person.To, channel.To)
	}
}

func TestHomeOfSomebodyNew(t *testing.T) {
	w := newWorld(t)
	home := w.opensHome(sam)
	w.wants(home, "No goals yet. The first one takes a minute", "[New goal]")
	w.bears(home)
}

func TestHomeShowsTheMostUrgentFirst(t *testing.T) {
	w := newWorld(t)
	fine := w.plant(sam, map[string]string{"title": "Fine"})
	worse := w.plant(sam, map[string]string{"title": "Worse"})
	w.plant(linh, map[string]string{"title": "Offered", "owner": string(sam)})
	w.plant(linh, map[string]string{"title": "Somebody else's"})
	w.says(sam, string(fine)+" 8/10")
	w.says(sam, string(worse)+" 2/10")
	home := w.opensHome(sam)
	text := show(home)
	for _, pair := range [][2]string{{"Suggested to you", "Offered"}, {"Offered", "Your goals"}, {"Your goals", "Worse"}, {"Worse", "Fine"}} {
		if strings.Index(text, pair[0]) > strings.Index(text, pair[1]) {
			t.Errorf("%q comes after %q in:\n%s", pair[0], pair[1], text)
		}
	}
	w.lacks(home, "Somebody else's")
	w.wants(home, "[Accept]", "[Update]", "Next check-in Mon 30 Nov, 9:00")
	w.until(w.at(sam, "2026-11-30 09:00"))
	w.wants(w.opensHome(sam), "Waiting for your answer")
}

func TestHomeIsBounded(t *testing.T) {
	w := newWorld(t)
	w.seed(60)
	home := w.opensHome(linh)
	w.bears(home)
	w.wants(home, fmt.Sprintf("And %d more", 40))
}

func TestEverythingSpeaksVietnamese(t *testing.T) {
	w := newWorld(t)
	w.dir.people[linh] = conversation.Profile{Name: "Trần Mỹ Linh", Zone: "Asia/Ho_Chi_Minh", Language: "vi"}
	w.plant(linh, map[string]string{"title": "Giảm CAC", "from": "250 đô", "to": "150 đô"})
	w.wants(w.types(linh, "bản tin"), "tuần 48 · 1 mục tiêu", "Đang tắt", "[Bật bản tin][Sửa]")
	w.uses(linh, "", conversation.Used{Intent: card.Intent{Verb: "digest.set", Subject: string(growth)}})
	w.until(w.at(linh, "2026-11-30 10:00"))
	w.says(linh, "210, 7/10, chờ pháp lý")
	w.until(w.at(linh, "2026-12-01 10:00"))
	top := w.digests()[0]
	w.wants(&top.Card, "#growth · tuần 49 · 1 mục tiêu", "Cần mọi người", "250 → 210 đô, đích 150 đô", "Linh cần giúp: “chờ pháp lý” [Mình giúp được]")
	w.added(linh, direct(linh))
	w.wants(&w.last("greet:").Card, "Chào Linh.", "9:00 thứ Hai hằng tuần")
	w.wants(w.types(linh, "giúp"), "Ba việc hay dùng nhất")
	w.wants(w.types(linh, "cap nhatt"), "Ý bạn là /goal cap nhat?")
	w.wants(w.opensHome(linh), "Mục tiêu của mình", "[Cập nhật]")
}

func TestTheLanguageIsAskedWithTheFirstGoal(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.plant(linh, map[string]string{"title": "Another"})
	w.flush()
	if n := len(w.keys("language:")); n != 1 {
		t.Errorf("asked %d times", n)
	}
}
