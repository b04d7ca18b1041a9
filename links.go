package dovetail

import (
	"context"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// WRITE, continued: rows that are there already are linked and unlinked along a relation. Of a many-to-many the rows of the join
// table are inserted and deleted, never the far rows; of the others the foreign key is set.

// Diff is what a Replace changed, each list in the order of the rows' keys.
type Diff[C any] struct {
	Added   []*C // the given rows that were not linked before
	Removed []*C // rows that are not linked any more: new structs, of which only the key is filled
	Changed []*C // the given rows whose link was there with other values (see [ReplaceWith])
}

// Keyed returns rows that have nothing but their primary key, for calls that need no more of them: [ToMany.Link],
// [ToMany.Unlink], [ToMany.Replace] and their like. A key of several columns is a slice of values, in the order of its
// declaration.
//
//	chosen, err := Keyed(Courses, form.CourseIDs)
//	diff, err := StudentCourses.Replace(ctx, db, student, chosen...)
func Keyed[C, K any](t *Table[C], keys []K) ([]*C, error) {
	rows := make([]*C, len(keys))
	for i := range rows {
		rows[i] = new(C)
	}
	q := Select(t).q
	if q.err != nil {
		return nil, &QueryError{Op: "key rows", Err: q.err}
	}
	values := func(i int) []any {
		if list, ok := any(keys[i]).([]any); ok {
			return list
		}
		return []any{keys[i]}
	}
	if err := setKeys(q.table, structs.RowsOf(rows), values); err != nil {
		return nil, err
	}
	return rows, nil
}

// setKeys gives rows their primary keys.
func setKeys(t *table, rows []structs.Row, values func(int) []any) error {
	if err := t.registry.freeze(); err != nil {
		return err
	}
	fail := func(err error) error { return &QueryError{Op: "key " + t.graph.Name, Err: err} }
	key := t.keyFields()
	for i, row := range rows {
		given := values(i)
		if len(given) != len(key) || len(key) == 0 {
			return fail(graph.Problemf(ErrArgCount, "the primary key of %q has %d column(s), key %d has %d value(s)", t.graph.Name, len(key),
				i+1, len(given)))
		}
		for n, f := range key {
			if err := f.AssignValue(row, given[n]); err != nil {
				return fail(graph.Problemf(ErrArgType, "key %d: %w", i+1, err))
			}
		}
	}
	return nil
}

// Link links rows that are there to the owner, and returns how many were not linked before. Linking twice is linking once;
// without rows nothing is sent. Of the rows, and of the owner, only the keys are used, so &Course{ID: 3} will do, and [Keyed].
//
// Of a many-to-many the rows of the join table are inserted, with nothing but the two keys ([LinkWith] gives more), up to
// 1,024 by one statement; the join table must have a unique key of those columns, such as its primary key. A row that is not
// there is a *[ConstraintError], whose Path is the relation.
//
//	StudentCourses.Link(ctx, db, student, art, &Course{ID: 3})
//	INSERT INTO "enrollments" ("student_id", "course_id") VALUES ($1, $2), ($3, $4)
//	ON CONFLICT ("student_id", "course_id") DO NOTHING
//
// Of other relations the rows' foreign keys are set, by two statements in one transaction: one that reads and locks the rows,
// and one UPDATE. A row that points at another owner is [ErrInvalidRow] (see [ToMany.Move]); one that is not there, or out of
// its table's [Scope], is [ErrNoRows]. The foreign keys of the structs are set too; what fields hold, of either side, stays
// (see [ToMany.Add]).
//
// All rows are linked or none. Rows are written in the order of their keys, so that two calls never wait for each other. An
// owner without a key is [ErrInvalidRow]; so is a nil row. A relation with a condition of its own ([Where]) cannot be written
// along: its rows are told by more than their keys.
func (m *ToMany[P, C]) Link(ctx context.Context, db dialect.DB, owner *P, rows ...*C) (int64, error) {
	return linkAlong(ctx, m.declared(), db, structs.RowOf(owner), linkRequest{verb: "link", rows: structs.RowsOf(rows)})
}

// Move is [ToMany.Link] that takes rows away from other owners: it sets their foreign keys, whatever they pointed at, and returns
// how many were changed. A row of a many-to-many has any number of owners, and there is nothing to take away: that is
// [ErrInvalidRelation].
func (m *ToMany[P, C]) Move(ctx context.Context, db dialect.DB, owner *P, rows ...*C) (int64, error) {
	return linkAlong(ctx, m.declared(), db, structs.RowOf(owner), linkRequest{verb: "move", rows: structs.RowsOf(rows), move: true})
}

// LinkWith links rows along a many-to-many as [ToMany.Link] does, with the other columns of the join table's rows as well. The
// keys of each Link are filled, and must be zero or right; columns with a [Default] whose fields are zero are left to the
// database and not read back. A row that is linked already is given the columns of Link; without a Link it stays as it is. It
// returns the number of rows that were inserted or written to. Two entries for one row are [ErrInvalidRow].
//
//	LinkWith(ctx, db, StudentCourses, student, Linked[Course, Enrollment]{Row: art, Link: &Enrollment{Grade: 5}})
//	INSERT INTO "enrollments" (…) VALUES (…) ON CONFLICT ("student_id", "course_id") DO UPDATE SET "grade" = excluded."grade"
func LinkWith[P, C, L any](ctx context.Context, db dialect.DB, m *ToMany[P, C], owner *P, entries ...Linked[C, L]) (int64, error) {
	return linkAlong(ctx, m.declared(), db, structs.RowOf(owner), requestWith("link", entries))
}

// requestWith is a request with rows of the join table.
func requestWith[C, L any](verb string, entries []Linked[C, L]) linkRequest {
	n := len(entries)
	req := linkRequest{verb: verb, fits: holdsRows[L], links: make([]structs.Row, n), rows: make([]structs.Row, n)}
	for i, e := range entries {
		req.rows[i], req.links[i] = structs.RowOf(e.Row), structs.RowOf(e.Link)
	}
	return req
}

// Unlink unlinks rows from the owner, by one statement, and returns how many were linked. Rows that were not are left alone, and
// without rows nothing is sent: [ToMany.UnlinkAll] is for all of them.
//
// Of a many-to-many the rows of the join table are deleted, never the far rows. Of other relations the foreign key becomes
// NULL or, with [DeleteOrphans], the rows themselves are deleted; where the key cannot be NULL, that is [ErrInvalidRelation]
// before anything is sent. The foreign keys of the structs are cleared too; what fields hold, of either side, stays (see
// [ToMany.Remove]).
//
//	DELETE FROM "enrollments" WHERE ("student_id", "course_id") IN (SELECT … WHERE "student_id" = $1 AND "course_id" = ANY($2)
//	ORDER BY … FOR UPDATE)
func (m *ToMany[P, C]) Unlink(ctx context.Context, db dialect.DB, owner *P, rows ...*C) (int64, error) {
	return unlinkAlong(ctx, m.declared(), db, structs.RowOf(owner), linkRequest{verb: "unlink", rows: structs.RowsOf(rows)})
}

// UnlinkAll unlinks all rows from the owner as [ToMany.Unlink] does, and returns how many there were. Rows that are out of the
// table's [Scope] stay: of a many-to-many the join table's, else the related one's.
func (m *ToMany[P, C]) UnlinkAll(ctx context.Context, db dialect.DB, owner *P) (int64, error) {
	return unlinkAlong(ctx, m.declared(), db, structs.RowOf(owner), linkRequest{verb: "unlink", all: true})
}

// Replace makes the rows those that are linked to the owner: it links those that are not, as [ToMany.Link] does, and unlinks
// all others, as [ToMany.Unlink] does. Without rows all are unlinked. It returns what was changed; nothing is written that
// need not be.
//
// It runs in one transaction: it locks the owner's row, reads what is linked, and writes the difference, in three round trips
// where the driver pipelines, two if there is none. Of several that run at the same time each waits for the one before, so
// that the rows are exactly those of the last; a Link or an Unlink of a many-to-many does not wait, and may add to what is
// left, or take from it. An owner that is not there, or out of its table's [Scope], is [ErrNoRows].
func (m *ToMany[P, C]) Replace(ctx context.Context, db dialect.DB, owner *P, rows ...*C) (Diff[C], error) {
	d, err := replaceAlong(ctx, m.declared(), db, structs.RowOf(owner), linkRequest{verb: "replace", rows: structs.RowsOf(rows)})
	return diffOf[C](d), err
}

// ReplaceWith replaces the links of a many-to-many as [ToMany.Replace] does, with the other columns of the join table's rows, as
// [LinkWith] has them. A link that is there with other values in the columns of Link gets those, and is among Changed.
//
//	ReplaceWith(ctx, db, StudentCourses, student, student.Courses...)
func ReplaceWith[P, C, L any](ctx context.Context, db dialect.DB, m *ToMany[P, C], owner *P, entries ...Linked[C, L]) (Diff[C], error) {
	d, err := replaceAlong(ctx, m.declared(), db, structs.RowOf(owner), requestWith("replace", entries))
	return diffOf[C](d), err
}

// Replace makes the row the one that is related to the owner, and nil makes it none: it sets the foreign key, whichever side
// holds it, in one transaction, as [ToMany.Replace] does. Where the related rows hold it, the one before is unlinked as by
// [ToMany.Unlink], and a row of another owner is [ErrInvalidRow].
//
//	ActivityAccount.Replace(ctx, db, deposit, account)
//	UPDATE "activity" SET "account_id" = $1 WHERE ("activity"."id" = $2)
func (o *ToOne[P, C]) Replace(ctx context.Context, db dialect.DB, owner *P, row *C) (Diff[C], error) {
	var rows []*C
	if row != nil {
		rows = []*C{row}
	}
	d, err := replaceAlong(ctx, o.declared(), db, structs.RowOf(owner), linkRequest{verb: "replace", rows: structs.RowsOf(rows)})
	return diffOf[C](d), err
}

func diffOf[C any](d diff) Diff[C] {
	return Diff[C]{structs.Typed[*C](d.added), structs.Typed[*C](d.removed), structs.Typed[*C](d.changed)}
}

// diff is a Diff without its type.
type diff struct{ added, removed, changed []structs.Row }

// linkRequest is what a call asks for.
type linkRequest struct {
	verb  string
	rows  []structs.Row
	links []structs.Row // of the join table, one for each of rows; nil: none is given
	fits  func(*table) bool
	all   bool // all rows, and not those of the list
	move  bool // rows of other owners too
	parts bool // rows are unlinked
}

// linking is one call that links or unlinks.
type linking struct {
	writing
	linkRequest
	relation *graph.Relation
	from     *table // the owner's
	to       *table // of the related rows
	owner    structs.Row
}

// linker is what linking means for a relation: there is one for join tables and one for foreign keys.
type linker interface {
	// link sends the statements that link the rows.
	link() (int64, error)
	// unlink sends the statement that unlinks the rows, or all.
	unlink() (int64, error)
	// replace sends the statements after the owner's row was locked.
	replace() (diff, error)
	// settle tells the structs what was done.
	settle()
	// restore gives the structs what they held.
	restore()
}

func linkAlong(ctx context.Context, d *declaration, db dialect.DB, owner structs.Row, req linkRequest) (n int64, err error) {
	err = along_(ctx, d, db, owner, req, func(k linker) error {
		n, err = k.link()
		return err
	})
	return n, err
}

func unlinkAlong(ctx context.Context, d *declaration, db dialect.DB, owner structs.Row, req linkRequest) (n int64, err error) {
	req.parts = true
	err = along_(ctx, d, db, owner, req, func(k linker) error {
		n, err = k.unlink()
		return err
	})
	return n, err
}

func replaceAlong(ctx context.Context, d *declaration, db dialect.DB, owner structs.Row, req linkRequest) (changed diff, err error) {
	req.parts, req.all = true, true // an empty list means what it says
	err = along_(ctx, d, db, owner, req, func(k linker) error {
		changed, err = k.replace()
		return err
	})
	if err != nil {
		return diff{}, err
	}
	return changed, nil
}

// linked checks the request and does it. What it finds wrong is found before anything is sent.
func along_(ctx context.Context, d *declaration, db dialect.DB, owner structs.Row, req linkRequest, do func(linker) error) error {
	r, op, err := written(d, req.verb)
	if err != nil {
		return err
	}
	if err := checkDB(op, db); err != nil {
		return err
	}
	registry := d.owner.registry
	l := &linking{
		writing: writing{ctx, db, op, registry}, linkRequest: req, relation: r,
		from: registry.tableOf(r.Owner), to: registry.tableOf(r.Related), owner: owner,
	}
	if err := l.check(); err != nil {
		return &QueryError{Op: op, Err: err}
	}
	if len(req.rows) == 0 && !req.all {
		return nil
	}
	var k linker
	switch {
	case r.Link != nil:
		k, err = l.throughLinks()
	case r.Steps[0].Forward:
		k, err = l.byOwner()
	default:
		k, err = l.byRows()
	}
	if err != nil {
		return &QueryError{Op: op, Err: err}
	}
	if err := do(k); err != nil {
		k.restore()
		return err
	}
	k.settle()
	return nil
}

func (l *linking) check() error {
	if len(l.registry.model.Relations[l.relation].Where) > 0 {
		return graph.Problemf(ErrInvalidRelation, "it has a condition of its own, which rows that are linked need not meet; write along a "+
			"relation without one")
	}
	switch {
	case l.move && l.relation.Link != nil:
		return graph.Problemf(ErrInvalidRelation, "its rows have any number of owners, and need not be moved; use Link and Unlink")
	case l.links != nil && l.relation.Link == nil:
		return graph.Problemf(ErrInvalidRelation, "it has no join table; use a call without links")
	case l.links != nil && !l.fits(l.registry.tableOf(l.relation.Link)):
		return graph.Problemf(ErrInvalidRelation, "the rows of its join table %q are of type %s, and the links are not", l.relation.Link.Name,
			l.relation.Link.GoType)
	case l.owner == nil:
		return graph.Problemf(ErrInvalidRow, "the owner is nil")
	}
	if !l.from.hasKey(l.ownerKey(), l.owner) {
		return graph.Problemf(ErrInvalidRow, "the owner has no key yet; insert it first")
	}
	if i := slices.Index(l.rows, nil); i >= 0 {
		return graph.Problemf(ErrInvalidRow, "row %d is nil", i+1)
	}
	key := l.rowKey()
	if len(key) == 0 {
		return graph.Problemf(ErrUnsupported, "table %q has no primary key to tell rows by; declare it with PrimaryKey", l.to.graph.Name)
	}
	for i, row := range l.rows {
		if !l.to.hasKey(key, row) {
			return graph.Problemf(ErrInvalidRow, "row %d has no key yet; insert it first", i+1)
		}
	}
	return nil
}

// ownerKey returns the fields by which the owner is told.
func (l *linking) ownerKey() []*structs.Field {
	if l.relation.Steps[0].Forward {
		return l.from.keyFields()
	}
	var fields []*structs.Field
	for _, on := range l.relation.Steps[0].On {
		fields = append(fields, l.from.columns[on.From])
	}
	return fields
}

// rowKey returns the fields by which the related rows are told.
func (l *linking) rowKey() []*structs.Field {
	last := l.relation.Steps[len(l.relation.Steps)-1]
	if l.relation.Link == nil && !last.Forward {
		return l.to.keyFields()
	}
	var fields []*structs.Field
	for _, on := range last.On {
		fields = append(fields, l.to.columns[on.To])
	}
	return fields
}
