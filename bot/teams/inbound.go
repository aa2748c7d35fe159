package teams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// answerTime is how long one activity may take. Teams gives an invoke 10 to 15 seconds ("How bots work").
const answerTime = 8 * time.Second

// reply is what goes back to Teams: a status, and for invokes a body.
type reply struct {
	status int
	body   any
}

// serve takes one activity: read, verified, and handled once however often it arrives at the same time.
func (f *Face) serve(w http.ResponseWriter, r *http.Request) {
	a, status, err := f.receive(w, r)
	if err != nil {
		f.log.WarnContext(r.Context(), "teams: activity refused", "status", status, "error", firstLine(err))
		http.Error(w, http.StatusText(status), status)
		return
	}
	key := a.delivery()
	if key == "" {
		key = fmt.Sprintf("%p", a)
	}
	out, _, _ := f.inFlight.Do(key+" "+string(a.Type), func() (any, error) { //nolint:contextcheck // shared by all who ask, so it ends with none of them
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), answerTime)
		defer cancel()
		return f.dispatch(ctx, a), nil
	})
	write(w, out.(reply))
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

// receive reads and verifies a request, and says with which status it is refused.
func (f *Face) receive(w http.ResponseWriter, r *http.Request) (*arrival, int, error) {
	header := r.Header.Get("Authorization")
	if header == "" && !f.authOff {
		return nil, http.StatusUnauthorized, errors.New("no authorization")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, http.StatusRequestEntityTooLarge, err
	}
	if err != nil {
		return nil, http.StatusBadRequest, err
	}
	x, rest, err := decode(body)
	if err != nil {
		return nil, http.StatusBadRequest, err
	}
	a := &arrival{extras: x}
	if a.Activity, err = f.parse(r, rest, header); err != nil {
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
func (f *Face) parse(r *http.Request, body []byte, header string) (schema.Activity, error) {
	if header == "" {
		header = "none"
	}
	in := r.Clone(r.Context())
	in.Header.Set("Authorization", header)
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
	if err := f.book.learn(ctx, a); err != nil {
		f.log.WarnContext(ctx, "teams: contact not kept", "error", err) // the conversation says so, if the store is down
	}
	in := f.input(a)
	if a.Text == "" && !isNothing(a.value) {
		p, ok := readPress(a.value)
		if !ok || p.cancel {
			return nil
		}
		in.From, in.Act = p.key, conversation.Used{Intent: p.intent, Values: p.values}
	} else {
		in.Act = a.typed(func(e entity) goal.PersonID { return f.mentioned(ctx, a, e) })
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
