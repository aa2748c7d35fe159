package slack

import (
	"regexp"
	"strings"

	"goalkeeper/conversation"
	"goalkeeper/goal"
)

// maxMentions bounds the names that are looked up for one text.
const maxMentions = 10

// reference is what Slack writes for people, channels, groups and links in the text it delivers:
// <@U0BEN|ben>, <#C1|growth>, <!here>, <https://example.com|example>.
var reference = regexp.MustCompile(`<([^<>|]*)(?:\|([^<>]*))?>`)

var entities = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// readable turns Slack's notation into what the person saw when they typed it, and the people in it into
// mentions. name tells how somebody is called, empty when it cannot.
func readable(s string, name func(id string) string) (string, []conversation.Mention) {
	var mentions []conversation.Mention
	var out strings.Builder
	last := 0
	for _, at := range reference.FindAllStringSubmatchIndex(s, -1) {
		out.WriteString(entities.Replace(s[last:at[0]]))
		last = at[1]
		target, label := s[at[2]:at[3]], ""
		if at[4] >= 0 {
			label = s[at[4]:at[5]]
		}
		if id, ok := strings.CutPrefix(target, "@"); ok && personID.MatchString(id) {
			text := "@" + calledBy(id, label, name, len(mentions))
			mentions = append(mentions, conversation.Mention{Text: text, Person: goal.PersonID(id)})
			out.WriteString(text)
			continue
		}
		if notation(target) {
			out.WriteString(entities.Replace(shown(target, label)))
		} else { // typed as it stands
			out.WriteString(s[at[0]:at[1]])
		}
	}
	out.WriteString(entities.Replace(s[last:]))
	return strings.TrimSpace(out.String()), mentions
}

func calledBy(id, label string, name func(string) string, before int) string {
	if before < maxMentions {
		if n := name(id); n != "" {
			return n
		}
	}
	return orElse(entities.Replace(label), id)
}

// notation reports whether Slack wrote a reference, as opposed to somebody who typed angle brackets.
func notation(target string) bool {
	return strings.ContainsAny(target[:min(1, len(target))], "@#!") || strings.Contains(target, "://") ||
		strings.HasPrefix(target, "mailto:") || strings.HasPrefix(target, "tel:")
}

// shown is how Slack's client displays a reference that is no person.
func shown(target, label string) string {
	switch {
	case strings.HasPrefix(target, "#"):
		return "#" + orElse(label, target[1:])
	case strings.HasPrefix(target, "@"):
		return "@" + orElse(label, target[1:])
	case strings.HasPrefix(target, "!subteam^"):
		return orElse(label, "@group")
	case strings.HasPrefix(target, "!date^"):
		return label
	case strings.HasPrefix(target, "!"):
		return "@" + strings.TrimPrefix(orElse(label, target[1:]), "@")
	}
	return orElse(label, strings.TrimPrefix(strings.TrimPrefix(target, "mailto:"), "tel:"))
}

// addressed is what somebody said to the bot: what follows its mention, or what stood before it.
func addressed(s, bot string) string {
	for _, at := range reference.FindAllStringSubmatchIndex(s, -1) {
		if s[at[2]:at[3]] != "@"+bot {
			continue
		}
		if said := strings.TrimLeft(s[at[1]:], " ,:\u00a0"); strings.TrimSpace(said) != "" {
			return said
		}
		return s[:at[0]]
	}
	return s
}
