package dovetail

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// COMPILE: a query becomes a plan (internal/plan), the plan becomes text and arguments (internal/compile). Everything that
// can be found wrong without a database is found here, preloads included, so that a mistaken query sends no statement.

// request is what a call asks of the rows of a table.
type request struct {
	table *table
	spec  plan.Spec
	tx    dialect.TxOptions // of the transaction that its statements run in; the zero value is none of its own
	err   error             // the first mistake
}

// program is a query compiled for one database.
type program struct {
	table   *table
	op      string // for errors: "select accounts"
	plan    *plan.Query
	stmt    compile.Statement
	fetches fetches
}

// fetches are the statements of preloads, written for what is known of their keys without asking the database.
type fetches map[*plan.Preload]fetch

type fetch struct {
	types []dialect.KeyType
	stmt  compile.FetchStatement
}

// of returns the statement of a preload whose keys are of the types.
func (f fetches) of(p *plan.Preload, d dialect.Dialect, types []dialect.KeyType) (compile.FetchStatement, error) {
	if known, ok := f[p]; ok && slices.Equal(known.types, types) {
		return known.stmt, nil
	}
	return compile.Fetch(p.Query, d, types)
}

// planned plans the query after adjust has changed its clauses.
func planned(q *request, verb string, d dialect.Dialect, adjust func(*plan.Spec) error) (*program, error) {
	p := &program{op: verb}
	if q == nil {
		return nil, &QueryError{Op: verb, Err: graph.Problemf(ErrUnknownTable, "the query is empty; make it with Select")}
	}
	if q.table != nil {
		p.op, p.table = verb+" "+q.table.graph.Name, q.table
	}
	if q.err != nil {
		return nil, queryError(p.op, q.err)
	}
	if err := q.table.registry.freeze(); err != nil {
		return nil, err
	}
	spec := q.spec
	if adjust != nil {
		if err := adjust(&spec); err != nil {
			return nil, queryError(p.op, err)
		}
	}
	var err error
	if p.plan, err = plan.Build(&spec, &q.table.registry.model, d.Features()); err != nil {
		return nil, queryError(p.op, err)
	}
	return p, nil
}

// compiled plans the query after adjust has changed its clauses, and writes it.
func compiled(q *request, verb string, d dialect.Dialect, adjust func(*plan.Spec) error,
	write func(*plan.Query, dialect.Dialect) (compile.Statement, error),
) (*program, error) {
	p, err := planned(q, verb, d, adjust)
	if err != nil {
		return nil, err
	}
	if p.stmt, err = write(p.plan, d); err != nil {
		return nil, queryError(p.op, err)
	}
	p.fetches = make(fetches, len(p.plan.Preloads))
	if err := writePreloads(q.table.registry, p.plan.Preloads, d, p.fetches); err != nil {
		return nil, err
	}
	return p, nil
}

// writePreloads writes the statements of preloads, and finds what is wrong with them before any is sent.
func writePreloads(r *registry, preloads []*plan.Preload, d dialect.Dialect, written fetches) error {
	for _, p := range preloads {
		owner := r.tableOf(p.Relation.Owner)
		if r.fieldOf(p.Relation) == nil {
			op := "preload"
			if p.Joined != nil {
				op = "fetch"
			}
			return &QueryError{Op: op, Path: p.Path, Err: &RelationError{
				Table: p.Relation.Owner.Name, Relation: p.Relation.Name, Path: p.Path,
				Err: graph.Problemf(ErrInvalidRelation, "relation %q: struct %s has no field for it; add one tagged `rel:%q`",
					p.Relation.String(), owner.graph.GoType, p.Relation.Name),
			}}
		}
		if !p.InHand() {
			if err := checkTreeField(p, r.fieldOf(p.Relation)); err != nil {
				return err
			}
			types := r.keyKinds(p.Relation)
			stmt, err := compile.Fetch(p.Query, d, types)
			if err != nil {
				return &QueryError{Op: "preload", Path: p.Path, Err: err}
			}
			written[p] = fetch{types, stmt}
			if err := checkModel(r, p.Query, p.Path); err != nil {
				return err
			}
		}
		if err := writePreloads(r, p.Next(), d, written); err != nil {
			return err
		}
	}
	return nil
}

// checkModel refuses columns that the struct of the query's table has no place for.
func checkModel(r *registry, q *plan.Query, path string) error {
	columns := r.tableOf(q.Base.Table).columns
	for _, o := range q.Outputs {
		if a, ok := o.Expr.(*plan.Aggregate); ok && (columns[a.Name] == nil || !columns[a.Name].Computed) {
			return queryError("select "+q.Base.Table.Name, &plan.PathError{Method: "With", Path: path, Err: graph.Problemf(ErrUnknownColumn,
				"struct %s has no computed field for %q; add one tagged `db:\"%s,computed\"`, or use Collect",
				q.Base.Table.GoType, a.Name, a.Name)})
		}
		if o.Expr == nil && o.Ref.Binding != q.Base && o.Ref.Binding != q.Base.Link && !o.Added {
			return queryError("select "+q.Base.Table.Name, &plan.PathError{Method: "Columns", Path: path, Err: graph.Problemf(ErrUnknownColumn,
				"%q is a column of %q, for which struct %s has no place; use Collect", o.Ref.Name, o.Ref.Binding.Table.Name,
				q.Base.Table.GoType)})
		}
	}
	return nil
}

// keyKinds returns what is known of the relation's keys without asking the database.
func (r *registry) keyKinds(relation *graph.Relation) []dialect.KeyType {
	owner, holder := r.tableOf(relation.Owner), r.tableOf(relation.Steps[0].Table)
	types := make([]dialect.KeyType, len(relation.Steps[0].On))
	for i, pair := range relation.Steps[0].On {
		kind := owner.columns[pair.From].Key
		if holder.columns[pair.To].Key != kind {
			kind = dialect.KeyOther
		}
		types[i] = dialect.KeyType{Kind: kind}
		if kind == dialect.KeyText {
			// What a text column nearly always is; loads ask the catalog.
			types[i].SQL, types[i].Bytewise = "text", true
		}
	}
	return types
}

// SQL returns the query's own statement, exactly as that database will be sent it, without the statements of its preloads.
func (q Query[R]) SQL(d dialect.Dialect) (string, []any, error) { return sqlOf(q.q.asked(), d) }

func sqlOf(q *request, d dialect.Dialect) (string, []any, error) {
	p, err := compiled(q, "select", d, nil, compile.Select)
	if err != nil {
		return "", nil, err
	}
	return p.stmt.SQL, p.stmt.Args, nil
}

// ToSql makes the query a squirrel.Sqlizer, for use as a subquery in squirrel and in other queries: placeholders are
// question marks and names are in double quotes. It is an error for the text to hold a question mark inside a literal,
// because squirrel would take it for a placeholder.
//
//	squirrel.Select("count(*)").FromSelect(…)
//	squirrel.Expr("id IN (?)", Select(Activities).Columns("account_id"))
//
// Inside another dovetail Query give it to Where directly, as a value of squirrel.Eq or as an argument of SQL text: then it
// is written for the same database.
func (q Query[R]) ToSql() (string, []any, error) { //nolint:revive // the name makes it a squirrel.Sqlizer
	return sqlOf(q.q.asked(), dialect.Standard)
}

// Explain returns what the query does, before it does anything: what each join does to the rows of the root, every statement
// that [Query.All] issues, and the number of round trips. Where a database decides by its catalog how the keys of a
// preload are sent, the usual form is shown.
//
//	join activities: n per row of accounts: multiplies, drops accounts without one
//	left join branch: 0..1 per row of accounts: null-extends
//	join branch.city: 0..1 per row of accounts: drops accounts without one
//
// A join multiplies when its relation is to-many. An inner join drops the rows without a related row, and a left join
// null-extends them, when there may be such: the key can be NULL, the related row need not exist, the join has a condition, or
// the join it starts from null-extends. "neither" is a join that does none of this.
func (q Query[R]) Explain(d dialect.Dialect) (string, error) { return explained(q.q.asked(), d) }

func explained(q *request, d dialect.Dialect) (string, error) {
	p, err := compiled(q, "select", d, nil, compile.Select)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(p.plan.String())
	fmt.Fprintf(&b, "\n-- %s\n%s\n", q.table.graph.Name, p.stmt.SQL)
	depth := p.explain(&b, p.plan.Preloads, 1)
	fmt.Fprintf(&b, "\nstatements: %d, round trips: %d where the driver pipelines\n", 1+len(p.fetches), 1+depth)
	if q.tx.Snapshot && len(p.fetches) > 0 {
		b.WriteString("in one transaction that only reads, whose beginning and end are two round trips more\n")
	}
	return b.String(), nil
}

// explain writes the statements of preloads and returns the deepest level that has one.
func (p *program) explain(b *strings.Builder, preloads []*plan.Preload, level int) int {
	depth := 0
	for _, pre := range preloads {
		if pre.InHand() {
			depth = max(depth, p.explain(b, pre.Below, level)) // onto rows in hand: no level of its own
			continue
		}
		fmt.Fprintf(b, "\n-- preload %s\n%s\n", pre.Path, p.fetches[pre].stmt.SQL)
		depth = max(depth, level, p.explain(b, pre.Query.Preloads, level+1))
	}
	return depth
}

// fieldsFor returns the struct field of each output, nil where there is none.
func (t *table) fieldsFor(q *plan.Query) []*structs.Field {
	return t.fieldsAt(q, q.Base)
}

// fieldsAt returns the struct field of each output that is a column of the binding, which is the table's.
func (t *table) fieldsAt(q *plan.Query, b *plan.Binding) []*structs.Field {
	fields := make([]*structs.Field, len(q.Outputs))
	for i, o := range q.Outputs {
		if o.Expr == nil && o.Ref.Binding == b && !o.Position {
			fields[i] = t.columns[o.Ref.Column]
		}
	}
	return fields
}
