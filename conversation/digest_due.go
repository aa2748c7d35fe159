package conversation

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
	"goalkeeper/goal"
)

const (
	// usualSpan is what a digest reports about when there was none before.
	usualSpan = 7 * 24 * time.Hour
	// longestSpan bounds what a digest reports about after a long silence.
	longestSpan = 5 * usualSpan
	// maxParts is how many messages a digest's thread can have.
	maxParts = maxRows / partRows
)

func digestKey(id goal.ChannelID, period string) string { return "digest:" + string(id) + ":" + period }

func partKey(id goal.ChannelID, period string, n int) string {
	return digestKey(id, period) + ":" + strconv.Itoa(n)
}

// absentKey names the message that says, once for each setting of the plan, that the bot is not in the channel.
func absentKey(c *Channel) string {
	return "digest-absent:" + string(c.ID) + ":" + strconv.FormatInt(c.Digest.Since.Unix(), 10)
}

// emptyKey names the message that says, once for each setting of the plan, that there was nothing to speak of.
func emptyKey(c *Channel) string {
	return "digest-empty:" + string(c.ID) + ":" + strconv.FormatInt(c.Digest.Since.Unix(), 10)
}

// digestNeeds asks for everything that a channel's digest speaks of.
func digestNeeds(id goal.ChannelID) Needs {
	return Needs{
		Indexes:  []Index{{InRoom, string(id)}, {ClosedIn, string(id)}},
		Lines:    true,
		Channels: []goal.ChannelID{id},
	}
}

// digestDue is a look at one channel: a digest that is due is posted, and one that was posted is brought up to
// date after a correction.
func digestDue(id goal.ChannelID) turn {
	return turn{
		needs: func(st *State) Needs {
			c, n := st.Channel(id), digestNeeds(id)
			n.Messages = []string{absentKey(c), emptyKey(c)}
			if c.SetBy != "" {
				n.People = []goal.PersonID{c.SetBy}
			}
			n.Messages = append(n.Messages, digestMessages(id, c.Digest.edition())...)
			return n
		},
		decide: func(st *State) Decision {
			c := st.Channel(id)
			if !c.Digest.On || c.Room.Gone {
				return Decision{}
			}
			latest, next, err := st.digestTimes(c.Digest)
			if err != nil {
				return Decision{Next: st.Now.Add(24 * time.Hour)}
			}
			d := Decision{Post: st.redigest(c)}
			if c.Digest.opens(latest) {
				d = st.postDigest(c, latest)
			}
			d.Next = next
			return d
		},
	}
}

// edition names the last digest: its period, and from the second attempt on the attempt's number.
func (p DigestPlan) edition() string {
	if p.Again == 0 {
		return p.Last
	}
	return p.Last + "." + strconv.Itoa(p.Again)
}

// digestMessages are the keys of a digest's top and of all parts that its thread can have.
func digestMessages(id goal.ChannelID, edition string) []string {
	if edition == "" {
		return nil
	}
	keys := []string{digestKey(id, edition)}
	for part := range maxParts {
		keys = append(keys, partKey(id, edition, part+1))
	}
	return keys
}

// digestTimes are the newest occurrence that is not in the future, zero when there is none since the plan was made,
// and the one after it.
func (s *State) digestTimes(p DigestPlan) (latest, next time.Time, err error) {
	zone := p.zone()
	next, err = s.calendar.Next(spec(p.Hour, p.Weekday), zone, s.Now.Add(-lookBack))
	for err == nil && !next.After(s.Now) {
		latest = next
		next, err = s.calendar.Next(spec(p.Hour, p.Weekday), zone, latest)
	}
	if latest.Before(p.Since) {
		latest = time.Time{}
	}
	return latest.In(zone), next.In(zone), err
}

func (p DigestPlan) zone() *time.Location {
	if zone, err := LoadZone(p.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// opens reports whether an occurrence is to be posted: once in each local week, and none that lies before the last
// post, whatever happened to day, hour and zone meanwhile.
func (p DigestPlan) opens(latest time.Time) bool {
	return !latest.IsZero() && latest.After(p.LastAt) && week(latest.In(p.zone())) != p.Last
}

// postDigest posts what is to be said. A channel with nothing to speak of is left in peace; whoever set its digest
// hears why.
func (s *State) postDigest(c *Channel, due time.Time) Decision {
	if !c.Room.Present {
		return s.tellAbsent(c)
	}
	c.Digest.LastSince, c.Digest.LastDue = c.Digest.since(s.Now), due
	c.Digest.Last, c.Digest.LastAt = week(due.In(c.Digest.zone())), s.Now
	c.Digest.Again, c.Digest.LastLate = 0, s.Now.Sub(due) > late
	d := Decision{Write: []Record{c}, Post: s.digestPosts(c)}
	if len(d.Post) == 0 {
		d.Post = s.tellEmpty(c)
	}
	return d
}

// digestPosts are the messages of the channel's last digest: the top, and below it the parts of its thread. They
// are not posted any more once the next digest is due.
func (s *State) digestPosts(c *Channel) []*Message {
	reader := s.reading(c.Digest, c.Digest.Language, s.Now)
	_, next, _ := s.digestTimes(c.Digest) // zero, for ever, where no next one can be found
	edition := c.Digest.edition()
	var posts []*Message
	for n, one := range s.digestCards(c, c.Digest.Language) {
		to, key := Address{Channel: c.ID}, digestKey(c.ID, edition)
		if n > 0 {
			to.Under, key = key, partKey(c.ID, edition, n)
		}
		m := reader.message(key, to, one)
		m.Urgent, m.Until = false, next
		m.Delivery.NotUntil = s.Now.Add(time.Duration(n) * betweenParts)
		posts = append(posts, m)
	}
	return posts
}

// betweenParts keeps the parts of a thread in their order.
const betweenParts = 2 * time.Second

// since is what a digest at an instant reports from.
func (p DigestPlan) since(at time.Time) time.Time {
	if p.LastAt.IsZero() || at.Sub(p.LastAt) > longestSpan {
		return at.Add(-usualSpan)
	}
	return p.LastAt
}

// reading is the state in the eyes of a channel: its language and zone, at the moment of a digest.
func (s *State) reading(p DigestPlan, tag string, at time.Time) *State {
	reader := *s
	reader.Now = at
	reader.Me = &Person{Chosen: Choices{Language: language.In(tag).Tag(), Zone: p.zone().String()}}
	return &reader
}

// digestCards are the top and the thread of the channel's last digest, from the records as they are now but
// without what was told after it; none when there is nothing to speak of.
func (s *State) digestCards(c *Channel, tag string) []card.Card {
	at := c.Digest.LastAt
	r := s.digestScope(c, c.Digest.LastSince, at).report()
	if r.empty() {
		return nil
	}
	reader := s.reading(c.Digest, tag, at)
	thread := reader.threadCards(c, r)
	top := reader.digestCard(c, r, len(thread) > 0)
	if due := c.Digest.LastDue; c.Digest.LastLate {
		moment := reader.Voice().Moment(due.In(c.Digest.zone()), at)
		top.Body = append(top.Body, quiet(reader.Voice().Text("digest.late", language.With{"moment": moment})))
	}
	return append([]card.Card{top}, thread...)
}

// digestScope is what the channel's digest may speak of.
func (s *State) digestScope(c *Channel, since, at time.Time) scope {
	return scope{
		channel: c.ID, zone: c.Digest.zone(), since: since, at: at, find: s.Goal,
		goals: append(s.Goals(Index{InRoom, string(c.ID)}), s.Goals(Index{ClosedIn, string(c.ID)})...),
		everybody: func(g *Goal) bool {
			return g.Channel == "" || !s.Channel(g.Channel).Room.Private
		},
	}
}

// redigest brings the messages of the last digest up to date, where a correction changes what they say.
func (s *State) redigest(c *Channel) []*Message {
	edition := c.Digest.edition()
	top := s.Message(digestKey(c.ID, edition))
	if c.Digest.Last == "" || top == nil {
		return nil
	}
	cards := s.digestCards(c, top.Language)
	var posts []*Message
	for n := range maxParts + 1 {
		m := top
		if n > 0 {
			m = s.Message(partKey(c.ID, edition, n))
		}
		switch {
		case m == nil:
		case n < len(cards) && !sameCard(m.Card, cards[n]):
			posts = append(posts, m.showing(cards[n]))
		case n >= len(cards) && m.Card.Kind != withdrawnPart:
			posts = append(posts, m.showing(nothingLeft(top.Language)))
		}
	}
	return posts
}

// withdrawnPart is the kind of a digest's message whose goals are no longer to be spoken of.
const withdrawnPart = "digest.withdrawn"

func nothingLeft(tag string) card.Card {
	text := language.In(tag).Text("digest.withdrawn.line")
	return card.Card{Kind: withdrawnPart, Summary: text.String(), Body: []card.Block{quiet(text)}}
}

// sameCard compares as the records do, in which nothing and empty are the same.
func sameCard(a, b card.Card) bool {
	x, err := json.Marshal(a)
	if err != nil {
		return false
	}
	y, err := json.Marshal(b)
	return err == nil && bytes.Equal(x, y)
}

// correctDigest makes somebody look at the goal's channel soon, because something that its digest told was
// changed; that look does the rest. The look comes after the change is saved.
func (s *State) correctDigest(g *Goal) []Timer {
	c := s.Channel(g.Channel)
	if g.Channel == "" || !c.Digest.On || c.Digest.Last == "" {
		return nil
	}
	return []Timer{{s.In.Workspace, DigestTimer, string(g.Channel), s.Now.Add(2 * budget)}}
}

// tellEmpty tells whoever set the digest, once, that there was nothing to speak of, and what to do.
func (s *State) tellEmpty(c *Channel) []*Message {
	if c.SetBy == "" || s.Message(emptyKey(c)) != nil {
		return nil
	}
	reader := s.as(c.SetBy)
	there := s.reading(c.Digest, reader.Me.Language(), s.Now).typed("new")
	text := reader.Voice().Text("digest.stayed-away", language.With{"channel": reader.roomName(c), "command": code(there)})
	told := card.Card{Kind: "digest.empty", Summary: text.String(), Body: []card.Block{paragraph(text)}}
	return []*Message{reader.message(emptyKey(c), Address{Person: c.SetBy}, told)}
}

// tellAbsent tells whoever set the digest, once, that it cannot be posted. The plan stays: it goes on by itself as
// soon as the bot is invited.
func (s *State) tellAbsent(c *Channel) Decision {
	if c.SetBy == "" || s.Message(absentKey(c)) != nil {
		return Decision{}
	}
	reader := s.as(c.SetBy)
	text := reader.Voice().Text("digest.absent", language.With{"channel": reader.roomName(c), "how": reader.howToInvite()})
	told := card.Card{Kind: "digest.absent", Summary: text.String(), Body: []card.Block{paragraph(text)}}
	return Decision{Post: []*Message{reader.message(absentKey(c), Address{Person: c.SetBy}, told)}}
}
