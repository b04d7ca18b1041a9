package dovetail_test

import "slices"

// The relations of the readings' examples: tables whose names are reserved words, rows held by value, and a link table
// with columns of its own.

func byName[R any](rows []*R, name func(*R) string) []confNode {
	if rows == nil {
		return nil
	}
	return confPluck(rows, func(r *R) confNode { return confNode{name(r), r} })
}

// optional returns the node of a to-one field.
func optional[R any](row *R, name func(*R) string) []confNode {
	if row == nil {
		return []confNode{}
	}
	return []confNode{{name(row), row}}
}

func userName(u *User) string         { return u.Name }
func postTitle(p *Post) string        { return p.Title }
func tagName(g *Tag) string           { return g.Name }
func studentName(s *Student) string   { return s.Name }
func courseTitle(c *Course) string    { return c.Title }
func categoryName(c *Category) string { return c.Name }
func lineItem(l *OrderLine) string    { return l.Item }
func labelText(l *Label) string       { return l.Text }

// valuePosts returns the posts that a user holds by value.
func valuePosts(u *User) []confNode {
	if u.Posts == nil {
		return nil
	}
	nodes := []confNode{}
	for i := range u.Posts {
		nodes = append(nodes, confNode{u.Posts[i].Title, &u.Posts[i]})
	}
	return nodes
}

// valueAuthor returns the author that a post holds by value.
func valueAuthor(p *Post) []confNode {
	if p.Author.ID == 0 {
		return []confNode{}
	}
	return []confNode{{p.Author.Name, &p.Author}}
}

func readingsCases() []conformanceCase {
	return slices.Concat(userCases(), tagCases(), studentCases(), categoryCases(), lineCases())
}

// userCases relate the tables "user" and posts twice: a post has an author, by value, and perhaps an editor.
func userCases() []conformanceCase {
	return slices.Concat(
		confRelation[User]{
			name: "value slice", table: Users, path: "posts", inverse: "author", relatedLabel: "title", free: true, values: true,
			want: []confKin{{"ann", []string{"Joins", "Keys"}}, {"bea", []string{"Nulls"}}, {"cyd", nil}},
			get:  valuePosts,
			back: func(r any) []confNode { return valueAuthor(r.(*Post)) },
		}.cases(),
		confRelation[Post]{
			name: "value to-one", table: Posts, path: "author", inverse: "posts", label: "title", values: true,
			want: []confKin{{"Joins", []string{"ann"}}, {"Keys", []string{"ann"}}, {"Nulls", []string{"bea"}}},
			get:  valueAuthor,
			back: func(r any) []confNode { return valuePosts(r.(*User)) },
		}.cases(),
		confRelation[Post]{
			name: "second relation to a table", table: Posts, path: "editor", inverse: "edited", label: "title",
			want: []confKin{{"Joins", []string{"bea"}}, {"Keys", nil}, {"Nulls", []string{"ann"}}},
			get:  func(p *Post) []confNode { return optional(p.Editor, userName) },
			back: func(r any) []confNode { return byName(r.(*User).Edited, postTitle) },
		}.cases(),
		confRelation[User]{
			name: "second relation from a table", table: Users, path: "edited", inverse: "editor",
			relatedLabel: "title", free: true,
			want: []confKin{{"ann", []string{"Nulls"}}, {"bea", []string{"Joins"}}, {"cyd", nil}},
			get:  func(u *User) []confNode { return byName(u.Edited, postTitle) },
			back: func(r any) []confNode { return optional(r.(*Post).Editor, userName) },
		}.cases(),
	)
}

func tagCases() []conformanceCase {
	return slices.Concat(
		confRelation[Post]{
			name: "tags of posts", table: Posts, path: "tags", inverse: "posts", label: "title",
			want: []confKin{{"Joins", []string{"go", "sql"}}, {"Keys", []string{"sql"}}, {"Nulls", nil}},
			get:  func(p *Post) []confNode { return byName(p.Tags, tagName) },
			back: func(r any) []confNode { return byName(r.(*Tag).Posts, postTitle) },
		}.cases(),
		confRelation[Tag]{
			name: "posts of tags", table: Tags, path: "posts", inverse: "tags", relatedLabel: "title",
			want: []confKin{{"go", []string{"Joins"}}, {"sql", []string{"Joins", "Keys"}}, {"unused", nil}},
			get:  func(g *Tag) []confNode { return byName(g.Posts, postTitle) },
			back: func(r any) []confNode { return byName(r.(*Post).Tags, tagName) },
		}.cases(),
	)
}

func studentCases() []conformanceCase {
	return slices.Concat(
		confRelation[Student]{
			name: "link with columns", table: Students, path: "courses", inverse: "students", relatedLabel: "title",
			want: []confKin{{"Ada", []string{"Algebra", "Botany"}}, {"Ben", []string{"Algebra"}}, {"Cleo", nil}},
			get:  func(s *Student) []confNode { return byName(s.Courses, courseTitle) },
			back: func(r any) []confNode { return byName(r.(*Course).Students, studentName) },
		}.cases(),
		confRelation[Course]{
			name: "link with columns inverse", table: Courses, path: "students", inverse: "courses", label: "title",
			want: []confKin{{"Algebra", []string{"Ada", "Ben"}}, {"Botany", []string{"Ada"}}, {"Chess", nil}},
			get:  func(c *Course) []confNode { return byName(c.Students, studentName) },
			back: func(r any) []confNode { return byName(r.(*Student).Courses, courseTitle) },
		}.cases(),
	)
}

func categoryCases() []conformanceCase {
	return slices.Concat(
		confRelation[Category]{
			name: "tree down", table: Categories, path: "subcategories", inverse: "parent", free: true,
			want: []confKin{
				{"things", []string{"tools", "toys"}}, {"tools", []string{"hammers"}}, {"toys", nil},
				{"hammers", []string{"mallets"}}, {"mallets", nil},
			},
			get:  func(c *Category) []confNode { return byName(c.Subcategories, categoryName) },
			back: func(r any) []confNode { return optional(r.(*Category).Parent, categoryName) },
		}.cases(),
		confRelation[Category]{
			name: "tree up", table: Categories, path: "parent", inverse: "subcategories",
			want: []confKin{
				{"things", nil}, {"tools", []string{"things"}}, {"toys", []string{"things"}},
				{"hammers", []string{"tools"}}, {"mallets", []string{"hammers"}},
			},
			get:  func(c *Category) []confNode { return optional(c.Parent, categoryName) },
			back: func(r any) []confNode { return byName(r.(*Category).Subcategories, categoryName) },
		}.cases(),
	)
}

// lineCases relate three columns, text among them, to one.
func lineCases() []conformanceCase {
	key := []string{"warehouse", "number", "line"}
	return slices.Concat(
		confRelation[OrderLine]{
			name: "composite to single", table: OrderLines, path: "labels", inverse: "lines",
			label: "item", relatedLabel: "text",
			order: key, lookups: 1, // the other side's keys are integers
			want: []confKin{{"nails", []string{"heavy"}}, {"glue", []string{"fragile", "heavy"}}, {"rope", []string{"heavy"}}},
			get:  func(l *OrderLine) []confNode { return byName(l.Labels, labelText) },
			back: func(r any) []confNode { return byName(r.(*Label).Lines, lineItem) },
		}.cases(),
		confRelation[Label]{
			name: "single to composite", table: Labels, path: "lines", inverse: "labels", label: "text", relatedLabel: "item",
			relatedOrder: key, backLookups: 1,
			want: []confKin{{"fragile", []string{"glue"}}, {"heavy", []string{"nails", "glue", "rope"}}},
			get:  func(l *Label) []confNode { return byName(l.Lines, lineItem) },
			back: func(r any) []confNode { return byName(r.(*OrderLine).Labels, labelText) },
		}.cases(),
	)
}
