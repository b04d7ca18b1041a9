package running_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TRAPS K: goroutines, pools and transactions.

func TestTrap_K1_FirstUseByManyGoroutinesIsOneDeclaration(t *testing.T) {
	t.Parallel()
	type child struct{ ID, ParentID int64 }
	type parent struct {
		ID       int64
		Children []*child
	}
	for range 20 {
		r := dovetail.NewRegistry()
		parents, children := dovetail.NewTable[parent](r, "parents"), dovetail.NewTable[child](r, "children")
		_ = dovetail.HasMany(parents, "children", children, dovetail.ForeignKey("parent_id"))
		texts := make([]string, 100)
		var ready, done sync.WaitGroup
		ready.Add(1)
		for i := range texts {
			done.Go(func() {
				ready.Wait()
				text, err := dovetail.Select(parents).Preload("children").Explain(postgres.Dialect)
				if err != nil {
					t.Error(err)
				}
				texts[i] = text
			})
		}
		ready.Done()
		done.Wait()
		if slices.Sort(texts); texts[0] == "" || texts[0] != texts[99] {
			t.Fatalf("expected one text, got\n%s\nand\n%s", texts[0], texts[99])
		}
	}
}

func TestTrap_K2_PreloadsInOneTransaction(t *testing.T) {
	t.Parallel()
	kit.OnEvery(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		err := d.DB.InTx(t.Context(), dialect.TxOptions{}, func(tx dovetail.DB) error {
			for range 20 {
				users, err := dovetail.Select(models.Users).Preload("posts.tags").Preload("posts.editor").Preload("profile").All(t.Context(), tx)
				if err != nil || len(users) == 0 {
					return fmt.Errorf("%d users: %w", len(users), err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestTrap_K3_PoolOfOneConnection(t *testing.T) {
	t.Parallel()
	d := kit.PoolOfOne(t, kit.ReadingsDDL(t))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for user, err := range dovetail.Select(models.Users).Preload("posts.tags").Preload("posts.editor").Each(ctx, d.DB) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dovetail.Select(models.Posts).Where(sq.Eq{"author_id": user.ID}).Preload("tags").Snapshot().All(ctx, d.DB); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTrap_K4_MoreWorkersThanConnections(t *testing.T) {
	t.Parallel()
	cfg := dbtest.PostgresConfig(t)
	cfg.MaxConns = 2
	pool := dbtest.PostgresPool(t, cfg)
	if _, err := pool.Exec(t.Context(), kit.ReadingsDDL(t)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	db := postgres.New(pool)
	var workers sync.WaitGroup
	for range 32 {
		workers.Go(func() {
			for range 10 {
				users, err := dovetail.Select(models.Users).Preload("posts.tags").Preload("profile").All(ctx, db)
				if err != nil || len(users) == 0 {
					t.Errorf("%d users, %v", len(users), err)
					return
				}
			}
		})
	}
	workers.Wait()
	if n := pool.Stat().AcquiredConns(); n != 0 {
		t.Errorf("%d connections were not given back", n)
	}
}

// TestTrap_K5_QueryWhileRowsAreOpen: what is read in chunks leaves the transaction free in between; what is one open result says
// that it is busy.
func TestTrap_K5_QueryWhileRowsAreOpen(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, kit.ReadingsDDL(t))
	err := d.DB.InTx(t.Context(), dialect.TxOptions{}, func(tx dovetail.DB) error {
		for a, err := range dovetail.Select(models.Accounts).Each(t.Context(), tx) {
			if err != nil {
				return err
			}
			if _, err := dovetail.Select(models.Activities).Where(sq.Eq{"account_id": a.ID}).All(t.Context(), tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("in chunks: %v", err)
	}
	var inner error
	_ = d.DB.InTx(t.Context(), dialect.TxOptions{}, func(tx dovetail.DB) error {
		for _, err := range dovetail.Select(models.Accounts).OrderByClause("length(owner)").Each(t.Context(), tx) {
			if err != nil {
				return err
			}
			_, inner = dovetail.Select(models.Activities).All(t.Context(), tx)
			break
		}
		return nil
	})
	var failed *dovetail.QueryError
	if !errors.As(inner, &failed) || !strings.Contains(inner.Error(), "busy") {
		t.Errorf("expected an error that says busy, got %v", inner)
	}
}

func TestTrap_K6_OneOfSeveralPreloadsFails(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		d.Exec(t, "DROP TABLE profiles")
		for range 20 {
			users, err := dovetail.Select(models.Users).Preload("posts").Preload("profile").Preload("posts.tags").All(t.Context(), d.DB)
			var failed *dovetail.QueryError
			if !errors.As(err, &failed) || failed.Path != "profile" || users != nil {
				t.Fatalf("expected the error of profile and no rows, got %d, %v", len(users), err)
			}
		}
		if _, err := dovetail.Select(models.Users).Preload("posts").All(t.Context(), d.DB); err != nil {
			t.Errorf("after it: %v", err)
		}
		stacks := make([]byte, 64<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		if strings.Contains(string(stacks), "\ncreated by github.com/dovetail-go/dovetail.") {
			t.Error("the library has started a goroutine")
		}
	})
}

func TestTrap_K7_ResultsAreNobodyElses(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, kit.ReadingsDDL(t))
	q := dovetail.Select(models.Accounts).OrderBy("id").Preload("activities")
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for range 20 {
				rows, err := q.All(t.Context(), d.DB)
				if err != nil {
					t.Error(err)
					return
				}
				for _, a := range rows { // a result that others had would have lost its rows
					if a.Owner == "" || a.ID == 1 && len(a.Activities) == 0 {
						t.Errorf("%+v is what another has changed", a)
					}
					a.Owner, a.Activities = "", append(a.Activities[:0], &models.Activity{})
				}
			}
		})
	}
	workers.Wait()
}

func TestTrap_K8_OneTextWhateverTheNumberOfKeys(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, kit.ReadingsDDL(t))
	d.Exec(t, "INSERT INTO accounts SELECT i, 'x', 'x' || i, 0, now() FROM generate_series(1000, 1300) AS i")
	conn, err := pgx.ConnectConfig(t.Context(), dbtest.PostgresConfig(t).ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	db := postgres.New(conn)
	for n := 1; n <= 300; n += 7 {
		_, err := dovetail.Select(models.Accounts).Where("id < ?", 1000+n).Preload("activities").All(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
	}
	prepared, err := kit.SQL[int64](t.Context(), db, "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%activity%'")
	if err != nil || prepared[0] != 1 && prepared[0] != 2 { // this one is a statement too
		t.Errorf("expected one statement for all numbers of keys, got %v, %v", prepared, err)
	}
}

// TestTrap_K9_TablesChangeUnderARunningProgram: a column more changes nothing; a column of another type is an error or the right rows.
func TestTrap_K9_TablesChangeUnderARunningProgram(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, kit.ReadingsDDL(t))
	conn, err := pgx.ConnectConfig(t.Context(), dbtest.PostgresConfig(t).ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	db, q := postgres.New(conn), dovetail.Select(models.Accounts).OrderBy("id").Preload("activities")
	want := models.AccountsText(kit.All(t, db, q))
	for range 3 {
		d.Exec(t, "ALTER TABLE accounts ADD COLUMN extra TEXT DEFAULT 'x'; ALTER TABLE activity ADD COLUMN extra TEXT")
		if got := models.AccountsText(kit.All(t, db, q)); got != want {
			t.Errorf("a column more: expected %s, got %s", want, got)
		}
		d.Exec(t, "ALTER TABLE accounts DROP COLUMN extra; ALTER TABLE activity DROP COLUMN extra")
		if got := models.AccountsText(kit.All(t, db, q)); got != want {
			t.Errorf("a column less: expected %s, got %s", want, got)
		}
	}
	for i, to := range []string{"INTEGER", "BIGINT", "INTEGER"} {
		d.Exec(t, "ALTER TABLE activity ALTER amount TYPE "+to)
		rows, err := q.All(t.Context(), db)
		if err == nil && models.AccountsText(rows) != want {
			t.Errorf("change %d: wrong rows %s", i, models.AccountsText(rows))
		}
		if rows, err = q.All(t.Context(), db); err != nil || models.AccountsText(rows) != want {
			t.Errorf("change %d: expected the rows the second time, got %v", i, err)
		}
	}
}
