package storage

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// nearlyFull is the share of maxmemory from which on its keeper should know, in percent.
const nearlyFull = 90

// lately is for how long a change that no replica confirmed is worth a warning.
const lately = 10 * time.Minute

// Warnings are what whoever runs the store should know, each in one line: what makes it lose data, or soon
// refuse it. The store can be used all the same. Of a Cluster every primary is asked.
func (s *Store) Warnings(ctx context.Context) []string {
	if s.at.memory {
		return []string{"embedded:// keeps nothing: everything is gone when this process ends."}
	}
	all, err := s.ask(ctx)
	if err != nil {
		return nil // Ready says so
	}
	var warn []string
	for _, one := range all {
		warn = append(warn, one.warnings(s.at.confirm)...)
	}
	if n := s.at.confirm.shortWithin(lately); n > 0 {
		warn = append(warn, fmt.Sprintf("%d changes since the start were not confirmed by %d replicas, the last one in the last %.0f minutes. They are saved; if the primary had died then, they would be lost.",
			n, s.at.confirm.replicas, lately.Minutes()))
	}
	return warn
}

func (one server) warnings(c *confirm) (warn []string) {
	say := func(format string, a ...any) {
		warn = append(warn, one.name+" "+fmt.Sprintf(format, a...))
	}
	if one.silent {
		say("does not let this user ask INFO: whether it keeps data safe is unknown.")
		return warn
	}
	if policy := one.facts["maxmemory_policy"]; policy != "" && policy != "noeviction" && evicts(one) == nil {
		say("has maxmemory-policy %s: it would delete goals once maxmemory is set. Set it to noeviction.", policy)
	}
	if used, most := number(one.facts["used_memory"]), number(one.facts["maxmemory"]); most > 0 && used*100 >= most*nearlyFull {
		say("has used %d %% of its maxmemory: when it is full, nothing can be saved. Raise maxmemory.", used*100/most)
	}
	if one.facts["aof_enabled"] == "0" {
		say("keeps no append-only file: a crash loses what came after its last snapshot, if it takes any. Set appendonly yes.")
	}
	if one.facts["aof_last_write_status"] == "err" || one.facts["rdb_last_bgsave_status"] == "err" || one.facts["aof_last_bgrewrite_status"] == "err" {
		say("could not write to its disk lately. Look at its log and at the space left.")
	}
	if n := one.replicas(); c != nil && n >= 0 && n < c.replicas {
		say("has %d replicas of the %d that are to confirm each change.", n, c.replicas)
	}
	return warn
}

// replicas is how many follow closely, -1 when the server does not tell.
func (one server) replicas() int {
	if one.facts["connected_slaves"] == "" {
		return -1
	}
	online := 0
	for name, value := range one.facts {
		if strings.HasPrefix(name, "slave") && strings.Contains(value, "state=online") {
			online++
		}
	}
	return online
}
