package writes_test

import (
	"context"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	goneUser struct {
		ID   int64
		Tags []*goneTag
	}
	goneTag  struct{ ID int64 }
	goneLink struct {
		UserID, TagID, TenantID int64
	}
)

const goneDDL = `
CREATE TABLE users (id BIGINT PRIMARY KEY);
CREATE TABLE tags (id BIGINT PRIMARY KEY);
CREATE TABLE links (user_id BIGINT REFERENCES users (id), tag_id BIGINT REFERENCES tags (id), tenant_id BIGINT, PRIMARY KEY (user_id, tag_id, tenant_id));
INSERT INTO users VALUES (1);
INSERT INTO tags VALUES (1), (2);
INSERT INTO links VALUES (1, 1, 1), (1, 1, 2);`

// removing is another that removes a link right after links were inserted, as often as is left.
type removing struct {
	left   int
	remove func()
}

func (*removing) Before(ctx context.Context, _ *dovetail.Run) context.Context { return ctx }

func (r *removing) After(_ context.Context, run *dovetail.Run) {
	for _, stmt := range run.Statements {
		if r.left > 0 && strings.HasPrefix(stmt.SQL, `INSERT INTO "links"`) {
			r.left--
			r.remove()
		}
	}
}

// TestLinkOfWhatGoesMeanwhile: a row that kept a link from being inserted, and that another removes before it is looked at, is not one out
// of scope: the link is inserted after all.
func TestLinkOfWhatGoesMeanwhile(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	users, tags := dovetail.NewTable[goneUser](r, "users"), dovetail.NewTable[goneTag](r, "tags")
	links := dovetail.NewTable[goneLink](r, "links", dovetail.PrimaryKey("user_id", "tag_id", "tenant_id"),
		dovetail.Scope("tenant", squirrel.Eq{"tenant_id": dovetail.FromContext(func(context.Context) (any, error) { return int64(1), nil })}))
	of := dovetail.ManyToMany(users, "tags", tags, links, dovetail.ThroughKeys("user_id", "tag_id"))
	kit.NoError(t, r.Validate())
	user, both := &goneUser{ID: 1}, []*goneTag{{ID: 1}, {ID: 2}}
	d := kit.PostgresPool(t, goneDDL)
	within := func(do func(dovetail.DB) error) func(dovetail.DB) error {
		return func(db dovetail.DB) error { return db.InTx(t.Context(), dovetail.TxOptions{}, do) }
	}
	link := func(db dovetail.DB) error {
		_, err := of.Link(t.Context(), db, user, both...)
		return err
	}
	for name, do := range map[string]func(dovetail.DB) error{"link": link, "link, in a transaction": within(link)} {
		d.Exec(t, "DELETE FROM links WHERE tenant_id = 1; INSERT INTO links VALUES (1, 1, 1)")
		other := &removing{left: 1, remove: func() { d.Exec(t, "DELETE FROM links WHERE tenant_id = 1 AND tag_id = 1") }}
		if err := do(dovetail.WithHooks(d.DB, other)); err != nil || other.left > 0 {
			t.Errorf("%s: expected the links, got %v, left %d", name, err, other.left)
		}
		got, err := kit.SQL[string](t.Context(), d.DB, "SELECT tenant_id || '.' || tag_id FROM links ORDER BY 1")
		if text := strings.Join(got, " "); err != nil || text != "1.1 1.2 2.1" {
			t.Errorf("%s: expected both links and that of the other tenant, got %s, %v", name, text, err)
		}
	}
	d.Exec(t, `CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
		CREATE TRIGGER keep_out BEFORE INSERT ON links FOR EACH ROW EXECUTE FUNCTION keep_out(); DELETE FROM links WHERE tenant_id = 1`)
	kit.Refused(t, link(d.DB), dovetail.ErrInvalidRow, "was not inserted into", "a trigger or a rule keeps it out")
}
