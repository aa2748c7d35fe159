package pacing

import (
	"strings"
	"time"
)

// report reads what the platform got.
func (r *run) report() Report {
	p := r.platform
	p.mu.Lock()
	defer p.mu.Unlock()
	out := Report{Crowd: r.crowd}
	seen := map[string]bool{}
	for _, a := range p.got {
		key := "trial:" + strings.TrimPrefix(a.key, "trial:")
		took := a.at.Sub(r.came[key])
		if seen[key] {
			out.Twice++
		}
		seen[key] = true
		if took < 0 {
			out.Early++
		}
		switch {
		case a.workspace != r.Platform:
			out.Single = a.really.Sub(r.struck)
			continue
		case strings.HasPrefix(key, "trial:urgent:"):
			out.UrgentMost = max(out.UrgentMost, took)
		default:
			out.Spread = max(out.Spread, took)
		}
		out.Sent++
	}
	out.Allowed = out.Spread.Seconds()*allowance[r.Platform] + 1
	out.Use = float64(out.Sent) / out.Allowed
	for _, at := range p.refused {
		out.Refused++
		if at.Sub(hour) > time.Minute {
			out.RefusedLater++
		}
	}
	return out
}
