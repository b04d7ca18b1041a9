package asking_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Section D: conditions, and text in places of values. D3's analyser and D8's writes come later.

type trapNote struct {
	ID       int64
	TenantID int64
	Kind     string
	Size     int64
	ParentID *int64
	Parent   *trapNote
	Replies  []*trapNote
}

func trapNotes() *dovetail.Table[trapNote] {
	notes := dovetail.NewTable[trapNote](dovetail.NewRegistry(), "notes")
	dovetail.BelongsTo(notes, "parent", notes, dovetail.ForeignKey("parent_id"), dovetail.Inverse("replies"))
	return notes
}

const trapNotesDDL = `
CREATE TABLE notes (id BIGINT PRIMARY KEY, tenant_id BIGINT NOT NULL, kind TEXT NOT NULL, size BIGINT NOT NULL,
  parent_id BIGINT);
INSERT INTO notes (id, tenant_id, kind, size, parent_id) VALUES
  (1, 1, 'a', 0, NULL), (2, 1, 'b', 1, 1), (3, 1, 'c', 2, 7), (4, 1, 'a', 3, 2), (5, 1, 'b', 4, NULL),
  (6, 2, 'a', 0, 1), (7, 2, 'b', 1, 6), (8, 2, 'c', 2, 7), (9, 3, 'a', 1, 8), (10, 3, 'b', 3, 2);`

// anyNote is a condition with what it means.
type anyNote struct {
	pred  any
	args  []any
	holds func(n *trapNote) bool
	text  string // for messages
}

// randomNote returns a condition that would reach past the one beside it, were it not kept in parentheses.
func randomNote(r *rand.Rand, depth int) anyNote {
	size, kind := r.Int64N(5), string('a'+rune(r.IntN(3)))
	leaves := []anyNote{
		{squirrel.Eq{"kind": kind}, nil, func(n *trapNote) bool { return n.Kind == kind }, "kind = " + kind},
		{squirrel.NotEq{"kind": kind}, nil, func(n *trapNote) bool { return n.Kind != kind }, "kind <> " + kind},
		{squirrel.Lt{"size": size}, nil, func(n *trapNote) bool { return n.Size < size }, fmt.Sprint("size < ", size)},
		{squirrel.Eq{"tenant_id": 2}, nil, func(n *trapNote) bool { return n.TenantID == 2 }, "tenant 2"},
		{squirrel.Eq{"size": []int64{size, 4}}, nil,
			func(n *trapNote) bool { return n.Size == size || n.Size == 4 }, "size list"},
		{"size = ? OR kind = ?", []any{size, kind},
			func(n *trapNote) bool { return n.Size == size || n.Kind == kind }, "text OR"},
		{"tenant_id = 2 OR notes.tenant_id = 1", nil, func(n *trapNote) bool { return n.TenantID <= 2 }, "text of tenants"},
		{"size < 0 OR 1 = 1 -- )", nil, func(*trapNote) bool { return true }, "text with a comment"},
		{"size = 9 AND kind = 'a' OR size = ?", []any{size}, func(n *trapNote) bool { return n.Size == size }, "text AND OR"},
		{squirrel.Expr("kind = ? OR 1 = 1", kind), nil, func(*trapNote) bool { return true }, "Expr OR"},
		{squirrel.Or{}, nil, func(*trapNote) bool { return false }, "empty Or"},
		{squirrel.Eq{}, nil, func(*trapNote) bool { return true }, "empty Eq"},
	}
	if depth == 0 || r.IntN(3) == 0 {
		return leaves[r.IntN(len(leaves))]
	}
	a, b := randomNote(r, depth-1), randomNote(r, depth-1)
	if r.IntN(2) == 0 {
		return anyNote{squirrel.Or{a.sqlizer(), b.sqlizer()}, nil, func(n *trapNote) bool { return a.holds(n) || b.holds(n) },
			"(" + a.text + " or " + b.text + ")"}
	}
	return anyNote{squirrel.And{a.sqlizer(), b.sqlizer()}, nil, func(n *trapNote) bool { return a.holds(n) && b.holds(n) },
		"(" + a.text + " and " + b.text + ")"}
}

func (n anyNote) sqlizer() squirrel.Sqlizer {
	if text, ok := n.pred.(string); ok {
		return squirrel.Expr(text, n.args...)
	}
	return n.pred.(squirrel.Sqlizer)
}

func TestTrap_D1_NoConditionReachesPastTheOneBeside(t *testing.T) {
	t.Parallel()
	notes := trapNotes()
	seed := kit.Seed(t)
	kit.OnEach(t, trapNotesDDL, func(t *testing.T, d kit.Database) {
		r := rand.New(rand.NewPCG(seed, 1))
		everything := kit.All(t, d.DB, dovetail.Select(notes).OrderBy("id"))
		for range 200 {
			a, b := randomNote(r, 2), randomNote(r, 2)
			tenant := 1 + r.Int64N(3)
			q := dovetail.Select(notes).OrderBy("id")
			if r.IntN(2) == 0 {
				q = q.Where(squirrel.Eq{"tenant_id": tenant}).Where(a.pred, a.args...).Where(b.pred, b.args...)
			} else {
				q = q.Where(a.pred, a.args...).Where("tenant_id = ?", tenant).Where(b.pred, b.args...)
			}
			var want []int64
			for _, n := range everything {
				if n.TenantID == tenant && a.holds(n) && b.holds(n) {
					want = append(want, n.ID)
				}
			}
			kit.Same(t, fmt.Sprintf("seed %d, tenant %d, %s, %s", seed, tenant, a.text, b.text),
				kit.Pluck(kit.All(t, d.DB, q), func(n *trapNote) int64 { return n.ID }), want...)
		}
		// The keys of a relation are a condition too, whatever stands beside them.
		all, always := dovetail.Select(notes), squirrel.Expr("size < 0 OR 1 = 1")
		id := func(n *trapNote) int64 { return n.ID }
		on := all.Join("parent", squirrel.Expr(`"parent".size < 0 OR 1 = 1`)).OrderBy("id")
		kit.Same(t, "ON", kit.Pluck(kit.All(t, d.DB, on), id), 2, 3, 4, 6, 7, 8, 9, 10)
		kit.Same(t, "Has", kit.Pluck(kit.All(t, d.DB, all.Has("replies", always).OrderBy("id")), id), 1, 2, 6, 7, 8)
		kit.Same(t, "HasNone", kit.Pluck(kit.All(t, d.DB, all.HasNone("replies", always).OrderBy("id")), id), 3, 4, 5, 9, 10)
		loaded := kit.All(t, d.DB, all.OrderBy("id").Preload("replies", all.Where("size < 0 OR 1 = 1")).Limit(3))
		kit.Same(t, "preloaded onto 1", kit.Pluck(loaded[0].Replies, id), 2, 6)
		kit.Same(t, "preloaded onto 2", kit.Pluck(loaded[1].Replies, id), 4, 10)
		kit.Same(t, "preloaded onto 3", kit.Pluck(loaded[2].Replies, id))
	})
}

func TestTrap_D2_TakesTextForAValueWhereAValueBelongs(t *testing.T) {
	t.Parallel()
	type Word struct {
		ID   string
		Rank int64
	}
	words := dovetail.NewTable[Word](dovetail.NewRegistry(), "words")
	payloads := []string{"1=1", "x' OR '1'='1", `x" OR "1"="1`, "'; DROP TABLE words; --", "x') OR (1=1", "$1", "?", `\`}
	const ddl = `
CREATE TABLE words (id TEXT PRIMARY KEY, rank BIGINT NOT NULL);
INSERT INTO words (id, rank) VALUES ('one', 1);`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		for i, p := range payloads {
			queries := map[string]dovetail.Query[*Word]{
				"Eq":       dovetail.Select(words).Where(squirrel.Eq{"id": p}),
				"list":     dovetail.Select(words).Where(squirrel.Eq{"id": []string{p, p + "!"}}),
				"text":     dovetail.Select(words).Where("id = ?", p),
				"Like":     dovetail.Select(words).Where(squirrel.Like{"id": p}),
				"Contains": dovetail.Select(words).Where(dovetail.Contains("id", p)),
			}
			if p == `\` {
				delete(queries, "Like") // a pattern that ends in the escape character is an error of PostgreSQL's
			}
			for name, q := range queries {
				if n, err := q.Count(ctx, d.DB); err != nil || n != 0 {
					t.Errorf("%s %q: expected no row, got %d, %v", name, p, n, err)
				}
			}
			if _, err := dovetail.Select(words).Get(ctx, d.DB, p); !errors.Is(err, dovetail.ErrNoRows) {
				t.Errorf("Get(%q): expected no row, got %v", p, err)
			}
			d.Exec(t, fmt.Sprintf("INSERT INTO words (id, rank) VALUES (%s, %d)", kit.Literal(p), 10+i))
			if w, err := dovetail.Select(words).Get(ctx, d.DB, p); err != nil || w.Rank != int64(10+i) {
				t.Errorf("Get(%q): expected the row of that very key, got %v, %v", p, w, err)
			}
		}
		if n, err := dovetail.Select(words).Count(ctx, d.DB); err != nil || n != int64(1+len(payloads)) {
			t.Errorf("expected all rows to be there still, got %d, %v", n, err)
		}
	})
	ctx := t.Context()
	_, err := dovetail.Select(models.Accounts).Get(ctx, kit.Silent{TB: t}, "1=1")
	kit.Refused(t, err, dovetail.ErrArgType, "Get", `"id"`, "int64", "text")
	_, err = dovetail.Select(models.Accounts).Get(ctx, kit.Silent{TB: t}, squirrel.Expr("1=1"))
	kit.Refused(t, err, dovetail.ErrArgType, "Get", `"id"`)
	names := map[string]error{
		"OrderBy":         kit.StatementError(dovetail.Select(models.Accounts).OrderBy("1=1")),
		"Columns":         kit.StatementError(dovetail.Select(models.Accounts).Columns("1=1")),
		"GroupBy":         kit.StatementError(dovetail.Select(models.Accounts).GroupBy("1=1")),
		"Where":           kit.StatementError(dovetail.Select(models.Accounts).Where(squirrel.Eq{"1=1 OR id": 5})),
		"Where, Gt":       kit.StatementError(dovetail.Select(models.Accounts).Where(squirrel.Gt{"id) OR (1": 5})),
		"Where, Contains": kit.StatementError(dovetail.Select(models.Accounts).Where(dovetail.Contains("owner = owner --", "x"))),
	}
	for name, err := range names {
		method, _, _ := strings.Cut(name, ",")
		kit.Refused(t, err, dovetail.ErrUnknownColumn, method)
	}
}

func TestTrap_D5_CountsPlaceholdersBeforeSending(t *testing.T) {
	t.Parallel()
	all := dovetail.Select(models.Accounts)
	cases := []struct {
		name  string
		q     dovetail.Query[*models.Account]
		words []string
	}{
		{"too few", all.Where("id = ? AND owner = ?", 1), []string{"Where", "2 placeholder", "1 argument"}},
		{"too many", all.Where("id = ?", 1, 2), []string{"1 placeholder", "2 argument"}},
		{"none", all.Where("id > 1", 2), []string{"0 placeholder", "1 argument"}},
		{"one is in a literal", all.Where("owner <> '?' AND id = ?", 1, 2), []string{"1 placeholder", "2 argument"}},
		{"one is an operator", all.Where("owner ?? 'x'", 1), []string{"0 placeholder", "1 argument", "??"}},
		{"numbered", all.Where("id = $2 OR id = $1", 1), []string{"2 placeholder", "1 argument"}},
		{"numbered once", all.Where("id = $1 OR balance = $1", 1, 2), []string{"1 placeholder", "2 argument"}},
		{"a list is one argument", all.Where("id IN (?, ?)", []int{1, 2}), []string{"2 placeholder", "1 argument"}},
		{"Expr", all.Where(squirrel.Expr("id = ? AND owner = ?", 1)), []string{"2 placeholder", "1 argument"}},
		{"Expr in Or", all.Where(squirrel.Or{squirrel.Expr("id = ?")}), []string{"1 placeholder", "0 argument"}},
		{"Expr in Has", all.Has("activities", squirrel.Expr("amount = ?", 1, 2)),
			[]string{"Has", "1 placeholder", "2 argument"}},
		{"Expr in a join", all.Join("activities", squirrel.Expr("amount = ?")),
			[]string{"Join", "1 placeholder", "0 argument"}},
		{"beside an expression", all.Where(squirrel.Eq{"id": 1}, 2), []string{"1 argument"}},
		{"Having", all.GroupBy("id").Having("count(*) > ?"), []string{"Having", "1 placeholder", "0 argument"}},
		{"Column", all.Columns().Column("balance + ? AS b"), []string{"Column", "1 placeholder", "0 argument"}},
		{"OrderByClause", all.OrderByClause("balance + ?"), []string{"OrderByClause", "1 placeholder", "0 argument"}},
		{"in a preload", all.Preload("activities", dovetail.Select(models.Activities).Where("amount > ?")),
			[]string{"Preload", `"activities"`, "1 placeholder", "0 argument"}},
		{"in a subquery", all.Where(squirrel.Eq{"id": dovetail.Select(models.Activities).Columns("account_id").Where("amount > ?")}),
			[]string{"1 placeholder", "0 argument"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := c.q.All(t.Context(), kit.Silent{TB: t})
			kit.Refused(t, err, dovetail.ErrArgCount, c.words...)
			_, _, err = c.q.ToSql()
			kit.Refused(t, err, dovetail.ErrArgCount, c.words...)
		})
	}
	_, err := all.Get(t.Context(), kit.Silent{TB: t}, 1, 2)
	kit.Refused(t, err, dovetail.ErrArgCount, "Get", `"accounts"`, "1 column", "2 value")
}

func TestTrap_D6_NumbersPlaceholdersOnceOverAll(t *testing.T) {
	t.Parallel()
	dollar := squirrel.Select("account_id").From("activity").PlaceholderFormat(squirrel.Dollar)
	q := dovetail.Select(models.Accounts).Columns("id").
		Where("owner <> ?", "Sandy").
		Where(squirrel.Eq{"id": dollar.Where("amount > ? AND activity_type = ?", 700, "DEP")}).
		Join("activities", squirrel.Expr("amount > ?", 100)).
		Where("id IN (?) AND balance > ?", dollar.Where(squirrel.Eq{"activity_type": "WD"}), 1000).
		Where("accounts.balance = $2 OR accounts.id = $1 OR accounts.id = $1", 1, 5)
	const want = `SELECT "accounts"."id"` +
		` FROM "accounts" JOIN "activity" AS "activities" ON "activities"."account_id" = "accounts"."id" AND (amount > $1)` +
		` WHERE (owner <> $2)` +
		` AND ("accounts"."id" IN (SELECT account_id FROM activity WHERE amount > $3 AND activity_type = $4))` +
		` AND (id IN (SELECT account_id FROM activity WHERE activity_type = $5) AND balance > $6)` +
		` AND ("accounts"."balance" = $7 OR "accounts"."id" = $8 OR "accounts"."id" = $9)`
	sql, args := kit.StatementOf(t, q)
	if sql != want {
		t.Errorf("expected\n%s\ngot\n%s", want, sql)
	}
	kit.Same(t, "arguments", args, any(100), "Sandy", 700, "DEP", "WD", 1000, 5, 1, 1)
	nested := dovetail.Select(models.Accounts).OrderBy("id").
		Where("balance < ?", 1000).
		Where(squirrel.Or{
			squirrel.Eq{"id": dollar.Where("amount > ? AND activity_type = ?", 700, "WD")},
			squirrel.Expr("owner = ?", "Sandy"),
		}).
		Where("owner <> $1", "Patrick")
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		owners := kit.Pluck(kit.All(t, d.DB, nested), func(a *models.Account) string { return a.Owner })
		kit.Same(t, "owners", owners, "Squidward", "Sandy")
	})
	// Two styles in one text have no order in common.
	mixed := dovetail.Select(models.Accounts).Where(squirrel.Expr("balance > ? AND id IN (?)", 1, dollar.Where("amount > ?", 2)))
	kit.Refused(t, kit.StatementError(mixed), dovetail.ErrInvalidQuery, "Where", "one style")
}

func TestTrap_D7_ConditionsWithoutContentMeanWhatSquirrelSays(t *testing.T) {
	t.Parallel()
	// For reads; that writes refuse them comes with the writes.
	var noMap squirrel.Eq
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		cases := []struct {
			name string
			pred any
			want int64 // of 4 accounts
		}{
			{"Eq", squirrel.Eq{}, 4},
			{"nil Eq", noMap, 4},
			{"NotEq", squirrel.NotEq{}, 4},
			{"Lt", squirrel.Lt{}, 4},
			{"Like", squirrel.Like{}, 4},
			{"NotEqOrNull", dovetail.NotEqOrNull{}, 4},
			{"And", squirrel.And{}, 4},
			{"nil And", squirrel.And(nil), 4},
			{"Or", squirrel.Or{}, 0},
			{"nil Or", squirrel.Or(nil), 0},
			{"And of Eq", squirrel.And{squirrel.Eq{}, squirrel.Eq{"id": 1}}, 1},
			{"And of Or", squirrel.And{squirrel.Or{}, squirrel.Eq{"id": 1}}, 0},
			{"Or of Or", squirrel.Or{squirrel.Or{}, squirrel.Eq{"id": 1}}, 1},
			{"Or of Eq", squirrel.Or{squirrel.Eq{}, squirrel.Eq{"id": 1}}, 4},
			{"Or of And of Or", squirrel.Or{squirrel.And{squirrel.Or{}}}, 0},
		}
		for _, c := range cases {
			q := dovetail.Select(models.Accounts).Where(c.pred)
			n, err := q.Count(t.Context(), d.DB)
			if err != nil || n != c.want {
				t.Errorf("%s: expected %d rows, got %d, %v", c.name, c.want, n, err)
			}
			beside, err := q.Where("balance >= ?", 0).Where(c.pred).Count(t.Context(), d.DB)
			if err != nil || beside != c.want {
				t.Errorf("%s beside another: expected %d rows, got %d, %v", c.name, c.want, beside, err)
			}
		}
	})
	var noExpr *squirrel.SelectBuilder
	all := dovetail.Select(models.Accounts)
	refused := map[string]dovetail.Query[*models.Account]{
		"nil":               all.Where(nil),
		"nil pointer":       all.Where(noExpr),
		"nil in And":        all.Where(squirrel.And{nil}),
		"nil pointer in Or": all.Where(squirrel.Or{squirrel.Eq{"id": 1}, noExpr}),
		"nil in Has":        all.Has("activities", nil),
		"nil in a join":     all.Join("activities", nil),
		"no text":           all.Where(""),
		"no text in Expr":   all.Where(squirrel.Expr("")),
		"no Having":         all.GroupBy("id").Having(""),
		"no Column":         all.Column(""),
		"nil Column":        all.Column(nil),
		"no order":          all.OrderBy(""),
	}
	for name, q := range refused {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := q.All(t.Context(), kit.Silent{TB: t})
			kit.Refused(t, err, dovetail.ErrInvalidQuery)
		})
	}
}

func TestTrap_D9_RefusesAStructAsACondition(t *testing.T) {
	t.Parallel()
	all := dovetail.Select(models.Accounts)
	for name, pred := range map[string]any{
		"a struct":  models.Account{Owner: "Sandy"},
		"a pointer": &models.Account{ID: 4},
		"a list":    []*models.Account{{ID: 4}},
		"a number":  4,
		"a time":    time.Now(),
		"a bool":    true,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := all.Where(pred).All(t.Context(), kit.Silent{TB: t})
			kit.Refused(t, err, dovetail.ErrInvalidQuery, "Where", "squirrel expression", fmt.Sprintf("%T", pred))
		})
	}
	t.Run("a struct as a value", func(t *testing.T) {
		t.Parallel()
		_, err := all.Where(squirrel.Eq{"owner": models.Account{}}).All(t.Context(), kit.Silent{TB: t})
		kit.Refused(t, err, dovetail.ErrArgType, `"owner"`, "Account")
	})
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		cases := []struct {
			pred squirrel.Eq
			want []string
		}{
			{squirrel.Eq{"balance": 0}, []string{"Sandy"}},
			{squirrel.Eq{"balance": 0, "owner": ""}, nil},
			{squirrel.Eq{"id": 0}, nil},
			{squirrel.Eq{"created_at": time.Time{}}, nil},
		}
		for _, c := range cases {
			rows := kit.All(t, d.DB, all.Where(c.pred))
			owners := kit.Pluck(rows, func(a *models.Account) string { return a.Owner })
			if !slices.Equal(owners, c.want) {
				t.Errorf("%v: expected %v, got %v: a zero value counts", c.pred, c.want, owners)
			}
		}
	})
}
