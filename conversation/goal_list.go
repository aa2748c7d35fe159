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
	whose string // "mine", "all", "here", or a status; or a person's id after "@"
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
	if n, err := strconv.Atoi(page); err == nil && n >= 0 {
		return listing{words, min(n, 1_000_000)}, true
	}
	whose, ok := listFilters[language.Fold(a.text)]
	return listing{whose: whose}, ok
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
		needs: func(st *State) Needs {
			l := l.in(st)
			return Needs{Indexes: []Index{l.index(st)}, People: l.people()}
		},
		decide: func(st *State) Decision { return Decision{Say: ptr(st.list(l.in(st))), Replace: l.from > 0} },
	}
}

// in settles what an empty listing means where it was typed.
func (l listing) in(st *State) listing {
	if l.whose == "" {
		l.whose = "mine"
		if st.In.Place.Shared() {
			l.whose = "here"
		}
	}
	return l
}

func (l listing) index(st *State) Index {
	switch {
	case l.whose == "mine":
		return Index{OwnedBy, string(st.Me.ID)}
	case l.whose == "here" && st.In.Place.Shared():
		return Index{InRoom, string(st.In.Place.ID)}
	case strings.HasPrefix(l.whose, "@"):
		return Index{OwnedBy, l.whose[1:]}
	}
	return Index{AllOpen, ""}
}

func (l listing) people() []goal.PersonID {
	if strings.HasPrefix(l.whose, "@") {
		return []goal.PersonID{goal.PersonID(l.whose[1:])}
	}
	return nil
}

// keeps reports whether a goal belongs into the list, beyond being in its index.
func (l listing) keeps(st *State, g *Goal) bool {
	switch l.whose {
	case "stale":
		_, stale := g.StaleFor(st.Now)
		return stale
	case string(goal.AtRisk), string(goal.OffTrack):
		return g.Status == goal.Status(l.whose)
	}
	return true
}

func (s *State) list(l listing) card.Card {
	v := s.Voice()
	goals := slices.DeleteFunc(s.Visible(s.Goals(l.index(s))), func(g *Goal) bool { return !l.keeps(s, g) })
	if len(goals) == 0 {
		return s.emptyList(l)
	}
	from := min(l.from, len(goals)-1)
	page := goals[from:min(from+pageSize, len(goals))]
	heading := v.Say("list.title."+l.heading(), language.With{"count": len(goals), "who": s.listed(l), "channel": s.In.Place.Name})
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
		return s.noticeWith("list.none.person", language.With{"who": s.listed(l)}, "list")
	case "stale", string(goal.AtRisk), string(goal.OffTrack):
		return s.notice("list.none."+l.whose, "list")
	}
	return s.notice("list.none", "new")
}

func (l listing) heading() string {
	if strings.HasPrefix(l.whose, "@") {
		return "person"
	}
	return l.whose
}

func (s *State) listed(l listing) string {
	if who, ok := strings.CutPrefix(l.whose, "@"); ok {
		return s.Name(goal.PersonID(who))
	}
	return ""
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
	if !g.Due.IsZero() {
		detail += " · " + v.Say("goal.due", language.With{"date": v.Day(g.Due, s.Today())})
	}
	if !g.OwnedBy(s.Me.ID) {
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
