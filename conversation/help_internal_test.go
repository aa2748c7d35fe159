package conversation

import "testing"

func TestCommandsAreShownAsTheyAreTypedThere(t *testing.T) {
	direct, channel := Place{ID: "D", Kind: Direct}, Place{ID: "C", Kind: PrivateChannel}
	for _, c := range []struct {
		workspace Workspace
		place     Place
		reader    string
		want      string
	}{
		{"slack:T1", channel, "linh", "/goal new"},
		{"slack:T1", direct, "linh", "/goal new"},
		{"play:1", direct, "linh", "/goal new"},
		{"teams:1", direct, "linh", "goal new"},
		{"teams:1", channel, "linh", "@Goalkeeper goal new"},
		{"teams:1", Place{}, "", "@Goalkeeper goal new"}, // a digest, for everybody in its channel
	} {
		s := &State{In: Input{Workspace: c.workspace, Place: c.place}, Me: &Person{}}
		if c.reader != "" {
			s.Me.ID = "linh"
		}
		if got := s.asTyped("/goal new"); got != c.want {
			t.Errorf("%s in %v: %q, want %q", c.workspace, c.place.Kind, got, c.want)
		}
	}
}
