package load

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// PRELOAD: related rows are found level by level, all relations of a level in one batch, and put into the fields of their
// owners. Keys are collected once for each relation; a row tells its owner by the key it holds or, where only the database can
// tell which keys are equal, by the position of the key in the list. No row is dropped: one that fits no owner is an error.

// preloadJob is one relation to be loaded onto owners in hand.
type preloadJob struct {
	preload *plan.Preload
	field   *model.RelationField
	owners  []structs.Row
	result  jobResult

	types   []dialect.KeyType
	meant   []structs.Row // the owners, nil where the relation is not about one
	keys    *keyList
	stmt    compile.PreloadStatement
	scan    *rowScan
	matches matches       // from the keys to the rows found by them
	rows    []structs.Row // the rows that were found, each once
	given   []structs.Row // the rows whose fields were set: the owners, and those of a tree
}

// jobResult is what becomes of the rows of a job's statement.
type jobResult interface {
	// read scans the rows. It is not called when no owner has a key.
	read(rows dialect.Rows) error
	// attach puts them into the fields they belong to. It is called after all of the level have been read.
	attach() error
}

// preload loads the relations onto the owners, level after level. The types of their keys are known by now.
func (l *loader) preload(preloads []*plan.Preload, owners []structs.Row) error {
	jobs := l.jobs(nil, preloads, owners)
	for len(jobs) > 0 {
		if err := l.level(jobs); err != nil {
			return err
		}
		var next []*preloadJob
		for _, j := range jobs {
			next = l.below(next, j)
		}
		jobs = next
	}
	for _, c := range slices.Backward(l.copies) {
		c.job.giveOwner(c.back)
	}
	return nil
}

// jobs adds the jobs for what is loaded onto the owners. What was fetched with them is in hand.
func (l *loader) jobs(jobs []*preloadJob, preloads []*plan.Preload, owners []structs.Row) []*preloadJob {
	for _, p := range preloads {
		j := &preloadJob{preload: p, field: l.registry.FieldOf(p.Relation), owners: owners, given: owners}
		if p.Fetched != nil {
			j.rows = l.fetched[p]
			jobs = l.below(jobs, j)
			continue
		}
		j.result = j
		if p.Query.ForOwners.Tree != nil {
			j.result = &treeResult{preloadJob: j}
		}
		jobs = append(jobs, j)
	}
	return jobs
}

// keep keeps the rows that were fetched by a statement, for what is loaded onto them.
func (l *loader) keep(s *rowScan) {
	for _, j := range s.fetched {
		if l.fetched == nil {
			l.fetched = map[*plan.Preload][]structs.Row{}
		}
		l.fetched[j.preload] = j.all()
	}
}

// below adds the jobs for what is loaded onto the rows that j attached. Where those are asked for their owner, it is in
// hand.
func (l *loader) below(jobs []*preloadJob, j *preloadJob) []*preloadJob {
	var rows []structs.Row
	for _, p := range j.preload.Next() {
		switch {
		case p.Links:
			jobs = l.jobs(jobs, p.Below, j.links())
			continue
		case p.FromOwner:
			back := l.registry.FieldOf(p.Relation)
			if back.Shape == structs.ShapeValue {
				// A copy must wait until everything is loaded onto the owner, deeper levels first.
				l.copies = append(l.copies, ownerCopy{j, back})
			} else {
				j.giveOwner(back)
			}
			jobs = l.jobs(jobs, p.Below, j.owners)
			continue
		}
		if rows == nil {
			rows = j.attached()
		}
		jobs = l.jobs(jobs, []*plan.Preload{p}, rows)
	}
	return jobs
}

// ownerCopy is an owner that is to be copied into the rows attached to it, when everything is loaded onto it.
type ownerCopy struct {
	job  *preloadJob
	back *model.RelationField
}

// giveOwner puts each owner into a field of the rows attached to it.
func (j *preloadJob) giveOwner(back *model.RelationField) {
	var rows []structs.Row
	for _, owner := range j.given {
		rows = j.field.AppendRows(rows[:0], owner)
		for _, row := range rows {
			back.SetOne(row, owner)
		}
	}
}

// attached returns the rows now in the owners' fields. Those that are held by value are the fields' own.
func (j *preloadJob) attached() []structs.Row {
	if !j.field.Shape.Copies() {
		return j.rows
	}
	var rows []structs.Row
	for _, owner := range j.owners {
		rows = j.field.AppendRows(rows, owner)
	}
	return rows
}

// links returns the rows of the join table in the owners' fields.
func (j *preloadJob) links() []structs.Row {
	var rows []structs.Row
	for _, owner := range j.given {
		for _, pair := range j.field.Pairs(owner) {
			rows = append(rows, pair.Link)
		}
	}
	return rows
}

// level fetches and attaches the relations of one level in one batch.
func (l *loader) level(jobs []*preloadJob) error {
	var sent []*preloadJob
	for _, j := range jobs {
		if err := l.prepare(j); err != nil {
			return err
		}
		if j.keys.len() > 0 { // else no owner has a key, so nothing is related to any
			sent = append(sent, j)
		}
	}
	last := l.ends && !slices.ContainsFunc(jobs, func(j *preloadJob) bool { return sends(j.preload.Next()) })
	if err := l.read(sent, last); err != nil {
		return err
	}
	for _, j := range sent {
		l.keep(j.scan)
	}
	for _, j := range jobs {
		if err := j.result.attach(); err != nil {
			return err
		}
	}
	return nil
}

// read reads the rows of the jobs: those of their statements, which may be the last ones, or those that came with the root's.
func (l *loader) read(jobs []*preloadJob, last bool) error {
	if l.came != nil {
		for _, j := range jobs {
			if err := j.result.read(l.came.records[l.came.of[j.preload]]); err != nil {
				return l.came.failed(l, j.preload.Path, err)
			}
		}
		return nil
	}
	if len(jobs) == 0 {
		return nil
	}
	stmts := make([]dialect.Statement, len(jobs))
	for i, j := range jobs {
		args, err := j.args(l.db.Dialect(), l.given)
		if err != nil {
			return &fault.QueryError{Op: "preload", Path: j.preload.Path, Err: err}
		}
		stmts[i] = dialect.Statement{
			SQL: j.stmt.SQL, Args: args, Reads: true, Op: l.op, Path: j.preload.Path,
			Table: j.preload.Relation.Related.Name, Missing: l.missing,
		}
	}
	look := l.rides
	if l.rides = nil; look != nil {
		stmts = append(stmts, look.stmt)
	}
	stmts[len(stmts)-1].Last = last
	return l.run(stmts, func(i int, rows dialect.Rows) error {
		if i == len(jobs) {
			return look.read(l.db.Catalog(), rows)
		}
		return jobs[i].result.read(rows)
	})
}

// maxFirst is how many related rows memory is set aside for at first, of as many as there are keys.
const maxFirst = 64

// sends reports whether there is a statement among what is loaded.
func sends(preloads []*plan.Preload) bool {
	return slices.ContainsFunc(preloads, func(p *plan.Preload) bool { return !p.InHand() || sends(p.Below) })
}

// prepare collects the owners' keys and writes the statement.
func (l *loader) prepare(j *preloadJob) error {
	r := j.preload.Relation
	owner := l.registry.TableOf(r.Owner)
	j.types = l.keyTypes(r)
	holder, on := r.Sent()
	fields := make([]*structs.Field, len(on))
	for i, pair := range on {
		fields[i] = owner.Columns[pair.From]
	}
	var err error
	if j.meant, err = ownersMeant(r, owner, j.owners); err != nil {
		return &fault.QueryError{Op: "preload", Path: j.preload.Path, Err: err}
	}
	if j.keys, err = CollectKeys(fields, j.types, j.meant); err != nil {
		return &fault.QueryError{Op: "preload", Path: j.preload.Path, Err: err}
	}
	if j.keys.len() == 0 {
		return nil
	}
	written, err := l.written(j)
	if err != nil {
		return &fault.QueryError{Op: "preload", Path: j.preload.Path, Err: err}
	}
	j.stmt = written.stmt
	j.scan = &rowScan{path: j.preload.Path}
	hint := cmp.Or(written.layouts.expected(), min(j.keys.len(), maxFirst))
	j.scan.prepare(l.registry.TableOf(r.Related), j.preload.Query, j.stmt.Width, hint, written.layouts)
	columns := j.stmt.KeyColumns
	if len(columns) == 0 {
		return nil
	}
	key := ownerKey{column: columns[0], ints: j.keys.ints != nil}
	if columns[0] < len(j.preload.Query.Outputs) {
		key.field, key.part = j.scan.fieldOf(columns[0])
	} else {
		for i, c := range columns {
			field := l.registry.TableOf(holder).Columns[on[i].To]
			j.scan.beside(c, j.keys.hold(field))
			if len(columns) == 1 {
				key.field = field
			}
		}
	}
	j.scan.owner = key
	return nil
}

// written returns how the rows of a job are asked for and read.
func (l *loader) written(j *preloadJob) (preloadStatement, error) {
	if l.came != nil {
		return l.came.written[l.came.of[j.preload]], nil
	}
	return l.statements.of(j.preload, j.types)
}

// ownersMeant returns the owners, with nil in the place of those that the relation is not about because a column of theirs
// has another value. It is an error for the column that tells the variants of a relation apart to have a value of none.
func ownersMeant(r *graph.Relation, t *model.Table, owners []structs.Row) ([]structs.Row, error) {
	constants := r.Steps[0].OnFrom
	if len(constants) == 0 {
		return owners, nil
	}
	meant := slices.Clone(owners)
	for _, c := range constants {
		typ := t.TypeReader(c.Column)
		for i, owner := range owners {
			ok, err := typ.Read(owner)
			if err != nil {
				return nil, err
			}
			if ok && r.VariantOf != nil && !r.VariantOf.HasType(typ.Is) {
				return nil, r.VariantOf.UnknownType(typ.Value())
			}
			if !ok || !typ.Is(c.Value) {
				meant[i] = nil
			}
		}
	}
	return meant, nil
}

// args puts the keys, and what the call gives, into the statement's arguments.
func (j *preloadJob) args(d dialect.Dialect, given []any) ([]any, error) {
	args, err := j.stmt.For(given)
	if err != nil {
		return nil, err
	}
	for i, ref := range j.preload.Query.ForOwners.Key {
		j.keys.Columns[i].Column = compile.KeyColumn(ref)
	}
	for i, key := range d.KeyArgs(j.keys.Columns) {
		args[j.stmt.KeyArgs[i]] = key
	}
	return args, nil
}

// read reads the related rows and finds the key each was found by.
func (j *preloadJob) read(rows dialect.Rows) error {
	s, q := j.scan, j.preload.Query
	if err := s.open(rows); err != nil {
		return err
	}
	var ord int64
	if c := j.stmt.OrdColumn; c >= 0 {
		s.beside(c, &ord)
	}
	s.unique, s.apart = newUniqueRows(s.table, q.ForOwners.Repeats || q.Identified || j.stmt.OrdColumn >= 0, s.hint), false
	j.matches.expect(max(j.keys.len(), s.hint), q.ForOwners.Once)
	for rows.Next() {
		if err := s.next(rows); err != nil {
			return err
		}
		owner, ok, err := j.ownerOf(ord)
		if err != nil {
			return &fault.ScanError{Path: j.preload.Path, Err: err}
		}
		if !ok {
			return j.noOwner()
		}
		if _, err := s.number(); err != nil {
			return &fault.ScanError{Path: j.preload.Path, Err: err}
		}
		if err := j.matches.add(owner, s.at, s.link); err != nil {
			return &fault.ScanError{Path: j.preload.Path, Err: err}
		}
		if err := s.hang(s.at); err != nil {
			return err
		}
	}
	if err := s.end(rows); err != nil {
		return err
	}
	j.rows = s.all()
	s.layouts.came(len(j.rows))
	if len(s.fetched) == 0 {
		return nil
	}
	return s.attach(j.rows, numbers(len(j.rows)))
}

// ownerOf returns the place of the key that the current row was found by, where the statement says it in ord or a column.
func (j *preloadJob) ownerOf(ord int64) (at int32, ok bool, err error) {
	s := j.scan
	if j.stmt.OrdColumn >= 0 {
		at = int32(ord - j.stmt.First)
		return at, at >= 0 && int(at) < j.keys.len(), nil
	}
	switch known := s.layout.ownerKey; {
	case known.Known() && s.values != nil:
		key, ok := known.Of(s.values)
		if ok {
			at, ok = j.keys.ints.find(key)
		}
		return at, ok, nil
	case s.owner.part == nil:
		return j.keys.find(nil, nil)
	default:
		return j.keys.find(s.owner.field, s.owner.part.row)
	}
}

// noOwner is the error of a row that would be dropped.
func (j *preloadJob) noOwner() error {
	r := j.preload.Relation
	return &fault.ScanError{Path: j.preload.Path, Err: fmt.Errorf("a row of %q matches no row of %q that it was fetched for; "+
		"compare the types and collations of the keys of relation %q", r.Related.Name, r.Owner.Name, r)}
}

// attach puts the related rows into the owners' fields.
func (j *preloadJob) attach() error {
	a := attachment{
		relation: j.preload.Relation, field: j.field, matches: &j.matches, rows: j.rows, owners: j.owners, of: j.keys.Of,
		n: j.keys.len(), meant: j.meant,
	}
	if j.scan != nil {
		a.links = j.scan.link.all()
	}
	if err := a.attach(); err != nil {
		return j.failed(err)
	}
	return nil
}

// failed is an error that the rows of the job's statement show.
func (j *preloadJob) failed(err error) error {
	return &fault.QueryError{Op: "preload", Path: j.preload.Path, SQL: j.stmt.SQL, Err: err}
}

// severalRows is the error of an owner with several rows of a to-one relation.
func severalRows(r *graph.Relation) error {
	if len(r.Chain) > 0 {
		return graph.Problemf(fault.ErrTooManyRows, "relation %q is to-one, but a row of %q has several rows of %q along its path; make the keys of "+
			"the relations it goes along unique, or declare it with HasManyThrough", r.String(), r.Owner.Name, r.Related.Name)
	}
	if r.ByCondition() {
		return graph.Problemf(fault.ErrTooManyRows, "relation %q is to-one, but its condition holds for several rows of %q and one of %q; add OrderBy, "+
			"which makes a HasOne the first of them, or declare it to-many", r.String(), r.Related.Name, r.Owner.Name)
	}
	return graph.Problemf(fault.ErrTooManyRows,
		"relation %q is to-one, but several rows of %q have one %s; make it unique, or declare the relation to-many",
		r.String(), r.Steps[0].Table.Name, strings.Join(r.MatchKey(), ", "))
}
