package conversation

import (
	"slices"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

func unsureKey(top *Message) string { return "digest-unsure:" + digest(top.Key) }

// askAboutDigest asks whoever looks after a channel's digest, once, what to do about one that may not be there.
func askAboutDigest(m *Message) turn {
	id := m.To.Channel
	return turn{
		needs: func(st *State) Needs {
			c := st.Channel(id)
			return Needs{Channels: []goal.ChannelID{id}, Messages: []string{unsureKey(m)}, People: append(slices.Clone(c.Leads), c.SetBy)}
		},
		decide: func(st *State) Decision {
			c := st.Channel(id)
			who := st.keeper(c)
			if who == "" || st.Message(unsureKey(m)) != nil || m.Key != digestKey(id, c.Digest.edition()) {
				return Decision{}
			}
			reader := st.as(who)
			ask := reader.message(unsureKey(m), Address{Person: who}, reader.unsureCard(c, m))
			if _, next, err := st.digestTimes(c.Digest); err == nil {
				ask.Until = next
			}
			return Decision{Post: []*Message{ask}}
		},
	}
}

// keeper is who looks after a channel's digest: its first lead who is still there, or as long as none is named
// whoever set it; empty when nobody does.
func (s *State) keeper(c *Channel) goal.PersonID {
	candidates := c.Leads
	if len(candidates) == 0 {
		candidates = []goal.PersonID{c.SetBy}
	}
	for _, id := range candidates {
		if p := s.Person(id); p != nil && !p.Profile.Gone {
			return id
		}
	}
	return ""
}

// unsureCard says that nobody knows whether the digest is there, or that it is not, and why.
func (s *State) unsureCard(c *Channel, top *Message) card.Card {
	v, id := s.Voice(), "digest.lost"
	if top.Delivery.State == Uncertain {
		id = "digest.unsure"
	}
	text := v.Text(id, language.With{"channel": s.roomName(c)})
	ask := card.Card{Kind: "digest.unsure", Summary: text.String(), Body: []card.Block{paragraph(text)}}
	if trouble := top.Delivery.Trouble; trouble != "" {
		ask.Body = append(ask.Body, quiet(plain(trouble.Words(v))))
	}
	action := func(label, verb string, style card.Emphasis) card.Action {
		return card.Action{Label: v.Say(label), Style: style,
			Intent: card.Intent{Verb: verb, Subject: string(c.ID), Question: c.Digest.edition()}}
	}
	ask.Actions = []card.Action{action("digest.post-again", "digest.again", card.Primary)}
	if id == "digest.unsure" {
		ask.Actions = append(ask.Actions, action("digest.is-there", "digest.there", card.Usual))
	}
	return ask
}

// doubtedDigest is a turn about a digest of which its keeper says what became of it. parts are those of its thread
// that still wait for the answer.
func doubtedDigest(u Used, decide func(st *State, c *Channel, top *Message, parts []*Message) Decision) turn {
	t := configuring(u, func(st *State, c *Channel) Decision {
		top := st.Message(digestKey(c.ID, c.Digest.edition()))
		if u.Intent.Question != c.Digest.edition() || top == nil || !top.Doubted() {
			return st.digestSettled(c, u)
		}
		closed := *top
		closed.Closed = st.Now
		var parts []*Message
		for _, key := range digestMessages(c.ID, c.Digest.edition())[1:] {
			if m := st.Message(key); m != nil && !m.Arrived() {
				part := *m
				parts = append(parts, &part)
			}
		}
		return decide(st, c, &closed, parts)
	})
	needs := t.needs
	t.needs = func(st *State) Needs {
		n := needs(st)
		n.Messages = append(n.Messages, digestMessages(goal.ChannelID(u.Intent.Subject), u.Intent.Question)...)
		return n
	}
	return t
}

// digestSettled answers a question that needs no answer any more, or got one.
func (s *State) digestSettled(c *Channel, u Used) Decision {
	id := "digest.again.over"
	switch top := s.Message(digestKey(c.ID, c.Digest.edition())); {
	case occurrenceOf(u.Intent.Question) == c.Digest.Last && c.Digest.Again > 0 && u.Intent.Question != c.Digest.edition():
		id = "digest.again.done"
	case u.Intent.Question == c.Digest.edition() && top != nil && !top.Closed.IsZero():
		id = "digest.there.done"
	}
	return Decision{Say: ptr(s.noticeWith(id, language.With{"channel": s.roomName(c)})), Replace: true}
}

// postAgain posts the digest once more, as a new message with a thread of its own.
func postAgain(u Used) turn {
	return doubtedDigest(u, func(st *State, c *Channel, top *Message, parts []*Message) Decision {
		if !c.Room.Present {
			return say(st.noticeWith("digest.absent.now", language.With{"channel": st.roomName(c), "how": st.howToInvite()}))
		}
		d := Decision{Write: []Record{c}, Post: []*Message{top}, Replace: true, Retell: u.Intent}
		for _, m := range parts {
			d.Post = append(d.Post, m.until(st.Now))
		}
		c.Digest.Again++
		c.Digest.LastLate = st.Now.Sub(c.Digest.LastDue) > late
		d.Post = append(d.Post, st.digestPosts(c)...)
		d.Say = ptr(st.noticeWith("digest.again.done", language.With{"channel": st.roomName(c)}))
		return d
	})
}

// leaveDigest takes somebody's word that the digest is there. Its parts stand by themselves, since nobody knows the
// reference of what they belong under.
func leaveDigest(u Used) turn {
	return doubtedDigest(u, func(st *State, c *Channel, top *Message, parts []*Message) Decision {
		d := Decision{Post: []*Message{top}, Replace: true, Retell: u.Intent}
		for _, m := range parts {
			d.Timers = append(d.Timers, m.timer(st.In.Workspace, st.Now.Add(2*budget)))
		}
		d.Say = ptr(st.noticeWith("digest.there.done", language.With{"channel": st.roomName(c)}))
		return d
	})
}
