package slack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"goalkeeper/bot"
)

// maxBody bounds a request; Slack's largest are far below.
const maxBody = 1 << 20

// Routes adds Slack's three request URLs.
func (f *Face) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /slack/commands", f.serve(commands))
	mux.HandleFunc("POST /slack/interactions", f.serve(interactions))
	mux.HandleFunc("POST /slack/events", f.serve(events))
}

func (f *Face) serve(kind envelope) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		since := clock{time.Now()}
		if err := signed(f.cfg.SigningSecret, r.Header, f.cfg.Clock()); err != nil {
			f.stranger(w, r, err)
			return
		}
		body, done, ok := bot.ReadBody(w, r, maxBody)
		defer done()
		if !ok {
			return
		}
		if err := verify(f.cfg.SigningSecret, r.Header, body); err != nil {
			f.stranger(w, r, err)
			return
		}
		bot.Prove(r)
		payload, err := fromForm(kind, body)
		if err != nil {
			unreadable(w)
			return
		}
		if word, ok := handshake(kind, payload); ok {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = io.WriteString(w, word)
			return
		}
		attempt, _ := strconv.Atoi(r.Header.Get("X-Slack-Retry-Num"))
		answer, err := f.receive(r.Context(), kind, payload, attempt, since)
		f.finish(w, r, answer, err)
	}
}

// stranger turns away what Slack did not sign. Anybody can send any number of these.
func (f *Face) stranger(w http.ResponseWriter, r *http.Request, err error) {
	if unwritten, write := f.strangers.Note(time.Now()); write {
		f.cfg.Log.WarnContext(r.Context(), "a request was not from Slack", "path", r.URL.Path, "error", err, unwritten)
	}
	http.Error(w, "the signature does not hold", http.StatusUnauthorized)
}

// handshake recognises Slack's tests of the request URLs, and what it wants to hear.
func handshake(kind envelope, payload []byte) (string, bool) {
	var test struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
		SSL       string `json:"ssl_check"`
	}
	if json.Unmarshal(payload, &test) != nil {
		return "", false
	}
	switch {
	case kind == events && test.Type == "url_verification":
		return test.Challenge, true
	case kind == commands && test.SSL == "1":
		return "", true
	}
	return "", false
}

func unreadable(w http.ResponseWriter) {
	w.Header().Set("X-Slack-No-Retry", "1")
	http.Error(w, "the payload cannot be read", http.StatusBadRequest)
}

// finish acknowledges over HTTP.
func (f *Face) finish(w http.ResponseWriter, r *http.Request, answer ack, err error) {
	switch {
	case errors.Is(err, errForeign):
		w.Header().Set("X-Slack-No-Retry", "1")
		http.Error(w, "another workspace", http.StatusForbidden)
		return
	case err != nil:
		f.cfg.Log.WarnContext(r.Context(), "a payload was not understood", "path", r.URL.Path, "error", err)
		unreadable(w)
		return
	}
	answer, begin := f.settle(r.Context(), answer)
	switch {
	case answer.again:
		http.Error(w, "not now, please again", http.StatusInternalServerError)
	case answer.body != nil:
		f.writeJSON(r.Context(), w, answer.body)
	default:
		w.WriteHeader(http.StatusOK)
	}
	begin()
}

func (f *Face) writeJSON(ctx context.Context, w http.ResponseWriter, body any) {
	content, err := json.Marshal(body)
	if err != nil {
		f.cfg.Log.ErrorContext(ctx, "an answer was not encoded", "error", err)
		w.WriteHeader(http.StatusOK)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(content)
}
