//go:build unix

package rig

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Certificates are an authority of our own, a server's certificate for loopback and a client's, as files in PEM.
type Certificates struct {
	CA, Cert, Key         string // the authority, and the server's pair
	ClientCert, ClientKey string
	pool                  *x509.CertPool
	client                tls.Certificate
}

// config lets a server speak TLS only, with clients who show a certificate.
func (c *Certificates) config(port int) []string {
	return []string{
		"port 0", fmt.Sprint("tls-port ", port), "tls-cert-file " + c.Cert, "tls-key-file " + c.Key, "tls-ca-cert-file " + c.CA,
		"tls-auth-clients yes", "tls-replication yes", "tls-cluster yes",
	}
}

// Query names the files that a client needs, as options of an address.
func (c *Certificates) Query() string {
	return "?tls_ca=" + c.CA + "&tls_cert=" + c.ClientCert + "&tls_key=" + c.ClientKey
}

// NewCertificates makes the files in a folder that exists. They are good for a day.
func NewCertificates(dir string) (*Certificates, error) {
	at := func(name string) string { return filepath.Join(dir, name) }
	c := &Certificates{
		CA: at("ca.pem"), Cert: at("server.pem"), Key: at("server.key"),
		ClientCert: at("client.pem"), ClientKey: at("client.key"), pool: x509.NewCertPool(),
	}
	authority, signer, err := issue("Goalkeeper tests", nil, nil, c.CA, at("ca.key"))
	if err != nil {
		return nil, err
	}
	c.pool.AddCert(authority)
	_, _, err1 := issue("localhost", authority, signer, c.Cert, c.Key)
	_, _, err2 := issue("goalkeeper", authority, signer, c.ClientCert, c.ClientKey)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	c.client, err = tls.LoadX509KeyPair(c.ClientCert, c.ClientKey)
	return c, err
}

// issue makes a certificate, signed by itself where there is no authority, and writes it with its key.
func issue(name string, authority *x509.Certificate, signer *ecdsa.PrivateKey, certFile, keyFile string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	now := time.Now()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if authority == nil {
		authority, signer = c, key
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	}
	der, err := x509.CreateCertificate(rand.Reader, c, authority, key.Public(), signer)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	made, err := x509.ParseCertificate(der)
	return made, key, errors.Join(err,
		os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
}
