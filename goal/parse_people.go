package goal

import "strings"

// The words in front of an owner and of a parent goal.
var (
	ownerWords  = newBook("", "for, owner, owned by, assign to, assigned to, cho, giao cho, giao, người phụ trách, phụ trách, của")
	parentWords = newBook("", "for, serves, serving, under, supports, supporting, parent, part of, towards, → , cho, phục vụ, thuộc, nằm trong, gắn với, để phục vụ")
)

// readPeople finds the mention of the owner: behind a word that says so, or at either end of the line. A
// person mentioned in the middle of a sentence belongs to it.
func (r *draftReader) readPeople(people []string) {
	for i := range r.tokens {
		to, ok := r.mention(i, people)
		if !ok || r.crosses(i, to) {
			continue
		}
		from := r.wordsBefore(ownerWords, i)
		if from == i && i > 0 && !r.ended(to) && !r.busyAt(to) {
			continue
		}
		r.draft.Mention = r.slice(i, to)
		to, _ = r.skipSign(to, ":")
		r.mark(from, to, MeansOwner, true)
		return
	}
}

// mention reads what the platform marked, "@name", "<@U123|name>" and "<at>Name</at>" at token i.
func (r *draftReader) mention(i int, people []string) (to int, ok bool) {
	rest := r.text[r.tokens[i].start:]
	for _, name := range people {
		if name != "" && strings.HasPrefix(rest, name) {
			return r.behind(i, len(name)), true
		}
	}
	for opening, closing := range map[string]string{"<@": ">", "<at>": "</at>"} {
		if !strings.HasPrefix(rest, opening) {
			continue
		}
		if end := strings.Index(rest, closing); 0 < end && end < maxMention {
			return r.behind(i, end+len(closing)), true
		}
	}
	to = i + 1
	if r.at(i).text != "@" || r.at(to).kind != wordToken || !r.at(to).joined {
		return i, false
	}
	for r.at(to).joined && (r.at(to).kind != signToken || strings.Contains(".-_", r.at(to).text)) {
		to++
	}
	return to, true
}

const maxMention = 100

// behind is the token behind the length bytes from token i.
func (l line) behind(i, length int) int {
	end := l.tokens[i].start + length
	for i < len(l.tokens) && l.tokens[i].start < end {
		i++
	}
	return i
}

// wordsBefore is the token at which a phrase of the book begins that ends at token i; i itself if none does.
func (l line) wordsBefore(book phraseBook, i int) int {
	for from := max(i-3, 0); from < i; from++ {
		if to, _, ok := book.find(l, from); ok && to == i {
			return from
		}
	}
	return i
}

// readParent finds the goal that is served: "for G-3", "(G-3)", or an id that closes the line.
func (r *draftReader) readParent() {
	for i := range r.tokens {
		id, to, ok := r.id(i)
		if !ok || r.busyAt(i) {
			continue
		}
		from := r.wordsBefore(parentWords, i)
		if r.at(i-1).text == "(" && r.at(to).text == ")" {
			from, to = i-1, to+1
		}
		if from == i && !r.ended(to) && !r.busyAt(to) {
			continue
		}
		r.draft.Parent = id
		r.mark(from, to, MeansParent, true)
		return
	}
}

// id reads "G-12" and "g12"; "G 12" with a space is too likely something else inside a sentence.
func (r *draftReader) id(i int) (id ID, to int, ok bool) {
	to = i + 1
	if r.at(i).fold == "g" && r.at(i+1).joined && r.at(i+2).joined {
		to = i + 3
	}
	if r.at(i).kind != wordToken || r.at(to).joined && r.at(to).kind != signToken {
		return "", i, false
	}
	id, ok = ParseID(r.slice(i, to))
	return id, to, ok
}
