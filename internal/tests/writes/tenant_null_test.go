package writes_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
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

// TestAKeyThatSharesTheTenantIsUnlinkedByTheRest does what the refusal of SetNull says.
func TestAKeyThatSharesTheTenantIsUnlinkedByTheRest(t *testing.T) {
	t.Parallel()
	declare := func(opts ...dovetail.RelationOption) (*dovetail.Registry, *dovetail.Table[ownedFolder], *dovetail.ToMany[*ownedFolder, *ownedFile]) {
		r := dovetail.NewRegistry()
		key := dovetail.PrimaryKey("tenant_id", "id")
		folders, files := dovetail.NewTable[ownedFolder](r, "folders", key), dovetail.NewTable[ownedFile](r, "files", key)
		return r, folders, dovetail.HasMany(folders, "files", files, append(opts, dovetail.ForeignKey("tenant_id", "folder_id"))...)
	}
	r, _, _ := declare(dovetail.OnDelete(dovetail.SetNull))
	kit.Refused(t, r.Validate(), dovetail.ErrInvalidRelation, `"folders.files"`, `"tenant_id"`, `unlink the rows before the delete, which sets "folder_id" alone`)
	kit.OnEach(t, ownedDDL, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		_, folders, of := declare()
		folder := &ownedFolder{TenantID: 1, ID: 1}
		kit.Refused(t, dovetail.DeleteRows(ctx, d.DB, folders, folder), dovetail.ErrRestricted, `"folders.files"`)
		err := d.DB.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
			if n, err := of.UnlinkAll(ctx, tx, folder); n != 2 || err != nil {
				t.Errorf("expected two files to be unlinked, got %d, %v", n, err)
			}
			return dovetail.DeleteRows(ctx, tx, folders, folder)
		})
		if err != nil {
			t.Error(err)
		}
		left, err := dovetail.Select(folders).Has("files", squirrel.Eq{"tenant_id": 2}).All(ctx, d.DB)
		if err != nil || len(left) != 1 || left[0].TenantID != 2 {
			t.Errorf("expected the other tenant's folder as it was, got %v, %v", left, err)
		}
	})
}
