package load

import (
	"fmt"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
)

// SQL returns the text and the arguments of a query's own statement.
func SQL(q *query.Request, d dialect.Dialect) (string, []any, error) {
	p, err := compileAs(q, selected, d, func(s *plan.Spec) error {
		s.Detached = d == dialect.Standard
		return nil
	})
	if err != nil {
		return "", nil, err
	}
	return p.stmt.SQL, p.stmt.Args, nil
}

// Explain tells what a query does: its joins, its statements and its round trips.
func Explain(q *query.Request, d dialect.Dialect) (string, error) {
	p, err := compileAs(q, selected, d, nil)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(p.Plan.String())
	apart := ""
	if q.AtOnce && len(p.statements.written) > 0 {
		t, err := togetherFor(p.Plan, d, q.Table.Registry.KeyKinds)
		if err != nil {
			return "", query.Failure(p.Op, err)
		}
		if apart = t.apart; apart == "" {
			fmt.Fprintf(&b, "\n-- %s and what is preloaded\n%s\n\nstatements: 1, round trips: 1\n", q.Table.Graph.Name, t.stmt.SQL)
			return b.String(), nil
		}
	}
	fmt.Fprintf(&b, "\n-- %s\n%s\n", q.Table.Graph.Name, p.stmt.SQL)
	depth := p.explain(&b, p.Plan.Preloads, 1)
	fmt.Fprintf(&b, "\nstatements: %d, round trips: %d where the driver pipelines\n", 1+len(p.statements.written), 1+depth)
	if apart != "" {
		fmt.Fprintf(&b, "not in one round trip: %s\n", apart)
	}
	if q.Tx.Snapshot && len(p.statements.written) > 0 {
		b.WriteString("in one transaction that only reads, which begins and ends in these round trips\n")
	}
	return b.String(), nil
}

// explain writes the statements of preloads and returns the deepest level that has one.
func (p *Program) explain(b *strings.Builder, preloads []*plan.Preload, level int) int {
	depth := 0
	for _, pre := range preloads {
		if pre.InHand() {
			depth = max(depth, p.explain(b, pre.Below, level)) // onto rows in hand: no level of its own
			continue
		}
		fmt.Fprintf(b, "\n-- preload %s\n%s\n", pre.Path, p.statements.written[pre].stmt.SQL)
		depth = max(depth, level, p.explain(b, pre.Query.Preloads, level+1))
	}
	return depth
}
