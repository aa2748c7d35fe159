package conversation

import (
	"maps"
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// offerCourse keeps one offer for a goal and period: it is made where there is none, follows the goal to how it
// stands now, and is withdrawn when the goal is well again.
func (s *State) offerCourse(d *Decision, t *Talk, g *Goal, c *goal.CheckIn) {
	before, made := s.offered(t, g)
	switch {
	case !made && s.wantsCourse(g, c):
		s.forgetOffers(t)
		if t.Courses == nil {
			t.Courses = map[goal.ID]Offer{}
		}
		t.Courses[g.ID] = Offer{Seq: c.Seq, At: s.Now}
		d.Write = append(d.Write, t)
		d.Post = append(d.Post, s.courseMessage(g, c))
	case before == nil || len(before.Card.Actions) == 0: // none, answered, or withdrawn
	case standsBadly(c):
		d.Post = append(d.Post, s.reshow(before, s.courseCard(g, c)))
	case c.Status == goal.OnTrack:
		d.Post = append(d.Post, s.reshow(before, s.courseWithdrawn(g)))
	default:
		d.Post = append(d.Post, silenced(before))
	}
}

// offered reports whether the goal's course was offered in this period, and with which message.
func (s *State) offered(t *Talk, g *Goal) (*Message, bool) {
	offer, ok := t.Courses[g.ID]
	if !ok || !s.samePeriod(offer.At) {
		return nil, false
	}
	return s.Message(courseKey(g.ID, offer.Seq)), true
}

// forgetOffers drops those of earlier periods.
func (s *State) forgetOffers(t *Talk) {
	maps.DeleteFunc(t.Courses, func(_ goal.ID, o Offer) bool { return !s.samePeriod(o.At) })
}

// samePeriod reports whether no weekly check-in came since the moment.
func (s *State) samePeriod(at time.Time) bool {
	next, err := s.occurrence(s.Me, at)
	return err == nil && next.After(s.Now)
}

func (s *State) courseWithdrawn(g *Goal) card.Card {
	text := s.Voice().Text("course.withdrawn", language.With{"goal": goalSpan(g)})
	return card.Card{Kind: "course.correct", Summary: text.String(), Body: []card.Block{paragraph(text)}}
}
