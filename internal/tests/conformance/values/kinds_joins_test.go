package values_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// kindsHolder has the row of kinds with its own number: by each relation, that alone.
type kindsHolder struct {
	Holder int64
	ItemID int64
	UpID   int64
	Ripe   bool
	Item   *kindsRow
	Up     *kindsHolder
	Rows   []*kindsRow
	Linked []*kindsRow
}

type kindsLink struct {
	HolderID, RowID int64
	Ok              bool
}

const kindsHoldersDDL = `
CREATE TABLE kind_holders (holder BIGINT PRIMARY KEY, item_id BIGINT NOT NULL, up_id BIGINT NOT NULL, ripe BOOLEAN NOT NULL);
CREATE TABLE kind_links (holder_id BIGINT NOT NULL, row_id BIGINT NOT NULL, ok BOOLEAN NOT NULL, PRIMARY KEY (holder_id, row_id));
INSERT INTO kind_holders SELECT id, id, id, yes FROM kinds;
INSERT INTO kind_links SELECT id, id, yes FROM kinds;`

type kindsJoined struct {
	holders *dovetail.Table[kindsHolder]
	rows    *dovetail.Table[kindsRow]
}

func newKindsJoined() kindsJoined {
	r := dovetail.NewRegistry()
	k := kindsJoined{
		holders: dovetail.NewTable[kindsHolder](r, "kind_holders", dovetail.PrimaryKey("holder")),
		rows:    dovetail.NewTable[kindsRow](r, "kinds"),
	}
	links := dovetail.NewTable[kindsLink](r, "kind_links", dovetail.PrimaryKey("holder_id", "row_id"))
	dovetail.BelongsTo(k.holders, "item", k.rows, dovetail.ForeignKey("item_id"))
	dovetail.BelongsTo(k.holders, "up", k.holders, dovetail.ForeignKey("up_id"))
	dovetail.HasMany(k.holders, "rows", k.rows, dovetail.ForeignKey("id"))
	dovetail.ManyToMany(k.holders, "linked", k.rows, links, dovetail.ThroughKeys("holder_id", "row_id"))
	return k
}

// places are queries that a condition on a row of kinds stands in, each at another place. They give the numbers of the rows that it holds for.
func (k kindsJoined) places(ctx context.Context, db dovetail.DB) map[string]func(text string, args ...any) ([]int64, error) {
	of := func(q dovetail.Query[*kindsHolder]) ([]int64, error) {
		found, err := q.OrderBy("holder").All(ctx, db)
		return kit.Pluck(found, func(h *kindsHolder) int64 { return h.Holder }), err
	}
	from := func(source string, args ...any) ([]int64, error) {
		found, err := dovetail.Select(k.rows).From(source, args...).OrderBy("id").All(ctx, db)
		return kit.Pluck(found, func(r *kindsRow) int64 { return r.ID }), err
	}
	join := func(path string, more ...string) func(text string, args ...any) ([]int64, error) {
		return func(text string, args ...any) ([]int64, error) {
			return of(dovetail.Select(k.holders).Fetch(more...).Join(path, sq.Expr(text, args...)))
		}
	}
	return map[string]func(text string, args ...any) ([]int64, error){
		"Join of many": join("rows"), "Join of one": join("item"), "Join of links": join("linked"),
		"Join below another": join("up.rows"), "Join of links below another": join("up.linked"), "Join of what is fetched": join("item", "item"),
		"LeftJoin": func(text string, args ...any) ([]int64, error) {
			return of(dovetail.Select(k.holders).LeftJoin("rows", sq.Expr(text, args...)).Where("rows.id IS NOT NULL"))
		},
		"LeftJoin of links": func(text string, args ...any) ([]int64, error) {
			return of(dovetail.Select(k.holders).LeftJoin("linked", sq.Expr(text, args...)).Where("linked.id IS NOT NULL"))
		},
		"Join by a text in another": func(text string, args ...any) ([]int64, error) {
			return of(dovetail.Select(k.holders).Join("rows", sq.Expr("?", sq.Expr(text, args...))))
		},
		"Where behind a Join": func(text string, args ...any) ([]int64, error) {
			return of(dovetail.Select(k.holders).Join("rows").Where(text, args...))
		},
		"Has": func(text string, args ...any) ([]int64, error) {
			return of(dovetail.Select(k.holders).Has("linked", sq.Expr(text, args...)))
		},
		"Preload": func(text string, args ...any) (all []int64, err error) {
			found, err := dovetail.Select(k.holders).OrderBy("holder").Preload("linked", dovetail.Select(k.rows).Where(text, args...)).All(ctx, db)
			for _, h := range found {
				all = append(all, kit.Pluck(h.Linked, func(r *kindsRow) int64 { return r.ID })...)
			}
			return all, err
		},
		"From": func(text string, args ...any) ([]int64, error) {
			return from("SELECT * FROM kinds WHERE "+text, args...)
		},
		"From of several": func(text string, args ...any) ([]int64, error) {
			return from("SELECT * FROM kinds WHERE id > 9 UNION ALL SELECT * FROM kinds WHERE "+text, args...)
		},
		"From of arguments": func(text string, args ...any) ([]int64, error) {
			return from("? UNION ALL ?", dovetail.Select(k.rows).Where("id > 9"), sq.Select("*").From("kinds").Where(text, args...))
		},
		"From WITH": func(text string, args ...any) ([]int64, error) {
			return from("WITH k AS (SELECT * FROM kinds) SELECT k.* FROM k WHERE "+text, args...)
		},
	}
}

// TestValuesOfEveryKindInEveryJoin compares bare names in the conditions of joins, and of what is read like a table, with values of their
// own kind and of others.
func TestValuesOfEveryKindInEveryJoin(t *testing.T) {
	t.Parallel()
	k := newKindsJoined()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, kindsDDL(d.Postgres())+";"+kindsHoldersDDL)
		places := k.places(t.Context(), d.DB)
		for of, values := range kindsValues() {
			for i, v := range values {
				if v.sqlite && d.Postgres() {
					continue
				}
				for place, rows := range places {
					f := kindsForms[i%2*6] // one for which a row is the same, or one for which it is less
					what := fmt.Sprintf("%s, %s with value %d, a %T", place, f.text, i, v.value)
					got, err := rows(strings.ReplaceAll(f.text, "X", of), v.value)
					switch {
					case v.row == 0 && !errors.Is(err, dovetail.ErrArgType):
						t.Errorf("%s of %s: expected it refused, got %v and %v", what, of, got, err)
					case v.row == 0:
					case err != nil:
						t.Errorf("%s of %s: %v", what, of, err)
					default:
						kit.Equal(t, what+" of "+of, fmt.Sprint(got), fmt.Sprint(f.rows(of, v.row)))
					}
				}
			}
		}
	})
}

// TestABareNameOfAnotherRow: a name that stands alone is of the table between two rows, or of the row around, where only that has it.
func TestABareNameOfAnotherRow(t *testing.T) {
	t.Parallel()
	k := newKindsJoined()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, kindsDDL(d.Postgres())+";"+kindsHoldersDDL)
		for place, rows := range k.places(t.Context(), d.DB) {
			switch {
			case strings.Contains(place, "link") || place == "Has" || place == "Preload":
				got, err := rows("ok = ?", "true")
				kit.NoError(t, err)
				kit.Equal(t, "between, "+place, fmt.Sprint(got), "[2 4]")
			case strings.HasPrefix(place, "From"):
				continue
			}
			if !strings.Contains(place, "below") && place != "Preload" {
				got, err := rows("ripe = ?", "true")
				kit.NoError(t, err)
				kit.Equal(t, "around, "+place, fmt.Sprint(got), "[2 4]")
			}
		}
	})
}

// TestABareNameThatMayBeARowAround: a query in text may have a column that nobody declared, so that a name is not taken for one around it
// where that changes the value.
func TestABareNameThatMayBeARowAround(t *testing.T) {
	t.Parallel()
	k := newKindsJoined()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, kindsDDL(d.Postgres())+";"+kindsHoldersDDL)
		count := func(name string, v any) (int64, error) {
			return dovetail.Select(k.rows).Where("EXISTS (SELECT 1 FROM kind_links AS l WHERE l.row_id > 0 AND "+name+" = ?)", v).Count(t.Context(), d.DB)
		}
		for name, values := range map[string][]any{"yes": {true}, "name": {kindsName(2)}, "n": {2}, "data": {[]byte(kindsName(2))}, "uid": {kindsUIDText(2)}} {
			for _, v := range values {
				want := int64(1)
				if name == "yes" {
					want = 2
				}
				kit.Equal(t, name, kit.Must[int64](t)(count(name, v)), want)
			}
		}
		for name, values := range map[string][]any{
			"yes": {"true", []byte("t")}, "name": {5, []byte(kindsName(2))}, "data": {kindsName(2)}, "uid": {strings.ToUpper(kindsUIDText(2))},
			"at": {kindsTime(2).Format("2006-01-02T15:04Z07:00"), kindsTime(2)},
		} {
			for _, v := range values {
				if _, err := count("self."+name, v); name != "name" {
					kit.NoError(t, err)
				}
				if _, err := count(name, v); !d.Postgres() {
					kit.Refused(t, err, dovetail.ErrUnsupported, name, "self.column")
				}
			}
		}
	})
}
