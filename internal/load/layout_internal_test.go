package load

import "testing"

// Memory is set aside for as many rows as the last two results had at least: one large result among small ones changes nothing.
func TestRowsExpected(t *testing.T) {
	var l layouts
	for i, step := range []struct{ came, expected int }{{20, 0}, {20, 20}, {1000, 20}, {3, 3}, {500, 3}, {maxHint + 9, 500}, {maxHint + 9, maxHint}, {0, 0}} {
		l.came(step.came)
		if n := l.expected(); n != step.expected {
			t.Errorf("after result %d of %d rows %d are expected, want %d", i+1, step.came, n, step.expected)
		}
	}
}
