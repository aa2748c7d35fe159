package main

import (
	"encoding/json"
	"os"
)

// boltVersion is the version of the Bolt that is installed, empty for none.
func boltVersion() string {
	raw, err := os.ReadFile("bolt/node_modules/@slack/bolt/package.json")
	var told struct {
		Version string `json:"version"`
	}
	if err != nil || json.Unmarshal(raw, &told) != nil {
		return ""
	}
	return told.Version
}
