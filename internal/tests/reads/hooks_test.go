package reads_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// watcher is a hook that notes what it is told, and puts its name into the context.
type watcher struct {
	name string
	log  *[]string
	runs []dovetail.Run
}

type watcherKey struct{}

func (w *watcher) Before(ctx context.Context, run *dovetail.Run) context.Context {
	*w.log = append(*w.log, fmt.Sprintf("before %s, of %d", w.name, len(run.Statements)))
	outer, _ := ctx.Value(watcherKey{}).(string)
	return context.WithValue(ctx, watcherKey{}, outer+w.name)
}

func (w *watcher) After(ctx context.Context, run *dovetail.Run) {
	*w.log = append(*w.log, fmt.Sprintf("after %s, context %v, failed %t", w.name, ctx.Value(watcherKey{}), run.Err != nil))
	w.runs = append(w.runs, *run)
}

// watched returns the database with two hooks, of which the outer is returned, and what they note.
func watched(db dovetail.DB) (dovetail.DB, *watcher, *[]string) {
	log := new([]string)
	outer := &watcher{name: "outer", log: log}
	return dovetail.WithHooks(db, outer, nil, &watcher{name: "inner", log: log}), outer, log
}

func TestHooksSeeEveryRun(t *testing.T) {
	t.Parallel()
	kit.OnEvery(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		plain := d.Record()
		db, outer, log := watched(plain)
		accounts, err := dovetail.Select(models.Accounts).Where(sq.Eq{"owner": "SpongeBob"}).Preload("activities").All(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		plain.Expect(t, 2, 2)
		if len(accounts) != 1 || len(accounts[0].Activities) != 3 {
			t.Fatalf("expected one account with 3 activities, got %d", len(accounts))
		}
		round := []string{"before outer, of 1", "before inner, of 1",
			"after inner, context outerinner, failed false", "after outer, context outer, failed false"}
		if want := append(slices.Clone(round), round...); !slices.Equal(*log, want) {
			t.Errorf("expected %q, got %q", want, *log)
		}
		for i, want := range []dialect.Statement{
			{Op: "select accounts", Table: "accounts"}, {Op: "select accounts", Path: "activities", Table: "activity"},
		} {
			run := outer.runs[i]
			got := run.Statements[0]
			if got.Op != want.Op || got.Path != want.Path || got.Table != want.Table {
				t.Errorf("expected %+v, got %+v", want, got)
			}
			if rows := []int64{1, 3}[i]; !slices.Equal(run.Rows, []int64{rows}) || run.Duration <= 0 || run.Err != nil ||
				run.Dialect != d.DB.Dialect() {
				t.Errorf("run %d: expected %d rows, got %+v", i, rows, run)
			}
		}
		if db.Dialect() != d.DB.Dialect() || db.Catalog() != d.DB.Catalog() {
			t.Error("dialect or catalog is not that of the database")
		}
	})
}

func TestHooksSeeBatchesAsTheyAre(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		plain := d.Record()
		db, outer, _ := watched(plain)
		if _, err := dovetail.Select(models.Users).Preload("profile").Preload("posts.tags").All(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		plain.Expect(t, 4, 3)
		var paths [][]string
		for _, run := range outer.runs {
			var together []string
			for _, s := range run.Statements {
				together = append(together, s.Path)
			}
			paths = append(paths, together)
			if len(run.Rows) != len(run.Statements) {
				t.Errorf("%d numbers of rows for %d statements", len(run.Rows), len(run.Statements))
			}
		}
		if got, want := fmt.Sprint(paths), "[[] [profile posts] [posts.tags]]"; got != want {
			t.Errorf("expected %s, got %s", want, got)
		}
	})
}

// The columns of the key are texts, for which PostgreSQL's catalog is asked.
func TestHooksTellTheCatalogFromTables(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		db, outer, _ := watched(d.DB)
		if _, err := dovetail.Select(models.Orders).Preload("lines").All(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		var tables []string
		for _, run := range outer.runs {
			for _, stmt := range run.Statements {
				tables = append(tables, stmt.Table)
			}
		}
		want := []string{"order", "", "order_lines"}
		if !d.Postgres() {
			want = []string{"order", "order_lines"}
		}
		if !slices.Equal(tables, want) {
			t.Errorf("expected the tables %q, got %q", want, tables)
		}
	})
}

func TestHooksSeeErrors(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		db, outer, _ := watched(d.DB)
		_, err := dovetail.Select(models.Accounts).Where("no_such_function(balance) > 0").All(t.Context(), db)
		var failed *dialect.StatementError
		if err == nil || len(outer.runs) != 1 || !errors.As(outer.runs[0].Err, &failed) || !errors.Is(err, outer.runs[0].Err) {
			t.Fatalf("expected the error %v in one run, got %+v", err, outer.runs)
		}
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := dovetail.Select(models.Accounts).Count(cancelled, db); !errors.Is(err, context.Canceled) ||
			!errors.Is(outer.runs[1].Err, context.Canceled) {
			t.Errorf("expected a cancelled context, got %v, in the hook %v", err, outer.runs[1].Err)
		}
	})
}

func TestHooksAreToldOfPanics(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		db, outer, log := watched(d.DB)
		stmt := dialect.Statement{SQL: "SELECT id FROM accounts"}
		func() {
			defer func() {
				if got := recover(); got != "mine" {
					t.Errorf("expected the panic to pass, got %v", got)
				}
			}()
			_ = db.Run(t.Context(), []dialect.Statement{stmt}, func(_ int, rows dialect.Rows) error {
				rows.Next()
				panic("mine")
			})
		}()
		want := []string{"before outer, of 1", "before inner, of 1",
			"after inner, context outerinner, failed true", "after outer, context outer, failed true"}
		if !slices.Equal(*log, want) || !slices.Equal(outer.runs[0].Rows, []int64{1}) {
			t.Errorf("expected %q, got %q with %v rows", want, *log, outer.runs[0].Rows)
		}
		if n, err := dovetail.Select(models.Accounts).Count(t.Context(), db); n != 4 || err != nil {
			t.Errorf("expected 4 accounts on the same handle, got %d, %v", n, err)
		}
	})
}

func TestHooksNoneIsTheHandleItself(t *testing.T) {
	t.Parallel()
	var db dovetail.DB = &kit.AnswerDB{}
	if dovetail.WithHooks(db) != db || dovetail.WithHooks(db, nil) != db {
		t.Error("a handle without hooks is wrapped")
	}
	log := new([]string)
	for _, none := range []dovetail.DB{nil, (*kit.Recorder)(nil)} {
		hooked := dovetail.WithHooks(none, &watcher{log: log})
		_, want := dovetail.Select(models.Accounts).All(t.Context(), none)
		_, err := dovetail.Select(models.Accounts).All(t.Context(), hooked)
		if err == nil || err.Error() != want.Error() || !errors.Is(err, dovetail.ErrInvalidQuery) {
			t.Errorf("expected %v, got %v", want, err)
		}
	}
	hooked := dovetail.WithHooks(db, &watcher{log: log})
	if err := hooked.Run(t.Context(), nil, nil); err != nil || len(*log) > 0 {
		t.Errorf("no statements: %v, %q", err, *log)
	}
}
