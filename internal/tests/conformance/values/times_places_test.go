package values_test

import (
	"fmt"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// TestTimesInEveryPlaceOfSQLText: a time in SQL text is spelled for what it meets in every clause that takes text, on SQLite.
func TestTimesInEveryPlaceOfSQLText(t *testing.T) {
	t.Parallel()
	notes, places := newNoted()
	at := time.Date(2024, 3, 2, 10, 0, 0, 0, time.UTC)
	ids := func(t *testing.T, db dovetail.DB, q dovetail.Query[*noted]) string {
		t.Helper()
		return fmt.Sprint(kit.Pluck(kit.All(t, db, q.OrderBy("id")), func(n *noted) int64 { return n.ID }))
	}
	db := kit.SQLiteDB(t, notedDDL).DB
	q := dovetail.Select(notes)
	for what, c := range map[string]struct {
		q    dovetail.Query[*noted]
		want string
	}{
		"having":              {q.Columns("id").GroupBy("id").Having("coalesce(max(opened), ?) <= ?", at, at), "[1 2]"},
		"having a name":       {q.Columns("id").Column("max(opened) AS last").GroupBy("id").Having("? <= last", at), ""},
		"joined, bare":        {q.Join("place").Where("since <= ? AND ? <= opened", at.AddDate(0, 0, -1), at), "[2]"},
		"joined, path":        {q.Where("coalesce(place.since, ?) < ? AND opened > ?", at, at.AddDate(0, 0, -1), at.AddDate(0, 0, -9)), "[1 2]"},
		"a list that is text": {q.Where(sq.Eq{"opened": sq.Expr("SELECT ?", at)}), "[2]"},
		"a query with a time": {q.Where("opened >= (?)", dovetail.Select(places).Columns().Column("coalesce(max(NULL), ?)", at)), "[2 3]"},
		"a nested condition":  {q.Where(dovetail.Has("place", sq.Expr("? > since AND outer.opened = ?", at.AddDate(0, 0, -1), at))), "[2]"},
	} {
		if c.want == "" {
			_, _, err := c.q.SQL(db.Dialect())
			kit.NoError(t, err)
			continue
		}
		kit.Equal(t, what, ids(t, db, c.q), c.want)
	}
	stored := func(column string, id int) string {
		t.Helper()
		rows, err := kit.SQL[string](t.Context(), db, fmt.Sprintf("SELECT '' || %s FROM nt_notes WHERE id = %d", column, id))
		kit.NoError(t, err)
		return rows[0]
	}
	for what, set := range map[string]any{
		"a text": sq.Expr("?", at), "a choice": sq.Expr("coalesce(NULL, ?)", at), "a query": dovetail.Select(places).Columns().Column("?", at).Limit(1),
		"a condition": sq.Expr("CASE WHEN ? <= opened THEN ? ELSE closed END", at, at),
	} {
		_, err := dovetail.Update(notes).Set("closed", set).Where("? = opened", at).Exec(t.Context(), db)
		kit.NoError(t, err)
		kit.Equal(t, what, stored("closed", 2), "2024-03-02T10:00:00Z")
		_, err = dovetail.Update(notes).Set("closed", nil).Where(sq.Eq{"id": 2}).Exec(t.Context(), db)
		kit.NoError(t, err)
	}
	n, err := dovetail.Delete(notes).Where("coalesce(closed, ?) < opened", at).Exec(t.Context(), db)
	kit.NoError(t, err)
	kit.Equal(t, "deleted", n, 1)
	kit.Equal(t, "left", ids(t, db, q), "[1 2]")
}
