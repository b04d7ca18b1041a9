package oracle_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/Masterminds/squirrel"
	"pgregory.net/rapid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// dNode is a row of any table of a random graph: each of its three keys may point at another table, or at its own.
type dNode struct {
	ID      int64
	A, B, C *int64
	Kind    int64
	Gone    bool // it is marked as deleted, where its table has that
}

func (n *dNode) keys() [3]*int64 { return [3]*int64{n.A, n.B, n.C} }

// dEdge is a declared key of a random graph, for the rows of a kind or, of kind 0, for those that no other relation along the key is
// about.
type dEdge struct {
	from, column, to int
	kind             int64
	policy           dovetail.DeletePolicy
	database         bool // it does too what the policy says
}

var dColumns = [3]string{"a", "b", "c"}

func (e dEdge) name() string { return fmt.Sprintf("by_%d_%s_%d", e.from, dColumns[e.column], e.kind) }

// about reports whether the relation has the row.
func (e dEdge) about(row *dNode) bool { return e.kind == 0 || e.kind == row.Kind }

// decides reports whether the edge, and no other along its key, says what becomes of the row.
func (w *dWorld) decides(e dEdge, row *dNode) bool {
	return e.about(row) && !slices.ContainsFunc(w.edges, func(o dEdge) bool {
		return o.from == e.from && o.column == e.column && o.kind > e.kind && o.about(row)
	})
}

// dWorld is a random graph of tables, and its rows.
type dWorld struct {
	names  []string
	tables []*dovetail.Table[dNode]
	marks  []bool // of each table, whether a delete marks its rows
	edges  []dEdge
	rows   []map[int64]*dNode
}

var dWorlds atomic.Int64

func drawWorld(t *rapid.T) *dWorld {
	n, w := rapid.IntRange(1, 4).Draw(t, "tables"), &dWorld{}
	registry, id := dovetail.NewRegistry(), dWorlds.Add(1)
	for i := range n {
		w.names = append(w.names, fmt.Sprintf("w%d_%d", id, i))
		var options []dovetail.TableOption
		w.marks = append(w.marks, rapid.Bool().Draw(t, "marks"))
		if w.marks[i] {
			options = append(options, dovetail.SoftDelete("gone"))
		}
		w.tables = append(w.tables, dovetail.NewTable[dNode](registry, w.names[i], options...))
		w.rows = append(w.rows, map[int64]*dNode{})
	}
	policies := []dovetail.DeletePolicy{dovetail.Cascade, dovetail.Cascade, dovetail.Cascade, dovetail.SetNull, dovetail.Restrict,
		dovetail.NoAction}
	for i := range n {
		for c := range 3 {
			if rapid.IntRange(0, 2).Draw(t, "key") == 0 {
				continue
			}
			to := rapid.IntRange(0, n-1).Draw(t, "to")
			whole := dovetail.DeletePolicy(0)
			for kind := range rapid.SampledFrom([]int64{1, 1, 1, 2, 3}).Draw(t, "kinds") {
				e := dEdge{i, c, to, kind, rapid.SampledFrom(policies).Draw(t, "policy"), rapid.Bool().Draw(t, "by the database too")}
				options := []dovetail.RelationOption{dovetail.ForeignKey(dColumns[c]), dovetail.OnDelete(e.policy)}
				switch {
				case kind == 0 && rapid.IntRange(0, 4).Draw(t, "only kinds") == 0:
					continue
				case kind == 0:
					whole = e.policy
				case e.policy == whole:
					continue // the relation to all rows says it
				default:
					options = append(options, dovetail.Where(squirrel.Eq{"kind": kind}))
				}
				w.edges = append(w.edges, e)
				dovetail.HasMany(w.tables[e.to], e.name(), w.tables[i], options...)
			}
		}
	}
	for i := range n {
		for k := range rapid.IntRange(0, 5).Draw(t, "rows") {
			w.rows[i][int64(k+1)] = &dNode{ID: int64(k + 1), Kind: rapid.Int64Range(0, 2).Draw(t, "kind"),
				Gone: w.marks[i] && rapid.IntRange(0, 3).Draw(t, "gone") == 0}
		}
	}
	for _, e := range w.edges {
		for id := range int64(len(w.rows[e.from])) {
			if len(w.rows[e.to]) == 0 || rapid.IntRange(0, 3).Draw(t, "null") == 0 {
				continue
			}
			to := rapid.Int64Range(1, int64(len(w.rows[e.to]))).Draw(t, "points at")
			row := w.rows[e.from][id+1]
			*[3]**int64{&row.A, &row.B, &row.C}[e.column] = &to
		}
	}
	return w
}

// constrained reports whether the database has the edge's key: it has none that NoAction is said of, which nobody is to check, or that
// no relation to all rows goes along.
func (w *dWorld) constrained(e dEdge) bool {
	return e.kind == 0 && !slices.ContainsFunc(w.edges, func(o dEdge) bool {
		return o.from == e.from && o.column == e.column && o.policy == dovetail.NoAction
	})
}

// action is what the database itself does along the edge's key: what DDL says, if anything.
func (w *dWorld) action(e dEdge) string {
	alone := !slices.ContainsFunc(w.edges, func(o dEdge) bool { return o.from == e.from && o.column == e.column && o.kind != e.kind })
	switch {
	case !e.database || !alone:
	case e.policy == dovetail.Cascade:
		return " ON DELETE CASCADE"
	case e.policy == dovetail.SetNull:
		return " ON DELETE SET NULL"
	}
	return ""
}

// ddl makes the tables, their rows, and then the constraints.
func (w *dWorld) ddl(postgres bool) string {
	var b strings.Builder
	for i, name := range w.names {
		var keys [3]string
		for _, e := range w.edges {
			if e.from == i && !postgres && w.constrained(e) {
				keys[e.column] = fmt.Sprintf(" REFERENCES %s (id)", w.names[e.to]) + w.action(e)
			}
		}
		fmt.Fprintf(&b, "CREATE TABLE %s (id BIGINT PRIMARY KEY, a BIGINT%s, b BIGINT%s, c BIGINT%s, kind BIGINT NOT NULL, gone BOOLEAN NOT NULL);\n",
			name, keys[0], keys[1], keys[2])
	}
	if !postgres {
		b.WriteString("PRAGMA defer_foreign_keys = ON;\n")
	}
	for i, name := range w.names {
		for id := range int64(len(w.rows[i])) {
			fmt.Fprintf(&b, "INSERT INTO %s VALUES (%s);\n", name, strings.ReplaceAll(w.rows[i][id+1].String(), " ", ", "))
		}
	}
	for _, e := range w.edges {
		if postgres && w.constrained(e) {
			fmt.Fprintf(&b, "ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s (id)%s;\n",
				w.names[e.from], dColumns[e.column], w.names[e.to], w.action(e))
		}
	}
	return b.String()
}

func (n *dNode) String() string {
	text := fmt.Sprint(n.ID)
	for _, k := range n.keys() {
		if k == nil {
			text += " NULL"
			continue
		}
		text += fmt.Sprint(" ", *k)
	}
	return text + strings.ToUpper(fmt.Sprint(" ", n.Kind, " ", n.Gone))
}

func (w *dWorld) String() string {
	var b strings.Builder
	for i := range w.names {
		for id := range int64(10) {
			if row, ok := w.rows[i][id]; ok {
				fmt.Fprintf(&b, "%d: %s\n", i, row)
			}
		}
	}
	return b.String()
}

// dOutcome is what the oracle says of a delete.
type dOutcome struct {
	soft    bool // rows are only marked
	gone    []map[int64]bool
	nulled  map[dEdge]int64
	blocked map[dEdge]int64
	left    map[dEdge]int64 // rows that point at nothing afterwards
}

// outcome follows the keys from rows of the first table.
func (w *dWorld) outcome(selected []int64, soft bool) dOutcome {
	o := dOutcome{soft: soft, nulled: map[dEdge]int64{}, blocked: map[dEdge]int64{}, left: map[dEdge]int64{}}
	for range w.names {
		o.gone = append(o.gone, map[int64]bool{})
	}
	for _, id := range selected {
		o.gone[0][id] = true
	}
	pointing := func(e dEdge, each func(*dNode)) {
		for _, row := range w.rows[e.from] {
			if k := row.keys()[e.column]; k != nil && o.gone[e.to][*k] && !o.gone[e.from][row.ID] && w.decides(e, row) {
				each(row)
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for _, e := range w.edges {
			if e.policy == dovetail.Cascade && w.follows(e, soft) {
				pointing(e, func(row *dNode) { o.gone[e.from][row.ID], changed = true, true })
			}
		}
	}
	if soft {
		return o // the rows stay, and what points at them
	}
	for _, e := range w.edges {
		switch e.policy {
		case dovetail.SetNull:
			pointing(e, func(*dNode) { o.nulled[e]++ })
		case dovetail.Restrict:
			pointing(e, func(*dNode) { o.blocked[e]++ })
		case dovetail.NoAction:
			pointing(e, func(*dNode) { o.left[e]++ })
		}
	}
	return o
}

// follows reports whether a delete looks along the key at all.
func (w *dWorld) follows(e dEdge, soft bool) bool {
	return !soft || e.policy == dovetail.Cascade && w.marks[e.from]
}

// going is how many rows of a table a delete removes, or marks that are not marked.
func (w *dWorld) going(o dOutcome, table int) (n int64) {
	for id := range o.gone[table] {
		if !o.soft || !w.rows[table][id].Gone {
			n++
		}
	}
	return n
}

// reached reports whether a delete in the first table may reach the table.
func (w *dWorld) reached(table int, soft bool) bool {
	seen := []int{0}
	for i := 0; i < len(seen); i++ {
		for _, e := range w.edges {
			if e.to == seen[i] && e.policy == dovetail.Cascade && w.follows(e, soft) && !slices.Contains(seen, e.from) {
				seen = append(seen, e.from)
			}
		}
	}
	return slices.Contains(seen, table)
}

// apply does what the oracle says.
func (w *dWorld) apply(o dOutcome) {
	if o.soft {
		for i := range w.names {
			for id := range o.gone[i] {
				w.rows[i][id].Gone = true
			}
		}
		return
	}
	for _, e := range w.edges {
		for _, row := range w.rows[e.from] {
			if k := row.keys()[e.column]; e.policy == dovetail.SetNull && k != nil && o.gone[e.to][*k] && w.decides(e, row) {
				*[3]**int64{&row.A, &row.B, &row.C}[e.column] = nil
			}
		}
	}
	for i := range w.names {
		for id := range o.gone[i] {
			delete(w.rows[i], id)
		}
	}
}

// condition draws a condition of the first table, and says which rows meet it.
func (w *dWorld) condition(t *rapid.T) (dovetail.Removal[*dNode], []int64) {
	del := dovetail.Delete(w.tables[0])
	var found []int64
	pick := func(meets func(*dNode) bool) {
		for id, row := range w.rows[0] {
			if !row.Gone && meets(row) {
				found = append(found, id)
			}
		}
	}
	into := slices.DeleteFunc(slices.Clone(w.edges), func(e dEdge) bool { return e.to != 0 })
	switch kind := rapid.IntRange(0, 4).Draw(t, "condition"); {
	case kind == 0:
		c := rapid.IntRange(0, 2).Draw(t, "column")
		pick(func(row *dNode) bool { return row.keys()[c] == nil })
		return del.Where(squirrel.Eq{dColumns[c]: nil}), found
	case kind == 1 && len(into) > 0:
		e, text := rapid.SampledFrom(into).Draw(t, "relation"), rapid.Bool().Draw(t, "as text") // which knows no scopes
		pick(func(row *dNode) bool {
			for _, from := range w.rows[e.from] {
				if k := from.keys()[e.column]; k != nil && *k == row.ID && e.about(from) && (text || !from.Gone) {
					return true
				}
			}
			return false
		})
		if text {
			return del.Where(fmt.Sprintf("id IN (SELECT x.%s FROM %s AS x WHERE CAST(? AS BIGINT) IN (0, x.kind))", dColumns[e.column], w.names[e.from]), e.kind), found
		}
		return del.Where(dovetail.Has(e.name())), found
	case kind == 2:
		pick(func(*dNode) bool { return true })
		return del.All(), found
	}
	ids := rapid.SliceOfN(rapid.Int64Range(1, 5), 1, 3).Draw(t, "ids")
	pick(func(row *dNode) bool { return slices.Contains(ids, row.ID) })
	return del.Where(squirrel.Eq{"id": ids}), found
}

// read returns the rows of the database as the world prints them.
func (w *dWorld) read(t *testing.T, d kit.Database) string {
	var b strings.Builder
	for i, name := range w.names {
		text := "CAST(id AS TEXT)"
		for _, c := range dColumns {
			text += fmt.Sprintf(" || ' ' || coalesce(CAST(%s AS TEXT), 'NULL')", c)
		}
		text += " || ' ' || CAST(kind AS TEXT) || CASE WHEN gone THEN ' TRUE' ELSE ' FALSE' END"
		lines, err := kit.SQL[string](t.Context(), d.DB, "SELECT "+text+" FROM "+name+" ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			fmt.Fprintf(&b, "%d: %s\n", i, line)
		}
	}
	return b.String()
}

// checkImpact compares the effects with the oracle's.
func (w *dWorld) checkImpact(t *rapid.T, effects []dovetail.Effect, o dOutcome, selected int) {
	gone := make([]int64, len(w.names))
	if effects[0].Relation != "" || effects[0].Deleted != int64(selected) {
		t.Fatalf("expected %d rows of the root, got %+v", selected, effects[0])
	}
	for _, e := range effects {
		gone[slices.Index(w.names, e.Table)] += e.Deleted
	}
	for i := range gone {
		if want := w.going(o, i); gone[i] != want {
			t.Fatalf("table %d: expected %d to go, got %d: %+v", i, want, gone[i], effects)
		}
	}
	for _, edge := range w.edges {
		name := w.names[edge.to] + "." + edge.name()
		at := slices.IndexFunc(effects, func(e dovetail.Effect) bool { return e.Relation == name })
		if at < 0 {
			if w.reached(edge.to, o.soft) && w.follows(edge, o.soft) {
				t.Fatalf("expected an effect of %s: %+v", name, effects)
			}
			continue
		}
		if e := effects[at]; e.Nulled != o.nulled[edge] || e.Blocking != o.blocked[edge]+o.left[edge] || e.Policy != edge.policy {
			t.Fatalf("expected %d to become NULL and %d to refuse, got %+v", o.nulled[edge], o.blocked[edge]+o.left[edge], e)
		}
	}
}

// TestDeleteMatchesOracle: over random graphs of tables, with self relations, diamonds and cycles of tables, random rows and
// conditions, a delete does what following the keys one by one in memory says, and Impact says so before.
func TestDeleteMatchesOracle(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		rapid.Check(t, func(rt *rapid.T) {
			w := drawWorld(rt)
			d.Exec(t, "BEGIN;\n"+w.ddl(d.Postgres())+"COMMIT;")
			if d.Postgres() { // whose schemas cannot be dropped with thousands of tables
				defer d.Exec(t, "DROP TABLE "+strings.Join(w.names, ", ")+" CASCADE")
			}
			del, selected := w.condition(rt)
			hard := rapid.Bool().Draw(rt, "for good")
			if hard {
				del = del.Hard()
			}
			o := w.outcome(selected, w.marks[0] && !hard)
			effects, err := del.Impact(t.Context(), d.DB)
			if err != nil {
				rt.Fatal(err)
			}
			w.checkImpact(rt, effects, o, len(selected))
			if got := w.read(t, d); got != w.String() {
				rt.Fatalf("Impact changed the rows to\n%s", got)
			}
			n, err := int64(0), error(nil)
			if rapid.Bool().Draw(rt, "returning") {
				var back []*dNode
				back, err = del.Returning(t.Context(), d.DB)
				n = int64(len(back))
				for _, row := range back {
					if !o.gone[0][row.ID] {
						rt.Fatalf("%d came back, and stays", row.ID)
					}
				}
			} else {
				n, err = del.Exec(t.Context(), d.DB)
			}
			if len(o.blocked) > 0 {
				if !errors.Is(err, dovetail.ErrRestricted) {
					rt.Fatalf("expected ErrRestricted, got %v", err)
				}
			} else {
				if err != nil {
					rt.Fatal(kit.DescribeSQL(err), w.edges)
				}
				if want := w.going(o, 0); n != want {
					rt.Fatalf("expected %d rows, got %d", want, n)
				}
				w.apply(o)
			}
			if got := w.read(t, d); got != w.String() {
				rt.Fatalf("%v\nexpected\n%sgot\n%s", w.edges, w, got)
			}
		})
	})
}
