package faults_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// begun notes what a call begins and how many statements it sends.
type begun struct {
	dovetail.DB
	txs    []dialect.TxOptions // of the call itself, and not within
	stmts  int
	within bool
}

func (b *begun) InTx(ctx context.Context, opts dialect.TxOptions, do func(tx dialect.DB) error) error {
	if !b.within {
		b.txs = append(b.txs, opts)
	}
	return b.DB.InTx(ctx, opts, func(tx dialect.DB) error {
		inner := &begun{DB: tx, within: true}
		defer func() { b.stmts += inner.stmts }()
		return do(inner)
	})
}

func (b *begun) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	b.stmts += len(stmts)
	return b.DB.Run(ctx, stmts, each)
}

// writesTold are the calls of the table of writes in docs/statements.md, each by its name there.
var writesTold = []struct {
	name  string
	calls []func(ctx context.Context, db dovetail.DB) error
}{
	{"`Update`", calls(func(ctx context.Context, db dovetail.DB) error {
		return onlyErr(dovetail.Update(written.Accounts).Set("balance", 1).All().Exec(ctx, db))
	})},
	{"`Update` with `Returning`", calls(func(ctx context.Context, db dovetail.DB) error {
		return onlyErr(dovetail.Update(written.Accounts).Set("balance", 1).All().Returning(ctx, db))
	})},
	{"`Save` of columns of which none comes back", calls(func(ctx context.Context, db dovetail.DB) error {
		return dovetail.Save(ctx, db, written.Accounts, &written.Account{ID: 101, Balance: 3}, "balance")
	})},
	{"`SaveAll` of several rows", calls(func(ctx context.Context, db dovetail.DB) error {
		return dovetail.SaveAll(ctx, db, written.Accounts, []*written.Account{{ID: 101, Balance: 3}, {ID: 102, Balance: 4}}, "balance")
	})},
	{"`Insert` of one row of which nothing comes back", calls(func(ctx context.Context, db dovetail.DB) error {
		return dovetail.Insert(written.Enrollments, &written.Enrollment{StudentID: 102, CourseID: 101}).Exec(ctx, db)
	})},
	{"`Insert` of one row of which its number comes back", calls(func(ctx context.Context, db dovetail.DB) error {
		return dovetail.Insert(written.Students, &written.Student{Name: "x"}).Exec(ctx, db)
	})},
	{"`Insert` of one row of which more comes back", calls(func(ctx context.Context, db dovetail.DB) error {
		return dovetail.Insert(written.Accounts, &written.Account{Owner: "x"}).Exec(ctx, db)
	})},
	{"`Insert` of several rows, or with related ones", calls(func(ctx context.Context, db dovetail.DB) error {
		return dovetail.Insert(written.Students, &written.Student{Name: "x"}, &written.Student{Name: "y"}).Exec(ctx, db)
	}, func(ctx context.Context, db dovetail.DB) error {
		return dovetail.Insert(written.Students, &written.Student{Name: "x", Courses: []dovetail.Linked[written.Course, written.Enrollment]{{Row: &written.Course{Title: "c"}}}}).With("courses").Exec(ctx, db)
	})},
	{"`Upsert` of one row with `Set`", calls(func(ctx context.Context, db dovetail.DB) error {
		return dovetail.Upsert(written.Accounts, &written.Account{Owner: "x"}).OnConflict("owner").Set("balance").Exec(ctx, db)
	})},
	{"`Upsert` without `Set`, or of several rows", calls(func(ctx context.Context, db dovetail.DB) error {
		return dovetail.Upsert(written.Accounts, &written.Account{Owner: "x"}).OnConflict("owner").DoNothing().Exec(ctx, db)
	}, func(ctx context.Context, db dovetail.DB) error {
		return dovetail.Upsert(written.Accounts, &written.Account{Owner: "x"}, &written.Account{Owner: "y"}).OnConflict("owner").Set("balance").Exec(ctx, db)
	})},
	{"`Delete` of a table that nothing points at", calls(func(ctx context.Context, db dovetail.DB) error {
		return onlyErr(dovetail.Delete(written.Enrollments).All().Exec(ctx, db))
	})},
	{"`Delete` with `Returning` of a table that nothing points at", calls(func(ctx context.Context, db dovetail.DB) error {
		return onlyErr(dovetail.Delete(written.Enrollments).All().Returning(ctx, db))
	})},
	{"`Delete` of a table that others point at", calls(func(ctx context.Context, db dovetail.DB) error {
		return onlyErr(dovetail.Delete(written.Accounts).Where(sq.Eq{"owner": "nobody"}).Exec(ctx, db))
	}, func(ctx context.Context, db dovetail.DB) error {
		return onlyErr(dovetail.Delete(written.Accounts).Where(sq.Eq{"owner": "nobody"}).Returning(ctx, db))
	})},
	{"`Link` of a many-to-many, `Unlink`", calls(func(ctx context.Context, db dovetail.DB) error {
		return onlyErr(written.StudentCourses.Link(ctx, db, &written.Student{ID: 102}, &written.Course{ID: 101}))
	}, func(ctx context.Context, db dovetail.DB) error {
		return onlyErr(written.StudentCourses.Unlink(ctx, db, &written.Student{ID: 101}, &written.Course{ID: 101}))
	}, func(ctx context.Context, db dovetail.DB) error {
		return onlyErr(written.EmployeeReports.Unlink(ctx, db, &written.Employee{ID: 101}, &written.Employee{ID: 102}))
	})},
	{"`Link` and `Move` of a has-many", calls(func(ctx context.Context, db dovetail.DB) error {
		return onlyErr(written.EmployeeReports.Link(ctx, db, &written.Employee{ID: 101}, &written.Employee{ID: 103}))
	}, func(ctx context.Context, db dovetail.DB) error {
		return onlyErr(written.EmployeeReports.Move(ctx, db, &written.Employee{ID: 103}, &written.Employee{ID: 102}))
	})},
	{"`Replace` and `Sync`", calls(func(ctx context.Context, db dovetail.DB) error {
		return onlyErr(written.StudentCourses.Replace(ctx, db, &written.Student{ID: 102}, &written.Course{ID: 101}))
	}, func(ctx context.Context, db dovetail.DB) error {
		return onlyErr(written.EmployeeReports.Sync(ctx, db, &written.Employee{ID: 101}, &written.Employee{ID: 102, Name: "y"}))
	})},
}

func calls(list ...func(ctx context.Context, db dovetail.DB) error) []func(ctx context.Context, db dovetail.DB) error {
	return list
}

func onlyErr[V any](_ V, err error) error { return err }

var errUndone = errors.New("undone")

// sentIn runs a call, whose rows are undone, and says what it is sent in by itself and within a transaction.
func sentIn(t *testing.T, d kit.Database, call func(ctx context.Context, db dovetail.DB) error, fill string) (several bool, alone, within string) {
	t.Helper()
	d.Exec(t, fill)
	out := &begun{DB: d.DB}
	if err := call(t.Context(), out); err != nil {
		t.Errorf("%s: %v", d.Name, err)
	}
	alone = "the statement"
	if len(out.txs) > 0 {
		alone = "a transaction"
	}
	d.Exec(t, fill)
	in := &begun{}
	err := d.DB.InTx(t.Context(), dovetail.TxOptions{}, func(tx dovetail.DB) error {
		in.DB = tx
		return errors.Join(call(t.Context(), in), errUndone)
	})
	if !errors.Is(err, errUndone) || strings.Count(err.Error(), "\n") > 0 {
		t.Errorf("%s in a transaction: %v", d.Name, err)
	}
	switch {
	case len(in.txs) == 0, len(in.txs) == 1 && in.txs[0].Joined && d.Postgres():
		within = "the statement"
	default:
		within = "a savepoint"
	}
	return out.stmts > 1, alone, within
}

// TestWritesAreSentInWhatTheirTableSays compares docs/statements.md with what each write begins, on both databases.
func TestWritesAreSentInWhatTheirTableSays(t *testing.T) {
	t.Parallel()
	const fill = `DELETE FROM enrollments; DELETE FROM students; DELETE FROM courses; DELETE FROM employees; DELETE FROM accounts;
		INSERT INTO students (id, name) VALUES (101, 'a'), (102, 'b'); INSERT INTO courses (id, title) VALUES (101, 'c'); INSERT INTO enrollments (student_id, course_id) VALUES (101, 101);
		INSERT INTO employees (id, name) VALUES (101, 'a'), (103, 'c'); INSERT INTO employees (id, name, boss_id) VALUES (102, 'b', 101);
		INSERT INTO accounts (id, owner) VALUES (101, 'o'), (102, 'p')`
	pg, lite := kit.PostgresPool(t, "SELECT 1"), kit.SQLiteDB(t, "SELECT 1")
	for _, d := range []kit.Database{pg, lite} {
		d.Exec(t, written.WithKeys(d, written.DDL))
	}
	both := func(one, other string) string {
		if one == other {
			return one
		}
		return one + "; on SQLite " + other
	}
	var got []string
	for _, w := range writesTold {
		var lines []string
		several := false
		for _, call := range w.calls {
			many, alone, within := sentIn(t, pg, call, fill)
			more, liteAlone, liteWithin := sentIn(t, lite, call, fill)
			several = several || many || more
			lines = append(lines, both(alone, liteAlone)+" | "+both(within, liteWithin))
		}
		if slices.ContainsFunc(lines, func(l string) bool { return l != lines[0] }) {
			t.Errorf("%s: its calls differ: %q", w.name, lines)
		}
		got = append(got, fmt.Sprintf("| %s | %s | %s |", w.name, map[bool]string{true: "1 or more", false: "1"}[several], lines[0]))
	}
	page := kit.ReadFile(t, "docs/statements.md")
	_, page, _ = strings.Cut(page, "| Write | Statements | By itself | In a transaction of yours |\n|---|---|---|---|\n")
	page, _, _ = strings.Cut(page, "\n\n")
	if want := strings.Join(got, "\n"); page != want {
		t.Errorf("docs/statements.md says\n%s\nwhat runs is\n%s", page, want)
	}
}
