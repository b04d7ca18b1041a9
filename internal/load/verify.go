package load

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/programs"
)

// VERIFY: what tests have compared of programs that serve several queries. A difference is a fault of this package, so that it panics.

// verify compares a program that took what is kept with one that is made for the call.
func (p *Program) verify(spec *plan.Spec, f form, d dialect.Dialect) {
	if !programs.Verify.Load() {
		return
	}
	made := &Program{Table: p.Table}
	if err := made.compile(spec, f, d); err != nil {
		panic(graph.Textf("a program was found for a query that cannot be compiled: %s", err))
	}
	if diff := p.differs(made); diff != "" {
		panic("a program was found for a query of another shape: " + diff)
	}
}

// verify has what is kept serve a query that differs in all values.
func (k *kept) verify(spec *plan.Spec, f form, d dialect.Dialect) {
	if !programs.Verify.Load() {
		return
	}
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
	var shape plan.Shape
	if !shape.Of(other) {
		panic("a query with other values has no shape")
	}
	p := &Program{Table: k.program.Table}
	if p.take(k, shape.Values) {
		p.verify(other, f, d)
	}
}
