package dovetail_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
)

// Traps of links (section O) and of writers that wait for each other (N5).

// classes makes two students and twenty courses.
const classes = wDDL + `
INSERT INTO students (id, name) VALUES (1, 'Sue'), (2, 'Tom');
INSERT INTO courses (id, title) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
SELECT i, 'x' FROM n;
`

// onClasses runs the test on both databases, each by a pool.
func onClasses(t *testing.T, test func(t *testing.T, d database)) {
	t.Helper()
	onEach(t, "", func(t *testing.T, d database) {
		d.exec(t, withKeys(d, classes))
		test(t, d)
	})
}

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
	onClasses(t, func(t *testing.T, d database) {
		counts := make([]int64, 2)
		err := atOnce(2, func(w int) error { // two sessions that ask for the same
			for id := range int64(20) {
				n, err := wStudentCourses.Link(t.Context(), d.db, &wStudent{ID: 1}, &wCourse{ID: id + 1}, &wCourse{ID: id + 1})
				if counts[w] += n; err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || counts[0]+counts[1] != 20 {
			t.Errorf("expected 20 new links, got %v, %v", counts, err)
		}
		expectLines(t, d, "SELECT CAST(count(*) AS TEXT) FROM enrollments", "20")
	})
}

func TestTrap_O9_AMissingRowIsNamedByItsRelation(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		sue, _, c := school(t, d)
		for what, try := range map[string]func(db dovetail.DB) error{
			"Link": func(db dovetail.DB) error {
				_, err := wStudentCourses.Link(t.Context(), db, sue, c[0], &wCourse{ID: 99})
				return err
			},
			"Link, no owner": func(db dovetail.DB) error {
				_, err := wStudentCourses.Link(t.Context(), db, &wStudent{ID: 99}, c[0])
				return err
			},
			"Replace": func(db dovetail.DB) error {
				_, err := wStudentCourses.Replace(t.Context(), db, sue, c[0], &wCourse{ID: 99})
				return err
			},
		} {
			err := d.db.InTx(t.Context(), dialect.TxOptions{}, func(tx dovetail.DB) error { return try(tx) })
			var refused *dovetail.ConstraintError
			if !errors.As(err, &refused) || refused.Kind != dovetail.ForeignKeyConstraint || refused.Path != "students.courses" {
				t.Errorf("%s: got %v", what, err)
				continue
			}
			if d.postgres() && refused.Constraint == "" {
				t.Errorf("%s: expected the constraint's name, got %+v", what, refused)
			}
		}
		expectDumpOf(t, d, "enrollments")
	})
}

func TestTrap_O10_UnlinkingNothingCountsNothing(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		sue, tom, c := school(t, d)
		done(t)(wStudentCourses.Link(t.Context(), d.db, tom, c[0]))
		for _, course := range []*wCourse{c[0], {ID: 99}} {
			if n, err := wStudentCourses.Unlink(t.Context(), d.db, sue, course); n != 0 || err != nil {
				t.Errorf("expected no link to be removed, got %d, %v", n, err)
			}
		}
		expectDumpOf(t, d, "enrollments", "enrollments 2 1 NULL")
	})
}

func TestTrap_O11_AnEmptyListUnlinksNothing(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		sue, _, c := school(t, d)
		done(t)(wStudentCourses.Link(t.Context(), d.db, sue, c...))
		db := d.record()
		var none []*wCourse
		if n, err := wStudentCourses.Unlink(t.Context(), db, sue, none...); n != 0 || err != nil {
			t.Errorf("expected nothing to be done, got %d, %v", n, err)
		}
		db.expect(t, 0, 0)
		expectLines(t, d, "SELECT CAST(count(*) AS TEXT) FROM enrollments", "4")
		if n, err := wStudentCourses.UnlinkAll(t.Context(), db, sue); n != 4 || err != nil {
			t.Errorf("expected all to be unlinked, got %d, %v", n, err)
		}
	})
}

func TestTrap_O12_LinksKeepTheirOtherColumns(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		ctx, n := t.Context(), done(t)
		sue, _, c := school(t, d)
		n(dovetail.LinkWith(ctx, d.db, wStudentCourses, sue, graded(c[0], 1), graded(c[1], 2)))
		n(wStudentCourses.Link(ctx, d.db, sue, c[0], c[2]))
		if _, err := wStudentCourses.Replace(ctx, d.db, sue, c[0], c[1], c[3]); err != nil {
			t.Error(err)
		}
		expectDumpOf(t, d, "enrollments", "enrollments 1 1 1", "enrollments 1 2 2", "enrollments 1 4 NULL")
	})
}

func TestTrap_O13_FriendsHaveADirection(t *testing.T) {
	t.Parallel()
	onPeople(t, func(t *testing.T, d database) {
		ctx, n := t.Context(), done(t)
		ann, bob, cat := &kPerson{ID: 1}, &kPerson{ID: 2}, &kPerson{ID: 3}
		all := "SELECT from_id || '-' || to_id FROM friendships ORDER BY 1"
		n(kFriends.Link(ctx, d.db, ann, bob, cat))
		n(kFriendsBack.Link(ctx, d.db, ann, bob)) // Bob has Ann for a friend
		n(kFriends.Link(ctx, d.db, cat, cat))     // and Cat herself
		expectLines(t, d, all, "1-2", "1-3", "2-1", "3-3")
		if err := dovetail.Load(ctx, d.db, kPeople, []*kPerson{ann, cat}, "friends"); err != nil {
			t.Fatal(err)
		}
		if err := dovetail.Load(ctx, d.db, kPeople, []*kPerson{ann, cat}, "admirers"); err != nil {
			t.Fatal(err)
		}
		if len(ann.Friends) != 2 || len(ann.Admirers) != 1 || ann.Admirers[0].ID != 2 || len(cat.Friends) != 1 ||
			len(cat.Admirers) != 2 {
			t.Errorf("got %+v, %+v", ann, cat)
		}
		if got := n(kFriendsBack.Unlink(ctx, d.db, ann, cat)); got != 0 {
			t.Errorf("expected Cat not to have Ann for a friend, got %d", got)
		}
		if got := n(kFriendsBack.Unlink(ctx, d.db, cat, ann)); got != 1 {
			t.Errorf("expected Ann to lose a friend, got %d", got)
		}
		if _, err := kFriendsBack.Replace(ctx, d.db, bob, cat); err != nil {
			t.Error(err)
		}
		expectLines(t, d, all, "2-1", "3-2", "3-3")
	})
}

// TestTrap_O14_ConcurrentReplacesLeaveOneSet: each call writes its number into its links, so a mixture of two would show.
func TestTrap_O14_ConcurrentReplacesLeaveOneSet(t *testing.T) {
	t.Parallel()
	onClasses(t, func(t *testing.T, d database) {
		const workers, calls = 8, 25
		err := atOnce(workers, func(w int) error {
			random := rand.New(rand.NewPCG(14, uint64(w)))
			for call := range calls {
				number := int64(1 + w*calls + call)
				// The size of a call's set is told by its number.
				var entries []dovetail.Linked[wCourse, wEnrollment]
				for _, id := range random.Perm(20)[:number%7+1] {
					entries = append(entries, graded(&wCourse{ID: int64(id + 1)}, number))
				}
				if _, err := dovetail.ReplaceWith(t.Context(), d.db, wStudentCourses, &wStudent{ID: 1}, entries...); err != nil {
					return err
				}
				seen, err := confSQL[string](t.Context(), d.db, "SELECT grade || ' ' || count(*) FROM enrollments GROUP BY grade")
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
	d := postgresPool(t, "")
	d.exec(t, withKeys(d, classes))
	d.exec(t, "INSERT INTO employees (id, name) SELECT i, 'x' FROM generate_series(1, 20) i")
	const workers, writes = 8, 10_000
	err := atOnce(workers, func(w int) error {
		ctx, random := t.Context(), rand.New(rand.NewPCG(5, uint64(w)))
		for range writes / workers {
			student := &wStudent{ID: 1 + random.Int64N(2)}
			var courses []*wCourse
			var reports []*wEmployee
			var entries []dovetail.Linked[wCourse, wEnrollment]
			for _, i := range random.Perm(20)[:6] {
				courses, reports = append(courses, &wCourse{ID: int64(i + 1)}), append(reports, &wEmployee{ID: int64(i + 1)})
				entries = append(entries, graded(courses[len(courses)-1], random.Int64N(5)))
			}
			var err error
			boss := &wEmployee{ID: 1 + random.Int64N(2)}
			switch random.IntN(10) {
			case 0, 1, 2:
				_, err = wStudentCourses.Link(ctx, d.db, student, courses...)
			case 3:
				_, err = dovetail.LinkWith(ctx, d.db, wStudentCourses, student, entries...)
			case 4, 5, 6:
				_, err = wStudentCourses.Unlink(ctx, d.db, student, courses...)
			case 7:
				_, err = wEmployeeReports.Move(ctx, d.db, boss, reports...)
			case 8:
				_, err = wEmployeeReports.Unlink(ctx, d.db, boss, reports...)
			default:
				_, err = wStudentCourses.Replace(ctx, d.db, student, courses...)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if kind := d.db.Dialect().Failure(err).Kind; err != nil {
		t.Errorf("expected no writer to be stopped, got %v (deadlock: %v)", err, kind == dialect.FailureDeadlock)
	}
}
