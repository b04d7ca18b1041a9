package writes_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// deferred is the tables of writes with a key that is checked at the commit.
func deferred(d kit.Database) string {
	return strings.Replace(written.DDLFor(d), "CONSTRAINT activity_account REFERENCES accounts (id)",
		"CONSTRAINT activity_account REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED", 1)
}

// TestConstraintAtTheCommit: a deferred constraint that refuses the commit is told as one that refuses a statement.
func TestConstraintAtTheCommit(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		d.Exec(t, deferred(d))
		ctx := t.Context()
		astray := func() *written.Activity { return &written.Activity{AccountID: 77, Kind: "DEP"} }
		insert := func(tx dovetail.DB) error { return dovetail.Insert(written.Activities, astray()).Exec(ctx, tx) }
		calls := map[string]func() error{
			"InTx":    func() error { return d.DB.InTx(ctx, dovetail.TxOptions{}, insert) },
			"Retry":   func() error { return dovetail.Retry(ctx, d.DB, insert) },
			"Insert":  func() error { return insert(d.DB) },
			"Several": func() error { return dovetail.Insert(written.Activities, astray(), astray()).Exec(ctx, d.DB) },
			"Upsert": func() error {
				return dovetail.Upsert(written.Activities, &written.Activity{ID: 5, AccountID: 77, Kind: "DEP"}).OnConflict("id").Exec(ctx, d.DB)
			},
		}
		for name, call := range calls {
			err := call()
			var refused *dovetail.ConstraintError
			switch {
			case !errors.As(err, &refused) || refused.Kind != dovetail.ForeignKeyConstraint:
				t.Errorf("%s: expected a ConstraintError, got %v", name, err)
			case errors.Is(err, dovetail.ErrCommitUnknown):
				t.Errorf("%s: the refusal is known: %v", name, err)
			case strings.Count(err.Error(), "dovetail: ") != 1 || !strings.HasPrefix(err.Error(), "dovetail: "):
				t.Errorf("%s: expected the prefix once: %v", name, err)
			case d.Postgres() && (refused.Table != "activity" || refused.Constraint != "activity_account"):
				t.Errorf("%s: expected the table and the constraint, got %+v", name, refused)
			case d.Postgres() && name != "InTx" && name != "Retry" && refused.Path != "activity.account":
				t.Errorf("%s: expected the relation, got %+v", name, refused)
			}
			written.ExpectDump(t, d)
		}
	})
}

// TestAbortedTransaction: what comes after a failed statement in a PostgreSQL transaction says how to go on.
func TestAbortedTransaction(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, "SELECT 1")
	d.Exec(t, written.DDLFor(d))
	ctx := t.Context()
	wrong := func(tx dovetail.DB) error {
		return dovetail.Insert(written.Activities, &written.Activity{AccountID: 77, Kind: "DEP"}).Exec(ctx, tx)
	}
	err := d.DB.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
		if err := wrong(tx); err == nil {
			t.Error("expected the row to be refused")
		}
		_, read := dovetail.Select(written.Accounts).All(ctx, tx)
		_, wrote := dovetail.Update(written.Accounts).Set("balance", 1).All().Exec(ctx, tx)
		several := dovetail.Insert(written.Tags, &written.Tag{Name: "a"}, &written.Tag{Name: "b"}).Exec(ctx, tx)
		for _, err := range []error{read, wrote, several} {
			if err == nil || !strings.Contains(err.Error(), "run what may fail in InTx") || strings.Count(err.Error(), "dovetail: ") != 1 {
				t.Errorf("expected the way on, got %v", err)
			}
		}
		return nil
	})
	if err == nil || errors.Is(err, dovetail.ErrCommitUnknown) || !strings.Contains(err.Error(), "aborted by a statement that failed") {
		t.Errorf("expected the commit to fail, got %v", err)
	}
	err = d.DB.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
		if err := tx.InTx(ctx, dovetail.TxOptions{}, wrong); err == nil {
			t.Error("expected the row to be refused")
		}
		return dovetail.Insert(written.Tags, &written.Tag{Name: "a"}).Exec(ctx, tx)
	})
	if err != nil {
		t.Error(err)
	}
	written.ExpectDump(t, d, "tags 1 a")
}

// countedTx counts the savepoints of a transaction.
type countedTx struct {
	pgx.Tx
	n *int
}

func (c countedTx) count(sql string) {
	if strings.HasPrefix(sql, "savepoint ") {
		*c.n++
	}
}

func (c countedTx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	c.count(sql)
	return c.Tx.Exec(ctx, sql, args...)
}

func (c countedTx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	for _, q := range b.QueuedQueries {
		c.count(q.SQL)
	}
	return c.Tx.SendBatch(ctx, b)
}

// TestSavepoints: in the caller's transaction a call of one statement is that statement, a call of several has one savepoint.
func TestSavepoints(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, "SELECT 1")
	d.Exec(t, written.DDLFor(d))
	ctx := t.Context()
	tx, err := dbtest.Postgres(t).Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	savepoints := 0
	db := postgres.New(countedTx{tx, &savepoints})
	ann := &written.Account{Owner: "Ann"}
	act := &written.Activity{Kind: "DEP", Account: ann}
	for _, c := range []struct {
		name string
		want int
		call func() error
	}{
		{"Insert", 0, func() error { return dovetail.Insert(written.Accounts, ann).Exec(ctx, db) }},
		{"Insert back", 0, func() error { return dovetail.Insert(written.Activities, act).Exec(ctx, db) }},
		{"Save", 0, func() error { return dovetail.Save(ctx, db, written.Accounts, ann, "balance") }},
		{"Save back", 0, func() error { return dovetail.Save(ctx, db, written.Activities, act, "amount") }},
		{"Update", 0, func() error {
			_, err := dovetail.Update(written.Accounts).Set("balance", 3).All().Exec(ctx, db)
			return err
		}},
		{"Returning", 0, func() error {
			_, err := dovetail.Update(written.Accounts).Set("balance", 4).All().Returning(ctx, db)
			return err
		}},
		{"Upsert", 0, func() error {
			return dovetail.Upsert(written.Accounts, &written.Account{Owner: "Ann"}).OnConflict("owner").Set("balance").Exec(ctx, db)
		}},
		{"Upsert and read", 1, func() error {
			return dovetail.Upsert(written.Accounts, &written.Account{Owner: "Ann"}).OnConflict("owner").Exec(ctx, db)
		}},
		{"Insert several", 1, func() error {
			return dovetail.Insert(written.Accounts, &written.Account{Owner: "Bob", Activities: []*written.Activity{{Kind: "WD"}}}).
				With("activities").Exec(ctx, db)
		}},
		{"Delete", 0, func() error {
			_, err := dovetail.Delete(written.ActivityTags).All().Exec(ctx, db)
			return err
		}},
		{"Delete several", 1, func() error {
			_, err := dovetail.Delete(written.Activities).Where(sq.Eq{"kind": "WD"}).Exec(ctx, db)
			return err
		}},
	} {
		savepoints = 0
		if err := c.call(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if savepoints != c.want {
			t.Errorf("%s: expected %d savepoints, got %d", c.name, c.want, savepoints)
		}
	}
}

// TestMisfitInTheCallersTransaction: a row that was written, and does not fit the struct that it is read back into, is not
// committed by a caller who goes on.
func TestMisfitInTheCallersTransaction(t *testing.T) {
	t.Parallel()
	type narrow struct {
		ID      int64
		Balance int8
	}
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		d.Exec(t, written.WithKeys(d, `CREATE TABLE accounts (id {key}, balance BIGINT NOT NULL); INSERT INTO accounts VALUES (1, 1)`))
		table := dovetail.NewTable[narrow](dovetail.NewRegistry(), "accounts")
		ctx := t.Context()
		var inner error
		err := d.DB.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
			_, inner = dovetail.Update(table).Set("balance", sq.Expr("balance + 1000")).All().Returning(ctx, tx)
			return nil
		})
		if inner == nil || d.Postgres() == (err == nil) {
			t.Errorf("expected the row not to fit, and on PostgreSQL the transaction to fail, got %v and %v", inner, err)
		}
		kit.Same(t, "balances", kit.Collect[int](t, d.DB, dovetail.Select(table).Columns("balance")), 1)
		err = d.DB.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
			err := dovetail.Save(ctx, tx, table, &narrow{ID: 7}, "balance")
			if !errors.Is(err, dovetail.ErrNoRows) {
				t.Errorf("expected no row, got %v", err)
			}
			return dovetail.Save(ctx, tx, table, &narrow{ID: 1, Balance: 9}, "balance")
		})
		if err != nil {
			t.Errorf("expected a row that is not there to leave the transaction as it was, got %v", err)
		}
	})
}

// TestRetryInATransaction says what to do instead.
func TestRetryInATransaction(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		err := d.DB.InTx(t.Context(), dovetail.TxOptions{}, func(tx dovetail.DB) error {
			return dovetail.Retry(t.Context(), tx, func(dovetail.DB) error { return nil })
		})
		var failed *dialect.TxError
		if !errors.As(err, &failed) || !strings.Contains(err.Error(), "call Retry with a pool or a connection, or InTx for a savepoint") {
			t.Errorf("expected what to do instead, got %v", err)
		}
	})
}
