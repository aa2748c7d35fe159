package goal

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// today is a Monday in the last quarter.
var today = Date{2026, time.November, 23}

func TestParseDraft(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"Cut CAC from $250 to $150 by Q4", "Cut CAC | CAC 250→150 $ decrease | 2026-12-31"},
	} {
		if got := showDraft(ParseDraft(tt.line, today)); got != tt.want {
			t.Errorf("%q\n got %s\nwant %s", tt.line, got, tt.want)
		}
	}
	_ = norm.NFD
	_ = rapid.Check
}

// showDraft writes a draft in one line: title | metric | due | the rest.
func showDraft(d Draft) string {
	parts := []string{d.Title}
	if m := d.Metric; m != nil {
		parts = append(parts, showMetric(m))
	}
	for _, u := range d.Unclear {
		parts = append(parts, u.Field+"? "+showReadings(u.Readings))
	}
	if !d.Due.IsZero() {
		parts = append(parts, d.Due.String())
	}
	for _, day := range d.DueAmbiguous {
		parts = append(parts, day.String()+"?")
	}
	if d.DueImpossible != "" {
		parts = append(parts, d.DueImpossible+" no, "+d.DueNear.String())
	}
	if d.Mention != "" {
		parts = append(parts, "owner "+d.Mention)
	}
	if d.Parent != "" {
		parts = append(parts, "serves "+string(d.Parent))
	}
	return strings.Join(parts, " | ")
}

func showMetric(m *Metric) string {
	from := "?"
	switch {
	case m.Floor != nil:
		from = m.Floor.String()
	case m.Baseline != nil:
		from = m.Baseline.String()
	}
	return strings.Join(strings.Fields(m.Name+" "+from+"→"+m.Target.String()+" "+m.Unit+" "+string(m.Direction)), " ")
}
