package storage

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"
)

// Option changes how a store connects.
type Option func(*place) error

// WithName shows in Redis' CLIENT LIST who is connected; without it, "goalkeeper".
func WithName(name string) Option {
	return func(p *place) error {
		p.options.ClientName = name
		return nil
	}
}

// TLS names files in PEM for connections of rediss:// and its relatives. Empty ones are not used: without CA the
// system's authorities are trusted, without Cert and Key the server is shown no certificate.
type TLS struct{ CA, Cert, Key string }

// WithTLS reads the files when the store is opened.
func WithTLS(files TLS) Option {
	return func(p *place) error {
		if files == (TLS{}) {
			return nil
		}
		if p.options.TLSConfig == nil {
			return errors.New("files for TLS are set, but the store's address is without: it must begin with rediss")
		}
		return files.into(p.options.TLSConfig)
	}
}

func (f TLS) into(c *tls.Config) error {
	if f.CA != "" {
		pem, err := os.ReadFile(f.CA)
		if err != nil {
			return fmt.Errorf("reading the store's certificate authority: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("the store's certificate authority %s holds no certificate in PEM", f.CA)
		}
	}
	if (f.Cert == "") != (f.Key == "") {
		return errors.New("a client certificate for the store needs both files, the certificate and its key")
	}
	if f.Cert != "" {
		pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
		if err != nil {
			return fmt.Errorf("reading the client certificate for the store: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return nil
}

// MaxWait is the longest that replicas may be waited for: with the change itself it must fit into the time in
// which Redis has to answer.
const MaxWait = 500 * time.Millisecond

// WithWait asks after each saved change that this many replicas have it, and waits for their word so long. The
// change stands in any case; Warnings says when too few had it. The embedded store has no replicas to ask.
func WithWait(replicas int, within time.Duration) Option {
	return func(p *place) error {
		if replicas < 0 || replicas > 0 && (within < time.Millisecond || within > MaxWait) {
			return fmt.Errorf("replicas can be waited for between 1ms and %s", MaxWait)
		}
		if replicas > 0 && !p.memory {
			p.confirm = &confirm{replicas: replicas, within: within}
		}
		return nil
	}
}
