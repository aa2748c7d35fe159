package teams

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/infracloudio/msbotbuilder-go/connector/auth"
	"github.com/infracloudio/msbotbuilder-go/schema"
)

// issuer signs what Teams sends to bots ("Authentication with the Bot Connector API").
const issuer = "https://api.botframework.com"

// maxToken is far above Microsoft's tokens, in bytes: they have about 1,200.
const maxToken = 8 << 10

// skew is how far the clocks of Microsoft and of this machine may differ (same page).
const skew = 5 * time.Minute

// validator is the library's TokenValidator, in place of its own: issuer, audience, RS256 by an endorsed key,
// times, and the activity's serviceUrl.
type validator struct {
	keys   *keyRing
	tokens *oidc.IDTokenVerifier
	now    func() time.Time
}

var _ gatekeeper = (*validator)(nil)

func newValidator(appID string, keys *keyRing, now func() time.Time) *validator {
	return &validator{keys: keys, now: now, tokens: oidc.NewVerifier(issuer, keys, &oidc.Config{
		ClientID: appID, SupportedSigningAlgs: []string{oidc.RS256},
		SkipExpiryCheck: true, // it knows no skew behind exp; see onTime
	})}
}

// gatekeeper is the library's TokenValidator, with the part that needs the header alone to be asked first.
type gatekeeper interface {
	auth.TokenValidator
	// prove returns a context that tells AuthenticateRequest what the token proved.
	prove(ctx context.Context, header string) (context.Context, error)
}

// proof is what a token says about the activity that comes with it.
type proof struct{ audience, serviceURL string }

type proofKey struct{}

// prove refuses every request that Teams did not send to this bot just now.
func (v *validator) prove(ctx context.Context, header string) (context.Context, error) {
	scheme, raw, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || raw == "" || len(raw) > maxToken {
		return nil, errors.New("no bearer token")
	}
	if err := v.keys.ready(ctx); err != nil { // an outage is not the sender's fault, and go-oidc would hide it
		return nil, err
	}
	token, err := v.tokens.Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	var claims struct {
		ServiceURL string  `json:"serviceurl"`
		Expires    float64 `json:"exp"`
		NotBefore  float64 `json:"nbf"`
	}
	if err := token.Claims(&claims); err != nil {
		return nil, errors.New("the token's claims cannot be read")
	}
	if err := v.onTime(claims.NotBefore, claims.Expires); err != nil {
		return nil, err
	}
	return context.WithValue(ctx, proofKey{}, proof{token.Audience[0], claims.ServiceURL}), nil
}

// AuthenticateRequest refuses an activity that does not fit what its token proved.
func (v *validator) AuthenticateRequest(ctx context.Context, a schema.Activity, _ string, _ auth.CredentialProvider, _ string) (auth.ClaimsIdentity, error) {
	proven, ok := ctx.Value(proofKey{}).(proof)
	if !ok {
		return nil, errors.New("nothing was proved")
	}
	if proven.serviceURL == "" || proven.serviceURL != a.ServiceURL {
		return nil, errors.New("the serviceurl claim is not the activity's serviceUrl")
	}
	if a.ChannelID != teamsChannel {
		return nil, errors.New("the activity is of another channel than its key")
	}
	return auth.NewClaimIdentity(map[string]any{"aud": proven.audience, "iss": issuer, "serviceurl": proven.serviceURL}, true), nil
}

// onTime takes seconds since 1970. A token without an end is refused.
func (v *validator) onTime(notBefore, expires float64) error {
	now := float64(v.now().Unix())
	switch {
	case now > expires+skew.Seconds():
		return errors.New("the token has expired")
	case now < notBefore-skew.Seconds():
		return errors.New("the token is not valid yet")
	}
	return nil
}

// open lets everything pass. It stands in where authentication is off, on loopback for trials.
type open struct{}

func (open) prove(ctx context.Context, _ string) (context.Context, error) { return ctx, nil }

func (open) AuthenticateRequest(context.Context, schema.Activity, string, auth.CredentialProvider, string) (auth.ClaimsIdentity, error) {
	return auth.NewClaimIdentity(map[string]any{}, true), nil
}
