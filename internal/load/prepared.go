package load

import (
	"fmt"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// PREPARE: a query of a shape that was seen before takes the program that was made then, and puts its values into it. Whatever a value
// itself decides is decided anew, or the query is compiled as if there were no other.

// What is kept is bounded: the bytes that the values of the call may have whose program it is, more or less, and those of the shape.
const (
	maxKept  = 4096
	maxShape = 16384
)

// asking is the memory that a query is looked at in.
type asking struct {
	spec  plan.Spec
	shape plan.Shape
}

// askingOf takes memory to look at a query in. Call done when nothing of it is needed any more.
func askingOf(r *model.Registry) *asking {
	a, _ := r.Programs.Scratch.Get().(*asking)
	if a == nil {
		a = &asking{shape: plan.Shape{TypeID: structs.TypeID, PointerID: structs.PointerID}}
	}
	return a
}

func (a *asking) done(r *model.Registry) {
	a.spec = plan.Spec{}
	clear(a.shape.Values) // what the call gives is its own
	r.Programs.Scratch.Put(a)
}

// called returns an empty program for a call. Call done when nothing of it is needed any more, if that is known.
func called(t *model.Table) *Program {
	p, _ := t.Registry.Programs.Calls.Get().(*Program)
	if p == nil {
		p = &Program{}
	}
	p.Table = t
	return p
}

// done gives back the memory of the call, unless the program was compiled in it, which those may hold who keep its statements. Nothing of what
// the call returned is in it.
func (p *Program) done() {
	if !p.kept {
		return
	}
	calls := &p.Table.Registry.Programs.Calls
	*p = Program{read: p.read, loader: loader{next: p.loader.next}}
	calls.Put(p)
}

// prepared returns the program of a query after adjust has changed its clauses.
func prepared(q *query.Request, f form, d dialect.Dialect, adjust func(*plan.Spec) error) (*Program, error) {
	if q == nil || q.Table == nil { // which is an error
		return compileAs(q, f, d, adjust)
	}
	a := askingOf(q.Table.Registry)
	defer a.done(q.Table.Registry)
	if err := asked(q, f.verb, d, adjust, &a.spec); err != nil {
		return nil, err
	}
	p, shape := called(q.Table), &a.shape
	shaped := shape.Of(&a.spec) && (shape.Plain || d.Features().TypeOf == "") && structs.Comparable(d)
	keep := false
	if shaped {
		shape.For(f.verb, f.model)
		var known any
		if known, keep = q.Table.Registry.Programs.Find(d, shape.Key); known != nil && p.take(known.(*Program), shape.Values) {
			return p, p.verify(&a.spec, f, d)
		}
	}
	spec := a.spec
	if err := p.compile(&spec, f, d); err != nil {
		return nil, err
	}
	if shaped && (keep || verifies) && len(shape.Key) <= maxShape && sizeOf(shape.Values) <= maxKept {
		if k := keepable(&spec, f, p, d); k != nil {
			if err := k.verifyKept(&spec, f, d); err != nil {
				return nil, err
			}
			q.Table.Registry.Programs.Keep(d, shape.Key, k)
		}
	}
	return p, nil
}

// take makes p the program that is kept, with the values of the call. It returns false where they need another.
func (p *Program) take(made *Program, values []any) bool {
	args, err := made.stmt.For(values)
	if err != nil || !made.statements.takes(values) {
		return false
	}
	p.Op, p.Plan, p.stmt, p.statements, p.missing, p.layouts = made.Op, made.Plan, made.stmt, made.statements, made.missing, made.layouts
	p.stmt.Args, p.kept = args, true
	if len(made.statements.written) > 0 {
		p.given = append(p.given, values...)
	}
	return true
}

// keepable returns what of a program serves other queries of its shape, nil where it serves none.
func keepable(spec *plan.Spec, f form, made *Program, d dialect.Dialect) *Program {
	marked, givens := plan.Marked(spec)
	p := &Program{Table: made.Table}
	if p.compile(marked, f, d) != nil || p.differs(made) != "" {
		return nil
	}
	for _, g := range givens {
		if !g.Placed() {
			return nil // what became of it is not known
		}
	}
	return p
}

// differs says in what a program is not the same as another; empty: in nothing.
func (p *Program) differs(other *Program) string {
	if p.stmt.SQL != other.stmt.SQL {
		return fmt.Sprintf("the statement is\n%s\nand not\n%s", p.stmt.SQL, other.stmt.SQL)
	}
	if diff := differentArgs(p.stmt.Args, other.stmt.Args); diff != "" {
		return diff
	}
	if p.Plan.String() != other.Plan.String() || len(p.Plan.Outputs) != len(other.Plan.Outputs) {
		return fmt.Sprintf("the plan is\n%s\nand not\n%s", p.Plan, other.Plan)
	}
	return p.differsIn(other, p.Plan.Preloads, other.Plan.Preloads)
}

// differsIn says in what the statements of preloads are not the same.
func (p *Program) differsIn(other *Program, mine, theirs []*plan.Preload) string {
	if len(mine) != len(theirs) {
		return fmt.Sprintf("%d preloads, and not %d", len(mine), len(theirs))
	}
	for i := range mine {
		a, b := p.statements.written[mine[i]].stmt, other.statements.written[theirs[i]].stmt
		if a.SQL != b.SQL {
			return fmt.Sprintf("the statement of a preload is\n%s\nand not\n%s", a.SQL, b.SQL)
		}
		if p.given != nil {
			var err error
			if a.Args, err = a.For(p.given); err != nil {
				return err.Error()
			}
		}
		if diff := differentArgs(a.Args, b.Args); diff != "" {
			return diff
		}
		if diff := p.differsIn(other, mine[i].Next(), theirs[i].Next()); diff != "" {
			return diff
		}
	}
	return ""
}

// differentArgs says where arguments differ. Of those that are told when a statement is run it says nothing.
func differentArgs(args, others []any) string {
	if len(args) != len(others) {
		return fmt.Sprintf("%d arguments, and not %d", len(args), len(others))
	}
	for i := range args {
		_, late := args[i].(dialect.Late)
		_, lateToo := others[i].(dialect.Late)
		if late != lateToo || !late && !structs.Equal(args[i], others[i]) {
			return fmt.Sprintf("argument %d is %v, and not %v", i+1, args[i], others[i])
		}
	}
	return ""
}

// sizeOf estimates the memory that values hold.
func sizeOf(values []any) (size int) {
	for _, v := range values {
		if in, ok := v.(*plan.In); ok {
			for _, item := range in.Items {
				size += 16 + structs.SizeOf(item)
			}
			continue
		}
		size += structs.SizeOf(v)
	}
	return size
}
