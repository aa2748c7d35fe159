package storage

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"time"

	"goalkeeper/conversation"

	"github.com/redis/go-redis/v9"
)

// Pace shares what the platforms allow among all replicas: for each workspace its buckets, and the lines of those
// who wait for one.
//
// Messages that come too soon are told when to come again. Were that simply when the next call fits, ten thousand
// of them would all come for every single one; so each stands in a line and comes back shortly before its turn,
// which is then given to it for an exact instant. Urgent messages have a line of their own before the others.
type Pace struct{ client redis.UniversalClient }

var _ conversation.Pacer = (*Pace)(nil)

//go:embed pace.lua
var paceSource string

//go:embed shut.lua
var shutSource string

var paceScript, shutScript = redis.NewScript(paceSource), redis.NewScript(shutSource)

const (
	// paceHorizon is how far ahead turns are given away, and so about how long an urgent message waits at most
	// behind messages that are not.
	paceHorizon = time.Second
	// paceLead is how long before its turn a message comes back for it: longer than workers are late, so that no
	// turn is lost to them.
	paceLead = paceHorizon / 2
	// asksAtOnce bounds what one run of the script does: others wait for it meanwhile.
	asksAtOnce = 100
	// shutFor bounds how long a bucket may be closed.
	shutFor = 6 * time.Hour
)

// Take answers for each ask with the zero time, which says to call now, or with when to ask again. Asks are
// answered in their order, urgent ones best first.
func (p *Pace) Take(ctx context.Context, ws conversation.Workspace, now time.Time, asks ...conversation.Ask) ([]time.Time, error) {
	var turns []time.Time
	for len(asks) > 0 {
		n := min(len(asks), asksAtOnce)
		some, err := p.take(ctx, ws, now, asks[:n])
		if err != nil {
			return nil, fmt.Errorf("asking for %d turns: %w", n, err)
		}
		turns, asks = append(turns, some...), asks[n:]
	}
	return turns, nil
}

// Spend pays for a call that cannot come again: zero when it may be made now.
func (p *Pace) Spend(ctx context.Context, ws conversation.Workspace, now time.Time, toll conversation.Toll) (time.Time, error) {
	turns, err := p.take(ctx, ws, now, []conversation.Ask{{Toll: toll}})
	if err != nil {
		return time.Time{}, fmt.Errorf("paying for a call: %w", err)
	}
	return turns[0], nil
}

// Shut closes buckets until the platform wants to hear from us again.
func (p *Pace) Shut(ctx context.Context, ws conversation.Workspace, now, until time.Time, names ...string) error {
	sp, err := spaceOf(ws)
	if err != nil || len(names) == 0 {
		return err
	}
	var keys []string
	for _, name := range names {
		key, err := sp.pace(bucketPart, name)
		if err != nil {
			return err
		}
		keys = append(keys, key)
	}
	open := min(until.Sub(now), shutFor)
	if open <= 0 {
		return nil
	}
	err = shutScript.Run(ctx, p.client, keys, now.Add(open).UnixMicro(), (open + time.Hour).Milliseconds()).Err()
	if err != nil {
		return fmt.Errorf("closing %d buckets: %w", len(keys), err)
	}
	return nil
}

func (p *Pace) take(ctx context.Context, ws conversation.Workspace, now time.Time, asks []conversation.Ask) ([]time.Time, error) {
	sp, err := spaceOf(ws)
	if err != nil {
		return nil, err
	}
	w := paceWords{space: sp, at: map[string]int{}}
	w.args = []any{now.UnixMicro(), paceHorizon.Microseconds(), paceLead.Microseconds()}
	for _, ask := range asks {
		if err := w.ask(ask); err != nil {
			return nil, err
		}
	}
	reply, err := paceScript.Run(ctx, p.client, w.keys, w.args...).StringSlice()
	if err != nil {
		return nil, err
	}
	if len(reply) != len(asks) {
		return nil, fmt.Errorf("the pace script answered %d of %d asks", len(reply), len(asks))
	}
	turns := make([]time.Time, len(reply))
	for n, word := range reply {
		micro, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the pace script answered %q", word)
		}
		if micro > 0 {
			turns[n] = time.UnixMicro(micro).UTC()
		}
	}
	return turns, nil
}

// paceWords writes asks as the script reads them. at is where a key stands.
type paceWords struct {
	space space
	keys  []string
	at    map[string]int
	args  []any
}

func (w *paceWords) ask(a conversation.Ask) error {
	if len(a.Key) > maxID {
		return fmt.Errorf("the message %.40q… cannot be paced: its key has over %d bytes", a.Key, maxID)
	}
	first, err := w.number(a.Shared.Name, bucketPart, linePart, rushPart, backPart, turnsPart)
	if err != nil {
		return err
	}
	urgent := 0
	if a.Urgent {
		urgent = 1
	}
	w.args = append(w.args, a.Key, urgent, max(a.Calls, 1), first)
	if err := w.limits(a.Shared); err != nil {
		return err
	}
	w.args = append(w.args, len(a.Own))
	for _, b := range a.Own {
		n, err := w.number(b.Name, bucketPart)
		if err != nil {
			return err
		}
		w.args = append(w.args, n)
		if err := w.limits(b); err != nil {
			return err
		}
	}
	return nil
}

// number is where the first of a name's keys stands among all keys.
func (w *paceWords) number(name string, parts ...pacePart) (int, error) {
	id := fmt.Sprint(len(parts), name)
	if n, ok := w.at[id]; ok {
		return n, nil
	}
	first := len(w.keys) + 1
	for _, part := range parts {
		key, err := w.space.pace(part, name)
		if err != nil {
			return 0, err
		}
		w.keys = append(w.keys, key)
	}
	w.at[id] = first
	return first, nil
}

func (w *paceWords) limits(b conversation.Bucket) error {
	if len(b.Limits) == 0 {
		return fmt.Errorf("the bucket %q has no limits", b.Name)
	}
	w.args = append(w.args, len(b.Limits))
	for _, l := range b.Limits {
		if l.Every <= 0 || l.Burst < 1 {
			return fmt.Errorf("the bucket %q cannot be filled with %d every %s", b.Name, l.Burst, l.Every)
		}
		w.args = append(w.args, l.Every.Microseconds(), l.Burst)
	}
	return nil
}
