package slack

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"goalkeeper/conversation/card"
)

var (
	personID  = regexp.MustCompile(`^[UW][A-Z0-9]{1,30}$`)
	channelID = regexp.MustCompile(`^[CDG][A-Z0-9]{1,30}$`)
	emojiCode = regexp.MustCompile(`:[A-Za-z0-9_+'-]+:`)
)

// plain is a text object that Slack shows as it stands, without markup, mentions or emoji codes.
func plain(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

// escape makes text inert where Slack reads control sequences: <!channel>, <@U1>, links.
func escape(s string) string { return entity.Replace(s) }

var entity = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// inline makes the elements of rich text from spans. Slack never looks for markup inside a text element, so
// whatever people typed is shown as it is.
func inline(t card.Text) []slack.RichTextSectionElement {
	var out []slack.RichTextSectionElement
	for _, s := range t {
		if s.Text == "" {
			continue
		}
		style := styleOf(s.Style)
		link, ok := safeLink(s.Link)
		switch {
		case personID.MatchString(s.Person):
			out = append(out, slack.NewRichTextSectionUserElement(s.Person, style))
		case channelID.MatchString(s.Channel):
			out = append(out, slack.NewRichTextSectionChannelElement(s.Channel, style))
		case ok:
			out = append(out, slack.NewRichTextSectionLinkElement(link, s.Text, style))
		default:
			out = append(out, slack.NewRichTextSectionTextElement(s.Text, style))
		}
	}
	return out
}

func styleOf(s card.Style) *slack.RichTextSectionTextStyle {
	switch s {
	case card.Strong:
		return &slack.RichTextSectionTextStyle{Bold: true}
	case card.Code:
		return &slack.RichTextSectionTextStyle{Code: true}
	}
	return nil
}

// safeLink accepts https addresses that Slack would.
func safeLink(s string) (string, bool) {
	if s == "" || len(s) > maxURL {
		return "", false
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return "", false
	}
	return u.String(), true
}

// blank reports whether there is nothing to see; Slack refuses empty text.
func blank(t card.Text) bool { return strings.TrimSpace(said(t)) == "" }

// said is the text of spans alone.
func said(t card.Text) string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(s.Text)
	}
	return b.String()
}

// isPlain reports whether nothing is lost when only the words are shown.
func isPlain(t card.Text) bool {
	for _, s := range t {
		if s.Style != card.Plain || s.Link != "" || s.Person != "" || s.Channel != "" {
			return false
		}
	}
	return true
}

// markup writes spans as mrkdwn, for the places where Slack takes no rich text. It refuses (false) whenever a
// character could be read as formatting that is not ours.
func markup(t card.Text) (string, bool) {
	if !inert(said(t)) {
		return "", false
	}
	var b strings.Builder
	for i, s := range t {
		if s.Text == "" {
			continue
		}
		link, ok := safeLink(s.Link)
		switch {
		case personID.MatchString(s.Person):
			b.WriteString("<@" + s.Person + ">")
		case channelID.MatchString(s.Channel):
			b.WriteString("<#" + s.Channel + ">")
		case ok:
			b.WriteString("<" + strings.ReplaceAll(escape(link), "|", "%7C") + "|" + escape(s.Text) + ">")
		case s.Style == card.Plain:
			b.WriteString(escape(s.Text))
		default:
			if !stands(t, i) {
				return "", false
			}
			mark := map[card.Style]string{card.Strong: "*", card.Code: "`"}[s.Style]
			b.WriteString(mark + escape(s.Text) + mark)
		}
	}
	return b.String(), true
}

// inert reports whether mrkdwn would show the text as it stands, once it is escaped and verbatim.
func inert(s string) bool {
	if strings.ContainsAny(s, "*_~`|") || emojiCode.MatchString(s) {
		return false
	}
	for line := range strings.Lines(s) { // a line that begins with > is a quotation, even escaped
		if strings.HasPrefix(strings.TrimSpace(line), ">") {
			return false
		}
	}
	return true
}

// stands reports whether a styled span has the borders that mrkdwn asks for around its marks.
func stands(t card.Text, i int) bool {
	s := t[i].Text
	if strings.TrimSpace(s) != s || strings.Contains(s, "\n") {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(said(t[:i]))
	after, _ := utf8.DecodeRuneInString(said(t[i+1:]))
	return border(before) && border(after)
}

func border(r rune) bool {
	return r == utf8.RuneError || unicode.IsSpace(r) || strings.ContainsRune(",.;:!?()·", r)
}

// verbatim is a mrkdwn text object in which Slack links nothing by itself.
func verbatim(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, s, false, true)
}
