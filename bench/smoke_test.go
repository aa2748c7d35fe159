package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every row runs with tiny sizes, and stands in the table.
func TestSmoke(t *testing.T) {
	var log bytes.Buffer
	page := filepath.Join(t.TempDir(), "benchmarks.md")
	err := run(t.Context(), []string{"-smoke", "-out", page}, &log)
	t.Log(log.String())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows() {
		if !strings.Contains(string(text), "| "+r.id+" | ") {
			t.Errorf("row %s is not in the table", r.id)
		}
	}
}

func TestUnknownRowIsRefused(t *testing.T) {
	if err := run(t.Context(), []string{"-rows", "g,zz"}, &bytes.Buffer{}); err == nil {
		t.Error("row zz was accepted")
	}
}

func TestMedianAndNumbers(t *testing.T) {
	f := figure{samples: []float64{3, 1, 2}, unit: " s", least: atMost(2), aim: atMost(1.5)}
	if got := f.String() + " " + f.verdict(f.least) + " " + f.verdict(f.aim); got != "2 s (1–3) yes **no**" {
		t.Errorf("%q", got)
	}
	for v, want := range map[float64]string{0: "0", 0.01234: "0.0123", 1.5: "1.5", 12345: "12,345", 999.6: "1,000", 123: "123"} {
		if got := number(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
}
