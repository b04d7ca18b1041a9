package relations_test

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// The relations of the readings' examples: tables whose names are reserved words, rows held by value, and a join table
// with columns of its own.

func byName[R any](rows []*R, name func(*R) string) []kit.Node {
	if rows == nil {
		return nil
	}
	return kit.Pluck(rows, func(r *R) kit.Node { return kit.Node{Name: name(r), Row: r} })
}

// optional returns the node of a to-one field.
func optional[R any](row *R, name func(*R) string) []kit.Node {
	if row == nil {
		return []kit.Node{}
	}
	return []kit.Node{{Name: name(row), Row: row}}
}

// valueAuthor returns the author that a post holds by value.
func valueAuthor(p *models.Post) []kit.Node {
	if p.Author.ID == 0 {
		return []kit.Node{}
	}
	return []kit.Node{{Name: p.Author.Name, Row: &p.Author}}
}

func readingsCases() []kit.Case {
	return slices.Concat(userCases(), tagCases(), studentCases(), categoryCases(), lineCases())
}

// userCases relate the tables "user" and posts twice: a post has an author, by value, and perhaps an editor.
func userCases() []kit.Case {
	return slices.Concat(
		confRelation[models.User]{
			name: "value slice", table: models.Users, path: "posts", inverse: "author", relatedLabel: "title", free: true, values: true,
			want: []confKin{{"ann", []string{"Joins", "Keys"}}, {"bea", []string{"Nulls"}}, {"cyd", nil}},
			get:  models.ValuePosts,
			back: func(r any) []kit.Node { return valueAuthor(r.(*models.Post)) },
		}.cases(),
		confRelation[models.Post]{
			name: "value to-one", table: models.Posts, path: "author", inverse: "posts", label: "title", values: true,
			want: []confKin{{"Joins", []string{"ann"}}, {"Keys", []string{"ann"}}, {"Nulls", []string{"bea"}}},
			get:  valueAuthor,
			back: func(r any) []kit.Node { return models.ValuePosts(r.(*models.User)) },
		}.cases(),
		confRelation[models.Post]{
			name: "second relation to a table", table: models.Posts, path: "editor", inverse: "edited", label: "title",
			want: []confKin{{"Joins", []string{"bea"}}, {"Keys", nil}, {"Nulls", []string{"ann"}}},
			get:  func(p *models.Post) []kit.Node { return optional(p.Editor, models.UserName) },
			back: func(r any) []kit.Node { return byName(r.(*models.User).Edited, models.PostTitle) },
		}.cases(),
		confRelation[models.User]{
			name: "second relation from a table", table: models.Users, path: "edited", inverse: "editor",
			relatedLabel: "title", free: true,
			want: []confKin{{"ann", []string{"Nulls"}}, {"bea", []string{"Joins"}}, {"cyd", nil}},
			get:  func(u *models.User) []kit.Node { return byName(u.Edited, models.PostTitle) },
			back: func(r any) []kit.Node { return optional(r.(*models.Post).Editor, models.UserName) },
		}.cases(),
	)
}

func tagCases() []kit.Case {
	return slices.Concat(
		confRelation[models.Post]{
			name: "tags of posts", table: models.Posts, path: "tags", inverse: "posts", label: "title",
			want: []confKin{{"Joins", []string{"go", "sql"}}, {"Keys", []string{"sql"}}, {"Nulls", nil}},
			get:  func(p *models.Post) []kit.Node { return byName(p.Tags, models.TagName) },
			back: func(r any) []kit.Node { return byName(r.(*models.Tag).Posts, models.PostTitle) },
		}.cases(),
		confRelation[models.Tag]{
			name: "posts of tags", table: models.Tags, path: "posts", inverse: "tags", relatedLabel: "title",
			want: []confKin{{"go", []string{"Joins"}}, {"sql", []string{"Joins", "Keys"}}, {"unused", nil}},
			get:  func(g *models.Tag) []kit.Node { return byName(g.Posts, models.PostTitle) },
			back: func(r any) []kit.Node { return byName(r.(*models.Post).Tags, models.TagName) },
		}.cases(),
	)
}

func studentCases() []kit.Case {
	return slices.Concat(
		confRelation[models.Student]{
			name: "link with columns", table: models.Students, path: "courses", inverse: "students", relatedLabel: "title",
			want: []confKin{{"Ada", []string{"Algebra", "Botany"}}, {"Ben", []string{"Algebra"}}, {"Cleo", nil}},
			get:  func(s *models.Student) []kit.Node { return byName(s.Courses, models.CourseTitle) },
			back: func(r any) []kit.Node { return byName(r.(*models.Course).Students, models.StudentName) },
		}.cases(),
		confRelation[models.Course]{
			name: "link with columns inverse", table: models.Courses, path: "students", inverse: "courses", label: "title",
			want: []confKin{{"Algebra", []string{"Ada", "Ben"}}, {"Botany", []string{"Ada"}}, {"Chess", nil}},
			get:  func(c *models.Course) []kit.Node { return byName(c.Students, models.StudentName) },
			back: func(r any) []kit.Node { return byName(r.(*models.Student).Courses, models.CourseTitle) },
		}.cases(),
	)
}

func categoryCases() []kit.Case {
	return slices.Concat(
		confRelation[models.Category]{
			name: "tree down", table: models.Categories, path: "subcategories", inverse: "parent", free: true,
			want: []confKin{
				{"things", []string{"tools", "toys"}}, {"tools", []string{"hammers"}}, {"toys", nil},
				{"hammers", []string{"mallets"}}, {"mallets", nil},
			},
			get:  func(c *models.Category) []kit.Node { return byName(c.Subcategories, models.CategoryName) },
			back: func(r any) []kit.Node { return optional(r.(*models.Category).Parent, models.CategoryName) },
		}.cases(),
		confRelation[models.Category]{
			name: "tree up", table: models.Categories, path: "parent", inverse: "subcategories",
			want: []confKin{
				{"things", nil}, {"tools", []string{"things"}}, {"toys", []string{"things"}},
				{"hammers", []string{"tools"}}, {"mallets", []string{"hammers"}},
			},
			get:  func(c *models.Category) []kit.Node { return optional(c.Parent, models.CategoryName) },
			back: func(r any) []kit.Node { return byName(r.(*models.Category).Subcategories, models.CategoryName) },
		}.cases(),
	)
}

// lineCases relate three columns, text among them, to one.
func lineCases() []kit.Case {
	key := []string{"warehouse", "number", "line"}
	return slices.Concat(
		confRelation[models.OrderLine]{
			name: "composite to single", table: models.OrderLines, path: "labels", inverse: "lines",
			label: "item", relatedLabel: "text",
			order: key, lookups: 1, // the other side's keys are integers
			want: []confKin{{"nails", []string{"heavy"}}, {"glue", []string{"fragile", "heavy"}}, {"rope", []string{"heavy"}}},
			get:  func(l *models.OrderLine) []kit.Node { return byName(l.Labels, models.LabelText) },
			back: func(r any) []kit.Node { return byName(r.(*models.Label).Lines, models.LineItem) },
		}.cases(),
		confRelation[models.Label]{
			name: "single to composite", table: models.Labels, path: "lines", inverse: "labels", label: "text", relatedLabel: "item",
			relatedOrder: key, backLookups: 1,
			want: []confKin{{"fragile", []string{"glue"}}, {"heavy", []string{"nails", "glue", "rope"}}},
			get:  func(l *models.Label) []kit.Node { return byName(l.Lines, models.LineItem) },
			back: func(r any) []kit.Node { return byName(r.(*models.OrderLine).Labels, models.LabelText) },
		}.cases(),
	)
}
