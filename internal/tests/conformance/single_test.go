package conformance_test

import (
	"database/sql"
	"errors"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

// One, First, Get, Count and Exists with no, one and two rows.

func singleCases() []kit.Case {
	return []kit.Case{
		{Name: "single/one", Run: testSingleOne},
		{Name: "single/one with a preload", Run: testSingleOnePreload},
		{Name: "single/one counts the rows of a join", Run: testSingleOneJoin},
		{Name: "single/first", Run: testSingleFirst},
		{Name: "single/get", Run: testSingleGet},
		{Name: "single/get by a composite key", Run: testSingleGetComposite},
		{Name: "single/get by every type of key", Run: testSingleGetKeys},
		{Name: "single/get of a row that is filtered away", Run: testSingleGetFiltered},
		{Name: "single/exists", Run: testSingleExists},
	}
}

func countCases() []kit.Case {
	return []kit.Case{
		{Name: "count/is the number of rows", Run: testCountIsLenOfAll},
		{Name: "count/is one statement without the preloads", Run: testCountStatement},
	}
}

// wantNoRows fails the test unless err is that of no rows, in the words of all three packages, and there is no row.
func wantNoRows[T any](t *testing.T, row *T, err error) {
	t.Helper()
	kit.Refused(t, err, dovetail.ErrNoRows, "no rows")
	if !errors.Is(err, sql.ErrNoRows) || !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("expected sql.ErrNoRows and pgx.ErrNoRows to match %v", err)
	}
	if errors.Is(err, dovetail.ErrTooManyRows) {
		t.Errorf("%v must not be ErrTooManyRows", err)
	}
	if row != nil {
		t.Errorf("expected no row, got %v", row)
	}
}

func testSingleOne(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.notes)
	row, err := q.Where(squirrel.Eq{"score": 77}).One(t.Context(), rec)
	wantNoRows(t, row, err)
	rec.Expect(t, 1, 1)
	row, err = q.Where(squirrel.Eq{"score": 30}).One(t.Context(), rec)
	if err != nil || row.ID != 4 {
		t.Fatalf("expected note 4, got %v, %v", row, err)
	}
	rec.Expect(t, 1, 1)
	row, err = q.Where(squirrel.Eq{"score": 20}).One(t.Context(), rec)
	kit.Refused(t, err, dovetail.ErrTooManyRows)
	if row != nil || errors.Is(err, dovetail.ErrNoRows) {
		t.Errorf("expected no row and not ErrNoRows, got %v, %v", row, err)
	}
	rec.Expect(t, 1, 1)
	for limit, want := range []int64{0, 6} {
		row, err = q.OrderBy("id DESC").Limit(limit).One(t.Context(), rec)
		if want == 0 {
			wantNoRows(t, row, err)
		} else if err != nil || row.ID != want {
			t.Errorf("limit %d: expected note %d, got %v, %v", limit, want, row, err)
		}
		rec.Expect(t, 1, 1)
	}
}

func testSingleOnePreload(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts).Preload("activities.account")
	row, err := q.Where(squirrel.Eq{"owner": "Squidward"}).One(t.Context(), rec)
	if err != nil {
		t.Fatal(err)
	}
	rec.Expect(t, 2, 2)
	kit.Same(t, "activities", models.ActivityIDs(row), 5, 6)
	kit.Equal(t, "account", row.Activities[0].Account, row)
	row, err = q.Where(squirrel.Eq{"owner": "nobody"}).One(t.Context(), rec)
	wantNoRows(t, row, err)
	rec.Expect(t, 1, 1)
}

func testSingleOneJoin(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts).Join("activities").Where(squirrel.Eq{"owner": "Squidward"})
	_, err := q.One(t.Context(), rec)
	kit.Refused(t, err, dovetail.ErrTooManyRows)
	rec.Expect(t, 1, 1)
	row, err := q.Distinct().One(t.Context(), rec)
	if err != nil || row.ID != 3 {
		t.Errorf("expected account 3, got %v, %v", row, err)
	}
	rec.Expect(t, 1, 1)
}

func testSingleFirst(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.notes)
	for _, c := range []struct {
		what string
		q    dovetail.Query[*confNote]
		want int64
	}{
		{"by the key", q, 1},
		{"by the key of those left", q.Where(squirrel.Gt{"id": 2}), 3},
		{"in the query's order", q.OrderBy("ratio DESC"), 6},
		{"after an offset", q.OrderBy("ratio DESC").Offset(1), 3},
		{"under a limit", q.OrderBy("ratio").Limit(5), 5},
	} {
		row, err := c.q.First(t.Context(), rec)
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		kit.Equal(t, c.what, row.ID, c.want)
		rec.Expect(t, 1, 1)
	}
	row, err := q.Where(squirrel.Eq{"score": 77}).First(t.Context(), rec)
	wantNoRows(t, row, err)
	rec.Expect(t, 1, 1)
	row, err = q.Limit(0).First(t.Context(), rec)
	wantNoRows(t, row, err)
	rec.Expect(t, 1, 1)
	account, err := dovetail.Select(models.Accounts).Join("activities").OrderBy("activities.amount DESC").
		Preload("activities", dovetail.Select(models.Activities).Limit(1)).First(t.Context(), rec)
	if err != nil || account.Owner != "SpongeBob" || len(account.Activities) != 1 {
		t.Errorf("expected SpongeBob with one activity, got %v, %v", account, err)
	}
	rec.Expect(t, 2, 2)
}

func testSingleGet(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts).Preload("activities")
	for _, key := range []any{int64(2), 2, int32(2), uint8(2)} {
		row, err := q.Get(t.Context(), rec, key)
		if err != nil || row.Owner != "Patrick" {
			t.Fatalf("expected Patrick, got %v, %v", row, err)
		}
		rec.Expect(t, 2, 2)
		kit.Same(t, "activities", models.ActivityIDs(row), 4)
	}
	row, err := q.Get(t.Context(), rec, 77)
	wantNoRows(t, row, err)
	rec.Expect(t, 1, 1)
	for _, key := range [][]any{{}, {1, 2}} {
		_, err = q.Get(t.Context(), rec, key...)
		kit.Refused(t, err, dovetail.ErrArgCount, "Get", `"accounts"`)
	}
	for _, key := range []any{nil, []int64{1, 2}, (*int64)(nil), "two"} {
		_, err = q.Get(t.Context(), rec, key)
		kit.Refused(t, err, dovetail.ErrArgType)
	}
	rec.Expect(t, 0, 0)
}

func testSingleGetComposite(t *testing.T, d kit.Database) {
	rec := d.Record()
	order, err := dovetail.Select(models.Orders).Preload("lines").Get(t.Context(), rec, "a", 1)
	if err != nil {
		t.Fatal(err)
	}
	rec.Expect(t, 2+d.Lookups(1), 2)
	kit.Same(t, "lines", kit.Pluck(order.Lines, models.LineItem), "nails", "glue")
	order, err = dovetail.Select(models.Orders).Get(t.Context(), rec, "b", 2)
	wantNoRows(t, order, err)
	rec.Expect(t, 1, 1)
	line, err := dovetail.Select(models.OrderLines).Get(t.Context(), rec, "a", int64(1), 2)
	if err != nil || line.Item != "glue" {
		t.Errorf("expected glue, got %v, %v", line, err)
	}
	rec.Expect(t, 1, 1)
}

// getByKey gets the owner named dan, and finds him and ann by their keys in a list.
func getByKey[K comparable](t *testing.T, d kit.Database, family string, ann, dan K) {
	t.Helper()
	f := keyed.NewFamily[K](family)
	rec := d.Record()
	row, err := dovetail.Select(f.Owners).Get(t.Context(), rec, dan)
	if err != nil || row.Name != "dan" || row.ID != dan {
		t.Fatalf("%s: expected dan, got %v, %v", family, row, err)
	}
	rec.Expect(t, 1, 1)
	rows := kit.All(t, rec, dovetail.Select(f.Owners).Where(squirrel.Eq{"id": []K{dan, ann, dan}}).OrderBy("name"))
	rec.Expect(t, 1, 1)
	kit.Same(t, family+" list", kit.Pluck(rows, (*keyed.Owner[K]).Label), "ann", "dan")
	rows = kit.All(t, rec, dovetail.Select(f.Owners).Where(squirrel.NotEq{"boss_id": ann}).OrderBy("name"))
	rec.Expect(t, 1, 1)
	kit.Same(t, family+" not equal", kit.Pluck(rows, (*keyed.Owner[K]).Label), "dan")
	rows = kit.All(t, rec, dovetail.Select(f.Owners).Where(squirrel.Eq{"boss.id": &ann}).OrderBy("name"))
	rec.Expect(t, 1, 1)
	kit.Same(t, family+" pointer", kit.Pluck(rows, (*keyed.Owner[K]).Label), "bob", "cat")
}

func testSingleGetKeys(t *testing.T, d kit.Database) {
	getByKey(t, d, "int", int64(1), 4)
	getByKey(t, d, "uuid", keyed.UUIDKey(1), keyed.UUIDKey(4))
	getByKey(t, d, "bytes16", [16]byte(keyed.UUIDKey(1)), [16]byte(keyed.UUIDKey(4)))
	getByKey(t, d, "uuidtext", keyed.UUIDKey(1).String(), keyed.UUIDKey(4).String())
	getByKey(t, d, "text", keyed.TextKey(1), keyed.TextKey(4))
}

func testSingleGetFiltered(t *testing.T, d kit.Database) {
	rec := d.Record()
	row, err := dovetail.Select(models.Accounts).Where(squirrel.Gt{"balance": 1000}).Get(t.Context(), rec, 2)
	wantNoRows(t, row, err)
	rec.Expect(t, 1, 1)
	row, err = dovetail.Select(models.Accounts).Where("balance > ? OR balance < ?", 1000, 100).Get(t.Context(), rec, 2)
	if err != nil || row.ID != 2 {
		t.Errorf("expected account 2, got %v, %v", row, err)
	}
	rec.Expect(t, 1, 1)
}

func testSingleExists(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.notes)
	for _, c := range []struct {
		what string
		q    dovetail.Query[*confNote]
		want bool
	}{
		{"no row", q.Where(squirrel.Eq{"score": 77}), false},
		{"one row", q.Where(squirrel.Eq{"score": 30}), true},
		{"two rows", q.Where(squirrel.Eq{"score": 20}), true},
		{"limit 0", q.Limit(0), false},
		{"offset beyond", q.Offset(6), false},
		{"offset to the last", q.Offset(5), true},
		{"group", q.Columns("score").GroupBy("score").Having("count(*) > 1"), true},
		{"no group", q.Columns("score").GroupBy("score").Having("count(*) > 2"), false},
		{"distinct", q.Columns("score").Distinct().Offset(3), true},
		{"distinct beyond", q.Columns("score").Distinct().Offset(4), false},
	} {
		found, err := c.q.Exists(t.Context(), rec)
		if err != nil || found != c.want {
			t.Errorf("%s: expected %v, got %v, %v", c.what, c.want, found, err)
		}
		rec.Expect(t, 1, 1)
	}
}

// counted is a query whose result is known to have so many rows.
type counted struct {
	name string
	want int64
	q    rower
}

func testCountIsLenOfAll(t *testing.T, d kit.Database) {
	n := newConfNotes()
	notes, accounts := dovetail.Select(n.notes), dovetail.Select(models.Accounts)
	for _, c := range []counted{
		{"all", 6, countable[confNote]{notes}},
		{"none", 0, countable[confNote]{notes.Where(squirrel.Eq{"id": -1})}},
		{"filtered", 2, countable[confNote]{notes.Where(squirrel.Eq{"score": 20})}},
		{"ordered", 6, countable[confNote]{notes.OrderBy("title").OrderByClause("abs(conf_notes.ratio)")}},
		{"limit", 4, countable[confNote]{notes.Limit(4)}},
		{"limit beyond", 6, countable[confNote]{notes.Limit(40)}},
		{"offset", 1, countable[confNote]{notes.Offset(5)}},
		{"limit and offset", 2, countable[confNote]{notes.Limit(4).Offset(4)}},
		{"distinct column", 4, countable[confNote]{notes.Columns("score").Distinct()}},
		{"distinct column and limit", 3, countable[confNote]{notes.Columns("score").Distinct().Limit(3)}},
		{"group", 4, countable[confNote]{notes.Columns("score").GroupBy("score")}},
		{"having", 2, countable[confNote]{notes.Columns("score").GroupBy("score").Having("count(*) > 1")}},
		{"group and limit", 1, countable[confNote]{notes.Columns("score").GroupBy("score").Limit(3).Offset(3)}},
		{"join", 6, countable[models.Account]{accounts.Join("activities")}},
		{"left join", 7, countable[models.Account]{accounts.LeftJoin("activities")}},
		{"join on", 4, countable[models.Account]{accounts.Join("activities", squirrel.Gt{"amount": 700})}},
		{"join and distinct", 3, countable[models.Account]{accounts.Join("activities").Distinct()}},
		{"join, distinct and limit", 1, countable[models.Account]{accounts.Join("activities").Distinct().Limit(2).Offset(2)}},
		{"has", 3, countable[models.Account]{accounts.Has("activities")}},
		{"columns without the key", 3, countable[models.Account]{accounts.Columns("owner").Join("activities").Distinct()}},
		{"implied join", 3, countable[models.Activity]{dovetail.Select(models.Activities).Where("account.balance > ?", 1000)}},
		{"ordered by a path", 3, countable[models.Post]{dovetail.Select(models.Posts).OrderBy("editor.name", "id")}},
		{"distinct ordered by a path", 3, countable[models.Post]{dovetail.Select(models.Posts).Distinct().OrderBy("editor.name", "id")}},
		{"group by the key", 3, countable[models.Author]{dovetail.Select(models.Authors).LeftJoin("books").GroupBy("id").
			Column("count(books.id) AS book_count")}},
	} {
		rec := d.Record()
		counted, rows := c.q.rows(t, rec)
		if counted != c.want || rows != c.want {
			t.Errorf("%s: expected %d, counted %d, got %d rows", c.name, c.want, counted, rows)
		}
	}
}

// rower counts its rows in the two ways there are.
type rower interface {
	rows(t *testing.T, rec *kit.Recorder) (counted, listed int64)
}

type countable[T any] struct{ dovetail.Query[*T] }

func (c countable[T]) rows(t *testing.T, rec *kit.Recorder) (counted, listed int64) {
	t.Helper()
	counted, err := c.Count(t.Context(), rec)
	if err != nil {
		t.Fatal(err)
	}
	rec.Expect(t, 1, 1)
	listed = int64(len(kit.All(t, rec, c.Query)))
	rec.Expect(t, 1, 1)
	return counted, listed
}

func testCountStatement(t *testing.T, d kit.Database) {
	rec := d.Record()
	n, err := dovetail.Select(models.Orders).Preload("lines.labels").Preload("lines.order").Count(t.Context(), rec)
	if err != nil || n != 3 {
		t.Errorf("expected 3, got %d, %v", n, err)
	}
	rec.Expect(t, 1, 1)
	found, err := dovetail.Select(models.Orders).Preload("lines").Exists(t.Context(), rec)
	if err != nil || !found {
		t.Errorf("expected an order, got %v, %v", found, err)
	}
	rec.Expect(t, 1, 1)
}
