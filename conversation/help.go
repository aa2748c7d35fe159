package conversation

import (
	"slices"
	"strings"
	"unicode/utf8"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// menu is what /goal alone shows: the three things people do most, then the rest.
func menu() turn {
	return turn{
		needs: func(*State) Needs { return Needs{} },
		decide: func(st *State) Decision {
			c := st.notice("menu.ask", "new", "checkin", "list")
			c.Kind = "menu"
			c.Actions[0].Style = card.Primary
			more := card.Action{Label: st.Voice().Say("button.more")}
			for _, name := range []string{"digest", "settings", "help"} {
				more.Menu = append(more.Menu, card.Choice{Label: st.Voice().Say("button." + name), Intent: commandIntent(name)})
			}
			c.Actions = append(c.Actions, more)
			d := say(c)
			st.askLanguage(&d)
			return d
		},
	}
}

// helpAll are the words that ask for everything, folded.
var helpAll = []string{"all", "tat ca", "het", "day du"}

// helpCommand explains the three things that people do most, or all commands, or the one that is asked about.
func helpCommand(a arguments) turn {
	return answering(func(st *State) card.Card {
		asked := language.Fold(a.text)
		if slices.Contains(helpAll, asked) {
			return st.helpOn(commands()...)
		}
		if c, _, ok := matchCommand(asked); ok {
			return st.helpOn(c)
		}
		return st.shortHelp()
	})
}

// shortHelp has three lines, each with its button, and says where the rest is.
func (s *State) shortHelp() card.Card {
	v := s.Voice()
	c := card.Card{Kind: "help", Summary: v.Say("help.hello")}
	c.Body = []card.Block{paragraph(v.Text("help.hello"))}
	var rows []card.Row
	for _, name := range []string{"new", "checkin", "list"} {
		rows = append(rows, card.Row{
			Text:   v.Text("help.do."+name, language.With{"command": code(s.typed(name))}),
			Action: &card.Action{Label: v.Say("button." + name), Intent: commandIntent(name)},
		})
	}
	c.Body = append(c.Body, card.Block{Rows: rows},
		quiet(v.Text("help.more", language.With{"command": code(s.asTyped(v.Say("help.all.command")))})))
	return c
}

// helpOn has one line for each command.
func (s *State) helpOn(about ...command) card.Card {
	v := s.Voice()
	heading := v.Say("help.title")
	c := card.Card{Kind: "help.all", Summary: heading}
	var rows []card.Row
	for _, cmd := range about {
		rows = append(rows, card.Row{Text: card.Text{code(s.typed(cmd.name))}, Detail: v.Text("help.line." + cmd.name)})
	}
	c.Body = []card.Block{title("", heading), {Rows: rows}, quiet(v.Text("help.aliases", language.With{"word": code(strings.TrimPrefix(s.asTyped("/goal"), "@Goalkeeper "))}))}
	return c
}

// typed is what to type for a command in the actor's language, with an example of what may follow.
func (s *State) typed(name string) string { return s.asTyped(s.Voice().Say("help.typed." + name)) }

// asTyped is a command the way it is typed where its reader is. Teams keeps "/" for its own menu: there the bot's
// word stands alone, and in a channel the bot is mentioned.
func (s *State) asTyped(command string) string {
	if s.In.Workspace.Platform() != "teams" {
		return command
	}
	words := strings.TrimPrefix(command, "/")
	if s.In.Place.Shared() || s.Me.ID == "" {
		return "@Goalkeeper " + words
	}
	return words
}

// unknownCommand offers the nearest command as a button, which carries on with what was typed behind it.
func unknownCommand(text string) turn {
	return answering(func(st *State) card.Card {
		near, rest, ok := st.nearest(text)
		if !ok {
			return st.noticeWith("unknown.nothing", language.With{"typed": short(text)}, "new", "list", "help")
		}
		c := st.noticeWith("unknown.near", language.With{"typed": short(text), "command": code(st.asTyped("/goal " + near))}, "help")
		c.Actions = slices.Insert(c.Actions, 0, st.meantCommand(near, rest))
		return c
	})
}

// meantCommand is the button that carries on with a command as it was meant.
func (s *State) meantCommand(name, rest string) card.Action {
	typed := strings.TrimSpace(name + " " + rest)
	again := card.Intent{Verb: "type", Question: s.nonce(), Value: typed} // what it stands for may save something
	if len(again.String()) > card.MaxIntent {                             // too long for a button: it opens with nothing behind it
		again.Value, typed = name, name
	}
	return card.Action{
		Label:  s.Voice().Say("unknown.button", language.With{"typed": clip(s.asTyped("/goal "+typed), 60)}),
		Intent: again, Style: card.Primary,
	}
}

// nearestIn is the command that a line typed to the bot could have meant. A sentence that only begins alike is
// none: what stands behind must belong to the command, and be more than words where anything may.
func (s *State) nearestIn(text string) (name, rest string, ok bool) {
	name, rest, ok = s.nearest(text)
	if !ok {
		return "", "", false
	}
	c, _, _ := matchCommand(name)
	wordy := c.takes(arguments{text: "anything"}) && !strings.ContainsAny(rest, "0123456789")
	return name, rest, rest == "" || !wordy && c.takes(arguments{text: rest})
}

// typeFor does what typing the text behind /goal does.
func typeFor(u Used) turn { return typedCommand(nil, Command{Text: goal.Clean(u.Intent.Value)}) }

// nearest is the command, as it could have been meant, that the text begins with: at most a third of its letters
// are wrong. Only those who read Vietnamese mean a Vietnamese name: "done" is not the word for closing.
func (s *State) nearest(text string) (name, rest string, ok bool) {
	words := strings.Fields(text)
	best := 1.0 / 3
	for n := min(len(words), 3); n > 0; n-- {
		head := language.Fold(strings.Join(words[:n], " "))
		if len(head) > 2*longestCommand || utf8.RuneCountInString(head) < 3 {
			continue // "hi" means no command
		}
		for _, c := range commands() {
			names := []string{c.name}
			if s.Me.Language() == language.Vietnamese {
				names = append(names, c.aliases...)
			}
			for _, alias := range names {
				wrong := float64(mistypes(head, alias)) / float64(max(utf8.RuneCountInString(alias), 3))
				if wrong < best || wrong == best && !ok {
					best, name, rest, ok = wrong, alias, strings.Join(words[n:], " "), true
				}
			}
		}
	}
	return name, rest, ok
}

// longestCommand is longer than any command, in bytes; it bounds the work that a long typed word makes.
const longestCommand = 20

// mistypes counts the letters to insert, drop, change or swap with their neighbour to make b of a.
func mistypes(a, b string) int {
	from, to := []rune(a), []rune(b)
	before := make([]int, len(to)+1)
	last := make([]int, len(to)+1)
	for j := range last {
		last[j] = j
	}
	for i := range from {
		now := make([]int, len(to)+1)
		now[0] = i + 1
		for j := range to {
			cost := 1
			if from[i] == to[j] {
				cost = 0
			}
			now[j+1] = min(last[j+1]+1, now[j]+1, last[j]+cost)
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				now[j+1] = min(now[j+1], before[j-1]+1)
			}
		}
		before, last = last, now
	}
	return last[len(to)]
}

// clip shortens a label; the control behind it keeps the whole.
func clip(s string, limit int) string {
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return s
}
