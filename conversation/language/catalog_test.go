package language

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// message is one entry of a catalogue, by plural form; a plain one has only "other".
type message map[string]string

// catalogue reads all files of a language.
func catalogue(t *testing.T, tag string) map[string]message {
	t.Helper()
	files, err := filepath.Glob("catalog/*." + tag + ".json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no catalogues of %s: %v", tag, err)
	}
	all := map[string]message{}
	for _, file := range files {
		b, err := catalog.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var raw map[string]json.RawMessage
		if err := json.Unmarshal(b, &raw); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for id, content := range raw {
			if _, twice := all[id]; twice {
				t.Errorf("%s: %s is in two files", file, id)
			}
			var text string
			m := message{}
			if json.Unmarshal(content, &text) == nil {
				m["other"] = text
			} else if err := json.Unmarshal(content, &m); err != nil {
				t.Errorf("%s: %s: %v", file, id, err)
			}
			all[id] = m
		}
	}
	return all
}

func (m message) plural() bool { return len(m) > 1 }

var placeholder = regexp.MustCompile(`\{([a-z]+)\}`)

func (m message) placeholders() []string {
	names := map[string]bool{}
	for _, text := range m {
		for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
			names[found[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	english, vietnamese := catalogue(t, English), catalogue(t, Vietnamese)
	for id, en := range english {
		vi, ok := vietnamese[id]
		if !ok {
			t.Errorf("%s is missing in Vietnamese", id)
			continue
		}
		with := en.placeholders()
		if !slices.Equal(with, vi.placeholders()) {
			t.Errorf("%s: placeholders %v in English, %v in Vietnamese", id, with, vi.placeholders())
		}
		if vi.plural() || vi["other"] == "" {
			t.Errorf("%s: Vietnamese has one form, called other", id)
		}
		if en["other"] == "" || en.plural() && (len(en) != 2 || en["one"] == "") {
			t.Errorf("%s: English has one and other", id)
		}
		if en.plural() && !slices.Contains(with, "count") {
			t.Errorf("%s: has plural forms but no {count} to choose by", id)
		}
	}
	for id := range vietnamese {
		if _, ok := english[id]; !ok {
			t.Errorf("%s is missing in English", id)
		}
	}
}

// foreign are English words for which people at work have a Vietnamese one. Check-in, OKR, KPI and link stay.
var foreign = regexp.MustCompile(`(?i)\b(goals?|owners?|due|target|baseline|progress|status|digest|week|update|blocker|confidence|` +
	`settings?|team|channel|parent|milestone|deadline|feedback|private|public|save|cancel|edit|close|undo|share|next|help)\b`)

// commandWords are what people type as it stands.
var commandWords = regexp.MustCompile(`/goal( [a-z-]+)*`)

// notInVietnamese are words that a Vietnamese colleague would not say to another, and turns that betray a
// translation.
var notInVietnamese = []string{"quý vị", "!", "thành công", "vui lòng"}

func TestVietnameseIsVietnamese(t *testing.T) {
	for id, m := range catalogue(t, Vietnamese) {
		text := placeholder.ReplaceAllString(commandWords.ReplaceAllString(m["other"], ""), "")
		if word := foreign.FindString(text); word != "" {
			t.Errorf("%s: %q has a Vietnamese word: %s", id, word, m["other"])
		}
		for _, turn := range notInVietnamese {
			if strings.Contains(strings.ToLower(text), turn) {
				t.Errorf("%s: %q: %s", id, turn, m["other"])
			}
		}
	}
}

// pressing are turns that make a colleague sound like a form.
var pressing = []string{"!", "please note", "successfully", "invalid", "oops", "unfortunately"}

func TestEnglishIsCalm(t *testing.T) {
	for id, m := range catalogue(t, English) {
		for _, text := range m {
			for _, turn := range pressing {
				if strings.Contains(strings.ToLower(text), turn) {
					t.Errorf("%s: %q: %s", id, turn, text)
				}
			}
		}
	}
}

// families are the messages whose ids the code puts together: what they begin with, and all that may follow.
var families = map[string][]string{
	"button.":             {"new", "list", "checkin", "digest", "settings", "help"},
	"status.":             {"on-track", "at-risk", "off-track", "unknown"},
	"field.":              {"title", "reason", "from", "to", "way", "due", "owner", "parent", "cadence", "visibility"},
	"hint.":               {"title", "reason", "from", "to", "way", "due", "owner", "parent"},
	"way.":                {"none", "increase", "decrease", "keep-within"},
	"cadence.":            {"weekly", "biweekly", "monthly", "quarterly", "yearly"},
	"visibility.":         {"shared", "private"},
	"list.title.":         {"mine", "all", "here", "person", "at-risk", "off-track", "stale"},
	"list.none.":          {"at-risk", "off-track", "stale"},
	"close.score.":        {"10", "7", "0"},
	"when.on.":            {"yes", "no"},
	"help.do.":            {"new", "checkin", "list"},
	"help.line.":          commandNames,
	"help.typed.":         commandNames,
	"checkin.field.":      {"done", "value", "confidence", "status", "change", "blocker", "next"},
	"course.fact.":        {"assumption", "heard", "next"},
	"checkin.field.done.": {"yes", "no"},
	"trouble.": {"busy", "unreachable", "access", "store", "no-answer", "person-gone", "no-person", "not-installed", "blocked",
		"not-in-channel", "channel-gone", "forbidden", "disabled", "scope", "message-gone", "too-large", "refused", "elsewhere",
		"defect", "thread"},
	"wrong.": {"missing", "too-long", "too-big", "target-is-from", "wrong-way", "floor-above", "unknown-word",
		"due-before-start", "due-past", "impossible-years", "own-parent", "out-of-range"},
}

// fieldFamilies begin with a field's own name.
var fieldFamilies = []string{"cadence.", "visibility."}

// notMessages are strings that look like a message's id and are something else.
var notMessages = []string{"digest.withdrawn"}

var commandNames = []string{"new", "list", "show", "update", "checkin", "edit", "close", "reopen", "digest", "settings", "help"}

// source is what the code of the conversation says about messages.
type source struct {
	said    map[string]string // ids given to a function that says them, with where
	strings map[string]bool   // every string of the code
	begun   map[string]string // beginnings of ids that are put together, with where
	verbs   map[string]bool   // names of controls and kinds of cards, which look like ids
}

// speakers are the functions whose argument at the given place is a message's id.
var speakers = map[string]int{"Say": 0, "Text": 0, "notice": 0, "noticeWith": 0, "toOwner": 1, "tell": 2, "options": 1}

func read(t *testing.T) source {
	t.Helper()
	s := source{said: map[string]string{}, strings: map[string]bool{}, begun: map[string]string{}, verbs: map[string]bool{}}
	fset := token.NewFileSet()
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				s.call(fset, n)
			case *ast.KeyValueExpr:
				s.keyed(n)
			case *ast.BinaryExpr:
				s.compared(n)
			case *ast.AssignStmt:
				s.compared(&ast.BinaryExpr{X: n.Lhs[0], Y: n.Rhs[0]})
			case *ast.SwitchStmt:
				s.switched(n)
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
					s.strings[text] = true
				}
			}
			return true
		})
	}
	return s
}

// keyed finds verbs and kinds in literals, and the names of controls.
func (s source) keyed(n *ast.KeyValueExpr) {
	if key, ok := n.Key.(*ast.BasicLit); ok {
		s.verb(key)
	}
	if key, ok := n.Key.(*ast.Ident); ok && (key.Name == "Kind" || key.Name == "Verb") {
		s.verb(n.Value)
	}
}

func (s source) compared(n *ast.BinaryExpr) {
	if f, ok := n.X.(*ast.SelectorExpr); ok && (f.Sel.Name == "Kind" || f.Sel.Name == "Verb") {
		s.verb(n.Y)
	}
}

func (s source) switched(n *ast.SwitchStmt) {
	f, ok := n.Tag.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != "Kind" {
		return
	}
	for _, clause := range n.Body.List {
		for _, e := range clause.(*ast.CaseClause).List {
			s.verb(e)
		}
	}
}

func (s source) verb(e ast.Expr) {
	if lit, ok := e.(*ast.BasicLit); ok {
		text, _ := strconv.Unquote(lit.Value)
		s.verbs[text] = true
	}
}

func (s source) call(fset *token.FileSet, n *ast.CallExpr) {
	var called string
	switch f := n.Fun.(type) {
	case *ast.SelectorExpr:
		called = f.Sel.Name
	case *ast.Ident:
		called = f.Name
	}
	at, ok := speakers[called]
	if !ok || len(n.Args) <= at {
		return
	}
	where := fset.Position(n.Pos()).String()
	switch arg := n.Args[at].(type) {
	case *ast.BasicLit:
		id, _ := strconv.Unquote(arg.Value)
		if called == "options" {
			s.begun[id] = where
			return
		}
		s.said[id] = where
	case *ast.BinaryExpr:
		if first, ok := leftmost(arg).(*ast.BasicLit); ok {
			id, _ := strconv.Unquote(first.Value)
			s.begun[id] = where
		}
	}
}

func leftmost(e ast.Expr) ast.Expr {
	for {
		b, ok := e.(*ast.BinaryExpr)
		if !ok {
			return e
		}
		e = b.X
	}
}

var looksLikeID = regexp.MustCompile(`^[a-z]+(\.[a-z0-9-]+)+$`)

// spaces are the first words of all ids.
func spaces(catalogue map[string]message) map[string]bool {
	all := map[string]bool{}
	for id := range catalogue {
		space, _, _ := strings.Cut(id, ".")
		all[space] = true
	}
	return all
}

func TestEveryMessageExistsAndIsUsed(t *testing.T) {
	code := read(t)
	english := catalogue(t, English)
	for id, where := range code.said {
		if _, ok := english[id]; !ok {
			t.Errorf("%s says %q, which is in no catalogue", where, id)
		}
	}
	for id := range code.strings {
		space, _, dotted := strings.Cut(id, ".")
		_, exists := english[id]
		if dotted && looksLikeID.MatchString(id) && spaces(english)[space] && !exists && !code.verbs[id] && !slices.Contains(notMessages, id) {
			t.Errorf("the code has %q, which looks like a message and is in no catalogue", id)
		}
	}
	used := map[string]bool{}
	for begin, where := range code.begun {
		if _, known := families[begin]; !known {
			t.Errorf("%s puts together ids that begin with %q: list what may follow in families", where, begin)
		}
	}
	for begin, ends := range families {
		if !code.strings[begin] && !slices.Contains(fieldFamilies, begin) {
			t.Errorf("the family %q is not used any more", begin)
		}
		for _, end := range ends {
			used[begin+end] = true
			if _, ok := english[begin+end]; !ok {
				t.Errorf("%s is in no catalogue", begin+end)
			}
		}
	}
	for id := range english {
		if !used[id] && !code.strings[id] {
			t.Errorf("%s is never said", id)
		}
	}
}

func TestAMessageThatIsMissingShowsItsID(t *testing.T) {
	if got := In("vi").Say("no.such.message"); got != "no.such.message" {
		t.Errorf("got %q", got)
	}
}

// A count of one must not lose a message that has no form of its own for it.
func TestEveryMessageCanBeSaidWithAnyCount(t *testing.T) {
	for _, tag := range Tags {
		v := In(tag)
		for id, m := range catalogue(t, tag) {
			with := With{}
			for _, name := range m.placeholders() {
				with[name] = "x"
			}
			for _, n := range []int{0, 1, 2, 7} {
				with["count"] = n
				if got := v.Say(id, with); got == id || got == "" || strings.Contains(got, "{") {
					t.Errorf("%s in %s with %d says %q", id, tag, n, got)
				}
			}
		}
	}
}
