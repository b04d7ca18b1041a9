package writes_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// TestTrap_G3_WideRowsGoInSmallerStatements inserts rows of which a thousand have more values than a statement takes.
func TestTrap_G3_WideRowsGoInSmallerStatements(t *testing.T) {
	t.Parallel()
	type wide struct {
		ID                                                                   int64
		C00, C01, C02, C03, C04, C05, C06, C07, C08, C09, C10, C11, C12, C13 int64
		C14, C15, C16, C17, C18, C19, C20, C21, C22, C23, C24, C25, C26, C27 int64
		C28, C29, C30, C31, C32, C33, C34, C35, C36, C37, C38, C39, C40, C41 int64
		C42, C43, C44, C45, C46, C47, C48, C49, C50, C51, C52, C53, C54, C55 int64
		C56, C57, C58, C59, C60, C61, C62, C63, C64, C65, C66, C67, C68, C69 int64
		Tags                                                                 []int64 // an array, which keeps rows from going as arrays
	}
	wides := dovetail.NewTable[wide](dovetail.NewRegistry(), "wides", dovetail.AssignedKey())
	columns := make([]string, 70)
	for i := range columns {
		columns[i] = fmt.Sprintf("c%02d BIGINT NOT NULL", i)
	}
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		tags := "TEXT"
		if d.Postgres() {
			tags = "BIGINT[]"
		}
		d.Exec(t, "CREATE TABLE wides (id BIGINT PRIMARY KEY, "+strings.Join(columns, ", ")+", tags "+tags+")")
		n := 1024
		if !d.Postgres() {
			n = kit.Sized(n, 512) // in two statements, whose arguments take the driver long
		}
		rows := make([]*wide, n)
		for i := range rows {
			rows[i] = &wide{ID: int64(i), C69: int64(2 * i)}
		}
		db, perStatement := d.Record(), 256 // 32,766 arguments of 72 columns each
		if d.Postgres() {
			perStatement = 512 // 65,535
		}
		kit.Insert(t, db, dovetail.Insert(wides, rows...))
		db.Expect(t, n/perStatement+db.Lookups(), 1+db.Lookups())
		people.ExpectLines(t, d, "SELECT count(*) || ' ' || sum(c69) FROM wides", fmt.Sprint(n, " ", n*(n-1)))
	})
}

// TestWritesByManyKeys tells rows by more keys than a statement has arguments, or an expression can be deep.
func TestWritesByManyKeys(t *testing.T) {
	t.Parallel()
	const n = 33_000
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		eu, ann, bob := &written.Order{Region: "eu", Number: 1}, &written.Account{Owner: "Ann"}, &written.Account{Owner: "Bob"}
		for i := range n {
			eu.Lines = append(eu.Lines, &written.Line{No: int64(i + 1), Item: "pen"})
			ann.Activities = append(ann.Activities, &written.Activity{Kind: "DEP"})
		}
		kit.Insert(t, d.DB, dovetail.Insert(written.Orders, eu).With("lines"))
		kit.Insert(t, d.DB, dovetail.Insert(written.Accounts, ann, bob).With("activities"))
		moved, err := written.AccountActivities.Move(t.Context(), db, bob, ann.Activities...)
		if err != nil || moved != n {
			t.Fatalf("expected %d activities to be moved, got %d, %v", n, moved, err)
		}
		db.Expect(t, 2, 2) // the lock in the order of keys, and the UPDATE
		if err := dovetail.DeleteRows(t.Context(), db, written.Lines, eu.Lines[2:]...); err != nil {
			t.Fatal(err)
		}
		db.Expect(t, 2, 2) // how many there are, and the DELETE; the insert has asked for the types of the columns
		err = dovetail.DeleteRows(t.Context(), db, written.Lines, eu.Lines...)
		kit.Refused(t, err, dovetail.ErrNoRows, "lines")
		written.ExpectDumpOf(t, d, "lines", "lines eu 1 1 pen", "lines eu 1 2 pen")
		people.ExpectLines(t, d, "SELECT owner || ' ' || count(*) FROM activity JOIN accounts ON accounts.id = account_id GROUP BY owner",
			fmt.Sprint("Bob ", n))

		passes := make([]*written.Pass, n)
		for i := range passes {
			passes[i] = &written.Pass{ID: uuid.New()}
		}
		kit.Insert(t, d.DB, dovetail.Insert(written.Passes, passes...))
		if err := dovetail.DeleteRows(t.Context(), d.DB, written.Passes, passes...); err != nil {
			t.Fatal(err)
		}
		written.ExpectDumpOf(t, d, "passes")
	})
}
