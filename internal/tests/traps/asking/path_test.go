package asking_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Section B: paths along relations.

// pathEntries are the places where a query takes a path of relations, each given one that starts at accounts.
func pathEntries() map[string]func(path string) dovetail.Query[*models.Account] {
	all := dovetail.Select(models.Accounts)
	return map[string]func(path string) dovetail.Query[*models.Account]{
		"Join":          func(p string) dovetail.Query[*models.Account] { return all.Join(p) },
		"LeftJoin":      func(p string) dovetail.Query[*models.Account] { return all.LeftJoin(p) },
		"Has":           func(p string) dovetail.Query[*models.Account] { return all.Has(p) },
		"HasNone":       func(p string) dovetail.Query[*models.Account] { return all.HasNone(p) },
		"Has in Or":     func(p string) dovetail.Query[*models.Account] { return all.Where(squirrel.Or{dovetail.Has(p)}) },
		"HasNone in Or": func(p string) dovetail.Query[*models.Account] { return all.Where(squirrel.Or{dovetail.HasNone(p)}) },
		"Preload":       func(p string) dovetail.Query[*models.Account] { return all.Preload(p) },
	}
}

// columnEntries are the places where a query takes a path with a column at its end.
func columnEntries() map[string]func(name string) dovetail.Query[*models.Account] {
	all := dovetail.Select(models.Accounts)
	return map[string]func(name string) dovetail.Query[*models.Account]{
		"Where":    func(n string) dovetail.Query[*models.Account] { return all.Where(squirrel.Eq{n: nil}) },
		"OrderBy":  func(n string) dovetail.Query[*models.Account] { return all.OrderBy(n) },
		"Columns":  func(n string) dovetail.Query[*models.Account] { return all.Columns(n) },
		"GroupBy":  func(n string) dovetail.Query[*models.Account] { return all.GroupBy(n) },
		"Contains": func(n string) dovetail.Query[*models.Account] { return all.Where(dovetail.Contains(n, "x")) },
		"Having":   func(n string) dovetail.Query[*models.Account] { return all.GroupBy("id").Having(squirrel.Eq{n: nil}) },
		"Join": func(n string) dovetail.Query[*models.Account] {
			return all.Join("activities", squirrel.Eq{"account." + n: nil})
		},
	}
}

func TestTrap_B1_NamesTheRelationThatWasMeant(t *testing.T) {
	t.Parallel()
	// The table's name stands where the traps have the struct's.
	words := []string{`table "accounts" has no relation "activites"`, `did you mean "activities"?`}
	for name, entry := range pathEntries() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := entry("activites")
			_, err := q.All(t.Context(), kit.Silent{TB: t})
			kit.Refused(t, err, dovetail.ErrUnknownRelation, words...)
			if name != "Preload" { // which Count leaves out
				_, err = q.Count(t.Context(), kit.Silent{TB: t})
				kit.Refused(t, err, dovetail.ErrUnknownRelation, words...)
			}
			_, err = q.Explain(sqlite.Dialect)
			kit.Refused(t, err, dovetail.ErrUnknownRelation, words...)
		})
	}
	for name, entry := range columnEntries() {
		t.Run("column in "+name, func(t *testing.T) {
			t.Parallel()
			_, err := entry("activites.amount").All(t.Context(), kit.Silent{TB: t})
			kit.Refused(t, err, dovetail.ErrUnknownRelation, words...)
		})
	}
	t.Run("Load", func(t *testing.T) {
		t.Parallel()
		err := dovetail.Load(t.Context(), kit.Silent{TB: t}, models.Accounts, []*models.Account{{ID: 1}}, "activites")
		kit.Refused(t, err, dovetail.ErrUnknownRelation, words...)
	})
	t.Run("nothing near", func(t *testing.T) {
		t.Parallel()
		err := kit.StatementError(dovetail.Select(models.Users).Join("zebras"))
		kit.Refused(t, err, dovetail.ErrUnknownRelation, `"zebras"`, `declared: "profile", "posts", "edited"`)
	})
}

func TestTrap_B2_NamesTheSegmentThatFails(t *testing.T) {
	t.Parallel()
	// STYLE's words: the whole path, and the table at which it cannot go on, instead of a position.
	words := []string{`path "activities.acount"`, `table "activity" has no relation "acount"`, `did you mean "account"?`}
	for name, entry := range pathEntries() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := entry("activities.acount").All(t.Context(), kit.Silent{TB: t})
			kit.Refused(t, err, dovetail.ErrUnknownRelation, words...)
		})
	}
	t.Run("Load", func(t *testing.T) {
		t.Parallel()
		account := &models.Account{ID: 1}
		err := dovetail.Load(t.Context(), kit.Silent{TB: t}, models.Accounts, []*models.Account{account}, "activities.acount")
		kit.Refused(t, err, dovetail.ErrUnknownRelation, words...)
		if account.Activities != nil {
			t.Errorf("expected nothing loaded, got %v", account.Activities)
		}
	})
	t.Run("in the query of a preload", func(t *testing.T) {
		t.Parallel()
		q := dovetail.Select(models.Accounts).Preload("activities", dovetail.Select(models.Activities).Preload("acount"))
		_, err := q.All(t.Context(), kit.Silent{TB: t})
		kit.Refused(t, err, dovetail.ErrUnknownRelation, `table "activity" has no relation "acount"`, "activities")
	})
}

func TestTrap_B3_RefusesPathsThatAreNone(t *testing.T) {
	t.Parallel()
	endless := strings.Repeat("activities.account.", 5000)
	cases := []struct {
		name, path string
		words      []string // of the error for a path of relations
	}{
		{"empty", "", []string{"the path is empty"}},
		{"a dot", ".", []string{`"."`, "empty segment at 1"}},
		{"an empty segment", "activities..account", []string{"empty segment at 2"}},
		{"a dot at the end", "activities.", []string{"empty segment at 2"}},
		{"a dot at the start", ".activities", []string{"empty segment at 1"}},
		{"a space before", " activities", []string{`" activities"`, `did you mean "activities"?`}},
		{"a space inside", "activities. account", []string{`" account"`}},
		{"a zero byte", "activities\x00", []string{`"activities\x00"`}},
		{"a quote", `activities"`, []string{`"activities\""`}},
		{"17 relations", strings.Repeat("activities.account.", 8) + "activities", []string{"17 relations", "16 allowed"}},
		{"10,000 relations", strings.TrimSuffix(endless, "."), []string{"10000 relations", "16 allowed"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for name, entry := range pathEntries() {
				_, err := entry(c.path).All(t.Context(), kit.Silent{TB: t})
				kit.Refused(t, err, dovetail.ErrUnknownRelation, c.words...)
				checkLength(t, name, err)
			}
			for name, entry := range columnEntries() {
				_, err := entry(c.path+".amount").All(t.Context(), kit.Silent{TB: t})
				if err == nil {
					t.Errorf("%s: expected an error", name)
				}
				checkLength(t, name, err)
			}
			err := dovetail.Load(t.Context(), kit.Silent{TB: t}, models.Accounts, []*models.Account{{}}, c.path)
			kit.Refused(t, err, dovetail.ErrUnknownRelation, c.words...)
		})
	}
	t.Run("16 relations", func(t *testing.T) {
		t.Parallel()
		sql, _ := kit.StatementOf(t, dovetail.Select(models.Accounts).Join(strings.Repeat("activities.account.", 7)+"activities.account"))
		if n := strings.Count(sql, " JOIN "); n != 16 {
			t.Errorf("expected 16 joins, got %d", n)
		}
	})
}

// checkLength fails the test for an error that repeats what nobody can read, or says it unreadably.
func checkLength(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if text := err.Error(); len(text) > 1000 || strings.ContainsAny(text, "\x00\n") {
		t.Errorf("%s: expected a short line, got %d bytes: %.200q", what, len(text), text)
	}
}

func TestTrap_B4_SaysThatAColumnIsNoRelation(t *testing.T) {
	t.Parallel()
	const want = `"owner" is a column of table "accounts", not a relation`
	for name, entry := range pathEntries() {
		for _, path := range []string{"owner", "owner.x"} {
			t.Run(name+" "+path, func(t *testing.T) {
				t.Parallel()
				_, err := entry(path).All(t.Context(), kit.Silent{TB: t})
				kit.Refused(t, err, dovetail.ErrUnknownRelation, want)
			})
		}
	}
	for name, entry := range columnEntries() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kit.Refused(t, kit.StatementError(entry("owner.x")), dovetail.ErrUnknownRelation, want)
		})
	}
	err := kit.StatementError(dovetail.Select(models.Accounts).Columns("activities"))
	kit.Refused(t, err, dovetail.ErrUnknownColumn, `"activities" is a relation, not a column`)
}

func TestTrap_B5_JoinsAPathOnce(t *testing.T) {
	t.Parallel()
	all := dovetail.Select(models.Students)
	a := squirrel.Eq{"grade": "A"}
	cases := []struct {
		name  string
		q     dovetail.Query[*models.Student]
		joins int
		left  int // how many of them are left joins
		rows  []string
	}{
		{"twice", all.Join("enrollments").Join("enrollments"), 1, 0, []string{"Ada", "Ada", "Ben"}},
		{"a prefix after", all.Join("enrollments.course").Join("enrollments"), 2, 0, []string{"Ada", "Ada", "Ben"}},
		{"a prefix before", all.Join("enrollments").Join("enrollments.course"), 2, 0, []string{"Ada", "Ada", "Ben"}},
		{"left twice", all.LeftJoin("enrollments").LeftJoin("enrollments"), 1, 1, []string{"Ada", "Ada", "Ben", "Cleo"}},
		{"left and inner", all.LeftJoin("enrollments").Join("enrollments"), 1, 0, []string{"Ada", "Ada", "Ben"}},
		{"inner and left", all.Join("enrollments").LeftJoin("enrollments"), 1, 0, []string{"Ada", "Ada", "Ben"}},
		{"inner below left", all.LeftJoin("enrollments").Join("enrollments.course"), 2, 1, []string{"Ada", "Ada", "Ben"}},
		{"both conditions", all.Join("enrollments", a).Join("enrollments", squirrel.Gt{"course_id": 1}), 1, 0, nil},
		{"named once joined", all.Join("enrollments").Where(squirrel.Eq{"enrollments.course.title": "Botany"}), 2, 0,
			[]string{"Ada"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sql, _ := kit.StatementOf(t, c.q)
			joins, left := strings.Count(sql, " JOIN "), strings.Count(sql, " LEFT JOIN ")
			if joins != c.joins || left != c.left {
				t.Errorf("expected %d joins, %d of them left, got %s", c.joins, c.left, sql)
			}
		})
	}
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for _, c := range cases {
			rows := kit.All(t, d.DB, c.q.OrderBy("id"))
			kit.Same(t, c.name, kit.Pluck(rows, func(s *models.Student) string { return s.Name }), c.rows...)
		}
	})
}

func TestTrap_B6_KeepsTwoPathsToOneTableApart(t *testing.T) {
	t.Parallel()
	both := dovetail.Select(models.Posts).Join("author").Join("editor")
	sql, _ := kit.StatementOf(t, both)
	for _, want := range []string{
		`JOIN "user" AS "author" ON "author"."id" = "posts"."author_id"`,
		`JOIN "user" AS "editor" ON "editor"."id" = "posts"."editor_id"`,
	} {
		if !strings.Contains(sql, want) {
			t.Errorf("expected %s in %s", want, sql)
		}
	}
	kit.Refused(t, kit.StatementError(both.Where(squirrel.Eq{"name": "ann"})),
		dovetail.ErrUnknownColumn, `"posts" has no column "name"`)
	kit.Refused(t, kit.StatementError(both.Where(squirrel.Eq{"user.name": "ann"})),
		dovetail.ErrUnknownRelation, `"posts" has no relation "user"`, `"author"`)
	left := dovetail.Select(models.Posts).LeftJoin("author").LeftJoin("editor").OrderBy("id")
	cases := []struct {
		name string
		q    dovetail.Query[*models.Post]
		want []string
	}{
		{"by the author", left.Where(squirrel.Eq{"author.name": "ann"}), []string{"Joins", "Keys"}},
		{"by the editor", left.Where(squirrel.Eq{"editor.name": "ann"}), []string{"Nulls"}},
		{"by both", left.Where("author.name < editor.name"), []string{"Joins"}},
		{"by neither", left.Where(squirrel.Eq{"editor.id": nil}), []string{"Keys"}},
		{"by both in turn", left.Where(squirrel.Or{squirrel.Eq{"author.name": "bea"}, squirrel.Eq{"editor.name": "bea"}}),
			[]string{"Joins", "Nulls"}},
	}
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for _, c := range cases {
			rows := kit.All(t, d.DB, c.q.Preload("author").Preload("editor"))
			kit.Same(t, c.name, kit.Pluck(rows, func(p *models.Post) string { return p.Title }), c.want...)
			for _, p := range rows {
				edited := p.Editor != nil && p.EditorID != nil && p.Editor.ID == *p.EditorID
				if p.Author.ID != p.AuthorID || edited != (p.EditorID != nil) {
					t.Errorf("%s: expected each end in its own field, got %+v", c.name, p)
				}
			}
		}
	})
}

func TestTrap_B7_BareColumnsAreTheRoots(t *testing.T) {
	t.Parallel()
	// Both tables have the columns id and created_at. In SQL text a bare name is the caller's (DESIGN.md 3.2): the
	// database refuses one that several tables have.
	joined := dovetail.Select(models.Accounts).Join("activities")
	cases := []struct {
		name string
		q    dovetail.Query[*models.Account]
		want []int64
	}{
		{"a map", joined.Where(squirrel.Eq{"id": 1}), []int64{1, 1, 1}},
		{"a list", joined.Where(squirrel.Eq{"id": []int{2, 3}}).OrderBy("id"), []int64{2, 3, 3}},
		{"an order", joined.OrderBy("created_at DESC"), []int64{3, 3, 2, 1, 1, 1}},
		{"a path", joined.Where(squirrel.Eq{"activities.id": 4}), []int64{2}},
		{"text with the root's name", joined.Where("accounts.id = ?", 2), []int64{2}},
		{"the condition of a join", dovetail.Select(models.Accounts).Join("activities", squirrel.Eq{"id": 4}), []int64{2}},
		{"the condition of Has", dovetail.Select(models.Accounts).Has("activities", squirrel.Eq{"id": 4}), []int64{2}},
	}
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for _, c := range cases {
			kit.Same(t, c.name, kit.Pluck(kit.All(t, d.DB, c.q), func(a *models.Account) int64 { return a.ID }), c.want...)
		}
		rows, err := joined.Where("id = ?", 1).All(t.Context(), d.DB)
		var failed *dovetail.QueryError
		if !errors.As(err, &failed) || !strings.Contains(err.Error(), "ambiguous") || rows != nil {
			t.Errorf("expected the database to call the name ambiguous, got %v and %d rows", err, len(rows))
		}
	})
}
