package compile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// removalOf plans a delete in the table a. Each key is written as in "b>a:cascade": b points at a by its column key0.
func removalOf(t *testing.T, keys string, soft bool, where plan.Expr) *compile.Removal {
	t.Helper()
	policies := map[string]graph.DeletePolicy{"cascade": graph.Cascade, "null": graph.SetNull, "restrict": graph.Restrict}
	tables := map[string]*graph.Table{}
	var all []*graph.Table
	for _, name := range []string{"a", "b", "c"} {
		tables[name] = &graph.Table{Name: name, PrimaryKey: []string{"id"}, SoftDelete: "gone", Columns: []graph.Column{
			{Name: "id", Class: graph.ClassInteger}, {Name: "gone", Class: graph.ClassTime, Nullable: true},
		}}
		all = append(all, tables[name])
	}
	var declarations []*graph.Declaration
	for i, key := range strings.Fields(keys) {
		ends, policy, _ := strings.Cut(key, ":")
		from, to, _ := strings.Cut(ends, ">")
		column := fmt.Sprint("key", i)
		tables[from].Columns = append(tables[from].Columns, graph.Column{Name: column, Class: graph.ClassInteger, Nullable: true})
		declarations = append(declarations, &graph.Declaration{Kind: graph.HasMany, Name: fmt.Sprint("r", i), Owner: tables[to],
			Related: tables[from], ForeignKey: []string{column}, OnDelete: policies[policy]})
	}
	if errs := graph.Build(all, declarations); len(errs) > 0 {
		t.Fatal(errs)
	}
	spec := plan.NewSpec(tables["a"])
	spec.Where = []plan.Clause{{Method: "Where", Expr: where}}
	q, err := plan.Build(spec, nil, dialect.Features{})
	if err != nil {
		t.Fatal(err)
	}
	return compile.NewRemoval(q, tables["a"].Reach(soft, nil), dialect.Standard)
}

// statements are the texts of the delete, in the order in which they are sent, without the lock.
func statements(t *testing.T, r *compile.Removal) []string {
	t.Helper()
	var texts []string
	add := func(s compile.Statement, err error) {
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, strings.ReplaceAll(s.SQL, `"`, ""))
	}
	for _, p := range r.Held {
		add(r.Hold(p))
		add(r.Fill(p))
	}
	for _, way := range r.Reach.Ways {
		if way.OnDelete == graph.Restrict {
			add(r.Blocked(way))
		}
	}
	for _, p := range r.Reach.Order {
		for _, way := range p.Out {
			if way.OnDelete == graph.SetNull {
				add(r.SetNull(way))
			}
			if r.Reach.Untied(way) {
				add(r.Untie(way))
			}
		}
		add(r.Remove(p))
	}
	return texts
}

func TestRemoval(t *testing.T) {
	t.Parallel()
	seven := &plan.Compare{Col: plan.Ref{Name: "id"}, Op: "=", Arg: 7, Class: graph.ClassInteger}
	const a = "deleted#1 (id) AS (SELECT a.id FROM a WHERE (a.id = ?))"
	for _, test := range []struct {
		name, keys string
		soft       bool
		where      plan.Expr
		want       []string
	}{
		{"nothing points at it", "", false, seven, []string{"DELETE FROM a WHERE (a.id = ?)"}},
		{"a chain", "b>a:cascade c>b:cascade", false, seven, []string{
			"WITH " + a + ", deleted#2 (id) AS (SELECT b.id FROM b WHERE b.key0 IN (SELECT id FROM deleted#1)) " +
				"DELETE FROM c WHERE c.key1 IN (SELECT id FROM deleted#2)",
			"WITH " + a + " DELETE FROM b WHERE b.key0 IN (SELECT id FROM deleted#1)",
			"DELETE FROM a WHERE (a.id = ?)",
		}},
		{"a diamond's end is told by both ways", "b>a:cascade c>a:cascade c>b:cascade", false, seven, []string{
			"WITH " + a + ", deleted#2 (id) AS (SELECT b.id FROM b WHERE b.key0 IN (SELECT id FROM deleted#1)), " +
				"deleted#3 (id) AS (SELECT c.id FROM c WHERE c.key1 IN (SELECT id FROM deleted#1) UNION " +
				"SELECT c.id FROM c WHERE c.key2 IN (SELECT id FROM deleted#2)) " +
				"DELETE FROM c WHERE (c.id IN (SELECT id FROM deleted#3))",
			"WITH " + a + " DELETE FROM b WHERE b.key0 IN (SELECT id FROM deleted#1)",
			"DELETE FROM a WHERE (a.id = ?)",
		}},
		{"a tree", "a>a:cascade", false, seven, []string{
			"WITH RECURSIVE deleted# (id) AS (SELECT a.id FROM a WHERE (a.id = ?)), deleted#1 (id) AS (SELECT id FROM deleted# UNION " +
				"SELECT a.id FROM a JOIN deleted#1 ON (a.key0 = deleted#1.id)) DELETE FROM a WHERE (a.id IN (SELECT id FROM deleted#1))",
		}},
		{"what stays", "b>a:null c>a:restrict", false, seven, []string{
			"WITH " + a + " SELECT EXISTS (SELECT 1 FROM c WHERE c.key1 IN (SELECT id FROM deleted#1))",
			"WITH " + a + " UPDATE b SET key0 = NULL WHERE b.key0 IN (SELECT id FROM deleted#1)",
			"DELETE FROM a WHERE (a.id = ?)",
		}},
		{"what goes restricts nothing", "a>a:restrict", false, seven, []string{
			"WITH " + a + " SELECT EXISTS (SELECT 1 FROM a WHERE a.key0 IN (SELECT id FROM deleted#1) AND " +
				"(a.id IN (SELECT id FROM deleted#1)) IS NOT TRUE)",
			"DELETE FROM a WHERE (a.id = ?)",
		}},
		{"a condition on what goes first", "b>a:cascade", false, &plan.Exists{Path: "r0"}, []string{
			"CREATE TEMPORARY TABLE deleted#1 AS SELECT a.id FROM a WHERE FALSE",
			"INSERT INTO deleted#1 WITH telling# (id) AS (SELECT a.id FROM a WHERE (EXISTS (SELECT 1 FROM b AS r0 WHERE r0.key0 = a.id)) " +
				"ORDER BY a.id FOR UPDATE OF a) SELECT id FROM telling# EXCEPT SELECT id FROM deleted#1",
			"DELETE FROM b WHERE b.key0 IN (SELECT id FROM deleted#1)",
			"DELETE FROM a WHERE (a.id IN (SELECT id FROM deleted#1))",
		}},
		{"a condition on what becomes NULL", "a>a:null", false, &plan.IsNull{Col: plan.Ref{Name: "key0"}}, []string{
			"CREATE TEMPORARY TABLE deleted#1 AS SELECT a.id FROM a WHERE FALSE",
			"INSERT INTO deleted#1 WITH telling# (id) AS (SELECT a.id FROM a WHERE (a.key0 IS NULL) ORDER BY a.id FOR UPDATE OF a) " +
				"SELECT id FROM telling# EXCEPT SELECT id FROM deleted#1",
			"UPDATE a SET key0 = NULL WHERE a.key0 IN (SELECT id FROM deleted#1) AND (a.id IN (SELECT id FROM deleted#1)) IS NOT TRUE",
			"DELETE FROM a WHERE (a.id IN (SELECT id FROM deleted#1))",
		}},
		{"two tables that follow each other", "b>a:cascade a>b:cascade", false, seven, []string{
			"CREATE TEMPORARY TABLE deleted#1 AS SELECT a.id FROM a WHERE FALSE",
			"INSERT INTO deleted#1 SELECT a.id FROM a WHERE (a.id = ?) UNION SELECT a.id FROM a WHERE a.key1 IN (SELECT id FROM deleted#2) " +
				"EXCEPT SELECT id FROM deleted#1",
			"CREATE TEMPORARY TABLE deleted#2 AS SELECT b.id FROM b WHERE FALSE",
			"INSERT INTO deleted#2 SELECT b.id FROM b WHERE b.key0 IN (SELECT id FROM deleted#1) EXCEPT SELECT id FROM deleted#2",
			"UPDATE a SET key1 = NULL WHERE a.key1 IN (SELECT id FROM deleted#2) AND (a.id IN (SELECT id FROM deleted#1))",
			"DELETE FROM b WHERE (b.id IN (SELECT id FROM deleted#2))",
			"DELETE FROM a WHERE (a.id IN (SELECT id FROM deleted#1))",
		}},
		{"marks", "b>a:cascade c>a:null", true, seven, []string{
			"WITH " + a + " UPDATE b SET gone = CURRENT_TIMESTAMP WHERE b.key0 IN (SELECT id FROM deleted#1) AND b.gone IS NULL",
			"UPDATE a SET gone = CURRENT_TIMESTAMP WHERE (a.id = ?)",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := statements(t, removalOf(t, test.keys, test.soft, test.where))
			if g, w := strings.Join(got, "\n"), strings.Join(test.want, "\n"); g != w {
				t.Errorf("expected\n%s\ngot\n%s", w, g)
			}
		})
	}
}

// What relations along a key say of columns tells which rows go, become NULL or refuse.
func TestRemovalAlongConstants(t *testing.T) {
	t.Parallel()
	is := func(column string, value any) graph.Constant {
		return graph.Constant{Column: column, Value: value, Class: graph.ClassText}
	}
	a := &graph.Table{Name: "a", PrimaryKey: []string{"id"}, Columns: []graph.Column{{Name: "id", Class: graph.ClassInteger}}}
	b := &graph.Table{Name: "b", PrimaryKey: []string{"id"}, Constants: []graph.Constant{is("owner", "me")}, Columns: []graph.Column{
		{Name: "id", Class: graph.ClassInteger}, {Name: "a_id", Class: graph.ClassInteger, Nullable: true},
		{Name: "kind", Class: graph.ClassText}, {Name: "ended", Class: graph.ClassTime, Nullable: true}, {Name: "owner", Class: graph.ClassText},
		{Name: "of_type", Class: graph.ClassText, Nullable: true}, {Name: "of_id", Class: graph.ClassInteger, Nullable: true},
	}}
	relation := func(name string, policy graph.DeletePolicy, own ...graph.Constant) *graph.Declaration {
		return &graph.Declaration{Kind: graph.HasMany, Name: name, Owner: a, Related: b, ForeignKey: []string{"a_id"}, OnDelete: policy,
			Rules: graph.Constants{Own: own}}
	}
	errs := graph.Build([]*graph.Table{a, b}, []*graph.Declaration{
		relation("xs", graph.SetNull, is("kind", "x"), graph.Constant{Column: "ended"}), relation("all", graph.Restrict),
		{Kind: graph.MorphMany, Name: "about", Owner: a, Related: b, TypeColumn: "of_type", TypeValue: "a", IDColumn: "of_id",
			OnDelete: graph.SetNull},
	})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	spec := plan.NewSpec(a)
	spec.Where = []plan.Clause{{Method: "Where", Expr: &plan.Compare{Col: plan.Ref{Name: "id"}, Op: "=", Arg: 7, Class: graph.ClassInteger}}}
	q, err := plan.Build(spec, nil, dialect.Features{})
	if err != nil {
		t.Fatal(err)
	}
	const with, going = "WITH deleted#1 (id) AS (SELECT a.id FROM a WHERE (a.id = ?)) ", " IN (SELECT id FROM deleted#1)"
	got := strings.Join(statements(t, compile.NewRemoval(q, a.Reach(false, nil), dialect.Standard)), "\n")
	want := strings.Join([]string{
		with + "SELECT EXISTS (SELECT 1 FROM b WHERE b.owner = ? AND (b.kind = ? AND b.ended IS NULL) IS NOT TRUE AND b.a_id" + going + ")",
		with + "UPDATE b SET a_id = NULL WHERE b.kind = ? AND b.ended IS NULL AND b.owner = ? AND b.a_id" + going,
		with + "UPDATE b SET of_type = NULL, of_id = NULL WHERE b.of_type = ? AND b.owner = ? AND b.of_id" + going,
		"DELETE FROM a WHERE (a.id = ?)",
	}, "\n")
	if got != want {
		t.Errorf("expected\n%s\ngot\n%s", want, got)
	}
}
