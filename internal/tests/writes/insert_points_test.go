package writes_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// Rows that point at each other by keys that are given, and not by fields.
type (
	ptText struct {
		ID       string
		ParentID *string
		Size     int64
	}
	ptInt struct {
		ID       int64
		ParentID *int64
		Size     int64 // with a default, so that rows of one call are of two shapes
	}
	ptTwo struct {
		Tenant   string
		ID       int64
		ParentID *int64
	}
	ptCoded struct {
		ID         int64 // that the database makes
		Code       string
		ParentCode *string
	}
)

// ptCall is rows of which each points at another, or at none, by the places.
type ptCall struct {
	name string
	at   []int // of each row, the place of that it points at; -1: none
	once bool  // it goes around, so that an Upsert may be refused
}

func ptCalls() []ptCall {
	list := func(n int, at func(i int) int) []int {
		places := make([]int, n)
		for i := range places {
			places[i] = at(i)
		}
		return places
	}
	calls := []ptCall{
		{name: "the second", at: []int{1, -1}},
		{name: "itself", at: []int{0, 0, 1}},
		{name: "each other", at: []int{1, 0}, once: true},
		{name: "a cycle among many", at: list(40, func(i int) int { return []int{20, 0}[min(i, 1)] }), once: true},
		{name: "all around", at: list(50, func(i int) int { return (i + 1) % 50 }), once: true},
	}
	for _, n := range []int{16, 17, 18, 41, 1025} {
		calls = append(calls, ptCall{name: fmt.Sprintf("the last of %d", n), at: list(n, func(i int) int { return []int{n - 1, -1}[i/(n-1)] })})
	}
	for _, n := range []int{17, 33, 1100} {
		tree := list(n, func(i int) int { return i + 1 + i*7%max(1, n-1-i) })
		tree[n-1] = -1
		calls = append(calls, ptCall{name: fmt.Sprintf("one further back of %d", n), at: tree},
			ptCall{name: fmt.Sprintf("the next of %d", n), at: list(n, func(i int) int { return []int{i + 1, -1}[(i+1)/n] })})
	}
	return calls
}

// TestRowsComeBehindThoseTheyPointAt inserts and upserts rows that point at rows of the same call, as few and as many as go into a
// statement, whatever their keys are.
func TestRowsComeBehindThoseTheyPointAt(t *testing.T) {
	t.Parallel()
	texts, ints, twos, codes := dovetail.NewRegistry(), dovetail.NewRegistry(), dovetail.NewRegistry(), dovetail.NewRegistry()
	ptTexts := dovetail.NewTable[ptText](texts, "pt_texts")
	dovetail.HasMany(ptTexts, "children", ptTexts, dovetail.ForeignKey("parent_id"))
	ptInts := dovetail.NewTable[ptInt](ints, "pt_ints", dovetail.AssignedKey(), dovetail.Default("size", "7"))
	dovetail.HasMany(ptInts, "children", ptInts, dovetail.ForeignKey("parent_id"))
	ptTwos := dovetail.NewTable[ptTwo](twos, "pt_twos", dovetail.PrimaryKey("tenant", "id"), dovetail.AssignedKey())
	dovetail.HasMany(ptTwos, "children", ptTwos, dovetail.ForeignKey("tenant", "parent_id"))
	ptCodes := dovetail.NewTable[ptCoded](codes, "pt_codes", dovetail.Unique("code"))
	dovetail.HasMany(ptCodes, "children", ptCodes, dovetail.ForeignKey("parent_code"), dovetail.References("code"))
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		for _, r := range []*dovetail.Registry{texts, ints, twos, codes} {
			kit.NoError(t, r.CreateAll(t.Context(), d.DB))
		}
		pointing := 0
		for n, call := range ptCalls() {
			for _, upsert := range []bool{false, true} {
				if upsert && call.once {
					continue
				}
				for _, at := range call.at {
					pointing += min(at+1, 1)
				}
				c := ptCase{d, call, upsert, int64(1_000_000*(n+1) + 100_000)}
				if upsert {
					c.from += 10_000
				}
				ptPut(t, c, ptTexts, "size", []string{"id"}, func(id int64, parent *int64) *ptText { return &ptText{ptKey(&id), ptKeyed(parent), 1} })
				ptPut(t, c, ptInts, "size", []string{"id"}, func(id int64, parent *int64) *ptInt { return &ptInt{id, parent, id % 3} })
				ptPut(t, c, ptTwos, "parent_id", []string{"tenant", "id"}, func(id int64, parent *int64) *ptTwo { return &ptTwo{"t", id, parent} })
				ptPut(t, c, ptCodes, "parent_code", []string{"code"}, func(id int64, parent *int64) *ptCoded { return &ptCoded{0, ptKey(&id), ptKeyed(parent)} })
			}
		}
		var loose []*ptInt // which do not point there, as the column is left out
		for i := range int64(40) {
			at := (i+1)%40 + 1
			loose = append(loose, &ptInt{ID: i + 1, ParentID: &at})
		}
		kit.Insert(t, d.DB, dovetail.Insert(ptInts, loose...).Omit("parent_id"))
		for _, table := range []string{"pt_texts", "pt_ints", "pt_twos"} {
			people.ExpectLines(t, d, "SELECT CAST(count(parent_id) AS TEXT) FROM "+table, fmt.Sprint(pointing))
		}
		people.ExpectLines(t, d, "SELECT CAST(count(parent_code) AS TEXT) FROM pt_codes", fmt.Sprint(pointing))
	})
}

type ptCase struct {
	d      kit.Database
	call   ptCall
	upsert bool
	from   int64
}

func ptKey(id *int64) string { return fmt.Sprint("k", *id) }

func ptKeyed(id *int64) *string {
	if id == nil {
		return nil
	}
	key := ptKey(id)
	return &key
}

// ptPut writes the rows of a call, and expects each to have been told what it held.
func ptPut[R any](t *testing.T, c ptCase, to *dovetail.Table[R], set string, key []string, row func(id int64, parent *int64) *R) {
	t.Helper()
	rows := make([]*R, len(c.call.at))
	for i, at := range c.call.at {
		if rows[i] = row(c.from+int64(i), nil); at >= 0 {
			parent := c.from + int64(at)
			rows[i] = row(c.from+int64(i), &parent)
		}
	}
	var err error
	if c.upsert {
		err = dovetail.Upsert(to, rows...).OnConflict(key...).Set(set).Exec(t.Context(), c.d.DB)
	} else {
		err = dovetail.Insert(to, rows...).Exec(t.Context(), c.d.DB)
	}
	if err != nil {
		t.Errorf("%s, %T, upsert %v: %v", c.call.name, rows, c.upsert, err)
	}
}

type (
	ptRoot struct {
		ID     int64
		Lefts  []*ptLeft
		Rights []*ptRight
	}
	ptLeft struct {
		ID, RootID int64
		Code       string
		RightCode  *string
	}
	ptRight struct {
		ID, RootID int64
		Code       string
		LeftCode   *string
	}
)

// TestRowsComeBehindThoseOfOtherTables inserts rows of two tables beside each other that point at each other by keys that are given: each left one
// at the right one of its number, and that at the left one of the next.
func TestRowsComeBehindThoseOfOtherTables(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	roots := dovetail.NewTable[ptRoot](r, "pt_roots")
	lefts, rights := dovetail.NewTable[ptLeft](r, "pt_lefts", dovetail.Unique("code")), dovetail.NewTable[ptRight](r, "pt_rights", dovetail.Unique("code"))
	dovetail.HasMany(roots, "lefts", lefts, dovetail.ForeignKey("root_id"))
	dovetail.HasMany(roots, "rights", rights, dovetail.ForeignKey("root_id"))
	dovetail.HasMany(rights, "lefts", lefts, dovetail.ForeignKey("right_code"), dovetail.References("code"))
	dovetail.HasMany(lefts, "rights", rights, dovetail.ForeignKey("left_code"), dovetail.References("code"))
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		kit.NoError(t, r.CreateAll(t.Context(), d.DB))
		for _, around := range []bool{false, true} {
			root := &ptRoot{}
			const n = 20
			for i := range n {
				code, next := fmt.Sprint(around, i), fmt.Sprint(around, i+1)
				left, right := &ptLeft{Code: code, RightCode: &code}, &ptRight{Code: code, LeftCode: &next}
				switch {
				case i == n-1 && around:
					next = fmt.Sprint(around, 0)
				case i == n-1:
					right.LeftCode = nil
				}
				root.Lefts, root.Rights = append(root.Lefts, left), append(root.Rights, right)
			}
			kit.Insert(t, d.DB, dovetail.Insert(roots, root).With("lefts", "rights"))
		}
		people.ExpectLines(t, d, "SELECT CAST(count(*) AS TEXT) FROM pt_lefts AS l JOIN pt_rights AS r ON r.code = l.right_code LEFT JOIN pt_lefts AS n ON n.code = r.left_code "+
			"GROUP BY n.id IS NULL ORDER BY 1", "1", "39")
	})
}

type (
	mpRoot struct {
		ID     int64
		Lefts  []*mpLeft
		Rights []*mpRight
	}
	mpLeft struct {
		ID, RootID      int64
		Code, RightCode string
	}
	mpRight struct {
		ID, RootID     int64
		Code, LeftCode string
	}
)

const mpDDL = `CREATE TABLE mp_roots (id {key});
CREATE TABLE mp_rights (id {key}, root_id BIGINT REFERENCES mp_roots (id), code TEXT UNIQUE, left_code TEXT);
CREATE TABLE mp_lefts (id {key}, root_id BIGINT NOT NULL REFERENCES mp_roots (id), code TEXT NOT NULL UNIQUE, right_code TEXT NOT NULL REFERENCES mp_rights (code));
INSERT INTO mp_rights (code) VALUES ('0');`

// TestRowsComeBehindThoseThatTheyMustPointAt inserts such rows where no key can be set afterwards: the first left points at a right that is there.
func TestRowsComeBehindThoseThatTheyMustPointAt(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	roots := dovetail.NewTable[mpRoot](r, "mp_roots")
	lefts, rights := dovetail.NewTable[mpLeft](r, "mp_lefts", dovetail.Unique("code")), dovetail.NewTable[mpRight](r, "mp_rights", dovetail.Unique("code"))
	dovetail.HasMany(roots, "lefts", lefts, dovetail.ForeignKey("root_id"))
	dovetail.HasMany(roots, "rights", rights, dovetail.ForeignKey("root_id"))
	dovetail.HasMany(rights, "lefts", lefts, dovetail.ForeignKey("right_code"), dovetail.References("code"))
	dovetail.HasMany(lefts, "rights", rights, dovetail.ForeignKey("left_code"), dovetail.References("code"))
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		ddl := written.WithKeys(d, mpDDL) + "ALTER TABLE mp_rights ADD FOREIGN KEY (left_code) REFERENCES mp_lefts (code)"
		if !d.Postgres() { // which adds no key, and lets one point at a table that is still to be made
			ddl = strings.Replace(written.WithKeys(d, mpDDL), "left_code TEXT", "left_code TEXT REFERENCES mp_lefts (code)", 1)
		}
		d.Exec(t, ddl)
		root := &mpRoot{}
		const n = 20
		for i := range n {
			code, before := fmt.Sprint(i+1), fmt.Sprint(i)
			root.Lefts = append(root.Lefts, &mpLeft{Code: code, RightCode: before})
			root.Rights = append(root.Rights, &mpRight{Code: code, LeftCode: code})
		}
		slices.Reverse(root.Rights)
		kit.Insert(t, d.DB, dovetail.Insert(roots, root).With("lefts", "rights"))
		people.ExpectLines(t, d, "SELECT CAST(count(*) AS TEXT) FROM mp_lefts AS l JOIN mp_rights AS r ON r.code = l.right_code JOIN mp_rights AS n ON n.left_code = l.code", "20")
	})
}
