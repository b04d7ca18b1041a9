package asking_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Section D, continued: NULL, lists, kinds of values, and queries that share what they are made of.

// pointerValuer has its method on the pointer, and would read through a nil one.
type pointerValuer struct{ n int64 }

func (p *pointerValuer) Value() (driver.Value, error) { return p.n, nil }

// plainValuer has its method on the value, which Go calls through a nil pointer by panicking.
type plainValuer struct{ n any }

func (p plainValuer) Value() (driver.Value, error) { return p.n, nil }

func TestTrap_D10_EveryNilIsNull(t *testing.T) {
	t.Parallel()
	var noText *string
	nils := map[string]any{
		"nil":                              nil,
		"*int64":                           (*int64)(nil),
		"**int64":                          (**int64)(nil),
		"a pointer to nil":                 &noText,
		"sql.NullInt64":                    sql.NullInt64{},
		"*sql.NullInt64":                   (*sql.NullInt64)(nil),
		"sql.Null":                         sql.Null[int64]{},
		"pgtype.Int8":                      pgtype.Int8{},
		"a Valuer that gives nil":          plainValuer{},
		"a nil pointer to a Valuer":        (*plainValuer)(nil),
		"a nil Valuer":                     (*pointerValuer)(nil),
		"a nil Valuer in an interface":     driver.Valuer((*pointerValuer)(nil)),
		"a nil pointer to a uuid":          (*uuid.UUID)(nil),
		"an interface that holds a nil":    any((*int64)(nil)),
		"a nil []byte, which is a value":   []byte(nil),
		"a pointer to an invalid NullTime": &sql.NullTime{},
	}
	all := dovetail.Select(models.Posts).Columns("id")
	const selected = `SELECT "posts"."id" FROM "posts" WHERE `
	for name, null := range nils {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range []struct {
				pred any
				want string
			}{
				{squirrel.Eq{"editor_id": null}, `("posts"."editor_id" IS NULL)`},
				{squirrel.NotEq{"editor_id": null}, `("posts"."editor_id" IS NOT NULL)`},
				{squirrel.Eq{"editor_id": []any{null}}, `(FALSE OR "posts"."editor_id" IS NULL)`},
			} {
				sql, args := kit.StatementOf(t, all.Where(c.pred))
				if sql != selected+c.want || len(args) != 0 {
					t.Errorf("expected %s and no argument, got %s, %v", c.want, sql, args)
				}
			}
			// Nothing is smaller, larger or like NULL, so that it cannot be meant.
			for _, pred := range []any{squirrel.Lt{"editor_id": null}, squirrel.GtOrEq{"editor_id": null},
				dovetail.NotEqOrNull{"editor_id": null}} {
				kit.Refused(t, kit.StatementError(all.Where(pred)), dovetail.ErrInvalidQuery, "Where", `"editor_id"`, "NULL")
			}
			_, err := dovetail.Select(models.Posts).Get(t.Context(), kit.Silent{TB: t}, null)
			kit.Refused(t, err, dovetail.ErrArgType, "Get", `"id"`, "NULL")
		})
	}
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for name, null := range nils {
			trapPosts(t, name, d.DB, dovetail.Select(models.Posts).Where(squirrel.Eq{"editor_id": null}), 2)
		}
	})
}

// trapPosts fails the test unless the query finds those posts.
func trapPosts(t *testing.T, what string, db dovetail.DB, q dovetail.Query[*models.Post], want ...int64) {
	t.Helper()
	kit.Same(t, what, kit.Pluck(kit.All(t, db, q), func(p *models.Post) int64 { return p.ID }), want...)
}

func TestTrap_D11_UnequalLeavesNullOutUnlessAsked(t *testing.T) {
	t.Parallel()
	all := dovetail.Select(models.Posts).OrderBy("id")
	// The editors of posts 1, 2, 3 are 2, NULL, 1.
	cases := []struct {
		name string
		pred any
		want []int64
	}{
		{"NotEq", squirrel.NotEq{"editor_id": 2}, []int64{3}},
		{"NotEqOrNull", dovetail.NotEqOrNull{"editor_id": 2}, []int64{2, 3}},
		{"NotEqOrNull of a column that cannot be", dovetail.NotEqOrNull{"author_id": 1}, []int64{3}},
		{"NotEqOrNull in Or", squirrel.Or{dovetail.NotEqOrNull{"editor_id": 1}, squirrel.Eq{"id": 3}}, []int64{1, 2, 3}},
		{"NotEqOrNull through a path", dovetail.NotEqOrNull{"editor.name": "bea"}, []int64{2, 3}},
		{"NotEq through a path", squirrel.NotEq{"editor.name": "bea"}, []int64{3}},
	}
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for _, c := range cases {
			trapPosts(t, c.name, d.DB, all.Where(c.pred), c.want...)
		}
	})
}

func TestTrap_D12_FindsWhatIsInNoListWithANull(t *testing.T) {
	t.Parallel()
	posts, users := dovetail.Select(models.Posts).OrderBy("id"), dovetail.Select(models.Users).OrderBy("id")
	two := int64(2)
	lists := map[string]any{
		"any":            []any{2, nil},
		"NULL first":     []any{nil, int64(2)},
		"pointers":       []*int64{nil, &two},
		"sql.NullInt64":  []sql.NullInt64{{Int64: 2, Valid: true}, {}},
		"pgtype.Int8":    []pgtype.Int8{{}, {Int64: 2, Valid: true}},
		"NULL and twice": []any{2, nil, 2, nil},
	}
	editors := dovetail.Select(models.Posts).Columns("editor_id") // 2, NULL, 1
	named := squirrel.Select("editor_id").From("posts")
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for name, list := range lists {
			trapPosts(t, name+" in", d.DB, posts.Where(squirrel.Eq{"editor_id": list}), 1, 2)
			trapPosts(t, name+" not in", d.DB, posts.Where(squirrel.NotEq{"editor_id": list}), 3)
		}
		userID := func(u *models.User) int64 { return u.ID }
		cases := []struct {
			name string
			q    dovetail.Query[*models.User]
			want []int64
		}{
			{"in a query", users.Where(squirrel.Eq{"id": editors}), []int64{1, 2}},
			{"in no row of a query", users.Where(squirrel.NotEq{"id": editors}), []int64{3}},
			{"in no row of squirrel's", users.Where(squirrel.NotEq{"id": named}), []int64{3}},
			{"in no row of none", users.Where(squirrel.NotEq{"id": editors.Where(squirrel.Eq{"id": 99})}), []int64{1, 2, 3}},
			{"related to none", users.HasNone("edited"), []int64{3}},
			{"beside another", users.Where(squirrel.Or{squirrel.NotEq{"id": editors}, squirrel.Eq{"id": 1}}), []int64{1, 3}},
		}
		for _, c := range cases {
			kit.Same(t, c.name, kit.Pluck(kit.All(t, d.DB, c.q), userID), c.want...)
		}
		// A NULL on the left is unequal to nothing either: post 2 has no editor.
		ann := dovetail.Select(models.Users).Columns("id").Where(squirrel.Eq{"id": 1})
		trapPosts(t, "NULL on the left", d.DB, posts.Where(squirrel.NotEq{"editor_id": ann}), 1)
	})
}

func TestTrap_D13_NothingIsInAnEmptyList(t *testing.T) {
	t.Parallel()
	all := dovetail.Select(models.Posts).OrderBy("id")
	lists := map[string]any{
		"any": []any{}, "int": []int{}, "int64": []int64{}, "pointers": []*int64{}, "an array": [0]int64{},
		"sql.NullInt64": []sql.NullInt64{},
	}
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for name, list := range lists {
			trapPosts(t, name+" in", d.DB, all.Where(squirrel.Eq{"editor_id": list}))
			// Post 2, whose editor is NULL, is in no empty list.
			trapPosts(t, name+" not in", d.DB, all.Where(squirrel.NotEq{"editor_id": list}), 1, 2, 3)
			either := squirrel.Or{squirrel.Eq{"editor_id": list}, squirrel.Eq{"id": 3}}
			trapPosts(t, name+" in or", d.DB, all.Where(either), 3)
		}
	})
	// The type of an empty list counts as that of a full one.
	for name, pred := range map[string]any{
		"text for an integer": squirrel.Eq{"editor_id": []string{}},
		"integer for text":    squirrel.NotEq{"title": []int{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kit.Refused(t, kit.StatementError(all.Where(pred)), dovetail.ErrArgType, "Where")
		})
	}
	kit.Refused(t, kit.StatementError(all.Where(squirrel.Gt{"id": []int{}})),
		dovetail.ErrInvalidQuery, `"id"`, "one value", "list")
}

func TestTrap_D14_ANilSliceIsAnEmptyList(t *testing.T) {
	t.Parallel()
	all := dovetail.Select(models.Posts).OrderBy("id")
	lists := map[string]any{"int64": []int64(nil), "any": []any(nil), "pointers": []*int64(nil)}
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for name, list := range lists {
			trapPosts(t, name+" in", d.DB, all.Where(squirrel.Eq{"editor_id": list}))
			trapPosts(t, name+" not in", d.DB, all.Where(squirrel.NotEq{"editor_id": list}), 1, 2, 3)
		}
		trapPosts(t, "text in", d.DB, all.Where(squirrel.Eq{"title": []string(nil)}))
		trapPosts(t, "text not in", d.DB, all.Where(squirrel.NotEq{"title": []string(nil)}), 1, 2, 3)
	})
}

func TestTrap_D15_BytesAndUUIDsAreOneValue(t *testing.T) {
	t.Parallel()
	type File struct {
		ID    int64
		Token uuid.UUID
		Sum   []byte
	}
	files := dovetail.NewTable[File](dovetail.NewRegistry(), "files")
	type named []byte
	const prefix = "00000000-0000-4000-8000-00000000000"
	one, two := uuid.MustParse(prefix+"1"), uuid.MustParse(prefix+"2")
	all := dovetail.Select(files).OrderBy("id")
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		bytes, literal := "BLOB", "X'%s'"
		if d.Postgres() {
			bytes, literal = "BYTEA", `'\x%s'`
		}
		d.Exec(t, "CREATE TABLE files (id BIGINT PRIMARY KEY, token UUID NOT NULL, sum "+bytes+" NOT NULL)")
		for i, sum := range []string{"0102", "01", "02", ""} {
			d.Exec(t, fmt.Sprintf("INSERT INTO files (id, token, sum) VALUES (%d, '%s%d', "+literal+")", i+1, prefix, i+1, sum))
		}
		cases := []struct {
			name string
			pred any
			want []int64
		}{
			{"uuid", squirrel.Eq{"token": one}, []int64{1}},
			{"[16]byte", squirrel.Eq{"token": [16]byte(two)}, []int64{2}},
			{"*uuid", squirrel.Eq{"token": &two}, []int64{2}},
			{"text", squirrel.Eq{"token": one.String()}, []int64{1}},
			{"uuids", squirrel.Eq{"token": []uuid.UUID{one, two}}, []int64{1, 2}},
			{"[16]bytes", squirrel.NotEq{"token": [][16]byte{one, two}}, []int64{3, 4}},
			{"[]byte", squirrel.Eq{"sum": []byte{1, 2}}, []int64{1}},
			{"[]uint8", squirrel.Eq{"sum": []uint8{2}}, []int64{3}},
			{"named", squirrel.Eq{"sum": named{1}}, []int64{2}},
			{"empty", squirrel.Eq{"sum": []byte{}}, []int64{4}},
			{"unequal", squirrel.NotEq{"sum": []byte{1, 2}}, []int64{2, 3, 4}},
			{"several", squirrel.Eq{"sum": [][]byte{{1}, {2}, {3}}}, []int64{2, 3}},
			{"several, one NULL", squirrel.Eq{"sum": [][]byte{{1}, nil}}, []int64{2}},
			{"ordered", squirrel.Gt{"sum": []byte{1}}, []int64{1, 3}},
		}
		for _, c := range cases {
			kit.Same(t, c.name, kit.Pluck(kit.All(t, d.DB, all.Where(c.pred)), func(f *File) int64 { return f.ID }), c.want...)
		}
	})
	_, args := kit.StatementOf(t, all.Where(squirrel.Eq{"token": one, "sum": []byte{1, 2, 3}}))
	if len(args) != 2 {
		t.Errorf("expected an argument for each column, got %v", args)
	}
}

func TestTrap_D17_RefusesAValueOfAnotherKind(t *testing.T) {
	t.Parallel()
	type Flagged struct {
		ID    int64
		Token uuid.UUID
		Done  bool
	}
	r := dovetail.NewRegistry()
	flags := dovetail.NewTable[Flagged](r, "flags")
	all := dovetail.Select(models.Accounts)
	accounts := map[string]struct {
		q     dovetail.Query[*models.Account]
		words []string
	}{
		"text for an integer":      {all.Where(squirrel.Eq{"id": "929f"}), []string{`"id"`, "int64", "text"}},
		"an integer for text":      {all.Where(squirrel.Eq{"owner": 0}), []string{`"owner"`, "string", "integer"}},
		"a bool for text":          {all.Where(squirrel.NotEq{"owner": true}), []string{`"owner"`, "boolean"}},
		"a bool for an integer":    {all.Where(squirrel.Eq{"balance": true}), []string{`"balance"`, "boolean"}},
		"an integer for a time":    {all.Where(squirrel.Gt{"created_at": 0}), []string{`"created_at"`, "integer"}},
		"bytes for text":           {all.Where(squirrel.Eq{"owner": []byte("x")}), []string{`"owner"`, "bytes"}},
		"a list of texts":          {all.Where(squirrel.Eq{"id": []string{"1"}}), []string{`"id"`, "text"}},
		"a list of anything":       {all.Where(squirrel.Eq{"owner": []any{1, 2}}), []string{`"owner"`, "integer"}},
		"a pattern for an integer": {all.Where(squirrel.Like{"balance": "1%"}), []string{`"balance"`, "text"}},
		"inside Or":                {all.Where(squirrel.Or{squirrel.Eq{"id": "1"}}), []string{`"id"`, "text"}},
		"inside Has":               {all.Has("activities", squirrel.Eq{"amount": "750"}), []string{`"amount"`, "text"}},
		"inside a join":            {all.Join("activities", squirrel.Eq{"amount": "750"}), []string{`"amount"`, "text"}},
		"through a path": {all.Join("activities").Where(squirrel.Lt{"activities.amount": "x"}),
			[]string{`"activities.amount"`, "text"}},
		"a preload's query": {all.Preload("activities", dovetail.Select(models.Activities).Where(squirrel.Eq{"id": "1"})),
			[]string{`"id"`, "text"}},
	}
	for name, c := range accounts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.q.All(t.Context(), kit.Silent{TB: t})
			kit.Refused(t, err, dovetail.ErrArgType, c.words...)
			if strings.Contains(err.Error(), "929") || strings.Contains(err.Error(), "750") {
				t.Errorf("expected no value in the error, got %v", err)
			}
		})
	}
	for name, pred := range map[string]any{
		"an integer for a bool": squirrel.Eq{"done": 1},
		"text for a bool":       squirrel.Eq{"done": "true"},
		"an integer for a uuid": squirrel.Eq{"token": 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := dovetail.Select(flags).Where(pred).All(t.Context(), kit.Silent{TB: t})
			kit.Refused(t, err, dovetail.ErrArgType)
		})
	}
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		// Kinds that mean the same are none of another.
		type myInt int32
		same := map[string]any{"int": 3, "uint8": uint8(3), "named": myInt(3), "float": 3.0, "pointer": new(myInt)}
		*same["pointer"].(*myInt) = 3
		for name, v := range same {
			rows := kit.All(t, d.DB, all.Where(squirrel.Eq{"id": v}))
			kit.Same(t, name, kit.Pluck(rows, func(a *models.Account) string { return a.Owner }), "Squidward")
		}
		rows := kit.All(t, d.DB, dovetail.Select(models.Activities).Where(squirrel.Eq{"activity_type": models.Withdrawal}).OrderBy("id"))
		kit.Same(t, "a named text", kit.Pluck(rows, func(a *models.Activity) int64 { return a.ID }), 3, 6)
	})
}

func TestTrap_D18_RefusesConditionsDecodedFromJSON(t *testing.T) {
	t.Parallel()
	decode := func(text string) map[string]any {
		var m map[string]any
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	all := dovetail.Select(models.Accounts)
	request := decode(`{"owner": {"$ne": 1}}`)
	cases := []struct {
		name  string
		q     dovetail.Query[*models.Account]
		is    error
		words []string
	}{
		{"a map", all.Where(request), dovetail.ErrInvalidQuery, []string{"Where", "map[string]interface {}"}},
		{"a map of texts", all.Where(map[string]string{"owner": "x"}), dovetail.ErrInvalidQuery,
			[]string{"map[string]string"}},
		{"an operator for a value", all.Where(squirrel.Eq(request)), dovetail.ErrArgType, []string{`"owner"`, "map"}},
		{"one inside NotEq", all.Where(squirrel.NotEq(request)), dovetail.ErrArgType, []string{`"owner"`, "map"}},
		{"one inside a list", all.Where(squirrel.Eq(decode(`{"owner": [{"$gt": ""}]}`))), dovetail.ErrArgType,
			[]string{`"owner"`, "item 0", "map"}},
		{"a list of lists", all.Where(squirrel.Eq(decode(`{"id": [[1]]}`))), dovetail.ErrArgType,
			[]string{`"id"`, "list"}},
		{"mixed kinds", all.Where(squirrel.Eq(decode(`{"id": [1, "1 OR 1=1"]}`))), dovetail.ErrArgType,
			[]string{`"id"`, "values of one kind"}},
		{"a column of no table", all.Where(squirrel.Eq(decode(`{"is_admin": true}`))), dovetail.ErrUnknownColumn,
			[]string{`"is_admin"`}},
		{"SQL for a column", all.Where(squirrel.Eq(decode(`{"1=1 OR id": 1}`))), dovetail.ErrUnknownColumn,
			[]string{`"1=1 OR id"`}},
		{"raw JSON", all.Where(json.RawMessage(`{"id": 1}`)), dovetail.ErrInvalidQuery, []string{"Where"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := c.q.All(t.Context(), kit.Silent{TB: t})
			kit.Refused(t, err, c.is, c.words...)
		})
	}
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		// A number of JSON is a float; a column of integers takes it.
		rows := kit.All(t, d.DB, all.Where(squirrel.Eq(decode(`{"id": 3, "owner": "Squidward"}`))))
		kit.Same(t, "a checked map", kit.Pluck(rows, func(a *models.Account) int64 { return a.ID }), 3)
	})
}

func TestTrap_D19_SharesNothingBetweenQueries(t *testing.T) {
	t.Parallel()
	ids, in, args := []int64{1, 2}, squirrel.Eq{"id": 4}, []any{30}
	base := dovetail.Select(models.Accounts).Columns("id", "owner").Join("activities").OrderBy("id").GroupBy("id").
		Where(squirrel.Eq{"id": ids}).Where(in).Where("balance > ?", args...).Having("count(*) > ?", 0).Preload("activities")
	before, argsBefore := kit.StatementOf(t, base)
	ids[0], in["id"], in["owner"], args[0] = 99, 98, "x", 97
	extend := func(i int) dovetail.Query[*models.Account] {
		return base.Where(squirrel.Eq{"balance": i}).Where("owner <> ?", fmt.Sprint(i)).OrderBy("id DESC").GroupBy("owner").
			Columns("email").Column("count(*) AS n").Join("activities", squirrel.Eq{"amount": i}).
			Having("sum(activities.amount) > ?", i).Preload("activities.account").Limit(i).Offset(i)
	}
	alone := make([]string, 50)
	for i := range alone {
		sql, args := kit.StatementOf(t, extend(i))
		alone[i] = fmt.Sprint(sql, args)
	}
	var wait sync.WaitGroup
	for i := range alone {
		wait.Go(func() {
			for range 3 {
				sql, args, err := extend(i).SQL(postgres.Dialect)
				if got := fmt.Sprint(sql, args); got != alone[i] || err != nil {
					t.Errorf("expected\n%s\ngot\n%s, %v", alone[i], got, err)
				}
			}
		})
	}
	wait.Wait()
	after, argsAfter := kit.StatementOf(t, base)
	if before != after || fmt.Sprint(argsBefore) != fmt.Sprint(argsAfter) {
		t.Errorf("expected the base as it was, %s %v, got %s %v", before, argsBefore, after, argsAfter)
	}
	kit.Same(t, "the base's arguments", argsAfter[1:], any(4), 30, 0)
}

func TestTrap_D20_WritesEqualMapsAlike(t *testing.T) {
	t.Parallel()
	// Built anew each time, because the order of a map is that of its memory.
	values := func() map[string]any {
		return map[string]any{"id": 1, "balance": 2, "owner": "c", "email": "d", "activities.amount": 5, "activities.id": 6}
	}
	texts := func() map[string]any {
		return map[string]any{"owner": "a", "email": "b", "activities.activity_type": "c"}
	}
	maps := map[string]func() any{
		"Eq":          func() any { return squirrel.Eq(values()) },
		"NotEq":       func() any { return squirrel.NotEq(values()) },
		"Lt":          func() any { return squirrel.Lt(values()) },
		"LtOrEq":      func() any { return squirrel.LtOrEq(values()) },
		"Gt":          func() any { return squirrel.Gt(values()) },
		"GtOrEq":      func() any { return squirrel.GtOrEq(values()) },
		"Like":        func() any { return squirrel.Like(texts()) },
		"NotLike":     func() any { return squirrel.NotLike(texts()) },
		"ILike":       func() any { return squirrel.ILike(texts()) },
		"NotILike":    func() any { return squirrel.NotILike(texts()) },
		"NotEqOrNull": func() any { return dovetail.NotEqOrNull(values()) },
		"Or":          func() any { return squirrel.Or{squirrel.Eq(values()), squirrel.Like(texts())} },
	}
	for name, pred := range maps {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, firstArgs := kit.StatementOf(t, dovetail.Select(models.Accounts).Join("activities").Where(pred()))
			for range 1000 {
				sql, args := kit.StatementOf(t, dovetail.Select(models.Accounts).Join("activities").Where(pred()))
				if sql != first || fmt.Sprint(args) != fmt.Sprint(firstArgs) {
					t.Fatalf("expected %s %v each time, got %s %v", first, firstArgs, sql, args)
				}
			}
		})
	}
}
