package playground

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

const (
	maxBody   = 512 << 10 // a form of many long fields, as browsers encode Vietnamese
	maxTyped  = 16 << 10  // bytes of one typed line
	maxValues = card.MaxFields
)

// Routes serves the page at / and everything it needs under /play/.
func (f *Face) Routes(mux *http.ServeMux) {
	mux.Handle("GET /{$}", f.guard(f.page))
	mux.Handle("GET /play/state", f.guard(f.getState))
	mux.Handle("GET /play/events", f.guard(f.events))
	mux.Handle("GET /play/style.css", f.guard(static("style.css", "text/css; charset=utf-8")))
	mux.Handle("GET /play/script.js", f.guard(static("script.js", "text/javascript; charset=utf-8")))
	mux.Handle("GET /play/icon.svg", f.guard(static("icon.svg", "image/svg+xml")))
	mux.Handle("POST /play/type", f.guard(f.postType))
	mux.Handle("POST /play/press", f.guard(f.postPress))
	mux.Handle("POST /play/submit", f.guard(f.postSubmit))
	mux.Handle("POST /play/dismiss", f.guard(f.postDismiss))
	mux.Handle("POST /play/clock", f.guard(f.postClock))
	mux.Handle("POST /play/language", f.guard(f.postLanguage))
	mux.Handle("POST /play/hint", f.guard(f.postHint))
}

// guard lets only the page itself, and programs that are no browsers, reach the playground: no other site's
// page, whether it posts a form here or has its own name resolve to this machine.
func (f *Face) guard(h http.HandlerFunc) http.Handler {
	sameOrigin := http.NewCrossOriginProtection().Handler(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r.Host) {
			http.Error(w, "the playground answers to localhost only", http.StatusMisdirectedRequest)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; "+
			"connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "same-origin")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		sameOrigin.ServeHTTP(w, r)
	})
}

// local reports whether the host of a request names this machine.
func local(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	if name == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.IsLoopback()
}

// posted reads the form of a request and who sent it; it answers by itself when that cannot be.
func posted(w http.ResponseWriter, r *http.Request) (deed, bool) {
	err := r.ParseForm()
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		refuse(w, http.StatusRequestEntityTooLarge, "that is more than the playground takes at once; nothing was changed")
		return deed{}, false
	case err != nil:
		refuse(w, http.StatusBadRequest, "the request cannot be read; nothing was changed")
		return deed{}, false
	}
	who := find(goal.PersonID(r.PostForm.Get("as")))
	if who == nil {
		refuse(w, http.StatusBadRequest, "as must name linh, alex or sam")
		return deed{}, false
	}
	return deed{who: who, at: where(r.PostForm.Get("at")), nonce: givenNonce(r.PostForm.Get("nonce"))}, true
}

func (f *Face) postType(w http.ResponseWriter, r *http.Request) {
	d, ok := posted(w, r)
	if !ok {
		return
	}
	text := strings.TrimSpace(r.PostForm.Get("text"))
	switch {
	case len(text) > maxTyped:
		refuse(w, http.StatusRequestEntityTooLarge, "that line is longer than the playground takes; nothing was sent")
		return
	case d.at == atHome:
		refuse(w, http.StatusBadRequest, "nothing can be typed at home")
		return
	case text != "":
		f.typed(r.Context(), d, strings.ToValidUTF8(text, "\uFFFD"))
	}
	f.done(w, r, d)
}

// meant reads who used which control; false when that was refused.
func meant(w http.ResponseWriter, r *http.Request) (deed, card.Intent, bool) {
	d, ok := posted(w, r)
	if !ok {
		return deed{}, card.Intent{}, false
	}
	intent, err := card.ParseIntent(r.PostForm.Get("intent"))
	if err != nil {
		refuse(w, http.StatusBadRequest, "intent: "+err.Error())
		return deed{}, card.Intent{}, false
	}
	return d, intent, true
}

func (f *Face) postPress(w http.ResponseWriter, r *http.Request) {
	d, intent, ok := meant(w, r)
	if !ok {
		return
	}
	f.pressed(r.Context(), d, r.PostForm.Get("message"), intent)
	f.done(w, r, d)
}

func (f *Face) postSubmit(w http.ResponseWriter, r *http.Request) {
	d, intent, ok := meant(w, r)
	if !ok {
		return
	}
	values, err := formValues(r.PostForm)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	f.submitted(r.Context(), d, r.PostForm.Get("form"), intent, values)
	f.done(w, r, d)
}

// formValues are the fields of the person's form: "v.title" is the field "title".
func formValues(form url.Values) (map[string]string, error) {
	values := map[string]string{}
	for name := range form {
		field, ours := strings.CutPrefix(name, "v.")
		if !ours {
			continue
		}
		// Browsers write line ends of text areas as CR LF.
		v := strings.ReplaceAll(form.Get(name), "\r\n", "\n")
		values[field] = strings.ToValidUTF8(v, "\uFFFD")
	}
	if len(values) > maxValues {
		return nil, errors.New("no form has that many fields")
	}
	return values, nil
}

// postDismiss closes a form, or takes a private answer away.
func (f *Face) postDismiss(w http.ResponseWriter, r *http.Request) {
	d, ok := posted(w, r)
	if !ok {
		return
	}
	f.board.close(d.who.id, r.PostForm.Get("form"))
	f.board.dismiss(r.PostForm.Get("message"), d.who.id)
	f.done(w, r, d)
}

func (f *Face) postClock(w http.ResponseWriter, r *http.Request) {
	d, ok := posted(w, r)
	if !ok {
		return
	}
	to, err := Move(r.PostForm.Get("to")).from(f.clock.Now(), d.who.zone)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	before := f.board.newest()
	if f.moves.first(d.nonce) {
		if err := f.walk(r.Context(), to); err != nil {
			f.log.Error("the clock was moved, but not all that was due is done", "error", err)
			refuse(w, http.StatusInternalServerError, "not everything that was due could be done; it is tried again by itself")
			return
		}
		f.board.touch()
	}
	f.answer(w, r, d, address(d.who, d.at)+"&since="+strconv.Itoa(before))
}

// postLanguage switches the page, and with it what the bot writes to the person.
func (f *Face) postLanguage(w http.ResponseWriter, r *http.Request) {
	d, ok := posted(w, r)
	if !ok {
		return
	}
	if l := r.PostForm.Get("to"); l == "en" || l == "vi" {
		remember(w, languageCookie, l)
		f.speak(r.Context(), d, l)
	}
	f.done(w, r, d)
}

func (f *Face) postHint(w http.ResponseWriter, r *http.Request) {
	d, ok := posted(w, r)
	if !ok {
		return
	}
	remember(w, hintCookie, "off")
	f.done(w, r, d)
}

// The cookies keep how the visitor wants the page, and nothing else.
const (
	languageCookie = "play-language"
	hintCookie     = "play-hint"
)

func remember(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // plain HTTP on loopback, where nothing could be Secure
		Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (f *Face) getState(w http.ResponseWriter, r *http.Request) {
	who := find(goal.PersonID(r.URL.Query().Get("as")))
	if who == nil {
		refuse(w, http.StatusBadRequest, "as must name linh, alex or sam")
		return
	}
	writeJSON(w, http.StatusOK, f.state(r.Context(), who, where(r.URL.Query().Get("at"))))
}

// done answers a deed with what is to be seen now.
func (f *Face) done(w http.ResponseWriter, r *http.Request, d deed) {
	f.answer(w, r, d, address(d.who, d.at))
}

// answer gives a program the state, and leads a browser to the page.
func (f *Face) answer(w http.ResponseWriter, r *http.Request, d deed, page string) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Accept")); err == nil && kind == "application/json" {
		writeJSON(w, http.StatusOK, f.state(r.Context(), d.who, d.at))
		return
	}
	http.Redirect(w, r, page, http.StatusSeeOther)
}

// address is the page of a person in a place.
func address(who *person, at spot) string {
	return "/?" + url.Values{"as": {string(who.id)}, "at": {string(at)}}.Encode()
}

// refuse tells programs and the page's script why nothing was done.
func refuse(w http.ResponseWriter, status int, why string) {
	writeJSON(w, status, map[string]string{"error": why})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the reader went away; nobody is left to tell
}

// static serves one of the page's own files.
func static(name, kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		file, err := web.Open("web/" + name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		defer func() { _ = file.Close() }()
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = io.Copy(w, file) // as above
	}
}
