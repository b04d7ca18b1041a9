package reads_test

import (
	"fmt"
	"slices"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Names that SQL reads only in quotes: with spaces, capitals and quotes in them, and reserved words; of tables, columns,
// relations and join tables.

type quOwner struct {
	Key   int64  `db:"Order"`
	First string `db:"first name"`
	Mixed *int64 `db:"Mixed"`
	Odd   string `db:"sel\"ect"`
	Above *int64 `db:"group"`
	N     int64  `db:"howMany,computed"`

	Kids   []*quKid                          `rel:"theKids"`
	Marks  []dovetail.Linked[quMark, quLink] `rel:"table"`
	Below  []*quOwner                        `rel:"AllBelow"`
	Parent *quOwner                          `rel:"Up"`
}

type quKid struct {
	Key   int64  `db:"primary"`
	Owner *int64 `db:"Own er"`
	Name  string `db:"first name"`
	Size  int64  `db:"Mixed"`

	Of *quOwner `rel:"from"`
}

type quMark struct {
	Key  int64  `db:"select"`
	Name string `db:"Na\"me"`
}

type quLink struct {
	Owner int64 `db:"Left"`
	Mark  int64 `db:"ri ght"`
	Grade int64 `db:"check"`
}

var (
	quoted   = dovetail.NewRegistry()
	quOwners = dovetail.NewTable[quOwner](quoted, `The "Owners"`, dovetail.PrimaryKey("Order"), dovetail.Unique("first name"),
		dovetail.Index("Mixed", `sel"ect`), dovetail.Default("Mixed", "7"), dovetail.AssignedKey())
	quKids  = dovetail.NewTable[quKid](quoted, "user", dovetail.PrimaryKey("primary"), dovetail.Check(`"Mixed" > 0`))
	quMarks = dovetail.NewTable[quMark](quoted, "Marks", dovetail.PrimaryKey("select"))
	quLinks = dovetail.NewTable[quLink](quoted, "join table", dovetail.PrimaryKey("Left", "ri ght"))

	quOwnerKids = dovetail.HasMany(quOwners, "theKids", quKids, dovetail.ForeignKey("Own er"), dovetail.Inverse("from"),
		dovetail.OnDelete(dovetail.Cascade))
	quOwnerMarks = dovetail.ManyToMany(quOwners, "table", quMarks, quLinks, dovetail.ThroughKeys("Left", "ri ght"),
		dovetail.Inverse("order"), dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.HasMany(quOwners, "AllBelow", quOwners, dovetail.ForeignKey("group"), dovetail.Inverse("Up"),
		dovetail.OnDelete(dovetail.SetNull))
	_ = dovetail.HasManyThrough(quOwners, "BelowKids", quKids, "AllBelow.theKids")
	_ = dovetail.HasMany(quOwners, "BigKids", quKids, dovetail.ForeignKey("Own er"), dovetail.Where(sq.GtOrEq{"Mixed": 20}),
		dovetail.OrderBy("first name DESC"))
)

// makeQuoted makes the tables as DDL says, and fills them by Insert, whose rows hand-written SQL then tells.
func makeQuoted(t *testing.T, d kit.Database) {
	t.Helper()
	kit.NoError(t, quoted.CreateAll(t.Context(), d.DB))
	if findings := kit.MustFind(t, quoted, d.DB); len(findings) > 0 {
		t.Errorf("Check after CreateAll: %s", kit.ListFindings(findings))
	}
	kit.Insert(t, d.DB, dovetail.Insert(quOwners,
		&quOwner{Key: 1, First: "ann", Mixed: ptr(int64(10)), Odd: "x"},
		&quOwner{Key: 2, First: "bea", Mixed: ptr(int64(5)), Odd: "y", Above: ptr(int64(1))},
		&quOwner{Key: 3, First: "cid", Mixed: ptr(int64(20)), Odd: "x", Above: ptr(int64(2))}))
	kit.Insert(t, d.DB, dovetail.Insert(quKids,
		&quKid{Key: 1, Owner: ptr(int64(1)), Name: "kim", Size: 30}, &quKid{Key: 2, Owner: ptr(int64(1)), Name: "lou", Size: 20},
		&quKid{Key: 3, Owner: ptr(int64(3)), Name: "max", Size: 8}, &quKid{Key: 4, Owner: ptr(int64(2)), Name: "ned", Size: 6}))
	kit.Insert(t, d.DB, dovetail.Insert(quMarks, &quMark{Key: 1, Name: "red"}, &quMark{Key: 2, Name: "blue"}))
	kit.Insert(t, d.DB, dovetail.Insert(quLinks, &quLink{1, 1, 5}, &quLink{1, 2, 6}, &quLink{2, 2, 7}))
}

// quCase is a query beside the SQL that says the same, of keys of owners.
type quCase struct {
	name string
	q    dovetail.Query[*quOwner]
	want string // a query of keys, in order, or what follows WHERE, where o is the owner
}

const quKidOf = `EXISTS (SELECT 1 FROM "user" k WHERE k."Own er" = o."Order" AND `

func quConditions() []quCase {
	q := dovetail.Select(quOwners).OrderBy("Order")
	kids := dovetail.Count("theKids").As("howMany")
	return []quCase{
		{"map", q.Where(sq.Eq{"first name": "bea"}), `o."first name" = 'bea'`},
		{"map of self", q.Where(sq.Eq{"self.first name": "bea", `sel"ect`: "y"}), `o."first name" = 'bea'`},
		{"map of the table", q.Where(sq.Gt{`The "Owners".Mixed`: 5}), `o."Mixed" > 5`},
		{"text", q.Where(`"first name" = ? OR "Mixed" = ?`, "bea", 20), `o."Order" > 1`},
		{"text of self", q.Where(`self."first name" = ? AND self."sel""ect" = 'y'`, "bea"), `o."Order" = 2`},
		{"text of self, a capital", q.Where(`self.Mixed = 20`), `o."Order" = 3`},
		{"text of a path", q.Where(`Up."first name" = ?`, "ann"), `o."group" = 1`},
		{"text of a path, a capital", q.Where(`Up.Mixed = ?`, 10), `o."group" = 1`},
		{"map of a path", q.Where(sq.Eq{"Up.first name": "ann"}), `o."group" = 1`},
		{"map of a longer path", q.Where(sq.Eq{`Up.Up.sel"ect`: "x"}), `o."Order" = 3`},
		{"Col", q.Where(sq.Lt{"Mixed": dovetail.Col("Up.Mixed")}), `o."Order" = 2`},
		{"Contains", q.Where(dovetail.Contains("first name", "e")), `o."first name" LIKE '%e%'`},
		{"StartsWith", q.Where(dovetail.StartsWith("Up.first name", "a")), `o."group" = 1`},
		{"NotEqOrNull", q.Where(dovetail.NotEqOrNull{"Mixed": 5}), `o."Mixed" <> 5`},
		{"Not", q.Where(dovetail.Not(sq.Eq{`sel"ect`: "x"})), `o."sel""ect" <> 'x'`},
		{"Has", q.Has("theKids", sq.Eq{"first name": "lou"}), quKidOf + `k."first name" = 'lou')`},
		{"Has of outer", q.Has("theKids", sq.Gt{"Mixed": dovetail.Col("outer.Mixed")}), quKidOf + `k."Mixed" > o."Mixed")`},
		{"Has in text", q.Has("theKids", sq.Expr(`self."Mixed" > outer."Mixed"`)), quKidOf + `k."Mixed" > o."Mixed")`},
		{"Has by a path of outer", q.Has("theKids", sq.Gt{"Mixed": dovetail.Col("outer.Up.Mixed")}), `o."Order" = 3`},
		{"HasNone", q.HasNone("BigKids"), `o."Order" > 1`},
		{"HasEvery", q.HasEvery("theKids", sq.Gt{"Mixed": 7}), `o."Order" <> 2`},
		{"HasAtLeast", q.HasAtLeast(2, "theKids", sq.Gt{"Mixed": 7}), `o."Order" = 1`},
		{"HasAll", q.Where(dovetail.HasAll("table", 1, 2)), `o."Order" = 1`},
		{"Has along a through", q.Has("BelowKids", sq.Eq{"first name": "max"}), `o."Order" = 2`},
		{"link", q.Has("table", sq.Eq{"link.check": 7}), `o."Order" = 2`},
		{"link in text", q.Has("table", sq.Expr(`link."check" = 7 AND self."Na""me" = 'blue'`)), `o."Order" = 2`},
		{"link of a join", q.Join("table").Where(sq.Eq{"table.link.check": 6, `table.Na"me`: "blue"}), `o."Order" = 1`},
		{"join on", q.Join("theKids", sq.Eq{"first name": "lou"}), `o."Order" = 1`},
		{"left join", q.LeftJoin("theKids", sq.Gt{"Mixed": 25}).Where(sq.Eq{"theKids.primary": nil}), `o."Order" > 1`},
		{"join in text", q.Join("theKids").Where(`"theKids"."first name" = ?`, "max"), `o."Order" = 3`},
		{"With filtered", q.With(kids).Where(sq.Gt{"howMany": 1}), `o."Order" = 1`},
		{"With in text", q.With(kids).Where(`"howMany" > 1`), `o."Order" = 1`},
		{"With of a condition", q.With(dovetail.Max("theKids.Mixed").Where(sq.Eq{"first name": "lou"}).As("howMany")).
			Where(sq.Eq{"howMany": 20}), `o."Order" = 1`},
		{"Matching", q.Has("theKids", dovetail.Matching(dovetail.Select(quKids).Where(sq.Eq{"from.first name": "ann"}))),
			`o."Order" = 1`},
		{"a query inside", q.Where(`(?) > 1`, dovetail.Select(quKids).Columns().Column("count(*)").
			Where(sq.Eq{"Own er": dovetail.Col("outer.Order")})), `o."Order" = 1`},
		{"From", q.From(sq.Select("*").From(`"The ""Owners"""`).Where(`"Mixed" > 5`)), `o."Mixed" > 5`},
	}
}

func quOrders() []quCase {
	q := dovetail.Select(quOwners)
	order := func(by string) string { return `SELECT o."Order" FROM "The ""Owners""" o ORDER BY ` + by }
	kids := dovetail.Sum("theKids.Mixed").As("howMany")
	return []quCase{
		{"OrderBy", q.OrderBy("first name DESC"), order(`o."first name" DESC`)},
		{"OrderBy two", q.OrderBy(`sel"ect DESC`, "Mixed DESC NULLS LAST"), order(`o."sel""ect" DESC, o."Mixed" DESC`)},
		{"OrderBy of self", q.OrderBy("self.Mixed ASC"), order(`o."Mixed"`)},
		{"OrderBy of the table", q.OrderBy(`The "Owners".Mixed`), order(`o."Mixed"`)},
		{"OrderBy of a path", q.OrderBy("Up.first name DESC NULLS LAST", "Order"), order(`CASE o."Order" WHEN 3 THEN 1 WHEN 2 THEN 2 ELSE 3 END`)},
		{"OrderBy of With", q.With(kids).OrderBy("howMany"), order(`(SELECT sum(k."Mixed") FROM "user" k WHERE k."Own er" = o."Order")`)},
		{"OrderByClause", q.OrderByClause(`self."Mixed" DESC`), order(`o."Mixed" DESC`)},
		{"Distinct", q.Join("theKids").Distinct().OrderBy("Mixed"), order(`o."Mixed"`)},
		{"After", q.OrderBy("Mixed", "first name").After(int64(5), "bea", int64(2)), order(`o."Mixed" LIMIT 2 OFFSET 1`)},
		{"Before", q.OrderBy("first name DESC").Before("ann", int64(1)), order(`o."first name" DESC LIMIT 2`)},
	}
}

// TestNamesThatNeedQuotes has such names wherever names are, and compares the rows with those of hand-written SQL.
func TestNamesThatNeedQuotes(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		makeQuoted(t, d)
		check := func(c quCase, query string) {
			want := kit.Must[[]int64](t)(kit.SQL[int64](t.Context(), d.DB, query))
			got, err := c.q.All(t.Context(), d.DB)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				return
			}
			if keys := kit.Pluck(got, func(o *quOwner) int64 { return o.Key }); !slices.Equal(keys, want) {
				t.Errorf("%s: expected owners %v, got %v", c.name, want, keys)
			}
		}
		for _, c := range quConditions() {
			check(c, `SELECT o."Order" FROM "The ""Owners""" o WHERE `+c.want+` ORDER BY o."Order"`)
		}
		for _, c := range quOrders() {
			check(c, c.want)
		}
	})
}

// quShape is what a query selects, as text.
type quShape struct {
	name string
	q    dovetail.AnyQuery
	want string
}

func quShapes() []quShape {
	q := dovetail.Select(quOwners).OrderBy("Order")
	none := dovetail.Select(quOwners).Columns()
	return []quShape{
		{"Columns", q.Columns("first name", `sel"ect`), `SELECT "first name", "sel""ect" FROM "The ""Owners""" ORDER BY "Order"`},
		{"Columns of a path", q.Columns("Up.first name", "Mixed"), `SELECT p."first name" AS "Up.first name", o."Mixed" FROM "The ""Owners""" o ` +
			`LEFT JOIN "The ""Owners""" p ON p."Order" = o."group" ORDER BY o."Order"`},
		{"Columns AS", q.Columns("first name AS fore", `Up.sel"ect AS "Up Odd"`), `SELECT o."first name" AS fore, p."sel""ect" AS "Up Odd" ` +
			`FROM "The ""Owners""" o LEFT JOIN "The ""Owners""" p ON p."Order" = o."group" ORDER BY o."Order"`},
		{"Columns AS, ordered by", none.Columns("first name AS Fore").OrderBy("Fore DESC"),
			`SELECT "first name" AS "Fore" FROM "The ""Owners""" ORDER BY 1 DESC`},
		{"Column", none.Column(`upper(self."first name") AS "Up Per"`).OrderBy("Up Per DESC").Where(sq.NotEq{"Up Per": "BEA"}),
			`SELECT upper("first name") AS "Up Per" FROM "The ""Owners""" WHERE "Order" <> 2 ORDER BY 1 DESC`},
		{"Col as a column", none.Column("?", dovetail.Col("Mixed")).Column(`? AS "as Is"`, dovetail.Col(`sel"ect`)).OrderBy("Order"),
			`SELECT "Mixed", "sel""ect" AS "as Is" FROM "The ""Owners""" ORDER BY "Order"`},
		{"GroupBy", none.Columns(`sel"ect`).Column(`sum(self."Mixed") AS "to tal"`).GroupBy(`sel"ect`).Having(sq.Gt{"to tal": 5}).OrderBy("to tal"),
			`SELECT "sel""ect", sum("Mixed") AS "to tal" FROM "The ""Owners""" GROUP BY 1 HAVING sum("Mixed") > 5 ORDER BY 2`},
		{"GroupBy of a path", dovetail.Select(quKids).Columns("from.first name").Column(`count(*) AS "N"`).GroupBy("from.first name").
			Having(`"N" > 0`).OrderBy("from.first name"), `SELECT o."first name" AS "from.first name", count(*) AS "N" FROM "user" k ` +
			`JOIN "The ""Owners""" o ON o."Order" = k."Own er" GROUP BY 1 ORDER BY 1`},
		{"GroupBy of a name", none.Column(`length(self."first name") AS "Len gth"`).Column("count(*) AS n").GroupBy("Len gth"),
			`SELECT length("first name") AS "Len gth", count(*) AS n FROM "The ""Owners""" GROUP BY 1`},
		{"With", q.Columns("Order").With(dovetail.Min("theKids.Mixed").As("leaSt"), dovetail.Avg("BigKids.Mixed").As("aFrom"),
			dovetail.FirstOf("theKids.first name").OrderBy("first name DESC").As("last"),
			dovetail.Sum("table.link.check").As("Grades"), dovetail.Exists("BelowKids").As("exists")),
			`SELECT o."Order", (SELECT min(k."Mixed") FROM "user" k WHERE k."Own er" = o."Order") AS "leaSt",
			(SELECT avg(k."Mixed") FROM "user" k WHERE k."Own er" = o."Order" AND k."Mixed" >= 20) AS "aFrom",
			(SELECT max(k."first name") FROM "user" k WHERE k."Own er" = o."Order") AS "last",
			(SELECT sum(l."check") FROM "join table" l WHERE l."Left" = o."Order") AS "Grades",
			EXISTS (SELECT 1 FROM "The ""Owners""" b JOIN "user" k ON k."Own er" = b."Order" WHERE b."group" = o."Order") AS "exists"
			FROM "The ""Owners""" o ORDER BY o."Order"`},
	}
}

// TestResultsNamedInQuotes has what is selected under such names, in the columns of maps.
func TestResultsNamedInQuotes(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		makeQuoted(t, d)
		for _, c := range quShapes() {
			got, err := dovetail.Collect[map[string]any](t.Context(), d.DB, c.q)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			want := quMaps(t, d, c.want)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: expected %v, got %v", c.name, want, got)
			}
		}
	})
}

// quMaps runs hand-written SQL, and returns its rows as Collect does.
func quMaps(t *testing.T, d kit.Database, sql string) (got []map[string]any) {
	t.Helper()
	kit.NoError(t, d.DB.Run(t.Context(), []dialect.Statement{{SQL: sql}}, func(_ int, rows dialect.Rows) error {
		for rows.Next() {
			names := rows.Columns()
			values, dest, row := make([]any, len(names)), make([]any, len(names)), map[string]any{}
			for i := range dest {
				dest[i] = &values[i]
			}
			if err := rows.Scan(dest...); err != nil {
				return err
			}
			for i, name := range names {
				row[name] = values[i]
			}
			got = append(got, row)
		}
		return rows.Err()
	}))
	return got
}
