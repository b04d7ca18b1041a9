package reads_test

import (
	"fmt"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type sharingUser struct {
	ID     int64
	Email  string
	TeamID int64
	Orders []*sharedOrder `rel:"orders"`
	Notes  []*sharedNote  `rel:"notes"`
}

type sharedOrder struct {
	ID    int64
	Email string
	Lines []*sharedLine
}

type sharedLine struct{ ID, SharedOrderID int64 }

type sharedNote struct {
	ID      int64
	OfType  string
	OfEmail string
}

type sharingTeam struct {
	ID    int64
	Users []*sharingUser
	// Along the users.
	Orders []*sharedOrder
}

const sharedKeyDDL = `
CREATE TABLE teams (id BIGINT PRIMARY KEY);
CREATE TABLE users (id BIGINT PRIMARY KEY, email TEXT NOT NULL, team_id BIGINT NOT NULL);
CREATE TABLE orders (id BIGINT PRIMARY KEY, email TEXT NOT NULL);
CREATE TABLE lines (id BIGINT PRIMARY KEY, shared_order_id BIGINT NOT NULL);
CREATE TABLE notes (id BIGINT PRIMARY KEY, of_type TEXT NOT NULL, of_email TEXT NOT NULL);
INSERT INTO teams VALUES (1), (2);
INSERT INTO users VALUES (1, 'ann@example.com', 1), (2, 'ann@example.com', 1), (3, 'bob@example.com', 2), (4, 'ann@example.com', 2);
INSERT INTO orders VALUES (10, 'ann@example.com'), (11, 'ann@example.com'), (12, 'bob@example.com');
INSERT INTO lines VALUES (100, 10), (101, 10), (102, 12);
INSERT INTO notes VALUES (20, 'user', 'ann@example.com'), (21, 'user', 'bob@example.com'), (22, 'other', 'ann@example.com');
`

// Owners may share the key of a Logical relation, of soft-deleted rows above all: each has all rows that point at it, however they are loaded.
func TestOwnersThatShareAKey(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	teams := dovetail.NewTable[sharingTeam](r, "teams")
	users := dovetail.NewTable[sharingUser](r, "users")
	orders := dovetail.NewTable[sharedOrder](r, "orders")
	dovetail.HasMany(teams, "users", users, dovetail.ForeignKey("team_id"))
	dovetail.HasMany(users, "orders", orders, dovetail.ForeignKey("email"), dovetail.References("email"), dovetail.Logical())
	dovetail.HasMany(orders, "lines", dovetail.NewTable[sharedLine](r, "lines"), dovetail.ForeignKey("shared_order_id"))
	dovetail.MorphMany(users, "notes", dovetail.NewTable[sharedNote](r, "notes"), dovetail.MorphKey("of_type", "of_email"), dovetail.MorphValue("user"),
		dovetail.References("email"), dovetail.Logical())
	dovetail.HasManyThrough(teams, "orders", orders, "users.orders")
	kit.OnEach(t, sharedKeyDDL, func(t *testing.T, d kit.Database) {
		all := dovetail.Select(users).OrderBy("id")
		for name, q := range map[string]dovetail.Query[*sharingUser]{
			"preloaded":       all.Preload("orders.lines").Preload("notes"),
			"in one trip":     all.Preload("orders.lines").Preload("notes").OneRoundTrip(),
			"fetched":         all.Fetch("orders", "notes").Preload("orders.lines"),
			"fetched below":   all.Fetch("orders.lines", "notes"),
			"joined, fetched": all.Join("orders").Fetch("orders.lines").Fetch("notes"),
			"each":            all.Where(sq.Gt{"id": 0}).Fetch("orders.lines", "notes"),
		} {
			var got []string
			for _, u := range kit.All(t, d.DB, q) {
				for _, o := range u.Orders {
					got = append(got, fmt.Sprint(u.ID, " ", o.ID, " ", len(o.Lines)))
				}
				for _, n := range u.Notes {
					got = append(got, fmt.Sprint(u.ID, " note ", n.ID))
				}
			}
			kit.Same(t, name, got, "1 10 2", "1 11 0", "1 note 20", "2 10 2", "2 11 0", "2 note 20", "3 12 1", "3 note 21", "4 10 2", "4 11 0", "4 note 20")
		}
		for name, q := range map[string]dovetail.Query[*sharingTeam]{
			"preloaded through": dovetail.Select(teams).OrderBy("id").Preload("orders"),
			"fetched through":   dovetail.Select(teams).OrderBy("id").Fetch("orders"),
		} {
			rows := kit.All(t, d.DB, q)
			kit.Same(t, name, kit.Pluck(rows, func(t *sharingTeam) int { return len(t.Orders) }), 2, 3)
		}
		for name, q := range map[string]dovetail.Query[*sharingTeam]{
			"preloaded below": dovetail.Select(teams).OrderBy("id").Preload("users.orders"),
			"fetched twice":   dovetail.Select(teams).OrderBy("id").Fetch("users.orders"),
		} {
			rows := kit.All(t, d.DB, q)
			kit.Same(t, name, kit.Pluck(rows[0].Users, func(u *sharingUser) int { return len(u.Orders) }), 2, 2)
			kit.Same(t, name, kit.Pluck(rows[1].Users, func(u *sharingUser) int { return len(u.Orders) }), 1, 2)
		}
	})
}
