package writes_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

func TestMembersOfOneKey(t *testing.T) {
	t.Parallel()
	ann, bob := &written.Account{ID: 1}, &written.Account{ID: 2}
	a, b, c := &written.Activity{ID: 10}, &written.Activity{}, &written.Activity{}
	kit.NoError(t, written.AccountActivities.Add(ann, a, b, a))
	kit.NoError(t, written.AccountActivities.Add(ann, b))
	if !slices.Equal(ann.Activities, []*written.Activity{a, b}) || a.Account != ann || b.AccountID != 1 {
		t.Errorf("expected both sides to hold each other once: %v, %+v", ann.Activities, a)
	}

	// A row that goes to another owner leaves the first.
	kit.NoError(t, written.AccountActivities.Add(bob, b, c))
	if !slices.Equal(ann.Activities, []*written.Activity{a}) || b.Account != bob || b.AccountID != 2 {
		t.Errorf("expected the row to have left its owner: %v, %+v", ann.Activities, b)
	}
	// The same row in another struct takes the place of the first.
	again := &written.Activity{ID: 10}
	kit.NoError(t, written.AccountActivities.Add(ann, again))
	if !slices.Equal(ann.Activities, []*written.Activity{again}) {
		t.Errorf("expected the row once: %v", ann.Activities)
	}

	kit.NoError(t, written.AccountActivities.Remove(bob, again, c))
	if !slices.Equal(bob.Activities, []*written.Activity{b}) || c.Account != nil || c.AccountID != 0 || again.Account != ann {
		t.Errorf("expected no more than the owner's row to be removed: %v, %+v", bob.Activities, c)
	}
	kit.NoError(t, written.AccountActivities.Set(bob, c, again, c))
	if !slices.Equal(bob.Activities, []*written.Activity{c, again}) || len(ann.Activities) != 0 || b.AccountID != 0 ||
		again.AccountID != 2 {
		t.Errorf("expected the rows in this order: %v, %v", bob.Activities, ann.Activities)
	}
	kit.NoError(t, written.AccountActivities.Set(bob))
	if bob.Activities == nil || len(bob.Activities) != 0 || c.Account != nil {
		t.Errorf("expected none: %v", bob.Activities)
	}

	// An owner that has no key yet leaves the foreign key to the insert.
	c.AccountID = 7
	kit.NoError(t, written.AccountActivities.Add(&written.Account{}, c))
	if c.AccountID != 0 {
		t.Errorf("expected a zero foreign key, got %d", c.AccountID)
	}
}

func TestMembersToOne(t *testing.T) {
	t.Parallel()
	sue, tom, p, q := &written.Student{ID: 1}, &written.Student{ID: 2}, &written.Pass{}, &written.Pass{}
	kit.NoError(t, written.StudentPass.Set(sue, p))
	if sue.Pass != p || p.Holder != sue || *p.StudentID != 1 {
		t.Errorf("expected both sides to hold each other: %+v, %+v", sue, p)
	}
	kit.NoError(t, written.StudentPass.Set(sue, q))
	kit.NoError(t, written.StudentPass.Set(tom, p))
	kit.NoError(t, written.StudentPass.Set(tom, q))
	if sue.Pass != nil || tom.Pass != q || p.Holder != nil || p.StudentID != nil || q.Holder != tom || *q.StudentID != 2 {
		t.Errorf("expected what was there to leave: %+v, %+v, %+v, %+v", sue, tom, p, q)
	}
	kit.NoError(t, written.StudentPass.Set(tom, nil))
	if tom.Pass != nil || q.Holder != nil || q.StudentID != nil {
		t.Errorf("expected none: %+v, %+v", tom, q)
	}

	// The owner holds the key, and there is no field on the other side.
	eve := &written.Employee{ID: 5}
	team := &written.Team{}
	kit.NoError(t, written.TeamLead.Set(team, eve))
	if team.Lead != eve || team.LeadID != 5 {
		t.Errorf("got %+v", team)
	}
	kit.NoError(t, written.TeamLead.Set(team, nil))
	if team.Lead != nil || team.LeadID != 0 {
		t.Errorf("got %+v", team)
	}
}

func TestMembersOfLinks(t *testing.T) {
	t.Parallel()
	act, red, blue := &written.Activity{ID: 1}, &written.Tag{ID: 1}, &written.Tag{ID: 2}
	kit.NoError(t, written.ActivityTagLinks.Add(act, red, blue, red))
	if !slices.Equal(act.Tags, []*written.Tag{red, blue}) || !slices.Equal(red.Activities, []*written.Activity{act}) {
		t.Errorf("expected both sides to hold each other: %v, %v", act.Tags, red.Activities)
	}
	kit.NoError(t, written.ActivityTagLinks.Remove(act, red))
	if !slices.Equal(act.Tags, []*written.Tag{blue}) || len(red.Activities) != 0 || len(blue.Activities) != 1 {
		t.Errorf("got %v, %v", act.Tags, red.Activities)
	}

	// Links stay with their rows.
	sue, art, bio := &written.Student{ID: 1}, &written.Course{ID: 1}, &written.Course{ID: 2}
	sue.Courses = []dovetail.Linked[written.Course, written.Enrollment]{written.Graded(art, 5)}
	link := sue.Courses[0].Link
	kit.NoError(t, written.StudentCourses.Add(sue, bio, art))
	kit.NoError(t, written.StudentCourses.Set(sue, bio, art))
	if len(sue.Courses) != 2 || sue.Courses[0].Row != bio || sue.Courses[1].Link != link || len(bio.Students) != 1 {
		t.Errorf("got %+v", sue.Courses)
	}

	// Friends of one's own table: the two directions are two relations.
	ann, bob := &people.Person{ID: 1}, &people.Person{ID: 2}
	kit.NoError(t, people.Friends.Add(ann, bob))
	if len(ann.Friends) != 1 || len(ann.Admirers) != 0 || len(bob.Friends) != 0 || len(bob.Admirers) != 1 {
		t.Errorf("got %+v, %+v", ann, bob)
	}
}

func TestMembersOfOtherShapes(t *testing.T) {
	t.Parallel()
	// Rows held by value, told by a type and a key.
	act, note := &written.Activity{ID: 3}, &written.Note{ID: 1, Body: "n"}
	kit.NoError(t, written.ActivityNotes.Add(act, note))
	kit.NoError(t, written.ActivityNotes.Add(act, note))
	if len(act.Notes) != 1 || act.Notes[0].ItemID != 3 || act.Notes[0].ItemType != "activity" || note.ItemID != 3 {
		t.Errorf("got %+v, %+v", act.Notes, note)
	}
	kit.NoError(t, written.ActivityNotes.Remove(act, note))
	if len(act.Notes) != 0 || note.ItemID != 0 || note.ItemType != "" {
		t.Errorf("got %+v, %+v", act.Notes, note)
	}

	// A key that is part of the row's own stays when the row leaves: the row is still told by it.
	order, line := &written.Order{Region: "eu", Number: 7}, &written.Line{No: 1}
	kit.NoError(t, written.OrderLines.Add(order, line))
	kit.NoError(t, written.OrderLines.Remove(order, line))
	if line.Order != nil || line.Region != "eu" || line.Number != 7 {
		t.Errorf("got %+v", line)
	}

	// One's own boss.
	eve := &written.Employee{ID: 1}
	kit.NoError(t, written.EmployeeReports.Add(eve, eve))
	if eve.Boss != eve || len(eve.Reports) != 1 || *eve.BossID != 1 {
		t.Errorf("got %+v", eve)
	}
}

func TestMembersRefused(t *testing.T) {
	t.Parallel()
	ann, a := &written.Account{ID: 1}, &written.Activity{}
	for _, test := range []struct {
		name string
		is   error
		text string
		err  error
	}{
		{"nil owner", dovetail.ErrInvalidRow, "dovetail: add accounts.activities: the owner is nil", written.AccountActivities.Add(nil, a)},
		{"nil row", dovetail.ErrInvalidRow, "row 2 is nil", written.AccountActivities.Set(ann, a, nil)},
		{"no field", dovetail.ErrInvalidRelation, "struct Person has no field for it", people.FriendsBack.Add(&people.Person{}, &people.Person{})},
		{"along others", dovetail.ErrInvalidRelation, "can only be read", people.Admired.Remove(&people.Person{}, &people.Person{})},
		{"empty handle", dovetail.ErrUnknownRelation, "the relation is empty",
			(*dovetail.ToOne[*written.Team, *written.Employee])(nil).Set(&written.Team{}, nil)},
	} {
		if !errors.Is(test.err, test.is) || !strings.Contains(test.err.Error(), test.text) {
			t.Errorf("%s: expected %v with %q, got %v", test.name, test.is, test.text, test.err)
		}
	}
	if len(ann.Activities) != 0 || a.Account != nil {
		t.Errorf("expected nothing to have changed: %+v, %+v", ann, a)
	}
}
