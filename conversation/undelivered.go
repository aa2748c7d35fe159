package conversation

import (
	"context"
	"strings"
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// unreached is the act of a message that failed or is uncertain for good.
type unreached struct{ message *Message }

func (unreached) act() {}

// about is whom or which channel the message was for.
func (u unreached) about() (goal.PersonID, goal.ChannelID) {
	return u.message.To.Person, u.message.To.Channel
}

// Undelivered hears that a message failed or is uncertain for good. Whoever asked somebody to take on a goal is
// told about it; whoever looks after a channel's digest is asked what to do about it. Other
// messages only concern the person who does not get them, and a question comes again as its reminder.
func (s *Service) Undelivered(ctx context.Context, ws Workspace, m *Message) error {
	if _, ok := ended(m); !ok {
		return nil
	}
	_, _, err := s.settle(ctx, Input{Workspace: ws, Actor: m.To.Person, Act: unreached{m}})
	return err
}

// ended finds the turn for a message that failed or is uncertain; false when nothing follows.
func ended(m *Message) (turn, bool) {
	_, proposal := proposed(m.Key)
	switch {
	case proposal:
		return tellCreator(m), true
	case strings.HasPrefix(m.Key, "digest:") && m.To.Under == "":
		return askAboutDigest(m), true
	}
	return nothing, false
}

// proposed is the goal whose owner the message with the key asks.
func proposed(key string) (goal.ID, bool) {
	rest, ok := strings.CutPrefix(key, "proposal:")
	id, _, _ := strings.Cut(rest, ":")
	return goal.ID(id), ok
}

// tellCreator tells whoever chose a goal's owner, once, that the owner cannot be reached, or perhaps was not.
func tellCreator(m *Message) turn {
	id, _ := proposed(m.Key)
	key := "unreached:" + digest(m.Key)
	return turn{
		needs: func(*State) Needs { return Needs{Goals: []goal.ID{id}, Messages: []string{key}} },
		decide: func(st *State) Decision {
			g := st.Goal(id)
			open := g != nil && g.Closed == nil && g.Acceptance == goal.Proposed && m.Key == proposalKey(id, g.Askings-1)
			if !open || g.Asker() == st.Me.ID || st.Message(key) != nil {
				return Decision{}
			}
			reader := st.as(g.Asker())
			told := "proposal.unreached"
			if m.Delivery.State == Uncertain {
				told = "proposal.unsure"
			}
			c := reader.noticeWith(told, language.With{"who": st.Me.First(), "goal": goalSpan(g)})
			c.Actions = []card.Action{{Label: reader.Voice().Say("button.edit"), Intent: card.Intent{Verb: "goal.edit", Subject: string(id)}}}
			return Decision{Post: []*Message{reader.message(key, Address{Person: g.Asker()}, c)}}
		},
	}
}

// delayed is the act of a message that could not be posted for long, and now can.
type delayed struct{ message *Message }

func (delayed) act() {}

// about is whom or which channel the message is for.
func (d delayed) about() (goal.PersonID, goal.ChannelID) {
	return d.message.To.Person, d.message.To.Channel
}

// Late is asked before a message that nobody waits for is posted late. What is wanted of it may change: it says
// that it is late, or is not needed any more. It answers until when the message waits, because nobody is asked at
// night; zero when it may be posted.
func (s *Service) Late(ctx context.Context, ws Workspace, m *Message) (time.Time, error) {
	if _, ok := overdue(m); !ok {
		return time.Time{}, nil
	}
	_, d, err := s.settle(ctx, Input{Workspace: ws, Actor: m.To.Person, Act: delayed{m}})
	return d.Next, err
}

// overdue finds the turn for a message that is posted late; false when that makes no difference.
func overdue(m *Message) (turn, bool) {
	switch {
	case strings.HasPrefix(m.Key, "checkin:"):
		return askLate(m), true
	case strings.HasPrefix(m.Key, "nudge:"):
		return turn{needs: nothing.needs, decide: func(st *State) Decision {
			if at := awake(st.Now.In(st.Me.Zone())); at.After(st.Now) {
				return Decision{Next: at}
			}
			return Decision{} // at once: "now" is later than whoever asks has read the clock, and would be a wait
		}}, true
	case strings.HasPrefix(m.Key, "digest:") && m.To.Under == "":
		return digestLate(m), true
	}
	return nothing, false
}

// askLate brings a late question up to date: what others told meanwhile is settled, and the reason why it is late
// is given.
func askLate(m *Message) turn {
	return turn{needs: checkInNeeds(), decide: func(st *State) Decision {
		t := st.Talk(st.Me.ID)
		if m.Key != promptKey(t.Person, t.Period, t.Rounds) || st.prompted(t) == nil {
			return Decision{}
		}
		if at := st.decent(t.Opened); at.After(st.Now) {
			return Decision{Next: at}
		}
		st.settleOthers(t)
		if t.Late.IsZero() {
			t.Late = t.Opened
		}
		t.Opened = st.Now
		now := st.reface(t)
		if len(st.newly(now)) == 0 {
			return Decision{}
		}
		return Decision{Write: []Record{t}, Post: now}
	}}
}

// digestLate lets a channel's digest say that it is late.
func digestLate(m *Message) turn {
	t := digestDue(m.To.Channel)
	t.decide = func(st *State) Decision {
		c := st.Channel(m.To.Channel)
		if c.Digest.LastLate || m.Key != digestKey(c.ID, c.Digest.edition()) {
			return Decision{}
		}
		c.Digest.LastLate = true
		return Decision{Write: []Record{c}, Post: st.redigest(c)}
	}
	return t
}
