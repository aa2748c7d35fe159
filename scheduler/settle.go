package scheduler

import (
	"context"
	"errors"
	"fmt"
)

// Settle handles everything that is due by the clock, and what follows from it, one batch after the other in an
// order that does not change from run to run; it returns when nothing is due and no handler is at work. It works
// beside Run and without it.
func (s *Scheduler) Settle(ctx context.Context) error {
	for _, l := range s.lanes {
		if err := l.take(ctx); err != nil {
			return err
		}
		defer l.pass()
	}
	for quiet := false; !quiet; {
		if err := s.idle.wait(ctx); err != nil { // what Run began
			return err
		}
		quiet = true
		for _, l := range s.lanes {
			n, err := l.settle(ctx)
			if err != nil {
				return err
			}
			quiet = quiet && n == 0
		}
	}
	return nil
}

// settle handles what is due in one lane, and tells how much that was.
func (l *lane) settle(ctx context.Context) (total int, err error) {
	for {
		if l.stopping.Err() != nil {
			return total, errors.New("the scheduler has been ended")
		}
		n, err := l.claim(ctx, l.Clock(), l.Batch)
		if err != nil {
			return total, fmt.Errorf("claim what is due: %w", err)
		}
		if n == 0 {
			return total, nil
		}
		total += n
		if err := l.idle.wait(ctx); err != nil {
			return total, err
		}
	}
}
