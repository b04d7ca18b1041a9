package dovetail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/ddl"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// SCHEMA: the tables that the declarations describe, written as SQL, made, and compared with those of a database.

// DDL returns the statements that make the declared tables, for a migration to start from: CREATE TABLE, each after those it
// points at, with primary keys, foreign keys and what a delete does, UNIQUE for the keys of has-one relations and for the
// pairs of join tables, NOT NULL, defaults, generated columns and checks, and CREATE INDEX for foreign keys. Where tables
// point at each other, PostgreSQL is given the keys at the end. Names of constraints and indexes are always the same. A
// schema ([Schema]) is made first if need be. A table bound to several structs has the columns of all.
//
// SQL types follow from Go types: on PostgreSQL int64 is bigint, int32 integer, int16 smallint, string text, bool boolean,
// float64 double precision, time.Time timestamptz, []byte bytea, [16]byte uuid, json.RawMessage, maps and structs jsonb,
// netip.Addr inet, and a slice of any of these an array; named types are as their kind. A column whose Go type tells nothing
// of it, such as that of a decimal number, is an error, all of them at once, until [Type] names its SQL type.
//
// DDL sends nothing. Errors are a *[RelationError], with [ErrUnsupported] for what the database cannot have. The statements
// end without a semicolon, and none holds a placeholder.
func (r *Registry) DDL(d dialect.Dialect) ([]string, error) {
	tables, definer, err := r.schema("ddl", d)
	if err != nil {
		return nil, err
	}
	statements, errs := tables.Statements(definer)
	if len(errs) > 0 {
		for i, err := range errs {
			errs[i] = &RelationError{Err: graph.Problemf(ErrUnsupported, "%w", err)}
		}
		return nil, model.Mistakes(errs)
	}
	return statements, nil
}

// schema returns what the declarations ask of the database.
func (r *Registry) schema(op string, d dialect.Dialect) (*ddl.Schema, dialect.Definer, error) {
	if err := r.Validate(); err != nil {
		return nil, nil, err
	}
	definer, ok := d.(dialect.Definer)
	if structs.IsNil(d) {
		return nil, nil, &QueryError{Op: op, Err: graph.Problemf(ErrInvalidQuery, "the dialect is nil; use that of postgres or sqlite")}
	}
	if !ok {
		return nil, nil, &QueryError{Op: op, Err: graph.Problemf(ErrUnsupported, "the dialect %q is of no database, whose tables "+
			"could be made; use that of postgres or sqlite", d.Name())}
	}
	tables := make([]*graph.Table, 0, len(r.r.Tables))
	for _, t := range r.r.Tables {
		if t.Graph.Query == "" {
			tables = append(tables, t.Graph)
		}
	}
	return ddl.Of(tables), definer, nil
}

// CreateAll makes the declared tables by the statements of [Registry.DDL], for tests and examples: all of them in one
// transaction, or none. They are sent in order, in one round trip where the driver pipelines, beside those of the
// transaction; in a transaction that is open it is a savepoint. A table that exists is an error, a *[QueryError] that has the
// database's in its chain: nothing is changed or dropped. Use a migration tool for a database with rows to keep, and
// [Registry.Check] to see what it must do. Without tables nothing is sent.
func (r *Registry) CreateAll(ctx context.Context, db DB) error {
	if err := load.CheckDB("create", db); err != nil {
		return err
	}
	statements, err := r.DDL(db.Dialect())
	if err != nil {
		return err
	}
	if len(statements) == 0 {
		return nil
	}
	run := make([]dialect.Statement, len(statements))
	for i, sql := range statements {
		run[i] = dialect.Statement{SQL: sql, Op: "create", Exec: true}
	}
	err = db.InTx(ctx, dialect.TxOptions{}, func(tx DB) error {
		return load.Send(ctx, tx, "create", run, func(_ int, rows dialect.Rows) error {
			for rows.Next() {
				continue // there is none, but the statement is done only when they have been asked for
			}
			return rows.Err()
		})
	})
	var failed *QueryError
	if err != nil && !errors.As(err, &failed) {
		err = &QueryError{Op: "create", Err: err} // of the transaction itself
	}
	return err
}

// Severity is how bad a [Finding] is.
type Severity int

// The severities.
const (
	SeverityWarning Severity = iota // it costs time, or the database keeps less than was declared
	SeverityError                   // queries or writes fail because of it, or give wrong rows
)

// String returns "warning" or "error".
func (s Severity) String() string {
	if s == SeverityError {
		return "error"
	}
	return "warning"
}

// FindingKind is what a [Finding] is about.
type FindingKind string

// The kinds of findings.
const (
	FindingTable      = FindingKind(ddl.KindTable)      // a table is not there, or a query that is one ([As]) cannot be run
	FindingColumn     = FindingKind(ddl.KindColumn)     // a column is not there, has another name, or is not declared and keeps every insert away
	FindingNull       = FindingKind(ddl.KindNull)       // a column can be NULL, or refuses what its field is when nil
	FindingDefault    = FindingKind(ddl.KindDefault)    // the database fills a column, or does not, other than was declared
	FindingUnique     = FindingKind(ddl.KindUnique)     // nothing keeps columns unique, a primary key's included
	FindingForeignKey = FindingKind(ddl.KindForeignKey) // a foreign key is not there, or points elsewhere
	FindingOnDelete   = FindingKind(ddl.KindOnDelete)   // a delete does something else along a foreign key, or removes links with columns that are not declared
	FindingType       = FindingKind(ddl.KindType)       // a column of a key has another type than the one it points at
	FindingIndex      = FindingKind(ddl.KindIndex)      // an index is not there
	FindingCheck      = FindingKind(ddl.KindCheck)      // a [NamedCheck] is not there
	FindingEnum       = FindingKind(ddl.KindEnum)       // the type of an [Enum] has other texts
)

// CheckOption says what [Registry.Check] leaves out.
type CheckOption func(*checking)

type checking struct{ ignored []ignored }

type ignored struct {
	kind   FindingKind
	tables []string
}

// Ignore leaves out the findings of a kind, of the tables with these names or, without one, of all. What is ignored is not looked for:
// no mend of another finding changes it. A kind or a table that is not known is an error of the call, so that none is ignored by a
// misspelling.
//
//	Schema.Check(ctx, db, Ignore(FindingIndex), Ignore(FindingNull, "invoices"))
func Ignore(kind FindingKind, tables ...string) CheckOption {
	return func(c *checking) { c.ignored = append(c.ignored, ignored{kind, slices.Clone(tables)}) }
}

// ignoring reads the options.
func (r *Registry) ignoring(options []CheckOption) (ignores func(ddl.Kind, string) bool, err error) {
	var c checking
	for _, o := range options {
		if o == nil {
			return nil, graph.Problemf(ErrInvalidQuery, "an option is nil; give one, or leave it out")
		}
		o(&c)
	}
	for _, i := range c.ignored {
		if !slices.Contains(ddl.Kinds, ddl.Kind(i.kind)) {
			return nil, graph.Problemf(ErrInvalidQuery, "Ignore: there is no kind of findings %q; use one of the constants, such as FindingIndex", string(i.kind))
		}
		for _, name := range i.tables {
			if !slices.ContainsFunc(r.r.Tables, func(t *model.Table) bool { return t.Graph.Name == name }) {
				return nil, graph.Problemf(ErrUnknownTable, "Ignore: no table %q is declared", name)
			}
		}
	}
	return func(kind ddl.Kind, table string) bool {
		return slices.ContainsFunc(c.ignored, func(i ignored) bool {
			return ddl.Kind(i.kind) == kind && (len(i.tables) == 0 || slices.Contains(i.tables, table))
		})
	}, nil
}

// Finding is a difference between the declarations and a database.
type Finding struct {
	Severity Severity
	Kind     FindingKind
	Table    string
	Relation string   // it is about, with its owner's name, such as "books.author"; empty: it is about the table
	Columns  []string // it is about, if any
	Problem  string   // what differs, and what follows
	// Mend are the statements that end it, to be run in order on one connection, in a quiet moment; read them first. Where SQLite
	// needs a table made anew, that is one mend, the same for all findings of the table; it keeps everything that is not
	// declared: constraints, defaults, collations, generated columns, indexes, triggers. There is no mend where it could not,
	// for a view, for what is missing and has a column whose SQL type only [Type] can tell, and for an index or a check whose declared name
	// something else has; names that are not declared are such as nothing has. A statement that fails ends it:
	// what was run before it stays, and on SQLite ROLLBACK ends the transaction in which a table was made anew; with PRAGMA
	// foreign_keys = ON the connection is as it was. What runs on after it, as the shell of SQLite does, loses nothing either:
	// the table is then as it was, or made anew with all its rows.
	Mend []string
	// Needs are what must be so of the rows that are there for Mend to run, such as `no row has NULL in "title"`; none: it runs over
	// any. Findings of a table that SQLite makes anew have one mend, and so the same needs.
	Needs []string
}

// String returns the finding with its severity, what the rows that are there must be, and the SQL that mends it.
func (f Finding) String() string {
	text := f.Severity.String() + ": " + f.Problem
	for _, need := range f.Needs {
		text += "\n\tits mend needs that " + need
	}
	if len(f.Mend) > 0 {
		text += "\n\t" + strings.Join(f.Mend, ";\n\t") + ";"
	}
	return text
}

// Check compares the declarations with the tables of the database, and returns what differs, in an order in which it can be
// mended; no finding is an empty list. It finds tables and columns that are missing, columns that can be NULL where the Go type
// cannot or where a relation requires the key, foreign keys that are missing, point elsewhere or do something else on a delete,
// keys of has-one relations and pairs of join tables that nothing keeps unique, primary keys likewise, types of key columns
// that differ from those they point at, keys without an index, and defaults that are missing. A column that the database fills, by a
// default, a number or from others, and that no [Default] or [Generated] tells is found too, where an insert would write the field's
// zero over it, and so is a column that is not declared, cannot be NULL and has no default: every insert fails. So are each [NamedCheck] that is
// missing, by its name, and what the type of an [Enum] has other texts. Triggers it cannot read. What else the database has beside the
// declarations is not its concern, nor are the types of columns that are no keys. NO ACTION passes for [Restrict] unless that was declared.
//
// A fault is one finding: what follows from a column that is missing, such as that it has no index, is mended with it. Of a partitioned
// table on PostgreSQL, keys and indexes that all its partitions have are the table's; those keep rows of the whole table unique where they
// have the columns by which it is parted. Options leave findings out, by kind and table: [Ignore].
//
// It reads the catalog by 5 statements, in one round trip on PostgreSQL, and each table that is a query ([As])
// by one that asks for no row, for its columns. It changes nothing.
func (r *Registry) Check(ctx context.Context, db DB, options ...CheckOption) ([]Finding, error) {
	if err := load.CheckDB("check", db); err != nil {
		return nil, err
	}
	tables, definer, err := r.schema("check", db.Dialect())
	if err != nil {
		return nil, err
	}
	ignores, err := r.ignoring(options)
	if err != nil {
		return nil, &QueryError{Op: "check", Err: err}
	}
	statements, live := definer.Inspect(tables.Refs()), ddl.NewLive(tables)
	for i := range statements {
		statements[i].Op = "check"
	}
	if err := load.Send(ctx, db, "check", statements, live.Read); err != nil {
		return nil, err
	}
	found := tables.Compare(definer, live, ignores)
	findings := make([]Finding, len(found))
	for i, f := range found {
		findings[i] = Finding{
			Kind: FindingKind(f.Kind), Table: f.Table, Relation: f.Relation, Columns: f.Columns, Problem: f.Problem, Mend: f.Mend, Needs: f.Needs,
		}
		if f.Error {
			findings[i].Severity = SeverityError
		}
	}
	queries, err := r.checkQueries(ctx, db, ignores)
	if err != nil {
		return nil, err
	}
	return append(findings, queries...), nil
}

// checkQueries returns the findings of tables that are queries.
func (r *Registry) checkQueries(ctx context.Context, db DB, ignores func(ddl.Kind, string) bool) ([]Finding, error) {
	var findings []Finding
	add := func(kind FindingKind, table string, columns []string, problem string) {
		if !ignores(ddl.Kind(kind), table) {
			findings = append(findings, Finding{Severity: SeverityError, Kind: kind, Table: table, Columns: columns, Problem: problem})
		}
	}
	for _, t := range r.r.Tables {
		name := t.Graph.Name
		missing, err := load.MissingColumns(ctx, db, t)
		switch db.Dialect().Failure(err).Kind {
		case dialect.FailureTable, dialect.FailureColumn, dialect.FailureAmbiguous:
			add(FindingTable, name, nil, graph.Textf("table %q: its query cannot be run: %s", name, graph.Body(errors.Unwrap(err))))
			err = nil
		}
		if err != nil {
			return nil, err
		}
		for _, c := range missing {
			add(FindingColumn, name, []string{c.Name}, fmt.Sprintf("table %q: its query gives no column %q, which is declared (%s)", name, c.Name, c.GoType))
		}
	}
	return findings, nil
}
