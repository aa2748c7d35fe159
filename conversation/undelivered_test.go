package conversation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
)

// held is delivery that could not post a message yet.
func (w *world) held(key string) {
	w.t.Helper()
	w.delivers(key, func(m *conversation.Message) {
		m.Delivery = conversation.Delivery{Tries: 1, Since: w.now, NotUntil: w.now.Add(time.Minute), Trouble: conversation.TroubleBusy}
	})
}

// posts is delivery that has posted a message.
func (w *world) posts(key string) {
	w.t.Helper()
	w.delivers(key, func(m *conversation.Message) {
		m.Delivery = conversation.Delivery{State: conversation.Sent, Ref: "r", Shown: m.Revision, Posted: w.now}
	})
}

// late is delivery that asks before it posts late, and answers what the message is then and until when it waits.
func (w *world) late(key string) (*conversation.Message, time.Time) {
	w.t.Helper()
	wait, err := w.svc.Late(w.t.Context(), workspace, w.message(key))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.message(key), wait
}

func TestAQuestionThatMayNotBeThereComesAgainWhole(t *testing.T) {
	for _, c := range []struct {
		state    conversation.DeliveryState
		tongue   string
		why      string
		answer   string
		mustLack string
	}{
		{conversation.Uncertain, "en", "I cannot tell whether Monday's question reached you", "Nothing changed", "has no answer yet"},
		{conversation.Failed, "en", "Monday's question did not reach you", "Nothing changed", "has no answer yet"},
		{conversation.Uncertain, "vi", "mình không rõ câu hỏi hôm thứ Hai đã tới bạn chưa", "Không có gì mới", "chưa được trả lời"},
	} {
		t.Run(string(c.state)+c.tongue, func(t *testing.T) {
			w := newWorld(t)
			w.dir.speaks(linh, c.tongue)
			first := w.plant(linh, cac)
			w.plant(linh, integrations)
			w.until(w.at(linh, "2026-11-30 09:00"))
			w.ends(w.last("checkin:"), c.state, conversation.TroubleNoAnswer)
			w.until(w.at(linh, "2026-12-01 08:59"))
			if n := len(w.keys("nudge:")) + len(w.keys("checkin:")); n != 1 {
				t.Fatalf("sent %q", w.sent)
			}
			w.until(w.at(linh, "2026-12-01 09:00"))
			again := w.last("nudge:")
			w.wants(&again.Card, "G-1 Cut CAC", "G-2 Three integrations", c.why)
			w.lacks(&again.Card, c.mustLack)

			w.says(linh, string(first)+" 210") // one of two: the card follows
			again = w.last("nudge:")
			w.wants(&again.Card, "✓ G-1 Cut CAC", c.why)
			w.press(linh, again.Key, w.intent(&again.Card, c.answer))
			if again = w.last("nudge:"); len(again.Card.Actions) > 0 {
				t.Errorf("all is answered, and still: %s", show(&again.Card))
			}
			w.until(w.at(linh, "2026-12-07 08:59"))
			if n := len(w.keys("nudge:")); n != 1 {
				t.Errorf("reminded %d times", n)
			}
		})
	}
}

func TestNobodyIsRemindedOfAQuestionThatIsStillOnItsWay(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.until(w.at(linh, "2026-11-30 09:00"))
	ask := w.last("checkin:")
	w.held(ask.Key)
	w.until(w.at(linh, "2026-12-01 12:00"))
	if n := len(w.keys("nudge:")); n != 0 {
		t.Fatal("reminded of what nobody saw")
	}
	w.posts(ask.Key)
	w.until(w.at(linh, "2026-12-02 11:59"))
	if n := len(w.keys("nudge:")); n != 0 {
		t.Error("reminded before a day was over")
	}
	w.until(w.at(linh, "2026-12-02 12:00"))
	w.wants(&w.last("nudge:").Card, "has no news since Monday")
}

func TestAQuestionHeldBackIsAskedOnceAndSaysWhy(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.until(w.at(linh, "2026-11-30 09:00"))
	first := w.last("checkin:").Key
	w.held(first)

	w.until(w.at(linh, "2026-11-30 11:00"))
	for range 2 { // asked again, it wants the same
		m, wait := w.late(first)
		if !wait.IsZero() || m.Revision != 2 {
			t.Errorf("waits until %s at revision %d", wait, m.Revision)
		}
		w.wants(&m.Card, "I was away this morning, so this comes late")
	}
	w.until(w.at(linh, "2026-11-30 23:00"))
	if _, wait := w.late(first); !wait.Equal(w.at(linh, "2026-12-01 08:00")) {
		t.Errorf("asked at night: waits until %s", wait)
	}
	w.until(w.at(linh, "2026-12-01 08:00"))
	m, _ := w.late(first)
	w.wants(&m.Card, "I was away on Monday, so this comes late")
	if m.Stale(w.now) {
		t.Error("withdrawn while its week runs")
	}

	w.until(w.at(linh, "2026-12-07 09:00")) // the platform is still away
	if m := w.message(first); !m.Stale(w.now) {
		t.Error("last week's question would still be asked")
	}
	if n := len(w.keys("checkin:")); n != 2 {
		t.Errorf("sent %q", w.sent)
	}
}

// Delivery reads the clock before the conversation does, so that "now" would be a wait, again and again.
func TestALateReminderGoesAtOnceByDay(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.until(w.at(linh, "2026-11-30 09:00"))
	w.posts(w.last("checkin:").Key)
	w.until(w.at(linh, "2026-12-01 09:00"))
	nudge := w.last("nudge:").Key
	for now, until := range map[string]string{
		"2026-12-01 11:00": "", "2026-12-01 18:59": "", "2026-12-01 19:00": "2026-12-02 08:00", "2026-12-02 07:00": "2026-12-02 08:00",
		"2026-12-05 12:00": "2026-12-07 08:00",
	} {
		want := time.Time{}
		if until != "" {
			want = w.at(linh, until)
		}
		w.sleep(w.at(linh, now))
		if _, wait := w.late(nudge); !wait.Equal(want) {
			t.Errorf("at %s the reminder waits until %s, want %s", now, wait, want)
		}
	}
}

func TestWhatIsAnsweredMeanwhileIsNotAsked(t *testing.T) {
	w := newWorld(t)
	id := w.plant(linh, cac)
	w.until(w.at(linh, "2026-11-30 09:00"))
	ask := w.last("checkin:").Key
	w.held(ask)
	w.says(linh, string(id)+" 210")
	if !w.message(ask).Stale(w.now) {
		t.Error("it would be asked all the same")
	}
}

// doubtful is a world in which Tuesday's digest, which has a thread, is uncertain or failed.
func doubtful(t *testing.T, as conversation.DeliveryState, tongue string) (*world, *conversation.Message) {
	t.Helper()
	w := newWorld(t)
	w.dir.speaks(linh, tongue)
	first := w.plant(linh, map[string]string{"title": "Cut CAC", "due": "2026-12-31"})
	w.plant(sam, map[string]string{"title": "Three integrations", "parent": string(first)}) // due later: told in the thread
	w.uses(linh, "", conversation.Used{Intent: card.Intent{Verb: "digest.set", Subject: string(growth)}})
	w.until(w.at(linh, "2026-12-01 10:01"))
	top := w.digests()[0]
	w.ends(top, as, conversation.TroubleNoAnswer)
	return w, top
}

func TestTheKeeperSaysWhatBecameOfADigest(t *testing.T) {
	w, top := doubtful(t, conversation.Uncertain, "en")
	ask := w.last("digest-unsure:")
	if ask.To.Person != linh || ask.To.Channel != "" {
		t.Fatalf("asked %+v", ask.To)
	}
	w.wants(&ask.Card, "I cannot tell whether the digest reached #growth", "[Post again][It is there]")

	again := w.press(linh, ask.Key, w.intent(&ask.Card, "Post again"))
	w.wants(again.Card, "on its way to #growth again")
	w.lacks(&w.message(ask.Key).Card, "Post again")
	tops := w.digests()
	if len(tops) != 2 || tops[1].Key == top.Key || tops[1].To != top.To {
		t.Fatalf("digests %q", w.keys("digest:"))
	}
	if old := w.message(top.Key); old.Closed.IsZero() || old.Delivery.State != conversation.Uncertain {
		t.Errorf("the first is %+v", old)
	}
	if part := w.message(top.Key + ":1"); part == nil || !part.Stale(w.now) {
		t.Error("the part of the first would still be posted")
	}
	if part := w.message(tops[1].Key + ":1"); part == nil || part.To.Under != tops[1].Key {
		t.Error("the second has no thread")
	}
	for _, label := range []string{"Post again", "It is there"} { // by somebody else, or much later
		w.press(linh, ask.Key, w.intent(&ask.Card, label))
	}
	if n := len(w.digests()); n != 2 {
		t.Errorf("posted %d times", n)
	}

	w.says(linh, "G-1 200") // a correction follows the second
	w.until(w.at(linh, "2026-12-08 10:01"))
	if tops = w.digests(); len(tops) != 3 || tops[2].Key != "digest:C1:2026-W50" {
		t.Errorf("digests %q", w.keys("digest:"))
	}
}

func TestADigestThatIsThereIsLeftAlone(t *testing.T) {
	w, top := doubtful(t, conversation.Uncertain, "vi")
	ask := w.last("digest-unsure:")
	w.wants(&ask.Card, "Mình không rõ bản tin đã tới #growth chưa", "[Gửi lại][Có rồi]")
	w.wants(w.press(linh, ask.Key, w.intent(&ask.Card, "Có rồi")).Card, "để nguyên như thế")
	if m := w.message(top.Key); m.Closed.IsZero() {
		t.Error("the question stays open")
	}
	if part := w.message(top.Key + ":1"); part.Stale(w.now) {
		t.Error("its thread is withdrawn")
	}
	w.press(linh, ask.Key, w.intent(&ask.Card, "Gửi lại"))
	if n := len(w.digests()); n != 1 {
		t.Errorf("posted %d times", n)
	}
}

func TestADigestThatFailedIsToldWithWhatMendsIt(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.turnOn(linh)
	w.until(w.at(linh, "2026-12-01 10:01"))
	w.ends(w.digests()[0], conversation.Failed, conversation.TroubleNotInChannel)
	ask := w.last("digest-unsure:")
	w.wants(&ask.Card, "The digest did not reach #growth", "somebody there has to invite it", "[Post again]")
	w.lacks(&ask.Card, "It is there")
	room := w.dir.rooms[growth]
	room.Present = false
	w.dir.rooms[growth] = room
	w.sleep(w.now.Add(7 * time.Hour))
	w.wants(w.press(linh, ask.Key, w.intent(&ask.Card, "Post again")).Card, "I am not in #growth yet")
	room.Present = true
	w.dir.rooms[growth] = room
	w.sleep(w.now.Add(7 * time.Hour))
	w.press(linh, ask.Key, w.intent(&ask.Card, "Post again"))
	tops := w.digests()
	if len(tops) != 2 {
		t.Fatalf("digests %q", w.keys("digest:"))
	}
	w.wants(&tops[1].Card, "This comes late: it was due")
}

func TestOnlyTheKeeperDecidesAboutADigest(t *testing.T) {
	w, _ := doubtful(t, conversation.Uncertain, "en")
	ask := w.last("digest-unsure:")
	w.press(sam, "", w.intent(&ask.Card, "Post again"))
	if n := len(w.digests()); n != 1 {
		t.Errorf("posted %d times", n)
	}
}

func TestALateDigestSaysSo(t *testing.T) {
	w := newWorld(t)
	w.plant(linh, cac)
	w.turnOn(linh)
	w.until(w.at(linh, "2026-12-01 10:00"))
	top := w.digests()[0].Key
	w.held(top)
	w.until(w.at(linh, "2026-12-01 14:00"))
	for range 2 {
		m, wait := w.late(top)
		if !wait.IsZero() || m.Revision != 2 {
			t.Errorf("waits until %s at revision %d", wait, m.Revision)
		}
		w.wants(&m.Card, "This comes late: it was due")
	}
	w.until(w.at(linh, "2026-12-08 10:00"))
	if !w.message(top).Stale(w.now) {
		t.Error("last week's digest would still be posted")
	}
}

func TestTroublesAreToldInBothLanguages(t *testing.T) {
	for _, tag := range []string{"en", "vi"} {
		p := &conversation.Person{Chosen: conversation.Choices{Language: tag}}
		said := []string{}
		for _, trouble := range []conversation.Trouble{conversation.TroubleBusy, conversation.TroubleAccess, conversation.TroublePersonGone,
			conversation.TroubleNotInstalled, conversation.TroubleChannelGone, conversation.TroubleRefused} {
			words := trouble.Words(p.Voice())
			if strings.HasPrefix(words, "trouble.") || slices.Contains(said, words) {
				t.Errorf("%s in %s: %q", trouble, tag, words)
			}
			said = append(said, words)
		}
	}
}
