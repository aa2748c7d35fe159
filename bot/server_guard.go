package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// sentence answers with a line of plain text.
func sentence(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

// limit turns requests away when all places are taken: better a quick "later" than everybody waiting.
func limit(room Room, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leave, ok := room.Enter()
		if !ok {
			busy(w)
			return
		}
		defer leave()
		h.ServeHTTP(w, r)
	})
}

// openEnded lifts the time limits of the connection, and ends the request with the server.
func (s *Server) openEnded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		if err := errors.Join(control.SetReadDeadline(time.Time{}), control.SetWriteDeadline(time.Time{})); err != nil {
			s.Log.DebugContext(r.Context(), "a stream keeps its time limit", "error", err)
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(s.ending, cancel)() //nolint:contextcheck // a stream ends with the server, too
		h.ServeHTTP(w, r.WithContext(ctx))
	})
}

// contained answers for a handler that panics.
func contained(log *slog.Logger, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer catch(log, w, r)
		h.ServeHTTP(w, r)
	})
}

// catch is deferred around a handler. The stack of its panic goes to the log, never to the stranger.
func catch(log *slog.Logger, w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) { // the handler's own way of hanging up
		panic(p)
	}
	log.ErrorContext(r.Context(), "a request's handler panicked", "route", r.Pattern,
		"panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
	if begun, ok := w.(*account); ok && begun.status != 0 {
		panic(http.ErrAbortHandler) // half an answer must not look whole
	}
	sentence(w, http.StatusInternalServerError, "Something went wrong here, and it was written down. Try again in a minute.")
}

// account keeps what the log tells of an answer.
type account struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// Unwrap lets http.ResponseController reach the connection.
func (a *account) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader notes the status.
func (a *account) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write notes the length.
func (a *account) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Flush sends what was written so far, for streams.
func (a *account) Flush() { _ = http.NewResponseController(a.ResponseWriter).Flush() }

// logged writes one line for each request: its route, and never its path, query or body, which may hold secrets
// and people's words. Of refusals, which anybody can cause in any number, a flood is counted.
func (s *Server) logged(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &account{ResponseWriter: w}
		defer s.settle(a, r, time.Now())
		h.ServeHTTP(a, r)
		a.status = cmp.Or(a.status, http.StatusOK)
	})
}

func (s *Server) settle(a *account, r *http.Request, began time.Time) {
	var unwritten slog.Attr
	if a.status >= 400 {
		var write bool
		if unwritten, write = s.refused.Note(time.Now()); !write {
			return
		}
	}
	s.Log.Log(r.Context(), level(r.Pattern, a.status), "request", "method", method(r), "route", r.Pattern,
		"status", a.status, "bytes", a.bytes, "took", time.Since(began).Round(time.Millisecond), unwritten)
}

func level(route string, status int) slog.Level {
	switch {
	case route == "GET /healthz" || route == "GET /readyz":
		return slog.LevelDebug
	case status >= 500:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// method is the request's, unless a stranger made one up.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}
