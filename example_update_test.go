package dovetail_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// filledDB returns a database with two accounts and their activities.
func filledDB() (db dovetail.DB, done func()) {
	db, done = writesDB()
	err := dovetail.Insert(written.Accounts,
		&written.Account{Owner: "SpongeBob", Balance: 100, Activities: []*written.Activity{{Kind: "DEP", Amount: 100}}},
		&written.Account{Owner: "Sandy", Balance: 50},
	).With("activities").Exec(context.Background(), db)
	if err != nil {
		log.Fatal(err)
	}
	return db, done
}

const balances = "SELECT owner || ' ' || balance FROM accounts ORDER BY id"

// Accounts are told by a condition on their activities.
func ExampleUpdate() {
	db, done := filledDB()
	defer done()

	n, err := dovetail.Update(written.Accounts).Set("balance", 0).Where(dovetail.Has("activities")).Exec(context.Background(), db)
	fmt.Println(n, err)
	printAll(db, balances)
	// Output:
	// 1 <nil>
	// SpongeBob 0
	// Sandy 50
}

// A value can be an expression.
func ExampleChange_Set() {
	db, done := filledDB()
	defer done()

	_, err := dovetail.Update(written.Accounts).Set("balance", sq.Expr("balance + ?", 5)).All().Exec(context.Background(), db)
	fmt.Println(err)
	printAll(db, balances)
	// Output:
	// <nil>
	// SpongeBob 105
	// Sandy 55
}

// A condition along a path: activities are told by their account.
func ExampleChange_Where() {
	db, done := filledDB()
	defer done()

	n, err := dovetail.Update(written.Activities).Set("amount", 1).Where(sq.Eq{"account.owner": "SpongeBob"}).Exec(context.Background(), db)
	fmt.Println(n, err)
	// Output:
	// 1 <nil>
}

// A forgotten condition is an error; All says that all rows are meant.
func ExampleChange_All() {
	db, done := filledDB()
	defer done()
	ctx := context.Background()

	_, err := dovetail.Update(written.Accounts).Set("balance", 0).Exec(ctx, db)
	fmt.Println(err)
	n, err := dovetail.Update(written.Accounts).Set("balance", 0).All().Exec(ctx, db)
	fmt.Println(n, err)
	// Output:
	// dovetail: update accounts: no condition, which would mean all rows of "accounts"; add Where, or call All if that is meant
	// 2 <nil>
}

// Topics that are marked as deleted are out of the table's scope; Unscoped reaches them.
func ExampleChange_Unscoped() {
	db, done := readingsDB(models.RulesDDL)
	defer done()
	ctx := context.Background()

	n, err := dovetail.Update(models.Topics).Set("name", "x").All().Exec(ctx, db)
	fmt.Println(n, err)
	n, err = dovetail.Update(models.Topics).Set("deleted_at", nil).All().Unscoped("alive").Exec(ctx, db)
	fmt.Println(n, err)
	// Output:
	// 3 <nil>
	// 4 <nil>
}

// Articles of writers who are marked as deleted.
func ExampleChange_UnscopedAt() {
	db, done := readingsDB(models.RulesDDL)
	defer done()
	ctx := context.Background()

	gone := dovetail.Update(models.Articles).Set("rank", 0).Where("writer.deleted_at IS NOT NULL")
	n, err := gone.Exec(ctx, db)
	fmt.Println(n, err)
	n, err = gone.UnscopedAt("writer", "alive").Exec(ctx, db)
	fmt.Println(n, err)
	// Output:
	// 0 <nil>
	// 1 <nil>
}

// The number of rows tells whether there were any.
func ExampleChange_Exec() {
	db, done := filledDB()
	defer done()

	n, err := dovetail.Update(written.Accounts).Set("balance", 0).Where(sq.Eq{"owner": "Patrick"}).Exec(context.Background(), db)
	fmt.Println(n, err)
	// Output:
	// 0 <nil>
}

// The rows as they are afterwards.
func ExampleChange_Returning() {
	db, done := filledDB()
	defer done()

	rows, err := dovetail.Update(written.Activities).Set("amount", 7).Where(sq.Eq{"kind": "DEP"}).Returning(context.Background(), db)
	for _, row := range rows {
		fmt.Println(row.ID, row.Amount, row.Doubled)
	}
	fmt.Println(err)
	// Output:
	// 1 7 14
	// <nil>
}

// Only the columns that are named are written.
func ExampleSave() {
	db, done := filledDB()
	defer done()

	err := dovetail.Save(context.Background(), db, written.Accounts, &written.Account{ID: 2, Owner: "Sandy Cheeks", Balance: 1_000_000}, "owner")
	fmt.Println(err)
	printAll(db, balances)
	// Output:
	// <nil>
	// SpongeBob 100
	// Sandy Cheeks 50
}

// Rows in hand are saved together, each with its own values. A row that is not there leaves all as they were.
func ExampleSaveAll() {
	db, done := filledDB()
	defer done()
	ctx := context.Background()

	accounts := []*written.Account{{ID: 1, Balance: 7}, {ID: 2, Balance: 8}}
	sent := &kit.Recorder{DB: db}
	fmt.Println(dovetail.SaveAll(ctx, sent, written.Accounts, accounts, "balance"))
	printSent(sent)
	fmt.Println(dovetail.SaveAll(ctx, db, written.Accounts, append(accounts, &written.Account{ID: 99}), "balance"))
	printAll(db, balances)
	// Output:
	// <nil>
	// WITH "rows#" ("v#1", "v#2") AS (VALUES (?, ?), (?, ?)) UPDATE "accounts" SET "balance" = "rows#"."v#1"
	// FROM "rows#"
	// WHERE "accounts"."id" = "rows#"."v#2" RETURNING "accounts"."id"
	// dovetail: save accounts: 1 of the 3 rows of "accounts" is not there: row 3
	// SpongeBob 7
	// Sandy 8
}

// What somebody else has changed is read again.
func ExampleRefresh() {
	db, done := filledDB()
	defer done()
	ctx := context.Background()

	account, err := dovetail.Select(written.Accounts).Get(ctx, db, 2)
	if err == nil {
		_, err = dovetail.Update(written.Accounts).Set("balance", 51).All().Exec(ctx, db)
	}
	if err == nil {
		err = dovetail.Refresh(ctx, db, written.Accounts, account)
	}
	fmt.Println(account.Balance, err)
	// Output:
	// 51 <nil>
}

// Of two who have read a row, the second to save it is told.
func ExampleVersion() {
	db, done := readingsDB("CREATE TABLE notes (id BIGINT PRIMARY KEY, text TEXT NOT NULL, lock_version BIGINT NOT NULL);" +
		"INSERT INTO notes VALUES (1, 'first', 0)")
	defer done()
	ctx := context.Background()

	type Note struct {
		ID          int64
		Text        string
		LockVersion int64
	}
	notes := dovetail.NewTable[Note](dovetail.NewRegistry(), "notes", dovetail.Version("lock_version"))
	mine, theirs := &Note{ID: 1, Text: "mine"}, &Note{ID: 1, Text: "theirs"}
	fmt.Println(dovetail.Save(ctx, db, notes, mine, "text"), mine.LockVersion)
	fmt.Println(errors.Is(dovetail.Save(ctx, db, notes, theirs, "text"), dovetail.ErrStale))
	// Output:
	// <nil> 1
	// true
}

// An account is made, or the one with its owner changed.
func ExampleUpsert() {
	db, done := filledDB()
	defer done()

	sandy, patrick := &written.Account{Owner: "Sandy", Balance: 60}, &written.Account{Owner: "Patrick", Balance: 10}
	err := dovetail.Upsert(written.Accounts, sandy, patrick).OnConflict("owner").Set("balance").Exec(context.Background(), db)
	fmt.Println(sandy.ID, err)
	printAll(db, "SELECT owner || ' ' || balance FROM accounts ORDER BY owner")
	// Output:
	// 2 <nil>
	// Patrick 10
	// Sandy 60
	// SpongeBob 100
}

// Without Set a row that is there stays, and is read.
func ExampleUpsertion_OnConflict() {
	db, done := filledDB()
	defer done()

	sandy := &written.Account{Owner: "Sandy", Balance: 60}
	err := dovetail.Upsert(written.Accounts, sandy).OnConflict("owner").Exec(context.Background(), db)
	fmt.Println(sandy.ID, sandy.Balance, err)
	// Output:
	// 2 50 <nil>
}

// Only the columns that are named are written to a row that is there.
func ExampleUpsertion_Set() {
	db, done := filledDB()
	defer done()

	sandy := &written.Account{Owner: "Sandy", Balance: 60}
	err := dovetail.Upsert(written.Accounts, sandy).OnConflict("owner").Set("balance").Exec(context.Background(), db)
	fmt.Println(sandy.ID, sandy.Balance, err)
	// Output:
	// 2 60 <nil>
}

// The address is unique among accounts that are open, as an index over those has it.
func ExampleUpsertion_Where() {
	type Account struct {
		ID          int64
		Email, Name string
		ClosedAt    *time.Time
	}
	accounts := dovetail.NewTable[Account](dovetail.NewRegistry(), "accounts", dovetail.SoftDelete("closed_at"))
	db, done := emptyDB(`CREATE TABLE accounts (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL, closed_at TIMESTAMP);
		CREATE UNIQUE INDEX accounts_email ON accounts (email) WHERE closed_at IS NULL;
		INSERT INTO accounts VALUES (1, 'sandy@example.org', 'closed', '2020-01-01'), (2, 'sandy@example.org', 'open', NULL)`)
	defer done()

	sandy := &Account{Email: "sandy@example.org", Name: "Sandy"}
	sent := &kit.Recorder{DB: db}
	err := dovetail.Upsert(accounts, sandy).OnConflict("email").Where("closed_at IS NULL").Set("name").Exec(context.Background(), sent)
	fmt.Println(sandy.ID, err)
	printSent(sent)
	printAll(db, "SELECT name FROM accounts ORDER BY id")
	// Output:
	// 2 <nil>
	// INSERT INTO "accounts" ("email", "name", "closed_at") VALUES (?, ?, ?) ON CONFLICT ("email")
	// WHERE (closed_at IS NULL) DO UPDATE SET "name" = excluded."name"
	// WHERE ("accounts"."closed_at" IS NULL) RETURNING "id", "email", "name", "closed_at"
	// closed
	// Sandy
}

// What is paid in is added to what is there.
func ExampleUpsertion_SetExpr() {
	db, done := filledDB()
	defer done()

	sandy := &written.Account{Owner: "Sandy", Balance: 60}
	sent := &kit.Recorder{DB: db}
	err := dovetail.Upsert(written.Accounts, sandy).OnConflict("owner").SetExpr("balance", "self.balance + excluded.balance").Exec(context.Background(), sent)
	fmt.Println(sandy.ID, sandy.Balance, err)
	printSent(sent)
	// Output:
	// 2 110 <nil>
	// INSERT INTO "accounts" ("owner", "balance") VALUES (?, ?) ON CONFLICT ("owner") DO UPDATE SET "balance" = ("accounts"."balance" + "excluded"."balance") RETURNING "id", "owner", "balance", "created_at"
}

// A row that is there stays, and is read.
func ExampleUpsertion_DoNothing() {
	db, done := filledDB()
	defer done()

	sandy := &written.Account{Owner: "Sandy", Balance: 60}
	err := dovetail.Upsert(written.Accounts, sandy).OnConflict("owner").DoNothing().Exec(context.Background(), db)
	fmt.Println(sandy.ID, sandy.Balance, err)
	// Output:
	// 2 50 <nil>
}

// A writer who is marked as deleted is not changed unless the scope is lifted.
func ExampleUpsertion_Unscoped() {
	db, done := readingsDB(models.RulesDDL)
	defer done()
	ctx := context.Background()

	cat := &models.Writer{ID: 3, Name: "Kat"}
	upsert := dovetail.Upsert(models.Writers, cat).OnConflict("id").Set("name")
	fmt.Println(upsert.Exec(ctx, db))
	fmt.Println(upsert.Unscoped("alive").Exec(ctx, db))
	// Output:
	// dovetail: upsert writers: a row of "writers" with the same id is out of its Scope (alive), and stays as it is, or a trigger keeps the row out; if it is meant, lift the scope with Unscoped
	// <nil>
}

// Two rows with one key are found before anything is sent.
func ExampleUpsertion_Exec() {
	db, done := filledDB()
	defer done()

	err := dovetail.Upsert(written.Accounts, &written.Account{Owner: "Sandy"}, &written.Account{Owner: "Sandy"}).OnConflict("owner").Exec(context.Background(), db)
	fmt.Println(err)
	// Output:
	// dovetail: upsert accounts: two rows have the same owner; give one of them
}

// Money goes from one account to another, or nothing happens.
func ExampleRetry() {
	db, done := filledDB()
	defer done()
	ctx := context.Background()

	err := dovetail.Retry(ctx, db, func(tx dovetail.DB) error {
		from, err := dovetail.Select(written.Accounts).Get(ctx, tx, 1)
		if err != nil {
			return err
		}
		from.Balance -= 30
		if err := dovetail.Save(ctx, tx, written.Accounts, from, "balance"); err != nil {
			return err
		}
		_, err = dovetail.Update(written.Accounts).Set("balance", sq.Expr("balance + ?", 30)).Where(sq.Eq{"id": 2}).Exec(ctx, tx)
		return err
	})
	fmt.Println(err)
	printAll(db, balances)
	// Output:
	// <nil>
	// SpongeBob 70
	// Sandy 80
}

// The transaction has the effect of running alone.
func ExampleRetrySerializable() {
	db, done := filledDB()
	defer done()
	ctx := context.Background()

	err := dovetail.RetrySerializable(ctx, db, func(tx dovetail.DB) error {
		n, err := dovetail.Select(written.Accounts).Count(ctx, tx)
		if err != nil {
			return err
		}
		return dovetail.Insert(written.Accounts, &written.Account{Owner: fmt.Sprint("account ", n+1)}).Exec(ctx, tx)
	})
	fmt.Println(err)
	// Output:
	// <nil>
}

// A constraint that refuses a row says which, and the relation along a foreign key where the database tells.
func ExampleConstraintError() {
	db, done := filledDB()
	defer done()

	err := dovetail.Insert(written.Accounts, &written.Account{Owner: "Sandy"}).Exec(context.Background(), db)
	var refused *dovetail.ConstraintError
	if errors.As(err, &refused) {
		fmt.Println(refused.Kind, refused.Table, refused.Columns)
	}
	fmt.Println(err)
	// Output:
	// unique accounts [owner]
	// dovetail: insert accounts: unique constraint of "accounts" (owner) refuses a row: another row has the same value
}
