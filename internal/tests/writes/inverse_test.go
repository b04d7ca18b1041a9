package writes_test

import (
	"database/sql"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// TestLinksAreWrittenFromBothEnds writes along handles of the other directions of each kind.
func TestLinksAreWrittenFromBothEnds(t *testing.T) {
	t.Parallel()
	activityAccount := written.AccountActivities.Inverse()
	courseStudents := written.StudentCourses.InverseMany()
	passHolder := written.StudentPass.Inverse()
	bossReports := written.EmployeeReports.Inverse().InverseMany()
	kit.Same(t, "names", []string{activityAccount.String(), courseStudents.String(), passHolder.String(), bossReports.String()},
		"activity.account", "courses.students", "passes.holder", "employees.reports")

	written.OnEvery(t, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		ann, bo := &written.Account{Owner: "ann"}, &written.Account{Owner: "bo"}
		deposit := &written.Activity{Kind: "DEP", Amount: 5}
		ann.Activities = []*written.Activity{deposit}
		kit.Insert(t, d.DB, dovetail.Insert(written.Accounts, ann, bo).With("activities"))
		diff, err := activityAccount.Replace(ctx, d.DB, deposit, bo)
		kit.NoError(t, err)
		kit.Same(t, "replaced", []int64{diff.Added[0].ID, diff.Removed[0].ID, deposit.AccountID}, bo.ID, ann.ID, bo.ID)
		if deposit.Account != bo {
			t.Errorf("expected the field to hold the new row, got %v", deposit.Account)
		}
		kit.NoError(t, activityAccount.Set(deposit, ann))
		kit.Equal(t, "set", deposit.AccountID, ann.ID)

		sue, art := &written.Student{Name: "sue"}, &written.Course{Title: "art"}
		kit.Insert(t, d.DB, dovetail.Insert(written.Students, sue))
		kit.Insert(t, d.DB, dovetail.Insert(written.Courses, art))
		n, err := courseStudents.Link(ctx, d.DB, art, sue)
		kit.NoError(t, err)
		kit.Equal(t, "linked", n, 1)
		n, err = dovetail.LinkWith(ctx, d.DB, courseStudents, art, dovetail.Linked[written.Student, written.Enrollment]{
			Row: sue, Link: &written.Enrollment{Grade: sql.NullInt64{Int64: 4, Valid: true}}})
		kit.NoError(t, err)
		kit.Equal(t, "changed", n, 1)
		got := kit.Must[*written.Student](t)(dovetail.Select(written.Students).Preload("courses").Get(ctx, d.DB, sue.ID))
		kit.Same(t, "from the other end", []any{got.Courses[0].Row.Title, got.Courses[0].Link.Grade.Int64}, any("art"), any(int64(4)))
		n, err = courseStudents.UnlinkAll(ctx, d.DB, art)
		kit.NoError(t, err)
		kit.Equal(t, "unlinked", n, 1)

		pass := &written.Pass{}
		kit.Insert(t, d.DB, dovetail.Insert(written.Passes, pass))
		_, err = passHolder.Replace(ctx, d.DB, pass, sue)
		kit.NoError(t, err)
		if pass.Holder != sue {
			t.Errorf("expected the field to hold the new row, got %v", pass.Holder)
		}
		_, err = passHolder.Replace(ctx, d.DB, pass, nil)
		kit.NoError(t, err)
		if pass.Holder != nil {
			t.Errorf("expected the field to hold nothing, got %v", pass.Holder)
		}
	})
}

// TestHandlesOfNoInverse are refused where they are used.
func TestHandlesOfNoInverse(t *testing.T) {
	t.Parallel()
	ctx, team, course := t.Context(), &written.Team{ID: 1}, &written.Course{ID: 1}
	_, err := written.TeamLead.InverseMany().Link(ctx, kit.Silent{TB: t}, &written.Employee{ID: 1}, team)
	kit.Refused(t, err, dovetail.ErrUnknownRelation, `relation "teams.lead" has no inverse; declare one by Inverse(name)`)
	_, err = written.StudentCourses.Inverse().Replace(ctx, kit.Silent{TB: t}, course, nil)
	kit.Refused(t, err, dovetail.ErrInvalidRelation, `"courses.students" leads to many rows; take its handle by InverseMany`)
	err = written.AccountActivities.InverseMany().Add(&written.Activity{}, &written.Account{})
	kit.Refused(t, err, dovetail.ErrInvalidRelation, `"activity.account" leads to one row; take its handle by Inverse`)
	var none *dovetail.ToMany[*written.Account, *written.Activity]
	_, err = none.Inverse().Replace(ctx, kit.Silent{TB: t}, &written.Activity{}, nil)
	kit.Refused(t, err, dovetail.ErrUnknownRelation, "the relation is empty")
}
