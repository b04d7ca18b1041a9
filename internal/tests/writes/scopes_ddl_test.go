package writes_test

import (
	"context"
	"errors"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TestTheDatabaseDeletesNoOtherTenantsRows has a row of another tenant point at one that is deleted. The tables are those that the
// declarations make: the database knows no scopes, so that its own part of the policy would go past them.
func TestTheDatabaseDeletesNoOtherTenantsRows(t *testing.T) {
	t.Parallel()
	type book struct {
		ID, TenantID int64
		AuthorID     *int64
	}
	type author struct {
		ID, TenantID int64
		Books        []*book
	}
	for name, policy := range map[string]dovetail.DeletePolicy{"cascade": dovetail.Cascade, "set null": dovetail.SetNull} {
		r := dovetail.NewRegistry()
		tenant := dovetail.Scope("tenant", squirrel.Eq{"tenant_id": dovetail.FromContext(models.TenantOf)})
		authors := dovetail.NewTable[author](r, "authors", tenant, dovetail.AssignedKey())
		books := dovetail.NewTable[book](r, "books", tenant, dovetail.AssignedKey())
		dovetail.HasMany(authors, "books", books, dovetail.ForeignKey("author_id"), dovetail.OnDelete(policy))
		kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
			if err := r.CreateAll(t.Context(), d.DB); err != nil {
				t.Fatal(err)
			}
			d.Exec(t, "INSERT INTO authors VALUES (1, 1), (2, 1); INSERT INTO books VALUES (1, 1, 1), (2, 2, 1), (3, 1, 2)")
			rows := func() []string {
				return kit.Texts(t, d.DB, "SELECT id || ' ' || coalesce(author_id, 0) FROM books ORDER BY id")
			}
			one := dovetail.Delete(authors).Where(squirrel.Eq{"id": 1})
			effects, err := one.Impact(sAs(t, 1), d.DB)
			if err != nil || len(effects) != 2 || effects[1].Deleted+effects[1].Nulled != 1 || effects[1].Blocking != 1 {
				t.Errorf("%s: expected that a book of another tenant is foreseen, got %+v, %v", name, effects, err)
			}
			effects, err = dovetail.Delete(authors).Where(squirrel.Eq{"id": 2}).Impact(sAs(t, 1), d.DB)
			if err != nil || len(effects) != 2 || effects[1].Blocking != 0 {
				t.Errorf("%s: expected nothing to refuse it, got %+v, %v", name, effects, err)
			}
			_, err = one.Exec(sAs(t, 1), d.DB)
			var refused *dovetail.ConstraintError
			if !errors.As(err, &refused) {
				t.Errorf("%s: expected the database to refuse it, got %v", name, err)
			}
			kit.Same(t, "books", rows(), "1 1", "2 1", "3 2")
			if n, err := dovetail.Delete(authors).Where(squirrel.Eq{"id": 2}).Exec(sAs(t, 1), d.DB); err != nil || n != 1 {
				t.Errorf("%s: expected one author to go, got %d, %v", name, n, err)
			}
			if findings, err := r.Check(t.Context(), d.DB); err != nil || len(findings) > 0 {
				t.Errorf("%s: expected the database to be as it was made, got %v, %v", name, findings, err)
			}
		})
	}
}

// TestAKeyOfTheScopesColumnLeadsOutOfIt has a table without a scope at whose rows tenants' own point, by the column of their scope.
func TestAKeyOfTheScopesColumnLeadsOutOfIt(t *testing.T) {
	t.Parallel()
	type user struct{ ID, TenantID int64 }
	type tenant struct {
		ID    int64
		Users []*user
	}
	r := dovetail.NewRegistry()
	tenants := dovetail.NewTable[tenant](r, "tenants", dovetail.AssignedKey())
	users := dovetail.NewTable[user](r, "users", dovetail.Scope("tenant", squirrel.Eq{"tenant_id": dovetail.FromContext(models.TenantOf)}), dovetail.AssignedKey())
	dovetail.HasMany(tenants, "users", users, dovetail.ForeignKey("tenant_id"), dovetail.OnDelete(dovetail.Cascade))
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		kit.NoError(t, r.CreateAll(t.Context(), d.DB))
		d.Exec(t, "INSERT INTO tenants VALUES (1), (2); INSERT INTO users VALUES (1, 1), (2, 2)")
		other := dovetail.Delete(tenants).Where(squirrel.Eq{"id": 2})
		if effects, err := other.Impact(sAs(t, 1), d.DB); err != nil || effects[1].Deleted != 0 || effects[1].Blocking != 1 {
			t.Errorf("expected that the user is foreseen, got %+v, %v", effects, err)
		}
		var refused *dovetail.ConstraintError
		if _, err := other.Exec(sAs(t, 1), d.DB); !errors.As(err, &refused) {
			t.Errorf("expected the database to refuse it, got %v", err)
		}
		kit.Same(t, "users", kit.Texts(t, d.DB, "SELECT CAST(id AS TEXT) FROM users ORDER BY id"), "1", "2")
		if n, err := other.Exec(sAs(t, 2), d.DB); err != nil || n != 1 {
			t.Errorf("expected the tenant to go with its user, got %d, %v", n, err)
		}
		kit.Same(t, "users", kit.Texts(t, d.DB, "SELECT CAST(id AS TEXT) FROM users ORDER BY id"), "1")
	})
}

// TestImpactForeseesOtherTenantsLinks has tenants share tags, and link them to articles of their own.
func TestImpactForeseesOtherTenantsLinks(t *testing.T) {
	t.Parallel()
	type tag struct{ ID int64 }
	type article struct {
		TenantID, ID int64
		Tags         []*tag
	}
	type tagging struct{ TenantID, ArticleID, TagID int64 }
	r := dovetail.NewRegistry()
	tenant := dovetail.Scope("tenant", squirrel.Eq{"tenant_id": dovetail.FromContext(models.TenantOf)})
	tags := dovetail.NewTable[tag](r, "tags", dovetail.AssignedKey())
	articles := dovetail.NewTable[article](r, "articles", tenant, dovetail.PrimaryKey("tenant_id", "id"))
	taggings := dovetail.NewTable[tagging](r, "taggings", tenant, dovetail.PrimaryKey("tenant_id", "article_id", "tag_id"))
	dovetail.ManyToMany(articles, "tags", tags, taggings, dovetail.ThroughKeys([]string{"tenant_id", "article_id"}, "tag_id"))
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		kit.NoError(t, r.CreateAll(t.Context(), d.DB))
		d.Exec(t, `INSERT INTO tags VALUES (1), (2), (3); INSERT INTO articles VALUES (1, 1), (2, 1), (2, 2);
			INSERT INTO taggings VALUES (1, 1, 1), (2, 1, 1), (2, 2, 1), (1, 1, 2), (2, 1, 3)`)
		for _, test := range []struct {
			id, deleted, blocking int64
		}{{1, 1, 2}, {2, 1, 0}, {3, 0, 1}} {
			q := dovetail.Delete(tags).Where(squirrel.Eq{"id": test.id})
			effects, err := q.Impact(sAs(t, 1), d.DB)
			if err != nil || len(effects) != 2 || effects[1].Deleted != test.deleted || effects[1].Blocking != test.blocking {
				t.Errorf("tag %d: expected %d deleted and %d blocking, got %+v, %v", test.id, test.deleted, test.blocking, effects, err)
			}
			_, err = q.Exec(sAs(t, 1), d.DB)
			var refused *dovetail.ConstraintError
			if errors.As(err, &refused) != (test.blocking > 0) || err != nil && refused == nil {
				t.Errorf("tag %d: expected what was foreseen, got %v", test.id, err)
			}
		}
		db := d.Record()
		effects, err := dovetail.Delete(articles).All().Impact(sAs(t, 1), db)
		if err != nil || len(effects) != 2 || effects[1].Blocking != 0 { // whose keys say the tenant
			t.Errorf("expected nothing to refuse it, got %+v, %v", effects, err)
		}
		db.Expect(t, 2, 1) // and nobody asks for links of others
	})
}

// TestANilContextIsNoTenant keeps the caller's function from being called with it.
func TestANilContextIsNoTenant(t *testing.T) {
	t.Parallel()
	var none context.Context
	kit.OnEach(t, sDDL, func(t *testing.T, d kit.Database) {
		sUnchanged(t, d, map[string]func() error{
			"select": func() error { _, err := dovetail.Select(sGoods).All(none, d.DB); return err },
			"insert": func() error { return dovetail.Insert(sGoods, &sGood{ID: 77}).Exec(none, d.DB) },
			"delete": func() error { _, err := dovetail.Delete(sGoods).All().Exec(none, d.DB); return err },
			"link":   func() error { _, err := sShopGoods.Link(none, d.DB, &sShop{ID: 1}, &sGood{ID: 11}); return err },
			"each": func() error {
				for _, err := range dovetail.Select(sGoods).Each(none, d.DB) {
					return err
				}
				return nil
			},
		}, dovetail.ErrInvalidQuery)
	})
}
