package conversation_test

import (
	"strings"
	"testing"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// hostile are titles as people or attackers type them, with what is to be shown.
var hostile = []struct{ typed, shown string }{
	{"Ping <!channel> and <!here>", ""},
	{"Tell <at>Linh</at> & <@U2>", ""},
	{"*Bold* _it_ ~no~ `code` [link](https://example.com)", ""},
	{"100 %s %d %v %!(EXTRA) 50%", ""},
	{"{who} met {goal} at {id} {count} {{.Title}}", ""},
	{"Rocket 🚀 family 👨‍👩‍👧 flag 🏴󠁧󠁢󠁥󠁮󠁧󠁿 nước Việt", ""},
	{"<script>alert(1)</script>", ""},
	{`"quoted" 'single' \back|slash|`, ""},
	{"abc\u202egnp.exe\u202c", "abcgnp.exe"},
	{"zero\u200bwidth\u2060 joiner\ufeff", "zerowidth joiner"},
	{"two\nlines\r\nof it", "two lines of it"},
	{"nul\x00 and bad \xff bytes", "nul and bad  bytes"},
	{"مرحبا بالعالم", ""},
	{"Z" + strings.Repeat("\u0301", 100) + "algo", "Ź\u0301\u0301\u0301algo"},
	{strings.Repeat("ạ", goal.MaxTitle), ""},
}

func TestHostileTextComesOutExactlyAsTyped(t *testing.T) {
	for _, tag := range language.Tags {
		w := newWorld(t)
		for _, p := range []goal.PersonID{linh, alex} {
			w.dir.speaks(p, tag)
		}
		for _, h := range hostile {
			want := h.shown
			if want == "" {
				want = h.typed
			}
			id := w.plant(linh, map[string]string{"title": h.typed, "reason": h.typed, "owner": string(alex)})
			if g := w.goal(id); g.Title != want {
				t.Errorf("%.60q is kept as %.60q", h.typed, g.Title)
			}
			short := want
			if runes := []rune(want); len(runes) > 80 {
				short = string(runes[:79])
			}
			c := w.verb(linh, "goal.show", id)
			title := c.Body[0].Text.Text
			if len(title) != 1 || title[0].Text != string(id)+" · "+want || title[0].Style != "" || title[0].Person != "" {
				t.Errorf("the title is %+v", title)
			}
			asks := w.last("proposal:")
			w.wants(&asks.Card, want)
			w.press(alex, "", card.Intent{Verb: "goal.accept", Subject: string(id), Question: "1"})
			w.wants(&w.last("proposal.accepted:").Card, short)
			w.wants(w.command(sam, inGrowth, "list all 999"), short)
			w.submit(linh, "", w.verb(linh, "goal.note", id).Form, map[string]string{"note": want})
			w.wants(&w.last("note.told:").Card, want)
			if form := values(t, w.verb(alex, "goal.edit", id)); form["title"] != want {
				t.Errorf("the form says %.60q", form["title"])
			}
			w.command(alex, direct(alex), "update "+string(id)+" 7/10, waiting for "+strings.ReplaceAll(want, ",", ""))
			w.close(alex, id, "1.0")
		}
	}
}

func TestALongTitleIsToldAtItsField(t *testing.T) {
	long := strings.Repeat("x", 2990) + " end"
	for _, tag := range language.Tags {
		w := newWorld(t)
		w.dir.speaks(linh, tag)
		c := w.command(linh, inGrowth, "new "+long)
		for range 2 {
			if wrong := wrongs(t, c); len(wrong) != 1 || !strings.Contains(wrong["title"], "200") {
				t.Errorf("told %v", wrong)
			}
			if got := values(t, c)["title"]; got != long {
				t.Errorf("%d characters come back", len(got))
			}
			c = w.submit(linh, "", c.Form, nil).Card
		}
	}
}

func TestNamesOfPeopleAndChannelsAreOnlyText(t *testing.T) {
	w := newWorld(t)
	w.dir.people[linh] = conversation.Profile{Name: "{who} <!channel>"}
	w.dir.people[alex] = conversation.Profile{Name: "%s\u202e"}
	w.dir.rooms[growth] = conversation.Room{Name: "gr{count}owth", Present: true}
	w.plant(linh, map[string]string{"title": "Cut CAC", "owner": string(alex)})
	w.wants(w.command(linh, inGrowth, "list here"), "One goal in #gr{count}owth")
	w.wants(&w.last("proposal:").Card, "{who} suggests a goal for you")
}

func TestControlsFromOutsideAreDoubted(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	for _, verb := range append(conversation.Verbs(), "", "nothing.such", "goal.create|G-1") {
		for _, odd := range []string{"", "G-1", "g-1", "G-0", "-1", "\x00", "{id}", strings.Repeat("9", 1500), "C1", "D0", "U1:2026-W48"} {
			for _, values := range []map[string]string{nil, {}, {"title": odd, "owner": odd, "parent": odd, "due": odd, "to": odd, "from": odd,
				"score": odd, "value": odd, "confidence": odd, "helper": odd, "weekday": odd, "hour": odd, "zone": odd, "language": odd}} {
				for _, p := range []goal.PersonID{linh, alex} {
					in := conversation.Input{Workspace: workspace, Actor: p, Place: direct(p), Inline: true, From: odd,
						Act: conversation.Used{Intent: card.Intent{Verb: verb, Subject: odd, Question: odd, Value: odd}, Values: values}}
					if _, err := w.svc.Handle(t.Context(), in); err != nil {
						t.Errorf("%s by %s with %.20q: %v", verb, p, odd, err)
					}
				}
			}
		}
		if t.Failed() {
			return
		}
	}
}
