package main

// rows are all rows, in the order of the table.
func rows() []row {
	return []row{
		{"a", "claim and finish of timers, 8 workers", runA},
		{"b", "the same, by batch", runB},
		{"c", "cost follows what is due", runC},
		{"d", "memory of a timer", runD},
		{"e", "lateness at rest", runE},
		{"f", "rest", runF},
		{"g", "Monday: 10,000 owners with 3 goals each due at once, everything but the platform", runG},
		{"h", "Monday: our seconds", runH},
		{"i", "use of the platform's allowance, two replicas, moved clock", runI},
		{"j", "a signed /goal answered (verify, claim, read, decide, render): processor's time", runJ},
		{"k", "the same: waits", runK},
		{"l", "memory of the process", runL},
		{"m", "next local occurrence", runM},
		{"n", "playground: process start to first page", runN},
		{"o", "one goal changed under version check", runO},
		{"p", "bytes in Redis of a goal", runP},
		{"q", "digest of 10,000 goals", runQ},
		{"r", "the Monday of g on embedded://", runR},
	}
}
