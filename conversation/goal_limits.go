package conversation

import "goalkeeper/conversation/language"

// How many goals there may be. Nobody honest comes near: the numbers keep one person, or one who took their place,
// from filling everybody's lists and the store.
const (
	maxMade = 200    // open ones that one person made, and new ones that they make in a day
	maxOpen = 30_000 // open ones in a workspace
)

// checkRoom refuses a new goal where there are too many; the form stays open with all that was typed.
func (s *State) checkRoom(wrong map[string]string) {
	made := 0
	for _, g := range s.choices() {
		if g.Creator == s.Me.ID {
			made++
		}
	}
	switch {
	case s.open >= maxOpen:
		wrong["title"] = s.Voice().Say("wrong.too-many-here", language.With{"max": maxOpen})
	case made >= maxMade, s.madeToday() >= maxMade:
		wrong["title"] = s.Voice().Say("wrong.too-many", language.With{"max": maxMade})
	}
}

func (s *State) madeToday() int {
	if s.Me.Made.On == s.Today() {
		return s.Me.Made.N
	}
	return 0
}

// countMade notes one more goal of the actor's.
func (s *State) countMade(d *Decision) {
	s.Me.Made = Spree{On: s.Today(), N: s.madeToday() + 1}
	d.Write = append(d.Write, s.Me)
}
