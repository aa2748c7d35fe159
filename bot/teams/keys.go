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
	keysLast    = 24 * time.Hour   // a set is used so long
	looks       = 3                // fetches for unknown keys, of which anybody can make up any number,
	looksFor    = 15 * time.Minute // within so long
	failureWait = 5 * time.Second  // after a failed fetch
	fetchTime   = 5 * time.Second  // for metadata and keys together
	maxKeySet   = 1 << 20          // bytes
	minKeyBits  = 2048             // of an RSA key worth trusting
	staleAfter  = 7 * keysLast     // without the identity service, old keys are trusted no longer
	endorsement = teamsChannel     // a key without it signs for other channels
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

	mu      sync.Mutex // also held while fetching, so that one fetch serves everybody who waits
	keys    map[string]*rsa.PublicKey
	fetched time.Time        // the last good fetch
	failed  time.Time        // the last bad one
	looked  [looks]time.Time // the newest fetches for unknown keys, oldest first
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

// find is the key of this id, fetched if need be.
func (k *keyRing) find(ctx context.Context, id string) (*rsa.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.refresh(ctx); err != nil {
		return nil, err
	}
	key := k.keys[id]
	if key == nil && k.mayLook() {
		if err := k.fetch(ctx); err != nil {
			return nil, err
		}
		key = k.keys[id]
	}
	if key == nil {
		return nil, fmt.Errorf("no key %.60q endorsed for Teams", id)
	}
	return key, nil
}

// mayLook allows a few fetches for unknown keys and then makes them wait.
func (k *keyRing) mayLook() bool {
	if !k.looked[0].IsZero() && k.now().Sub(k.looked[0]) < looksFor {
		return false
	}
	copy(k.looked[:], k.looked[1:])
	k.looked[looks-1] = k.now()
	return true
}

// ready reports whether tokens can be checked.
func (k *keyRing) ready(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.refresh(ctx)
}

// refresh fetches when there are no keys or old ones. Old keys serve on for a while where a fetch fails.
func (k *keyRing) refresh(ctx context.Context) error {
	age := k.now().Sub(k.fetched)
	if k.keys != nil && age < keysLast {
		return nil
	}
	err := k.fetch(ctx)
	if err != nil && k.keys != nil && age < staleAfter {
		return nil
	}
	return err
}

// fetch asks for metadata and keys, soon after a failure not at all.
func (k *keyRing) fetch(ctx context.Context) error {
	if wait := k.now().Sub(k.failed); wait >= 0 && wait < failureWait {
		return errNoKeys
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTime)
	defer cancel()
	keys, err := k.download(ctx)
	if err != nil {
		k.failed = k.now()
		k.log.WarnContext(ctx, "teams: no signing keys", "metadata", k.metadataURL, "error", err)
		return fmt.Errorf("%w: %w", errNoKeys, err)
	}
	k.keys, k.fetched = keys, k.now()
	return nil
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
