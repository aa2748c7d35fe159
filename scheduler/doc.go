// Package scheduler knows when: which instant a weekly hour in somebody's zone is, which timers are due, and
// who handles them.
package scheduler
