package asking_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TRAPS C: names from outside. Every call that takes a name is given the same hostile ones, and a table that each of them
// would destroy must survive.

// hostileNames are no names of a column or a relation of accounts.
var hostileNames = []string{
	`id; DROP TABLE canary`, `id; DROP TABLE canary; --`, `id) ; DROP TABLE canary; --`, `"id"; DROP TABLE canary; --`,
	`1=1 OR id`, `id OR 1=1`, `id" OR "1"="1`, `id = id --`, `id/**/`, `id /* */ DESC`, `(SELECT id FROM canary)`, `owner, id`,
	`activities"; DROP TABLE canary; --`, `activities.amount; DROP TABLE canary`, `*`, `accounts.*`, `count(*)`, `1`, `''`, `?`, `$1`,
	"id\x00", "i\nd", "i\u2028d", "ow\xffner", "id\u0000; DROP TABLE canary", "ID", "Id", "оwner", "ıd", "ｉd", `[id]`, "`id`", `id::text`,
	`id COLLATE "C"`, `owner ILIKE 'x' OR id`, `id::int`, `id = ANY`, `pg_sleep(9)`, `activities..amount`, `activities.`, `.id`, ``, ` `, `"`, `'`,
}

const canaryDDL = `CREATE TABLE canary (id BIGINT PRIMARY KEY); INSERT INTO canary VALUES (1);`

// nameCalls gives a name to every method and function that takes one.
func nameCalls(name string) map[string]dovetail.Query[*models.Account] {
	q := dovetail.Select(models.Accounts)
	joined := q.Join("activities")
	on := func(p squirrel.Sqlizer) dovetail.Query[*models.Account] { return q.Join("activities", p) }
	calls := map[string]dovetail.Query[*models.Account]{
		"OrderBy":           q.OrderBy(name),
		"OrderBy of a path": joined.OrderBy("activities." + name),
		"Columns":           q.Columns(name),
		"GroupBy":           q.GroupBy(name),
		"Join":              q.Join(name),
		"LeftJoin":          q.LeftJoin(name),
		"Has":               q.Has(name),
		"HasNone":           q.HasNone(name),
		"HasEvery":          q.HasEvery(name, squirrel.Eq{"id": 1}),
		"HasAtLeast":        q.HasAtLeast(1, name),
		"HasAll":            q.HasAll(name, 1),
		"Preload":           q.Preload(name),
		"Preload below":     q.Preload("activities." + name),
		"Preload's order":   q.Preload("activities", dovetail.Select(models.Activities).OrderBy(name)),
		"Count":             q.With(dovetail.Count(name).As("n")),
		"Sum":               q.With(dovetail.Sum("activities." + name).As("n")),
		"FirstOf's order":   q.With(dovetail.FirstOf("activities.id").OrderBy(name).As("n")),
		"Having":            q.GroupBy("id").Having(squirrel.Eq{name: 1}),
		"Contains":          q.Where(dovetail.Contains(name, "x")),
		"StartsWith":        q.Where(dovetail.StartsWith(name, "x")),
		"NotEqOrNull":       q.Where(dovetail.NotEqOrNull{name: 1}),
	}
	for what, pred := range map[string]squirrel.Sqlizer{
		"Eq": squirrel.Eq{name: 5}, "Eq of nil": squirrel.Eq{name: nil}, "Eq of a list": squirrel.Eq{name: []int{1}},
		"NotEq": squirrel.NotEq{name: 5}, "Gt": squirrel.Gt{name: 5}, "LtOrEq": squirrel.LtOrEq{name: 5}, "Like": squirrel.Like{name: "x"},
		"Or": squirrel.Or{squirrel.Eq{"id": 1}, squirrel.Eq{name: 1}}, "Eq of a query": squirrel.Eq{name: q.Columns("id")},
	} {
		calls[what], calls[what+" in ON"], calls[what+" in Has"] = q.Where(pred), on(pred), q.Has("activities", pred)
	}
	return calls
}

// namesRefused tries each name at every call; nothing may be sent, and no error may be another's.
func namesRefused(t *testing.T, names []string) {
	t.Helper()
	kit.OnEach(t, kit.ReadingsDDL(t)+canaryDDL, func(t *testing.T, d kit.Database) {
		for _, name := range names {
			for what, q := range nameCalls(name) {
				rec := d.Record()
				rows, err := q.All(t.Context(), rec)
				named := errors.Is(err, dovetail.ErrUnknownColumn) || errors.Is(err, dovetail.ErrUnknownRelation) ||
					errors.Is(err, dovetail.ErrInvalidQuery)
				if rows != nil || !named {
					t.Errorf("%s of %q: expected a refusal, got %v, %v", what, name, rows, err)
				}
				rec.Expect(t, 0, 0)
			}
			rec := d.Record()
			err := dovetail.Load(t.Context(), rec, models.Accounts, []*models.Account{{ID: 1}}, name)
			if !errors.Is(err, dovetail.ErrUnknownRelation) {
				t.Errorf("Load of %q: expected a refusal, got %v", name, err)
			}
			rec.Expect(t, 0, 0)
		}
		kit.Same(t, "the canary", kit.Texts(t, d.DB, "SELECT CAST(id AS TEXT) FROM canary"), "1")
	})
}

func TestTrap_C1_AnOrderFromARequestIsANameOrAnError(t *testing.T) {
	t.Parallel()
	namesRefused(t, hostileNames)
}

// quotedRow has a quote in the names of its columns.
type quotedRow struct {
	ID     int64  `db:"we\"ird"`
	Parent *int64 `db:"a.b"`
	Text   string `db:"'; DROP TABLE canary; --"`
	Up     *quotedRow
}

func TestTrap_C2_AQuoteInANameIsDoubled(t *testing.T) {
	t.Parallel()
	const table = `od"d; DROP TABLE canary; --`
	quoted := `"` + strings.ReplaceAll(table, `"`, `""`) + `"`
	ddl := canaryDDL + fmt.Sprintf(`CREATE TABLE %[1]s ("we""ird" BIGINT PRIMARY KEY, "a.b" BIGINT, "'; DROP TABLE canary; --" TEXT);
INSERT INTO %[1]s VALUES (1, NULL, 'one'), (2, 1, 'two');`, quoted)
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		r := dovetail.NewRegistry()
		rows := dovetail.NewTable[quotedRow](r, table, dovetail.PrimaryKey(`we"ird`))
		dovetail.BelongsTo(rows, "up", rows, dovetail.ForeignKey("a.b"))
		q := dovetail.Select(rows).Where(squirrel.Eq{`we"ird`: 2, `'; DROP TABLE canary; --`: "two"})
		got := kit.All(t, d.DB, q.Where(squirrel.Eq{`up.we"ird`: 1}).Preload("up"))
		if len(got) != 1 || got[0].Text != "two" || got[0].Up == nil || got[0].Up.Text != "one" {
			t.Errorf("expected row 2 below row 1, got %+v", got)
		}
		kit.Same(t, "the canary", kit.Texts(t, d.DB, "SELECT CAST(id AS TEXT) FROM canary"), "1")
	})
}

func TestTrap_C3_ANameOfControlBytesIsRefusedWhenDeclared(t *testing.T) {
	t.Parallel()
	type row struct {
		ID      int64
		OwnerID int64
	}
	for _, name := range []string{"a\x00b", "a\nb", "a\tb", "a\x7fb", "a\u0085b", "a\xffb", "\xc3("} {
		for what, declare := range map[string]func(r *dovetail.Registry){
			"table":  func(r *dovetail.Registry) { dovetail.NewTable[row](r, name) },
			"schema": func(r *dovetail.Registry) { dovetail.NewTable[row](r, "rows", dovetail.Schema(name)) },
			"key":    func(r *dovetail.Registry) { dovetail.NewTable[row](r, "rows", dovetail.PrimaryKey(name)) },
			"relation": func(r *dovetail.Registry) {
				rows := dovetail.NewTable[row](r, "rows")
				dovetail.BelongsTo(rows, name, rows, dovetail.ForeignKey("owner_id"))
			},
			"inverse": func(r *dovetail.Registry) {
				rows := dovetail.NewTable[row](r, "rows")
				dovetail.BelongsTo(rows, "owner", rows, dovetail.ForeignKey("owner_id"), dovetail.Inverse(name))
			},
			"foreign key": func(r *dovetail.Registry) {
				rows := dovetail.NewTable[row](r, "rows")
				dovetail.BelongsTo(rows, "owner", rows, dovetail.ForeignKey(name))
			},
		} {
			err := kit.Declared(declare)
			if err == nil || strings.Contains(err.Error(), name) {
				t.Errorf("%s %q: expected a refusal that shows the name quoted, got %v", what, name, err)
			}
		}
	}
}

func TestTrap_C4_ADotBelongsToTheColumnsName(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, dottedDDL, func(t *testing.T, d kit.Database) {
		orders := dottedOrders()
		for _, q := range []dovetail.Query[*dottedOrder]{
			dovetail.Select(orders).Where(squirrel.Eq{"a.b": "y"}),
			dovetail.Select(orders).OrderBy("a.b DESC").Limit(1),
			dovetail.Select(orders).Columns("order.id", "a.b", "a").Where(squirrel.Eq{"a": "x"}),
		} {
			got := kit.All(t, d.DB, q)
			if len(got) != 1 || got[0].ID != 2 || got[0].Dotted != "y" || got[0].Plain != "x" {
				t.Errorf("expected order 2, got %+v", got)
			}
		}
	})
}

func TestTrap_C5_AnEmptyNameIsRefused(t *testing.T) {
	t.Parallel()
	namesRefused(t, []string{"", " ", "\t"})
	type row struct{ ID int64 }
	if err := kit.Declared(func(r *dovetail.Registry) { dovetail.NewTable[row](r, "") }); err == nil {
		t.Error("table: expected a refusal")
	}
}

func TestTrap_C6_AKeyOfAConditionIsAColumn(t *testing.T) {
	t.Parallel()
	for _, d := range []dovetail.AnyQuery{
		dovetail.Select(models.Accounts).Where(squirrel.Eq{"1=1 OR id": 5}), dovetail.Select(models.Accounts).Where(squirrel.NotEq{"0=1 OR id": 5}),
		dovetail.Select(models.Accounts).Has("activities", squirrel.Eq{"1=1 OR id": 5}),
		dovetail.Select(models.Accounts).Where(squirrel.And{squirrel.Or{squirrel.Lt{"id) OR (1": 1}}}),
	} {
		_, _, err := d.ToSql()
		kit.Refused(t, err, dovetail.ErrUnknownColumn)
	}
}

func TestTrap_C8_AnAliasOfTheCallersIsAPlainName(t *testing.T) {
	t.Parallel()
	for _, name := range hostileNames {
		if name == "ID" || name == "Id" { // plain names, of no column
			continue
		}
		if _, _, err := dovetail.Select(models.Accounts).With(dovetail.Count("activities").As(name)).SQL(postgres.Dialect); err == nil {
			t.Errorf("As(%q): expected a refusal", name)
		}
	}
	for _, name := range []string{strings.Repeat("x", 64), "ümlaut", "a-b", "1a"} {
		if _, _, err := dovetail.Select(models.Accounts).With(dovetail.Count("activities").As(name)).SQL(postgres.Dialect); err == nil {
			t.Errorf("As(%q): expected a refusal", name)
		}
	}
}

func TestTrap_C9_AJSONPathIsAnArgument(t *testing.T) {
	t.Parallel()
	type doc struct{ ID int64 }
	docs := dovetail.NewTable[doc](dovetail.NewRegistry(), "docs")
	const ddl = canaryDDL + `CREATE TABLE docs (id BIGINT PRIMARY KEY, body JSON NOT NULL);
INSERT INTO docs VALUES (1, '{"a": {"b": "x"}}'), (2, '{"a": {"c": "x"}}');`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		at := func(a, b string) []int64 {
			q := dovetail.Select(docs).Where("body #>> ? = ?", []string{a, b}, "x")
			if !d.Postgres() {
				q = dovetail.Select(docs).Where("json_extract(body, ?) = ?", fmt.Sprintf("$.%q.%q", a, b), "x")
			}
			return kit.Pluck(kit.All(t, d.DB, q), func(d *doc) int64 { return d.ID })
		}
		kit.Same(t, "a path", at("a", "b"), 1)
		kit.Same(t, "SQL in a path", at("a", "b' = 'x' OR '1' = '1"))
		kit.Same(t, "a statement in a path", at("a}' = ''; DROP TABLE canary; --", "b"))
		kit.Same(t, "the canary", kit.Texts(t, d.DB, "SELECT CAST(id AS TEXT) FROM canary"), "1")
	})
}

func TestTrap_C10_ADirectionIsOneOfTheKnownWords(t *testing.T) {
	t.Parallel()
	for _, direction := range []string{"desc nulls last; --", "DESC; DROP TABLE canary", "descending", "DESC DESC", "NULLS", "NULLS MIDDLE",
		"DESC NULLS LAST, id", "USING >", `COLLATE "C"`, "ASC NULLS FIRST --", "DESC/**/", "asc,desc", "\x00", "DESC NULLS LAST FIRST"} {
		for _, q := range []dovetail.Query[*models.Account]{
			dovetail.Select(models.Accounts).OrderBy("owner " + direction),
			dovetail.Select(models.Accounts).Preload("activities", dovetail.Select(models.Activities).OrderBy("id "+direction)),
			dovetail.Select(models.Accounts).With(dovetail.FirstOf("activities.id").OrderBy("id " + direction).As("n")),
		} {
			_, err := q.All(t.Context(), kit.Silent{TB: t})
			kit.Refused(t, err, dovetail.ErrInvalidQuery)
		}
	}
}

func TestTrap_C11_ALimitIsANumberThatIsNotNegative(t *testing.T) {
	t.Parallel()
	for _, n := range []int{-1, math.MinInt} {
		kit.Refused(t, kit.StatementError(dovetail.Select(models.Accounts).Limit(n)), dovetail.ErrInvalidQuery, "Limit", "negative")
		kit.Refused(t, kit.StatementError(dovetail.Select(models.Accounts).Offset(n)), dovetail.ErrInvalidQuery, "Offset", "negative")
	}
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		q := dovetail.Select(models.Accounts)
		id := func(a *models.Account) int64 { return a.ID }
		kit.Same(t, "the largest limit", kit.Pluck(kit.All(t, d.DB, q.Limit(math.MaxInt)), id), 1, 2, 3, 4)
		kit.Same(t, "the largest offset", kit.Pluck(kit.All(t, d.DB, q.Offset(math.MaxInt)), id))
		kit.Same(t, "zero", kit.Pluck(kit.All(t, d.DB, q.Limit(0)), id))
	})
}

func TestTrap_C12_ASchemaIsQuotedOrRefused(t *testing.T) {
	t.Parallel()
	type row struct{ ID int64 }
	p := kit.PostgresProbe(t, canaryDDL, nil)
	for _, name := range []string{`public"; DROP TABLE canary; --`, `a.b`, `pg_catalog"."pg_class`, `Tenant 7`} {
		rows := dovetail.NewTable[row](dovetail.NewRegistry(), "canary", dovetail.Schema(name))
		sql, _ := kit.StatementOf(t, dovetail.Select(rows))
		if want := `"` + strings.ReplaceAll(name, `"`, `""`) + `"."canary"`; !strings.Contains(sql, "FROM "+want) {
			t.Errorf("expected %s, got %s", want, sql)
		}
		if got, err := dovetail.Select(rows).All(t.Context(), p.DB); err == nil || got != nil {
			t.Errorf("%q: expected no such schema, got %v", name, got)
		}
	}
	if got := p.Ask(t, "SELECT id FROM canary"); len(got) != 1 {
		t.Errorf("the canary is gone: %v", got)
	}
}

func TestTrap_C13_NamesThatLookAlikeAreNotTheName(t *testing.T) {
	t.Parallel()
	// A Cyrillic letter, a dotless one, a full-width one, other cases, a soft hyphen, a letter with its accent apart.
	for _, name := range []string{"оwner", "emaıl", "ｏwner", "Owner", "OWNER", "ow\u00adner", "ow\u200bner", "o\u0301wner"} {
		for _, q := range []dovetail.Query[*models.Account]{
			dovetail.Select(models.Accounts).Where(squirrel.Eq{name: "x"}), dovetail.Select(models.Accounts).OrderBy(name), dovetail.Select(models.Accounts).Columns(name),
		} {
			kit.Refused(t, kit.StatementError(q), dovetail.ErrUnknownColumn, "did you mean")
		}
	}
	for _, name := range []string{"Activities", "aсtivities", "ACTIVITIES"} {
		kit.Refused(t, kit.StatementError(dovetail.Select(models.Accounts).Join(name)), dovetail.ErrUnknownRelation)
	}
}

func TestTrap_C14_LocksCollationsAndOperatorsAreNoText(t *testing.T) {
	t.Parallel()
	// Locks and what to do about waiting are methods; there is nothing to put text into, and SQLite has none of them.
	q := dovetail.Select(models.Accounts)
	locks := map[string]dovetail.Query[*models.Account]{"FOR UPDATE": q.ForUpdate(), "FOR NO KEY UPDATE": q.ForNoKeyUpdate(), "FOR SHARE": q.ForShare(),
		"FOR KEY SHARE": q.ForKeyShare()}
	for text, q := range locks {
		for wait, q := range map[string]dovetail.Query[*models.Account]{"": q, " SKIP LOCKED": q.SkipLocked(), " NOWAIT": q.NoWait()} {
			sql, _ := kit.StatementOf(t, q)
			if want := " " + text + ` OF "accounts"` + wait; !strings.HasSuffix(sql, want) {
				t.Errorf("expected a statement that ends in %q, got %s", want, sql)
			}
			if _, _, err := q.SQL(sqlite.Dialect); !errors.Is(err, dovetail.ErrUnsupported) {
				t.Errorf("%s on SQLite: expected ErrUnsupported, got %v", text, err)
			}
		}
	}
	namesRefused(t, []string{`owner COLLATE "C"`, `id::text`, `owner ILIKE 'x' OR id`, `id <`, `id !=`, `owner =`})
}
