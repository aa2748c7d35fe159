package slack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"goalkeeper/conversation"
)

// known is a workspace that answers what tests know.
type known struct{}

func (known) bot() string { return "U0BOT" }

func (known) name(_ context.Context, id string) string {
	return map[string]string{"U0BEN": "Ben Okoro"}[id]
}

func (known) private(_ context.Context, id string) bool { return id == "C0SECRET" }

func (known) recall(_ context.Context, ref string) ([]byte, error) {
	if ref == "#intent:kept" {
		return []byte("checkin.snooze||2026-W48|tomorrow"), nil
	}
	return nil, errRetired
}

func kindOf(name string) envelope {
	switch {
	case strings.HasPrefix(name, "command"):
		return commands
	case strings.HasPrefix(name, "block_actions"), strings.HasPrefix(name, "view_"):
		return interactions
	}
	return events
}

func recorded(t testing.TB, name string) []byte {
	t.Helper()
	payload, err := os.ReadFile(filepath.Join("testdata", "payloads", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// TestDecode replays what Slack sends, and holds what we understand of it in golden files.
func TestDecode(t *testing.T) {
	files, err := filepath.Glob("testdata/payloads/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no payloads", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			d, err := decode(t.Context(), kindOf(name), recorded(t, name), known{})
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "decoded."+name, struct {
				Team   string
				Input  conversation.Input
				Act    string
				Origin origin
				Form   string `json:",omitempty"`
				Gone   string `json:",omitempty"`
			}{d.team, d.in, fmt.Sprintf("%T", d.in.Act), d.origin, d.form, d.gone})
		})
	}
}

func TestDecodeRefusesWhatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		kind    envelope
		payload string
	}{
		"not JSON":            {events, `{"type":`},
		"a list":              {interactions, `[]`},
		"no team":             {events, `{"type":"event_callback","event_id":"E1"}`},
		"command from nobody": {commands, `{"team_id":"T1"}`},
		"no view":             {interactions, `{"type":"view_submission","team":{"id":"T1"},"user":{"id":"U1"}}`},
		"foreign metadata":    {interactions, `{"type":"view_submission","team":{"id":"T1"},"user":{"id":"U1"},"view":{"private_metadata":"x"}}`},
		"no intent":           {interactions, `{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1"},"actions":[{"action_id":"press.1","value":"%%%"}]}`},
		"unknown envelope":    {"hello", `{}`},
	} {
		if _, err := decode(t.Context(), c.kind, []byte(c.payload), known{}); !errors.Is(err, errPayload) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadable(t *testing.T) {
	for in, want := range map[string]string{
		"<@U0BEN|ben> and <@U0NEW|new> and <@U0ANON>":                 "@Ben Okoro and @new and @U0ANON",
		"<#C1|growth> <#C2>":                                          "#growth #C2",
		"<!here> <!channel|channel> <!subteam^S1|@eng> <!subteam^S2>": "@here @channel @eng @group",
		"<!date^1392734382^{date}|18 Feb>":                            "18 Feb",
		"<https://a.example/?a=1&amp;b=2|a &amp; b>":                  "a & b",
		"<https://a.example/?a=1&amp;b=2>":                            "https://a.example/?a=1&b=2",
		"&amp;lt; &lt;b&gt; 1<2 a>b <x>":                              "&lt; <b> 1<2 a>b <x>",
		"  giữ nguyên 100% *đậm*  ":                                   "giữ nguyên 100% *đậm*",
	} {
		if got, _ := readable(in, func(id string) string { return known{}.name(t.Context(), id) }); got != want {
			t.Errorf("%q reads %q, want %q", in, got, want)
		}
	}
	_, mentions := readable(strings.Repeat("<@U0BEN> ", 30), func(string) string { return "Ben" })
	if len(mentions) != 30 || mentions[29].Text != "@U0BEN" {
		t.Errorf("%d mentions, the last %+v: names beyond the bound stay ids", len(mentions), mentions[29])
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/payloads/*.json")
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		f.Add(string(kindOf(name)), recorded(f, name))
	}
	f.Fuzz(func(t *testing.T, kind string, payload []byte) {
		d, err := decode(t.Context(), envelope(kind), payload, known{})
		if err == nil && d.in.Act != nil && d.in.Delivery == "" && d.in.Inline == false {
			t.Errorf("an event without an id would be handled twice: %+v", d.in)
		}
	})
}

func FuzzFromForm(f *testing.F) {
	f.Add(true, "text=new+Cut+CAC&team_id=T1")
	f.Add(false, "payload="+url.QueryEscape(`{"type":"block_actions"}`))
	f.Fuzz(func(t *testing.T, command bool, body string) {
		kind := interactions
		if command {
			kind = commands
		}
		if payload, err := fromForm(kind, []byte(body)); err == nil {
			_, _ = decode(t.Context(), kind, payload, known{})
		}
	})
}

func FuzzReadable(f *testing.F) {
	f.Add("<@U0BEN|ben> &amp; <#C1|x> <!here>")
	f.Fuzz(func(t *testing.T, s string) {
		text, mentions := readable(s, func(string) string { return "" })
		for _, m := range mentions {
			if !strings.Contains(text, strings.TrimSpace(m.Text)) {
				t.Errorf("mention %q is not in %q", m.Text, text)
			}
		}
	})
}
