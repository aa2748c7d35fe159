package main

import "strings"

// reasons say why a row does not reach what it should, as profiles and counts of late 2026 showed it. They are printed
// for the rows that fall short.
var reasons = map[string]string{
	"a": "a worker is handed one timer and the lane claims as many as it has free workers, eight at most, so each claim and each finish " +
		"carries few. Claiming ahead of the workers would help a handler that does nothing; the pools of a process are larger.",
	"d": "a member names its workspace, since one due set serves all: 29 bytes, in steps of 16. asynq's task is smaller than when the aim was set.",
	"g": "about a dozen commands go to Redis for each owner, and each message is written three times with its whole card (wanted, being " +
		"sent, sent). A record of its delivery beside the card's would spare two of them.",
	"h": "the same as g. The minimum itself is 200 s for Teams and 19 minutes for Slack; ours goes on beside it.",
	"j": "profiles show no single cause: the round trip to Redis, decoding, rendering, the timers of deadlines and the log's line of each " +
		"request take a part each.",
	"k": "Bolt answers from memory and reads nothing.",
	"l": "an idle process holds its code, the time zones, the catalogues and two pools; Bolt's peak grows where ours does not.",
	"n": "nine milliseconds more than a server that does nothing; where they go was not looked into.",
	"o": "the commit script also checks and mends indexes step by step, and the goal's JSON is read whole. Eight writers of one goal in " +
		"one process do not wait for each other; a lock for each record would.",
	"q": "about half is decoding. The save compares the version of each of the 13,000 records that were read, in one script, while which others " +
		"wait. Not comparing could leave an answer out of two digests.",
}

// reasonsOf are the notes for rows that fall short of what is required.
func reasonsOf(results []result) (notes []string) {
	for _, r := range results {
		short := false
		for _, f := range r.figures {
			short = short || strings.Contains(f.verdict(f.least), "no")
		}
		if why := reasons[r.id]; short && why != "" {
			notes = note(notes, r.id, why)
		}
	}
	return notes
}
