package graph

import "strings"

// IsNow reports whether SQL text is the time of the statement, which is written as the database has it: now() is not a function of each.
func IsNow(sql string) bool {
	switch strings.ToLower(strings.Join(strings.Fields(sql), "")) {
	case "now()", "current_timestamp":
		return true
	}
	return false
}
