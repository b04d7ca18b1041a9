package oracle_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/Masterminds/squirrel"
	"pgregory.net/rapid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// dNode is a row of any table of a random graph: each of its three keys may point at another table, or at its own. Where keys are of two
// columns, Part is the first of the row's own and of all that it has.
type dNode struct {
	Part    int64
	ID      int64
	A, B, C *int64
	Kind    int64
	Seat    int64
	Gone    bool // it is marked as deleted, where its table has that
}

// key tells the row among those of its table.
func (n *dNode) key() int64 { return dKey(n.Part, n.ID) }

func dKey(part, id int64) int64 { return 10*part + id }

// target is the key of the row that a column points at; 0: it points at none.
func (n *dNode) target(column int) int64 {
	if k := n.keys()[column]; k != nil {
		return dKey(n.Part, *k)
	}
	return 0
}

func (n *dNode) keys() [3]*int64 { return [3]*int64{n.A, n.B, n.C} }

// dEdge is a declared key of a random graph, for the rows of a kind or, of kind 0, for those that no other relation along the key is
// about.
type dEdge struct {
	from, column, to int
	kind             int64
	policy           dovetail.DeletePolicy
	does             string // the database, where no other relation goes along the key; empty: it refuses
	nobodys          bool   // no relation is about the rows, which are the database's alone
}

var dColumns = [3]string{"a", "b", "c"}

func (e dEdge) name() string { return fmt.Sprintf("by_%d_%s_%d", e.from, dColumns[e.column], e.kind) }

// about reports whether the relation has the row.
func (e dEdge) about(row *dNode) bool { return e.kind == 0 || e.kind == row.Kind }

// scoped reports whether the row is in the scope of its table, lifted or not.
func (w *dWorld) scoped(table int, row *dNode) bool {
	return w.scopes[table] == "" || w.scopes[table] == "seat" && row.Seat == 1 || w.scopes[table] == "part" && row.Part == 1
}

// seen reports whether a delete sees the row.
func (w *dWorld) seen(table int, row *dNode) bool { return w.lifted || w.scoped(table, row) }

// decides reports whether the edge, and no other along its key, says what becomes of the row, if a delete sees it.
func (w *dWorld) decides(e dEdge, row *dNode) bool {
	return e.about(row) && !slices.ContainsFunc(w.edges, func(o dEdge) bool {
		return o.from == e.from && o.column == e.column && o.kind > e.kind && o.about(row)
	})
}

// dWorld is a random graph of tables, and its rows.
type dWorld struct {
	names  []string
	tables []*dovetail.Table[dNode]
	pairs  bool     // keys are of two columns
	marks  []bool   // of each table, whether a delete marks its rows
	scopes []string // of each table, the column that is 1 of the rows in its scope; empty: it has none
	lifted bool     // the delete lifts the scopes
	edges  []dEdge
	rows   []map[int64]*dNode
}

var dWorlds atomic.Int64

func drawWorld(t *rapid.T, postgres bool) *dWorld {
	n, w := rapid.IntRange(1, 4).Draw(t, "tables"), &dWorld{pairs: rapid.Bool().Draw(t, "keys of two columns")}
	registry, id := dovetail.NewRegistry(), dWorlds.Add(1)
	for i := range n {
		w.names = append(w.names, fmt.Sprintf("w%d_%d", id, i))
		var options []dovetail.TableOption
		w.marks = append(w.marks, rapid.IntRange(0, 4).Draw(t, "marks") > 0)
		if w.marks[i] {
			options = append(options, dovetail.SoftDelete("gone"))
		}
		columns := []string{"", "", "seat", "seat"}
		if w.pairs {
			options = append(options, dovetail.PrimaryKey("part", "id"), dovetail.AssignedKey())
			columns[3] = "part"
		}
		w.scopes = append(w.scopes, rapid.SampledFrom(columns).Draw(t, "scope"))
		if w.scopes[i] != "" {
			options = append(options, dovetail.Scope("seated", squirrel.Eq{w.scopes[i]: 1}))
		}
		w.tables = append(w.tables, dovetail.NewTable[dNode](registry, w.names[i], options...))
		w.rows = append(w.rows, map[int64]*dNode{})
	}
	for i := range n {
		for c := range 3 {
			if rapid.IntRange(0, 2).Draw(t, "key") > 0 {
				w.drawKey(t, dEdge{from: i, column: c, to: rapid.IntRange(0, n-1).Draw(t, "to")}, postgres)
			}
		}
	}
	parts := []int64{0}
	if w.pairs {
		parts = []int64{1, 2}
	}
	for i := range n {
		for _, part := range parts {
			for k := range rapid.IntRange(0, 5).Draw(t, "rows") {
				row := &dNode{Part: part, ID: int64(k + 1), Kind: rapid.Int64Range(0, 2).Draw(t, "kind"), Seat: max(1, rapid.Int64Range(-1, 2).Draw(t, "seat")),
					Gone: w.marks[i] && rapid.IntRange(0, 2).Draw(t, "gone") == 0}
				w.rows[i][row.key()] = row
			}
		}
	}
	for _, e := range w.edges {
		for _, key := range slices.Sorted(maps.Keys(w.rows[e.from])) {
			row := w.rows[e.from][key]
			var ids []int64
			for _, to := range w.rows[e.to] {
				if to.Part == row.Part {
					ids = append(ids, to.ID)
				}
			}
			slices.Sort(ids)
			if len(ids) == 0 || rapid.IntRange(0, 3).Draw(t, "null") == 0 {
				continue
			}
			to := rapid.SampledFrom(ids).Draw(t, "points at")
			*[3]**int64{&row.A, &row.B, &row.C}[e.column] = &to
		}
	}
	return w
}

// drawKey declares relations along a key.
func (w *dWorld) drawKey(t *rapid.T, e dEdge, postgres bool) {
	policies := []dovetail.DeletePolicy{dovetail.Cascade, dovetail.Cascade, dovetail.Cascade, dovetail.SetNull, dovetail.Restrict,
		dovetail.NoAction, dovetail.ByDatabase}
	actions := []string{"", " ON DELETE CASCADE", " ON DELETE SET NULL"}
	if w.pairs {
		actions[2] += fmt.Sprintf(" (%s)", dColumns[e.column])
		if !postgres {
			actions = actions[:2] // SQLite would clear the column that cannot be NULL
		}
	}
	whole, declared := dovetail.DeletePolicy(0), len(w.edges)
	for kind := range rapid.SampledFrom([]int64{1, 1, 1, 2, 3}).Draw(t, "kinds") {
		e.kind, e.policy, e.does = kind, rapid.SampledFrom(policies).Draw(t, "policy"), ""
		keys := []string{dColumns[e.column]}
		if w.pairs {
			keys = []string{"part", dColumns[e.column]}
		}
		options := []dovetail.RelationOption{dovetail.ForeignKey(keys...), dovetail.OnDelete(e.policy)}
		switch {
		case kind == 0 && rapid.IntRange(0, 4).Draw(t, "only kinds") == 0:
			continue
		case kind == 0:
			whole, e.does = e.policy, rapid.SampledFrom(w.may(e.policy, actions)).Draw(t, "the database does")
		case e.policy == whole || e.policy == dovetail.ByDatabase || whole == dovetail.ByDatabase:
			continue // the relation to all rows says it
		default:
			options = append(options, dovetail.Where(squirrel.Eq{"kind": kind}))
		}
		w.edges = append(w.edges, e)
		dovetail.HasMany(w.tables[e.to], e.name(), w.tables[e.from], options...)
	}
	if whole == 0 && len(w.edges) > declared {
		w.edges = append(w.edges, dEdge{from: e.from, column: e.column, to: e.to, policy: dovetail.NoAction, nobodys: true})
	}
}

// may are the actions of the database that a policy goes with: what it says, and anything where it leaves rows to the database.
func (w *dWorld) may(policy dovetail.DeletePolicy, actions []string) []string {
	switch {
	case policy == dovetail.NoAction || policy == dovetail.ByDatabase:
		return actions
	case policy == dovetail.Cascade:
		return actions[:2]
	case policy == dovetail.SetNull && len(actions) > 2:
		return []string{actions[0], actions[2]}
	}
	return actions[:1]
}

// alone reports whether no other relation goes along the edge's key.
func (w *dWorld) alone(e dEdge) bool {
	return !slices.ContainsFunc(w.edges, func(o dEdge) bool { return o.from == e.from && o.column == e.column && o.kind != e.kind })
}

// constrained reports whether the database has the edge's key: it has none that NoAction is said of and that it does nothing about, which
// nobody is to check.
func (w *dWorld) constrained(e dEdge) bool {
	return e.kind == 0 && (w.action(e) != "" || !slices.ContainsFunc(w.edges, func(o dEdge) bool {
		return o.from == e.from && o.column == e.column && o.policy == dovetail.NoAction && !o.nobodys
	}))
}

// action is what the database itself does along the edge's key.
func (w *dWorld) action(e dEdge) string {
	if w.alone(e) {
		return e.does
	}
	return ""
}

// ddl makes the tables, their rows, and then the constraints.
func (w *dWorld) ddl(postgres bool) string {
	var b strings.Builder
	own, shared := "id", ""
	if w.pairs {
		own, shared = "part, id", "part, "
	}
	key := func(e dEdge) string {
		return fmt.Sprintf("FOREIGN KEY (%s%s) REFERENCES %s (%s)", shared, dColumns[e.column], w.names[e.to], own) + w.action(e)
	}
	for i, name := range w.names {
		fmt.Fprintf(&b, "CREATE TABLE %s (part BIGINT NOT NULL, id BIGINT NOT NULL, a BIGINT, b BIGINT, c BIGINT, kind BIGINT NOT NULL, seat BIGINT NOT NULL, gone BOOLEAN NOT NULL, PRIMARY KEY (%s)",
			name, own)
		for _, e := range w.edges {
			if e.from == i && !postgres && w.constrained(e) {
				b.WriteString(", " + key(e))
			}
		}
		b.WriteString(");\n")
	}
	if !postgres {
		b.WriteString("PRAGMA defer_foreign_keys = ON;\n")
	}
	for i, name := range w.names {
		for _, row := range w.rows[i] {
			fmt.Fprintf(&b, "INSERT INTO %s VALUES (%s);\n", name, strings.ReplaceAll(row.String(), " ", ", "))
		}
	}
	for _, e := range w.edges {
		if postgres && w.constrained(e) {
			fmt.Fprintf(&b, "ALTER TABLE %s ADD %s;\n", w.names[e.from], key(e))
		}
	}
	return b.String()
}

func (n *dNode) String() string {
	text := fmt.Sprint(n.Part, " ", n.ID)
	for _, k := range n.keys() {
		if k == nil {
			text += " NULL"
			continue
		}
		text += fmt.Sprint(" ", *k)
	}
	return text + strings.ToUpper(fmt.Sprint(" ", n.Kind, " ", n.Seat, " ", n.Gone))
}

func (w *dWorld) String() string {
	var b strings.Builder
	for i := range w.names {
		for _, key := range slices.Sorted(maps.Keys(w.rows[i])) {
			fmt.Fprintf(&b, "%d: %s\n", i, w.rows[i][key])
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
	hidden  map[dEdge]int64 // rows that do so, out of scope
}

// outcome follows the keys from rows of the first table. A delete that marks rows ends at those that are marked already.
func (w *dWorld) outcome(selected []int64, soft bool) dOutcome {
	o := dOutcome{soft: soft, nulled: map[dEdge]int64{}, blocked: map[dEdge]int64{}, left: map[dEdge]int64{}, hidden: map[dEdge]int64{}}
	for range w.names {
		o.gone = append(o.gone, map[int64]bool{})
	}
	for _, id := range selected {
		o.gone[0][id] = true
	}
	pointing := func(e dEdge, each func(*dNode)) {
		for _, row := range w.rows[e.from] {
			if o.gone[e.to][row.target(e.column)] && !o.gone[e.from][row.key()] && w.decides(e, row) && w.seen(e.from, row) && !(soft && row.Gone) {
				each(row)
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for _, e := range w.edges {
			if e.policy == dovetail.Cascade && w.follows(e, soft) {
				pointing(e, func(row *dNode) { o.gone[e.from][row.key()], changed = true, true })
			}
		}
	}
	if soft {
		return o // the rows stay, and what points at them
	}
	for _, e := range w.edges {
		for _, row := range w.rows[e.from] {
			if o.gone[e.to][row.target(e.column)] && w.decides(e, row) && !w.seen(e.from, row) && !o.gone[e.from][row.key()] && e.policy != dovetail.ByDatabase {
				o.hidden[e]++
			}
		}
		switch e.policy {
		case dovetail.SetNull:
			pointing(e, func(*dNode) { o.nulled[e]++ })
		case dovetail.Restrict:
			pointing(e, func(*dNode) { o.blocked[e]++ })
		case dovetail.NoAction, dovetail.ByDatabase:
			pointing(e, func(*dNode) { o.left[e]++ })
		}
	}
	return o
}

// follows reports whether a delete looks along the key at all.
func (w *dWorld) follows(e dEdge, soft bool) bool {
	return !soft || e.policy == dovetail.Cascade && w.marks[e.from]
}

// going is how many rows of a table a delete removes or marks.
func (w *dWorld) going(o dOutcome, table int) int64 { return int64(len(o.gone[table])) }

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
			if e.policy == dovetail.SetNull && o.gone[e.to][row.target(e.column)] && w.decides(e, row) && w.seen(e.from, row) {
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

// database does what the constraints say once the rows are gone that the delete removes, and reports whether one of them is left without
// the row that it points at, which the database refuses, and whether more rows went: then it may refuse, too, what is so in between.
func (w *dWorld) database(o dOutcome) (refused, more bool) {
	points := func(e dEdge, row *dNode) bool {
		return w.constrained(e) && row.target(e.column) != 0 && w.rows[e.to][row.target(e.column)] == nil
	}
	each := func(action string, do func(e dEdge, key int64, row *dNode)) {
		for _, e := range w.edges {
			for key, row := range w.rows[e.from] {
				if points(e, row) && strings.HasPrefix(w.action(e), action) && (action != "" || w.action(e) == "") {
					do(e, key, row)
				}
			}
		}
	}
	for changed := true; changed; {
		changed = false
		each(" ON DELETE CASCADE", func(e dEdge, key int64, _ *dNode) {
			delete(w.rows[e.from], key)
			changed, more = true, true
		})
	}
	each(" ON DELETE SET NULL", func(e dEdge, _ int64, row *dNode) { *[3]**int64{&row.A, &row.B, &row.C}[e.column] = nil })
	each("", func(dEdge, int64, *dNode) { refused = true })
	return refused && !o.soft, more
}

// condition draws a condition of the first table, and says which rows meet it.
func (w *dWorld) condition(t *rapid.T) (dovetail.Removal[*dNode], []int64) {
	del := dovetail.Delete(w.tables[0])
	if w.lifted = w.scopes[0] != "" && rapid.IntRange(0, 3).Draw(t, "lifted") == 0; w.lifted {
		del = del.Unscoped("seated")
	}
	var found []int64
	pick := func(meets func(*dNode) bool) {
		for key, row := range w.rows[0] {
			if !row.Gone && w.seen(0, row) && meets(row) {
				found = append(found, key)
			}
		}
	}
	into := slices.DeleteFunc(slices.Clone(w.edges), func(e dEdge) bool { return e.to != 0 || e.nobodys })
	switch kind := rapid.IntRange(0, 4).Draw(t, "condition"); {
	case kind == 0:
		c := rapid.IntRange(0, 2).Draw(t, "column")
		pick(func(row *dNode) bool { return row.keys()[c] == nil })
		return del.Where(squirrel.Eq{dColumns[c]: nil}), found
	case kind == 1 && len(into) > 0:
		e, text := rapid.SampledFrom(into).Draw(t, "relation"), rapid.Bool().Draw(t, "as text") // which knows no scopes
		pick(func(row *dNode) bool {
			for _, from := range w.rows[e.from] {
				if from.target(e.column) == row.key() && e.about(from) && (text || !from.Gone && w.scoped(e.from, from)) {
					return true
				}
			}
			return false
		})
		if text {
			return del.Where(fmt.Sprintf("(part, id) IN (SELECT x.part, x.%s FROM %s AS x WHERE CAST(? AS BIGINT) IN (0, x.kind))", dColumns[e.column], w.names[e.from]), e.kind), found
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
		text := "CAST(part AS TEXT) || ' ' || CAST(id AS TEXT)"
		for _, c := range dColumns {
			text += fmt.Sprintf(" || ' ' || coalesce(CAST(%s AS TEXT), 'NULL')", c)
		}
		text += " || ' ' || CAST(kind AS TEXT) || ' ' || CAST(seat AS TEXT) || CASE WHEN gone THEN ' TRUE' ELSE ' FALSE' END"
		lines, err := kit.SQL[string](t.Context(), d.DB, "SELECT "+text+" FROM "+name+" ORDER BY part, id")
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
		for i, e := range effects {
			if edge.nobodys && e.Policy == edge.policy && e.Table == w.names[edge.from] && (e.Key == dColumns[edge.column] || e.Key == "part, "+dColumns[edge.column]) {
				at = i // behind those of relations along the key
			}
		}
		if at < 0 {
			if w.reached(edge.to, o.soft) && w.follows(edge, o.soft) {
				t.Fatalf("expected an effect of %s: %+v", name, effects)
			}
			continue
		}
		if e := effects[at]; e.Nulled != o.nulled[edge] || e.Blocking+e.Pointing != o.blocked[edge]+o.left[edge]+o.hidden[edge] || e.Policy != edge.policy {
			t.Fatalf("expected %d to become NULL and %d to refuse, got %+v\n%v %v", o.nulled[edge], o.blocked[edge]+o.left[edge]+o.hidden[edge], e, w.scopes, w)
		}
	}
}

// remove deletes the rows in one of the ways there are, and returns their number.
func (w *dWorld) remove(t *testing.T, rt *rapid.T, d kit.Database, del dovetail.Removal[*dNode], selected []int64, o dOutcome, hard bool) (int64, error) {
	switch rapid.IntRange(0, 2).Draw(rt, "way") {
	case 0:
		back, err := del.Returning(t.Context(), d.DB)
		for _, row := range back {
			if !o.gone[0][row.key()] {
				rt.Fatalf("%s came back, and stays", row)
			}
			if was := w.rows[0][row.key()]; !o.soft && row.String() != was.String() {
				rt.Fatalf("%v\n%s came back, and was %s", w.edges, row, was)
			}
		}
		return int64(len(back)), err
	case 1:
		if hard && w.marks[0] || len(selected) == 0 || w.lifted { // rows in hand are marked, and in scope
			break
		}
		var rows []*dNode
		for _, key := range selected {
			row := *w.rows[0][key]
			rows = append(rows, &row)
		}
		err := dovetail.DeleteRows(t.Context(), d.DB, w.tables[0], rows...)
		return w.going(o, 0), err
	}
	return del.Exec(t.Context(), d.DB)
}

// TestDeleteMatchesOracle: over random graphs of tables, with self relations, diamonds and cycles of tables, keys of one column and of two, scopes,
// whatever the database does by itself, random rows and conditions, a delete does what following the keys one by one in memory says, and
// Impact says so before.
func TestDeleteMatchesOracle(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		rapid.Check(t, func(rt *rapid.T) {
			w := drawWorld(rt, d.Postgres())
			d.Exec(t, "BEGIN;\n"+w.ddl(d.Postgres())+"COMMIT;")
			if d.Postgres() { // whose schemas cannot be dropped with thousands of tables
				defer d.Exec(t, "DROP TABLE "+strings.Join(w.names, ", ")+" CASCADE")
			}
			del, selected := w.condition(rt)
			hard := rapid.IntRange(0, 2).Draw(rt, "for good") == 0
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
			want := w.going(o, 0)
			n, err := w.remove(t, rt, d, del, selected, o, hard)
			if before := w.String(); len(o.blocked) > 0 {
				if !errors.Is(err, dovetail.ErrRestricted) {
					rt.Fatalf("expected ErrRestricted, got %v", err)
				}
			} else {
				w.apply(o)
				refused, more := w.database(o)
				var constraint *dovetail.ConstraintError
				switch {
				case (refused || more) && errors.As(err, &constraint):
					if got := w.read(t, d); got != before {
						rt.Fatalf("%v\nrefused, and changed\n%sto\n%s", w.edges, before, got)
					}
					return
				case refused:
					rt.Fatalf("expected the database to refuse, got %v, %v", err, w.edges)
				case err != nil:
					rt.Fatal(kit.DescribeSQL(err), w.edges)
				case n != want:
					rt.Fatalf("expected %d rows, got %d", want, n)
				}
			}
			if got := w.read(t, d); got != w.String() {
				rt.Fatalf("%v\nexpected\n%sgot\n%s", w.edges, w, got)
			}
		})
	})
}
