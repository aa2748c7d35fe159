package conversation

import (
	"strings"
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
)

// settingsCommand opens the person's own settings, filled with what holds now.
func settingsCommand(arguments) turn {
	return turn{
		needs:  func(*State) Needs { return Needs{} },
		decide: func(st *State) Decision { return say(st.settingsForm(nil, nil)) },
	}
}

// settingsForm shows the settings, or gives them back with what is wrong.
func (s *State) settingsForm(values, wrong map[string]string) card.Card {
	v, me := s.Voice(), s.Me
	intent := card.Intent{Verb: "settings.set", Question: s.nonce()}
	if act, ok := s.In.Act.(Used); ok && act.Values != nil {
		intent = act.Intent
	}
	fields := []card.Field{
		switchField(v, v.Say("settings.on"), !me.Chosen.Off),
		weekdayField(v, me.Weekday()), hourField(v, me.Hour()), s.myZoneField(), s.myLanguageField(),
	}
	if values != nil {
		showWrong(fields, values, wrong)
	}
	return card.Card{
		Kind: "settings.form", Summary: v.Say("settings.title"),
		Form: &card.Form{Title: v.Say("settings.title"), Intent: intent, Fields: fields,
			Submit: v.Say("button.save"), Cancel: v.Say("button.cancel")},
	}
}

// myZoneField begins with what the platform tells.
func (s *State) myZoneField() card.Field {
	v, told := s.Voice(), s.Me.Profile.Zone
	f := zoneField(v, s.Now, s.Me.Chosen.Zone, told)
	follow := card.Option{Label: v.Say("settings.zone.none", language.With{"platform": s.platform()})}
	if _, err := LoadZone(told); err == nil {
		follow.Label = v.Say("settings.zone.follow", language.With{"platform": s.platform(), "zone": v.Zone(told)})
	}
	f.Options = append([]card.Option{follow}, f.Options...)
	return f
}

func (s *State) myLanguageField() card.Field {
	v := s.Voice()
	f := languageField(v, s.Me.Chosen.Language)
	f.Options = append([]card.Option{{Label: v.Say("settings.language.follow", language.With{"platform": s.platform()})}}, f.Options...)
	return f
}

// platform is the platform as people call it.
func (s *State) platform() string {
	switch s.In.Workspace.Platform() {
	case "slack":
		return "Slack"
	case "teams":
		return "Teams"
	}
	return "Goalkeeper"
}

// changeSettings saves the form; a button that stands for one choice carries it as its value.
func changeSettings(u Used) turn {
	return turn{
		needs: func(st *State) Needs { return Needs{Indexes: []Index{{OwnedBy, string(st.Me.ID)}}} },
		decide: func(st *State) Decision {
			if u.Values == nil {
				return st.chooseOne(u.Intent.Value)
			}
			chosen, wrong := parseSchedule(st.Voice(), u.Values)
			if len(wrong) > 0 {
				return Decision{Say: ptr(st.settingsForm(u.Values, wrong)), Replace: true}
			}
			st.choose(chosen)
			return st.settled()
		},
	}
}

// choose takes over a whole form. Only another day, hour or zone begins the counting of check-ins anew.
func (s *State) choose(chosen schedule) {
	me := s.Me
	before := *me
	me.Chosen.Weekday, me.Chosen.Hour = &chosen.weekday, chosen.hour
	me.Chosen.Zone, me.Chosen.Language, me.Chosen.Off = chosen.zone, chosen.language, !chosen.on
	moved := before.Weekday() != me.Weekday() || before.Hour() != me.Hour() || before.Zone().String() != me.Zone().String()
	if moved || before.Chosen.Off != me.Chosen.Off {
		me.Chosen.Since = s.Now
	}
}

// asSaved is the value of the control that shows the settings as they were saved.
const asSaved = "saved"

// chooseOne takes over what a single button stands for; only the language has such buttons.
func (s *State) chooseOne(value string) Decision {
	if value == asSaved {
		return Decision{Say: s.settled().Say}
	}
	tag, _ := strings.CutPrefix(value, "language=")
	if tag = language.Supported(tag); tag == "" {
		return say(s.settingsForm(nil, nil))
	}
	s.Me.Chosen.Language, s.Me.Asked = tag, true
	text := s.Voice().Text("language.set", language.With{"command": code(s.typed("settings"))})
	return Decision{
		Write: []Record{s.Me}, Replace: true,
		Retell: card.Intent{Verb: "settings.set", Value: value},
		Say:    &card.Card{Kind: "settings", Summary: text.String(), Body: []card.Block{paragraph(text)}},
	}
}

// settled says what holds now, and when the next check-in comes.
func (s *State) settled() Decision {
	v, me := s.Voice(), s.Me
	d := Decision{Write: []Record{me}, Retell: card.Intent{Verb: "settings.set", Value: asSaved}}
	goals := s.checkable()
	at, asks := s.nextOf(goals)
	if asks {
		d.Timers = []Timer{{s.In.Workspace, CheckInTimer, string(me.ID), at}}
	}
	text := v.Text("settings.saved", language.With{
		"day": v.Weekday(me.Weekday()), "time": s.clockOf(me.Hour()), "zone": v.Zone(me.Zone().String())})
	if me.Chosen.Off {
		text = v.Text("settings.is-off", language.With{"command": code(s.typed("update"))})
	}
	c := card.Card{Kind: "settings", Summary: text.String(), Body: []card.Block{paragraph(text)}}
	switch {
	case asks:
		c.Body = append(c.Body, quiet(v.Text("settings.next", language.With{"moment": v.Moment(at.In(me.Zone()), s.Now)})))
	case !me.Chosen.Off && len(goals) == 0:
		c.Body = append(c.Body, quiet(v.Text("settings.no-goals")))
	}
	c.Actions = []card.Action{{Label: v.Say("button.settings"), Intent: commandIntent("settings")}}
	d.Say = &c
	return d
}

// nextOf is the next check-in that asks the actor about any of the goals.
func (s *State) nextOf(goals []*Goal) (time.Time, bool) {
	var first time.Time
	if s.Me.Chosen.Off {
		return first, false
	}
	for _, g := range goals {
		if at, err := s.nextCheckIn(s.Me, g); err == nil && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first, !first.IsZero()
}
