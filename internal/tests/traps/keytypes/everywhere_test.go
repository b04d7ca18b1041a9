package keytypes_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Keys of every Go type in columns of every type: what an insert stores, every other call finds again.

type (
	kxOwner[K any] struct {
		ID   K
		Note string
		Kids []*kxKid[K]
		Tags []*kxTag[K]
	}
	kxKid[K any] struct {
		ID      int64
		OwnerID K
		Owner   *kxOwner[K]
	}
	kxTag[K any]  struct{ ID K }
	kxLink[K any] struct{ OwnerID, TagID K }
)

type (
	kxText string
	kxCode struct{ text string }
)

// Value and Scan let the database keep a text.
func (c kxCode) Value() (driver.Value, error) { return c.text, nil }

func (c *kxCode) Scan(src any) error {
	switch src := src.(type) {
	case string:
		c.text = src
	case []byte:
		c.text = string(src)
	default:
		return errors.New("expected a text")
	}
	return nil
}

// kxKeys is a Go type and two of its values.
type kxKeys struct {
	name string
	run  func(ctx context.Context, d kit.Database, of string) (stored bool, err error)
}

func kxOf[K any](a, b K) kxKeys {
	return kxKeys{fmt.Sprintf("%T %v", a, a), func(ctx context.Context, d kit.Database, of string) (bool, error) {
		r := dovetail.NewRegistry()
		owners := dovetail.NewTable[kxOwner[K]](r, "kx_owners"+of, dovetail.AssignedKey())
		kids := dovetail.NewTable[kxKid[K]](r, "kx_kids"+of, dovetail.AssignedKey())
		tags, links := dovetail.NewTable[kxTag[K]](r, "kx_tags"+of, dovetail.AssignedKey()), dovetail.NewTable[kxLink[K]](r, "kx_links"+of, dovetail.PrimaryKey("owner_id", "tag_id"))
		ownerKids := dovetail.HasMany(owners, "kids", kids, dovetail.ForeignKey("owner_id"), dovetail.Inverse("owner"), dovetail.OnDelete(dovetail.Cascade))
		ownerTags := dovetail.ManyToMany(owners, "tags", tags, links, dovetail.ThroughKeys("owner_id", "tag_id"), dovetail.OnDelete(dovetail.Cascade))
		db := d.DB
		rows := []*kxOwner[K]{{ID: a, Kids: []*kxKid[K]{{ID: 1}, {ID: 2}}}, {ID: b, Kids: []*kxKid[K]{{ID: 3}}}}
		if err := errors.Join(dovetail.Insert(tags, &kxTag[K]{a}, &kxTag[K]{b}).Exec(ctx, db), dovetail.Insert(owners, rows...).With("kids").Exec(ctx, db)); err != nil {
			return false, err
		}
		var unread *dovetail.ScanError
		if _, err := dovetail.Select(owners).All(ctx, db); errors.As(err, &unread) {
			return false, err // what the column made of the key is no such key
		}
		expect := func(what string, got, want any, err error) error {
			if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				return fmt.Errorf("%s: expected %v, got %v, %v", what, want, got, err)
			}
			return nil
		}
		loaded := func(q dovetail.Query[*kxOwner[K]]) ([]int, error) {
			all, err := q.All(ctx, db)
			n := make([]int, 0, 2)
			for _, o := range all {
				n = append(n, len(o.Kids)*10+len(o.Tags))
			}
			return n, err
		}
		all := dovetail.Select(owners).OrderBy("note")
		var errs []error
		check := func(what string, want any, do func() (any, error)) {
			got, err := do()
			errs = append(errs, expect(what, got, want, err))
		}
		count := func(n int64, err error) (any, error) { return n, err }
		check("save", 0, func() (any, error) { rows[1].Note = "z"; return 0, dovetail.Save(ctx, db, owners, rows[1], "note") })
		check("get", "z", func() (any, error) {
			o, err := dovetail.Select(owners).Get(ctx, db, b)
			if err != nil {
				return nil, err
			}
			return o.Note, nil
		})
		check("link", 2, func() (any, error) { return count(ownerTags.Link(ctx, db, rows[0], &kxTag[K]{a}, &kxTag[K]{b})) })
		check("link again", 0, func() (any, error) { return count(ownerTags.Link(ctx, db, rows[0], &kxTag[K]{b})) })
		check("preload", []int{22, 10}, func() (any, error) { return loaded(all.Preload("kids").Preload("tags")) })
		check("preload of some", []int{12, 10}, func() (any, error) {
			return loaded(all.Preload("kids", dovetail.Select(kids).Limit(1)).Preload("tags"))
		})
		check("has", 1, func() (any, error) { return count(all.Has("tags", squirrel.Eq{"id": b}).Count(ctx, db)) })
		check("in", 2, func() (any, error) { return count(all.Where(squirrel.Eq{"id": []K{a, b}}).Count(ctx, db)) })
		check("join", 2, func() (any, error) {
			return count(dovetail.Select(kids).Where(squirrel.Eq{"owner.id": a}).Count(ctx, db))
		})
		check("back", 3, func() (any, error) {
			of, err := dovetail.Select(kids).Preload("owner").All(ctx, db)
			n := 0
			for _, k := range of {
				if k.Owner != nil {
					n++
				}
			}
			return n, err
		})
		check("load", 2, func() (any, error) {
			o := &kxOwner[K]{ID: a}
			err := dovetail.Load(ctx, db, owners, []*kxOwner[K]{o}, "kids")
			return len(o.Kids), err
		})
		check("replace", "1 1", func() (any, error) {
			diff, err := ownerTags.Replace(ctx, db, rows[1], &kxTag[K]{b})
			next, again := ownerTags.Replace(ctx, db, rows[1], &kxTag[K]{a})
			return fmt.Sprint(len(diff.Added), len(next.Removed)), errors.Join(err, again)
		})
		check("move", 1, func() (any, error) { return count(ownerKids.Move(ctx, db, rows[1], &kxKid[K]{ID: 2})) })
		check("refresh", "z", func() (any, error) {
			o := &kxOwner[K]{ID: b}
			err := dovetail.Refresh(ctx, db, owners, o)
			return o.Note, err
		})
		check("save all", 0, func() (any, error) { return 0, dovetail.SaveAll(ctx, db, owners, rows, "note") })
		check("upsert", 0, func() (any, error) {
			return 0, dovetail.Upsert(owners, &kxOwner[K]{ID: a, Note: "a"}, &kxOwner[K]{ID: b, Note: "z"}).OnConflict("id").Set("note").Exec(ctx, db)
		})
		check("unlink", 1, func() (any, error) { return count(ownerTags.Unlink(ctx, db, rows[0], &kxTag[K]{a})) })
		check("delete", 1, func() (any, error) { return count(dovetail.Delete(owners).Where(squirrel.Eq{"id": a}).Exec(ctx, db)) })
		check("delete rows", 0, func() (any, error) { return 0, dovetail.DeleteRows(ctx, db, owners, rows[1]) })
		check("what is left", 0, func() (any, error) { return count(dovetail.Select(kids).Count(ctx, db)) })
		return true, errors.Join(errs...)
	}}
}

func kxAll() []kxKeys {
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	number := func(text string) (n pgtype.Numeric) {
		if err := n.Scan(text); err != nil {
			panic(err)
		}
		return n
	}
	return []kxKeys{
		kxOf[int64](1, 2), kxOf[uint32](1, 2), kxOf(1.0, 2.0), kxOf[float32](1, 2), kxOf(true, false), kxOf("1", "2"), kxOf("a", "b"), kxOf("2024-02-29", "2024-03-01"),
		kxOf("00:00:01", "00:00:02"), kxOf("08:00:2b:01:02:03", "08:00:2b:01:02:04"), kxOf(kxID, "b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), kxOf[kxText]("1", "2"),
		kxOf(day, day.AddDate(0, 0, 1)), kxOf(time.Second, 2*time.Second), kxOf(uuid.MustParse(kxID), uuid.UUID{1}), kxOf(netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("::1")),
		kxOf(kxCode{"1"}, kxCode{"2"}), kxOf(kxCode{"a"}, kxCode{"b"}), kxOf(number("1.5"), number("2")), kxOf([]byte{1}, []byte{2}),
		kxOf(sql.NullInt64{Int64: 1, Valid: true}, sql.NullInt64{Int64: 2, Valid: true}), kxOf(sql.NullString{String: "1", Valid: true}, sql.NullString{String: "2", Valid: true}),
		kxOf(pgtype.Interval{Microseconds: 1, Valid: true}, pgtype.Interval{Days: 1, Valid: true}),
		kxOf(pgtype.Date{Time: day, Valid: true}, pgtype.Date{Time: day.AddDate(0, 0, 1), Valid: true}),
	}
}

// TestKeysOfEveryTypeInColumnsOfEveryType inserts rows by keys of a Go type into columns of a type: where the database takes them, all other calls find
// them.
func TestKeysOfEveryTypeInColumnsOfEveryType(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		types := []string{"INTEGER", "BIGINT", "TEXT", "NUMERIC", "REAL", "BLOB", "BOOLEAN", "DATE", "TIMESTAMP", ""}
		if d.Postgres() {
			d.Exec(t, "CREATE TYPE kx_mood AS ENUM ('a', 'b', '1', '2'); CREATE DOMAIN kx_small AS integer")
			types = []string{"integer", "bigint", "numeric(9,2)", "real", "text", "char(8)", "uuid", "bytea", "boolean", "date", "timestamptz", "time", "interval", "inet", "macaddr",
				"oid", "kx_mood", "kx_small"}
		}
		stored := 0
		for i, sqlType := range types {
			for j, keys := range kxAll() {
				of := fmt.Sprintf("_%d_%d", i, j)
				d.Exec(t, strings.NewReplacer("KT", sqlType, "OF", of).Replace("CREATE TABLE kx_ownersOF (id KT PRIMARY KEY, note TEXT NOT NULL); CREATE TABLE kx_tagsOF (id KT PRIMARY KEY);"+
					"CREATE TABLE kx_kidsOF (id BIGINT PRIMARY KEY, owner_id KT); CREATE TABLE kx_linksOF (owner_id KT, tag_id KT, PRIMARY KEY (owner_id, tag_id))"))
				if slices.Contains(kxApart[sqlType], keys.name) {
					continue
				}
				took, err := keys.run(t.Context(), d, of)
				if took && err != nil {
					t.Errorf("%s in %q:\n%v", keys.name, sqlType, err)
				}
				if took {
					stored++
				}
			}
		}
		if stored < 60 {
			t.Errorf("expected more pairs of types that an insert takes, got %d", stored)
		}
	})
}

// kxApart are the keys that an insert takes and a comparison does not: PostgreSQL refuses one of a uuid or a number with such a column, and the
// driver of SQLite reads a text that is a day as a time.
var kxApart = map[string][]string{
	"text": {"uuid.UUID " + kxID}, "bytea": {"uuid.UUID " + kxID}, "kx_mood": {"int64 1", "uint32 1", "sql.NullInt64 {1 true}"},
	"DATE": {"string 2024-02-29"}, "TIMESTAMP": {"string 2024-02-29"},
}

const kxID = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
