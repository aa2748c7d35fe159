package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Server is the HTTP server that all faces share. It bounds what strangers can ask of it: connections, the size and
// the time of a request, and the memory of all together.
type Server struct {
	ServerOptions
	mux         *http.ServeMux
	slots       Room // for Handle
	streams     Room
	large       Room // for long bodies
	connections connections
	refused     Tally
	ending      context.Context
	end         context.CancelFunc
	health      health
}

// ServerOptions are what a Server needs; each has a default.
type ServerOptions struct {
	// Ready are the checks behind GET /readyz, by the name of what they check.
	Ready map[string]func(context.Context) error
	// Warnings are told by GET /readyz, too, without making it red.
	Warnings map[string]func(context.Context) []string
	Log      *slog.Logger

	MaxBody   int64         // default 1 MiB
	MaxConns  int           // connections, default 1,024; beyond, new ones drive out those that prove nothing
	AtOnce    int           // requests that Handle answers at once, default 256; more are turned away
	Streams   int           // streams open at once, default 64
	Header    time.Duration // to read a request's header, default 3 s
	Request   time.Duration // to read all of a request, default 5 s; Slack itself waits no longer than 3
	Response  time.Duration // to answer it, default 30 s
	Idle      time.Duration // to keep a connection without a request, default 90 s
	Grace     time.Duration // for requests under way at the end, default 10 s
	CheckTime time.Duration // for one readiness check, default 2 s
}

const maxHeader = 64 << 10

// NewServer makes a server that answers /healthz and /readyz.
func NewServer(o ServerOptions) *Server {
	o.MaxBody = cmp.Or(o.MaxBody, 1<<20)
	o.MaxConns = cmp.Or(o.MaxConns, 1024)
	o.AtOnce = cmp.Or(o.AtOnce, 256)
	o.Streams = cmp.Or(o.Streams, 64)
	o.Header = cmp.Or(o.Header, 3*time.Second)
	o.Request = cmp.Or(o.Request, 5*time.Second)
	o.Response = cmp.Or(o.Response, 30*time.Second)
	o.Idle = cmp.Or(o.Idle, 90*time.Second)
	o.Grace = cmp.Or(o.Grace, 10*time.Second)
	o.CheckTime = cmp.Or(o.CheckTime, 2*time.Second)
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Server{
		ServerOptions: o,
		mux:           http.NewServeMux(),
		slots:         NewRoom(o.AtOnce),
		streams:       NewRoom(o.Streams),
		large:         NewRoom(largeBodies),
		connections:   connections{most: o.MaxConns},
		health:        health{checks: o.Ready, warnings: o.Warnings, within: o.CheckTime},
	}
	s.ending, s.end = context.WithCancel(context.Background())
	s.mux.HandleFunc("GET /healthz", alive)
	s.mux.Handle("GET /readyz", &s.health)
	return s
}

// Handle serves a pattern of net/http ("POST /slack/events"). The handler finds a body that is there as a whole
// and no longer than MaxBody.
func (s *Server) Handle(pattern string, h http.Handler) {
	s.mux.Handle(pattern, limit(s.slots, wholeBody(s.MaxBody, h)))
}

// Face serves a pattern of a platform's face. It reads the body itself, by ReadBody, once the header looks right,
// tells by Prove when a request is its platform's, and has rooms of its own for what it then does: strangers take
// no place from anybody.
func (s *Server) Face(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// Stream serves a pattern with answers that stay open. Their time is not bounded, but their number is, and their
// context ends when the server does.
func (s *Server) Stream(pattern string, h http.Handler) {
	s.mux.Handle(pattern, limit(s.streams, s.openEnded(h)))
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = r.WithContext(context.WithValue(r.Context(), largeKey{}, s.large))
	s.logged(contained(s.Log, s.mux)).ServeHTTP(w, r)
}

// Run serves the listener until ctx ends, then lets the requests under way finish, at most for the grace. The
// listener is closed in any case. It may be called once.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	requests, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.Header,
		ReadTimeout:       s.Request,
		WriteTimeout:      s.Response,
		IdleTimeout:       s.Idle,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return requests },
		ConnContext:       s.connections.welcome,
		ConnState:         s.connections.changed,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug), // strangers' broken connections
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		s.end()
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.end()
	return s.shutDown(ctx, server, served)
}

func (s *Server) shutDown(ctx context.Context, server *http.Server, served <-chan error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Grace)
	defer cancel()
	err := server.Shutdown(ctx)
	if err != nil {
		err = fmt.Errorf("requests were still under way %s after the end: %w", s.Grace, errors.Join(err, server.Close()))
	}
	if last := <-served; !errors.Is(last, http.ErrServerClosed) {
		err = errors.Join(err, last)
	}
	return err
}
