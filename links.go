package dovetail

import (
	"context"
	"slices"

	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
	"github.com/dovetail-go/dovetail/internal/write"
)

// WRITE, continued: rows that are there already are linked and unlinked along a relation, in the database and in the structs in
// hand. Of a many-to-many the rows of the join table are inserted and deleted, never the far rows; of the others the foreign key
// is set.

// Diff is what a Replace changed, each list in the order of the rows' keys; rows that [ToMany.Sync] inserts come last among those
// added, in the order of the call.
type Diff[C any] struct {
	Added   []C // the given rows that were not linked before
	Removed []C // rows that are not linked any more: new structs, of which only the key is filled
	Changed []C // the given rows whose link was there with other values (see [ReplaceWith]), or that themselves had other values ([ToMany.Sync])
}

// Keyed returns rows that have nothing but their primary key, for calls that need no more of them: [ToMany.Link],
// [ToMany.Unlink], [ToMany.Replace] and their like. A key of several columns is a []any of values, in the order of its
// declaration.
//
//	chosen, err := Keyed(Courses, form.CourseIDs)
//	diff, err := StudentCourses.Replace(ctx, db, student, chosen...)
func Keyed[C, K any](t *Table[C], keys []K) ([]*C, error) {
	rows := make([]*C, len(keys))
	for i := range rows {
		rows[i] = new(C)
	}
	if err := write.SetKeys(Select(t).untyped(), structs.RowsOf(rows), func(i int) any { return keys[i] }); err != nil {
		return nil, err
	}
	return rows, nil
}

// Link links rows that are there to the owner, and returns how many were not linked before. Linking twice is linking once;
// without rows nothing is sent. Of the rows, and of the owner, only the keys are used, so &Course{ID: 3} will do, and [Keyed].
//
// Of a many-to-many the rows of the join table are inserted, with nothing but the two keys ([LinkWith] gives more), up to
// 1,024 by one statement; the join table must have a unique key of those columns, and of those that an equality of the relation or a
// [Scope] gives a value, such as its primary key, or [Unique]; else it is [ErrUnsupported]. Where none is declared it is of the two keys and,
// if neither end has a Scope by it, the column of the join table's own that the context gives, such as the tenant. A row that is not
// there is a *[ConstraintError], whose Path is the relation. Where another column must have a value, links that are there are linked
// already or come back, and others are refused; that is a transaction, in which the database is asked what is there once it has refused.
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
// Where the owner's table has a [Scope], or the far one of a many-to-many, those rows are looked for first, in the same transaction:
// one that is out of it is [ErrNoRows]. That holds for every call that links rows; [ToMany.Unlink] looks for the owner alone. Where such a table has a
// [SoftDelete], PostgreSQL locks what is found FOR SHARE, which takes the right to UPDATE it, so that nobody marks it before the link is there.
//
// Where the join table has another [Unique] key that two links can meet in, the owner's row is locked first, by each of these calls, where
// the database can; an owner that is not there is [ErrNoRows] then.
//
// All rows are linked or none. Rows are written in the order of their keys, so that calls that link and unlink by a join table do not stop each
// other. Others may, on PostgreSQL: an Update of the same rows by a condition locks them in an order of its own, and a delete of the owner, or of a
// row that is linked, locks that before its links and foreign keys, which calls that link write to before the database looks at both ends. One
// of two that wait for each other is ended by the database (SQLSTATE 40P01), and all of it undone; [Retry] runs it again. An owner without a key, one that the database is still to make or a NULL, is [ErrInvalidRow]; so is a nil row. Columns that a condition of the relation gives a value ([Where]) are filled
// where they are zero, in the join table's rows or the related ones; a row that has another value is [ErrInvalidRow].
//
// A row of the join table that is there already and out of its [Scope] is brought back, and counted, where it was deleted by a
// [SoftDelete], as it was, with the other columns it had, unless [LinkWith] gives them; else it is [ErrInvalidRow]. Of two who bring it back one does, and counts it. To find that out a join table with a Scope costs a transaction, and a statement or
// three when not all rows were inserted.
//
// A call that is one statement, as that of a many-to-many is by itself, fails as [Change.Exec] does: an answer that is lost is
// [ErrCommitUnknown], and a PostgreSQL transaction of the caller's is aborted; call it in InTx of the handle where it may fail.
func (m *ToMany[P, C]) Link(ctx context.Context, db DB, owner P, rows ...C) (int64, error) {
	return write.Link(ctx, db, write.LinkRequest{Along: m.declared(), Owner: structs.RowOf(owner), Verb: "link", Rows: structs.RowsOf(rows)})
}

// Move is [ToMany.Link] that takes rows away from other owners: it sets their foreign keys, whatever they pointed at, and returns
// how many were changed. A row of a many-to-many has any number of owners, and there is nothing to take away: that is
// [ErrInvalidRelation].
func (m *ToMany[P, C]) Move(ctx context.Context, db DB, owner P, rows ...C) (int64, error) {
	return write.Link(ctx, db, write.LinkRequest{Along: m.declared(), Owner: structs.RowOf(owner), Verb: "move", Rows: structs.RowsOf(rows), Move: true})
}

// LinkWith links rows along a many-to-many as [ToMany.Link] does, with the other columns of the join table's rows as well. The
// keys of each Link are filled, and must be zero or right; columns with a [Default] whose fields are zero are left to the
// database and not read back. A row that is linked already is given the columns of Link; without a Link it stays as it is. It
// returns the number of rows that were inserted or written to. They are written in the order of their keys: links that are there and
// exchange what a unique key keeps apart, such as their places, are refused by that; [ReplaceWith] exchanges them. Two entries for one
// row are [ErrInvalidRow], as is a Link with the mark of the join table's [SoftDelete], which would be no link.
//
//	LinkWith(ctx, db, StudentCourses, student, Linked[Course, Enrollment]{Row: art, Link: &Enrollment{Grade: 5}})
//	INSERT INTO "enrollments" (…) VALUES (…) ON CONFLICT ("student_id", "course_id") DO UPDATE SET "grade" = excluded."grade"
func LinkWith[P, C, L any](ctx context.Context, db DB, m *ToMany[*P, *C], owner *P, entries ...Linked[C, L]) (int64, error) {
	return write.Link(ctx, db, requestWith("link", m, owner, entries))
}

// requestWith is a request with rows of the join table.
func requestWith[P, C, L any](verb string, m *ToMany[*P, *C], owner *P, entries []Linked[C, L]) write.LinkRequest {
	n := len(entries)
	req := write.LinkRequest{Along: m.declared(), Owner: structs.RowOf(owner), Verb: verb, Fits: holdsRows[L], Links: make([]structs.Row, n), Rows: make([]structs.Row, n)}
	for i, e := range entries {
		req.Rows[i], req.Links[i] = structs.RowOf(e.Row), structs.RowOf(e.Link)
	}
	return req
}

// Unlink unlinks rows from the owner, by one statement, and returns how many were linked. Rows that were not are left alone, and so are
// those that are out of the [Scope] of their table or of the join table's, marked as deleted for one: their links stay, and they are not counted.
// Without rows nothing is sent: [ToMany.UnlinkAll] is for all of them. An owner that is out of its table's Scope is [ErrNoRows].
//
// Of a many-to-many the rows of the join table are deleted, never the far rows. Of other relations the foreign key becomes
// NULL or, with [DeleteOrphans], the rows themselves are deleted; where the key cannot be NULL, that is [ErrInvalidRelation]
// before anything is sent. The foreign keys of the structs are cleared too; what fields hold, of either side, stays (see
// [ToMany.Remove]).
//
//	DELETE FROM "enrollments" WHERE ("student_id", "course_id") IN (SELECT … WHERE "student_id" = $1 AND "course_id" = ANY($2)
//	ORDER BY … FOR UPDATE)
//
// As one statement it fails as [ToMany.Link] does: inside a PostgreSQL transaction of the caller's call it in InTx of the handle where it may fail.
func (m *ToMany[P, C]) Unlink(ctx context.Context, db DB, owner P, rows ...C) (int64, error) {
	return write.Unlink(ctx, db, write.LinkRequest{Along: m.declared(), Owner: structs.RowOf(owner), Verb: "unlink", Rows: structs.RowsOf(rows)})
}

// UnlinkAll unlinks all rows from the owner as [ToMany.Unlink] does, and returns how many there were. Rows that are out of the
// table's [Scope] stay: of a many-to-many the join table's and the far one's, else the related one's.
func (m *ToMany[P, C]) UnlinkAll(ctx context.Context, db DB, owner P) (int64, error) {
	return write.Unlink(ctx, db, write.LinkRequest{Along: m.declared(), Owner: structs.RowOf(owner), Verb: "unlink", All: true})
}

// Replace makes the rows those that are linked to the owner: it links those that are not, as [ToMany.Link] does, and unlinks
// all others, as [ToMany.UnlinkAll] does. Without rows all are unlinked. It returns what was changed; nothing is written that
// need not be.
//
// It runs in one transaction: it locks the owner's row, reads what is linked, and writes the difference, in three round trips
// where the driver pipelines, two if there is none. Of several that run at the same time each waits for the one before, so
// that the rows are exactly those of the last; a Link or an Unlink of a many-to-many does not wait, and may add to what is
// left, or take from it. An owner that is not there, or out of its table's [Scope], is [ErrNoRows].
func (m *ToMany[P, C]) Replace(ctx context.Context, db DB, owner P, rows ...C) (Diff[C], error) {
	return diffOf[C](write.Replace(ctx, db, write.LinkRequest{Along: m.declared(), Owner: structs.RowOf(owner), Verb: "replace", Rows: structs.RowsOf(rows)}))
}

// Sync makes the rows of a [HasMany] or [MorphMany] the given ones, as they are given: those that are not there are inserted, as
// [Insert] does it; those that are there get the columns in which they differ, as by [Save]; and all others are unlinked, as [ToMany.Unlink]
// does it. Without rows all are. Nothing is written that need not be, but for values that the column stores in another form than a
// comparison in Go knows, as one that it rounds: see docs/writes.md.
//
//	diff, err := OrderLines.Sync(ctx, db, order, &Line{ID: 7, Item: "tea"}, &Line{Item: "milk"})
//	SELECT … FROM "orders" WHERE ("orders"."id" = $1) FOR NO KEY UPDATE OF "orders"
//	SELECT … FROM "lines" WHERE ("lines"."order_id" = $1 OR "lines"."id" = $2) ORDER BY "lines"."id" FOR UPDATE OF "lines"
//	DELETE FROM "lines" WHERE …; UPDATE "lines" SET "item" = $1 WHERE "id" = $2; INSERT INTO "lines" …
//
// A row whose key the database makes is new if that is zero; one with such a key that is not there is [ErrNoRows]. A row whose key the
// program gives is new if it is not there. Foreign keys, and what rules and scopes say, are filled where they are zero, and must be
// right where they are not. A row that points at nothing is linked, whatever it has in the columns of the rules; one of another owner is
// [ErrInvalidRow] (see [ToMany.Move]), and so is one that is there and out of its table's [Scope], or that points at the owner and has
// another value in a column of the rules: another relation's. Of a row that is there every column counts but the key and those that the
// database makes: one whose field is zero becomes zero, a [Default] or not. Fields of relations are not written; those to one row
// fill the foreign keys of rows that are inserted. With a [Version] a row that is changed must have that of the database, or it is [ErrStale].
//
// Keys, foreign keys, versions and what the database makes are read back into the structs; after an error those are as they were.
//
// It is one transaction, with a statement that locks the owner's row, as [ToMany.Replace] does, one that reads and locks the rows, and
// only where there is something to do: one for the rows that are unlinked (more with [DeleteOrphans] where others point at them), one for each row
// that is changed, all in one batch, and one for up to 1,024 rows that are inserted with the same columns. What one row gives up in a [Unique]
// key another may take, in the way of [ReplaceWith]. Where the foreign key cannot be NULL and the relation has no [DeleteOrphans],
// that is [ErrInvalidRelation] before anything is sent, and so is a many-to-many.
func (m *ToMany[P, C]) Sync(ctx context.Context, db DB, owner P, rows ...C) (Diff[C], error) {
	return diffOf[C](write.Replace(ctx, db, write.LinkRequest{Along: m.declared(), Owner: structs.RowOf(owner), Verb: "sync", Rows: structs.RowsOf(rows), Whole: true}))
}

// ReplaceWith replaces the links of a many-to-many as [ToMany.Replace] does, with the other columns of the join table's rows, as
// [LinkWith] has them. A link that is there with other values in the columns of Link gets those, and is among Changed. They are compared in
// Go: a time of day that is given for a DATE column is another value at each call.
//
// What one link gives up another may take, as places in a list that [Unique] keeps apart: links are removed first, then changed, each
// after that which holds what it wants, then added; a marked one that comes back is changed. Links that exchange their values go by a value in between, NULL or a number
// that no link of the owner has, which takes one UPDATE more; where no column of the key takes one, that is [ErrUnsupported].
//
// Without entries, write [ToMany.UnlinkAll]: Go cannot infer L.
//
//	ReplaceWith(ctx, db, StudentCourses, student, student.Courses...)
func ReplaceWith[P, C, L any](ctx context.Context, db DB, m *ToMany[*P, *C], owner *P, entries ...Linked[C, L]) (Diff[*C], error) {
	return diffOf[*C](write.Replace(ctx, db, requestWith("replace", m, owner, entries)))
}

// Replace makes the row the one that is related to the owner, and nil makes it none: it sets the foreign key, whichever side
// holds it, in one transaction, as [ToMany.Replace] does. Where the related rows hold it, the one before is unlinked as by
// [ToMany.Unlink], and a row of another owner is [ErrInvalidRow]. The owner's field for the relation, if it has one, holds the row
// then; other fields stay, see [ToOne.Set].
//
//	ActivityAccount.Replace(ctx, db, deposit, account)
//	UPDATE "activity" SET "account_id" = $1 WHERE ("activity"."id" = $2)
func (o *ToOne[P, C]) Replace(ctx context.Context, db DB, owner P, row C) (Diff[C], error) {
	return diffOf[C](write.Replace(ctx, db, write.LinkRequest{Along: o.declared(), Owner: structs.RowOf(owner), Verb: "replace", Rows: oneOrNone(row)}))
}

// oneOrNone is a list of the row, empty if it is nil.
func oneOrNone[C any](row C) []structs.Row {
	return slices.DeleteFunc(structs.RowsOf([]C{row}), func(r structs.Row) bool { return r == nil })
}

func diffOf[C any](d write.Diff, err error) (Diff[C], error) {
	return Diff[C]{structs.Typed[C](d.Added), structs.Typed[C](d.Removed), structs.Typed[C](d.Changed)}, err
}

// Add puts rows into the owner's field, after those it holds. It keeps the other side in step: the field of the inverse, if
// there is one, then holds the owner; a foreign key has the key of the row it points at, or is zero where that has none yet;
// and a row that is in the field of another owner, which its own field names, is taken out of there. A row that the field
// holds already, by its pointer or its primary key, is not added again but takes that one's place. A field of values ([]C)
// gets a copy of the row.
//
//	AccountActivities.Add(account, deposit) // deposit.Account == account, deposit.AccountID == account.ID
//
// It needs no database. It is an error ([ErrInvalidRelation]) for the relation to have no field, or to go along others; after
// an error the structs are as they were. It is not safe for concurrent use of the structs.
func (m *ToMany[P, C]) Add(owner P, rows ...C) error {
	return write.Relate(m.declared(), "add", structs.RowOf(owner), structs.RowsOf(rows), (*write.Members).Add)
}

// Remove takes rows out of the owner's field, and keeps the other side in step as [ToMany.Add] does: the inverse's field no
// longer holds the owner, and the foreign key is zero. Of a key some of whose columns can be NULL, only those become zero.
// Rows that are not in the field are left alone.
func (m *ToMany[P, C]) Remove(owner P, rows ...C) error {
	return write.Relate(m.declared(), "remove", structs.RowOf(owner), structs.RowsOf(rows), (*write.Members).Remove)
}

// Set makes the owner's field hold the rows, each once and in this order: it removes all others as [ToMany.Remove] does, and
// adds the rows as [ToMany.Add] does. The links of a field of [Linked] stay with their rows.
func (m *ToMany[P, C]) Set(owner P, rows ...C) error {
	return write.Relate(m.declared(), "set", structs.RowOf(owner), structs.RowsOf(rows), (*write.Members).Set)
}

// Set puts a row into the owner's field, or none if it is nil, and keeps both sides in step as [ToMany.Add] does: the row that
// the field held no longer knows the owner, and the foreign key, whichever side holds it, has the key of the row it points at.
//
//	ActivityAccount.Set(deposit, account) // account.Activities holds deposit, deposit.AccountID == account.ID
func (o *ToOne[P, C]) Set(owner P, row C) error {
	return write.Relate(o.declared(), "set", structs.RowOf(owner), oneOrNone(row), (*write.Members).Set)
}

func (m *ToMany[P, C]) declared() *model.Declaration {
	if m == nil {
		return nil
	}
	return m.d
}

func (o *ToOne[P, C]) declared() *model.Declaration {
	if o == nil {
		return nil
	}
	return o.d
}
