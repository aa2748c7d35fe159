package teams

import (
	"context"
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// When keys are fetched again ("Authentication with the Bot Connector API").
const (
	keysLast    = 24 * time.Hour         // a set is used so long
	lookEvery   = time.Minute            // for an unknown key, of which anybody can make up any number; a real one waits as long
	oldPatience = 500 * time.Millisecond // for new keys, while the old ones serve
	failureWait = 5 * time.Second        // after a failed fetch
	fetchTime   = 5 * time.Second        // for metadata and keys together
	maxKeySet   = 1 << 20                // bytes
	minKeyBits  = 2048                   // of an RSA key worth trusting
	staleAfter  = 7 * keysLast           // without the identity service, old keys are trusted no longer
	endorsement = teamsChannel           // a key without it signs for other channels
)

// teamsChannel is the id of Teams among the channels of the Bot Framework.
const teamsChannel = "msteams"

// errNoKeys says that the identity service could not be asked; the activity is neither good nor bad.
var errNoKeys = errors.New("the keys that sign Teams' activities cannot be fetched")

// keyRing is the set of Microsoft's keys that sign activities from Teams: an oidc.KeySet that knows
// endorsements, and that no stranger can make fetch again and again.
type keyRing struct {
	metadataURL string
	http        *http.Client
	now         func() time.Time
	log         *slog.Logger

	mu      sync.Mutex // never held while fetching
	keys    map[string]*rsa.PublicKey
	fetched time.Time // the last good fetch
	failed  time.Time // the last bad one
	looked  time.Time // the last fetch for an unknown key
	under   *fetching // under way, one for all who wait
}

// fetching is one fetch.
type fetching struct {
	done chan struct{}
	err  error
}

var _ oidc.KeySet = (*keyRing)(nil)

// VerifySignature returns the payload of a token that a known key signed.
func (k *keyRing) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	id, err := keyID(jwt)
	if err != nil {
		return nil, err
	}
	key, err := k.find(ctx, id)
	if err != nil {
		return nil, err
	}
	set := oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{key}}
	return set.VerifySignature(ctx, jwt)
}

func keyID(jwt string) (string, error) {
	head, _, _ := strings.Cut(jwt, ".")
	raw, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return "", fmt.Errorf("the token's header: %w", err)
	}
	var header struct {
		Kid string `json:"kid"`
	}
	if err := json.Unmarshal(raw, &header); err != nil {
		return "", fmt.Errorf("the token's header: %w", err)
	}
	return header.Kid, nil
}

// find is the key of this id. Whoever has a known key never waits for those who have not.
func (k *keyRing) find(ctx context.Context, id string) (*rsa.PublicKey, error) {
	if err := k.ready(ctx); err != nil {
		return nil, err
	}
	key, look := k.known(id)
	if key == nil && look {
		if err := k.fetch(ctx); err != nil {
			return nil, err
		}
		key, _ = k.known(id)
	}
	if key == nil {
		return nil, fmt.Errorf("no key %.60q endorsed for Teams", id)
	}
	return key, nil
}

// known is a key, or whether it is time to look for it.
func (k *keyRing) known(id string) (key *rsa.PublicKey, look bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key = k.keys[id]
	if key != nil || k.under != nil {
		return key, key == nil // whoever is looking looks for this one, too
	}
	if look = k.looked.IsZero() || k.now().Sub(k.looked) >= lookEvery; look {
		k.looked = k.now()
	}
	return nil, look
}

// ready reports whether tokens can be checked. It fetches when there are no keys or old ones; old keys serve on for
// a while where a fetch fails or takes long.
func (k *keyRing) ready(ctx context.Context) error {
	k.mu.Lock()
	age, none := k.now().Sub(k.fetched), k.keys == nil
	k.mu.Unlock()
	switch {
	case !none && age < keysLast:
		return nil
	case !none && age < staleAfter:
		ctx, cancel := context.WithTimeout(ctx, oldPatience)
		defer cancel()
		_ = k.fetch(ctx)
		return nil
	}
	return k.fetch(ctx)
}

// fetch asks for metadata and keys, or waits for somebody who does; soon after a failure it does not ask at all.
func (k *keyRing) fetch(ctx context.Context) error {
	under := k.join(ctx)
	if under == nil {
		return errNoKeys
	}
	select {
	case <-under.done:
		return under.err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errNoKeys, ctx.Err())
	}
}

func (k *keyRing) join(ctx context.Context) *fetching {
	k.mu.Lock()
	defer k.mu.Unlock()
	wait := k.now().Sub(k.failed)
	if k.under == nil && (wait < 0 || wait >= failureWait) {
		k.under = &fetching{done: make(chan struct{})}
		go k.run(context.WithoutCancel(ctx), k.under) // it serves all who wait, so it ends with none of them
	}
	return k.under
}

func (k *keyRing) run(ctx context.Context, f *fetching) {
	defer close(f.done)
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	keys, err := k.download(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.under = nil
	if err != nil {
		k.failed = k.now()
		k.log.WarnContext(ctx, "teams: no signing keys", "metadata", k.metadataURL, "error", err)
		f.err = fmt.Errorf("%w: %w", errNoKeys, err)
		return
	}
	k.keys, k.fetched = keys, k.now()
}

func (k *keyRing) download(ctx context.Context) (map[string]*rsa.PublicKey, error) {
	var metadata struct {
		KeysURL string `json:"jwks_uri"`
	}
	if err := k.get(ctx, k.metadataURL, &metadata); err != nil {
		return nil, err
	}
	var set struct {
		Keys []webKey `json:"keys"`
	}
	if err := k.get(ctx, metadata.KeysURL, &set); err != nil {
		return nil, err
	}
	keys := map[string]*rsa.PublicKey{}
	for _, w := range set.Keys {
		if key := w.public(); key != nil {
			keys[w.Kid] = key
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("no key in the set is endorsed for Teams")
	}
	return keys, nil
}

func (k *keyRing) get(ctx context.Context, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := k.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", url, resp.Status)
	}
	return json.NewDecoder(io.LimitReader(resp.Body, maxKeySet)).Decode(into)
}

// webKey is a key of the set, with what the Bot Framework adds to RFC 7517.
type webKey struct {
	Kty          string   `json:"kty"`
	Kid          string   `json:"kid"`
	N            string   `json:"n"`
	E            string   `json:"e"`
	Endorsements []string `json:"endorsements"`
}

// public is the key, nil unless it is one that may sign for Teams.
func (w webKey) public() *rsa.PublicKey {
	n, errN := base64.RawURLEncoding.DecodeString(strings.TrimRight(w.N, "="))
	e, errE := base64.RawURLEncoding.DecodeString(strings.TrimRight(w.E, "="))
	if w.Kty != "RSA" || w.Kid == "" || errN != nil || errE != nil || len(e) == 0 || len(e) > 4 || !slices.Contains(w.Endorsements, endorsement) {
		return nil
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	if key.N.BitLen() < minKeyBits || key.E < 3 {
		return nil
	}
	return key
}
