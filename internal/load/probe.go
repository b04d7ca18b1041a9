package load

import (
	"context"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
)

// MissingColumns returns the columns of a table that is a query which that does not give. It asks for no row, and of other tables
// nothing.
func MissingColumns(ctx context.Context, db dialect.DB, t *model.Table) (missing []*graph.Column, err error) {
	if t.Graph.Query == "" {
		return nil, nil
	}
	probe := dialect.Statement{SQL: compile.Probe(t.Graph, db.Dialect()), Reads: true, Op: "check", Table: t.Graph.Name}
	err = Send(ctx, db, "check", []dialect.Statement{probe}, func(_ int, rows dialect.Rows) error {
		columns := rows.Columns()
		for rows.Next() {
			continue // there is none
		}
		if len(columns) == 0 { // some drivers know them only now, and others no more
			columns = rows.Columns()
		}
		for c := range t.Graph.Stored() {
			if !slices.Contains(columns, c.Name) {
				missing = append(missing, c)
			}
		}
		return rows.Err()
	})
	return missing, err
}
