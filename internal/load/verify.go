//go:build dovetail_verify

package load

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// VERIFY: what the project's tests have compared of programs that serve several queries. A difference is a fault of this package.

// verifies has each query leave a program.
const verifies = true

// verify compares a program that took what is kept with one that is made for the call.
func (p *Program) verify(spec *plan.Spec, f form, d dialect.Dialect) error {
	copied := *spec
	made := &Program{Table: p.Table}
	if err := made.compile(&copied, f, d); err != nil {
		return mismatch(p, "a query that cannot be compiled: "+err.Error())
	}
	if diff := p.differs(made); diff != "" {
		return mismatch(p, "a query of another shape: "+diff)
	}
	return nil
}

func mismatch(p *Program, of string) error {
	return &fault.QueryError{Op: p.Op, Err: graph.Problemf(fault.ErrInvalidQuery, "a fault of dovetail: a program was found for %s", of)}
}

// verifyKept has a program that is kept serve a query that differs in all values.
func (p *Program) verifyKept(spec *plan.Spec, f form, d dialect.Dialect) error {
	other := plan.WithValues(spec, func(value any) any {
		switch v := value.(type) {
		case int:
			return v + 1
		case int64:
			return v + 1
		case float64:
			return v + 1
		case string:
			return v + "x"
		case bool:
			return !v
		}
		return value
	})
	shape := plan.Shape{TypeID: structs.TypeID, PointerID: structs.PointerID}
	if !shape.Of(other) {
		return mismatch(p, "a query with other values, which has no shape")
	}
	served := &Program{Table: p.Table}
	if !served.take(p, shape.Values) {
		return nil
	}
	return served.verify(other, f, d)
}
