package dovetail_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
)

// noError fails the test at an error.
func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMembersOfOneKey(t *testing.T) {
	t.Parallel()
	ann, bob := &wAccount{ID: 1}, &wAccount{ID: 2}
	a, b, c := &wActivity{ID: 10}, &wActivity{}, &wActivity{}
	noError(t, wAccountActivities.Add(ann, a, b, a))
	noError(t, wAccountActivities.Add(ann, b))
	if !slices.Equal(ann.Activities, []*wActivity{a, b}) || a.Account != ann || b.AccountID != 1 {
		t.Errorf("expected both sides to hold each other once: %v, %+v", ann.Activities, a)
	}

	// A row that goes to another owner leaves the first.
	noError(t, wAccountActivities.Add(bob, b, c))
	if !slices.Equal(ann.Activities, []*wActivity{a}) || b.Account != bob || b.AccountID != 2 {
		t.Errorf("expected the row to have left its owner: %v, %+v", ann.Activities, b)
	}
	// The same row in another struct takes the place of the first.
	again := &wActivity{ID: 10}
	noError(t, wAccountActivities.Add(ann, again))
	if !slices.Equal(ann.Activities, []*wActivity{again}) {
		t.Errorf("expected the row once: %v", ann.Activities)
	}

	noError(t, wAccountActivities.Remove(bob, again, c))
	if !slices.Equal(bob.Activities, []*wActivity{b}) || c.Account != nil || c.AccountID != 0 || again.Account != ann {
		t.Errorf("expected no more than the owner's row to be removed: %v, %+v", bob.Activities, c)
	}
	noError(t, wAccountActivities.Set(bob, c, again, c))
	if !slices.Equal(bob.Activities, []*wActivity{c, again}) || len(ann.Activities) != 0 || b.AccountID != 0 ||
		again.AccountID != 2 {
		t.Errorf("expected the rows in this order: %v, %v", bob.Activities, ann.Activities)
	}
	noError(t, wAccountActivities.Set(bob))
	if bob.Activities == nil || len(bob.Activities) != 0 || c.Account != nil {
		t.Errorf("expected none: %v", bob.Activities)
	}

	// An owner that has no key yet leaves the foreign key to the insert.
	c.AccountID = 7
	noError(t, wAccountActivities.Add(&wAccount{}, c))
	if c.AccountID != 0 {
		t.Errorf("expected a zero foreign key, got %d", c.AccountID)
	}
}

func TestMembersToOne(t *testing.T) {
	t.Parallel()
	sue, tom, p, q := &wStudent{ID: 1}, &wStudent{ID: 2}, &wPass{}, &wPass{}
	noError(t, wStudentPass.Set(sue, p))
	if sue.Pass != p || p.Holder != sue || *p.StudentID != 1 {
		t.Errorf("expected both sides to hold each other: %+v, %+v", sue, p)
	}
	noError(t, wStudentPass.Set(sue, q))
	noError(t, wStudentPass.Set(tom, p))
	noError(t, wStudentPass.Set(tom, q))
	if sue.Pass != nil || tom.Pass != q || p.Holder != nil || p.StudentID != nil || q.Holder != tom || *q.StudentID != 2 {
		t.Errorf("expected what was there to leave: %+v, %+v, %+v, %+v", sue, tom, p, q)
	}
	noError(t, wStudentPass.Set(tom, nil))
	if tom.Pass != nil || q.Holder != nil || q.StudentID != nil {
		t.Errorf("expected none: %+v, %+v", tom, q)
	}

	// The owner holds the key, and there is no field on the other side.
	eve := &wEmployee{ID: 5}
	team := &wTeam{}
	noError(t, wTeamLead.Set(team, eve))
	if team.Lead != eve || team.LeadID != 5 {
		t.Errorf("got %+v", team)
	}
	noError(t, wTeamLead.Set(team, nil))
	if team.Lead != nil || team.LeadID != 0 {
		t.Errorf("got %+v", team)
	}
}

func TestMembersOfLinks(t *testing.T) {
	t.Parallel()
	act, red, blue := &wActivity{ID: 1}, &wTag{ID: 1}, &wTag{ID: 2}
	noError(t, wActivityTagLinks.Add(act, red, blue, red))
	if !slices.Equal(act.Tags, []*wTag{red, blue}) || !slices.Equal(red.Activities, []*wActivity{act}) {
		t.Errorf("expected both sides to hold each other: %v, %v", act.Tags, red.Activities)
	}
	noError(t, wActivityTagLinks.Remove(act, red))
	if !slices.Equal(act.Tags, []*wTag{blue}) || len(red.Activities) != 0 || len(blue.Activities) != 1 {
		t.Errorf("got %v, %v", act.Tags, red.Activities)
	}

	// Links stay with their rows.
	sue, art, bio := &wStudent{ID: 1}, &wCourse{ID: 1}, &wCourse{ID: 2}
	sue.Courses = []dovetail.Linked[wCourse, wEnrollment]{graded(art, 5)}
	link := sue.Courses[0].Link
	noError(t, wStudentCourses.Add(sue, bio, art))
	noError(t, wStudentCourses.Set(sue, bio, art))
	if len(sue.Courses) != 2 || sue.Courses[0].Row != bio || sue.Courses[1].Link != link || len(bio.Students) != 1 {
		t.Errorf("got %+v", sue.Courses)
	}

	// Friends of one's own table: the two directions are two relations.
	ann, bob := &kPerson{ID: 1}, &kPerson{ID: 2}
	noError(t, kFriends.Add(ann, bob))
	if len(ann.Friends) != 1 || len(ann.Admirers) != 0 || len(bob.Friends) != 0 || len(bob.Admirers) != 1 {
		t.Errorf("got %+v, %+v", ann, bob)
	}
}

func TestMembersOfOtherShapes(t *testing.T) {
	t.Parallel()
	// Rows held by value, told by a type and a key.
	act, note := &wActivity{ID: 3}, &wNote{ID: 1, Body: "n"}
	noError(t, wActivityNotes.Add(act, note))
	noError(t, wActivityNotes.Add(act, note))
	if len(act.Notes) != 1 || act.Notes[0].ItemID != 3 || act.Notes[0].ItemType != "activity" || note.ItemID != 3 {
		t.Errorf("got %+v, %+v", act.Notes, note)
	}
	noError(t, wActivityNotes.Remove(act, note))
	if len(act.Notes) != 0 || note.ItemID != 0 || note.ItemType != "" {
		t.Errorf("got %+v, %+v", act.Notes, note)
	}

	// A key that is part of the row's own stays when the row leaves: the row is still told by it.
	order, line := &wOrder{Region: "eu", Number: 7}, &wLine{No: 1}
	noError(t, wOrderLines.Add(order, line))
	noError(t, wOrderLines.Remove(order, line))
	if line.Order != nil || line.Region != "eu" || line.Number != 7 {
		t.Errorf("got %+v", line)
	}

	// One's own boss.
	eve := &wEmployee{ID: 1}
	noError(t, wEmployeeReports.Add(eve, eve))
	if eve.Boss != eve || len(eve.Reports) != 1 || *eve.BossID != 1 {
		t.Errorf("got %+v", eve)
	}
}

func TestMembersRefused(t *testing.T) {
	t.Parallel()
	ann, a := &wAccount{ID: 1}, &wActivity{}
	for _, test := range []struct {
		name string
		is   error
		text string
		err  error
	}{
		{"nil owner", dovetail.ErrInvalidRow, "dovetail: add accounts.activities: the owner is nil", wAccountActivities.Add(nil, a)},
		{"nil row", dovetail.ErrInvalidRow, "row 2 is nil", wAccountActivities.Set(ann, a, nil)},
		{"no field", dovetail.ErrInvalidRelation, "struct kPerson has no field for it", kFriendsBack.Add(&kPerson{}, &kPerson{})},
		{"along others", dovetail.ErrInvalidRelation, "can only be read", kAdmired.Remove(&kPerson{}, &kPerson{})},
		{"empty handle", dovetail.ErrUnknownRelation, "the relation is empty",
			(*dovetail.ToOne[wTeam, wEmployee])(nil).Set(&wTeam{}, nil)},
	} {
		if !errors.Is(test.err, test.is) || !strings.Contains(test.err.Error(), test.text) {
			t.Errorf("%s: expected %v with %q, got %v", test.name, test.is, test.text, test.err)
		}
	}
	if len(ann.Activities) != 0 || a.Account != nil {
		t.Errorf("expected nothing to have changed: %+v, %+v", ann, a)
	}
}
