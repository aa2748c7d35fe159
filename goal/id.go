package goal

import (
	"strconv"
	"strings"
)

// maxIDDigits bounds the number of a goal that is read: seven digits outlast any workspace.
const maxIDDigits = 7

// NewID is the id of the workspace's n-th goal.
func NewID(n int) ID { return ID("G-" + strconv.Itoa(n)) }

// ParseID reads an id as people write it: "G-12", "g12", "G 12", and with the dashes that phones put in place
// of a hyphen.
func ParseID(s string) (ID, bool) {
	s = strings.TrimSpace(s)
	if s == "" || s[0] != 'g' && s[0] != 'G' {
		return "", false
	}
	digits := strings.TrimLeft(cutDash(strings.TrimLeft(s[1:], " ")), " ")
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || n == 0 || len(digits) > maxIDDigits {
		return "", false
	}
	return NewID(int(n)), true
}

func cutDash(s string) string {
	for _, dash := range []string{"-", "‐", "‑", "–", "—", "−"} {
		if rest, cut := strings.CutPrefix(s, dash); cut {
			return rest
		}
	}
	return s
}

// Number is the n of NewID, 0 for an id of another form.
func (id ID) Number() int {
	n, err := strconv.Atoi(strings.TrimPrefix(string(id), "G-"))
	if err != nil || NewID(n) != id {
		return 0
	}
	return n
}
