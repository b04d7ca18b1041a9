package golden_test

import (
	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

// goldenLinks has the rows of join tables: loaded beside the related rows, and named in conditions, orders and columns.
func goldenLinks() []goldenCase {
	students, courses := dovetail.Select(models.Students).Columns("id"), dovetail.Select(models.Courses)
	linked := dovetail.Select(keyed.PlainStudents).Columns("id")
	return []goldenCase{
		{name: "linked_preload", query: linked.Preload("courses")},
		{name: "linked_preload_both_ways", query: linked.Preload("courses.students")},
		{name: "linked_preload_limited", query: linked.Preload("courses",
			dovetail.Select(keyed.PlainCourses).Where(sq.NotEq{"link.grade": nil}).OrderBy("link.grade DESC").Limit(2))},
		{name: "linked_preload_distinct", query: linked.Preload("courses",
			dovetail.Select(keyed.PlainCourses).Distinct().OrderBy("link.grade"))},
		{name: "linked_preload_columns", query: linked.Preload("courses",
			dovetail.Select(keyed.PlainCourses).Columns("title", "link.grade"))},
		{name: "link_in_preload", query: students.Preload("courses",
			courses.Where(sq.Eq{"link.grade": "A"}).Where("link.enrolled_on > ?", goldenTime).OrderBy("link.enrolled_on DESC"))},
		{name: "link_in_preload_limited", query: students.Preload("courses", courses.OrderBy("link.enrolled_on DESC").Limit(2))},
		{name: "link_in_has_in_preload", query: students.Preload("courses",
			courses.Has("students", sq.Expr("link.grade = courses.link.grade")))},
		{name: "link_in_has", query: students.Has("courses", sq.Eq{"link.grade": "A", "title": "Chess"})},
		{name: "link_in_has_at_least", query: students.HasAtLeast(2, "courses", sq.Expr("link.grade < ?", "C"))},
		{name: "link_in_join", query: students.Join("courses").Where("courses.link.grade < ?", "C").OrderBy("courses.link.grade")},
		{name: "link_in_left_join_on", query: students.LeftJoin("courses", sq.Eq{"link.grade": "A"})},
		{name: "link_in_left_join_on_below", query: students.Join("courses").
			LeftJoin("courses.students", sq.Eq{"link.grade": "A"}).Where(sq.Eq{"courses.students.link.grade": nil})},
		{name: "link_in_columns", query: students.Join("courses").Columns("courses.title", "courses.link.grade")},
		{name: "link_in_group_by", query: dovetail.Select(models.Students).Columns().Join("courses").GroupBy("courses.link.grade").
			Columns("courses.link.grade").Column("count(*) AS n")},
		{name: "behind_link_in_join", query: students.Join("courses").Where(sq.Eq{"courses.link.student.name": "Ann"}).
			OrderBy("courses.link.course.title DESC")},
		{name: "behind_link_in_left_join", query: students.LeftJoin("courses").Where("courses.link.student.name <> courses.title")},
		{name: "behind_link_joined", query: students.Join("courses.link.student", sq.Eq{"name": "Ann"})},
		{name: "behind_link_in_has", query: students.Has("courses", sq.Eq{"link.student.name": "Ann"},
			dovetail.HasNone("link.course", sq.Eq{"title": dovetail.Col("outer.title")}))},
		{name: "behind_link_along_has", query: students.HasAtLeast(2, "courses.link.student", sq.Eq{"name": "Ann"})},
		{name: "behind_link_in_preload", query: students.Preload("courses",
			courses.Where(sq.Eq{"link.student.name": "Ann"}).OrderBy("link.student.name").Limit(2))},
		{name: "behind_link_in_aggregates", query: students.With(
			dovetail.Max("courses.link.student.name").As("first_course"),
			dovetail.Max("courses.link.enrolled_on").Where(sq.Eq{"link.student.name": "Ann"}).As("latest"))},
		{name: "behind_link_preload", query: linked.Preload("courses.link.student.courses")},
		{name: "behind_link_preload_columns", query: linked.Preload("courses",
			dovetail.Select(keyed.PlainCourses).Columns("title", "link.grade").Limit(2)).Preload("courses.link.student")},
		{name: "behind_link_fetched", query: linked.Fetch("courses").Preload("courses.link.student")},
		{name: "link_in_aggregates", query: students.With(
			dovetail.Max("courses.link.enrolled_on").Where(sq.Eq{"link.grade": "A"}).As("latest"),
			dovetail.FirstOf("courses.link.grade").OrderBy("link.enrolled_on").As("first_grade"),
			dovetail.FirstOf("courses.title").OrderBy("link.enrolled_on").As("first_course"))},
	}
}

// The structs of links that are declared or named wrongly.

type errOtherLink struct {
	ID    int64
	Items []dovetail.Linked[errRelated, errKeyless]
}

type errOtherRow struct {
	ID    int64
	Items []dovetail.Linked[errKeyless, errPair]
}

type errPointersToLinked struct {
	ID    int64
	Items []*dovetail.Linked[errRelated, errPair]
}

type errLinkedWithoutTable struct {
	ID    int64
	Items []dovetail.Linked[errRelated, errPair]
}

type errSection struct{ ID, LinkID int64 }

type errPage struct{ ID int64 }

type errPlace struct{ SectionID, PageID, Rank int64 }

// errLinkRelation is a many-to-many whose related table has a relation "link" of its own.
func errLinkRelation() dovetail.Query[*errPage] {
	r := dovetail.NewRegistry()
	pages, sections := dovetail.NewTable[errPage](r, "pages"), dovetail.NewTable[errSection](r, "sections")
	places := dovetail.NewTable[errPlace](r, "places")
	dovetail.ManyToMany(pages, "sections", sections, places, dovetail.ThroughKeys("page_id", "section_id"))
	dovetail.BelongsTo(sections, "link", pages, dovetail.ForeignKey("link_id"))
	return dovetail.Select(pages)
}

// errLinkTable is a query from a table that is named link, and has a many-to-many.
func errLinkTable() dovetail.Query[*errPage] {
	r := dovetail.NewRegistry()
	pages, sections := dovetail.NewTable[errPage](r, "link"), dovetail.NewTable[errSection](r, "sections")
	places := dovetail.NewTable[errPlace](r, "places")
	dovetail.ManyToMany(pages, "sections", sections, places, dovetail.ThroughKeys("page_id", "section_id"))
	return dovetail.Select(pages)
}

func linkErrorCases() []errorCase {
	relation, column := dovetail.ErrUnknownRelation, dovetail.ErrUnknownColumn
	keys := dovetail.ThroughKeys("owner_id", "related_id")
	students, courses := dovetail.Select(models.Students), dovetail.Select(models.Courses)
	preload := func(name string, is error, q dovetail.Query[*models.Course]) errorCase {
		return failed(name, is, students.Preload("courses", q))
	}
	return []errorCase{
		fielded("field_linked_by_another_table", func(o *dovetail.Table[errOtherLink], t errTables) {
			dovetail.ManyToMany(o, "items", t.related, t.pairs, keys)
		}).saying("[]*errRelated, []errRelated or []dovetail.Linked[errRelated, errPair]"),
		fielded("field_linked_to_another_table", func(o *dovetail.Table[errOtherRow], t errTables) {
			dovetail.ManyToMany(o, "items", t.related, t.pairs, keys)
		}),
		fielded("field_pointers_to_linked", func(o *dovetail.Table[errPointersToLinked], t errTables) {
			dovetail.ManyToMany(o, "items", t.related, t.pairs, keys)
		}),
		fielded("field_linked_without_a_join_table", func(o *dovetail.Table[errLinkedWithoutTable], t errTables) {
			dovetail.HasMany(o, "items", t.related, dovetail.ForeignKey("owner_id"))
		}),
		fielded("field_linked_without_relation", func(*dovetail.Table[errLinkedWithoutTable], errTables) {}).saying("declare it"),
		failed("link_of_a_query_by_itself", relation, courses.Where(sq.Eq{"link.grade": kit.SecretText})),
		failed("link_of_a_query_by_itself_in_text", relation, courses.Where("link.grade = ?", kit.SecretText)),
		failed("link_of_a_query_by_itself_in_order", relation, courses.OrderBy("link.grade")),
		failed("link_of_a_has_many", relation, students.Has("enrollments", sq.Eq{"link.grade": kit.SecretText})),
		failed("link_of_the_preload_of_a_has_many", relation, students.Preload("enrollments",
			dovetail.Select(models.Enrollments).Where(sq.Eq{"link.grade": kit.SecretText}))),
		failed("link_is_no_path", relation, students.Has("courses.link", sq.Eq{"grade": kit.SecretText})),
		failed("link_is_not_preloaded", relation, students.Preload("courses.link")),
		failed("link_leads_nowhere", relation, students.Join("courses").Where(sq.Eq{"courses.link.curse.title": kit.SecretText})),
		failed("behind_link_to_many", relation, students.Join("courses").Where(sq.Eq{"courses.link.course.students.name": kit.SecretText})),
		failed("behind_link_without_a_place", dovetail.ErrInvalidRelation, students.Preload("courses.link.student")),
		failed("behind_link_not_fetched", dovetail.ErrUnsupported, dovetail.Select(keyed.PlainStudents).Fetch("courses.link.student")),
		preload("behind_link_in_with_of_rows", dovetail.ErrInvalidQuery, courses.With(
			dovetail.Count("link.course.students").As("n"))),
		preload("behind_link_in_order_of_distinct_rows", dovetail.ErrFanOut, courses.Distinct().OrderBy("link.student.name")),
		failed("link_is_not_counted", relation, students.With(dovetail.Count("courses.link").As("n"))),
		failed("link_of_a_path_not_joined", relation, students.Where(sq.Eq{"courses.link.grade": kit.SecretText})).
			saying(`Has("courses", …)`),
		failed("link_column_misspelt", column, students.Has("courses", sq.Eq{"link.graed": kit.SecretText})).saying(`"grade"`),
		failed("link_column_misspelt_in_aggregate", column, students.With(dovetail.Max("courses.link.graed").As("n"))).
			saying(`"grade"`),
		preload("link_column_misspelt_in_preload", column, courses.Where("link.graed = ?", kit.SecretText)).saying(`"grade"`),
		failed("link_value_of_another_kind", dovetail.ErrArgType, students.Has("courses", sq.Eq{"link.grade": kit.SecretNumber})),
		preload("link_in_columns_of_rows", dovetail.ErrInvalidQuery, courses.Columns("title", "link.grade")),
		preload("link_in_column_of_rows", dovetail.ErrInvalidQuery, courses.Column("upper(link.grade) AS n")),
		preload("link_in_with_of_rows", dovetail.ErrInvalidQuery, courses.With(
			dovetail.Count("students").Where("link.grade < courses.link.grade").As("n"))),
		preload("link_in_order_of_distinct_rows", dovetail.ErrFanOut, courses.Distinct().OrderBy("link.grade")),
		failed("link_in_order_of_distinct_join", dovetail.ErrFanOut,
			students.Join("courses").Distinct().OrderBy("courses.link.grade")).saying(`Has("courses", …)`),
		failed("link_under_a_limit", dovetail.ErrFanOut, students.Join("courses").OrderBy("courses.link.grade").Limit(1)),
		failed("ambiguous_link_relation", dovetail.ErrAmbiguous,
			errLinkRelation().Has("sections", sq.Eq{"link.rank": kit.SecretNumber})).saying("rename the relation"),
		failed("ambiguous_link_relation_joined", dovetail.ErrAmbiguous,
			errLinkRelation().Join("sections.link").Where("sections.link.id = ?", kit.SecretNumber)),
		failed("ambiguous_link_relation_in_aggregate", dovetail.ErrAmbiguous,
			errLinkRelation().With(dovetail.Max("sections.link.id").As("n"))),
		failed("ambiguous_link_table", dovetail.ErrAmbiguous,
			errLinkTable().Has("sections", sq.Expr("link.rank > link.id"))).saying(`"self.link.rank"`, `"outer.rank"`),
	}
}
