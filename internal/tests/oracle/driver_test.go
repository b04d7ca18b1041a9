package oracle_test

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
)

// What must make no difference: how statements reach the database, in a transaction or not, with or without locks, and
// what is in the values.

// answer returns all that the case's query loads, as text.
func (c *oraCase) answer(q oraQuery, db dovetail.DB) ([]string, error) {
	rows, err := q.all(c.ctx, db)
	if err != nil {
		return nil, err
	}
	texts, strangers := oraTexts(c.spec.table, rows, oraPlansIn(c.spec))
	return append(texts, strangers...), nil
}

// sameOn runs the case's query elsewhere.
func (c *oraCase) sameOn(what string, q oraQuery, db dovetail.DB, want []string, wantErr error) error {
	got, err := c.answer(q, db)
	if (err == nil) != (wantErr == nil) {
		return fmt.Errorf("%s: expected the error %v, got %w", what, wantErr, err)
	}
	return oraEqual(what, got, want, c.spec.total())
}

// checkModes: every way in which pgx sends a statement gives the same.
func (c *oraCase) checkModes() error {
	want, err := c.answer(c.q, c.d.DB)
	modes := c.modes()
	if len(modes) == 0 {
		return nil
	}
	i := c.g.IntN(len(modes))
	c.meet(fmt.Sprint("exec mode ", i), len(want) > 0)
	return c.sameOn(fmt.Sprintf("rows in the exec mode %d", i), c.q, modes[i], want, err)
}

// checkTransaction: a transaction sees the same.
func (c *oraCase) checkTransaction() error {
	want, err := c.answer(c.q, c.d.DB)
	db, end := c.begin(c.tb)
	defer end()
	if err := c.sameOn("rows in a transaction", c.q, db, want, err); err != nil {
		return err
	}
	c.meet("transaction", len(want) > 0)
	return nil
}

// checkLocks: locks change no row; where there is nothing to lock they are refused in advance.
func (c *oraCase) checkLocks() error {
	how := oraPick(c.g, []string{"FOR UPDATE", "FOR NO KEY UPDATE", "FOR SHARE", "FOR KEY SHARE"})
	wait := oraPick(c.g, []string{"", "", "SKIP LOCKED", "NOWAIT"})
	locked := c.q.lock(how, wait)
	refused := error(nil)
	switch {
	case c.spec.joinsMany() && !c.spec.distinct:
		refused = dovetail.ErrFanOut
	case c.spec.distinct || !c.d.Postgres() || c.spec.table.query != "":
		refused = dovetail.ErrUnsupported
	}
	if refused != nil {
		c.meet("lock refused", true)
		return c.refuses(refused, locked)
	}
	if err := c.refuses(dovetail.ErrInvalidQuery, c.q.lock("", "NOWAIT")); err != nil {
		return err
	}
	if err := c.refuses(dovetail.ErrInvalidQuery, c.q.lock(how, "NOWAIT").lock("", "SKIP LOCKED")); err != nil {
		return err
	}
	want, err := c.answer(c.q, c.d.DB)
	db, end := c.begin(c.tb)
	defer end()
	if err := c.sameOn("rows "+how+" "+wait, locked, db, want, err); err != nil {
		return err
	}
	c.meet("lock", len(want) > 0)
	return nil
}

// checkPrepared: every text is one statement of the server's language, and has a placeholder for each argument.
func (c *oraCase) checkPrepared() error {
	if c.pool == nil {
		return nil
	}
	rec := c.d.Record()
	_, _ = c.q.all(c.ctx, rec) // whether it fails is not the question here
	_, _ = c.q.count(c.ctx, rec)
	_, _ = c.q.exists(c.ctx, rec)
	conn, err := c.pool.Acquire(c.ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	for _, s := range rec.Stmts {
		prepared, err := conn.Conn().PgConn().Prepare(c.ctx, "", s.SQL, nil)
		if err != nil {
			return fmt.Errorf("preparing %s: %w", s.SQL, err)
		}
		if len(prepared.ParamOIDs) != len(s.Args) {
			return oraMismatch("placeholders and arguments of "+s.SQL, len(prepared.ParamOIDs), len(s.Args))
		}
		c.meet("prepared", true)
	}
	return nil
}

// oraHostileWords is text that a careless builder would take for something else.
var oraHostileWords = []string{
	"'", "''", "'; DROP TABLE people; --", "?", "??", "$1", "\\", "\\'", "--", "/*", "*/", ";", "\"", "`", "$$", "$a$",
	"%", "_", "[", "*", "NULL", "\n", "\t", "é🙂", "x' OR '1'='1", ") OR (1=1", "{", "}", "{NULL}", "E'\\x'", ":a", "@a",
	"posts.title", "link.weight",
}

// checkSkeleton: whatever text is among the values, the statements are the same.
func (c *oraCase) checkSkeleton() error {
	found := false
	hostile := c.spec.replaced(func(v any) any {
		if _, ok := v.(string); !ok {
			return v
		}
		found = true
		return oraPick(c.g, oraHostileWords)
	})
	if !found {
		return nil
	}
	statements := func(s *oraSpec) ([]string, error) {
		var texts []string
		q := s.build()
		for _, d := range []dialect.Dialect{c.d.DB.Dialect(), dialect.Standard} {
			text, err := q.explain(d)
			if err != nil && d != dialect.Standard { // which has no positions where NULLs may be, among others
				return nil, err
			}
			texts = append(texts, text)
		}
		return texts, nil
	}
	want, err := statements(c.spec)
	if err != nil {
		return err
	}
	got, err := statements(hostile)
	if err != nil {
		return fmt.Errorf("with other values: %w", err)
	}
	if err := oraEqual("statements with other values", got, want, true); err != nil {
		return err
	}
	_, err = hostile.build().all(c.ctx, c.d.DB)
	// How such text is sorted depends on the collation, and so do the rows.
	if err != nil && !errors.Is(err, dovetail.ErrTooManyRows) && !errors.Is(err, dovetail.ErrNoRows) {
		return fmt.Errorf("query\n%s\nwith other values failed: %w", hostile, err)
	}
	c.meet("skeleton", true)
	return nil
}

// replaced returns the query with its values mapped.
func (s *oraSpec) replaced(f func(any) any) *oraSpec {
	n := *s
	n.where, n.joins, n.values, n.preloads = oraReplaced(s.where, f), nil, nil, oraReplacedBelow(s.preloads, f)
	for _, j := range s.joins {
		n.joins = append(n.joins, &oraJoin{path: j.path, left: j.left, on: oraReplaced(j.on, f)})
	}
	renamed := map[*oraAggregate]*oraAggregate{}
	for _, a := range s.values {
		again := *a
		again.where = oraReplaced(a.where, f)
		renamed[a] = &again
		n.values = append(n.values, &again)
	}
	n.after, n.before = oraMapped(s.after, f), oraMapped(s.before, f)
	return &n
}

func oraReplaced(preds []*oraPred, f func(any) any) []*oraPred {
	list := make([]*oraPred, len(preds))
	for i, p := range preds {
		again := *p
		again.kids = oraReplaced(p.kids, f)
		if again.arg = f(p.arg); p.list != nil {
			again.list = oraMapped(p.list, f)
		}
		list[i] = &again
	}
	return list
}

func oraMapped(list []any, f func(any) any) []any {
	mapped := slices.Clone(list)
	for i, v := range mapped {
		if _, ok := v.(uuid.UUID); !ok {
			mapped[i] = f(v)
		}
	}
	return mapped
}

func oraReplacedBelow(preloads []*oraPreload, f func(any) any) []*oraPreload {
	list := make([]*oraPreload, len(preloads))
	for i, p := range preloads {
		again := *p
		if p.spec != nil {
			again.spec = p.spec.replaced(f)
		}
		again.kids = oraReplacedBelow(p.kids, f)
		list[i] = &again
	}
	return list
}
