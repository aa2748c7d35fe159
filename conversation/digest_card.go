package conversation

import (
	"slices"
	"strconv"
	"strings"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// How much a digest says: short on top, the rest in its thread.
const (
	topRows    = 12
	namedGoals = 6 // in a sentence

	titledGoals  = 5  // in a sentence, with their titles
	clippedTitle = 32 // characters of such a title

	partRows = 20  // rows of one message in the thread
	maxRows  = 300 // of the whole thread; the rest is counted
)

// fairShare is how many rows each part of the top has for certain: needs, moved, fresh, closed.
var fairShare = [4]int{5, 3, 2, 2}

// shown is how many rows each part of the top gets; what one does not need, the others share in their order.
func (r report) shown() (rows [4]int) {
	want := [4]int{len(r.Needs), len(r.Moved), len(r.Fresh), len(r.Closed)}
	spare := topRows
	for n := range rows {
		rows[n] = min(want[n], fairShare[n])
		spare -= rows[n]
	}
	for n := range rows {
		more := min(want[n]-rows[n], spare)
		rows[n] += more
		spare -= more
	}
	return rows
}

// digestCard is the top of a digest. The state is that of its reader: the channel's language and zone, at the
// moment of the digest.
func (s *State) digestCard(c *Channel, r report, thread bool) card.Card {
	v := s.Voice()
	if r.calm() {
		return s.calmDigest(c, r)
	}
	heading := s.digestHeading(c, r.open())
	d := card.Card{Kind: "digest", Summary: heading + ": " + s.tally(r), Body: []card.Block{as(card.Headline, plain(heading))}}
	most := r.shown()
	for n, part := range []struct {
		heading string
		goals   []*Goal
		row     func(*Goal, report) card.Row
	}{
		{"digest.needs", r.Needs, s.needRow}, {"digest.moved", r.Moved, s.movedRow},
		{"digest.fresh", r.Fresh, s.freshRow}, {"digest.closed", r.Closed, s.closedRow},
	} {
		d.Body = append(d.Body, s.digestPart(part.heading, part.goals, most[n], r, part.row)...)
	}
	if len(r.Quiet) > 0 {
		d.Body = append(d.Body, paragraph(s.quietLine(r)))
	}
	d.Body = append(d.Body, s.alignment(r)...)
	if thread {
		d.Body = append(d.Body, quiet(v.Text("digest.thread")))
	}
	return d
}

// calmDigest is one line: nothing moved.
func (s *State) calmDigest(c *Channel, r report) card.Card {
	v := s.Voice()
	text := v.Text("digest.calm", language.With{"channel": s.roomName(c)})
	if next, ok := s.nextNews(r.Open()); ok {
		text = v.Text("digest.calm.until", language.With{"channel": s.roomName(c), "day": next})
	}
	if len(r.Quiet) > 0 {
		text = append(append(text, card.Span{Text: " "}), s.quietLine(r)...)
	}
	return card.Card{Kind: "digest", Summary: text.String(), Body: []card.Block{paragraph(text)}}
}

// roomName is "#growth", or what there is to say where the platform tells no name.
func (s *State) roomName(c *Channel) string {
	if c.Room.Name == "" {
		return s.Voice().Say("digest.here")
	}
	return "#" + c.Room.Name
}

// digestHeading is "#growth · week 48 · 7 goals".
func (s *State) digestHeading(c *Channel, goals int) string {
	v := s.Voice()
	_, week := s.Now.In(s.Me.Zone()).ISOWeek()
	parts := []string{v.Say("digest.week", language.With{"week": strconv.Itoa(week)}), v.Say("digest.goals", language.With{"count": goals})}
	if c.Room.Name != "" {
		parts = append([]string{"#" + c.Room.Name}, parts...)
	}
	return strings.Join(parts, " · ")
}

// tally is what the notification says: "2 need you, 1 moved".
func (s *State) tally(r report) string {
	v := s.Voice()
	var parts []string
	for _, part := range []struct {
		id string
		n  int
	}{{"digest.tally.needs", len(r.Needs)}, {"digest.tally.moved", len(r.Moved)}, {"digest.tally.fresh", len(r.Fresh)}, {"digest.tally.closed", len(r.Closed)}} {
		if part.n > 0 {
			parts = append(parts, v.Say(part.id, language.With{"count": part.n}))
		}
	}
	return strings.Join(parts, ", ")
}

// digestPart is a heading and its rows, as far as they go.
func (s *State) digestPart(heading string, goals []*Goal, most int, r report, row func(*Goal, report) card.Row) []card.Block {
	if len(goals) == 0 {
		return nil
	}
	v := s.Voice()
	var rows []card.Row
	for _, g := range goals[:min(len(goals), most)] {
		rows = append(rows, row(g, r))
	}
	blocks := []card.Block{paragraph(card.Text{strong(v.Say(heading))}), {Rows: rows}}
	if more := len(goals) - len(rows); more > 0 {
		blocks = append(blocks, quiet(v.Text("digest.more", language.With{"count": more})))
	}
	return blocks
}

func (s *State) goalLine(g *Goal) card.Text {
	return card.Text{{Text: s.mark(g) + " "}, goalSpan(g)}
}

// needRow is a goal in trouble: how it stands, where it moved, what blocks it and who asks for help.
func (s *State) needRow(g *Goal, r report) card.Row {
	row := card.Row{Text: s.goalLine(g), Detail: plain(s.digestStanding(g) + dotted(s.reminder(g)) + dotted(s.movement(g, r)) + dotted(s.plea(g)) + dotted(s.corrected(g)))}
	if last := g.Last(); last != nil && last.Blocker != "" && last.Helper == "" {
		row.Action = &card.Action{Label: s.Voice().Say("digest.can-help"), Intent: card.Intent{
			Verb: "digest.help", Subject: string(g.ID), Question: s.helpQuestion(*last)}}
	}
	return row
}

// reminder says what to do with a goal whose day is over; empty for the others.
func (s *State) reminder(g *Goal) string {
	if !g.overdue(s.Today()) {
		return ""
	}
	return s.Voice().Say("digest.overdue", language.With{"due": s.dueWords(g)})
}

// plea is the blocker in the owner's words, and who helps with it.
func (s *State) plea(g *Goal) string {
	v, last := s.Voice(), g.Last()
	switch {
	case g.Acceptance == goal.HandedBack:
		return v.Say("digest.unowned")
	case last == nil || last.Blocker == "":
		return s.Name(g.Owner)
	case last.Helper != "":
		return v.Say("digest.helped", language.With{"blocker": short(last.Blocker), "who": s.Name(last.Helper)})
	}
	return v.Say("digest.asks", language.With{"blocker": short(last.Blocker), "who": s.Name(last.By)})
}

func (s *State) movedRow(g *Goal, r report) card.Row {
	text := s.goalLine(g)
	if how := s.movement(g, r); how != "" {
		text = append(text, card.Span{Text: ": " + how})
	}
	detail := s.digestStanding(g)
	if won(g) > 0 {
		detail = s.Voice().Say("digest.won") + " · " + detail
	}
	return card.Row{Text: text, Detail: plain(detail + dotted(s.corrected(g)))}
}

// freshRow is a new goal: what it is about, or where it has already moved.
func (s *State) freshRow(g *Goal, r report) card.Row {
	what := s.factsLine(g)
	if moved(r.was[g.ID], g) {
		what = s.movement(g, r) + dotted(s.Name(g.Owner))
	}
	return card.Row{Text: s.goalLine(g), Detail: plain(s.digestStanding(g) + dotted(what) + dotted(s.corrected(g)))}
}

func (s *State) closedRow(g *Goal, _ report) card.Row {
	return card.Row{Text: card.Text{{Text: "✓ "}, goalSpan(g)}, Detail: plain(s.Voice().Say("digest.closed.line", language.With{
		"score": s.Voice().Number(g.Closed.Score), "who": s.Name(g.Owner)}))}
}

// digestStanding is how a goal stands by its owner's word, and what the numbers say where they disagree.
func (s *State) digestStanding(g *Goal) string {
	v := s.Voice()
	if g.Acceptance == goal.Proposed {
		return v.Say("digest.proposed", language.With{"who": s.Name(g.Owner)})
	}
	words := s.standing(g)
	_, stale := g.StaleFor(s.Now)
	suggested := g.Suggest(s.Today())
	if stale || suggested == goal.Unknown || suggested == g.Status {
		return words
	}
	numbers := v.Say("status." + statusName(suggested))
	switch {
	case g.Status == goal.Unknown && suggested == goal.OnTrack:
		return words // a goal that has just begun
	case g.Status == goal.Unknown:
		return v.Say("digest.numbers", language.With{"suggested": numbers})
	}
	return v.Say("digest.disagree", language.With{"said": words, "suggested": numbers})
}

// movement is where a goal moved, or where it is: "1 → 2 of 3", "$235 → $210, target $150".
func (s *State) movement(g *Goal, r report) string {
	v, was := s.Voice(), r.was[g.ID]
	m := g.Metric
	switch {
	case m == nil && g.Done && !was.Done:
		return v.Say("digest.done")
	case m == nil && was.Done && !g.Done:
		return v.Say("digest.undone")
	case m == nil || m.Current == nil:
		return ""
	}
	from, write := was.Value, func(n goal.Number) string { return v.Amount(n, m.Unit) }
	if counts(m) {
		write = v.Number
	}
	now := write(*m.Current)
	if from != nil && !from.Equal(*m.Current) {
		now = write(*from) + " → " + now
		if !counts(m) {
			now = v.FromTo(*from, *m.Current, m.Unit)
		}
	}
	if counts(m) {
		return v.Say("digest.of", language.With{"value": now, "target": v.Amount(m.Target, m.Unit)})
	}
	return v.Say("digest.target", language.With{"value": now, "target": v.Amount(m.Target, m.Unit)})
}

// dotted sets a further piece of a line off; nothing stays nothing.
func dotted(s string) string {
	if s == "" {
		return ""
	}
	return " · " + s
}

// quietLine is "Quiet: G-9 Cut CAC (2 weeks), G-14 Hire (3 weeks)"; of many goals only the numbers.
func (s *State) quietLine(r report) card.Text {
	v := s.Voice()
	var named []string
	for _, g := range r.Quiet[:min(len(r.Quiet), namedGoals)] {
		weeks, _ := g.StaleFor(s.Now)
		name := string(g.ID)
		if len(r.Quiet) <= titledGoals {
			name += " " + clipped(g.Title, clippedTitle)
		}
		named = append(named, v.Say("digest.quiet.goal", language.With{"goal": name, "count": weeks}))
	}
	list := strings.Join(named, ", ")
	if more := len(r.Quiet) - len(named); more > 0 {
		return v.Text("digest.quiet.more", language.With{"goals": list, "count": more})
	}
	return v.Text("digest.quiet", language.With{"goals": list})
}

// alignment says how many goals lead up to the vision, and lets whoever may edit the first of the others link it.
// Where no goal serves another there is nothing to be in line with, and nothing is said.
func (s *State) alignment(r report) []card.Block {
	v, all := s.Voice(), r.open()
	linked := all - len(r.Loose)
	with := language.With{"count": linked, "all": all, "goals": s.looseNames(r)}
	id := "digest.linked"
	switch {
	case all == 0, linked == 0 && !r.linking():
		return nil
	case len(r.Loose) == 0:
		return []card.Block{paragraph(v.Text("digest.linked.all", language.With{"count": all}))}
	case linked == 0:
		id = "digest.linked.none"
	}
	first := r.Loose[0].goal
	return []card.Block{{Rows: []card.Row{{Text: v.Text(id, with), Action: &card.Action{
		Label:  v.Say("digest.link", language.With{"id": string(first.ID)}),
		Intent: card.Intent{Verb: "goal.edit", Subject: string(first.ID)}}}}}}
}

// looseNames is "G-14 and G-16".
func (s *State) looseNames(r report) string {
	v := s.Voice()
	var named []string
	for _, l := range r.Loose[:min(len(r.Loose), namedGoals)] {
		named = append(named, string(l.goal.ID))
	}
	if more := len(r.Loose) - len(named); more > 0 {
		return v.Say("digest.names.more", language.With{"goals": strings.Join(named, ", "), "count": more})
	}
	last := len(named) - 1
	if last < 1 {
		return strings.Join(named, "")
	}
	return v.Say("digest.names", language.With{"goals": strings.Join(named[:last], ", "), "last": named[last]})
}

// nextNews is the day of the next check-in about any of the goals, in words.
func (s *State) nextNews(goals []*Goal) (string, bool) {
	asked := map[goal.PersonID]bool{}
	day, found := s.Now, false
	for _, g := range goals {
		owner := s.Person(g.Owner)
		if owner == nil || asked[g.Owner] || owner.Chosen.Off || g.Acceptance != goal.Accepted {
			continue
		}
		asked[g.Owner] = true
		if at, err := s.nextCheckIn(owner, g); err == nil && (!found || at.Before(day)) {
			day, found = at, true
		}
	}
	return s.Voice().Weekday(day.In(s.Me.Zone()).Weekday()), found
}

// threadCards are the messages below the top: every goal in a line of its own; none where the top says it all.
func (s *State) threadCards(c *Channel, r report) []card.Card {
	if !s.needsThread(r) {
		return nil
	}
	v := s.Voice()
	rows, hidden := s.threadRows(r)
	var cards []card.Card
	parts := slices.Collect(slices.Chunk(rows, partRows))
	for n, part := range parts {
		heading := s.digestHeading(c, r.open())
		if len(parts) > 1 {
			heading = v.Say("digest.part", language.With{"heading": heading, "n": n + 1, "all": len(parts)})
		}
		one := card.Card{Kind: "digest.part", Summary: heading, Body: []card.Block{title("", heading), {Rows: part}}}
		if n == len(parts)-1 && hidden > 0 {
			one.Body = append(one.Body, quiet(v.Text("digest.hidden", language.With{"count": hidden, "command": code(s.typed("list"))})))
		}
		cards = append(cards, one)
	}
	return cards
}

// needsThread reports whether the top left anything out.
func (s *State) needsThread(r report) bool {
	cut := r.shown() != [4]int{len(r.Needs), len(r.Moved), len(r.Fresh), len(r.Closed)}
	more := slices.ContainsFunc(r.Open(), func(g *Goal) bool { return s.story(g) != "" || r.broken(g) })
	return !r.calm() && (cut || more || len(r.Quiet)+len(r.Rest) > 0)
}

// threadRows are the lines of the thread, and how many more there would be.
func (s *State) threadRows(r report) (rows []card.Row, hidden int) {
	for _, g := range r.Open() {
		if len(rows) == maxRows {
			break
		}
		rows = append(rows, s.threadRow(g, r))
	}
	for _, g := range r.Closed[:min(len(r.Closed), maxRows-len(rows))] {
		rows = append(rows, s.closedRow(g, r))
	}
	return rows, r.open() + len(r.Closed) - len(rows)
}

// threadRow is all there is to say about an open goal.
func (s *State) threadRow(g *Goal, r report) card.Row {
	detail := s.progress(g).Words
	if standing := s.standing(g); s.digestStanding(g) != standing {
		detail = strings.Replace(detail, standing, s.digestStanding(g), 1)
	}
	detail += dotted(s.movement(g, r)) + dotted(s.Name(g.Owner)) + dotted(s.wayUp(g, r)) + dotted(s.story(g)) + dotted(s.corrected(g))
	return card.Row{Text: s.goalLine(g), Detail: plain(detail)}
}

// wayUp says why a goal leads up to no vision; in a channel where none does, only what is broken is told.
func (s *State) wayUp(g *Goal, r report) string {
	why := r.loose(g)
	if why == "" || !r.broken(g) && len(r.Loose) == r.open() {
		return ""
	}
	return s.Voice().Say(why)
}

// story is what the owner told last, in their words, if it was told lately.
func (s *State) story(g *Goal) string {
	last, v := g.Last(), s.Voice()
	if last == nil || s.Now.Sub(last.At) > usualSpan {
		return ""
	}
	var told []string
	if last.Change != "" {
		told = append(told, "“"+short(last.Change)+"”")
	}
	if last.Next != "" {
		told = append(told, v.Say("digest.next", language.With{"next": short(last.Next)}))
	}
	return strings.Join(told, " · ")
}

// corrected marks what was changed after the digest was posted.
func (s *State) corrected(g *Goal) string {
	if last := g.Last(); last != nil && last.Edited != nil && last.Edited.After(s.Now) {
		return s.Voice().Say("digest.corrected")
	}
	return ""
}
