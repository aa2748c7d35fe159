package bot

import (
	"fmt"
	"testing"

	"goalkeeper/conversation"
)

func TestThreadsThatNobodyDissolvesAreBounded(t *testing.T) {
	var waiting threads
	for n := range 3 * keepAtMost {
		waiting.join(address{"slack:T1", fmt.Sprint("digest-", n)}, &conversation.Message{Key: "part"})
		if len(waiting.wait) > keepAtMost {
			t.Fatalf("%d threads are remembered", len(waiting.wait))
		}
	}
}
