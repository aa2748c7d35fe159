package conversation

import (
	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
)

// greet says hello once: to a person in their direct conversation, or to a channel that the bot was invited to.
func greet() turn {
	return turn{
		needs: func(st *State) Needs { return Needs{Messages: []string{greetingKey(st)}} },
		decide: func(st *State) Decision {
			if st.In.Place.Shared() {
				return st.greetChannel()
			}
			return st.greetPerson()
		},
	}
}

func greetingKey(st *State) string {
	if st.In.Place.Shared() {
		return "greet:" + string(st.In.Place.ID)
	}
	return "greet:" + string(st.Me.ID)
}

// greetPerson also asks which language to use, where that is unsure.
func (s *State) greetPerson() Decision {
	if s.Me.ID == "" || s.Me.Greeted || s.Me.Profile.Bot || s.Message(greetingKey(s)) != nil {
		return Decision{}
	}
	s.Me.Greeted = true
	v := s.Voice()
	c := s.noticeWith("greet.person", language.With{"who": s.Me.First(), "command": code(s.typed("new"))}, "new", "help")
	c.Kind = "greet"
	c.Actions[0].Style = card.Primary
	c.Body = append(c.Body, quiet(v.Text("greet.when", language.With{
		"day": v.Weekday(s.Me.Weekday()), "time": s.clockOf(s.Me.Hour()), "command": code(s.typed("settings"))})))
	if s.Me.Profile.Zone == "" {
		c.Body = append(c.Body, quiet(v.Text("greet.zone", language.With{"command": code(s.typed("settings"))})))
	}
	d := Decision{Write: []Record{s.Me}, Post: []*Message{s.message(greetingKey(s), Address{Person: s.Me.ID}, c)}}
	s.askLanguage(&d)
	return d
}

// greetChannel is one short line; it also knows from now on that the bot may post there.
func (s *State) greetChannel() Decision {
	c := s.Channel(s.In.Place.ID)
	c.Room.Present, c.Room.Gone, c.AsOf = true, false, s.Now
	d := Decision{Write: []Record{c}, Timers: s.armDigest(c)}
	if s.Message(greetingKey(s)) != nil {
		return d
	}
	v := s.Voice()
	text := v.Text("greet.channel", language.With{"command": code(s.typed("new")), "digest": code(s.typed("digest"))})
	hello := card.Card{Kind: "greet", Summary: text.String(), Body: []card.Block{paragraph(text)},
		Actions: []card.Action{{Label: v.Say("button.new"), Intent: commandIntent("new")}}}
	d.Post = append(d.Post, s.message(greetingKey(s), Address{Channel: c.ID}, hello))
	return d
}

// leave remembers that the bot was taken out of a channel: its digests wait until somebody invites it again.
func leave() turn {
	return turn{
		needs: func(*State) Needs { return Needs{} },
		decide: func(st *State) Decision {
			if !st.In.Place.Shared() {
				return Decision{}
			}
			c := st.Channel(st.In.Place.ID)
			c.Room.Present, c.AsOf = false, st.Now
			return Decision{Write: []Record{c}}
		},
	}
}

// vietnam are the names of Vietnam's time zone.
var vietnam = map[string]bool{"Asia/Ho_Chi_Minh": true, "Asia/Saigon": true}

// askLanguage asks once, in both languages: a chat client may not offer Vietnamese at all, so an English client in
// Vietnam says little about its reader.
func (s *State) askLanguage(d *Decision) {
	me := s.Me
	unsure := vietnam[me.Profile.Zone] && language.Supported(me.Profile.Language) != language.Vietnamese &&
		me.Chosen.Language == "" && me.Typed != language.Vietnamese
	if me.ID == "" || me.Asked || !unsure {
		return
	}
	me.Asked = true
	c := card.Card{Kind: "language.ask"}
	for _, tag := range language.Tags {
		v := language.In(tag)
		if c.Summary != "" {
			c.Summary += " · "
		}
		c.Summary += v.Say("language.ask")
		c.Body = append(c.Body, paragraph(v.Text("language.ask")))
		c.Actions = append(c.Actions, card.Action{Label: v.Say("language.own"),
			Intent: card.Intent{Verb: "settings.set", Value: "language=" + tag}})
	}
	d.Write = append(d.Write, me)
	d.Post = append(d.Post, s.message("language:"+string(me.ID), Address{Person: me.ID}, c))
}
