package oracle_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

// TestLinkedIsTheJoinByHand loads random enrollments with links, with random conditions on them, and compares with the three
// tables joined by hand.
func TestLinkedIsTheJoinByHand(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, keyed.SchoolDDL(keyed.Keys()[0]), func(t *testing.T, d kit.Database) {
		for seed := range uint64(12) {
			g := rand.New(rand.NewPCG(seed, 1))
			fillLinked(t, d, g)
			pred, text := linkedCondition(g)
			students, err := dovetail.Select(keyed.Ints.Students).OrderBy("id").
				Preload("courses", dovetail.Select(keyed.Ints.Courses).Where(pred)).All(t.Context(), d.DB)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range students {
				for _, c := range s.Courses {
					got = append(got, fmt.Sprint(s.Name, " ", c.Row.Title, " ", keyed.GradeText(c.Link.Grade), c.Link.Term))
				}
			}
			want := joinByHand(t, d, text)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("seed %d, where %s: expected\n%q\ngot\n%q", seed, text, want, got)
			}
			has, err := dovetail.Select(keyed.Ints.Students).Has("courses", pred).Count(t.Context(), d.DB)
			if with := studentsOf(want); err != nil || has != with {
				t.Errorf("seed %d, where %s: Has counts %d, expected %d, %v", seed, text, has, with, err)
			}
		}
	})
}

// studentsOf counts the students with an entry.
func studentsOf(entries []string) int64 {
	names := map[string]bool{}
	for _, e := range entries {
		name, _, _ := strings.Cut(e, " ")
		names[name] = true
	}
	return int64(len(names))
}

// linkedCondition returns a condition on the link for the library, and the same for a join by hand.
func linkedCondition(g *rand.Rand) (sq.Sqlizer, string) {
	n := g.IntN(5)
	switch g.IntN(4) {
	case 0:
		return sq.Gt{"link.grade": n}, fmt.Sprintf("e.grade > %d", n)
	case 1:
		return sq.Eq{"link.grade": nil}, "e.grade IS NULL"
	case 2:
		return sq.And{sq.Eq{"link.term": "a"}, sq.NotEq{"title": "c1"}}, "e.term = 'a' AND c.title <> 'c1'"
	default:
		return sq.Expr("link.grade = ? OR link.term = ?", n, "b"), fmt.Sprintf("(e.grade = %d OR e.term = 'b')", n)
	}
}

// fillLinked replaces all rows by random ones.
func fillLinked(t *testing.T, d kit.Database, g *rand.Rand) {
	t.Helper()
	var b strings.Builder
	b.WriteString("DELETE FROM int_students; DELETE FROM int_courses; DELETE FROM int_enrollments;")
	for id := range 5 {
		fmt.Fprintf(&b, "INSERT INTO int_students (id, name) VALUES (%d, 's%d');", id, id)
		fmt.Fprintf(&b, "INSERT INTO int_courses (id, title) VALUES (%d, 'c%d');", id, id)
	}
	for range g.IntN(30) {
		grade := fmt.Sprint(g.IntN(5))
		if g.IntN(4) == 0 {
			grade = "NULL"
		}
		fmt.Fprintf(&b, "INSERT INTO int_enrollments (student_id, course_id, grade, term) VALUES (%d, %d, %s, '%c');",
			g.IntN(6), g.IntN(6), grade, "ab"[g.IntN(2)]) // 5 is no student and no course
	}
	d.Exec(t, b.String())
}

func joinByHand(t *testing.T, d kit.Database, where string) []string {
	t.Helper()
	var all []string
	stmt := dialect.Statement{SQL: "SELECT s.name, c.title, e.grade, e.term FROM int_students s " +
		"JOIN int_enrollments e ON e.student_id = s.id JOIN int_courses c ON c.id = e.course_id WHERE " + where}
	err := d.DB.Run(t.Context(), []dialect.Statement{stmt}, func(_ int, rows dialect.Rows) error {
		for rows.Next() {
			var name, title, term string
			var grade *int64
			if err := rows.Scan(&name, &title, &grade, &term); err != nil {
				return err
			}
			all = append(all, fmt.Sprint(name, " ", title, " ", keyed.GradeText(grade), term))
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The many-to-many with composite keys, whose links have a key of their own.

type lBox struct {
	Region string
	No     int64
	Items  []dovetail.Linked[lItem, lSlot]
}

type lItem struct {
	Region string
	No     int64
	Boxes  []dovetail.Linked[lBox, lSlot]
}

type lSlot struct {
	ID         int64
	BoxRegion  string
	BoxNo      int64
	ItemRegion *string
	ItemNo     *int64
	No         int64
	lNote
}

type lNote struct{ Note string } // its fields are columns of the link too

const compositeLinks = `
CREATE TABLE boxes (region TEXT NOT NULL, no BIGINT NOT NULL, PRIMARY KEY (region, no));
CREATE TABLE items (region TEXT NOT NULL, no BIGINT NOT NULL, PRIMARY KEY (region, no));
CREATE TABLE slots (id BIGINT PRIMARY KEY, box_region TEXT NOT NULL, box_no BIGINT NOT NULL,
  item_region TEXT, item_no BIGINT, no BIGINT NOT NULL, note TEXT NOT NULL);
INSERT INTO boxes (region, no) VALUES ('a', 11), ('a1', 1), ('b', 1);
INSERT INTO items (region, no) VALUES ('x', 1), ('x', 2);
INSERT INTO slots (id, box_region, box_no, item_region, item_no, no, note) VALUES
  (3, 'a', 11, 'x', 1, 30, 'c'), (1, 'a', 11, 'x', 1, 10, 'a'), (2, 'a', 11, 'x', 2, 20, 'b'), (4, 'a1', 1, 'x', 2, 40, 'd'),
  (5, 'a1', 1, NULL, 2, 50, 'e');
`

func TestLinkedWithCompositeKeys(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	key := dovetail.PrimaryKey("region", "no")
	boxes, items := dovetail.NewTable[lBox](r, "boxes", key), dovetail.NewTable[lItem](r, "items", key)
	dovetail.ManyToMany(boxes, "items", items, dovetail.NewTable[lSlot](r, "slots"), dovetail.ThroughKeys(
		[]string{"box_region", "box_no"}, []string{"item_region", "item_no"}), dovetail.Inverse("boxes"))
	kit.OnEach(t, compositeLinks, func(t *testing.T, d kit.Database) {
		for _, c := range []struct {
			name  string
			query dovetail.Query[*lItem]
			want  string
		}{
			// Two links to one item are told apart by the link's own key.
			{"all", dovetail.Select(items), "a11: x1/10a x1/30c x2/20b; a11: x2/40d; b1:"},
			{"limited", dovetail.Select(items).Limit(2), "a11: x1/10a x1/30c; a11: x2/40d; b1:"},
			{"by the link", dovetail.Select(items).Where(sq.Gt{"link.no": 10}).OrderBy("link.note DESC"),
				"a11: x1/30c x2/20b; a11: x2/40d; b1:"},
		} {
			rows, err := dovetail.Select(boxes).OrderBy("region").Preload("items", c.query).Preload("items.boxes").All(t.Context(), d.DB)
			var all []string
			for _, b := range rows {
				text := fmt.Sprintf("%s%d:", b.Region, b.No)
				for _, i := range b.Items {
					text += fmt.Sprintf(" %s%d/%d%s", i.Row.Region, i.Row.No, i.Link.No, i.Link.Note)
					if len(i.Row.Boxes) != []int{0, 2, 2}[i.Row.No] {
						t.Errorf("%s: item %d is in %d boxes", c.name, i.Row.No, len(i.Row.Boxes))
					}
				}
				all = append(all, text)
			}
			if got := strings.Join(all, "; "); err != nil || got != c.want {
				t.Errorf("%s: expected\n%s\ngot\n%s, %v", c.name, c.want, got, err)
			}
		}
	})
}

// TestLinkedScanErrorNamesTheLinksField has a NULL that the link's field cannot hold.
func TestLinkedScanErrorNamesTheLinksField(t *testing.T) {
	t.Parallel()
	type course struct{ ID int64 }
	type enrollment struct {
		StudentID, CourseID, Grade int64
	}
	type student struct {
		ID      int64
		Courses []dovetail.Linked[course, enrollment]
	}
	r := dovetail.NewRegistry()
	students := dovetail.NewTable[student](r, "int_students")
	dovetail.ManyToMany(students, "courses", dovetail.NewTable[course](r, "int_courses"),
		dovetail.NewTable[enrollment](r, "int_enrollments"), dovetail.ThroughKeys("student_id", "course_id"))
	kit.OnEach(t, keyed.SchoolDDL(keyed.Keys()[0]), func(t *testing.T, d kit.Database) {
		rows, err := dovetail.Select(students).Preload("courses").All(t.Context(), d.DB)
		const want = "scan int_enrollments.grade into enrollment.Grade: the value is NULL and the field is int64"
		if rows != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, %v", rows, err)
		}
	})
}
