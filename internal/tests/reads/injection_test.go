package reads_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// A string that is no SQL text is a name or a value, whatever it says: it is refused, quoted, or sent as an argument.

// iMark is in every payload, where SQL that holds the payload would have it as a name or a comment.
const iMark = "zqx"

// iPayloads are texts that would break out of what they are written in.
func iPayloads() []string {
	var all []string
	for _, out := range []string{
		"", "id", "id ", "'", `"`, "`", "]", ")", "')", `")`, "'))", `"))`, `\'`, `\"`, "''", `""`, "$$", "*/", "/*", "--", ";", "\x00", "\n", "\t", "?", "??", "$1", ":a", "@a",
		"E'", "U&'", "N'", "x'", "\u2019", "\uff07", "\u201d", "\u02bc", "\xbf'", "\xc0\xa7", "%27", "&#39;", "{", "rows.", "owner.", "self.", "outer.",
	} {
		for _, then := range []string{
			" OR 1=1 -- zqx", "; DROP TABLE canary; -- zqx", " UNION SELECT zqx FROM canary", "||pg_sleep(9)||zqx", "); DELETE FROM canary; -- zqx",
			" ASC, zqx DESC", "::zqx", ", (SELECT zqx FROM canary)", "/**/zqx", "->>'zqx'", " AS zqx", "=zqx",
		} {
			all = append(all, out+then)
		}
	}
	return all
}

// iTexts are the parameters, by the method or function and a number, that are SQL text: the program's own. Registries are too.
var iTexts = map[string]int{
	"Query.Where": 0, "Query.Having": 0, "Query.Column": 0, "Query.OrderByClause": 0, "Query.From": 0, "Change.Where": 0, "Removal.Where": 0,
	"Restoration.Where": 0, "Aggregate.Where": 0, "Aggregate.Of": 0, "Upsertion.Where": 0, "Upsertion.SetExpr": 1, "Scope": 1, "Where": 0, "On": 0, "Not": 0,
	"As": 0, "Check": 0, "NamedCheck": 1, "Default": 1, "Generated": 1, "OnUpdate": 1, "Type": 1,
}

// iQuoted is what stands between quotation marks.
var iQuoted = regexp.MustCompile(`'(?:[^']|'')*'|"(?:[^"]|"")*"`)

// iDB notes statements that have a payload outside of quotation marks.
type iDB struct {
	dialect.DB
	mu    sync.Mutex
	wrong []string
}

func (d *iDB) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	d.look(stmts)
	return d.DB.Run(ctx, stmts, each)
}

func (d *iDB) InTx(ctx context.Context, opts dialect.TxOptions, do func(dialect.DB) error) error {
	return d.DB.InTx(ctx, opts, func(tx dialect.DB) error { return do(&iTx{tx, d}) })
}

func (d *iDB) look(stmts []dialect.Statement) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range stmts {
		if strings.Contains(iQuoted.ReplaceAllString(s.SQL, ""), iMark) {
			d.wrong = append(d.wrong, s.SQL)
		}
	}
}

type iTx struct {
	dialect.DB
	of *iDB
}

func (tx *iTx) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	tx.of.look(stmts)
	return tx.DB.Run(ctx, stmts, each)
}

func (tx *iTx) InTx(ctx context.Context, opts dialect.TxOptions, do func(dialect.DB) error) error {
	return tx.DB.InTx(ctx, opts, func(inner dialect.DB) error { return do(&iTx{inner, tx.of}) })
}

// iArguments are the arguments of the type that hold the payload; none: it has no place for one.
func iArguments(t reflect.Type, payload string) (all []any) {
	switch {
	case t.Kind() == reflect.String:
		return []any{reflect.ValueOf(payload).Convert(t).Interface()}
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		list := reflect.MakeSlice(t, 1, 1)
		list.Index(0).SetString(payload)
		return []any{list.Interface()}
	case t == reflect.TypeFor[map[string]any]():
		return []any{map[string]any{payload: 1}, map[string]any{"owner_type": payload}}
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		return []any{payload, []string{payload}, map[string]any{payload: 1}, pgx.NamedArgs{payload: payload}}
	case t == reflect.TypeFor[squirrel.Sqlizer]():
		return []any{squirrel.Eq{payload: 1}, squirrel.Eq{"owner_type": payload}, squirrel.Eq{"owner_type": []string{payload}}, dovetail.Col(payload),
			dovetail.Contains(payload, payload), dovetail.Has(payload), dovetail.HasAll("rows", payload)}
	}
	return nil
}

// iCall calls a function with a payload in one place after the other, and does with what comes back what it is for.
func iCall(t *testing.T, db *iDB, name string, of func(*nWorld) reflect.Value, payload string) (calls int) {
	t.Helper()
	f := of(newNWorld(db)).Type()
	for at := range f.NumIn() {
		in := f.In(at)
		if f.IsVariadic() && at == f.NumIn()-1 {
			in = in.Elem()
		}
		if text, is := iTexts[name]; is && text == at {
			continue
		}
		for _, arg := range iArguments(in, payload) {
			w, args := newNWorld(db), []reflect.Value{}
			fn := of(w)
			for i := range f.NumIn() {
				in := f.In(i)
				if f.IsVariadic() && i == f.NumIn()-1 {
					if i != at {
						break
					}
					in = in.Elem()
				}
				v := reflect.Zero(in)
				if made := w.made(in); made != nil {
					v = reflect.ValueOf(made).Convert(in)
				}
				if i == at {
					v = reflect.ValueOf(arg).Convert(in)
				}
				args = append(args, v)
			}
			calls++
			for _, result := range fn.Call(args) {
				w.use(result.Interface())
			}
			_ = w.registry.Validate()
			if ddl, err := w.registry.DDL(postgres.Dialect); err == nil {
				for _, text := range ddl {
					db.look([]dialect.Statement{{SQL: fmt.Sprint(text)}})
				}
			}
			_, _ = dovetail.Select(w.table).All(context.Background(), db)
			if len(db.wrong) > 0 {
				t.Errorf("%s with %q of %T: %s", name, payload, arg, db.wrong[0])
				db.wrong = nil
			}
		}
	}
	return calls
}

// TestNoStringIsSQL calls every exported function and method with strings that mean to be SQL, in every place that takes a string or
// anything, on live databases, the simple protocol included.
func TestNoStringIsSQL(t *testing.T) {
	t.Parallel()
	const ddl = `CREATE TABLE rows (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL, owner_type TEXT NOT NULL);
		CREATE TABLE canary (zqx BIGINT); INSERT INTO canary (zqx) VALUES (1)`
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		iAll(t, kit.SQLiteDB(t, ddl))
	})
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			d := kit.PostgresPool(t, ddl)
			config := dbtest.PostgresConfig(t)
			config.ConnConfig.DefaultQueryExecMode = mode
			d.DB = postgres.New(dbtest.PostgresPool(t, config))
			iAll(t, d)
		})
	}
}

func iAll(t *testing.T, d kit.Database) {
	t.Helper()
	payloads := iPayloads()
	if len(payloads) < 400 {
		t.Errorf("expected 400 payloads, got %d", len(payloads))
	}
	r, db, calls := rand.New(rand.NewPCG(kit.Seed(t), 4)), &iDB{DB: d.DB}, 0
	each := int(kit.Number(t, "DOVETAIL_INJECTIONS", kit.Sized[uint64](50, 4))) // payloads at each place
	some := func(do func(payload string) int) {
		for _, i := range r.Perm(len(payloads))[:min(each, len(payloads))] {
			calls += do(payloads[i])
		}
	}
	names := slices.Sorted(maps.Keys(nFunctions))
	for _, name := range names {
		if name == "postgres.New" || name == "sqlite.New" {
			continue
		}
		f := reflect.ValueOf(nFunctions[name])
		some(func(p string) int { return iCall(t, db, name, func(*nWorld) reflect.Value { return f }, p) })
	}
	for _, name := range slices.Sorted(maps.Keys(nTypes)) {
		of := reflect.TypeOf(nTypes[name])
		if newNWorld(db).made(of) == nil || strings.Contains(name, ".") {
			continue // there is nothing to make of it
		}
		for i := range of.NumMethod() {
			method := of.Method(i).Name
			if method == "Carried" {
				continue // it is for the package itself
			}
			some(func(p string) int {
				return iCall(t, db, name+"."+method, func(w *nWorld) reflect.Value {
					made := reflect.ValueOf(w.made(of))
					if made.Type() != of { // methods of the value
						v := reflect.New(of.Elem())
						v.Elem().Set(made)
						made = v
					}
					return made.MethodByName(method)
				}, p)
			})
		}
	}
	t.Logf("%d calls", calls)
	_, _ = dovetail.Select(newNWorld(db).table).Where("id = 1 OR 'zqx' = zqx").All(t.Context(), db)
	if len(db.wrong) != 1 {
		t.Errorf("expected SQL text to be seen, got %q", db.wrong)
	}
	n, err := kit.SQL[int64](t.Context(), d.DB, "SELECT count(*) FROM canary")
	if err != nil || n[0] != 1 {
		t.Errorf("expected the canary to be there, got %d and %v", n, err)
	}
}
