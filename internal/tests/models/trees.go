package models

import (
	"errors"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// The models of the tests of trees: folders in folders, which also link to each other.

type Folder struct {
	ID       int64
	ParentID *int64
	OwnerID  *int64
	Name     string
	Size     int64
	Files    int64 `db:"files,computed"`
	Parent   *Folder
	Kids     []*Folder
	Targets  []*Folder
	Sources  []*Folder
	Owner    *Person
	Papers   []*Paper
}

type folderLink struct{ FromID, ToID int64 }

type Person struct {
	ID      int64
	BossID  *int64
	Name    string
	Boss    *Person
	Staff   []*Person
	Folders []*Folder
}

type Paper struct {
	ID       int64
	FolderID int64
	Title    string
	Folder   *Folder
}

// Box has a composite key.
type Box struct {
	Site   string
	No     int64
	InSite *string
	InNo   *int64
	Within *Box
	Boxes  []*Box
}

// valued cannot hold a tree.
type valued struct {
	ID     int64
	UpID   *int64
	Valued []valued `rel:"downs"`
}

// keyless has nothing to tell its rows by.
type keyless struct {
	Code  string
	UpTo  *string
	Downs []*keyless
}

var (
	Trees = dovetail.NewRegistry()

	Folders     = dovetail.NewTable[Folder](Trees, "folders")
	folderLinks = dovetail.NewTable[folderLink](Trees, "folder_links")
	Persons     = dovetail.NewTable[Person](Trees, "persons")
	Papers      = dovetail.NewTable[Paper](Trees, "papers")
	Boxes       = dovetail.NewTable[Box](Trees, "boxes", dovetail.PrimaryKey("site", "no"))
	Valueds     = dovetail.NewTable[valued](Trees, "valueds")
	Keylesses   = dovetail.NewTable[keyless](Trees, "keylesses")

	_ = dovetail.HasMany(Folders, "kids", Folders, dovetail.ForeignKey("parent_id"), dovetail.Inverse("parent"))
	_ = dovetail.ManyToMany(Folders, "targets", Folders, folderLinks, dovetail.ThroughKeys("from_id", "to_id"),
		dovetail.Inverse("sources"))
	_ = dovetail.HasMany(Persons, "folders", Folders, dovetail.ForeignKey("owner_id"), dovetail.Inverse("owner"))
	_ = dovetail.BelongsTo(Persons, "boss", Persons, dovetail.ForeignKey("boss_id"), dovetail.Inverse("staff"))
	_ = dovetail.HasMany(Folders, "papers", Papers, dovetail.ForeignKey("folder_id"), dovetail.Inverse("folder"))
	_ = dovetail.HasMany(Boxes, "boxes_within", Boxes, dovetail.ForeignKey("in_site", "in_no"),
		dovetail.Inverse("within"), dovetail.Field("Boxes"))
	_ = dovetail.HasMany(Valueds, "downs", Valueds, dovetail.ForeignKey("up_id"))
	_ = dovetail.HasMany(Keylesses, "downs", Keylesses, dovetail.ForeignKey("up_to"), dovetail.References("code"))
)

// TreesDDL makes two trees of folders: 1(2(4(6 7) 5) 3) and 8(9). The folders 20, 21 and 22 lie in each other, 23 in itself,
// and 24 in 20. The links lead from 1 by two ways to 4, and from 4 to 5; 6 and 7 link to each other.
const TreesDDL = `
CREATE TABLE folders (id BIGINT PRIMARY KEY, parent_id BIGINT, owner_id BIGINT, name TEXT NOT NULL, size BIGINT NOT NULL);
CREATE INDEX folders_parent_id ON folders (parent_id);
CREATE TABLE folder_links (from_id BIGINT NOT NULL, to_id BIGINT NOT NULL);
CREATE TABLE persons (id BIGINT PRIMARY KEY, boss_id BIGINT, name TEXT NOT NULL);
CREATE TABLE papers (id BIGINT PRIMARY KEY, folder_id BIGINT NOT NULL, title TEXT NOT NULL);
CREATE TABLE boxes (site VARCHAR(10), no BIGINT, in_site VARCHAR(10), in_no BIGINT, PRIMARY KEY (site, no));
INSERT INTO folders (id, parent_id, owner_id, name, size) VALUES
  (1, NULL, 1, 'root', 10), (2, 1, 1, 'b', 9), (3, 1, 2, 'a', 8), (4, 2, 2, 'd', 7), (5, 2, NULL, 'e', 7),
  (6, 4, 1, 'f', 1), (7, 4, NULL, 'g', 2), (8, NULL, 1, 'other', 5), (9, 8, 2, 'i', 5),
  (20, 22, NULL, 'x', 0), (21, 20, NULL, 'y', 0), (22, 21, NULL, 'z', 0), (23, 23, NULL, 'self', 0), (24, 20, NULL, 'w', 0);
INSERT INTO folder_links (from_id, to_id) VALUES (1, 2), (1, 3), (2, 4), (3, 4), (4, 5), (6, 7), (7, 6);
INSERT INTO persons (id, boss_id, name) VALUES (1, NULL, 'ann'), (2, 1, 'bob'), (3, 2, 'cyd');
INSERT INTO papers (id, folder_id, title) VALUES (1, 1, 'p1'), (2, 4, 'p2'), (3, 4, 'p3'), (4, 7, 'p4'), (5, 9, 'p5');
INSERT INTO boxes (site, no, in_site, in_no) VALUES
  ('a', 1, NULL, NULL), ('a', 2, 'a', 1), ('b', 1, 'a', 1), ('b', 2, 'b', 1), ('a', 3, 'a', NULL), ('b', 3, NULL, 1);
`

// drawn writes a row with those below it: "1(2 3)". A row whose list is not loaded has a question mark.
func drawn[R any](row *R, name func(*R) string, below func(*R) []*R) string {
	list := below(row)
	if list == nil {
		return name(row) + "?"
	}
	if len(list) == 0 {
		return name(row)
	}
	parts := make([]string, 0, len(list))
	for _, r := range list {
		parts = append(parts, drawn(r, name, below))
	}
	return name(row) + "(" + strings.Join(parts, " ") + ")"
}

func DrawnAll[R any](rows []*R, name func(*R) string, below func(*R) []*R) string {
	parts := make([]string, 0, len(rows))
	for _, r := range rows {
		parts = append(parts, drawn(r, name, below))
	}
	return strings.Join(parts, " ")
}

func FolderKids(f *Folder) []*Folder { return f.Kids }

func FolderTargets(f *Folder) []*Folder { return f.Targets }

// WantCycle fails the test unless the error is the cycle and names the chain.
func WantCycle(t *testing.T, err error, chain string) {
	t.Helper()
	kit.Refused(t, err, dovetail.ErrCycle, chain)
	var q *dovetail.QueryError
	if !errors.As(err, &q) || q.SQL == "" {
		t.Errorf("expected a QueryError with the statement, got %#v", err)
	}
}

// WantOneOf fails the test unless the error is a cycle that names one of the chains.
func WantOneOf(t *testing.T, err error, chains ...string) {
	t.Helper()
	for _, c := range chains {
		if err != nil && strings.Contains(err.Error(), c) {
			WantCycle(t, err, c)
			return
		}
	}
	t.Errorf("expected a cycle as %q, got %v", chains, err)
}

type Boss struct{ ID int64 }
