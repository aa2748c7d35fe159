package conversation

import (
	"slices"
	"strconv"
	"strings"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// pageSize is how many goals a list shows at once: what a phone shows without much scrolling.
const pageSize = 10

// listing is which goals are asked for, and from which on. It travels in the intent of "More".
type listing struct {
	whose string // "mine", "all", "here", a status or "stale"; a person's id after "@", a channel's after "#"
	from  int
}

func (l listing) String() string { return l.whose + " " + strconv.Itoa(l.from) }

// listFilters are the words for what to list, in both languages, folded.
var listFilters = map[string]string{
	"mine": "mine", "my": "mine", "cua toi": "mine", "toi": "mine",
	"all": "all", "tat ca": "all", "het": "all", "": "",
	"here": "here", "team": "here", "nhom": "here", "kenh": "here",
	"at-risk": "at-risk", "at risk": "at-risk", "rui ro": "at-risk", "co rui ro": "at-risk",
	"off-track": "off-track", "off track": "off-track", "chech huong": "off-track",
	"stale": "stale", "im ang": "stale", "chua cap nhat": "stale",
}

// parseListing reads "mine", "@Alex", "tat ca", or what a "More" button carries.
func parseListing(a arguments) (listing, bool) {
	if p := a.person(); p != "" {
		return listing{whose: "@" + string(p)}, true
	}
	words, page, _ := cutLast(a.text)
	if n, err := strconv.Atoi(page); err == nil && n >= 0 && isListing(words) {
		return listing{words, min(n, 1_000_000)}, true
	}
	whose, ok := listFilters[language.Fold(a.text)]
	return listing{whose: whose}, ok
}

// isListing reports whether the words are what a "More" button carries.
func isListing(whose string) bool {
	if len(whose) > 1 && (whose[0] == '@' || whose[0] == '#') {
		return true
	}
	return whose != "" && listFilters[whose] == whose
}

// cutLast splits the last word off.
func cutLast(s string) (before, last string, found bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// listGoals lists goals, a page at a time: by default mine, or those of the channel it was typed in.
func listGoals(a arguments) turn {
	l, ok := parseListing(a)
	if !ok {
		return answering(func(st *State) card.Card {
			return st.noticeWith("list.unknown", language.With{"typed": a.text}, "list")
		})
	}
	return turn{
		needs:  func(st *State) Needs { return l.in(st).needs(st) },
		decide: func(st *State) Decision { return Decision{Say: ptr(st.list(l.in(st))), Replace: l.from > 0} },
	}
}

// in settles what an empty listing, or one of the channel, means where it was typed.
func (l listing) in(st *State) listing {
	switch {
	case l.whose != "" && l.whose != "here":
	case st.In.Place.Shared():
		l.whose = "#" + string(st.In.Place.ID)
	default:
		l.whose = "mine"
	}
	return l
}

// needs are the goals of the listing. What was made for somebody who has not taken it on is its maker's, too.
func (l listing) needs(st *State) Needs {
	switch who, channel := l.person(), l.channel(); {
	case l.whose == "mine":
		return Needs{Indexes: []Index{{OwnedBy, string(st.Me.ID)}, {MadeBy, string(st.Me.ID)}}}
	case who != "":
		return Needs{Indexes: []Index{{OwnedBy, string(who)}}, People: []goal.PersonID{who}}
	case channel != "":
		return Needs{Indexes: []Index{{InRoom, string(channel)}}, Channels: []goal.ChannelID{channel}}
	}
	return Needs{Indexes: []Index{{AllOpen, ""}}}
}

// person is whose goals are listed; empty for nobody's in particular.
func (l listing) person() goal.PersonID {
	who, _ := strings.CutPrefix(l.whose, "@")
	if who == l.whose {
		return ""
	}
	return goal.PersonID(who)
}

// channel is the channel whose goals are listed; empty for none.
func (l listing) channel() goal.ChannelID {
	channel, _ := strings.CutPrefix(l.whose, "#")
	if channel == l.whose {
		return ""
	}
	return goal.ChannelID(channel)
}

// keeps reports whether a goal belongs into the list, beyond being in its index.
func (l listing) keeps(st *State, g *Goal) bool {
	switch l.whose {
	case "mine":
		return g.OwnedBy(st.Me.ID) || g.Asker() == st.Me.ID
	case "stale":
		_, stale := g.StaleFor(st.Now)
		return stale
	case string(goal.AtRisk), string(goal.OffTrack):
		return g.Status == goal.Status(l.whose)
	}
	return l.person() == "" || g.OwnedBy(l.person())
}

func (s *State) list(l listing) card.Card {
	v := s.Voice()
	var goals []*Goal
	for _, ix := range l.needs(s).Indexes {
		goals = append(goals, s.Visible(s.Goals(ix))...)
	}
	goals = slices.DeleteFunc(goals, func(g *Goal) bool { return !l.keeps(s, g) })
	slices.SortFunc(goals, func(a, b *Goal) int { return a.ID.Number() - b.ID.Number() })
	goals = slices.Compact(goals)
	if len(goals) == 0 {
		return s.emptyList(l)
	}
	from := min(l.from, len(goals)-1)
	page := goals[from:min(from+pageSize, len(goals))]
	heading := v.Say("list.title."+l.heading(), language.With{
		"count": len(goals), "who": s.Name(l.person()), "channel": s.roomName(s.Channel(l.channel()))})
	c := card.Card{Kind: "goal.list", Summary: heading, Body: []card.Block{title("", heading)}}
	var rows []card.Row
	for _, g := range page {
		rows = append(rows, s.goalRow(g))
	}
	c.Body = append(c.Body, card.Block{Rows: rows})
	if len(goals) > pageSize {
		c.Body = append(c.Body, quiet(v.Text("list.page", language.With{
			"from": strconv.Itoa(from + 1), "to": strconv.Itoa(from + len(page)), "all": strconv.Itoa(len(goals))})))
	}
	c.Actions = s.pageActions(l, from, len(goals))
	return c
}

// emptyList says which goals there are none of.
func (s *State) emptyList(l listing) card.Card {
	switch l.heading() {
	case "person":
		return s.noticeWith("list.none.person", language.With{"who": s.Name(l.person())}, "list")
	case "stale", string(goal.AtRisk), string(goal.OffTrack):
		return s.notice("list.none."+l.whose, "list")
	}
	return s.notice("list.none", "new")
}

// heading is the last part of the id of the list's heading.
func (l listing) heading() string {
	switch {
	case l.person() != "":
		return "person"
	case l.channel() != "":
		return "here"
	}
	return l.whose
}

func (s *State) pageActions(l listing, from, all int) []card.Action {
	v := s.Voice()
	var actions []card.Action
	if from+pageSize < all {
		next := listing{l.whose, from + pageSize}
		actions = append(actions, card.Action{Label: v.Say("button.more"), Intent: card.Intent{Verb: "goal.list", Value: next.String()}})
	}
	if from > 0 {
		before := listing{l.whose, max(from-pageSize, 0)}
		actions = append(actions, card.Action{Label: v.Say("button.back"), Intent: card.Intent{Verb: "goal.list", Value: before.String()}})
	}
	return append(actions, card.Action{Label: v.Say("button.new"), Intent: commandIntent("new")})
}

// goalRow is a goal in a list: "● G-12 Cut CAC" with its standing below. It leaves out what the list is about
// or the goal's own card tells: on a phone a row has three lines.
func (s *State) goalRow(g *Goal) card.Row {
	v := s.Voice()
	detail := s.progress(g).Words
	switch who := (language.With{"who": s.Name(g.Owner)}); g.Acceptance {
	case goal.Proposed:
		detail = v.Say("digest.proposed", who)
	case goal.HandedBack:
		detail = v.Say("digest.unowned")
	}
	if !g.Due.IsZero() {
		detail += " · " + s.dueWords(g)
	}
	if !g.OwnedBy(s.Me.ID) && g.Acceptance == goal.Accepted {
		detail += " · " + s.Name(g.Owner)
	}
	return card.Row{
		Text:   card.Text{{Text: s.mark(g) + " "}, goalSpan(g)},
		Detail: plain(detail),
		Action: &card.Action{Label: v.Say("button.open"), Intent: card.Intent{Verb: "goal.show", Subject: string(g.ID)}},
	}
}

// mark is the shape of a goal's standing; it never stands without the word somewhere beside it.
func (s *State) mark(g *Goal) string {
	if _, stale := g.StaleFor(s.Now); stale {
		return "◌"
	}
	switch g.Status {
	case goal.OnTrack:
		return "●"
	case goal.AtRisk:
		return "▲"
	case goal.OffTrack:
		return "■"
	}
	return "○"
}
