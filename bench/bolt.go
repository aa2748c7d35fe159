package main

// boltVersion is the version of the Bolt that is installed, empty for none.
func boltVersion() string { return "" }
