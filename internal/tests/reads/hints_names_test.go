package reads_test

import (
	"errors"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type hintPerson struct {
	ID     int64
	First  string `db:"first name"`
	Max    int64  `db:"Max Size"`
	Mixed  int64  `db:"Mixed"`
	BossID *int64
	Boss   *hintPerson
	Team   []*hintPerson
}

// TestErrorsOfNamesSayWhatIsMeant are names with capital letters, blanks and quotes, and those of rows that are not joined.
func TestErrorsOfNamesSayWhatIsMeant(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	people := dovetail.NewTable[hintPerson](r, "hint_people")
	dovetail.BelongsTo(people, "boss", people, dovetail.ForeignKey("boss_id"))
	dovetail.HasMany(people, "team", people, dovetail.ForeignKey("boss_id"))
	sel := dovetail.Select(people)
	tests := map[string]struct {
		query    dovetail.Query[*hintPerson]
		says     []string
		silent   string
		postgres bool
	}{
		"a bare word with capital letters": {sel.Where("Mixed = ?", 1), []string{`write "self.Mixed" for the column`, `"boss.Mixed"`}, "boss.mixed", true},
		"a misspelled name with a blank":   {sel.OrderBy("frist name DESC"), []string{`did you mean "first name"`}, "OrderByClause", false},
		"that of a related row":            {sel.OrderBy("boss.frist name"), []string{`did you mean "first name"`}, "OrderByClause", false},
		"a name in quotes":                 {sel.OrderBy(`"first name" DESC`), []string{`write "first name" without`}, "OrderByClause", false},
		"an expression":                    {sel.OrderBy("max id plus one"), []string{"OrderByClause"}, "did you mean", false},
		"words behind AS":                  {sel.Columns("Mixed AS my value"), []string{"in quotes behind AS"}, "has no column", false},
		"an optional row in ON":            {sel.Join("team", sq.Eq{"outer.boss.id": 1}), []string{`LeftJoin("boss")`, `Join("boss")`}, "", false},
		"a row behind a left join":         {sel.LeftJoin("team", sq.Eq{"boss.id": 1}), []string{"Has", "leave out"}, "put the condition into Where", false},
		"a row behind a join":              {sel.Join("team", sq.Eq{"boss.id": 1}), []string{"put the condition into Where"}, "leave out", false},
	}
	counted := sel.With(dovetail.Count("team").As("total"))
	for name, test := range map[string]struct {
		query dovetail.Query[*hintPerson]
		meant string
	}{
		"self":                    {sel.Where(sq.Eq{"slf.id": 1}), "self"},
		"outer":                   {sel.Has("team", sq.Eq{"outr.id": 1}), "outer"},
		"the table":               {sel.Where(sq.Eq{"hint_poeple.id": 1}), "hint_people"},
		"the table, in an order":  {sel.OrderBy("hint_poeple.id"), "hint_people"},
		"the path that was given": {sel.Has("team", sq.Eq{"teem.id": 1}), "team"},
		"behind self":             {sel.Where(sq.Eq{"self.frist name": 1}), "first name"},
		"a relation behind self":  {sel.Where(sq.Eq{"self.bos.first name": 1}), "boss"},
		"a relation behind outer": {sel.Has("team", sq.Eq{"outer.bos.id": 1}), "boss"},
		"a value":                 {counted.OrderBy("totl DESC"), "total"},
		"a value, in Where":       {counted.Where(sq.Gt{"totl": 1}), "total"},
		"an expression's name":    {sel.Column(`upper("first name") AS loud`).OrderBy("luod"), "loud"},
		"a bare word":             {sel.Where("boss_idd = 1"), "boss_id"},
		"a bare word in Has":      {sel.Has("team", sq.Expr("boss_idd = 1")), "boss_id"},
		"a row of SQL text":       {sel.Where("bos.id = 1"), "boss"},
		"self, in SQL text":       {sel.Where("slf.id = 1"), "self"},
		"outer, in SQL text":      {sel.Has("team", sq.Expr("outr.id = 1")), "outer"},
	} {
		tests["near "+name] = struct {
			query    dovetail.Query[*hintPerson]
			says     []string
			silent   string
			postgres bool
		}{test.query, []string{`did you mean "` + test.meant + `"?`}, "", false}
	}
	kit.OnEach(t, `CREATE TABLE hint_people (id bigint PRIMARY KEY, "first name" text NOT NULL, "Max Size" bigint NOT NULL, "Mixed" bigint NOT NULL, boss_id bigint)`,
		func(t *testing.T, d kit.Database) {
			for name, test := range tests {
				if test.postgres && !d.Postgres() {
					continue
				}
				_, err := test.query.All(t.Context(), d.DB)
				if err == nil || errors.Is(err, dovetail.ErrArgType) {
					t.Errorf("%s: expected an error of the name, got %v", name, err)
					continue
				}
				for _, says := range test.says {
					if !strings.Contains(err.Error(), says) {
						t.Errorf("%s: expected %q in the error, got %v", name, says, err)
					}
				}
				if test.silent != "" && strings.Contains(err.Error(), test.silent) {
					t.Errorf("%s: expected no %q in the error, got %v", name, test.silent, err)
				}
			}
		})
}
