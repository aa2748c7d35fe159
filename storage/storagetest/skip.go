package storagetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// said are the reasons that were told already, each once in a test binary.
var said sync.Map

// SkipAloud skips a test for want of something on this machine. The reason is told where a person sees it, too,
// since `go test ./...` keeps to itself what a passing package says.
func SkipAloud(t testing.TB, why string) {
	t.Helper()
	if _, again := said.LoadOrStore(why, true); !again {
		aloud(strings.TrimSuffix(filepath.Base(os.Args[0]), ".test") + ": " + why)
	}
	t.Skip(why)
}

// aloud writes a line to the standard error of whoever runs the test binary, past the pipe that go test reads, or
// to the terminal. Into a file it cannot write without disturbing what go test writes there; then the line is in
// the output of go test -v alone.
func aloud(line string) {
	for _, path := range []string{fmt.Sprintf("/proc/%d/fd/2", os.Getppid()), "/dev/tty"} {
		if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() {
			continue
		}
		out, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0) //nolint:gosec // one of the two above
		if err != nil {
			continue
		}
		_, err = fmt.Fprintln(out, line)
		_ = out.Close()
		if err == nil {
			return
		}
	}
}
