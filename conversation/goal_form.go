package conversation

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// sketch is a goal as its form shows it: what was typed, whether it makes sense or not.
type sketch struct {
	title, reason, from, to, way, due, owner, parent string
	cadence, visibility, channel                     string // of the edit form only
}

func sketchOf(values map[string]string) sketch {
	value := func(name string) string { return strings.ReplaceAll(goal.Clean(values[name]), "\n", " ") }
	return sketch{
		title: value("title"), reason: goal.Clean(values["reason"]), from: value("from"), to: value("to"), way: value("way"),
		due: value("due"), owner: value("owner"), parent: value("parent"),
		cadence: value("cadence"), visibility: value("visibility"), channel: values["channel"],
	}
}

// served is the goal that the form says this one serves, if it says one.
func (k sketch) served() []goal.ID {
	if id, ok := goal.ParseID(k.parent); ok {
		return []goal.ID{id}
	}
	return nil
}

// choices are the goals that a form may speak of: all open ones where they are few, else the actor's own.
func (s *State) choices() []*Goal {
	me := string(s.Me.ID)
	all := slices.Concat(s.Goals(Index{AllOpen, ""}), s.Goals(Index{OwnedBy, me}), s.Goals(Index{MadeBy, me}))
	seen := map[goal.ID]bool{}
	return slices.DeleteFunc(all, func(g *Goal) bool {
		again := seen[g.ID]
		seen[g.ID] = true
		return again
	})
}

// goalFields are the inputs of the form, filled with what is known, each with what is wrong with it; own is the goal
// while it is edited.
func (s *State) goalFields(own goal.ID, k sketch, wrong map[string]string) []card.Field {
	v := s.Voice()
	field := func(name string, kind card.Input, value string) card.Field {
		f := card.Field{Name: name, Kind: kind, Value: value, Error: wrong[name],
			Label: v.Say("field." + name), Hint: v.Say("hint." + name)}
		if f.Hint == "-" { // the catalogues' way to say that a field needs no hint
			f.Hint = ""
		}
		return f
	}
	title := field("title", card.Line, k.title)
	title.Required, title.Max = true, goal.MaxTitle
	reason := field("reason", card.Lines, k.reason)
	reason.Max = goal.MaxReason
	way := field("way", card.Choose, k.way)
	way.Options = options(v, "way.", "", string(goal.Increase), string(goal.Decrease), string(goal.KeepWithin))
	owner := field("owner", card.Person, k.owner)
	owner.Required = true
	due := field("due", card.Day, k.due)
	due.Required = due.Value == "" && due.Error != "" // a day that was typed but is not clear is not left out silently
	return []card.Field{title, reason, field("from", card.Line, k.from), field("to", card.Line, k.to), way,
		due, owner, s.parentField(own, field("parent", card.Choose, k.parent))}
}

// parentField offers the goals that this one may serve, and the one it serves even when that is closed; where they
// are too many for a list, it is typed.
func (s *State) parentField(own goal.ID, f card.Field) card.Field {
	v := s.Voice()
	goals := slices.DeleteFunc(s.Visible(s.Goals(Index{AllOpen, ""})), func(g *Goal) bool { return g.ID == own })
	if now := s.seeable(goal.ID(f.Value)); now != nil && now.Closed != nil {
		goals = append(goals, now)
	}
	if len(goals) >= card.MaxOptions || s.open > maxChoice {
		f.Kind, f.Hint = card.Line, v.Say("hint.parent.typed")
		return f
	}
	f.Options = []card.Option{{Value: "", Label: v.Say("parent.none")}}
	for _, g := range goals {
		f.Options = append(f.Options, card.Option{Value: string(g.ID), Label: short(string(g.ID) + " " + g.Title)})
	}
	return f
}

// options are the choices of an enumeration: labels are the messages prefix+value, prefix+"none" for "".
func options(v *language.Voice, prefix string, values ...string) []card.Option {
	var all []card.Option
	for _, value := range values {
		id := prefix + value
		if value == "" {
			id = prefix + "none"
		}
		all = append(all, card.Option{Value: value, Label: v.Say(id)})
	}
	return all
}

// apply reads the sketch into a goal. What cannot be read is told by field, and leaves the goal as it was there.
func (s *State) apply(k sketch, g *goal.Goal) map[string]string {
	wrong := map[string]string{}
	v := s.Voice()
	g.Title, g.Reason, g.Owner = k.title, k.reason, goal.PersonID(k.owner)
	s.applyMetric(k, g, wrong)
	g.Due = goal.Date{}
	if k.due != "" {
		due, err := goal.ParseISODate(k.due)
		if err != nil {
			wrong["due"] = v.Say("wrong.due", language.With{"typed": k.due})
		}
		g.Due = due
	}
	s.applyParent(k, g, wrong)
	g.Horizon = goal.HorizonFor(g.Start, g.Due)
	for _, p := range g.Check(s.Today()) {
		if field := formField(p.Field); wrong[field] == "" {
			wrong[field] = v.Say("wrong."+p.Code, language.With{"max": limitOf(p.Field)})
		}
	}
	return wrong
}

// formField is the input that asks for what the domain calls by another name.
func formField(field string) string {
	switch field {
	case goal.FieldDirection:
		return "way"
	case goal.FieldUnit:
		return "to"
	}
	return field
}

func limitOf(field string) int {
	if field == goal.FieldReason {
		return goal.MaxReason
	}
	return goal.MaxTitle
}

func (s *State) applyMetric(k sketch, g *goal.Goal, wrong map[string]string) {
	v := s.Voice()
	if k.to == "" {
		if k.from != "" {
			wrong["to"] = v.Say("wrong.to-missing")
		}
		g.Metric = nil
		return
	}
	m := goal.Metric{}
	if g.Metric != nil {
		m = *g.Metric
	}
	target, unit, targetOK := s.amount(k.to)
	if !targetOK {
		wrong["to"] = v.Say("wrong.number", language.With{"typed": k.to})
	}
	from, fromUnit, fromOK := s.baseline(k.from)
	if !fromOK {
		wrong["from"] = v.Say("wrong.number", language.With{"typed": k.from})
	}
	if !targetOK || !fromOK {
		return
	}
	m.Target, m.Unit, m.Baseline, m.Floor = target, unit, nil, nil
	if m.Unit == "" {
		m.Unit = fromUnit
	}
	m.Direction = direction(k.way, from, target)
	if m.Direction == goal.KeepWithin {
		m.Floor = from
	} else {
		m.Baseline = from
		if m.Current == nil || g.CheckIns == 0 { // nobody told of a way from there yet
			m.Current = from
		}
	}
	g.Metric = &m
}

// amount reads a number with its unit as the actor writes them: 1.500 is fifteen hundred to a Vietnamese reader,
// and the form was filled in their own way of writing.
func (s *State) amount(typed string) (goal.Number, string, bool) {
	return goal.ParseNumberIn(typed, s.Me.Language())
}

// baseline is the number that a goal starts from, nil when none was typed.
func (s *State) baseline(typed string) (from *goal.Number, unit string, ok bool) {
	if typed == "" {
		return nil, "", true
	}
	n, unit, ok := s.amount(typed)
	return &n, unit, ok
}

// direction is the chosen way, else the way from the baseline to the target, else up.
func direction(chosen string, from *goal.Number, to goal.Number) goal.Direction {
	switch d := goal.Direction(chosen); d {
	case goal.Increase, goal.Decrease, goal.KeepWithin:
		return d
	}
	if from != nil && from.GreaterThan(to) {
		return goal.Decrease
	}
	return goal.Increase
}

// applyParent takes over what the goal serves. A parent that the actor may not see is not in the form, and stays.
func (s *State) applyParent(k sketch, g *goal.Goal, wrong map[string]string) {
	v, before := s.Voice(), g.Parent
	if k.parent == "" {
		if s.seeable(before) != nil {
			g.Parent = ""
		}
		return
	}
	id, ok := goal.ParseID(k.parent)
	parent := s.seeable(id)
	switch {
	case !ok || parent == nil:
		wrong["parent"] = v.Say("wrong.parent", language.With{"typed": k.parent})
	case id == before: // closed meanwhile or not, nothing changes
	case parent.Closed != nil:
		wrong["parent"] = v.Say("wrong.parent-closed", language.With{"id": string(id)})
	case goal.Cycle(g.ID, id, s.parentOf):
		wrong["parent"] = v.Say("wrong.parent-cycle", language.With{"id": string(id)})
	default:
		g.Parent = id
	}
}

func (s *State) parentOf(id goal.ID) goal.ID {
	if g := s.Goal(id); g != nil {
		return g.Parent
	}
	return ""
}

// sketchFrom fills the form from a goal, in the actor's way of writing numbers. What it serves shows only to those
// who may see that.
func (s *State) sketchFrom(g *goal.Goal) sketch {
	k := sketch{title: g.Title, reason: g.Reason, due: g.Due.String(), owner: string(g.Owner),
		cadence: string(g.Cadence), visibility: string(g.Visibility), channel: channelWord(g.Channel)}
	if s.seeable(g.Parent) != nil {
		k.parent = string(g.Parent)
	}
	if m := g.Metric; m != nil {
		k.to, k.way = s.readable(m.Target, m.Unit), string(m.Direction)
		for _, from := range []*goal.Number{m.Baseline, m.Floor} {
			if from != nil {
				k.from = s.readable(*from, m.Unit)
			}
		}
	}
	return k
}

// readable writes an amount so that amount reads the same from it: 1.125 could be meant as thousands, so a form says
// 1.1250, and one of several "integrations" keeps its plural.
func (s *State) readable(n goal.Number, unit string) string {
	v, several := s.Voice(), decimal.NewFromInt(2)
	for _, text := range []string{v.Amount(n, unit), v.Number(n) + " " + unit, v.Number(n) + "0 " + unit} {
		back, of, ok := s.amount(text)
		if ok && back.Equal(n) && v.Amount(several, of) == v.Amount(several, unit) {
			return strings.TrimSpace(text)
		}
	}
	return v.Amount(n, unit)
}
