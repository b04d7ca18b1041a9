//lint:file-ignore U1000 unused fields and types are there for reflection to find

package structs_test

import (
	"database/sql"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/georgysavva/scany/v2/dbscan"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

type (
	Base struct {
		ID        int64
		CreatedAt time.Time
	}
	Deep    struct{ Base }
	Address struct {
		City   string
		Street *string `db:"street_name"`
		Bare   string  `db:""`
	}
	hidden struct {
		Seen   int
		unseen int
		*Extra
	}
	Extra  struct{ Note sql.NullString }
	Number int

	Stats struct{ Max float64 }
)

func TestOfMapsFieldsToColumns(t *testing.T) {
	t.Parallel()
	s := mustFor[mappable](t)
	var got strings.Builder
	for _, f := range s.Fields {
		got.WriteString(f.Name + " " + f.Column)
		if f.Relation != "" {
			got.WriteString("-> " + f.Relation)
		}
		if f.Computed {
			got.WriteString(" computed")
		}
		got.WriteString("\n")
	}
	const want = `ID id
CreatedAt created_at
City address.city
Street address.street_name
Bare address
Home home
Seen seen
Note note
HTMLURL htmlurl
Name full name
Books book_count computed
Max stats.max computed
Pets -> pets
Owner -> owner
Deleted deleted
`
	if got.String() != want {
		t.Errorf("got\n%s\nexpected\n%s", got.String(), want)
	}
}

// mappable has every way a field can be mapped, or not.
type mappable struct {
	Deep
	*Address `db:"address"`
	Home     struct{ City string }
	hidden
	Number
	sync.Mutex
	HTMLURL string
	Name    string `db:"full name,pk"`
	Books   int    `db:"book_count, computed"`
	Stats   `db:"stats,computed"`
	Left    string  `db:"-"`
	Func    func()  `db:"-,"`
	Pets    []*Base `rel:"pets"`
	Owner   *Base   `db:"-" rel:"owner"`
	private int     `db:"private"`
	Deleted *time.Time
}

// captured is a result of one row that remembers where scany scans it to.
type captured struct {
	columns []string
	dest    []any
}

func (c *captured) Close() error               { return nil }
func (c *captured) Err() error                 { return nil }
func (c *captured) Next() bool                 { return c.dest == nil }
func (c *captured) NextResultSet() bool        { return false }
func (c *captured) Columns() ([]string, error) { return c.columns, nil }
func (c *captured) Scan(dest ...any) error {
	c.dest = append([]any(nil), dest...)
	return nil
}

func checkAgainstScany[T any](t *testing.T) {
	t.Helper()
	s := mustFor[T](t)
	rows := &captured{}
	var fields []*structs.Field
	for _, f := range s.Fields {
		if f.Relation == "" {
			rows.columns, fields = append(rows.columns, f.Column), append(fields, f)
		}
	}
	var value T
	if err := dbscan.ScanOne(&value, rows); err != nil {
		t.Fatal(err)
	}
	for i, f := range fields {
		if got := f.Dest(structs.RowOf(&value)); got != rows.dest[i] {
			t.Errorf("%v.%s: Dest is %T %p, scany scans to %T %p", s.Type, f.Name, got, got, rows.dest[i], rows.dest[i])
		}
	}
}

func TestDestIsWhereScanyScansTo(t *testing.T) {
	t.Parallel()
	checkAgainstScany[mappable](t)
	checkAgainstScany[Base](t)
	checkAgainstScany[struct {
		*Deep `db:"a"`
		B     sql.NullString
		Deep2 `db:"b"`
	}](t)
	checkAgainstScany[struct {
		time.Time
		sql.NullString
	}](t)
}

type (
	Deep3 struct {
		X      int
		A      int `db:"-"`
		*Deep4 `db:"e"`
	}
	Deep4 struct{ A int }
)

type Deep2 struct {
	*Deep `db:"c"`
	X     [16]byte
}

func TestGoNames(t *testing.T) {
	t.Parallel()
	type Left struct{ Base }
	type Right struct{ Base }
	s := mustFor[struct {
		ID    string `db:"-"`
		Base  `db:"base"`
		Left  `db:"left"`
		Right `db:"right"`
	}](t)
	var names []string
	for _, f := range s.Fields {
		names = append(names, f.Name)
	}
	hiding := mustFor[struct {
		X      int `db:"-"`
		A      int `db:"-"`
		Deep4  int `db:"-"`
		*Deep3 `db:"d"`
	}](t)
	if got := hiding.Fields[0].Name + " " + hiding.Fields[1].Name; got != "Deep3.X Deep3.Deep4.A" {
		t.Errorf("got %s", got)
	}
	want := "Base.ID CreatedAt Left.ID Left.CreatedAt Right.ID Right.CreatedAt"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("got %s, expected %s", got, want)
	}
}

type (
	Node   struct{ *Node }
	Tree   struct{ *Branch }
	Branch struct {
		Size int
		Tree
	}
	sealed  struct{ A int }
	nothing struct{ a int }
)

func TestOfReportsEveryMistake(t *testing.T) {
	t.Parallel()
	type Bad struct {
		Base
		Deep2 *int
		ID    string
		Copy  int    `db:"deep2"`
		Empty string `db:""`
		Call  func()
		*sealed
		*nothing
		*Node
		*Tree
		mine []*Base `rel:"mine"`
	}
	_, err := structs.Of(reflect.TypeFor[Bad]())
	if err == nil {
		t.Fatal("no error")
	}
	const want = "struct Bad: fields Base.ID and ID are both column \"id\"; " +
		"name another column in a db tag, or leave one out with db:\"-\"\n" +
		"struct Bad: fields Deep2 and Copy are both column \"deep2\"; " +
		"name another column in a db tag, or leave one out with db:\"-\"\n" +
		"field Bad.Empty has a db tag without a column name; write the name before the comma, or tag it db:\"-\"\n" +
		"field Bad.Call is a func(), which no column can hold; leave it out with db:\"-\"\n" +
		"field Bad.sealed embeds a pointer to an unexported struct, which reflection cannot set, so no scan can fill it; " +
		"embed the struct by value or export its type\n" +
		"field Bad.Node.Node embeds Node within itself without end; give the field a name, or tag it db:\"-\"\n" +
		"field Bad.Tree.Branch.Tree embeds Tree within itself without end; give the field a name, or tag it db:\"-\"\n" +
		"field Bad.mine is unexported, so its tag rel:\"mine\" has no effect; export it"
	if err.Error() != want {
		t.Errorf("got\n%v\nexpected\n%s", err, want)
	}
	if _, again := structs.Of(reflect.TypeFor[Bad]()); again != err {
		t.Error("the error is not cached")
	}
	for _, typ := range []reflect.Type{nil, reflect.TypeFor[*Base](), reflect.TypeFor[int]()} {
		if _, err := structs.Of(typ); err == nil || !strings.Contains(err.Error(), "expected a struct type, got") {
			t.Errorf("%v: %v", typ, err)
		}
	}
}

func TestAFieldForRowsMayHaveTheColumnOfAnother(t *testing.T) {
	t.Parallel()
	type row struct {
		Base  *Base
		Code  string `db:"base"`
		Item  any
		Named string `db:"item"`
		When  *time.Time
	}
	s := mustFor[row](t)
	for name, want := range map[string]bool{"Base": true, "Code": false, "Item": false, "When": false} {
		if f := mustField(t, s, name); f.LooksRelated() != want {
			t.Errorf("%s looks related: %v", name, !want)
		}
	}
	if f := mustField(t, s, "Code"); f.Column != "base" || !f.Tagged || mustField(t, s, "Base").Tagged {
		t.Errorf("Code is column %q, tagged %v", f.Column, f.Tagged)
	}
	_, err := structs.Of(reflect.TypeFor[struct {
		Base  *Base
		Code  string `db:"base"`
		Again int    `db:"base"`
	}]())
	if err == nil || !strings.Contains(err.Error(), `fields Code and Again are both column "base"`) {
		t.Errorf("three fields of one column: %v", err)
	}
}

func TestEmbeddedPointersAreAllocatedByDestOnly(t *testing.T) {
	t.Parallel()
	type row struct{ Deep2 }
	s := mustFor[row](t)
	f := mustField(t, s, "ID")
	r := &row{}
	p := structs.RowOf(r)
	if v := f.Value(p); v != nil || r.Deep2.Deep != nil {
		t.Errorf("Value behind a nil pointer is %v", v)
	}
	if ok, err := f.AppendKey(&dialect.Keys{Kind: f.Key}, p); ok || err != nil {
		t.Errorf("a key behind a nil pointer gives %v, %v", ok, err)
	}
	*f.Dest(p).(*int64) = 7
	if r.ID != 7 || f.Value(p) != int64(7) {
		t.Errorf("after a scan ID is %d, Value %v", r.ID, f.Value(p))
	}
	before := r.Deep2.Deep
	f.Dest(p)
	if r.Deep2.Deep != before {
		t.Error("Dest replaced the embedded struct")
	}
}

func TestValueIsFitForADriver(t *testing.T) {
	t.Parallel()
	f, row := mustFieldOf(t, pointerValuer{3})
	if v, ok := f.Value(row).(*pointerValuer); !ok || v.n != 3 {
		t.Errorf("got %T", f.Value(row))
	}
	f, row = mustFieldOf(t, (*int64)(nil))
	if v, ok := f.Value(row).(*int64); !ok || v != nil {
		t.Errorf("got %#v", f.Value(row))
	}
	f, row = mustFieldOf(t, decimal{1, 2})
	if f.Value(row) != (decimal{1, 2}) {
		t.Errorf("got %#v", f.Value(row))
	}
}

func TestOfIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	type fresh struct {
		mappable
		N sql.Null[uint16]
	}
	var group sync.WaitGroup
	found := make([]*structs.Struct, 100)
	for i := range found {
		group.Go(func() {
			s, err := structs.Of(reflect.TypeFor[fresh]())
			if err != nil {
				t.Error(err)
				return
			}
			row := structs.NewSlab(s, 1).New()
			for _, f := range s.Fields {
				f.Dest(row)
				f.Value(row)
			}
			found[i] = s
		})
	}
	group.Wait()
	for _, s := range found {
		if s != found[0] {
			t.Fatal("one type has two descriptions")
		}
	}
}

func TestRecursive(t *testing.T) {
	t.Parallel()
	type Employee struct {
		ID      int64
		Since   time.Time
		Manager *Employee
	}
	type Cut struct {
		Self *Cut `db:"-,x"`
		List []*Cut
		Map  map[string]Cut
		self *Cut
		Far  **Cut
	}
	type inner struct{ E *Employee }
	for _, c := range []struct {
		typ  reflect.Type
		want string
	}{
		{reflect.TypeFor[Employee](), "Employee.Manager"},
		{reflect.TypeFor[*Employee](), "Employee.Manager"},
		{reflect.TypeFor[struct {
			A Cut
			B Employee
		}](), ".B.Manager"},
		{reflect.TypeFor[struct{ inner }](), ".inner.E.Manager"},
		{reflect.TypeFor[Node](), "Node.Node"},
		{reflect.TypeFor[Tree](), "Tree.Branch.Tree"},
		{reflect.TypeFor[Cut](), ""},
		{reflect.TypeFor[mappable](), ""},
		{reflect.TypeFor[[]Employee](), ""},
		{reflect.TypeFor[map[string]int](), ""},
		{reflect.TypeFor[int](), ""},
		{nil, ""},
	} {
		path, ok := structs.Recursive(c.typ)
		if ok != (c.want != "") || !strings.HasSuffix(path, c.want) || !ok && path != "" {
			t.Errorf("%v: %q, %v; expected %q", c.typ, path, ok, c.want)
		}
	}
}
