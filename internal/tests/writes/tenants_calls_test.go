package writes_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Every call that reads or writes keeps to the tenant of its context, and says so where there is none.

type (
	tcNode struct {
		ID, TenantID int64
		UpID         *int64
		Name         string
		GoneAt       *time.Time
		Up           *tcNode
		Below        []*tcNode
		Friends      []*tcNode
	}
	tcLink struct {
		OneID, OtherID int64
		Note           string
	}
)

type tcTables struct {
	nodes   *dovetail.Table[tcNode]
	up      *dovetail.ToOne[*tcNode, *tcNode]
	below   *dovetail.ToMany[*tcNode, *tcNode]
	friends *dovetail.ToMany[*tcNode, *tcNode]
}

func newTCTables() tcTables {
	r := dovetail.NewRegistry()
	nodes := dovetail.NewTable[tcNode](r, "tc_nodes", tenantScope(), dovetail.SoftDelete("gone_at"))
	links := dovetail.NewTable[tcLink](r, "tc_links", dovetail.PrimaryKey("one_id", "other_id"), dovetail.Default("note", "''"))
	below := dovetail.HasMany(nodes, "below", nodes, dovetail.ForeignKey("up_id"), dovetail.Inverse("up"))
	return tcTables{nodes, below.Inverse(), below, dovetail.ManyToMany(nodes, "friends", nodes, links, dovetail.ThroughKeys("one_id", "other_id"))}
}

const tcDDL = `
CREATE TABLE tc_nodes (id {key}, tenant_id BIGINT NOT NULL, up_id BIGINT, name TEXT NOT NULL, gone_at TIMESTAMP);
CREATE TABLE tc_links (one_id BIGINT, other_id BIGINT, note TEXT NOT NULL DEFAULT '', PRIMARY KEY (one_id, other_id));`

// tcFill has a root with two nodes and one that is gone, of each tenant: 11 to 14, and 21 to 24.
const tcFill = `DELETE FROM tc_links; DELETE FROM tc_nodes;
INSERT INTO tc_nodes VALUES (11, 1, NULL, 'ours', NULL), (12, 1, 11, 'ours', NULL), (13, 1, 11, 'ours', NULL), (14, 1, 11, 'ours', '2024-01-01'),
  (21, 2, NULL, 'theirs', NULL), (22, 2, 21, 'theirs', NULL), (23, 2, 21, 'theirs', NULL), (24, 2, 21, 'theirs', '2024-01-01');
INSERT INTO tc_links VALUES (11, 12, ''), (21, 22, '')`

const tcShown = `SELECT id || ' ' || tenant_id || ' ' || coalesce(up_id, 0) || ' ' || name || CASE WHEN gone_at IS NULL THEN '' ELSE ' gone' END FROM tc_nodes
	UNION ALL SELECT one_id || '-' || other_id || note FROM tc_links ORDER BY 1`

// tcCall does something with nodes of tenant 2, and returns what it has done or read: nothing where it prints as an empty value.
type tcCall func(ctx context.Context, db dovetail.DB, f tcTables) (any, error)

// tcRoot returns 21, and tcLeaf 22, as they are, with a name that is new.
func tcRoot() *tcNode { return &tcNode{ID: 21, Name: "new"} }
func tcLeaf() *tcNode { up := int64(21); return &tcNode{ID: 22, UpID: &up, Name: "new"} }

func tcWith(id int64) dovetail.Linked[tcNode, tcLink] {
	return dovetail.Linked[tcNode, tcLink]{Row: &tcNode{ID: id}, Link: &tcLink{Note: "new"}}
}

// tcQuery is of what is of tenant 2 alone.
func (f tcTables) tcQuery() dovetail.Query[*tcNode] {
	return dovetail.Select(f.nodes).Where(squirrel.Eq{"name": "theirs"}).OrderBy("id")
}

var tcLeaves = squirrel.Eq{"id": 22}

// tcReads are the calls that read.
var tcReads = map[string][]tcCall{
	"Query.All": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		rows, err := f.tcQuery().All(ctx, db)
		return len(rows), err
	}},
	"Query.AllWithCount": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		rows, n, err := f.tcQuery().Limit(1).AllWithCount(ctx, db)
		return len(rows) + int(n), err
	}},
	"Query.Count":  {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) { return f.tcQuery().Count(ctx, db) }},
	"Query.Exists": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) { return f.tcQuery().Exists(ctx, db) }},
	"Query.First":  {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) { return f.tcQuery().First(ctx, db) }},
	"Query.One": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		return dovetail.Select(f.nodes).Where(tcLeaves).One(ctx, db)
	}},
	"Query.Get": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		return dovetail.Select(f.nodes).Get(ctx, db, 22)
	}},
	"Query.Each": {func(ctx context.Context, db dovetail.DB, f tcTables) (n any, err error) {
		rows := 0
		for _, err := range f.tcQuery().Each(ctx, db) {
			if err != nil {
				return 0, err
			}
			rows++
		}
		return rows, nil
	}},
	"Collect": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		names, err := dovetail.Collect[string](ctx, db, f.tcQuery().Columns("name"))
		return len(names), err
	}},
	"Load": {
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			root := tcRoot()
			err := dovetail.Load(ctx, db, f.nodes, []*tcNode{root}, "below")
			return len(root.Below), err
		},
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			leaf := tcLeaf()
			err := dovetail.Load(ctx, db, f.nodes, []*tcNode{leaf}, "up")
			return leaf.Up, err
		},
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			root := tcRoot()
			err := dovetail.Load(ctx, db, f.nodes, []*tcNode{root}, "friends")
			return len(root.Friends), err
		},
	},
	"LoadTree": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		root := tcRoot()
		err := dovetail.LoadTree(ctx, db, f.nodes, []*tcNode{root}, "below", 5)
		return len(root.Below), err
	}},
	"Refresh": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		leaf := tcLeaf()
		err := dovetail.Refresh(ctx, db, f.nodes, leaf)
		return leaf.Name == "theirs", err
	}},
	"Removal.Impact": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		n := 0
		effects, err := dovetail.Delete(f.nodes).Where(tcLeaves).Impact(ctx, db)
		for _, e := range effects {
			n += int(e.Deleted + e.Nulled + e.Blocking)
		}
		return n, err
	}},
}

// tcWrites are the calls that write.
var tcWrites = map[string][]tcCall{
	"Insertion.Exec": {
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return nil, dovetail.Insert(f.nodes, &tcNode{TenantID: 2, Name: "new"}).Exec(ctx, db)
		},
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return nil, dovetail.Insert(f.nodes, &tcNode{Name: "new", Friends: []*tcNode{{TenantID: 2, Name: "new"}}}).With("friends").Exec(ctx, db)
		},
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return nil, dovetail.Insert(f.nodes, &tcNode{Name: "new", Friends: []*tcNode{{ID: 23}}}).WithLinks("friends").Exec(ctx, db)
		},
	},
	"Upsertion.Exec": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		return nil, dovetail.Upsert(f.nodes, &tcNode{ID: 22, Name: "new"}).OnConflict("id").Set("name").Exec(ctx, db)
	}},
	"Change.Exec": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		return dovetail.Update(f.nodes).Set("name", "new").Where(tcLeaves).Exec(ctx, db)
	}},
	"Change.Returning": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		rows, err := dovetail.Update(f.nodes).Set("name", "new").Where(tcLeaves).Returning(ctx, db)
		return len(rows), err
	}},
	"Save": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		return nil, dovetail.Save(ctx, db, f.nodes, tcLeaf(), "name")
	}},
	"SaveAll": {
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return nil, dovetail.SaveAll(ctx, db, f.nodes, []*tcNode{tcLeaf()}, "name")
		},
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return nil, dovetail.SaveAll(ctx, db, f.nodes, []*tcNode{tcLeaf(), {ID: 23, Name: "new"}}, "name")
		},
	},
	"DeleteRows": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		return nil, dovetail.DeleteRows(ctx, db, f.nodes, tcLeaf())
	}},
	"Removal.Exec": {
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return dovetail.Delete(f.nodes).Where(tcLeaves).Exec(ctx, db)
		},
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return dovetail.Delete(f.nodes).Where(squirrel.Eq{"id": 24}).Unscoped("deleted").Hard().Exec(ctx, db)
		},
	},
	"Removal.Returning": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		rows, err := dovetail.Delete(f.nodes).Where(tcLeaves).Returning(ctx, db)
		return len(rows), err
	}},
	"Restoration.Exec": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		return dovetail.Restore(f.nodes).Where(squirrel.Eq{"id": 24}).Exec(ctx, db)
	}},
	"Restoration.Returning": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		rows, err := dovetail.Restore(f.nodes).Where(squirrel.Eq{"id": 24}).Returning(ctx, db)
		return len(rows), err
	}},
	"RestoreRows": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		return nil, dovetail.RestoreRows(ctx, db, f.nodes, &tcNode{ID: 24})
	}},
	"ToMany.Link": {
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return f.below.Link(ctx, db, &tcNode{ID: 23}, tcRoot())
		},
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return f.friends.Link(ctx, db, tcRoot(), &tcNode{ID: 23})
		},
	},
	"ToMany.Move": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		return f.below.Move(ctx, db, &tcNode{ID: 23}, tcLeaf())
	}},
	"ToMany.Replace": {
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return f.below.Replace(ctx, db, tcRoot(), tcLeaf())
		},
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return f.below.Replace(ctx, db, tcRoot())
		},
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return f.friends.Replace(ctx, db, tcRoot(), &tcNode{ID: 23})
		},
	},
	"ToMany.Sync": {
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return f.below.Sync(ctx, db, tcRoot(), tcLeaf())
		},
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return f.below.Sync(ctx, db, tcRoot())
		},
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return f.below.Sync(ctx, db, tcRoot(), &tcNode{Name: "new"})
		},
	},
	"ToMany.Unlink": {
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return f.below.Unlink(ctx, db, tcRoot(), tcLeaf())
		},
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return f.friends.Unlink(ctx, db, tcRoot(), tcLeaf())
		},
	},
	"ToMany.UnlinkAll": {
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return f.below.UnlinkAll(ctx, db, tcRoot())
		},
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return f.friends.UnlinkAll(ctx, db, tcRoot())
		},
	},
	"ToOne.Replace": {
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return f.up.Replace(ctx, db, tcLeaf(), &tcNode{ID: 23})
		},
		func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
			return f.up.Replace(ctx, db, tcLeaf(), nil)
		},
	},
	"LinkWith": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		return dovetail.LinkWith(ctx, db, f.friends, tcRoot(), tcWith(22), tcWith(23))
	}},
	"ReplaceWith": {func(ctx context.Context, db dovetail.DB, f tcTables) (any, error) {
		return dovetail.ReplaceWith(ctx, db, f.friends, tcRoot(), tcWith(23))
	}},
}

// tcElse are the calls that read and write no rows of tables by themselves.
var tcElse = []string{"Registry.Check", "Registry.CreateAll", "Retry", "RetrySerializable", "WithHooks"}

// tcNothing are the ways in which nothing prints.
var tcNothing = []string{"0", "false", "<nil>", "{[] [] []}"}

// TestEveryCallKeepsToTheTenant runs each as another tenant, which does and shows nothing, as none, which asks nothing, and as the one.
func TestEveryCallKeepsToTheTenant(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, tcKeys(d))
		f := newTCTables()
		all := maps.Clone(tcReads)
		maps.Copy(all, tcWrites)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			for i, call := range all[name] {
				what := fmt.Sprint(name, " ", i)
				d.Exec(t, tcFill)
				before := kit.Texts(t, d.DB, tcShown)
				got, err := call(sAs(t, 1), d.DB, f)
				if shown := fmt.Sprint(got); !slices.Contains(tcNothing, shown) {
					t.Errorf("%s: expected nothing of another tenant's, got %s, %v", what, shown, err)
				}
				if got == nil && err == nil && tcReads[name] == nil {
					t.Errorf("%s: expected to be told of another tenant's rows", what)
				}
				kit.Same(t, what+", as another tenant", kit.Texts(t, d.DB, tcShown), before...)

				db := d.Record()
				if _, err := call(t.Context(), db, f); !errors.Is(err, models.ErrNoTenant) {
					t.Errorf("%s: expected the tenant to be asked for, got %v", what, err)
				}
				db.Expect(t, 0, 0)
				kit.Same(t, what+", as none", kit.Texts(t, d.DB, tcShown), before...)

				got, err = call(sAs(t, 2), d.DB, f)
				if err != nil || slices.Contains(tcNothing, fmt.Sprint(got)) && got != nil {
					t.Errorf("%s: expected what is the tenant's own, got %v, %v", what, got, err)
				}
				if after := kit.Texts(t, d.DB, tcShown); (tcReads[name] == nil) == slices.Equal(after, before) {
					t.Errorf("%s: expected it to write, or to read alone, got %q", what, after)
				}
			}
		}
	})
}

func tcKeys(d kit.Database) string {
	if d.Postgres() {
		return strings.Replace(tcDDL, "{key}", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", 1)
	}
	return strings.Replace(tcDDL, "{key}", "INTEGER PRIMARY KEY", 1)
}

// TestEveryCallIsListedForTenants reads the sources: a call that is new must be tried too.
func TestEveryCallIsListedForTenants(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	found := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		kit.NoError(t, err)
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() || !tcTakesDB(f) {
				continue
			}
			call := f.Name.Name
			if f.Recv != nil {
				call = tcReceiver(f.Recv.List[0].Type) + "." + call
			}
			found[call] = true
			if tcReads[call] == nil && tcWrites[call] == nil && !slices.Contains(tcElse, call) {
				t.Errorf("%s takes a database, and is not tried as another tenant; add it to tcReads or tcWrites", call)
			}
		}
	}
	for _, list := range []map[string][]tcCall{tcReads, tcWrites} {
		for call := range list {
			if !found[call] {
				t.Errorf("%s is no call any more", call)
			}
		}
	}
}

// tcTakesDB reports whether a function has a parameter of the type DB.
func tcTakesDB(f *ast.FuncDecl) bool {
	return slices.ContainsFunc(f.Type.Params.List, func(p *ast.Field) bool {
		name, ok := p.Type.(*ast.Ident)
		return ok && name.Name == "DB"
	})
}

func tcReceiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return tcReceiver(e.X)
	case *ast.IndexExpr:
		return tcReceiver(e.X)
	case *ast.IndexListExpr:
		return tcReceiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
