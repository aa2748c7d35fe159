package playground_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"goalkeeper/bot/playground"
	"goalkeeper/bot/playground/playtest"
	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

// talk is a conversation for tests: it answers by a function and remembers what it heard.
type talk struct {
	mu    sync.Mutex
	heard []conversation.Input
	reply func(conversation.Input) (conversation.Answer, error)
}

func (h *talk) Handle(_ context.Context, in conversation.Input) (conversation.Answer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard = append(h.heard, in)
	if h.reply == nil {
		return conversation.Answer{}, nil
	}
	return h.reply(in)
}

// last is what was heard last.
func (h *talk) last(t *testing.T) conversation.Input {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.heard) == 0 {
		t.Fatal("nothing was heard")
	}
	return h.heard[len(h.heard)-1]
}

// serve runs a playground whose clock stands still unless it is moved.
func serve(t *testing.T, reply func(conversation.Input) (conversation.Answer, error)) (*playground.Face, *talk, string) {
	t.Helper()
	h := &talk{reply: reply}
	f := playground.New(playground.Config{
		Clock:   playground.NewClock(func() time.Time { return start }),
		Handler: h,
		Log:     slog.New(slog.DiscardHandler),
	})
	mux := http.NewServeMux()
	f.Routes(mux)
	server := httptest.NewServer(mux)
	t.Cleanup(func() { f.Close(); server.Close() })
	return f, h, server.URL
}

// says is an answer of one sentence with one button.
func says(text string) (conversation.Answer, error) {
	c := body(paragraph(card.Body, span(text)))
	c.Actions = []card.Action{{Label: "Again", Intent: card.Intent{Verb: "again"}}}
	return conversation.Answer{Card: &c, Language: "en"}, nil
}

// asks is a form with what was typed, and what is wrong with it.
func asks(values map[string]string, wrong string) (conversation.Answer, error) {
	c := card.Card{Kind: "goal.form", Summary: "New goal", Form: &card.Form{
		Title: "New goal", Intent: card.Intent{Verb: "goal.create", Question: "n1"}, Submit: "Save", Cancel: "Cancel",
		Fields: []card.Field{
			{Name: "title", Label: "Goal", Kind: card.Line, Value: values["title"], Required: true},
			{Name: "to", Label: "To", Hint: "such as $150", Kind: card.Line, Value: values["to"], Error: wrong},
			{Name: "note", Label: "Note", Kind: card.Lines, Value: values["note"]},
		},
	}}
	return conversation.Answer{Card: &c, Language: "en"}, nil
}

func TestTypingReachesTheConversation(t *testing.T) {
	_, h, base := serve(t, nil)
	people := playtest.New(t, base)

	people.As("linh").Type(playtest.Direct, "210, 7/10, ask @Alex")
	in := h.last(t)
	said, ok := in.Act.(conversation.Said)
	if !ok || said.Text != "210, 7/10, ask @Alex" || len(said.Mentions) != 1 || in.Inline {
		t.Errorf("a line to the bot came as %+v", in)
	}
	if in.Place.Kind != conversation.Direct || in.Actor != "linh" || in.Seen.Zone != "Asia/Ho_Chi_Minh" || in.Delivery == "" {
		t.Errorf("the line came without who and where: %+v", in)
	}

	people.As("sam").Type(playtest.Growth, "/goal new Cut CAC")
	in = h.last(t)
	if cmd, ok := in.Act.(conversation.Command); !ok || cmd.Text != "new Cut CAC" || !in.Inline || in.Place.Name != "growth" {
		t.Errorf("a command came as %+v", in)
	}

	heard := len(h.heard)
	people.As("sam").Type(playtest.Growth, "good morning")
	if len(h.heard) != heard {
		t.Error("the bot was told what people say among themselves")
	}
	people.As("alex").Sees(playtest.Growth, "good morning")
	people.As("alex").SeesNot(playtest.Growth, "/goal new")
}

func TestDoubleClickIsOneDelivery(t *testing.T) {
	_, h, base := serve(t, func(conversation.Input) (conversation.Answer, error) { return says("hello") })
	linh := playtest.New(t, base).As("linh")
	linh.Type(playtest.Direct, "/goal help")
	first := h.last(t).Delivery
	s := linh.Again()
	if h.last(t).Delivery != first {
		t.Error("the second click came as another delivery")
	}
	if len(s.Messages) != 2 { // the line and its answer
		t.Errorf("the line stands there twice:\n%s", playtest.Transcript(s))
	}
	linh.Type(playtest.Direct, "/goal help")
	if h.last(t).Delivery == first {
		t.Error("the same line typed anew came as the old delivery")
	}
}

func TestAnswersAreSeenByTheAskerAlone(t *testing.T) {
	_, _, base := serve(t, func(conversation.Input) (conversation.Answer, error) { return says("only for Sam") })
	people := playtest.New(t, base)
	s := people.As("sam").Type(playtest.Growth, "/goal list")
	people.As("alex").SeesNot(playtest.Growth, "only for Sam")
	people.As("linh").SeesNot(playtest.Growth, "only for Sam")

	answer := s.Messages[len(s.Messages)-1]
	if !answer.Private {
		t.Error("the answer is not marked as private")
	}
	if page := get(t, base+"/?as=sam&at=growth"); !strings.Contains(page, "Only visible to you") {
		t.Error("the page does not say that nobody else sees it")
	}
	people.As("alex").Dismiss(answer.ID)
	people.As("sam").Sees(playtest.Growth, "only for Sam")
	people.As("sam").Dismiss(answer.ID)
	people.As("sam").SeesNot(playtest.Growth, "only for Sam")
}

func TestPressNamesItsMessage(t *testing.T) {
	f, h, base := serve(t, func(conversation.Input) (conversation.Answer, error) {
		a, err := says("replaced for Linh")
		a.Replace = true
		return a, err
	})
	m := message("digest:1", conversation.Address{Channel: playground.Growth}, "the digest")
	m.Card.Actions = []card.Action{{Label: "Later", Menu: []card.Choice{
		{Label: "Tomorrow", Intent: card.Intent{Verb: "snooze", Subject: "G-1", Value: "1d"}}}}}
	ref, err := f.Post(t.Context(), playground.Workspace, m, "")
	if err != nil {
		t.Fatal(err)
	}
	people := playtest.New(t, base)
	people.As("linh").In(playtest.Growth).Press("Tomorrow")
	in := h.last(t)
	used, ok := in.Act.(conversation.Used)
	if !ok || used.Intent.Value != "1d" || used.Values != nil || in.From != "digest:1" || !in.Inline {
		t.Errorf("the press came as %+v", in)
	}
	people.As("linh").Sees(playtest.Growth, "replaced for Linh")
	people.As("linh").SeesNot(playtest.Growth, "the digest")
	people.As("sam").Sees(playtest.Growth, "the digest")

	m.Card = body(paragraph(card.Body, span("the digest of now")))
	if err := f.Edit(t.Context(), playground.Workspace, m, ref); err != nil {
		t.Fatal(err)
	}
	people.As("linh").Sees(playtest.Growth, "the digest of now")
}

func TestFormKeepsWhatWasTyped(t *testing.T) {
	down := false
	_, h, base := serve(t, func(in conversation.Input) (conversation.Answer, error) {
		used, ok := in.Act.(conversation.Used)
		switch {
		case down:
			return conversation.Answer{}, errors.New("the store is down")
		case !ok:
			return asks(map[string]string{"title": "Cut CAC"}, "")
		case used.Values["to"] == "":
			return asks(used.Values, "What should it become?")
		}
		return conversation.Answer{}, nil
	})
	linh := playtest.New(t, base).As("linh")
	linh.Type(playtest.Direct, "/goal new Cut CAC")
	linh.In(playtest.Growth).Fill(map[string]string{"note": "one\r\ntwo"})
	if in := h.last(t); in.Place.Kind != conversation.Direct || in.From != "" {
		t.Errorf("the form was opened in the direct conversation, but came from %+v", in.Place)
	}
	linh.Sees(playtest.Direct, "What should it become?")
	if got := linh.State().Form.Card.Form.Fields[2].Value; got != "one\ntwo" {
		t.Errorf("the note came back as %q", got)
	}

	down = true
	linh.Fill(map[string]string{"to": "$150"})
	linh.Sees(playtest.Direct, "Hiện chưa lưu được")
	linh.Sees(playtest.Direct, "$150")

	down = false
	if s := linh.Fill(nil); s.Form != nil {
		t.Errorf("the form stays open:\n%s", playtest.Transcript(s))
	}
	if used := h.last(t).Act.(conversation.Used); used.Values["to"] != "$150" || used.Intent.Question != "n1" {
		t.Errorf("what arrived: %+v", used)
	}
}

func TestFormTellsWhatIsTooLong(t *testing.T) {
	_, h, base := serve(t, func(conversation.Input) (conversation.Answer, error) { return asks(nil, "") })
	linh := playtest.New(t, base).As("linh")
	linh.Type(playtest.Direct, "/goal new")
	heard := len(h.heard)
	long := strings.Repeat("ế", card.MaxLine+1)
	s := linh.Fill(map[string]string{"title": long})
	if len(h.heard) != heard || s.Form == nil || s.Form.Card.Form.Fields[0].Value != long {
		t.Error("the long title was sent on, cut or lost")
	}
	linh.Sees(playtest.Direct, "At most 300 characters fit here; this has 301.")
	if s := linh.Press("Cancel"); s.Form != nil {
		t.Error("the form is still open")
	}
}

func TestUnreadMarks(t *testing.T) {
	f, _, base := serve(t, nil)
	if _, err := f.Post(t.Context(), playground.Workspace, message("ask", conversation.Address{Person: "linh"}, "Morning"), ""); err != nil {
		t.Fatal(err)
	}
	linh := playtest.New(t, base).As("linh")
	if n := linh.State().Unread[playtest.Direct]; n != 1 {
		t.Errorf("%d unread, want 1", n)
	}
	if page := get(t, base+"/?as=sam"); !strings.Contains(page, "1 new") {
		t.Error("Sam's page does not show that Linh has something new")
	}
	get(t, base+"/?as=linh&at=dm")
	if n := linh.State().Unread[playtest.Direct]; n != 0 {
		t.Errorf("%d unread after looking", n)
	}
}

func TestThreadsAreFolded(t *testing.T) {
	f, _, base := serve(t, nil)
	to := conversation.Address{Channel: playground.Growth}
	ref, err := f.Post(t.Context(), playground.Workspace, message("digest", to, "the digest"), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"d1", "d2"} {
		if _, err := f.Post(t.Context(), playground.Workspace, message(key, to, "detail "+key), ref); err != nil {
			t.Fatal(err)
		}
	}
	page := get(t, base+"/?as=sam&at=growth")
	if !strings.Contains(page, "<summary>2 replies</summary>") || !strings.Contains(page, "detail d2") {
		t.Error("the replies are not folded under their message")
	}
}

func TestHomeIsAskedForWhenOpened(t *testing.T) {
	_, h, base := serve(t, func(in conversation.Input) (conversation.Answer, error) {
		if _, ok := in.Act.(conversation.Opened); ok {
			return says("page one")
		}
		a, err := says("page two")
		a.Replace = true
		return a, err
	})
	linh := playtest.New(t, base).As("linh")
	linh.Sees(playtest.Home, "page one")
	if in := h.last(t); in.Place.Kind != conversation.Home || !in.Inline {
		t.Errorf("home was opened as %+v", in)
	}
	linh.Press("Again")
	linh.Sees(playtest.Home, "page two")
	linh.Type(playtest.Direct, "anything new")
	linh.Sees(playtest.Home, "page one")
}

func TestMovingTheClock(t *testing.T) {
	_, _, base := serve(t, nil)
	linh := playtest.New(t, base).As("linh")
	monday := linh.Move(playground.Monday).Now
	if got := monday.UTC().Format(time.RFC3339); got != "2026-11-30T02:00:00Z" {
		t.Errorf("moved to %s", got)
	}
	if again := linh.Again().Now; !again.Equal(monday) {
		t.Errorf("a double click moved on to %s", again)
	}
}

func TestInstall(t *testing.T) {
	f, h, _ := serve(t, nil)
	if err := f.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(h.heard) != 4 {
		t.Errorf("%d installations, want three people and a channel", len(h.heard))
	}
	for _, in := range h.heard {
		if _, ok := in.Act.(conversation.Added); !ok {
			t.Errorf("heard %+v", in)
		}
	}
}

func TestNoHandlerYet(t *testing.T) {
	f := playground.New(playground.Config{Log: slog.New(slog.DiscardHandler)})
	mux := http.NewServeMux()
	f.Routes(mux)
	server := httptest.NewServer(mux)
	defer server.Close()
	playtest.New(t, server.URL).As("linh").Type(playtest.Direct, "hello")
	playtest.New(t, server.URL).As("linh").Sees(playtest.Direct, "I cannot save right now")
	playtest.New(t, server.URL).As("linh").Sees(playtest.Home, "I cannot save right now")
}

// Another site's page may neither post here nor read here.
func TestOtherSitesAreRefused(t *testing.T) {
	_, h, base := serve(t, nil)
	send := func(change func(*http.Request)) int {
		form := url.Values{"as": {"linh"}, "at": {"dm"}, "text": {"hi"}}
		r, err := http.NewRequest(http.MethodPost, base+"/play/type", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", "application/json")
		change(r)
		return status(t, r)
	}
	for name, change := range map[string]func(*http.Request){
		"by fetch metadata": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"by origin":         func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"null origin":       func(r *http.Request) { r.Header.Set("Origin", "null") },
		"rebound name":      func(r *http.Request) { r.Host = "evil.example" },
		"rebound address":   func(r *http.Request) { r.Host = "192.0.2.7:8080" },
	} {
		if code := send(change); code < 400 {
			t.Errorf("%s: let in with %d", name, code)
		}
	}
	if len(h.heard) != 0 {
		t.Errorf("another site made the bot hear %+v", h.heard)
	}
	if code := send(func(r *http.Request) { r.Header.Set("Origin", base); r.Header.Set("Sec-Fetch-Site", "same-origin") }); code != 200 {
		t.Errorf("the page itself is refused with %d", code)
	}
}

func TestHostileRequests(t *testing.T) {
	_, h, base := serve(t, nil)
	for name, test := range map[string]struct {
		path, body string
		want       int
	}{
		"10 MB":           {"/play/type", "as=linh&text=" + strings.Repeat("x", 10<<20), http.StatusRequestEntityTooLarge},
		"a long line":     {"/play/type", "as=linh&text=" + strings.Repeat("x", 20<<10), http.StatusRequestEntityTooLarge},
		"nobody":          {"/play/type", "as=bob&text=hi", http.StatusBadRequest},
		"broken encoding": {"/play/type", "as=linh&text=%zz", http.StatusBadRequest},
		"no intent":       {"/play/press", "as=linh", http.StatusBadRequest},
		"long intent":     {"/play/press", "as=linh&intent=" + strings.Repeat("x", 3000), http.StatusBadRequest},
		"odd move":        {"/play/clock", "as=linh&to=back", http.StatusBadRequest},
		"many fields":     {"/play/submit", "as=linh&intent=x" + strings.Repeat("&v.a", 1) + manyFields(), http.StatusBadRequest},
		"by GET":          {"", "", http.StatusMethodNotAllowed},
	} {
		method, path := http.MethodPost, test.path
		if path == "" {
			method, path = http.MethodGet, "/play/type"
		}
		r, err := http.NewRequest(method, base+path, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if got := status(t, r); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
	if len(h.heard) != 0 {
		t.Errorf("the bot heard %+v", h.heard)
	}
}

func manyFields() string {
	var b strings.Builder
	for n := range 40 {
		b.WriteString("&v.f" + string(rune('A'+n)) + "=x")
	}
	return b.String()
}

// What people type is shown as it is, whatever it holds.
func TestHostileTextIsShown(t *testing.T) {
	_, _, base := serve(t, nil)
	sam := playtest.New(t, base).As("sam")
	for _, text := range []string{"<script>alert(1)</script>", "<!channel> %s {{.}}", "\u202Etxet", "a\u200Bb", "🎯👨‍👩‍👧", "*bold* _it_ `c`"} {
		sam.Type(playtest.Growth, text)
		sam.Sees(playtest.Growth, text)
	}
	sam.Type(playtest.Growth, "broken \xff byte")
	sam.Sees(playtest.Growth, "broken \uFFFD byte")
	if page := get(t, base+"/?as=alex&at=growth"); strings.Contains(page, "<script>alert") || strings.Contains(page, "<!channel>") {
		t.Error("the text acts on the page")
	}
}

func TestPagesAreLocked(t *testing.T) {
	_, _, base := serve(t, nil)
	for _, path := range []string{"/", "/play/style.css", "/play/script.js", "/play/icon.svg"} {
		answer, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK || !strings.Contains(answer.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %s, %v", path, answer.Status, answer.Header)
		}
	}
}

// A form without the script leads back to the page, and the page follows the reader's language.
func TestWithoutScript(t *testing.T) {
	_, _, base := serve(t, nil)
	answer, err := http.PostForm(base+"/play/type", url.Values{"as": {"sam"}, "at": {"growth"}, "text": {"plain old form"}})
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || !strings.Contains(string(page), "plain old form") || answer.Request.URL.RawQuery != "as=sam&at=growth" {
		t.Errorf("the form leads to %s (%v)", answer.Request.URL, err)
	}
	if page := get(t, base+"/?as=linh"); !strings.Contains(page, `<html lang="vi">`) {
		t.Error("Linh's page is not in Vietnamese")
	}
	if page := get(t, base+"/?as=linh", "Accept-Language: en-GB,en;q=0.8"); !strings.Contains(page, `<html lang="en">`) {
		t.Error("the page is not in the browser's language")
	}
	if page := get(t, base+"/?as=sam", "Cookie: play-language=vi; play-hint=off"); !strings.Contains(page, `<html lang="vi">`) || strings.Contains(page, `id="hint"`) {
		t.Error("the page forgot its switches")
	}
}

// The page's switch of language is one with the bot.
func TestLanguageIsToldToTheConversation(t *testing.T) {
	_, h, base := serve(t, func(conversation.Input) (conversation.Answer, error) { return says("changed") })
	answer, err := http.PostForm(base+"/play/language", url.Values{"as": {"sam"}, "at": {"growth"}, "to": {"vi"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	in := h.last(t)
	used, ok := in.Act.(conversation.Used)
	if !ok || used.Intent.Verb != "settings.set" || used.Intent.Value != "language=vi" || in.Actor != "sam" || !in.Inline {
		t.Errorf("the switch came as %+v", in)
	}
	playtest.New(t, base).As("sam").SeesNot(playtest.Growth, "changed")
}

// A visitor begins in the channel, where a goal also belongs to its digest.
func TestFirstVisit(t *testing.T) {
	_, _, base := serve(t, nil)
	english := "Accept-Language: en"
	for _, want := range []string{`id="hint"`, `<h1 id="title">#growth</h1>`, "Move the clock (Hanoi time)"} {
		if page := get(t, base+"/?as=linh", english); !strings.Contains(page, want) {
			t.Errorf("the first page lacks %s", want)
		}
	}
	if page := get(t, base+"/", english, "Cookie: play-hint=off"); !strings.Contains(page, `data-insert="/goal new "`) ||
		!strings.Contains(page, `data-insert="/goal digest"`) {
		t.Error("the empty channel does not say what to type")
	}
}

// In the direct conversation everything is private, so that there is nothing to put away.
func TestDismissIsForSharedPlaces(t *testing.T) {
	_, _, base := serve(t, func(conversation.Input) (conversation.Answer, error) { return says("an answer") })
	sam := playtest.New(t, base).As("sam")
	for place, want := range map[string]bool{playtest.Direct: false, playtest.Growth: true} {
		sam.Type(place, "/goal list")
		if got := strings.Contains(get(t, base+"/?as=sam&at="+place), "/play/dismiss"); got != want {
			t.Errorf("%s: Dismiss is offered: %t", place, got)
		}
	}
}

// Whoever moves the clock learns where to look, without a script too.
func TestMoveTellsWhoWasWrittenTo(t *testing.T) {
	var f *playground.Face
	f = playground.New(playground.Config{
		Clock: playground.NewClock(func() time.Time { return start }), Handler: &talk{}, Log: slog.New(slog.DiscardHandler),
		Settle: func(ctx context.Context) error {
			for _, to := range []conversation.Address{{Person: "alex"}, {Person: "sam"}, {Channel: playground.Growth}} {
				if _, err := f.Post(ctx, playground.Workspace, message(string(to.Person), to, "morning"), ""); err != nil {
					return err
				}
			}
			return nil
		},
	})
	mux := http.NewServeMux()
	f.Routes(mux)
	server := httptest.NewServer(mux)
	t.Cleanup(func() { f.Close(); server.Close() })
	answer, err := http.PostForm(server.URL+"/play/clock", url.Values{"as": {"sam"}, "at": {"dm"}, "to": {"monday"}})
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if want := `role="status">Goalkeeper wrote to Sam, Alex and #growth.<`; err != nil || !strings.Contains(string(page), want) {
		t.Errorf("the page does not say %q (%v)", want, err)
	}
}

func TestEventsTellOfChanges(t *testing.T) {
	f, _, base := serve(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/play/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	expect := func(want string) {
		t.Helper()
		for lines.Scan() {
			if lines.Text() == want {
				return
			}
		}
		t.Fatalf("%q never came: %v", want, lines.Err())
	}
	expect("event: hello")
	if _, err := f.Post(t.Context(), playground.Workspace, message("k", conversation.Address{Person: "linh"}, "x"), ""); err != nil {
		t.Fatal(err)
	}
	expect("event: changed")
	f.Close()
	for lines.Scan() { // the stream ends, so that the server can shut down
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
}

func get(t *testing.T, address string, headers ...string) string {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	page, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s (%v)", address, answer.Status, err)
	}
	return string(page)
}

func status(t *testing.T, r *http.Request) int {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
