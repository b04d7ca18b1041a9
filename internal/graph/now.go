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

// FilledNow reports whether the database fills the column with the time of the statement.
func (c *Column) FilledNow() bool { return IsNow(c.Default) && c.MayHoldTime() }

// MayHoldTime reports whether the column holds times, or may: only the database knows what a type that converts itself is there.
func (c *Column) MayHoldTime() bool { return c.Class == ClassTime || c.Class == ClassCustom }
