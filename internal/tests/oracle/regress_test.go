package oracle_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// What the oracle test found, made small.

// A row's way back to its owner is the owner itself, so what is loaded onto the one is loaded onto the other.
// Neither of two preloads may undo the other.
func TestPreloadThroughTheOwnerKeepsWhatWasLoaded(t *testing.T) {
	t.Parallel()
	rows := `INSERT INTO nodes (id, parent_id, buddy_id, n) VALUES (1, NULL, NULL, 0), (2, 1, NULL, 0), (3, 1, 2, 0)`
	kit.OnEach(t, oraDDL()+rows, func(t *testing.T, d kit.Database) {
		t.Run("deeper", func(t *testing.T) {
			root, err := dovetail.Select(oraNodes).
				Preload("children.fans").Preload("children.parent.children").Get(t.Context(), d.DB, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(root.Children) != 2 {
				t.Fatalf("expected 2 children, got %d", len(root.Children))
			}
			if fans := root.Children[0].Fans; len(fans) != 1 || fans[0].ID != 3 {
				t.Errorf("expected node 3 as the only fan of node 2, got %v (nil: %t)", fans, fans == nil)
			}
			for _, child := range root.Children {
				if child.Parent == nil || len(child.Parent.Children) != 2 {
					t.Errorf("node %d: expected a parent with 2 children, got %v", child.ID, child.Parent)
				}
			}
		})
		t.Run("limited", func(t *testing.T) {
			root, err := dovetail.Select(oraNodes).
				Preload("children", dovetail.Select(oraNodes).Limit(1)).
				Preload("children.parent.children").
				Get(t.Context(), d.DB, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(root.Children) != 1 {
				t.Fatalf("expected the 1 child that the limit allows, got %d", len(root.Children))
			}
			if parent := root.Children[0].Parent; parent == nil || parent.ID != 1 || len(parent.Children) != 2 {
				t.Errorf("expected node 1 with its 2 children as the parent, got %v", parent)
			}
		})
	})
}

// An owner that is held by value, not by pointer, is copied when everything has been loaded onto it.
func TestPreloadBelowAnOwnerHeldByValue(t *testing.T) {
	t.Parallel()
	rows := `INSERT INTO people (id, name) VALUES (1, 'a');
		INSERT INTO profiles (id, person_id) VALUES (5, 1);
		INSERT INTO posts (id, author_id, title) VALUES (7, 1, 'b')`
	kit.OnEach(t, oraDDL()+rows, func(t *testing.T, d kit.Database) {
		person, err := dovetail.Select(oraPeople).Preload("profile.person.posts").One(t.Context(), d.DB)
		if err != nil {
			t.Fatal(err)
		}
		if person.Profile == nil || person.Profile.Person.ID != 1 {
			t.Fatalf("expected a profile of person 1, got %v", person.Profile)
		}
		if posts := person.Profile.Person.Posts; len(posts) != 1 || posts[0].ID != 7 {
			t.Errorf("expected post 7 below the profile's person, got %v (nil: %t)", posts, posts == nil)
		}
	})
}

// The offset counts the rows that Distinct leaves, not the repetitions of a join.
func TestExistsSkipsDistinctRows(t *testing.T) {
	t.Parallel()
	rows := `INSERT INTO people (id) VALUES (1); INSERT INTO posts (id, author_id, title) VALUES (7, 1, 'a'), (8, 1, 'b')`
	kit.OnEach(t, oraDDL()+rows, func(t *testing.T, d kit.Database) {
		q := dovetail.Select(oraPeople).Join("posts").Distinct()
		for offset, want := range []bool{true, false} {
			got, err := q.Offset(offset).Exists(t.Context(), d.DB)
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("offset %d: expected %t, got %t", offset, want, got)
			}
		}
	})
}

// A junction of one condition is that condition: what it holds needs its parentheses as much.
func TestJunctionOfOneKeepsParentheses(t *testing.T) {
	t.Parallel()
	either := squirrel.Expr("people.id = ? OR people.age = ?", 1, 20)
	kit.OnEach(t, oraDDL()+`INSERT INTO people (id, age) VALUES (1, 10), (2, 20), (3, 30)`, func(t *testing.T, d kit.Database) {
		for name, pred := range map[string]squirrel.Sqlizer{
			"or":         squirrel.Or{either},
			"and":        squirrel.And{either},
			"and of or":  squirrel.And{squirrel.Or{either}},
			"and of two": squirrel.And{squirrel.Or{squirrel.Eq{"id": 1}, squirrel.Eq{"age": 20}}},
		} {
			n, err := dovetail.Select(oraPeople).Where(squirrel.And{pred, squirrel.Eq{"id": 2}}).Count(t.Context(), d.DB)
			if err != nil {
				t.Fatal(err)
			}
			if n != 1 {
				t.Errorf("%s: expected person 2 alone, got %d rows", name, n)
			}
		}
	})
}

// SQLite names the columns of joins in parentheses by dotted text, in which the dot of a table's own name misleads it.
func TestLeftJoinThroughATableWithADotInItsName(t *testing.T) {
	t.Parallel()
	rows := `INSERT INTO "select" VALUES (1, 2, 'a', NULL, NULL), (3, 4, 'b', NULL, NULL);
		INSERT INTO "we""ird.ta ble🙂" VALUES (NULL, 5, 'x');
		INSERT INTO "in ner.join" VALUES (1, 5)`
	kit.OnEach(t, oraDDL()+rows, func(t *testing.T, d kit.Database) {
		q := dovetail.Select(oraSelect).LeftJoin("where.joins").OrderBy("id")
		for _, c := range []struct {
			pred squirrel.Sqlizer
			want int64
		}{
			{squirrel.Eq{"where.group": 5}, 1},
			{squirrel.Eq{"where.joins.order": 2}, 1},
			{squirrel.Eq{"where.joins.order": nil}, 3},
		} {
			row, err := q.Where(c.pred).One(t.Context(), d.DB)
			if err != nil {
				t.Errorf("%v: %v", c.pred, err)
				continue
			}
			if row.ID != c.want {
				t.Errorf("%v: expected row %d, got %d", c.pred, c.want, row.ID)
			}
		}
	})
}
