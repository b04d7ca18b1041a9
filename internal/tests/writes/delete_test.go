package writes_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/removed"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// remove deletes, or fails the test unless that many rows went.
func remove[T any](t *testing.T, db dovetail.DB, r dovetail.Removal[*T], want int64) {
	t.Helper()
	n, err := r.Exec(t.Context(), db)
	if err != nil {
		t.Fatal(kit.DescribeSQL(err))
	}
	if n != want {
		t.Errorf("expected %d rows, got %d", want, n)
	}
}

// impact returns the effects as text, one line each.
func impact[T any](t *testing.T, db dovetail.DB, r dovetail.Removal[*T]) string {
	t.Helper()
	effects, err := r.Impact(t.Context(), db)
	if err != nil {
		t.Fatal(kit.DescribeSQL(err))
	}
	var b strings.Builder
	for _, e := range effects {
		fmt.Fprintf(&b, "%s %q %s: %d deleted, %d nulled, %d blocking\n",
			e.Table, e.Relation, e.Policy, e.Deleted, e.Nulled, e.Blocking)
	}
	return b.String()
}

func expectImpact(t *testing.T, got string, want ...string) {
	t.Helper()
	if w := strings.Join(append(want, ""), "\n"); got != w {
		t.Errorf("expected\n%sgot\n%s", w, got)
	}
}

func TestTrap_D8_DeleteAndUpdateNeedACondition(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, dRows)
		db, before := d.Record(), written.Dump(t, d)
		_, err := dovetail.Delete(removed.Accounts).Exec(t.Context(), db)
		kit.Refused(t, err, dovetail.ErrMissingWhere, "accounts", "Where", "All")
		_, err = dovetail.Delete(removed.Accounts).Unscoped("deleted").Impact(t.Context(), db)
		kit.Refused(t, err, dovetail.ErrMissingWhere, "accounts")
		_, err = dovetail.Update(written.Accounts).Set("balance", 1).Exec(t.Context(), db)
		kit.Refused(t, err, dovetail.ErrMissingWhere, "accounts")
		_, err = dovetail.Removal[*written.Account]{}.All().Exec(t.Context(), db)
		kit.Refused(t, err, dovetail.ErrUnknownTable, "Delete")
		_, err = dovetail.Delete(removed.Accounts).Where("id = id").Exec(t.Context(), db)
		kit.Refused(t, err, dovetail.ErrMissingWhere, "All")
		db.Expect(t, 0, 0)
		kit.Equal(t, "the rows", written.Dump(t, d), before)

		remove(t, d.DB, dovetail.Delete(removed.Accounts).All(), 3)
		written.ExpectDump(t, d, "tags 1 red", "tags 2 blue", "notes 3 other 1 n3")
	})
}

func TestDeleteCascades(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, dRows)
		db := d.Record()
		del := dovetail.Delete(removed.Accounts).Where(squirrel.Eq{"owner": "Ann"})
		expectImpact(t, impact(t, db, del),
			`accounts "" no policy: 1 deleted, 0 nulled, 0 blocking`,
			`activity "accounts.activities" CASCADE: 2 deleted, 0 nulled, 0 blocking`,
			`activity_tags "activity.tags" CASCADE: 3 deleted, 0 nulled, 0 blocking`,
			`notes "activity.notes" CASCADE: 1 deleted, 0 nulled, 0 blocking`)
		db.Expect(t, 4, 1)
		remove(t, db, del, 1)
		// The tables of links, notes, activities and accounts, and a count of activities that are left; the keys of the accounts are read
		// before, and again before they go.
		if db.Txs != 1 {
			t.Errorf("expected one transaction, got %d", db.Txs)
		}
		db.Expect(t, 4+1+2, 1)
		written.ExpectDump(t, d, "accounts 2 Bob 7", "accounts 3 Cat 7", "activity 3 2 DEP 1", "tags 1 red", "tags 2 blue", "activity_tags 3 1",
			"notes 2 activity 3 n2", "notes 3 other 1 n3")
	})
}

// The links of a row go with it, and the rows at their other ends stay.
func TestDeleteOfManyToManyDeletesLinks(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, dRows)
		remove(t, d.DB, dovetail.Delete(removed.Tags).Where(squirrel.Eq{"name": "red"}), 1)
		if got := written.Dump(t, d, "activity", "tags", "activity_tags"); got != "activity 1 1 DEP 10\nactivity 2 1 WD 4\n"+
			"activity 3 2 DEP 1\ntags 2 blue\nactivity_tags 1 2\n" {
			t.Errorf("got\n%s", got)
		}
		// A link itself is a row like others, and one statement.
		db := d.Record()
		remove(t, db, dovetail.Delete(removed.ActivityTags).Where(squirrel.Eq{"activity_id": 1}), 1)
		db.Expect(t, 1, 1)
	})
}

func TestTrap_O20_DeleteOfRowsThatArePointedAt(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, dRows)
		before := written.Dump(t, d)
		db := d.Record()
		del := dovetail.Delete(written.Accounts).Where(squirrel.Eq{"owner": []string{"Ann", "Cat"}})
		expectImpact(t, impact(t, db, del),
			`accounts "" no policy: 2 deleted, 0 nulled, 0 blocking`,
			`activity "accounts.activities" RESTRICT: 0 deleted, 0 nulled, 2 blocking`)
		db.Expect(t, 2, 1)
		_, err := del.Exec(t.Context(), db)
		kit.Refused(t, err, dovetail.ErrRestricted, `"accounts.activities"`, `"activity"`, "Cascade", "SetNull", "Impact")
		db.Expect(t, 1+d.Locks(), 1)
		kit.Equal(t, "the rows", written.Dump(t, d), before)

		remove(t, db, dovetail.Delete(written.Accounts).Where(squirrel.Eq{"owner": "Cat"}), 1)
		db.Expect(t, 2+1, 2) // with the lock's count before, or that of what is left

		// A polymorphic reference restricts too, which no database would.
		_, err = dovetail.Delete(written.Activities).Where(squirrel.Eq{"id": 3}).Exec(t.Context(), db)
		kit.Refused(t, err, dovetail.ErrRestricted, `"activity.notes"`)
	})
}

// What the library leaves to the database is refused there.
func TestDeleteNoAction(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, "INSERT INTO employees (id, name) VALUES (1, 'Ann'); INSERT INTO teams (id, name, lead_id) VALUES (1, 'T', 1);")
		del := dovetail.Delete(removed.Employees).Where(squirrel.Eq{"id": 1})
		expectImpact(t, impact(t, d.DB, del),
			`employees "" no policy: 1 deleted, 0 nulled, 0 blocking`,
			`employees "employees.reports" CASCADE: 0 deleted, 0 nulled, 0 blocking`,
			`teams "teams.lead" NO ACTION: 0 deleted, 0 nulled, 1 blocking`)
		if strings.HasSuffix(d.Name, "/tx") {
			return // what follows ends the transaction
		}
		_, err := del.Exec(t.Context(), d.DB)
		var refused *dovetail.ConstraintError
		if !errors.As(err, &refused) || refused.Kind != dovetail.ForeignKeyConstraint || d.Postgres() && refused.Path != "teams.lead" {
			t.Errorf("expected the database's refusal, got %v", err)
		}
	})
}

func TestDeleteSetsNull(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, "INSERT INTO students (id, name) VALUES (1, 'Sue'), (2, 'Tom'); INSERT INTO courses (id, title) VALUES (1, 'Art');"+
			"INSERT INTO enrollments (student_id, course_id) VALUES (1, 1), (2, 1);")
		one := "x'00000000000000000000000000000001'"
		if d.Postgres() {
			one = "'00000000-0000-0000-0000-000000000001'"
		}
		d.Exec(t, "INSERT INTO passes (id, student_id) VALUES ("+one+", 1)")
		db := d.Record()
		del := dovetail.Delete(removed.Students).Where(squirrel.Eq{"name": "Sue"})
		expectImpact(t, impact(t, db, del),
			`students "" no policy: 1 deleted, 0 nulled, 0 blocking`,
			`enrollments "students.courses" CASCADE: 1 deleted, 0 nulled, 0 blocking`,
			`passes "students.pass" SET NULL: 0 deleted, 1 nulled, 0 blocking`)
		db.Expect(t, 3, 1)
		remove(t, db, del, 1)
		db.Expect(t, 3+2, 1)
		if got := written.Dump(t, d, "students", "courses", "enrollments"); got != "students 2 Tom\ncourses 1 Art\nenrollments 2 1 NULL\n" {
			t.Errorf("got\n%s", got)
		}
		got, err := kit.SQL[int64](t.Context(), d.DB, "SELECT count(*) FROM passes WHERE student_id IS NULL")
		if err != nil || got[0] != 1 {
			t.Errorf("expected the pass to have no holder, got %v, %v", got, err)
		}
	})
}

func TestDeleteCompositeKeys(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, "INSERT INTO orders VALUES ('eu', 1), ('eu', 2), ('us', 1); INSERT INTO lines VALUES ('eu', 1, 1, 'pen'), "+
			"('eu', 1, 2, 'ink'), ('eu', 2, 1, 'pad'), ('us', 1, 1, 'cup');")
		remove(t, d.DB, dovetail.Delete(removed.Orders).Where(squirrel.Eq{"region": "eu", "number": 1}), 1)
		written.ExpectDump(t, d, "orders eu 2", "orders us 1", "lines eu 2 1 pad", "lines us 1 1 cup")
		// The condition reads the table that is emptied first.
		remove(t, d.DB, dovetail.Delete(removed.Orders).Where(dovetail.Has("lines", squirrel.Eq{"item": []string{"pad", "cup"}})), 2)
		written.ExpectDump(t, d)

		d.Exec(t, "INSERT INTO orders VALUES ('eu', 1), ('eu', 2), ('us', 1); "+
			"INSERT INTO lines VALUES ('eu', 1, 1, 'pen'), ('us', 1, 1, 'cup');")
		inHand := []*written.Order{{Region: "eu", Number: 1}, {Region: "us", Number: 1}}
		if err := dovetail.DeleteRows(t.Context(), d.DB, removed.Orders, inHand...); err != nil {
			t.Fatal(err)
		}
		written.ExpectDump(t, d, "orders eu 2")
	})
}

func TestTrap_O21_DeleteAroundCycles(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		// Ann, Bob and Cat are each other's bosses; Dan is below Cat; Eve is his own boss, and Fay has none.
		d.Exec(t, "INSERT INTO employees (id, name) VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cat'), (4, 'Dan'), (5, 'Eve'), (6, 'Fay');"+
			"UPDATE employees SET boss_id = CASE id WHEN 1 THEN 3 WHEN 4 THEN 3 WHEN 5 THEN 5 ELSE id - 1 END WHERE id < 6;")
		del := dovetail.Delete(removed.Employees).Where(squirrel.Eq{"name": []string{"Ann", "Cat"}})
		expectImpact(t, impact(t, d.DB, del),
			`employees "" no policy: 2 deleted, 0 nulled, 0 blocking`,
			`employees "employees.reports" CASCADE: 2 deleted, 0 nulled, 0 blocking`,
			`teams "teams.lead" NO ACTION: 0 deleted, 0 nulled, 0 blocking`)
		db := d.Record()
		remove(t, db, del, 4)
		if d.Postgres() { // its rows are counted before and as they go
			db.Expect(t, 2, 1)
		} else { // whose own CASCADE would have the DELETE count some of them; and what is left is counted
			db.Expect(t, 3, 1)
		}
		written.ExpectDump(t, d, "employees 5 Eve 5 NULL", "employees 6 Fay NULL NULL")

		// Two tables that follow each other: a row of either takes one of the other along.
		r := dovetail.NewRegistry()
		eggs, hens := dovetail.NewTable[written.Egg](r, "eggs"), dovetail.NewTable[written.Hen](r, "hens")
		dovetail.BelongsTo(eggs, "hen", hens, dovetail.ForeignKey("hen_id"), dovetail.OnDelete(dovetail.Cascade))
		dovetail.BelongsTo(hens, "egg", eggs, dovetail.ForeignKey("egg_id"), dovetail.OnDelete(dovetail.Cascade))
		d.Exec(t, "INSERT INTO eggs (id, hen_id) VALUES (1, 2), (2, 3), (3, 1), (4, 9), (5, 4); "+
			"INSERT INTO hens (id, egg_id) VALUES (1, 1), (2, 2), (3, 3), (4, 4);")
		chain := dovetail.Delete(eggs).Where(squirrel.Eq{"id": 2})
		expectImpact(t, impact(t, d.DB, chain),
			`eggs "" no policy: 1 deleted, 0 nulled, 0 blocking`,
			`hens "hens.egg" CASCADE: 3 deleted, 0 nulled, 0 blocking`,
			`eggs "eggs.hen" CASCADE: 2 deleted, 0 nulled, 0 blocking`)
		remove(t, d.DB, chain, 3)
		if got := written.Dump(t, d, "eggs", "hens"); got != "eggs 4 9\neggs 5 4\nhens 4 4\n" {
			t.Errorf("got\n%s", got)
		}
	})
}

func TestDeleteRows(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, dRows+dPostDDL)
		db := d.Record()
		note := &written.Note{ID: 3}
		if err := dovetail.DeleteRows(t.Context(), db, removed.Notes, note); err != nil {
			t.Fatal(err)
		}
		db.Expect(t, 1, 1)
		kit.Refused(t, dovetail.DeleteRows(t.Context(), db, removed.Notes, note), dovetail.ErrNoRows, "notes")
		kit.Refused(t, dovetail.DeleteRows(t.Context(), db, removed.Notes, &written.Note{ID: 1}, note), dovetail.ErrNoRows, "1 of the 2")
		kit.Refused(t, dovetail.DeleteRows(t.Context(), db, removed.Notes, &written.Note{}), dovetail.ErrInvalidRow, "primary key")
		kit.Refused(t, dovetail.DeleteRows(t.Context(), db, removed.Notes, nil), dovetail.ErrInvalidRow, "nil")
		if err := dovetail.DeleteRows[written.Note](t.Context(), db, removed.Notes); err != nil {
			t.Error(err)
		}
		kit.Refused(t, dovetail.DeleteRows(t.Context(), d.DB, removed.Employees, &written.Employee{ID: 9}), dovetail.ErrNoRows, "employees")
		ann := &written.Account{ID: 1}
		if err := dovetail.DeleteRows(t.Context(), d.DB, removed.Accounts, ann, ann, &written.Account{ID: 3}); err != nil {
			t.Fatal(err)
		}
		if got := written.Dump(t, d, "accounts", "activity", "notes"); got != "accounts 2 Bob 7\nactivity 3 2 DEP 1\nnotes 2 activity 3 n2\n" {
			t.Errorf("got\n%s", got)
		}
		// The version tells whether it is the row that was read.
		stale, fresh := &removed.Post{ID: 2, Lock: 5}, &removed.Post{ID: 2}
		kit.Refused(t, dovetail.DeleteRows(t.Context(), d.DB, removed.Posts, stale), dovetail.ErrStale, "posts", "lock")
		if err := dovetail.DeleteRows(t.Context(), d.DB, removed.Posts, fresh); err != nil {
			t.Fatal(err)
		}
		kit.Refused(t, dovetail.DeleteRows(t.Context(), d.DB, removed.Posts, fresh), dovetail.ErrStale, "posts")
	})
}

func TestTrap_O24_SoftDelete(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, dPostDDL)
		state := func() string {
			lines, err := kit.SQL[string](t.Context(), d.DB, "SELECT 'post ' || id || "+
				"CASE WHEN deleted_at IS NULL THEN '' ELSE ' gone' END || ' ' || lock AS x FROM posts UNION ALL "+
				"SELECT 'comment ' || id || CASE WHEN deleted THEN ' gone' ELSE '' END FROM comments UNION ALL "+
				"SELECT 'star ' || id FROM stars ORDER BY 1")
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(lines, ", ")
		}
		// Comments are marked with their post; the star stays, since the post does.
		db := d.Record()
		del := dovetail.Delete(removed.Posts).Where(squirrel.Eq{"id": 1})
		expectImpact(t, impact(t, db, del), `posts "" no policy: 1 deleted, 0 nulled, 0 blocking`,
			`comments "posts.comments" CASCADE: 2 deleted, 0 nulled, 0 blocking`)
		remove(t, d.DB, del, 1)
		kit.Equal(t, "after a delete", state(), "comment 1 gone, comment 2 gone, comment 3, post 1 gone 1, post 2 0, post 3 0, star 1")
		if posts := kit.All(t, d.DB, dovetail.Select(removed.Posts).OrderBy("id")); len(posts) != 2 || posts[0].ID != 2 {
			t.Errorf("expected the scope to hide the post, got %v", posts)
		}
		gone := dovetail.Select(removed.Posts).Unscoped("deleted").Where("deleted_at IS NOT NULL").Preload("comments")
		if posts := kit.All(t, d.DB, gone); len(posts) != 1 || posts[0].DeletedAt.IsZero() || len(posts[0].Comments) != 0 {
			t.Errorf("expected the post without its comments, got %v", posts)
		}
		remove(t, d.DB, del, 0)
		remove(t, d.DB, del.Unscoped("deleted"), 0)

		// Really: the marked comments of a post go with it, and a star restricts.
		_, err := del.Hard().Unscoped("deleted").Exec(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrRestricted, `"posts.stars"`)
		remove(t, d.DB, del.Hard(), 0)
		d.Exec(t, "DELETE FROM stars")
		remove(t, d.DB, del.Hard().Unscoped("deleted"), 1)
		kit.Equal(t, "after a hard delete", state(), "comment 3, post 2 0, post 3 0")

		// The condition names what is marked first.
		remove(t, d.DB, dovetail.Delete(removed.Posts).Where(dovetail.Has("comments")), 1)
		kit.Equal(t, "after a delete by comments", state(), "comment 3 gone, post 2 gone 1, post 3 0")
		remove(t, d.DB, dovetail.Delete(removed.Posts).All(), 1)
	})
}

func TestSoftDeleteDeclarations(t *testing.T) {
	t.Parallel()
	for column, words := range map[string][]string{
		"title": {`"title"`, "*time.Time or bool"}, "nowhere": {`"nowhere"`},
	} {
		r := dovetail.NewRegistry()
		dovetail.NewTable[removed.Post](r, "posts", dovetail.SoftDelete(column))
		err := r.Validate()
		if err == nil {
			t.Fatalf("%s: expected a mistake", column)
		}
		for _, word := range words {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("expected %q in %v", word, err)
			}
		}
	}
}

// TestTrap_O25: a row that somebody inserts below one that is being deleted waits for the delete, and is refused then.
func TestTrap_O25_RowsInsertedDuringTheDelete(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, written.DDLFor(kit.Database{Name: "postgres"})+dRows)
	inserted := make(chan error, 1)
	err := d.DB.InTx(t.Context(), dialect.TxOptions{}, func(tx dovetail.DB) error {
		n, err := dovetail.Delete(removed.Accounts).Where(squirrel.Eq{"id": 1}).Exec(t.Context(), tx)
		if err != nil || n != 1 {
			return fmt.Errorf("%d rows, %w", n, err)
		}
		go func() {
			late := &written.Activity{ID: 50, AccountID: 1, Kind: "DEP"}
			inserted <- dovetail.Insert(written.Activities, late).Exec(context.WithoutCancel(t.Context()), d.DB)
		}()
		select {
		case err := <-inserted:
			return fmt.Errorf("the insert did not wait: %w", err)
		case <-time.After(200 * time.Millisecond):
			return nil
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	var refused *dovetail.ConstraintError
	if err := <-inserted; !errors.As(err, &refused) || refused.Path != "activity.account" {
		t.Errorf("expected the insert to be refused, got %v", err)
	}
	if got := written.Dump(t, d, "accounts", "activity"); got != "accounts 2 Bob 7\naccounts 3 Cat 7\nactivity 3 2 DEP 1\n" {
		t.Errorf("got\n%s", got)
	}

	// The other way round the row is there first, not yet committed: the delete waits for it, and takes it along.
	type result struct {
		n   int64
		err error
	}
	deleted := make(chan result, 1)
	err = d.DB.InTx(t.Context(), dialect.TxOptions{}, func(tx dovetail.DB) error {
		if err := dovetail.Insert(written.Activities, &written.Activity{ID: 51, AccountID: 2, Kind: "DEP"}).Exec(t.Context(), tx); err != nil {
			return err
		}
		go func() {
			n, err := dovetail.Delete(removed.Accounts).Where(squirrel.Eq{"id": 2}).Exec(context.WithoutCancel(t.Context()), d.DB)
			deleted <- result{n, err}
		}()
		time.Sleep(200 * time.Millisecond)
		return nil
	})
	if got := <-deleted; err != nil || got.err != nil || got.n != 1 {
		t.Fatalf("expected the delete to take the new row along, got %+v, %v", got, err)
	}
	if got := written.Dump(t, d, "accounts", "activity"); got != "accounts 3 Cat 7\n" {
		t.Errorf("got\n%s", got)
	}
}

func TestTrap_O26_KeysInDeletesAreArguments(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		const evil = "'); DROP TABLE lines; --"
		key, lines := &written.Order{Region: evil, Number: 1}, &written.Line{Region: evil, Number: 1, No: 1, Item: "x"}
		kit.Insert(t, d.DB, dovetail.Insert(removed.Orders, key, &written.Order{Region: "eu", Number: 1}))
		kit.Insert(t, d.DB, dovetail.Insert(removed.Lines, lines, &written.Line{Region: "eu", Number: 1, No: 1, Item: "y"}))
		db := d.Record()
		rows := kit.All(t, d.DB, dovetail.Select(removed.Orders).Where(squirrel.Eq{"region": evil}))
		if err := dovetail.DeleteRows(t.Context(), db, removed.Orders, rows...); err != nil {
			t.Fatal(err)
		}
		for _, s := range db.Stmts {
			if strings.Contains(s.SQL, "DROP TABLE") {
				t.Errorf("a key is part of the text: %s", s.SQL)
			}
		}
		written.ExpectDump(t, d, "orders eu 1", "lines eu 1 1 y")
	})
}

// TestDeleteFailsAtEveryStatement: whatever fails, the tables are as before.
func TestDeleteFailsAtEveryStatement(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, dRows)
		before := written.Dump(t, d)
		for k := 1; ; k++ {
			left := k
			_, err := dovetail.Delete(removed.Accounts).Where(dovetail.Has("activities")).Exec(t.Context(), &failAt{d.DB, &left})
			if left > 0 {
				if err != nil || k < 5 {
					t.Fatalf("failure %d: %v", k, err)
				}
				written.ExpectDump(t, d, "accounts 3 Cat 7", "tags 1 red", "tags 2 blue", "notes 3 other 1 n3")
				return
			}
			if !errors.Is(err, errPlanned) {
				t.Fatalf("failure %d: expected the planned one, got %v", k, err)
			}
			if got := written.Dump(t, d); got != before {
				t.Fatalf("failure %d: the tables changed:\n%s", k, got)
			}
		}
	})
}
