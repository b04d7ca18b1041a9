package writes_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// A panic of the caller's code comes through every call, and leaves nothing held.

// fuse is a text whose methods panic: "value" when it is sent, "scan" when it is read.
type fuse string

func (f fuse) Value() (driver.Value, error) {
	if f == "value" {
		panic("boom")
	}
	return string(f), nil
}

func (f *fuse) Scan(src any) error {
	if *f = fuse(fmt.Sprint(src)); *f == "scan" {
		panic("boom")
	}
	return nil
}

type crate struct {
	ID    int64
	Label fuse
	Parts []*part
}

type part struct {
	ID      int64
	CrateID int64
	Label   fuse
}

type crates struct {
	crates *dovetail.Table[crate]
	parts  *dovetail.Table[part]
	filled *dovetail.ToMany[*crate, *part]
}

func newCrates() crates {
	r := dovetail.NewRegistry()
	c := crates{crates: dovetail.NewTable[crate](r, "crates"), parts: dovetail.NewTable[part](r, "parts")}
	c.filled = dovetail.HasMany(c.crates, "parts", c.parts, dovetail.ForeignKey("crate_id"))
	return c
}

// singlePool runs the test on both databases with one connection. held returns how many are in use.
func singlePool(t *testing.T, test func(t *testing.T, d kit.Database, held func() int)) {
	t.Helper()
	const ddl = `CREATE TABLE crates (id {key}, label TEXT NOT NULL);
		CREATE TABLE parts (id {key}, crate_id BIGINT NOT NULL REFERENCES crates (id), label TEXT NOT NULL);
		INSERT INTO crates VALUES (-1, 'a'); INSERT INTO parts VALUES (-1, -1, 'scan')`
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		config := dbtest.PostgresConfig(t)
		config.MaxConns = 1
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		d := kit.Database{Name: "postgres/pool", DB: postgres.New(pool)}
		if _, err := pool.Exec(t.Context(), written.WithKeys(d, ddl)); err != nil {
			t.Fatal(err)
		}
		test(t, d, func() int { return int(pool.Stat().AcquiredConns()) })
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		pool := dbtest.SQLite(t)
		pool.SetMaxOpenConns(1)
		d := kit.Database{Name: "sqlite/db", DB: sqlite.New(pool)}
		if _, err := pool.ExecContext(t.Context(), written.WithKeys(d, ddl)); err != nil {
			t.Fatal(err)
		}
		test(t, d, func() int { return pool.Stats().InUse })
	})
}

// boom calls the function, which must panic, and checks that nothing is held and nothing was written.
func boom(t *testing.T, d kit.Database, held func() int, name string, call func(ctx context.Context)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	func() {
		defer func() {
			if got := recover(); got != "boom" {
				t.Errorf("%s: expected the caller's panic, got %v", name, got)
			}
		}()
		call(ctx)
	}()
	for wait := time.Now().Add(5 * time.Second); held() != 0; time.Sleep(time.Millisecond) { // a closed one is counted for a moment
		if time.Now().After(wait) {
			t.Fatalf("%s: a connection is held", name)
		}
	}
	err := d.DB.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
		labels, err := kit.SQL[string](ctx, tx, "SELECT label FROM crates UNION ALL SELECT label FROM parts")
		if fmt.Sprint(labels) != "[a scan]" && fmt.Sprint(labels) != "[scan a]" {
			t.Errorf("%s: the tables hold %v", name, labels)
		}
		return err
	})
	if err != nil {
		t.Errorf("%s: the pool is of no use: %v", name, err)
	}
}

func TestPanicsReleaseEverything(t *testing.T) {
	t.Parallel()
	tables := newCrates()
	singlePool(t, func(t *testing.T, d kit.Database, held func() int) {
		one := &crate{ID: -1, Label: "value"}
		withParts := func() *crate {
			return &crate{Label: "b", Parts: []*part{{Label: "c"}, {Label: "value"}}}
		}
		for name, call := range map[string]func(ctx context.Context, db dovetail.DB){
			"Insert": func(ctx context.Context, db dovetail.DB) {
				_ = dovetail.Insert(tables.crates, &crate{Label: "value"}).Exec(ctx, db)
			},
			"Insert With": func(ctx context.Context, db dovetail.DB) {
				_ = dovetail.Insert(tables.crates, withParts()).With("parts").Exec(ctx, db)
			},
			"Upsert": func(ctx context.Context, db dovetail.DB) {
				_ = dovetail.Upsert(tables.crates, one).OnConflict("id").Set("label").Exec(ctx, db)
			},
			"Upserts": func(ctx context.Context, db dovetail.DB) {
				_ = dovetail.Upsert(tables.crates, one, &crate{ID: 2}).OnConflict("id").Exec(ctx, db)
			},
			"Save": func(ctx context.Context, db dovetail.DB) { _ = dovetail.Save(ctx, db, tables.crates, one, "label") },
			"Update": func(ctx context.Context, db dovetail.DB) {
				_, _ = dovetail.Update(tables.crates).Set("label", fuse("value")).All().Exec(ctx, db)
			},
			"Returning": func(ctx context.Context, db dovetail.DB) {
				_, _ = dovetail.Update(tables.crates).Set("label", "b").Where(sq.Eq{"label": fuse("value")}).Returning(ctx, db)
			},
			"Delete": func(ctx context.Context, db dovetail.DB) {
				_, _ = dovetail.Delete(tables.crates).Where(sq.Eq{"label": fuse("value")}).Exec(ctx, db)
			},
			"Select": func(ctx context.Context, db dovetail.DB) {
				_, _ = dovetail.Select(tables.crates).Where("label = ?", fuse("value")).All(ctx, db)
			},
			"Retry": func(ctx context.Context, db dovetail.DB) {
				_ = dovetail.Retry(ctx, db, func(tx dovetail.DB) error { return dovetail.Save(ctx, tx, tables.crates, one, "label") })
			},
		} {
			boom(t, d, held, name, func(ctx context.Context) { call(ctx, d.DB) })
			if name == "Retry" {
				continue // it is refused there
			}
			boom(t, d, held, name+" in a transaction", func(ctx context.Context) {
				_ = d.DB.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
					if err := dovetail.Insert(tables.crates, &crate{Label: "d"}).Exec(ctx, tx); err != nil {
						t.Error(err)
					}
					call(ctx, tx)
					return nil
				})
			})
		}
	})
}

// panicHook panics before a run, or after it.
type panicHook struct{ after bool }

func (h panicHook) Before(ctx context.Context, _ *dovetail.Run) context.Context {
	if !h.after {
		panic("boom")
	}
	return ctx
}

func (h panicHook) After(context.Context, *dovetail.Run) { panic("boom") }

func TestPanicsComeThrough(t *testing.T) {
	t.Parallel()
	tables := newCrates()
	singlePool(t, func(t *testing.T, d kit.Database, held func() int) {
		for name, call := range map[string]func(ctx context.Context){
			"Scan":    func(ctx context.Context) { _, _ = dovetail.Select(tables.parts).All(ctx, d.DB) },
			"Preload": func(ctx context.Context) { _, _ = dovetail.Select(tables.crates).Preload("parts").All(ctx, d.DB) },
			"Returning": func(ctx context.Context) {
				_, _ = dovetail.Update(tables.crates).Set("label", "scan").All().Returning(ctx, d.DB)
			},
			"Each": func(ctx context.Context) {
				for range dovetail.Select(tables.crates).Each(ctx, d.DB) {
					panic("boom")
				}
			},
			"InTx": func(ctx context.Context) {
				_ = d.DB.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
					_ = dovetail.Insert(tables.crates, &crate{Label: "d"}).Exec(ctx, tx)
					return tx.InTx(ctx, dovetail.TxOptions{}, func(dovetail.DB) error { panic("boom") })
				})
			},
			"Retry": func(ctx context.Context) {
				_ = dovetail.Retry(ctx, d.DB, func(tx dovetail.DB) error {
					_ = dovetail.Insert(tables.crates, &crate{Label: "d"}).Exec(ctx, tx)
					panic("boom")
				})
			},
			"Before": func(ctx context.Context) {
				_ = dovetail.Insert(tables.crates, &crate{Label: "d"}, &crate{Label: "e"}).Exec(ctx, dovetail.WithHooks(d.DB, panicHook{}))
			},
			"After": func(ctx context.Context) {
				_ = dovetail.Insert(tables.crates, &crate{Label: "d"}, &crate{Label: "e"}).Exec(ctx, dovetail.WithHooks(d.DB, panicHook{true}))
			},
		} {
			boom(t, d, held, name, call)
		}
	})
}
