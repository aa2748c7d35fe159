package conversation

import (
	"goalkeeper/conversation/card"
	"goalkeeper/goal"
)

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
