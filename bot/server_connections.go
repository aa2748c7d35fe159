package bot

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// connections bounds how many there are. When all are taken, a new one drives out the one that has gone longest
// without proving itself, and none that has: strangers who connect and dawdle only ever displace each other.
type connections struct {
	most int

	mu    sync.Mutex
	open  map[net.Conn]*connection
	drove int // out, ever
}

// connection is one of them. It proves itself by a request that a face found to be its platform's.
type connection struct {
	since  time.Time
	proven bool
	owner  *connections
}

// come notes a new connection and makes room for it. Where all are proven, the new one has to go.
func (c *connections) come(conn net.Conn) *connection {
	one := &connection{since: time.Now(), owner: c}
	c.mu.Lock()
	if c.open == nil {
		c.open = map[net.Conn]*connection{}
	}
	c.open[conn] = one
	var out net.Conn
	if len(c.open) > c.most {
		out = c.slowest()
		delete(c.open, out)
		c.drove++
	}
	c.mu.Unlock()
	if out != nil {
		_ = out.Close() // whoever reads from it hears of it
	}
	return one
}

// slowest is the oldest connection that did not prove itself.
func (c *connections) slowest() net.Conn {
	var found net.Conn
	for conn, one := range c.open {
		if !one.proven && (found == nil || one.since.Before(c.open[found].since)) {
			found = conn
		}
	}
	return found
}

// changed forgets what ended. It is the server's ConnState hook.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	if state == http.StateClosed || state == http.StateHijacked {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.open, conn)
	}
}

type connectionKey struct{}

// Prove tells that the request is surely its platform's, so that its connection is kept when strangers throng.
func Prove(r *http.Request) {
	if one, ok := r.Context().Value(connectionKey{}).(*connection); ok {
		one.owner.mu.Lock()
		defer one.owner.mu.Unlock()
		one.proven = true
	}
}

// welcome is the server's ConnContext hook.
func (c *connections) welcome(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c.come(conn))
}
