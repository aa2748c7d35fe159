package teams

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func segment(v any) string {
	raw, _ := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// token signs claims as the identity service would; edits make it a bad one.
func (h *house) token(kid string, key *rsa.PrivateKey, edit func(header, claims map[string]any)) string {
	header := map[string]any{"typ": "JWT", "alg": "RS256", "kid": kid}
	claims := map[string]any{"iss": issuer, "aud": testApp, "serviceurl": h.outside.service(),
		"nbf": testNow.Add(-time.Minute).Unix(), "exp": testNow.Add(time.Hour).Unix()}
	if edit != nil {
		edit(header, claims)
	}
	input := segment(header) + "." + segment(claims)
	sum := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		h.t.Fatal(err)
	}
	return "Bearer " + input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func claim(name string, value any) func(_, claims map[string]any) {
	return func(_, claims map[string]any) { claims[name] = value }
}

func TestTokens(t *testing.T) {
	h := newHouse(t, withAuth)
	good, unendorsed, strange := testKeys()[0], testKeys()[1], testKeys()[2]
	since := func(d time.Duration) int64 { return testNow.Add(d).Unix() }
	valid := h.token("k1", good, nil)
	for name, c := range map[string]struct {
		header string
		want   int
	}{
		"valid":               {valid, http.StatusOK},
		"scheme in any case":  {"bearer" + valid[len("Bearer"):], http.StatusOK},
		"expired within skew": {h.token("k1", good, claim("exp", since(-2*time.Minute))), http.StatusOK},
		"early within skew":   {h.token("k1", good, claim("nbf", since(2*time.Minute))), http.StatusOK},
		"wrong audience":      {h.token("k1", good, claim("aud", "another")), http.StatusUnauthorized},
		"no audience":         {h.token("k1", good, func(_, c map[string]any) { delete(c, "aud") }), http.StatusUnauthorized},
		"wrong issuer":        {h.token("k1", good, claim("iss", "https://sts.example.com")), http.StatusUnauthorized},
		"expired":             {h.token("k1", good, claim("exp", since(-time.Hour))), http.StatusUnauthorized},
		"no end":              {h.token("k1", good, func(_, c map[string]any) { delete(c, "exp") }), http.StatusUnauthorized},
		"not yet valid":       {h.token("k1", good, claim("nbf", since(time.Hour))), http.StatusUnauthorized},
		"unknown key":         {h.token("k9", strange, nil), http.StatusUnauthorized},
		"unendorsed key":      {h.token("k2", unendorsed, nil), http.StatusUnauthorized},
		"bad signature":       {h.token("k1", strange, nil), http.StatusUnauthorized},
		"wrong service":       {h.token("k1", good, claim("serviceurl", "https://evil.example/")), http.StatusUnauthorized},
		"no service":          {h.token("k1", good, func(_, c map[string]any) { delete(c, "serviceurl") }), http.StatusUnauthorized},
		"odd service":         {h.token("k1", good, claim("serviceurl", 7)), http.StatusUnauthorized},
		"alg none":            {unsigned(h), http.StatusUnauthorized},
		"HS256 by public key": {publicSecret(h, good), http.StatusUnauthorized},
		"garbage":             {"Bearer not.a.token", http.StatusUnauthorized},
		"empty":               {"Bearer ", http.StatusUnauthorized},
		"basic":               {"Basic Ym90OnNlY3JldA==", http.StatusUnauthorized},
		"missing":             {"", http.StatusUnauthorized},
	} {
		if w := h.arrive(h.activity("personal-message"), c.header); w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
	if w := h.arrive(h.activity("personal-message", func(a map[string]any) { a["channelId"] = "webchat" }), valid); w.Code != http.StatusUnauthorized {
		t.Error("another channel:", w.Code)
	}
}

func unsigned(h *house) string {
	claims := map[string]any{"iss": issuer, "aud": testApp, "serviceurl": h.outside.service(), "exp": testNow.Add(time.Hour).Unix()}
	return "Bearer " + segment(map[string]any{"alg": "none", "kid": "k1"}) + "." + segment(claims) + "."
}

func publicSecret(h *house, key *rsa.PrivateKey) string {
	claims := map[string]any{"iss": issuer, "aud": testApp, "serviceurl": h.outside.service(), "exp": testNow.Add(time.Hour).Unix()}
	input := segment(map[string]any{"alg": "HS256", "kid": "k1"}) + "." + segment(claims)
	der, _ := x509.MarshalPKIXPublicKey(&key.PublicKey)
	mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	mac.Write([]byte(input))
	return "Bearer " + input + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestStrangersCannotMakeItFetchKeys(t *testing.T) {
	h := newHouse(t, withAuth)
	bad := h.token("k9", testKeys()[2], nil)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { h.arrive(h.activity("personal-message"), bad) })
	}
	all.Wait()
	if h.outside.fetches > 2 {
		t.Errorf("%d fetches", h.outside.fetches)
	}
}

func TestARotatedKeyIsFoundAndAnOldOneForgotten(t *testing.T) {
	c := &clock{at: testNow}
	h := newHouse(t, withAuth, func(config *Config) { config.Now = c.now })
	arrive := func(kid string, key *rsa.PrivateKey) int {
		return h.arrive(h.activity("personal-message"), h.token(kid, key, func(_, claims map[string]any) {
			maps.Copy(claims, map[string]any{"nbf": c.now().Unix(), "exp": c.now().Add(time.Hour).Unix()})
		})).Code
	}
	keys := testKeys()
	if got := arrive("k1", keys[0]); got != http.StatusOK {
		t.Fatal(got)
	}
	h.outside.mu.Lock()
	h.outside.keys = []signer{{"k3", keys[2], []string{"msteams"}}}
	h.outside.mu.Unlock()
	if got := arrive("k3", keys[2]); got != http.StatusOK {
		t.Error("the new key:", got)
	}
	if got := arrive("k1", keys[0]); got != http.StatusUnauthorized {
		t.Error("the old key:", got)
	}
	before := h.outside.fetches
	c.move(keysLast + time.Minute)
	if got := arrive("k3", keys[2]); got != http.StatusOK || h.outside.fetches != before+1 {
		t.Errorf("after a day: %d, %d fetches more", got, h.outside.fetches-before)
	}
}

func TestWithoutTheIdentityServiceNothingIsJudged(t *testing.T) {
	c := &clock{at: testNow}
	h := newHouse(t, withAuth, func(config *Config) { config.Now = c.now })
	asked := 0
	h.outside.refuse(func(w http.ResponseWriter, r *http.Request) bool {
		asked++
		w.WriteHeader(http.StatusBadGateway)
		return true
	})
	for range 3 {
		if w := h.arrive(h.activity("personal-message"), h.token("k1", testKeys()[0], nil)); w.Code != http.StatusServiceUnavailable {
			t.Error(w.Code)
		}
	}
	if asked != 1 || h.Check(t.Context()) == nil {
		t.Errorf("asked %d times", asked)
	}
	h.outside.refuse(nil)
	c.move(failureWait)
	if w := h.arrive(h.activity("personal-message"), h.token("k1", testKeys()[0], nil)); w.Code != http.StatusOK {
		t.Error("afterwards:", w.Code)
	}
	if err := h.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestCheckNamesAWrongPasswordAndKeepsItSecret(t *testing.T) {
	h := newHouse(t, withAuth, func(c *Config) { c.Password = "hunter2" })
	err := h.Check(t.Context())
	if err == nil || !strings.Contains(err.Error(), "invalid_client") || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "internals") {
		t.Error(err)
	}
}
