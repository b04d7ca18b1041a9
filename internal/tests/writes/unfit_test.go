package writes_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type unfitRow struct {
	ID, TenantID int64
	Name         string
}

func unfitTable(options ...dovetail.TableOption) *dovetail.Table[unfitRow] {
	return dovetail.NewTable[unfitRow](dovetail.NewRegistry(), "unfit_rows", options...)
}

// TestAKeyThatTheDatabaseAlwaysMakes is given.
func TestAKeyThatTheDatabaseAlwaysMakes(t *testing.T) {
	t.Parallel()
	rows := unfitTable()
	d := kit.PostgresPool(t, `CREATE TABLE unfit_rows (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id BIGINT NOT NULL, name TEXT NOT NULL)`)
	if err := dovetail.Insert(rows, &unfitRow{Name: "a"}).Exec(t.Context(), d.DB); err != nil {
		t.Fatal(err)
	}
	for what, call := range map[string]interface {
		error
	}{
		"insert": dovetail.Insert(rows, &unfitRow{ID: 7}).Exec(t.Context(), d.DB),
		"upsert": dovetail.Upsert(rows, &unfitRow{ID: 7}).OnConflict("id").Set("name").Exec(t.Context(), d.DB),
	} {
		kit.Refused(t, call, dovetail.ErrUnsupported, what+" unfit_rows", "GENERATED ALWAYS", "BY DEFAULT")
	}
}

// TestUpsertByAKeyThatIsCheckedTooLate says so.
func TestUpsertByAKeyThatIsCheckedTooLate(t *testing.T) {
	t.Parallel()
	rows := unfitTable(dovetail.AssignedKey(), dovetail.Unique("name"))
	d := kit.PostgresPool(t, `CREATE TABLE unfit_rows (id BIGINT PRIMARY KEY, tenant_id BIGINT NOT NULL, name TEXT NOT NULL UNIQUE DEFERRABLE INITIALLY DEFERRED)`)
	err := dovetail.Upsert(rows, &unfitRow{ID: 1, Name: "a"}).OnConflict("name").Set("tenant_id").Exec(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrUnsupported, "upsert unfit_rows", "DEFERRABLE", "unique index")
}

// TestUpsertOfARowThatATriggerSkips does not say that the row is to be inserted.
func TestUpsertOfARowThatATriggerSkips(t *testing.T) {
	t.Parallel()
	rows := unfitTable(dovetail.AssignedKey())
	kit.OnEach(t, `CREATE TABLE unfit_rows (id BIGINT PRIMARY KEY, tenant_id BIGINT NOT NULL, name TEXT NOT NULL);`, func(t *testing.T, d kit.Database) {
		if d.Postgres() {
			d.Exec(t, `CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
				CREATE TRIGGER skips BEFORE INSERT ON unfit_rows FOR EACH ROW WHEN (NEW.name = 'skip') EXECUTE FUNCTION skip()`)
		} else {
			d.Exec(t, `CREATE TRIGGER skips BEFORE INSERT ON unfit_rows WHEN NEW.name = 'skip' BEGIN SELECT RAISE(IGNORE); END`)
		}
		upsert := dovetail.Upsert(rows, &unfitRow{ID: 1, Name: "skip"}).OnConflict("id")
		for _, u := range []dovetail.Upsertion[*unfitRow]{upsert, upsert.Set("name")} {
			kit.Refused(t, u.Exec(t.Context(), d.DB), dovetail.ErrInvalidRow, "upsert unfit_rows", "inserted", "trigger")
		}
		two := dovetail.Upsert(rows, &unfitRow{ID: 1, Name: "skip"}, &unfitRow{ID: 2, Name: "b"}).OnConflict("id").Set("name")
		kit.Refused(t, two.Exec(t.Context(), d.DB), dovetail.ErrInvalidRow, "trigger")
	})
}

// TestUpsertKeepsTheColumnsOfScopes whatever it sets.
func TestUpsertKeepsTheColumnsOfScopes(t *testing.T) {
	t.Parallel()
	rows := unfitTable(dovetail.AssignedKey(), dovetail.Scope("tenant", squirrel.Eq{"tenant_id": 7}))
	kit.OnEach(t, `CREATE TABLE unfit_rows (id BIGINT PRIMARY KEY, tenant_id BIGINT NOT NULL, name TEXT NOT NULL);
		INSERT INTO unfit_rows VALUES (1, 7, 'mine'), (2, 8, 'theirs')`, func(t *testing.T, d kit.Database) {
		set := func(row *unfitRow) dovetail.Upsertion[*unfitRow] {
			return dovetail.Upsert(rows, row).OnConflict("id").Set("tenant_id", "name")
		}
		kit.Refused(t, set(&unfitRow{ID: 1, TenantID: 8, Name: "x"}).Exec(t.Context(), d.DB), dovetail.ErrInvalidRow, `"tenant_id"`)
		kit.Refused(t, set(&unfitRow{ID: 2, TenantID: 7, Name: "x"}).Exec(t.Context(), d.DB), dovetail.ErrInvalidRow, "out of its Scope (tenant)")
		if err := set(&unfitRow{ID: 1, Name: "new"}).Exec(t.Context(), d.DB); err != nil {
			t.Error(err)
		}
		if err := set(&unfitRow{ID: 2, TenantID: 9, Name: "moved"}).Unscoped("tenant").Exec(t.Context(), d.DB); err != nil {
			t.Error(err)
		}
		lines, err := kit.SQL[string](t.Context(), d.DB, "SELECT id || ' ' || tenant_id || ' ' || name FROM unfit_rows ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		kit.Same(t, "rows", lines, "1 7 new", "2 9 moved")
	})
}
