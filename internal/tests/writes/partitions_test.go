package writes_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	ptUser struct {
		TenantID int64
		ID       int64
		Posts    []*ptPost
	}
	ptPost struct {
		TenantID int64
		ID       int64
		Slug     string
		Size     *int64
		AuthorID *int64
		EditorID *int64
	}
	ptTagged struct {
		ID   int64
		Slug string
	}
)

const ptDDL = `
CREATE TABLE pt_users (tenant_id BIGINT, id BIGINT, PRIMARY KEY (tenant_id, id)) PARTITION BY LIST (tenant_id);
CREATE TABLE pt_users_of_1 PARTITION OF pt_users FOR VALUES IN (1);
CREATE TABLE pt_posts (tenant_id BIGINT, id BIGINT, slug TEXT NOT NULL, size BIGINT CONSTRAINT pt_small CHECK (size < 10), author_id BIGINT, editor_id BIGINT,
	PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, slug),
	FOREIGN KEY (tenant_id, author_id) REFERENCES pt_users, FOREIGN KEY (tenant_id, editor_id) REFERENCES pt_users DEFERRABLE INITIALLY DEFERRED) PARTITION BY LIST (tenant_id);
CREATE UNIQUE INDEX pt_posts_lower ON pt_posts (tenant_id, lower(slug));
CREATE TABLE pt_posts_of_1 PARTITION OF pt_posts FOR VALUES IN (1) PARTITION BY RANGE (tenant_id);
CREATE TABLE pt_posts_of_1_low PARTITION OF pt_posts_of_1 FOR VALUES FROM (0) TO (1000);
INSERT INTO pt_users VALUES (1, 1), (1, 2);
INSERT INTO pt_posts VALUES (1, 1, 'one', 1, 1, NULL), (1, 2, 'two', 1, 2, 2);
CREATE TABLE pt_log (id BIGINT PRIMARY KEY);
INSERT INTO pt_log VALUES (77);
CREATE FUNCTION pt_logs() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO pt_log VALUES (new.id); RETURN new; END';
CREATE TRIGGER logs AFTER INSERT ON pt_posts FOR EACH ROW EXECUTE FUNCTION pt_logs();
CREATE TABLE pt_tagged (id BIGINT PRIMARY KEY, slug TEXT);
CREATE VIEW pt_shown AS SELECT * FROM pt_tagged WHERE slug <> 'hidden' WITH CHECK OPTION;`

// TestConstraintsOfPartitionsAreThoseOfTheTable: the server names the partition, and what its own constraint is called.
func TestConstraintsOfPartitionsAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	users := dovetail.NewTable[ptUser](r, "pt_users", dovetail.PrimaryKey("tenant_id", "id"), dovetail.AssignedKey())
	posts := dovetail.NewTable[ptPost](r, "pt_posts", dovetail.PrimaryKey("tenant_id", "id"), dovetail.AssignedKey(), dovetail.Unique("tenant_id", "slug"),
		dovetail.NamedCheck("pt_small", "size < 10"), dovetail.IndexWith(dovetail.IndexSpec{Name: "pt_posts_lower", On: []string{"tenant_id", "lower(slug)"}, Unique: true}))
	dovetail.HasMany(users, "posts", posts, dovetail.ForeignKey("tenant_id", "author_id"), dovetail.Inverse("author"), dovetail.OnDelete(dovetail.NoAction))
	dovetail.HasMany(users, "edited", posts, dovetail.ForeignKey("tenant_id", "editor_id"), dovetail.Inverse("editor"), dovetail.OnDelete(dovetail.NoAction))
	shown := dovetail.NewTable[ptTagged](dovetail.NewRegistry(), "pt_shown", dovetail.AssignedKey())
	n := func(n int64) *int64 { return &n }
	insert := func(p ptPost) func(context.Context, dovetail.DB) error {
		p.TenantID = 1
		return func(ctx context.Context, db dovetail.DB) error { return dovetail.Insert(posts, &p).Exec(ctx, db) }
	}
	for name, c := range map[string]struct {
		do   func(context.Context, dovetail.DB) error
		want dovetail.ConstraintError
	}{
		"unique": {insert(ptPost{ID: 3, Slug: "one"}),
			dovetail.ConstraintError{Kind: dovetail.UniqueConstraint, Table: "pt_posts", Columns: []string{"tenant_id", "slug"}, Constraint: "pt_posts_tenant_id_slug_key"}},
		"primary key": {insert(ptPost{ID: 1, Slug: "three"}),
			dovetail.ConstraintError{Kind: dovetail.UniqueConstraint, Table: "pt_posts", Columns: []string{"tenant_id", "id"}, Constraint: "pt_posts_pkey"}},
		"an index": {insert(ptPost{ID: 3, Slug: "ONE"}),
			dovetail.ConstraintError{Kind: dovetail.UniqueConstraint, Table: "pt_posts", Columns: []string{"tenant_id", "slug"}, Constraint: "pt_posts_lower"}},
		"check": {insert(ptPost{ID: 3, Slug: "three", Size: n(11)}),
			dovetail.ConstraintError{Kind: dovetail.CheckConstraint, Table: "pt_posts", Columns: []string{"size"}, Constraint: "pt_small"}},
		"foreign key": {insert(ptPost{ID: 3, Slug: "three", AuthorID: n(9)}),
			dovetail.ConstraintError{Kind: dovetail.ForeignKeyConstraint, Table: "pt_posts", Columns: []string{"tenant_id", "author_id"}, Constraint: "pt_posts_tenant_id_author_id_fkey", Path: "pt_posts.author"}},
		"at the commit": {insert(ptPost{ID: 3, Slug: "three", EditorID: n(9)}),
			dovetail.ConstraintError{Kind: dovetail.ForeignKeyConstraint, Table: "pt_posts", Columns: []string{"tenant_id", "editor_id"}, Constraint: "pt_posts_tenant_id_editor_id_fkey", Path: "pt_posts.editor"}},
		"one of several rows": {func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Insert(posts, &ptPost{TenantID: 1, ID: 4, Slug: "four"}, &ptPost{TenantID: 1, ID: 5, Slug: "two"}).Exec(ctx, db)
		}, dovetail.ConstraintError{Kind: dovetail.UniqueConstraint, Table: "pt_posts", Columns: []string{"tenant_id", "slug"}, Constraint: "pt_posts_tenant_id_slug_key"}},
		"a change": {func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Update(posts).Set("slug", "one").Where(squirrel.Eq{"id": 2}).Exec(ctx, db)
			return err
		}, dovetail.ConstraintError{Kind: dovetail.UniqueConstraint, Table: "pt_posts", Columns: []string{"tenant_id", "slug"}, Constraint: "pt_posts_tenant_id_slug_key"}},
		"pointed at": {func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Delete(users).Where(squirrel.Eq{"id": 1}).Exec(ctx, db)
			return err
		}, dovetail.ConstraintError{Kind: dovetail.ForeignKeyConstraint, Table: "pt_posts", Columns: []string{"tenant_id", "author_id"}, Constraint: "pt_posts_tenant_id_author_id_fkey", Path: "pt_posts.author"}},
		"of no declared table": {insert(ptPost{ID: 77, Slug: "three"}),
			dovetail.ConstraintError{Kind: dovetail.UniqueConstraint, Table: "pt_log", Columns: []string{"id"}, Constraint: "pt_log_pkey"}},
		"of a view": {func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Insert(shown, &ptTagged{ID: 1, Slug: "hidden"}).Exec(ctx, db)
		}, dovetail.ConstraintError{Kind: dovetail.ViewConstraint, Table: "pt_shown"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := kit.PostgresPool(t, ptDDL)
			expect := func(err error) {
				t.Helper()
				var e *dovetail.ConstraintError
				if !errors.As(err, &e) {
					t.Fatalf("expected a constraint to refuse it, got %v", err)
				}
				if e.Kind != c.want.Kind || e.Table != c.want.Table || !slices.Equal(e.Columns, c.want.Columns) || e.Constraint != c.want.Constraint || e.Path != c.want.Path {
					t.Errorf("expected %+v, got %+v", c.want, *e)
				}
			}
			expect(c.do(t.Context(), d.DB))
			db := d.Record()
			expect(c.do(t.Context(), db)) // what was asked is known
			if slices.ContainsFunc(db.Stmts, func(s dialect.Statement) bool { return strings.Contains(s.SQL, "pg_inherits") }) {
				t.Error("expected the catalog to be asked once")
			}
			in := func(tx dovetail.DB) error { return c.do(t.Context(), tx) }
			if name != "at the commit" { // which is the handle's, and knows no table
				expect(d.DB.InTx(t.Context(), dovetail.TxOptions{}, in))
			}
		})
	}
}
