package dovetail_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
)

// school inserts two students and four courses.
func school(t *testing.T, d database) (sue, tom *wStudent, courses []*wCourse) {
	t.Helper()
	sue, tom = &wStudent{Name: "Sue"}, &wStudent{Name: "Tom"}
	courses = []*wCourse{{Title: "Art"}, {Title: "Bio"}, {Title: "Chem"}, {Title: "Dance"}}
	insert(t, d.db, dovetail.Insert(wStudents, sue, tom))
	insert(t, d.db, dovetail.Insert(wCourses, courses...))
	return sue, tom, courses
}

// graded is an entry of a student's courses.
func graded(c *wCourse, grade int64) dovetail.Linked[wCourse, wEnrollment] {
	return dovetail.Linked[wCourse, wEnrollment]{Row: c, Link: &wEnrollment{Grade: sql.NullInt64{Int64: grade, Valid: true}}}
}

func expectDumpOf(t *testing.T, d database, table string, want ...string) {
	t.Helper()
	if got, want := dump(t, d, table), strings.Join(append(want, ""), "\n"); got != want {
		t.Errorf("expected\n%sgot\n%s", want, got)
	}
}

func TestLinkThroughJoinTable(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		ctx, n := t.Context(), done(t)
		sue, tom, c := school(t, d)
		db := d.record()
		if got := n(wStudentCourses.Link(ctx, db, sue, c[2], c[0], c[2])); got != 2 {
			t.Errorf("expected 2 new links, got %d", got)
		}
		if db.txs != 0 {
			t.Error("expected one statement without a transaction of its own")
		}
		db.expect(t, 1, 1)
		n(wStudentCourses.Link(ctx, db, tom, c[0]))
		expectDumpOf(t, d, "enrollments", "enrollments 1 1 NULL", "enrollments 1 3 NULL", "enrollments 2 1 NULL")

		// By key, and together with links that are there.
		chosen, err := dovetail.Keyed(wCourses, []int64{1, 2, 3})
		if err != nil {
			t.Fatal(err)
		}
		if got := n(wStudentCourses.Link(ctx, db, &wStudent{ID: 1}, chosen...)); got != 1 {
			t.Errorf("expected one new link, got %d", got)
		}

		if got := n(wStudentCourses.Unlink(ctx, db, sue, c[3], c[1], c[0])); got != 2 {
			t.Errorf("expected 2 links to be removed, got %d", got)
		}
		expectDumpOf(t, d, "enrollments", "enrollments 1 3 NULL", "enrollments 2 1 NULL")
		db.expect(t, 3, 3)
		if got := n(wStudentCourses.UnlinkAll(ctx, db, sue)); got != 1 {
			t.Errorf("expected one link to be removed, got %d", got)
		}
		expectDumpOf(t, d, "enrollments", "enrollments 2 1 NULL")
		expectDumpOf(t, d, "courses", "courses 1 Art", "courses 2 Bio", "courses 3 Chem", "courses 4 Dance")
		if len(sue.Courses) != 0 {
			t.Errorf("expected the fields to stay, got %v", sue.Courses)
		}
	})
}

func TestLinkWithPayload(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		ctx, n := t.Context(), done(t)
		sue, _, c := school(t, d)
		n(wStudentCourses.Link(ctx, d.db, sue, c[0], c[2]))
		bio := graded(c[1], 5)
		db := d.record()
		n(dovetail.LinkWith(ctx, db, wStudentCourses, sue, graded(c[2], 3), bio))
		db.expect(t, 1, 1)
		expectDumpOf(t, d, "enrollments", "enrollments 1 1 NULL", "enrollments 1 2 5", "enrollments 1 3 3")
		if bio.Link.StudentID != sue.ID || bio.Link.CourseID != c[1].ID {
			t.Errorf("expected the link's keys to be filled, got %+v", bio.Link)
		}
		// Without a link the one that is there stays as it is.
		n(dovetail.LinkWith(ctx, db, wStudentCourses, sue, dovetail.Linked[wCourse, wEnrollment]{Row: c[1]}, graded(c[3], 1)))
		expectDumpOf(t, d, "enrollments", "enrollments 1 1 NULL", "enrollments 1 2 5", "enrollments 1 3 3", "enrollments 1 4 1")

		foreign := graded(c[0], 1)
		foreign.Link.StudentID = 99
		wrong := dovetail.Linked[wCourse, wActivityTag]{Row: c[0], Link: &wActivityTag{}}
		for what, try := range map[string]func() error{
			"a link of another student": func() error {
				_, err := dovetail.LinkWith(ctx, db, wStudentCourses, sue, foreign)
				return err
			},
			"two links for one row": func() error {
				_, err := dovetail.LinkWith(ctx, db, wStudentCourses, sue, graded(c[0], 1), graded(c[0], 2))
				return err
			},
			"a link of another table": func() error {
				_, err := dovetail.LinkWith(ctx, db, wStudentCourses, sue, wrong)
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
		db.expect(t, 2, 1) // what was linked before, in the order of the keys: two forms of link are two statements
	})
}

func TestReplaceLinks(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		ctx := t.Context()
		sue, tom, c := school(t, d)
		done(t)(dovetail.LinkWith(ctx, d.db, wStudentCourses, sue, graded(c[0], 1), graded(c[1], 2)))
		done(t)(wStudentCourses.Link(ctx, d.db, tom, c[0]))
		db := d.record()
		diff, err := wStudentCourses.Replace(ctx, db, sue, c[3], c[1], c[2])
		if err != nil {
			t.Fatal(err)
		}
		if len(diff.Added) != 2 || diff.Added[0] != c[2] || diff.Added[1] != c[3] || len(diff.Removed) != 1 ||
			diff.Removed[0].ID != 1 || len(diff.Changed) != 0 {
			t.Errorf("got %+v", diff)
		}
		if db.txs != 1 {
			t.Errorf("expected one transaction, got %d", db.txs)
		}
		db.expect(t, 2+2, 3)
		expectDumpOf(t, d, "enrollments", "enrollments 1 2 2", "enrollments 1 3 NULL", "enrollments 1 4 NULL", "enrollments 2 1 NULL")

		// The same again changes nothing; other values of a link are a change.
		if diff, err = wStudentCourses.Replace(ctx, db, sue, c[1], c[2], c[3]); err != nil || len(diff.Added)+len(diff.Removed) != 0 {
			t.Errorf("expected no difference, got %+v, %v", diff, err)
		}
		db.expect(t, 2, 2)
		entries := []dovetail.Linked[wCourse, wEnrollment]{graded(c[1], 2), graded(c[2], 4), graded(c[0], 6)}
		if diff, err = dovetail.ReplaceWith(ctx, db, wStudentCourses, sue, entries...); err != nil {
			t.Fatal(err)
		}
		if len(diff.Added) != 1 || diff.Added[0] != c[0] || len(diff.Removed) != 1 || diff.Removed[0].ID != 4 ||
			len(diff.Changed) != 1 || diff.Changed[0] != c[2] {
			t.Errorf("got %+v", diff)
		}
		db.expect(t, 2+3, 3)
		expectDumpOf(t, d, "enrollments", "enrollments 1 1 6", "enrollments 1 2 2", "enrollments 1 3 4", "enrollments 2 1 NULL")

		if diff, err = wStudentCourses.Replace(ctx, db, sue); err != nil || len(diff.Removed) != 3 {
			t.Errorf("expected all to be unlinked, got %+v, %v", diff, err)
		}
		expectDumpOf(t, d, "enrollments", "enrollments 2 1 NULL")
		_, err = wStudentCourses.Replace(ctx, db, &wStudent{ID: 77}, c[0])
		confRefused(t, err, dovetail.ErrNoRows, "replace students.courses", "owner")
	})
}

func TestLinkByForeignKey(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		ctx, n := t.Context(), done(t)
		ann, bob, cat, dan := &wEmployee{Name: "Ann"}, &wEmployee{Name: "Bob"}, &wEmployee{Name: "Cat"}, &wEmployee{Name: "Dan"}
		insert(t, d.db, dovetail.Insert(wEmployees, ann, bob, cat, dan))
		db := d.record()
		if got := n(wEmployeeReports.Link(ctx, db, ann, cat, bob)); got != 2 {
			t.Errorf("expected 2 new links, got %d", got)
		}
		db.expect(t, 2, 2)
		if got := n(wEmployeeReports.Link(ctx, db, ann, bob, dan)); got != 1 || dan.BossID == nil || *dan.BossID != ann.ID {
			t.Errorf("expected one new link, got %d, %v", got, dan.BossID)
		}
		expectDumpOf(t, d, "employees", "employees 1 Ann NULL NULL", "employees 2 Bob 1 NULL", "employees 3 Cat 1 NULL",
			"employees 4 Dan 1 NULL")

		// Rows of others are moved only when that is asked for.
		_, err := wEmployeeReports.Link(ctx, db, bob, ann, cat)
		confRefused(t, err, dovetail.ErrInvalidRow, "link employees.reports", "Move")
		if got := n(wEmployeeReports.Move(ctx, db, bob, ann, cat)); got != 2 || *cat.BossID != bob.ID {
			t.Errorf("expected 2 to be moved, got %d, %v", got, cat.BossID)
		}
		_, err = wEmployeeReports.Link(ctx, db, bob, &wEmployee{ID: 99})
		confRefused(t, err, dovetail.ErrNoRows, `"employees"`)

		if got := n(wEmployeeReports.Unlink(ctx, db, ann, cat, dan)); got != 1 || dan.BossID != nil || cat.BossID == nil {
			t.Errorf("expected Dan alone to be unlinked, got %d, %v, %v", got, dan.BossID, cat.BossID)
		}
		expectDumpOf(t, d, "employees", "employees 1 Ann 2 NULL", "employees 2 Bob 1 NULL", "employees 3 Cat 2 NULL",
			"employees 4 Dan NULL NULL")

		db = d.record()
		diff, err := wEmployeeReports.Replace(ctx, db, bob, dan, ann)
		if err != nil || len(diff.Added) != 1 || diff.Added[0] != dan || len(diff.Removed) != 1 || diff.Removed[0].ID != cat.ID ||
			diff.Removed[0].BossID != nil {
			t.Errorf("got %+v, %v", diff, err)
		}
		db.expect(t, 4, 3)
		_, err = wEmployeeReports.Replace(ctx, db, ann, bob, dan)
		confRefused(t, err, dovetail.ErrInvalidRow, "another owner")
		if got := n(wEmployeeReports.UnlinkAll(ctx, db, bob)); got != 2 {
			t.Errorf("expected 2 to be unlinked, got %d", got)
		}
		expectDumpOf(t, d, "employees", "employees 1 Ann NULL NULL", "employees 2 Bob 1 NULL", "employees 3 Cat NULL NULL",
			"employees 4 Dan NULL NULL")
	})
}

func TestLinkKeysOfAllKinds(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		ctx, n := t.Context(), done(t)
		// A foreign key that cannot be NULL: rows can be moved to another owner, and not be left without.
		ann := &wAccount{Owner: "Ann", Activities: []*wActivity{{Kind: "DEP"}, {Kind: "WD", Notes: []wNote{{Body: "n"}}}}}
		bob := &wAccount{Owner: "Bob"}
		insert(t, d.db, dovetail.Insert(wAccounts, ann, bob).With("activities.notes"))
		db := d.record()
		_, err := wAccountActivities.Unlink(ctx, db, ann, ann.Activities[0])
		confRefused(t, err, dovetail.ErrInvalidRelation, `"account_id"`, "DeleteOrphans")
		_, err = wAccountActivities.Replace(ctx, db, ann, ann.Activities[0])
		confRefused(t, err, dovetail.ErrInvalidRelation, `"account_id"`)
		_, err = wActivityNotes.UnlinkAll(ctx, db, ann.Activities[1])
		confRefused(t, err, dovetail.ErrInvalidRelation, `"item_id"`)
		db.expect(t, 0, 0)
		if got := n(wAccountActivities.Move(ctx, db, bob, ann.Activities[1])); got != 1 || ann.Activities[1].AccountID != bob.ID {
			t.Errorf("expected one to be moved, got %d", got)
		}
		if got := n(wActivityNotes.Move(ctx, db, ann.Activities[0], &wNote{ID: 1})); got != 1 {
			t.Errorf("expected a note to be moved, got %d", got)
		}
		if got := dump(t, d, "activity", "notes"); got != "activity 1 1 DEP 0\nactivity 2 2 WD 0\nnotes 1 activity 1 n\n" {
			t.Errorf("got\n%s", got)
		}

		// Keys of several columns, which are part of the row's own.
		eu := &wOrder{Region: "eu", Number: 7, Lines: []*wLine{{No: 1, Item: "pen"}, {No: 2, Item: "ink"}}}
		us := &wOrder{Region: "us", Number: 7}
		insert(t, d.db, dovetail.Insert(wOrders, eu, us).With("lines"))
		if got := n(wOrderLines.Move(ctx, db, us, eu.Lines[1], eu.Lines[0])); got != 2 || eu.Lines[0].Region != "us" {
			t.Errorf("expected 2 to be moved, got %d, %+v", got, eu.Lines[0])
		}
		expectDumpOf(t, d, "lines", "lines us 7 1 pen", "lines us 7 2 ink")
		n(wOrderLines.Link(ctx, db, us, eu.Lines...))
		byKey, err := dovetail.Keyed(wLines, [][]any{{"us", 7, 1}, {"us", 7, 2}})
		if err != nil {
			t.Fatal(err)
		}
		n(wOrderLines.Move(ctx, db, eu, byKey...))
		expectDumpOf(t, d, "lines", "lines eu 7 1 pen", "lines eu 7 2 ink")
	})
}

func TestReplaceToOne(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		ctx := t.Context()
		sue, tom, _ := school(t, d)
		one, two := &wPass{ID: uuid.New()}, &wPass{ID: uuid.New()}
		insert(t, d.db, dovetail.Insert(wPasses, one, two))
		replace := func(s *wStudent, p *wPass, added, removed int) {
			t.Helper()
			diff, err := wStudentPass.Replace(ctx, d.db, s, p)
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
		_, err := wStudentPass.Replace(ctx, d.db, tom, two)
		confRefused(t, err, dovetail.ErrInvalidRow, "another owner")
		replace(sue, nil, 0, 1)
		replace(tom, two, 1, 0)

		// The other side: the owner holds the key.
		eve, fay := &wEmployee{Name: "Eve"}, &wEmployee{Name: "Fay"}
		team := &wTeam{Name: "T", Lead: eve}
		insert(t, d.db, dovetail.Insert(wTeams, team).With("lead"))
		insert(t, d.db, dovetail.Insert(wEmployees, fay))
		db := d.record()
		diff, err := wTeamLead.Replace(ctx, db, team, fay)
		if err != nil || team.LeadID != fay.ID || diff.Added[0] != fay || diff.Removed[0].ID != eve.ID {
			t.Errorf("got %+v, %v, %d", diff, err, team.LeadID)
		}
		db.expect(t, 2, 2)
		_, err = wTeamLead.Replace(ctx, db, team, nil)
		confRefused(t, err, dovetail.ErrInvalidRelation, `"lead_id"`)
		db.expect(t, 0, 0)
		expectDumpOf(t, d, "teams", "teams 1 T 2")
	})
}

func TestLinksWithOrphansAndTextKeys(t *testing.T) {
	t.Parallel()
	onPeople(t, func(t *testing.T, d database) {
		ctx, n := t.Context(), done(t)
		letters := "SELECT id || ' ' || person_id FROM letters ORDER BY id"
		if got := n(kOwnLetters.Unlink(ctx, d.db, &kPerson{ID: 1}, &kLetter{ID: 2}, &kLetter{ID: 3})); got != 1 {
			t.Errorf("expected one letter to be deleted, got %d", got)
		}
		expectLines(t, d, letters, "1 1", "3 2")
		n(kOwnLetters.Move(ctx, d.db, &kPerson{ID: 1}, &kLetter{ID: 3}))
		diff, err := kOwnLetters.Replace(ctx, d.db, &kPerson{ID: 1}, &kLetter{ID: 3})
		if err != nil || len(diff.Added) != 0 || len(diff.Removed) != 1 || diff.Removed[0].ID != 1 {
			t.Errorf("got %+v, %v", diff, err)
		}
		expectLines(t, d, letters, "3 1")

		// Links told by text, of a join table with a key of its own.
		blue, red, green := &kLabel{"blue"}, &kLabel{"Red"}, &kLabel{"green"}
		codes := "SELECT code FROM letter_labels ORDER BY code = 'Red', code"
		n(kLetterLinks.Link(ctx, d.db, &kLetter{ID: 3}, green, red))
		again := dovetail.Linked[kLabel, kLetterLabel]{Row: red, Link: &kLetterLabel{}}
		n(dovetail.LinkWith(ctx, d.db, kLetterLinks, &kLetter{ID: 3}, again))
		expectLines(t, d, codes, "green", "Red")
		labels, err := kLetterLinks.Replace(ctx, d.db, &kLetter{ID: 3}, blue, red)
		if err != nil || len(labels.Added) != 1 || labels.Removed[0].Code != "green" {
			t.Errorf("got %+v, %v", labels, err)
		}
		expectLines(t, d, codes, "blue", "Red")
		n(kLetterLinks.Unlink(ctx, d.db, &kLetter{ID: 3}, blue, green))
		expectLines(t, d, codes, "Red")
	})
}

// TestLinksRefused: nothing is sent for what is wrong beforehand, and nothing for nothing.
func TestLinksRefused(t *testing.T) {
	t.Parallel()
	onPeople(t, func(t *testing.T, d database) {
		db := d.record()
		ann, bob := &kPerson{ID: 1}, &kPerson{ID: 2}
		link := func(m *dovetail.ToMany[kPerson, kPerson], owner *kPerson, rows ...*kPerson) func(context.Context) error {
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
			{"nil owner", dovetail.ErrInvalidRow, "link people.friends: the owner is nil", link(kFriends, nil, bob)},
			{"owner without a key", dovetail.ErrInvalidRow, "the owner has no key yet", link(kFriends, &kPerson{}, bob)},
			{"nil row", dovetail.ErrInvalidRow, "row 2 is nil", link(kFriends, ann, bob, nil)},
			{"row without a key", dovetail.ErrInvalidRow, "row 1 has no key yet", link(kFriends, ann, &kPerson{Name: "new"})},
			{"along others", dovetail.ErrInvalidRelation, "can only be read", link(kAdmired, ann, bob)},
			{"with a condition", dovetail.ErrInvalidRelation, "condition of its own", link(kOldFriends, ann, bob)},
			{"an empty handle", dovetail.ErrUnknownRelation, "link: the relation is empty", link(nil, ann, bob)},
			{"a zero handle", dovetail.ErrUnknownRelation, "the relation is empty", link(&dovetail.ToMany[kPerson, kPerson]{}, ann, bob)},
			{"moved links", dovetail.ErrInvalidRelation, "use Link and Unlink", func(ctx context.Context) error {
				_, err := kFriends.Move(ctx, db, ann, bob)
				return err
			}},
			{"links without a join table", dovetail.ErrInvalidRelation, "it has no join table", func(ctx context.Context) error {
				_, err := dovetail.LinkWith(ctx, db, kOwnLetters, ann, dovetail.Linked[kLetter, kFriendship]{Row: &kLetter{ID: 1}})
				return err
			}},
			{"no database", dovetail.ErrInvalidQuery, "the database is nil", func(ctx context.Context) error {
				_, err := kFriends.UnlinkAll(ctx, nil, ann)
				return err
			}},
			{"keys of another shape", dovetail.ErrArgCount, "key 1 has 2 value(s)", func(context.Context) error {
				_, err := dovetail.Keyed(kPeople, [][]any{{1, 2}})
				return err
			}},
			{"keys of another type", dovetail.ErrArgType, "key 1: kPerson.ID (int64) cannot hold", func(context.Context) error {
				_, err := dovetail.Keyed(kPeople, []string{"secret"})
				return err
			}},
		} {
			err := test.run(t.Context())
			if !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: expected %v with %q, got %v", test.name, test.is, test.text, err)
			}
		}
		for what, run := range map[string]func() (int64, error){
			"Link":   func() (int64, error) { return kFriends.Link(t.Context(), db, ann) },
			"Move":   func() (int64, error) { return kOwnLetters.Move(t.Context(), db, ann) },
			"Unlink": func() (int64, error) { return kOwnLetters.Unlink(t.Context(), db, ann) },
		} {
			if n, err := run(); n != 0 || err != nil {
				t.Errorf("%s of nothing: got %d, %v", what, n, err)
			}
		}
		db.expect(t, 0, 0)
	})
}

// TestLinkManyRows: the statements have few texts, whatever their number of rows.
func TestLinkManyRows(t *testing.T) {
	t.Parallel()
	onPeople(t, func(t *testing.T, d database) {
		const n = 2100
		d.exec(t, "INSERT INTO people (id, name) WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 2109) "+
			"SELECT i, 'x' FROM n")
		many := make([]*kPerson, n)
		for i := range many {
			many[i] = &kPerson{ID: int64(10 + n - 1 - i)}
		}
		db := d.record()
		if got := done(t)(kFriends.Link(t.Context(), db, &kPerson{ID: 1}, many...)); got != n {
			t.Errorf("expected %d links, got %d", n, got)
		}
		if db.txs != 1 {
			t.Errorf("expected one transaction, got %d", db.txs)
		}
		db.expect(t, 5, 1) // 1024 twice, 32, 16 and 4
		if got := done(t)(kFriends.Unlink(t.Context(), db, &kPerson{ID: 1}, many[:n-1]...)); got != n-1 {
			t.Errorf("expected %d links to be removed, got %d", n-1, got)
		}
		db.expect(t, 1, 1)
		expectLines(t, d, "SELECT from_id || ' ' || to_id FROM friendships", "1 10")
	})
}

// TestLinksFailAtEveryStatement: whatever fails, the tables and the structs are as before.
func TestLinksFailAtEveryStatement(t *testing.T) {
	t.Parallel()
	onWrites(t, func(t *testing.T, d database) {
		ctx := t.Context()
		sue, _, c := school(t, d)
		done(t)(dovetail.LinkWith(ctx, d.db, wStudentCourses, sue, graded(c[0], 1), graded(c[1], 2)))
		ann, bob, cat := &wEmployee{Name: "Ann"}, &wEmployee{Name: "Bob"}, &wEmployee{Name: "Cat"}
		insert(t, d.db, dovetail.Insert(wEmployees, ann, bob, cat))
		done(t)(wEmployeeReports.Link(ctx, d.db, ann, bob))
		before := dump(t, d)
		entry := graded(c[2], 9)
		for name, run := range map[string]func(db dovetail.DB) error{
			"ReplaceWith": func(db dovetail.DB) error {
				diff, err := dovetail.ReplaceWith(ctx, db, wStudentCourses, sue, entry, graded(c[1], 3))
				if err != nil && len(diff.Added)+len(diff.Removed)+len(diff.Changed) > 0 {
					t.Errorf("expected no difference beside an error, got %+v", diff)
				}
				return err
			},
			"Replace": func(db dovetail.DB) error {
				_, err := wEmployeeReports.Replace(ctx, db, ann, cat)
				return err
			},
			"Link": func(db dovetail.DB) error {
				_, err := wEmployeeReports.Link(ctx, db, ann, cat)
				return err
			},
		} {
			for k := 1; ; k++ {
				left := k
				var err error
				undone := d.db.InTx(ctx, dialect.TxOptions{}, func(tx dovetail.DB) error { // so that the next round finds the rows as before
					err = run(&failAt{tx, &left})
					if left > 0 {
						return errPlanned
					}
					if got := dump(t, database{d.name, tx, d.exec}); got != before {
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
			cat.BossID, *entry.Link = nil, wEnrollment{Grade: entry.Link.Grade}
		}
	})
}
