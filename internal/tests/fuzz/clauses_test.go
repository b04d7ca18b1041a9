package fuzz_test

import (
	"context"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// clauses take the text for a path, a column, an order or a name.
var clauses = []func(q dovetail.Query[*models.Account], text string) dovetail.Query[*models.Account]{
	func(q dovetail.Query[*models.Account], text string) dovetail.Query[*models.Account] {
		return q.OrderBy(text)
	},
	func(q dovetail.Query[*models.Account], text string) dovetail.Query[*models.Account] {
		return q.Columns("id", text)
	},
	func(q dovetail.Query[*models.Account], text string) dovetail.Query[*models.Account] {
		return q.Join(text).Distinct()
	},
	func(q dovetail.Query[*models.Account], text string) dovetail.Query[*models.Account] {
		return q.Preload(text)
	},
	func(q dovetail.Query[*models.Account], text string) dovetail.Query[*models.Account] {
		return q.Fetch(text)
	},
	func(q dovetail.Query[*models.Account], text string) dovetail.Query[*models.Account] {
		return q.Has(text)
	},
	func(q dovetail.Query[*models.Account], text string) dovetail.Query[*models.Account] {
		return q.Where(sq.Eq{text: nil})
	},
	func(q dovetail.Query[*models.Account], text string) dovetail.Query[*models.Account] {
		return q.Where(sq.NotEq{text: nil}).OrderBy(text)
	},
	func(q dovetail.Query[*models.Account], text string) dovetail.Query[*models.Account] {
		return q.Where(dovetail.Contains(text, "a"))
	},
	func(q dovetail.Query[*models.Account], text string) dovetail.Query[*models.Account] {
		return q.Where(dovetail.HasNone(text))
	},
	func(q dovetail.Query[*models.Account], text string) dovetail.Query[*models.Account] {
		return q.Where(sq.Gt{"balance": dovetail.Max(text)})
	},
	func(q dovetail.Query[*models.Account], text string) dovetail.Query[*models.Account] {
		return q.Where(sq.Gt{"balance": dovetail.Count(text)}).OrderBy(text + " DESC")
	},
}

// FuzzClauses gives any text where a path, a column, an order or a name is wanted: it is refused, or the database can do what is written.
func FuzzClauses(f *testing.F) {
	both := databases(f, true)
	for i, text := range []string{
		"id", "owner DESC", "id ASC, owner", "activities", "activities.account", "activities.amount", "self.id", `"id"`, "id DESC NULLS LAST", "activities.account.owner",
		"id; DROP TABLE accounts", "created_at", "-id", "ID", "activities.", ".activities", "activities.account.activities.account", "lower(owner)", "*", "activities.*",
	} {
		for c := range clauses {
			f.Add(uint8(c), text)
		}
		f.Add(uint8(i), text+"\x00")
	}
	f.Fuzz(func(t *testing.T, of uint8, text string) {
		q := clauses[int(of)%len(clauses)](dovetail.Select(models.Accounts), text)
		for _, d := range both {
			if err := unchanged(t.Context(), d, q); err != nil {
				refused(t, err, d.Name+": "+text)
			}
		}
	})
}

// unchanged has the query's rows, and looks whether the tables are still there.
func unchanged(ctx context.Context, d database, q dovetail.Query[*models.Account]) error {
	_, err := q.All(ctx, d.DB)
	if _, gone := dovetail.Select(models.Accounts).Count(ctx, d.DB); gone != nil {
		return gone
	}
	return err
}
