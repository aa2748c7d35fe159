package main

// rows are all rows, in the order of the table.
func rows() []row {
	return []row{
		{"g", "Monday: 10,000 owners with 3 goals each due at once, everything but the platform", runG},
		{"h", "Monday: our seconds", runH},
		{"r", "the Monday of g on embedded://", runR},
	}
}
