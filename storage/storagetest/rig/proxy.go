//go:build unix

package rig

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Proxy is the network in front of a server, which can be made worse. What makes it worse lasts until Mend.
type Proxy struct {
	proxy  *toxiproxy.Proxy
	scheme string
}

// Front puts a network in front of a server.
func (s *Server) Front() (*Proxy, error) {
	zerolog.SetGlobalLevel(zerolog.Disabled) // the toxics have loggers of their own
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := &Proxy{proxy: toxiproxy.NewProxy(api, "redis", "127.0.0.1:0", s.Addr())}
	p.scheme, _, _ = strings.Cut(s.URL(), "://")
	if err := p.proxy.Start(); err != nil {
		return nil, fmt.Errorf("putting a network in front of %s: %w", s.Addr(), err)
	}
	return p, nil
}

// Addr is host and port of the near end.
func (p *Proxy) Addr() string { return p.proxy.Listen }

// URL is the address of the server, through this network.
func (p *Proxy) URL() string { return p.scheme + "://" + p.Addr() }

// Cut lets everything that is sent vanish, without a word, as a firewall or a dead switch does.
func (p *Proxy) Cut() error {
	return p.worse("timeout", `{"timeout":0}`, "upstream", "downstream")
}

// Latency delays every answer.
func (p *Proxy) Latency(d time.Duration) error {
	return p.worse("latency", fmt.Sprintf(`{"latency":%d}`, d.Milliseconds()), "downstream")
}

// Bandwidth lets so many kilobytes a second through, in each direction.
func (p *Proxy) Bandwidth(kilobytes int) error {
	return p.worse("bandwidth", fmt.Sprintf(`{"rate":%d}`, kilobytes), "upstream", "downstream")
}

// Reset ends every connection on which the server answers, before the answer arrives: what was asked has happened.
func (p *Proxy) Reset() error {
	return p.worse("reset_peer", `{"timeout":0}`, "downstream")
}

func (p *Proxy) worse(kind, how string, streams ...string) error {
	for _, stream := range streams {
		toxic := fmt.Sprintf(`{"type":%q,"stream":%q,"attributes":%s}`, kind, stream, how)
		if _, err := p.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
			return fmt.Errorf("making the network worse (%s): %w", kind, err)
		}
	}
	return nil
}

// Mend makes the network well again.
func (p *Proxy) Mend(ctx context.Context) { p.proxy.Toxics.ResetToxics(ctx) }

// Close ends the network and every connection through it.
func (p *Proxy) Close() { p.proxy.Stop() }
