package storage

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

// aliveness notices within 15 seconds that the other side of a resting connection is gone without a word, as after
// a power cut. The kernels do it, so it costs Redis no command; 5 s apart, the probes also keep a resting connection
// open in whatever stands between.
var aliveness = net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 5 * time.Second, Count: 2}

// dialer connects as the client would by itself, but for aliveness, and within the caller's time with TLS too.
func dialer(o *redis.UniversalOptions) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		plain := &net.Dialer{Timeout: o.DialTimeout, KeepAliveConfig: aliveness}
		if o.TLSConfig == nil {
			return plain.DialContext(ctx, network, addr)
		}
		return (&tls.Dialer{NetDialer: plain, Config: o.TLSConfig}).DialContext(ctx, network, addr)
	}
}
