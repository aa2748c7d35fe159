package main

import (
	"strings"
	"testing"
	"time"

	"goalkeeper/storage/storagetest"
)

// serveTeams starts a process at a moment and points Teams at it.
func serveTeams(t *testing.T, w *teamsWorld, redisURL string, at time.Time) *process {
	t.Helper()
	p := startServe(t, at, "REDIS_URL="+redisURL, "TEAMS_AUTH=off", "TEAMS_APP_ID="+teamsApp, "TEAMS_TENANT_ID="+teamsTenant)
	w.bot = p.url
	return p
}

// The whole story in Teams and in Vietnamese, for somebody who only installed the app and wrote in a channel.
func TestStoryOnTeamsSurvivesKills(t *testing.T) {
	redisURL := storagetest.Redis(t)
	w := newTeamsWorld(t)
	const channel = "19:growth@thread.tacv2"

	p := serveTeams(t, w, redisURL, thursday)
	w.send(linhT, map[string]any{"type": "installationUpdate", "action": "add"})
	w.mention(linhT, "new Giảm CAC từ 250 đô xuống 150 đô vào quý 4")
	form := w.wait(channel, "Mục tiêu mới")
	if form.Whisper != linhT.id {
		t.Errorf("the form in the channel is for %q, want Linh alone", form.Whisper)
	}
	answer := w.press(linhT, form, "Lưu", nil, channelPost())
	if !strings.Contains(dump(answer), "G-1") {
		t.Fatalf("saving answers %s\n%s", dump(answer), p.log)
	}
	w.wait(linhT.chat(), "Giảm CAC")
	w.mention(linhT, "ban tin")
	w.press(linhT, w.wait(channel, "Bật bản tin"), "Bật bản tin", nil, channelPost())
	p.kill()

	p = serveTeams(t, w, redisURL, monday)
	w.wait(linhT.chat(), "Trả lời ngay đây")
	p.kill()

	p = serveTeams(t, w, redisURL, monday.Add(leaseOver))
	w.say(linhT, "210, 7/10, chờ pháp lý")
	w.wait(linhT.chat(), "Đã ghi")
	p.kill()

	p = serveTeams(t, w, redisURL, tuesday)
	w.wait(channel, "chờ pháp lý")
	p.kill()
	serveTeams(t, w, redisURL, tuesday.Add(leaseOver))
	settled(t, redisURL, tuesday.Add(leaseOver))

	// The prompt says one or the other: killed before its id was recorded, it is in doubt and stays as it was.
	for _, once := range []struct{ where, words, or string }{
		{linhT.chat(), "Tuần này xong rồi", "Trả lời ngay đây"}, {linhT.chat(), "Đã ghi", "\x00"}, {channel, "chờ pháp lý", "\x00"},
	} {
		if n := len(w.seen(once.where, once.words)) + len(w.seen(once.where, once.or)); n != 1 {
			t.Errorf("%d messages in %s say %q, want 1", n, once.where, once.words)
		}
	}
}
