package dovetail

import (
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// Linked is an entry of a many-to-many's field: a related row, and the row of the join table that links it to the owner,
// with whatever columns it has. A field of this kind is a slice of it, and C and L are the structs of the related table and
// of the join table. The relation is declared as for any other field, and each direction chooses its own.
//
//	type Student struct {
//		ID      int64
//		Courses []dovetail.Linked[Course, Enrollment]
//	}
//
//	ManyToMany(Students, "courses", Courses, Enrollments, ThroughKeys("student_id", "course_id"), Inverse("students"))
//
// A preload fills both by the one statement it needs anyway. There is an entry for each row of the join table, in the query's
// order, ended by the primary keys of the related table and the join table; after a load the field is never nil, nor are Row
// and Link. Entries with the same related row share one Row; each has a Link of its own. What is preloaded below the path,
// such as "courses.teacher", is loaded onto the Rows.
//
//	SELECT "courses"."id", "courses"."title", "courses#enrollments"."grade" AS "link.grade", …
//	FROM "courses" JOIN "enrollments" AS "courses#enrollments" ON "courses#enrollments"."course_id" = "courses"."id"
//	WHERE "courses#enrollments"."student_id" = ANY($1::bigint[])
//
// Columns in the preload's query may choose among the link's columns too, as "link.grade"; without such a name all of them
// are selected.
//
// # Naming the link
//
// Whatever the field is, a query names the join table's row of a many-to-many "link". Where a bare name is the related
// table's (in the query of a preload, in [Query.Has] and the like, in the on of a join and in the conditions and the order of
// an [Aggregate]) its columns are "link.grade"; beside a joined path, and in the path of an aggregate, "courses.link.grade":
//
//	Preload("courses", Select(Courses).Where(squirrel.Gt{"link.grade": 3}).OrderBy("link.enrolled_on DESC").Limit(2))
//	Has("courses", squirrel.Eq{"link.role": "editor"})
//	LeftJoin("courses", squirrel.Gt{"link.grade": 3}).OrderBy("courses.link.grade")
//	With(Avg("courses.link.grade").As("mean"))
//
// It is an error for the related table to have a relation "link" too ([ErrAmbiguous]), and for a name to begin with link
// where no many-to-many was followed ([ErrUnknownRelation]), such as in a query that is run by itself. SQL text with a SELECT
// of its own may have a table it calls link, so in it only names that begin with a path are understood.
// A row of a preload is one for all its owners, so its columns and its With cannot be made of the link: that is
// [ErrInvalidQuery].
type Linked[C, L any] struct {
	Row  *C
	Link *L
}

// shapeOf returns how the field holds the rows of the relation and, where it cannot, what the field should be.
func (r *registry) shapeOf(f *structs.Field, relation *graph.Relation) (shape structs.Shape, want string) {
	related := r.tableOf(relation.Related)
	name := related.typ.Name()
	switch shape = f.ShapeFor(related.typ); {
	case relation.VariantOf != nil && f.HoldsAny(related.typ):
		return structs.ShapeAny, ""
	case relation.VariantOf != nil:
		return shape, "an interface that *" + name + " implements, such as any"
	case relation.Cardinality == graph.Many && relation.Link != nil:
		link := r.tableOf(relation.Link)
		if shape.Many() && (shape != structs.ShapeLinked || f.LinkType() == link.typ) {
			return shape, ""
		}
		return shape, "[]*" + name + ", []" + name + " or []dovetail.Linked[" + name + ", " + link.typ.Name() + "]"
	case relation.Cardinality == graph.Many:
		if shape.Many() && shape != structs.ShapeLinked {
			return shape, ""
		}
		return shape, "[]*" + name + " or []" + name
	case shape == structs.ShapePointer || shape == structs.ShapeValue && !relation.Optional:
		return shape, ""
	case relation.Optional:
		return shape, "*" + name + " (a row may be missing)"
	}
	return shape, "*" + name + " or " + name
}

// linkScan scans the rows of the join table that stand beside the rows of a result.
type linkScan struct {
	table  *table
	fields []*structs.Field // for each output of the query; nil: not a field of the link
	slab   *structs.Slab
	row    structs.Row // beside the current row; nil: there is none
	unique *uniqueRows // the rows, numbered
}

// newLinkScan returns a scan of the outputs that are columns of the link. repeats tells whether a link may come in several rows
// of the result.
func newLinkScan(r *registry, q *plan.Query, link *plan.Binding, repeats bool) *linkScan {
	t := r.tableOf(link.Table)
	return &linkScan{table: t, fields: t.fieldsAt(q, link), slab: structs.NewSlab(t.layout, 0), unique: newUniqueRows(t, repeats)}
}

// begin begins another row, if there is one, into which its columns are to be scanned.
func (l *linkScan) begin(dests []any, present bool) {
	l.row = nil
	if present {
		l.row = l.slab.New()
	}
	for i, f := range l.fields {
		switch {
		case f == nil:
		case l.row == nil:
			dests[i] = nil
		default:
			dests[i] = f.Dest(l.row)
		}
	}
}

// take returns the number of the row scanned last.
func (l *linkScan) take() (int32, error) {
	at, isNew, err := l.unique.of(l.row)
	if err == nil && !isNew {
		l.slab.TakeBack(l.row)
	}
	return at, err
}
