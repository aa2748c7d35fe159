package conversation

import (
	"strconv"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

func closeCommand(a arguments) turn  { return aboutGoal(a, "close", closeGoal) }
func reopenCommand(a arguments) turn { return aboutGoal(a, "reopen", reopenGoal) }

// closeGoal asks for the score and a last word.
func closeGoal(id goal.ID) turn {
	return withGoal(id, goal.Close, func(st *State, g *Goal) Decision {
		if g.Closed != nil {
			return Decision{Say: ptr(st.goalCard(g)), Replace: true}
		}
		score := ""
		if !st.viewer(g).MustTell(goal.Close, &g.Goal) { // whoever steps in says it themself
			score = suggestedScore(g)
		}
		return say(st.closeForm(g, score, "", nil, st.nonce()))
	})
}

// suggestedScore is what the progress says, between 0 and 1 in tenths; empty when it is unknown.
func suggestedScore(g *Goal) string {
	percent, known := g.Progress()
	if !known {
		return ""
	}
	score := decimal.Max(decimal.Zero, decimal.Min(percent.Shift(-2), decimal.NewFromInt(1)))
	return score.StringFixed(1)
}

func (s *State) closeForm(g *Goal, score, note string, wrong map[string]string, question string) card.Card {
	v := s.Voice()
	heading := v.Say("close.title", language.With{"id": string(g.ID)})
	var scores []card.Option
	for tenth := 10; tenth >= 0; tenth-- {
		n := decimal.New(int64(tenth), -1)
		label := v.Number(n)
		switch tenth {
		case 10, 7, 0:
			label = v.Say("close.score."+strconv.Itoa(tenth), language.With{"score": label})
		}
		scores = append(scores, card.Option{Value: n.StringFixed(1), Label: label})
	}
	told := ""
	if s.viewer(g).MustTell(goal.Close, &g.Goal) {
		told = v.Say("close.tells", language.With{"who": s.Name(g.keeper())})
	}
	return card.Card{Kind: "goal.close", Summary: heading, Form: &card.Form{
		Title:  heading,
		Intent: card.Intent{Verb: "goal.end", Subject: string(g.ID), Question: question},
		Submit: v.Say("button.close"), Cancel: v.Say("button.cancel"),
		Fields: []card.Field{
			{Name: "score", Label: v.Say("field.score"), Kind: card.Choose, Value: score, Options: scores, Required: true, Error: wrong["score"]},
			{Name: "note", Label: v.Say("field.lesson"), Hint: told, Kind: card.Lines, Value: note, Max: goal.MaxNote, Error: wrong["note"]},
		},
	}}
}

// endGoal closes the goal; owners who did not do it hear of it, and their open question no longer asks about it.
func endGoal(u Used) turn {
	id, typed, note := goal.ID(u.Intent.Subject), u.Values["score"], goal.Clean(u.Values["note"])
	t := withGoal(id, goal.Close, func(st *State, g *Goal) Decision {
		if g.Closed != nil {
			return Decision{Say: ptr(st.goalCard(g)), Replace: true}
		}
		score, wrong := st.readClosing(typed, note)
		if len(wrong) > 0 {
			return Decision{Say: ptr(st.closeForm(g, typed, note, wrong, u.Intent.Question)), Replace: true}
		}
		g.Closed = &goal.Closing{At: st.Now, By: st.Me.ID, Score: score, Note: note}
		d := Decision{Write: []Record{g}, Replace: true, Keep: st.In.Place.Kind == Direct,
			Retell: card.Intent{Verb: "goal.show", Subject: string(id)}, Say: ptr(st.goalCard(g))}
		if g.Acceptance == goal.Proposed {
			st.withdraw(&d, g)
		} else {
			st.tell(&d, g, "close.told", note, g.Owners()...)
		}
		st.reprompt(&d, g, g.Owners()...)
		return d
	})
	t.needs = askedAbout(id)
	return t
}

// readClosing reads the form; what cannot be read is told by field.
func (s *State) readClosing(typed, note string) (score goal.Number, wrong map[string]string) {
	v, wrong := s.Voice(), map[string]string{}
	score, ok := scoreOf(typed)
	if !ok {
		wrong["score"] = v.Say("wrong.score")
	}
	if utf8.RuneCountInString(note) > goal.MaxNote {
		wrong["note"] = v.Say("wrong.note", language.With{"max": goal.MaxNote})
	}
	return score, wrong
}

// scoreOf reads one of the form's scores, "0.7".
func scoreOf(s string) (goal.Number, bool) {
	if len(s) > len("1.0") {
		return goal.Number{}, false
	}
	score, err := decimal.NewFromString(s)
	return score, err == nil && !score.IsNegative() && score.LessThanOrEqual(decimal.NewFromInt(1))
}

// reopenGoal opens a closed goal again.
func reopenGoal(id goal.ID) turn {
	t := withGoal(id, goal.Reopen, func(st *State, g *Goal) Decision {
		if g.Closed == nil {
			return Decision{Say: ptr(st.goalCard(g)), Replace: true}
		}
		g.Closed = nil
		d := Decision{Write: []Record{g}, Replace: true, Retell: card.Intent{Verb: "goal.show", Subject: string(id)}}
		switch {
		case g.Acceptance == goal.Proposed && g.Owner == st.Me.ID:
			st.accept(&d, g, "proposal.accepted")
		case g.Acceptance == goal.Proposed:
			st.propose(&d, g)
		default:
			st.tell(&d, g, "reopen.told", "", g.Owners()...)
		}
		d.Timers = st.armOwners(g)
		st.reprompt(&d, g, g.Owners()...)
		d.Say = ptr(st.goalCard(g))
		return d
	})
	t.needs = askedAbout(id)
	return t
}
