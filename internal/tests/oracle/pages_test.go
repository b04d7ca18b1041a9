package oracle_test

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dovetail-go/dovetail"
)

// Pages by position, and rows one after the other.

// bare returns the case's query without what leaves out rows by their place, and without preloads.
func (c *oraCase) bare() *oraSpec {
	s := *c.spec
	s.preloads, s.after, s.before, s.limit, s.offset = nil, nil, nil, -1, -1
	s.part = true
	return &s
}

// checkPositions: pages by After make up the whole, as do those by Before.
func (c *oraCase) checkPositions() error {
	s := c.bare()
	if !s.pageable() {
		want := dovetail.ErrUnsupported
		if s.joinsMany() && !s.distinct {
			want = dovetail.ErrFanOut
		}
		c.meet("position refused", true)
		return c.refuses(want, s.build().after([]any{int64(1)}))
	}
	want := c.data.envs(s.whole(), c.data.ways(s.table), nil)
	whole := make([]string, len(want))
	for i, e := range want {
		whole[i] = e.rows[""].text()
	}
	size := 1 + c.g.IntN(3)
	got, err := c.walk(s, size, whole, false)
	if err == nil {
		err = oraEqual("pages by After and the whole", got, whole, true)
	}
	if err != nil {
		return err
	}
	if got, err = c.walk(s, size, whole, true); err != nil {
		return err
	}
	c.meet("positions", len(whole) > size)
	return oraEqual("pages by Before and the whole", got, whole, true)
}

// walk goes through the rows page by page, forwards or backwards.
func (c *oraCase) walk(s *oraSpec, size int, whole []string, back bool) ([]string, error) {
	var got []string
	page := *s
	page.limit = size
	for {
		q := page.build()
		rows, err := q.all(c.ctx, c.d.DB)
		if err != nil {
			return nil, fmt.Errorf("a page of\n%s\nfailed: %w", &page, err)
		}
		texts := oraRootTexts(s.table, rows)
		if back && len(got) == 0 && page.before == nil { // the last page has to be found first
			texts = whole[max(0, len(whole)-size):]
		}
		if back {
			got = append(slices.Clone(texts), got...)
		} else {
			got = append(got, texts...)
		}
		if len(texts) < size || len(got) > len(whole) {
			return got, nil
		}
		at, last := len(got)-1, len(rows)-1
		if back {
			at, last = len(whole)-len(got), 0
		}
		position, err := c.positionAt(s, at)
		if err != nil {
			return nil, err
		}
		if s.ownOrder() && page.before == nil && !back || page.before != nil { // else the row is not at hand
			if read, err := q.position(rows[last]); err == nil {
				position = read
				c.meet("position read", true)
			} else if s.ownOrder() {
				return nil, fmt.Errorf("the position of a row cannot be read: %w", err)
			}
		}
		if page.after = position; back {
			page.after, page.before = nil, position
		}
	}
}

// positionAt returns the oracle's position of one of the rows.
func (c *oraCase) positionAt(s *oraSpec, at int) ([]any, error) {
	rows := c.data.envs(s.whole(), c.data.ways(s.table), nil)
	if at < 0 || at >= len(rows) {
		return nil, fmt.Errorf("there is no row %d among %d", at, len(rows))
	}
	return c.data.positionOf(s.ordered(nil), rows[at]), nil
}

// ownOrder reports whether the order names columns of the query's own table alone.
func (s *oraSpec) ownOrder() bool {
	return !slices.ContainsFunc(s.order, func(o oraOrderTerm) bool { return !o.ref.plain() })
}

// whole returns the query with the end of its order written out.
func (s *oraSpec) whole() *oraSpec {
	whole := *s
	whole.order = s.ordered(nil)
	return &whole
}

// ways returns the rows of a table as those of a query.
func (d *oraData) ways(t *oraTable) []oraWay {
	ways := make([]oraWay, len(d.rows[t]))
	for i, row := range d.rows[t] {
		ways[i].row = row
	}
	return ways
}

// refuses makes sure that a query fails with an error, and before anything is sent.
func (c *oraCase) refuses(want error, q oraQuery) error {
	rec := c.d.Record()
	if _, err := q.all(c.ctx, rec); !errors.Is(err, want) || len(rec.Stmts) > 0 {
		return fmt.Errorf("expected %w and no statement, got %w and %d statements", want, err, len(rec.Stmts))
	}
	return nil
}

// checkEach: Each gives the rows of All, in an order that the primary key ends.
func (c *oraCase) checkEach() error {
	rec := c.d.Record()
	rows, err := c.q.each(c.ctx, rec)
	paged := c.spec.pageable()
	refused := error(nil)
	switch {
	case c.spec.before != nil:
		refused = dovetail.ErrInvalidQuery
	case !paged && len(c.spec.preloads) > 0:
		refused = dovetail.ErrUnsupported
	}
	if refused != nil {
		c.meet("each refused", true)
		if !errors.Is(err, refused) || len(rec.Stmts) > 0 {
			return fmt.Errorf("Each: expected %w and no statement, got %w and %d statements", refused, err, len(rec.Stmts))
		}
		return nil
	}
	s := *c.spec
	if paged {
		s.order = s.ordered(nil)
	}
	plans := oraPlansIn(&s)
	tree := &oraTree{data: c.data, spec: &s}
	want := tree.rows(c.data.run(&s, c.data.rows[s.table]), plans)
	if tree.several || tree.none {
		return c.checkFailure(tree, err)
	}
	if err != nil {
		return fmt.Errorf("Each failed: %w", err)
	}
	got, _ := oraTexts(s.table, rows, plans)
	c.meet("each", paged && len(want) > 1)
	c.meet("each streamed", !paged && len(want) > 1)
	return oraEqual("rows of Each", got, want, paged || s.total())
}
