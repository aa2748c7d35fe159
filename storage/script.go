package storage

import (
	"context"
	"crypto/sha1" //nolint:gosec // Redis names scripts by it
	"encoding/hex"

	"github.com/redis/go-redis/v9"
)

// script is a Lua script that runs many times in one round trip. It goes by its digest; its text is sent only
// to a server that does not know it, because it is new, was restarted, or forgot.
type script struct{ source, digest string }

func newScript(source string) script {
	sum := sha1.Sum([]byte(source)) //nolint:gosec // see above
	return script{source, hex.EncodeToString(sum[:])}
}

// call is one run of a script, on keys of one slot.
type call struct {
	keys []string
	args []any
}

// run runs the script for each call and returns the replies in their order. Calls are independent: an error
// leaves some of them done.
func (s script) run(ctx context.Context, client redis.UniversalClient, calls []call) ([]*redis.Cmd, error) {
	replies := make([]*redis.Cmd, len(calls))
	_, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for n, c := range calls {
			replies[n] = p.EvalSha(ctx, s.digest, c.keys, c.args...)
		}
		return nil
	})
	if !unknown(err) {
		return replies, err
	}
	_, err = client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for n, c := range calls {
			if unknown(replies[n].Err()) {
				replies[n] = p.Eval(ctx, s.source, c.keys, c.args...)
			}
		}
		return nil
	})
	for n := 0; err == nil && n < len(replies); n++ { // what failed beside the unknown in the first round
		err = outage(ctx, replies[n].Err())
	}
	return replies, err
}

// unknown tells whether a server does not have the script.
func unknown(err error) bool { return redis.HasErrorPrefix(err, "NOSCRIPT") }
