package playground

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// kept is how many of the newest entries each place remembers.
const kept = 500

// board is everything that can be seen in the playground, in memory. It is safe for concurrent use.
type board struct {
	mu       sync.Mutex
	seq      int                         // numbers entries and forms
	version  int                         // counts changes
	rooms    map[goal.ChannelID][]*entry // oldest first
	forms    map[goal.PersonID]*openForm // the one form that each person has open
	seen     map[sight]int               // the newest entry that a person has looked at in a place
	homes    map[goal.PersonID]homePage
	watchers map[chan struct{}]bool
}

// sight is a person's view of a place.
type sight struct {
	person goal.PersonID
	place  goal.ChannelID
}

// shown is a card in its language.
type shown struct {
	card     *card.Card
	language string
}

// entry is one thing said in a place.
type entry struct {
	seq    int
	key    string
	from   goal.PersonID
	only   goal.PersonID           // whose eyes it is for; empty: everybody in the place
	answer bool                    // an Answer, not a Message: it may be dismissed
	text   string                  // of people
	shown                          // of the bot
	mine   map[goal.PersonID]shown // replaced for those who pressed
	under  string
	at     time.Time
	edited bool
}

// openForm is a form that waits for a person, and where it was opened.
type openForm struct {
	id    string
	place goal.ChannelID
	shown
}

// homePage is what a press on one's home put there; it holds until something else changes.
type homePage struct {
	shown
	version int
}

func newBoard() *board {
	return &board{
		rooms:    map[goal.ChannelID][]*entry{},
		forms:    map[goal.PersonID]*openForm{},
		seen:     map[sight]int{},
		homes:    map[goal.PersonID]homePage{},
		watchers: map[chan struct{}]bool{},
	}
}

// id is how the page and the bot's records refer to the entry.
func (e *entry) id() string { return fmt.Sprintf("m%d", e.seq) }

// visible reports whether the person may see it.
func (e *entry) visible(to goal.PersonID) bool { return e.only == "" || e.only == to }

// as is the card that the person sees.
func (e *entry) as(p goal.PersonID) shown {
	if s, ok := e.mine[p]; ok {
		return s
	}
	return e.shown
}

// put adds the entry to the place. One with a key that is there already is said again: an answer is renewed,
// everything else stays as it is.
func (b *board) put(place goal.ChannelID, e *entry) (id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if old := b.byKey(place, e.key); old != nil {
		if old.answer {
			old.shown = e.shown
			b.changed()
		}
		return old.id()
	}
	b.seq++
	e.seq = b.seq
	room := append(b.rooms[place], e)
	b.rooms[place] = room[max(0, len(room)-kept):]
	b.changed()
	return e.id()
}

// byKey finds an entry of the place; the empty key names none.
func (b *board) byKey(place goal.ChannelID, key string) *entry {
	for _, e := range b.rooms[place] {
		if key != "" && e.key == key {
			return e
		}
	}
	return nil
}

func (b *board) byID(id string) *entry {
	for _, room := range b.rooms {
		for _, e := range room {
			if e.id() == id {
				return e
			}
		}
	}
	return nil
}

// edit shows everybody the card in place of the old one; false when the entry is not kept any more.
func (b *board) edit(id string, s shown) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.byID(id)
	if e == nil {
		return false
	}
	e.edited = e.edited || !same(e.card, s.card)
	e.shown, e.mine = s, nil
	b.changed()
	return true
}

// replace shows the person alone another card in place of the entry's.
func (b *board) replace(id string, p goal.PersonID, s shown) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.byID(id)
	if e == nil || !e.visible(p) {
		return false
	}
	if e.mine == nil {
		e.mine = map[goal.PersonID]shown{}
	}
	e.mine[p] = s
	b.changed()
	return true
}

// dismiss takes an answer away that only the person could see.
func (b *board) dismiss(id string, p goal.PersonID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for place, room := range b.rooms {
		b.rooms[place] = slices.DeleteFunc(room, func(e *entry) bool {
			return e.answer && e.only == p && e.id() == id
		})
	}
	b.changed()
}

// keyOf is the key of the message that the bot posted under the id, for a person who sees it; empty for
// everything that is not a message of the bot.
func (b *board) keyOf(id string, p goal.PersonID) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.byID(id); e != nil && e.visible(p) && e.from == theBot && !e.answer {
		return e.key
	}
	return ""
}

// search is the id of the message with the key, posted no earlier than since.
func (b *board) search(place goal.ChannelID, key string, since time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.byKey(place, key); e != nil && !e.at.Before(since) {
		return e.id()
	}
	return ""
}

// open lays a form before the person, in place of one that was open.
func (b *board) open(p goal.PersonID, place goal.ChannelID, s shown) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seq++
	b.forms[p] = &openForm{fmt.Sprintf("f%d", b.seq), place, s}
	b.changed()
}

// close takes the form away, unless another one was opened meanwhile.
func (b *board) close(p goal.PersonID, id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f := b.forms[p]; f != nil && f.id == id {
		delete(b.forms, p)
		b.changed()
	}
}

// form is the person's open form, nil for none.
func (b *board) form(p goal.PersonID) *openForm {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f := b.forms[p]; f != nil {
		c := *f
		return &c
	}
	return nil
}

// setHome shows the card as the person's home until something changes.
func (b *board) setHome(p goal.PersonID, s shown) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changed()
	b.homes[p] = homePage{s, b.version}
}

// home is the card that setHome showed, if nothing has changed since.
func (b *board) home(p goal.PersonID) (shown, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.homes[p]
	return h.shown, h.card != nil && h.version == b.version
}

// look is all that the person sees in the place, oldest first, as copies.
func (b *board) look(p goal.PersonID, place goal.ChannelID) []entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []entry
	for _, e := range b.rooms[place] {
		if e.visible(p) {
			c := *e
			c.shown = e.as(p)
			out = append(out, c)
		}
	}
	return out
}

// read remembers that the person has seen everything in the place.
func (b *board) read(p goal.PersonID, place goal.ChannelID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen[sight{p, place}] = b.seq
}

// unread counts what others wrote in the place since the person looked.
func (b *board) unread(p goal.PersonID, place goal.ChannelID) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	since := b.seen[sight{p, place}]
	for _, e := range b.rooms[place] {
		if e.seq > since && e.from != p && e.visible(p) && e.under == "" {
			n++
		}
	}
	return n
}

// newest numbers the newest entry.
func (b *board) newest() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.seq
}

// written are the rooms in which the bot itself has spoken since.
func (b *board) written(since int) map[goal.ChannelID]bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	rooms := map[goal.ChannelID]bool{}
	for room, entries := range b.rooms {
		for _, e := range entries {
			if e.seq > since && e.from == theBot && !e.answer {
				rooms[room] = true
			}
		}
	}
	return rooms
}

// same reports whether two cards say the same.
func same(a, b *card.Card) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return cmp.Or(errX, errY) == nil && string(x) == string(y)
}
