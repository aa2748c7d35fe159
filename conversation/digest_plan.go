package conversation

import (
	"slices"
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

// A channel's digest comes on Tuesday morning unless somebody says otherwise: by then Monday's answers are in, all
// round the world.
const (
	digestWeekday = time.Tuesday
	digestHour    = "10:00"
)

// mayConfigure reports whether somebody may set a channel's digest: a lead or an administrator; as long as no lead
// is named, whoever set it first, or the first member to do so. A guest never.
func mayConfigure(me *Person, member bool, c *Channel) bool {
	return goal.Viewer{
		ID: me.ID, Admin: me.Profile.Admin, Guest: me.Profile.Guest,
		Member: member, ChannelPrivate: c.Room.Private,
		Lead:  slices.Contains(c.Leads, me.ID),
		First: len(c.Leads) == 0 && (c.SetBy == "" || c.SetBy == me.ID),
	}.May(goal.ConfigureChannel, nil)
}

// mayRead reports whether the actor may see what the channel's digest says.
func (s *State) mayRead(c *Channel) bool {
	return s.member[c.ID] || !c.Room.Private && !s.Me.Profile.Guest
}

// digestCommand shows what the channel's digest would say now, and when it comes.
func digestCommand(arguments) turn { return previewDigest(Used{}) }

// previewDigest does the same for the channel that a button is about.
func previewDigest(u Used) turn {
	return aboutChannel(u, func(st *State, c *Channel) Decision { return say(st.previewCard(c)) })
}

// aboutChannel is a turn about the channel that the control names, else about the one where it was used.
func aboutChannel(u Used, decide func(*State, *Channel) Decision) turn {
	channel := func(st *State) goal.ChannelID {
		if u.Intent.Subject == "" && st.In.Place.Shared() {
			return st.In.Place.ID
		}
		return goal.ChannelID(u.Intent.Subject)
	}
	return turn{
		needs: func(st *State) Needs {
			if id := channel(st); id != "" {
				return digestNeeds(id)
			}
			return Needs{}
		},
		decide: func(st *State) Decision {
			id := channel(st)
			if id == "" {
				return say(st.noticeWith("digest.nowhere", language.With{"command": code(st.typed("digest"))}))
			}
			c := st.Channel(id)
			if !st.mayRead(c) {
				return say(st.notice("digest.not-there"))
			}
			return decide(st, c)
		},
	}
}

// planned is the channel's plan, or the one it would get from the actor: in their zone and language.
func (s *State) planned(c *Channel) DigestPlan {
	p := c.Digest
	if p.Hour == "" {
		p.Weekday, p.Hour = digestWeekday, digestHour
	}
	if p.Zone == "" {
		p.Zone = s.Me.Zone().String()
	}
	if p.Language == "" {
		p.Language = s.Me.Language()
	}
	return p
}

// previewCard is the digest as it would be now, without its buttons, and its plan in words.
func (s *State) previewCard(c *Channel) card.Card {
	v := s.Voice()
	as := *c
	as.Digest = s.planned(c)
	heading := v.Text("digest.preview", language.With{"channel": s.roomName(c)})
	p := card.Card{Kind: "digest.preview", Summary: heading.String(), Body: []card.Block{quiet(heading)}}
	if r := s.digestScope(&as, as.Digest.since(s.Now), s.Now).report(); !r.empty() {
		top := s.reading(as.Digest, as.Digest.Language, s.Now).digestCard(&as, r, false)
		p.Body = append(p.Body, lessActions(top, func(card.Intent) bool { return true }).Body...)
	} else {
		p.Body = append(p.Body, paragraph(v.Text("digest.empty", language.With{"command": code(s.typed("new"))})))
	}
	p.Body = append(p.Body, quiet(s.planText(as.Digest)))
	return s.withPlanActions(p, c)
}

// planText is "Every Tuesday at 10:00, Vietnam time, in English", or that the digest is off.
func (s *State) planText(p DigestPlan) card.Text {
	id := "digest.plan.off"
	if p.On {
		id = "digest.plan.on"
	}
	v := s.Voice()
	tongue := v.Say("digest.in.en")
	if language.In(p.Language).Tag() == language.Vietnamese {
		tongue = v.Say("digest.in.vi")
	}
	return v.Text(id, language.With{"day": v.Weekday(p.Weekday), "time": s.clockOf(p.Hour), "zone": v.Zone(p.Zone), "language": tongue})
}

// withPlanActions adds what the actor may do with the plan, or who may; and how to invite the bot where it is missing.
func (s *State) withPlanActions(p card.Card, c *Channel) card.Card {
	v := s.Voice()
	if !c.Room.Present {
		p.Body = append(p.Body, alarm(v.Text("digest.absent.now", language.With{"channel": s.roomName(c), "how": s.howToInvite()})))
	}
	if !mayConfigure(s.Me, s.member[c.ID], c) {
		p.Body = append(p.Body, quiet(s.whoMay(c)))
		return p
	}
	action := func(label, verb string) card.Action {
		return card.Action{Label: v.Say(label), Intent: card.Intent{Verb: verb, Subject: string(c.ID)}}
	}
	if c.Digest.On {
		p.Actions = []card.Action{action("button.change", "digest.plan"), action("digest.turn-off", "digest.off")}
		return p
	}
	on := action("digest.turn-on", "digest.set")
	on.Style = card.Primary
	p.Actions = []card.Action{on, action("button.change", "digest.plan")}
	return p
}

// whoMay says whom to turn to.
func (s *State) whoMay(c *Channel) card.Text {
	v := s.Voice()
	switch {
	case s.Me.Profile.Guest:
		return v.Text("digest.not-guests")
	case len(c.Leads) > 0:
		return v.Text("digest.not-yours", language.With{"who": s.Name(c.Leads[0])})
	case c.SetBy != "":
		return v.Text("digest.not-yours", language.With{"who": s.Name(c.SetBy)})
	}
	return v.Text("digest.not-yours.join")
}

// howToInvite says how the bot comes into a channel on the actor's platform.
func (s *State) howToInvite() string {
	if s.In.Workspace.Platform() == "teams" {
		return s.Voice().Say("digest.invite.teams")
	}
	return s.Voice().Say("digest.invite.slack", language.With{"command": "/invite @Goalkeeper"})
}

// configuring is a turn about a channel whose digest the actor may set.
func configuring(u Used, decide func(*State, *Channel) Decision) turn {
	t := aboutChannel(u, func(st *State, c *Channel) Decision {
		if !mayConfigure(st.Me, st.member[c.ID], c) {
			return say(st.previewCard(c))
		}
		return decide(st, c)
	})
	return t
}

// digestForm asks when the digest comes, and in which language.
func digestForm(u Used) turn {
	return configuring(u, func(st *State, c *Channel) Decision { return say(st.planForm(c, nil, nil)) })
}

func (s *State) planForm(c *Channel, values, wrong map[string]string) card.Card {
	v, p := s.Voice(), s.planned(c)
	intent := card.Intent{Verb: "digest.set", Subject: string(c.ID), Question: s.nonce()}
	if act, ok := s.In.Act.(Used); ok && act.Values != nil {
		intent = act.Intent
	}
	fields := []card.Field{
		switchField(v, v.Say("digest.on"), p.On || p.Since.IsZero()), // who opens it the first time wants it
		weekdayField(v, p.Weekday), hourField(v, p.Hour),
		zoneField(v, s.Now, p.Zone, s.Me.Zone().String()), languageField(v, p.Language),
	}
	if values != nil {
		showWrong(fields, values, wrong)
	}
	heading := v.Say("digest.form", language.With{"channel": s.roomName(c)})
	return card.Card{Kind: "digest.form", Summary: heading, Form: &card.Form{
		Title: heading, Intent: intent, Fields: fields, Submit: v.Say("button.save"), Cancel: v.Say("button.cancel")}}
}

// setDigest saves the form; the button without one turns the digest on as it is planned.
func setDigest(u Used) turn {
	return configuring(u, func(st *State, c *Channel) Decision {
		plan := st.planned(c)
		if u.Values == nil {
			if c.Digest.On {
				return say(st.plannedCard(c))
			}
			plan.On = true
			return st.besideGoal(u, st.setPlan(c, plan))
		}
		chosen, wrong := parseSchedule(st.Voice(), u.Values)
		if len(wrong) > 0 {
			return Decision{Say: ptr(st.planForm(c, u.Values, wrong)), Replace: true}
		}
		plan.On, plan.Weekday, plan.Hour = chosen.on, chosen.weekday, chosen.hour
		if chosen.zone != "" {
			plan.Zone = chosen.zone
		}
		if chosen.language != "" {
			plan.Language = chosen.language
		}
		return st.setPlan(c, plan)
	})
}

// besideGoal answers beside the card of a new goal that offered the digest: only the offer goes from the card.
func (s *State) besideGoal(u Used, d Decision) Decision {
	if u.Intent.Value == "" {
		return d
	}
	d.Replace = false
	if m := s.Message(s.In.From); m != nil && s.own() {
		less := lessActions(m.Card, func(i card.Intent) bool { return i.Verb == u.Intent.Verb })
		d.Post = append(d.Post, m.showing(less))
	}
	return d
}

// setPlan saves a plan. It begins anew, so that nothing is missed before it, when it asks for another moment.
func (s *State) setPlan(c *Channel, p DigestPlan) Decision {
	before := c.Digest
	if p.On != before.On || p.Weekday != before.Weekday || p.Hour != before.Hour || p.Zone != before.Zone {
		p.Since = s.Now
	}
	c.Digest, c.Offered = p, true
	if c.SetBy == "" {
		c.SetBy = s.Me.ID
	}
	return Decision{
		Write: []Record{c}, Timers: s.armDigest(c), Say: ptr(s.plannedCard(c)), Replace: true,
		Retell: card.Intent{Verb: "digest.preview", Subject: string(c.ID)},
	}
}

// plannedCard says what was planned, and when the next digest comes.
func (s *State) plannedCard(c *Channel) card.Card {
	v := s.Voice()
	text := v.Text("digest.off", language.With{"channel": s.roomName(c)})
	if c.Digest.On {
		text = v.Text("digest.set", language.With{"channel": s.roomName(c), "plan": s.planText(c.Digest)})
	}
	p := card.Card{Kind: "digest.planned", Summary: text.String(), Body: []card.Block{paragraph(text)}}
	if _, next, err := s.digestTimes(c.Digest); err == nil && c.Digest.On {
		p.Body = append(p.Body, quiet(v.Text("digest.next-one", language.With{"moment": v.Moment(next.In(s.Me.Zone()), s.Now)})))
		if s.digestScope(c, c.Digest.since(s.Now), s.Now).report().empty() {
			p.Body = append(p.Body, quiet(v.Text("digest.set.empty", language.With{"command": code(s.typed("new"))})))
		}
	}
	return s.withPlanActions(p, c)
}

// armDigest makes sure that somebody looks when the digest is due.
func (s *State) armDigest(c *Channel) []Timer {
	if !c.Digest.On {
		return nil
	}
	latest, next, err := s.digestTimes(c.Digest)
	if err != nil {
		return nil
	}
	if c.Digest.opens(latest) { // one is owed already
		next = s.Now.Add(2 * budget)
	}
	return []Timer{{s.In.Workspace, DigestTimer, string(c.ID), next}}
}

// stopDigest turns the digest off; its plan stays.
func stopDigest(u Used) turn {
	return configuring(u, func(st *State, c *Channel) Decision {
		if !c.Digest.On {
			return Decision{Say: ptr(st.plannedCard(c)), Replace: true}
		}
		p := c.Digest
		p.On = false
		return st.setPlan(c, p)
	})
}

// offerDigest adds the offer of a digest to the card of a channel's first goal, once.
func (s *State) offerDigest(c *card.Card, g *Goal, d *Decision) {
	if g.Channel == "" || g.Visibility != goal.Shared || len(c.Actions) >= card.MaxActions {
		return
	}
	channel := s.Channel(g.Channel)
	if channel.Offered || channel.Digest.On || !mayConfigure(s.Me, s.member[g.Channel], channel) {
		return
	}
	channel.Offered = true
	d.Write = append(d.Write, channel)
	v := s.Voice()
	p := s.planned(channel)
	c.Body = append(c.Body, quiet(v.Text("digest.offer", language.With{
		"channel": s.roomName(channel), "day": v.Weekday(p.Weekday), "time": s.clockOf(p.Hour)})))
	c.Actions = append(c.Actions, card.Action{Label: v.Say("digest.turn-on"),
		Intent: card.Intent{Verb: "digest.set", Subject: string(channel.ID), Value: string(g.ID)}})
}
