package ddl_test

import (
	"context"
	"testing"

	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// partsSQL yields a statement for everything of the tables here that can be taken away, but checks.
const partsSQL = `
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', conrelid::regclass, conname)
FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND contype IN ('p', 'u', 'f')
UNION ALL SELECT format('DROP INDEX %s', indexrelid::regclass)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = current_schema()::regnamespace AND NOT indisunique
UNION ALL SELECT format('DROP TABLE %s CASCADE', oid::regclass)
FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
UNION ALL SELECT format('ALTER TABLE %s DROP COLUMN %I CASCADE', attrelid::regclass, attname)
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attnum > 0
UNION ALL SELECT format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', attrelid::regclass, attname)
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attnum > 0 AND attnotnull AND attidentity = ''
AND NOT EXISTS (SELECT 1 FROM pg_index WHERE indrelid = attrelid AND indisprimary AND attnum = ANY(indkey))
UNION ALL SELECT format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', attrelid::regclass, attname)
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND atthasdef AND attgenerated = ''`

// Whatever is taken away is found, and mended by running what the findings say in their order.
func TestWhateverIsTakenAwayIsFoundAndMended(t *testing.T) {
	t.Parallel()
	for _, m := range models {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			pool := dbtest.Postgres(t)
			r, s := m.make(), server{DB: postgres.New(pool)}
			if err := r.CreateAll(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			parts := kit.Texts(t, s, partsSQL)
			if len(parts) < 10 {
				t.Errorf("expected more than %d parts", len(parts))
			}
			for _, drop := range parts {
				tx, err := pool.Begin(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer tx.Rollback(context.Background()) //nolint:errcheck // after a failure alone
				inside := server{postgres.New(tx), func(t *testing.T, sql string) error {
					_, err := tx.Exec(t.Context(), sql)
					return err
				}}
				inside.must(t, drop)
				findings := inside.check(t, r)
				if len(findings) == 0 {
					t.Errorf("nothing was found after %s", drop)
				}
				for _, f := range findings {
					inside.must(t, f.Mend...)
				}
				if left := inside.check(t, r); len(left) > 0 {
					t.Errorf("after %s and its mends there is still\n%s", drop, text(left))
				}
				if err := tx.Rollback(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
