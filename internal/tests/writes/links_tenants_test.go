package writes_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

type ltUser struct {
	ID, TenantID int64
	Tags         []*ltTag
}

type ltTag struct{ ID, TenantID int64 }

type ltLink struct {
	ID, UserID, TagID, TenantID int64
	Note                        string
}

// lt are the relation and what made it: rows of a join table that are each tenant's own.
type lt struct {
	registry *dovetail.Registry
	userTags *dovetail.ToMany[*ltUser, *ltTag]
}

// newLT declares the tables: ends are of the users and the tags, own of the join table.
func newLT(ends, own []dovetail.TableOption, more ...dovetail.RelationOption) lt {
	r := dovetail.NewRegistry()
	users, tags := dovetail.NewTable[ltUser](r, "lt_users", ends...), dovetail.NewTable[ltTag](r, "lt_tags", ends...)
	links := dovetail.NewTable[ltLink](r, "lt_links", append(own, tenantScope(), dovetail.Default("note", "''"))...)
	return lt{r, dovetail.ManyToMany(users, "tags", tags, links, append(more, dovetail.ThroughKeys("user_id", "tag_id"))...)}
}

func tenantScope() dovetail.TableOption {
	return dovetail.Scope("tenant", squirrel.Eq{"tenant_id": dovetail.FromContext(models.TenantOf)})
}

// made makes the tables, that of the links anew by the SQL, two users and two tags of tenant 1, and returns the contexts of two tenants.
func (l lt) made(t *testing.T, d kit.Database, links string) (one, two context.Context) {
	t.Helper()
	for _, name := range []string{"lt_links", "lt_users", "lt_tags"} {
		d.Exec(t, "DROP TABLE IF EXISTS "+name)
	}
	if err := l.registry.CreateAll(t.Context(), d.DB); err != nil {
		t.Fatal(err)
	}
	d.Exec(t, written.WithKeys(d, links)+"INSERT INTO lt_users (id, tenant_id) VALUES (1, 1), (2, 1); INSERT INTO lt_tags (id, tenant_id) VALUES (1, 1), (2, 1)")
	as := func(tenant int64) context.Context { return context.WithValue(t.Context(), models.TenantKey{}, tenant) }
	return as(1), as(2)
}

// ltNoted is the tag and a link with a note.
func ltNoted(tag *ltTag, note string) dovetail.Linked[ltTag, ltLink] {
	return dovetail.Linked[ltTag, ltLink]{Row: tag, Link: &ltLink{Note: note}}
}

const ltLinks = "SELECT tenant_id || ' ' || user_id || ' ' || tag_id || ' ' || note FROM lt_links ORDER BY 1"

// TestLinksOfSharedRowsAreEachTenants: what one tenant links of the rows that all have, another links too.
func TestLinksOfSharedRowsAreEachTenants(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		for name, own := range map[string][]dovetail.TableOption{
			"derived":  nil,
			"declared": {dovetail.Unique("tenant_id", "user_id", "tag_id")},
		} {
			l := newLT(nil, own)
			one, two := l.made(t, d, "")
			if found, err := l.registry.Check(t.Context(), d.DB); err != nil || len(found) > 0 {
				t.Errorf("%s: expected nothing to mend, got %v, %v", name, found, err)
			}
			user, tags := &ltUser{ID: 1}, []*ltTag{{ID: 1}, {ID: 2}}
			for want, ctx := range map[string]context.Context{"one": one, "two": two} {
				for i, linked := range []int64{2, 0} {
					if n, err := l.userTags.Link(ctx, d.DB, user, tags...); err != nil || n != linked {
						t.Errorf("%s: tenant %s, try %d: expected %d links, got %d, %v", name, want, i, linked, n, err)
					}
				}
			}
			people.ExpectLines(t, d, ltLinks, "1 1 1 ", "1 1 2 ", "2 1 1 ", "2 1 2 ")
			_, err := dovetail.LinkWith(two, d.DB, l.userTags, user, ltNoted(tags[0], "b"))
			kit.NoError(t, err)
			_, err = l.userTags.Replace(one, d.DB, user, tags[1])
			kit.NoError(t, err)
			people.ExpectLines(t, d, ltLinks, "1 1 2 ", "2 1 1 b", "2 1 2 ")
		}
	})
}

// TestPairsThatAreUniqueOverAllTenants: a table that was made with the pair alone unique, or is declared so, is linked by as before, and
// another tenant's link is neither seen nor changed.
func TestPairsThatAreUniqueOverAllTenants(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		const made = `DROP TABLE lt_links; CREATE TABLE lt_links (id {key}, user_id BIGINT NOT NULL REFERENCES lt_users (id),
			tag_id BIGINT NOT NULL REFERENCES lt_tags (id), tenant_id BIGINT NOT NULL, note TEXT NOT NULL DEFAULT '', UNIQUE (user_id, tag_id));
			CREATE INDEX lt_tag ON lt_links (tag_id);`
		for name, test := range map[string]struct {
			own []dovetail.TableOption
			sql string
		}{
			"made so":     {nil, made},
			"declared so": {[]dovetail.TableOption{dovetail.Unique("user_id", "tag_id")}, ""},
		} {
			l := newLT(nil, test.own)
			one, two := l.made(t, d, test.sql)
			if found, err := l.registry.Check(t.Context(), d.DB); err != nil || len(found) > 0 {
				t.Errorf("%s: expected nothing to mend, got %v, %v", name, found, err)
			}
			user, tags := &ltUser{ID: 1}, []*ltTag{{ID: 1}, {ID: 2}}
			inTx := func(ctx context.Context, do func(db dovetail.DB) error) error {
				return d.DB.InTx(ctx, dovetail.TxOptions{}, do)
			}
			for _, want := range []int64{1, 0} {
				kit.NoError(t, inTx(one, func(tx dovetail.DB) error {
					n, err := l.userTags.Link(one, tx, user, tags[0])
					if n != want {
						t.Errorf("%s: expected %d links, got %d", name, want, n)
					}
					return err
				}))
			}
			_, err := dovetail.LinkWith(one, d.DB, l.userTags, user, ltNoted(tags[0], "a"))
			kit.NoError(t, err)
			_, err = l.userTags.Replace(one, d.DB, user, tags...)
			kit.NoError(t, err)
			people.ExpectLines(t, d, ltLinks, "1 1 1 a", "1 1 2 ")
			_, linked := l.userTags.Link(two, d.DB, user, tags[0])
			_, with := dovetail.LinkWith(two, d.DB, l.userTags, user, ltNoted(tags[0], "b"))
			_, replaced := l.userTags.Replace(two, d.DB, user, tags[0])
			for call, err := range map[string]error{"Link": linked, "LinkWith": with, "Replace": replaced} {
				if !errors.Is(err, dovetail.ErrInvalidRow) {
					t.Errorf("%s: %s: expected the link of another tenant to be in the way, got %v", name, call, err)
				}
			}
			people.ExpectLines(t, d, ltLinks, "1 1 1 a", "1 1 2 ")
		}
	})
}

// TestPairsOfOneTenantsRows: a row that one tenant alone has is linked by no other, so that the pair is enough.
func TestPairsOfOneTenantsRows(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		for name, test := range map[string]struct {
			own  []dovetail.TableOption
			want string
		}{
			"derived":  {nil, `("user_id", "tag_id")`},
			"declared": {[]dovetail.TableOption{dovetail.Unique("user_id", "tag_id", "tenant_id")}, `("user_id", "tag_id", "tenant_id")`},
		} {
			l := newLT([]dovetail.TableOption{tenantScope()}, test.own)
			one, two := l.made(t, d, "")
			ddl, err := l.registry.DDL(d.DB.Dialect())
			if kit.NoError(t, err); strings.Count(strings.Join(ddl, "\n"), "UNIQUE "+test.want) != 1 {
				t.Errorf("%s: expected one unique key, %s, got\n%s", name, test.want, strings.Join(ddl, "\n"))
			}
			for _, want := range []int64{1, 0} {
				if n, err := l.userTags.Link(one, d.DB, &ltUser{ID: 1}, &ltTag{ID: 1}); err != nil || n != want {
					t.Errorf("%s: expected %d links, got %d, %v", name, want, n, err)
				}
			}
			if _, err := l.userTags.Link(two, d.DB, &ltUser{ID: 1}, &ltTag{ID: 1}); !errors.Is(err, dovetail.ErrNoRows) {
				t.Errorf("%s: expected another tenant's user not to be there, got %v", name, err)
			}
			people.ExpectLines(t, d, ltLinks, "1 1 1 ")
		}
	})
}

// TestLinksAreToldAsTheDatabaseHasThemUnique: nothing is declared of the join table, and whatever the database has unique that holds both keys
// and what all links of the relation have alike does. It is learned once for each handle, and learned anew where the table was altered.
func TestLinksAreToldAsTheDatabaseHasThemUnique(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		const made = `DROP TABLE lt_links; CREATE TABLE lt_links (id {key}, user_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, tenant_id BIGINT NOT NULL,
			note TEXT NOT NULL DEFAULT '', UNIQUE (KEY));`
		kind := dovetail.Where(squirrel.Eq{"link.note": "k"})
		for _, test := range []struct {
			ends []dovetail.TableOption
			key  string
			rule []dovetail.RelationOption
		}{
			{nil, "user_id, tag_id", nil},
			{nil, "user_id, tag_id, tenant_id", nil},
			{[]dovetail.TableOption{tenantScope()}, "user_id, tag_id", nil},
			{[]dovetail.TableOption{tenantScope()}, "tenant_id, tag_id, user_id", nil},
			{nil, "user_id, note, tag_id", []dovetail.RelationOption{kind}},
			{nil, "user_id, note, tag_id, tenant_id", []dovetail.RelationOption{kind}},
			{[]dovetail.TableOption{tenantScope()}, "user_id, note, tag_id, tenant_id", []dovetail.RelationOption{kind}},
		} {
			l := newLT(test.ends, nil, test.rule...)
			one, _ := l.made(t, d, strings.ReplaceAll(made, "KEY", test.key))
			name := fmt.Sprint(test.key, ", ends with a scope: ", len(test.ends) > 0, ", rule: ", len(test.rule) > 0)
			user, tags := &ltUser{ID: 1}, []*ltTag{{ID: 1}, {ID: 2}}
			_, err := l.userTags.Link(one, d.DB, user, tags[0])
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			sent := d.Record()
			calls := []func(db dovetail.DB) (int64, error){
				func(db dovetail.DB) (int64, error) { return l.userTags.Link(one, db, user, tags...) },
				func(db dovetail.DB) (int64, error) { return l.userTags.Link(one, db, user, tags...) },
				func(db dovetail.DB) (int64, error) {
					return dovetail.LinkWith(one, db, l.userTags, &ltUser{ID: 2}, dovetail.Linked[ltTag, ltLink]{Row: tags[0], Link: &ltLink{}})
				},
				func(db dovetail.DB) (int64, error) {
					diff, err := l.userTags.Replace(one, db, user, tags[1])
					return int64(len(diff.Removed)), err
				},
				func(db dovetail.DB) (int64, error) {
					diff, err := l.userTags.Replace(one, db, user, tags...)
					return int64(len(diff.Added)), err
				},
			}
			for i, want := range []int64{1, 0, 1, 1, 1} {
				kit.NoError(t, sent.InTx(one, dovetail.TxOptions{}, func(tx dovetail.DB) error {
					n, err := calls[i](tx)
					if n != want || err != nil {
						t.Errorf("%s: call %d: expected %d, got %d, %v", name, i, want, n, err)
					}
					return err
				}))
				inserts := 0
				for _, s := range sent.Stmts {
					if strings.HasPrefix(s.SQL, "INSERT") {
						inserts++
					}
				}
				if inserts > 1 {
					t.Errorf("%s: call %d: expected what was learned to be known, got %d INSERTs", name, i, inserts)
				}
				sent.Stmts = nil
			}
			if n := len(kit.Texts(t, d.DB, ltLinks)); n != 3 {
				t.Errorf("%s: expected 3 links, got %d", name, n)
			}
		}
	})
}
