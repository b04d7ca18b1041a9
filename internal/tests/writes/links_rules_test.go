package writes_test

import (
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

// Links of tables with rules of their own: a scope, a version, a schema.

type vFolder struct {
	ID    int64
	Files []*vFile
	Tags  []*vTag
}

type vFile struct {
	ID       int64
	FolderID *int64
	Deleted  bool
	Version  int64
}

type vTag struct{ ID int64 }

type vFolderTag struct {
	FolderID, TagID int64
	Deleted         bool
}

// vTables are the tables in a schema.
type vTables struct {
	folderFiles *dovetail.ToMany[*vFolder, *vFile]
	folderTags  *dovetail.ToMany[*vFolder, *vTag]
}

func newVTables(schema string) vTables {
	r, in := dovetail.NewRegistry(), dovetail.Schema(schema)
	folders := dovetail.NewTable[vFolder](r, "folders", in)
	files := dovetail.NewTable[vFile](r, "files", in, dovetail.Version("version"), dovetail.Scope("present", squirrel.Eq{"deleted": false}))
	tags := dovetail.NewTable[vTag](r, "tags", in)
	links := dovetail.NewTable[vFolderTag](r, "folder_tags", in, dovetail.PrimaryKey("folder_id", "tag_id"),
		dovetail.Scope("present", squirrel.Eq{"deleted": false}))
	return vTables{
		dovetail.HasMany(folders, "files", files, dovetail.ForeignKey("folder_id")),
		dovetail.ManyToMany(folders, "tags", tags, links, dovetail.ThroughKeys("folder_id", "tag_id")),
	}
}

const vDDL = `
CREATE TABLE main.folders (id BIGINT PRIMARY KEY);
CREATE TABLE main.files (id BIGINT PRIMARY KEY, folder_id BIGINT, deleted BOOLEAN NOT NULL DEFAULT FALSE,
  version BIGINT NOT NULL DEFAULT 1);
CREATE TABLE main.tags (id BIGINT PRIMARY KEY);
CREATE TABLE main.folder_tags (folder_id BIGINT, tag_id BIGINT, deleted BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (folder_id, tag_id));
INSERT INTO main.folders (id) VALUES (1);
INSERT INTO main.files (id, folder_id, deleted) VALUES (1, NULL, FALSE), (2, 1, TRUE), (3, NULL, TRUE), (4, 1, FALSE);
INSERT INTO main.tags (id) VALUES (1), (2), (3);
INSERT INTO main.folder_tags (folder_id, tag_id, deleted) VALUES (1, 1, FALSE), (1, 2, TRUE);
`

// TestLinksKeepToScopes: rows that are out of a table's scope are neither linked nor unlinked, and versions are counted up.
func TestLinksKeepToScopes(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		schema, drop := d.OtherSchema(t)
		defer drop()
		in := func(sql string) string { return strings.ReplaceAll(sql, "main.", schema+".") }
		d.Exec(t, in(vDDL))
		tables := newVTables(schema)
		ctx, n, folder := t.Context(), people.Done(t), &vFolder{ID: 1}
		files := in("SELECT id || ' ' || coalesce(CAST(folder_id AS TEXT), '-') || ' ' || version FROM main.files ORDER BY id")
		_, err := tables.folderFiles.Link(ctx, d.DB, folder, &vFile{ID: 3})
		kit.Refused(t, err, dovetail.ErrNoRows, "link folders.files", "Scope")
		if got := n(tables.folderFiles.Link(ctx, d.DB, folder, &vFile{ID: 1})); got != 1 {
			t.Errorf("expected one new link, got %d", got)
		}
		people.ExpectLines(t, d, files, "1 1 2", "2 1 1", "3 - 1", "4 1 1")
		diff, err := tables.folderFiles.Replace(ctx, d.DB, folder, &vFile{ID: 1})
		if err != nil || len(diff.Removed) != 1 || diff.Removed[0].ID != 4 {
			t.Errorf("got %+v, %v", diff, err)
		}
		if got := n(tables.folderFiles.UnlinkAll(ctx, d.DB, folder)); got != 1 {
			t.Errorf("expected one to be unlinked, got %d", got)
		}
		people.ExpectLines(t, d, files, "1 - 3", "2 1 1", "3 - 1", "4 - 2")

		tags, err := tables.folderTags.Replace(ctx, d.DB, folder, &vTag{ID: 3})
		if err != nil || len(tags.Added) != 1 || len(tags.Removed) != 1 || tags.Removed[0].ID != 1 {
			t.Errorf("got %+v, %v", tags, err)
		}
		n(tables.folderTags.UnlinkAll(ctx, d.DB, folder))
		people.ExpectLines(t, d, in("SELECT CAST(tag_id AS TEXT) FROM main.folder_tags"), "2")
	})
}
