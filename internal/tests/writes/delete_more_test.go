package writes_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
	"github.com/dovetail-go/dovetail/internal/tests/models/removed"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// dMemo is a note whose reference can become NULL.
type dMemo struct {
	ID       int64
	ItemType *string
	ItemID   *int64
}

// dLog is a row that nothing tells from others like it.
type dLog struct {
	AccountID  *int64
	ActivityID *int64
}

// Rows without a primary key go by each of the keys that lead to them, and by both once.
func TestDeleteOfRowsWithoutAKey(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	accounts := dovetail.NewTable[written.Account](r, "accounts")
	activities := dovetail.NewTable[written.Activity](r, "activity", dovetail.Generated("doubled", "amount * 2"))
	logs := dovetail.NewTable[dLog](r, "logs")
	cascade := dovetail.OnDelete(dovetail.Cascade)
	dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("account_id"), dovetail.Inverse("account"), cascade)
	dovetail.HasMany(accounts, "logs", logs, dovetail.ForeignKey("account_id"), cascade)
	dovetail.HasMany(activities, "logs", logs, dovetail.ForeignKey("activity_id"), cascade)
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, dRows+"DELETE FROM activity_tags; CREATE TABLE logs (account_id BIGINT, activity_id BIGINT);"+
			"INSERT INTO logs VALUES (1, NULL), (1, 1), (2, 2), (NULL, 2), (2, 3), (2, NULL), (NULL, NULL);")
		del := dovetail.Delete(accounts).Where(squirrel.Eq{"id": 1})
		expectImpact(t, impact(t, d.DB, del),
			`accounts "" no policy: 1 deleted, 0 nulled, 0 blocking`,
			`activity "accounts.activities" CASCADE: 2 deleted, 0 nulled, 0 blocking`,
			`logs "accounts.logs" CASCADE: 2 deleted, 0 nulled, 0 blocking`,
			`logs "activity.logs" CASCADE: 2 deleted, 0 nulled, 0 blocking`)
		remove(t, d.DB, del, 1)
		left, err := kit.SQL[int64](t.Context(), d.DB, "SELECT count(*) FROM logs")
		if err != nil {
			t.Fatal(err)
		}
		kit.Same(t, "the logs", left, 3)
	})
}

func TestDeleteByRelatedRows(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, dRows)
		// The path is joined, and its rows are not touched: nothing needs to be held.
		db := d.Record()
		remove(t, db, dovetail.Delete(removed.Activities).Where(squirrel.Eq{"account.owner": "Ann"}), 2)
		db.Expect(t, 3+2, 1) // with the keys before, and again before they go
		if got := written.Dump(t, d, "activity", "activity_tags"); got != "activity 3 2 DEP 1\nactivity_tags 3 1\n" {
			t.Errorf("got\n%s", got)
		}
		// The condition reads the links, which go first: the activities are held in a temporary table.
		remove(t, db, dovetail.Delete(removed.Activities).Where(dovetail.Has("tags", squirrel.Eq{"name": "red"})), 1)
		db.Expect(t, 1+1+3+1+1, 3) // the last is a count of what is left
		written.ExpectDump(t, d, "accounts 1 Ann 7", "accounts 2 Bob 7", "accounts 3 Cat 7", "tags 1 red", "tags 2 blue", "notes 3 other 1 n3")
		// SQL text that selects may read anything.
		remove(t, db, dovetail.Delete(removed.Accounts).Where("id NOT IN (SELECT account_id FROM activity)"), 3)
		db.Expect(t, 1+1+4+2+1, 3)
	})
}

// A polymorphic reference becomes NULL only for the rows of its type.
func TestDeleteSetsPolymorphicReferencesNull(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	activities := dovetail.NewTable[written.Activity](r, "activity", dovetail.Generated("doubled", "amount * 2"))
	memos := dovetail.NewTable[dMemo](r, "memos")
	dovetail.MorphMany(activities, "memos", memos, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("activity"),
		dovetail.OnDelete(dovetail.SetNull))
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, dRows+"DELETE FROM activity_tags; CREATE TABLE memos (id BIGINT PRIMARY KEY, item_type TEXT, item_id BIGINT);"+
			"INSERT INTO memos VALUES (1, 'activity', 1), (2, 'activity', 2), (3, 'tag', 1);")
		remove(t, d.DB, dovetail.Delete(activities).Where(squirrel.Eq{"id": 1}), 1)
		got, err := kit.SQL[string](t.Context(), d.DB, "SELECT id || ' ' || coalesce(item_type, 'NULL') || ' ' || "+
			"coalesce(CAST(item_id AS TEXT), 'NULL') FROM memos ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		kit.Same(t, "the memos", got, "1 NULL NULL", "2 activity 2", "3 tag 1")
	})
}

// In every mode of pgx, twice on one connection: temporary tables come and go under statements that it has prepared.
func TestDeleteInEveryExecMode(t *testing.T) {
	t.Parallel()
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
	} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			config := dbtest.PostgresConfig(t)
			config.ConnConfig.DefaultQueryExecMode = mode
			config.MaxConns = 1
			pool := dbtest.PostgresPool(t, config)
			if _, err := pool.Exec(t.Context(), written.DDLFor(kit.Database{Name: "postgres"}), pgx.QueryExecModeSimpleProtocol); err != nil {
				t.Fatal(err)
			}
			db := postgres.New(pool)
			for range 2 {
				if _, err := pool.Exec(t.Context(), dRows, pgx.QueryExecModeSimpleProtocol); err != nil {
					t.Fatal(err)
				}
				remove(t, db, dovetail.Delete(removed.Accounts).Where(dovetail.Has("activities", squirrel.Gt{"amount": 3})), 1)
				remove(t, db, dovetail.Delete(removed.Accounts).All(), 2)
				remove(t, db, dovetail.Delete(removed.Tags).All(), 2)
				remove(t, db, dovetail.Delete(removed.Notes).All(), 1)
			}
		})
	}
}

// The condition is decided on rows that nobody changes any more: here it no longer holds when the lock is had.
func TestDeleteWaitsForOthers(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, written.DDLFor(kit.Database{Name: "postgres"})+dRows)
	type result struct {
		n   int64
		err error
	}
	done := make(chan result, 1)
	err := d.DB.InTx(t.Context(), dialect.TxOptions{}, func(tx dovetail.DB) error {
		if _, err := dovetail.Update(removed.Accounts).Set("balance", 100).Where(squirrel.Eq{"id": 1}).Exec(t.Context(), tx); err != nil {
			return err
		}
		go func() {
			n, err := dovetail.Delete(removed.Accounts).Where(squirrel.Lt{"balance": 50}).Exec(context.WithoutCancel(t.Context()), d.DB)
			done <- result{n, err}
		}()
		time.Sleep(200 * time.Millisecond)
		return nil
	})
	if got := <-done; err != nil || got.err != nil || got.n != 2 {
		t.Fatalf("expected two rows to go, got %+v, %v", got, err)
	}
	if got := written.Dump(t, d, "accounts", "activity"); got != "accounts 1 Ann 100\nactivity 1 1 DEP 10\nactivity 2 1 WD 4\n" {
		t.Errorf("got\n%s", got)
	}
}

// A removal is a value: extending it leaves it as it was.
func TestRemovalIsImmutable(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, dRows)
		base := dovetail.Delete(removed.Accounts).Where(squirrel.Eq{"balance": 7})
		before := impact(t, d.DB, base)
		for _, extended := range []dovetail.Removal[*written.Account]{
			base.Where(squirrel.Eq{"id": 1}), base.Where(squirrel.Eq{"id": 2}), base.Unscoped("deleted"), base.Hard(), base.All(),
		} {
			_, _ = extended.Impact(t.Context(), d.DB)
		}
		kit.Equal(t, "the effects", impact(t, d.DB, base), before)
		if got := impact(t, d.DB, base.Where(squirrel.Eq{"id": 2})); !strings.HasPrefix(got, `accounts "" no policy: 1 deleted`) {
			t.Errorf("got\n%s", got)
		}
	})
}

// Tables of a schema are named with it, and their columns by the table's name alone.
func TestDeleteInASchema(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	accounts := dovetail.NewTable[written.Account](r, "accounts", dovetail.Schema("main"))
	activities := dovetail.NewTable[written.Activity](r, "activity", dovetail.Schema("main"), dovetail.Generated("doubled", "amount * 2"))
	employees := dovetail.NewTable[written.Employee](r, "employees", dovetail.Schema("main"))
	cascade := dovetail.OnDelete(dovetail.Cascade)
	dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("account_id"), dovetail.Inverse("account"), cascade)
	dovetail.HasMany(employees, "reports", employees, dovetail.ForeignKey("boss_id"), dovetail.Inverse("boss"), cascade)
	d := kit.SQLiteDB(t, written.DDLFor(kit.Database{Name: "sqlite"})+dRows+"DELETE FROM activity_tags; "+
		"INSERT INTO employees (id, name, boss_id) VALUES (1, 'Ann', NULL), (2, 'Bob', 1), (3, 'Cat', NULL);")
	remove(t, d.DB, dovetail.Delete(accounts).Where(dovetail.Has("activities", squirrel.Eq{"amount": 4})), 1)
	remove(t, d.DB, dovetail.Delete(employees).Where(squirrel.Eq{"name": "Ann"}), 2)
	if got := written.Dump(t, d, "accounts", "activity", "employees"); got != "accounts 2 Bob 7\naccounts 3 Cat 7\nactivity 3 2 DEP 1\n"+
		"employees 3 Cat NULL NULL\n" {
		t.Errorf("got\n%s", got)
	}
}

// rowCounter counts the rows that are read, and the arguments that are sent.
type rowCounter struct {
	dovetail.DB
	n *atomic.Int64
}

type countedRows struct {
	dialect.Rows
	n *atomic.Int64
}

func (r countedRows) Next() bool {
	more := r.Rows.Next()
	if more {
		r.n.Add(1)
	}
	return more
}

func (c *rowCounter) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	for _, s := range stmts {
		if len(s.Args) > 3 {
			c.n.Add(int64(len(s.Args)))
		}
	}
	return c.DB.Run(ctx, stmts, func(i int, rows dialect.Rows) error { return each(i, countedRows{rows, c.n}) })
}

func (c *rowCounter) InTx(ctx context.Context, opts dialect.TxOptions, do func(tx dialect.DB) error) error {
	return c.DB.InTx(ctx, opts, func(tx dialect.DB) error { return do(&rowCounter{tx, c.n}) })
}

// TestSoftDeleteChangesNothingElse: rows that follow are marked once, and keys along which nothing follows stay as they are.
func TestSoftDeleteChangesNothingElse(t *testing.T) {
	t.Parallel()
	type folder struct {
		ID        int64
		DeletedAt *time.Time
	}
	type file struct {
		ID             int64
		FolderID       int64
		ShownIn, Guard *int64
		DeletedAt      *time.Time
		Version        int64
	}
	r := dovetail.NewRegistry()
	folders := dovetail.NewTable[folder](r, "folders", dovetail.SoftDelete("deleted_at"))
	files := dovetail.NewTable[file](r, "files", dovetail.SoftDelete("deleted_at"), dovetail.Version("version"))
	dovetail.HasMany(folders, "files", files, dovetail.ForeignKey("folder_id"), dovetail.OnDelete(dovetail.Cascade))
	dovetail.HasMany(folders, "shown", files, dovetail.ForeignKey("shown_in"), dovetail.OnDelete(dovetail.SetNull))
	dovetail.HasMany(folders, "guards", files, dovetail.ForeignKey("guard"))
	kit.OnEach(t, `CREATE TABLE folders (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP);
		CREATE TABLE files (id BIGINT PRIMARY KEY, folder_id BIGINT NOT NULL, shown_in BIGINT, guard BIGINT, deleted_at TIMESTAMP,
			version BIGINT NOT NULL);
		INSERT INTO folders (id) VALUES (1), (2);
		INSERT INTO files VALUES (1, 1, 1, NULL, NULL, 1), (2, 2, 1, 1, NULL, 1), (3, 1, NULL, NULL, '2001-02-03', 1);`,
		func(t *testing.T, d kit.Database) {
			del := dovetail.Delete(folders).Where(squirrel.Eq{"id": 1})
			expectImpact(t, impact(t, d.DB, del), `folders "" no policy: 1 deleted, 0 nulled, 0 blocking`,
				`files "folders.files" CASCADE: 1 deleted, 0 nulled, 0 blocking`)
			remove(t, d.DB, del, 1)
			people.ExpectLines(t, d, "SELECT id || ' ' || coalesce(CAST(shown_in AS TEXT), '-') || ' ' || coalesce(CAST(guard AS TEXT), '-') || "+
				"CASE WHEN deleted_at IS NULL THEN '' WHEN deleted_at < '2002-01-01' THEN ' before' ELSE ' now' END || ' ' || version "+
				"FROM files ORDER BY id", "1 1 - now 2", "2 1 1 1", "3 - - before 1")
		})
}

// TestDeleteFarthestFirst: rows go before those they point at, also where a key leads to them sooner than others do, and none of
// the keys can be NULL meanwhile.
func TestDeleteFarthestFirst(t *testing.T) {
	t.Parallel()
	type house struct{ ID int64 }
	type floor struct{ ID, HouseID int64 }
	type room struct{ ID, HouseID, FloorID int64 }
	r := dovetail.NewRegistry()
	houses, rooms, floors := dovetail.NewTable[house](r, "houses"), dovetail.NewTable[room](r, "rooms"), dovetail.NewTable[floor](r, "floors")
	cascade := dovetail.OnDelete(dovetail.Cascade)
	dovetail.HasMany(houses, "rooms", rooms, dovetail.ForeignKey("house_id"), cascade)
	dovetail.HasMany(houses, "floors", floors, dovetail.ForeignKey("house_id"), cascade)
	dovetail.HasMany(floors, "rooms", rooms, dovetail.ForeignKey("floor_id"), cascade)
	kit.OnEach(t, `CREATE TABLE houses (id BIGINT PRIMARY KEY);
		CREATE TABLE floors (id BIGINT PRIMARY KEY, house_id BIGINT NOT NULL REFERENCES houses (id));
		CREATE TABLE rooms (id BIGINT PRIMARY KEY, house_id BIGINT NOT NULL REFERENCES houses (id),
			floor_id BIGINT NOT NULL REFERENCES floors (id));
		INSERT INTO houses VALUES (1), (2);
		INSERT INTO floors VALUES (1, 1), (2, 2);
		INSERT INTO rooms VALUES (1, 1, 1), (2, 2, 2), (3, 2, 1);`, func(t *testing.T, d kit.Database) {
		if !d.Postgres() {
			d.Exec(t, "PRAGMA foreign_keys = ON")
		}
		db := d.Record()
		remove(t, db, dovetail.Delete(houses).Where(squirrel.Eq{"id": 1}), 1)
		db.Expect(t, 3+1+1, 1) // with counts of the floors that are left, and of the houses before or after
		people.ExpectLines(t, d, "SELECT 'floor ' || id FROM floors UNION ALL SELECT 'room ' || id FROM rooms", "floor 2", "room 2")
	})
}

// TestTrap_O22: a cascade over many rows reads none of them, so that the memory it takes does not depend on their number. Of the rows that the
// condition tells it reads the keys, and keeps none.
func TestTrap_O22_CascadeHoldsNoKeys(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, written.DDLFor(d))
		n := kit.Sized[int64](1_000_000, 10_000) // rows of the database's own
		series := fmt.Sprintf("WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d) ", n)
		d.Exec(t, "INSERT INTO accounts (id, owner) VALUES (1, 'Ann'), (2, 'Bob'); CREATE INDEX ON_ACCOUNT ON activity (account_id);"+
			"INSERT INTO activity (id, account_id, kind, amount) "+series+"SELECT i, 1 + (i % 100) / 99, 'DEP', i FROM s;"+
			"INSERT INTO tags (id, name) VALUES (1, 'red'); INSERT INTO activity_tags (activity_id, tag_id) "+series+"SELECT i, 1 FROM s;")
		var read atomic.Int64
		db := &rowCounter{d.DB, &read}
		remove(t, db, dovetail.Delete(removed.Accounts).Where(squirrel.Eq{"owner": "Ann"}), 1)
		if got := read.Load(); got != 2+1 {
			t.Errorf("expected no row to be read but the key of Ann, twice, and a count, got %d", got)
		}
		remove(t, db, dovetail.Delete(removed.Activities).Where(dovetail.Has("tags", squirrel.Eq{"name": "blue"})), 0)
		if got := read.Load(); got != 2+1+1 {
			t.Errorf("expected keys that are held to be held in the database, got %d rows", got)
		}
		for _, table := range []string{"activity", "activity_tags"} {
			if left, err := kit.SQL[int64](t.Context(), d.DB, "SELECT count(*) FROM "+table); err != nil || left[0] != n/100 {
				t.Errorf("%s: expected %d rows, got %v, %v", table, n/100, left, err)
			}
		}
	})
}
