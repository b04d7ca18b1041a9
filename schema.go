package dovetail

import (
	"context"
	"errors"
	"fmt"
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

// Finding is a difference between the declarations and a database.
type Finding struct {
	Severity Severity
	Table    string
	Relation string   // it is about, with its owner's name, such as "books.author"; empty: it is about the table
	Columns  []string // it is about, if any
	Problem  string   // what differs, and what follows
	// Mend are the statements that end it, to be run in order on one connection, in a quiet moment; read them first. Where SQLite
	// needs a table made anew, that is one mend, the same for all findings of the table; it keeps everything that is not
	// declared: constraints, defaults, collations, generated columns, indexes, triggers. There is no mend where it could not,
	// for a view, and for what is missing and has a column whose SQL type only [Type] can tell.
	Mend []string
}

// String returns the finding with its severity and the SQL that mends it.
func (f Finding) String() string {
	text := f.Severity.String() + ": " + f.Problem
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
// zero over it. Triggers it cannot read. What else the database has beside the declarations is not its concern, nor are the types of
// columns that are no keys. NO ACTION passes for [Restrict] unless that
// was declared.
//
// It reads the catalog by 3 statements in one round trip on PostgreSQL, by 4 statements on SQLite, and each table that is a query ([As])
// by one that asks for no row, for its columns. It changes nothing.
func (r *Registry) Check(ctx context.Context, db DB) ([]Finding, error) {
	if err := load.CheckDB("check", db); err != nil {
		return nil, err
	}
	tables, definer, err := r.schema("check", db.Dialect())
	if err != nil {
		return nil, err
	}
	statements, live := definer.Inspect(tables.Refs()), ddl.NewLive(tables)
	for i := range statements {
		statements[i].Op = "check"
	}
	if err := load.Send(ctx, db, "check", statements, live.Read); err != nil {
		return nil, err
	}
	found := tables.Compare(definer, live)
	findings := make([]Finding, len(found))
	for i, f := range found {
		findings[i] = Finding{
			Table: f.Table, Relation: f.Relation, Columns: f.Columns, Problem: f.Problem, Mend: f.Mend,
		}
		if f.Error {
			findings[i].Severity = SeverityError
		}
	}
	for _, t := range r.r.Tables {
		missing, err := load.MissingColumns(ctx, db, t)
		switch db.Dialect().Failure(err).Kind {
		case dialect.FailureTable, dialect.FailureColumn, dialect.FailureAmbiguous:
			findings = append(findings, Finding{Severity: SeverityError, Table: t.Graph.Name,
				Problem: graph.Textf("table %q: its query cannot be run: %s", t.Graph.Name, graph.Body(errors.Unwrap(err)))})
			err = nil
		}
		if err != nil {
			return nil, err
		}
		for _, c := range missing {
			findings = append(findings, Finding{Severity: SeverityError, Table: t.Graph.Name, Columns: []string{c.Name},
				Problem: fmt.Sprintf("table %q: its query gives no column %q, which is declared (%s)", t.Graph.Name, c.Name, c.GoType)})
		}
	}
	return findings, nil
}
