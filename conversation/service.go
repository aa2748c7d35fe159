// Package conversation is what is said: pure turns that decide from a state and an input, and Service, the one
// shell around them that loads, saves and answers.
package conversation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/conversation/language"
)

// Service takes every input, a click or a timer, through the same six steps: load, decide, arm timers, save,
// answer, send.
type Service struct {
	Records   Records
	History   History
	Census    Census
	Timers    Timers
	Calendar  Calendar
	Directory Directory
	Now       func() time.Time
	Log       *slog.Logger
}

const (
	// budget is how long one input may take; every platform's own limit is longer (Slack gives 3 s).
	budget = 2500 * time.Millisecond
	// maxTries bounds reading and deciding anew when others change the same records.
	maxTries = 12
)

// Handle answers one input. The answer is always fit to be shown; an error says that nothing was saved.
func (s *Service) Handle(ctx context.Context, in Input) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	st, d, err := s.settle(ctx, in)
	var again *Repeated
	if errors.As(err, &again) {
		st, d, err = s.retell(ctx, in, again.Result)
	}
	if err != nil {
		s.Log.ErrorContext(ctx, "input not handled", "workspace", in.Workspace, "act", actName(in), "error", err)
		return Answer{Card: storeDown(in, err), Language: language.English}, err
	}
	return answer(st, d), nil
}

// answer is what the asker sees: what the turn says, else the new face of the card whose control they used.
func answer(st *State, d Decision) Answer {
	a := Answer{Card: d.Say, Replace: d.Replace && st.own(), Language: st.Me.Language(), Shown: st.shown(d)}
	if a.Card == nil && st.In.From != "" {
		for _, m := range d.Post {
			if m.Key == st.In.From {
				a.Card, a.Replace = &m.Card, true
			}
		}
	}
	return a
}

// shown is the message whose control was used, as the decision leaves it, if it is the actor's or their channel's.
func (s *State) shown(d Decision) *Message {
	m := s.Message(s.In.From)
	for _, changed := range d.Post {
		if changed.Key == s.In.From {
			m = changed
		}
	}
	if s.In.From == "" || m == nil || m.To.Person != s.Me.ID && (m.To.Person != "" || m.To.Channel != s.In.Place.ID) {
		return nil
	}
	return m
}

// Due handles timers, one after the other, and answers for each in their order.
func (s *Service) Due(ctx context.Context, timers []Timer, now time.Time) []Verdict {
	verdicts := make([]Verdict, len(timers))
	for n, t := range timers {
		_, d, err := s.settle(ctx, Input{Workspace: t.Workspace, Act: rang{t}})
		verdicts[n] = Verdict{d.Next, err}
	}
	return verdicts
}

// own reports whether the card that was used is the actor's alone, so that it may turn into another. Which message
// it belongs to is told from outside, so the record decides.
func (s *State) own() bool {
	if s.In.From == "" {
		return true
	}
	m := s.Message(s.In.From)
	return !s.In.Place.Shared() && (m == nil || m.To.Person == s.Me.ID && m.To.Channel == "")
}

// settle loads, decides and saves, again as long as somebody else is quicker.
func (s *Service) settle(ctx context.Context, in Input) (*State, Decision, error) {
	asked, cancel := newLookUps(ctx)
	defer cancel()
	for range maxTries {
		st, t, err := s.load(ctx, in, asked)
		if err != nil {
			return nil, Decision{}, fmt.Errorf("load: %w", err)
		}
		d := t.decide(st)
		address(st, &d)
		err = s.save(ctx, st, d)
		if !errors.Is(err, ErrConflict) {
			return st, d, err
		}
	}
	return nil, Decision{}, fmt.Errorf("after %d tries: %w", maxTries, ErrConflict)
}

// save arms the timers, commits, and pulls the sending forward. A timer for "now" is armed no sooner than the
// request's budget allows, or it could fire before the record that it needs exists.
func (s *Service) save(ctx context.Context, st *State, d Decision) error {
	if !d.changes() {
		s.remember(ctx, st)
		return nil
	}
	d.Write = append(d.Write, st.fresh...)
	timers := d.Timers
	var sending []Timer
	for _, m := range st.newly(d.Post) {
		if m.Delivery.Ref != "" { // a change of what stands is as urgent as what brought it about
			m.Urgent = st.In.byPerson()
		}
		sending = append(sending, m.timer(st.In.Workspace, st.Now))
		timers = append(timers, m.timer(st.In.Workspace, st.Now.Add(2*budget)))
		d.Write = append(d.Write, m)
	}
	if err := s.Timers.Arm(ctx, timers...); err != nil {
		return fmt.Errorf("arm timers: %w", err)
	}
	err := s.commit(ctx, st.In.Workspace, Commit{
		Now: st.Now, Read: st.shelf, Write: distinct(d.Write), Log: d.Log, Claims: claims(st.In, d),
	})
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if err := s.Timers.Arm(ctx, sending...); err != nil { // saved already: sending merely comes later
		s.Log.WarnContext(ctx, "sending not pulled forward", "error", err)
	}
	return nil
}

// commit saves. What may have been saved or not is sent once more while there is time: its claims say which it was,
// and a person who can be told so need not look for themself.
func (s *Service) commit(ctx context.Context, ws Workspace, c Commit) error {
	err := s.Records.Commit(ctx, ws, c)
	if errors.Is(err, ErrUnsure) && len(c.Claims) > 0 && ctx.Err() == nil {
		err = s.Records.Commit(ctx, ws, c)
		if err != nil && !errors.Is(err, ErrUnsure) && errors.Is(err, ErrUnavailable) {
			err = fmt.Errorf("%w: %w", ErrUnsure, err) // refused now, but the first may have been saved
		}
	}
	return err
}

// newly leaves out the messages that want nothing else than what is wanted of them already.
func (s *State) newly(wanted []*Message) []*Message {
	return slices.DeleteFunc(slices.Clone(wanted), func(m *Message) bool {
		known := s.Message(m.Key)
		return known != nil && known != m && known.Language == m.Language && known.Until.Equal(m.Until) &&
			known.Closed.Equal(m.Closed) && sameCard(known.Card, m.Card)
	})
}

// remember saves what was learned about people and channels along the way. It is worth a try, not an error: it
// will be learned again.
func (s *Service) remember(ctx context.Context, st *State) {
	if len(st.fresh) == 0 {
		return
	}
	err := s.Records.Commit(ctx, st.In.Workspace, Commit{Now: st.Now, Read: st.shelf, Write: st.fresh})
	if err != nil && !errors.Is(err, ErrConflict) {
		s.Log.WarnContext(ctx, "profiles not saved", "error", err)
	}
}

// retell shows the repetition of an act what came of the first.
func (s *Service) retell(ctx context.Context, in Input, result string) (*State, Decision, error) {
	intent, err := card.ParseIntent(result)
	if err != nil || !in.Inline {
		in = Input{Workspace: in.Workspace, Actor: in.Actor, Place: in.Place, Act: silent{}}
	} else {
		in.Act, in.Delivery = Used{Intent: intent}, ""
	}
	asked, cancel := newLookUps(ctx)
	defer cancel()
	st, t, err := s.load(ctx, in, asked)
	if err != nil {
		return nil, Decision{}, fmt.Errorf("load: %w", err)
	}
	return st, Decision{Say: t.decide(st).Say, Replace: true}, nil
}

// claims are the two keys that make an input happen once: its delivery's, and the act's, since a double click
// is two deliveries of one act.
func claims(in Input, d Decision) []Claim {
	var taken []Claim
	result := ""
	if !d.Retell.IsZero() {
		result = d.Retell.String()
	}
	if in.Delivery != "" {
		taken = append(taken, Claim{"delivery:" + digest(in.Delivery), result})
	}
	if used, ok := in.Act.(Used); ok && used.Intent.Question != "" {
		i := used.Intent
		taken = append(taken, Claim{"act:" + digest(string(in.Actor), i.Verb, i.Subject, i.Question), result})
	}
	return taken
}

// digest makes a short key of identifiers from outside, whatever their length and characters.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// address turns the answer of a delivery that has no reply of its own into a message, keeps what should stay,
// and lets the message whose control was used show the new card.
func address(st *State, d *Decision) {
	c, in := d.Say, st.In
	if c == nil {
		return
	}
	key := "answer:" + st.nonce()
	switch {
	case !in.Inline && in.Place.Kind == Home:
	case !in.Inline:
		d.Post = append(d.Post, st.message(key, Address{Person: in.Actor}, *c))
		d.Say = nil
	case !d.changes(): // a form, a list, a form with errors: it lives and dies with its delivery
	case d.Replace && in.From != "" && st.own():
		if m := st.Message(in.From); m != nil {
			d.Post = append(d.Post, st.reshow(m, *c))
		}
	case d.Keep && in.Place.Kind == Direct:
		d.Post = append(d.Post, st.message(key, Address{Person: in.Actor}, *c))
		d.Say = nil
	case d.Keep:
		d.Post = append(d.Post, st.message(key, Address{Person: in.Actor}, *c))
	}
}

// message is a new message in the actor's language.
func (s *State) message(key string, to Address, c card.Card) *Message {
	return &Message{Key: key, To: to, Card: c, Language: s.Me.Language(), Urgent: true, Revision: 1, Created: s.Now}
}

// showing is the message wanted with another card.
func (m *Message) showing(c card.Card) *Message {
	next := *m
	next.Card = c
	next.Revision++
	return &next
}

// distinct keeps the first of several mentions of one record: they are the same pointer.
func distinct(records []Record) []Record {
	seen := map[Ref]bool{}
	return slices.DeleteFunc(records, func(r Record) bool {
		again := seen[r.Ref()]
		seen[r.Ref()] = true
		return again
	})
}
