package goal

// MaxDepth is how many goals may stand above one another; what seems deeper is a circle or a mistake.
const MaxDepth = 32

// Cycle reports whether the tree would stop being one if parent became the parent of child: because child
// already stands in the line above parent, or because that line is too deep. parentOf answers "" at a root.
func Cycle(child, parent ID, parentOf func(ID) ID) bool {
	for depth := 1; parent != ""; depth++ {
		if parent == child || depth > MaxDepth {
			return true
		}
		parent = parentOf(parent)
	}
	return false
}

// LineUp lists the goals that a goal serves: its parent first, the root last. It ends where the line would
// come round again or become too deep.
func LineUp(id ID, parentOf func(ID) ID) []ID {
	var line []ID
	seen := map[ID]bool{id: true}
	for at := parentOf(id); at != "" && !seen[at] && len(line) < MaxDepth; at = parentOf(at) {
		seen[at] = true
		line = append(line, at)
	}
	return line
}

// HorizonFor is how far a goal between the two days looks ahead: at most three months, up to a year, over a
// year, five years and more. A goal without a due date counts as short-term.
func HorizonFor(start, due Date) Horizon {
	switch {
	case start.IsZero() || due.IsZero():
		return ShortTerm
	case !due.After(start.AddMonths(3)):
		return MilestoneHorizon
	case !due.After(start.AddMonths(12)):
		return ShortTerm
	case due.Before(start.AddMonths(5 * 12)):
		return LongTerm
	default:
		return VisionHorizon
	}
}
