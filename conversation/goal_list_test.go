package conversation_test

import (
	"fmt"
	"strings"
	"testing"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// ids are the goals of a list, in its order.
func ids(c *card.Card) string {
	var all []string
	for _, b := range c.Body {
		for _, r := range b.Rows {
			all = append(all, r.Action.Intent.Subject)
		}
	}
	return strings.Join(all, " ")
}

// various is a channel with goals of three people in every state.
func various(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.plant(linh, cac)                                                               // G-1
	w.plant(linh, map[string]string{"title": "Risky", "from": "0", "to": "10"})      // G-2
	w.plant(alex, map[string]string{"title": "Lost", "from": "0", "to": "10"})       // G-3
	w.plant(alex, map[string]string{"title": "For Sam", "owner": string(sam)})       // G-4, waits
	w.plant(alex, map[string]string{"title": "Closed"})                              // G-5
	w.plant(linh, map[string]string{"title": "Only Linh's", "visibility": "shared"}) // G-6
	w.close(alex, "G-5", "1.0")
	w.edit(linh, "G-6", map[string]string{"visibility": "private"})
	for id, status := range map[goal.ID]goal.Status{"G-2": goal.AtRisk, "G-3": goal.OffTrack} {
		change(w, conversation.GoalKind, string(id), func(g *conversation.Goal) { g.Status = status })
	}
	return w
}

func TestLists(t *testing.T) {
	w := various(t)
	for _, tt := range []struct {
		p             goal.PersonID
		at            conversation.Place
		line, heading string
		ids           string
	}{
		{linh, direct(linh), "list", "Your 3 goals", "G-1 G-2 G-6"},
		{linh, inGrowth, "list mine", "Your 3 goals", "G-1 G-2 G-6"},
		{linh, direct(linh), "list here", "Your 3 goals", "G-1 G-2 G-6"},
		{linh, inGrowth, "list", "5 goals in #growth", "G-1 G-2 G-3 G-4 G-6"},
		{alex, inGrowth, "list team", "4 goals in #growth", "G-1 G-2 G-3 G-4"},
		{alex, inGrowth, "list", "4 goals in #growth", "G-1 G-2 G-3 G-4"},
		{alex, direct(alex), "list all", "4 open goals", "G-1 G-2 G-3 G-4"},
		{alex, direct(alex), "list mine", "Your 2 goals", "G-3 G-4"},
		{alex, inGrowth, "list @Linh", "Linh's 2 goals", "G-1 G-2"},
		{sam, inGrowth, "list @Linh", "Linh's 2 goals", "G-1 G-2"},
		{linh, inGrowth, "list @Linh", "Linh's 3 goals", "G-1 G-2 G-6"},
		{sam, direct(sam), "list mine", "Your goal", "G-4"},
		{sam, direct(sam), "list at-risk", "One goal at risk", "G-2"},
		{sam, direct(sam), "list off-track", "One goal off track", "G-3"},
		{sam, direct(sam), "list stale", "Every goal has news", ""},
		{sam, inGrowth, "list everything", "I cannot list “everything”", ""},
		{sam, inGrowth, "list everything 10", "I cannot list “everything 10”", ""},
	} {
		c := w.command(tt.p, tt.at, tt.line, conversation.Mention{Text: "@Linh", Person: linh})
		w.wants(c, tt.heading)
		if got := ids(c); got != tt.ids {
			t.Errorf("%s: %q lists %s, want %s", tt.p, tt.line, got, tt.ids)
		}
	}
	w.wants(w.command(alex, inGrowth, "list mine"), "waiting for Sam to accept it")
}

func TestListsInVietnamese(t *testing.T) {
	w := various(t)
	change(w, conversation.PersonKind, string(sam), func(p *conversation.Person) { p.Chosen.Language = "vi" })
	w.sleep(w.now.AddDate(0, 0, 21))
	w.wants(w.command(sam, inGrowth, "list"), "4 mục tiêu trong #growth", "3 tuần chưa cập nhật", "đang chờ Sam nhận", "[Mở]")
	for line, heading := range map[string]string{
		"ds im ang": "4 mục tiêu chưa có tin", "danh sách của tôi": "1 mục tiêu của bạn", "danh sach tat ca": "4 mục tiêu đang mở",
		"ds rủi ro": "1 mục tiêu có rủi ro", "ds chech huong": "1 mục tiêu chệch hướng", "ds nhóm": "4 mục tiêu trong #growth",
		"ds @Linh": "2 mục tiêu của Linh",
	} {
		w.wants(w.command(sam, inGrowth, line, conversation.Mention{Text: "@Linh", Person: linh}), heading)
	}
}

func TestALongListIsPaged(t *testing.T) {
	w := newWorld(t)
	w.seed(250)
	c := w.command(linh, inGrowth, "list")
	w.wants(c, "250 goals in #growth", "1–10 of 250", "[More]")
	w.lacks(c, "[Back]")
	seen := map[string]bool{}
	for page := 1; ; page++ {
		for _, id := range strings.Fields(ids(c)) {
			if seen[id] {
				t.Errorf("%s stands on two pages", id)
			}
			seen[id] = true
		}
		if page == 25 {
			break
		}
		// The reply may have come to the direct conversation: it stays a list of the channel.
		answer := w.press(linh, "", w.intent(c, "More"))
		if c = answer.Card; !answer.Replace {
			t.Fatal("a page does not take the place of the one before")
		}
		w.wants(c, "250 goals in #growth", fmt.Sprintf("%d–%d of 250", 10*page+1, 10*page+10), "[Back]")
	}
	w.lacks(c, "[More]")
	if len(seen) != 250 {
		t.Errorf("%d goals were listed", len(seen))
	}
	w.wants(w.press(linh, "", card.Intent{Verb: "goal.list", Value: "all 999999"}).Card, "250–250 of 250")
	w.wants(w.press(linh, "", card.Intent{Verb: "goal.list", Value: "rubbish 3"}).Card, "cannot list")
}

func TestWhatIsNotListedIsSaidOfWhat(t *testing.T) {
	w := newWorld(t)
	for line, says := range map[string]string{
		"list": "No goals here yet", "list mine": "No goals here yet", "list all": "No goals here yet",
		"list at-risk": "No goal is at risk", "list off-track": "No goal is off track", "list @Alex": "Alex has no open goals",
	} {
		w.wants(w.command(linh, inGrowth, line, conversation.Mention{Text: "@Alex", Person: alex}), says)
	}
}

func TestACommandsNameIsNoPhrase(t *testing.T) {
	w := newWorld(t)
	w.dir.speaks(linh, "vi")
	for _, line := range []string{"ds im ang", "list at risk", "list all", "show G-1 please", "help me"} {
		w.wants(w.command(linh, inGrowth, line), "ục tiêu")
		if p := take[*conversation.Person](w, conversation.PersonKind, string(linh)); p.Typed == "en" {
			t.Errorf("%q makes English of a Vietnamese reader", line)
		}
	}
}
