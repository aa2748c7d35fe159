package bot

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"goalkeeper/conversation"
)

// spot is where a message of a thread goes: under a reference, empty for none; or until when it must wait,
// because the first message of its thread has not arrived; or nowhere, because that one is lost.
type spot struct {
	ref  string
	wait time.Time
	lost bool
}

// thread looks at the first message of the thread. Where that failed or is uncertain, somebody is asked what to do
// about it, and the others wait for the answer: alone they would be read without their beginning.
func (e errand) thread(ctx context.Context, m *conversation.Message) (spot, error) {
	root := address{e.id.ws, m.To.Under}
	if m.To.Under == "" || root == e.id || m.Delivery.Ref != "" {
		return spot{}, nil
	}
	e.threads.join(root, m) // first, so that an arrival between the look and the wait is not missed
	first, _, err := e.read(ctx, root.key)
	if err != nil {
		return spot{}, err
	}
	at := e.under(first)
	if at.wait.IsZero() {
		e.threads.leave(root, m.Key)
	}
	return at, nil
}

// under is the spot that the first message of a thread leaves for the others.
func (e errand) under(first *conversation.Message) spot {
	switch {
	case first == nil || !first.Closed.IsZero(): // nobody knows its reference
		return spot{}
	case first.Delivery.Ref != "":
		return spot{ref: first.Delivery.Ref}
	case !first.Arrived():
		return spot{wait: later(e.now.Add(rootWait), first.Delivery.NotUntil)}
	}
	if until := first.Delivery.Ended.Add(giveUpIn); until.After(e.now) && first.Delivery.State != conversation.Withdrawn {
		return spot{wait: until}
	}
	return spot{lost: true}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// betweenReleased keeps the parts of a thread in their order, and is what platforms like within a conversation.
const betweenReleased = time.Second

// release pulls forward the messages that waited for this one, in their order. It is a kindness: they look again
// by themselves.
func (e errand) release(ctx context.Context) {
	var timers []conversation.Timer
	for n, w := range e.threads.dissolve(e.id) {
		timers = append(timers, conversation.Timer{
			Workspace: e.id.ws, Kind: w.kind, Subject: w.key, At: e.now.Add(time.Duration(n) * betweenReleased),
		})
	}
	if len(timers) == 0 {
		return
	}
	if err := e.Timers.Arm(ctx, timers...); err != nil {
		e.Log.WarnContext(ctx, "a thread is not pulled forward", "workspace", e.id.ws, "error", err)
	}
}

// threads remembers which messages wait for the first one of their thread, in this process.
type threads struct {
	mu   sync.Mutex
	wait map[address]map[string]conversation.TimerKind // by first message, the keys of those waiting and their kinds
}

func (t *threads) join(root address, m *conversation.Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wait == nil || len(t.wait) >= keepAtMost { // another replica may have sent the first one: then nobody tells us
		t.wait = map[address]map[string]conversation.TimerKind{}
	}
	if t.wait[root] == nil {
		t.wait[root] = map[string]conversation.TimerKind{}
	}
	t.wait[root][m.Key] = m.TimerKind()
}

func (t *threads) leave(root address, key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.wait[root], key)
	if len(t.wait[root]) == 0 {
		delete(t.wait, root)
	}
}

// waiting is a message that waits for the first one of its thread.
type waiting struct {
	key  string
	kind conversation.TimerKind
}

// dissolve returns who waited for the message, in the order of their keys, and forgets them.
func (t *threads) dissolve(root address) []waiting {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []waiting
	for key, kind := range t.wait[root] {
		all = append(all, waiting{key, kind})
	}
	delete(t.wait, root)
	slices.SortFunc(all, func(a, b waiting) int { // "…:9" before "…:10"
		return cmp.Or(cmp.Compare(len(a.key), len(b.key)), cmp.Compare(a.key, b.key))
	})
	return all
}
