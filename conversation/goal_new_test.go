package conversation_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// values are what a form is filled with, by field.
func values(t *testing.T, c *card.Card) map[string]string {
	t.Helper()
	if c == nil || c.Form == nil {
		t.Fatalf("no form: %s", show(c))
	}
	all := map[string]string{}
	for _, f := range c.Form.Fields {
		all[f.Name] = strings.ReplaceAll(f.Value, "\u00a0", " ")
	}
	return all
}

// wrongs are a form's errors, by field.
func wrongs(t *testing.T, c *card.Card) map[string]string {
	t.Helper()
	if c == nil || c.Form == nil {
		t.Fatalf("no form: %s", show(c))
	}
	all := map[string]string{}
	for _, f := range c.Form.Fields {
		if f.Error != "" {
			all[f.Name] = f.Error
		}
	}
	return all
}

func TestNewGoalFromALine(t *testing.T) {
	for _, tt := range []struct {
		language, line string
		at             conversation.Place
		title, facts   string
		channel        goal.ChannelID
	}{
		{"en", "new Cut CAC from $250 to $150 by Q4", inGrowth, "Cut CAC", "$250 → $150 · due 31 Dec · Linh", growth},
		{"en", "new Cut CAC from $250 to $150 by Q4", direct(linh), "Cut CAC", "$250 → $150 · due 31 Dec · Linh", ""},
		{"vi", "moi Giảm CAC từ 250 đô xuống 150 đô vào quý 4", inGrowth, "Giảm CAC", "250 → 150 đô · hạn 31/12 · Linh", growth},
		{"vi", "tạo Thời gian chờ dưới 2 phút trước 31/12", direct(linh), "Thời gian chờ dưới 2 phút", "đạt 2 phút · hạn 31/12 · Linh", ""},
	} {
		t.Run(tt.line, func(t *testing.T) {
			w := newWorld(t)
			w.dir.speaks(linh, tt.language)
			in := w.submission(linh, "", w.command(linh, tt.at, tt.line).Form, nil)
			in.Place = tt.at
			answer := w.handle(in)
			g := w.goal("G-1")
			if g == nil || g.Title != tt.title || g.Channel != tt.channel || g.Owner != linh || g.Acceptance != goal.Accepted {
				t.Fatalf("saved %+v; told %s", g, show(answer.Card))
			}
			kept := &w.last("answer:").Card
			w.wants(kept, "G-1 · "+tt.title, tt.facts)
			if whispered := answer.Card != nil; whispered != tt.at.Shared() {
				t.Errorf("in a %s the reply is %s", tt.at.Kind, show(answer.Card))
			}
		})
	}
}

func TestNewGoalWithoutALine(t *testing.T) {
	w := newWorld(t)
	v := values(t, w.command(alex, inGrowth, "new"))
	if v["title"] != "" || v["owner"] != string(alex) {
		t.Errorf("an empty form is filled with %v", v)
	}
}

func TestWhatALineLeavesOpenIsAskedAbout(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct{ line, field, asks, value string }{
		{"new Ship it by 03/04", "due", "4 Mar 2027 or 3 Apr 2027", ""},
		{"new Ship it by 31/02", "due", "31/02 is not a date", ""},
		{"new Raise the price to 1.500", "to", "1,500 or 1.5", "1.500"},
	} {
		c := w.command(alex, inGrowth, tt.line)
		w.wants(&card.Card{Summary: wrongs(t, c)[tt.field]}, tt.asks)
		if got := values(t, c)[tt.field]; got != tt.value {
			t.Errorf("%q fills %s with %q", tt.line, tt.field, got)
		}
		for _, f := range c.Form.Fields {
			if f.Name == "due" && f.Required != (tt.field == "due") {
				t.Errorf("%q: a due day is required: %t", tt.line, f.Required)
			}
		}
	}
}

func TestALineMentionsTheOwner(t *testing.T) {
	w := newWorld(t)
	c := w.command(linh, inGrowth, "new Cut CAC from $250 to $150 @Alex Rivera",
		conversation.Mention{Text: "@Alex Rivera", Person: alex})
	if v := values(t, c); v["owner"] != string(alex) || v["title"] != "Cut CAC" {
		t.Errorf("the form is filled with %v", v)
	}
}

func TestWhatIsWrongIsToldAtItsFieldAndNothingIsLost(t *testing.T) {
	w := newWorld(t)
	w.dir.people["B1"] = conversation.Profile{Name: "Robot", Bot: true}
	w.dir.people["U9"] = conversation.Profile{Name: "Left", Gone: true}
	w.plant(sam, map[string]string{"title": "Closed"})
	w.close(sam, "G-1", "0.5")
	w.verb(linh, "goal.new", "")
	typed := map[string]string{"title": "Cut CAC", "reason": "support\nhas no room", "from": "$250", "to": "$150",
		"way": "decrease", "due": "2026-12-31", "owner": string(linh), "parent": ""}
	for _, tt := range []struct {
		field string
		value string
		at    string // where it is told, when elsewhere
	}{
		{field: "title", value: " \u200b "}, {field: "title", value: strings.Repeat("x", goal.MaxTitle+1)},
		{field: "reason", value: strings.Repeat("x", goal.MaxReason+1)},
		{field: "from", value: "some"}, {field: "to", value: "1e9"}, {field: "to", value: "1.500 or so 2"}, {field: "to", value: ""},
		{field: "to", value: "$250"}, {field: "way", value: "increase"},
		{field: "to", value: "1500", at: "way"},
		{field: "due", value: "tomorrow"}, {field: "due", value: "2026-02-30"}, {field: "due", value: "2020-01-01"},
		{field: "owner", value: ""}, {field: "owner", value: "B1"}, {field: "owner", value: "U9"}, {field: "owner", value: "nobody"},
		{field: "parent", value: "G-1"}, {field: "parent", value: "G-99"}, {field: "parent", value: "the vision"},
	} {
		for _, tag := range language.Tags {
			change(w, conversation.PersonKind, string(linh), func(p *conversation.Person) { p.Chosen.Language = tag })
			filled := map[string]string{}
			for name, value := range typed {
				filled[name] = value
			}
			filled[tt.field] = tt.value
			form := w.verb(linh, "goal.new", "").Form
			c := w.submit(linh, "", form, filled).Card
			at := tt.at
			if at == "" {
				at = tt.field
			}
			if wrong := wrongs(t, c); len(wrong) != 1 || wrong[at] == "" || strings.HasPrefix(wrong[at], "wrong.") {
				t.Errorf("%s %.20q: told %v, want it at %s", tt.field, tt.value, wrong, at)
			}
			filled[tt.field] = goal.Clean(tt.value)
			for name, got := range values(t, c) {
				if got != filled[name] {
					t.Errorf("%s %.20q: %s comes back as %q", tt.field, tt.value, name, got)
				}
			}
			if c.Form.Intent != form.Intent {
				t.Error("the form is not the same act any more")
			}
		}
	}
	if w.goal("G-2") != nil {
		t.Error("a goal was saved all the same")
	}
}

// close closes a goal by its form.
func (w *world) close(p goal.PersonID, id goal.ID, score string) *card.Card {
	w.t.Helper()
	return w.submit(p, "", w.verb(p, "goal.close", id).Form, map[string]string{"score": score}).Card
}

func TestOneFormMakesOneGoal(t *testing.T) {
	w := newWorld(t)
	form := w.command(linh, inGrowth, "new Cut CAC from $250 to $150 by Q4").Form
	click := w.submission(linh, "", form, nil)
	click.Delivery = "first"
	w.handle(click)
	second := click
	second.Delivery = "second click"
	for _, in := range []conversation.Input{second, click, click, click} {
		w.wants(w.handle(in).Card, "G-1 · Cut CAC", "$250 → $150")
	}
	if g := w.goal("G-2"); g != nil {
		t.Errorf("there is a second goal: %s", g.Title)
	}
	if n := len(w.keys("answer:")); n != 1 {
		t.Errorf("%d cards were left in the direct conversation", n)
	}
}

func TestTwoPeopleAtOnceGetDifferentGoals(t *testing.T) {
	w := newWorld(t)
	var both sync.WaitGroup
	for n := range 6 {
		p := []goal.PersonID{linh, alex}[n%2]
		in := conversation.Input{Workspace: workspace, Actor: p, Place: inGrowth, Inline: true, Delivery: fmt.Sprint("at once", n),
			Act: conversation.Used{Intent: card.Intent{Verb: "goal.create", Subject: string(growth), Question: fmt.Sprint(n)},
				Values: map[string]string{"title": fmt.Sprint("Goal ", n), "owner": string(p)}}}
		both.Go(func() {
			if _, err := w.svc.Handle(t.Context(), in); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	titles := map[string]bool{}
	for n := range 6 {
		if g := w.goal(goal.NewID(n + 1)); g != nil {
			titles[g.Title] = true
		}
	}
	if len(titles) != 6 {
		t.Errorf("saved %v", titles)
	}
}

func TestAGoalIsNotPutIntoAChannelFromOutside(t *testing.T) {
	w := newWorld(t)
	w.dir.rooms["C2"] = conversation.Room{Name: "board", Private: true}
	w.dir.absent["C2"] = []goal.PersonID{alex}
	c := w.submit(alex, "", &card.Form{Intent: card.Intent{Verb: "goal.create", Subject: "C2", Question: "q"}},
		map[string]string{"title": "Spy on the board", "reason": "curiosity", "owner": string(alex)}).Card
	w.wants(c, "not in that channel", "Spy on the board", "curiosity")
	w.lacks(c, "board:", "#board")
	if w.goal("G-1") != nil {
		t.Error("the goal was saved")
	}
}

func TestNumbersOfAFormReadBackAsTheyAre(t *testing.T) {
	for _, tt := range []struct{ from, to, unit string }{
		{"1.1250", "2.5", ""}, {"$1.1250", "$0.5", "$"}, {"0 integrations", "1 integrations", "integrations"},
		{"1,500 replies", "1 replies", "replies"}, {"-1.1250 %", "12 %", "%"}, {"2 phút", "1 phút", "phút"},
		{"1500000000 ₫", "2500000001 ₫", "₫"}, {"1,234.567", "1,234.568", ""},
	} {
		for _, tag := range language.Tags {
			w := newWorld(t)
			w.dir.speaks(alex, "en")
			id := w.plant(alex, map[string]string{"title": "Number", "from": tt.from, "to": tt.to})
			before := *w.goal(id).Metric
			change(w, conversation.PersonKind, string(alex), func(p *conversation.Person) { p.Chosen.Language = tag })
			c := w.submit(alex, "", w.verb(alex, "goal.edit", id).Form, map[string]string{"title": "Number 2"}).Card
			after := w.goal(id)
			if after.Title != "Number 2" {
				t.Errorf("%s → %s in %s: %s", tt.from, tt.to, tag, show(c))
				continue
			}
			m := after.Metric
			if !m.Target.Equal(before.Target) || !m.Baseline.Equal(*before.Baseline) {
				t.Errorf("%s → %s became %s → %s in %s", tt.from, tt.to, m.Baseline, m.Target, tag)
			}
			if m.Unit != tt.unit {
				t.Errorf("unit %q became %q in %s", tt.unit, m.Unit, tag)
			}
		}
	}
}

func TestANumberOfACheckInReadsBackWhenItIsCorrected(t *testing.T) {
	w := newWorld(t)
	id := w.plant(alex, map[string]string{"title": "Ratio", "from": "1.0", "to": "2.5"})
	w.command(alex, direct(alex), "update "+string(id)+" 1.1250")
	receipt := w.last("receipt:")
	form := w.press(alex, receipt.Key, w.intent(&receipt.Card, "Correct")).Card.Form
	w.submit(alex, "", form, map[string]string{"change": "a new supplier"})
	if last := w.goal(id).Last(); last.Value.String() != "1.125" || last.Change != "a new supplier" {
		t.Errorf("it stands at %s, %q", last.Value, last.Change)
	}
}
