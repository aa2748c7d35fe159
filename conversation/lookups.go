package conversation

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"goalkeeper/goal"
)

const (
	// profileAge is how long the platform's word about a person or channel is believed.
	profileAge = 6 * time.Hour
	// maxLookUps bounds the questions of each kind that one input may put to the platform; whoever is left
	// unknown is asked about next time.
	maxLookUps = 48
	// atOnce is how many of them are on their way together.
	atOnce = 8
	// patience bounds the time of all these questions together: an answer without a name in it beats no answer.
	patience = time.Second
)

// lookUps is what one input asked the platform. A turn that is decided anew because somebody was quicker does not
// ask again.
type lookUps struct {
	ctx     context.Context // ends when the time for all questions together is over
	people  map[goal.PersonID]heardOf[Profile]
	rooms   map[goal.ChannelID]heardOf[Room]
	members map[goal.ChannelID]heardOf[bool] // of the actor
}

// heardOf is one answer of the platform.
type heardOf[T any] struct {
	value T
	err   error
}

func newLookUps(ctx context.Context) (l *lookUps, cancel context.CancelFunc) {
	l = &lookUps{people: map[goal.PersonID]heardOf[Profile]{},
		rooms: map[goal.ChannelID]heardOf[Room]{}, members: map[goal.ChannelID]heardOf[bool]{}}
	l.ctx, cancel = context.WithTimeout(ctx, patience)
	return l, cancel
}

// errNotAsked stands for the answer to a question for which there was no time.
var errNotAsked = errors.New("not asked: too many questions, or no time left")

// ask puts one question about each id, several at once, and notes the answers in known, which it returns.
func ask[K comparable, T any](
	l *lookUps, known map[K]heardOf[T], ids []K, question func(context.Context, K) (T, error),
) map[K]heardOf[T] {
	var open []K
	for _, id := range ids {
		if _, done := known[id]; done {
			continue
		}
		known[id] = heardOf[T]{err: errNotAsked}
		if len(known) <= maxLookUps && l.ctx.Err() == nil {
			open = append(open, id)
		}
	}
	answers := make([]heardOf[T], len(open))
	var all errgroup.Group
	all.SetLimit(atOnce)
	for n, id := range open {
		all.Go(func() error {
			answers[n].value, answers[n].err = question(l.ctx, id)
			return nil
		})
	}
	_ = all.Wait() // each answer carries its own error
	for n, id := range open {
		known[id] = answers[n]
	}
	return known
}
