package writes_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Tables whose columns hold NULL, or do not. Parts belong to a part, and have others.

type evPart struct {
	ID       int64
	Name     string
	Note     *string
	Archived bool
	Hidden   *bool
	Size     int64
	Rank     *int64
	MadeAt   time.Time
	OwnerID  *int64

	Owner *evPart
	Parts []*evPart
}

var (
	evSchema   = dovetail.NewRegistry()
	evParts    = dovetail.NewTable[evPart](evSchema, "ev_parts")
	_          = dovetail.BelongsTo(evParts, "owner", evParts, dovetail.ForeignKey("owner_id"))
	_          = dovetail.HasMany(evParts, "parts", evParts, dovetail.ForeignKey("owner_id"))
	evNotes    = []string{"NULL", "''", "'a'", "'b'"}
	evTruths   = []string{"NULL", "FALSE", "TRUE"}
	evNumbers  = []string{"NULL", "0", "1", "2"}
	evTruth    = dovetail.FromContext(func(context.Context) (any, error) { return true, nil })
	evSomebody = dovetail.FromContext(func(context.Context) (any, error) { return int64(1), nil })
)

// evDDL has a row of each combination of values. The first ones have owners.
func evDDL() string {
	var rows []string
	for _, note := range evNotes {
		for _, hidden := range evTruths {
			for _, rank := range evNumbers {
				for _, archived := range evTruths[1:] {
					for _, size := range evNumbers[1:] {
						id, owner := len(rows)+1, "NULL"
						if id > 1 && id < 6 {
							owner = fmt.Sprint(id - 1)
						}
						rows = append(rows, fmt.Sprintf("(%d, 'name %d', %s, %s, %s, %s, %s, '2024-01-%02d 00:00:00', %s)", id, id%3, note, archived, hidden, size, rank,
							id%28+1, owner))
					}
				}
			}
		}
	}
	return `CREATE TABLE ev_parts (id BIGINT PRIMARY KEY, name TEXT NOT NULL, note TEXT, archived BOOLEAN NOT NULL, hidden BOOLEAN, size BIGINT NOT NULL,
  rank BIGINT, made_at TIMESTAMP NOT NULL, owner_id BIGINT);
INSERT INTO ev_parts VALUES ` + strings.Join(rows, ", ")
}

// evMeant returns how many rows of the table meet a condition, and of how many there are.
func evMeant(t *testing.T, d kit.Database, pred any) (met, all int64) {
	t.Helper()
	q := dovetail.Select(evParts)
	all, err := q.Count(t.Context(), d.DB)
	if err != nil {
		t.Fatal(err)
	}
	if text, ok := pred.(sText); ok {
		q = q.Where(text.text, text.args...)
	} else {
		q = q.Where(pred)
	}
	if met, err = q.Count(t.Context(), d.DB); err != nil {
		t.Fatalf("%v: %v", pred, err)
	}
	return met, all
}

// evAll are conditions that hold for every row, as their form and the columns show.
func evAll(d kit.Database) map[string]any {
	not, has, none, every := dovetail.Not, dovetail.Has, dovetail.HasNone, dovetail.HasEvery
	all := map[string]any{
		"a map in a text":         sText{"NOT ?", []any{squirrel.Eq{"name": nil}}},
		"a map in an expression":  squirrel.Expr("(?) IS NOT TRUE", squirrel.Eq{"id": nil}),
		"a map that is told":      sText{"(?) IS NOT NULL", []any{squirrel.Eq{"id": 1}}},
		"with a value or none":    squirrel.Or{squirrel.Eq{"note": nil}, squirrel.NotEq{"note": nil}},
		"true or false":           squirrel.Or{squirrel.Eq{"archived": true}, squirrel.Eq{"archived": false}},
		"neither or NULL":         squirrel.Or{squirrel.Eq{"hidden": true}, squirrel.Eq{"hidden": false}, squirrel.Eq{"hidden": nil}},
		"a value or not":          squirrel.Or{squirrel.Eq{"name": "a"}, squirrel.NotEq{"name": "a"}},
		"a value or not, or NULL": squirrel.Or{squirrel.Eq{"note": "a"}, squirrel.Or{squirrel.NotEq{"note": "a"}, squirrel.Expr("note IS NULL")}},
		"a value or a negation":   squirrel.Or{squirrel.Eq{"size": 1}, not(squirrel.Eq{"size": 1})},
		"less or more":            squirrel.Or{squirrel.Lt{"size": 5}, squirrel.GtOrEq{"size": 5}},
		"less, equal or more":     squirrel.Or{squirrel.Lt{"size": 5}, squirrel.Eq{"size": 5}, squirrel.Gt{"size": 5}},
		"not one or not another":  squirrel.Or{squirrel.NotEq{"name": "a"}, squirrel.NotEq{"name": "b"}},
		"among or not":            squirrel.Or{squirrel.Eq{"size": []int{1, 2}}, squirrel.NotEq{"size": []int{1, 2}}},
		"among or not, one of it": squirrel.Or{squirrel.Eq{"size": []int{1, 2}}, squirrel.NotEq{"size": 2}},
		"two, or none of them":    squirrel.Or{squirrel.Eq{"size": 1}, squirrel.Eq{"size": 2}, squirrel.NotEq{"size": []int{1, 2}}},
		"two, between or beyond":  squirrel.Or{squirrel.Eq{"size": 1}, squirrel.And{squirrel.Gt{"size": 1}, squirrel.Lt{"size": 2}}, squirrel.GtOrEq{"size": 2}, squirrel.Lt{"size": 1}},
		"among more, or another":  squirrel.Or{squirrel.Eq{"size": []int{1, 2}}, squirrel.Eq{"size": 3}, squirrel.NotEq{"size": []int{3, 2, 1}}},
		"texts, or none of them":  squirrel.Or{squirrel.Eq{"name": "a"}, squirrel.Eq{"name": "b"}, squirrel.NotEq{"name": []string{"a", "b"}}},
		"values, none, or NULL":   squirrel.Or{squirrel.Eq{"rank": []any{1, nil}}, squirrel.Eq{"rank": 2}, squirrel.NotEq{"rank": []int{2, 1}}},
		"not in an empty list":    squirrel.NotEq{"size": []int{}},
		"of none of two":          not(squirrel.And{squirrel.Eq{"size": 1}, squirrel.Eq{"size": 2}}),
		"three ranges":            "size < 2 OR size BETWEEN 2 AND 5 OR size > 5",
		"among NULL or not":       squirrel.Or{squirrel.Eq{"rank": []any{1, nil}}, squirrel.NotEq{"rank": []any{1, nil}}},
		"no text before none":     squirrel.GtOrEq{"name": ""}, "in a text of texts": sText{"? <= name AND NOT name < ''", []any{""}},
		"no text before, or NULL": "note >= '' OR note IS NULL",
		"like or not":             squirrel.Or{squirrel.Like{"name": "a%"}, squirrel.NotLike{"name": "a%"}},
		"a text in it or not":     squirrel.Or{dovetail.Contains("name", "a"), not(dovetail.Contains("name", "a"))},
		"anything or NULL":        squirrel.Or{squirrel.Like{"note": "%"}, squirrel.Eq{"note": nil}},
		"any text or NULL":        squirrel.Or{dovetail.Contains("note", ""), squirrel.Eq{"note": nil}},
		"itself or NULL":          squirrel.Or{squirrel.Eq{"rank": dovetail.Col("rank")}, squirrel.Eq{"rank": nil}},
		"another column or not":   squirrel.Or{squirrel.Lt{"size": dovetail.Col("id")}, squirrel.GtOrEq{"size": dovetail.Col("id")}},
		"other or NULL, or equal": squirrel.Or{dovetail.NotEqOrNull{"rank": 1}, squirrel.Eq{"rank": 1}},
		"a time or not":           squirrel.Or{squirrel.Lt{"made_at": time.Unix(0, 0)}, squirrel.GtOrEq{"made_at": time.Unix(0, 0)}},
		"in a context":            squirrel.Or{squirrel.Eq{"size": evSomebody}, squirrel.NotEq{"size": evSomebody}},
		"nested":                  not(squirrel.And{squirrel.Eq{"size": 1}, squirrel.NotEq{"size": 1}}),
		"beside another":          squirrel.And{squirrel.Or{squirrel.Eq{"size": 1}, squirrel.Eq{"id": 3}, squirrel.NotEq{"size": 1}}, squirrel.NotEq{"id": nil}},
		"of every related row":    every("parts", squirrel.NotEq{"id": nil}),
		"of every, either":        every("parts", squirrel.Or{squirrel.Eq{"archived": true}, squirrel.Eq{"archived": false}}),
		"no related without":      none("owner", squirrel.Eq{"id": nil}),
		"no related of both":      none("owner", squirrel.Eq{"size": 1}, squirrel.NotEq{"size": 1}),
		"far away":                none("owner.parts", squirrel.Eq{"id": nil}),
		"related or not":          squirrel.Or{has("parts", squirrel.Eq{"size": 1}), none("parts", squirrel.Eq{"size": 1})},
		"related at all or not":   squirrel.Or{has("owner"), squirrel.Eq{"id": 1}, none("owner")},
		"a constant case":         sText{"CASE WHEN ? THEN TRUE ELSE id = 1 END", []any{true}},
		"the other arm":           sText{"CASE WHEN ? THEN id = 1 WHEN 1 = 1 THEN NOT FALSE END", []any{false}},
		"each arm":                "CASE WHEN id = 1 THEN TRUE ELSE 1 = 1 END",
		"itself or its value":     sText{"id = coalesce(?, id)", []any{nil}},
		"never NULL":              "coalesce(note, name) IS NOT NULL",
		"never NULL, by a value":  "coalesce(note, 'a') IS NOT NULL",
		"a value that is told":    "(size = 1) IS NOT NULL",
		"true or not true":        "(rank = 1) IS TRUE OR (rank = 1) IS NOT TRUE",
		"not a key without":       "NOT (id IS NULL)", "not, of a quoted one": `"id" IS NOT NULL`, "not, of self": "self.id IS NOT NULL", "not, of the table": "ev_parts.id IS NOT NULL",
		"in a text": "size < 3 OR (size >= 3)", "in a text, or NULL": sText{"rank = ? OR rank <> 1 OR rank IS NULL", []any{1}}, "exchanged": "3 > size OR size >= 3",
		"a list in a text": "size IN (1, 2) OR size NOT IN (1, 2)", "a range in a text": "size BETWEEN 1 AND 2 OR size NOT BETWEEN 1 AND 2",
		"two ranges that meet": "size <= 2 OR size > -1", "of maps": squirrel.Or{squirrel.LtOrEq{"size": 2}, squirrel.Gt{"size": -1}},
		"two that touch": "size < 2 OR size >= 2.0", "all but one": "size <> 1 OR size < 2", "both truths": "archived BETWEEN false AND true",
		"texts in texts": evNested(40, squirrel.NotEq{"id": nil}),
		"like in a text": "name LIKE 'a%' OR NOT name LIKE 'a%'", "like anything in a text": sText{"name LIKE ?", []any{"%"}},
		"a column as a condition": "archived OR NOT archived", "no column as a condition": "hidden OR NOT hidden OR hidden IS NULL", "tested": "hidden IS TRUE OR hidden IS NOT TRUE",
		"itself in a text": "id = id", "itself as an argument": sText{"id = ?", []any{dovetail.Col("id")}}, "nothing apart": "rank IS NOT DISTINCT FROM rank",
		"both truth values": squirrel.Eq{"archived": []bool{true, false}}, "an empty search in a text": sText{"name LIKE '%' || ? || '%'", []any{""}},
		"apart or not": "rank IS DISTINCT FROM 1 OR rank = 1",
		"no filter":    sText{"coalesce(?, '') = '' OR name = ?", []any{nil, nil}}, "no filter, trimmed": sText{"trim(lower(?)) = '' OR name = ?", []any{" ", ""}},
		"all of them": sText{"? IN ('', 'all') OR name = ?", []any{"all", "all"}}, "no length": sText{"length(?) = 0 OR name = ?", []any{"", ""}},
		"no filter, cast": sText{"CAST(? AS text) = '' OR name = ?", []any{"", ""}}, "nullif": sText{"nullif(?, '') IS NULL OR name = ?", []any{"", ""}},
		"no filter, in a CASE":       sText{"name = CASE WHEN ? = '' THEN name ELSE ? END", []any{"", ""}},
		"no filter, in a CASE of it": sText{"CASE ? WHEN '' THEN TRUE ELSE name = ? END", []any{"", ""}},
		"a CASE of a CASE":           sText{"CASE CASE ? WHEN 'x' THEN 1 ELSE 2 END WHEN 2 THEN id = id END", []any{"y"}},
		"NULL or else TRUE":          sText{"coalesce(name = ?, TRUE)", []any{nil}},
		"not NULL or else FALSE":     sText{"NOT coalesce(name <> ?, FALSE)", []any{nil}},
		"the first of two tests":     sText{"coalesce(note = ?, name = name)", []any{nil}},
		"nullif of a test":           sText{"nullif(TRUE, name = ?)", []any{nil}},
		"nullif that is another":     sText{"nullif(?, 'x') IS DISTINCT FROM 'x'", []any{"x"}},
		"a test apart":               sText{"(name = ?) IS DISTINCT FROM FALSE", []any{nil}},
		"a test that is as unknown":  sText{"(name = ?) IS NOT DISTINCT FROM (rank = ?)", []any{nil, nil}},
		"a test that is true":        "(id = id) = TRUE", "a test that is not": "FALSE <> (id IS NOT NULL)",
		"a row": "(id, name) = (id, name)", "a row in order": "(id, size) >= (id, size)", "a row among rows": sText{"(id, ?) IN ((2, 3), (id, 1))", []any{1}},
		"a row apart": "(note, rank) IS NOT DISTINCT FROM (note, rank)", "no other row": "NOT (id, name) <> (id, name)",
		"among all of the table": "id IN (SELECT id FROM ev_parts)",
		"among all, by a name":   "id IN (SELECT ev_parts.id FROM ev_parts AS of_all)",
		"among all, as a query":  squirrel.Eq{"id": dovetail.Select(evParts).Columns("id")},
		"there are rows":         "EXISTS (SELECT 1 FROM ev_parts)",
		"a length that is none":  "length(name) >= 0", "no negative length": "NOT 0 > length(name)",
		"lower of NULL":          sText{"lower(?) IS NULL", []any{nil}},
		"a text for a condition": sText{"coalesce(?, name = 'x')", []any{"1"}}, "one for none": sText{"NOT coalesce(?, name = 'x')", []any{"0"}},
		"FALSE before TRUE": "FALSE < TRUE OR name = 'x'", "a number that may be NULL": sText{"? = 0 OR name = ?", []any{sql.NullInt64{Valid: true}, "x"}},
		"a text that may be NULL": sText{"? = '' OR name = ?", []any{&sql.NullString{Valid: true}, "x"}}, "a number, cast": sText{"CAST(? AS numeric) = 1.5 OR name = ?", []any{1.5, "x"}},
		"small": sText{"CAST(? AS smallint) = 1 OR CAST(? AS real) = 3", []any{2, 3}}, "cut nowhere": sText{"CAST(? AS varchar(3)) = 'abc' OR name = ?", []any{"abc", "x"}},
		"within a range": sText{"? BETWEEN 1 AND 3 OR name = 'a'", []any{2}}, "not like": "id = 1 OR 2 NOT IN (1, 3)",
	}
	if d.Postgres() {
		all["an empty list"] = sText{"cardinality(?::bigint[]) = 0 OR id = ANY(?)", []any{[]int64{}, []int64{}}}
		all["cast"] = sText{"?::text = '' OR name = ?", []any{"", ""}}
		type word string
		for _, text := range []string{"coalesce(?, name = 'x')", "coalesce(NULL, ?, name = 'x')", "coalesce(name = NULL, ?)", "CASE WHEN ? THEN id = id END", "? IS TRUE", "? AND id = id",
			"?::boolean OR name = 'x'", "CAST(? AS boolean)", "greatest(?, name = 'x')", "nullif(?, id <> id)"} {
			for i, v := range []any{"true", "t", " ON ", word("yes"), sql.NullString{String: "1", Valid: true}} {
				all[fmt.Sprintf("%s with text %d", text, i)] = sText{text, []any{v}}
			}
		}
		all["cast to two words"] = sText{"?::double precision = 1.5 OR ?::character varying(3) = 'abc'", []any{1.5, "x"}}
		all["the greatest"], all["the least"] = sText{"greatest(?, id = 1)", []any{squirrel.Eq{}}}, sText{"NOT least(?, id = 1, NULL)", []any{squirrel.Or{}}}
		all["the greater number"], all["the greatest of one"] = sText{"greatest(?, 2) = 3", []any{3}}, sText{"id = greatest(?, id)", []any{nil}}
	} else {
		all["as SQLite has it"] = "id NOT NULL"
		all["an operator of SQLite"] = "rank IS NULL OR rank NOTNULL"
		all["numbers for truth"] = "archived = 1 OR archived = 0"
		all["is a value"] = "rank IS 1 OR rank IS NOT 1"
		all["the greatest"], all["the least"] = sText{"max(?, id = 1)", []any{squirrel.Eq{}}}, sText{"NOT min(?, id = 1)", []any{squirrel.Or{}}}
		all["the lesser number"], all["one of two"] = sText{"min(?, 2) = 1", []any{1}}, sText{"iif(? = '', TRUE, name = ?)", []any{"", ""}}
		all["two signs"] = "size == 1 OR size != 1"
	}
	return all
}

// evNested puts a condition into texts within texts.
func evNested(depth int, pred any) any {
	for range depth {
		pred = dovetail.Not("NOT coalesce(?, FALSE)", pred)
	}
	return pred
}

// evSome are conditions that leave rows out.
func evSome(d kit.Database) map[string]any {
	some := map[string]any{
		"any text, of none too": squirrel.GtOrEq{"note": ""},
		"a like of anything":    squirrel.Like{"note": "%"}, "an empty search": dovetail.StartsWith("note", ""), "itself, where there is one": squirrel.Eq{"rank": dovetail.Col("rank")},
		"not like anything": dovetail.Not(squirrel.NotLike{"note": "%"}), "true or false, of three": squirrel.Or{squirrel.Eq{"hidden": true}, squirrel.Eq{"hidden": false}},
		"a value or not, of what may be NULL": squirrel.Or{squirrel.Eq{"note": "a"}, squirrel.NotEq{"note": "a"}},
		"two of three":                        squirrel.Or{squirrel.Lt{"size": 1}, squirrel.Gt{"size": 1}}, "other values": squirrel.Or{squirrel.Eq{"size": 1}, squirrel.Eq{"size": 2}},
		"two, or none of three":     squirrel.Or{squirrel.Eq{"size": 1}, squirrel.Eq{"size": 2}, squirrel.NotEq{"size": []int{0, 1, 2}}},
		"two, or none, or no value": squirrel.Or{squirrel.Eq{"rank": 1}, squirrel.Eq{"rank": 2}, squirrel.NotEq{"rank": []int{1, 2}}},
		"two ranges with a gap":     "size < 0 OR size BETWEEN 1 AND 1 OR size > 1",
		"texts, or none of others":  squirrel.Or{squirrel.Eq{"name": "name 1"}, squirrel.NotEq{"name": []string{"name 1", "name 2"}}},
		"another value":             squirrel.Or{squirrel.Eq{"name": "name 1"}, squirrel.Lt{"name": "name 1"}},
		"one that may be another":   squirrel.Or{squirrel.Lt{"size": 0}, squirrel.Gt{"size": 0}},
		"among or not, of others":   squirrel.Or{squirrel.Eq{"size": []int{1, 5}}, squirrel.NotEq{"size": []int{1, 0}}},
		"among NULL or not one":     squirrel.Or{squirrel.Eq{"rank": []any{1, 7}}, squirrel.NotEq{"rank": []any{1, nil}}},
		"related or not, of others": squirrel.Or{dovetail.Has("owner", squirrel.Eq{"size": 1}), dovetail.HasNone("parts", squirrel.Expr("size >= 0"))},
		"an owner by its NULL":      dovetail.HasNone("owner", squirrel.Eq{"note": nil}), "every part, by NULL": dovetail.HasEvery("parts", squirrel.NotEq{"note": nil}),
		"the row around":    dovetail.HasNone("parts", squirrel.Expr("outer.id IS NOT NULL")),
		"a case that tells": sText{"CASE WHEN ? THEN id = 1 ELSE TRUE END", []any{true}}, "a case without an ELSE": "CASE WHEN id = 1 THEN TRUE END",
		"an arm that tells": "CASE WHEN size = 1 THEN TRUE ELSE rank IS NOT NULL END",
		"itself or a value": sText{"id = coalesce(?, id)", []any{3}}, "itself, in a text": "rank = rank", "NULL for all that is known": "coalesce(note, NULL) IS NOT NULL",
		"may be told": "(rank = 1) IS NOT NULL", "true or not": "hidden OR NOT hidden", "equal or not of two": "size = 1 OR size <> 1 AND rank = 1",
		"a list with NULL in a text": "size IN (1, 2) OR size NOT IN (1, 2, NULL)", "a range of others": "size BETWEEN 1 AND 2 OR size NOT BETWEEN 0 AND 2",
		"two ranges apart": "size < 1 OR size > 1", "of a column with NULL": "rank <= 2 OR rank > -1", "one truth": "archived BETWEEN true AND true",
		"a hidden truth": "hidden BETWEEN false AND true", "two ranges that end alike": "size < 2 OR size <> 2",
		"a filter": sText{"coalesce(?, '') = '' OR name = ?", []any{"name 1", "name 1"}}, "a filter, trimmed": sText{"trim(lower(?)) = '' OR name = ?", []any{" Name 1", "name 1"}},
		"one of them": sText{"? IN ('', 'all') OR name = ?", []any{"name 1", "name 1"}}, "a length": sText{"length(?) = 0 OR name = ?", []any{"name 1", "name 1"}},
		"a filter, cast": sText{"CAST(? AS text) = '' OR name = ?", []any{"name 1", "name 1"}}, "nullif": sText{"nullif(?, '') IS NULL OR name = ?", []any{"name 1", "name 1"}},
		"texts in texts": evNested(40, squirrel.Eq{"size": 1}), "both truth values, of three": squirrel.Eq{"hidden": []bool{true, false}}, "a search in a text": sText{"name LIKE '%' || ? || '%'", []any{"1"}},
		"no filter that is there": sText{"coalesce(?, '') <> '' AND name = ?", []any{"", "name 1"}}, "another cast": "CAST(rank AS text) = CAST(rank AS text)",
		"the same column elsewhere": "EXISTS (SELECT 1 FROM ev_parts AS p WHERE p.owner_id = ev_parts.id AND p.id = p.id)",
		"a comparison within":       "(size = 1) = (size = 2 OR size <> 2)",
		"a filter in a CASE":        sText{"name = CASE WHEN ? = '' THEN name ELSE ? END", []any{"name 1", "name 1"}},
		"a filter in a CASE of it":  sText{"CASE ? WHEN '' THEN TRUE ELSE name = ? END", []any{"name 1", "name 1"}},
		"a CASE without the value":  sText{"CASE ? WHEN '' THEN TRUE WHEN 'name 2' THEN id = id END", []any{"name 1"}},
		"a test or else TRUE":       sText{"coalesce(name = ?, TRUE)", []any{"name 1"}},
		"not a test or else FALSE":  sText{"NOT coalesce(name <> ?, FALSE)", []any{"name 1"}},
		"nullif of a test":          sText{"nullif(TRUE, name = ?)", []any{"name 1"}},
		"a test apart":              sText{"(name = ?) IS DISTINCT FROM FALSE", []any{"name 1"}},
		"a test that is as another": "(size = 1) IS NOT DISTINCT FROM (rank = 1)",
		"a row of what may be NULL": "(id, rank) = (id, rank)", "a row of others": "(id, size) = (id, rank)", "a row in order": "(id, size) > (id, 1)",
		"a row among rows":      sText{"(id, ?) IN ((2, 3), (id, 1))", []any{3}},
		"among all, by another": "rank IN (SELECT rank FROM ev_parts)", "among some": "id IN (SELECT id FROM ev_parts WHERE size = 1)",
		"among all that own": "id IN (SELECT owner_id FROM ev_parts)", "among all but one": squirrel.Eq{"id": dovetail.Select(evParts).Columns("id").Where("id > 1")},
		"among the first":     squirrel.Eq{"id": dovetail.Select(evParts).Columns("id").OrderBy("id").Limit(3)},
		"a related row there": "EXISTS (SELECT 1 FROM ev_parts AS p WHERE p.owner_id = ev_parts.id)",
		"some length":         "length(name) >= 7", "a length of what may be NULL": "length(note) >= 0", "more than no key": "id > 1",
		"a sum with a condition": sText{"CAST(? AS integer) + id > 3", []any{squirrel.Eq{}}},
	}
	for name, pred := range map[string]any{"a number that may be NULL": sText{"? = 0 OR size = ?", []any{sql.NullInt64{Int64: 1, Valid: true}, 1}},
		"a text that may be NULL": sText{"? = '' OR name = ?", []any{sql.NullString{String: "name 1", Valid: true}, "name 1"}}, "TRUE before FALSE": "FALSE > TRUE OR name = 'name 1'",
		"no number, cast": sText{"CAST(? AS numeric) = 1 OR size = 1", []any{1.5}}, "a double": sText{"CAST(? AS double precision) = 1 OR size = 1", []any{1.5}},
		"a small number": sText{"CAST(? AS int2) = 1 OR size = 1", []any{2}}, "cut somewhere": sText{"CAST(? AS varchar(10)) = 'all' OR name = ?", []any{"name 1", "name 1"}},
		"FALSE for a condition": sText{"coalesce(?, name = 'x') OR size = 1", []any{"0"}}, "a text beside a case": "CASE WHEN name = 'name 1' THEN 'a' ELSE 'b' END = 'a'",
		"a text of a case or none": "CASE WHEN name = 'name 1' THEN 'a' END IS NULL"} {
		some[name] = pred
	}
	if d.Postgres() {
		some["a truth of two"] = sText{"coalesce(hidden, ?)", []any{"1"}}
		some["FALSE"], some["no truth, cast"] = sText{"?", []any{"false"}}, sText{"?::boolean OR size = 1", []any{"off"}}
		some["a list"] = sText{"cardinality(?::bigint[]) = 0 OR id = ANY(?)", []any{[]int64{1}, []int64{1}}}
		some["the greatest"], some["the least"] = sText{"greatest(?, id = 1)", []any{squirrel.Or{}}}, sText{"NOT least(?, id = 1, NULL)", []any{squirrel.Eq{}}}
		some["cast"] = sText{"?::text = '' OR name = ?", []any{"name 1", "name 1"}}
	}
	return some
}

// TestAConditionThatHoldsForEveryRowIsSeenByItsColumns tells those that hold for every row of the table from those that leave rows out, which the
// database confirms.
func TestAConditionThatHoldsForEveryRowIsSeenByItsColumns(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, evDDL(), func(t *testing.T, d kit.Database) {
		update, del := dovetail.Update(evParts).Set("name", "x"), dovetail.Delete(evParts)
		for name, pred := range evAll(d) {
			if met, all := evMeant(t, d, pred); met != all {
				t.Errorf("%s: the test expects all rows, got %d of %d", name, met, all)
			}
			db := d.Record()
			_, err := sWhere(update, pred).Exec(t.Context(), db)
			kit.Refused(t, err, dovetail.ErrMissingWhere, "the condition holds for every row", "call All")
			if err == nil {
				t.Fatalf("%s: expected the update to be refused", name)
			}
			_, err = sWhere(del, pred).Impact(t.Context(), db)
			kit.Refused(t, err, dovetail.ErrMissingWhere, "the condition holds for every row")
			db.Expect(t, 0, 0)
		}
		for name, pred := range evSome(d) {
			if met, all := evMeant(t, d, pred); met == all {
				t.Errorf("%s: the test expects some rows, got all", name)
			}
			if _, err := sWhere(del, pred).Impact(t.Context(), d.DB); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestWhereBesideAllMayHoldForEveryRow says so to what is refused without it.
func TestWhereBesideAllMayHoldForEveryRow(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, evDDL(), func(t *testing.T, d kit.Database) {
		all, err := dovetail.Select(evParts).Count(t.Context(), d.DB)
		if err != nil {
			t.Fatal(err)
		}
		update := dovetail.Update(evParts).Set("name", "x")
		for name, test := range map[string]struct {
			pred any
			want int64
		}{
			"what the context says, or a row":  {sText{"? = 2 OR id = 1", []any{evSomebody}}, 1},
			"and all":                          {sText{"? = 1 OR id = 1", []any{evSomebody}}, all},
			"a truth of the context, or a row": {sText{"coalesce(?, id = 1)", []any{evTruth}}, all},
			"a truth of the context in a CASE": {sText{"CASE WHEN ? THEN ? ELSE id = 1 END", []any{true, evTruth}}, all},
			"a function, or a row":             {sText{"abs(?) = 2 OR id = 1", []any{1}}, 1},
			"no related, by a function":        {dovetail.HasNone("owner", squirrel.Expr("abs(?) = 2", 1)), all},
		} {
			_, err := sWhere(update, test.pred).Exec(t.Context(), d.DB)
			kit.Refused(t, err, dovetail.ErrMissingWhere, "may hold for every row", "call All beside Where")
			for _, c := range []dovetail.Change[*evPart]{sWhere(update, test.pred).All(), sWhere(update.All(), test.pred)} {
				if n, err := c.Exec(t.Context(), d.DB); n != test.want || err != nil {
					t.Errorf("%s: expected %d rows, got %d, %v", name, test.want, n, err)
				}
			}
		}
		if n, err := update.Where(squirrel.Eq{}).All().Exec(t.Context(), d.DB); n != all || err != nil {
			t.Errorf("expected %d rows, got %d, %v", all, n, err)
		}
		if n, err := dovetail.Delete(evParts).Where(squirrel.Eq{"id": 70}).All().Exec(t.Context(), d.DB); n != 1 || err != nil {
			t.Errorf("expected the row of the condition alone, got %d, %v", n, err)
		}
	})
}

func evPick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

// evRandom makes a condition on the columns out of each other.
func evRandom(r *rand.Rand, depth int) any {
	if depth > 0 && r.IntN(5) > 0 {
		one, two := evRandom(r, depth-1), evRandom(r, depth-1)
		switch r.IntN(6) {
		case 0:
			return dovetail.Not(one)
		case 1:
			return squirrel.And{one.(squirrel.Sqlizer), two.(squirrel.Sqlizer)}
		case 2:
			return dovetail.HasNone("parts", dovetail.Not(one))
		}
		return squirrel.Or{one.(squirrel.Sqlizer), two.(squirrel.Sqlizer)}
	}
	column, value := evPick(r, "size", "rank"), r.IntN(3)
	switch r.IntN(16) {
	case 0:
		return squirrel.Eq{column: value}
	case 1:
		return squirrel.NotEq{column: value}
	case 2:
		return squirrel.Lt{column: value}
	case 3:
		return squirrel.GtOrEq{column: value}
	case 4:
		return squirrel.Eq{column: nil}
	case 5:
		return squirrel.NotEq{column: nil}
	case 6:
		return squirrel.Eq{column: []int{value, 2}}
	case 7:
		return squirrel.NotEq{column: []any{value, nil}}
	case 8:
		return dovetail.NotEqOrNull{column: value}
	case 9:
		return squirrel.Eq{evPick(r, "archived", "hidden"): value > 0}
	case 10:
		return squirrel.Expr(evPick(r, "hidden", "archived", "NOT hidden", "hidden IS NOT TRUE", "archived IS FALSE"))
	case 11:
		return squirrel.Expr(fmt.Sprintf(evPick(r, "%s BETWEEN 0 AND ?", "%s NOT IN (?, 0)", "CASE WHEN %s > 0 THEN 1 = ? END", "%s IS DISTINCT FROM ?"), column), value)
	case 12:
		return squirrel.Expr(fmt.Sprintf(evPick(r, "coalesce(%s, ?) = size", "nullif(?, 1) <= %[1]s", "(%s = ?) IS NOT TRUE", "%s = coalesce(?, rank)"), column), value)
	}
	if arg := []any{0, 1, 2, nil}[r.IntN(4)]; r.IntN(3) > 0 {
		return squirrel.Expr(fmt.Sprintf(evPick(r, "coalesce(%s = ?, TRUE)", "NOT coalesce(%s <> ?, FALSE)", "nullif(%s = ?, archived) IS NOT FALSE",
			"(%s = ?) IS DISTINCT FROM archived", "(%s > ?) IS NOT DISTINCT FROM (%[1]s > 1)", "CASE %s WHEN ? THEN size >= 1 ELSE TRUE END", "coalesce(%s <= ?, hidden, TRUE)",
			"(%s = ?) <= archived", "(%[1]s, size) >= (?, size)", "(%[1]s, id) <> (?, id)", "(id, %[1]s) IN ((1, 2), (id, ?))", "%[1]s IN (SELECT size FROM ev_parts) OR %[1]s = ?",
			"CASE WHEN %s = ? THEN id ELSE size END = size", "%[1]s = CASE WHEN CAST(? AS bigint) = 1 THEN %[1]s ELSE 2 END"), column), arg)
	}
	return dovetail.Has("owner", squirrel.Eq{column: value})
}

// TestAConditionThatHoldsForEveryRowIsToldByTheDatabase asks for rows by conditions of all kinds.
func TestAConditionThatHoldsForEveryRowIsToldByTheDatabase(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, evDDL(), func(t *testing.T, d kit.Database) {
		r, shown := rand.New(rand.NewPCG(1, 2)), 0
		for range 300 {
			pred := evRandom(r, 3)
			met, all := evMeant(t, d, pred)
			_, err := dovetail.Delete(evParts).Where(pred).Impact(t.Context(), d.DB)
			switch refused := errors.Is(err, dovetail.ErrMissingWhere); {
			case err != nil && !refused:
				t.Fatalf("%v: %v", pred, err)
			case refused && met != all:
				t.Errorf("%#v: refused, and holds for %d of %d: %v", pred, met, all, err)
			case refused:
				shown++
			}
		}
		if shown < 15 {
			t.Errorf("expected many of the conditions to hold for every row, got %d", shown)
		}
	})
}
