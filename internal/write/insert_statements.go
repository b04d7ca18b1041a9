package write

import (
	"math/bits"
	"slices"
	"strings"

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
	if err != nil {
		return order, &fault.QueryError{Op: u.op, Err: err}
	}
	for _, n := range u.nodes {
		if err := u.numbered(n); err != nil {
			return order, &fault.QueryError{Op: u.op, Path: n.branch.path, Err: err}
		}
	}
	return order, u.keepsNodes()
}

// inserts sends the statements.
func (u *unit) inserts(order levels.Order) error {
	if err := u.checkThere(); err != nil {
		return err
	}
	guards := u.guards(len(order.Postponed) > 0)
	for _, level := range order.Levels {
		if err := u.level(level, order.Postponed); err != nil {
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
	for _, n := range u.nodes {
		n.saved.Restore()
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
func (u *unit) level(level []int, postponed []int) error {
	for _, n := range level {
		for _, i := range u.nodes[n].needs {
			if _, later := slices.BinarySearch(postponed, i); later {
				continue
			}
			if err := u.fill(u.needs[i], u.nodes[u.needs[i].On].row); err != nil {
				return &fault.QueryError{Op: u.op, Path: u.nodes[n].branch.path, Err: err}
			}
		}
	}
	var stmts []dialect.Statement
	var tables []*graph.Table
	var parts []insertJob
	jobs, err := u.jobs(level)
	if err != nil {
		return err
	}
	for _, job := range jobs {
		for _, part := range job.chunks(u.db.Dialect().Features()) {
			stmt, err := part.statement(u.db.Dialect())
			if err != nil {
				return &fault.QueryError{Op: u.op, Path: job.path, Err: err}
			}
			stmt.Op = u.op
			stmts, tables, parts = append(stmts, stmt), append(tables, job.table.Graph), append(parts, part)
		}
	}
	return u.send(stmts, tables, func(i int, rows dialect.Rows) error { return parts[i].read(rows) })
}

// jobs groups rows by what they give. Those whose keys are given go in the order of their keys, so that two who insert the same
// rows do not wait for each other; the others in their own, which is that of the numbers they get.
func (u *unit) jobs(level []int) ([]insertJob, error) {
	var jobs []insertJob
	known := map[string]int{}
	for _, n := range level {
		nd := u.nodes[n]
		job := u.jobOf(nd)
		var key strings.Builder
		key.WriteString(job.path + "\x00" + job.table.Graph.Schema + "\x00" + job.table.Graph.Name)
		for _, f := range job.columns {
			key.WriteString("\x00" + f.Column)
		}
		at, ok := known[key.String()]
		if !ok {
			at = len(jobs)
			known[key.String()] = at
			jobs = append(jobs, job)
		}
		jobs[at].nodes = append(jobs[at].nodes, nd)
	}
	for i := range jobs {
		if err := jobs[i].sort(); err != nil {
			return nil, &fault.QueryError{Op: u.op, Path: jobs[i].path, Err: err}
		}
	}
	return jobs, nil
}

// sort puts the rows into the order of their keys, if each has one of its own.
func (j *insertJob) sort() error {
	key := j.table.KeyFields()
	if len(j.nodes) < 2 || len(key) == 0 || slices.ContainsFunc(key, func(f *structs.Field) bool { return !slices.Contains(j.columns, f) }) {
		return nil
	}
	rows := make([]structs.Row, len(j.nodes))
	for i, n := range j.nodes {
		rows[i] = n.row
	}
	places, err := load.Distinct(key, rows)
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

// jobOf says which columns of a row are given and which are read back.
func (u *unit) jobOf(n *node) insertJob {
	job := insertJob{table: n.table, path: n.branch.path}
	only, omit := n.branch.only, n.branch.omit
	t := n.table.Graph
	for c := range t.Stored() {
		f := n.table.Columns[c.Name]
		key := slices.Contains(t.PrimaryKey, c.Name)
		given := slices.ContainsFunc(n.filled, func(p model.FieldPair) bool { return p.Holder == f })
		filled := given || u.fills(n, f)
		named := given || slices.Contains(only, c.Name)
		left := only != nil && !named && !filled && !key ||
			model.MadeByDatabase(t, c.Name) && f.IsZero(n.row) && (!named || key)
		if c.ReadOnly || slices.Contains(omit, c.Name) || left {
			job.back = append(job.back, f)
		} else {
			job.columns = append(job.columns, f)
		}
	}
	job.match = job.matching()
	return job
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

// chunks cuts the rows into those of one statement each.
func (j *insertJob) chunks(features dialect.Features) []insertJob {
	var parts []insertJob
	left := j.nodes
	for len(left) > 0 {
		size := 1
		if j.match != matchSingle {
			size = insertSize(len(left), len(j.columns), features)
		}
		part := *j
		part.nodes, left = left[:size], left[size:]
		parts = append(parts, part)
	}
	return parts
}

// statement writes the INSERT of the job's rows.
func (j *insertJob) statement(d dialect.Dialect) (dialect.Statement, error) {
	insert := compile.Insert{Table: j.table.Graph, Columns: model.ColumnNames(j.columns), Rows: len(j.nodes)}
	if j.match == matchKey {
		insert.Returning = slices.Clone(j.table.Graph.PrimaryKey)
	}
	insert.Returning = append(insert.Returning, model.ColumnNames(j.back)...)
	stmt, err := insert.Statement(d)
	args := make([]any, 0, len(j.nodes)*len(j.columns))
	for _, n := range j.nodes {
		args = appendGiven(args, d, j.table.Graph, j.columns, n.row)
	}
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
		set := make([]*structs.Field, len(n.pairs))
		for i, p := range n.pairs {
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
