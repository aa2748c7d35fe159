package conversation_test

import (
	"testing"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// plantAlone makes a goal in the direct conversation: it belongs to no channel.
func (w *world) plantAlone(p goal.PersonID, values map[string]string) *card.Card {
	w.t.Helper()
	w.submit(p, "", w.command(p, direct(p), "new").Form, values)
	return &w.last("answer:").Card
}

func TestAGoalWithoutAChannelSaysWhoSeesIt(t *testing.T) {
	w := newWorld(t)
	w.wants(w.plantAlone(linh, map[string]string{"title": "Read more"}), "No channel: everybody in the workspace can look it up")
	w.plant(linh, cac)
	w.lacks(w.verb(linh, "goal.show", "G-2"), "No channel")
}

func TestAGoalComesIntoTheChannelWhereItIsLookedAt(t *testing.T) {
	w := newWorld(t)
	w.plantAlone(linh, map[string]string{"title": "Read more"})
	w.lacks(w.verb(linh, "goal.show", "G-1"), "Add to")
	w.lacks(w.types(sam, "show G-1"), "Add to")

	add := w.intent(w.types(linh, "show G-1"), "Add to #growth")
	w.wants(w.uses(sam, "", conversation.Used{Intent: add}), "G-1 belongs to Linh")
	w.dir.absent[growth] = []goal.PersonID{linh}
	w.wants(w.press(linh, "", add).Card, "You are not in that channel, so G-1 stays")
	w.dir.absent[growth] = nil

	w.wants(w.uses(linh, "", conversation.Used{Intent: add}), "G-1 · Read more", "[Share]")
	w.wants(w.types(sam, "list"), "One goal in #growth", "Read more")
	w.wants(w.uses(linh, "", conversation.Used{Intent: add}), "G-1 · Read more") // pressed again
}

func TestTheFormMovesAGoalBetweenChannels(t *testing.T) {
	w := newWorld(t)
	const board goal.ChannelID = "C9"
	w.dir.rooms[board] = conversation.Room{Name: "board", Present: true, Private: true}
	w.plant(linh, cac)
	w.press(linh, "", w.intent(w.verb(linh, "goal.show", "G-1"), "Share"))
	w.plantAlone(linh, map[string]string{"title": "Read more"})
	w.wants(w.edit(linh, "G-2", map[string]string{"channel": string(growth)}), "[Share]")
	w.wants(w.types(sam, "list"), "2 goals in #growth")

	inBoard := conversation.Place{ID: board, Kind: conversation.PrivateChannel, Name: "board"}
	form := w.handle(conversation.Input{Actor: linh, Place: inBoard, Inline: true,
		Act: conversation.Used{Intent: card.Intent{Verb: "goal.edit", Subject: "G-1"}}}).Card
	if labels := optionLabels(form, "channel"); labels != "No channel, #growth, #board" {
		t.Errorf("offered: %s", labels)
	}
	w.submit(linh, "", form.Form, map[string]string{"channel": string(board)})
	w.wants(&w.last("share:").Card, "Nothing left to show here")
	w.wants(w.types(sam, "list"), "One goal in #growth", "Read more")
	w.dir.absent[board] = []goal.PersonID{sam}
	w.wants(w.verb(sam, "goal.show", "G-1"), "There is no G-1")
	w.press(linh, "", w.intent(w.verb(linh, "goal.show", "G-1"), "Share"))
	if m := w.last("share:"); m.To.Channel != board {
		t.Errorf("shared again in %s", m.To.Channel)
	}

	w.dir.absent[board] = []goal.PersonID{linh} // who left still owns the goal, but reads no more of the channel
	if labels := optionLabels(w.verb(linh, "goal.edit", "G-1"), "channel"); labels != "No channel, A private group, #growth" {
		t.Errorf("offered: %s", labels)
	}
	w.edit(linh, "G-1", map[string]string{"channel": "none"})
	if g := w.goal("G-1"); g.Channel != "" {
		t.Errorf("the goal is still in %s", g.Channel)
	}
}

func TestNobodyMovesAGoalWhereTheyAreNot(t *testing.T) {
	w := newWorld(t)
	w.dir.rooms["C9"] = conversation.Room{Name: "board", Present: true}
	w.dir.absent["C9"] = []goal.PersonID{linh}
	w.plant(linh, cac)
	form := w.verb(linh, "goal.edit", "G-1").Form
	w.wants(w.submit(linh, "", form, map[string]string{"channel": "C9"}).Card, "You are not in that channel")
	w.submit(linh, "", form, map[string]string{"channel": ""}) // left out by an older form
	if g := w.goal("G-1"); g.Channel != growth {
		t.Errorf("the goal is in %q", g.Channel)
	}
}

// optionLabels are the choices of a form's field.
func optionLabels(c *card.Card, field string) string {
	labels := ""
	for _, f := range c.Form.Fields {
		for n, o := range f.Options {
			if f.Name != field {
				continue
			}
			if n > 0 {
				labels += ", "
			}
			labels += o.Label
		}
	}
	return labels
}
