package conversation

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// The course correction: a goal that is behind is not helped by pushing harder, but by three questions. The third
// answer, a small experiment, becomes the check-in's next step, and the next prompt comes back to it.

// wantsCourse reports whether the talk is worth offering after a check-in: when the goal stands badly, unless this
// check-in or the last one has just been through it.
func (s *State) wantsCourse(g *Goal, c *goal.CheckIn) bool {
	before := checkIn(g, c.Seq-1)
	return standsBadly(c) && !thoughtOver(c) && (before == nil || !thoughtOver(before))
}

func standsBadly(c *goal.CheckIn) bool {
	return c.Status == goal.AtRisk || c.Status == goal.OffTrack
}

func thoughtOver(c *goal.CheckIn) bool { return c.Assumption != "" || c.Heard != "" }

// courseMessage offers the three questions beside the receipt.
func (s *State) courseMessage(g *Goal, c *goal.CheckIn) *Message {
	m := s.message(courseKey(g.ID, c.Seq), Address{Person: s.Me.ID}, s.courseCard(g, c))
	m.Delivery.NotUntil = s.Now.Add(afterReceipt)
	return m
}

func (s *State) courseCard(g *Goal, c *goal.CheckIn) card.Card {
	v := s.Voice()
	text := v.Text("course.intro", language.With{"goal": goalSpan(g), "status": v.Say("status." + statusName(c.Status))})
	if points, known := g.Pace(s.Today()); known && points.IsNegative() {
		n := int(points.Round(0).Neg().IntPart())
		text = v.Text("course.intro.behind", language.With{"goal": goalSpan(g), "pace": v.Say("pace.behind", language.With{"count": n})})
	}
	open := card.Card{Kind: "course.correct", Summary: text.String(), Body: []card.Block{paragraph(text)}}
	for n, question := range s.courseQuestions() {
		open.Body = append(open.Body, paragraph(plain(strconv.Itoa(n+1)+" "+question)))
	}
	open.Actions = []card.Action{{Label: v.Say("button.think-it-over"), Style: card.Primary,
		Intent: card.Intent{Verb: "checkin.course", Subject: string(g.ID), Value: strconv.Itoa(c.Seq)}}}
	return open
}

// afterReceipt lets people read what was saved before they are asked to think about it.
const afterReceipt = 3 * time.Second

func (s *State) courseQuestions() []string {
	v := s.Voice()
	return []string{v.Say("course.assumption"), v.Say("course.heard"), v.Say("course.try", language.With{"day": s.nextFriday()})}
}

// nextFriday names the Friday by which something small can be tried: at least two days away.
func (s *State) nextFriday() string {
	v, today := s.Voice(), s.Today()
	days := (int(time.Friday) - int(s.Now.In(s.Me.Zone()).Weekday()) + 7) % 7
	if days >= 2 {
		return v.Weekday(time.Friday)
	}
	return v.Weekday(time.Friday) + " " + v.Day(today.AddDays(days+7), today)
}

// correctCourse opens the three questions, and keeps their answers with the check-in that raised them.
func correctCourse(u Used) turn {
	id := goal.ID(u.Intent.Subject)
	seq, _ := strconv.Atoi(u.Intent.Value)
	t := checkingIn(id, func(st *State, g *Goal) Decision {
		c := checkIn(g, seq)
		if last := g.Last(); c == nil || last.Seq != seq {
			return say(st.noticeWith("course.over", language.With{"id": string(id)}, "checkin"))
		}
		if u.Values == nil {
			intent := card.Intent{Verb: "checkin.course", Subject: string(id), Question: st.nonce(), Value: u.Intent.Value}
			return say(st.courseForm(g, [3]string{c.Assumption, c.Heard, c.Next}, "", intent))
		}
		return st.keepCourse(g, *c, u)
	})
	t.needs = func(st *State) Needs {
		n := checkInNeeds(id)(st)
		n.Messages = append(n.Messages, courseKey(id, seq))
		return n
	}
	return t
}

var courseFields = [3]string{"assumption", "heard", "next"}

func (s *State) courseForm(g *Goal, typed [3]string, wrong string, intent card.Intent) card.Card {
	v := s.Voice()
	heading := v.Say("course.title", language.With{"id": string(g.ID)})
	form := &card.Form{Title: heading, Intent: intent, Error: wrong, Submit: v.Say("button.save"), Cancel: v.Say("button.cancel")}
	for n, question := range s.courseQuestions() {
		form.Fields = append(form.Fields, card.Field{Name: courseFields[n], Label: question, Kind: card.Lines,
			Value: typed[n], Max: goal.MaxNote})
	}
	return card.Card{Kind: "course.correct", Summary: heading, Form: form}
}

// keepCourse saves the answers.
func (s *State) keepCourse(g *Goal, c goal.CheckIn, u Used) Decision {
	v := s.Voice()
	var typed [3]string
	wrong, some := "", false
	for n, name := range courseFields {
		typed[n] = goal.Clean(u.Values[name])
		some = some || typed[n] != ""
		if utf8.RuneCountInString(typed[n]) > goal.MaxNote {
			wrong = v.Say("checkin.wrong.too-long", language.With{"max": goal.MaxNote})
		}
	}
	if !some {
		wrong = v.Say("course.nothing")
	}
	if wrong != "" {
		return Decision{Say: ptr(s.courseForm(g, typed, wrong, u.Intent)), Replace: true}
	}
	c.Assumption, c.Heard = typed[0], typed[1]
	if typed[2] != "" {
		c.Next = typed[2]
	}
	d := s.amend(g, c)
	done := s.courseDone(g, c)
	m, offered := s.offered(s.Talk(s.Me.ID), g)
	if !offered {
		m = s.Message(courseKey(g.ID, c.Seq))
	}
	if m != nil {
		d.Post = append(d.Post, s.reshow(m, done))
	}
	s.sayUnlessShown(&d, func() card.Card { return done })
	return d
}

// amend adds to a check-in what is no new answer, so that it does not count as edited.
func (s *State) amend(g *Goal, c goal.CheckIn) Decision {
	g.Recent = slices.Clone(g.Recent)
	*checkIn(g, c.Seq) = c
	return Decision{
		Write:  []Record{g},
		Log:    []Entry{{g.ID, c}},
		Retell: card.Intent{Verb: "checkin.show", Subject: string(g.ID), Value: strconv.Itoa(c.Seq)},
	}
}

func (s *State) courseDone(g *Goal, c goal.CheckIn) card.Card {
	v := s.Voice()
	text := v.Text("course.saved", language.With{"goal": goalSpan(g)})
	done := card.Card{Kind: "course.correct", Summary: text.String(), Body: []card.Block{paragraph(text)}}
	var facts []card.Fact
	for n, told := range []string{c.Assumption, c.Heard, c.Next} {
		if told != "" {
			facts = append(facts, card.Fact{Name: v.Say("course.fact." + courseFields[n]), Value: plain(told)})
		}
	}
	done.Body = append(done.Body, card.Block{Facts: facts})
	if c.Next != "" {
		if next, err := s.nextCheckIn(s.Me, g); err == nil {
			done.Body = append(done.Body, quiet(v.Text("course.follow-up", language.With{"moment": v.Moment(next, s.Now)})))
		}
	}
	return done
}
