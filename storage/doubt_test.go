package storage

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"goalkeeper/conversation"

	"github.com/redis/go-redis/v9"
)

// refusal is an error that Redis itself answered.
type refusal string

func (r refusal) Error() string { return string(r) }
func (refusal) RedisError()     {}

var _ redis.Error = refusal("")

func TestOnlyRedisOwnRefusalIsSure(t *testing.T) {
	for _, c := range []struct {
		err  error
		sure bool
	}{
		{refusal("READONLY You can't write against a read only replica."), true},
		{context.DeadlineExceeded, false},
		{io.EOF, false},
		{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, false}, // the second try, perhaps
	} {
		if got := !errors.Is(doubted(outage(context.Background(), c.err)), conversation.ErrUnsure); got != c.sure {
			t.Errorf("%v: sure %v", c.err, got)
		}
	}
}
