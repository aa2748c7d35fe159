package playground

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// handleWithin bounds how long a person waits for an answer.
const handleWithin = 10 * time.Second

// deed is what somebody did on the page, whoever checked it before.
type deed struct {
	who   *person
	at    spot
	nonce string // of the composer or form that was rendered, so that a double click is one delivery
}

// delivery is the id that makes repetitions of the deed recognisable.
func (d deed) delivery() string { return "play:" + d.nonce }

// typed is a line that somebody sent: a command, a word to the bot, or talk among people.
func (f *Face) typed(ctx context.Context, d deed, text string) {
	act := reading(text, d.at)
	_, private := act.(conversation.Command)
	e := &entry{key: "typed:" + d.nonce, from: d.who.id, text: text, at: f.clock.Now()}
	if private {
		e.only = d.who.id
	}
	f.board.put(d.at.room(d.who), e)
	if act == nil {
		return
	}
	a, err := f.handle(ctx, d, conversation.Input{Inline: private, Act: act})
	if err != nil {
		a = regretting(a, text)
	}
	f.show(d, a)
}

// reading is what a typed line means in a place; nil when it is not for the bot.
func reading(text string, at spot) conversation.Act {
	if rest, ok := commanded(text); ok {
		return conversation.Command{Text: rest, Mentions: mentions(rest)}
	}
	if at == inDirect {
		return conversation.Said{Text: text, Mentions: mentions(text)}
	}
	return nil
}

var command = regexp.MustCompile(`(?is)^\s*(?:/goal|@goalkeeper)(?:\s+(.*))?$`)

// commanded is what stands behind /goal, or behind the bot's name.
func commanded(text string) (rest string, ok bool) {
	m := command.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	return strings.TrimSpace(m[1]), true
}

var mention = regexp.MustCompile(`(?i)@(?:linh(?: trần| tran)?|alex(?: rivera)?|sam(?: taylor)?)`)

// mentions are the people named with an @ in the text.
func mentions(text string) (out []conversation.Mention) {
	for _, m := range mention.FindAllString(text, 20) {
		first, _, _ := strings.Cut(strings.ToLower(m[1:]), " ")
		out = append(out, conversation.Mention{Text: m, Person: goal.PersonID(first)})
	}
	return out
}

// pressed is a button or menu entry outside a form. on is the id of what it stands on, empty on one's home.
func (f *Face) pressed(ctx context.Context, d deed, on string, intent card.Intent) {
	a, err := f.handle(ctx, d, conversation.Input{
		Inline: true,
		From:   f.board.keyOf(on, d.who.id),
		Act:    conversation.Used{Intent: intent},
	})
	if err != nil {
		a = regretting(a, "")
	}
	if a.Replace && a.Card != nil && a.Card.Form == nil && f.replaced(d, on, shownIn(a)) {
		return
	}
	f.show(d, a)
}

// speak lets the bot write to the person in the language; the page, which changes too, is answer enough.
func (f *Face) speak(ctx context.Context, d deed, language string) {
	chosen := conversation.Used{Intent: card.Intent{Verb: "settings.set", Value: "language=" + language}}
	if _, err := f.handle(ctx, d, conversation.Input{Inline: true, Act: chosen}); err != nil {
		f.show(d, regretting(conversation.Answer{}, ""))
	}
	f.board.touch()
}

// replaced puts the card where the pressed one was, for whoever pressed.
func (f *Face) replaced(d deed, on string, s shown) bool {
	if on == "" && d.at == atHome {
		f.board.setHome(d.who.id, s)
		return true
	}
	return f.board.replace(on, d.who.id, s)
}

// submitted is a form with its values, or a button inside it, which brings along what was typed so far.
func (f *Face) submitted(ctx context.Context, d deed, id string, intent card.Intent, values map[string]string) {
	act := conversation.Input{Inline: true, Act: conversation.Used{Intent: intent, Values: values}}
	form := f.board.form(d.who.id)
	if form == nil || form.id != id { // closed meanwhile, as by the first of two clicks
		a, err := f.handle(ctx, d, act)
		if err != nil {
			a = regretting(a, "")
		}
		f.show(d, a)
		return
	}
	d.at = spotOf(form.place)
	if c, long := tooLong(*form.card, values, form.language); long {
		f.board.open(d.who.id, form.place, shown{&c, form.language})
		return
	}
	a, err := f.handle(ctx, d, act)
	if err != nil {
		c := withValues(*form.card, values)
		c.Form.Error = sorry["en"] + "\n" + sorry["vi"]
		f.board.open(d.who.id, form.place, shown{&c, form.language})
		return
	}
	if a.Card != nil || intent == form.card.Form.Intent {
		f.board.close(d.who.id, form.id)
	}
	f.show(d, a)
}

// show lays an answer before the person who asked: a form opens, anything else is whispered.
func (f *Face) show(d deed, a conversation.Answer) {
	room := d.at.room(d.who)
	switch {
	case a.Card == nil:
	case a.Card.Form != nil:
		f.board.open(d.who.id, room, shownIn(a))
	default:
		f.board.put(room, &entry{
			key: "answer:" + d.nonce, from: theBot, only: d.who.id, answer: true,
			shown: shownIn(a), at: f.clock.Now(),
		})
	}
}

func shownIn(a conversation.Answer) shown { return shown{a.Card, a.Language} }

// handle asks the conversation, with what the playground knows about everybody.
func (f *Face) handle(ctx context.Context, d deed, in conversation.Input) (conversation.Answer, error) {
	h := f.handler.Load()
	if h == nil {
		return conversation.Answer{}, fmt.Errorf("no handler is set")
	}
	ctx, cancel := context.WithTimeout(ctx, handleWithin)
	defer cancel()
	in.Workspace, in.Actor, in.Place = Workspace, d.who.id, d.at.place(d.who)
	in.Seen, in.Delivery = d.who.profile, d.delivery()
	a, err := (*h).Handle(ctx, in)
	if err != nil {
		f.log.Error("an input was not handled", "actor", d.who.id, "act", fmt.Sprintf("%T", in.Act), "error", err)
	}
	return a, err
}

// open is the person's home, asked for anew unless a press has just put something else there.
func (f *Face) open(ctx context.Context, who *person) shown {
	if s, ok := f.board.home(who.id); ok {
		return s
	}
	d := deed{who: who, at: atHome, nonce: newNonce()}
	a, err := f.handle(ctx, d, conversation.Input{Inline: true, Act: conversation.Opened{}})
	if err != nil {
		a = regretting(a, "")
	}
	return shownIn(a)
}

// Install tells the conversation that the bot was installed for everybody and invited to #growth.
func (f *Face) Install(ctx context.Context) error {
	admin := people[len(people)-1]
	for _, p := range people {
		d := deed{who: p, at: inDirect, nonce: "install-" + string(p.id)}
		if _, err := f.handle(ctx, d, conversation.Input{Act: conversation.Added{}}); err != nil {
			return fmt.Errorf("installing for %s: %w", p.id, err)
		}
	}
	d := deed{who: admin, at: inGrowth, nonce: "install-" + string(Growth)}
	if _, err := f.handle(ctx, d, conversation.Input{Act: conversation.Added{}}); err != nil {
		return fmt.Errorf("inviting to #%s: %w", Growth, err)
	}
	return nil
}

// sorry is said in both languages, because nobody could be asked which one to use.
var sorry = map[string]string{
	"en": "I cannot save right now, so nothing was changed. Try again in a minute.",
	"vi": "Hiện chưa lưu được nên chưa có gì thay đổi. Thử lại sau một phút nhé.",
}

// regretting tells that nothing was saved, and gives back what was typed, unless the answer does so already.
func regretting(a conversation.Answer, text string) conversation.Answer {
	if a.Card != nil && a.Card.Form == nil {
		return conversation.Answer{Card: a.Card, Language: a.Language}
	}
	c := card.Card{Kind: "playground.sorry", Summary: sorry["en"], Body: []card.Block{
		{Text: &card.Paragraph{Role: card.Alarm, Text: card.Text{{Text: sorry["en"]}}}},
		{Text: &card.Paragraph{Role: card.Alarm, Text: card.Text{{Text: sorry["vi"]}}}},
	}}
	if text != "" {
		c.Body = append(c.Body, card.Block{Text: &card.Paragraph{Role: card.Quote, Text: card.Text{{Text: text}}}})
	}
	return conversation.Answer{Card: &c, Language: "en"}
}

// withValues is the card with what was typed in its form, and without old errors.
func withValues(c card.Card, values map[string]string) card.Card {
	form := *c.Form
	form.Error = ""
	form.Fields = append([]card.Field(nil), form.Fields...)
	for n := range form.Fields {
		form.Fields[n].Value = values[form.Fields[n].Name]
		form.Fields[n].Error = ""
	}
	c.Form = &form
	return c
}

// tooLong marks the fields that hold more than they may; nothing of them is cut.
func tooLong(c card.Card, values map[string]string, language string) (marked card.Card, long bool) {
	marked = withValues(c, values)
	for n := range marked.Form.Fields {
		f := &marked.Form.Fields[n]
		if have, most := utf8.RuneCountInString(f.Value), longest(*f); have > most {
			f.Error = fmt.Sprintf(wordsIn(language).TooLong, most, have)
			long = true
		}
	}
	return marked, long
}

// longest is the most runes that a field takes.
func longest(f card.Field) int {
	switch {
	case f.Max > 0:
		return f.Max
	case f.Kind == card.Lines:
		return card.MaxText
	}
	return card.MaxLine
}
