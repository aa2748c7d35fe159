package teams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"goalkeeper/bot"
	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// reply is what goes back to Teams: a status, and for invokes a body.
type reply struct {
	status int
	body   any
}

// serve takes one activity. The token is looked at before any of the body is read: strangers send bodies of any
// size at any speed.
func (f *Face) serve(w http.ResponseWriter, r *http.Request) {
	r, err := f.prove(r)
	if err != nil {
		f.refuse(w, r, statusOf(err), err)
		return
	}
	body, done, ok := bot.ReadBody(w, r, maxBody)
	defer done()
	if !ok {
		return
	}
	a, status, err := f.receive(r, body)
	if err != nil {
		f.refuse(w, r, status, err)
		return
	}
	bot.Prove(r)
	write(w, f.handle(r, a))
}

// prove verifies the token; the request then holds what it proved.
func (f *Face) prove(r *http.Request) (*http.Request, error) {
	header := r.Header.Get("Authorization")
	if header == "" && !f.authOff {
		return r, errors.New("no authorization")
	}
	ctx, err := f.tokens.prove(r.Context(), header)
	if err != nil {
		return r, err
	}
	return r.WithContext(ctx), nil
}

// refuse turns a stranger away. Anybody can cause any number of these.
func (f *Face) refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	if unwritten, write := f.strangers.Note(time.Now()); write {
		f.log.WarnContext(r.Context(), "teams: activity refused", "status", status, "error", firstLine(err), unwritten)
	}
	http.Error(w, http.StatusText(status), status)
}

// firstLine leaves out the stack that the library puts behind its errors.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func write(w http.ResponseWriter, out reply) {
	if out.body == nil {
		w.WriteHeader(out.status)
		return
	}
	raw, err := json.Marshal(out.body)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(out.status)
	_, _ = w.Write(raw) // nobody is left to tell
}

// receive reads an activity, and says with which status it is refused.
func (f *Face) receive(r *http.Request, body []byte) (*arrival, int, error) {
	x, rest, err := decode(body)
	if err != nil {
		return nil, http.StatusBadRequest, err
	}
	a := &arrival{extras: x}
	if a.Activity, err = f.parse(r, rest); err != nil {
		return nil, statusOf(err), err
	}
	if a.tenant() != f.tenant {
		return nil, http.StatusForbidden, errors.New("the activity is of another tenant")
	}
	if err := a.check(); err != nil {
		return nil, http.StatusBadRequest, err
	}
	return a, http.StatusOK, nil
}

// parse lets the library decode and verify. It insists on a header even where nothing is verified.
func (f *Face) parse(r *http.Request, body []byte) (schema.Activity, error) {
	in := r.Clone(r.Context())
	if in.Header.Get("Authorization") == "" {
		in.Header.Set("Authorization", "none")
	}
	in.Body = io.NopCloser(bytes.NewReader(body))
	return f.adapter(nil).ParseRequest(r.Context(), in)
}

func statusOf(err error) int {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var date *time.ParseError
	switch {
	case errors.Is(err, errNoKeys):
		return http.StatusServiceUnavailable
	case errors.As(err, &syntax) || errors.As(err, &kind) || errors.As(err, &date):
		return http.StatusBadRequest
	}
	return http.StatusUnauthorized
}

// dispatch routes by type; what is unknown is acknowledged and ignored.
func (f *Face) dispatch(ctx context.Context, a *arrival) reply {
	if a.Type == schema.Invoke {
		return f.invoke(ctx, a)
	}
	if err := f.event(ctx, a); err != nil {
		f.log.ErrorContext(ctx, "teams: activity not handled", "type", a.Type, "error", err)
		return reply{status: http.StatusInternalServerError} // so that Teams delivers it again
	}
	return reply{status: http.StatusOK}
}

func (f *Face) event(ctx context.Context, a *arrival) error {
	switch a.Type {
	case schema.Message:
		return f.message(ctx, a)
	case schema.InstallationUpdate:
		return f.installation(ctx, a)
	case schema.ConversationUpdate:
		return f.roster(ctx, a)
	}
	return nil
}

// message is something typed, or a button of an old client.
func (f *Face) message(ctx context.Context, a *arrival) error {
	f.learn(ctx, a)
	in := f.input(a)
	if a.Text == "" && !isNothing(a.value) {
		p, ok := readPress(a.value)
		if !ok || p.cancel {
			return nil
		}
		in.From, in.Act = p.key, conversation.Used{Intent: p.intent, Values: p.values}
	} else {
		look, cancel := context.WithTimeout(ctx, lookTime)
		defer cancel()
		in.Act = a.typed(func(e entity) goal.PersonID { return f.mentioned(look, a, e) })
	}
	in.Inline = in.Place.Shared()
	answer, err := f.handler.Handle(ctx, in)
	if err != nil {
		f.tellOnce(ctx, a, answer)
		return err
	}
	if in.Inline && answer.Card != nil {
		return f.whisper(ctx, a, answer)
	}
	return nil
}

// learn notes how to reach the sender. It is worth a while, and no error: the conversation says so if the store is
// down.
func (f *Face) learn(ctx context.Context, a *arrival) {
	ctx, cancel := context.WithTimeout(ctx, learnTime)
	defer cancel()
	if err := f.book.learn(ctx, a); err != nil {
		f.log.WarnContext(ctx, "teams: contact not kept", "error", err)
	}
}

// mentioned finds the person behind a mention, which names them by the id that only bots know.
func (f *Face) mentioned(ctx context.Context, a *arrival, e entity) goal.PersonID {
	if e.Mentioned.AadObjectID != "" && checkID(e.Mentioned.AadObjectID) == nil {
		return goal.PersonID(e.Mentioned.AadObjectID)
	}
	if checkID(e.Mentioned.ID) != nil {
		return ""
	}
	var known goal.PersonID
	if ok, err := f.book.recall(ctx, aliasKey(e.Mentioned.ID), &known); ok && err == nil {
		return known
	}
	m, err := f.member(ctx, a.ServiceURL, root(a.Conversation.ID), e.Mentioned.ID)
	if err != nil {
		return ""
	}
	if err := f.book.keep(ctx, aliasKey(e.Mentioned.ID), m.person()); err != nil {
		f.log.WarnContext(ctx, "teams: contact not kept", "error", err)
	}
	return m.person()
}

// tellOnce says right away that nothing was saved; Teams delivers the activity again, but this is said once.
func (f *Face) tellOnce(ctx context.Context, a *arrival, answer conversation.Answer) {
	if !f.told.first(a.delivery()) {
		return
	}
	if answer.Card == nil {
		answer.Card = &card.Card{Kind: "store.down", Summary: down, Body: []card.Block{{Text: &card.Paragraph{Text: card.Text{{Text: down}}}}}}
	}
	if err := f.whisper(ctx, a, answer); err != nil {
		f.log.ErrorContext(ctx, "teams: outage not told", "error", err)
	}
}

// whisper shows an answer to the asker alone: in the personal chat as a message, elsewhere as a targeted
// message, and where that is refused in the personal chat. Only what may be tried again is an error.
func (f *Face) whisper(ctx context.Context, a *arrival, answer conversation.Answer) error {
	to := target{contact: contact{Service: a.ServiceURL, Bot: a.Recipient.ID}, conversation: a.Conversation.ID}
	address := conversation.Address{Person: a.actor()}
	if !a.personal() {
		to.conversation, to.only = root(a.Conversation.ID), a.From.ID
		address.Channel = goal.ChannelID(to.conversation)
	}
	if a.targeted {
		to.answers = a.ID
	}
	m := message(*answer.Card, f.draw(ctx, *answer.Card, answer.Language, "", address))
	_, err := f.deliver(ctx, to, m)
	if !a.personal() && unwelcome(err) {
		if _, err = f.postPerson(ctx, a.actor(), m); err != nil {
			f.sayHow(ctx, a)
		}
	}
	return f.again(ctx, err)
}

// again keeps the errors after which the same activity should come again.
func (f *Face) again(ctx context.Context, err error) error {
	var failed *bot.SendError
	if errors.As(err, &failed) && failed.Outcome != bot.Refused {
		f.log.WarnContext(ctx, "teams: answer not shown", "reason", failed.Reason)
		return nil
	}
	return err
}

// sayHow is for everybody to see and holds nothing private: how to get the answer that could not be given.
func (f *Face) sayHow(ctx context.Context, a *arrival) {
	w := wordsOf(a.profile().Language)
	c := note(w.private)
	native, _ := Render(c, w.language)
	to := target{contact: contact{Service: a.ServiceURL, Bot: a.Recipient.ID}, conversation: a.Conversation.ID}
	if _, err := f.deliver(ctx, to, message(c, native)); err != nil {
		f.log.WarnContext(ctx, "teams: no way to answer", "error", err)
	}
}

// note is a card of one sentence.
func note(text string) card.Card {
	return card.Card{Kind: "note", Summary: text, Body: []card.Block{{Text: &card.Paragraph{Text: card.Text{{Text: text}}}}}}
}

// recent remembers what was said lately, in memory: it only spares people a repetition.
type recent struct {
	mu   sync.Mutex
	seen map[string]bool
}

// maxRecent bounds it; past that it starts anew.
const maxRecent = 1000

// first reports whether the key is new.
func (r *recent) first(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil || len(r.seen) >= maxRecent {
		r.seen = map[string]bool{}
	}
	was := r.seen[key]
	r.seen[key] = true
	return !was
}
