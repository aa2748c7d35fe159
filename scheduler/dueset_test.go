package scheduler

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"goalkeeper/conversation"
)

// dueSet is a due set in memory, with the promises of the real one.
type dueSet struct {
	mu     sync.Mutex
	scores map[identity]int64
	wakes  []chan struct{}
	claims int   // calls
	brief  bool  // listening breaks at once
	down   error // what every call answers while it is set
}

func newDueSet() *dueSet { return &dueSet{scores: map[identity]int64{}} }

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
			d.scores[identify(t)] = old - 1 // a lease must be seen to have been touched
		}
	}
	for _, w := range d.wakes {
		select {
		case w <- struct{}{}:
		default:
		}
	}
	return nil
}

func (d *dueSet) Claim(_ context.Context, now time.Time, lease time.Duration, limit int) ([]conversation.Claimed, time.Time, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.claims++
	if d.down != nil {
		return nil, time.Time{}, d.down
	}
	var claimed []conversation.Claimed
	for _, id := range d.inOrder() {
		at := d.scores[id]
		if at > now.UnixMilli() || len(claimed) == limit {
			break
		}
		d.scores[id] = now.Add(lease).UnixMilli()
		t := conversation.Timer{Workspace: id.workspace, Kind: id.kind, Subject: id.subject, At: time.UnixMilli(at)}
		claimed = append(claimed, conversation.Claimed{Timer: t, Lease: d.scores[id]})
	}
	if order := d.inOrder(); len(order) > 0 {
		return claimed, time.UnixMilli(d.scores[order[0]]), nil
	}
	return claimed, time.Time{}, nil
}

func (d *dueSet) inOrder() []identity {
	var ids []identity
	for id := range d.scores {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b identity) int {
		return cmp.Or(cmp.Compare(d.scores[a], d.scores[b]), cmp.Compare(a.subject, b.subject))
	})
	return ids
}

func (d *dueSet) Finish(_ context.Context, c conversation.Claimed, next time.Time) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down != nil {
		return false, d.down
	}
	id := identify(c.Timer)
	if d.scores[id] != c.Lease {
		return false, nil
	}
	delete(d.scores, id)
	if !next.IsZero() {
		d.scores[id] = next.UnixMilli()
	}
	return true, nil
}

func (d *dueSet) Wake(context.Context) (<-chan struct{}, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down != nil {
		return nil, d.down
	}
	w := make(chan struct{}, 1)
	if d.brief { // listening that breaks
		close(w)
		return w, nil
	}
	d.wakes = append(d.wakes, w)
	return w, nil
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
