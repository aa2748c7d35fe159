package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

const ws = conversation.Workspace("fake:home")

// office is a delivery with its records, its face and its clock, all in memory.
type office struct {
	t       *testing.T
	now     time.Time
	records *records
	face    *face
	timers  *timers
	ended   []string // as told
	deaf    []error  // of whoever is told
	*Delivery
}

func newOffice(t *testing.T, f Face) *office {
	o := &office{t: t, now: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC), records: &records{}, timers: &timers{}}
	switch f := f.(type) {
	case *face:
		o.face = f
	case finder:
		o.face = f.face
	}
	o.Delivery = o.replica(f)
	return o
}

// replica is another process on the same records.
func (o *office) replica(f Face) *Delivery {
	return NewDelivery(DeliveryOptions{
		Records: o.records, Timers: o.timers, Faces: map[string]Face{"fake": f},
		Clock: func() time.Time { return o.now }, Log: slog.New(slog.DiscardHandler),
		OnEnded: func(_ context.Context, _ conversation.Workspace, m *conversation.Message) error {
			o.ended = append(o.ended, fmt.Sprintf("%s %s: %s", m.Key, m.Delivery.State, m.Delivery.Word))
			if len(o.deaf) == 0 {
				return nil
			}
			err := o.deaf[0]
			o.deaf = o.deaf[1:]
			return err
		},
	})
}

// want saves a message that says text, as the conversation does.
func (o *office) want(key, text string, change ...func(*conversation.Message)) {
	o.t.Helper()
	shelf, _ := o.records.Read(o.t.Context(), ws, conversation.Ref{Kind: conversation.MessageKind, ID: key})
	m := conversation.Take[*conversation.Message](shelf, conversation.MessageKind, key)
	if m == nil {
		m = &conversation.Message{Key: key, To: conversation.Address{Person: "U1"}, Created: o.now}
	}
	m.Card = card.Card{Kind: "test", Summary: text}
	m.Revision++
	for _, c := range change {
		c(m)
	}
	if err := o.records.Commit(o.t.Context(), ws, conversation.Commit{Now: o.now, Read: shelf, Write: []conversation.Record{m}}); err != nil {
		o.t.Fatal(err)
	}
}

func inChannel(under string) func(*conversation.Message) {
	return func(m *conversation.Message) {
		m.To = conversation.Address{Channel: "C1", Under: under}
	}
}

// handle lets the timer of the message ring now, and returns after how long it wants to ring again; -1 for
// never.
func (o *office) handle(key string) time.Duration {
	o.t.Helper()
	v := o.Handle(o.t.Context(), []conversation.Timer{sending(key)}, o.now)[0]
	if v.Err != nil {
		o.t.Fatal(v.Err)
	}
	if v.Next.IsZero() {
		return -1
	}
	return v.Next.Sub(o.now)
}

// run rings until there is nothing more to do, moving the clock as asked, for at most a week.
func (o *office) run(key string) {
	o.t.Helper()
	for end := o.now.Add(7 * 24 * time.Hour); o.now.Before(end); {
		wait := o.handle(key)
		if wait < 0 {
			return
		}
		o.now = o.now.Add(wait)
	}
	o.t.Fatalf("%s did not come to an end in a week", key)
}

func sending(key string) conversation.Timer {
	return conversation.Timer{Workspace: ws, Kind: conversation.SendTimer, Subject: key}
}

func (o *office) message(key string) *conversation.Message {
	o.t.Helper()
	shelf, err := o.records.Read(o.t.Context(), ws, conversation.Ref{Kind: conversation.MessageKind, ID: key})
	if err != nil {
		o.t.Fatal(err)
	}
	return conversation.Take[*conversation.Message](shelf, conversation.MessageKind, key)
}

// expect compares where delivery stands, and everything that the platform shows.
func (o *office) expect(key string, state conversation.DeliveryState, shows ...string) {
	o.t.Helper()
	if got := o.message(key).Delivery; got.State != state {
		o.t.Errorf("%s is %q (%s), want %q", key, got.State, got.Word, state)
	}
	if got := o.face.shows(); fmt.Sprint(got) != fmt.Sprint(shows) {
		o.t.Errorf("the platform shows %q, want %q", got, shows)
	}
}

// face is a platform that does what its script says, call by call, and works once the script is over.
type face struct {
	mu     sync.Mutex
	script []reply
	mood   func() reply // what calls end with once the script is over; nil for well
	posts  []post
	calls  int
	began  chan struct{} // receives at every call, when set
	open   chan struct{} // every call waits for it, when set
}

// post is a message that the platform shows.
type post struct{ key, text, thread string }

// reply is what a call ends with. lost means that the platform did it all the same.
type reply struct {
	err  error
	lost bool
	then func() // while the call is under way
}

func (f *face) next() reply {
	f.mu.Lock()
	f.calls++
	r := reply{}
	switch {
	case len(f.script) > 0:
		r, f.script = f.script[0], f.script[1:]
	case f.mood != nil:
		r = f.mood()
	}
	began, open := f.began, f.open
	f.mu.Unlock()
	if began != nil {
		began <- struct{}{}
	}
	if open != nil {
		<-open
	}
	if r.then != nil {
		r.then()
	}
	return r
}

func (f *face) Post(_ context.Context, _ conversation.Workspace, m *conversation.Message, thread string) (string, error) {
	r := f.next()
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.err != nil && !r.lost {
		return "", r.err
	}
	f.posts = append(f.posts, post{m.Key, m.Card.Summary, thread})
	if r.err != nil {
		return "", r.err
	}
	return fmt.Sprint(len(f.posts)), nil
}

func (f *face) Edit(_ context.Context, _ conversation.Workspace, m *conversation.Message, ref string) error {
	r := f.next()
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.err == nil || r.lost {
		var i int
		if _, err := fmt.Sscan(ref, &i); err != nil || i > len(f.posts) {
			return &SendError{Outcome: Final, Reason: "message_not_found"}
		}
		f.posts[i-1].text = m.Card.Summary
	}
	return r.err
}

func (f *face) shows() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var texts []string
	for _, p := range f.posts {
		texts = append(texts, p.text)
	}
	return texts
}

// finder is a face on which messages can be looked up.
type finder struct {
	*face
	errs *[]error // of the first looks
}

func (f finder) Find(_ context.Context, _ conversation.Workspace, m *conversation.Message, since time.Time) (string, error) {
	if f.errs != nil && len(*f.errs) > 0 {
		err := (*f.errs)[0]
		*f.errs = (*f.errs)[1:]
		return "", err
	}
	if since.After(time.Now()) {
		return "", nil // the platform's history is in the true past
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, p := range f.posts {
		if p.key == m.Key {
			return fmt.Sprint(i + 1), nil
		}
	}
	return "", nil
}

// records keeps messages as the real store does: as bytes, with versions.
type records struct {
	mu      sync.Mutex
	values  map[conversation.Ref][]byte
	version map[conversation.Ref]int64
	errs    []error // of the next commits; nil lets one pass
}

func (r *records) Read(_ context.Context, _ conversation.Workspace, refs ...conversation.Ref) (*conversation.Shelf, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	shelf := conversation.NewShelf()
	for _, ref := range refs {
		var record conversation.Record
		if value, ok := r.values[ref]; ok {
			record = conversation.NewRecord(ref.Kind)
			if err := json.Unmarshal(value, record); err != nil {
				return nil, err
			}
		}
		shelf.Put(ref, r.version[ref], record)
	}
	return shelf, nil
}

func (r *records) Find(context.Context, conversation.Workspace, conversation.Index) ([]string, error) {
	return nil, nil
}

func (r *records) Commit(_ context.Context, _ conversation.Workspace, c conversation.Commit) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.errs) > 0 {
		err := r.errs[0]
		r.errs = r.errs[1:]
		if err != nil {
			return err
		}
	}
	for ref, v := range c.Read.Versions() {
		if r.version[ref] != v {
			return conversation.ErrConflict
		}
	}
	if r.values == nil {
		r.values, r.version = map[conversation.Ref][]byte{}, map[conversation.Ref]int64{}
	}
	for _, w := range c.Write {
		value, err := json.Marshal(w)
		if err != nil {
			return err
		}
		r.values[w.Ref()] = value
		r.version[w.Ref()]++
	}
	return nil
}

// timers remembers what was armed.
type timers struct{ armed []conversation.Timer }

func (t *timers) Arm(_ context.Context, ts ...conversation.Timer) error {
	t.armed = append(t.armed, ts...)
	return nil
}
