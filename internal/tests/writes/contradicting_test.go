package writes_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	saidOwner struct {
		ID            int64
		Plain, Marked []*saidRow
		Roots         []*saidRow
		Tags          []*saidTag
	}
	saidRow struct {
		ID, OwnerID int64
		OtherID     *int64
		Mark        *string
		ParentID    *int64
		Children    []*saidRow
		Parent      *saidRow
	}
	saidTag  struct{ ID int64 }
	saidLink struct {
		OwnerID, TagID int64
		Mark           *string
	}
)

const saidDDL = `
CREATE TABLE owners (id BIGINT PRIMARY KEY);
CREATE TABLE marks (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL, other_id BIGINT, mark TEXT, parent_id BIGINT);
CREATE TABLE tags (id BIGINT PRIMARY KEY);
CREATE TABLE links (owner_id BIGINT, tag_id BIGINT, mark TEXT, PRIMARY KEY (owner_id, tag_id));
INSERT INTO owners VALUES (9);
INSERT INTO tags VALUES (9);`

// TestRowsOfWhichTwoRelationsSayDifferentThingsAreRefused puts rows into fields of relations whose rules no row meets together.
func TestRowsOfWhichTwoRelationsSayDifferentThingsAreRefused(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	owners, rows := dovetail.NewTable[saidOwner](r, "owners"), dovetail.NewTable[saidRow](r, "marks")
	tags := dovetail.NewTable[saidTag](r, "tags")
	links := dovetail.NewTable[saidLink](r, "links", dovetail.PrimaryKey("owner_id", "tag_id"), dovetail.Scope("marked", squirrel.Eq{"mark": "b"}))
	is := func(column string, value any) dovetail.RelationOption {
		return dovetail.Where(squirrel.Eq{column: value})
	}
	dovetail.HasMany(owners, "plain", rows, dovetail.ForeignKey("owner_id"), is("mark", nil))
	dovetail.HasMany(owners, "marked", rows, dovetail.ForeignKey("other_id"), is("mark", "a"))
	dovetail.HasMany(owners, "roots", rows, dovetail.ForeignKey("owner_id"), is("parent_id", nil))
	dovetail.HasMany(rows, "children", rows, dovetail.ForeignKey("parent_id"))
	dovetail.BelongsTo(rows, "parent", rows, dovetail.ForeignKey("parent_id"))
	linked := dovetail.ManyToMany(owners, "tags", tags, links, dovetail.ThroughKeys("owner_id", "tag_id"), is("link.mark", nil))

	kit.OnEach(t, saidDDL, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		insert := func(o *saidOwner, with ...string) error {
			return dovetail.Insert(owners, o).With(with...).Exec(ctx, d.DB)
		}
		one, two, root := &saidRow{ID: 1}, &saidRow{ID: 2}, &saidRow{ID: 3}
		refused := func(err error, words ...string) {
			t.Helper()
			kit.Refused(t, err, dovetail.ErrInvalidRow, append(words, "say different things")...)
		}
		both := &saidOwner{ID: 1, Plain: []*saidRow{one}, Marked: []*saidRow{one}}
		refused(insert(both, "plain", "marked"), `"owners.plain"`, `"owners.marked"`, `column "mark"`)
		refused(insert(both, "marked", "plain"), `"owners.plain"`, `"owners.marked"`, `column "mark"`)
		child := &saidOwner{ID: 1, Roots: []*saidRow{root, two}}
		root.Children = []*saidRow{two}
		refused(insert(child, "roots.children"), `"owners.roots"`, `"marks.children"`, `column "parent_id"`)
		if one.Mark != nil || one.OwnerID != 0 || two.ParentID != nil {
			t.Errorf("expected the rows as they were, got %v, %v", *one, *two)
		}
		two.Parent, root.Children = &saidRow{ID: 9}, nil
		kit.Refused(t, insert(&saidOwner{ID: 1, Roots: []*saidRow{two}}, "roots"), dovetail.ErrInvalidRow, `"owners.roots"`, `column "parent_id"`, "is NULL")
		refused(insert(&saidOwner{ID: 1, Tags: []*saidTag{{ID: 1}}}, "tags"), `"owners.tags"`, `the Scope of "links"`, `column "mark"`)
		_, err := linked.Link(ctx, d.DB, &saidOwner{ID: 9}, &saidTag{ID: 9})
		refused(err, `"owners.tags"`, `the Scope of "links"`, `column "mark"`)
		for _, q := range []dovetail.AnyQuery{dovetail.Select(rows).Columns("id"), dovetail.Select(links).Unscoped("marked").Columns("tag_id")} {
			if n, err := dovetail.Collect[int64](ctx, d.DB, q); len(n) != 0 || err != nil {
				t.Errorf("expected nothing to be written, got %v, %v", n, err)
			}
		}

		root.Children = []*saidRow{{ID: 4}}
		if err := insert(&saidOwner{ID: 1, Plain: []*saidRow{root}, Roots: []*saidRow{root}}, "plain", "roots"); err != nil {
			t.Errorf("a row of which two say what it can be: %v", err)
		}
	})
}
