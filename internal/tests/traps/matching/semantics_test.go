package matching_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// refused fails the test unless All, Count and Exists give that error and no statement was sent.
func refused[T any](t *testing.T, p kit.Probe, what string, q dovetail.Query[*T], is error) {
	t.Helper()
	rec := p.Record()
	rows, err := q.All(t.Context(), rec)
	if rows != nil || !errors.Is(err, is) {
		t.Errorf("%s: expected %v from All, got %v, %v", what, is, rows, err)
	}
	if _, err := q.Count(t.Context(), rec); !errors.Is(err, is) {
		t.Errorf("%s: expected %v from Count, got %v", what, is, err)
	}
	rec.Expect(t, 0, 0)
}

func TestTrap_I1_ToManyJoinRepeatsTheRootUntilToldOtherwise(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		joined := dovetail.Select(models.Accounts).Join("activities").OrderBy("id")
		for _, c := range []struct {
			name string
			q    dovetail.Query[*models.Account]
			want string
		}{
			{"join", joined, "1 1 1 2 3 3"},
			{"left join", dovetail.Select(models.Accounts).LeftJoin("activities").OrderBy("id"), "1 1 1 2 3 3 4"},
			{"distinct", joined.Distinct(), "1 2 3"},
			{"has", dovetail.Select(models.Accounts).Has("activities").OrderBy("id"), "1 2 3"},
		} {
			if got := kit.ProbeIDs(t, p.DB, c.q, models.AccountID); got != c.want {
				t.Errorf("%s: expected %s, got %s", c.name, c.want, got)
			}
		}
	})
}

type docRow struct {
	ID   int64
	Rank int64
	Body json.RawMessage
	Tags []*docTag
}

type docTag struct {
	ID    int64
	DocID int64
}

const docDDL = `CREATE TABLE docs (id BIGINT PRIMARY KEY, rank BIGINT, body JSON);
CREATE TABLE doc_tags (id BIGINT PRIMARY KEY, doc_id BIGINT);
INSERT INTO docs VALUES (1, 3, '{"a":1}'), (2, 2, '{"a":1}'), (3, 1, NULL), (4, 0, '[]');
INSERT INTO doc_tags VALUES (1, 1), (2, 1), (3, 2), (4, 3), (5, 3);`

func docTables() (*dovetail.Table[docRow], *dovetail.Table[docTag]) {
	r := dovetail.NewRegistry()
	docs, tags := dovetail.NewTable[docRow](r, "docs"), dovetail.NewTable[docTag](r, "doc_tags")
	dovetail.HasMany(docs, "tags", tags, dovetail.ForeignKey("doc_id"))
	return docs, tags
}

func TestTrap_I2_DistinctWithJSONTellsRowsByKey(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, docDDL, func(t *testing.T, p kit.Probe) {
		docs, _ := docTables()
		q := dovetail.Select(docs).Join("tags").Distinct()
		id := func(d *docRow) any { return d.ID }
		if got := kit.ProbeIDs(t, p.DB, q.OrderBy("rank"), id); got != "3 2 1" {
			t.Errorf("expected 3 2 1, got %s", got)
		}
		if got := kit.ProbeIDs(t, p.DB, q.OrderBy("rank DESC").Limit(2).Offset(1), id); got != "2 3" {
			t.Errorf("expected 2 3, got %s", got)
		}
		rows, err := q.OrderBy("id").Preload("tags").All(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		if string(rows[0].Body) != `{"a":1}` || rows[2].Body != nil || len(rows[0].Tags) != 2 {
			t.Errorf("expected the documents and their tags, got %+v, %+v", rows[0], rows[2])
		}
		if n, err := q.Count(t.Context(), p.DB); err != nil || n != 3 {
			t.Errorf("expected a count of 3, got %d, %v", n, err)
		}
		type keyless struct {
			Rank int64
			Body json.RawMessage
		}
		r := dovetail.NewRegistry()
		bare, tags := dovetail.NewTable[keyless](r, "docs"), dovetail.NewTable[docTag](r, "doc_tags")
		dovetail.HasMany(bare, "tags", tags, dovetail.ForeignKey("doc_id"), dovetail.References("rank"))
		refused(t, p, "without a primary key", dovetail.Select(bare).Join("tags").Distinct(), dovetail.ErrUnsupported)
		refused(t, p, "by a column of a path", q.OrderBy("tags.id"), dovetail.ErrUnsupported)
	})
}

func TestTrap_I3_DistinctAndAnOrderByWhatIsNotSelected(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		accounts := dovetail.Select(models.Accounts).Join("activities").Distinct()
		// The rule's ErrOrder is ErrFanOut: the order would need one value where the join has several.
		refused(t, p, "to-many", accounts.OrderBy("activities.amount"), dovetail.ErrFanOut)
		refused(t, p, "expression", accounts.OrderByClause("length(owner)"), dovetail.ErrUnsupported)

		toOne := dovetail.Select(models.Activities).Join("account.activities").Distinct().OrderBy("account.owner DESC", "amount")
		got := kit.ProbeIDs(t, p.DB, toOne, func(a *models.Activity) any { return a.ID })
		want := p.Ask(t, `SELECT v.id FROM activity v JOIN accounts a ON a.id = v.account_id ORDER BY a.owner DESC, v.amount`)
		if got != strings.Join(want, " ") || got != "5 6 3 1 2 4" {
			t.Errorf("expected %q, got %q", want, got)
		}
		owners := kit.ProbeIDs(t, p.DB, accounts.Columns("owner").OrderBy("balance DESC"), func(a *models.Account) any { return a.Owner })
		if owners != "SpongeBob Squidward Patrick" {
			t.Errorf("expected the owners by balance, got %s", owners)
		}
	})
}

func TestTrap_I4_LimitOverAToManyJoinCountsRoots(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		// DESIGN's rule: an error without Distinct, roots with it.
		joined := dovetail.Select(models.Accounts).Join("activities").OrderBy("id")
		refused(t, p, "limit", joined.Limit(2), dovetail.ErrFanOut)
		refused(t, p, "offset", joined.Offset(1), dovetail.ErrFanOut)
		refused(t, p, "deep", dovetail.Select(models.Activities).Join("account.activities").Limit(1), dovetail.ErrFanOut)
		if _, err := joined.Limit(2).All(t.Context(), p.DB); !strings.Contains(err.Error(), `"activities"`) ||
			!strings.Contains(err.Error(), "Distinct()") || !strings.Contains(err.Error(), "Has(") {
			t.Errorf("expected the join and two ways out, got %q", err)
		}
		roots := []string{"1", "2", "3"}
		for limit := range 5 {
			for offset := range 5 {
				want := roots[min(offset, 3):min(offset+limit, 3)]
				got := kit.ProbeIDs(t, p.DB, joined.Distinct().Limit(limit).Offset(offset), models.AccountID)
				if got != strings.Join(want, " ") {
					t.Errorf("limit %d, offset %d: expected %q, got %q", limit, offset, want, got)
				}
			}
		}
		first, err := joined.First(t.Context(), p.DB)
		if err != nil || first.ID != 1 {
			t.Errorf("expected account 1 first, got %+v, %v", first, err)
		}
		toOne := kit.ProbeIDs(t, p.DB, dovetail.Select(models.Activities).Join("account").OrderBy("id").Limit(4), func(a *models.Activity) any { return a.ID })
		if toOne != "1 2 3 4" {
			t.Errorf("a to-one join: expected 1 2 3 4, got %s", toOne)
		}
	})
}

func TestTrap_I5_LimitOfAPreloadIsPerOwner(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		for _, c := range []struct {
			name    string
			related dovetail.Query[*models.Activity]
			window  string // the same rows by row number in SQL written by hand
			want    []string
		}{
			{"limit", dovetail.Select(models.Activities).OrderBy("amount DESC").Limit(2), "n <= 2", []string{"1 2", "1 1", "2 4", "3 6", "3 5"}},
			{"offset", dovetail.Select(models.Activities).OrderBy("amount DESC").Offset(1), "n > 1", []string{"1 1", "1 3", "3 5"}},
			{"both", dovetail.Select(models.Activities).OrderBy("amount DESC").Limit(1).Offset(1), "n = 2", []string{"1 1", "3 5"}},
			{"none", dovetail.Select(models.Activities).Limit(0), "n < 0", []string{}},
		} {
			accounts, err := dovetail.Select(models.Accounts).OrderBy("id").Limit(3).Preload("activities", c.related).All(t.Context(), p.DB)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, a := range accounts {
				for _, v := range a.Activities {
					got = append(got, fmt.Sprint(a.ID, " ", v.ID))
				}
			}
			asked := p.Ask(t, `SELECT account_id, id FROM (SELECT account_id, id, row_number() OVER (PARTITION BY account_id
				ORDER BY amount DESC, id) AS n FROM activity) AS w WHERE `+c.window+` ORDER BY account_id, n`)
			if len(accounts) != 3 || !slices.Equal(got, c.want) || !slices.Equal(asked, c.want) {
				t.Errorf("%s: expected %q, got %q for %d accounts, by hand %q", c.name, c.want, got, len(accounts), asked)
			}
		}
	})
}

func TestTrap_I6_ConditionOfALeftJoinKeepsRoots(t *testing.T) {
	t.Parallel()
	type pair struct {
		ID         int64
		Activities struct{ ID *int64 }
	}
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		pairs := func(q dovetail.Query[*models.Account]) string {
			t.Helper()
			rows, err := dovetail.Collect[pair](t.Context(), p.DB, q.Columns("id", "activities.id").OrderBy("id", "activities.id"))
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, r := range rows {
				id := "-"
				if r.Activities.ID != nil {
					id = fmt.Sprint(*r.Activities.ID)
				}
				got = append(got, fmt.Sprint(r.ID, "/", id))
			}
			return strings.Join(got, " ")
		}
		on := dovetail.Select(models.Accounts).LeftJoin("activities", squirrel.Eq{"activity_type": "WD"})
		if got := pairs(on); got != "1/3 2/- 3/6 4/-" {
			t.Errorf("on: expected every account, got %s", got)
		}
		where := dovetail.Select(models.Accounts).LeftJoin("activities").Where(squirrel.Eq{"activities.activity_type": "WD"})
		if got := pairs(where); got != "1/3 3/6" {
			t.Errorf("where: expected the accounts with a withdrawal, got %s", got)
		}
		text, err := where.Explain(p.DB.Dialect())
		if err != nil || !strings.Contains(text, "LEFT JOIN") || !strings.Contains(text, "WHERE") {
			t.Errorf("expected Explain to show the left join and the condition, got %s, %v", text, err)
		}
		// A path that is joined for its name keeps the rows without one, so that IS NULL finds them.
		byEditor := dovetail.Select(models.Posts).Where(squirrel.Or{squirrel.Eq{"editor.name": nil}, squirrel.Eq{"editor.name": "ann"}}).OrderBy("id")
		if got := kit.ProbeIDs(t, p.DB, byEditor, func(x *models.Post) any { return x.ID }); got != "2 3" {
			t.Errorf("implicit join: expected 2 3, got %s", got)
		}
	})
}

func TestTrap_I8_AggregateOverTwoListsIsRefused(t *testing.T) {
	t.Parallel()
	type counted struct {
		ID, N int64
	}
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		group := dovetail.Select(models.Users).Columns("id").GroupBy("id").OrderBy("id").LeftJoin("posts")
		ask := func(q dovetail.Query[*models.User]) string {
			t.Helper()
			rows, err := dovetail.Collect[counted](t.Context(), p.DB, q)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(rows)
		}
		if got := ask(group.Column("count(posts.id) AS n")); got != "[{1 2} {2 1} {3 0}]" {
			t.Errorf("one list: got %s", got)
		}
		both := group.LeftJoin("edited")
		for _, aggregate := range []string{"count(posts.id) AS n", "sum(posts.id) AS n", "COUNT(*) AS n", "max(posts.id) + count(edited.id) AS n"} {
			q := both.Column(aggregate)
			if _, err := dovetail.Collect[counted](t.Context(), p.DB, q); !errors.Is(err, dovetail.ErrFanOut) {
				t.Errorf("%s: expected ErrFanOut, got %v", aggregate, err)
			} else if text := err.Error(); !strings.Contains(text, `"posts"`) || !strings.Contains(text, `"edited"`) {
				t.Errorf("%s: expected both joins by name, got %q", aggregate, text)
			}
		}
		if got := ask(both.Column("count(DISTINCT posts.id) AS n")); got != "[{1 2} {2 1} {3 0}]" {
			t.Errorf("distinct: got %s", got)
		}
		nested := group.LeftJoin("posts.tags").Column("count(posts.tags.id) AS n")
		if got := ask(nested); got != "[{1 3} {2 0} {3 0}]" {
			t.Errorf("a list of a list: got %s", got)
		}
	})
}

func TestTrap_I11_HasNoneIsNotFooledByNULL(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		if naive := p.Ask(t, `SELECT id FROM "user" WHERE id NOT IN (SELECT editor_id FROM posts)`); len(naive) != 0 {
			t.Fatalf("the trap is not set: NOT IN found %q", naive)
		}
		got := kit.ProbeIDs(t, p.DB, dovetail.Select(models.Users).HasNone("edited").OrderBy("id"), func(u *models.User) any { return u.ID })
		if got != "3" {
			t.Errorf("expected user 3, got %s", got)
		}
	})
}

func TestTrap_I13_OneGroupIsOneRow(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		withdrawal, large := squirrel.Eq{"activity_type": "WD"}, squirrel.GtOrEq{"amount": 750}
		for _, c := range []struct {
			name string
			q    dovetail.Query[*models.Account]
			want string
		}{
			{"one Has", dovetail.Select(models.Accounts).Has("activities", withdrawal, large), "3"},
			{"two Has", dovetail.Select(models.Accounts).Has("activities", withdrawal).Has("activities", large), "1 3"},
			{"one Join", dovetail.Select(models.Accounts).Join("activities", withdrawal).
				Where("activities.amount >= ?", 750).Distinct(), "3"},
			{"two Wheres", dovetail.Select(models.Accounts).Join("activities").Where(squirrel.Eq{"activities.activity_type": "WD"}).
				Where(squirrel.GtOrEq{"activities.amount": 750}).Distinct(), "3"},
			{"HasNone of both", dovetail.Select(models.Accounts).HasNone("activities", withdrawal, large), "1 2 4"},
			{"HasNone of each", dovetail.Select(models.Accounts).HasNone("activities", withdrawal).HasNone("activities", large), "2 4"},
		} {
			if got := kit.ProbeIDs(t, p.DB, c.q.OrderBy("id"), models.AccountID); got != c.want {
				t.Errorf("%s: expected %s, got %s", c.name, c.want, got)
			}
		}
	})
}

func TestTrap_I14_ForUpdateLocksTheRootAlone(t *testing.T) {
	t.Parallel()
	p := kit.PostgresProbe(t, kit.ReadingsDDL(t), func(cfg *pgxpool.Config) { cfg.MaxConns = 3 })
	posts := dovetail.Select(models.Posts)
	refused(t, p, "distinct", posts.Distinct().ForUpdate(), dovetail.ErrUnsupported)
	refused(t, p, "group", posts.GroupBy("id").ForUpdate(), dovetail.ErrUnsupported)
	refused(t, p, "to-many", posts.Join("tags").ForUpdate(), dovetail.ErrFanOut)
	if _, _, err := posts.ForUpdate().SQL(sqlite.Dialect); !errors.Is(err, dovetail.ErrUnsupported) {
		t.Errorf("SQLite: expected ErrUnsupported, got %v", err)
	}

	tx, err := p.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context()) //nolint:errcheck // nothing was written
	locked, err := posts.LeftJoin("editor").Where(squirrel.Eq{"id": []int64{1, 2}}).OrderBy("id").ForUpdate().All(t.Context(), postgres.New(tx))
	if err != nil || len(locked) != 2 {
		t.Fatalf("expected posts 1 and 2, got %v, %v", locked, err)
	}
	free := func(sql string) []string { return p.Ask(t, sql+" ORDER BY id FOR UPDATE SKIP LOCKED") }
	if got := free("SELECT id FROM posts"); !slices.Equal(got, []string{"3"}) {
		t.Errorf("expected post 3 alone to be free, got %q", got)
	}
	if got := free(`SELECT id FROM "user"`); !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("expected every user to be free, got %q", got)
	}
}
