package write

import (
	"errors"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// UPSERT: what it does where a row is there, and its statements.

// conflicting is what happens where a row is there.
type conflicting struct {
	compile.Conflict
	exprs  *plan.Query // that Conflict.Exprs are of; nil: there are none
	within []plan.Expr // Conflict.Scope, as statements about the row alone have it
}

// conflict plans what happens where a row is there.
func (u *Upsertion) conflict(w writing) (c conflicting, err error) {
	d := w.db.Dialect()
	c.Columns, c.Set = u.Key, u.Set
	if c.Scope, err = w.metScope(u.Table, u.Lift...); err == nil {
		c.within, err = w.scope(u.Table, u.Lift...)
	}
	if err != nil {
		return c, query.Failure(w.op, err)
	}
	if u.part != nil {
		q := u.part
		if names := w.registry.Rules.Names(u.Table.Graph, nil); len(names) > 0 {
			q = q.Unscoped(names)
		}
		p, err := load.Plan(q.Asked(), "upsert", d, nil)
		if err == nil && (len(p.Plan.Bindings) > 1 || slices.ContainsFunc(p.Plan.Where, notOfIndex)) {
			err = query.Failure(w.op, &plan.PathError{Method: "Where", Err: graph.Problemf(fault.ErrInvalidQuery, "the condition of an index names columns of "+
				"%q alone, and has no arguments, as the database knows the index by its text; write it as the index has it, such as \"deleted_at IS NULL\"",
				u.Table.Graph.Name)})
		}
		if err != nil {
			return c, err
		}
		c.Part = p.Plan.Where
	}
	if u.exprs != nil {
		p, err := load.Plan(u.exprs.Asked(), "upsert", d, func(s *plan.Spec) error {
			s.Excluded = true
			return nil
		})
		if err == nil {
			err = w.keepScopeSet(u.Table, u.lifted(), p.Plan.Set)
		}
		if err != nil {
			return c, query.Failure(w.op, err)
		}
		c.Exprs, c.exprs = p.Plan.Set, p.Plan
	}
	number, numbered := u.Table.Graph.Identity()
	if numbered && d.Features().LoneNumbers && slices.Contains(u.Key, number.Name) {
		c.Columns = []string{number.Name}
		c.Same = slices.DeleteFunc(slices.Clone(u.Key), func(name string) bool { return name == number.Name })
	}
	return c, nil
}

// notOfIndex reports whether a condition cannot be one of an index that is known by its text.
func notOfIndex(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.IsNull, *plan.Column:
		return false
	case *plan.Not:
		return notOfIndex(e.Expr)
	case plan.And:
		return slices.ContainsFunc(e, notOfIndex)
	case plan.Or:
		return slices.ContainsFunc(e, notOfIndex)
	case *plan.Text:
		return len(e.Args) > 0 || e.SQL.Select
	}
	return true
}

// lifted returns the names of the scopes that are lifted.
func (u *Upsertion) lifted() []string {
	var names []string
	for _, l := range u.Lift {
		names = append(names, l.Names...)
	}
	return names
}

// upsertRun is an upsertion that is being done.
type upsertRun struct {
	*Upsertion
	unit *unit
	conflicting
	none   error              // what it means for a row not to come back, unless it is new
	given  [][]*structs.Field // the columns that each statement gives
	unmade []*node            // rows that were neither inserted nor found
}

// changes reports whether a row that is there is written to.
func (r *upsertRun) changes() bool { return len(r.conflicting.Set)+len(r.Exprs) > 0 }

func (r *upsertRun) run(w writing) error {
	var all []*structs.Field
	for c := range r.Table.Graph.Stored() {
		all = append(all, r.Table.Columns[c.Name])
	}
	r.none = r.notTouched(w)
	nodes := r.unit.nodes
	for tries := 1; len(nodes) > 0; tries++ {
		r.unmade = nil
		if err := r.send(w, nodes, all); err != nil {
			return err
		}
		if nodes = r.unmade; len(nodes) == 0 {
			break
		}
		if err := r.inTheWay(w, nodes, tries); err != nil {
			return err
		}
	}
	if err := r.eachItsOwn(w); err != nil {
		return err
	}
	for _, columns := range r.given {
		w.filled(r.Table.Graph, columns)
	}
	return w.guard(r.Table, guarded(r.Table, anyColumn), r.Rows)
}

// byTexts reports whether rows are told by a key that may be equal in the database and not in Go.
func (u *Upsertion) byTexts() bool {
	return slices.ContainsFunc(u.keyFields(), func(f *structs.Field) bool { return !load.EqualInGo(f.Key) })
}

// eachItsOwn refuses rows that came back as one, as the database takes their keys for the same: what one of them says is lost. A time that the driver
// has printed does not tell which of several spellings the row has.
func (r *upsertRun) eachItsOwn(w writing) error {
	if !r.byTexts() {
		return nil
	}
	fields := r.Table.KeyFields()
	if len(fields) == 0 {
		fields = r.keyFields()
	}
	key, met := load.KeyOf(w.db, r.Table, fields), make(map[string]bool, len(r.Rows))
	timed, _ := w.db.Dialect().(dialect.Timed)
	printed := func(row structs.Row) bool {
		return timed != nil && slices.ContainsFunc(fields, func(f *structs.Field) bool {
			text, is := structs.Plain(f.Value(row)).(string)
			return is && timed.Printed(text)
		})
	}
	for _, row := range r.Rows {
		text, err := key.Text(row)
		switch {
		case err != nil:
			return &fault.QueryError{Op: w.op, Err: graph.Problemf(fault.ErrInvalidRow, "%w", err)}
		case printed(row):
			continue
		case met[text]:
			return &fault.QueryError{Op: w.op, Err: r.twice()}
		}
		met[text] = true
	}
	return nil
}

// send sends the statements of rows.
func (r *upsertRun) send(w writing, nodes []*node, all []*structs.Field) error {
	var b syncBatch
	for left := nodes; len(left) > 0; {
		n, err := r.add(w, &b, left, all)
		if err != nil {
			return query.Failure(w.op, err)
		}
		left = left[n:]
	}
	err := b.send(w, r.Table.Graph)
	var refused *fault.ConstraintError
	if r.unit.around && len(b.stmts) > 1 && errors.As(err, &refused) && refused.Kind == fault.ForeignKeyConstraint {
		refused.How = "rows of the call point at each other in a cycle, and go by several statements; Insert those that are new, or upsert them first " +
			"without the key, and write the key afterwards"
	}
	return err
}

// inTheWay says why rows were neither inserted nor found: rows out of a scope are there. If none is, and others may have removed those that
// were in the way, it is to be tried again, and nil is returned.
func (r *upsertRun) inTheWay(w writing, nodes []*node, tries int) error {
	if len(r.Scope) > 0 {
		outside := append(slices.Clone(r.Part), plan.Expr(&plan.NotTrue{Expr: plan.And(r.within)}))
		look, err := compile.Row{Table: r.Table.Graph, Where: r.Key, Scope: outside}.Select(r.Key, w.db.Dialect())
		if err != nil {
			return query.Failure(w.op, err)
		}
		var b syncBatch
		for _, n := range nodes {
			args := appendTold(nil, w.db.Dialect(), r.Table.Graph, r.keyFields(), n.row)
			b.add(dialect.Statement{SQL: look.SQL, Args: append(args, look.Args...), Reads: true}, func(rows dialect.Rows) error {
				found := rows.Next()
				if err := ignored(rows); err != nil || !found {
					return err
				}
				return r.none
			})
		}
		if err := b.send(w, r.Table.Graph); err != nil {
			return err
		}
	}
	if tries == goneTries {
		return &fault.QueryError{Op: w.op, Err: notInserted("a row", r.Table.Graph)}
	}
	return nil
}

// add adds the statements of the next rows, and returns how many those are.
func (r *upsertRun) add(w writing, b *syncBatch, nodes []*node, all []*structs.Field) (int, error) {
	d, t, job := w.db.Dialect(), r.Table.Graph, r.unit.jobOf(nodes[0])
	insert := compile.Insert{Table: t, Columns: model.ColumnNames(job.columns), Conflict: &r.Conflict}
	isNew, filled := r.isNew(nodes[0].row), insert.Filled(d, r.unit.now())
	insert.Rows = insertSize(r.together(nodes, job.columns), len(insert.Columns), d.Features())
	job.nodes, r.given = nodes[:insert.Rows], append(r.given, job.columns)
	if isNew {
		insert.Conflict = nil
	}
	if r.changes() || isNew || len(r.Scope) > 0 {
		insert.Returning = model.ColumnNames(all)
	}
	made, err := insert.Statement(d)
	if err != nil {
		return 0, err
	}
	stmt := dialect.Statement{SQL: made.SQL, Exec: len(insert.Returning) == 0}
	for _, n := range job.nodes {
		stmt.Args = appendGiven(stmt.Args, d, t, job.columns, n.row)
		if !isNew {
			asKeys(stmt.Args[len(stmt.Args)-len(job.columns):], job.columns, r.Key)
		}
		stmt.Args = append(stmt.Args, filled...)
	}
	stmt.Args = append(stmt.Args, made.Args...)
	one := rowRead{w: w, t: r.Table, row: nodes[0].row, back: all, none: r.none}
	switch {
	case len(job.nodes) > 1:
		job.told = load.KeyOf(w.db, r.Table, r.keyFields())
		job.key, job.back, job.match, job.short = r.keyFields(), all, matchKey, one.none
		b.add(stmt, job.read)
		return len(job.nodes), nil
	case isNew:
		one.none = r.skipped()
		b.add(stmt, one.read)
		return 1, nil
	case r.changes():
		b.add(stmt, one.read)
		return 1, nil
	}
	within := slices.Concat(r.within, r.Part)
	again, err := compile.Row{Table: t, Where: r.Key, Scope: within}.Select(model.ColumnNames(all), d)
	read := one.readInTwo(stmt.Exec, func() error {
		if !d.Features().RowLocks { // nobody else writes meanwhile
			return r.none
		}
		r.unmade = append(r.unmade, nodes[0])
		return nil
	})
	b.add(stmt, read[0])
	b.add(dialect.Statement{SQL: again.SQL, Args: append(appendTold(nil, d, t, r.keyFields(), nodes[0].row), again.Args...)}, read[1])
	return 1, err
}

// together returns how many of the next rows may go in one statement: those that give the same columns, where what comes back is told by
// a key that is the same in Go and in the database. Texts may be equal there that are not here.
func (r *upsertRun) together(nodes []*node, columns []*structs.Field) int {
	if !r.changes() || r.isNew(nodes[0].row) || r.byTexts() {
		return 1
	}
	n := 1
	for n < len(nodes) && !r.isNew(nodes[n].row) && slices.Equal(r.unit.jobOf(nodes[n]).columns, columns) {
		n++
	}
	return n
}

// readInTwo reads the row from the two statements of an upsert that sets nothing: from what the first inserted or, where that is
// nothing, from the row that is there; unmade is called where that is not found either. exec: the first yields no rows, as the second finds
// the row in either case.
func (r *rowRead) readInTwo(exec bool, unmade func() error) []func(dialect.Rows) error {
	inserted, none := false, errors.New("neither inserted nor found")
	r.none = none
	found := func(rows dialect.Rows) error {
		err := r.read(rows)
		if err == none { //nolint:errorlint // it is this very one
			return unmade()
		}
		return err
	}
	if exec {
		return []func(dialect.Rows) error{ignored, found}
	}
	return []func(dialect.Rows) error{
		func(rows dialect.Rows) error {
			n, err := r.scan(rows)
			inserted = n > 0
			return err
		},
		func(rows dialect.Rows) error {
			if inserted { // in scope or not, as Insert inserts it
				return ignored(rows)
			}
			return found(rows)
		},
	}
}

// notTouched is the error of a row that the statement does not write to, and that is not new.
func (r *upsertRun) notTouched(w writing) error {
	switch err := r.outOfScope(w); {
	case err != nil:
		return err
	case len(r.Same) > 0:
		return graph.Problemf(fault.ErrInvalidRow, "another row of %q has the same %s, and not the same %s, and stays as it is; leave the number to the "+
			"database", r.Table.Graph.Name, r.Columns[0], strings.Join(r.Same, ", "))
	}
	return r.skipped()
}

// skipped is the error of a row that is neither inserted nor changed.
func (u *Upsertion) skipped() error {
	return graph.Problemf(fault.ErrInvalidRow, "the database neither inserted a row of %q nor changed the one that is there; a trigger or a rule keeps it out",
		u.Table.Graph.Name)
}

// outOfScope is the error of a row that is there, and not to be touched; nil where the table has no scopes that hold.
func (u *Upsertion) outOfScope(w writing) error {
	names := w.registry.Rules.Names(u.Table.Graph, u.lifted())
	if len(names) == 0 {
		return nil
	}
	how := "if it is meant, lift the scope with Unscoped"
	if mark := u.Table.Graph.SoftDelete; slices.Contains(names, graph.SoftDeleteName) {
		back := graph.Textf("if it is marked as deleted, Restore brings it back, and so does this call with Unscoped(%q) that Sets %q too",
			graph.SoftDeleteName, mark)
		if len(names) > 1 {
			back += "; " + how
		}
		how = back
	}
	return graph.Problemf(fault.ErrInvalidRow, "a row of %q with the same %s is out of its Scope (%s), and stays as it is, or a trigger keeps the "+
		"row out; %s", u.Table.Graph.Name, strings.Join(u.Key, ", "), strings.Join(names, ", "), how)
}
