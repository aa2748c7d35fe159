//go:build unix

package pacing

import (
	"testing"
	"time"

	"goalkeeper/storage"
	"goalkeeper/storage/storagetest"
)

func open(t *testing.T, url string) *storage.Store {
	t.Helper()
	s, err := storage.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Two replicas send a Monday's prompts to platforms that enforce what they publish.
func TestAllowanceIsUsedAndNeverExceeded(t *testing.T) {
	for _, c := range []struct {
		platform       string
		people, urgent int
		spread         time.Duration
	}{
		{Teams, 4000, 100, 83 * time.Second},
		{Slack, 700, 30, 85 * time.Second},
	} {
		t.Run(c.platform, func(t *testing.T) {
			url := storagetest.Redis(t)
			began := time.Now()
			got, err := Trial{
				Stores: []*storage.Store{open(t, url), open(t, url)}, Platform: c.platform, People: c.people, Urgent: c.urgent, Seed: 1,
			}.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v in %v", got, time.Since(began).Round(time.Millisecond))
			if got.Sent != c.people+c.urgent || got.Twice > 0 || got.Early > 0 {
				t.Errorf("%d sent, %d of them twice, %d early", got.Sent, got.Twice, got.Early)
			}
			if got.Use < 0.99 || got.Refused > 0 {
				t.Errorf("%.2f %% of the allowance is used, with %d refusals", got.Use*100, got.Refused)
			}
			if got.UrgentMost > 1200*time.Millisecond {
				t.Errorf("an urgent message took %v", got.UrgentMost)
			}
			if got.Spread > c.spread {
				t.Errorf("the last prompt came %v after the hour", got.Spread)
			}
		})
	}
}

// A workspace in which ten thousand are asked at once does not keep another one's single prompt waiting. It is the
// last in every order that Redis knows.
func TestASinglePromptIsNotHeldUpByTenThousand(t *testing.T) {
	url := storagetest.Redis(t)
	got, err := Trial{
		Stores: []*storage.Store{open(t, url), open(t, url)}, Platform: Slack, People: 10_000, Seed: 2, For: time.Second,
	}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", got)
	if got.Single == 0 || got.Single > 10*time.Second { // about a second; the rest is for slow machines and the race detector
		t.Errorf("another workspace's prompt took %v", got.Single)
	}
}
