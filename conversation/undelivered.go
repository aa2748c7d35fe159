package conversation

import (
	"context"
	"strings"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// unreached is the act of a message that can never be delivered to its person.
type unreached struct{ message *Message }

func (unreached) act() {}

// Undelivered hears that a message failed or is uncertain for good. Whoever asked somebody to take on a goal is
// told that they cannot be reached; other direct messages only concern the person who does not get them.
func (s *Service) Undelivered(ctx context.Context, ws Workspace, m *Message) error {
	if _, ok := proposed(m.Key); !ok || m.Delivery.State != Failed {
		return nil
	}
	_, _, err := s.settle(ctx, Input{Workspace: ws, Actor: m.To.Person, Act: unreached{m}})
	return err
}

// proposed is the goal whose owner the message with the key asks.
func proposed(key string) (goal.ID, bool) {
	rest, ok := strings.CutPrefix(key, "proposal:")
	id, _, _ := strings.Cut(rest, ":")
	return goal.ID(id), ok
}

// tellCreator tells whoever chose a goal's owner, once, that the owner cannot be reached.
func tellCreator(act unreached) turn {
	id, _ := proposed(act.message.Key)
	key := "unreached:" + digest(act.message.Key)
	return turn{
		needs: func(*State) Needs { return Needs{Goals: []goal.ID{id}, Messages: []string{key}} },
		decide: func(st *State) Decision {
			g := st.Goal(id)
			open := g != nil && g.Closed == nil && g.Acceptance == goal.Proposed && act.message.Key == proposalKey(id, g.Askings-1)
			if !open || g.Asker() == st.Me.ID || st.Message(key) != nil {
				return Decision{}
			}
			reader := st.as(g.Asker())
			c := reader.noticeWith("proposal.unreached", language.With{"who": st.Me.First(), "goal": goalSpan(g)})
			c.Actions = []card.Action{{Label: reader.Voice().Say("button.edit"), Intent: card.Intent{Verb: "goal.edit", Subject: string(id)}}}
			return Decision{Post: []*Message{reader.message(key, Address{Person: g.Asker()}, c)}}
		},
	}
}
