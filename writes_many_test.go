package dovetail_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
)

// TestWritesByManyKeys tells rows by more keys than a statement has arguments, or an expression can be deep.
func TestWritesByManyKeys(t *testing.T) {
	t.Parallel()
	n := 33_000
	if underRace() {
		n = 4_000
	}
	onWrites(t, func(t *testing.T, d database) {
		db := d.record()
		catalog := 0 // what the types of columns are is asked once, where they matter
		if d.postgres() {
			catalog = 1
		}
		eu, us := &wOrder{Region: "eu", Number: 1}, &wOrder{Region: "us", Number: 2}
		for i := range n {
			eu.Lines = append(eu.Lines, &wLine{No: int64(i), Item: "pen"})
		}
		insert(t, d.db, dovetail.Insert(wOrders, eu, us).With("lines"))
		moved, err := wOrderLines.Move(t.Context(), db, us, eu.Lines[1:]...)
		if err != nil || moved != int64(n-1) {
			t.Fatalf("expected %d lines to be moved, got %d, %v", n-1, moved, err)
		}
		db.expect(t, catalog+2, catalog+2) // the lock in the order of keys, and the UPDATE
		if err := dovetail.DeleteRows(t.Context(), db, wLines, eu.Lines[2:]...); err != nil {
			t.Fatal(err)
		}
		db.expect(t, 2, 2) // how many there are, and the DELETE
		err = dovetail.DeleteRows(t.Context(), db, wLines, eu.Lines...)
		confRefused(t, err, dovetail.ErrNoRows, "lines")
		expectDump(t, d, "orders eu 1", "orders us 2", "lines eu 1 0 pen", "lines us 2 1 pen")

		passes := make([]*wPass, n)
		for i := range passes {
			passes[i] = &wPass{ID: uuid.New()}
		}
		insert(t, d.db, dovetail.Insert(wPasses, passes...))
		if err := dovetail.DeleteRows(t.Context(), d.db, wPasses, passes...); err != nil {
			t.Fatal(err)
		}
		expectDumpOf(t, d, "passes")
	})
}
