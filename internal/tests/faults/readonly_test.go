package faults_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/removed"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// moreReads are the kinds of reads that faults leave out.
var moreReads = []call{
	{"Fetch", func(ctx context.Context, db dovetail.DB) (any, error) {
		rows, err := dovetail.Select(written.Accounts).OrderBy("id").Fetch("activities").All(ctx, db)
		return shown(rows), err
	}},
	{"OneRoundTrip", func(ctx context.Context, db dovetail.DB) (any, error) {
		rows, err := allAccounts.OneRoundTrip().All(ctx, db)
		return shown(rows), err
	}},
	{"First", func(ctx context.Context, db dovetail.DB) (any, error) {
		row, err := allAccounts.First(ctx, db)
		return shown([]*written.Account{row}), err
	}},
	{"Exists", func(ctx context.Context, db dovetail.DB) (any, error) {
		return dovetail.Select(written.Accounts).Has("activities").Exists(ctx, db)
	}},
	{"PreloadTree", func(ctx context.Context, db dovetail.DB) (any, error) {
		rows, err := dovetail.Select(written.Employees).OrderBy("id").PreloadTree("reports", 5).All(ctx, db)
		return fmt.Sprint(len(rows)), err
	}},
	{"Sum", func(ctx context.Context, db dovetail.DB) (any, error) {
		type total struct {
			Owner string
			Sum   *int64
		}
		rows, err := dovetail.Collect[total](ctx, db, dovetail.Select(written.Accounts).Columns("owner").
			With(dovetail.Sum("activities.amount").As("sum")).OrderBy("id"))
		text := ""
		for _, r := range rows {
			text += fmt.Sprintln(r.Owner, r.Sum != nil)
		}
		return text, err
	}},
	{"Check", func(ctx context.Context, db dovetail.DB) (any, error) {
		findings, err := written.Schema.Check(ctx, db)
		return kit.ListFindings(findings), err
	}},
	{"Impact", func(ctx context.Context, db dovetail.DB) (any, error) {
		impact, err := dovetail.Delete(removed.Students).Where("id = ?", -1).Impact(ctx, db)
		return fmt.Sprint(impact), err
	}},
	{"InTx of reads", func(ctx context.Context, db dovetail.DB) (value any, err error) {
		err = db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
			rows, err := allAccounts.All(ctx, tx)
			value = shown(rows)
			return err
		})
		return value, err
	}},
	{"Retry of reads", func(ctx context.Context, db dovetail.DB) (value any, err error) {
		err = dovetail.Retry(ctx, db, func(tx dovetail.DB) error {
			value, err = dovetail.Select(written.Accounts).Count(ctx, tx)
			return err
		})
		return value, err
	}},
}

// locks is a read that writes: rows that it locks are marked.
var locks = call{"ForUpdate", func(ctx context.Context, db dovetail.DB) (any, error) {
	return nil, db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
		_, err := dovetail.Select(written.Accounts).ForUpdate().All(ctx, tx)
		return err
	})
}}

// onlyReads holds a database that cannot be written to against what the same rows are where they can: reads give the same, and writes
// say that they wrote nothing, and why.
func onlyReads(t *testing.T, d, primary kit.Database, writes []call, words ...string) {
	t.Helper()
	before := dump(t, primary)
	for range 2 { // the second time statements are prepared, and the catalog has been asked
		for _, c := range slices.Concat(reads, moreReads) {
			want, err := c.do(t.Context(), primary.DB)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if got, err := c.do(t.Context(), d.DB); err != nil || got != want {
				t.Errorf("%s: expected\n%v\ngot\n%v\nand %v", c.name, want, got, err)
			}
		}
		for _, c := range writes {
			value, err := c.do(t.Context(), d.DB)
			if value != nil && fmt.Sprint(value) != "0" {
				t.Errorf("%s: %v beside an error", c.name, value)
			}
			kit.Refused(t, err, dovetail.ErrUnsupported, append(words, "only reads", "written nothing", "write through a handle on")...)
			if errors.Is(err, dovetail.ErrCommitUnknown) {
				t.Errorf("%s: nothing was written, and the error is %v", c.name, err)
			}
			if d.Postgres() && kit.SQLState(err) != "25006" {
				t.Errorf("%s: expected the server's answer in the chain, got %v", c.name, err)
			}
			if t.Failed() {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
	}
	if after := dump(t, primary); after != before {
		t.Errorf("expected\n%s\ngot\n%s", before, after)
	}
}

var allWrites = slices.Concat(transactions, statements)

// TestHotStandby reads and writes on a standby in every mode, as a handle and in transactions.
func TestHotStandby(t *testing.T) {
	t.Parallel()
	first, second := dbtest.PostgresStandby(t)
	primary := onPool(t, "postgres/primary", first)
	prepare(t, primary)
	for _, mode := range modes {
		config := second.Copy()
		config.ConnConfig.DefaultQueryExecMode = mode
		config.MaxConns = 2
		t.Run(mode.String(), func(t *testing.T) {
			onlyReads(t, onPool(t, "postgres/standby", config), primary, append(allWrites, locks), "standby", "target_session_attrs=read-write")
		})
	}
	t.Run("new rows", func(t *testing.T) {
		d := onPool(t, "postgres/standby", second)
		kit.Insert(t, primary.DB, dovetail.Insert(written.Students, &written.Student{Name: "tom"}))
		if n, err := dovetail.Select(written.Students).Where("name = ?", "tom").Count(t.Context(), d.DB); err != nil || n != 1 {
			t.Errorf("expected the row of the primary, got %d and %v", n, err)
		}
	})
	t.Run("serializable", func(t *testing.T) {
		d := onPool(t, "postgres/standby", second)
		err := dovetail.RetrySerializable(t.Context(), d.DB, func(tx dovetail.DB) error {
			_, err := allAccounts.All(t.Context(), tx)
			return err
		})
		kit.Refused(t, err, dovetail.ErrUnsupported, "standby", "Snapshot")
	})
}

// onPool is the database of a pool.
func onPool(t *testing.T, name string, config *pgxpool.Config) kit.Database {
	t.Helper()
	pool := dbtest.PostgresPool(t, config)
	return kit.Database{Name: name, DB: postgres.New(pool), Exec: func(tb testing.TB, sql string) {
		tb.Helper()
		if _, err := pool.Exec(tb.Context(), sql); err != nil {
			tb.Fatal(err)
		}
	}}
}

// TestReadOnlyTransactions is on a server that may be written to, by connections and transactions that may not.
func TestReadOnlyTransactions(t *testing.T) {
	t.Parallel()
	primary := prepared(t)
	config := dbtest.PostgresConfig(t)
	begun := dbtest.PostgresPool(t, config.Copy())
	for _, mode := range modes {
		config := config.Copy()
		config.ConnConfig.DefaultQueryExecMode = mode
		config.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
		t.Run(mode.String(), func(t *testing.T) {
			onlyReads(t, onPool(t, "postgres/only", config), primary, append(allWrites, locks), "READ ONLY", "default_transaction_read_only")
		})
	}
	t.Run("begun READ ONLY", func(t *testing.T) {
		for _, c := range allWrites {
			if c.name == "Retry" { // which a transaction refuses
				continue
			}
			tx, err := begun.BeginTx(t.Context(), pgx.TxOptions{AccessMode: pgx.ReadOnly})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.do(t.Context(), postgres.New(tx))
			kit.Refused(t, err, dovetail.ErrUnsupported, "READ ONLY", "written nothing")
			if err := tx.Rollback(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestReadOnlySQLite is on files that are opened in ways in which they cannot be written to.
func TestReadOnlySQLite(t *testing.T) {
	t.Parallel()
	for name, query := range map[string]url.Values{
		"mode=ro":     {"mode": {"ro"}},
		"query_only":  {"_pragma": {"query_only(1)"}},
		"immutable=1": {"mode": {"ro"}, "immutable": {"1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := dbtest.SQLite(t)
			primary := kit.Database{Name: "sqlite/db", DB: sqlite.New(pool), Exec: func(tb testing.TB, sql string) {
				tb.Helper()
				if _, err := pool.ExecContext(tb.Context(), sql); err != nil {
					tb.Fatal(err)
				}
			}}
			prepare(t, primary)
			primary.Exec(t, "PRAGMA wal_checkpoint(TRUNCATE)") // an immutable file is read alone
			files, err := kit.SQL[string](t.Context(), primary.DB, "SELECT file FROM pragma_database_list WHERE name = 'main'")
			if err != nil {
				t.Fatal(err)
			}
			query["_time_format"], query["_timezone"] = []string{"sqlite"}, []string{"UTC"}
			dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(files[0]), OmitHost: true, RawQuery: query.Encode()}
			only, err := sql.Open("sqlite", dsn.String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { kit.NoError(t, only.Close()) }()
			d := kit.Database{Name: "sqlite/only", DB: sqlite.New(only)}
			onlyReads(t, d, primary, allWrites, "mode=ro", "mode=rw")
			err = d.DB.InTx(t.Context(), dovetail.TxOptions{Snapshot: true}, func(tx dovetail.DB) error {
				_, err := statements[0].do(t.Context(), tx)
				return err
			})
			if !errors.Is(err, dovetail.ErrUnsupported) || !strings.Contains(err.Error(), "begun with Snapshot") {
				t.Errorf("in Snapshot: got %v", err)
			}
		})
	}
}
