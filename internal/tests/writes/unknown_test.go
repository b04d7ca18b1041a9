package writes_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// A write that was sent and whose answer was lost may have happened, whatever the driver says of the end of the connection.

// lossyCall is a call that writes. It returns what it returned beside the error; zero is nothing.
type lossyCall struct {
	name   string
	call   func(ctx context.Context, db dovetail.DB) (any, error)
	marker string // in its only statement's end; empty: it is alone
}

// lossyTables are those that the calls are about.
var lossyTables = []string{"accounts", "activity", "employees", "students", "enrollments"}

// lossyRows makes the rows that the calls are about.
func lossyRows(t *testing.T, d kit.Database) {
	t.Helper()
	d.Exec(t, `DELETE FROM activity; DELETE FROM accounts; DELETE FROM employees; DELETE FROM enrollments; DELETE FROM students;
		DELETE FROM courses; INSERT INTO accounts (id, owner, balance) VALUES (-1, 'Ann', 10), (-2, 'Bob', 20);
		INSERT INTO employees (id, name, boss_id) VALUES (1, 'eva', NULL), (2, 'fay', NULL), (3, 'gus', 1);
		INSERT INTO students (id, name) VALUES (-1, 'sue'); INSERT INTO courses (id, title) VALUES (1, 'go'), (2, 'sql');
		INSERT INTO enrollments (student_id, course_id) VALUES (-1, 1)`)
}

// transactions are calls of several statements.
var transactions = []lossyCall{
	{name: "Insert", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		return nil, dovetail.Insert(written.Accounts, &written.Account{Owner: "Cat", Activities: []*written.Activity{{Kind: "DEP"}}}).
			With("activities").Exec(ctx, db)
	}},
	{name: "Replace", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		diff, err := written.StudentCourses.Replace(ctx, db, &written.Student{ID: -1}, &written.Course{ID: 2})
		return len(diff.Added) + len(diff.Removed), err
	}},
	{name: "Move", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		return written.EmployeeReports.Move(ctx, db, &written.Employee{ID: 2}, &written.Employee{ID: 3})
	}},
	{name: "Delete", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		return dovetail.Delete(written.Students).Where(sq.Eq{"id": -1}).Exec(ctx, db)
	}},
	{name: "SaveAll", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		rows := []*written.Account{{ID: -1, Balance: 3}, {ID: -2, Balance: 4}}
		return nil, dovetail.SaveAll(ctx, db, written.Accounts, rows, "balance")
	}},
	{name: "Upsert", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		return nil, dovetail.Upsert(written.Accounts, &written.Account{Owner: "Ann", Balance: 99}, &written.Account{Owner: "Dan"}).
			OnConflict("owner").Set("balance").Exec(ctx, db)
	}},
	{name: "Returning", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		rows, err := dovetail.Update(written.Accounts).Set("balance", 5).All().Returning(ctx, db)
		return len(rows), err
	}},
	{name: "InTx", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		return nil, db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
			_, err := dovetail.Update(written.Accounts).Set("balance", 6).All().Exec(ctx, tx)
			return err
		})
	}},
	{name: "Retry", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		return nil, dovetail.Retry(ctx, db, func(tx dovetail.DB) error {
			_, err := dovetail.Update(written.Accounts).Set("balance", 7).All().Exec(ctx, tx)
			return err
		})
	}},
}

// statements are calls of one statement.
var statements = []lossyCall{
	{name: "Update", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		return dovetail.Update(written.Accounts).Set("balance", 5).All().Exec(ctx, db)
	}},
	{name: "Save", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		return nil, dovetail.Save(ctx, db, written.Accounts, &written.Account{ID: -1, Balance: 3}, "balance")
	}},
	{name: "Insert", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		return nil, dovetail.Insert(written.Students, &written.Student{Name: "tom"}).Exec(ctx, db)
	}},
	{name: "Link", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		return written.StudentCourses.Link(ctx, db, &written.Student{ID: -1}, &written.Course{ID: 2})
	}},
	{name: "Unlink", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		return written.StudentCourses.Unlink(ctx, db, &written.Student{ID: -1}, &written.Course{ID: 1})
	}},
	{name: "Delete", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		return dovetail.Delete(written.Enrollments).Where(sq.Eq{"course_id": 1}).Exec(ctx, db)
	}},
	{name: "Upsert", call: func(ctx context.Context, db dovetail.DB) (any, error) {
		return nil, dovetail.Upsert(written.Accounts, &written.Account{Owner: "Ann", Balance: 99}).OnConflict("owner").Set("balance").
			Exec(ctx, db)
	}},
}

// lossyDatabase makes the tables, and a function that checks what a call says of an answer that is cut.
func lossyDatabase(t *testing.T) func(t *testing.T, c lossyCall, l loss) (cuts int) {
	t.Helper()
	direct := kit.PostgresPool(t, "SELECT 1")
	direct.Exec(t, written.DDLFor(direct))
	return func(t *testing.T, c lossyCall, l loss) int {
		t.Helper()
		return l.check(t, direct, c)
	}
}

// loss is an answer that is lost.
type loss struct {
	mode   pgx.QueryExecMode
	marker string // in what is answered
	warm   int    // how often the connection has done the call before: its statements are prepared, and then what begins its transaction
	all    bool   // at every byte in every way; else the ways take turns
	step   int    // the bytes from one cut to the next; 0: 1
}

// proxied returns a pool of one connection in a mode, which the caller closes, and the proxy that it goes through.
func proxied(t *testing.T, mode pgx.QueryExecMode) (*pgxpool.Pool, *kit.Proxy) {
	t.Helper()
	config := dbtest.PostgresConfig(t)
	config.MaxConns = 1
	config.ConnConfig.DefaultQueryExecMode = mode
	proxy := kit.NewProxy(t, config)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return pool, proxy
}

func (l loss) check(t *testing.T, direct kit.Database, c lossyCall) (cuts int) {
	t.Helper()
	pool, proxy := proxied(t, l.mode)
	defer pool.Close()
	db := postgres.New(pool)
	for n := 0; ; n++ {
		after, end := n*max(l.step, 1), kit.Ends[n%len(kit.Ends)]
		if l.all {
			after = n / len(kit.Ends)
		}
		lossyRows(t, direct)
		for range l.warm {
			if _, err := c.call(t.Context(), db); err != nil {
				t.Fatal(err)
			}
			lossyRows(t, direct)
		}
		if err := pool.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := written.Dump(t, direct, lossyTables...)
		proxy.Cut(l.marker, after, end)
		value, err := c.call(t.Context(), db)
		cut := proxy.Done()
		at := fmt.Sprintf("%s, %s, %s after %d bytes", c.name, l.mode, end, after)
		switch happened := written.Dump(t, direct, lossyTables...) != before; {
		case err == nil && !happened:
			t.Errorf("%s: no error, and nothing was written", at)
		case err != nil && value != nil && fmt.Sprint(value) != "0":
			t.Errorf("%s: %v beside an error", at, value)
		case err != nil && happened != errors.Is(err, dovetail.ErrCommitUnknown):
			t.Errorf("%s: written: %v, and the error is %v", at, happened, err)
		}
		if !cut {
			return cuts
		}
		cuts++
	}
}

const (
	cached = pgx.QueryExecModeCacheStatement
	exec   = pgx.QueryExecModeExec
	simple = pgx.QueryExecModeSimpleProtocol
)

func TestCommitUnknownAtEveryByte(t *testing.T) {
	t.Parallel()
	lossy := lossyDatabase(t)
	for _, c := range transactions {
		if cuts := lossy(t, c, loss{mode: cached, marker: "commit", all: c.name == "InTx"}); cuts < 18 {
			t.Errorf("%s: expected a cut at every byte of the commit's answer, got %d", c.name, cuts)
		}
	}
	lossy(t, transactions[0], loss{mode: exec, marker: "commit"})
	lossy(t, transactions[0], loss{mode: simple, marker: "commit"})
}

func TestOneStatementUnknownAtEveryByte(t *testing.T) {
	t.Parallel()
	lossy := lossyDatabase(t)
	for _, c := range statements {
		if cuts := lossy(t, c, loss{mode: cached, marker: c.marker, warm: 1, all: c.name == "Save"}); cuts < 18 {
			t.Errorf("%s: expected a cut at every byte of the answer, got %d", c.name, cuts)
		}
	}
	lossy(t, statements[0], loss{mode: exec, warm: 1})
	lossy(t, statements[0], loss{mode: simple, warm: 1})
}

// TestLostWithTheBeginning: a transaction whose beginning was sent with its first statements, and whose commit was not, has not happened.
func TestLostWithTheBeginning(t *testing.T) {
	t.Parallel()
	lossy := lossyDatabase(t)
	for _, c := range transactions {
		if c.name != "Insert" && c.name != "Replace" && c.name != "InTx" {
			continue
		}
		if cuts := lossy(t, c, loss{mode: cached, warm: 2, step: 11}); cuts < 4 {
			t.Errorf("%s: expected cuts all over the first answer, got %d", c.name, cuts)
		}
	}
	lossy(t, transactions[0], loss{mode: exec, marker: "begin", warm: 1, step: 11})
	lossy(t, transactions[0], loss{mode: simple, marker: "begin", warm: 1, step: 11})
}

// TestLostWithTheEnd: what was read is whole, or an error, where the end of the transaction comes in the answer that is cut.
func TestLostWithTheEnd(t *testing.T) {
	t.Parallel()
	direct := kit.PostgresPool(t, "SELECT 1")
	direct.Exec(t, written.DDLFor(direct))
	lossyRows(t, direct)
	for _, mode := range []pgx.QueryExecMode{exec, simple} {
		pool, proxy := proxied(t, mode)
		defer pool.Close()
		for n, cut := 0, true; cut; n += 7 {
			if err := pool.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			proxy.Cut("commit", n, kit.Ends[n%len(kit.Ends)])
			rows, err := dovetail.Select(written.Employees).OrderBy("id").Snapshot().Preload("reports").All(t.Context(), postgres.New(pool))
			cut = proxy.Done()
			if err == nil && (len(rows) != 3 || len(rows[0].Reports) != 1) || err != nil && rows != nil {
				t.Errorf("%s, after %d bytes: got %d rows and %v", mode, n, len(rows), err)
			}
			if cut && err == nil && n < 100 || !cut && n < 100 {
				t.Errorf("%s, after %d bytes: expected an error", mode, n)
			}
		}
	}
}

// TestLostWhilePreparing: a statement that was not yet executed has not happened.
func TestLostWhilePreparing(t *testing.T) {
	t.Parallel()
	lossy := lossyDatabase(t)
	if cuts := lossy(t, statements[0], loss{mode: cached}); cuts < 40 {
		t.Errorf("expected a cut at every byte of the answers, got %d", cuts)
	}
}
