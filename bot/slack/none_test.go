package slack

import (
	"testing"

	"github.com/slack-go/slack"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

// choosing is a form with one choice that may be left open.
func choosing(options ...card.Option) card.Card {
	return card.Card{Summary: "s", Form: &card.Form{Title: "t", Intent: card.Intent{Verb: "goal.change"}, Fields: []card.Field{
		{Name: "title", Kind: card.Line, Value: "Cut CAC"},
		{Name: "parent", Kind: card.Choose, Options: options},
	}}}
}

func TestAChoiceCanBeTakenBack(t *testing.T) {
	form, losses := RenderForm(choosing(card.Option{Label: "No larger goal"}, card.Option{Value: "G-3", Label: "G-3 Growth"}), "en")
	if len(losses) > 0 {
		t.Error(losses)
	}
	input, _ := form.View.Blocks.BlockSet[1].(*slack.InputBlock)
	menu, _ := input.Element.(*slack.SelectBlockElement)
	if menu == nil || menu.InitialOption == nil || menu.InitialOption.Text.Text != "No larger goal" || menu.InitialOption.Value == "" {
		t.Fatalf("%+v", menu)
	}
	s := newStage(t)
	c := choosing()
	payload := submission(t, originOf(c, ""), c, nil)
	state := fieldState{Selected: &choice{Value: menu.InitialOption.Value}}
	if value, err := state.value(t.Context(), s.Face); value != "" || err != nil {
		t.Errorf("%q %v", value, err)
	}
	s.answers(conversation.Answer{}, nil)
	if w := s.deliver("/slack/interactions", payload); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
}

func TestAChoiceOfNothingIsNotAsked(t *testing.T) {
	form, _ := RenderForm(choosing(card.Option{Label: "No larger goal"}), "en")
	if n := len(form.View.Blocks.BlockSet); n != 1 {
		t.Errorf("%d fields", n)
	}
}
