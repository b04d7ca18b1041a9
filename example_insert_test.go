package dovetail_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"strings"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// writesDB returns an empty database with the tables of the examples of writes.
func writesDB() (db dovetail.DB, done func()) {
	return emptyDB("PRAGMA foreign_keys = ON;" + written.DDLFor(kit.Database{Name: "sqlite/example"}))
}

// printAll prints the first columns of all rows of a table.
func printAll(db dovetail.DB, sql string) {
	lines, err := kit.SQL[string](context.Background(), db, sql)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Join(lines, "\n"))
}

// printSent prints the statements that were sent since the last call.
func printSent(db *kit.Recorder) {
	for _, s := range db.Stmts {
		fmt.Println(byClause(s.SQL))
	}
	db.Stmts = nil
}

// A new account and its first deposit: the account is inserted first, and the deposit points at it.
func ExampleInsert() {
	db, done := writesDB()
	defer done()

	account := &written.Account{Owner: "SpongeBob", Activities: []*written.Activity{{Kind: "DEP", Amount: 500}}}
	err := dovetail.Insert(written.Accounts, account).With("activities").Exec(context.Background(), db)
	fmt.Println(account.ID, account.Balance, account.Activities[0].ID, account.Activities[0].AccountID, err)
	// Output:
	// 1 7 1 1 <nil>
}

// A row of data that came as a document.
func ExampleRows() {
	db, done := writesDB()
	defer done()

	rows, err := dovetail.Rows(written.Accounts, map[string]any{"owner": "Sandy", "balance": 50.0})
	if err == nil {
		err = dovetail.Insert(written.Accounts, rows...).Only("owner", "balance").Exec(context.Background(), db)
	}
	fmt.Println(err)
	printAll(db, "SELECT owner || ' ' || balance FROM accounts")
	// Output:
	// <nil>
	// Sandy 50
}

// The same from the other side: the deposit names its account.
func ExampleInsertion_With() {
	db, done := writesDB()
	defer done()

	deposit := &written.Activity{Kind: "DEP", Amount: 500, Account: &written.Account{Owner: "SpongeBob"}}
	err := dovetail.Insert(written.Activities, deposit).With("account").Exec(context.Background(), db)
	fmt.Println(deposit.ID, deposit.AccountID, deposit.Account.ID, err)
	// Output:
	// 1 1 1 <nil>
}

// A new student is enrolled, with a grade, in a course that is there, and in one that is new.
func ExampleInsertion_WithLinks() {
	db, done := writesDB()
	defer done()
	ctx := context.Background()

	art := &written.Course{Title: "Art"}
	if err := dovetail.Insert(written.Courses, art).Exec(ctx, db); err != nil {
		log.Fatal(err)
	}
	student := &written.Student{Name: "Sue", Courses: []dovetail.Linked[written.Course, written.Enrollment]{
		{Row: art, Link: &written.Enrollment{Grade: sql.NullInt64{Int64: 5, Valid: true}}},
		{Row: &written.Course{Title: "Bio"}},
	}}
	sent := &kit.Recorder{DB: db}
	err := dovetail.Insert(written.Students, student).WithLinks("courses").Exec(ctx, sent)
	fmt.Println(err)
	printSent(sent)
	printAll(db, "SELECT title || ' ' || coalesce(grade, '-') FROM enrollments JOIN courses ON id = course_id ORDER BY id")
	// Output:
	// <nil>
	// INSERT INTO "students" ("name") VALUES (?) RETURNING "id"
	// INSERT INTO "courses" ("title") VALUES (?) RETURNING "id"
	// INSERT INTO "enrollments" ("student_id", "course_id", "grade") VALUES (?, ?, ?), (?, ?, ?)
	// Art 5
	// Bio -
}

// A zero is written where the column is named; without its name the database's default would be taken.
func ExampleInsertion_Only() {
	db, done := writesDB()
	defer done()

	account := &written.Account{Owner: "SpongeBob"}
	err := dovetail.Insert(written.Accounts, account).Only("owner", "balance").Exec(context.Background(), db)
	fmt.Println(account.Balance, err)
	// Output:
	// 0 <nil>
}

// What is omitted is the database's to fill, and read back.
func ExampleInsertion_Omit() {
	db, done := writesDB()
	defer done()

	account := &written.Account{Owner: "SpongeBob", Balance: 1_000_000}
	err := dovetail.Insert(written.Accounts, account).Omit("balance").Exec(context.Background(), db)
	fmt.Println(account.Balance, err)
	// Output:
	// 7 <nil>
}

// Nothing is inserted if anything fails, and the structs are as they were.
func ExampleInsertion_Exec() {
	db, done := writesDB()
	defer done()

	account := &written.Account{Owner: "SpongeBob", Activities: []*written.Activity{{Kind: "?", Amount: 500}}}
	err := dovetail.Insert(written.Accounts, account).With("activities").Exec(context.Background(), db)
	fmt.Println(err)
	fmt.Println(account.ID)
	printAll(db, "SELECT count(*) FROM accounts")
	// Output:
	// dovetail: insert accounts activities: check constraint "activity_kind" of "activity" refuses a row
	// 0
	// 0
}
