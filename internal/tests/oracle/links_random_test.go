package oracle_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// linkModel is what the tables should hold: the grade of each linked course of each student, -1 for none; and the boss of each
// employee, 0 for none.
type linkModel struct {
	grades map[[2]int64]int64
	bosses map[int64]int64
}

// TestLinksMeanWhatTheySay: any sequence of calls leaves what a plain model of sets says, and returns its differences.
func TestLinksMeanWhatTheySay(t *testing.T) {
	t.Parallel()
	written.OnClasses(t, func(t *testing.T, d kit.Database) {
		d.Exec(t, "INSERT INTO employees (id, name) SELECT id, 'x' FROM courses WHERE id <= 6")
		ops := []string{"link", "with", "unlink", "all", "replace", "replaceWith", "bosses", "free", "reports"}
		rapid.Check(t, func(rt *rapid.T) {
			d.Exec(t, "DELETE FROM enrollments; UPDATE employees SET boss_id = NULL")
			m := linkModel{map[[2]int64]int64{}, map[int64]int64{}}
			for range rapid.IntRange(1, 8).Draw(rt, "calls") {
				owner := rapid.Int64Range(1, 2).Draw(rt, "owner")
				ids := rapid.SliceOfN(rapid.Int64Range(1, 6), 0, 8).Draw(rt, "ids")
				grade := rapid.Int64Range(-1, 2).Draw(rt, "grade")
				op := rapid.SampledFrom(ops).Draw(rt, "op")
				m.run(rt, d, op, owner, ids, grade)
				m.compare(rt, d)
			}
		})
	})
}

// run makes one call, and checks what it returns.
func (m linkModel) run(t *rapid.T, d kit.Database, op string, owner int64, ids []int64, grade int64) {
	ctx := context.Background()
	s, boss := &written.Student{ID: owner}, &written.Employee{ID: owner}
	var courses []*written.Course
	var reports []*written.Employee
	var entries []dovetail.Linked[written.Course, written.Enrollment]
	for _, id := range ids {
		courses, reports = append(courses, &written.Course{ID: id}), append(reports, &written.Employee{ID: id})
		if slices.IndexFunc(entries, func(e dovetail.Linked[written.Course, written.Enrollment]) bool { return e.Row.ID == id }) < 0 {
			e := dovetail.Linked[written.Course, written.Enrollment]{Row: courses[len(courses)-1]}
			if grade >= 0 {
				e = written.Graded(e.Row, grade)
			}
			entries = append(entries, e)
		}
	}
	check := func(got any, err error, want any) {
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s of %v: expected %v, got %v, %v", op, ids, want, got, err)
		}
	}
	switch op {
	case "link":
		n, err := written.StudentCourses.Link(ctx, d.DB, s, courses...)
		check(n, err, m.link(owner, ids))
	case "with":
		_, err := dovetail.LinkWith(ctx, d.DB, written.StudentCourses, s, entries...)
		m.link(owner, ids)
		check("", err, "")
		m.grade(owner, ids, grade)
	case "unlink":
		n, err := written.StudentCourses.Unlink(ctx, d.DB, s, courses...)
		check(n, err, m.unlink(owner, ids))
	case "all":
		n, err := written.StudentCourses.UnlinkAll(ctx, d.DB, s)
		check(n, err, m.unlink(owner, []int64{1, 2, 3, 4, 5, 6}))
	case "replace":
		diff, err := written.StudentCourses.Replace(ctx, d.DB, s, courses...)
		check(diffKeys(diff, courseID), err, m.replace(owner, ids, -1))
	case "replaceWith":
		diff, err := dovetail.ReplaceWith(ctx, d.DB, written.StudentCourses, s, entries...)
		check(diffKeys(diff, courseID), err, m.replace(owner, ids, grade))
	default:
		m.runBosses(t, d, op, boss, reports)
	}
}

// runBosses makes one call along a foreign key.
func (m linkModel) runBosses(t *rapid.T, d kit.Database, op string, boss *written.Employee, reports []*written.Employee) {
	ctx := context.Background()
	var want int64
	var got int64
	var err error
	taken := slices.ContainsFunc(reports, func(r *written.Employee) bool { return m.bosses[r.ID] != 0 && m.bosses[r.ID] != boss.ID })
	switch {
	case op == "bosses" && taken:
		got, err = written.EmployeeReports.Move(ctx, d.DB, boss, reports...)
	case op == "bosses":
		got, err = written.EmployeeReports.Link(ctx, d.DB, boss, reports...)
	case op == "free":
		got, err = written.EmployeeReports.Unlink(ctx, d.DB, boss, reports...)
	case taken:
		before := fmt.Sprint(m.bosses)
		if _, err := written.EmployeeReports.Replace(ctx, d.DB, boss, reports...); err == nil || before != fmt.Sprint(m.bosses) {
			t.Fatalf("expected rows of another boss to be refused")
		}
		return
	default:
		diff, failed := written.EmployeeReports.Replace(ctx, d.DB, boss, reports...)
		got, err = int64(len(diff.Added)+len(diff.Removed)), failed
		for id, held := range m.bosses {
			if held == boss.ID && !slices.ContainsFunc(reports, func(r *written.Employee) bool { return r.ID == id }) {
				delete(m.bosses, id)
				want++
			}
		}
	}
	for _, r := range reports {
		now := boss.ID
		if op == "free" {
			if m.bosses[r.ID] != boss.ID {
				continue
			}
			now = 0
		}
		if m.bosses[r.ID] != now {
			m.bosses[r.ID] = now
			want++
		}
	}
	if err != nil || got != want {
		t.Fatalf("%s: expected %d, got %d, %v", op, want, got, err)
	}
}

func courseID(c *written.Course) int64 { return c.ID }

// diffKeys is the keys of a difference.
func diffKeys[C any](d dovetail.Diff[C], key func(C) int64) (lists [3][]int64) {
	for i, rows := range [][]C{d.Added, d.Removed, d.Changed} {
		for _, row := range rows {
			lists[i] = append(lists[i], key(row))
		}
	}
	return lists
}

func (m linkModel) link(owner int64, ids []int64) (added int64) {
	for _, id := range ids {
		if _, ok := m.grades[[2]int64{owner, id}]; !ok {
			m.grades[[2]int64{owner, id}] = -1
			added++
		}
	}
	return added
}

func (m linkModel) grade(owner int64, ids []int64, grade int64) {
	for _, id := range ids {
		if grade >= 0 {
			m.grades[[2]int64{owner, id}] = grade
		}
	}
}

func (m linkModel) unlink(owner int64, ids []int64) (removed int64) {
	for _, id := range ids {
		if _, ok := m.grades[[2]int64{owner, id}]; ok {
			delete(m.grades, [2]int64{owner, id})
			removed++
		}
	}
	return removed
}

func (m linkModel) replace(owner int64, ids []int64, grade int64) (d [3][]int64) {
	for id := int64(1); id <= 6; id++ {
		one := []int64{id}
		held, ok := m.grades[[2]int64{owner, id}]
		switch wanted := slices.Contains(ids, id); {
		case wanted && !ok:
			d[0] = append(d[0], id)
			m.link(owner, one)
			m.grade(owner, one, grade)
		case wanted && grade >= 0 && held != grade:
			d[2] = append(d[2], id)
			m.grade(owner, one, grade)
		case !wanted && ok:
			d[1] = append(d[1], id)
			m.unlink(owner, one)
		}
	}
	return d
}

// compare fails the test unless the tables hold what the model does.
func (m linkModel) compare(t *rapid.T, d kit.Database) {
	var want []string
	for key, grade := range m.grades {
		want = append(want, fmt.Sprintf("%d %d %d", key[0], key[1], grade))
	}
	for id, boss := range m.bosses {
		if boss != 0 {
			want = append(want, fmt.Sprintf("%d < %d", id, boss))
		}
	}
	slices.Sort(want)
	got, err := kit.SQL[string](context.Background(), d.DB, "SELECT student_id || ' ' || course_id || ' ' || coalesce(grade, -1) "+
		"FROM enrollments UNION ALL SELECT id || ' < ' || boss_id FROM employees WHERE boss_id IS NOT NULL")
	slices.Sort(got)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("expected\n%s\ngot\n%s\n%v", strings.Join(want, "\n"), strings.Join(got, "\n"), err)
	}
}
