package asking_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TRAPS H: names that are long, reserved, odd, or the same as one of ours.

// chainDDL makes employees 1 … 20, each managed by the one before; 21 has no manager.
const chainDDL = `CREATE TABLE employees (id BIGINT PRIMARY KEY, manager_id BIGINT, name TEXT NOT NULL);
INSERT INTO employees (id, manager_id, name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
  SELECT i, CASE WHEN i > 1 THEN i - 1 END, 'e' || i FROM n;
INSERT INTO employees (id, manager_id, name) VALUES (21, NULL, 'alone');`

// managers is a path of n managers.
func managers(n int) string { return strings.TrimSuffix(strings.Repeat("manager.", n), ".") }

func TestTrap_H1_ColumnOfADeepPathIsRightOrRefused(t *testing.T) {
	t.Parallel()
	// The rule's generated column aliases would change the names that Columns promises (DESIGN 3.2), so a name that does not
	// fit is refused; SQLite has no limit.
	kit.OnEachProbe(t, chainDDL, func(t *testing.T, p kit.Probe) {
		for _, depth := range []int{1, 6, 7, 8, 16} {
			path := managers(depth)
			q := dovetail.Select(models.Employees).Columns("id", path+".id", path+".name").Join(path).OrderBy("id").Limit(1)
			rows, err := dovetail.Collect[map[string]any](t.Context(), p.DB, q)
			if p.Postgres() && len(path+".name") > 63 {
				if !errors.Is(err, dovetail.ErrUnsupported) || !strings.Contains(err.Error(), "63") {
					t.Errorf("depth %d: expected a refusal with the limit 63, got %v, %v", depth, rows, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]any{"id": int64(depth + 1), path + ".id": int64(1), path + ".name": "e1"}
			if len(rows) != 1 || fmt.Sprint(rows[0]) != fmt.Sprint(want) {
				t.Errorf("depth %d: expected %v, got %v", depth, want, rows)
			}
		}
	})
}

func TestTrap_H2_DeepPathsHaveAliasesOfTheirOwn(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, chainDDL, func(t *testing.T, p kit.Probe) {
		// All prefixes of the path are named in one statement, nine of them with more than 63 bytes.
		q := dovetail.Select(models.Employees).Join(managers(16))
		for depth := 1; depth <= 16; depth++ {
			q = q.Where(squirrel.NotEq{managers(depth) + ".name": "e3"})
		}
		got := []string{}
		rows, err := q.OrderBy(managers(16)+".id DESC", "id").All(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range rows {
			got = append(got, fmt.Sprint(e.ID))
		}
		want := p.Ask(t, `WITH RECURSIVE up(id, at, depth, hit) AS (SELECT id, manager_id, 1, 0 FROM employees
			UNION ALL SELECT u.id, e.manager_id, u.depth + 1, u.hit + CASE WHEN e.name = 'e3' THEN 1 ELSE 0 END
			FROM up u JOIN employees e ON e.id = u.at WHERE u.depth <= 16)
			SELECT id FROM up WHERE depth = 17 AND hit = 0 ORDER BY id DESC`)
		if !slices.Equal(got, want) || !slices.Equal(want, []string{"20"}) {
			t.Errorf("expected %q, got %q", want, got)
		}

		loaded, err := dovetail.Select(models.Employees).Where(squirrel.Eq{"id": 20}).Preload(managers(16)).One(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		at := loaded
		for range 16 {
			at = at.Manager
		}
		if at.ID != 4 || at.Manager != nil {
			t.Errorf("expected manager 4 and none above it loaded, got %d, %v", at.ID, at.Manager)
		}
	})
}

func TestTrap_H3_NameOverTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	type row struct{ ID int64 }
	// 31 é and an a are 63 bytes; one more byte is too much for PostgreSQL, which would cut it.
	fits := strings.Repeat("é", 31) + "a"
	for _, c := range []struct {
		name  string
		bytes int
	}{{fits, 63}, {strings.Repeat("é", 32), 64}, {fits + "b", 64}, {strings.Repeat("x", 64), 64}} {
		rows := dovetail.NewTable[row](dovetail.NewRegistry(), c.name)
		if len(c.name) != c.bytes {
			t.Fatalf("%q has %d bytes", c.name, len(c.name))
		}
		_, _, err := dovetail.Select(rows).SQL(postgres.Dialect)
		if c.bytes <= 63 && err != nil {
			t.Errorf("%q: %v", c.name, err)
		}
		if c.bytes > 63 && (!errors.Is(err, dovetail.ErrUnsupported) || !strings.Contains(err.Error(), "63")) {
			t.Errorf("%q: expected a refusal with the limit 63, got %v", c.name, err)
		}
		if _, _, err := dovetail.Select(rows).SQL(sqlite.Dialect); err != nil {
			t.Errorf("%q on SQLite: %v", c.name, err)
		}
	}
}

func TestTrap_H3_MultibyteNamesWorkUpToTheLimit(t *testing.T) {
	t.Parallel()
	type row struct {
		ID     int64
		Parent *int64 `db:"ééééééééééééééééééééééééééééééé1"` // 63 bytes
	}
	name := strings.Repeat("é", 31) + "T"
	relation := strings.Repeat("ü", 20) // 40 bytes: the second level has to be shortened, within a character
	ddl := fmt.Sprintf(`CREATE TABLE "%s" (id BIGINT PRIMARY KEY, "%s" BIGINT);
INSERT INTO "%s" VALUES (1, NULL), (2, 1), (3, 2), (4, 3);`, name, strings.Repeat("é", 31)+"1", name)
	kit.OnEachProbe(t, ddl, func(t *testing.T, p kit.Probe) {
		r := dovetail.NewRegistry()
		rows := dovetail.NewTable[row](r, name)
		dovetail.BelongsTo(rows, relation, rows, dovetail.ForeignKey(strings.Repeat("é", 31)+"1"))
		q := dovetail.Select(rows).Where(squirrel.Eq{relation + "." + relation + "." + relation + ".id": 1}).
			Where(squirrel.Eq{relation + "." + relation + ".id": 2})
		got, err := q.All(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].ID != 4 || *got[0].Parent != 3 {
			t.Errorf("expected row 4, got %v", got)
		}
		sql, _, err := q.SQL(p.DB.Dialect())
		if err != nil || !utf8.ValidString(sql) {
			t.Errorf("the statement is not UTF-8: %q, %v", sql, err)
		}
	})
}

type nameRow struct {
	ID      int64
	OwnerID *int64
	Code    string
	Items   []*nameItem
}

type nameItem struct {
	ID    int64
	RowID int64
	Code  string
	Row   *nameRow
}

func TestTrap_H4_TablesNamedLikeOurAliases(t *testing.T) {
	t.Parallel()
	// Every pair is once the root with the related table and once the other way round, through joins, EXISTS, counting,
	// and preloads by member, by position and with a limit.
	names := [][2]string{{"keys", "limited"}, {"limited", "keys"}, {"t0", "t1"}, {"counted", "items"}, {"items", "items_2"},
		{"ord", "k1"}, {"key#", "row#"}, {"k1", "keys_2"}, {"value", "key"}, {"unnest", "base"}}
	for _, pair := range names {
		root, related := pair[0], pair[1]
		ddl := fmt.Sprintf(`CREATE TABLE "%[1]s" (id BIGINT PRIMARY KEY, owner_id BIGINT, code VARCHAR(9));
CREATE TABLE "%[2]s" (id BIGINT PRIMARY KEY, row_id BIGINT, code VARCHAR(9));
INSERT INTO "%[1]s" VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 1, 'c');
INSERT INTO "%[2]s" VALUES (1, 1, 'b'), (2, 1, 'a'), (3, 2, 'a'), (4, 2, 'b'), (5, 2, 'x');`, root, related)
		t.Run(root+" and "+related, func(t *testing.T) {
			t.Parallel()
			kit.OnEachProbe(t, ddl, func(t *testing.T, p kit.Probe) { likeOurAliases(t, p, root, related) })
		})
	}
}

func likeOurAliases(t *testing.T, p kit.Probe, root, related string) {
	t.Helper()
	r := dovetail.NewRegistry()
	rows, items := dovetail.NewTable[nameRow](r, root), dovetail.NewTable[nameItem](r, related)
	relation := "items"
	if root == relation { // a relation may not have the name of its own table
		relation = "parts"
	}
	dovetail.HasMany(rows, relation, items, dovetail.ForeignKey("row_id"), dovetail.Inverse("row"), dovetail.Field("Items"))
	dovetail.HasMany(rows, "same", items, dovetail.ForeignKey("code"), dovetail.References("code"))
	expect := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: expected %s, got %s", what, want, got)
		}
	}
	ids := func(q dovetail.Query[*nameRow]) string {
		t.Helper()
		loaded, err := q.OrderBy("id").All(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, row := range loaded {
			got = append(got, fmt.Sprint(row.ID))
			for _, i := range row.Items {
				got[len(got)-1] += "/" + fmt.Sprint(i.ID)
			}
		}
		return strings.Join(got, " ")
	}
	q := dovetail.Select(rows)
	expect("join", ids(q.Join(relation).Where(squirrel.Eq{relation + ".code": "a"})), "1 2")
	expect("join with the root named", ids(q.Join(relation).Where(relation+".code = \""+root+"\".code")), "1 2")
	expect("exists", ids(q.Has("same", squirrel.Expr("id > ?", 3))), "2")
	expect("both", ids(q.Has("same").HasNone(relation, squirrel.Eq{"code": "x"})), "1")
	expect("preload", ids(q.Preload(relation)), "1/1/2 2/3/4/5 3")
	expect("preload with joins and a condition", ids(q.Preload(relation, dovetail.Select(items).Where(squirrel.Eq{"row.id": 2}))), "1 2/3/4/5 3")
	expect("preload with a limit", ids(q.Preload(relation, dovetail.Select(items).OrderBy("id DESC").Limit(1))), "1/2 2/5 3")
	n, err := q.Join(relation).Distinct().Limit(2).Count(t.Context(), p.DB)
	if err != nil || n != 2 {
		t.Errorf("count: expected 2, got %d, %v", n, err)
	}
}

func TestTrap_H4_RealTableNamedLikeAPathIsReachedBySQLText(t *testing.T) {
	t.Parallel()
	// The table activities has nothing to do with the relation of that name, whose table is activity.
	ddl := kit.ReadingsDDL(t) + `CREATE TABLE activities (id BIGINT PRIMARY KEY, note TEXT);
INSERT INTO activities VALUES (4, 'x');`
	kit.OnEachProbe(t, ddl, func(t *testing.T, p kit.Probe) {
		q := dovetail.Select(models.Accounts).Has("activities", squirrel.Expr(`id IN (SELECT a.id FROM activities AS a WHERE a.note = ?)`, "x"))
		got, err := q.All(t.Context(), p.DB)
		if err != nil || len(got) != 1 || got[0].Owner != "Patrick" {
			t.Errorf("expected Patrick, whose activity is number 4, got %v, %v", got, err)
		}
	})
}

func TestTrap_H5_ReservedWordsAreNames(t *testing.T) {
	t.Parallel()
	type child struct {
		Select int64
		Group  *int64
		Having string
	}
	type parent struct {
		Order int64
		User  string
		Limit *int64
		Table []*child
	}
	ddl := `CREATE TABLE "group" ("order" BIGINT PRIMARY KEY, "user" TEXT, "limit" BIGINT);
CREATE TABLE "table" ("select" BIGINT PRIMARY KEY, "group" BIGINT, "having" TEXT);
INSERT INTO "group" VALUES (1, 'me', NULL), (2, 'postgres', 5);
INSERT INTO "table" VALUES (1, 2, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, NULL, 'd');`
	kit.OnEachProbe(t, ddl, func(t *testing.T, p kit.Probe) {
		r := dovetail.NewRegistry()
		parents := dovetail.NewTable[parent](r, "group", dovetail.PrimaryKey("order"))
		children := dovetail.NewTable[child](r, "table", dovetail.PrimaryKey("select"))
		dovetail.HasMany(parents, "select", children, dovetail.ForeignKey("group"))
		dovetail.HasMany(parents, "table", children, dovetail.ForeignKey("group"))
		got, err := dovetail.Select(parents).Join("select").Where(squirrel.Eq{"select.having": []string{"a", "c"}, "user": "postgres"}).
			Where(`table.having = ?`, "c").Join("table").Distinct().OrderBy("user", "order DESC").
			Preload("table", dovetail.Select(children).Where(squirrel.Gt{"select": 1})).All(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].User != "postgres" || *got[0].Limit != 5 || len(got[0].Table) != 1 || got[0].Table[0].Having != "c" {
			t.Errorf("expected the row of postgres with child c, got %+v", got)
		}
	})
}

func TestTrap_H6_NamesKeepTheirCase(t *testing.T) {
	t.Parallel()
	type row struct {
		ID    int64 `db:"ID"`
		Lower int64 `db:"id"`
		Name  string
		Mixed string `db:"userName"`
	}
	// SQLite has no columns that differ by case alone.
	p := kit.PostgresProbe(t, `CREATE TABLE "Rows" ("ID" bigint, id bigint, name text, "userName" text);
CREATE TABLE rows (x int); INSERT INTO "Rows" VALUES (1, 2, 'n', 'u'), (2, 1, 'm', 'v');`, nil)
	rows := dovetail.NewTable[row](dovetail.NewRegistry(), "Rows", dovetail.PrimaryKey("ID"))
	got, err := dovetail.Select(rows).Where(squirrel.Eq{"ID": 1, "userName": "u"}).Where(`"Rows".id = ?`, 2).OrderBy("ID").One(t.Context(), p.DB)
	if err != nil || *got != (row{1, 2, "n", "u"}) {
		t.Errorf("expected the first row, got %+v, %v", got, err)
	}
	for _, name := range []string{"Id", "username", "NAME"} {
		_, _, err := dovetail.Select(rows).Where(squirrel.Eq{name: 1}).ToSql()
		if !errors.Is(err, dovetail.ErrUnknownColumn) {
			t.Errorf("%q: expected an unknown column, got %v", name, err)
		}
	}
}
