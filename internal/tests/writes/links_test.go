package writes_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

func TestLinkThroughJoinTable(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		ctx, n := t.Context(), people.Done(t)
		sue, tom, c := written.School(t, d)
		db := d.Record()
		if got := n(written.StudentCourses.Link(ctx, db, sue, c[2], c[0], c[2])); got != 2 {
			t.Errorf("expected 2 new links, got %d", got)
		}
		if db.Txs != 0 {
			t.Error("expected one statement without a transaction of its own")
		}
		db.Expect(t, 1, 1)
		n(written.StudentCourses.Link(ctx, db, tom, c[0]))
		written.ExpectDumpOf(t, d, "enrollments", "enrollments 1 1 NULL", "enrollments 1 3 NULL", "enrollments 2 1 NULL")

		// By key, and together with links that are there.
		chosen, err := dovetail.Keyed(written.Courses, []int64{1, 2, 3})
		if err != nil {
			t.Fatal(err)
		}
		if got := n(written.StudentCourses.Link(ctx, db, &written.Student{ID: 1}, chosen...)); got != 1 {
			t.Errorf("expected one new link, got %d", got)
		}

		if got := n(written.StudentCourses.Unlink(ctx, db, sue, c[3], c[1], c[0])); got != 2 {
			t.Errorf("expected 2 links to be removed, got %d", got)
		}
		written.ExpectDumpOf(t, d, "enrollments", "enrollments 1 3 NULL", "enrollments 2 1 NULL")
		db.Expect(t, 3, 3)
		if got := n(written.StudentCourses.UnlinkAll(ctx, db, sue)); got != 1 {
			t.Errorf("expected one link to be removed, got %d", got)
		}
		written.ExpectDumpOf(t, d, "enrollments", "enrollments 2 1 NULL")
		written.ExpectDumpOf(t, d, "courses", "courses 1 Art", "courses 2 Bio", "courses 3 Chem", "courses 4 Dance")
		if len(sue.Courses) != 0 {
			t.Errorf("expected the fields to stay, got %v", sue.Courses)
		}
	})
}

func TestLinkWithPayload(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		ctx, n := t.Context(), people.Done(t)
		sue, _, c := written.School(t, d)
		n(written.StudentCourses.Link(ctx, d.DB, sue, c[0], c[2]))
		bio := written.Graded(c[1], 5)
		db := d.Record()
		n(dovetail.LinkWith(ctx, db, written.StudentCourses, sue, written.Graded(c[2], 3), bio))
		db.Expect(t, 1, 1)
		written.ExpectDumpOf(t, d, "enrollments", "enrollments 1 1 NULL", "enrollments 1 2 5", "enrollments 1 3 3")
		if bio.Link.StudentID != sue.ID || bio.Link.CourseID != c[1].ID {
			t.Errorf("expected the link's keys to be filled, got %+v", bio.Link)
		}
		// Without a link the one that is there stays as it is.
		n(dovetail.LinkWith(ctx, db, written.StudentCourses, sue, dovetail.Linked[written.Course, written.Enrollment]{Row: c[1]}, written.Graded(c[3], 1)))
		written.ExpectDumpOf(t, d, "enrollments", "enrollments 1 1 NULL", "enrollments 1 2 5", "enrollments 1 3 3", "enrollments 1 4 1")

		foreign := written.Graded(c[0], 1)
		foreign.Link.StudentID = 99
		wrong := dovetail.Linked[written.Course, written.ActivityTag]{Row: c[0], Link: &written.ActivityTag{}}
		for what, try := range map[string]func() error{
			"a link of another student": func() error {
				_, err := dovetail.LinkWith(ctx, db, written.StudentCourses, sue, foreign)
				return err
			},
			"two links for one row": func() error {
				_, err := dovetail.LinkWith(ctx, db, written.StudentCourses, sue, written.Graded(c[0], 1), written.Graded(c[0], 2))
				return err
			},
			"a link of another table": func() error {
				_, err := dovetail.LinkWith(ctx, db, written.StudentCourses, sue, wrong)
				return err
			},
		} {
			if err := try(); !errors.Is(err, dovetail.ErrInvalidRow) && !errors.Is(err, dovetail.ErrInvalidRelation) {
				t.Errorf("%s: got %v", what, err)
			}
		}
		if foreign.Link.StudentID != 99 || foreign.Link.CourseID != 0 {
			t.Errorf("expected the refused link to be as it was, got %+v", foreign.Link)
		}
		db.Expect(t, 2, 1) // what was linked before, in the order of the keys: two forms of link are two statements
	})
}

func TestReplaceLinks(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		sue, tom, c := written.School(t, d)
		people.Done(t)(dovetail.LinkWith(ctx, d.DB, written.StudentCourses, sue, written.Graded(c[0], 1), written.Graded(c[1], 2)))
		people.Done(t)(written.StudentCourses.Link(ctx, d.DB, tom, c[0]))
		db := d.Record()
		diff, err := written.StudentCourses.Replace(ctx, db, sue, c[3], c[1], c[2])
		if err != nil {
			t.Fatal(err)
		}
		if len(diff.Added) != 2 || diff.Added[0] != c[2] || diff.Added[1] != c[3] || len(diff.Removed) != 1 ||
			diff.Removed[0].ID != 1 || len(diff.Changed) != 0 {
			t.Errorf("got %+v", diff)
		}
		if db.Txs != 1 {
			t.Errorf("expected one transaction, got %d", db.Txs)
		}
		db.Expect(t, 2+2, 3)
		written.ExpectDumpOf(t, d, "enrollments", "enrollments 1 2 2", "enrollments 1 3 NULL", "enrollments 1 4 NULL", "enrollments 2 1 NULL")

		// The same again changes nothing; other values of a link are a change.
		if diff, err = written.StudentCourses.Replace(ctx, db, sue, c[1], c[2], c[3]); err != nil || len(diff.Added)+len(diff.Removed) != 0 {
			t.Errorf("expected no difference, got %+v, %v", diff, err)
		}
		db.Expect(t, 2, 2)
		entries := []dovetail.Linked[written.Course, written.Enrollment]{written.Graded(c[1], 2), written.Graded(c[2], 4), written.Graded(c[0], 6)}
		if diff, err = dovetail.ReplaceWith(ctx, db, written.StudentCourses, sue, entries...); err != nil {
			t.Fatal(err)
		}
		if len(diff.Added) != 1 || diff.Added[0] != c[0] || len(diff.Removed) != 1 || diff.Removed[0].ID != 4 ||
			len(diff.Changed) != 1 || diff.Changed[0] != c[2] {
			t.Errorf("got %+v", diff)
		}
		db.Expect(t, 2+3, 3)
		written.ExpectDumpOf(t, d, "enrollments", "enrollments 1 1 6", "enrollments 1 2 2", "enrollments 1 3 4", "enrollments 2 1 NULL")

		if diff, err = written.StudentCourses.Replace(ctx, db, sue); err != nil || len(diff.Removed) != 3 {
			t.Errorf("expected all to be unlinked, got %+v, %v", diff, err)
		}
		written.ExpectDumpOf(t, d, "enrollments", "enrollments 2 1 NULL")
		_, err = written.StudentCourses.Replace(ctx, db, &written.Student{ID: 77}, c[0])
		kit.Refused(t, err, dovetail.ErrNoRows, "replace students.courses", "owner")
	})
}

func TestLinkByForeignKey(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		ctx, n := t.Context(), people.Done(t)
		ann, bob, cat, dan := &written.Employee{Name: "Ann"}, &written.Employee{Name: "Bob"}, &written.Employee{Name: "Cat"}, &written.Employee{Name: "Dan"}
		kit.Insert(t, d.DB, dovetail.Insert(written.Employees, ann, bob, cat, dan))
		db := d.Record()
		if got := n(written.EmployeeReports.Link(ctx, db, ann, cat, bob)); got != 2 {
			t.Errorf("expected 2 new links, got %d", got)
		}
		db.Expect(t, 2, 2)
		if got := n(written.EmployeeReports.Link(ctx, db, ann, bob, dan)); got != 1 || dan.BossID == nil || *dan.BossID != ann.ID {
			t.Errorf("expected one new link, got %d, %v", got, dan.BossID)
		}
		written.ExpectDumpOf(t, d, "employees", "employees 1 Ann NULL NULL", "employees 2 Bob 1 NULL", "employees 3 Cat 1 NULL",
			"employees 4 Dan 1 NULL")

		// Rows of others are moved only when that is asked for.
		_, err := written.EmployeeReports.Link(ctx, db, bob, ann, cat)
		kit.Refused(t, err, dovetail.ErrInvalidRow, "link employees.reports", "Move")
		if got := n(written.EmployeeReports.Move(ctx, db, bob, ann, cat)); got != 2 || *cat.BossID != bob.ID {
			t.Errorf("expected 2 to be moved, got %d, %v", got, cat.BossID)
		}
		_, err = written.EmployeeReports.Link(ctx, db, bob, &written.Employee{ID: 99})
		kit.Refused(t, err, dovetail.ErrNoRows, `"employees"`)

		if got := n(written.EmployeeReports.Unlink(ctx, db, ann, cat, dan)); got != 1 || dan.BossID != nil || cat.BossID == nil {
			t.Errorf("expected Dan alone to be unlinked, got %d, %v, %v", got, dan.BossID, cat.BossID)
		}
		written.ExpectDumpOf(t, d, "employees", "employees 1 Ann 2 NULL", "employees 2 Bob 1 NULL", "employees 3 Cat 2 NULL",
			"employees 4 Dan NULL NULL")

		db = d.Record()
		diff, err := written.EmployeeReports.Replace(ctx, db, bob, dan, ann)
		if err != nil || len(diff.Added) != 1 || diff.Added[0] != dan || len(diff.Removed) != 1 || diff.Removed[0].ID != cat.ID ||
			diff.Removed[0].BossID != nil {
			t.Errorf("got %+v, %v", diff, err)
		}
		db.Expect(t, 4, 3)
		_, err = written.EmployeeReports.Replace(ctx, db, ann, bob, dan)
		kit.Refused(t, err, dovetail.ErrInvalidRow, "another owner")
		if got := n(written.EmployeeReports.UnlinkAll(ctx, db, bob)); got != 2 {
			t.Errorf("expected 2 to be unlinked, got %d", got)
		}
		written.ExpectDumpOf(t, d, "employees", "employees 1 Ann NULL NULL", "employees 2 Bob 1 NULL", "employees 3 Cat NULL NULL",
			"employees 4 Dan NULL NULL")
	})
}

func TestLinkKeysOfAllKinds(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		ctx, n := t.Context(), people.Done(t)
		// A foreign key that cannot be NULL: rows can be moved to another owner, and not be left without.
		ann := &written.Account{Owner: "Ann", Activities: []*written.Activity{{Kind: "DEP"}, {Kind: "WD", Notes: []written.Note{{Body: "n"}}}}}
		bob := &written.Account{Owner: "Bob"}
		kit.Insert(t, d.DB, dovetail.Insert(written.Accounts, ann, bob).With("activities.notes"))
		db := d.Record()
		_, err := written.AccountActivities.Unlink(ctx, db, ann, ann.Activities[0])
		kit.Refused(t, err, dovetail.ErrInvalidRelation, `"account_id"`, "DeleteOrphans")
		_, err = written.AccountActivities.Replace(ctx, db, ann, ann.Activities[0])
		kit.Refused(t, err, dovetail.ErrInvalidRelation, `"account_id"`)
		_, err = written.ActivityNotes.UnlinkAll(ctx, db, ann.Activities[1])
		kit.Refused(t, err, dovetail.ErrInvalidRelation, `"item_id"`)
		db.Expect(t, 0, 0)
		if got := n(written.AccountActivities.Move(ctx, db, bob, ann.Activities[1])); got != 1 || ann.Activities[1].AccountID != bob.ID {
			t.Errorf("expected one to be moved, got %d", got)
		}
		if got := n(written.ActivityNotes.Move(ctx, db, ann.Activities[0], &written.Note{ID: 1})); got != 1 {
			t.Errorf("expected a note to be moved, got %d", got)
		}
		if got := written.Dump(t, d, "activity", "notes"); got != "activity 1 1 DEP 0\nactivity 2 2 WD 0\nnotes 1 activity 1 n\n" {
			t.Errorf("got\n%s", got)
		}

		// Keys of several columns, which are part of the row's own.
		eu := &written.Order{Region: "eu", Number: 7, Lines: []*written.Line{{No: 1, Item: "pen"}, {No: 2, Item: "ink"}}}
		us := &written.Order{Region: "us", Number: 7}
		kit.Insert(t, d.DB, dovetail.Insert(written.Orders, eu, us).With("lines"))
		_, err = written.OrderLines.Move(ctx, db, us, eu.Lines[1], eu.Lines[0])
		kit.Refused(t, err, dovetail.ErrInvalidRow, `column "region" is of the primary key of "lines"`, "by Update")
		byKey, err := dovetail.Keyed(written.Lines, [][]any{{"eu", 7, 1}, {"eu", 7, 2}})
		if err != nil {
			t.Fatal(err)
		}
		if got := n(written.OrderLines.Link(ctx, db, eu, byKey...)); got != 0 {
			t.Errorf("expected the lines to be linked already, got %d", got)
		}
		written.ExpectDumpOf(t, d, "lines", "lines eu 7 1 pen", "lines eu 7 2 ink")
	})
}

func TestReplaceToOne(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		sue, tom, _ := written.School(t, d)
		one, two := &written.Pass{ID: uuid.New()}, &written.Pass{ID: uuid.New()}
		kit.Insert(t, d.DB, dovetail.Insert(written.Passes, one, two))
		replace := func(s *written.Student, p *written.Pass, added, removed int) {
			t.Helper()
			diff, err := written.StudentPass.Replace(ctx, d.DB, s, p)
			if err != nil || len(diff.Added) != added || len(diff.Removed) != removed {
				t.Errorf("expected %d to be added and %d removed, got %+v, %v", added, removed, diff, err)
			}
		}
		replace(sue, one, 1, 0)
		if one.StudentID == nil || *one.StudentID != sue.ID {
			t.Errorf("expected the pass to point at Sue, got %v", one.StudentID)
		}
		replace(sue, two, 1, 1)
		replace(sue, two, 0, 0)
		_, err := written.StudentPass.Replace(ctx, d.DB, tom, two)
		kit.Refused(t, err, dovetail.ErrInvalidRow, "another owner")
		replace(sue, nil, 0, 1)
		replace(tom, two, 1, 0)

		// The other side: the owner holds the key.
		eve, fay := &written.Employee{Name: "Eve"}, &written.Employee{Name: "Fay"}
		team := &written.Team{Name: "T", Lead: eve}
		kit.Insert(t, d.DB, dovetail.Insert(written.Teams, team).With("lead"))
		kit.Insert(t, d.DB, dovetail.Insert(written.Employees, fay))
		db := d.Record()
		diff, err := written.TeamLead.Replace(ctx, db, team, fay)
		if err != nil || team.LeadID != fay.ID || diff.Added[0] != fay || diff.Removed[0].ID != eve.ID {
			t.Errorf("got %+v, %v, %d", diff, err, team.LeadID)
		}
		db.Expect(t, 2, 2)
		_, err = written.TeamLead.Replace(ctx, db, team, nil)
		kit.Refused(t, err, dovetail.ErrInvalidRelation, `"lead_id"`)
		db.Expect(t, 0, 0)
		written.ExpectDumpOf(t, d, "teams", "teams 1 T 2")
	})
}

func TestLinksWithOrphansAndTextKeys(t *testing.T) {
	t.Parallel()
	people.OnEvery(t, func(t *testing.T, d kit.Database) {
		ctx, n := t.Context(), people.Done(t)
		letters := "SELECT id || ' ' || person_id FROM letters ORDER BY id"
		if got := n(people.OwnLetters.Unlink(ctx, d.DB, &people.Person{ID: 1}, &people.Letter{ID: 2}, &people.Letter{ID: 3})); got != 1 {
			t.Errorf("expected one letter to be deleted, got %d", got)
		}
		people.ExpectLines(t, d, letters, "1 1", "3 2")
		n(people.OwnLetters.Move(ctx, d.DB, &people.Person{ID: 1}, &people.Letter{ID: 3}))
		diff, err := people.OwnLetters.Replace(ctx, d.DB, &people.Person{ID: 1}, &people.Letter{ID: 3})
		if err != nil || len(diff.Added) != 0 || len(diff.Removed) != 1 || diff.Removed[0].ID != 1 {
			t.Errorf("got %+v, %v", diff, err)
		}
		people.ExpectLines(t, d, letters, "3 1")

		// Links told by text, of a join table with a key of its own.
		blue, red, green := &people.Label{Code: "blue"}, &people.Label{Code: "Red"}, &people.Label{Code: "green"}
		codes := "SELECT code FROM letter_labels ORDER BY code = 'Red', code"
		n(people.LetterLinks.Link(ctx, d.DB, &people.Letter{ID: 3}, green, red))
		again := dovetail.Linked[people.Label, people.LetterLabel]{Row: red, Link: &people.LetterLabel{}}
		n(dovetail.LinkWith(ctx, d.DB, people.LetterLinks, &people.Letter{ID: 3}, again))
		people.ExpectLines(t, d, codes, "green", "Red")
		labels, err := people.LetterLinks.Replace(ctx, d.DB, &people.Letter{ID: 3}, blue, red)
		if err != nil || len(labels.Added) != 1 || labels.Removed[0].Code != "green" {
			t.Errorf("got %+v, %v", labels, err)
		}
		people.ExpectLines(t, d, codes, "blue", "Red")
		n(people.LetterLinks.Unlink(ctx, d.DB, &people.Letter{ID: 3}, blue, green))
		people.ExpectLines(t, d, codes, "Red")
	})
}

// TestLinksRefused: nothing is sent for what is wrong beforehand, and nothing for nothing.
func TestLinksRefused(t *testing.T) {
	t.Parallel()
	people.OnEvery(t, func(t *testing.T, d kit.Database) {
		db := d.Record()
		ann, bob := &people.Person{ID: 1}, &people.Person{ID: 2}
		link := func(m *dovetail.ToMany[*people.Person, *people.Person], owner *people.Person, rows ...*people.Person) func(context.Context) error {
			return func(ctx context.Context) error {
				_, err := m.Link(ctx, db, owner, rows...)
				return err
			}
		}
		for _, test := range []struct {
			name string
			is   error
			text string
			run  func(context.Context) error
		}{
			{"nil owner", dovetail.ErrInvalidRow, "link people.friends: the owner is nil", link(people.Friends, nil, bob)},
			{"owner without a key", dovetail.ErrInvalidRow, "the owner has no key yet", link(people.Friends, &people.Person{}, bob)},
			{"nil row", dovetail.ErrInvalidRow, "row 2 is nil", link(people.Friends, ann, bob, nil)},
			{"row without a key", dovetail.ErrInvalidRow, "row 1 has no key yet", link(people.Friends, ann, &people.Person{Name: "new"})},
			{"along others", dovetail.ErrInvalidRelation, "can only be read", link(people.Admired, ann, bob)},
			{"with a condition", dovetail.ErrInvalidRelation, "has a condition that rows written along it need not meet", link(people.OldFriends, ann, bob)},
			{"an empty handle", dovetail.ErrUnknownRelation, "link: the relation is empty", link(nil, ann, bob)},
			{"a zero handle", dovetail.ErrUnknownRelation, "the relation is empty", link(&dovetail.ToMany[*people.Person, *people.Person]{}, ann, bob)},
			{"moved links", dovetail.ErrInvalidRelation, "use Link and Unlink", func(ctx context.Context) error {
				_, err := people.Friends.Move(ctx, db, ann, bob)
				return err
			}},
			{"links without a join table", dovetail.ErrInvalidRelation, "it has no join table", func(ctx context.Context) error {
				_, err := dovetail.LinkWith(ctx, db, people.OwnLetters, ann, dovetail.Linked[people.Letter, people.Friendship]{Row: &people.Letter{ID: 1}})
				return err
			}},
			{"no database", dovetail.ErrInvalidQuery, "the database is nil", func(ctx context.Context) error {
				_, err := people.Friends.UnlinkAll(ctx, nil, ann)
				return err
			}},
			{"keys of another shape", dovetail.ErrArgCount, "key 1 has 2 value(s)", func(context.Context) error {
				_, err := dovetail.Keyed(people.People, [][]any{{1, 2}})
				return err
			}},
			{"keys of another type", dovetail.ErrArgType, "key 1: Person.ID (int64) cannot hold", func(context.Context) error {
				_, err := dovetail.Keyed(people.People, []string{"secret"})
				return err
			}},
		} {
			err := test.run(t.Context())
			if !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: expected %v with %q, got %v", test.name, test.is, test.text, err)
			}
		}
		for what, run := range map[string]func() (int64, error){
			"Link":   func() (int64, error) { return people.Friends.Link(t.Context(), db, ann) },
			"Move":   func() (int64, error) { return people.OwnLetters.Move(t.Context(), db, ann) },
			"Unlink": func() (int64, error) { return people.OwnLetters.Unlink(t.Context(), db, ann) },
		} {
			if n, err := run(); n != 0 || err != nil {
				t.Errorf("%s of nothing: got %d, %v", what, n, err)
			}
		}
		db.Expect(t, 0, 0)
	})
}

// TestLinkManyRows: the statements have few texts, whatever their number of rows.
func TestLinkManyRows(t *testing.T) {
	t.Parallel()
	people.OnEvery(t, func(t *testing.T, d kit.Database) {
		const n = 2100
		d.Exec(t, "INSERT INTO people (id, name) WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 2109) "+
			"SELECT i, 'x' FROM n")
		many := make([]*people.Person, n)
		for i := range many {
			many[i] = &people.Person{ID: int64(10 + n - 1 - i)}
		}
		db := d.Record()
		if got := people.Done(t)(people.Friends.Link(t.Context(), db, &people.Person{ID: 1}, many...)); got != n {
			t.Errorf("expected %d links, got %d", n, got)
		}
		if db.Txs != 1 {
			t.Errorf("expected one transaction, got %d", db.Txs)
		}
		db.Expect(t, 5, 1) // 1024 twice, 32, 16 and 4
		if got := people.Done(t)(people.Friends.Unlink(t.Context(), db, &people.Person{ID: 1}, many[:n-1]...)); got != n-1 {
			t.Errorf("expected %d links to be removed, got %d", n-1, got)
		}
		db.Expect(t, 1, 1)
		people.ExpectLines(t, d, "SELECT from_id || ' ' || to_id FROM friendships", "1 10")
	})
}

// TestLinksFailAtEveryStatement: whatever fails, the tables and the structs are as before.
func TestLinksFailAtEveryStatement(t *testing.T) {
	t.Parallel()
	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		sue, _, c := written.School(t, d)
		people.Done(t)(dovetail.LinkWith(ctx, d.DB, written.StudentCourses, sue, written.Graded(c[0], 1), written.Graded(c[1], 2)))
		ann, bob, cat := &written.Employee{Name: "Ann"}, &written.Employee{Name: "Bob"}, &written.Employee{Name: "Cat"}
		kit.Insert(t, d.DB, dovetail.Insert(written.Employees, ann, bob, cat))
		people.Done(t)(written.EmployeeReports.Link(ctx, d.DB, ann, bob))
		before := written.Dump(t, d)
		entry := written.Graded(c[2], 9)
		for name, run := range map[string]func(db dovetail.DB) error{
			"ReplaceWith": func(db dovetail.DB) error {
				diff, err := dovetail.ReplaceWith(ctx, db, written.StudentCourses, sue, entry, written.Graded(c[1], 3))
				if err != nil && len(diff.Added)+len(diff.Removed)+len(diff.Changed) > 0 {
					t.Errorf("expected no difference beside an error, got %+v", diff)
				}
				return err
			},
			"Replace": func(db dovetail.DB) error {
				_, err := written.EmployeeReports.Replace(ctx, db, ann, cat)
				return err
			},
			"Link": func(db dovetail.DB) error {
				_, err := written.EmployeeReports.Link(ctx, db, ann, cat)
				return err
			},
		} {
			for k := 1; ; k++ {
				left := k
				var err error
				undone := d.DB.InTx(ctx, dialect.TxOptions{}, func(tx dovetail.DB) error { // so that the next round finds the rows as before
					err = run(&failAt{tx, &left})
					if left > 0 {
						return errPlanned
					}
					if got := written.Dump(t, kit.Database{Name: d.Name, DB: tx, Exec: d.Exec}); got != before {
						t.Fatalf("%s, failure %d: the tables changed:\n%s", name, k, got)
					}
					return errPlanned
				})
				if !errors.Is(undone, errPlanned) {
					t.Fatal(undone)
				}
				if left > 0 {
					if err != nil || k < 4 {
						t.Fatalf("%s, failure %d: %v", name, k, err)
					}
					break
				}
				if !errors.Is(err, errPlanned) {
					t.Fatalf("%s, failure %d: expected the planned one, got %v", name, k, err)
				}
				if cat.BossID != nil || entry.Link.CourseID != 0 || entry.Link.StudentID != 0 {
					t.Fatalf("%s, failure %d: the structs changed: %+v, %+v", name, k, cat, entry.Link)
				}
			}
			cat.BossID, *entry.Link = nil, written.Enrollment{Grade: entry.Link.Grade}
		}
	})
}
