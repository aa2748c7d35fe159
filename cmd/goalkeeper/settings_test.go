package main

import (
	"bytes"
	"errors"
	"flag"
	"strings"
	"testing"
)

func environment(pairs ...string) func(string) string {
	env := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return env[name] }
}

func TestSettingsTellAllThatIsWrong(t *testing.T) {
	slack := []string{"SLACK_BOT_TOKEN", "xoxb-secret-1", "SLACK_SIGNING_SECRET", "secret-2"}
	teams := []string{"TEAMS_APP_ID", teamsApp, "TEAMS_APP_PASSWORD", "secret-3", "TEAMS_TENANT_ID", teamsTenant}
	for _, test := range []struct {
		name  string
		env   []string
		wants []string // one line each; none: accepted
	}{
		{"slack over HTTP", slack, nil},
		{"slack by Socket Mode", []string{"SLACK_BOT_TOKEN", "xoxb-secret-1", "SLACK_APP_TOKEN", "xapp-secret-4"}, nil},
		{"teams", teams, nil},
		{"both", append(append([]string{}, slack...), teams...), nil},
		{"no face", nil, []string{"neither Slack nor Teams"}},
		{"half of slack", []string{"SLACK_BOT_TOKEN", "xoxb-secret-1"}, []string{"SLACK_SIGNING_SECRET"}},
		{"the other half", []string{"SLACK_SIGNING_SECRET", "secret-2"}, []string{"SLACK_BOT_TOKEN is missing"}},
		{"a token mistaken for another", []string{"SLACK_BOT_TOKEN", "xapp-secret-4", "SLACK_SIGNING_SECRET", "secret-2"}, []string{"must begin with xoxb-"}},
		{"half of teams", []string{"TEAMS_APP_ID", teamsApp}, []string{"TEAMS_APP_PASSWORD", "TEAMS_TENANT_ID"}},
		{"the other half of teams", []string{"TEAMS_TENANT_ID", teamsTenant}, []string{"TEAMS_APP_ID is missing"}},
		{"everything at once", append([]string{"REDIS_URL", "http://secret-5@x", "LISTEN_ADDR", "8080", "LOG_LEVEL", "loud", "LOG_FORMAT", "xml", "CLOCK_OFFSET", "soon"}, slack...),
			[]string{"REDIS_URL", "LISTEN_ADDR", "LOG_LEVEL", "LOG_FORMAT", "CLOCK_OFFSET"}},
		{"ids that are none", []string{"TEAMS_APP_ID", "x", "TEAMS_APP_PASSWORD", "secret-3", "TEAMS_TENANT_ID", "z"}, []string{"TEAMS_APP_ID must be", "TEAMS_TENANT_ID must be"}},
		{"no token check beyond loopback", append([]string{"TEAMS_AUTH", "off"}, teams...), []string{"TEAMS_AUTH=off is for trials"}},
		{"no token check on loopback", append([]string{"TEAMS_AUTH", "off", "LISTEN_ADDR", "127.0.0.1:0"}, teams...), nil},
		{"a moved clock with real people", append([]string{"CLOCK_OFFSET", "1h"}, slack...), []string{"SLACK_API_URL must point to loopback"}},
		{"waiting for replicas", append([]string{"REDIS_WAIT", "-1", "REDIS_WAIT_TIME", "2s"}, slack...), []string{"REDIS_WAIT \"-1\"", "REDIS_WAIT_TIME \"2s\""}},
		{"a password with a slash", append([]string{"REDIS_URL", "redis://u:pa/secret-5@h:1"}, slack...), []string{"REDIS_URL: the store's address cannot be read"}},
		{"a moved clock with a distant Sentinel", append([]string{"CLOCK_OFFSET", "1h", "SLACK_API_URL", "http://127.0.0.1:1/api/", "REDIS_URL", "redis+sentinel://127.0.0.1:1,db:2/goals"}, slack...), []string{"REDIS_URL must point to loopback"}},
		{"a moved clock with a distant store", append([]string{"CLOCK_OFFSET", "1h", "SLACK_API_URL", "http://127.0.0.1:1/api/", "REDIS_URL", "redis://db:6379"}, slack...), []string{"REDIS_URL must point to loopback"}},
		{"a moved clock on one machine", append([]string{"CLOCK_OFFSET", "-30h", "SLACK_API_URL", "http://127.0.0.1:1/api/"}, slack...), nil},
		{"plain http beyond loopback", append([]string{"SLACK_API_URL", "http://slack.example/api/"}, slack...), []string{"SLACK_API_URL must be an https://"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := readSettings(nil, environment(test.env...), &bytes.Buffer{})
			if err == nil {
				if test.wants != nil {
					t.Fatalf("accepted, want %q", test.wants)
				}
				return
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(test.wants) {
				t.Fatalf("%d problems, want %d: %v", len(lines), len(test.wants), err)
			}
			for i, want := range test.wants {
				if !strings.Contains(lines[i], want) {
					t.Errorf("line %q, want %q in it", lines[i], want)
				}
			}
			if strings.Contains(err.Error(), "secret-") {
				t.Errorf("a secret is told: %v", err)
			}
		})
	}
}

func TestHelpListsEverySettingAndNoSecret(t *testing.T) {
	var help bytes.Buffer
	_, err := readSettings([]string{"--help"}, environment("SLACK_BOT_TOKEN", "xoxb-secret-1"), &help)
	if !errors.Is(err, flag.ErrHelp) {
		t.Fatalf("error %v, want help", err)
	}
	for _, one := range (&settings{}).table() {
		if !strings.Contains(help.String(), one.name) || !strings.Contains(help.String(), "-"+one.flagName()) {
			t.Errorf("%s is not in the help", one.name)
		}
	}
	if strings.Contains(help.String(), "secret-1") {
		t.Error("the help tells a secret")
	}
}

func TestFlagsWinOverTheEnvironment(t *testing.T) {
	env := environment("SLACK_BOT_TOKEN", "xoxb-1", "SLACK_SIGNING_SECRET", "s", "LISTEN_ADDR", ":1")
	set, err := readSettings([]string{"-listen-addr", ":2"}, env, &bytes.Buffer{})
	if err != nil || set.listenAddr != ":2" {
		t.Fatalf("address %+v, %v; want :2", set, err)
	}
}
