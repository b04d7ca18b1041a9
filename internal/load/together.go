package load

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// TOGETHER: a query and its preloads as one statement, whose result has the rows of all. Its rows are gathered by what they are of,
// and then read as if each preload had had a statement of its own.

// together is the statement, for the types that the keys are known to have. It is safe for concurrent use.
type together struct {
	types   []dialect.KeyType // of all parts, one after the other
	stmt    compile.Statement
	of      map[*plan.Preload]int // the part of a preload; that of the root is 0
	written []preloadStatement    // how the rows of each part are read
	names   [][]string            // of their columns
	apart   string                // why there is none
	unread  atomic.Bool           // a value came whose type the driver does not read inside a row
}

// arrival is the rows of all parts, as they came for a call.
type arrival struct {
	*together
	records []dialect.Records
}

// failed says of an error which part it belongs to.
func (a *arrival) failed(l *loader, path string, err error) error {
	return Advised(l.db.Dialect(), l.plan, l.failed(dialect.Statement{SQL: a.stmt.SQL, Path: path}, err))
}

// gathering finds the parts of a query.
type gathering struct {
	d        dialect.Dialect
	keyTypes func(*graph.Relation) []dialect.KeyType
	parts    []compile.Part
	of       map[*plan.Preload]int
	apart    string
}

// source is where rows come from that something is loaded onto: a table in the query of a part.
type source struct {
	part int
	at   *plan.Binding
}

// togetherFor returns the query and its preloads as one statement, or says why they cannot be.
func togetherFor(q *plan.Query, d dialect.Dialect, keyTypes func(*graph.Relation) []dialect.KeyType) (*together, error) {
	g := gathering{d: d, keyTypes: keyTypes, parts: []compile.Part{{Query: q}}, of: map[*plan.Preload]int{}}
	switch {
	case !d.Features().Records:
		g.apart = d.Name() + " has no values that are rows"
	case q.Lock.Strength != "":
		g.apart = q.Lock.Method + " locks the rows"
	default:
		g.add(q.Preloads, source{0, q.Base}, source{})
	}
	t := &together{apart: g.apart, of: g.of}
	if t.apart != "" {
		return t, nil
	}
	stmt, rows, ok, err := compile.Together(g.parts, d)
	if err != nil {
		return nil, err
	}
	switch limit := d.Features().MaxArgs; {
	case !ok:
		t.apart = "a name in it is one of those that the statement would have"
	case limit > 0 && len(stmt.Args) > limit:
		t.apart = graph.Textf("all statements together have %d arguments, %s allows %d", len(stmt.Args), d.Name(), limit)
	}
	t.stmt = stmt
	for i, part := range rows {
		t.written = append(t.written, preloadStatement{stmt: part.PreloadStatement, layouts: new(layouts)})
		t.names = append(t.names, part.Names)
		for c := range g.parts[i].Query.Outputs {
			if part.Names[c] == "" {
				t.apart = "a column that SQL text makes has no name; give it one with AS"
			}
		}
	}
	return t, nil
}

// add adds the parts of what is loaded onto rows, whose owner, for what is loaded onto that once more, is the other source.
func (g *gathering) add(preloads []*plan.Preload, rows, owner source) {
	for _, p := range preloads {
		switch {
		case p.Links:
			g.add(p.Below, source{rows.part, rows.at.Link}, source{})
		case p.FromOwner:
			g.add(p.Below, owner, source{})
		case p.Fetched != nil:
			g.add(p.Below, source{rows.part, p.Fetched.Binding}, rows)
		default:
			g.part(p, rows)
			if g.apart != "" {
				return
			}
			g.add(p.Query.Preloads, source{g.of[p], p.Query.Base}, rows)
		}
	}
}

// part adds the part of a preload.
func (g *gathering) part(p *plan.Preload, owners source) {
	part := compile.Part{Query: p.Query, Owners: owners.part, Types: g.keyTypes(p.Relation)}
	switch lock := p.Query.Lock; {
	case p.Query.ForOwners.Tree != nil:
		g.apart = graph.Textf("%q is a tree", p.Path)
		return
	case lock.Strength != "":
		g.apart = graph.Textf("%s locks the rows of %q", lock.Method, p.Path)
		return
	}
	_, on := p.Relation.Sent()
	for i, t := range part.Types {
		if _, equal := g.d.KeyMember(t); !equal || on[i].Key != "" || t.Mixed {
			g.apart = graph.Textf("the keys of relation %q are not integers, UUIDs or texts of one collation on both of its sides", p.Relation)
			return
		}
	}
	held := func(column string) int {
		return g.parts[owners.part].Query.Held(plan.Ref{Binding: owners.at, Column: column})
	}
	for _, pair := range on {
		part.Keys = append(part.Keys, held(pair.From))
	}
	for _, c := range p.Relation.Steps[0].OnFrom {
		part.Constants = append(part.Constants, compile.PartConstant{Column: held(c.Column), Value: c.Value})
	}
	if slices.Contains(part.Keys, -1) || slices.ContainsFunc(part.Constants, func(c compile.PartConstant) bool { return c.Column < 0 }) {
		g.apart = graph.Textf("the rows that %q is loaded onto do not have its key under its name", p.Path)
		return
	}
	g.of[p] = len(g.parts)
	g.parts = append(g.parts, part)
}

// typesOf returns what is known of the keys of all parts, one after the other.
func typesOf(preloads []*plan.Preload, keyTypes func(*graph.Relation) []dialect.KeyType) (types []dialect.KeyType) {
	for _, p := range preloads {
		if !p.InHand() {
			types = append(types, keyTypes(p.Relation)...)
		}
		types = append(types, typesOf(p.Next(), keyTypes)...)
	}
	return types
}

// together returns the query of the call and its preloads as one statement, for the types that their keys are known to have.
func (s *preloadStatements) together(l *loader) (*together, error) {
	types := typesOf(l.plan.Preloads, l.keyTypes)
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.atOnce, func(t *together) bool { return slices.Equal(t.types, types) }); i >= 0 {
		return s.atOnce[i], nil
	}
	t, err := togetherFor(l.plan, s.d, l.keyTypes)
	if err == nil {
		t.types = types
		s.atOnce = append(s.atOnce, t)
	}
	return t, err
}

// loadAtOnce returns the rows by one statement or, where that cannot be, as apart does. What the database cannot read in the one is looked for in
// the others, which say whose it is.
func (p *Program) loadAtOnce(ctx context.Context, db dialect.DB, scan *rowScan, apart func() ([]structs.Row, error)) ([]structs.Row, error) {
	l := p.calling(ctx, db)
	t, err := p.together(l)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return apart()
	}
	rows, done, err := p.loadTogether(l, t, scan)
	if done {
		return rows, err
	}
	rows, other := apart()
	switch {
	case err == nil:
	case other == nil: // the statement is at fault
		t.unread.Store(true)
	case !db.Dialect().Failure(other).Kind.Unread():
		return nil, err // the other's is that there was one
	}
	return rows, other
}

// together returns the statement for the query and its preloads, nil where there is none.
func (p *Program) together(l *loader) (*together, error) {
	if _, _, asks := l.lookup(p.Plan.Preloads); asks || !l.db.Records() || len(p.statements.written) == 0 {
		return nil, nil
	}
	t, err := p.statements.together(l)
	if err != nil {
		return nil, &fault.QueryError{Op: p.Op, Err: err}
	}
	if t.apart != "" || t.unread.Load() {
		return nil, nil
	}
	return t, nil
}

// loadTogether is Load by one statement. done is false where nothing was read by it: its rows cannot be read or, with an error, the database did
// not understand it.
func (p *Program) loadTogether(l *loader, t *together, scan *rowScan) (rows []structs.Row, done bool, err error) {
	stmt := p.statement()
	stmt.SQL = t.stmt.SQL
	if stmt.Args, err = t.stmt.For(p.given); err != nil {
		return nil, false, nil //nolint:nilerror // a value needs another text, which the statements apart have
	}
	l.came = &arrival{together: t}
	var failed error // which says what it belongs to
	err = l.run(p.with(append(p.sent[:0], stmt)), func(i int, sent dialect.Rows) error {
		if i > 0 {
			return p.beside.read(sent)
		}
		if done, err = l.came.gather(sent); err != nil || !done {
			return err
		}
		if failed = scan.All(l.came.records[0]); failed != nil {
			failed = l.came.failed(l, "", failed)
			return nil
		}
		rows, failed = p.loaded(l, scan)
		return nil
	})
	switch {
	case err != nil:
		return nil, !l.db.Dialect().Failure(err).Kind.Unread(), err
	case !done:
		t.unread.Store(true)
	}
	return rows, done, failed
}

// gather takes the rows apart by what they are of. ok is false where they cannot be read.
func (a *arrival) gather(rows dialect.Rows) (ok bool, err error) {
	for _, names := range a.names {
		r := rows.Records(compile.RowColumn, names)
		if r == nil {
			return false, nil
		}
		a.records = append(a.records, r)
	}
	var part, place int64
	var told structs.Cells
	var decoder structs.Decoder
	for rows.Next() {
		values, written := rows.Sent()
		if place == 0 && !(told.AddVariable(compile.PartColumn, &part, written[compile.PartColumn]) &&
			told.AddVariable(compile.PlaceColumn, &place, written[compile.PlaceColumn])) {
			return false, nil
		}
		if !decoder.Decode(&told, nil, values) || !a.records[part].Add(place) {
			return false, nil
		}
	}
	return true, rows.Err()
}
