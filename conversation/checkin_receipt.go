package conversation

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

const (
	// seriesShown is how many values a receipt shows of a metric.
	seriesShown = 5
	// Confidence from sure on while the goal is off track, or up to unsure while it is on track, is asked about.
	sure, unsure = 8, 3
	// sameTooOften is how many times "nothing changed" in a row make one ask whether the goal is still right.
	sameTooOften = 3
)

// receipt leaves what was saved in the actor's direct conversation, in place of the receipt it corrects; whoever
// is somewhere else also sees it there.
func (s *State) receipt(d *Decision, g *Goal, c *goal.CheckIn) {
	receipt := s.receiptCard(g, c)
	key := receiptKey(g.ID, c.Seq)
	if m := s.Message(key); m != nil && m.To.Person == s.Me.ID {
		d.Post = append(d.Post, s.reshow(m, receipt))
	} else if m == nil {
		d.Post = append(d.Post, s.message(key, Address{Person: s.Me.ID}, receipt))
	}
	if s.In.Inline && s.In.Place.Kind != Direct {
		d.Say = &receipt
	}
}

// showReceipt says again what was saved; without a goal, where the talk stands.
func showReceipt(u Used) turn {
	id := goal.ID(u.Intent.Subject)
	if id == "" {
		return turn{needs: checkInNeeds(), decide: func(st *State) Decision {
			return Decision{Say: ptr(st.promptCard(st.Talk(st.Me.ID))), Replace: true}
		}}
	}
	seq, _ := strconv.Atoi(u.Intent.Value)
	t := withGoal(id, goal.See, func(st *State, g *Goal) Decision {
		c := checkIn(g, seq)
		if c == nil || c.By != st.Me.ID {
			return say(st.goalCard(g))
		}
		return say(st.receiptCard(g, c))
	})
	t.needs = checkInNeeds(id)
	return t
}

// receiptCard says what was saved, where it brings the goal, and who will see it.
func (s *State) receiptCard(g *Goal, c *goal.CheckIn) card.Card {
	text := s.savedLine(g, c)
	out := card.Card{Kind: "checkin.saved", Summary: text.String(),
		Body: []card.Block{paragraph(text), {Progress: s.progress(g)}}}
	if trend := s.trend(g); trend != nil {
		out.Body = append(out.Body, card.Block{Trend: trend})
	}
	if c.Change != "" {
		out.Body = append(out.Body, quote(c.Change))
	}
	if c.Blocker != "" {
		out.Body = append(out.Body, paragraph(s.blockerLine(c)))
	}
	if question := s.gentle(g, c); question != "" {
		out.Body = append(out.Body, paragraph(plain(question)))
	}
	out.Body = append(out.Body, paragraph(s.whoSees(g)))
	out.Body = append(out.Body, s.correctUntil(g, c)...)
	out.Actions = s.receiptActions(g, c)
	return out
}

// savedLine is "Saved. G-12 Cut CAC is at $210, confidence 7.", or that it was corrected.
func (s *State) savedLine(g *Goal, c *goal.CheckIn) card.Text {
	id := "checkin.saved"
	switch {
	case c.Edited != nil:
		id = "checkin.corrected"
	case c.Value != nil:
		id = "checkin.saved.at"
	}
	return s.Voice().Text(id, language.With{"goal": goalSpan(g), "told": s.told(g, c)})
}

// told is a check-in in a few words: "$210, confidence 7".
func (s *State) told(g *Goal, c *goal.CheckIn) string {
	v := s.Voice()
	var words []string
	switch {
	case c.Value != nil && g.Metric != nil:
		words = append(words, v.Amount(*c.Value, g.Metric.Unit))
	case c.Done != nil && *c.Done:
		words = append(words, v.Say("checkin.done"))
	case c.Done != nil:
		words = append(words, v.Say("checkin.not-done"))
	case c.Same:
		words = append(words, v.Say("checkin.told.same"))
	}
	if c.Confidence != nil {
		words = append(words, v.Say("checkin.told.confidence", language.With{"n": *c.Confidence}))
	}
	if c.Status != goal.Unknown && (len(words) == 0 || c.Status != c.Suggested) {
		words = append(words, v.Say("status."+statusName(c.Status)))
	}
	if len(words) == 0 {
		words = append(words, v.Say("checkin.told.note"))
	}
	return strings.Join(words, ", ")
}

// trend is the metric's last few values, the last one of each day, nil before there are two.
func (s *State) trend(g *Goal) *card.Trend {
	series := g.Series()
	if len(series) < 2 {
		return nil
	}
	v := s.Voice()
	trend := &card.Trend{Name: g.Title, Unit: g.Metric.Unit}
	if g.Metric.Name != "" {
		trend.Name = g.Metric.Name
	}
	var words []string
	for i, n := range series {
		point := card.Point{Label: s.pointLabel(g, len(series)-1-i), Value: n.InexactFloat64()}
		if last := i - 1; last > 0 && trend.Points[len(trend.Points)-1].Label == point.Label { // where it began always stays
			trend.Points, words = trend.Points[:len(trend.Points)-1], words[:len(words)-1]
		}
		trend.Points, words = append(trend.Points, point), append(words, v.Number(n))
	}
	from := max(0, len(words)-seriesShown)
	trend.Points, trend.Words = trend.Points[from:], strings.Join(words[from:], " · ")
	return trend
}

// pointLabel is the day of the value that stands back from the newest one; the baseline's is the goal's start.
func (s *State) pointLabel(g *Goal, back int) string {
	v, today := s.Voice(), s.Today()
	for i := len(g.Recent) - 1; i >= 0; i-- {
		if c := g.Recent[i]; c.Value != nil || c.Same {
			if back == 0 {
				return v.Day(goal.DateOf(c.At.In(s.Me.Zone())), today)
			}
			back--
		}
	}
	if g.Start.IsZero() {
		return v.Day(goal.DateOf(g.Created.In(s.Me.Zone())), today)
	}
	return v.Day(g.Start, today)
}

func (s *State) blockerLine(c *goal.CheckIn) card.Text {
	with := language.With{"blocker": c.Blocker, "who": s.Name(c.Helper)}
	if c.Helper != "" {
		return s.Voice().Text("checkin.blocker.asked", with)
	}
	return s.Voice().Text("checkin.blocker", with)
}

// gentle is the one question a receipt may ask: when "nothing changed" came too often, when value and confidence
// disagree, or when the person overruled the numbers. Empty mostly.
func (s *State) gentle(g *Goal, c *goal.CheckIn) string {
	v := s.Voice()
	_, paced := g.Pace(s.Today())
	switch {
	case s.sameTooLong(g):
		return v.Say("checkin.ask.still-right", language.With{"count": sameTooOften})
	case paced && c.Confidence != nil && c.Suggested == goal.OffTrack && *c.Confidence >= sure:
		return v.Say("checkin.ask.confident", language.With{"n": *c.Confidence})
	case paced && c.Confidence != nil && c.Suggested == goal.OnTrack && *c.Confidence <= unsure:
		return v.Say("checkin.ask.worried", language.With{"n": *c.Confidence})
	case c.Suggested != goal.Unknown && c.Status != c.Suggested:
		return v.Say("checkin.overruled", language.With{
			"said": v.Say("status." + statusName(c.Status)), "suggested": v.Say("status." + statusName(c.Suggested))})
	}
	return ""
}

// sameTooLong reports whether the last few check-ins all said that nothing changed.
func (s *State) sameTooLong(g *Goal) bool {
	if len(g.Recent) < sameTooOften {
		return false
	}
	for _, c := range g.Recent[len(g.Recent)-sameTooOften:] {
		if !c.Same {
			return false
		}
	}
	return true
}

// whoSees is "#growth sees it on Tuesday", or that nobody is sent it.
func (s *State) whoSees(g *Goal) card.Text {
	v, channel := s.Voice(), s.Channel(g.Channel)
	room := channel.Room.Name
	switch {
	case g.Visibility == goal.Private:
		return v.Text("checkin.seen.private")
	case g.Channel == "" || room == "":
		return v.Text("checkin.seen.nobody")
	case !channel.Digest.On:
		return v.Text("checkin.seen.look-up", language.With{"channel": room})
	}
	plan := channel.Digest
	zone, err := LoadZone(plan.Zone)
	if err != nil {
		zone = s.Me.Zone()
	}
	at, err := s.calendar.Next(spec(plan.Hour, plan.Weekday), zone, s.Now)
	if err != nil {
		return v.Text("checkin.seen.look-up", language.With{"channel": room})
	}
	return v.Text("checkin.seen.digest", language.With{"channel": room, "day": v.Weekday(at.In(s.Me.Zone()).Weekday())})
}

// correctUntil is the small print: until when the answer can be corrected.
func (s *State) correctUntil(g *Goal, c *goal.CheckIn) []card.Block {
	until, err := s.occurrence(s.Me, c.At)
	if err != nil || s.correctable(g, c) != "" {
		return nil
	}
	return []card.Block{quiet(s.Voice().Text("checkin.correct.until", language.With{"moment": s.Voice().Moment(until, s.Now)}))}
}

// receiptActions lead on to the next goal, back to this answer, or to somebody who helps.
func (s *State) receiptActions(g *Goal, c *goal.CheckIn) []card.Action {
	v, id := s.Voice(), string(g.ID)
	t := s.Talk(s.Me.ID)
	var actions []card.Action
	if waiting := s.waiting(t); len(waiting) > 0 {
		next := s.answerAction(waiting[0].ID, t.Period, card.Primary)
		next.Label = v.Say("button.next-goal")
		actions = append(actions, next)
	}
	if s.correctable(g, c) == "" {
		actions = append(actions, s.correctAction(g, c))
	}
	if c.Blocker != "" && c.Helper == "" {
		actions = append(actions, card.Action{Label: v.Say("button.ask-help"),
			Intent: card.Intent{Verb: "checkin.help", Subject: id, Value: strconv.Itoa(c.Seq)}})
	}
	if s.sameTooLong(g) {
		actions = append(actions, card.Action{Label: v.Say("button.edit-goal"), Intent: card.Intent{Verb: "goal.edit", Subject: id}})
	}
	if (s.sameTooLong(g) || reached(g)) && s.May(goal.Close, g) {
		actions = append(actions, card.Action{Label: v.Say("button.close"), Intent: card.Intent{Verb: "goal.close", Subject: id}})
	}
	return actions
}

// reached reports whether the goal is where it should get to, so that it can be closed.
func reached(g *Goal) bool {
	percent, known := g.Progress()
	keeps := g.Metric != nil && g.Metric.Direction == goal.KeepWithin
	return known && !keeps && percent.GreaterThanOrEqual(decimal.NewFromInt(100))
}
