package teams

import (
	"fmt"
	"testing"

	"goalkeeper/conversation"
)

func TestWhatSendingTakes(t *testing.T) {
	h := newHouse(t)
	if _, err := h.book.change(t.Context(), personKey(linh), func(c *contact) { c.Chat = linhChat }); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		m     conversation.Message
		calls int
		own   string
		wide  bool
	}{
		"into a chat that is open": {conversation.Message{To: conversation.Address{Person: linh}}, 1, "[in " + linh + "]", true},
		"into one that is not yet": {conversation.Message{To: conversation.Address{Person: alex}}, 2, "[in " + alex + "]", true},
		"into a channel":           {conversation.Message{To: conversation.Address{Channel: channelID}}, 1, "[in " + channelID + "]", false},
		"a whisper":                {conversation.Message{To: conversation.Address{Person: linh, Channel: channelID}}, 1, "[in " + channelID + "]", false},
		"an edit": {conversation.Message{To: conversation.Address{Person: alex}, Delivery: conversation.Delivery{Ref: "x y"}},
			1, "[in " + alex + "]", true},
	} {
		toll, own := h.Toll(t.Context(), h.Workspace(), &c.m), []string{}
		for _, b := range toll.Own {
			own = append(own, b.Name)
		}
		if toll.Shared.Name != "requests" || toll.Calls != c.calls || fmt.Sprint(own) != c.own || toll.Wide != c.wide {
			t.Errorf("%s takes %+v", name, toll)
		}
	}
}
