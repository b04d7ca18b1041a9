package running_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// atOnce runs do in several goroutines and returns their errors.
func atOnce(workers int, do func(worker int) error) error {
	errs := make([]error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Add(1)
		go func() {
			defer all.Done()
			errs[w] = do(w)
		}()
	}
	all.Wait()
	return errors.Join(errs...)
}

func TestTrap_O8_LinkingTwiceIsLinkingOnce(t *testing.T) {
	t.Parallel()
	written.OnClasses(t, func(t *testing.T, d kit.Database) {
		counts := make([]int64, 2)
		err := atOnce(2, func(w int) error { // two sessions that ask for the same
			for id := range int64(20) {
				n, err := written.StudentCourses.Link(t.Context(), d.DB, &written.Student{ID: 1}, &written.Course{ID: id + 1}, &written.Course{ID: id + 1})
				if counts[w] += n; err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || counts[0]+counts[1] != 20 {
			t.Errorf("expected 20 new links, got %v, %v", counts, err)
		}
		people.ExpectLines(t, d, "SELECT CAST(count(*) AS TEXT) FROM enrollments", "20")
	})
}

func TestTrap_O9_AMissingRowIsNamedByItsRelation(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		sue, _, c := written.School(t, d)
		for what, try := range map[string]func(db dovetail.DB) error{
			"Link": func(db dovetail.DB) error {
				_, err := written.StudentCourses.Link(t.Context(), db, sue, c[0], &written.Course{ID: 99})
				return err
			},
			"Link, no owner": func(db dovetail.DB) error {
				_, err := written.StudentCourses.Link(t.Context(), db, &written.Student{ID: 99}, c[0])
				return err
			},
			"Replace": func(db dovetail.DB) error {
				_, err := written.StudentCourses.Replace(t.Context(), db, sue, c[0], &written.Course{ID: 99})
				return err
			},
		} {
			err := d.DB.InTx(t.Context(), dialect.TxOptions{}, func(tx dovetail.DB) error { return try(tx) })
			var refused *dovetail.ConstraintError
			if !errors.As(err, &refused) || refused.Kind != dovetail.ForeignKeyConstraint || refused.Path != "students.courses" {
				t.Errorf("%s: got %v", what, err)
				continue
			}
			if d.Postgres() && refused.Constraint == "" {
				t.Errorf("%s: expected the constraint's name, got %+v", what, refused)
			}
		}
		written.ExpectDumpOf(t, d, "enrollments")
	})
}

func TestTrap_O10_UnlinkingNothingCountsNothing(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		sue, tom, c := written.School(t, d)
		people.Done(t)(written.StudentCourses.Link(t.Context(), d.DB, tom, c[0]))
		for _, course := range []*written.Course{c[0], {ID: 99}} {
			if n, err := written.StudentCourses.Unlink(t.Context(), d.DB, sue, course); n != 0 || err != nil {
				t.Errorf("expected no link to be removed, got %d, %v", n, err)
			}
		}
		written.ExpectDumpOf(t, d, "enrollments", "enrollments 2 1 NULL")
	})
}

func TestTrap_O11_AnEmptyListUnlinksNothing(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		sue, _, c := written.School(t, d)
		people.Done(t)(written.StudentCourses.Link(t.Context(), d.DB, sue, c...))
		db := d.Record()
		var none []*written.Course
		if n, err := written.StudentCourses.Unlink(t.Context(), db, sue, none...); n != 0 || err != nil {
			t.Errorf("expected nothing to be done, got %d, %v", n, err)
		}
		db.Expect(t, 0, 0)
		people.ExpectLines(t, d, "SELECT CAST(count(*) AS TEXT) FROM enrollments", "4")
		if n, err := written.StudentCourses.UnlinkAll(t.Context(), db, sue); n != 4 || err != nil {
			t.Errorf("expected all to be unlinked, got %d, %v", n, err)
		}
	})
}

func TestTrap_O12_LinksKeepTheirOtherColumns(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		ctx, n := t.Context(), people.Done(t)
		sue, _, c := written.School(t, d)
		n(dovetail.LinkWith(ctx, d.DB, written.StudentCourses, sue, written.Graded(c[0], 1), written.Graded(c[1], 2)))
		n(written.StudentCourses.Link(ctx, d.DB, sue, c[0], c[2]))
		if _, err := written.StudentCourses.Replace(ctx, d.DB, sue, c[0], c[1], c[3]); err != nil {
			t.Error(err)
		}
		written.ExpectDumpOf(t, d, "enrollments", "enrollments 1 1 1", "enrollments 1 2 2", "enrollments 1 4 NULL")
	})
}

func TestTrap_O13_FriendsHaveADirection(t *testing.T) {
	t.Parallel()
	people.OnEvery(t, func(t *testing.T, d kit.Database) {
		ctx, n := t.Context(), people.Done(t)
		ann, bob, cat := &people.Person{ID: 1}, &people.Person{ID: 2}, &people.Person{ID: 3}
		all := "SELECT from_id || '-' || to_id FROM friendships ORDER BY 1"
		n(people.Friends.Link(ctx, d.DB, ann, bob, cat))
		n(people.FriendsBack.Link(ctx, d.DB, ann, bob)) // Bob has Ann for a friend
		n(people.Friends.Link(ctx, d.DB, cat, cat))     // and Cat herself
		people.ExpectLines(t, d, all, "1-2", "1-3", "2-1", "3-3")
		if err := dovetail.Load(ctx, d.DB, people.People, []*people.Person{ann, cat}, "friends"); err != nil {
			t.Fatal(err)
		}
		if err := dovetail.Load(ctx, d.DB, people.People, []*people.Person{ann, cat}, "admirers"); err != nil {
			t.Fatal(err)
		}
		if len(ann.Friends) != 2 || len(ann.Admirers) != 1 || ann.Admirers[0].ID != 2 || len(cat.Friends) != 1 ||
			len(cat.Admirers) != 2 {
			t.Errorf("got %+v, %+v", ann, cat)
		}
		if got := n(people.FriendsBack.Unlink(ctx, d.DB, ann, cat)); got != 0 {
			t.Errorf("expected Cat not to have Ann for a friend, got %d", got)
		}
		if got := n(people.FriendsBack.Unlink(ctx, d.DB, cat, ann)); got != 1 {
			t.Errorf("expected Ann to lose a friend, got %d", got)
		}
		if _, err := people.FriendsBack.Replace(ctx, d.DB, bob, cat); err != nil {
			t.Error(err)
		}
		people.ExpectLines(t, d, all, "2-1", "3-2", "3-3")
	})
}

// TestTrap_O14_ConcurrentReplacesLeaveOneSet: each call writes its number into its links, so a mixture of two would show.
func TestTrap_O14_ConcurrentReplacesLeaveOneSet(t *testing.T) {
	t.Parallel()
	written.OnClasses(t, func(t *testing.T, d kit.Database) {
		const workers, calls = 8, 25
		err := atOnce(workers, func(w int) error {
			random := rand.New(rand.NewPCG(14, uint64(w)))
			for call := range calls {
				number := int64(1 + w*calls + call)
				// The size of a call's set is told by its number.
				var entries []dovetail.Linked[written.Course, written.Enrollment]
				for _, id := range random.Perm(20)[:number%7+1] {
					entries = append(entries, written.Graded(&written.Course{ID: int64(id + 1)}, number))
				}
				if _, err := dovetail.ReplaceWith(t.Context(), d.DB, written.StudentCourses, &written.Student{ID: 1}, entries...); err != nil {
					return err
				}
				seen, err := kit.SQL[string](t.Context(), d.DB, "SELECT grade || ' ' || count(*) FROM enrollments GROUP BY grade")
				if err != nil {
					return err
				}
				if len(seen) != 1 {
					return fmt.Errorf("sets are mixed: %v", seen)
				}
				var by, n int64
				if _, err := fmt.Sscan(seen[0], &by, &n); err != nil || n != by%7+1 {
					return fmt.Errorf("call %d left %d links: %w", by, n, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// TestTrap_N5_WritersInOppositeOrdersDoNotWaitForEachOther: 8 workers link, relink, unlink and replace the same rows, each in an
// order of its own, 10,000 times.
func TestTrap_N5_WritersInOppositeOrdersDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, "")
	d.Exec(t, written.WithKeys(d, written.Classes))
	d.Exec(t, "INSERT INTO employees (id, name) SELECT i, 'x' FROM generate_series(1, 20) i")
	const workers, writes = 8, 10_000
	err := atOnce(workers, func(w int) error {
		ctx, random := t.Context(), rand.New(rand.NewPCG(5, uint64(w)))
		for range writes / workers {
			student := &written.Student{ID: 1 + random.Int64N(2)}
			var courses []*written.Course
			var reports []*written.Employee
			var entries []dovetail.Linked[written.Course, written.Enrollment]
			for _, i := range random.Perm(20)[:6] {
				courses, reports = append(courses, &written.Course{ID: int64(i + 1)}), append(reports, &written.Employee{ID: int64(i + 1)})
				entries = append(entries, written.Graded(courses[len(courses)-1], random.Int64N(5)))
			}
			var err error
			boss := &written.Employee{ID: 1 + random.Int64N(2)}
			switch random.IntN(10) {
			case 0, 1, 2:
				_, err = written.StudentCourses.Link(ctx, d.DB, student, courses...)
			case 3:
				_, err = dovetail.LinkWith(ctx, d.DB, written.StudentCourses, student, entries...)
			case 4, 5, 6:
				_, err = written.StudentCourses.Unlink(ctx, d.DB, student, courses...)
			case 7:
				_, err = written.EmployeeReports.Move(ctx, d.DB, boss, reports...)
			case 8:
				_, err = written.EmployeeReports.Unlink(ctx, d.DB, boss, reports...)
			default:
				_, err = written.StudentCourses.Replace(ctx, d.DB, student, courses...)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if kind := d.DB.Dialect().Failure(err).Kind; err != nil {
		t.Errorf("expected no writer to be stopped, got %v (deadlock: %v)", err, kind == dialect.FailureDeadlock)
	}
}
