package playground

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"goalkeeper/goal"
)

// view is the page of one person in one place.
type view struct {
	Lang   string
	Words  *words
	As     goal.PersonID
	At     spot
	Nonce  string
	People []tab
	Places []tab
	Hour   string // the person's local time
	Day    string
	City   string
	Clock  string // whose time the moves go by
	Said   string // all of that in a sentence
	News   string // what the last move of the clock brought
	Moves  []button
	Title  string
	Who    string
	Hint   *hint
	Items  []item
	Home   template.HTML
	Form   *formView
	Tries  []try // for the channel where nothing was said yet
	Draft  string
}

// tab leads to another person or place.
type tab struct {
	Name, Detail, Time, Initial string
	ID, Href, New               string
	Here                        bool
	Count                       int
}

// button is a move of the clock.
type button struct {
	To    Move
	Label string
}

// try is an example that goes into the composer of a place.
type try struct {
	At           spot
	Text, Insert string
	Href         string
}

// hint is the first visit's three steps.
type hint struct{ Make, Answer, Digest try }

// item is a line of the log: a day, or an entry.
type item struct {
	ID          string
	Day         string
	Mine, Bot   bool
	Alone       bool // only the reader sees it, and others are in the place
	Dismissable bool // where it would stay in the way of something else
	Asks        bool // the card has a form
	Name        string
	From        goal.PersonID
	Initial     string
	Time, Full  string
	ISO         string
	Text        string
	Card        template.HTML
	Nonce       string
	Replies     []item
	Count       string
}

// line is an item together with the page that it stands on.
type line struct {
	View *view
	Item item
}

func of(v *view, it item) line { return line{v, it} }

// formView is the open form.
type formView struct {
	ID, Title, Nonce string
	Intent, Submit   string
	Card             template.HTML
	Lang             string
}

// page serves what a person sees in a place, and marks it as seen.
func (f *Face) page(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	who := find(goal.PersonID(q.Get("as")))
	if who == nil {
		who = people[0]
	}
	at := inGrowth // where the first goal is best made
	if q.Has("at") {
		at = where(q.Get("at"))
	}
	v := f.view(r, who, at)
	v.Draft = q.Get("draft")
	if since, err := strconv.Atoi(q.Get("since")); err == nil {
		v.News = f.news(since, v.Words)
		v.Said = strings.TrimSpace(v.Said + " " + v.News)
	}
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, "page", v); err != nil {
		f.log.Error("the page was not rendered", "error", err)
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = out.WriteTo(w) // the reader went away; nobody is left to tell
}

func (f *Face) view(r *http.Request, who *person, at spot) *view {
	lang := pageLanguage(r, who)
	words := wordsIn(lang)
	v := &view{Lang: lang, Words: words, As: who.id, At: at, Nonce: newNonce()}
	if at == atHome {
		v.Home = f.homeHTML(r, who)
	}
	entries := f.board.look(who.id, at.room(who))
	f.board.read(who.id, at.room(who))
	v.Items = f.items(entries, who, at, lang)
	v.Form = f.formView(who)
	now := f.clock.Now()
	v.tell(now.In(who.zone), who)
	v.People, v.Places = f.peopleTabs(who, at, now, lang), f.placeTabs(who, at, words)
	v.Moves = []button{{NextHour, words.HourButton}, {Tomorrow, words.TomorrowButton},
		{Monday, words.MondayButton}, {Tuesday, words.TuesdayButton}}
	v.Title, v.Who = title(at, words)
	if _, err := r.Cookie(hintCookie); err != nil && at != atHome {
		v.Hint = &hint{
			Make:   trying(who, inGrowth, words.HintMakeExample),
			Answer: trying(who, inDirect, words.HintAnswerExample),
			Digest: trying(who, inGrowth, words.DigestCommand),
		}
	}
	if at == inGrowth {
		v.Tries = []try{trying(who, at, words.NewCommand+" "), trying(who, at, words.DigestCommand)}
	}
	return v
}

// tell writes down the local time of the person.
func (v *view) tell(local time.Time, who *person) {
	v.Hour, v.Day, v.City = local.Format("15:04"), day(local, v.Lang), who.city[v.Lang]
	v.Clock = fmt.Sprintf(v.Words.Clock, v.City)
	v.Said = fmt.Sprintf(v.Words.MovedTo, moment(local, v.Lang), v.City)
}

// pageLanguage is the one that the visitor switched to, else the one that their browser asks for, else the
// person's own. What the bot writes is always in the person's.
func pageLanguage(r *http.Request, who *person) string {
	if c, err := r.Cookie(languageCookie); err == nil && (c.Value == "en" || c.Value == "vi") {
		return c.Value
	}
	for tag := range strings.SplitSeq(strings.ToLower(r.Header.Get("Accept-Language")), ",") {
		base, _, _ := strings.Cut(strings.TrimSpace(tag), "-")
		base, _, _ = strings.Cut(base, ";")
		if base == "en" || base == "vi" {
			return base
		}
	}
	return language(who.profile.Language)
}

// trying is the place with a text already in the composer; a text that ends in a space waits for more.
func trying(who *person, at spot, text string) try {
	shown := text
	if strings.HasSuffix(text, " ") {
		shown += "…"
	}
	return try{at, shown, text, address(who, at) + "&draft=" + template.URLQueryEscaper(text)}
}

// news tells to whom the bot has written since.
func (f *Face) news(since int, w *words) string {
	rooms := f.board.written(since)
	var names []string
	for _, p := range people {
		if rooms[directOf(p.id)] {
			names = append(names, p.first)
		}
	}
	if rooms[Growth] {
		names = append(names, "#"+string(Growth))
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(w.WroteTo, listed(names, w.And))
}

func title(at spot, w *words) (name, who string) {
	switch at {
	case inGrowth:
		return "#" + string(Growth), w.WhoGrowth
	case atHome:
		return w.Home, w.WhoHome
	}
	return w.Direct, w.WhoDirect
}

func (f *Face) peopleTabs(who *person, at spot, now time.Time, lang string) (tabs []tab) {
	for _, p := range people {
		t := tab{
			Name: p.first, Initial: p.initial, ID: string(p.id), Here: p == who, Href: address(p, at),
			Detail: p.city[lang], Time: shortMoment(now.In(p.zone), lang),
		}
		if p != who {
			for _, s := range spots {
				t.Count += f.board.unread(p.id, s.room(p))
			}
		}
		t.New = fmt.Sprintf(wordsIn(lang).New, t.Count)
		tabs = append(tabs, t)
	}
	return tabs
}

func (f *Face) placeTabs(who *person, at spot, w *words) (tabs []tab) {
	for _, s := range spots {
		name, detail := title(s, w)
		t := tab{Name: name, Detail: detail, ID: string(s), Here: s == at, Href: address(who, s)}
		t.Count = f.board.unread(who.id, s.room(who))
		t.New = fmt.Sprintf(w.New, t.Count)
		tabs = append(tabs, t)
	}
	return tabs
}

func (f *Face) homeHTML(r *http.Request, who *person) template.HTML {
	s := f.open(r.Context(), who)
	if s.card == nil {
		return ""
	}
	return f.draw(s, "home")
}

// draw renders a card and writes down what was lost.
func (f *Face) draw(s shown, prefix string) template.HTML {
	html, losses := render(*s.card, s.language, prefix)
	for _, l := range losses {
		f.log.Warn("a card was not shown as it is meant", "kind", s.card.Kind, "what", l.What, "why", l.Why)
	}
	return html
}

func (f *Face) formView(who *person) *formView {
	open := f.board.form(who.id)
	if open == nil {
		return nil
	}
	return &formView{
		ID: open.id, Title: open.card.Form.Title, Nonce: newNonce(),
		Intent: open.card.Form.Intent.String(), Submit: open.card.Form.Submit,
		Card: f.draw(open.shown, open.id), Lang: language(open.language),
	}
}

// items are the lines of the log, with replies under what they answer and a line for each new day.
func (f *Face) items(entries []entry, who *person, at spot, lang string) (items []item) {
	threads := map[string][]item{}
	known := map[string]bool{}
	for _, e := range entries {
		known[e.id()] = true
	}
	var today string
	for _, e := range entries {
		it := f.item(e, who, at, lang)
		if e.under != "" && known[e.under] {
			threads[e.under] = append(threads[e.under], it)
			continue
		}
		if d := day(e.at.In(who.zone), lang); d != today {
			today = d
			items = append(items, item{ID: "day-" + it.ID, Day: d})
		}
		items = append(items, it)
	}
	w := wordsIn(lang)
	for n := range items {
		if replies := threads[items[n].ID]; replies != nil {
			items[n].Replies, items[n].Count = replies, counted(len(replies), w.Reply, w.Replies)
		}
	}
	return items
}

func (f *Face) item(e entry, who *person, at spot, lang string) item {
	local := e.at.In(who.zone)
	it := item{
		ID: e.id(), Text: e.text, Mine: e.from == who.id, Bot: e.from == theBot, Nonce: newNonce(),
		Name: "Goalkeeper", From: e.from, Alone: e.only != "" && at == inGrowth, Dismissable: e.answer && at != inDirect,
		Time: local.Format("15:04"), Full: moment(local, lang), ISO: e.at.UTC().Format(time.RFC3339),
	}
	if p := find(e.from); p != nil {
		it.Name, it.Initial = p.profile.Name, p.initial
	}
	if e.card != nil {
		it.Card, it.Asks = f.draw(e.shown, it.ID), e.card.Form != nil
	}
	return it
}
