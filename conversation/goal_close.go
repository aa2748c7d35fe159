package conversation

import (
	"strconv"

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
		return say(st.closeForm(g, suggestedScore(g), "", "", st.nonce()))
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

func (s *State) closeForm(g *Goal, score, note, wrong, question string) card.Card {
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
	return card.Card{Kind: "goal.close", Summary: heading, Form: &card.Form{
		Title:  heading,
		Intent: card.Intent{Verb: "goal.end", Subject: string(g.ID), Question: question},
		Submit: v.Say("button.close"), Cancel: v.Say("button.cancel"),
		Fields: []card.Field{
			{Name: "score", Label: v.Say("field.score"), Kind: card.Choose, Value: score, Options: scores, Required: true, Error: wrong},
			{Name: "note", Label: v.Say("field.lesson"), Kind: card.Lines, Value: note, Max: goal.MaxNote},
		},
	}}
}

// endGoal closes the goal; an owner who did not do it hears of it.
func endGoal(u Used) turn {
	return withGoal(goal.ID(u.Intent.Subject), goal.Close, func(st *State, g *Goal) Decision {
		if g.Closed != nil {
			return Decision{Say: ptr(st.goalCard(g)), Replace: true}
		}
		score, ok := scoreOf(u.Values["score"])
		note := goal.Clean(u.Values["note"])
		if !ok || len([]rune(note)) > goal.MaxNote {
			wrong := st.Voice().Say("wrong.score")
			return Decision{Say: ptr(st.closeForm(g, "", note, wrong, u.Intent.Question)), Replace: true}
		}
		g.Closed = &goal.Closing{At: st.Now, By: st.Me.ID, Score: score, Note: note}
		d := Decision{Write: []Record{g}, Replace: true, Keep: st.In.Place.Kind == Direct,
			Retell: card.Intent{Verb: "goal.show", Subject: string(g.ID)}}
		for _, p := range st.others(g.Owner) {
			d.Post = append(d.Post, st.tell(p, g, "close.told", note))
		}
		d.Say = ptr(st.goalCard(g))
		return d
	})
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
		if owner := st.Person(g.Owner); owner != nil {
			d.Timers = st.as(g.Owner).armCheckIn(owner, g)
		}
		for _, p := range st.others(g.Owner) {
			d.Post = append(d.Post, st.tell(p, g, "reopen.told", ""))
		}
		d.Say = ptr(st.goalCard(g))
		return d
	})
	t.needs = func(*State) Needs { return Needs{Goals: []goal.ID{id}, Lines: true} }
	return t
}
