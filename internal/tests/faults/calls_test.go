package faults_test

import (
	"context"
	"fmt"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/removed"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// The calls that faults befall.

// call is a call, and what it returned beside the error; nil and 0 are nothing.
type call struct {
	name string
	do   func(ctx context.Context, db dovetail.DB) (any, error)
}

// tables are those that the calls write to.
var tables = []string{"accounts", "activity", "employees", "students", "enrollments"}

// prepared returns a PostgreSQL database with the tables and their rows.
func prepared(t *testing.T) kit.Database {
	t.Helper()
	d := kit.PostgresPool(t, "")
	prepare(t, d)
	return d
}

// prepare makes the tables and their rows.
func prepare(t *testing.T, d kit.Database) {
	t.Helper()
	d.Exec(t, written.DDLFor(d))
	if d.Postgres() { // keys that the database makes are told by their length
		d.Exec(t, "ALTER SEQUENCE accounts_id_seq RESTART 1000; ALTER SEQUENCE activity_id_seq RESTART 1000; ALTER SEQUENCE students_id_seq RESTART 1000")
	}
	fill(t, d)
}

// fill makes the rows that the calls are about.
func fill(t *testing.T, d kit.Database) {
	t.Helper()
	d.Exec(t, `DELETE FROM activity_tags; DELETE FROM activity; DELETE FROM accounts; DELETE FROM employees; DELETE FROM enrollments;
		DELETE FROM students; DELETE FROM courses; DELETE FROM tags;
		INSERT INTO accounts (id, owner, balance) VALUES (-1, 'Ann', 10), (-2, 'Bob', 20), (-3, 'Ida', 30);
		INSERT INTO activity (id, account_id, kind, amount) VALUES (-1, -1, 'DEP', 5), (-2, -1, 'WD', 3), (-3, -2, 'DEP', 8);
		INSERT INTO tags (id, name) VALUES (-1, 'red'), (-2, 'blue');
		INSERT INTO activity_tags (activity_id, tag_id) VALUES (-1, -1), (-1, -2), (-3, -1);
		INSERT INTO employees (id, name, boss_id) VALUES (1, 'eva', NULL), (2, 'fay', NULL), (3, 'gus', 1);
		INSERT INTO students (id, name) VALUES (-1, 'sue'); INSERT INTO courses (id, title) VALUES (1, 'go'), (2, 'sql');
		INSERT INTO enrollments (student_id, course_id) VALUES (-1, 1)`)
}

// shown is the accounts with all that was loaded of them. Without any it is nil.
func shown(accounts []*written.Account) any {
	if accounts == nil {
		return nil
	}
	text := ""
	for _, a := range accounts {
		text += fmt.Sprintf("%d %s %d:", a.ID, a.Owner, a.Balance)
		for _, activity := range a.Activities {
			text += fmt.Sprintf(" %d %s %d", activity.ID, activity.Kind, activity.Amount)
			for _, tag := range activity.Tags {
				text += " " + tag.Name
			}
		}
		text += "\n"
	}
	return text
}

var allAccounts = dovetail.Select(written.Accounts).OrderBy("id").Preload("activities.tags")

// reads are calls that read. Each gives its rows one by one, so that those before an error are there.
var reads = []call{
	{"All", func(ctx context.Context, db dovetail.DB) (any, error) {
		rows, err := allAccounts.All(ctx, db)
		return shown(rows), err
	}},
	{"Snapshot", func(ctx context.Context, db dovetail.DB) (any, error) {
		rows, err := allAccounts.Snapshot().All(ctx, db)
		return shown(rows), err
	}},
	{"Join", func(ctx context.Context, db dovetail.DB) (any, error) {
		rows, err := dovetail.Select(written.Accounts).Join("activities").Where("activities.amount > ?", 1).Distinct().OrderBy("id").All(ctx, db)
		return shown(rows), err
	}},
	{"Linked", func(ctx context.Context, db dovetail.DB) (any, error) {
		rows, err := dovetail.Select(written.Students).OrderBy("id").Preload("courses").All(ctx, db)
		if rows == nil {
			return nil, err
		}
		return fmt.Sprint(rows[0].Name, rows[0].Courses[0].Row.Title, rows[0].Courses[0].Link.CourseID), err
	}},
	{"Each", func(ctx context.Context, db dovetail.DB) (any, error) {
		var rows []*written.Account
		for row, err := range allAccounts.Each(ctx, db) {
			if err != nil {
				return shown(rows), err
			}
			rows = append(rows, row)
		}
		return shown(rows), nil
	}},
	{"Get", func(ctx context.Context, db dovetail.DB) (any, error) {
		row, err := allAccounts.Get(ctx, db, -1)
		if row == nil {
			return nil, err
		}
		return shown([]*written.Account{row}), err
	}},
	{"Count", func(ctx context.Context, db dovetail.DB) (any, error) {
		return dovetail.Select(written.Accounts).Join("activities").Count(ctx, db)
	}},
	{"Load", func(ctx context.Context, db dovetail.DB) (any, error) {
		rows := []*written.Account{{ID: -1, Activities: []*written.Activity{{ID: 7}}}, {ID: -2}}
		before := shown(rows)
		err := dovetail.Load(ctx, db, written.Accounts, rows, "activities.tags")
		if after := shown(rows); err == nil || after != before {
			return after, err
		}
		return nil, err
	}},
	{"Collect", func(ctx context.Context, db dovetail.DB) (any, error) {
		type sum struct {
			Owner string
			N     int64
		}
		rows, err := dovetail.Collect[sum](ctx, db, dovetail.Select(written.Accounts).Columns("owner").With(dovetail.Count("activities").As("n")).OrderBy("id"))
		if rows == nil {
			return nil, err
		}
		return fmt.Sprint(rows), err
	}},
}

// transactions are calls that write by several statements.
var transactions = []call{
	{"Insert of a graph", func(ctx context.Context, db dovetail.DB) (any, error) {
		return nil, dovetail.Insert(written.Accounts, &written.Account{Owner: "Cat", Activities: []*written.Activity{{Kind: "DEP"}}}).
			With("activities").Exec(ctx, db)
	}},
	{"Replace", func(ctx context.Context, db dovetail.DB) (any, error) {
		diff, err := written.StudentCourses.Replace(ctx, db, &written.Student{ID: -1}, &written.Course{ID: 2})
		return len(diff.Added) + len(diff.Removed), err
	}},
	{"Move", func(ctx context.Context, db dovetail.DB) (any, error) {
		return written.EmployeeReports.Move(ctx, db, &written.Employee{ID: 2}, &written.Employee{ID: 3})
	}},
	{"Delete of a graph", func(ctx context.Context, db dovetail.DB) (any, error) {
		return dovetail.Delete(removed.Students).Where(sq.Eq{"id": -1}).Exec(ctx, db)
	}},
	{"SaveAll", func(ctx context.Context, db dovetail.DB) (any, error) {
		rows := []*written.Account{{ID: -1, Balance: 3}, {ID: -2, Balance: 4}}
		return nil, dovetail.SaveAll(ctx, db, written.Accounts, rows, "balance")
	}},
	{"Upsert of several", func(ctx context.Context, db dovetail.DB) (any, error) {
		return nil, dovetail.Upsert(written.Accounts, &written.Account{Owner: "Ann", Balance: 99}, &written.Account{Owner: "Dan"}).
			OnConflict("owner").Set("balance").Exec(ctx, db)
	}},
	{"Returning", func(ctx context.Context, db dovetail.DB) (any, error) {
		rows, err := dovetail.Update(written.Accounts).Set("balance", 5).All().Returning(ctx, db)
		return len(rows), err
	}},
	{"InTx", func(ctx context.Context, db dovetail.DB) (any, error) {
		return nil, db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
			_, err := dovetail.Update(written.Accounts).Set("balance", 6).All().Exec(ctx, tx)
			return err
		})
	}},
	{"Retry", func(ctx context.Context, db dovetail.DB) (any, error) {
		return nil, dovetail.Retry(ctx, db, func(tx dovetail.DB) error {
			_, err := dovetail.Update(written.Accounts).Set("balance", 7).All().Exec(ctx, tx)
			return err
		})
	}},
}

// statements are calls that write by one statement.
var statements = []call{
	{"Update", func(ctx context.Context, db dovetail.DB) (any, error) {
		return dovetail.Update(written.Accounts).Set("balance", sq.Expr("balance + 1")).All().Exec(ctx, db)
	}},
	{"Save", func(ctx context.Context, db dovetail.DB) (any, error) {
		return nil, dovetail.Save(ctx, db, written.Accounts, &written.Account{ID: -1, Balance: 3}, "balance")
	}},
	{"Insert", func(ctx context.Context, db dovetail.DB) (any, error) {
		return nil, dovetail.Insert(written.Students, &written.Student{Name: "tom"}).Exec(ctx, db)
	}},
	{"Link", func(ctx context.Context, db dovetail.DB) (any, error) {
		return written.StudentCourses.Link(ctx, db, &written.Student{ID: -1}, &written.Course{ID: 2})
	}},
	{"Unlink", func(ctx context.Context, db dovetail.DB) (any, error) {
		return written.StudentCourses.Unlink(ctx, db, &written.Student{ID: -1}, &written.Course{ID: 1})
	}},
	{"Delete", func(ctx context.Context, db dovetail.DB) (any, error) {
		return dovetail.Delete(written.Enrollments).Where(sq.Eq{"course_id": 1}).Exec(ctx, db)
	}},
	{"Upsert", func(ctx context.Context, db dovetail.DB) (any, error) {
		return nil, dovetail.Upsert(written.Accounts, &written.Account{Owner: "Ann", Balance: 99}).OnConflict("owner").Set("balance").
			Exec(ctx, db)
	}},
}
