package write

import (
	"math/bits"
	"slices"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/levels"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// INSERT: the statements of an insertion, level by level.

// The numbers of rows that one INSERT has, so that a table has few statements, whatever is inserted: up to fewRows any, beyond it
// a power of two up to maxRows.
const (
	fewRows = 16
	maxRows = 1024
)

// insertSize returns how many of the rows go into one INSERT.
func insertSize(rows, columns int, features dialect.Features) int {
	most := maxRows
	if features.MaxArgs > 0 {
		most = min(most, max(1, features.MaxArgs/max(1, columns)))
	}
	most = min(most, rows)
	if most <= fewRows {
		return most
	}
	return 1 << (bits.Len(uint(most)) - 1)
}

// insertJob is rows of one table that one INSERT gives the same columns of.
type insertJob struct {
	table   *model.Table
	path    string
	columns []*structs.Field
	back    []*structs.Field // that are read back
	match   matching
	nodes   []*node
	told    load.Key // the primary key

	key   []*structs.Field // of matchKey: what tells the rows, and is among the columns that come back; nil: the primary key, before them
	short error            // what it means for fewer rows to come back; nil: something keeps them out
}

// matching is how a row that comes back is told from the others of its statement. SQL promises no order.
type matching int

const (
	matchNone   matching = iota // nothing comes back
	matchKey                    // by its primary key, which was given
	matchNumber                 // by its primary key, which the database counts up from row to row
	matchSingle                 // it is the only one
)

// insert inserts the rows of the unit, all or none, and leaves them as they were if it fails.
func (u *unit) insert() error {
	inserted := false
	defer func() {
		if !inserted {
			u.restore()
		}
	}()
	order, err := u.ready()
	if err != nil || len(u.nodes) == 0 {
		return err
	}
	run := func(w writing) error {
		u.writing = w
		return u.inserts(order)
	}
	switch {
	case u.oneStatement():
		err = run(u.writing)
	case len(u.nodes) == 1 && len(u.guards(false)) == 0:
		err = u.inOne(run)
	default:
		err = u.inTx(run)
	}
	inserted = err == nil
	return err
}

// insertWithin inserts the rows of the unit in a transaction that has begun. Its caller restores them if it fails.
func (u *unit) insertWithin() error {
	order, err := u.ready()
	if err != nil {
		return err
	}
	return u.inserts(order)
}

// ready returns the order of the rows, of which all that is known before anything is sent is filled and checked.
func (u *unit) ready() (levels.Order, error) {
	order, err := u.order()
	if err == nil {
		err = u.meet(order)
	}
	if err == nil {
		order = u.behind(order)
	}
	if err != nil {
		return order, &fault.QueryError{Op: u.op, Err: err}
	}
	for _, n := range u.nodes {
		if err := u.numbered(n); err != nil {
			return order, &fault.QueryError{Op: u.op, Path: n.branch.path, Err: err}
		}
	}
	if err := u.keepsNodes(); err != nil {
		return order, err
	}
	return order, u.storedNodes()
}

// inserts sends the statements.
func (u *unit) inserts(order levels.Order) error {
	if err := u.checkThere(); err != nil {
		return err
	}
	guards := u.guards(len(order.Postponed) > 0)
	for i := range order.Levels {
		if err := u.level(&order, i); err != nil {
			return err
		}
	}
	if err := u.updateKeys(order.Postponed); err != nil {
		return err
	}
	for _, g := range guards {
		if err := u.guard(g.table, g.keys, g.rows); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) restore() {
	for _, g := range u.index {
		g.saved.Restore()
	}
	for _, undo := range slices.Backward(u.undo) {
		undo()
	}
}

// oneStatement reports whether the insertion is all or nothing without a transaction: it is one row of which nothing comes back but its
// number, if that cannot be NULL. What else comes back may not fit its field, and a trigger may keep out some of several rows; that
// is known when they are there.
func (u *unit) oneStatement() bool {
	if len(u.nodes) != 1 || len(u.guards(false)) > 0 || slices.ContainsFunc(u.there, func(t thereRow) bool { return u.looksFar(t.relation) }) {
		return false
	}
	job, unsure := u.jobOf(u.nodes[0]), u.db.Dialect().Features().NullKeys
	return len(job.back) == 0 || len(job.back) == 1 && job.match == matchNumber && job.back[0].Type.Size() == 8 && !unsure
}

// level inserts the rows of one level, in one batch.
func (u *unit) level(order *levels.Order, at int) error {
	var kept []keptField
	level := order.Levels[at]
	for _, n := range level {
		for _, i := range u.nodes[n].needs {
			if _, later := slices.BinarySearch(order.Postponed, i); later {
				kept = append(kept, u.withhold(u.needs[i])...)
				continue
			}
			if err := u.fill(u.needs[i], u.nodes[u.needs[i].On].row); err != nil {
				return &fault.QueryError{Op: u.op, Path: u.nodes[n].branch.path, Err: err}
			}
		}
	}
	if err := u.orderPairs(level); err != nil {
		return err
	}
	jobs, err := u.jobs(level)
	if err != nil {
		return err
	}
	s, err := u.statements(jobs)
	if err == nil && len(u.unmet(at, s)) > 0 {
		cut := u.inTurn(at, order.Depths, jobs)
		s, err = u.statements(cut)
		withheld := len(kept)
		for _, n := range u.unmet(at, s) { // cycles are left
			if u.putOff(order, n) {
				kept = append(kept, u.withhold(u.needs[len(u.needs)-1])...)
			}
		}
		if err == nil && len(kept) > withheld {
			s, err = u.statements(cut)
		}
	}
	if err != nil {
		return err
	}
	for _, k := range kept {
		k.field.Copy(k.row, k.held)
	}
	tables := make([]*graph.Table, len(s.parts))
	for i, part := range s.parts {
		tables[i] = part.table.Graph
	}
	err = u.send(s.stmts, tables, func(i int, rows dialect.Rows) error { return s.parts[i].read(rows) })
	for i := range jobs {
		u.forgetTypes(err, jobs[i].table)
		u.filled(jobs[i].table.Graph, jobs[i].columns)
	}
	return err
}

// statements writes the statements of jobs.
func (u *unit) statements(jobs []insertJob) (s inserts, err error) {
	for _, job := range jobs {
		arrays, err := u.arrays(&job)
		if err != nil {
			return s, err
		}
		for left := job.nodes; len(left) > 0; {
			part := job
			stmt, err := part.next(u.db.Dialect(), u.now(), left, arrays)
			if err != nil {
				return s, &fault.QueryError{Op: u.op, Path: job.path, Err: err}
			}
			left, stmt.Op = left[len(part.nodes):], u.op
			s.stmts, s.parts = append(s.stmts, stmt), append(s.parts, part)
		}
	}
	return s, nil
}

// keptField is a field of a row whose value is in another while the row is inserted without it.
type keptField struct {
	field     *structs.Field
	row, held structs.Row
}

// withhold makes the fields of a key NULL that an update will set.
func (u *unit) withhold(n need) (kept []keptField) {
	holder := u.nodes[n.Of]
	for _, p := range n.late {
		if p.Holder.IsZero(holder.row) {
			continue
		}
		k := keptField{p.Holder, holder.row, structs.NewSlab(holder.table.Layout, 1).New()}
		k.field.Copy(k.held, k.row)
		k.field.SetZero(k.row)
		kept = append(kept, k)
	}
	return kept
}

// jobs groups rows by what they give. Those whose keys are given go in the order of their keys, so that two who insert the same
// rows do not wait for each other; the others in their own, which is that of the numbers they get.
func (u *unit) jobs(level []int) ([]insertJob, error) {
	s := shapes{u: u, known: map[*branch]map[string]int{}}
	for _, n := range level {
		job := s.job(u.nodes[n])
		job.nodes = append(job.nodes, u.nodes[n])
	}
	for i := range s.jobs {
		s.jobs[i].told = load.KeyOf(u.db, s.jobs[i].table, s.jobs[i].table.KeyFields())
		if err := s.jobs[i].sort(); err != nil {
			return nil, &fault.QueryError{Op: u.op, Path: s.jobs[i].path, Err: err}
		}
	}
	return s.jobs, nil
}

// ascending reports whether the key is an integer, and each row's greater than that before it.
func ascending(key []*structs.Field, nodes []*node) bool {
	if len(key) > 1 || key[0].Key != dialect.KeyInt {
		return false
	}
	probe := dialect.Keys{Kind: dialect.KeyInt, Ints: make([]int64, 0, len(nodes))}
	for i, n := range nodes {
		if ok, err := key[0].AppendKey(&probe, n.row); !ok || err != nil || i > 0 && probe.Ints[i] <= probe.Ints[i-1] {
			return false
		}
	}
	return true
}

// sort puts the rows into the order of their keys, if each has one of its own.
func (j *insertJob) sort() error {
	key := j.table.KeyFields()
	if len(j.nodes) < 2 || len(key) == 0 || slices.ContainsFunc(key, func(f *structs.Field) bool { return !slices.Contains(j.columns, f) }) {
		return nil
	}
	if ascending(key, j.nodes) {
		return nil
	}
	rows := make([]structs.Row, len(j.nodes))
	for i, n := range j.nodes {
		rows[i] = n.row
	}
	places, err := j.told.Distinct(rows)
	if err != nil || len(places) < len(rows) {
		return err
	}
	sorted := make([]*node, len(places))
	for i, at := range places {
		sorted[i] = j.nodes[at]
	}
	j.nodes = sorted
	return nil
}

func (j *insertJob) matching() matching {
	key := j.table.Graph.PrimaryKey
	given := len(key) > 0
	for _, name := range key {
		f := j.table.Columns[name]
		given = given && f.Key != dialect.KeyOther && slices.Contains(j.columns, f)
	}
	identity, numbered := j.table.Graph.Identity()
	switch {
	case len(j.columns) == 0:
		return matchSingle
	case len(j.back) == 0:
		return matchNone
	case given:
		return matchKey
	case numbered && slices.Contains(j.back, j.table.Columns[identity.Name]):
		return matchNumber
	}
	return matchSingle
}

// arrays returns the types of the arrays in which the job's rows go; nil: they go as values. A few rows are not worth a look at the
// catalog, nor rows of which each has a statement.
func (u *unit) arrays(j *insertJob) ([]string, error) {
	d := u.db.Dialect()
	if len(j.nodes) <= fewRows || j.match == matchSingle || !mayGoInArrays(d, j.columns) {
		return nil, nil
	}
	tables := []*model.Table{j.table}
	for _, t := range u.registry.Tables {
		if t != j.table && u.index[t] != nil { // of which there are rows too
			tables = append(tables, t)
		}
	}
	if err := u.learnTypes(j.columns, tables...); err != nil {
		return nil, err
	}
	types, ok := elementTypes(d, j.columns, u.types(j.table, j.columns))
	if !ok {
		return nil, nil
	}
	return types, nil
}

// next takes as many of the rows as go into one INSERT, and writes that.
func (j *insertJob) next(d dialect.Dialect, now time.Time, left []*node, arrays []string) (dialect.Statement, error) {
	insert := compile.Insert{Table: j.table.Graph, Columns: model.ColumnNames(j.columns)}
	filled := insert.Filled(d, now)
	var args []any
	switch {
	case len(arrays) > 0 && len(left) > fewRows:
		given, n, err := inArrays(d, len(j.columns), len(left), func(i int, to []dialect.Elements) error {
			for c, f := range j.columns {
				if err := f.AddTo(to[c], left[i].row); err != nil {
					return notElement(err)
				}
			}
			return nil
		})
		if err != nil {
			return dialect.Statement{}, err
		}
		j.nodes, args, insert.Arrays = left[:n], given, arrays
	case j.match == matchSingle:
		j.nodes = left[:1]
	default:
		j.nodes = left[:insertSize(len(left), len(insert.Columns), d.Features())]
	}
	if insert.Rows = len(j.nodes); insert.Arrays == nil {
		args = make([]any, 0, insert.Rows*len(insert.Columns))
		for _, n := range j.nodes {
			args = append(appendGiven(args, d, j.table.Graph, j.columns, n.row), filled...)
		}
	}
	if j.match == matchKey {
		insert.Returning = slices.Clone(j.table.Graph.PrimaryKey)
	}
	insert.Returning = append(insert.Returning, model.ColumnNames(j.back)...)
	stmt, err := insert.Statement(d)
	return dialect.Statement{
		SQL: stmt.SQL, Args: args, Exec: len(insert.Returning) == 0, Path: j.path, Table: j.table.Graph.Name,
	}, err
}

// appendGiven adds what the fields hold in a row, as columns of the table are given it.
func appendGiven(args []any, d dialect.Dialect, t *graph.Table, fields []*structs.Field, row structs.Row) []any {
	for _, f := range fields {
		args = append(args, compile.Given(d, t, f.Column, f.Value(row)))
	}
	return args
}

// asKeys makes those of the arguments for the fields, in place, that are of a key by which a row may be there already such ones.
func asKeys(args []any, fields []*structs.Field, key []string) {
	for i, f := range fields {
		if timed, ok := args[i].(dialect.TimeArg); ok && slices.Contains(key, f.Column) {
			timed.Use = dialect.TimeKey
			args[i] = timed
		}
	}
}

// appendTold adds what the fields hold in a row, as a row of the table is told by it.
func appendTold(args []any, d dialect.Dialect, t *graph.Table, fields []*structs.Field, row structs.Row) []any {
	for _, f := range fields {
		args = append(args, compile.Told(d, t, f.Column, f.Value(row)))
	}
	return args
}

// updateKeys sets the foreign keys that could not be given when their rows were inserted.
func (u *unit) updateKeys(postponed []int) error {
	var stmts []dialect.Statement
	var tables []*graph.Table
	for _, i := range postponed {
		n := u.needs[i]
		holder := u.nodes[n.Of]
		fail := func(err error) error { return &fault.QueryError{Op: u.op, Path: holder.branch.path, Err: err} }
		if err := u.fill(n, u.nodes[n.On].row); err != nil {
			return fail(err)
		}
		t, d := holder.table, u.db.Dialect()
		set := make([]*structs.Field, len(n.late))
		for i, p := range n.late {
			set[i] = p.Holder
		}
		row := compile.Row{Table: t.Graph, Where: t.Graph.PrimaryKey, Aside: true} // it was inserted just now
		stmt, err := row.Update(model.ColumnNames(set), nil, d)
		if err != nil {
			return fail(err)
		}
		args := stmt.With(appendGiven(nil, d, t.Graph, set, holder.row), appendTold(nil, d, t.Graph, t.KeyFields(), holder.row))
		stmts = append(stmts, dialect.Statement{SQL: stmt.SQL, Args: args, Exec: true, Op: u.op, Path: holder.branch.path, Table: t.Graph.Name})
		tables = append(tables, t.Graph)
	}
	if len(stmts) == 0 {
		return nil
	}
	return u.send(stmts, tables, func(i int, rows dialect.Rows) error {
		n, err := affected(rows)
		if err == nil && n != 1 {
			err = graph.Problemf(fault.ErrInvalidRow, "a foreign key was set in %d rows of %q, not in one", n, tables[i].Name)
		}
		return err
	})
}
