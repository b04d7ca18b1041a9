package reads_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"iter"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// nRow is what the functions with type parameters are called for.
type nRow struct {
	ID, OwnerID int64
	OwnerType   string
	Rows        []*nRow
	Owner       *nRow
	dovetail.Loads
}

type nText string

// nFunctions is every exported function; those with type parameters as they are for nRow. Methods are found by reflection.
var nFunctions = map[string]any{
	"As": dovetail.As, "Enum": dovetail.Enum[string], "HasOneThrough": dovetail.HasOneThrough[nRow, nRow], "Identity": dovetail.Identity,
	"IndexWith": dovetail.IndexWith, "NamedCheck": dovetail.NamedCheck, "Naming": dovetail.Naming, "On": dovetail.On, "ReadOnly": dovetail.ReadOnly,
	"AssignedKey": dovetail.AssignedKey, "Avg": dovetail.Avg, "BelongsTo": dovetail.BelongsTo[nRow, nRow], "Check": dovetail.Check, "Col": dovetail.Col,
	"Collect": dovetail.Collect[int64], "Contains": dovetail.Contains, "Count": dovetail.Count, "Default": dovetail.Default,
	"Delete": dovetail.Delete[nRow], "DeleteOrphans": dovetail.DeleteOrphans, "DeleteRows": dovetail.DeleteRows[nRow], "EndsWith": dovetail.EndsWith,
	"Exists": dovetail.Exists, "Field": dovetail.Field, "FirstOf": dovetail.FirstOf, "ForeignKey": dovetail.ForeignKey,
	"FromContext": dovetail.FromContext, "Generated": dovetail.Generated, "Has": dovetail.Has, "HasAll": dovetail.HasAll, "HasAtLeast": dovetail.HasAtLeast,
	"HasEvery": dovetail.HasEvery, "HasMany": dovetail.HasMany[nRow, nRow], "HasManyThrough": dovetail.HasManyThrough[nRow, nRow],
	"HasNone": dovetail.HasNone, "HasOne": dovetail.HasOne[nRow, nRow], "Index": dovetail.Index, "Insert": dovetail.Insert[nRow],
	"Inverse": dovetail.Inverse, "Keyed": dovetail.Keyed[nRow, int64], "Cyclic": dovetail.Cyclic, "Level": dovetail.Level, "LinkWith": dovetail.LinkWith[nRow, nRow, nRow], "Load": dovetail.Load[nRow],
	"LoadTree": dovetail.LoadTree[nRow], "Loaded": dovetail.Loaded, "Logical": dovetail.Logical, "ManyToMany": dovetail.ManyToMany[nRow, nRow, nRow],
	"Matching": dovetail.Matching, "Max": dovetail.Max, "Min": dovetail.Min, "MorphKey": dovetail.MorphKey, "MorphMany": dovetail.MorphMany[nRow, nRow],
	"MorphOne": dovetail.MorphOne[nRow, nRow], "MorphTo": dovetail.MorphTo[nRow], "MorphType": dovetail.MorphType[nRow],
	"MorphOthers": dovetail.MorphOthers, "MorphToMany": dovetail.MorphToMany[nRow, nRow, nRow],
	"MorphValue": dovetail.MorphValue, "NewRegistry": dovetail.NewRegistry, "NewTable": dovetail.NewTable[nRow], "Not": dovetail.Not,
	"NotNull": dovetail.NotNull, "OnDelete": dovetail.OnDelete, "OneOf": dovetail.OneOf[nText], "OrderBy": dovetail.OrderBy,
	"PrimaryKey": dovetail.PrimaryKey, "References": dovetail.References, "Refresh": dovetail.Refresh[nRow], "ReplaceWith": dovetail.ReplaceWith[nRow, nRow, nRow],
	"Retry": dovetail.Retry, "RetrySerializable": dovetail.RetrySerializable, "Rows": dovetail.Rows[nRow], "Save": dovetail.Save[nRow], "SaveAll": dovetail.SaveAll[nRow], "Schema": dovetail.Schema,
	"Scope": dovetail.Scope, "ScopesDiffer": dovetail.ScopesDiffer, "Select": dovetail.Select[nRow], "SoftDelete": dovetail.SoftDelete,
	"StartsWith": dovetail.StartsWith, "Sum": dovetail.Sum, "Symmetric": dovetail.Symmetric, "ThroughKeys": dovetail.ThroughKeys[string, []string], "Type": dovetail.Type,
	"Unique": dovetail.Unique, "Update": dovetail.Update[nRow], "Upsert": dovetail.Upsert[nRow], "Version": dovetail.Version,
	"Acyclic": dovetail.Acyclic, "Enforced": dovetail.Enforced, "Ignore": dovetail.Ignore, "OnUpdate": dovetail.OnUpdate, "Restore": dovetail.Restore[nRow], "RestoreRows": dovetail.RestoreRows[nRow],
	"Where": dovetail.Where, "WithHooks": dovetail.WithHooks,
	"postgres.New": postgres.New, "sqlite.New": sqlite.New, "dialect.AppendQuoted": dialect.AppendQuoted, "dialect.AppendUUID": dialect.AppendUUID,
	"dialect.LikePattern": dialect.LikePattern, "dialect.List": dialect.List, "dialect.SpellsNumber": dialect.SpellsNumber,
}

// nTypes is every exported type that has methods, by a pointer to one that nobody made. Interfaces and what other packages declare is left out.
var nTypes = map[string]any{
	"Aggregate": new(dovetail.Aggregate), "Change": new(dovetail.Change[*nRow]), "DeletePolicy": new(dovetail.DeletePolicy), "Finding": new(dovetail.Finding),
	"Insertion": new(dovetail.Insertion[*nRow]), "Query": new(dovetail.Query[*nRow]), "Registry": new(dovetail.Registry),
	"Removal": new(dovetail.Removal[*nRow]), "Severity": new(dovetail.Severity), "Table": new(dovetail.Table[nRow]),
	"ToMany": new(dovetail.ToMany[*nRow, *nRow]), "ToOne": new(dovetail.ToOne[*nRow, *nRow]), "Restoration": new(dovetail.Restoration[*nRow]), "Upsertion": new(dovetail.Upsertion[*nRow]),
	"postgres.DB": new(postgres.DB), "sqlite.DB": new(sqlite.DB), "fault.QueryError": new(fault.QueryError), "fault.RelationError": new(fault.RelationError),
	"fault.ScanError": new(fault.ScanError), "dialect.Catalog": new(dialect.Catalog), "dialect.ColumnError": new(dialect.ColumnError),
	"dialect.ConstraintError": new(dialect.ConstraintError), "dialect.Failure": new(dialect.Failure), "dialect.FailureKind": new(dialect.FailureKind),
	"dialect.Keys":           new(dialect.Keys),
	"dialect.StatementError": new(dialect.StatementError), "dialect.Stored": new(dialect.Stored), "dialect.TimeArg": new(dialect.TimeArg),
	"dialect.TxError": new(dialect.TxError),
}

// TestEveryExportedFunctionIsCalledWithNothing reads the packages' sources, so that what is new is called too.
func TestEveryExportedFunctionIsCalledWithNothing(t *testing.T) {
	t.Parallel()
	for dir, prefix := range map[string]string{
		".": "", "dialect": "dialect.", "dialect/postgres": "postgres.", "dialect/sqlite": "sqlite.", "fault": "fault.",
	} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(dir, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Name.IsExported() {
					nIsCalled(t, prefix, f)
				}
			}
		}
	}
}

func nIsCalled(t *testing.T, prefix string, f *ast.FuncDecl) {
	t.Helper()
	if f.Recv == nil {
		if nFunctions[prefix+f.Name.Name] == nil {
			t.Errorf("%s%s is not called with nothing; add it to nFunctions", prefix, f.Name)
		}
		return
	}
	if of := nReceiver(f.Recv.List[0].Type); ast.IsExported(of) && nTypes[prefix+of] == nil {
		t.Errorf("%s%s.%s is not called with nothing; add the type to nTypes", prefix, of, f.Name)
	}
}

func nReceiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return nReceiver(e.X)
	case *ast.IndexExpr:
		return nReceiver(e.X)
	case *ast.IndexListExpr:
		return nReceiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// TestNothingIsNoPanic calls every function and method with nil and zero for all of its arguments, for each of them, and for one
// element of those of which there may be several; and does with what comes back what it is for.
func TestNothingIsNoPanic(t *testing.T) {
	t.Parallel()
	db := kit.SQLiteDB(t, "CREATE TABLE rows (id INTEGER PRIMARY KEY, owner_id BIGINT NOT NULL, owner_type TEXT NOT NULL)").DB
	for name, f := range nFunctions {
		nCall(t, db, name, func(*nWorld) reflect.Value { return reflect.ValueOf(f) })
	}
	for name, zero := range nTypes {
		of := reflect.TypeOf(zero)
		_, isError := zero.(error) // of which nobody has a nil pointer
		for i := range of.NumMethod() {
			method := of.Method(i).Name
			if method == "Carried" {
				continue // it is for the package itself
			}
			nCall(t, db, name+"{}."+method, func(*nWorld) reflect.Value {
				return reflect.New(of.Elem()).MethodByName(method)
			})
			if _, ofValue := of.Elem().MethodByName(method); !ofValue && !isError { // of the pointer, which may be nil
				nCall(t, db, "(*"+name+")(nil)."+method, func(*nWorld) reflect.Value { return reflect.Zero(of).MethodByName(method) })
			}
			if newNWorld(db).made(of) == nil {
				continue // there is nothing to make of it
			}
			nCall(t, db, name+"."+method, func(w *nWorld) reflect.Value {
				made := reflect.ValueOf(w.made(of))
				if made.Type() != of { // methods of the value
					p := reflect.New(of.Elem())
					p.Elem().Set(made)
					made = p
				}
				return made.MethodByName(method)
			})
		}
	}
}

// nWorld is what one call has: a registry that is still open, a table and relations of it.
type nWorld struct {
	db       dialect.DB
	registry *dovetail.Registry
	table    *dovetail.Table[nRow]
	many     *dovetail.ToMany[*nRow, *nRow]
	one      *dovetail.ToOne[*nRow, *nRow]
}

func newNWorld(db dialect.DB) *nWorld {
	w := &nWorld{db: db, registry: dovetail.NewRegistry()}
	w.table = dovetail.NewTable[nRow](w.registry, "rows")
	w.many = dovetail.HasMany(w.table, "rows", w.table, dovetail.ForeignKey("owner_id"))
	w.one = dovetail.BelongsTo(w.table, "owner", w.table, dovetail.ForeignKey("owner_id"))
	return w
}

// made returns something of the type that is not nothing; nil: nothing is known to be.
func (w *nWorld) made(t reflect.Type) any {
	row, q := &nRow{ID: 1}, dovetail.Select(w.table)
	for _, v := range []any{
		w.registry, w.table, w.many, w.one, q, dovetail.Count("rows"), dovetail.Update(w.table), dovetail.Delete(w.table), dovetail.Insert(w.table, row),
		dovetail.Upsert(w.table, row), dovetail.Cascade, dovetail.Finding{}, dovetail.Severity(0), row, []*nRow{row}, []int64{1}, "owner_id", 1, int64(1),
		[]string{"owner_id"}, nText("a"), dovetail.Linked[nRow, nRow]{Row: row}, func(dialect.DB) error { return nil }, true,
		func(context.Context) (any, error) { return 1, nil }, dovetail.RelationOption(func() dovetail.RelationOption { return dovetail.Logical() }()),
		dovetail.Schema("main"), map[string]any{"owner_id": 1},
	} {
		if reflect.TypeOf(v) == t || t.Kind() == reflect.Pointer && reflect.TypeOf(v) == t.Elem() {
			return v
		}
	}
	for _, v := range []any{context.Background(), w.db, postgres.Dialect, q, row, squirrel.Eq{"id": 1}} {
		if t.Kind() == reflect.Interface && t.NumMethod() > 0 && reflect.TypeOf(v).Implements(t) {
			return v
		}
	}
	if t.Kind() == reflect.Interface && t.NumMethod() == 0 {
		return 1
	}
	return nil
}

// nCall calls a function with nothing in different places.
func nCall(t *testing.T, db dialect.DB, name string, of func(*nWorld) reflect.Value) {
	t.Helper()
	f := of(newNWorld(db)).Type()
	const all, none = -1, -2
	for nothing := none; nothing < f.NumIn(); nothing++ {
		for _, variadic := range []bool{false, true} {
			if variadic && !f.IsVariadic() {
				continue
			}
			w, args, said := newNWorld(db), []reflect.Value{}, []string{}
			fn := of(w)
			for i := range f.NumIn() {
				in := f.In(i)
				if last := f.IsVariadic() && i == f.NumIn()-1; last && !variadic {
					break
				} else if last {
					in = in.Elem()
				}
				arg := reflect.Zero(in)
				if made := w.made(in); made != nil && nothing != all && nothing != i {
					arg = reflect.ValueOf(made).Convert(in)
				}
				args, said = append(args, arg), append(said, fmt.Sprintf("%v", in))
			}
			what := fmt.Sprintf("%s(%s) without %d", name, strings.Join(said, ", "), nothing)
			func() {
				defer func() {
					if got := recover(); got != nil {
						t.Errorf("%s panics: %v", what, got)
					}
				}()
				for _, result := range fn.Call(args) {
					w.use(result.Interface())
				}
				_ = w.registry.Validate()
				_, _ = w.registry.DDL(postgres.Dialect)
				_, _ = dovetail.Select(w.table).All(context.Background(), db)
			}()
		}
	}
}

// use does with a result what it is for.
func (w *nWorld) use(result any) {
	ctx := context.Background()
	if v := reflect.ValueOf(result); v.Kind() == reflect.Pointer && v.IsNil() {
		return
	}
	switch r := result.(type) {
	case dovetail.TableOption:
		dovetail.NewTable[nRow](w.registry, "more", r)
	case dovetail.RelationOption:
		dovetail.HasMany(w.table, "more", w.table, r)
		dovetail.MorphTo(w.table, "any", r)
		dovetail.ManyToMany(w.table, "links", w.table, w.table, r)
		dovetail.MorphToMany(w.table, "types", w.table, w.table, r)
		dovetail.BelongsTo(w.table, "less", w.table, dovetail.Inverse("back", r))
	case *dovetail.Table[nRow]:
		_, _ = r.Name(), fmt.Sprint(r)
	case *dovetail.Registry:
		_, _ = r.Validate(), r.Programs()
	case dovetail.Aggregate:
		w.use(dovetail.Select(w.table).With(r))
	case dovetail.Query[*nRow]:
		_, _, _ = r.SQL(postgres.Dialect)
		_, _ = r.Explain(postgres.Dialect)
		_, _ = r.Preload("rows", r).All(ctx, w.db)
	case iter.Seq2[*nRow, error]:
		for range r { //nolint:revive // that is the use
		}
	case interface {
		Exec(context.Context, dialect.DB) error
	}:
		_ = r.Exec(ctx, w.db)
	case interface {
		Exec(context.Context, dialect.DB) (int64, error)
	}:
		_, _ = r.Exec(ctx, w.db)
	case dialect.DB:
		_, _ = dovetail.Select(w.table).All(ctx, r)
	case squirrel.Sqlizer:
		w.use(dovetail.Select(w.table).Where(r))
	case error:
		_ = r.Error()
	case fmt.Stringer:
		_ = r.String()
	case nil:
	default:
		if !slices.Contains([]reflect.Kind{reflect.Struct, reflect.Slice, reflect.String, reflect.Int64, reflect.Bool, reflect.Pointer}, reflect.TypeOf(r).Kind()) {
			return
		}
		w.use(dovetail.Select(w.table).Where(squirrel.Eq{"id": r}))
	}
}

// TestNilOptionsAreMistakes declares with options that are nil.
func TestNilOptionsAreMistakes(t *testing.T) {
	t.Parallel()
	for name, declare := range map[string]func(*nWorld) error{
		"the registry":          func(*nWorld) error { return dovetail.NewRegistry(nil).Validate() },
		`table "more"`:          func(w *nWorld) error { dovetail.NewTable[nRow](w.registry, "more", nil); return w.registry.Validate() },
		`relation "rows.more"`:  func(w *nWorld) error { dovetail.HasMany(w.table, "more", w.table, nil); return w.registry.Validate() },
		`relation "rows.other"`: func(w *nWorld) error { dovetail.MorphTo(w.table, "other", nil); return w.registry.Validate() },
		`relation "rows.back"`: func(w *nWorld) error {
			dovetail.HasMany(w.table, "back", w.table, dovetail.ForeignKey("owner_id"), dovetail.Inverse("there", nil))
			return w.registry.Validate()
		},
	} {
		kit.Refused(t, declare(newNWorld(nil)), dovetail.ErrInvalidRelation, name, "an option is nil")
	}
	kit.Refused(t, (*dovetail.Registry)(nil).Validate(), dovetail.ErrUnknownTable, "the registry is nil")
}
