package main

import (
	"runtime"
	"slices"
	"strings"
	"sync"
)

// product is what the names of the functions under test begin with.
const product = "goalkeeper/"

// pointDepth is how many of the product's functions name a point: enough to tell a message's mark from its
// outcome, few enough that every point is met often.
const pointDepth = 4

// pointHere names the place in the product from which the outside was called just now: the innermost functions,
// outermost first. Nobody lists points by hand; whoever adds a call adds a point.
func pointHere() string {
	var pcs [deepest]uintptr
	n := runtime.Callers(2, pcs[:])
	if name, known := points.Load(pcs); known {
		return name.(string) //nolint:forcetypeassert // only these are stored
	}
	name := pointOf(pcs[:n])
	points.Store(pcs, name)
	return name
}

// points are the names by the stack that they were made of: there are few, and making one takes a while.
var points sync.Map

const deepest = 64 // of the stack that is looked at

func pointOf(pcs []uintptr) string {
	frames := runtime.CallersFrames(pcs)
	var names []string
	for len(names) < pointDepth {
		frame, more := frames.Next()
		if name, ok := strings.CutPrefix(frame.Function, product); ok && !passing(name) {
			if name = plainName(name); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if !more {
			break
		}
	}
	slices.Reverse(names)
	return strings.Join(names, " > ")
}

// passing says that a function is the suite's own, or stands between every call and its store.
func passing(name string) bool {
	plain := strings.Replace(name, "(*", "", 1)
	return strings.HasPrefix(plain, "cmd/faults") || strings.HasPrefix(plain, "storage.watch") || strings.HasPrefix(plain, "storage.convoy")
}

// plainName is "Records.Commit" of "storage.(*Records).Commit.func1". Generic and nameless functions count as
// those that hold them.
func plainName(name string) string {
	name = name[strings.LastIndex(name, "/")+1:]
	name = strings.NewReplacer("(*", "", "(", "", ")", "", "[...]", "").Replace(name)
	parts := strings.Split(name, ".")
	parts = slices.DeleteFunc(parts[1:], func(p string) bool {
		return strings.HasPrefix(p, "func") || strings.Trim(p, "0123456789-") == ""
	})
	plain, _, _ := strings.Cut(strings.Join(parts, "."), "-range")
	return plain
}
