package models

import (
	"fmt"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// AccountsText writes accounts with their activities.
func AccountsText(rows []*Account) (s string) {
	for _, a := range rows {
		s += fmt.Sprintf("%d %s:", a.ID, a.Owner)
		for _, act := range a.Activities {
			s += fmt.Sprintf(" %d/%v", act.ID, act.Account == a)
		}
		s += "; "
	}
	return s
}

// ActivityRows runs a query for activities in the order of their keys.
func ActivityRows(t *testing.T, rec *kit.Recorder, q dovetail.Query[*Activity]) []int64 {
	t.Helper()
	rows := kit.All(t, rec, q.OrderBy("id"))
	rec.Expect(t, 1, 1)
	return kit.Pluck(rows, func(a *Activity) int64 { return a.ID })
}

func PostRows(t *testing.T, rec *kit.Recorder, q dovetail.Query[*Post]) []int64 {
	t.Helper()
	rows := kit.All(t, rec, q.OrderBy("id"))
	rec.Expect(t, 1, 1)
	return kit.Pluck(rows, func(p *Post) int64 { return p.ID })
}

func AccountRows(t *testing.T, rec *kit.Recorder, q dovetail.Query[*Account]) []int64 {
	t.Helper()
	rows := kit.All(t, rec, q.OrderBy("id"))
	rec.Expect(t, 1, 1)
	return kit.Pluck(rows, func(a *Account) int64 { return a.ID })
}

// AccountsWith preloads the activities of all accounts by the query and returns their ids.
func AccountsWith(t *testing.T, d kit.Database, q dovetail.Query[*Activity]) [][]int64 {
	t.Helper()
	rec := d.Record()
	accounts := kit.All(t, rec, dovetail.Select(Accounts).OrderBy("id").Preload("activities", q))
	rec.Expect(t, 2, 2)
	if len(accounts) != 4 {
		t.Fatalf("expected 4 accounts, got %d", len(accounts))
	}
	return kit.Pluck(accounts, func(a *Account) []int64 {
		if a.Activities == nil {
			t.Errorf("account %d: not loaded", a.ID)
		}
		return ActivityIDs(a)
	})
}

func Lists(t *testing.T, got [][]int64, want ...[]int64) {
	t.Helper()
	kit.Equal(t, "lists", len(got), len(want))
	for i := range want {
		kit.Same(t, "list", got[i], want[i]...)
	}
}

func ActivityIDs(a *Account) []int64 {
	return kit.Pluck(a.Activities, func(a *Activity) int64 { return a.ID })
}

func UserName(u *User) string { return u.Name }

func PostTitle(p *Post) string { return p.Title }

func TagName(g *Tag) string { return g.Name }

func StudentName(s *Student) string { return s.Name }

func CourseTitle(c *Course) string { return c.Title }

func LineItem(l *OrderLine) string { return l.Item }

func CategoryName(c *Category) string { return c.Name }

func LabelText(l *Label) string { return l.Text }

// ValuePosts returns the posts that a user holds by value.
func ValuePosts(u *User) []kit.Node {
	if u.Posts == nil {
		return nil
	}
	nodes := []kit.Node{}
	for i := range u.Posts {
		nodes = append(nodes, kit.Node{Name: u.Posts[i].Title, Row: &u.Posts[i]})
	}
	return nodes
}

func AccountID(a *Account) any { return a.ID }
