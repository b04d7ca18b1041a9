package dovetail

import (
	"context"

	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// SCAN: what rows are read into. The structs of tables are filled by this package, every other shape by scany.

// Collect returns the query's rows in any shape scany can scan: structs of the caller's with `db` tags, embedded and
// nested ones, maps, and single values. Columns are matched by name; one without a field is an error. A column of a
// related table, selected by [Query.Columns] as "author.name", is scanned into the field Name of a struct field Author. A
// field of a struct that no column fills is an error too, also in a nested one; tag it `db:"-"` if that is meant.
//
// A nested struct behind a pointer (Author *AuthorRow) is nil where all its columns are NULL, as those of a related row that is
// absent are: select its key to tell a row of NULLs from none.
//
// It issues one statement, and none where the shape does not fit: names that only the database knows, as that of an expression
// without AS, are checked with the result. [Query.Preload] and [Query.Fetch] are errors: they need the struct of the query's table.
// Errors of the shape and of values are a *[ScanError].
func Collect[D any](ctx context.Context, db DB, q AnyQuery) ([]D, error) {
	return load.Collect[D](ctx, db, untypedOf(q).Asked())
}

// Loads is embedded in the struct of a table to make its rows remember which of their relations were loaded, for
// [Loaded]. It is no column and prints nothing in JSON.
//
//	type Post struct {
//		dovetail.Loads
//		ID     int64
//		Editor *User // nil: there is none, or it was not loaded
//	}
//
// It is embedded by value, directly or within another embedded struct; a pointer is an error of the declaration, as are
// an alias that is unexported and more than 64 relations with a field in one such struct. A copy of a row remembers what the row did when it was
// copied. It costs 16 bytes a row; tables without it pay nothing. Rows that are compared by == or reflect.DeepEqual
// differ if different relations were loaded.
type Loads struct{ l model.Loads }

func (l Loads) loads() model.Loads { return l.l }

func loadsIn(f *structs.Field, row structs.Row) *model.Loads { return &structs.At[Loads](f, row).l }

// Tracked is a row whose struct embeds [Loads], or a pointer to one. No other type is Tracked.
type Tracked interface{ loads() model.Loads }

// Loaded reports whether the relation was loaded into the row: by [Query.Preload], [Query.Fetch] or [Query.PreloadTree], by
// [Load] or [LoadTree], or as the owner of a row that was. It tells the two meanings of a to-one field that is nil apart: with
// true there is no related row, with false it is not known. It issues no statement.
//
// Nothing is loaded into a row that did not come from a query of its table, nor into a nil row. For other rows a name
// that is no relation of the table is an error, [ErrUnknownRelation]. Loaded may be called by several goroutines, but
// not while the row is being loaded onto.
//
//	loaded, err := dovetail.Loaded(post, "editor")
func Loaded(row Tracked, relation string) (bool, error) {
	if structs.IsNil(row) {
		return false, nil
	}
	return row.loads().Has(relation)
}

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
// such as "courses.teacher", is loaded onto the Rows; what is preloaded behind link, along a relation of the join table such as
// "courses.link.examiner", onto the Links, by one statement for each path as always. That is not fetched ([ErrUnsupported]).
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
// Where the join table has relations, paths go on: "link.examiner.name" and "courses.link.examiner.name" are columns behind it, and
// Join("courses.link.examiner") and Has("courses.link.examiner", …) are about the rows there. No path ends at the link
// ([ErrUnknownRelation]): it is there with the related row. Rows of a tree that several links lead to cannot be ordered by them, unless they are loaded with their
// links.
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
