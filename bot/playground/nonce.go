package playground

import (
	"crypto/rand"
	"regexp"
	"sync"
)

// newNonce is a fresh random name for a rendered composer or form.
func newNonce() string { return rand.Text() }

var nonceShape = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

// givenNonce is the nonce that came back, or a fresh one for callers that send none.
func givenNonce(s string) string {
	if nonceShape.MatchString(s) {
		return s
	}
	return newNonce()
}

// recent remembers the newest nonces, for acts of the playground itself.
type recent struct {
	mu    sync.Mutex
	known map[string]bool
	order []string
}

const recentNonces = 256

// first reports whether the nonce comes for the first time.
func (r *recent) first(nonce string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known[nonce] {
		return false
	}
	if r.known == nil {
		r.known = map[string]bool{}
	}
	r.known[nonce] = true
	r.order = append(r.order, nonce)
	if len(r.order) > recentNonces {
		delete(r.known, r.order[0])
		r.order = r.order[1:]
	}
	return true
}
