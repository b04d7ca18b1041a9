package writes_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

type (
	ownedFolder struct {
		TenantID, ID int64
		Files        []*ownedFile
	}
	ownedFile struct {
		TenantID, ID int64
		FolderID     *int64
	}
)

const ownedDDL = `
CREATE TABLE folders (tenant_id BIGINT, id BIGINT, PRIMARY KEY (tenant_id, id));
CREATE TABLE files (tenant_id BIGINT, id BIGINT, folder_id BIGINT, PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, folder_id) REFERENCES folders (tenant_id, id));
INSERT INTO folders VALUES (1, 1), (2, 1);
INSERT INTO files VALUES (1, 1, 1), (1, 2, 1), (2, 1, 1);`

// ownedTables are folders with files whose keys share the tenant's column.
func ownedTables(opts ...dovetail.RelationOption) (*dovetail.Registry, *dovetail.Table[ownedFolder], *dovetail.ToMany[*ownedFolder, *ownedFile]) {
	r := dovetail.NewRegistry()
	key := dovetail.PrimaryKey("tenant_id", "id")
	folders := dovetail.NewTable[ownedFolder](r, "folders", key, dovetail.AssignedKey())
	files := dovetail.NewTable[ownedFile](r, "files", key, dovetail.AssignedKey())
	return r, folders, dovetail.HasMany(folders, "files", files, append(opts, dovetail.ForeignKey("tenant_id", "folder_id"))...)
}

const ownedFiles = "SELECT tenant_id || '.' || id || ' ' || coalesce(CAST(folder_id AS TEXT), '-') FROM files ORDER BY 1"

// TestSetNullOfAKeyThatSharesTheTenant clears what is the key's own, by a delete and by the database itself where that can.
func TestSetNullOfAKeyThatSharesTheTenant(t *testing.T) {
	t.Parallel()
	r, folders, of := ownedTables(dovetail.OnDelete(dovetail.SetNull))
	kit.NoError(t, r.Validate())
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		kit.NoError(t, r.CreateAll(ctx, d.DB))
		check := func(want string) {
			t.Helper()
			findings := kit.Must[[]dovetail.Finding](t)(r.Check(ctx, d.DB))
			got := ""
			for _, f := range findings {
				got += f.Problem
			}
			if (want == "") != (got == "") || !strings.Contains(got, want) {
				t.Errorf("expected findings %q, got %q", want, got)
			}
		}
		check("")
		fill := strings.Join(strings.Split(ownedDDL, "\n")[4:], "\n")
		d.Exec(t, fill)
		del := dovetail.Delete(folders).Where(squirrel.Eq{"tenant_id": 1, "id": 1})
		expectImpact(t, impact(t, d.DB, del), `folders "" no policy: 1 deleted, 0 nulled, 0 blocking`,
			`files "folders.files" SET NULL: 0 deleted, 2 nulled, 0 blocking`)
		remove(t, d.DB, del, 1)
		people.ExpectLines(t, d, ownedFiles, "1.1 -", "1.2 -", "2.1 1")
		if n := people.Done(t)(of.UnlinkAll(ctx, d.DB, &ownedFolder{TenantID: 2, ID: 1})); n != 1 {
			t.Errorf("expected one file to be unlinked, got %d", n)
		}
		people.ExpectLines(t, d, ownedFiles, "1.1 -", "1.2 -", "2.1 -")
		if !d.Postgres() {
			return
		}
		d.Exec(t, "UPDATE files SET folder_id = 1 WHERE tenant_id = 2; DELETE FROM folders WHERE tenant_id = 2") // the database by itself
		people.ExpectLines(t, d, ownedFiles, "1.1 -", "1.2 -", "2.1 -")
		constraint := "ALTER TABLE files DROP CONSTRAINT files_tenant_id_folder_id_fkey; ALTER TABLE files ADD CONSTRAINT files_tenant_id_folder_id_fkey " +
			"FOREIGN KEY (tenant_id, folder_id) REFERENCES folders ON DELETE "
		d.Exec(t, constraint+"NO ACTION")
		check("")
		d.Exec(t, constraint+"SET NULL")
		check(`is SET NULL, but relation "folders.files" declares SET NULL ("folder_id")`)
		for _, f := range kit.Must[[]dovetail.Finding](t)(r.Check(ctx, d.DB)) {
			d.Exec(t, strings.Join(f.Mend, ";"))
		}
		check("")
		d.Exec(t, constraint+"CASCADE")
		check("is CASCADE, but")
	})
}

// TestTheDatabaseDoesIt leaves what a delete does to the database, whatever that is.
func TestTheDatabaseDoesIt(t *testing.T) {
	t.Parallel()
	r, folders, _ := ownedTables(dovetail.OnDelete(dovetail.ByDatabase))
	kit.NoError(t, r.Validate())
	statements := kit.Must[[]string](t)(r.DDL(postgres.Dialect))
	if text := strings.Join(statements, ";"); strings.Contains(text, "ON DELETE") {
		t.Errorf("expected the database's own default, got %s", text)
	}
	for action, left := range map[string][]string{
		"": nil, "NO ACTION": nil, "RESTRICT": nil, "CASCADE": {"2.1 1"}, "SET DEFAULT": {"1.1 -", "1.2 -", "2.1 1"}, "SET NULL": {"1.1 -", "1.2 -", "2.1 1"},
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			clause := strings.TrimSuffix(" ON DELETE "+action, " ON DELETE ")
			ddl := strings.Replace(ownedDDL, "folders (tenant_id, id))", "folders (tenant_id, id)"+clause+")", 1)
			kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
				switch {
				case action == "SET NULL" && d.Postgres():
					ddl = strings.Replace(ddl, "SET NULL)", "SET NULL (folder_id))", 1)
				case strings.HasPrefix(action, "SET "): // of all columns, which the key does not take
					return
				}
				d.Exec(t, ddl)
				if findings := kit.Must[[]dovetail.Finding](t)(r.Check(t.Context(), d.DB)); slices.ContainsFunc(findings, func(f dovetail.Finding) bool {
					return strings.Contains(f.Problem, "ON DELETE")
				}) {
					t.Errorf("expected any action to do, got %+v", findings)
				}
				del := dovetail.Delete(folders).Where(squirrel.Eq{"tenant_id": 1})
				effects := kit.Must[[]dovetail.Effect](t)(del.Impact(t.Context(), d.DB))
				want := dovetail.Effect{Relation: "folders.files", Table: "files", Key: "tenant_id, folder_id", Policy: dovetail.ByDatabase, Pointing: 2}
				if len(effects) != 2 || effects[1] != want {
					t.Errorf("expected %+v, got %+v", want, effects)
				}
				db := d.Record()
				n, err := del.Exec(t.Context(), db)
				db.Expect(t, 1, 1)
				if left == nil {
					var refused *dovetail.ConstraintError
					if !errors.As(err, &refused) || refused.Kind != dovetail.ForeignKeyConstraint {
						t.Errorf("expected the database's refusal, got %d, %v", n, err)
					}
					return
				}
				if n != 1 || err != nil {
					t.Errorf("expected one folder, got %d, %v", n, err)
				}
				people.ExpectLines(t, d, ownedFiles, left...)
			})
		})
	}
}

// TestTheDatabaseDoesItToTheTableItself counts what a condition tells, though the database takes some of it before.
func TestTheDatabaseDoesItToTheTableItself(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	posts := dovetail.NewTable[cPost](r, "posts")
	dovetail.HasMany(posts, "answers", posts, dovetail.ForeignKey("answers_id"), dovetail.OnDelete(dovetail.ByDatabase))
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, cascadedDDL(d))
		remove(t, d.DB, dovetail.Delete(posts).Where(squirrel.Eq{"id": []int{1, 3, 4, 5}}), 4) // and with 1, 2
		people.ExpectLines(t, d, "SELECT CAST(id AS TEXT) FROM posts ORDER BY id", "6")
	})
}
