package writes_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// refusedNil fails the test unless the call returns an error that says what is nil, without a panic.
func refusedNil(t *testing.T, name string, call func() error) {
	t.Helper()
	defer func() {
		if got := recover(); got != nil {
			t.Errorf("%s: panics: %v", name, got)
		}
	}()
	if err := call(); err == nil || !strings.Contains(err.Error(), "nil") && !strings.Contains(err.Error(), "empty") {
		t.Errorf("%s: expected an error that says what is nil, got %v", name, err)
	}
}

// everyCall is calls with a context and a database.
func everyCall() map[string]func(ctx context.Context, db dovetail.DB) error {
	q := dovetail.Select(written.Accounts)
	nothing := func(dovetail.DB) error { return nil }
	return map[string]func(ctx context.Context, db dovetail.DB) error{
		"All": func(ctx context.Context, db dovetail.DB) error { _, err := q.All(ctx, db); return err },
		"Preload": func(ctx context.Context, db dovetail.DB) error {
			_, err := q.Preload("activities").All(ctx, db)
			return err
		},
		"One":    func(ctx context.Context, db dovetail.DB) error { _, err := q.One(ctx, db); return err },
		"First":  func(ctx context.Context, db dovetail.DB) error { _, err := q.First(ctx, db); return err },
		"Get":    func(ctx context.Context, db dovetail.DB) error { _, err := q.Get(ctx, db, 1); return err },
		"Count":  func(ctx context.Context, db dovetail.DB) error { _, err := q.Count(ctx, db); return err },
		"Exists": func(ctx context.Context, db dovetail.DB) error { _, err := q.Exists(ctx, db); return err },
		"Collect": func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Collect[int64](ctx, db, q.Columns("id"))
			return err
		},
		"Each": func(ctx context.Context, db dovetail.DB) (err error) {
			for _, err = range q.Each(ctx, db) {
			}
			return err
		},
		"Insert": func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Insert(written.Accounts, &written.Account{}, &written.Account{}).Exec(ctx, db)
		},
		"Update": func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Update(written.Accounts).Set("balance", 1).All().Exec(ctx, db)
			return err
		},
		"Delete": func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Delete(written.Accounts).All().Exec(ctx, db)
			return err
		},
		"Save": func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Save(ctx, db, written.Accounts, &written.Account{ID: 1}, "owner")
		},
		"Refresh": func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Refresh(ctx, db, written.Accounts, &written.Account{ID: 1})
		},
		"Upsert": func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Upsert(written.Accounts, &written.Account{}).OnConflict("owner").Exec(ctx, db)
		},
		"Replace": func(ctx context.Context, db dovetail.DB) error {
			_, err := written.StudentCourses.Replace(ctx, db, &written.Student{ID: 1})
			return err
		},
		"Load": func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Load(ctx, db, written.Accounts, []*written.Account{{ID: 1}}, "activities")
		},
		"CreateAll": func(ctx context.Context, db dovetail.DB) error { return written.Schema.CreateAll(ctx, db) },
		"Check":     func(ctx context.Context, db dovetail.DB) error { _, err := written.Schema.Check(ctx, db); return err },
		"Retry":     func(ctx context.Context, db dovetail.DB) error { return dovetail.Retry(ctx, db, nothing) },
	}
}

func TestNothingPanicsOnNil(t *testing.T) {
	t.Parallel()
	nobody := map[string]dovetail.DB{
		"nil": nil, "a nil *postgres.DB": (*postgres.DB)(nil), "a nil *sqlite.DB": (*sqlite.DB)(nil),
		"postgres.New(nil)": postgres.New(nil), "sqlite.New(nil)": sqlite.New(nil),
		"postgres.New of a nil pool": postgres.New((*pgxpool.Pool)(nil)), "postgres.New of a nil connection": postgres.New((*pgx.Conn)(nil)),
		"sqlite.New of a nil pool": sqlite.New((*sql.DB)(nil)), "sqlite.New of a nil transaction": sqlite.New((*sql.Tx)(nil)),
		"an empty postgres.DB": new(postgres.DB), "an empty sqlite.DB": new(sqlite.DB),
	}
	for call, do := range everyCall() {
		for name, db := range nobody {
			refusedNil(t, call+" with "+name, func() error { return do(t.Context(), db) })
			refusedNil(t, call+" with hooks on "+name, func() error { return do(t.Context(), dovetail.WithHooks(db, nil)) })
		}
	}
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		d.Exec(t, written.DDLFor(d))
		for call, do := range everyCall() {
			refusedNil(t, call+" with a nil context", func() error { return do(nil, d.DB) }) //nolint:staticcheck // that is the test
		}
		written.ExpectDump(t, d)
	})
}

func TestNilIsRefused(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		var none context.Context
		ctx, nothing := t.Context(), func(dovetail.DB) error { return nil }
		for name, call := range map[string]func() error{
			"InTx of nil":       func() error { return d.DB.InTx(ctx, dovetail.TxOptions{}, nil) },
			"InTx without":      func() error { return d.DB.InTx(none, dovetail.TxOptions{}, nothing) },
			"Retry of nil":      func() error { return dovetail.Retry(ctx, d.DB, nil) },
			"Serializable, nil": func() error { return dovetail.RetrySerializable(ctx, d.DB, nil) },
			"Run for nobody":    func() error { return d.DB.Run(ctx, []dialect.Statement{{SQL: "SELECT 1"}}, nil) },
		} {
			refusedNil(t, name, call)
		}
	})
	for name, call := range map[string]func() error{
		"SQL":     func() error { _, _, err := dovetail.Select(written.Accounts).SQL(nil); return err },
		"Explain": func() error { _, err := dovetail.Select(written.Accounts).Explain(nil); return err },
		"DDL":     func() error { _, err := written.Schema.DDL(nil); return err },
	} {
		refusedNil(t, name+" of no dialect", call)
	}
	for _, d := range []dialect.Dialect{postgres.Dialect, sqlite.Dialect} {
		if f := d.Failure(nil); f.Kind != dialect.FailureOther {
			t.Errorf("%s: no error is a failure: %+v", d.Name(), f)
		}
		if _, err := d.In(nil, dialect.Keys{}, false); err != nil {
			t.Logf("%s: %v", d.Name(), err)
		}
		_, _ = d.KeyTypes(nil)
		_ = fmt.Sprint(d.KeyArgs(nil), d.KeySource("k", nil), d.Match(dialect.MatchStart, ""))
	}
}
