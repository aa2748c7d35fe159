package bot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

const (
	// smallBody is what every connection may send at any time, in bytes: far more than a command, a button or an
	// event has.
	smallBody = 64 << 10
	// largeBodies is how many longer bodies are held at once. Together with MaxConnections this bounds the memory
	// that strangers can take: 1,024 × 64 KiB and 32 × 1 MiB.
	largeBodies = 32
)

type largeKey struct{}

// ReadBody reads a request's body whole, or answers for itself why it does not: it is too long, broken off, too
// slow for the server's patience, or long while many long ones are being held. Faces call it after they have
// looked at what the header alone can tell. done gives up the place of a long one; it is to be called in the end.
func ReadBody(w http.ResponseWriter, r *http.Request, longest int64) (body []byte, done func(), ok bool) {
	done = func() {}
	if r.ContentLength > longest {
		tooLong(w, longest)
		return nil, done, false
	}
	in := http.MaxBytesReader(w, r.Body, longest)
	body, err := io.ReadAll(io.LimitReader(in, smallBody+1))
	if err == nil && len(body) > smallBody {
		if done, ok = enterLarge(r.Context()); !ok {
			busy(w)
			return nil, func() {}, false
		}
		var rest []byte
		rest, err = io.ReadAll(in)
		body = append(body, rest...)
	}
	if err != nil {
		done()
		refuseBody(w, err, longest)
		return nil, func() {}, false
	}
	return body, done, true
}

// enterLarge takes a place for a long body; without a server around there is no limit.
func enterLarge(ctx context.Context) (leave func(), ok bool) {
	if large, bounded := ctx.Value(largeKey{}).(Room); bounded {
		return large.Enter()
	}
	return func() {}, true
}

func refuseBody(w http.ResponseWriter, err error, longest int64) {
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		tooLong(w, longest)
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		sentence(w, http.StatusRequestTimeout, "The request took too long to arrive.")
	default:
		sentence(w, http.StatusBadRequest, "The request ended before it was complete.")
	}
}

func tooLong(w http.ResponseWriter, longest int64) {
	w.Header().Set("Connection", "close")
	sentence(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("The request is too long: at most %d bytes are read.", longest))
}

// busy is the answer to what found no place.
func busy(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	sentence(w, http.StatusServiceUnavailable, "Too many requests at once. Try again in a second.")
}

// wholeBody reads the body before the handler begins.
func wholeBody(longest int64, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, done, ok := ReadBody(w, r, longest)
		if !ok {
			return
		}
		defer done()
		r.Body = io.NopCloser(bytes.NewReader(body))
		h.ServeHTTP(w, r)
	})
}
