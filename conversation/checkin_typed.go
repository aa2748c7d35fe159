package conversation

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// expectFor is how long "type it again" is remembered.
const expectFor = 24 * time.Hour

// answersCheckIn reports whether a line that begins like a command is an answer all the same, because a question
// is open: "thêm 3" adds three, it does not add a goal.
func answersCheckIn(st *State, text string) bool {
	t := st.Talk(st.Me.ID)
	if !slices.ContainsFunc(t.Asked, t.open) {
		return false
	}
	return plainAnswer(text)
}

// plainAnswer reports whether a line is a value and nothing else.
func plainAnswer(text string) bool {
	r := goal.ParseReply(text, &goal.Goal{Metric: &goal.Metric{Direction: goal.Increase}})
	return r.Note == "" && r.Unread == "" && (r.Value != nil || len(r.Readings) > 0)
}

// typedAnswer reads a line that is no command: about the goal it names, else about the one that was asked.
func typedAnswer(text string) turn {
	if id, rest, ok := leadingID(text); ok {
		return namedAnswer(id, rest)
	}
	if id, rest, ok := trailingID(text); ok {
		return namedAnswer(id, rest)
	}
	return bareAnswer(text)
}

// updateCommand is a typed answer with the word in front; alone it lists what can be answered.
func updateCommand(a arguments) turn {
	if a.text == "" {
		return turn{needs: checkInNeeds(), decide: func(st *State) Decision { return say(st.updateList()) }}
	}
	return typedAnswer(a.text)
}

// leadingID takes the goal's id from the front: "G-12 210", "g12: 210", "G 12 210".
func leadingID(text string) (id goal.ID, rest string, ok bool) {
	words := strings.Fields(text)
	for n := 1; n <= min(2, len(words)); n++ {
		head := strings.TrimRight(strings.Join(words[:n], " "), ":,;.")
		if id, ok := goal.ParseID(head); ok {
			_, rest, _ := strings.Cut(text, words[n-1])
			return id, strings.TrimLeft(rest, " :,;."), true
		}
	}
	return "", text, false
}

// trailingID takes the goal's id from the end of a plain answer: "done G-12", "210 for G-12". In a sentence it may
// be something else.
func trailingID(text string) (id goal.ID, rest string, ok bool) {
	before, last, _ := cutLast(strings.TrimRight(text, " .!"))
	for _, word := range []string{" for", " on", " cho"} {
		before = strings.TrimSuffix(before, word)
	}
	id, ok = goal.ParseID(last)
	return id, before, ok && plainAnswer(before)
}

func namedAnswer(id goal.ID, text string) turn {
	if text == "" {
		return answerForm(Used{Intent: card.Intent{Verb: "checkin.answer", Subject: string(id)}})
	}
	return checkingIn(id, func(st *State, g *Goal) Decision {
		r := goal.ParseReply(text, &g.Goal)
		switch {
		case r.Empty:
			return say(st.notUnderstood(text))
		case !r.Clear():
			return st.askBack(g, text, r)
		}
		return st.saveTyped(g, text, r)
	})
}

func bareAnswer(text string) turn {
	return turn{needs: checkInNeeds(), decide: func(st *State) Decision {
		g, asked := st.meant(st.Talk(st.Me.ID))
		if g == nil {
			return say(st.notUnderstood(text))
		}
		r := goal.ParseReply(text, &g.Goal)
		switch {
		case r.Clear() && (asked && tellsState(r) || r.Value != nil || r.Done != nil):
			return st.saveTyped(g, text, r)
		case !asked || r.Empty:
			return say(st.notUnderstood(text))
		}
		return st.askBack(g, text, r)
	}}
}

// meant is the goal that a line without a name answers: the one expected, else the first that waits; without an
// open question, the only goal there is.
func (s *State) meant(t *Talk) (g *Goal, asked bool) {
	if e := t.Expect; e != nil && s.Now.Sub(e.Since) < expectFor {
		if g := s.Goal(e.Goal); g != nil && s.asksMe(g) {
			return g, true
		}
	}
	if waiting := s.waiting(t); len(waiting) > 0 {
		return waiting[0], true
	}
	if mine := s.checkable(); len(mine) == 1 {
		return mine[0], false
	}
	return nil, false
}

// tellsState reports whether a reply says more than words.
func tellsState(r goal.Reply) bool {
	return r.Value != nil || r.Done != nil || r.Same || r.Confidence != nil || r.Status != goal.Unknown
}

// saveTyped saves a clear reply the way a form is saved.
func (s *State) saveTyped(g *Goal, text string, r goal.Reply) Decision {
	c := goal.CheckIn{Value: r.Value, Done: r.Done, Same: r.Same, Confidence: r.Confidence, Status: r.Status, Change: r.Note}
	if r.Blocker {
		c.Change, c.Blocker = "", r.Note
	}
	d, err := s.saveCheckIn(g, c)
	if err != nil {
		var why string
		for _, sentence := range s.refusal(err) {
			why = sentence
		}
		return say(card.Card{Kind: "notice", Summary: why, Body: []card.Block{alarm(plain(why)), quote(text)},
			Actions: []card.Action{s.answerAction(g.ID, "", card.Primary)}})
	}
	return d
}

// notUnderstood gives the text back, with what could be typed instead.
func (s *State) notUnderstood(text string) card.Card {
	v := s.Voice()
	c := s.notice("checkin.not-understood", "help", "list")
	c.Kind = "checkin.not-understood"
	c.Body = append(c.Body, quote(text))
	if near, rest, ok := s.nearestIn(text); ok {
		c.Actions = slices.Insert(c.Actions, 0, s.meantCommand(near, rest))
		return c
	}
	if mine := s.checkable(); len(mine) > 0 {
		s.byUrgency(mine)
		c.Body = append(c.Body, paragraph(v.Text("checkin.not-understood.hint", language.With{
			"example": code(string(mine[0].ID) + " " + s.example(mine[0]))})))
	}
	return c
}

// askBack keeps an answer that can be read in more than one way, or in none, and asks which is meant. The newest
// such line takes the place of an older one.
func (s *State) askBack(g *Goal, text string, r goal.Reply) Decision {
	t := s.Talk(s.Me.ID)
	var d Decision
	if old := t.Unclear; old != nil {
		if m := s.Message(unclearKey(old.Nonce)); m != nil {
			d.Post = append(d.Post, silenced(m))
		}
	}
	t.Unclear = &Unclear{Nonce: s.nonce(), Goal: g.ID, Text: text, At: s.Now}
	c := s.unclearCard(g, t.Unclear)
	d.Write = []Record{t}
	d.Retell = card.Intent{Verb: "checkin.show"}
	d.Post = append(d.Post, s.message(unclearKey(t.Unclear.Nonce), Address{Person: s.Me.ID}, c))
	if s.In.Inline && s.In.Place.Kind != Direct {
		d.Say = &c
	}
	return d
}

// unclearCard shows what was typed, with its readings as buttons.
func (s *State) unclearCard(g *Goal, u *Unclear) card.Card {
	v := s.Voice()
	r := goal.ParseReply(u.Text, &g.Goal)
	text := s.unclearLine(g, u, r)
	c := card.Card{Kind: "checkin.unclear", Summary: text.String(), Body: []card.Block{paragraph(text)}}
	if r.Unread != "" && r.Unread != u.Text {
		c.Body = append(c.Body, quote(u.Text))
	}
	pick := func(label, question, value string) {
		c.Actions = append(c.Actions, card.Action{Label: label,
			Intent: card.Intent{Verb: "checkin.pick", Subject: string(g.ID), Question: question, Value: value}})
	}
	for _, n := range r.Readings[:min(len(r.Readings), 3)] {
		pick(s.readingLabel(g.Metric, n), u.Nonce, n.String())
	}
	if len(r.Readings) == 0 {
		pick(v.Say("checkin.unclear.note"), u.Nonce, pickNote)
	}
	pick(v.Say("button.again"), u.Nonce+"."+pickAgain, pickAgain) // an act of its own: one may still pick afterwards
	return c
}

// What a button of an unclear answer stands for, beside a number.
const (
	pickNote  = "note"
	pickAgain = "again"
)

func (s *State) unclearLine(g *Goal, u *Unclear, r goal.Reply) card.Text {
	v := s.Voice()
	with := language.With{"typed": short(u.Text), "goal": goalSpan(g), "unread": r.Unread}
	switch {
	case len(r.Readings) > 0 && g.Metric.Current != nil:
		with["value"] = v.Amount(*g.Metric.Current, g.Metric.Unit)
		return v.Text("checkin.unclear", with)
	case len(r.Readings) > 0:
		return v.Text("checkin.unclear.first", with)
	case r.Unread != "":
		return v.Text("checkin.unclear.unread", with)
	}
	return v.Text("checkin.unclear.words", with)
}

// readingLabel is "1,600", or "160, it fell" for a step back.
func (s *State) readingLabel(m *goal.Metric, n goal.Number) string {
	v := s.Voice()
	amount := v.Amount(n, m.Unit)
	switch {
	case m.Current == nil || m.Direction == goal.KeepWithin:
		return amount
	case m.Direction == goal.Increase && n.LessThan(*m.Current):
		return v.Say("checkin.unclear.fell", language.With{"value": amount})
	case m.Direction == goal.Decrease && n.GreaterThan(*m.Current):
		return v.Say("checkin.unclear.rose", language.With{"value": amount})
	}
	return amount
}

// pickReading decides an unclear answer.
func pickReading(u Used) turn {
	id := goal.ID(u.Intent.Subject)
	return checkingIn(id, func(st *State, g *Goal) Decision {
		t := st.Talk(st.Me.ID)
		unclear := t.Unclear
		if unclear == nil || unclear.Nonce != occurrenceOf(u.Intent.Question) {
			if how := t.Settled[id]; how.Seq > 0 {
				return say(st.answeredCard(g, how))
			}
			return say(st.notice("checkin.nothing-open", "checkin", "list"))
		}
		r := goal.ParseReply(unclear.Text, &g.Goal)
		n, err := decimal.NewFromString(u.Intent.Value)
		switch {
		case u.Intent.Value == pickAgain:
			return st.expectAgain(t, g, u.Intent)
		case u.Intent.Value == pickNote:
			r.Note, r.Value, r.Unread = unclear.Text, nil, ""
		case err != nil || len(u.Intent.Value) > 60 || g.Metric == nil:
			return say(st.notice("checkin.nothing-open", "checkin", "list"))
		default:
			r.Value = &n
		}
		return st.saveTyped(g, unclear.Text, r)
	})
}

// expectAgain waits for the line to be typed again; until then what was typed is kept.
func (s *State) expectAgain(t *Talk, g *Goal, again card.Intent) Decision {
	t.Expect = &Expectation{Goal: g.ID, What: "value", Since: s.Now}
	return Decision{
		Write:  []Record{t},
		Say:    ptr(s.noticeWith("checkin.again", language.With{"goal": goalSpan(g), "example": code(s.example(g))})),
		Retell: again,
	}
}

// replied reads the value field of a form as a typed answer: "+3", "70%", "1/3", "same".
func (s *State) replied(typed string, g *Goal) (goal.Number, bool) {
	r := goal.ParseReply(typed, &g.Goal)
	switch {
	case !r.Clear() || r.Note != "" || r.Confidence != nil || r.Status != goal.Unknown:
		return goal.Number{}, false
	case r.Value != nil:
		return *r.Value, true
	case r.Same && g.Metric.Current != nil:
		return *g.Metric.Current, true
	}
	return goal.Number{}, false
}
