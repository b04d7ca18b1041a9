package postgres

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dovetail-go/dovetail/dialect"
)

// failures are the kinds by SQLSTATE.
var failures = map[string]dialect.FailureKind{
	"23503": dialect.FailureForeignKey,
	"23001": dialect.FailureForeignKey, // ON DELETE RESTRICT
	"23505": dialect.FailureUnique,
	"23502": dialect.FailureNotNull,
	"23514": dialect.FailureCheck,
	"23P01": dialect.FailureExclusion,
	"40001": dialect.FailureSerialization,
	"40P01": dialect.FailureDeadlock,
}

// Failure reads the answer of the server. The columns of a key are taken from its detail, in whatever language, and the values
// beside them are left there.
func (sqlDialect) Failure(err error) dialect.Failure {
	var answer *pgconn.PgError
	if !errors.As(err, &answer) {
		return dialect.Failure{}
	}
	kind, ok := failures[answer.Code]
	if !ok {
		return dialect.Failure{}
	}
	f := dialect.Failure{Kind: kind, Constraint: answer.ConstraintName, Table: answer.TableName}
	switch {
	case answer.ColumnName != "":
		f.Columns = []string{answer.ColumnName}
	case kind == dialect.FailureForeignKey || kind == dialect.FailureUnique:
		f.Columns = keyColumns(answer.Detail)
	}
	return f
}

// keyColumns reads the columns from a text such as `Key (a, b)=(1, 2) is not present in table "t".`.
func keyColumns(detail string) []string {
	_, rest, ok := strings.Cut(detail, "(")
	list, _, ends := strings.Cut(rest, ")=(")
	if !ok || !ends {
		return nil
	}
	columns := strings.Split(list, ", ")
	for i, c := range columns {
		if strings.ContainsAny(c, "()") {
			return nil // the key of an expression
		}
		if len(c) > 1 && c[0] == '"' {
			columns[i] = strings.ReplaceAll(c[1:len(c)-1], `""`, `"`)
		}
	}
	return columns
}
