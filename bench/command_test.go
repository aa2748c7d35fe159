package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"goalkeeper/bot/slack"
	"goalkeeper/cmd/goalkeeper/house"
)

// BenchmarkCommand is row j without the network between: for profiles, with -cpuprofile.
func BenchmarkCommand(b *testing.B) {
	run, err := newBench(settings{seed: 2026}, io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	defer run.close()
	server, store, err := run.openStore(b.Context())
	if err != nil {
		b.Skip(err)
	}
	defer server.stop()
	defer store.Close()
	town := settle(slackTown, 1000, 2026)
	town.timers = nil
	if err := town.moveIn(b.Context(), store); err != nil {
		b.Fatal(err)
	}
	var log complaints
	h := house.Join(store, func() time.Time { return monday.Add(-time.Hour) }, log.logger())
	face, err := slack.New(b.Context(), slack.Config{
		BotToken: "xoxb-bench", SigningSecret: signingSecret, APIURL: "http://slack.invalid/api/", Client: &http.Client{Transport: newInstant(1)},
		Clock: time.Now, Handler: h.Service, Contacts: store, Meter: h.Meter, Log: log.logger(),
	})
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	face.Routes(mux)
	for n := 0; b.Loop(); n++ {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, command(b.Context(), "/slack/commands", n%1000, n))
		if w.Code != http.StatusOK || w.Body.Len() < 500 {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}
