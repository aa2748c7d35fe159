package teams

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

// actionInvoke is a pressed button or a submitted form.
const actionInvoke = "adaptiveCard/action"

// What an invoke is answered with ("Universal Action Model", section Response format).
const (
	messageAnswer = "application/vnd.microsoft.activity.message"
	searchAnswer  = "application/vnd.microsoft.search.searchResponse"
)

// invoke answers what waits for an answer. The HTTP status is always 200 when it was understood: with any
// other the person sees an error and loses what was typed.
func (f *Face) invoke(ctx context.Context, a *arrival) reply {
	w := wordsOf(a.profile().Language)
	switch a.Name {
	case actionInvoke:
		return reply{http.StatusOK, f.action(ctx, a, w)}
	case "task/fetch", "task/submit":
		return reply{http.StatusOK, taskMessage(w.unknown)}
	case "composeExtension/fetchTask", "composeExtension/submitAction":
		return reply{http.StatusOK, taskMessage(w.unknown)}
	case "composeExtension/query", "composeExtension/selectItem", "composeExtension/queryLink":
		return reply{http.StatusOK, object{"composeExtension": object{"type": "message", "text": w.unknown}}}
	case "application/search":
		return reply{http.StatusOK, result(searchAnswer, object{"results": []any{}})}
	case "fileConsent/invoke", "message/submitAction", "signin/verifyState", "signin/tokenExchange":
		return reply{status: http.StatusOK}
	}
	return reply{status: http.StatusNotImplemented} // as Microsoft's own SDKs say it
}

func taskMessage(text string) object {
	return object{"task": object{"type": "message", "value": text}}
}

func result(kind string, value any) object {
	return object{"statusCode": http.StatusOK, "type": kind, "value": value}
}

// action is a pressed button or a submitted form.
func (f *Face) action(ctx context.Context, a *arrival, w words) object {
	p, data, ok := a.press()
	if !ok {
		return result(messageAnswer, w.stale)
	}
	f.learn(ctx, a)
	f.knowPeople(ctx, a, p.values)
	in := f.input(a)
	in.From, in.Inline = p.key, true
	in.Act = conversation.Used{Intent: p.intent, Values: p.values}
	if p.cancel {
		in.Act, in.Delivery = conversation.Used{Intent: card.Intent{Verb: "dismiss"}}, ""
	}
	answer, err := f.handler.Handle(ctx, in)
	if err != nil {
		f.log.ErrorContext(ctx, "teams: action not handled", "verb", p.intent.Verb, "error", err)
		return f.unsaved(ctx, a, p, data, answer)
	}
	if p.cancel {
		return f.putBack(ctx, a, p, answer, note(w.closed))
	}
	return f.respond(ctx, a, p, answer)
}

// press reads the control that an invoke used, and the data as they came. What cannot be read has no intent.
func (a *arrival) press() (p pressed, data json.RawMessage, ok bool) {
	var value struct {
		Action struct {
			Data json.RawMessage `json:"data"`
		} `json:"action"`
	}
	_ = json.Unmarshal(a.value, &value)
	p, ok = readPress(value.Action.Data)
	return p, value.Action.Data, ok
}

// unsaved says that nothing was saved. A button stays where it is, to be pressed again; of a form, which Teams
// empties, one button brings everything that was typed once more.
func (f *Face) unsaved(ctx context.Context, a *arrival, p pressed, typed json.RawMessage, answer conversation.Answer) object {
	switch {
	case answer.Card == nil:
		return result(messageAnswer, down)
	case p.values == nil:
		return result(messageAnswer, literal(answer.Card.Summary))
	}
	native := f.draw(ctx, *answer.Card, answer.Language, p.key, conversation.Address{Person: a.actor()})
	again := object{"type": "Action.Execute", "title": tryAgain, "verb": p.intent.Verb, "data": typed, "style": "positive", "associatedInputs": "none"}
	if size(native)+size(again) <= hardRoom {
		native["body"] = append(native["body"].([]any), object{"type": "ActionSet", "actions": []any{again}})
	}
	return result(cardType, native)
}

// respond decides where an answer stands. What replaces the card, and a form of the person's own, takes its
// place; all else must not take away what the person, or a whole channel, still reads there.
func (f *Face) respond(ctx context.Context, a *arrival, p pressed, answer conversation.Answer) object {
	w := wordsOf(answer.Language)
	switch c := answer.Card; {
	case c == nil:
		if p.values == nil && (answer.Shown == nil || answer.Shown.Card.Form != nil) {
			return result(messageAnswer, w.got)
		}
		return f.putBack(ctx, a, p, answer, note(w.got))
	case answer.Replace || answer.Shown == nil || c.Form != nil && a.personal():
		return f.show(ctx, a, p, answer)
	case c.Form == nil && len(c.Actions) == 0 && c.Kind == "notice":
		return result(messageAnswer, literal(c.Summary))
	}
	if a.ID == "" || f.told.first(a.delivery()) {
		if err := f.whisper(ctx, a, answer); err != nil {
			return f.show(ctx, a, p, answer)
		}
	}
	if a.personal() {
		return result(messageAnswer, w.below)
	}
	return result(messageAnswer, w.alone)
}

// putBack shows the message again as it now stands, where it is not itself a form that was closed.
func (f *Face) putBack(ctx context.Context, a *arrival, p pressed, answer conversation.Answer, otherwise card.Card) object {
	if m := answer.Shown; m != nil && m.Card.Form == nil {
		return f.show(ctx, a, p, conversation.Answer{Card: &m.Card, Language: m.Language})
	}
	return f.show(ctx, a, p, conversation.Answer{Card: &otherwise, Language: wordsOf(a.profile().Language).language})
}

// knowPeople replaces ids that only bots know, which some clients' people pickers give, by people's own.
func (f *Face) knowPeople(ctx context.Context, a *arrival, values map[string]string) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	for name, value := range values {
		if !strings.HasPrefix(value, "29:") || checkID(value) != nil {
			continue
		}
		e := entity{}
		e.Mentioned.ID = value
		if id := f.mentioned(ctx, a, e); id != "" {
			values[name] = string(id)
		}
	}
}

// show puts the answer in place of the card, for the one who pressed.
func (f *Face) show(ctx context.Context, a *arrival, p pressed, answer conversation.Answer) object {
	to := conversation.Address{Person: a.actor()}
	if place := a.place(); place.Shared() {
		to.Channel = place.ID
	}
	return result(cardType, f.draw(ctx, *answer.Card, answer.Language, p.key, to))
}
