package ddl_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
)

type mood string

type diary struct {
	ID        int64
	Mood      mood
	Title     string
	Pages     int64
	Read      int64
	CreatedAt time.Time
	DeletedAt *time.Time
}

type diaryEntry struct {
	ID   int64
	Mood *mood
	Size string
}

// special has what is more than lists of columns: types of texts, indexes of expressions and of some rows, checks with names.
func special() *dovetail.Registry {
	r, _, _ := specialTables()
	return r
}

func specialTables() (*dovetail.Registry, *dovetail.Table[diary], *dovetail.Table[diaryEntry]) {
	r := dovetail.NewRegistry()
	diaries := dovetail.NewTable[diary](r, "diaries", dovetail.Enum("mood", "diary_mood", mood("so so"), mood("it's bad")),
		dovetail.IndexWith(dovetail.IndexSpec{Name: "diaries_title", On: []string{"lower(title)", "mood"}, Unique: true, Where: "deleted_at IS NULL"}),
		dovetail.IndexWith(dovetail.IndexSpec{Name: "diaries_new", On: []string{"created_at DESC"}, Using: "btree"}),
		dovetail.NamedCheck("read_of_pages", `"read" <= pages`), dovetail.Check("pages > 0"))
	entries := dovetail.NewTable[diaryEntry](r, "entries", dovetail.Enum("mood", "diary_mood", mood("so so"), mood("it's bad")),
		dovetail.OneOf("size", "S", "L"))
	dovetail.NewTable[diary](r, "diaries", dovetail.NamedCheck("read_of_pages", `"read" <= pages`)) // bound twice, said alike
	return r, diaries, entries
}

func TestABrokenCheckNamesItsColumns(t *testing.T) {
	t.Parallel()
	r, diaries, entries := specialTables()
	onEach(t, func(t *testing.T, s server) {
		if err := r.CreateAll(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name, constraint string
			insert           func() error
			columns          []string
		}{
			{"named", "read_of_pages", func() error {
				return dovetail.Insert(diaries, &diary{Mood: "so so", Pages: 3, Read: 4}).Exec(t.Context(), s)
			}, []string{"read", "pages"}},
			{"by its place", "diaries_check2", func() error { return dovetail.Insert(diaries, &diary{Mood: "so so"}).Exec(t.Context(), s) },
				[]string{"pages"}},
			{"of one column", "entries_size_check", func() error { return dovetail.Insert(entries, &diaryEntry{Size: "M"}).Exec(t.Context(), s) },
				[]string{"size"}},
			{"of an index of an expression", "diaries_title", func() error {
				rows := []*diary{{Mood: "so so", Title: "A", Pages: 1}, {Mood: "so so", Title: "a", Pages: 1}}
				return dovetail.Insert(diaries, rows...).Exec(t.Context(), s)
			}, []string{"title", "mood"}},
		} {
			var refused *dovetail.ConstraintError
			if err := c.insert(); !errors.As(err, &refused) {
				t.Errorf("%s: expected a ConstraintError, got %v", c.name, err)
				continue
			}
			if refused.Constraint != c.constraint || !slices.Equal(refused.Columns, c.columns) {
				t.Errorf("%s: expected columns %q of %s, got %q of %s", c.name, c.columns, c.constraint, refused.Columns, refused.Constraint)
			}
		}
	})
}

func TestMistakesInWhatIsSpecial(t *testing.T) {
	t.Parallel()
	for want, options := range map[string][]dovetail.TableOption{
		`IndexWith: the name "" is empty; give one`: {dovetail.IndexWith(dovetail.IndexSpec{On: []string{"id"}})},
		`IndexWith: index "x" is on nothing`:        {dovetail.IndexWith(dovetail.IndexSpec{Name: "x"})},
		`NamedCheck: the name "x" is given twice`:   {dovetail.NamedCheck("x", "id > 0"), dovetail.NamedCheck("x", "id > 1")},
		`NamedCheck: the name is empty`:             {dovetail.NamedCheck("", "id > 0")},
		`Enum: the name of the type "" is empty`:    {dovetail.Enum("size", "", "S")},
		`OneOf: column "size" is given no value`:    {dovetail.Enum[string]("size", "sizes")},
		`column "id" (int64) does not hold text`:    {dovetail.Enum("id", "sizes", "S")},
	} {
		r := dovetail.NewRegistry()
		dovetail.NewTable[diaryEntry](r, "entries", options...)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("expected %q, got %v", want, err)
		}
	}
	r := special()
	dovetail.NewTable[diary](r, "diaries", dovetail.NamedCheck("read_of_pages", "pages > 1"))
	dovetail.NewTable[diaryEntry](r, "others", dovetail.Enum("mood", "diary_mood", mood("it's bad"), mood("so so")))
	if _, err := r.DDL(postgres.Dialect); err == nil || !strings.Contains(err.Error(), `gives the type "diary_mood" other values, or another order`) {
		t.Errorf("expected the order of the values to be refused, got %v", err)
	} else if !strings.Contains(err.Error(), `the name "read_of_pages" is given to two indexes or checks`) {
		t.Errorf("expected one name for two checks to be refused, got %v", err)
	}
}
