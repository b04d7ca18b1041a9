package plan

// planning is a query that is being planned.
type planning struct {
	*builder
	spec  *Spec
	at    place
	q     *Query
	loads []*mergedPreload
}

// run takes the steps of planning, and returns of a mistake the method that it is told of.
func (p *planning) run() (method string, err error) {
	q, spec := p.q, p.spec
	if err := spec.checkUnscoped(p.rules, p.at.relation); err != nil {
		return "Unscoped", err
	}
	if q.Source, err = q.source(spec.Source); err != nil {
		return "From", err
	}
	q.Base.Source = q.Source
	if err := q.set(spec); err != nil {
		return spec.setBy(), err
	}
	if err := q.forOwners(p.at); err != nil {
		return "", err
	}
	if err := q.joins(spec.Joins); err != nil {
		return "", err
	}
	if p.loads, err = p.merge(q, q.Base, spec.Preloads, p.at); err != nil {
		return "", err
	}
	if err := q.withoutLink(func() error { return q.aggregates(spec) }); err != nil {
		return "With", err
	}
	if err := q.clauses(spec); err != nil {
		return "", err
	}
	if err := q.outputs(spec); err != nil {
		return "Columns", err
	}
	if err := q.groupBy(spec.GroupBy); err != nil {
		return "GroupBy", err
	}
	if err := q.orderBy(spec.OrderBy, p.at.relation); err != nil {
		return "OrderBy", err
	}
	return "", p.finish()
}

// finish takes the steps that need to know all that is selected, joined and ordered by.
func (p *planning) finish() error {
	q, spec := p.q, p.spec
	q.once(spec)
	if err := q.found(); err != nil {
		return err
	}
	if err := p.preloads(q, p.loads, p.at); err != nil {
		return err
	}
	if err := q.distinct(spec); err != nil {
		return err
	}
	if err := q.check(spec); err != nil {
		return err
	}
	if err := q.tieBreak(spec.Ordered || spec.paged() != ""); err != nil {
		return err
	}
	return q.keyset(spec, p.features)
}
