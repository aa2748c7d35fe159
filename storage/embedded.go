package storage

import (
	"context"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// patience is what a command in the process gets: there is no outage to be noticed, only a busy machine.
const patience = 30 * time.Second

// inProcess starts a miniredis without a port. It does not let TTLs run down, which only means that garbage
// stays until the process ends.
func inProcess() place {
	server := miniredis.NewMiniRedis()
	o := &redis.UniversalOptions{Addrs: []string{"embedded"}, Dialer: func(context.Context, string, string) (net.Conn, error) {
		conn, err := server.Dial()
		if err != nil {
			return nil, err
		}
		return post(conn), nil
	}}
	limit(o, patience)
	return place{name: "the embedded store", memory: true, options: o, budget: patience, close: func() error {
		server.Close()
		return nil
	}}
}

// posted is a connection whose writes do not wait for the reader. A pipe in memory holds nothing, so a client
// that writes many commands and a server that answers the first would wait for each other for ever.
type posted struct {
	net.Conn
	letters chan []byte
	closed  chan struct{}
	once    sync.Once
}

func post(c net.Conn) *posted {
	p := &posted{Conn: c, letters: make(chan []byte, 1024), closed: make(chan struct{})}
	go p.deliver()
	return p
}

func (p *posted) deliver() {
	for {
		select {
		case <-p.closed:
			return
		case letter := <-p.letters:
			if _, err := p.Conn.Write(letter); err != nil {
				_ = p.Close()
				return
			}
		}
	}
}

// Write leaves the bytes for delivery.
func (p *posted) Write(b []byte) (int, error) {
	select {
	case <-p.closed:
		return 0, io.ErrClosedPipe
	case p.letters <- slices.Clone(b):
		return len(b), nil
	}
}

// Close ends both directions.
func (p *posted) Close() error {
	p.once.Do(func() { close(p.closed) })
	return p.Conn.Close()
}

// SetDeadline is about reading alone, as SetWriteDeadline is about nothing: delivery has no one who waits.
func (p *posted) SetDeadline(t time.Time) error { return p.SetReadDeadline(t) }

// SetWriteDeadline does nothing.
func (p *posted) SetWriteDeadline(time.Time) error { return nil }
