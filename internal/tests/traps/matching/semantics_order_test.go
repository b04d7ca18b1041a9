package matching_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TRAPS I, continued: counting, paging, orders and what databases do differently.

// probeQuery builds random queries of one table.
type probeQuery[T any] struct {
	table     *dovetail.Table[T]
	toOne     []string // paths
	toMany    []string
	columns   []string
	condition []any
}

func (r probeQuery[T]) random(rnd *rand.Rand) dovetail.Query[*T] {
	q := dovetail.Select(r.table)
	chance := func(percent int) bool { return rnd.IntN(100) < percent }
	grouped := chance(20)
	for range rnd.IntN(3) {
		path := r.toMany[rnd.IntN(len(r.toMany))]
		if chance(30) && len(r.toOne) > 0 {
			path = r.toOne[rnd.IntN(len(r.toOne))]
		}
		if chance(50) {
			q = q.Join(path)
		} else {
			q = q.LeftJoin(path)
		}
	}
	for range rnd.IntN(3) {
		switch c := r.condition[rnd.IntN(len(r.condition))]; {
		case chance(25):
			q = q.Has(r.toMany[rnd.IntN(len(r.toMany))])
		case chance(25):
			q = q.HasNone(r.toMany[rnd.IntN(len(r.toMany))])
		default:
			q = q.Where(c)
		}
	}
	if grouped {
		q = q.GroupBy("id")
		if chance(50) {
			q = q.Having("count(*) > ?", rnd.IntN(3))
		}
	} else if chance(50) {
		q = q.Distinct()
	}
	if !grouped && chance(40) {
		q = q.Columns(r.columns[rnd.IntN(len(r.columns))])
	}
	if chance(40) {
		q = q.OrderBy(r.columns[rnd.IntN(len(r.columns))] + " DESC")
	}
	if chance(40) {
		q = q.Limit(rnd.IntN(6))
	}
	if chance(30) {
		q = q.Offset(rnd.IntN(4))
	}
	return q
}

// countAgrees compares Count and Exists with All for n random queries, and returns how many of them had rows.
func countAgrees[T any](t *testing.T, p kit.Probe, rnd *rand.Rand, n int, r probeQuery[T]) int {
	t.Helper()
	full := 0
	for i := range n {
		q := r.random(rnd)
		rows, err := q.All(t.Context(), p.DB)
		count, countErr := q.Count(t.Context(), p.DB)
		exists, existsErr := q.Exists(t.Context(), p.DB)
		sql, _, _ := q.SQL(p.DB.Dialect())
		if (err == nil) != (countErr == nil) || (err == nil) != (existsErr == nil) {
			t.Fatalf("query %d: All gives %v, Count %v, Exists %v\n%s", i, err, countErr, existsErr, sql)
		}
		if err != nil {
			continue
		}
		if int(count) != len(rows) || exists != (len(rows) > 0) {
			t.Fatalf("query %d: All has %d rows, Count %d, Exists %v\n%s", i, len(rows), count, exists, sql)
		}
		if len(rows) > 0 {
			full++
		}
	}
	return full
}

func TestTrap_I9_CountIsWhatAllReturns(t *testing.T) {
	t.Parallel()
	seed := kit.Seed(t)
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		t.Logf("seed %d", seed)
		rnd := rand.New(rand.NewPCG(seed, 9))
		full := countAgrees(t, p, rnd, 150, probeQuery[models.Account]{models.Accounts, nil, []string{"activities", "activities.account.activities"},
			[]string{"id", "owner", "balance"}, []any{squirrel.Gt{"balance": 0}, squirrel.NotEq{"owner": "Patrick"}, squirrel.Eq{"id": []int64{}}}})
		full += countAgrees(t, p, rnd, 150, probeQuery[models.Post]{models.Posts, []string{"author", "editor", "author.profile"}, []string{"tags", "author.posts"},
			[]string{"id", "author_id", "editor_id"}, []any{squirrel.Eq{"editor_id": nil}, squirrel.Eq{"author.name": "ann"}, squirrel.NotEq{"id": 2}}})
		full += countAgrees(t, p, rnd, 150, probeQuery[models.Employee]{models.Employees, []string{"manager"}, []string{"subordinates", "manager.subordinates"},
			[]string{"id", "manager_id"}, []any{squirrel.NotEq{"manager_id": nil}, squirrel.Or{squirrel.Eq{"manager.id": 1}, squirrel.Eq{"id": 1}}}})
		if full < 100 {
			t.Errorf("only %d of 450 queries had rows: the test says too little", full)
		}
	})
}

func TestTrap_I10_PagesOfTiesNeitherRepeatNorSkip(t *testing.T) {
	t.Parallel()
	ddl := kit.KeyCase{OwnerSQL: "BIGINT", RowSQL: "BIGINT"}
	for i := range 40 {
		ddl.Owners = append(ddl.Owners, fmt.Sprint(i%2)) // twenty ties each
	}
	kit.OnEachProbe(t, ddl.DDL(), func(t *testing.T, p kit.Probe) {
		tables, _ := kit.KeyTables[int64, int64]()
		got := []string{}
		for page := 0; page*7 < 40; page++ {
			rows, err := dovetail.Select(tables).Where(squirrel.Lt{"k": 2}).OrderBy("k DESC").Limit(7).Offset(page*7).All(t.Context(), p.DB)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				got = append(got, fmt.Sprint(r.ID))
			}
			// Written again and rearranged between pages: the heap's order changes, the pages must not. A new row sorts last.
			p.Exec(t, fmt.Sprintf("UPDATE key_owners SET k = k WHERE id %% 3 = %d", page%3))
			p.Exec(t, fmt.Sprintf("INSERT INTO key_owners (id, k) VALUES (%d, -1)", 100+page))
		}
		want := p.Ask(t, "SELECT id FROM key_owners WHERE k >= 0 ORDER BY k DESC, id")
		if !slices.Equal(got[:min(len(got), 40)], want) || len(want) != 40 {
			t.Errorf("expected %q, got %q", want, got)
		}
	})
}

func TestTrap_I16_TextKeepsTheOrderOfTheServer(t *testing.T) {
	t.Parallel()
	type word struct {
		ID     int64
		Parent *int64
		Word   string
		Words  []*word
	}
	p := kit.PostgresProbe(t, `CREATE TABLE words (id bigint PRIMARY KEY, parent bigint, word text COLLATE "sv-x-icu");
INSERT INTO words VALUES (1, NULL, 'root'), (2, 1, 'Z'), (3, 1, 'ö'), (4, 1, 'a'), (5, 1, 'ä'), (6, 1, 'z'), (7, 1, 'å'), (8, 1, 'B');`, nil)
	r := dovetail.NewRegistry()
	words := dovetail.NewTable[word](r, "words")
	dovetail.HasMany(words, "below", words, dovetail.ForeignKey("parent"), dovetail.Field("Words"))
	want := p.Ask(t, "SELECT word FROM words WHERE parent = 1 ORDER BY word")
	if !slices.Equal(want, strings.Fields("a B z Z å ä ö")) {
		t.Fatalf("the server's order is %q", want)
	}
	if slices.IsSorted(want) {
		t.Fatal("the trap is not set: Go sorts the same way")
	}
	text := func(list []*word) (got []string) {
		for _, w := range list {
			got = append(got, w.Word)
		}
		return got
	}
	roots, err := dovetail.Select(words).Where(squirrel.Eq{"parent": 1}).OrderBy("word").All(t.Context(), p.DB)
	if err != nil || !slices.Equal(text(roots), want) {
		t.Errorf("roots: expected %q, got %q, %v", want, text(roots), err)
	}
	for limit, related := range map[int]dovetail.Query[*word]{7: dovetail.Select(words).OrderBy("word"), 5: dovetail.Select(words).OrderBy("word").Limit(5)} {
		one, err := dovetail.Select(words).Where(squirrel.Eq{"id": 1}).Preload("below", related).One(t.Context(), p.DB)
		if err != nil || !slices.Equal(text(one.Words), want[:limit]) {
			t.Errorf("preload of %d: expected %q, got %q, %v", limit, want[:limit], text(one.Words), err)
		}
	}
}

func TestTrap_I17_PlaceOfNULLsIsTheSameWhenAsked(t *testing.T) {
	t.Parallel()
	ddl := `CREATE TABLE key_owners (id BIGINT PRIMARY KEY, k BIGINT);
CREATE TABLE key_rows (id BIGINT PRIMARY KEY, k BIGINT);
INSERT INTO key_owners VALUES (1, NULL), (2, 5), (3, 1), (4, NULL);`
	kit.OnEachProbe(t, ddl, func(t *testing.T, p kit.Probe) {
		tables, _ := kit.KeyTables[*int64, *int64]()
		id := func(o *kit.KeyOwner[*int64, *int64]) any { return o.ID }
		usual := map[string]string{"k": "3 2 1 4", "k DESC": "1 4 2 3"} // PostgreSQL: NULL is larger than everything
		if !p.Postgres() {
			usual = map[string]string{"k": "1 4 3 2", "k DESC": "2 3 1 4"} // SQLite: smaller
		}
		for _, c := range []struct{ order, want string }{
			{"k NULLS FIRST", "1 4 3 2"}, {"k NULLS LAST", "3 2 1 4"}, {"k DESC NULLS FIRST", "1 4 2 3"},
			{"k desc nulls last", "2 3 1 4"}, {"k", usual["k"]}, {"k DESC", usual["k DESC"]},
		} {
			q := dovetail.Select(tables).OrderBy(c.order).Limit(9) // the limit ends the order in the primary key
			if got := kit.ProbeIDs(t, p.DB, q, id); got != c.want {
				t.Errorf("%s: expected %s, got %s", c.order, c.want, got)
			}
			if got := kit.ProbeIDs(t, p.DB, q.Limit(3), id); got != c.want[:len("1 2 3")] {
				t.Errorf("%s limited: expected the start of %s, got %s", c.order, c.want, got)
			}
		}
	})
}

func TestTrap_I18_ColumnOutsideTheGroupIsRefused(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		accounts := dovetail.Select(models.Accounts)
		refused(t, p, "selected", accounts.GroupBy("owner"), dovetail.ErrInvalidQuery)
		refused(t, p, "named", accounts.Columns("owner", "balance").GroupBy("owner"), dovetail.ErrInvalidQuery)
		refused(t, p, "ordered", accounts.Columns("owner").GroupBy("owner").OrderBy("balance"), dovetail.ErrInvalidQuery)
		refused(t, p, "no group", dovetail.Select(models.Authors).LeftJoin("books").Column("count(books.id) AS book_count"), dovetail.ErrInvalidQuery)
		refused(t, p, "having", accounts.Having("count(*) > 1"), dovetail.ErrInvalidQuery)
		if _, err := accounts.Columns("owner", "balance").GroupBy("owner").All(t.Context(), p.DB); !strings.Contains(err.Error(), `"balance"`) {
			t.Errorf("expected the column by name, got %q", err)
		}
		ok := dovetail.Select(models.Authors).LeftJoin("books").GroupBy("id").Column("count(books.id) AS book_count").OrderBy("book_count DESC", "id")
		got := kit.ProbeIDs(t, p.DB, ok, func(a *models.Author) any { return fmt.Sprint(a.Name, ":", a.BookCount) })
		if got != "Le Guin:2 Lem:1 Nobody:0" {
			t.Errorf("by the primary key: got %s", got)
		}
	})
}

func TestTrap_I19_ArithmeticAndEmptyTextAreTheDatabases(t *testing.T) {
	t.Parallel()
	type row struct {
		ID   int64
		N    int64
		Flag bool
		Note *string
	}
	ddl := `CREATE TABLE plain (id BIGINT PRIMARY KEY, n BIGINT, flag BOOLEAN, note TEXT);
INSERT INTO plain VALUES (1, 7, TRUE, ''), (2, -7, FALSE, NULL), (3, 8, TRUE, 'x');`
	kit.OnEachProbe(t, ddl, func(t *testing.T, p kit.Probe) {
		q := dovetail.Select(dovetail.NewTable[row](dovetail.NewRegistry(), "plain")).OrderBy("id")
		id := func(r *row) any { return r.ID }
		for _, c := range []struct {
			name string
			q    dovetail.Query[*row]
			want string
		}{
			{"empty text is not NULL", q.Where(squirrel.Eq{"note": ""}), "1"},
			{"NULL is not empty text", q.Where(squirrel.Eq{"note": nil}), "2"},
			{"neither", q.Where(squirrel.NotEq{"note": ""}), "3"},
			{"boolean", q.Where(squirrel.Eq{"flag": true}), "1 3"},
			{"not the boolean", q.Where(squirrel.NotEq{"flag": true}), "2"},
			{"list of booleans", q.Where(squirrel.Eq{"flag": []bool{false, true}}), "1 2 3"},
		} {
			if got := kit.ProbeIDs(t, p.DB, c.q, id); got != c.want {
				t.Errorf("%s: expected %s, got %s", c.name, c.want, got)
			}
		}
		halves, err := dovetail.Collect[int64](t.Context(), p.DB, q.Columns().Column("n / 2 AS half"))
		if err != nil {
			t.Fatal(err)
		}
		if want := p.Ask(t, "SELECT n / 2 FROM plain ORDER BY id"); fmt.Sprint(halves) != fmt.Sprint(want) || halves[0] != 3 || halves[1] != -3 {
			t.Errorf("expected %v as by hand, got %v", want, halves)
		}
	})
}
