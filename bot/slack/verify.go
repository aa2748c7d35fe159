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

// The reasons to refuse a request.
var (
	errNoSecret  = errors.New("no signing secret is set, so nothing can be verified")
	errUnsigned  = errors.New("signature or timestamp is missing")
	errTimestamp = errors.New("the timestamp is too far from now: replayed, or a clock is wrong")
	errSignature = errors.New("the signature is not ours")
)

// verify checks that Slack signed these very bytes a moment ago.
func verify(secret string, header http.Header, body []byte, now time.Time) error {
	if secret == "" {
		return errNoSecret
	}
	stamp, signature := header.Get("X-Slack-Request-Timestamp"), header.Get("X-Slack-Signature")
	if stamp == "" || signature == "" {
		return errUnsigned
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return errTimestamp
	}
	if away := now.Sub(time.Unix(seconds, 0)).Abs(); away > tolerance {
		return errTimestamp
	}
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
