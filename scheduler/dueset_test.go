package scheduler

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"goalkeeper/conversation"
)

// dueSet is a due set in memory, with the promises of the real one.
type dueSet struct {
	mu        sync.Mutex
	scores    map[identity]int64
	touched   map[identity]bool // armed while held, for later than the lease
	ears      map[int]func(conversation.TimerKind, time.Time)
	takes     time.Duration // a round trip of Finish
	out, most int           // timers claimed and not yet finished, now and at most
	claims    int           // calls of Claim and NextDue
	finishes  int           // calls
	brief     bool          // listening breaks at once
	down      error         // what every call answers while it is set
}

func newDueSet() *dueSet {
	return &dueSet{scores: map[identity]int64{}, touched: map[identity]bool{}, ears: map[int]func(conversation.TimerKind, time.Time){}}
}

func (d *dueSet) Arm(_ context.Context, timers ...conversation.Timer) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down != nil {
		return d.down
	}
	for _, t := range timers {
		old, armed := d.scores[identify(t)]
		if at := t.At.UnixMilli(); !armed || at < old {
			d.scores[identify(t)] = at
		} else {
			d.touched[identify(t)] = true // of a timer that waits it means nothing
		}
	}
	for _, t := range timers {
		for _, heard := range d.ears {
			heard(t.Kind, t.At)
		}
	}
	return nil
}

func (d *dueSet) NextDue(_ context.Context, kinds ...conversation.TimerKind) (next time.Time, _ error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.claims++
	if d.down != nil {
		return time.Time{}, d.down
	}
	for _, kind := range kinds {
		if order := d.inOrder(kind); len(order) > 0 {
			if at := time.UnixMilli(d.scores[order[0]]); next.IsZero() || at.Before(next) {
				next = at
			}
		}
	}
	return next, nil
}

func (d *dueSet) Claim(_ context.Context, kind conversation.TimerKind, now time.Time, lease time.Duration, limit int) ([]conversation.Claimed, time.Time, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.claims++
	if d.down != nil {
		return nil, time.Time{}, d.down
	}
	var claimed []conversation.Claimed
	for _, id := range d.inOrder(kind) {
		at := d.scores[id]
		if at > now.UnixMilli() {
			break
		}
		if len(claimed) == limit {
			return claimed, now, nil
		}
		d.scores[id] = now.Add(lease).UnixMilli()
		delete(d.touched, id)
		t := conversation.Timer{Workspace: id.workspace, Kind: id.kind, Subject: id.subject, At: time.UnixMilli(at)}
		claimed = append(claimed, conversation.Claimed{Timer: t, Lease: d.scores[id]})
		d.out++
		d.most = max(d.most, d.out)
	}
	if order := d.inOrder(kind); len(order) > 0 {
		return claimed, time.UnixMilli(d.scores[order[0]]), nil
	}
	return claimed, time.Time{}, nil
}

func (d *dueSet) inOrder(kind conversation.TimerKind) []identity {
	var ids []identity
	for id := range d.scores {
		if id.kind == kind {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b identity) int {
		return cmp.Or(cmp.Compare(d.scores[a], d.scores[b]), cmp.Compare(a.subject, b.subject))
	})
	return ids
}

func (d *dueSet) Finish(_ context.Context, timers ...conversation.Finished) ([]bool, error) {
	pass(d.takes)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.finishes++
	d.out -= len(timers)
	if d.down != nil {
		return nil, d.down
	}
	kept := make([]bool, len(timers))
	for n, f := range timers {
		id := identify(f.Timer)
		if d.scores[id] != f.Lease {
			continue
		}
		if d.touched[id] {
			d.scores[id] = f.At.UnixMilli()
			continue
		}
		kept[n] = true
		delete(d.scores, id)
		if !f.Next.IsZero() {
			d.scores[id] = f.Next.UnixMilli()
		}
	}
	return kept, nil
}

func (d *dueSet) Listen(ctx context.Context, heard func(conversation.TimerKind, time.Time)) error {
	if err := d.listen(heard); err != nil {
		return err
	}
	heard("", time.Time{})
	if d.brief {
		return errors.New("listening broke")
	}
	<-ctx.Done()
	return ctx.Err()
}

func (d *dueSet) listen(heard func(conversation.TimerKind, time.Time)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down == nil && !d.brief {
		d.ears[len(d.ears)] = heard
	}
	return d.down
}

func (d *dueSet) breakDown(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.down = err
}

func (d *dueSet) armed() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.scores)
}

func (d *dueSet) looks() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.claims
}
