package conversation

import (
	"maps"
	"slices"
)

// Verbs are the verbs of everything that can be pressed or submitted.
func Verbs() []string { return slices.Sorted(maps.Keys(controls())) }

// CommandNames are the words that can stand behind /goal.
func CommandNames() []string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}
