package writes_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// Changes of rows by condition, and of rows in hand.

type vDoc struct {
	ID          int64
	Title       string
	Body        *string
	Tags        map[string]int
	LockVersion int32
}

var (
	vDocSchema = dovetail.NewRegistry()
	vDocs      = dovetail.NewTable[vDoc](vDocSchema, "docs", dovetail.Version("lock_version"))
)

const vDocDDL = `CREATE TABLE docs (id BIGINT PRIMARY KEY, title TEXT NOT NULL, body TEXT, tags {json}, lock_version INTEGER NOT NULL);
INSERT INTO docs VALUES (1, 'one', NULL, NULL, 3), (2, 'two', 'b', NULL, 0)`

func TestUpdate(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		written.Filled(t, d)
		db := d.Record()
		for _, test := range []struct {
			name   string
			change interface {
				Exec(context.Context, dovetail.DB) (int64, error)
			}
			rows int64
			want string // of the balances and amounts afterwards
		}{
			{"a value", dovetail.Update(written.Accounts).Set("balance", 11).Where(sq.Eq{"owner": "Ann"}), 1, "11 20 30"},
			{"an expression", dovetail.Update(written.Accounts).Set("balance", sq.Expr("accounts.balance + ?", 5)).All(), 3, "16 25 35"},
			{"by related rows", dovetail.Update(written.Accounts).Set("balance", 0).Where(dovetail.Has("activities", sq.Gt{"amount": 500})), 1,
				"0 25 35"},
			{"by none", dovetail.Update(written.Accounts).Set("balance", 1).Where(dovetail.HasNone("activities")), 1, "0 25 1"},
			{"a subquery", dovetail.Update(written.Accounts).Set("balance", dovetail.Select(written.Activities).Columns("amount").Where(sq.Eq{"id": 2})).
				Where("owner = ?", "Cat"), 1, "0 25 900"},
			{"no rows", dovetail.Update(written.Accounts).Set("balance", 1).Where(sq.Eq{"owner": "Dan"}), 0, "0 25 900"},
		} {
			n, err := test.change.Exec(t.Context(), db)
			if err != nil || n != test.rows {
				t.Fatalf("%s: expected %d rows, got %d, %v", test.name, test.rows, n, err)
			}
			db.Expect(t, 1, 1)
			kit.Same(t, test.name, kit.Collect[string](t, d.DB, dovetail.Select(written.Accounts).Columns().OrderBy("id").
				Column("CAST(balance AS TEXT) AS b")), strings.Fields(test.want)...)
		}

		n, err := dovetail.Update(written.Activities).Set("amount", 1).Where(sq.Eq{"account.owner": "Ann"}).Exec(t.Context(), db)
		if err != nil || n != 2 {
			t.Fatalf("along a path: expected 2 rows, got %d, %v", n, err)
		}
		db.Expect(t, 1, 1)
		rows, err := dovetail.Update(written.Activities).Set("kind", "WD").Where(sq.Eq{"account.owner": "Bob"}).Returning(t.Context(), db)
		if err != nil || len(rows) != 1 || rows[0].ID != 3 || rows[0].Kind != "WD" || rows[0].Doubled != 40 {
			t.Fatalf("expected the row as it is now, got %v, %v", rows, err)
		}
		db.Expect(t, 1, 1)
	})
}

func TestUpdateIsRefusedBeforeAnyStatement(t *testing.T) {
	t.Parallel()
	accounts, activities := dovetail.Update(written.Accounts), dovetail.Update(written.Activities)
	one := sq.Eq{"id": 1}
	for _, test := range []struct {
		name  string
		is    error
		run   func(db dovetail.DB) error
		words string
	}{
		{"no condition", dovetail.ErrMissingWhere, try(accounts.Set("owner", "x")), "call All if that is meant"},
		{"a condition of every row", dovetail.ErrMissingWhere, try(accounts.Set("owner", "x").Where(sq.NotEq{"id": nil})), "call All"},
		{"nothing set", dovetail.ErrInvalidQuery, try(accounts.Where(one)), "call Set"},
		{"SQL in the name", dovetail.ErrUnknownColumn, try(accounts.Set("owner = 'x', balance", 1).Where(one)), `no column`},
		{"misspelt", dovetail.ErrUnknownColumn, try(accounts.Set("ownr", "x").Where(one)), `did you mean "owner"`},
		{"another kind", dovetail.ErrArgType, try(accounts.Set("balance", "much").Where(one)), `"balance" is int64`},
		{"NULL", dovetail.ErrInvalidQuery, try(accounts.Set("owner", nil).Where(one)), "cannot hold"},
		{"twice", dovetail.ErrInvalidQuery, try(accounts.Set("owner", "x").Set("owner", "y").Where(one)), "set twice"},
		{"generated", dovetail.ErrInvalidQuery, try(activities.Set("doubled", 1).Where(one)), "made by the database"},
		{"a path in the value", dovetail.ErrUnknownRelation,
			try(activities.Set("amount", sq.Expr("account.balance")).Where(one)), `names a path`},
		{"the zero change", dovetail.ErrUnknownTable, try(dovetail.Change[*written.Account]{}), "make it with Update"},
		{"no table", dovetail.ErrUnknownTable, try(dovetail.Update[written.Account](nil).Set("owner", "x").Where(one)), "NewTable"},
		{"save no columns", dovetail.ErrInvalidQuery, func(db dovetail.DB) error {
			return dovetail.Save(context.Background(), db, written.Accounts, &written.Account{ID: 1})
		}, "name those"},
		{"save the key", dovetail.ErrInvalidQuery, func(db dovetail.DB) error {
			return dovetail.Save(context.Background(), db, written.Accounts, &written.Account{ID: 1}, "id")
		}, "primary key"},
		{"save without a key", dovetail.ErrInvalidRow, func(db dovetail.DB) error {
			return dovetail.Save(context.Background(), db, written.Accounts, &written.Account{}, "owner")
		}, "insert it"},
		{"save nil", dovetail.ErrInvalidRow, func(db dovetail.DB) error {
			return dovetail.Save(context.Background(), db, written.Accounts, nil, "owner")
		}, "nil"},
		{"save the version", dovetail.ErrInvalidQuery, func(db dovetail.DB) error {
			return dovetail.Save(context.Background(), db, vDocs, &vDoc{ID: 1}, "lock_version")
		}, "leave it out"},
		{"refresh without a key", dovetail.ErrInvalidRow, func(db dovetail.DB) error {
			return dovetail.Refresh(context.Background(), db, written.Accounts, &written.Account{ID: 1}, &written.Account{})
		}, "insert it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := &kit.Recorder{}
			db.DB = kit.SQLiteDB(t, "").DB
			kit.Refused(t, test.run(db), test.is, test.words)
			db.Expect(t, 0, 0)
		})
	}
}

func try(c interface {
	Exec(context.Context, dovetail.DB) (int64, error)
}) func(dovetail.DB) error {
	return func(db dovetail.DB) error {
		_, err := c.Exec(context.Background(), db)
		return err
	}
}

func TestTrap_C7_NameOfAColumnIsNoSQL(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		written.Filled(t, d)
		before := written.Dump(t, d)
		for _, name := range []string{
			"owner = 'x', balance", "balance = 0 --", `owner" = 'x', "balance`, "owner;", "accounts.owner", "*", "", "id=1, owner",
		} {
			db := d.Record()
			_, err := dovetail.Update(written.Accounts).Set(name, 1).Where(sq.Eq{"id": 1}).Exec(t.Context(), db)
			kit.Refused(t, err, dovetail.ErrUnknownColumn)
			err = dovetail.Save(t.Context(), db, written.Accounts, &written.Account{ID: 1}, name)
			kit.Refused(t, err, dovetail.ErrUnknownColumn)
			db.Expect(t, 0, 0)
		}
		if got := written.Dump(t, d); got != before {
			t.Errorf("the tables changed:\n%s", got)
		}
	})
}

func TestTrap_I15_RowsAreChangedOnceHoweverTheyAreFound(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		written.Filled(t, d)
		// Ann has two activities, and is changed once.
		n, err := dovetail.Update(written.Accounts).Set("balance", sq.Expr("balance + 1")).Where(dovetail.Has("activities")).Exec(t.Context(), d.DB)
		if err != nil || n != 2 {
			t.Fatalf("expected 2 rows, got %d, %v", n, err)
		}
		n, err = dovetail.Update(written.Activities).Set("amount", sq.Expr("amount + 1")).
			Where("activity.account.balance > ? AND activity.amount > ?", 10, 0).Exec(t.Context(), d.DB)
		if err != nil || n != 3 {
			t.Fatalf("expected 3 rows, got %d, %v", n, err)
		}
		written.ExpectDump(t, d, "accounts 1 Ann 11", "accounts 2 Bob 21", "accounts 3 Cat 30", "activity 1 1 DEP 11", "activity 2 1 WD 901",
			"activity 3 2 DEP 21")
	})
}

func TestSaveAndRefresh(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		written.Filled(t, d)
		db := d.Record()
		act := &written.Activity{ID: 1, Amount: 50, Kind: "not written"}
		if err := dovetail.Save(t.Context(), db, written.Activities, act, "amount"); err != nil || act.Doubled != 100 {
			t.Fatalf("expected what the database made, got %+v, %v", act, err)
		}
		db.Expect(t, 1, 1)
		kept := &written.Account{ID: 1}
		act.Account = kept
		if err := dovetail.Refresh(t.Context(), db, written.Activities, act, &written.Activity{ID: 3}); err != nil || act.Kind != "DEP" || act.Account != kept {
			t.Fatalf("expected the columns of the row, got %+v, %v", act, err)
		}
		db.Expect(t, 2, 1)
		gone := &written.Account{ID: 99, Owner: "x"}
		kit.Refused(t, dovetail.Save(t.Context(), db, written.Accounts, gone, "owner"), dovetail.ErrNoRows, "save accounts")
		there := &written.Account{ID: 1, Owner: "as it was"}
		kit.Refused(t, dovetail.Refresh(t.Context(), db, written.Accounts, there, gone), dovetail.ErrNoRows, "refresh accounts")
		if there.Owner != "as it was" {
			t.Errorf("expected the rows as they were, got %+v", there)
		}
	})
}

func TestVersion(t *testing.T) {
	t.Parallel()
	kit.OnEvery(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		kind := "TEXT"
		if d.Postgres() {
			kind = "JSONB"
		}
		d.Exec(t, strings.Replace(vDocDDL, "{json}", kind, 1))
		ctx := t.Context()
		mine, theirs := &vDoc{ID: 1, LockVersion: 3, Title: "mine"}, &vDoc{ID: 1, LockVersion: 3, Title: "theirs"}
		if err := dovetail.Save(ctx, d.DB, vDocs, mine, "title"); err != nil || mine.LockVersion != 4 {
			t.Fatalf("expected version 4, got %d, %v", mine.LockVersion, err)
		}
		err := dovetail.Save(ctx, d.DB, vDocs, theirs, "title")
		kit.Refused(t, err, dovetail.ErrStale, "lock_version")
		if theirs.LockVersion != 3 {
			t.Errorf("expected the version as it was, got %d", theirs.LockVersion)
		}
		if n, err := dovetail.Update(vDocs).Set("title", "all").All().Exec(ctx, d.DB); n != 2 || err != nil {
			t.Fatal(n, err)
		}
		err = dovetail.Save(ctx, d.DB, vDocs, mine, "title")
		kit.Refused(t, err, dovetail.ErrStale)
		if err := dovetail.Refresh(ctx, d.DB, vDocs, mine); err != nil && d.Postgres() {
			t.Fatal(err)
		}
		if d.Postgres() {
			mine.Tags = map[string]int{"a": 1}
			if mine.Title != "all" || mine.LockVersion != 5 {
				t.Errorf("expected the row as it is, got %+v", mine)
			}
			if err := dovetail.Save(ctx, d.DB, vDocs, mine, "tags"); err != nil {
				t.Fatal(err)
			}
			if n, err := dovetail.Update(vDocs).Set("tags", map[string]int{"b": 2}).Where("tags ->> 'a' = ?", "1").Exec(ctx, d.DB); n != 1 || err != nil {
				t.Fatal(n, err)
			}
		}
		if n, err := dovetail.Update(vDocs).Set("body", nil).Where(sq.NotEq{"body": nil}).Exec(ctx, d.DB); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	})
}

func TestChangesAreImmutable(t *testing.T) {
	t.Parallel()
	d := kit.SQLiteDB(t, "")
	d.Exec(t, written.DDLFor(d))
	written.Filled(t, d)
	base := dovetail.Update(written.Accounts).Set("balance", 1)
	first, second := base.Where(sq.Eq{"id": 1}), base.Where(sq.Eq{"id": 2}).Set("owner", "x")
	for _, c := range []dovetail.Change[*written.Account]{first, second} {
		if n, err := c.Exec(t.Context(), d.DB); n != 1 || err != nil {
			t.Errorf("expected one row, got %d, %v", n, err)
		}
	}
	if _, err := base.Exec(t.Context(), d.DB); !errors.Is(err, dovetail.ErrMissingWhere) {
		t.Errorf("expected the base to be without a condition, got %v", err)
	}
}
