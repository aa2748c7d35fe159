package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// tolerance is how far a request's timestamp may be from now, as Slack recommends (docs.slack.dev, Verifying
// requests from Slack).
const tolerance = 5 * time.Minute

// Where Slack puts both.
const (
	stampHeader     = "X-Slack-Request-Timestamp"
	signatureHeader = "X-Slack-Signature"
)

// The reasons to refuse a request.
var (
	errNoSecret  = errors.New("no signing secret is set, so nothing can be verified")
	errUnsigned  = errors.New("signature or timestamp is missing")
	errTimestamp = errors.New("the timestamp is too far from now: replayed, or a clock is wrong")
	errSignature = errors.New("the signature is not ours")
)

// signed checks what the header alone tells, before any of the body is read: that there is a signature, of a
// moment ago.
func signed(secret string, header http.Header, now time.Time) error {
	if secret == "" {
		return errNoSecret
	}
	stamp, signature := header.Get(stampHeader), header.Get(signatureHeader)
	switch {
	case stamp == "" || signature == "":
		return errUnsigned
	case len(signature) != len("v0=")+hex.EncodedLen(sha256.Size):
		return errSignature
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return errTimestamp
	}
	if away := now.Sub(time.Unix(seconds, 0)).Abs(); away > tolerance {
		return errTimestamp
	}
	return nil
}

// verify checks that Slack signed these very bytes.
func verify(secret string, header http.Header, body []byte) error {
	stamp, signature := header.Get(stampHeader), header.Get(signatureHeader)
	if !hmac.Equal([]byte(sign(secret, stamp, body)), []byte(signature)) {
		return errSignature
	}
	return nil
}

// sign is Slack's v0 signature.
func sign(secret, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + stamp + ":")) // a hash never fails to write
	mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}
