package conversation

import (
	"fmt"
	"strings"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// rang is the act of a timer.
type rang struct{ timer Timer }

func (rang) act() {}

// about is the person or the channel that the timer looks at.
func (r rang) about() (goal.PersonID, goal.ChannelID) {
	if r.timer.Kind == CheckInTimer {
		return goal.PersonID(r.timer.Subject), ""
	}
	return "", goal.ChannelID(r.timer.Subject)
}

// silent is the act of nobody: its turn says nothing.
type silent struct{}

func (silent) act() {}

var nothing = turn{
	needs:  func(*State) Needs { return Needs{} },
	decide: func(*State) Decision { return Decision{} },
}

// route finds the turn of an input.
func route(st *State) turn {
	switch act := st.In.Act.(type) {
	case Command:
		return typedCommand(st, act)
	case Said:
		return said(st, act)
	case Used:
		return used(act)
	case Opened:
		return openHome()
	case Added:
		return greet()
	case Removed:
		return leave()
	case rang:
		return ring(act.timer)
	case unreached:
		t, _ := ended(act.message)
		return t
	case delayed:
		t, _ := overdue(act.message)
		return t
	}
	return nothing
}

// ring finds the turn of a timer.
func ring(t Timer) turn {
	switch t.Kind {
	case CheckInTimer:
		return checkInDue()
	case DigestTimer:
		return digestDue(goal.ChannelID(t.Subject))
	}
	return nothing
}

// used finds the turn of a control. A verb that nobody knows comes from an older version or from somebody who
// writes their own: it is told as a card that has grown old.
func used(act Used) turn {
	if t, ok := controls()[act.Intent.Verb]; ok {
		return inTime(act, t(act))
	}
	return answering((*State).grownOld)
}

// inTime keeps a form or button that is older than the memory of its use from being used a second time. What was
// typed comes back.
func inTime(act Used, t turn) turn {
	decide := t.decide
	t.decide = func(st *State) Decision {
		if !st.outlived(act.Intent.Question) {
			return decide(st)
		}
		c := st.grownOld()
		if typed := Typed(act); typed != "" {
			c.Body = append(c.Body, quote(typed))
		}
		return say(c)
	}
	return t
}

func (s *State) grownOld() card.Card {
	return s.noticeWith("control.unknown", language.With{"command": code(s.asTyped("/goal"))}, "help")
}

// typedCommand finds the turn of a typed command: "new Cut CAC" or "cap nhat G-1 210".
func typedCommand(st *State, act Command) turn {
	text := goal.Clean(act.Text)
	if text == "" {
		return menu()
	}
	if c, rest, ok := matchCommand(text); ok {
		return c.turn(arguments{text: rest, mentions: act.Mentions})
	}
	if id, ok := goal.ParseID(text); ok {
		return showGoal(id)
	}
	return unknownCommand(text)
}

// said reads what is typed to the bot in a direct conversation: an exact command; else a goal's id; else an
// answer to the open check-in; else help.
func said(st *State, act Said) turn {
	text := goal.Clean(act.Text)
	if after, ok := cutWord(text, "goal"); ok {
		return typedCommand(st, Command{Text: after, Mentions: act.Mentions})
	}
	if t, ok := smallTalk(text); ok {
		return t
	}
	if c, rest, ok := matchCommand(text); ok && !answersCheckIn(st, text) {
		if a := (arguments{text: rest, mentions: act.Mentions}); rest == "" || c.takes(a) {
			return c.turn(a)
		}
	}
	if id, ok := goal.ParseID(text); ok {
		return showGoal(id)
	}
	return typedAnswer(text)
}

// greetings are what people say to be polite; it is never news about a goal.
var greetings = map[string]bool{
	"hello": true, "hi": true, "hey": true, "good morning": true, "thanks": true, "thank you": true,
	"xin chao": true, "chao": true, "chao ban": true, "cam on": true, "cam on ban": true,
}

// languageNames are the languages as people name them when they ask for one.
var languageNames = map[string]string{
	"english": language.English, "tieng anh": language.English,
	"vietnamese": language.Vietnamese, "tieng viet": language.Vietnamese,
}

// smallTalk answers a greeting with what can be done, and the name of a language by speaking it from then on.
func smallTalk(text string) (turn, bool) {
	folded := strings.TrimRight(language.Fold(text), ".! ")
	if tag := languageNames[folded]; tag != "" {
		return changeSettings(Used{Intent: card.Intent{Verb: "settings.set", Value: "language=" + tag}}), true
	}
	return menu(), greetings[folded]
}

// cutWord takes the bot's own word from the front: "goal new" and "/goal new" are what people are used to.
func cutWord(text, word string) (string, bool) {
	first, rest, _ := strings.Cut(text, " ")
	return strings.TrimSpace(rest), strings.EqualFold(strings.TrimPrefix(first, "/"), word)
}

// arguments are what stands behind a command's name.
type arguments struct {
	text     string
	mentions []Mention
}

// person is who the arguments mention first; empty when nobody.
func (a arguments) person() goal.PersonID {
	for _, m := range a.mentions {
		if strings.Contains(a.text, m.Text) {
			return m.Person
		}
	}
	return ""
}

// command is a word that people type, with its aliases without accents.
type command struct {
	name    string
	aliases []string
	takes   func(arguments) bool // whether words behind it belong to it, and are not a sentence that begins alike
	turn    func(arguments) turn
}

// matchCommand finds the command that the text begins with, the longest name first: "cap nhat" before "cap".
func matchCommand(text string) (c command, rest string, ok bool) {
	words := strings.Fields(text)
	for n := min(len(words), 3); n > 0; n-- {
		head := language.Fold(strings.Join(words[:n], " "))
		for _, c := range commands() {
			if c.called(head) {
				return c, strings.Join(words[n:], " "), true
			}
		}
	}
	return command{}, "", false
}

func (c command) called(folded string) bool {
	if c.name == folded {
		return true
	}
	for _, alias := range c.aliases {
		if alias == folded {
			return true
		}
	}
	return false
}

// answering is a turn that needs nothing and only answers.
func answering(f func(*State) card.Card) turn {
	return turn{
		needs:  func(*State) Needs { return Needs{} },
		decide: func(st *State) Decision { return say(f(st)) },
	}
}

// typedLanguage is the language that a whole phrase surely is in; empty for less. A command's own words tell none.
func typedLanguage(a Act) string {
	var text string
	switch act := a.(type) {
	case Said:
		text = act.Text
	case Command:
		text = act.Text
	}
	if after, ok := cutWord(text, "goal"); ok {
		text = after
	}
	if _, rest, ok := matchCommand(text); ok { // everybody types "list at risk", and "ds" is no English
		text = rest
	}
	return goal.SurelyIn(text)
}

// actName is an input's name in the logs; it never holds what a person typed.
func actName(in Input) string {
	switch act := in.Act.(type) {
	case Used:
		return "used " + act.Intent.Verb
	case rang:
		return "timer " + string(act.timer.Kind)
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", in.Act), "conversation.")
}

// names are the mentions as they stand in the text.
func (a arguments) names() []string {
	var names []string
	for _, m := range a.mentions {
		names = append(names, m.Text)
	}
	return names
}

// called is the person whom a mention in the text stands for; empty when it names nobody known.
func (a arguments) called(mention string) goal.PersonID {
	for _, m := range a.mentions {
		if m.Text == mention {
			return m.Person
		}
	}
	return ""
}
