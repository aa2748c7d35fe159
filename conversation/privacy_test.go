package conversation_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// The people of these tests beside Linh, who owns everything hidden, and Sam, who made one of her goals.
const (
	admin goal.PersonID  = "U8"
	guest goal.PersonID  = "U9"
	board goal.ChannelID = "C2" // private: Linh and Sam
)

var inBoard = conversation.Place{ID: board, Kind: conversation.PrivateChannel, Name: "board"}

// hidden is a world in which G-1 is Linh's alone, G-2 belongs to a private channel, G-3 serves the first and is
// open to everybody, and G-4 is Alex's.
func hidden(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.dir.people[admin] = conversation.Profile{Name: "Ada Admin", Admin: true}
	w.dir.people[guest] = conversation.Profile{Name: "Gus Guest", Guest: true}
	w.dir.rooms[board] = conversation.Room{Name: "board", Private: true, Present: true}
	w.dir.absent[board] = []goal.PersonID{alex, admin, guest}
	w.dir.absent[growth] = []goal.PersonID{guest}
	w.plant(linh, map[string]string{"title": "Secret one", "from": "0", "to": "10"})
	w.edit(linh, "G-1", map[string]string{"visibility": "private"})
	in := w.submission(linh, "", w.command(linh, inBoard, "new Secret two by Q4").Form, map[string]string{"from": "0", "to": "9"})
	in.Place = inBoard
	w.handle(in)
	w.plant(linh, map[string]string{"title": "Open to all", "parent": "G-1"})
	w.plant(alex, map[string]string{"title": "Mine"})
	for _, id := range []string{"G-1", "G-2"} {
		w.command(linh, direct(linh), "update "+id+" 1, waiting for the secret bank")
	}
	return w
}

// question is a form's nonce, different each time.
var question = regexp.MustCompile(`"question":"[^"]*"`)

// answerTo is everything that an input tells its actor, as text.
func (w *world) answerTo(in conversation.Input) string {
	w.t.Helper()
	before := len(w.sent)
	answer := w.handle(in)
	told, err := json.Marshal(answer)
	if err != nil {
		w.t.Fatal(err)
	}
	text := string(told)
	for _, key := range w.sent[before:] {
		m := w.message(key)
		if m.To.Person != in.Actor {
			w.t.Errorf("%+v makes a message to %+v: %s", in.Act, m.To, show(&m.Card))
		}
		text += show(&m.Card)
	}
	return question.ReplaceAllString(text, "")
}

func TestAHiddenGoalAnswersLikeNone(t *testing.T) {
	const none goal.ID = "G-7" // as long as the hidden ones' ids
	w := hidden(t)
	before := map[goal.ID]string{}
	for _, id := range []goal.ID{"G-1", "G-2"} {
		before[id] = asJSON(t, w.goal(id))
	}
	filled := map[string]string{"title": "Mine now", "owner": string(sam), "value": "5", "score": "1.0", "note": "hello",
		"helper": string(sam), "blocker": "none", "change": "all", "assumption": "a", "heard": "b", "next": "c", "done": "yes"}
	var acts []func(goal.ID) conversation.Act
	for _, verb := range conversation.Verbs() {
		if verb == "goal.create" || verb == "checkin.now" || strings.HasPrefix(verb, "digest.") && verb != "digest.help" {
			continue // their subject is a channel, or nothing
		}
		for _, v := range []map[string]string{nil, filled} {
			acts = append(acts, func(id goal.ID) conversation.Act {
				return conversation.Used{Intent: card.Intent{Verb: verb, Subject: string(id), Question: "once", Value: "1"}, Values: v}
			})
		}
	}
	for _, name := range conversation.CommandNames() {
		acts = append(acts, func(id goal.ID) conversation.Act { return conversation.Command{Text: name + " " + string(id)} })
	}
	for _, typed := range []string{"G", "update G 5", "G 5, 7/10, waiting for legal", "cap nhat G 5"} {
		acts = append(acts, func(id goal.ID) conversation.Act {
			return conversation.Said{Text: strings.Replace(typed, "G", string(id), 1)}
		})
	}
	for _, p := range []goal.PersonID{alex, admin, guest} {
		for _, act := range acts {
			for _, id := range []goal.ID{"G-1", "G-2"} {
				input := func(id goal.ID) conversation.Input {
					return conversation.Input{Actor: p, Place: direct(p), Inline: true, Act: act(id)}
				}
				want := strings.ReplaceAll(w.answerTo(input(none)), string(none), string(id))
				if got := w.answerTo(input(id)); got != want {
					t.Errorf("%s, %+v:\n%s\nwant as for a goal that is not there:\n%s", p, act(id), got, want)
				}
			}
		}
	}
	for id, was := range before {
		if asJSON(t, w.goal(id)) != was {
			t.Errorf("%s was changed", id)
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestHiddenGoalsAreNeitherNamedNorCounted(t *testing.T) {
	w := hidden(t)
	w.sleep(w.now.AddDate(0, 0, 22))
	for _, p := range []goal.PersonID{alex, admin} {
		for line, heading := range map[string]string{
			"list all": "2 open goals", "list": "2 goals in #growth", "list @Linh": "Linh's goal", "list stale": "2 goals without news",
			"list at-risk": "No goal is at risk", "show G-3": "Open to all", "new Another": "Another", "digest": "Quiet: G-3 Open to all (3 weeks), G-4 Mine (3 weeks)",
		} {
			c := w.command(p, inGrowth, line, conversation.Mention{Text: "@Linh", Person: linh})
			w.wants(c, heading)
			w.lacks(c, "Secret", "secret", "G-1", "G-2", "board")
			if c.Form != nil {
				w.lacks(&card.Card{Body: optionsOf(c)}, "Secret", "G-1", "G-2")
			}
		}
		w.wants(w.press(p, "", card.Intent{Verb: "goal.list", Value: "#" + string(board) + " 0"}).Card, "No goals here yet")
		w.wants(w.press(p, "", card.Intent{Verb: "digest.preview", Subject: string(board)}).Card, "not in that channel")
		home := w.opensHome(p)
		w.lacks(home, "Secret")
	}
	for _, line := range []string{"list all", "list @Linh"} {
		c := w.command(guest, direct(guest), line, conversation.Mention{Text: "@Linh", Person: linh})
		w.lacks(c, "Secret", "Open to all", "Mine")
	}
	w.wants(w.command(sam, inBoard, "list"), "One goal in #board", "Secret two")
	w.wants(w.command(linh, direct(linh), "show G-3"), "Serves G-1 Secret one")
}

// optionsOf are the choices of all fields, as text.
func optionsOf(c *card.Card) []card.Block {
	var rows []card.Row
	for _, f := range c.Form.Fields {
		for _, o := range f.Options {
			rows = append(rows, card.Row{Text: card.Text{{Text: o.Value + " " + o.Label}}})
		}
	}
	return []card.Block{{Rows: rows}}
}

func TestWhoeverMayNotDoItIsToldWhoMay(t *testing.T) {
	w := hidden(t)
	for _, tt := range []struct {
		p     goal.PersonID
		verbs map[string]string // what each answers about G-3, an open goal of Linh's
	}{
		{linh, map[string]string{"goal.edit": "Edit G-3", "goal.close": "Close G-3", "checkin.answer": "Check-in G-3"}},
		{sam, map[string]string{"goal.edit": "belongs to Linh", "goal.close": "belongs to Linh", "checkin.answer": "belongs to Linh"}},
		{admin, map[string]string{"goal.edit": "belongs to Linh", "goal.close": "Close G-3", "checkin.answer": "belongs to Linh"}},
		{guest, map[string]string{"goal.edit": "There is no G-3", "goal.close": "There is no G-3", "goal.show": "There is no G-3"}},
	} {
		for verb, says := range tt.verbs {
			w.wants(w.verb(tt.p, verb, "G-3"), says)
		}
	}
	w.dir.absent[growth] = nil // the guest is invited
	w.wants(w.verb(guest, "goal.show", "G-3"), "Open to all")
	w.lacks(w.verb(guest, "goal.show", "G-3"), "Secret", "[Edit]", "[Update]", "[Close goal]")
	w.close(admin, "G-3", "1.0")
	w.wants(&w.toldTo(linh, "close.told:")[0].Card, "Ada closed G-3")
}
