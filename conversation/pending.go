package conversation

import (
	"time"

	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

// Check-ins.
func (s *State) nextCheckIn(owner *Person, g *Goal) (time.Time, error) { return s.Now, nil }
func (s *State) armCheckIn(p *Person, g *Goal) []Timer                 { return nil }
func answersCheckIn(st *State, text string) bool                       { return false }
func typedAnswer(text string) turn                                     { return nothing }
func updateCommand(a arguments) turn                                   { return nothing }
func checkInNow(a arguments) turn                                      { return nothing }
func checkInDue() turn                                                 { return nothing }
func answerForm(u Used) turn                                           { return nothing }
func saveAnswer(u Used) turn                                           { return nothing }
func nothingChanged(u Used) turn                                       { return nothing }
func snooze(u Used) turn                                               { return nothing }
func skipForm(u Used) turn                                             { return nothing }
func skipWeek(u Used) turn                                             { return nothing }
func correctForm(u Used) turn                                          { return nothing }
func pickReading(u Used) turn                                          { return nothing }
func askHelp(u Used) turn                                              { return nothing }

// Digests, settings, home, help.
func (s *State) offerDigest(c *card.Card, g *Goal, d *Decision) {}
func digestDue(id goal.ChannelID) turn                          { return nothing }
func digestCommand(a arguments) turn                            { return nothing }
func digestForm(u Used) turn                                    { return nothing }
func setDigest(u Used) turn                                     { return nothing }
func stopDigest(u Used) turn                                    { return nothing }
func offerHelp(u Used) turn                                     { return nothing }
func settingsCommand(a arguments) turn                          { return nothing }
func changeSettings(u Used) turn                                { return nothing }
func openHome() turn                                            { return nothing }
func greet() turn                                               { return nothing }
func menu() turn                                                { return nothing }
func helpCommand(a arguments) turn                              { return nothing }
func unknownCommand(text string) turn                           { return nothing }
