package conformance_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// predicateCase is a condition and the notes it holds for.
type predicateCase struct {
	name string
	pred any
	args []any
	want []int64
}

// predicateCases runs every condition in Where, negated by an empty Or beside it, inside an And, and in Has.
func predicateCases() []kit.Case {
	var cases []kit.Case
	for _, c := range append(comparisonPredicates(), append(listPredicates(), textPredicates()...)...) {
		cases = append(cases, kit.Case{Name: "predicate/" + c.name, Run: c.test})
	}
	return append(cases,
		kit.Case{Name: "predicate/several are kept apart", Run: testPredicatesApart},
		kit.Case{Name: "predicate/values of named types", Run: testPredicateNamedTypes},
		kit.Case{Name: "predicate/a map that changes later", Run: testPredicateMapChanges},
		kit.Case{Name: "predicate/JSON operators", Run: testPredicateJSON},
	)
}

func (c predicateCase) test(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.notes).OrderBy("id")
	kit.Same(t, "where", noteRows(t, rec, q.Where(c.pred, c.args...)), c.want...)
	var later []int64
	for _, id := range c.want {
		if id > 2 {
			later = append(later, id)
		}
	}
	kit.Same(t, "after another", noteRows(t, rec, q.Where(squirrel.Gt{"id": 2}).Where(c.pred, c.args...)), later...)
	pred, ok := c.pred.(squirrel.Sqlizer)
	if !ok {
		pred = squirrel.Expr(c.pred.(string), c.args...)
	}
	kit.Same(t, "in an And", noteRows(t, rec, q.Where(squirrel.And{squirrel.Gt{"id": 2}, pred})), later...)
	kit.Same(t, "in an Or", noteRows(t, rec, q.Where(squirrel.Or{squirrel.Lt{"id": 0}, pred})), c.want...)
	count, err := q.Where(pred).Count(t.Context(), rec)
	if err != nil || count != int64(len(c.want)) {
		t.Errorf("count: expected %d, got %d, %v", len(c.want), count, err)
	}
	rec.Expect(t, 1, 1)
}

func comparisonPredicates() []predicateCase {
	twenty := int64(20)
	march := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	return []predicateCase{
		{"eq", squirrel.Eq{"score": 20}, nil, []int64{2, 5}},
		{"eq of two columns", squirrel.Eq{"score": 20, "title": "Date"}, nil, []int64{5}},
		{"eq nil", squirrel.Eq{"score": nil}, nil, []int64{3, 6}},
		{"eq typed nil", squirrel.Eq{"score": (*int64)(nil)}, nil, []int64{3, 6}},
		{"eq pointer", squirrel.Eq{"score": &twenty}, nil, []int64{2, 5}},
		{"eq true", squirrel.Eq{"done": true}, nil, []int64{1, 4, 6}},
		{"eq false", squirrel.Eq{"done": false}, nil, []int64{2, 3, 5}},
		{"eq float", squirrel.Eq{"ratio": 9.25}, nil, []int64{6}},
		{"eq float by an integer", squirrel.Eq{"ratio": 0}, nil, []int64{4}},
		{"eq text", squirrel.Eq{"title": "Élan"}, nil, []int64{6}},
		{"eq zero value", squirrel.Eq{"title": ""}, nil, nil},
		{"eq with the table's name", squirrel.Eq{"conf_notes.score": 20}, nil, []int64{2, 5}},
		{"noteq leaves NULLs out", squirrel.NotEq{"score": 20}, nil, []int64{1, 4}},
		{"noteq nil", squirrel.NotEq{"score": nil}, nil, []int64{1, 2, 4, 5}},
		{"noteq or null", dovetail.NotEqOrNull{"score": 20}, nil, []int64{1, 3, 4, 6}},
		{"noteq or null of text", dovetail.NotEqOrNull{"note": "plain"}, nil, []int64{2, 3, 4, 5, 6}},
		{"lt", squirrel.Lt{"score": 20}, nil, []int64{1}},
		{"lt or eq", squirrel.LtOrEq{"score": 20}, nil, []int64{1, 2, 5}},
		{"gt", squirrel.Gt{"score": 20}, nil, []int64{4}},
		{"gt or eq", squirrel.GtOrEq{"score": 20}, nil, []int64{2, 4, 5}},
		{"lt float", squirrel.Lt{"ratio": 0.75}, nil, []int64{1, 4, 5}},
		{"gt text", squirrel.GtOrEq{"title": "É"}, nil, []int64{6}},
		{"gt time", squirrel.Gt{"at": march}, nil, []int64{4, 5, 6}},
		{"eq time", squirrel.Eq{"at": march}, nil, []int64{3}},
		{"range", squirrel.And{squirrel.GtOrEq{"id": 2}, squirrel.Lt{"id": 4}}, nil, []int64{2, 3}},
		{"or", squirrel.Or{squirrel.Eq{"score": 10}, squirrel.Eq{"title": "Banana"}}, nil, []int64{1, 3}},
		{"and below or", squirrel.Or{squirrel.Eq{"score": 20},
			squirrel.And{squirrel.Eq{"done": true}, squirrel.Gt{"ratio": 1}}}, nil,
			[]int64{2, 5, 6}},
		{"or below and", squirrel.And{squirrel.Or{squirrel.Eq{"id": 1}, squirrel.Eq{"id": 2}}, squirrel.Eq{"done": false}},
			nil,
			[]int64{2}},
		{"text below two ands", squirrel.And{squirrel.And{squirrel.Expr("score = 20 OR done")}, squirrel.Lt{"id": 3}}, nil,
			[]int64{1, 2}},
		{"list with NULL below two ands", squirrel.And{squirrel.And{squirrel.Eq{"score": []any{20, nil}}},
			squirrel.Gt{"id": 3}}, nil,
			[]int64{5, 6}},
		{"empty eq", squirrel.Eq{}, nil, []int64{1, 2, 3, 4, 5, 6}},
		{"empty and", squirrel.And{}, nil, []int64{1, 2, 3, 4, 5, 6}},
		{"empty or", squirrel.Or{}, nil, nil},
	}
}

func listPredicates() []predicateCase {
	ten, thirty := int64(10), int64(30)
	return []predicateCase{
		{"list", squirrel.Eq{"score": []int64{10, 30}}, nil, []int64{1, 4}},
		{"list of int", squirrel.Eq{"score": []int{10, 30, 99}}, nil, []int64{1, 4}},
		{"list of one twice", squirrel.Eq{"score": []int64{20, 20}}, nil, []int64{2, 5}},
		{"list of text", squirrel.Eq{"note": []string{"plain", "why?", `{"x"}`, "a'b"}}, nil, []int64{1, 5}},
		{"list of floats", squirrel.Eq{"ratio": []float64{-1, 9.25}}, nil, []int64{5, 6}},
		{"list of booleans", squirrel.Eq{"done": []bool{true}}, nil, []int64{1, 4, 6}},
		{"list of times", squirrel.Eq{"at": []time.Time{time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)}}, nil, []int64{2}},
		{"array", squirrel.Eq{"score": [2]int64{10, 30}}, nil, []int64{1, 4}},
		{"list of any", squirrel.Eq{"score": []any{10, int64(30)}}, nil, []int64{1, 4}},
		{"list with NULL", squirrel.Eq{"score": []any{10, nil}}, nil, []int64{1, 3, 6}},
		{"list of pointers with NULL", squirrel.Eq{"score": []*int64{&ten, nil, &thirty}}, nil, []int64{1, 3, 4, 6}},
		{"list of NULL alone", squirrel.Eq{"score": []any{nil}}, nil, []int64{3, 6}},
		{"empty list", squirrel.Eq{"score": []int64{}}, nil, nil},
		{"nil list", squirrel.Eq{"score": []int64(nil)}, nil, nil},
		{"not in list", squirrel.NotEq{"score": []int64{10, 20}}, nil, []int64{4}},
		{"not in list with NULL", squirrel.NotEq{"score": []any{10, nil}}, nil, []int64{2, 4, 5}},
		{"not NULL as a list", squirrel.NotEq{"score": []any{nil}}, nil, []int64{1, 2, 4, 5}},
		{"not in empty list", squirrel.NotEq{"score": []int64{}}, nil, []int64{1, 2, 3, 4, 5, 6}},
		{"not in nil list", squirrel.NotEq{"score": []int64(nil)}, nil, []int64{1, 2, 3, 4, 5, 6}},
		{"not in list of text", squirrel.NotEq{"note": []string{"plain", "100%"}}, nil, []int64{4, 5}},
		{"in list of the key", squirrel.Eq{"id": []uint16{6, 1, 99}}, nil, []int64{1, 6}},
	}
}

func textPredicates() []predicateCase {
	return []predicateCase{
		{"like", squirrel.Like{"title": "%an%"}, nil, []int64{3, 6}},
		{"not like", squirrel.NotLike{"title": "%an%"}, nil, []int64{1, 2, 4, 5}},
		{"like on a NULL", squirrel.Like{"note": "%"}, nil, []int64{1, 3, 4, 5}},
		{"not like on a NULL", squirrel.NotLike{"note": "a%"}, nil, []int64{1, 3, 5}},
		{"ilike", squirrel.ILike{"title": "APPLE%"}, nil, []int64{1, 2}},
		{"not ilike", squirrel.NotILike{"title": "APPLE%"}, nil, []int64{3, 4, 5, 6}},
		{"contains", dovetail.Contains("title", "apple"), nil, []int64{2}},
		{"contains is literal", dovetail.Contains("note", "%"), nil, []int64{3}},
		{"contains an underscore", dovetail.Contains("note", "_"), nil, []int64{4}},
		{"contains a question mark", dovetail.Contains("note", "?"), nil, []int64{5}},
		{"contains beyond ASCII", dovetail.Contains("title", "É"), nil, []int64{6}},
		{"contains nothing", dovetail.Contains("note", ""), nil, []int64{1, 3, 4, 5}},
		{"contains a star", dovetail.Contains("title", "*"), nil, nil},
		{"starts with", dovetail.StartsWith("title", "Ap"), nil, []int64{1}},
		{"starts with literally", dovetail.StartsWith("title", "%"), nil, nil},
		{"ends with", dovetail.EndsWith("title", "e"), nil, []int64{1, 2, 5}},
		{"ends with literally", dovetail.EndsWith("title", "_x"), nil, []int64{4}},
		{"text", "score = 20", nil, []int64{2, 5}},
		{"text with arguments", "score BETWEEN ? AND ?", []any{15, 25}, []int64{2, 5}},
		{"text with OR", "score = ? OR done", []any{20}, []int64{1, 2, 4, 5, 6}},
		{"text with a literal question mark", "note = 'why?' OR note = ?", []any{"plain"}, []int64{1, 5}},
		{"text with comments", "score = ? -- really?\n /* or ? */ AND done", []any{10}, []int64{1}},
		{"text that ends in a comment", "score = ? -- here?", []any{20}, []int64{2, 5}},
		{"text with a quoted name", `"conf_notes"."score" = ?`, []any{10}, []int64{1}},
		{"text with the table's name", "conf_notes.score = ?", []any{10}, []int64{1}},
		{"text with numbered placeholders", "score > $1 AND id < $2 AND ratio > $1 - 10", []any{10, 5}, []int64{2}},
		{"expr", squirrel.Expr("score + ? > ?", 5, 30), nil, []int64{4}},
		{"expr of an expr", squirrel.Expr("NOT (?)", squirrel.Expr("score > ?", 10)), nil, []int64{1}},
		{"concat", squirrel.ConcatExpr("score = ", squirrel.Expr("? * 2", 10)), nil, []int64{2, 5}},
		{"case", squirrel.ConcatExpr(squirrel.Case("id").When("1", "1").When("2", "1").Else("0"), " = 1"), nil,
			[]int64{1, 2}},
		{"null text", "note IS NULL AND score IS NOT NULL", nil, []int64{2}},
	}
}

// testPredicatesApart gives every condition an OR: none may reach beyond its parentheses.
func testPredicatesApart(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.notes).OrderBy("id").Where("score = 20 OR done = ?", true)
	kit.Same(t, "one", noteRows(t, rec, q), 1, 2, 4, 5, 6)
	q = q.Where("conf_notes.id < ? OR conf_notes.id > ?", 3, 5)
	kit.Same(t, "two", noteRows(t, rec, q), 1, 2, 6)
	q = q.Where(squirrel.Or{squirrel.Eq{"title": "Apple"}, squirrel.Expr("ratio > ? OR ratio = ?", 9, 1.5)})
	kit.Same(t, "three", noteRows(t, rec, q), 1, 2, 6)
	kit.Same(t, "four", noteRows(t, rec, q.Where(squirrel.NotEq{"score": nil}).Where("1 = 1 OR 1 = 1")), 1, 2)
	kit.Same(t, "with a group", kit.Pluck(kit.All(t, rec, dovetail.Select(n.sums).Columns("score").GroupBy("score").
		Having("score = ? OR score = ?", 10, 20).Having("count(*) = 1 OR count(*) = 7")),
		func(s *confNoteSum) int64 { return *s.Score }), 10)
	rec.Expect(t, 1, 1)
}

func testPredicateNamedTypes(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Activities)
	kit.Same(t, "constant", models.ActivityRows(t, rec, q.Where(squirrel.Eq{"activity_type": models.Withdrawal})), 3, 6)
	kit.Same(t, "list", models.ActivityRows(t, rec, q.Where(squirrel.Eq{"activity_type": []models.ActivityType{models.Withdrawal}})), 3, 6)
	kit.Same(t, "text", models.ActivityRows(t, rec, q.Where("activity_type <> ?", models.Deposit)), 3, 6)
	type amount int32
	kit.Same(t, "integer", models.ActivityRows(t, rec, q.Where(squirrel.GtOrEq{"amount": amount(800)})), 1, 2, 6)
	kit.Same(t, "integers", models.ActivityRows(t, rec, q.Where(squirrel.Eq{"amount": []amount{30, 750}})), 4, 5)
}

// testPredicateJSON writes the operator ? as ??. SQLite has none.
func testPredicateJSON(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.notes).Where(`CAST('{"a": 1}' AS jsonb) ?? 'a' AND id = ?`, 2)
	if d.Postgres() {
		kit.Same(t, "notes", noteRows(t, rec, q), 2)
		return
	}
	_, err := q.All(t.Context(), rec)
	kit.Refused(t, err, dovetail.ErrUnsupported, "sqlite", "?")
	rec.Expect(t, 0, 0)
}

// testPredicateMapChanges changes a map and a list after they were given: the query was made of what they held then.
func testPredicateMapChanges(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	scores, eq := []int64{10}, squirrel.Eq{"done": true}
	q := dovetail.Select(n.notes).Where(squirrel.Eq{"score": scores}).Where(eq)
	scores[0], eq["done"] = 20, false
	kit.Same(t, "notes", noteRows(t, rec, q), 1)
}

// TestTextsOfEnumsAreMatched looks for texts in a column of an enumerated type, by every condition that matches.
func TestTextsOfEnumsAreMatched(t *testing.T) {
	t.Parallel()
	type mood string
	type person struct {
		ID   int64
		Mood mood
		Kids []*person
		Of   *int64
	}
	r := dovetail.NewRegistry()
	people := dovetail.NewTable[person](r, "em_people", dovetail.Enum[mood]("mood", "em_mood", "happy", "Sad", "unhappy"))
	dovetail.HasMany(people, "kids", people, dovetail.ForeignKey("of"))
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		kind := "TEXT"
		if d.Postgres() {
			d.Exec(t, "CREATE TYPE em_mood AS ENUM ('happy', 'Sad', 'unhappy')")
			kind = "em_mood"
		}
		d.Exec(t, "CREATE TABLE em_people (id BIGINT PRIMARY KEY, mood "+kind+" NOT NULL, of BIGINT);"+
			"INSERT INTO em_people VALUES (1, 'happy', NULL), (2, 'Sad', 1), (3, 'unhappy', 2)")
		for what, c := range map[string]struct {
			pred squirrel.Sqlizer
			want string
		}{
			"contains": {dovetail.Contains("mood", "app"), "[1 3]"}, "starts": {dovetail.StartsWith("mood", "un"), "[3]"},
			"ends": {dovetail.EndsWith("self.mood", "ad"), "[2]"}, "like": {squirrel.Like{"mood": "%happy"}, "[1 3]"},
			"not like": {squirrel.NotLike{"mood": "%happy"}, "[2]"}, "ilike": {squirrel.ILike{"mood": "sa_"}, "[2]"},
			"of related rows": {dovetail.Has("kids", dovetail.Contains("mood", "happy")), "[2]"},
			"equal":           {squirrel.Eq{"mood": mood("Sad")}, "[2]"},
		} {
			rows := kit.All(t, d.DB, dovetail.Select(people).Where(c.pred).OrderBy("id"))
			kit.Equal(t, what, fmt.Sprint(kit.Pluck(rows, func(p *person) int64 { return p.ID })), c.want)
		}
	})
}
